"""Basins, stress pulses, recovery and fluctuation: closed forms first, then the default dyad."""

from __future__ import annotations

from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oxysim as ox
from oxysim.errors import InputError, UnknownNameError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.branches import branch
from oxysim.loop.resilience.basins import UNDECIDED, Attractors, Basins, basins, ends
from oxysim.loop.resilience.early_warning import fluctuation, warning_signs
from oxysim.loop.resilience.pulses import Recovery, TippingPulses, recovery, tipping_pulses
from oxysim.plots.loop.basin_map import basin_map
from oxysim.plots.loop.bifurcation import bifurcation
from oxysim.plots.loop.recovery_curves import recovery_curves
from oxysim.plots.loop.warning_panels import warning_panels
from tests.support.averaged_dyads import strong
from tests.support.cusps import cusp_diagram

matplotlib.use("Agg")


GAIN = "caregiver.depression.loop_gain"
HELD = ("infant.methylation",)


@pytest.fixture(autouse=True)
def _close_figures() -> Any:
    yield
    plt.close("all")


# closed forms
@settings(max_examples=40, deadline=None)
@given(a=st.floats(0.01, 2), b=st.floats(0.1, 3), tau=st.floats(0.2, 50), lag=st.floats(0.1, 20))
def test_fluctuation_of_one_state_under_one_noise(
    a: float, b: float, tau: float, lag: float
) -> None:
    """du = (-a·u + b·n) dt with an Ornstein-Uhlenbeck n of variance 1: variance b²/(a·(a + 1/τ)),
    and the autocorrelation of two exponentials.
    """
    g = 1 / tau
    sd, later = fluctuation(np.array([[-a]]), np.array([[b]]), [tau], lag)
    assert sd[0] == pytest.approx(b / np.sqrt(a * (a + g)), rel=1e-9)
    if abs(a - g) > 1e-3:
        expected = (a * np.exp(-g * lag) - g * np.exp(-a * lag)) / (a - g)
        assert later[0] == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_slowing_raises_variance_and_autocorrelation() -> None:
    variances = [
        fluctuation(np.array([[-a]]), np.array([[1.0]]), [5.0], 7.0) for a in (0.2, 0.1, 0.05, 0.01)
    ]
    assert np.all(np.diff([sd[0] for sd, _ in variances]) > 0)
    assert np.all(np.diff([later[0] for _, later in variances]) > 0)


def test_nothing_fluctuates_around_an_unstable_regime() -> None:
    with pytest.raises(InputError, match="not stable"):
        fluctuation(np.array([[0.1]]), np.array([[1.0]]), [5.0], 7.0)


def test_recovery_time_of_an_exponential() -> None:
    days = np.arange(0.0, 101.0)
    courses = 5 + np.array([[2.0], [4.0]]) * np.exp(-days / 20)
    stays = np.full((1, len(days)), 16.0)
    recovery = Recovery(
        days, np.concatenate([courses, stays]), np.array([2.0, 4.0, 8.0]), 5.0, 20.0
    )
    np.testing.assert_allclose(recovery.time[:2], 20, atol=1)
    assert np.isinf(recovery.time[2])
    legend = recovery_curves(recovery).get_legend()
    assert "does not come back" in legend.get_texts()[-1].get_text()


def test_load_is_size_times_duration() -> None:
    pulses = TippingPulses(np.array([7.0, 30.0]), np.array([4.0, np.inf]), 10.0)
    assert pulses.load.tolist() == [28.0, np.inf]
    assert list(pulses.table()["days"]) == [7.0, 30.0]


def test_bifurcation_draws_stability_folds_and_the_way_down_and_up() -> None:
    ax = bifurcation(cusp_diagram())
    styles = [
        line.get_linestyle() for line in ax.lines if line.get_label() in ("stable", "unstable")
    ]
    assert styles.count("-") == 2
    assert len(styles) == 3
    arrows = [text for text in ax.texts if text.arrow_patch is not None]
    assert len(arrows) == 2
    tips = sorted(text.xy[1] for text in arrows)
    assert tips[0] < 7 < 13 < tips[1]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[:3] == ["stable", "unstable", "fold"]
    assert "assumption" in ax.get_title(loc="left")


def test_bifurcation_refuses_what_is_no_diagram() -> None:
    with pytest.raises(InputError, match="branch\\(dyad"):
        bifurcation(3)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="mother.depression"):
        bifurcation(cusp_diagram(), "caregiver.depresion")


