"""Daily-life noise: an exact Ornstein-Uhlenbeck process, one life a dyad whatever is simulated of
it, in both engines.
"""

from __future__ import annotations

import importlib.util
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.families import Dyad, Family
from oxysim.interventions import (
    DailyLife,
    LifeEvents,
    NasalSpray,
    SkinToSkin,
    parse,
    parse_schedule,
)
from oxysim.model import registry
from oxysim.per_dyad import PerDyad
from oxysim.population import sample
from oxysim.schedule import DailyLifeNoise, Routine, as_schedule
from oxysim.simulation import noise_paths
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.results.provenance_text import provenance
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.simulation.simulate_outcomes import outcomes
from oxysim.sweeps import Study, grid, sweep

COMPILED = pytest.param(
    "compiled",
    marks=pytest.mark.skipif(
        importlib.util.find_spec("numba") is None, reason="needs oxysim[fast]"
    ),
)
ENGINES = ("scipy", COMPILED)
LIFE = DailyLifeNoise(12 * units.MONTH, 3 * units.WEEK)
DAY = Routine.typical()
EPDS = ["caregiver.epds"]
UNMOVED = {"caregiver.depression.vulnerability_at_birth": 0.0}
CUT = [
    name
    for name in registry.edges()
    if name.endswith((" -> depression", " -> mood")) and name != "mood -> depression"
]


def paths(
    n: int = 1,
    seed: int = 0,
    kind: DailyLifeNoise = LIFE,
    caregivers: tuple[str, ...] = ("mother",),
) -> NoisePaths:
    return NoisePaths([kind] * n, [seed] * n, range(n), caregivers)


def lives(n: int, hours: int, **more: Any) -> FloatArray:
    """The first `hours` of n lives, shape (n, width, hours)."""
    return paths(n, **more).between(np.arange(n), [0] * n, hours)


def values(result: Result) -> FloatArray:
    return np.stack([result[name].values for name in result.variables])


# --- the process
# --------------------------------------------------------------------------------------


def test_variance_and_autocorrelation_are_those_of_the_process() -> None:
    """Over dyads at fixed ages, so that the Monte Carlo error is that of independent draws."""
    n, kind = 6000, DailyLifeNoise(40 * units.HOUR, 10 * units.HOUR)
    held = lives(n, 161, kind=kind, seed=11)
    for channel, time in enumerate(kind):
        for first in (0, 3, 60):
            own = held[:, channel, first]
            assert abs(own.mean()) < 4 / np.sqrt(n)
            assert abs(own.var() - 1) < 4 * np.sqrt(2 / n)
            for lag in (1, 5, 20, 100):
                expected = np.exp(-lag * units.HOUR / time)
                error = np.sqrt((1 + expected**2) / n)
                assert abs(np.mean(own * held[:, channel, first + lag]) - expected) < 4 * error, (
                    channel,
                    first,
                    lag,
                )


def test_the_default_times_hold_over_a_life_of_eighteen_months() -> None:
    """The correlation between birth and later ages, at lags of the two default times."""
    n, hours = 1000, np.array([0, 504, 2016, 8766])
    held = lives(n, int(hours[-1]) + 1, seed=5)[:, :, hours]
    for channel, time in enumerate(LIFE):
        found = np.mean(held[:, channel, :1] * held[:, channel, 1:], axis=0)
        expected = np.exp(-hours[1:] * units.HOUR / time)
        assert np.all(np.abs(found - expected) < 4 * np.sqrt(2 / n))


def test_an_hour_follows_the_one_before_by_the_exact_transition() -> None:
    """Increments are independent of what was before, with the exact conditional variance."""
    n, kind = 4000, DailyLifeNoise(5 * units.HOUR, 2 * units.HOUR)
    held = lives(n, 3, kind=kind, seed=2)
    for channel, time in enumerate(kind):
        kept = np.exp(-units.HOUR / time)
        before, rest = held[:, channel, 1], held[:, channel, 2] - kept * held[:, channel, 1]
        assert abs(rest.var() - (1 - kept**2)) < 4 * (1 - kept**2) * np.sqrt(2 / n)
        assert abs(np.corrcoef(before, rest)[0, 1]) < 4 / np.sqrt(n)


