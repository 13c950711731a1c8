"""The routine: the activities of the day, as a user writes them down."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import ScheduleError, shown
from oxysim.model.inputs import implausible_levels
from oxysim.model.value_ranges import Implausible
from oxysim.schedule.activities import Activity, Writes
from oxysim.schedule.bouts import Bouts, Window
from oxysim.schedule.jitter import limits, shifts
from oxysim.schedule.options import WEEKDAYS, weekday_number
from oxysim.schedule.planned_bouts import Draws, draws_of, planned_bouts, require_awake
from oxysim.schedule.typical import typical_activities
from oxysim.streams import stream
from oxysim.texts import Described, html_table, listed
from oxysim.units import DAY

# A bout lasts up to a day and moves by up to half a day, and its limits look at neighbours up to a
# day further: days outside the window on which something may still matter within it.
_MARGIN = 4


@dataclass(frozen=True)
class Routine(Described):
    """The activities of the day, and the weekday of birth on which weekdays hang.

    Routines add up (`Routine + Routine` joins their activities); adding an intervention gives a
    `Schedule`.

    Raises
    ------
    ScheduleError : a sleep and a waking play or talk of the same member overlap, as written (before
    jitter).

    >>> from oxysim import Feed
    >>> Routine((Feed(("07:00", "11:00"), "20 min"),)).describe()
    'Breastfeed (caregiver) for 20 min at 07:00, 11:00 every day.'
    """

    activities: tuple[Activity, ...] = ()
    born_on: str = "Monday"

    def __post_init__(self) -> None:
        # one activity without a tuple is a common slip, and its meaning is plain
        single = isinstance(self.activities, Activity)
        listed: Any = (self.activities,) if single else self.activities
        if isinstance(listed, str | Mapping | range) or not isinstance(listed, Iterable):
            raise ScheduleError(
                f"routine: expected activities such as Feed or Play; found {shown(listed)}"
            )
        activities = tuple(listed)
        object.__setattr__(self, "activities", activities)
        for activity in activities:
            if not isinstance(activity, Activity):
                raise ScheduleError(
                    f"routine: expected activities such as Feed or Play; found {shown(activity)}"
                )
        checks.name(self.born_on, "born_on")
        object.__setattr__(self, "born_on", WEEKDAYS[weekday_number(self.born_on, "born_on")])
        require_awake(activities)

    @staticmethod
    def empty() -> Routine:
        """A routine in which nothing happens.

        >>> Routine.empty().activities
        ()
        """
        return Routine()

    @staticmethod
    def typical(
        role: Literal["mother", "father", "other"] = "mother",
        feeding: Literal["breast", "bottle"] = "breast",
        jitter: Any = None,
        *,
        by: str = "caregiver",
        infant_care: bool | None = None,
        born_on: str = "Monday",
    ) -> Routine:
        """A typical day, which changes with the infant's age in four stages (`STAGES`).

        Parameters
        ----------
        role : "mother" is the primary caregiver; "father" and "other" are away in working hours.
        feeding : how the infant is fed, where this routine brings the feeds.
        jitter : standard deviation of the shift of each waking activity (``"10 min"``), or None.
        by : the caregiver's name in the family.
        infant_care : whether the routine brings the infant's feeds and sleep (default: for the
            mother only). A father with infant care stays at home and bottle-feeds.

        Raises
        ------
        UnknownNameError : no such role or way of feeding.

        >>> Routine.typical("father", jitter="10 min").has_jitter
        True
        """
        options = (role, feeding, jitter, by, infant_care, born_on)
        # a typical day never changes: it is made once for each way of asking for it in texts alone
        if all(isinstance(option, str | bool | None) for option in options):
            return _kept_typical_routine(*options)
        return _typical_routine(*options)

    @staticmethod
    def household(
        caregivers: Sequence[Any] = ("mother",), jitter: Any = None, *, born_on: str = "Monday"
    ) -> Routine:
        """The typical day of a family: the first caregiver is there all day, others come and go.

        Parameters
        ----------
        caregivers : the caregivers' names, which are their roles ("mother", "father", "other").
        jitter : standard deviation of the shift of each waking activity, or None.

        >>> sorted({activity.by for activity in Routine.household(("mother", "father")).activities})
        ['father', 'mother']
        """
        named: tuple[Any, ...] = checks.sequence(
            caregivers, "caregivers", checks.name, of="names such as ('mother', 'father')"
        )
        # the first is at home and brings the infant's feeds and sleep, which stand once
        first, *further = named
        day = Routine.typical(first, jitter=jitter, by=first, infant_care=True, born_on=born_on)
        for name in further:
            day = day + Routine.typical(
                name, jitter=jitter, by=name, infant_care=False, born_on=born_on
            )
        return day

    def __add__(self, addend: object) -> Routine:
        if not isinstance(addend, Routine):
            return no_sum(addend)
        # an empty routine says nothing of the birth: a sum may begin with one
        if self.born_on != addend.born_on and self.activities and addend.activities:
            raise ScheduleError(
                f"routines of one infant born on two weekdays: {self.born_on} and {addend.born_on}"
            )
        born_on = self.born_on if self.activities else addend.born_on
        return replace(self, activities=self.activities + addend.activities, born_on=born_on)

    def __radd__(self, addend: object) -> Any:
        return no_sum(addend)

    def __hash__(self) -> int:
        return self._hash

    @functools.cached_property
    def _hash(self) -> int:
        # made once: the table of planned days below is asked with it for every dyad
        return hash((self.activities, self.born_on))

    @functools.cached_property
    def has_jitter(self) -> bool:
        """Whether any activity shifts at random, so that dyads have days of their own."""
        return any(activity.spread > 0 for activity in self.activities)

    def without_jitter(self) -> Routine:
        """The same routine as written, with the jitter of every activity taken out.

        >>> Routine.typical(jitter="10 min").without_jitter() == Routine.typical()
        True
        """
        if not self.has_jitter:
            return self
        unjittered = tuple(replace(activity, jitter=None) for activity in self.activities)
        return replace(self, activities=unjittered)

    @property
    def birth_weekday(self) -> int:
        """The weekday of birth (0 = Monday)."""
        return WEEKDAYS.index(self.born_on)

    @functools.cached_property
    def _caregivers(self) -> dict[str, str]:
        """Every caregiver that it names, with the label of the first activity that does."""
        named: dict[str, str] = {}
        for activity in self.activities:
            named.setdefault(activity.by, activity.label)
        return named

    @functools.cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """The levels that it writes which are legal but implausible.

        >>> Routine.typical().implausible
        ()
        """
        return tuple(
            odd
            for activity in self.activities
            for member, levels in activity.writes
            for odd in implausible_levels(activity.label, member, levels)
        )

    def bouts(self, window: Window) -> list[Bouts]:
        """Every bout that may reach into the window, one entry for each activity and member.

        >>> from oxysim import Feed
        >>> bouts = Routine((Feed("07:00", "20 min"),)).bouts(Window(0.0, 1440.0))
        >>> [(entry.label, entry.member) for entry in bouts]
        [('breastfeed', 'mother'), ('breastfeed', 'infant')]
        """
        checks.instance(window, "window", Window, "a Window")
        # an activity that has no bout in these days may not name a stranger either
        for name, label in self._caregivers.items():
            window.member(name, label)

        first, last = int(window.start // DAY) - _MARGIN, int(window.stop // DAY) + _MARGIN
        planned = _planned(self, first, last, window.born_on)
        all_starts = planned.jittered(window) if self.has_jitter else planned.starts
        members = {name: window.member(name, label) for name, label in planned.reached.items()}

        bouts = []
        for writing in planned.writing:
            starts = all_starts[writing.positions]
            stops = starts + writing.length
            for name, levels in writing.writes:
                bouts.append(Bouts(writing.label, "routine", members[name], starts, stops, levels))
        return bouts

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many activities, which, for whom; the sentence of each stands in ``describe()``."""
        if not self.activities:
            return "Routine", [("", "nothing happens")]
        labels = Counter(activity.label for activity in self.activities)
        counts = (f"{label} ({number})" for label, number in labels.items())
        pairs: list[tuple[str, object]] = [
            ("", f"{len(self.activities)} lines"),
            ("of", listed(counts, 12)),
            ("by", listed(dict.fromkeys(activity.by for activity in self.activities))),
        ]
        ages = {activity.from_age for activity in self.activities}
        ages |= {activity.until_age for activity in self.activities}
        # None alone: no activity begins or ends at an age
        if len(ages) > 1:
            pairs.append(("changing", "with the infant's age"))
        if self.born_on != "Monday":
            pairs.append(("born on", f"a {self.born_on}"))
        return "Routine", pairs

    def _repr_html_(self) -> str:
        sentences = [activity.describe() for activity in self.activities] or ["Nothing happens."]
        return html_table([(sentence,) for sentence in sentences], caption="Routine")

    def describe(self) -> str:
        """One English sentence for each activity."""
        return (
            "\n".join(activity.describe() for activity in self.activities)
            or "Nothing happens by routine."
        )


