"""From courses to verdicts: where a life rests, what its shift comes from, does it pass?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.evidence.lives.courses import FamilyDay, Setting, daily_epds
from oxysim.evidence.lives.life import Life
from oxysim.schedule import Schedule

BOUND = 2.5
"""EPDS points that an everyday life may rest from the reference unless its load is the cause: about
half the standard deviation of a community (4.7, C1c).
"""
HURT = 0.05
"""EPDS points by which a day is to be worse for a change of the day to hurt at all: five times the
error of a course.
"""
PASSED = 0.5
"""EPDS points from the reference within which a shift has passed, however small it was at first."""
AT_WEEKS = (1, 2, 4, 8, 24)
"""The weeks whose mean EPDS is shown."""

_FIRST_DAYS = 28  # in which a change of the day is to hurt most


class Courses:
    """The daily EPDS of lives and of the same lives without single inputs, simulated together.

    >>> from oxysim.evidence.lives.everyday import everyday_lives
    >>> reference = everyday_lives()[0]
    >>> courses = Courses([reference], Setting())
    >>> courses.of(reference, reference.schedule)["mother"].shape
    (168,)
    """

    def __init__(self, lives: Iterable[Life], setting: Setting) -> None:
        family_days: list[FamilyDay] = []
        for life in lives:
            days = (life.schedule, life.unburdened, *life.without.values())
            # the same day in the same family is simulated once
            family_days += [FamilyDay(life.caregivers, day) for day in days]
        unique = list(dict.fromkeys(family_days))
        self._courses = dict(zip(unique, daily_epds(unique, setting), strict=True))

    def of(self, life: Life, day: Schedule) -> dict[str, FloatArray]:
        """Caregiver -> daily means of the EPDS, shape (168,), on a day of that life's family."""
        return self._courses[FamilyDay(life.caregivers, day)]


class Shift(NamedTuple):
    """Where one caregiver of a life rests, EPDS points from the reference.

    ``largest`` is that of the day in the first four weeks on which it was largest, signed.

    >>> Shift(np.zeros(168), np.zeros(168)).rest
    0.0
    """

    epds: FloatArray
    reference: FloatArray

    @property
    def rest(self) -> float:
        """The shift of the mean over the last week shown."""
        return week_mean(self.epds - self.reference, AT_WEEKS[-1])

    @property
    def largest(self) -> float:
        """The largest shift of a day in the first four weeks, with its sign."""
        first: FloatArray = (self.epds - self.reference)[:_FIRST_DAYS]
        return float(first[np.abs(first).argmax()])

    @property
    def worst(self) -> float:
        """The shift of the worst day in the first four weeks."""
        return float((self.epds - self.reference)[:_FIRST_DAYS].max())


def week_mean(daily: FloatArray, week: int) -> float:
    """The mean over a week, the first of which is week 1.

    >>> week_mean(np.arange(14.0), 2)
    10.0
    """
    return float(daily[7 * (week - 1) : 7 * week].mean())


def life_row(life: Life, caregiver: str, courses: Courses, usual: FloatArray) -> dict[str, Any]:
    """A row of the table of lives.

    >>> from oxysim.evidence.lives.everyday import everyday_lives
    >>> reference, bottle = everyday_lives()[:2]
    >>> courses = Courses([reference, bottle], Setting())
    >>> usual = courses.of(reference, reference.schedule)["mother"]
    >>> life_row(reference, "mother", courses, usual)["shift"]
    0.0
    """
    shift = Shift(courses.of(life, life.schedule)[caregiver], usual)
    row: dict[str, Any] = {"life": life.title, "caregiver": caregiver}
    row |= {f"week_{week}": week_mean(shift.epds, week) for week in AT_WEEKS}
    within = abs(shift.rest) <= BOUND
    row |= {"shift": shift.rest, "largest_shift": shift.largest, "within": within}

    cause, without_it = ("", np.nan) if within else _cause(life, caregiver, courses, usual)
    row |= {"cause": cause, "shift_without_cause": without_it}
    holds, why = _verdict(life, caregiver, courses, usual, cause) if not within else (True, "")
    return row | {"holds": holds, "why": why}