def test_channels_caregivers_dyads_and_seeds_are_independent() -> None:
    n, short = 4000, DailyLifeNoise(3 * units.HOUR, 3 * units.HOUR)
    both = lives(n, 2, kind=short, caregivers=("mother", "father"))[:, :, 1]
    other = lives(n, 2, kind=short, seed=1)[:, :, 1]
    table = np.column_stack([both, other, np.roll(both[:, :2], 1, axis=0)])
    found = np.corrcoef(table, rowvar=False)
    assert np.abs(found - np.eye(len(found))).max() < 4.5 / np.sqrt(n)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_path_hangs_on_seed_dyad_caregiver_and_age_alone(data: st.DataObject) -> None:
    """Asked for in any pieces, forward or back, for any dyads at once: the same bits."""
    whole = lives(5, 400, seed=3)
    asked = paths(5, seed=3)
    for _ in range(data.draw(st.integers(1, 6))):
        first = data.draw(st.integers(0, 399))
        count = data.draw(st.integers(1, 400 - first))
        index = np.array(
            data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True))
        )
        found = asked.between(index, [first] * len(index), count)
        np.testing.assert_array_equal(found, whole[index, :, first : first + count])


def test_neither_company_nor_other_caregivers_nor_dyads_without_noise_change_a_path() -> None:
    alone = NoisePaths([LIFE], [7], [42], ("mother",)).between(np.array([0]), [100], 50)[0]
    many = NoisePaths(
        [None, DailyLifeNoise(1e5, 1e3), LIFE], [7, 7, 7], [1, 2, 42], ("father", "mother")
    )
    found = many.between(np.arange(3), [100, 90, 100], 50)
    np.testing.assert_array_equal(found[2, 2:], alone)
    assert not found[0].any() and not np.array_equal(found[1, 2:], alone)


def test_more_dyads_than_are_drawn_at_once_and_different_ages() -> None:
    n = noise_paths.AT_ONCE + 9
    together = lives(n, 30)
    firsts = [i % 4 for i in range(n)]
    found = paths(n).between(np.arange(n), firsts, 20)
    for i, first in enumerate(firsts):
        np.testing.assert_array_equal(found[i], together[i, :, first : first + 20])