def test_basin_map_draws_every_cell_and_regime() -> None:
    system = strong()
    stable = np.array([[5.4, 16.1], [0.7, 0.6], [0.65, 0.45], [0.0, -0.37]])
    regime = np.array([[0, 0, 0], [1, 1, 0], [1, UNDECIDED, 1]])
    cells = Basins(
        ("mother.bond", "mother.depression"),
        np.array([0.4, 0.6, 0.8]),
        np.array([4.0, 10.0, 16.0]),
        regime,
        Attractors(system, stable, stable.mean(axis=1, keepdims=True)),
        {},
        np.array([7.0, 7.0, np.nan]),
    )
    assert cells.share(0) == pytest.approx(4 / 9)
    texts = [text.get_text() for text in basin_map(cells).get_legend().get_texts()]
    assert texts == [
        "ends at depression 5.4",
        "ends at depression 16.1",
        "not arrived",
        "separatrix",
        "stable regime",
        "unstable",
    ]


# errors
@pytest.mark.parametrize("days", [[], [0.0], [-3.0], [np.nan]])
def test_durations_must_be_positive(days: list[float]) -> None:
    with pytest.raises(InputError, match="expected positive durations"):
        tipping_pulses(strong(), days)


def test_sizes_beyond_the_channel_are_refused() -> None:
    with pytest.raises(InputError, match=r"expected a number above 0 and at most 20"):
        tipping_pulses(strong(), [30.0], largest=30.0)


def test_regimes_are_of_one_dyad() -> None:
    with pytest.raises(InputError, match="one dyad"):
        ends(AveragedSystem(ox.Dyad.recovered().repeat(2)))


# default dyad
@pytest.mark.long
def test_basins_of_the_default_dyad() -> None:
    basin_map = basins(
        strong(),
        ("caregiver.bond", [0.58, 0.66]),
        ("caregiver.depression", [2.0, 8.0, 14.0, 20.0]),
        refine=2,
    )
    assert basin_map.regime[0].tolist() == [0, 0]
    assert basin_map.regime[-1].tolist() == [1, 1]
    assert basin_map.separatrix[0] < basin_map.separatrix[1]  # a weaker bond tips at fewer points
    with pytest.raises(UnknownNameError, match="mother.bond"):
        basins(strong(), ("caregiver.bonding", [0.4, 0.6]), ("caregiver.depression", [5.0, 9.0]))
    with pytest.raises(InputError, match="increasing"):
        basins(strong(), ("caregiver.bond", [0.6, 0.4]), ("caregiver.depression", [5.0, 9.0]))


@pytest.mark.long
def test_warning_signs_grow_towards_the_fold() -> None:
    diagram = branch(strong(), GAIN, 1.8, 2.3)  # from below the fold, beyond the dyad itself
    (fold,) = diagram.folds
    upper = next(point for point in diagram.branches if point.folds)
    signs = warning_signs(strong(), upper)
    order = np.argsort(signs.values)
    near, far = order[0], order[-1]
    assert signs.values[near] - fold.p < 0.05
    assert signs.sd[near] > 1.3 * signs.sd[far]
    assert signs.autocorrelation[near] > signs.autocorrelation[far]
    assert signs.recovery[near] > 1.3 * signs.recovery[far]
    assert len(signs.table()) == len(signs.values)
    np.testing.assert_array_equal(signs.fold, fold.p)
    assert signs.distance.min() < 0.01
    assert len(warning_panels(signs).axes) == 3


@pytest.mark.long
def test_short_stress_must_be_stronger_than_long_stress() -> None:
    pulses = tipping_pulses(strong(), [14.0, 120.0], rounds=5)
    assert np.isfinite(pulses.size[1])
    assert pulses.size[0] > 1.5 * pulses.size[1]


@pytest.mark.long
def test_the_weak_loop_cannot_be_tipped_and_recovers() -> None:
    weak = AveragedSystem(ox.Dyad.reference(), held=HELD, settle=1)
    with pytest.raises(InputError, match="one stable regime"):
        tipping_pulses(weak, [30.0])
    back = recovery(weak, [2.0, 8.0], days=300.0, every=20.0)
    assert np.isfinite(back.time).all()
    np.testing.assert_allclose(back.depression[:, -1], back.regime, atol=0.3)
    assert 21 < back.slowest < 90
