"""A start has no hour: the slow states' starting values are means over the day in which a run
begins.
"""

from __future__ import annotations

import numpy as np
import pytest

import oxysim as ox
from oxysim.loop import AveragedSystem, Rescue
from oxysim.loop.full_model.frozen_model import PoincareMap
from oxysim.loop.full_model.frozen_runs import FrozenRuns
from oxysim.per_dyad import PerDyad
from oxysim.population import sample
from oxysim.schedule import Schedule
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.start import settling
from oxysim.simulation.start.initial_state import forget, means_of_the_day
from oxysim.sweeps import sweep
from oxysim.units import DAY

DEPRESSION, BOND = "caregiver.depression", "caregiver.bond"
TYPICAL = ox.Routine.typical().without_jitter()
EXACT = Solver(rtol=1e-7)


def _courses(
    family: ox.Family, clock: str, duration: str, name: str = DEPRESSION, save: str = "15 min"
) -> tuple[np.ndarray, np.ndarray]:
    result = ox.simulate(
        family, TYPICAL, duration, start=clock, save=save, variables=[name], solver=EXACT
    )
    return np.asarray(result[name]["time"].values), result[name].values


def test_a_start_is_the_mean_of_its_day() -> None:
    epds = [1.0, 4.0, 8.0, 12.0, 15.0, 20.0, 24.0, 29.0]
    family = ox.Dyad(infant_age="8 weeks").repeat(8).with_start({DEPRESSION: epds, BOND: 0.7})
    for name, expected in ((DEPRESSION, epds), (BOND, [0.7] * 8)):
        times, values = _courses(family, "00:00", "1 d", name)
        np.testing.assert_allclose(
            np.trapezoid(values, times, axis=1) / DAY, expected, rtol=0, atol=2e-3
        )


def test_runs_from_any_hour_are_one_course() -> None:
    family = (
        ox.Dyad(infant_age="8 weeks")
        .repeat(8)
        .with_start({DEPRESSION: np.linspace(4, 22, 8), BOND: 0.7})
    )
    midnight, *later_starts = (
        _courses(family, clock, "2 d") for clock in ("00:00", "08:00", "14:00", "23:00")
    )
    for times, values in later_starts:
        for course, whole in zip(values, midnight[1], strict=True):
            inside = times <= midnight[0][-1]
            # Of a day that moves depression by a point: .0027 from 08:00, .0151 from 23:00 were
            # measured. Centring takes the drift within the day as a straight line, and recent
            # reward (2 d) bends it.
            assert np.abs(course - np.interp(times, midnight[0], whole))[inside].max() < 0.016


def test_what_only_fades_is_where_the_age_says() -> None:
    family = ox.Dyad(
        infant_age="20 d", parameters={"caregiver.depression.vulnerability_at_birth": 4.0}
    )
    tau = float(family.resolved(index=0).caregivers[0].depression.vulnerability_time)
    for clock, hour in (("00:00", 0), ("14:00", 14)):
        _, values = _courses(family, clock, "1 h", "caregiver.vulnerability")
        assert values[0, 0] == pytest.approx(4.0 * np.exp(-(20 * DAY + 60 * hour) / tau), rel=1e-6)


def test_a_start_of_what_only_fades_is_its_mean_too() -> None:
    """exp(-t/tau) is at its mean at noon, but for (1 d / tau)^2 / 24."""
    family = ox.Dyad(infant_age="20 d").with_start({"caregiver.vulnerability": 0.5})
    tau = float(family.resolved(index=0).caregivers[0].depression.vulnerability_time)
    for clock, hour in (("00:00", 0), ("14:00", 14)):
        _, values = _courses(family, clock, "1 h", "caregiver.vulnerability")
        assert values[0, 0] == pytest.approx(0.5 * np.exp((12 - hour) * 60 / tau), rel=2e-5)


@pytest.mark.parametrize(
    "name", ["recent_reward", "adaptation_level", "mood", "therapy_skill", "mentalising"]
)
def test_a_start_at_the_end_of_what_is_legal_begins_a_run(name: str) -> None:
    """No day that fills a state has a mean of 0; the run then begins at 0 and not below it, where
    the level of the lived day passes through 0 and the equations have no value."""
    low = state_rows(("mother",))[f"mother.{name}"].low
    family = ox.Dyad(infant_age="8 weeks").with_start({f"caregiver.{name}": max(low, -6.0)})
    result = ox.simulate(
        family, TYPICAL, "3 h", start="08:00", save="1 h", variables=[f"caregiver.{name}"]
    )
    assert not result.reasons
    values = result[f"caregiver.{name}"].values
    assert np.isfinite(values).all() and values.min() >= low


