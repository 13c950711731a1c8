"""Every intervention runs through the equations: its effect on the states it acts on, against
closed forms.

What else acts on a state is cut, so that its equation is linear with constant input and has a
closed form; numbers are then those of the parameters, and of what a cut edge passes: what goes with
a routine that plans no contact, by the reference dyad's usual signal and its slope (decision 0072).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim import interventions as given
from oxysim.arrays import FloatArray
from oxysim.schedule import Routine, Touch, stage
from oxysim.simulation.reference_signals import usual_signals

EMPTY = Routine.empty()
DYAD = ox.Dyad()
P = DYAD.resolved(index=0)
MOTHER, INFANT = P.caregivers[0], P.infant
PRECISE = ox.Solver("DOP853", rtol=1e-10)
LN2 = np.log(2)
ENGAGEMENT = [f"{name} -> engagement" for name in ("depression", "reward", "bond", "confidence")]
STYLE = "caregiver_oxytocin -> affection"  # cut: contact is as tender as usual, at all times
NO_ADAPTATION = "offered_contact -> adaptation_level"
OF_MOOD = [
    f"{name} -> depression" for name in ("reward", "bond", "caregiver_arousal", "depression")
]
REFERENCE = usual_signals(DYAD.role_of, stage(float(DYAD.ages()[0])))
SLOPES, INFANT_SLOPES = REFERENCE.caregiver_slopes[0].edges, REFERENCE.infant_slopes.edges
TESTED: set[str] = set()


def engaged() -> float:
    """Engagement where all that moves it is cut and the routine plans no contact."""
    p, apart = MOTHER.engagement, -REFERENCE.caregiver_slopes[0].usual_contact
    gains = (-p.depression_gain, p.reward_gain, p.bond_gain, p.confidence_gain)
    drive = apart * sum(gain * slope for gain, slope in zip(gains, SLOPES.engagement, strict=True))
    return float(p.floor + (1 - p.floor) * 2 / (1 + np.exp(-drive)))


def run(
    *what: Any,
    cut: Collection[str] = (),
    day: Routine = EMPTY,
    hours: str = "2 h",
    save: Any = "1 min",
    **options: Any,
) -> ox.Result:
    """One dyad from 10:00 on; what is tested is noted, so that none can be forgotten."""
    TESTED.update(type(one).__name__ for one in what)
    schedule: Any = day
    for one in what:
        schedule = schedule + one
    return ox.simulate(
        DYAD,
        schedule,
        hours,
        start="10:00",
        save=save,
        cut=list(cut),
        solver=PRECISE,
        usual_day=EMPTY,
        **options,
    )


def values(result: ox.Result, name: str) -> FloatArray:
    return np.asarray(result[name].values[0], dtype=float)


def clock(result: ox.Result) -> FloatArray:
    """Minutes after 10:00."""
    return np.asarray(result.time, dtype=float) - 600.0


def added(t: FloatArray, size: float, rate: float, start: float, length: float) -> FloatArray:
    """What a constant input from `start` on adds to a state that relaxes at `rate`: `size` where it
    lasts for ever.
    """
    rising = 1 - np.exp(-rate * np.clip(t - start, 0, length))
    return np.asarray(size * rising * np.exp(-rate * np.clip(t - start - length, 0, None)))


def all_but(kept: str, target: str) -> list[str]:
    """Every edge to a target but one."""
    return [
        name
        for name in ox.edge_table()["name"]
        if name.endswith(f" -> {target}") and name != f"{kept} -> {target}"
    ]


OF_MOOD = [*all_but("", "depression"), NO_ADAPTATION]


def steep(x: float, half: float) -> float:
    return x**4 / (half**4 + x**4)


O = MOTHER.oxytocin  # noqa: E741 - the symbol of oxytocin
# what each source releases in the mother at full level, in multiples of basal release
GAINS = {
    "suckling": O.suckling,
    "skin_contact": O.skin_contact,
    "touch": O.touch_share * O.touch,
    "play": O.play_share * O.play,
    "gaze": O.gaze,
    "talk": O.talk,
    "partner": O.partner,
}
RELEASE: dict[str, tuple[Any, str, Callable[[float], float]]] = {
    "skin": (ox.SkinToSkin("30 min", at="10:20", gaze=0.0), "skin_contact", lambda e: 1.0),
    "one feed": (given.Breastfeed("30 min", at="10:20"), "suckling", lambda e: 1.0),
    "feeds": (given.Breastfeeding("30 min", at="10:20"), "suckling", lambda e: 1.0),
    "company": (
        given.PartnerContact("30 min", at="10:20", intensity=0.7),
        "partner",
        lambda e: 0.7,
    ),
    "play, her touch": (
        ox.PlaySession("30 min", at="10:20", affection=0.6),
        "touch",
        lambda e: steep(0.6 * e, O.contact_half),
    ),
    "play, her play": (
        ox.PlaySession("30 min", at="10:20", stimulation=0.6),
        "play",
        lambda e: steep(0.6 * e, O.contact_half),
    ),
    "play, her gaze": (ox.PlaySession("30 min", at="10:20", gaze=0.6), "gaze", lambda e: 0.6 * e),
    "talk": (
        given.AffectionateTalk("30 min", at="10:20", intensity=0.8),
        "talk",
        lambda e: 0.8 * e,
    ),
}


@pytest.mark.parametrize("name", RELEASE)
def test_contact_releases_oxytocin_in_the_mother(name: str) -> None:
    what, source, level = RELEASE[name]
    result = run(what, cut=[*all_but(source, "caregiver_oxytocin"), *ENGAGEMENT])
    course = values(result, "mother.plasma_oxytocin")
    released = GAINS[source] * level(engaged())
    # what is cut passes on a level, so that release lies above the basal one by a constant
    expected = course[0] + added(
        clock(result),
        O.evoked_plasma * O.release_gain * released,
        LN2 / O.plasma_half_life,
        20,
        30,
    )
    assert GAINS[source] > 0
    np.testing.assert_allclose(course, expected, rtol=1e-7)


def test_a_feed_with_pulses_releases_as_its_pulses_say() -> None:
    feed = given.Breastfeed(
        "20 min", at="10:20", pulses=True, pulse="30 s", before="5 min", anticipation=0.15
    )
    result = run(feed, cut=[*all_but("suckling", "caregiver_oxytocin"), *ENGAGEMENT])
    t, rate, size = clock(result), LN2 / O.plasma_half_life, O.evoked_plasma * O.suckling
    expected = values(result, "mother.plasma_oxytocin")[0] + added(t, 0.15 * size, rate, 15, 5)
    for minute in (0, 2, 4, 6, 8, 10, 14, 18):  # a pulse carries the release of two minutes
        expected = expected + added(t, 4 * size, rate, 20 + minute, 0.5)
    np.testing.assert_allclose(values(result, "mother.plasma_oxytocin"), expected, rtol=1e-7)


def test_weaning_takes_its_share_of_the_feeds_away() -> None:
    first = int(DYAD.ages()[0] // 1440)
    weaning = given.Weaning(f"day {first + 2}", f"day {first + 4}", 2)
    save = [f"{24 * day + 0.5} h" for day in range(5)]
    result = run(
        given.Breastfeeding("20 min", at="10:10"), weaning, hours="100 h", save=save,
        cut=[*all_but("suckling", "caregiver_oxytocin"), *ENGAGEMENT],
    )  # fmt: skip
    alone = added(np.array([30.0]), O.evoked_plasma * O.suckling, LN2 / O.plasma_half_life, 10, 20)
    course = values(result, "mother.plasma_oxytocin")
    # when all is weaned, what is left is what the cut sources pass on
    shares = (course - course[-1]) / alone
    np.testing.assert_allclose(shares, [1, 1, 0.5, 0, 0], atol=1e-7)


def test_an_intravenous_dose_is_diluted_and_cleared() -> None:
    result = run(ox.IntravenousBolus("2 IU", at="10:20", minutes="5 min"))
    rate = LN2 / O.plasma_half_life
    # pg/mL where the infusion lasted for ever; 1 IU is 1.68 micrograms
    level = 1.68e6 * 2 / 5 / (1000 * O.clearance)
    expected = O.plasma_basal + added(clock(result), level, rate, 20, 5)
    np.testing.assert_allclose(values(result, "mother.plasma_oxytocin"), expected, rtol=1e-7)


def test_a_spray_fills_the_depot_in_the_nose_and_reaches_blood_and_brain() -> None:
    N, result = MOTHER.nasal_spray, run(ox.NasalSpray("24 IU", at="10:20", minutes="2 min"))
    rate = LN2 / N.depot_half_life
    expected = added(clock(result), N.depot_share * 1.68 * 12 / rate, rate, 20, 2)
    np.testing.assert_allclose(values(result, "mother.nasal_depot"), expected, rtol=1e-7, atol=1e-9)
    for name in ("plasma_oxytocin", "central_oxytocin", "saliva_oxytocin"):
        course = values(result, f"mother.{name}")
        assert course[:20].max() < course[25] and course[25:].max() > 1.05 * course[0]


BELIEFS = {
    "placebo": (ox.Placebo(at="10:20"), 0.5),
    "placebo, unblinded": (ox.Placebo(at="10:20", blinded=False), 0.0),
    "spray": (ox.NasalSpray("24 IU", at="10:20"), 0.5),
    "spray, unblinded": (ox.NasalSpray("24 IU", at="10:20", blinded=False), 1.0),
}


@pytest.mark.parametrize("name", BELIEFS)
def test_the_belief_in_a_spray_warms_and_the_drug_comes_on_top(name: str) -> None:
    what, belief = BELIEFS[name]
    alone = run(what, cut=all_but("", "affect"))
    A, slopes = MOTHER.affect, SLOPES.affect
    # while she is not with the infant, what is cut passes on that she usually is
    apart = -REFERENCE.caregiver_slopes[0].usual_contact * (
        A.oxytocin_gain * slopes.caregiver_oxytocin
        + A.reward_gain * slopes.reward
        + A.infant_gain * slopes.infant_affect
        - A.depression_gain * slopes.depression / 30
    )
    before, target = (
        1 / (1 + (1 / A.usual - 1) * np.exp(-apart - A.expectancy_gain * b)) for b in (0.0, belief)
    )
    expected = before + added(clock(alone), target - before, 1 / A.time_constant, 20, 180)
    np.testing.assert_allclose(values(alone, "mother.affect"), expected, rtol=1e-7)


TAUGHT: dict[str, tuple[Any, str, float, float]] = {
    "coaching": (
        given.Coaching("60 min", at="10:20", repeat="once", level=0.8),
        "coaching_skill",
        0.8 * MOTHER.mentalising.session_rate,
        LN2 / MOTHER.mentalising.skill_half_life,
    ),
    "psychological treatment": (
        given.PsychologicalTreatment("60 min", at="10:20", repeat="once", level=0.8),
        "therapy_skill",
        0.8 * MOTHER.depression.therapy_session_rate,
        LN2 / MOTHER.depression.therapy_half_life,
    ),
}


@pytest.mark.parametrize("name", TAUGHT)
def test_a_session_teaches_and_is_slowly_forgotten(name: str) -> None:
    what, state, learning, forgetting = TAUGHT[name]
    result = run(what)
    t = clock(result)
    during = (
        learning
        / (learning + forgetting)
        * (1 - np.exp(-(learning + forgetting) * np.clip(t - 20, 0, 60)))
    )
    expected = during * np.exp(-forgetting * np.clip(t - 80, 0, None))
    np.testing.assert_allclose(values(result, f"mother.{state}"), expected, rtol=1e-7, atol=1e-12)


STEADY: dict[str, tuple[Any, float]] = {
    "support": (given.SocialSupport(0.8), -0.8 * MOTHER.depression.support_gain),
    "life events": (ox.LifeEvents(2.0), 2.0 * MOTHER.depression.stress_noise_gain),
}


def log_odds(points: FloatArray) -> FloatArray:
    """Depression on the scale on which it relaxes linearly."""
    return np.asarray(np.log(points / (30 - points)))


@pytest.mark.parametrize("name", STEADY)
def test_a_steady_influence_on_mood_moves_its_log_odds(name: str) -> None:
    what, force = STEADY[name]
    treated, untreated = (
        run(*some, cut=OF_MOOD, hours="14 d", save="1 d") for some in ((what,), ())
    )
    moved = log_odds(values(treated, "mother.depression")) - log_odds(
        values(untreated, "mother.depression")
    )
    expected = force * (1 - np.exp(-clock(treated) / MOTHER.depression.time_constant))
    np.testing.assert_allclose(moved, expected, rtol=1e-6, atol=1e-9)


def test_an_antidepressant_lifts_serotonin_and_with_it_mood() -> None:
    """Two states in a row, the first in minutes; the second hears it against the lived day."""
    cut = [*all_but("serotonin", "depression"), *all_but("", "serotonin")]
    treated, untreated = (
        run(*some, cut=cut, hours="10 d", save="30 min")
        for some in ((given.Antidepressant(1.5),), ())
    )
    t, dose = clock(treated), 1.5 * MOTHER.reward.antidepressant_gain
    minutes, weeks = MOTHER.reward.serotonin_time, MOTHER.depression.time_constant
    raised = dose * (1 - np.exp(-t / minutes))
    gained = values(treated, "mother.serotonin") - values(untreated, "mother.serotonin")
    np.testing.assert_allclose(gained, raised, rtol=1e-6, atol=1e-9)

    # in multiples of the usual serotonin; on days without contact it comes to be worth more
    other, share = MOTHER.reward.other_rewards, MOTHER.reward.adaptation
    scarcity = (1 + other) / (values(treated, "mother.adaptation_level") + other)
    worth = 1 - share + share * scarcity
    force = -MOTHER.depression.serotonin_gain / USUAL.depression.serotonin
    felt = force * worth / (1 + other) * raised
    moved = log_odds(values(treated, "mother.depression")) - log_odds(
        values(untreated, "mother.depression")
    )
    lag = np.exp(-(t[-1] - t) / weeks) * felt / weeks
    assert moved[-1] == pytest.approx(np.trapezoid(lag, dx=30.0), rel=1e-3)


def test_therapy_helps_mood_by_what_was_learnt() -> None:
    what = given.PsychologicalTreatment("60 min", at="10:20", repeat="daily")
    treated, untreated = (
        run(*some, cut=OF_MOOD, hours="10 d", save="30 min") for some in ((what,), ())
    )
    moved = log_odds(values(treated, "mother.depression")) - log_odds(
        values(untreated, "mother.depression")
    )
    learnt, step, tau = (
        values(treated, "mother.therapy_skill"),
        30.0,
        MOTHER.depression.time_constant,
    )
    lag = np.exp(-(clock(treated)[-1] - clock(treated)) / tau) * learnt / tau
    assert moved[-1] == pytest.approx(
        -MOTHER.depression.therapy_gain * np.trapezoid(lag, dx=step), rel=1e-3
    )


def test_daily_life_moves_mood_and_depression_as_its_paths_say() -> None:
    """Paths stand still within each hour of the infant's age, so that what receives them has a
    closed form hour by hour: depression that of life events, momentary mood that of daily mood.
    """
    cut = [*OF_MOOD, *all_but("", "mood")]
    lived, quiet = (
        run(*some, cut=cut, hours="5 d", save="1 h", seed=3) for some in ((ox.DailyLife(),), ())
    )
    moved = {
        "depression": log_odds(values(lived, "mother.depression"))
        - log_odds(values(quiet, "mother.depression")),
        "mood": values(lived, "mother.mood") - values(quiet, "mother.mood"),
    }
    paths = lived.inputs("mother")
    stress, mood = (
        np.asarray(paths[name].values, dtype=float).reshape(-1)
        for name in ("stress_noise", "mood_noise")
    )
    forces = {
        "depression": (MOTHER.depression.stress_noise_gain * stress, MOTHER.depression),
        "mood": (MOTHER.mood.noise_gain * mood, MOTHER.mood),
    }
    for name, (force, table) in forces.items():
        keep, expected = np.exp(-60 / table.time_constant), [0.0]
        for one in force[: len(moved[name]) - 1]:
            expected.append(expected[-1] * keep + one * (1 - keep))
        np.testing.assert_allclose(moved[name], expected, rtol=1e-6, atol=1e-9)
    assert np.std(stress) > 0 and np.std(mood) > 0


USUAL = REFERENCE.caregivers[0]
# what is cut passes on what goes with an hour without routine contact: hardly any contact that
# relieves and soothes the infant, and less oxytocin to dampen its stress
APART = -REFERENCE.infant_slopes.usual_contact
CONTACT = REFERENCE.infant.infant_arousal.contact + APART * INFANT_SLOPES.infant_arousal.contact
# an infant that is out of step is dampened the more
DAMPING = (
    INFANT.stress.oxytocin_gain
    - INFANT.stress.synchrony_gain * APART * INFANT_SLOPES.infant_arousal.synchrony
)
DAMPED = 2 / (1 + np.exp(DAMPING * APART * INFANT_SLOPES.infant_arousal.infant_oxytocin))
RELIEF = (1 - INFANT.stress.contact_relief * CONTACT) * DAMPED
SOOTHED = (1 + INFANT.stress.soothing * CONTACT) / INFANT.stress.arousal_time
DISTRESS: dict[str, tuple[Any, float]] = {
    "crying": (ox.Crying("30 min", at="10:20", intensity=0.8), 0.8 * INFANT.stress.reactivity),
    "separation": (
        given.Separation("30 min", at="10:20", distress=0.6),
        0.6 * INFANT.stress.reactivity,
    ),
    "still face": (
        given.StillFace("30 min", at="10:20", distress=0.7),
        0.7 * INFANT.stress.still_face * INFANT.stress.reactivity,
    ),
    "stressor": (
        given.Stressor("30 min", at="10:20", intensity=2.0),
        2.0 * INFANT.stress.reactivity,
    ),
}


@pytest.mark.parametrize("name", DISTRESS)
def test_distress_arouses_the_infant_and_raises_its_cortisol(name: str) -> None:
    what, size = DISTRESS[name]
    with_it, without = (run(*some, cut=all_but("", "infant_arousal")) for some in ((what,), ()))
    difference = values(with_it, "infant.arousal") - values(without, "infant.arousal")
    expected = added(clock(with_it), size * RELIEF, SOOTHED, 20, 30)
    np.testing.assert_allclose(difference, expected, rtol=1e-6, atol=1e-9)
    assert values(with_it, "infant.cortisol")[50] > 1.01 * values(without, "infant.cortisol")[50]


def test_daily_crying_arouses_the_infant_bout_by_bout() -> None:
    what = ox.DailyCrying(total="8 h", bouts_a_day=20, evening=0.1, spread=0)
    with_it, without = (
        run(*some, cut=all_but("", "infant_arousal"), seed=5) for some in ((what,), ())
    )
    difference = values(with_it, "infant.arousal") - values(without, "infant.arousal")
    t, expected, begins = clock(with_it), 0.0, DYAD.ages()[0] + 600.0
    bouts = (EMPTY + what).realise(begins, begins + 120.0, seed=5).bouts
    for bout in bouts:
        size = dict(bout.levels)["crying"] * INFANT.stress.reactivity
        expected += added(t, size * RELIEF, SOOTHED, bout.start - begins, bout.stop - bout.start)
    assert len(bouts) >= 2
    np.testing.assert_allclose(difference, expected, rtol=1e-6, atol=1e-9)


def test_ambient_stress_loads_the_infant_for_as_long_as_it_lasts() -> None:
    what = given.AmbientStress(1.5)
    with_it, without = (run(*some, cut=all_but("", "infant_arousal")) for some in ((what,), ()))
    difference = values(with_it, "infant.arousal") - values(without, "infant.arousal")
    expected = added(clock(with_it), 1.5 * RELIEF, SOOTHED, 0, 1e9)
    np.testing.assert_allclose(difference, expected, rtol=1e-6, atol=1e-9)


def test_a_stressor_arouses_the_caregiver() -> None:
    what = given.Stressor("30 min", at="10:20", of="caregiver", intensity=1.5)
    with_it, without = (run(*some, cut=all_but("", "caregiver_arousal")) for some in ((what,), ()))
    difference = values(with_it, "mother.arousal") - values(without, "mother.arousal")
    S, slopes = MOTHER.stress, SLOPES.caregiver_arousal
    apart = -REFERENCE.caregiver_slopes[0].usual_contact
    gain = S.oxytocin_gain + S.synchrony_gain * apart * slopes.synchrony
    damped = 2 / (1 + np.exp(gain * apart * slopes.caregiver_oxytocin))
    size = 1.5 * S.reactivity * damped
    expected = added(clock(with_it), size, 1 / MOTHER.stress.arousal_time, 20, 30)
    np.testing.assert_allclose(difference, expected, rtol=1e-6, atol=1e-9)
    assert values(with_it, "mother.cortisol")[50] > 1.01 * values(without, "mother.cortisol")[50]


def test_crying_reaches_a_caregiver_who_is_there_and_nobody_else() -> None:
    crying, away = ox.Crying("30 min", at="10:20"), ox.Absence("10:00", "2 h")
    heard, unheard, quiet = (
        values(run(*some, day=day), "mother.arousal")
        for some, day in (((crying,), EMPTY), ((crying,), Routine((away,))), ((), Routine((away,))))
    )
    assert heard[40] > 1.2 * heard[0]
    np.testing.assert_allclose(unheard, quiet, rtol=1e-8)


def test_of_an_evening_of_crying_a_caregiver_hears_what_falls_into_her_presence() -> None:
    """She is away for the second hour: what she has heard before fades, and nothing is added,
    however much is cried.
    """
    day = Routine((ox.Absence("11:00", "1 h"),))
    crying = ox.DailyCrying(total="8 h", bouts_a_day=20, evening=0.1, spread=0)
    heard, quiet = (run(*some, day=day, seed=5) for some in ((crying,), ()))
    added_arousal = values(heard, "mother.arousal") - values(quiet, "mother.arousal")
    assert (values(heard, "infant.arousal") - values(quiet, "infant.arousal"))[80:].max() > 0.1
    assert added_arousal[60] > 0.02
    fading = added_arousal[60] * np.exp(-np.arange(61.0) / MOTHER.stress.arousal_time)
    np.testing.assert_allclose(added_arousal[60:], fading, rtol=1e-5, atol=1e-9)


I = INFANT.oxytocin  # noqa: E741 - the infant's
INFANT_GAINS = {
    "touch": I.touch,
    "feeding": I.feeding,
    "voice": I.voice,
}
REACHES: dict[str, tuple[Any, str, Callable[[float], float]]] = {
    "massage": (ox.Massage("30 min", at="10:20", intensity=0.7), "touch", lambda e: 0.7),
    "skin": (ox.SkinToSkin("30 min", at="10:20"), "touch", lambda e: 1.0),
    "play": (
        ox.PlaySession("30 min", at="10:20", affection=0.5, stimulation=0.3),
        "touch",
        lambda e: 0.8 * e * tender(),
    ),
    "feed": (given.Breastfeed("30 min", at="10:20"), "feeding", lambda e: 1.0),
    "feeds": (given.Breastfeeding("30 min", at="10:20"), "feeding", lambda e: 1.0),
    "talk": (
        given.AffectionateTalk("30 min", at="10:20", intensity=0.8),
        "voice",
        lambda e: 0.8 * e * tender(),
    ),
    "massage, its talk": (
        ox.Massage("30 min", at="10:20", talk=0.3),
        "voice",
        lambda e: 0.3 * e * tender(),
    ),
    "telephone": (
        given.RemoteVoice("30 min", at="10:20", intensity=0.9),
        "voice",
        lambda e: 0.9 * tender(),
    ),
}


def tender() -> float:
    """How affectionate contact is where the edge from oxytocin is cut and no contact is planned."""
    p, apart = MOTHER.engagement, -REFERENCE.caregiver_slopes[0].usual_contact
    away = apart * SLOPES.affection.caregiver_oxytocin
    return float(p.affection * 2 / (1 + np.exp(-p.affection_oxytocin_gain * away)))


@pytest.mark.parametrize("name", REACHES)
def test_contact_releases_oxytocin_in_the_infant(name: str) -> None:
    what, source, level = REACHES[name]
    result = run(what, cut=[*all_but(source, "infant_oxytocin"), *ENGAGEMENT, STYLE])
    course = values(result, "infant.plasma_oxytocin")
    drive = INFANT_GAINS[source] * level(engaged())
    # of the ceiling, by what the cut sources pass on
    before = (course[0] / I.plasma_basal - 1) / I.maximal_release
    half = I.release_half
    inside = half * before / (1 - before) + drive
    size = I.plasma_basal * I.maximal_release * (inside / (half + inside) - before)
    expected = course[0] + added(clock(result), size, LN2 / I.plasma_half_life, 20, 30)
    np.testing.assert_allclose(course, expected, rtol=1e-7)


SILENT: dict[str, Callable[[], Any]] = {
    "still face": lambda: given.StillFace("30 min", at="10:20", distress=0.0),
    "separation": lambda: given.Separation("30 min", at="10:20", distress=0.0),
    "work": lambda: given.Work("30 min", at="10:20", holding_in_mind=0.0),
}


@pytest.mark.parametrize("name", SILENT)
def test_contact_of_the_day_ends_while_the_face_is_still_or_the_caregiver_is_away(
    name: str,
) -> None:
    """Touch goes on by routine; nothing of it reaches anybody then, and all of it
    does afterwards.
    """
    day = Routine((Touch("10:00", "2 h", intensity=0.8),))
    cut, day_long = run(SILENT[name](), day=day, cut=ENGAGEMENT), run(day=day, cut=ENGAGEMENT)
    t = clock(cut)
    inside = (t >= 20) & (t < 50)
    assert (values(cut, "mother.interaction")[inside] == 0).all()
    assert (values(cut, "mother.interaction")[~inside & (t < 120)] > 0.5).all()
    for who, basal, half in (
        ("mother", O.plasma_basal, O.plasma_half_life),
        ("infant", I.plasma_basal, I.plasma_half_life),
    ):
        course, through = (values(result, f"{who}.plasma_oxytocin") for result in (cut, day_long))
        decay = basal + (course[20] - basal) * np.exp(-LN2 / half * (t[20:51] - 20))
        np.testing.assert_allclose(course[20:51], decay, rtol=1e-7)
        assert course[50] < 0.9 * through[50] and course[-1] == pytest.approx(through[-1], rel=1e-3)


def test_skin_contact_brings_an_absent_caregiver_back() -> None:
    what = ox.SkinToSkin("30 min", at="10:20")
    there, away = (run(what, day=day) for day in (EMPTY, Routine((ox.Absence("10:00", "2 h"),))))
    np.testing.assert_allclose(
        values(away, "mother.plasma_oxytocin"), values(there, "mother.plasma_oxytocin"), rtol=1e-5
    )


def test_missing_receptors_weaken_the_signal_by_their_share() -> None:
    whole = run()
    for of, name in (("caregiver", "mother"), ("infant", "infant")):
        missing = run(given.ReceptorKnockout("all", of=of, remaining=0.3))
        ratio = values(missing, f"{name}.receptor_availability") / values(
            whole, f"{name}.receptor_availability"
        )
        np.testing.assert_allclose(ratio[1:], 0.3, rtol=1e-5)


def test_missing_receptors_of_the_accumbens_take_reward_and_leave_the_rest() -> None:
    feed = given.Breastfeed("30 min", at="10:20")
    whole, missing = run(feed), run(feed, given.ReceptorKnockout("accumbens", remaining=0.0))
    assert values(missing, "mother.reward")[60] < 0.9 * values(whole, "mother.reward")[60]
    np.testing.assert_allclose(
        values(missing, "mother.receptor_availability"),
        values(whole, "mother.receptor_availability"),
        rtol=1e-3,
    )


def test_every_intervention_was_simulated_here() -> None:
    """Stands last: a new intervention without a test of its effect fails here."""
    assert TESTED >= set(given.INTERVENTIONS)
