"""The few curves of the equations: for plain floats they are Python's, for arrays NumPy's, and
where either ends (overflow, a logarithm of nothing) they agree.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from oxysim.model.mechanisms import shapes


@pytest.mark.parametrize("curve", ["exp", "log", "cos"])
@pytest.mark.parametrize("x", [1e-9, 0.5, 1.0, 3.7, 700.0])
def test_a_float_and_an_array_give_one_value(curve: str, x: float) -> None:
    value = getattr(shapes, curve)(x)
    many = getattr(shapes, curve)(np.array([x, x + 1]))
    assert type(value) is float and many.shape == (2,)
    # the last bit is the libraries' own affair
    np.testing.assert_allclose(many[0], value, rtol=1e-15)


@pytest.mark.parametrize("x", [709.9, 1000.0, math.inf])
def test_an_exponential_that_overflows_is_infinite(x: float) -> None:
    assert shapes.exp(x) == math.inf
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(shapes.exp(np.array([x])), [math.inf])
    assert shapes.exp(-x) < 1e-300


def test_a_logarithm_ends_at_nothing_and_is_no_number_below() -> None:
    assert shapes.log(0.0) == -math.inf and shapes.log(-0.0) == -math.inf
    assert math.isnan(shapes.log(-1.0)) and math.isnan(shapes.log(math.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_array_equal(shapes.log(np.array([0.0, -1.0])), [-math.inf, math.nan])


def test_floats_stay_with_python_and_the_rest_goes_to_numpy() -> None:
    class Symbol:
        """Something with curves of its own, as what traces the equations has."""

        def exp(self) -> str:
            return "exp of a symbol"

        def log(self) -> str:
            return "log of a symbol"

        def cos(self) -> str:
            return "cos of a symbol"

    objects = np.array([Symbol()], dtype=object)
    for curve in ("exp", "log", "cos"):
        assert getattr(shapes, curve)(objects)[0] == f"{curve} of a symbol"
        assert type(getattr(shapes, curve)(np.float64(0.5))) is np.float64