def _typical_routine(
    role: Any, feeding: Any, jitter: Any, by: Any, infant_care: Any, born_on: Any
) -> Routine:
    checks.name(role, "role")
    care = role == "mother" if infant_care is None else checks.flag(infant_care, "infant_care")
    return Routine(typical_activities(role, feeding, jitter, by, infant_care=care), born_on)


_kept_typical_routine = functools.lru_cache(maxsize=64)(_typical_routine)


def no_sum(addend: object) -> Any:
    """The answer of ``+`` to what is no part of a day: `NotImplemented`, so that Python asks the
    other object.

    Raises
    ------
    ScheduleError : a text, a number, a list or None, which know nothing of schedules.

    >>> no_sum(object())
    NotImplemented
    """
    # anything else may know how to add itself, as an intervention does
    if addend is None or isinstance(addend, str | bytes | int | float | list | tuple | dict):
        read = "; a text is read by oxysim.interventions.parse" if isinstance(addend, str) else ""
        start = "; give sum() a start: sum(parts, start=Routine.empty())" if addend == 0 else ""
        raise ScheduleError(
            "+: expected a routine, an intervention or a schedule; found"
            f" {shown(addend)}{read}{start}"
        )
    return NotImplemented


class _Writing(NamedTuple):
    """What an activity writes for `length` minutes from each of its starts, which stand at
    `positions` among all.
    """

    label: str
    length: float
    writes: Writes
    positions: slice