def test_simulate_and_rescue_agree_beside_a_separatrix() -> None:
    """The default strong dyad's unstable regime lies at EPDS 10.47 from 12 months on
    (``loop.ends``); a distance from it grows by e in 87 days, so that what 08:00 and 00:00 meant of
    one start, an eighth of a point, was a point after 26 weeks.
    """
    quiet = {"caregiver.depression.vulnerability_at_birth": 0.0}
    beside = {
        BOND: 0.6484,
        "caregiver.confidence": 0.5435,
        "caregiver.recent_reward": 0.7965,
        "caregiver.mood": -0.02755,
        "caregiver.mentalising": -0.1479,
        "infant.methylation": 51.31,
    }
    family = ox.Dyad.recovered("13 months").with_parameters(quiet).repeat(8)
    family = family.with_start(
        beside | {DEPRESSION: 10.47 + np.array([-0.4, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 0.4])}
    )
    contact = {"contact": ox.SkinToSkin("60 min daily at 11:00 for 1 week")}
    asked = Rescue(
        family, {"contact.minutes": ["30 min"]}, contact, followed="25 weeks", routine=TYPICAL
    )
    untreated = sweep(asked.untreated)["mother.epds: weekly mean"]
    last = np.squeeze(untreated.values).reshape(8, -1)[:, -1]
    weeks = untreated.sizes["week"]
    assert weeks == 26
    assert last[0] < 10 and last[-1] > 11  # on both sides
    for clock, hours in (("00:00", 0), ("08:00", 8), ("14:00", 14)):
        times, values = _courses(family, clock, f"{weeks * 168 - hours} h", "caregiver.epds", "1 h")
        inside = times >= (weeks - 1) * 7 * DAY
        means = np.trapezoid(values[:, inside], times[inside], axis=1) / (7 * DAY)
        np.testing.assert_allclose(means, last, rtol=0, atol=0.05)


def test_a_frozen_course_begins_at_the_same_means() -> None:
    system = AveragedSystem(ox.Dyad.recovered("13 months"), TYPICAL)
    x = np.repeat(system.start[:, None], 2, axis=1)
    x[0] = [9.0, 18.0]
    for epds, means in zip(
        x[0], PoincareMap(system).means(FrozenRuns(system).states_of_means(x)), strict=True
    ):
        assert means["mother.depression"] == pytest.approx(epds, abs=0.005)


def test_a_state_of_midnight_becomes_its_days_mean() -> None:
    family = ox.Dyad(infant_age="8 weeks").repeat(8).with_start({DEPRESSION: np.linspace(4, 22, 8)})
    again = family.with_start(
        means_of_the_day(family, PerDyad.shared(Schedule(TYPICAL), len(family)))
    )
    assert np.ptp(again.start["mother.depression"] - family.start["mother.depression"]) > 0.02
    _, values = _courses(again, "00:00", "1 h")
    row = list(state_rows(("mother",))).index("mother.depression")
    np.testing.assert_allclose(values[:, 0], resting_start(family)[row], rtol=0, atol=0.01)


def test_a_state_that_creeps_is_not_hidden_by_one_that_settles_fast() -> None:
    """Two geometric series; the fast one changes more, and has less left to change."""
    days = np.arange(3)
    fast, creeping = 1e-3 * 0.01**days, 1e-5 * 0.9**days
    both = np.stack([fast, creeping])
    left = settling._left_to_change(both[:, 1], both[:, 0])
    np.testing.assert_allclose(left, [1e-5 * 0.01 / 0.99, 9e-6 * 0.9 / 0.1], rtol=1e-9)
    # what grows is left as it is: two days tell nothing of its end
    assert settling._left_to_change(np.array([2.0]), np.array([1.0])) == 2.0


def test_a_start_at_a_finer_tolerance_is_the_same_within_ten_of_the_coarser() -> None:
    """Dyad 964 of a thousand, whose infant's receptors creep for days: 12 tolerances off while the
    largest change of all states was looked at.
    """
    dyad = sample(1000, seed=5).take([964])
    starts = []
    for rtol in (1e-8, 1e-9):
        forget()
        run = ox.simulate(dyad, TYPICAL, "30 min", save="30 min", solver=Solver(rtol=rtol))
        starts.append(run["infant.receptor_sensitisation"].values[..., 0])
    assert abs(starts[0] / starts[1] - 1).max() < 1e-7
