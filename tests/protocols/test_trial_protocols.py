"""Protocols 2, 4, 5, 6 and 15: designs, invariances, refusals; directions at the published size in
the long tests.

No figure of the model is repeated here; agreement is judged by the rules of
``trials.reporting.table_of_effects``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oxysim.errors import InputError, ScheduleError, UnitError
from oxysim.families import Dyad, Family
from oxysim.findings.published import target
from oxysim.interventions import Massage
from oxysim.population import Population
from oxysim.protocols import (
    PROTOCOLS,
    ProtocolReport,
    daily_skin_to_skin,
    enrolment,
    infant_massage,
    mind_mindedness_coaching,
    psychological_treatment,
    spray_mind_mindedness,
)
from oxysim.schedule import Routine
from oxysim.simulation.simulate import simulate
from oxysim.trials.plan.adherence import Adherence

Protocol = Callable[..., ProtocolReport]
AGES: dict[Protocol, str] = {
    infant_massage: "2 weeks",
    mind_mindedness_coaching: "6 months",
    psychological_treatment: "8 weeks",
    daily_skin_to_skin: "2 d",
    spray_mind_mindedness: "5 months",
}
ARMS: dict[Protocol, tuple[str, ...]] = {
    infant_massage: ("usual care", "massage"),
    mind_mindedness_coaching: ("usual care", "coaching"),
    psychological_treatment: ("usual care", "treatment"),
    daily_skin_to_skin: ("usual care", "skin-to-skin"),
    spray_mind_mindedness: ("placebo, then oxytocin", "oxytocin, then placebo"),
}
ANSWERED: dict[Protocol, tuple[str, str]] = {
    infant_massage: ("C6", "down"),
    mind_mindedness_coaching: ("C10", "up"),
    psychological_treatment: ("C5", "down"),
    spray_mind_mindedness: ("H2", "none"),
}
# beside it, claims without a figure
CLAIMED: dict[Protocol, list[list[str]]] = {
    mind_mindedness_coaching: [["E25", "up"], ["E26", "up"]],
}
PUBLISHED = {2: 62, 5: 120, 6: 152}
EVERY = list(AGES)


def _name(protocol: Protocol) -> str:
    return protocol.__name__


def _mothers(protocol: Protocol, n: int = 12) -> Family:
    return Population.named("community").sample(n, seed=3, infant_age=AGES[protocol])


@pytest.fixture(scope="module", params=EVERY, ids=_name)
def small(request: pytest.FixtureRequest) -> tuple[Protocol, ProtocolReport]:
    return request.param, request.param(mothers=_mothers(request.param), n=10, replications=8)


def test_each_is_listed_by_its_number() -> None:
    assert [PROTOCOLS[number] for number in (2, 4, 5, 6, 15)] == [
        spray_mind_mindedness,
        daily_skin_to_skin,
        infant_massage,
        mind_mindedness_coaching,
        psychological_treatment,
    ]


@pytest.mark.parametrize("number", PUBLISHED)
def test_the_default_is_the_published_number_of_participants(number: int) -> None:
    default = inspect.signature(PROTOCOLS[number]).parameters["n"].default
    assert default == PUBLISHED[number]
    ids = [name for protocol, (name, _) in ANSWERED.items() if protocol is PROTOCOLS[number]]
    assert [target(name).n for name in ids] == [default]


def test_a_study_holds_arms_readings_and_the_finding_that_it_answers(
    small: tuple[Protocol, ProtocolReport],
) -> None:
    protocol, study = small
    assert tuple(study.arms) == ARMS[protocol]
    assert all(values.shape == (8, 10) for values in study.readings.values())
    marked = study.effects[study.effects["target"] != ""]
    if protocol in ANSWERED:
        answered = [list(ANSWERED[protocol]), *CLAIMED.get(protocol, ())]
        assert marked[["target", "expected"]].values.tolist() == answered
        assert study.effects.index[0] == marked.index[0]
    else:
        assert len(marked) == 0
    assert (study.effects["n"] <= 10).all()


def test_its_report_says_what_was_assumed(small: tuple[Protocol, ProtocolReport]) -> None:
    protocol, study = small
    text = study.report()
    assert "assumed" in text
    assert "8 trials of n = 10, drawn from a pool of 12" in text
    if protocol in ANSWERED:
        assert target(ANSWERED[protocol][0]).source in text


def test_more_replications_change_no_reading(small: tuple[Protocol, ProtocolReport]) -> None:
    protocol, study = small
    more = protocol(mothers=_mothers(protocol), n=11, replications=9)
    for name, values in study.readings.items():
        assert np.array_equal(more.readings[name][:8, :10], values, equal_nan=True), name


def test_readings_of_each_arm_are_those_of_its_own_participants(
    small: tuple[Protocol, ProtocolReport],
) -> None:
    protocol, study = small
    if protocol is spray_mind_mindedness:
        return
    first, second = (
        study.readings[f"{study.effects['outcome'].iloc[0]} | {arm}"] for arm in ARMS[protocol]
    )
    assert (np.isnan(first) ^ np.isnan(second)).all()
    assert (np.isfinite(first).sum(axis=1) == 5).all()


def test_skin_to_skin_says_how_much_of_it_was_attended() -> None:
    few = daily_skin_to_skin(
        mothers=_mothers(daily_skin_to_skin),
        n=10,
        replications=2,
        lasts="1 week",
        visits=["1 week"],
        adherence=Adherence(missed=0.5),
    )
    attended = float(few.design["sessions"].split()[0])
    assert few.design["sessions"].startswith(f"{attended:.1f} of 7 attended, 0.0 of them")
    assert 2 < attended < 5


def test_candidates_enter_by_the_criteria(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class People:
        name, fingerprint = "stub", "0" * 64

        def select(self, n: int, criteria: Any, **options: Any) -> Any:
            asked.update(options, n=n, wanted=criteria)
            raise InputError("asked")

    monkeypatch.setattr(enrolment.Population, "named", lambda _: People())
    with pytest.raises(InputError, match="asked"):
        psychological_treatment(pool=130, seed=4)
    assert (asked["n"], tuple(asked["wanted"]), asked["at"], asked["seed"]) == (
        130,
        ("epds >= 13",),
        "8 weeks",
        4,
    )


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    *[
        (
            lambda p=p: p(pool=8, n=10),
            InputError,
            "the pool holds 8 participants, fewer than the 10",
        )
        for p in EVERY
    ],
    *[
        (lambda p=p: p(n=1), InputError, "n: expected a whole number of at least 2; found 1")
        for p in EVERY
    ],
    *[
        (lambda p=p: p(mothers=Dyad("father"), n=2), InputError, "mother and her infant")
        for p in EVERY
    ],
    *[
        (
            lambda p=p: p(mothers=_mothers(p), population=Population.named("community")),
            InputError,
            "one of the two",
        )
        for p in EVERY
    ],
    (
        lambda: infant_massage(mothers=_mothers(infant_massage), n=10, minutes="15"),
        UnitError,
        "minutes",
    ),
    (
        lambda: infant_massage(mothers=_mothers(infant_massage), n=10, minutes="30 h"),
        ScheduleError,
        "overlap",
    ),
    (
        lambda: psychological_treatment(mothers=_mothers(infant_massage), n=10, sessions=0),
        ScheduleError,
        "session",
    ),
    (
        lambda: daily_skin_to_skin(mothers=_mothers(infant_massage), n=10, visits=[]),
        InputError,
        "visits",
    ),
    (lambda: spray_mind_mindedness(delay="7 h"), InputError, "at most 6 h"),
    (
        lambda: spray_mind_mindedness(dose="24", mothers=_mothers(infant_massage), n=10),
        UnitError,
        "dose",
    ),
    (
        lambda: spray_mind_mindedness(dose="900 IU", mothers=_mothers(infant_massage), n=10),
        ScheduleError,
        "100 IU",
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "says"), WRONG)
def test_designs_that_cannot_be_are_refused(
    wrong: Callable[[], Any], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        wrong()


def test_massage_lowers_the_burden_of_the_same_mothers_without_any_noise() -> None:
    """The effect is real and a tenth of the published one (C6 fails on the scoreboard), too small
    for the sign of a study of 120 to be known.
    """
    mothers = Population.named("community").sample(24, seed=3, infant_age="2 weeks")
    twice = Massage("15 min", at=["10:00", "16:00"])
    ends = [
        simulate(mothers, day, "6 weeks", save="1 week")["caregiver.epds"].values[..., -1]
        for day in (Routine.typical(), Routine.typical() + twice)
    ]
    difference = ends[1] - ends[0]
    assert difference.mean() < 0
    assert (difference < 0).mean() > 0.8


@pytest.mark.long
@pytest.mark.parametrize("protocol", [p for p in ANSWERED if p is not infant_massage], ids=_name)
def test_the_published_direction_is_found_at_the_published_size(protocol: Protocol) -> None:
    study = protocol(replications=100)
    name, expected = ANSWERED[protocol]
    row = study.effects[study.effects["target"] == name].iloc[0]
    if expected == "none":
        assert row["agrees"] == "yes"
    else:
        assert (row["dz"] > 0) == (expected == "up")
        found, opposite = ("share_up", "share_down")[:: 1 if expected == "up" else -1]
        # ten times what chance finds that way, and the other way no more than that; how large the
        # effect is the scoreboard judges by the finding's own rule
        assert row[found] > 10 * 0.025 and row[opposite] <= 0.025