def test_eighteen_months_in_weekly_pieces_stay_small_in_memory() -> None:
    n, week, hours = 200, 168, 540 * 24
    asked, index = paths(n), np.arange(n)
    asked.between(index, [0] * n, 1)
    tracemalloc.start()
    try:
        for first in range(0, hours, week):
            last = asked.between(index, [first] * n, week + 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert last.shape == (n, 2, week + 1)
    # a tenth of what holding the whole lives would take
    assert peak < 6 * last.nbytes < 8 * n * 2 * hours / 10


# --- what is simulated
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "events", [(), (LifeEvents(2.0),)], ids=["daily life", "daily life and events"]
)
@pytest.mark.parametrize("engine", ENGINES)
def test_mood_alone_follows_the_closed_form_hour_by_hour(
    engine: str, events: tuple[LifeEvents, ...]
) -> None:
    """With every loop cut, momentary mood follows the mood of the hour and logit(D/30) what is
    left of its set point, life events and mood: two linear equations in a row, solved exactly.
    """
    gains = {
        "caregiver.depression.stress_noise_gain": 0.8,
        "caregiver.mood.noise_gain": 1.1,
    }
    who = Dyad("mother", "30 d", parameters={**UNMOVED, **gains}).repeat(2)
    life = DailyLife(stress_time="1 d", mood_time="6 h")
    options: dict[str, Any] = {"cut": CUT, "engine": engine, "seed": 4}
    names = ["caregiver.depression", "caregiver.mood"]
    found, quiet = (
        simulate(
            who, day, "30 h", save="hourly", start="08:00", solver=Solver(rtol=1e-7),
            variables=names, **options,
        )
        for day in (sum(events, DAY + life), DAY)
    )  # fmt: skip
    inputs = found.inputs("caregiver")
    assert inputs["stress_noise"].dims == ("dyad", "time")
    # against the same day without noise, beside which all else that the edges pass is equal
    off = found[names[1]].values - quiet[names[1]].values
    log_odds = logit(found[names[0]].values / 30) - logit(quiet[names[0]].values / 30)
    lifted, struck = 1.1 * inputs["mood_noise"].values, 0.8 * inputs["stress_noise"].values
    weeks, week, link = (
        who.value(f"caregiver.{name}")
        for name in ("depression.time_constant", "mood.time_constant", "depression.mood_gain")
    )

    # what is left of either after an hour
    kept, fading = np.exp(-1 / (24 * weeks)), np.exp(-1 / (24 * week))
    mood = expected = np.zeros((2, 1))
    for hour in range(len(found.time) - 1):
        away = mood[:, -1:] - lifted[:, hour, None]
        target = struck[:, hour, None] - link * lifted[:, hour, None]
        falls = target + (expected[:, -1:] - target) * kept
        falls -= link * away * week / (week - weeks) * (fading - kept)
        expected = np.hstack([expected, falls])
        mood = np.hstack([mood, lifted[:, hour, None] + away * fading])
    np.testing.assert_allclose(off, mood, rtol=0, atol=1e-6)
    np.testing.assert_allclose(log_odds, expected, rtol=0, atol=1e-6)
    assert min(np.ptp(expected), np.ptp(mood)) > 0.05


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs oxysim[fast]")
@pytest.mark.parametrize("jitter", [None, "10 min"])
def test_the_engines_agree(jitter: str | None) -> None:
    who = Dyad(infant_age="20 d").repeat(9)
    day = (
        Routine.typical(jitter=jitter)
        + SkinToSkin("60 min", at="11:20")
        + DailyLife(mood_time="2 d")
    )
    options: dict[str, Any] = {"save": "90 min", "seed": 3, "start": "09:10"}
    reference = simulate(who, day, "5 h", engine="scipy", solver=Solver(rtol=1e-7), **options)
    own = simulate(who, day, "5 h", engine="compiled", solver=Solver(rtol=1e-6), **options)
    size = np.maximum(np.abs(values(reference)).max(axis=-1, keepdims=True), 0.05)
    assert np.max(np.abs(values(own) - values(reference)) / size) < 1e-5
    np.testing.assert_array_equal(
        own.inputs("caregiver")["mood_noise"], reference.inputs("caregiver")["mood_noise"]
    )


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs oxysim[fast]")
def test_compiled_bits_are_the_same_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also beside dyads without noise, in groups of a few dyads and in one thread."""
    from oxysim.simulation.compiled import compiled_engine

    n = 19
    who = sample(n, seed=2, infant_age="3 d")
    days = [
        DAY + DailyLife(mood_time="1 d") if i % 3 else DAY + SkinToSkin("1 h", at="10:00")
        for i in range(n)
    ]
    options: dict[str, Any] = {"engine": "compiled", "save": "2 h", "seed": 9}
    together = values(simulate(who, days, "26 h", **options))
    alone = simulate(who.take(np.array([3])), days[3], "26 h", **options)
    np.testing.assert_array_equal(values(alone), together[:, 3:4])
    monkeypatch.setattr(compiled_engine, "threads", lambda: 1)
    monkeypatch.setattr(compiled_engine, "LARGEST_NOISE", 8 * 2 * 28 * 3)
    order = np.random.default_rng(0).permutation(n)
    shuffled = simulate(who.take(order), [days[i] for i in order], "26 h", **options)
    np.testing.assert_array_equal(values(shuffled), together[:, order])


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs oxysim[fast]")
def test_groups_hold_no_more_noise_than_is_allowed() -> None:
    from oxysim.simulation.compiled import compiled_engine

    n = 700
    plan = as_schedule(DAY).realise(0.0, 540 * units.DAY)
    groups = compiled_engine._groups(
        np.arange(n), PerDyad.shared(plan, n), paths(n), PerDyad.shared(np.empty(0), n)
    )
    np.testing.assert_array_equal(np.concatenate(groups), np.arange(n))
    assert len(groups) > 1
    assert max(len(group) for group in groups) * 8 * 2 * 540 * 24 <= compiled_engine.LARGEST_NOISE


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_moves_while_noise_is_off_or_not_felt(engine: str) -> None:
    options: dict[str, Any] = {"engine": engine, "save": "3 h", "variables": EPDS}
    who = Dyad(infant_age="30 d").repeat(2)
    off = simulate(who, DAY, "12 h", **options)
    assert "stress_noise" not in off.inputs("caregiver")
    np.testing.assert_array_equal(off[EPDS[0]][0], off[EPDS[0]][1])
    gains = {"caregiver.depression.stress_noise_gain": 0.0, "caregiver.mood.noise_gain": 0.0}
    unfelt = simulate(who.with_parameters(gains), DAY + DailyLife(), "12 h", **options)
    np.testing.assert_allclose(unfelt[EPDS[0]], off[EPDS[0]], rtol=1e-6)
    felt = simulate(who, DAY + DailyLife(), "12 h", **options)[EPDS[0]]
    assert np.abs(felt[0] - felt[1]).max() > 1e-3


def test_two_windows_see_one_life() -> None:
    who = Dyad("mother", "0 d").repeat(2)
    life = DailyLife(mood_time="1 d")
    options: dict[str, Any] = {"save": "hourly", "variables": EPDS, "seed": 6}
    whole = simulate(who, life, "60 h", start="00:00", **options).inputs("caregiver")
    later = simulate(who.replace(infant_age="1 d"), life, "36 h", start="00:00", **options).inputs(
        "caregiver"
    )
    for name in ("stress_noise", "mood_noise"):
        np.testing.assert_array_equal(later[name].values[:, :-1], whole[name].values[:, 24:60])
    other_arm = simulate(
        who, DAY + SkinToSkin("1 h", at="10:20") + life, "5 h", start="07:40", **options
    )
    np.testing.assert_array_equal(
        other_arm.inputs("caregiver")["mood_noise"].values[:, 1:5],
        whole["mood_noise"].values[:, 8:12],
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_is_cut_in_pieces_keeps_its_life(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = Dyad(infant_age="10 d").repeat(3)
    day = Routine.typical(jitter="5 min") + DailyLife(mood_time="1 d")

    def course() -> FloatArray:
        found = outcomes(who, day, "6 h", ["caregiver.epds: every 50 min"], engine=engine)
        return np.asarray(found["caregiver.epds: every 50 min"].values)

    whole = course()
    monkeypatch.setattr("oxysim.simulation.run.CHUNK_TIMES", 2)
    np.testing.assert_allclose(course(), whole, rtol=3e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_caregiver_of_a_family_has_a_life(engine: str) -> None:
    who = Family(("mother", "father"), infant_age="30 d").repeat(2)
    day = Routine.household(("mother", "father"))
    options: dict[str, Any] = {"engine": engine, "save": "4 h", "variables": EPDS, "seed": 1}
    life, off = (
        simulate(who, day + DailyLife(), "12 h", **options),
        simulate(who, day, "12 h", **options),
    )
    lived = [life.inputs(person)["stress_noise"].values for person in ("mother", "father")]
    assert not np.any(lived[0] == lived[1])
    for person in ("mother", "father"):
        assert np.abs(life[f"{person}.epds"] - off[f"{person}.epds"]).values[:, -1].min() > 1e-4
    mother = simulate(Dyad(infant_age="30 d").repeat(2), DailyLife(), "12 h", **options)
    np.testing.assert_array_equal(mother.inputs("mother")["stress_noise"].values, lived[0])


def test_the_start_and_the_usual_day_know_no_noise() -> None:
    who = Dyad(infant_age="40 d").repeat(2)
    day = DAY + DailyLife(stress_time="1 d", mood_time="1 d")
    noisy = simulate(who, day, "1 h", save=["0 min"])
    np.testing.assert_array_equal(values(noisy), values(simulate(who, DAY, "1 h", save=["0 min"])))
    visit = simulate(who, DailyLife(), "1 h", usual_day=DAY, save=["0 min"])
    states = [name for name in noisy.variables if name in registry_states()]
    for name in states:
        np.testing.assert_array_equal(visit[name], noisy[name])


def registry_states() -> set[str]:
    own = {f"mother.{name}" for name in registry.states("caregiver")}
    return own | {f"infant.{name}" for name in registry.states("infant")}


def test_a_sweep_has_the_same_life_in_every_run_and_says_so() -> None:
    study = Study(
        Dyad(infant_age="20 d").repeat(3), "6 h", grid({"spray.dose": ["8 IU", "24 IU"]}),
        outcomes=["caregiver.epds: final"],
        interventions={"life": DailyLife(), "spray": NasalSpray("8 IU", at="10:00")}, seed=2,
    )  # fmt: skip
    swept = sweep(study, workers=1)["caregiver.epds: final"].values
    direct = [
        outcomes(
            study.who,
            DAY + NasalSpray(dose, at="10:00") + DailyLife(),
            "6 h",
            ["caregiver.epds: final"],
            seed=2,
        )
        for dose in ("8 IU", "24 IU")
    ]
    expected = np.stack([one["caregiver.epds: final"].values for one in direct])
    np.testing.assert_allclose(swept, expected, rtol=1e-6)
    other = Study(
        study.who,
        "6 h",
        study.design,
        outcomes=study.outcomes,
        seed=2,
        interventions={
            "life": DailyLife(mood_time="4 weeks"),
            "spray": NasalSpray("8 IU", at="10:00"),
        },
    )
    assert study.identity()["interventions"] != other.identity()["interventions"]


# --- how it is said
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (DailyLife(), "daily-life noise"),
        (DailyLife(stress_time="10 months"), "daily-life noise with life events of 10 months"),
        (DailyLife(mood_time="35 d"), "daily-life noise with moods of 35 d"),
        (
            DailyLife(stress_time="1 year", mood_time="2 weeks"),
            "daily-life noise with life events of 1 year with moods of 2 weeks",
        ),
    ],
)
def test_its_sentence_reads_back(item: DailyLife, text: str) -> None:
    assert item.text() == text and parse(text) == item
    schedule = DAY + item + NasalSpray("24 IU", at="10:00")
    assert parse_schedule(schedule.text()) == schedule
    assert schedule.noise == item.noise and schedule.describe().count("Daily-life noise") == 1


def test_it_is_said_in_either_order_and_joined_by_and() -> None:
    found = parse("Daily-life noise with moods of 4 d and life events of 10 months")
    assert (
        found
        == DailyLife(stress_time="10 months")
        == parse("daily-life noise, life events of 10 mo")
    )


def test_it_adds_to_a_day_in_any_order_and_settles_its_spelling() -> None:
    life, spray = DailyLife(mood_time="2 wk"), NasalSpray("24 IU", at="10:00")
    assert life == DailyLife(mood_time="2 weeks") and hash(life) == hash(
        DailyLife(mood_time="2 weeks")
    )
    for schedule in (DAY + life + spray, DAY + spray + life, life + DAY + spray):
        assert schedule.noise == DailyLifeNoise(12 * units.MONTH, 2 * units.WEEK)
        plan = schedule.realise(480.0, 1920.0)
        np.testing.assert_array_equal(plan.edges, (DAY + spray).realise(480.0, 1920.0).edges)
    assert (DAY + spray).noise is None


def test_provenance_names_it_and_a_saved_result_keeps_it(tmp_path: Any) -> None:
    found = simulate(Dyad(infant_age="9 d"), DAY + DailyLife(), "2 h", variables=EPDS)
    assert "life events (remembered for 12 months) and moods (4 d)" in provenance(found)
    loaded = Result.load(found.save(tmp_path / "life.nc"))
    assert loaded.provenance["daily_life"] == found.provenance["daily_life"] != []
    np.testing.assert_array_equal(
        loaded.inputs("mother")["mood_noise"], found.inputs("mother")["mood_noise"]
    )
    off = simulate(Dyad(infant_age="9 d"), DAY, "2 h", variables=EPDS)
    assert "Daily-life noise: none." in provenance(off) and off.provenance["daily_life"] == []


BAD: list[tuple[dict[str, Any], type[OxysimError], str]] = [
    ({"mood_time": "3"}, UnitError, "mood_time: expected a number with a unit of time"),
    ({"mood_time": 3}, UnitError, "mood_time: expected a time with its unit"),
    ({"mood_time": "0 d"}, UnitError, "mood_time: expected a positive length of time; found '0 d'"),
    ({"stress_time": "-3 months"}, UnitError, "stress_time: expected a positive length of time"),
    ({"stress_time": "24 IU"}, UnitError, "'IU' is not a unit of time"),
    ({"mood_time": "30 min"}, ScheduleError, "mood_time: expected at least 1 h"),
    ({"start": "day 3"}, ScheduleError, "leave out start"),
    ({"stop": "day 3", "by": "father"}, ScheduleError, "leave out stop, by"),
    ({"at": "10:00"}, ScheduleError, "leave out at"),
    ({"repeat": "daily"}, ScheduleError, "leave out repeat"),
]


@pytest.mark.parametrize(("options", "kind", "message"), BAD, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_refused(
    options: dict[str, Any], kind: type[OxysimError], message: str
) -> None:
    with pytest.raises(kind) as refused:
        DailyLife(**options)
    assert message in str(refused.value) and "daily-life noise" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["daily-life noise by father", "daily-life noise from day 3", "daily-life noise for 3 d"],
)
def test_sentences_that_limit_it_are_refused(text: str) -> None:
    with pytest.raises(UnknownNameError, match="clause"):
        parse(text)


def test_one_daily_life_is_enough() -> None:
    with pytest.raises(
        ScheduleError, match="a dyad has one daily life; found daily-life noise 2 times"
    ):
        DAY + DailyLife() + DailyLife(mood_time="4 weeks")
    with pytest.raises(ScheduleError, match="one daily life"):
        (DAY + DailyLife()) + (Routine.empty() + DailyLife())
    with pytest.raises(ScheduleError, match="one daily life"):
        Study(
            Dyad(),
            "1 d",
            outcomes=["caregiver.epds: final"],
            interventions={"a": DailyLife(), "b": DailyLife()},
        )


def test_more_numbers_than_are_kept_are_refused_with_the_noise_counted() -> None:
    who = Dyad(infant_age="3 d").repeat(2000)
    with pytest.raises(InputError, match="the result would take") as refused:
        simulate(who, DAY + DailyLife(), "80 d", save="1 min", variables=EPDS)
    assert "3 values" not in str(refused.value) and "x 6000 values" in str(refused.value)
