"""Floquet multipliers: Mathieu's equation, the Van der Pol cycle, linear systems with known
exponents.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.special import mathieu_a, mathieu_b

from oxysim.errors import InputError
from oxysim.loop.bifurcation.floquet import Floquet, floquet, periodic_orbit

VAN_DER_POL_PERIOD = 6.663286859323130  # at μ = 1; Andersen & Geer 1982 and later computations
VAN_DER_POL_AMPLITUDE = 2.00861986087484


def mathieu(a: float, q: float) -> Floquet:
    return floquet(
        lambda t, x: np.array([x[1], -(a - 2 * q * np.cos(2 * t)) * x[0]]), [1.0, 0.0], np.pi
    )


def van_der_pol(mu: float) -> Any:
    return lambda x: np.array([x[1], mu * (1 - x[0] ** 2) * x[1] - x[0]])


@pytest.mark.parametrize("q", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_mathieu_stability_boundaries(n: int, q: float) -> None:
    """On a_n(q) and b_n(q) the trace is 2 or -2, and the sign of |trace| - 2 changes there."""
    for edge, inwards in ((mathieu_a(n, q), -1.0), (mathieu_b(n, q), 1.0)):
        on = mathieu(float(edge), q)
        assert abs(abs(np.trace(on.monodromy)) - 2) < 1e-7
        assert abs(np.linalg.det(on.monodromy) - 1) < 1e-8
        inside, outside = (
            np.abs(mathieu(float(edge) + s * 0.003, q).multipliers).max()
            for s in (inwards, -inwards)
        )
        assert inside > 1 + 1e-7
        assert outside == pytest.approx(1, abs=1e-7)


def test_van_der_pol_cycle() -> None:
    orbit = periodic_orbit(van_der_pol(1.0), [2.0, 0.0], 6.6)
    assert orbit.period == pytest.approx(VAN_DER_POL_PERIOD, abs=1e-9)
    assert orbit.start[0] == pytest.approx(VAN_DER_POL_AMPLITUDE, abs=1e-8)
    assert np.prod(orbit.multipliers).real == pytest.approx(np.exp(orbit.trace), rel=1e-8)
    assert orbit.multipliers[0] == pytest.approx(1, abs=1e-8)
    assert orbit.stable
    with_own = periodic_orbit(
        van_der_pol(1.0), [2.0, 0.0], 6.6,
        jacobian=lambda x: np.array([[0, 1], [-2 * x[0] * x[1] - 1, 1 - x[0] ** 2]]),
    )  # fmt: skip
    np.testing.assert_allclose(with_own.monodromy, orbit.monodromy, atol=1e-7)


def test_an_unstable_cycle_is_found_and_said_to_be_unstable() -> None:
    """Backwards in time the Van der Pol cycle repels."""
    orbit = periodic_orbit(lambda x: -van_der_pol(1.0)(x), [2.0, 0.0], 6.6)
    assert not orbit.stable
    assert orbit.period == pytest.approx(VAN_DER_POL_PERIOD, abs=1e-8)


@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.floats(-1, 1), min_size=4, max_size=4), period=st.floats(0.1, 3))
def test_a_constant_linear_system_has_the_matrix_exponential(
    values: list[float], period: float
) -> None:
    matrix = np.array(values).reshape(2, 2)
    multipliers = floquet(lambda t, x: matrix @ x, [1.0, -1.0], period)
    np.testing.assert_allclose(multipliers.monodromy, expm(matrix * period), atol=1e-8)
    assert multipliers.trace == pytest.approx(np.trace(matrix) * period, abs=1e-8)
    assert np.exp(multipliers.trace) == pytest.approx(
        np.linalg.det(multipliers.monodromy), rel=1e-7
    )


def test_exponents_are_per_unit_of_time() -> None:
    multipliers = floquet(lambda t, x: -0.3 * x * (1 + np.cos(t)), [1.0], 2 * np.pi)
    assert multipliers.exponents[0].real == pytest.approx(-0.3, abs=1e-9)


@pytest.mark.parametrize("period", [0.0, -1.0, np.nan])
def test_a_period_must_be_positive(period: float) -> None:
    with pytest.raises(InputError, match="expected a number above 0"):
        floquet(lambda t, x: -x, [1.0], period)


def test_no_orbit_is_said() -> None:
    with pytest.raises(InputError, match="no periodic orbit"):
        periodic_orbit(lambda x: -x, [1.0, 0.5], 3.0)


def test_a_solution_that_blows_up_is_said() -> None:
    with pytest.raises(InputError, match="does not last"):
        floquet(lambda t, x: x**2, [1.0], 3.0)
