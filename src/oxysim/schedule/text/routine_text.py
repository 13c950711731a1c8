"""The text form of a routine: a sentence for each activity, or one for a whole typical day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oxysim.errors import ScheduleError
from oxysim.schedule.activities import Absence, Activity, Feed, Play, Sleep, Talk, Together, Touch
from oxysim.schedule.routine import Routine
from oxysim.schedule.text.clauses import (
    MINUTES,
    Clause,
    Form,
    Keyed,
    On,
    Words,
    closed,
    number_clauses,
    reserved,
    write_sentence,
)
from oxysim.schedule.text.values import AGE, CLOCKS, TIME, WEEKDAY, Value, quoted_name
from oxysim.schedule.typical import STAGES, typical_activities

EMPTY_DAY = "empty day"
"""The sentence of a routine in which nothing happens."""


def _before(day: str) -> str:
    """The age before which, from the last day on which: "day 35" -> "day 36"."""
    return f"day {int(day[4:]) + 1}" if day.startswith("day ") else day


def _last(day: str) -> str:
    return f"day {int(day[4:]) - 1}" if day.startswith("day ") else f"{day} of age"


def _settle_until(value: Any, what: str) -> Any:
    # nothing happens before birth: there is no last day to name
    settled = AGE.settle(value, what)
    return "0 d" if settled == "day 1" else settled


_UNTIL = Value(lambda reader: _before(AGE.read(reader)), _last, _settle_until, "day 35")


def _form(noun: str, *clauses: Clause) -> Form:
    return Form((noun,), MINUTES, clauses)


_FED = Words("mode", {"breast-fed": "breast", "bottle-fed": "bottle"}, always=True)
_WHO_SLEEPS = Words("of", {"of the infant": "infant", "of the caregiver": "caregiver"}, always=True)
FORMS: dict[type[Activity], Form] = {
    Feed: _form("feed", _FED, *number_clauses("intensity", "touch", "gaze")),
    Sleep: _form("sleep", _WHO_SLEEPS),
    Play: _form("play", *number_clauses("affection", "stimulation", "talk", "gaze")),
    Touch: _form("touch", *number_clauses("intensity", "gaze")),
    Talk: _form("talk", *number_clauses("intensity", "gaze")),
    Absence: _form("absence", *number_clauses("distress", "holding_in_mind")),
    Together: _form("together", *number_clauses("intensity")),
}
"""How each activity is said."""

_WHEN: tuple[Clause, ...] = (
    Keyed("at", ("at",), CLOCKS), On(day=False), Keyed("from_age", ("from",), AGE),
    Keyed("until_age", ("to", "until"), _UNTIL), Keyed("jitter", ("jitter",), TIME),
)  # fmt: skip

_ROLES = {"of a mother": "mother", "of a father": "father", "of another caregiver": "other"}
_CARE = {"with infant care": True, "without infant care": False}
TYPICAL = Form(
    ("typical day",),
    None,
    (
        Words("role", _ROLES), Words("feeding", {"breast-fed": "breast", "bottle-fed": "bottle"}),
        Words("infant_care", _CARE), Keyed("jitter", ("jitter",), TIME),
    ),
)  # fmt: skip
"""How the typical day of a role is said; its options are those of `Routine.typical`."""

BORN = Form(("born",), None, (Keyed("born_on", ("on",), WEEKDAY),))
"""How the weekday of birth is said."""

EMPTY = Form((EMPTY_DAY,))


def activity_clauses(kind: type[Activity]) -> tuple[Clause, ...]:
    """Every clause that may stand in an activity's sentence, in the order in which they are
    written.
    """
    return closed((*FORMS[kind].clauses, *_WHEN))


def routine_sentences(routine: Routine) -> list[str]:
    """A sentence for each typical day and for each other activity of a routine, and one for a birth
    not on a Monday.

    Raises
    ------
    ScheduleError : an activity that has no text form.
    """
    born = [] if routine.born_on == "Monday" else [f"born on {routine.born_on}"]
    return born + list(_sentences(routine.activities))


def _sentences(activities: tuple[Activity, ...]) -> Iterator[str]:
    place = 0
    while place < len(activities):
        said = _typical_day(activities[place:])
        if said is None:
            one = activities[place]
            if type(one) not in FORMS:
                raise ScheduleError(
                    f"{one.label}: an activity of type {type(one).__name__} has no text form"
                )
            yield write_sentence(one, FORMS[type(one)], activity_clauses(type(one)))
            place += 1
        else:
            sentence, length = said
            yield sentence
            place += length


def _typical_day(activities: tuple[Activity, ...]) -> tuple[str, int] | None:
    """The sentence of the typical day with which the activities begin, and how many of them it
    holds.
    """
    first = activities[0]
    if first.until_age != f"{STAGES[1]} d":
        return None  # it begins with the first stage, whose activities all end with it
    # every typical day begins with feeds, play or an absence, and what jitters in it jitters alike
    jitter = next((one.jitter for one in activities[:2] if one.jitter is not None), None)
    for of_role, role in _ROLES.items():
        for feeding in ("breast", "bottle") if role == "mother" else ("breast",):
            for care in (role == "mother", role != "mother"):
                day = typical_activities(role, feeding, jitter, first.by, infant_care=care)
                if activities[: len(day)] == day:
                    words = ["typical day", of_role]
                    words += ["bottle-fed"] if feeding == "bottle" else []
                    words += (
                        []
                        if care == (role == "mother")
                        else [next(w for w in _CARE if _CARE[w] == care)]
                    )
                    words += [] if jitter is None else [f"jitter {jitter}"]
                    words += (
                        []
                        if first.by == "caregiver"
                        else [f"by {quoted_name(first.by, _RESERVED)}"]
                    )
                    return " ".join(words), len(day)
    return None


TYPICAL_CLAUSES = closed(TYPICAL.clauses)
_RESERVED = reserved(TYPICAL.clauses)
