"""The loop over an ensemble: central dyads of its members, and rescue with an axis of members."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim import loop
from oxysim.ensembles.predictions import weighted_quantiles
from oxysim.errors import InputError, OxysimError
from oxysim.loop import Rescue
from oxysim.population import Members
from tests.support.toy_ensembles import toy_ensemble

ENSEMBLE = toy_ensemble(4)
GAIN = "caregiver.depression.loop_gain"
SET_POINT = "caregiver.depression.set_point"


def test_the_central_dyad_has_what_all_share_and_the_medians_of_the_traits() -> None:
    population = ENSEMBLE[3]
    dyad = loop.central_dyad(population, infant_age="6 weeks")
    drawn = population.sample(4001, seed=1)
    for trait in population.traits:
        middle = float(np.median(drawn.value(trait.name)))
        assert dyad.value(trait.name) == pytest.approx(middle, rel=0.02)
    assert dyad.value("caregiver.depression.reward_gain") == 0.0
    assert len(dyad) == 1
    assert loop.central_dyad(population, {GAIN: 2.15}).value(GAIN) == 2.15


def test_a_question_to_central_dyads_is_answered_by_member() -> None:
    answers = loop.ask_central_dyads(ENSEMBLE, lambda dyad: dyad.value(SET_POINT), progress=False)
    expected = [loop.central_dyad(population).value(SET_POINT) for population in ENSEMBLE]
    assert list(answers) == expected
    some = loop.ask_central_dyads(
        ENSEMBLE, lambda dyad: dyad.value(GAIN), {GAIN: 2.0}, members=2, progress=False
    )
    assert list(some) == [2.0, 2.0]


def test_the_gain_of_a_dyad_is_that_of_its_most_depressed_stable_regime() -> None:
    found = loop.regimes(ox.Dyad.symptomatic(), starts=0, progress=False)
    table = loop.gains_at(found)
    stable = table[table["stable"]]
    highest = stable.loc[stable["epds"].idxmax(), "gain"]
    assert loop.highest_gain(ox.Dyad.symptomatic()) == pytest.approx(highest, rel=1e-9)


@pytest.mark.long
def test_a_cut_loop_has_no_gain_over_members() -> None:
    cut = ("reward -> depression", "bond -> depression", "confidence -> depression")
    answers = loop.ask_central_dyads(
        ENSEMBLE, lambda dyad: loop.highest_gain(dyad, "reward -> depression", cut=cut),
        members=2, progress=False,
    )  # fmt: skip
    assert answers.predict().median == pytest.approx(0.0, abs=1e-6)


def test_a_member_without_an_answer_keeps_its_reason() -> None:
    low = min(loop.central_dyad(population).value(SET_POINT) for population in ENSEMBLE)

    def asked(dyad: Any) -> float:
        if dyad.value(SET_POINT) == low:
            raise InputError("regimes: no stable one was found")
        return 1.0

    answers = loop.ask_central_dyads(ENSEMBLE, asked, progress=False)
    assert len(answers) == 3 and len(answers.failed) == 1


@pytest.mark.parametrize("ensemble", ["community", ox.Population.named("community"), None, 3])
def test_what_is_no_ensemble_is_refused(ensemble: Any) -> None:
    with pytest.raises(InputError, match="ensemble: expected an Ensemble"):
        loop.ask_central_dyads(ensemble, len)


def test_a_rescue_has_members_for_an_axis() -> None:
    """Shares of each member as its own rescue gives them; members with nobody in need are told."""
    minutes = {"skin_to_skin.minutes": ["30 min", "60 min"]}
    contact = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 2 weeks")}

    def asked(people: Members, doses: Any) -> Any:
        question = Rescue(people, doses, contact, followed="6 weeks", cut_off=2.5)
        return question.run(progress=False)

    both = asked(Members(ENSEMBLE, 3, seed=1), {**minutes, "member": [1, 3]})
    assert set(both.at_end.dims) == {"skin_to_skin.minutes", "member", "dyad"}
    alone = asked(Members(ENSEMBLE[3], 3, seed=1), minutes)
    np.testing.assert_allclose(
        both.at_end.sel(member=3).transpose(*alone.at_end.dims).values,
        alone.at_end.values, atol=1e-3,
    )  # fmt: skip
    told = both.over_members(ENSEMBLE)
    shares = both.share.isel({"skin_to_skin.minutes": 1}).values
    known = np.isfinite(shares)
    expected = weighted_quantiles(shares[known], np.ones(known.sum()), [0.05, 0.5, 0.95])
    row = told.isel({"skin_to_skin.minutes": 1})
    np.testing.assert_allclose([row["low"], row["median"], row["high"]], expected)
    assert float(row["members"]) == known.mean()
    with pytest.raises(OxysimError, match="axis 'member'"):
        alone.over_members(ENSEMBLE)
    with pytest.raises(OxysimError, match="member 3 was run"):
        both.over_members(toy_ensemble(2))
