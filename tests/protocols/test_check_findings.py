"""Protocols of findings that the model is checked by: arms, clock times, samples, who is read, and
edges whose cut makes an effect impossible.

Nothing here asserts, or tells in a message, what the model gives for such a finding: whoever tunes
the model must not see it. Where a value is asserted, the relation in it was made up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from oxysim.arrays import FloatArray
from oxysim.errors import InputError, UnitError
from oxysim.evidence.board.protocol_runs import RUNS, run_answering
from oxysim.families import Dyad, Family
from oxysim.findings.published import target
from oxysim.measures import instrument
from oxysim.model import registry
from oxysim.protocols import (
    ProtocolReport,
    continuous_skin_to_skin,
    fathers_spray,
    mind_mindedness_coaching,
    resting_hormones,
)
from oxysim.protocols.continuous_skin_to_skin import rank_correlated
from oxysim.protocols.fathers_spray import _halves
from oxysim.trials.participant_groups import groups

CHECKED = ("E16", "E20", "E22", "E23", "E24", "E25", "E26")
SHORT: dict[str, Any] = {"lasts": "1 d", "after": "2 d"}


def _triads(n: int) -> Family:
    return Family(caregivers=("mother", "father"), infant_age="5 months").repeat(n)


def _preterm(n: int, **parameters: Any) -> Family:
    values = {name.replace("__", "."): value for name, value in parameters.items()}
    return Dyad(infant_age="2 d").repeat(n).with_parameters(values)


# ------------------------------------------------------------------------------- all of them
def test_each_is_answered_by_a_run_of_its_protocol() -> None:
    for name in CHECKED:
        run = run_answering(name)
        assert run is not None and run.protocol == target(name).protocol, name
        assert target(name).use == "check", name
    assert set(RUNS["fathers' spray"].answers) == {"WE1", "E23", "E24"}
    assert set(RUNS["mind-mindedness coaching"].answers) == {"C10", "E25", "E26"}


@pytest.mark.parametrize(
    ("run", "n"),
    [
        (lambda: fathers_spray(triads=_triads(35), replications=1), 35),
        (lambda: resting_hormones(pool=31, replications=1), 31),
        (lambda: continuous_skin_to_skin(mothers=_preterm(37), replications=1, **SHORT), 37),
    ],
    ids=["fathers", "rest", "contact"],
)
def test_the_default_is_the_published_number_of_participants(
    run: Callable[[], ProtocolReport], n: int
) -> None:
    study = run()
    assert all(values.shape == (1, n) for values in study.readings.values())
    assert (study.effects["n"] <= n).all()
    named = [name for table in (study.effects, study.figures) for name in table["target"] if name]
    assert all(target(name).source in study.report() for name in named if name != "E23")


# ------------------------------------------------------------------------------------ fathers
def test_only_the_father_is_sprayed_and_plays_and_holds_a_still_face() -> None:
    study = fathers_spray(n=4, triads=_triads(4), replications=1)
    assert list(study.arms) == ["placebo", "oxytocin"]
    bouts = study.arms["oxytocin"].schedule
    done = bouts[bouts["kind"] != "routine"]
    assert set(done["member"]) == {"father", "infant"}
    # an hour after the spray, and a quarter of an hour of play before it
    (face,) = done[done["channel"] == "still_face"].to_dict("records")
    assert face["minutes"] == 2 and face["start_clock"] == "11:00"
    play = done[done["channel"] == "affectionate_touch"]
    assert play[["start_clock", "minutes"]].values.tolist() == [["10:45", 19.0]]


def test_a_spray_whose_oxytocin_reaches_nothing_leaves_the_infant_where_it_is() -> None:
    """What the father's oxytocin signals to is cut: affection, affect, arousal and reward."""
    triads = _triads(4)
    away = [*_from("caregiver_oxytocin"), *_from("accumbens_oxytocin")]
    infants = {}
    for name, cut in (("whole", ()), ("cut", away)):
        study = fathers_spray(n=4, triads=triads, replications=1, cut=cut)
        infants[name] = [
            np.array([arm[f"infant.{state}"].values for state in ("saliva_oxytocin", "cortisol")])
            for arm in study.arms.values()
        ]
    same = {name: _alike(*arms) for name, arms in infants.items()}
    assert same == {"whole": False, "cut": True}


