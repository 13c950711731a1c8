"""Functions of oxysim.loop by themselves, on made-up systems: what is whose, and what lies between
two looks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import oxysim as ox
from oxysim import loop
from oxysim.errors import InputError, UnknownNameError
from oxysim.interventions import DailyLife, LifeEvents
from oxysim.loop.averaging_errors import AveragingError
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.hysteresis import Hysteresis
from oxysim.loop.bifurcation.special_points import SpecialPoint
from oxysim.loop.equilibria.linear_modes import own_mode, owner, parts
from oxysim.loop.full_model import frozen_runs
from oxysim.loop.full_model.frozen_runs import FrozenRuns, RepeatedDayNoise
from oxysim.loop.regime_analysis import maintenance
from oxysim.loop.regime_analysis.loop_gain import LoopGain
from oxysim.loop.regime_analysis.maintenance import HoldUp
from oxysim.loop.regime_analysis.missed_regimes import LongRuns
from oxysim.loop.regime_analysis.regimes import Regime, Regimes
from oxysim.loop.resilience import full_model_basins, pulses
from oxysim.loop.resilience.basins import UNDECIDED, Attractors, Basins, _Plane
from oxysim.loop.resilience.early_warning import WarningSigns, fluctuation, noise_gains
from oxysim.loop.resilience.full_model_basins import full_basins, full_pulses
from oxysim.loop.resilience.pulses import Recovery, TippingPulses, stressed, tipping_pulses
from oxysim.loop.resilience.simulated_early_warning import SimulatedSigns
from oxysim.model.inputs import CAREGIVER_CHANNELS
from oxysim.progress import Bar
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.texts import LONGEST_TEXT

SYSTEM = loop.AveragedSystem(ox.Dyad())
POINT = SYSTEM.start
ENDS = Attractors(SYSTEM, np.stack([POINT, POINT * 1.01], axis=1), np.empty((len(POINT), 0)))
BOND, DEPRESSION = "mother.bond", "mother.depression"


# --------------------------------------------------------------------------------------
# whose time
def test_a_states_own_mode_is_not_the_slowest() -> None:
    """Depression falls to 1/e in 20 days and hardly hears the methylation, whose 183 days are the
    slowest.
    """
    flow = np.array([[-1 / 20, 0.001], [0.0, -1 / 183]])
    assert -1 / own_mode(flow, 0).real == pytest.approx(20)
    assert -1 / own_mode(flow, 1).real == pytest.approx(183)
    assert owner(flow, -1 / 183) == 1
    assert parts(flow)[1].sum(axis=0) == pytest.approx([1, 1])


def test_parts_do_not_depend_on_units() -> None:
    flow = np.array([[-0.3, 0.1, 0.02], [0.05, -0.1, 0.0], [0.01, 0.2, -0.05]])
    units = np.diag([1.0, 1e3, 1e-2])
    np.testing.assert_allclose(
        parts(units @ flow @ np.linalg.inv(units))[1], parts(flow)[1], rtol=1e-8
    )


@pytest.mark.parametrize("days", [1, 7])
def test_times_of_a_regime_are_days_whatever_the_period(days: int) -> None:
    rates = np.array([1 / 20, 1 / 183])
    regime = Regime(
        "recovered",
        True,
        5.0,
        {},
        {},
        np.exp(-rates[::-1] * days).astype(complex),
        np.diag(np.exp(-rates * days)),
        np.array([-1 / 183 + 0j]),
        {},
        0.0,
        days,
        (DEPRESSION, "infant.methylation"),
    )
    assert regime.mood == pytest.approx(20)
    assert regime.slowest == pytest.approx(183)
    assert regime.slowest_state == "infant.methylation"
    assert "mood comes back in 20 days (slowest: infant.methylation in 183)" in str(regime)


# --------------------------------------------------------------------------------------
# pulses and courses
def test_a_pulse_pushes_as_hard_as_the_same_life_events_do_in_the_full_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    level = 1.7
    calm, stress = SYSTEM, SYSTEM.with_routine(ox.Routine.typical() + LifeEvents(level))
    expected = ((stress.rates(POINT) - calm.rates(POINT)) / SYSTEM.spread(POINT[:, None])[:, 0])[0]
    pushed: list[tuple[float, np.ndarray]] = []

    def flow(_: Any, x: np.ndarray, days: float, push: Any = None) -> np.ndarray:
        pushed.append((days, push(x)))
        return x

    monkeypatch.setattr(pulses, "flow", flow)
    stressed(
        SYSTEM,
        np.repeat(POINT[:, None], 2, axis=1),
        np.array([3.0, 10.0]),
        np.array([level, 2 * level]),
    )
    assert [days for days, _ in pushed] == [3.0, 7.0]  # both, then the longer one alone
    np.testing.assert_allclose(pushed[0][1][0], [expected, 2 * expected], rtol=1e-3)
    np.testing.assert_allclose(pushed[1][1][0], [2 * expected], rtol=1e-3)
    assert not pushed[0][1][1:].any()


def test_the_least_pulse_is_found_where_a_larger_one_does_not_tip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tips(_: Any, days: np.ndarray, size: np.ndarray) -> np.ndarray:
        return ((size > 3.3) & (size < 4.5)) | (size * days > 70)

    monkeypatch.setattr(pulses, "ends", lambda _: ENDS)
    monkeypatch.setattr(pulses, "_tips", tips)
    least_pulses = tipping_pulses(SYSTEM, [1.0, 8.0, 100.0], rounds=12)
    np.testing.assert_allclose(least_pulses.size, [3.3, 3.3, 0.7], atol=10 / 2**12)
    np.testing.assert_allclose(least_pulses.load, least_pulses.size * least_pulses.days)
    assert least_pulses.table()["days"].tolist() == [1.0, 8.0, 100.0]
    monkeypatch.setattr(pulses, "_tips", lambda _, days, size: np.zeros(len(size), bool))
    assert np.isinf(tipping_pulses(SYSTEM, [1.0]).size[0])


def test_pulses_of_the_full_model_last_and_weigh_what_each_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    carried: list[tuple[int, list[float]]] = []

    def carry(
        _: Any, y: np.ndarray, plans: list[float], periods: int, lives: Any = None
    ) -> np.ndarray:
        carried.append((periods, list(plans)))
        return y

    monkeypatch.setattr(FrozenRuns, "states_of_means", lambda _, x: np.zeros((3, x.shape[1])))
    monkeypatch.setattr(FrozenRuns, "plan", lambda _, level=0.0: level)
    monkeypatch.setattr(FrozenRuns, "integrate_periods", carry)
    monkeypatch.setattr(
        full_model_basins, "full_ends", lambda pulse_regimes, y, **_: np.arange(y.shape[1])
    )
    assert full_pulses(ENDS, [14, 7, 14], [1.0, 2.0, 3.0]).tolist() == [0, 1, 2]
    assert carried == [(7, [1.0, 2.0, 3.0]), (7, [1.0, 3.0])]


@pytest.mark.parametrize("days", [1, 7])
def test_a_stressed_period_is_stressed_to_its_end(days: int) -> None:
    courses = FrozenRuns(loop.AveragedSystem(ox.Dyad(), days=days))
    calm, stressed_plan = courses.plan(), courses.plan(2.0)
    for plan, level in ((calm, 0.0), (stressed_plan, 2.0)):
        assert plan.edges[-1] - plan.edges[0] == days * 1440.0
        stress = list(CAREGIVER_CHANNELS).index("stress_noise")
        assert (plan.levels["mother"][:, stress] == level).all()
    np.testing.assert_array_equal(calm.levels["infant"], stressed_plan.levels["infant"])


def test_what_is_held_is_put_back_after_every_period(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen_names = ("infant.methylation", "mother.bond")
    courses = FrozenRuns(loop.AveragedSystem(ox.Dyad(), held=frozen_names))
    rows = state_rows(("mother",))
    moved = (lambda task, plans, y, failures: 2 * y + 1, frozen_runs.COARSE)
    monkeypatch.setitem(vars(courses.model), "integrator", moved)
    y = np.full((len(rows), 2), 3.0)
    after = courses.integrate_periods(y, [courses.plan()] * 2, 2)
    state_after = dict(zip(rows, after, strict=True))
    for name in frozen_names:
        assert (state_after[name] == 3.0).all()
    for name in ("mother.depression", "mother.confidence", "mother.cortisol", "infant.affect"):
        assert (state_after[name] == 15.0).all()  # 2 (2·3 + 1) + 1
    assert (y == 3.0).all()


def test_pulses_of_a_weekly_period_are_counted_in_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    weekly = Attractors(loop.AveragedSystem(ox.Dyad(), days=7), ENDS.stable, ENDS.unstable)
    carried: list[int] = []
    monkeypatch.setattr(FrozenRuns, "states_of_means", lambda _, x: np.zeros((3, x.shape[1])))
    monkeypatch.setattr(FrozenRuns, "plan", lambda _, level=0.0: level)
    monkeypatch.setattr(
        FrozenRuns,
        "integrate_periods",
        lambda _, y, plans, periods, noise=None: carried.append(periods) or y,
    )
    monkeypatch.setattr(
        full_model_basins, "full_ends", lambda pulse_regimes, y, **_: np.arange(y.shape[1])
    )
    full_pulses(weekly, [21, 7], [1.0, 2.0])
    assert carried == [1, 2]
    with pytest.raises(InputError, match="whole periods of 7 d"):
        full_pulses(weekly, [10], [1.0])


def test_basins_of_the_full_model_start_where_the_grid_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[np.ndarray] = []

    def begin(_: Any, x: np.ndarray) -> np.ndarray:
        begun.append(x)
        return x

    monkeypatch.setattr(FrozenRuns, "states_of_means", begin)
    monkeypatch.setattr(
        full_model_basins, "full_ends", lambda map_regimes, y, **_: np.arange(y.shape[1])
    )
    across, up = np.array([0.3, 0.5, 0.7]), np.array([4.0, 12.0])
    other_values = {
        name: 0.01 * i for i, name in enumerate(SYSTEM.names) if name not in (BOND, DEPRESSION)
    }
    basins = Basins(
        (BOND, DEPRESSION),
        across,
        up,
        np.zeros((2, 3), int),
        ENDS,
        other_values,
        np.full(3, np.nan),
    )
    assert full_basins(basins).tolist() == [[0, 1, 2], [3, 4, 5]]
    (x,) = begun
    assert x[SYSTEM.names.index(BOND)].tolist() == [0.3, 0.5, 0.7, 0.3, 0.5, 0.7]
    assert x[SYSTEM.names.index(DEPRESSION)].tolist() == [4.0] * 3 + [12.0] * 3
    for name, value in other_values.items():
        assert (x[SYSTEM.names.index(name)] == value).all()


def test_a_frozen_life_goes_on_with_the_next_days_noise() -> None:
    noise, caregivers = DailyLife().noise, ("mother",)
    lives = FrozenRuns(SYSTEM).daily_lives(noise, 3, 11)
    assert isinstance(lives, RepeatedDayNoise)
    plain = NoisePaths([noise] * 3, [11] * 3, range(3), caregivers)
    index = np.arange(3)
    np.testing.assert_array_equal(
        lives.between(index, [5, 5, 5], 24), plain.between(index, [5, 5, 5], 24)
    )
    lives.elapsed = 2 * 1440.0
    np.testing.assert_array_equal(
        lives.between(index, [5, 5, 5], 24), plain.between(index, [53, 53, 53], 24)
    )
    next_day_noise = NoisePaths([noise] * 3, [12] * 3, range(3), caregivers).between(
        index, [53, 53, 53], 24
    )
    assert np.abs(next_day_noise - plain.between(index, [53, 53, 53], 24)).max() > 0.1


def test_life_events_depress_and_good_moods_lift_mood() -> None:
    """By M9, logit(D/30) moves at nu_S * events / tau_D, D at D (1 - D/30) times that; by M20, mood
    at nu_M * moods / tau_mu; no other state hears either.
    """
    p, depression = SYSTEM.dyad.resolved(index=0).caregivers[0], POINT[0]
    gains = noise_gains(SYSTEM, POINT)
    speed = depression * (1 - depression / 30) / (float(p.depression.time_constant) / 1440)
    mood = SYSTEM.names.index("mother.mood")
    expected = np.zeros((len(POINT), 2))
    expected[0, 0] = p.depression.stress_noise_gain * speed
    expected[mood, 1] = p.mood.noise_gain / (float(p.mood.time_constant) / 1440)
    np.testing.assert_allclose(gains, expected, rtol=1e-12)


def test_a_mood_that_is_held_feels_no_noise_of_moods() -> None:
    held = loop.AveragedSystem(ox.Dyad(), held=("mother.mood",))
    gains = noise_gains(held, held.start)
    assert gains[0, 0] > 0 and not gains[:, 1].any()


def test_noise_of_moods_reaches_depression_through_mood_as_linear_theory_says() -> None:
    """dD = (-a D + c m) dt, dm = (-b m + g n) dt with n an Ornstein-Uhlenbeck noise of rate r: the
    variance of D is the integral of its spectrum, a product of three poles.
    """
    a, b, c, g, r = 1 / 21, 1 / 7, 0.4, 0.6 / 7, 1 / 4
    jacobian = np.array([[-a, c], [0.0, -b]])
    sd, _ = fluctuation(jacobian, np.array([[0.0], [g]]), [1 / r], 7.0)
    omega = np.linspace(0.0, 60.0, 3_000_001)
    spectrum = 2 * r * (c * g) ** 2
    spectrum = spectrum / ((a**2 + omega**2) * (b**2 + omega**2) * (r**2 + omega**2))
    variance = np.trapezoid(spectrum, omega) / np.pi
    assert sd[0] == pytest.approx(np.sqrt(variance), rel=1e-5)


# --------------------------------------------------------------------------------------- what lies
# between two looks
class Bands(Attractors):
    """Regime 1 between y = 4 + 2x and y = 9, else regime 0; nothing has arrived within 0.01 of the
    border.
    """

    def reached(self, x: np.ndarray, bar: Bar | None = None) -> np.ndarray:
        across, up = x[1], x[0]
        edge = np.minimum(np.abs(up - 4 - 2 * across), np.abs(up - 9))
        inside = (up > 4 + 2 * across) & (up < 9)
        return np.where(edge < 0.01, UNDECIDED, inside.astype(int))


def test_every_border_of_a_column_is_found_and_between_the_columns_too() -> None:
    plane = _Plane(Bands(SYSTEM, ENDS.stable, ENDS.unstable), POINT, [1, 0])
    across, up = np.array([0.2, 0.4, 0.6, 0.8]), np.arange(1.0, 13.0)
    grid = np.array(np.meshgrid(across, up)).reshape(2, -1)
    regime = plane.ends_of(grid, Bar("start")).reshape(len(up), len(across))
    borders = plane.crossings((across, up), regime, 12, 4, False)
    assert sorted(set(np.round(borders[0], 10))) == pytest.approx(np.linspace(0.2, 0.8, 13))
    for x in across:
        np.testing.assert_allclose(borders[1, borders[0] == x], [4 + 2 * x, 9.0], atol=0.02)
    lower = borders[1] < 7
    np.testing.assert_allclose(borders[1, lower], 4 + 2 * borders[0, lower], atol=0.02)


def test_windows_of_a_hysteresis_stay_apart() -> None:
    values = np.arange(8.0)
    up = np.array([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0]])
    down = np.array([[0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0]])
    hysteresis_sweep = Hysteresis("p", ("x",), values, up, down, np.ones((2, 8), bool))
    assert hysteresis_sweep.windows() == ((1.0, 2.0), (5.0, 5.0))
    with pytest.raises(InputError, match=r"found 2: .*windows\(\)"):
        hysteresis_sweep.window()
    with pytest.raises(UnknownNameError, match="'x'"):
        hysteresis_sweep.gap("y")
    single_window = Hysteresis(
        "p", ("x",), values, up, np.maximum(up, [0, 1, 1, 0, 0, 0, 0, 0]), np.ones((2, 8), bool)
    )
    assert single_window.window("x") == (1.0, 2.0)
    unsettled = np.ones((2, 8), bool)
    unsettled[0, 3:5] = False  # neither tells, so that it is one window
    assert Hysteresis("p", ("x",), values, up, down, unsettled).windows() == ((1.0, 5.0),)


def test_long_work_shows_how_far_it_has_come_where_it_is_asked_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = (lambda x, p: p + x - x**3, [-1.3], [-0.6, 0.0, 0.6])
    loop.sweep_up_and_down(*asked, longest=100.0)
    assert capsys.readouterr().err == ""
    loop.sweep_up_and_down(*asked, longest=100.0, progress=True)
    printed = capsys.readouterr().err
    assert "hysteresis" in printed
    assert "6/6" in printed


def test_no_routine_is_the_typical_day_as_everywhere_in_the_loop() -> None:
    none, typical = (
        loop.AveragedSystem(ox.Dyad(), None),
        loop.AveragedSystem(ox.Dyad(), ox.Routine.typical()),
    )
    np.testing.assert_array_equal(none.rates(POINT), typical.rates(POINT))
    assert (
        np.abs(
            loop.AveragedSystem(ox.Dyad(), ox.Routine.empty()).rates(POINT) - none.rates(POINT)
        ).max()
        > 1e-3
    )


def test_a_forcing_shorter_than_a_step_is_met_at_its_edges() -> None:
    """dx/dt = (a(t) - 1)·x with a = 500 for a thousandth of the period: the multiplier is exp(0.5 -
    1).
    """
    low, high = 0.4003, 0.4013

    def rates(t: float, x: Any) -> Any:
        return (500.0 * (low <= t < high) - 1.0) * x

    multipliers = loop.floquet(rates, [1.0], 1.0, edges=(low, high))
    assert multipliers.multipliers[0].real == pytest.approx(np.exp(-0.5), rel=1e-8)
    assert multipliers.trace == pytest.approx(-0.5, abs=1e-8)
    with pytest.raises(InputError, match="increasing times between 0 and the period"):
        loop.floquet(rates, [1.0], 1.0, edges=(0.5, 0.2))


def test_a_forcing_of_a_fiftieth_of_the_period_is_met_without_edges() -> None:
    multipliers = loop.floquet(
        lambda t, x: (25.0 * (0.4 <= t < 0.42) - 1.0) * x, [1.0], 1.0, rtol=1e-8
    )
    assert multipliers.multipliers[0].real == pytest.approx(np.exp(-0.5), rel=1e-3)


def test_a_recovery_is_timed_between_two_looks() -> None:
    days = np.arange(0.0, 201.0, 20.0)
    courses = 5 + np.array([[3.0], [-2.0]]) * (1 - days / 200)
    recovery = Recovery(days, courses, np.array([3.0, -2.0]), 5.0, 20.0)
    np.testing.assert_allclose(recovery.time, 200 * (1 - np.exp(-1)), rtol=1e-9)


def test_an_edge_is_needed_up_to_the_strongest_at_which_the_regime_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def survive(_: Any, __: Any, names: list[str], strengths: np.ndarray) -> Any:
        survives = np.array(
            [
                (s > 0.3 and not 0.6 < s < 0.8) if n == "a" else s > 0.1
                for n, s in zip(names, strengths, strict=True)
            ]
        )
        return survives, strengths, survives

    monkeypatch.setattr(maintenance, "_survive", survive)
    needed = maintenance._needed(SYSTEM, (_regimes()[0],) * 2, ["a", "b"], Bar("round"))
    np.testing.assert_allclose(needed, [0.8, 0.1], atol=2.0**-9)
    assert maintenance._needed(SYSTEM, (_regimes()[0],) * 2, [], Bar("round")).shape == (0,)


# --------------------------------------------------------------------------------------
# texts
def _regimes() -> Regimes:
    regime = Regime(
        "symptomatic",
        True,
        15.0,
        {"mother.epds": 15.0},
        {},
        np.array([0.9 + 0j]),
        np.diag([0.9, 0.99]),
        np.array([-0.1 + 0j]),
        {},
        0.0,
        1,
        (DEPRESSION, "infant.methylation"),
    )
    return Regimes(SYSTEM, (regime,) * 30, ("a resting point that is no cycle " * 20,) * 10)


def _signs() -> WarningSigns:
    three = np.ones(3)
    return WarningSigns("p", three, three, three, three, three, 7.0, three, three)


SWEPT = Hysteresis(
    "p", ("x",), np.arange(3.0), np.ones((1, 3)), np.zeros((1, 3)), np.ones((2, 3), bool)
)
TABLE = pd.DataFrame(
    {
        "edge": [f"edge {i}" for i in range(60)],
        "survives": False,
        "needed": 0.5,
        "epds_cut": 5.0,
        "fall": 8.0,
        "settled": True,
    }
)
ERRORS = pd.DataFrame({"dyad": range(3), "error": 0.1, "end": 0.1, "doubtful": False, "reason": ""})
RUNS = pd.DataFrame(
    {
        "stable": [1],
        "runs": [3],
        "arrived": [3],
        "reached": [1],
        "longest": [90.0],
        "failed": [0],
        "under_way": [0],
        "drift": [np.nan],
        "elsewhere": [[]],
    }
)
RANGES = {"a": (0.0, 1.0), "b": (0.0, 2.0)}
CONTACT = {"contact": ox.SkinToSkin("60 min daily at 11:00 for 2 weeks")}
THINGS: dict[str, Any] = {
    "system": SYSTEM,
    "several": loop.AveragedSystem(
        ox.Dyad().repeat(3), edges={"reward -> depression": 0.5}, held="infant.methylation"
    ),
    "regime": _regimes()[0],
    "regimes": _regimes(),
    "ends": ENDS,
    "basins": Basins(
        (BOND, DEPRESSION),
        np.arange(3.0),
        np.arange(2.0),
        np.zeros((2, 3), int),
        ENDS,
        {},
        np.ones(3),
    ),
    "branch": continue_branch(lambda x, p: p + x - x**3, [-1.5], -1.5, low=-2, high=2),
    "hysteresis": SWEPT,
    "pulses": TippingPulses(np.arange(1.0, 400.0), np.full(399, np.inf), 10.0),
    "recovery": Recovery(np.arange(5.0), np.ones((2, 5)), np.array([1.0, 2.0]), 5.0, 20.0, 10.0),
    "signs": _signs(),
    "simulated": SimulatedSigns(_signs(), *[np.full(3, np.nan)] * 6, 40, 52),
    "hold up": HoldUp(_regimes()[0], TABLE),
    "long runs": LongRuns(RUNS, np.zeros((1, 3), int), np.ones((1, 3)), np.ones((1, 3)), 2.0),
    "averaging error": AveragingError(
        ERRORS, np.arange(3.0), np.ones((3, 3)), np.ones((3, 3)), (1.0, 1.0, 1.0)
    ),
    "rescue": loop.Rescue(ox.Dyad(), {"contact.minutes": ["30 min", "60 min"]}, CONTACT),
    "floquet": loop.floquet(lambda t, x: -x, [1.0], 1.0),
    "elasticities": loop.elasticities(lambda x: x[0] * (1 + x[1]), RANGES),
    "sobol": loop.sobol_sensitivity(lambda x: x[0] * (1 + x[1]), RANGES, n=16, resamples=100),
    "gain": LoopGain(("reward -> depression",), 0.5, True),
    "point": SpecialPoint("fold", 0.3, POINT),
}


@pytest.mark.parametrize("name", THINGS)
def test_a_result_prints_as_one_short_paragraph(name: str) -> None:
    text = repr(THINGS[name])
    assert 10 < len(text) <= LONGEST_TEXT
    assert "object at 0x" not in text
    assert "(incomplete)" not in text
    if hasattr(THINGS[name], "_repr_html_"):
        assert THINGS[name]._repr_html_().startswith("<table>")


def test_what_an_elasticity_says_is_right() -> None:
    """Of a·(1 + b) at a = 0.5, b = 1: 1 of a, b/(1 + b) = 1/2 of b."""
    table = THINGS["elasticities"].table.set_index("input")
    assert table.loc["a", "elasticity"] == pytest.approx(1)
    assert table.loc["b", "elasticity"] == pytest.approx(0.5)
