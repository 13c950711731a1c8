"""What if this edge is missing: cuts and scales in cohorts and protocols mean what they mean in
``simulate``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.cohorts.follow_up import follow, visit
from oxysim.cohorts.several_cohorts import combine_cohorts
from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Family
from oxysim.population import Population
from oxysim.protocols import (
    PROTOCOLS,
    ProtocolReport,
    birth_cohort,
    caesarean,
    cross_section,
    intravenous_bolus,
    play_session,
    single_feed,
    skin_to_skin_session,
    social_preference,
    spray_crossover,
    spray_kinetics,
    stressor_and_comfort,
)
from oxysim.schedule import Routine

CARE = "care -> infant_methylation"
BLOOD = "plasma_oxytocin -> caregiver_oxytocin"
FEW = {"n": 2, "replications": 1}


def people(n: int = 4, role: str = "mother", age: str = "5 months") -> Family:
    """Some of the community; from four dyads on the compiled engine takes a session in a tenth of
    SciPy's time.
    """
    return Population.named("community").sample(n, seed=3, caregivers=(role,), infant_age=age)


# --------------------------------------------------------------------------------------
# cohorts
def test_a_cut_holds_from_birth_on() -> None:
    """Without the edge from care, methylation has nothing to move it but the routine's contact: it
    swings by a part in 50,000 within each day and stays at each infant's own set point.
    """
    cohort = follow(Population.named("community"), 8, until="3 weeks", seed=1, cut=CARE)
    set_points = 100 * np.asarray(cohort.who.value("infant.methylation.set_point"))[..., None]
    methylation = cohort["infant.methylation"].values
    np.testing.assert_allclose(methylation, np.broadcast_to(set_points, (8, 4)), rtol=2e-5)
    # at one hour of the day it is where it was
    np.testing.assert_allclose(methylation, np.broadcast_to(methylation[:, :1], (8, 4)), rtol=1e-6)
    whole = follow(Population.named("community"), 8, until="3 weeks", seed=1)
    assert np.abs(whole["infant.methylation"].values[:, -1] - set_points.ravel()).max() > 1e-3


def test_a_scale_of_nought_is_a_cut_and_each_dyad_may_have_its_own() -> None:
    newborns = people(10, age="0 d")
    options: dict[str, Any] = {"until": "8 d", "seed": 1, "solver": ox.Solver(rtol=1e-6)}
    cut = follow(newborns, cut=CARE, **options)
    nought = follow(newborns, scale={CARE: 0.0}, **options)
    np.testing.assert_array_equal(
        cut["infant.methylation"].values, nought["infant.methylation"].values
    )
    whole_edges = np.arange(10) % 2 > 0
    mixed = follow(newborns, scale={CARE: whole_edges.astype(float)}, block=8, **options)
    whole = follow(newborns, **options)
    expected = np.where(
        whole_edges[:, None], whole["infant.methylation"], cut["infant.methylation"]
    )
    np.testing.assert_allclose(mixed["infant.methylation"].values, expected, rtol=1e-5)
    np.testing.assert_array_equal(mixed.take([2, 1]).edges.multipliers[CARE], [0.0, 1.0])


def test_a_visit_has_the_edges_of_its_cohort() -> None:
    newborns = people(age="0 d")
    names = ["caregiver.plasma_oxytocin"]
    days = [
        visit(follow(newborns, until="8 d", cut=cut), "7 d", names, every="5 min")[names[0]].values[
            :2
        ]
        for cut in ((), "suckling -> caregiver_oxytocin")
    ]
    # what goes with the routine's contact still swings; the pulses of feeds are gone
    whole, cut = (np.ptp(day, axis=1) for day in days)
    assert (whole > 1.25 * cut).all()


def test_cohorts_of_other_edges_are_not_put_together() -> None:
    community = Population.named("community")
    uncut = follow(community, 2, until="2 d", every="1 d")
    with_cut = follow(community, 2, first=2, until="2 d", every="1 d", cut=CARE)
    with pytest.raises(InputError, match=f"the same edges.*{CARE} cut"):
        combine_cohorts([uncut, with_cut])


@pytest.mark.parametrize(
    "call", [follow, birth_cohort, lambda *_, **options: cross_section(**options), caesarean]
)
def test_edges_that_cannot_be_are_refused_before_anybody_is_followed(
    call: Callable[..., Any],
) -> None:
    with pytest.raises(UnknownNameError, match="reward -> depression"):
        call(cut="rewrd -> depression")
    with pytest.raises(InputError, match="both cut and scaled"):
        call(cut=CARE, scale={CARE: 0.5})


def test_a_cohort_that_is_there_has_its_edges_already() -> None:
    cohort = follow(Population.named("community"), 16, until="8 d")
    with pytest.raises(InputError, match="cut can say nothing"):
        cross_section(["epds"], age="1 week", n=4, cohort=cohort, cut=CARE)
    with pytest.raises(InputError, match="scale can say nothing"):
        birth_cohort(cohort=cohort, scale={CARE: 0.5})


# --------------------------------------------------------------------------------------
# protocols
def _both(
    protocol: Callable[..., ProtocolReport], cut: Any, **options: Any
) -> tuple[ProtocolReport, ProtocolReport]:
    """A protocol with every edge whole, and with some cut, which its design has to say."""
    whole, changed = protocol(**options), protocol(cut=cut, **options)
    assert "edges" not in whole.design
    assert all(
        f"{edge} cut" in changed.design["edges"]
        for edge in ([cut] if isinstance(cut, str) else cut)
    )
    return whole, changed


def _course(study: ProtocolReport, arm: str, name: str) -> np.ndarray:
    return np.asarray(study.arms[arm][name].values)


def test_bolus_without_the_way_from_blood_to_brain() -> None:
    whole, changed = _both(intravenous_bolus, BLOOD, adults=people(role="other"), **FEW)
    # nothing rises that could fall
    assert np.isnan(changed.readings["central half-life | bolus"]).all()
    assert np.isfinite(whole.readings["central half-life | bolus"]).all()
    np.testing.assert_allclose(
        changed.readings["plasma half-life | bolus"],
        whole.readings["plasma half-life | bolus"],
        rtol=1e-4,
    )


def test_kinetics_without_the_way_from_blood_to_brain() -> None:
    adults = people(18, role="other")
    whole, changed = _both(spray_kinetics, BLOOD, adults=adults, doses=("24 IU",), replications=1)
    plasma, central = "caregiver.plasma_oxytocin", "caregiver.central_oxytocin"
    np.testing.assert_allclose(
        _course(changed, "24 IU", plasma), _course(whole, "24 IU", plasma), rtol=1e-4
    )
    gained = _course(whole, "24 IU", central) - _course(changed, "24 IU", central)
    # outputs every 5 min: the spray, and half an hour after it, when plasma is high
    before, later = 6, 12
    assert (gained[:, later] > gained[:, before]).all()


def test_a_feed_without_the_effect_of_suckling() -> None:
    whole, changed = _both(
        single_feed, "suckling -> caregiver_oxytocin", mothers=people(age="4 d"), **FEW
    )
    assert (whole.readings["pulses in 10 min | feed"] == 5).all()
    assert (changed.readings["pulses in 10 min | feed"] == 0).all()


def test_preference_without_reward() -> None:
    """With neither way from the accumbens to reward the two beddings are the same."""
    cut = ["accumbens_oxytocin -> serotonin", "accumbens_oxytocin -> reward"]
    options = {"mice": people(role="other"), "genotypes": ("wild type",), **FEW}
    whole, changed = _both(social_preference, cut, **options)
    for study, are_equal in ((whole, False), (changed, True)):
        days = [
            study.arms["wild type"].mean("caregiver.reward", *day)
            for day in (("0 h", "24 h"), ("24 h", "48 h"))
        ]
        assert np.allclose(days[0], days[1], rtol=1e-5) == are_equal


def test_comfort_by_a_voice_that_releases_nothing() -> None:
    cut = [
        "voice -> infant_oxytocin",
        "warmth -> infant_oxytocin",
        "mind_mindedness -> infant_oxytocin",
    ]
    options = {
        "sizes": {"voice": 2, "nothing": 2},
        "children": people(age="24 months"),
        "replications": 1,
    }
    whole, changed = _both(stressor_and_comfort, cut, **options)
    for study, are_equal in ((whole, False), (changed, True)):
        arms = [_course(study, arm, "infant.plasma_oxytocin") for arm in ("voice", "nothing")]
        assert np.allclose(*arms, rtol=1e-4) == are_equal


def test_play_that_releases_nothing() -> None:
    cut = [
        f"{source} -> caregiver_oxytocin"
        for source in ("touch", "play", "gaze", "talk", "mind_mindedness")
    ]
    options = {"parents": {"mothers": people(12)}, "sizes": {"mothers": 12}, "replications": 1}
    whole, changed = _both(play_session, cut, **options)
    saliva = [_course(study, "mothers", "caregiver.saliva_oxytocin") for study in (whole, changed)]
    assert np.ptp(saliva[0], axis=1).min() > 0.1
    np.testing.assert_allclose(
        saliva[1], np.broadcast_to(saliva[1][:, :1], saliva[1].shape), rtol=1e-4
    )


def test_skin_to_skin_contact_that_relieves_nothing() -> None:
    triads = Population.named("community").sample(
        4, seed=3, caregivers=("mother", "father"), infant_age="7 d"
    )
    triads = triads.with_parameters({"infant.stress.cortisol_rhythm": 1e-6})
    # contact relieves by itself, and by the oxytocin that it releases
    directly, by_oxytocin = "contact -> infant_arousal", "infant_oxytocin -> infant_arousal"
    options = {"triads": triads, **FEW}
    whole, oxytocin_alone = _both(skin_to_skin_session, directly, **options)
    neither = skin_to_skin_session(cut=[directly, by_oxytocin], **options)
    falls = [
        (lambda y: y[:, 0] - y.min(axis=1))(
            _course(study, "contact with mother", "infant.cortisol")
        )
        for study in (whole, oxytocin_alone, neither)
    ]
    assert (falls[1] < 0.5 * falls[0]).all()
    assert (falls[2] < 1e-3 * falls[0]).all()


def test_a_spray_without_its_ways_to_affect() -> None:
    # the third is by the infant, who answers affection (M10), to whom her affect answers
    cut = [
        "caregiver_oxytocin -> affect",
        "reward -> affect",
        "caregiver_oxytocin -> affection",
    ]
    whole, changed = _both(spray_crossover, cut, mothers=people(), **FEW)
    gains = [
        np.abs(
            _course(study, "oxytocin", "caregiver.warmth")
            - _course(study, "placebo", "caregiver.warmth")
        ).max()
        for study in (whole, changed)
    ]
    assert gains[1] < 0.05 * gains[0]


def test_a_birth_cohort_whose_care_does_not_reach_methylation() -> None:
    dyads = people(40, age="0 d")
    whole, changed = _both(birth_cohort, CARE, population=dyads, krol_n=4, replications=1)
    name = "methylation at 18 months | cohort"
    # the same luck, so the level has moved
    assert np.abs(whole.readings[name] - changed.readings[name]).max() > 0.1


def test_a_cross_section_without_the_way_from_depression_to_sensitivity() -> None:
    asked = [Measure("epds", age="1 week"), Measure("sensitivity", age="1 week")]
    whole, changed = _both(
        cross_section,
        "depression -> sensitivity",
        measures=asked,
        age="1 week",
        n=8,
        population=people(8, age="0 d"),
    )
    epds, rated = "epds at 1 week", "sensitivity at 1 week"
    np.testing.assert_array_equal(whole.readings[epds], changed.readings[epds])
    assert not np.array_equal(whole.readings[rated], changed.readings[rated])


# ------------------------------------------------------------------------------------- what
# protocols draw from
SESSIONS = {
    3: {"pool": 4},
    7: {"pool": 12, "sizes": {"fathers": 12}},
    9: {"pool": 4},
    10: {"pool": 4, "sizes": None},
    11: {"pool": 18, "doses": ("8 IU",)},
    12: {"pool": 4},
    13: {"pool": 4},
}


@pytest.mark.parametrize("number", SESSIONS)
def test_the_default_pool_of_a_session_is_of_the_community(number: int) -> None:
    options: dict[str, Any] = {"replications": 1, **SESSIONS[number]}
    if number == 10:
        options["sizes"] = {"voice": 2, "nothing": 2}
    if number in (3, 9, 12, 13):
        options["n"] = 2
    study = PROTOCOLS[number](seed=5, **options)
    people = Population.named("community")
    design = " ".join(study.design.values())
    assert f"population 'community' ({people.fingerprint[:12]})" in design
    origins = {arm.dataset.attrs.get("drawn_from", "") for arm in study.arms.values()} - {""}
    assert all("'community'" in origin for origin in origins)


def test_mothers_with_depression_enter_from_the_community_by_their_form() -> None:
    """Each who entered reads 13 or more on the form of the screening, each before the last who did
    not reads less.
    """
    study = spray_crossover(n=2, replications=1, pool=4, seed=2)
    community = Population.named("community")
    numbers = study.arms["placebo"].dataset["dyad"].values.tolist()
    followed = follow(community, max(numbers) + 1, until="5 months", seed=2)
    forms = followed.readings("epds", "5 months", occasion="screening")
    assert numbers == np.flatnonzero(forms >= 13)[:4].tolist()
    assert f"4 of {max(numbers) + 1} followed from birth, with 13 or more" in study.design["sample"]
    assert community.fingerprint[:12] in study.design["sample"]


def test_a_cohort_is_of_the_community_unless_told_otherwise() -> None:
    """Drawn by themselves, parameters gave a mean EPDS of 10.2 at 8 weeks; Evans
    2001 found 5.84.
    """
    cohort = follow(None, 160, until="8 weeks", every="4 weeks", seed=0)
    assert cohort.fingerprint == Population.named("community").fingerprint
    forms = cohort.readings("epds", "8 weeks")
    assert forms.mean() == pytest.approx(5.84, abs=4 * forms.std() / np.sqrt(160))
    study = cross_section(["epds"], age="1 week", n=4, pool=4)
    assert "'community'" in study.design["population"]


@pytest.mark.parametrize("number", [3, 7, 9, 10, 11, 12, 13])
def test_another_population_is_drawn_from_and_said(number: int) -> None:
    ours = Population.named("community").replace(name="ours")
    options: dict[str, Any] = {"replications": 1, **SESSIONS[number]}
    if number == 10:
        options["sizes"] = {"voice": 2, "nothing": 2}
    if number in (3, 9, 12, 13):
        options["n"] = 2
    study = PROTOCOLS[number](population=ours, cut=BLOOD, **options)
    assert "population 'ours'" in " ".join(study.design.values())
    pools = {"fathers": people(12, "father")} if number == 7 else people(20)
    name = {3: "triads", 7: "parents", 9: "mice", 10: "children", 13: "mothers"}.get(
        number, "adults"
    )
    with pytest.raises(InputError, match="give one of the two"):
        PROTOCOLS[number](population=ours, **{name: pools}, **options)


def test_a_cohort_with_a_cut_goes_where_a_run_with_it_goes() -> None:
    # a cohort's newborns begin in the mood that birth and their lives bring, unless a start is set
    newborns = people(8, age="0 d").with_start({"caregiver.depression": 9.0})
    cut = "bond -> depression"
    run = ox.simulate(
        newborns,
        Routine.typical(),
        "3 d",
        start="00:00",
        save="1 d",
        cut=cut,
        solver=ox.Solver(rtol=1e-7),
    )
    cohort = follow(
        newborns, until="3 d", schedule=Routine.typical(), cut=cut, solver=ox.Solver(rtol=1e-7)
    )
    last = [course["caregiver.depression"].values[:, -1] for course in (run, cohort)]
    np.testing.assert_allclose(*last, rtol=1e-6)


# --------------------------------------------------------------------------------------
# trials protocol: infants' age, edges cut, the endpoint that moves
TRIALS: dict[int, tuple[str, str, str]] = {
    2: ("5 months", "mind_mindedness -> sensitivity", "sensitivity"),
    4: ("2 d", "arousal -> infant_cortisol", "cortisol"),
    5: ("2 weeks", "depression -> depression", "epds"),
    6: ("6 months", "mind_mindedness -> sensitivity", "sensitivity"),
    15: ("8 weeks", "depression -> depression", "epds"),
}


@pytest.mark.long
@pytest.mark.parametrize("number", TRIALS)
def test_a_trial_with_a_cut_says_it_and_reads_otherwise(number: int) -> None:
    """The same mothers, allocation, life and luck: what differs is the edge."""
    age, cut, moved = TRIALS[number]
    options: dict[str, Any] = {"mothers": people(8, age=age), "n": 8, "replications": 1, "seed": 2}
    if number == 4:
        options |= {"lasts": "1 week", "visits": ["1 week"]}
    whole, changed = _both(PROTOCOLS[number], cut, **options)
    names = [name for name in whole.readings if moved in name.casefold()]
    assert names
    read = [(whole.readings[name], changed.readings[name]) for name in names]
    if moved == "epds":
        # forms have whole points, and within weeks the edge moves few mothers by one: the courses
        # that they read
        read = [
            (_course(whole, arm, "mother.epds"), _course(changed, arm, "mother.epds"))
            for arm in whole.arms
        ]
    assert any(not np.allclose(*pair, rtol=1e-3, equal_nan=True) for pair in read)


@pytest.mark.parametrize("number", TRIALS)
def test_edges_of_a_trial_are_refused_before_anybody_is_screened(number: int) -> None:
    with pytest.raises(UnknownNameError, match="reward -> depression"):
        PROTOCOLS[number](cut="rewrd -> depression")
