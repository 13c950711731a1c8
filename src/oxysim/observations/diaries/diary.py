"""A diary of feeds, sleep, crying and contact in one tidy form, and the schedules that it tells."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from oxysim.checks import choice, instance, refused, texts, whole_number
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, unknown_name
from oxysim.observations.diaries.diary_entries import REFUSE, DiaryEntry
from oxysim.observations.diaries.entry_kinds import KINDS, require_kind
from oxysim.observations.diaries.entry_overlaps import overlapping
from oxysim.observations.diaries.recorded_days import (
    day_of,
    entries_within,
    filled_in,
    joined_over_midnight,
    parts_of,
    typical_entries,
)
from oxysim.observations.reading_report import ReadingReport
from oxysim.schedule.bouts import LATEST
from oxysim.schedule.options import INFANT, WEEKDAYS
from oxysim.schedule.routine import Routine
from oxysim.schedule.schedule import Schedule
from oxysim.texts import Described, html_table, listed
from oxysim.units import DAY, clock_text

COLUMNS = ("line", "day", "clock", "kind", "by", "start", "stop", "minutes", "amount_ml")
"""The columns of a diary's table; `Diary` says what they hold."""

GAPS = (REFUSE, "empty", "typical")

_LAST_DAY = int(LATEST // DAY)
# the first and the last day of a diary are rarely whole; of so few days all are taken
_FEWEST_WHOLE = 4


@dataclass(frozen=True, eq=False, repr=False)
class Diary(Described):
    """What parents wrote down, entry by entry, and what became of the file's rows.

    Attributes
    ----------
    entries : every entry, in the order of time.
    report : what the reader kept, changed and dropped.
    name : for titles and records.
    born : the date of birth, where it is known.

    ``diary.table`` has one row an entry: "line" (of the file), "day" (1 = day of birth) and "clock"
    ("HH:MM") of the start, "kind", "by" (a caregiver's name, or "infant"), "start" and "stop"
    (minutes since 00:00 on the day of birth), "minutes" and "amount_ml" (NaN where none is
    written).

    >>> entries = (DiaryEntry(2, "sleep", "infant", 600.0, 30.0),)
    >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 1, 1), "diary")
    >>> diary.table[["day", "clock", "minutes"]].values.tolist()
    [[1, '10:00', 30.0]]
    """

    entries: tuple[DiaryEntry, ...]
    report: ReadingReport
    name: str
    born: datetime.date | None = None

    def __post_init__(self) -> None:
        checked_name(self.name, "name")
        instance(self.report, "report", ReadingReport, "a ReadingReport")
        is_date = isinstance(self.born, datetime.date)
        if self.born is not None and (not is_date or isinstance(self.born, datetime.datetime)):
            raise refused(self.born, "born", "a date, or None")
        ordered = sorted(_checked(self.entries), key=lambda entry: (entry.start, entry.line))
        object.__setattr__(self, "entries", tuple(ordered))

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def table(self) -> pd.DataFrame:
        """The entries as a table, one row each."""
        rows = [
            (
                entry.line,
                day_of(entry.start),
                clock_text(entry.start % DAY),
                entry.kind,
                entry.by,
                entry.start,
                entry.stop,
                entry.minutes,
                np.nan if entry.amount_ml is None else entry.amount_ml,
            )
            for entry in self.entries
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"amount_ml": float})

    def to_pandas(self) -> pd.DataFrame:
        """The same as `table`.

        >>> Diary((), ReadingReport("empty.csv", "diary", 0, 0), "empty").to_pandas().shape
        (0, 9)
        """
        return self.table

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of entries that occur, in the order of time."""
        return tuple(dict.fromkeys(entry.kind for entry in self.entries))

    @property
    def caregivers(self) -> tuple[str, ...]:
        """The caregivers that occur, in the order of time."""
        names = dict.fromkeys(entry.by for entry in self.entries)
        return tuple(name for name in names if name != INFANT)

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day on which an entry begins (1 = day of birth).

        Raises
        ------
        InputError : nothing is written in the diary.
        """
        if not self.entries:
            raise InputError(what=self.name, expected="a diary with entries", found="none")
        return day_of(self.entries[0].start), day_of(self.entries[-1].start)

    @property
    def gaps(self) -> tuple[int, ...]:
        """The days between the first and the last on which no entry begins."""
        first, last = self.days
        written = {day_of(entry.start) for entry in self.entries}
        return tuple(day for day in range(first, last + 1) if day not in written)

    def of(self, kinds: str | Sequence[str]) -> Diary:
        """The entries of one kind alone, or of several.

        Raises
        ------
        UnknownNameError : no such kind, or none of it in the diary.

        >>> entries = (DiaryEntry(2, "sleep", "infant", 600.0, 30.0),)
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 1, 1), "diary")
        >>> len(diary.of("sleep"))
        1
        """
        named = texts(kinds, "kinds", of="kinds", least=1)
        chosen = [require_kind(kind, "kinds") for kind in named]
        for kind in chosen:
            if kind not in self.kinds:
                raise unknown_name("kind of entry", kind, self.kinds, f"in {self.name}")
        return replace(self, entries=tuple(e for e in self.entries if e.kind in chosen))

    def between(self, first_day: int, last_day: int) -> Diary:
        """The entries that begin on the days from `first_day` to `last_day` (1 = day of birth).

        >>> entries = (DiaryEntry(2, "sleep", "infant", 600.0, 30.0),)
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 1, 1), "diary")
        >>> len(diary.between(2, 30))
        0
        """
        first = whole_number(first_day, "first_day", 1, _LAST_DAY)
        last = whole_number(last_day, "last_day", first, _LAST_DAY)
        inside = (entry for entry in self.entries if first <= day_of(entry.start) <= last)
        return replace(self, entries=tuple(inside))

    def overlaps(self) -> pd.DataFrame:
        """Every two entries that overlap, one pair a row, with their lines.

        Columns: "line", "kind", "by" of the second; "first_line", "first_kind", "first_by" of the
        one that began before; "minutes"; "contradiction", whether they cannot both be true (two
        sleeps of one infant; sleep and play). Fed while asleep is no contradiction.

        >>> first = DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
        >>> entries = (first, replace(first, line=3, start=610.0))
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 2, 2), "diary")
        >>> diary.overlaps()[["line", "first_line", "minutes"]].values.tolist()
        [[3.0, 2.0, 20.0]]
        """
        rows = [
            (
                *(second.line, second.kind, second.by),
                *(first.line, first.kind, first.by),
                *(overlap.minutes, overlap.contradiction),
            )
            for overlap in overlapping(self.entries)
            for first, second in [(overlap.first, overlap.second)]
        ]
        second = ["line", "kind", "by"]
        columns = [*second, *(f"first_{name}" for name in second), "minutes", "contradiction"]
        return pd.DataFrame(rows, columns=columns)

    def daily_totals(self) -> pd.DataFrame:
        """Each day's entries of each kind: how many begin, how many minutes lie in the day.

        Columns: "day" (1 = day of birth), "kind", "entries", "minutes", "amount_ml". What passes
        midnight counts on both days with its minutes, and once with its beginning and its amount.
        Overlapping entries count twice.

        >>> entries = (DiaryEntry(2, "sleep", "infant", 1380.0, 120.0),)
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 1, 1), "diary")
        >>> diary.daily_totals()[["day", "entries", "minutes"]].values.tolist()
        [[1.0, 1.0, 60.0], [2.0, 0.0, 60.0]]
        """
        totals: dict[tuple[int, str], list[float]] = {}
        for entry in self.entries:
            begins = day_of(entry.start)
            for day in range(begins, day_of(entry.stop) + 1):
                within = entries_within([entry], day)
                if not within:
                    continue
                total = totals.setdefault((day, entry.kind), [0, 0.0, 0.0])
                total[0] += day == begins
                total[1] += within[0].minutes or 0.0
                total[2] += (entry.amount_ml or 0.0) * (day == begins)
        rows = [(*key, *total) for key, total in sorted(totals.items())]
        columns = ["day", "kind", "entries", "minutes", "amount_ml"]
        return pd.DataFrame(rows, columns=columns)

    def routine(self, *, gaps: str = REFUSE) -> Routine:
        """The diary as it was, day by day; before its first day and after its last nothing happens.

        Parameters
        ----------
        gaps : what to do with days on which nothing is written: "refuse", "empty" (nothing
            happened) or "typical" (as on the `typical_day`).

        Raises
        ------
        InputError : a day without entries; kinds that no routine holds, such as crying.
        ScheduleError : entries that contradict each other and were kept.

        >>> entries = (DiaryEntry(2, "sleep", "infant", 600.0, 30.0),)
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 1, 1), "diary")
        >>> diary.routine().describe()
        'Infant sleep for 30 min at 10:00 every day from day 1 until day 2.'
        """
        outside = [kind for kind in self.kinds if not KINDS[kind].in_routine]
        if outside:
            raise InputError(
                what=self.name,
                expected="kinds of entries that a routine holds",
                found=listed(outside),
                remedy="schedule() has them as interventions; of(...) chooses kinds",
            )
        return self.schedule(gaps=gaps).routine

    def schedule(self, *, gaps: str = REFUSE) -> Schedule:
        """The diary as it was, day by day: the routine, with crying, skin-to-skin and massage.

        An intervention of one day is refused by a simulation that does not reach it: choose the
        days with `between`. `gaps` as for `routine`.

        >>> entries = (DiaryEntry(2, "crying", "infant", 600.0, 30.0),)
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 1, 1), "diary")
        >>> print(diary.schedule().interventions[0].text())
        crying 30 min at 10:00 on day 1
        """
        choice(gaps, "gaps", GAPS)
        empty = self.gaps if gaps != "empty" else ()
        if empty and gaps == REFUSE:
            raise InputError(
                what=self.name,
                expected="entries on every day between the first and the last",
                found=f"none on day {listed(empty, 6)}",
                remedy="say gaps='typical' to fill such days in as the typical day, or 'empty' if"
                " nothing happened",
                key=("gaps",),
            )
        filled = filled_in(self.entries, self._typical(), empty) if empty else self.entries
        activities, interventions = parts_of(filled)
        return Schedule(Routine(activities, self._born_on), interventions)

    def typical_day(self) -> Schedule:
        """One day that stands for the diary, repeated daily: the day nearest to all others.

        It is a day as it was, from midnight to midnight, whichever differs least from the others in
        when and how long everything happened (`recorded_days` has the distance). The first and the
        last day, which are rarely whole, and days without entries are not asked. Of a stretch of
        ages: ``diary.between(1, 30).typical_day()``.

        >>> entries = tuple(DiaryEntry(n, "sleep", "infant", 1440.0 * n, 90.0) for n in range(3))
        >>> diary = Diary(entries, ReadingReport("diary.csv", "diary", 3, 3), "diary")
        >>> diary.typical_day().routine.describe()
        'Infant sleep for 90 min at 00:00 every day.'
        """
        activities, interventions = parts_of(joined_over_midnight(self._typical()), daily=True)
        return Schedule(Routine(activities, self._born_on), interventions)

    def _typical(self) -> list[DiaryEntry]:
        first, last = self.days
        days = [day for day in range(first, last + 1) if day not in self.gaps]
        whole = days[1:-1] if len(days) >= _FEWEST_WHOLE else days
        return typical_entries(self.entries, whole)

    @property
    def _born_on(self) -> str:
        # a routine's own default, where the diary knows no date
        return "Monday" if self.born is None else WEEKDAYS[self.born.weekday()]

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """How many entries of which kind, on which days, by whom."""
        if not self.entries:
            return "Diary", [("", self.name), ("", "nothing is written in it")]
        first, last = self.days
        by_kind = ((kind, sum(e.kind == kind for e in self.entries)) for kind in self.kinds)
        pairs: list[tuple[str, object]] = [
            ("", self.name),
            ("", f"{len(self)} {'entry' if len(self) == 1 else 'entries'}"),
            ("of", listed((f"{kind} ({count})" for kind, count in by_kind), 12)),
            ("from", f"day {first} to day {last}"),
        ]
        if self.caregivers:
            pairs.append(("by", listed(self.caregivers)))
        if self.born is not None:
            pairs.append(("born on", self.born.isoformat()))
        return "Diary", pairs

    def _repr_html_(self) -> str:
        rows = self.table.astype(object).to_numpy().tolist()
        return html_table(rows, list(COLUMNS), caption=self.name)


def _checked(entries: Any) -> tuple[DiaryEntry, ...]:
    """The entries; raises unless each has a length, without which it is on no schedule."""
    if not isinstance(entries, tuple | list):
        raise refused(entries, "entries", "a list of DiaryEntry")
    for number, entry in enumerate(entries, start=1):
        where = f"entries, entry {number}"
        instance(entry, where, DiaryEntry, "a DiaryEntry")
        if not entry.minutes:
            raise refused(entry.text(), where, "an entry with a length", as_text=True)
    return tuple(entries)