def input_rows(
    life: Life, caregiver: str, courses: Courses, usual: FloatArray
) -> list[dict[str, Any]]:
    """The rows of the table of inputs: the same life without each of its inputs.

    >>> from oxysim.evidence.lives.everyday import everyday_lives
    >>> reference, bottle = everyday_lives()[:2]
    >>> courses = Courses([reference, bottle], Setting())
    >>> usual = courses.of(reference, reference.schedule)["mother"]
    >>> input_rows(bottle, "mother", courses, usual)[0]["shift_without"]
    0.0
    """
    whole = Shift(courses.of(life, life.schedule)[caregiver], usual).rest
    return [
        {
            "life": life.title,
            "caregiver": caregiver,
            "input": label,
            "is_load": label in life.loads,
            "shift": whole,
            "shift_without": without,
            "due_to_it": whole - without,
        }
        for label, without in _without(life, caregiver, courses, usual).items()
    ]


def change_row(life: Life, caregiver: str, courses: Courses, usual: FloatArray) -> dict[str, Any]:
    """A row of the table of days that change: hurt at first, then over it?

    >>> from oxysim.evidence.lives.everyday import everyday_lives
    >>> reference, bottle = everyday_lives()[:2]
    >>> courses = Courses([reference, bottle], Setting())
    >>> usual = courses.of(reference, reference.schedule)["mother"]
    >>> change_row(reference, "mother", courses, usual)["hurt"]
    False
    """
    shift = Shift(courses.of(life, life.schedule)[caregiver], usual)
    hurt = shift.worst >= HURT
    # it may over-adapt a little, but not end as far away as it was at its worst
    adapts = abs(shift.rest) < max(shift.worst, PASSED)
    why = "" if hurt else f"no day of the first four weeks is worse by {HURT:g}"
    if hurt and not adapts:
        why = f"{shift.worst:+.2f} in the first four weeks, {shift.rest:+.2f} in the last"
    return {
        "life": life.title,
        "caregiver": caregiver,
        "worst_shift": shift.worst,
        "shift": shift.rest,
        "hurt": hurt,
        "adapts": adapts,
        "holds": hurt and adapts,
        "why": why,
    }


def _without(
    life: Life, caregiver: str, courses: Courses, usual: FloatArray
) -> Mapping[str, float]:
    """Input -> where the same life rests without it."""
    return {
        label: Shift(courses.of(life, day)[caregiver], usual).rest
        for label, day in life.without.items()
    }


def _cause(life: Life, caregiver: str, courses: Courses, usual: FloatArray) -> tuple[str, float]:
    """The input without which the life rests nearest to the reference, and where."""
    whole = abs(Shift(courses.of(life, life.schedule)[caregiver], usual).rest)
    # an input that does not matter to this caregiver is no cause
    nearer = {
        label: rest
        for label, rest in _without(life, caregiver, courses, usual).items()
        if abs(rest) < whole - HURT
    }
    if not nearer:
        return "the day itself", float("nan")
    cause = min(nearer, key=lambda label: abs(nearer[label]))
    return cause, nearer[cause]


def _verdict(
    life: Life, caregiver: str, courses: Courses, usual: FloatArray, cause: str
) -> tuple[bool, str]:
    """Whether a life that rests outside of the bound passes, and why."""
    if cause not in life.loads:
        return False, f"{cause} is no load"
    shift = Shift(courses.of(life, life.schedule)[caregiver], usual).rest
    if shift < 0:
        return False, f"a load that lowers the EPDS by {-shift:.2f}"
    # several loads of one life are taken away together: one of them may hide the other
    unburdened = Shift(courses.of(life, life.unburdened)[caregiver], usual).rest
    if abs(unburdened) > BOUND:
        return False, f"without its loads it rests {unburdened:+.2f} from the reference"
    return True, f"the load: {cause}; without loads {unburdened:+.2f}"