class _Planned(NamedTuple):
    """Every occurrence of a routine on some days before any shift: the same for every dyad.

    `starts` (n,) holds those of the activities one after the other; `back` and `forward` are the
    limits of their shifts.
    """

    writing: tuple[_Writing, ...]
    starts: FloatArray
    spread: FloatArray
    back: FloatArray
    forward: FloatArray
    draws: tuple[Draws, ...]

    @property
    def reached(self) -> dict[str, str]:
        """Every member to whom something is written, with the label of one that does."""
        return {name: writing.label for writing in self.writing for name, _ in writing.writes}

    def jittered(self, window: Window) -> FloatArray:
        """The starts after the shift."""
        # the middle of the distribution: no shift for what does not jitter
        uniform = np.full(len(self.starts), 0.5)
        for draws in self.draws:
            generator = stream(window.seed, window.dyad, draws.purpose)
            # drawn from birth on, so that another window meets the same draws
            from_birth = generator.random(int(draws.draws.max()) + 1)
            uniform[draws.occurrences] = from_birth[draws.draws]
        return self.starts + shifts(self.back, self.forward, self.spread, uniform)


@functools.lru_cache(maxsize=64)
def _planned(routine: Routine, first: int, last: int, born_on: int) -> _Planned:
    """The occurrences of a routine on the days from `first` to before `last` (0 = day of birth)."""
    days = np.arange(first, last)
    all_pairs = [
        (activity, planned_bouts(activity, days, born_on)) for activity in routine.activities
    ]
    # an activity of another age has no occurrence on these days
    pairs = [(activity, planned) for activity, planned in all_pairs if len(planned.starts)]
    counts = np.array([len(planned.starts) for _, planned in pairs], dtype=np.int64)
    # one long array of all occurrences, so that the limits and shifts of all are taken at once
    ends = np.cumsum([0, *counts]).tolist()
    positions = tuple(slice(low, high) for low, high in zip(ends[:-1], ends[1:], strict=True))

    writing = tuple(
        _Writing(activity.label, activity.length, activity.writes, position)
        for (activity, _), position in zip(pairs, positions, strict=True)
    )

    starts = np.concatenate([np.empty(0), *[planned.starts for _, planned in pairs]])
    lengths = np.repeat(np.array([item.length for item in writing], float), counts)
    spread = np.repeat(np.array([activity.spread for activity, _ in pairs], float), counts)
    back, forward = limits(starts, starts + lengths) if routine.has_jitter else (spread, spread)

    draws: list[Draws] = []
    for (activity, planned), position in zip(pairs, positions, strict=True):
        draws += draws_of(activity, planned, position.start)
    return _Planned(writing, starts, spread, back, forward, tuple(draws))
