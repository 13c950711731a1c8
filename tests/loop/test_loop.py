"""What the loop does: regimes, cuts, methylation by care, and a reference dyad that stays where it
is.
"""

from __future__ import annotations

import numpy as np
import pytest

import oxysim as ox
from oxysim.families import combine, edge_multipliers
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.model.registry import dyadic_edges
from oxysim.schedule import Routine
from oxysim.simulation.averaging.daily_mean import rest
from oxysim.simulation.scipy_engine import Solver

LOW = {"caregiver.depression": 3.0}
HIGH = {"caregiver.depression": 22.0, "caregiver.bond": 0.4, "caregiver.confidence": 0.2}
ONE_REGIME, TWO_REGIMES = 1.0, 2.2  # loop gains inside the plausible range
FAST = Solver("RK45", rtol=1e-5)


def resting_epds(start: dict[str, float], cut: tuple[str, ...] = ()) -> np.ndarray:
    gains = {"caregiver.depression.loop_gain": [ONE_REGIME, TWO_REGIMES]}
    rest_state = rest(
        ox.Dyad(parameters=gains, start=start), Routine.typical(), edge_multipliers(cut, None)
    )
    return rest_state["mother.depression"]


def test_a_strong_loop_has_two_regimes_and_a_weak_one_has_one() -> None:
    low, high = resting_epds(LOW), resting_epds(HIGH)
    assert abs(low[0] - high[0]) < 0.1
    np.testing.assert_allclose(low, 5.4, atol=0.3)
    assert 14 <= high[1] <= 22


def test_cutting_the_dyadic_edges_removes_the_second_regime() -> None:
    high = resting_epds(HIGH, cut=dyadic_edges())
    np.testing.assert_allclose(high, 5.4, atol=0.3)


def test_the_loop_gains_lie_in_the_plausible_range() -> None:
    row = ox.parameter_table().set_index("name").loc["caregiver.depression.loop_gain"]
    assert row["low"] <= ONE_REGIME < TWO_REGIMES <= row["high"]


def test_named_dyads_stay_in_their_regimes_in_the_full_model() -> None:
    both = combine([ox.Dyad.symptomatic(), ox.Dyad.recovered()]).with_parameters(
        {"caregiver.depression.vulnerability_at_birth": 0}
    )
    course = ox.simulate(
        both, Routine.typical(), "21 d", save="weekly", variables=["caregiver.epds"], solver=FAST
    )
    epds = course["caregiver.epds"].values
    np.testing.assert_allclose(epds[:, -1], epds[:, 0], atol=0.3)


def test_cutting_one_loop_edge_lets_the_symptomatic_dyad_go() -> None:
    dyad = ox.Dyad.symptomatic()
    whole, cut = (
        ox.simulate(
            dyad,
            Routine.typical(),
            "42 d",
            save="weekly",
            variables=["caregiver.epds"],
            cut=edges,
            solver=FAST,
        )
        for edges in ((), ("confidence -> depression",))
    )
    assert float(whole["caregiver.epds"][0, -1]) > 14
    assert float(cut["caregiver.epds"][0, -1]) < float(whole["caregiver.epds"][0, -1]) - 4


def test_methylation_follows_care_and_not_the_infant() -> None:
    """Care moves infant methylation; an infant's own reactivity and temperament hardly do."""
    less, more = Routine.typical(), Routine.typical() + ox.SkinToSkin("60 min daily at 11:00")
    quiet = {
        "infant.stress.reactivity": 0.5,
        "infant.stress.resting_arousal": 0.2,
        "infant.affect.usual": 0.65,
    }
    loud = {
        "infant.stress.reactivity": 1.6,
        "infant.stress.resting_arousal": 0.45,
        "infant.affect.usual": 0.35,
    }

    def fall(dyad: ox.Family, day: object) -> np.ndarray:
        run = ox.simulate(
            dyad, day, "28 d", save="weekly", variables=["infant.methylation"], solver=FAST
        )
        return run["infant.methylation"].values[:, 0] - run["infant.methylation"].values[:, -1]

    (usual,) = fall(ox.Dyad(), less)
    (cared_for,) = fall(ox.Dyad(), more)
    by_infant = fall(combine([ox.Dyad(parameters=quiet), ox.Dyad(parameters=loud)]), less)
    assert cared_for > usual + 0.1
    assert abs(by_infant[0] - by_infant[1]) < 0.15 * (cared_for - usual)


def test_an_adult_has_no_methylation_state() -> None:
    run = ox.simulate(ox.Dyad(), Routine.typical(), "1 h")
    assert "infant.methylation" in run.variables
    assert "mother.methylation" not in run.variables


def test_the_two_channels_are_separate() -> None:
    """A spray moves affect within the hour and leaves mind-mindedness and sensitivity where they
    were.
    """
    play = ox.PlaySession("15 min", at="10:45")
    placebo, spray = (
        ox.simulate(
            ox.Dyad(),
            treatment + play,
            "2 h",
            start="09:30",
            save="1 min",
            usual_day=Routine.typical(),
        )
        for treatment in (ox.Placebo(at="10:00"), ox.NasalSpray("24 IU", at="10:00"))
    )

    def gain(name: str) -> float:
        return float(
            spray.mean(name, "10:45", "11:00")[0] - placebo.mean(name, "10:45", "11:00")[0]
        )

    assert gain("caregiver.warmth") > 0.2
    assert abs(gain("caregiver.sensitivity")) < 1e-3
    assert abs(gain("caregiver.appropriate_comments")) < 1e-4


def test_oxytocin_acts_on_reactivity_and_not_at_rest() -> None:
    """Without a stressor a spray leaves cortisol where it was; with one it changes the response."""
    quiet = Routine.empty()
    names = ["caregiver.cortisol", "caregiver.arousal"]

    def run(schedule: object) -> ox.Result:
        return ox.simulate(
            ox.Dyad(),
            schedule,
            "3 h",
            start="09:30",
            save="5 min",
            variables=names,
            usual_day=quiet,
        )

    spray, cry = ox.NasalSpray("24 IU", at="10:00"), ox.Crying("10 min", at="10:45")
    at_rest = (
        run(quiet + spray)["caregiver.cortisol"]
        - run(quiet + ox.Placebo(at="10:00"))["caregiver.cortisol"]
    )
    stressed = (
        run(quiet + spray + cry)["caregiver.arousal"]
        - run(quiet + ox.Placebo(at="10:00") + cry)["caregiver.arousal"]
    )
    # of 11 to 15 nmol/L, where the cry adds 4.4: free hormone (M11) follows arousal within minutes
    assert float(np.abs(at_rest).max()) < 0.06
    assert float(stressed.min()) < -0.02


@pytest.mark.long
def test_symptomatic_and_recovered_dyads_stay_for_half_a_year() -> None:
    both = combine([ox.Dyad.symptomatic(), ox.Dyad.recovered()])
    course = ox.simulate(
        both,
        Routine.typical(),
        "26 weeks",
        save="weekly",
        variables=["caregiver.epds"],
        solver=FAST,
    )
    epds = course["caregiver.epds"].values
    assert epds[0].min() > 12
    assert epds[1].max() < 8
    assert np.all(epds < EPDS_HIGHEST)
