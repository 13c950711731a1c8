"""The text form of a routine: a sentence for each activity, or one for a whole typical day."""

from __future__ import annotations

from collections.abc import Iterator

from oxysim.errors import ScheduleError
from oxysim.schedule.activities import Absence, Activity, Feed, Play, Sleep, Talk, Together, Touch
from oxysim.schedule.options import AGE, CLOCKS, LAST_DAY, TIME, WEEKDAY
from oxysim.schedule.routine import Routine
from oxysim.schedule.text.clauses import write_sentence
from oxysim.schedule.text.values import quoted_name
from oxysim.schedule.typical import STAGES, typical_activities
from oxysim.schedule.wording import (
    EMPTY_DAY,
    MINUTES,
    Clause,
    Form,
    Keyed,
    On,
    Words,
    closed,
    number_clauses,
    reserved,
)


def _form(noun: str, *clauses: Clause) -> Form:
    return Form((noun,), MINUTES, clauses)


_FEEDING = {"breast-fed": "breast", "bottle-fed": "bottle"}
_SLEEPER = {"of the infant": "infant", "of the caregiver": "caregiver"}

FORMS: dict[type[Activity], Form] = {
    Feed: _form(
        "feed",
        Words("mode", _FEEDING, always=True),
        *number_clauses("intensity", "touch", "gaze"),
    ),
    Sleep: _form("sleep", Words("of", _SLEEPER, always=True)),
    Play: _form("play", *number_clauses("affection", "stimulation", "talk", "gaze")),
    Touch: _form("touch", *number_clauses("intensity", "gaze")),
    Talk: _form("talk", *number_clauses("intensity", "gaze")),
    Absence: _form("absence", *number_clauses("distress", "holding_in_mind")),
    Together: _form("together", *number_clauses("intensity")),
}
"""How each activity is said."""

# every activity may have these, whatever else it is
_WHEN: tuple[Clause, ...] = (
    Keyed("at", ("at",), CLOCKS),
    On(day=False),
    Keyed("from_age", ("from",), AGE),
    Keyed("until_age", ("to", "until"), LAST_DAY),
    Keyed("jitter", ("jitter",), TIME),
)

_ROLES = {"of a mother": "mother", "of a father": "father", "of another caregiver": "other"}
# written only where it differs from the role's usual
_CARE = {"with infant care": True, "without infant care": False}

TYPICAL = Form(
    ("typical day",),
    None,
    (
        Words("role", _ROLES),
        Words("feeding", _FEEDING),
        Words("infant_care", _CARE),
        Keyed("jitter", ("jitter",), TIME),
    ),
)
"""How the typical day of a role is said; its options are those of `Routine.typical`."""

TYPICAL_CLAUSES = closed(TYPICAL.clauses)
_RESERVED = reserved(TYPICAL.clauses)

BORN = Form(("born",), None, (Keyed("born_on", ("on",), WEEKDAY),))
"""How the weekday of birth is said."""

EMPTY = Form((EMPTY_DAY,))
"""How a routine is said in which nothing happens."""


def activity_clauses(kind: type[Activity]) -> tuple[Clause, ...]:
    """Every clause that may stand in an activity's sentence, in the order of writing.

    >>> [clause.openers[0] for clause in activity_clauses(Touch)][:2]
    ['intensity', 'gaze']
    """
    return closed((*FORMS[kind].clauses, *_WHEN))


def routine_sentences(routine: Routine) -> list[str]:
    """A sentence for each typical day and for each other activity, and one for the day of birth.

    The day of birth is left out where it is a Monday.

    Raises
    ------
    ScheduleError : an activity that has no text form.

    >>> routine_sentences(Routine((Feed("07:00", "20 min"),), born_on="Friday"))
    ['born on Friday', 'feed 20 min breast-fed at 07:00']
    """
    born = [] if routine.born_on == "Monday" else [f"born on {routine.born_on}"]
    return born + list(_sentences(routine.activities))


def _sentences(activities: tuple[Activity, ...]) -> Iterator[str]:
    position = 0
    # a whole typical day where one begins here, else one activity
    while position < len(activities):
        typical = _typical_day(activities[position:])
        if typical is not None:
            sentence, n_activities = typical
            yield sentence
            position += n_activities
            continue

        activity = activities[position]
        kind = type(activity)
        if kind not in FORMS:
            raise ScheduleError(
                f"{activity.label}: an activity of type {kind.__name__} has no text form"
            )
        yield write_sentence(activity, FORMS[kind], activity_clauses(kind))
        position += 1


def _typical_day(activities: tuple[Activity, ...]) -> tuple[str, int] | None:
    """The sentence of the typical day that the activities begin with, and how many of them it
    covers.

    None where they begin with no typical day.
    """
    first = activities[0]
    # it begins with the first stage, whose activities all end with it
    if first.until_age != f"{STAGES[1]} d":
        return None

    # every typical day begins with feeds, play or an absence, and what jitters in it jitters alike
    jitter = next((item.jitter for item in activities[:2] if item.jitter is not None), None)
    # few enough days to try each: nothing in an activity says which day it came from
    for of_role, role in _ROLES.items():
        # only a mother's day depends on it
        for feeding in ("breast", "bottle") if role == "mother" else ("breast",):
            for care in (role == "mother", role != "mother"):
                day = typical_activities(role, feeding, jitter, first.by, infant_care=care)
                if activities[: len(day)] != day:
                    continue
                words = ["typical day", of_role]
                if feeding == "bottle":
                    words.append("bottle-fed")
                if care != (role == "mother"):
                    words.append("with infant care" if care else "without infant care")
                if jitter is not None:
                    words.append(f"jitter {jitter}")
                if first.by != "caregiver":
                    words.append(f"by {quoted_name(first.by, _RESERVED)}")
                return " ".join(words), len(day)
    return None