def test_cortisol_is_the_sample_after_less_the_sample_before_in_the_same_session() -> None:
    study = fathers_spray(n=4, triads=_triads(4), replications=2, seed=3)
    taking_part = groups(4, 4, 2, 3)
    # one noise a session and none between alike families: the difference of two samples
    for arm, result in study.arms.items():
        values = study.readings[f"infant cortisol after the still face | {arm}"]
        by_session = [
            taking_part.read(result, "salivary_cortisol", "11:22", member="infant", seed=3,
                visit=session)
            - taking_part.read(result, "salivary_cortisol", "10:40", member="infant", seed=3,
                visit=session)
            for session in ("session 1", "session 2")
        ]  # fmt: skip
        is_first = np.isclose(values, by_session[0])
        assert (is_first | np.isclose(values, by_session[1])).all()
        # two fathers of four come for it first
        assert is_first.sum(axis=1).tolist() == [2, 2]


def test_halves_are_those_below_and_above_the_median() -> None:
    level = np.array([[5.0, 1.0, 3.0, 2.0, 4.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
    found = _halves(level)
    for name, expected in (("low", [[1, 2], [1, 2]]), ("high", [[4, 5], [4, 5]])):
        assert np.sort(np.take_along_axis(level, found[name], 1)).tolist() == expected
    # of an odd number the median is in neither
    assert all(positions.shape == (2, 2) for positions in found.values())


def test_high_synchrony_is_the_half_that_is_rated_high_in_both_sessions_together() -> None:
    study = fathers_spray(n=6, triads=_triads(6), replications=3)
    arms = ("placebo", "oxytocin")
    members = _halves(np.mean([study.readings[f"reciprocity | {arm}"] for arm in arms], axis=0))
    rows = study.effects.set_index("outcome")
    for half in ("low", "high"):
        placebo, oxytocin = (
            np.take_along_axis(
                study.readings[f"infant cortisol after the still face | {arm}"], members[half], 1
            )
            for arm in arms
        )
        row = rows.loc[f"infant cortisol after the still face, {half} synchrony"]
        # said as a bool: what it is must not be told
        assert bool(np.isclose(row["difference"], (oxytocin - placebo).mean()))
        assert row["n"] == 3


def test_families_without_a_father_and_a_dose_without_its_unit_are_refused() -> None:
    with pytest.raises(InputError, match="triads: expected families of 'mother' and 'father'"):
        fathers_spray(n=2, triads=Dyad(infant_age="5 months").repeat(2))
    with pytest.raises(UnitError, match="dose"):
        fathers_spray(n=2, triads=_triads(2), dose="24")


# ---------------------------------------------------------------------------- skin-to-skin
def test_contact_is_for_twenty_hours_a_day_and_the_still_face_is_in_both_arms() -> None:
    study = continuous_skin_to_skin(
        n=8, mothers=_preterm(8), lasts="3 d", after="5 d", replications=2
    )
    assert list(study.arms) == ["standard care", "skin-to-skin"]
    for arm, result in study.arms.items():
        bouts = result.schedule[result.schedule["dyad"] <= 0]
        contact = bouts[bouts["channel"] == "skin_contact"]
        # the second of three days
        hours = contact[contact["start_day"] == 4]["minutes"].sum() / 60
        assert hours == (20.0 if arm == "skin-to-skin" else 0.0)
        (face,) = bouts[bouts["channel"] == "still_face"].to_dict("records")
        # enrolled in the course of the third day of life, day 3, and five days later
        assert (face["start_day"], face["start_clock"], face["minutes"]) == (8, "10:02", 2.0)
    # half an hour after its end
    sampled = 5 * 24 + 10 + 34 / 60
    assert np.isclose(sampled, np.asarray(study.arms["skin-to-skin"].time) / 60).any()


@pytest.mark.parametrize("cut", [(), ("caregiver_cortisol -> infant_cortisol",)])
def test_a_mothers_cortisol_reaches_the_infants_over_its_edge_alone(cut: Any) -> None:
    """What her arousal evokes of cortisol moves nothing else in the model."""
    courses = [
        continuous_skin_to_skin(
            n=8, mothers=_preterm(8, caregiver__stress__cortisol_arousal_gain=gain),
            replications=1, cut=cut, **SHORT,
        ).arms["skin-to-skin"]
        for gain in (0.5, 1.9)
    ]  # fmt: skip
    same = {
        member: _alike(*(course[f"{member}.cortisol"].values for course in courses))
        for member in ("mother", "infant")
    }
    assert same == {"mother": False, "infant": bool(cut)}


def test_ranks_go_together_as_scipy_says_and_within_an_arm_alone() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(1, 18))
    y = np.exp(x + rng.normal(size=(1, 18)))
    expected = stats.spearmanr(x[0], y[0]).statistic
    assert rank_correlated(x, y).dz[0] == pytest.approx(expected)
    # the other arm's families have no reading in this one
    empty = np.full((1, 19), np.nan)
    padded = (np.concatenate([values, empty], axis=1) for values in (x, y))
    assert rank_correlated(*padded).dz[0] == pytest.approx(expected)


# --------------------------------------------------------------------------------------- rest
@pytest.mark.parametrize(("sign", "expected"), [(1, 1), (-1, -1)])
def test_a_relation_that_is_made_up_is_the_one_that_is_found(sign: int, expected: int) -> None:
    """Adults alike but for their basal levels, which go together or against each other."""
    steps = np.linspace(-0.5, 0.5, 60)
    adults = Family(caregivers=("other",)).repeat(60)
    basal = {
        "caregiver.oxytocin.plasma_basal": 3.0 * np.exp(steps),
        "caregiver.stress.cortisol_basal": 7.0 * np.exp(sign * steps),
    }
    study = resting_hormones(n=30, adults=adults.with_parameters(basal), replications=4)
    assert np.sign(study.figures["simulated"][0]) == expected
    r = study.effects.set_index("contrast")["dz"]
    assert study.figures["simulated"][0] == pytest.approx(r.mean())
    assert set(r.index) == {"r with plasma_oxytocin", "r with saliva_oxytocin"}


# ----------------------------------------------------------------------------------- coaching
@pytest.mark.filterwarnings("ignore:legal but implausible")
def test_coaching_that_teaches_nothing_leaves_confidence_and_the_infant_where_they_are() -> None:
    """Mind-mindedness, bond and confidence hear the skill; without their gains nothing does."""
    gains = ("mentalising.coaching_gain", "bond.coaching_gain", "bond.confidence_coaching_gain")
    for factor in (1.0, 0.0):
        mothers = Dyad(infant_age="6 months").repeat(4)
        values = {
            f"caregiver.{name}": factor * mothers.value(f"caregiver.{name}") for name in gains
        }
        arms = mind_mindedness_coaching(
            n=4, mothers=mothers.with_parameters(values), replications=1
        ).arms
        same = {
            _alike(*(arms[arm][state].values for arm in ("usual care", "coaching")))
            for state in ("mother.confidence", "infant.saliva_oxytocin")
        }
        assert same == {factor == 0.0}


def test_reciprocity_reads_the_synchrony_of_the_caregiver_that_is_named() -> None:
    tool = instrument("reciprocity")
    assert tool.reads("father", ["mother", "father"]) == ("father.synchrony",)


def _alike(first: FloatArray, second: FloatArray) -> bool:
    """Whether two courses are one, to what another choice of the solver's steps may change."""
    return bool(np.allclose(first, second, rtol=2e-4))


def _from(signal: str) -> list[str]:
    """Every edge that begins in a signal."""
    return [name for name in registry.edges() if name.startswith(signal)]
