"""Entries of a diary: doubled ones, and those that have no end."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from oxysim import units
from oxysim.checks import choice, number, whole_number
from oxysim.errors import InputError, ScheduleError, shown
from oxysim.observations.diaries.entry_kinds import KINDS, require_kind
from oxysim.observations.reading_report import ReportedChange
from oxysim.schedule.bouts import LATEST
from oxysim.schedule.options import caregiver_name, length, moment_text
from oxysim.units import DAY

REFUSE = "refuse"
DOUBLED = (REFUSE, "drop", "keep")
LENGTHS = (REFUSE, "clocks", "minutes")
MISSING_ENDS = (REFUSE, "drop", "instant", "usual")

INSTANT = 1.0
"""How long something without an end lasts where it is taken as an instant, in minutes: no clock in
a diary is finer.
"""

# a median of fewer says little of what is usual
_FEWEST_FOR_USUAL = 3


@dataclass(frozen=True)
class DiaryEntry:
    """One entry: what, by whom, from when and for how long.

    Attributes
    ----------
    line : its line in the file.
    kind : one of `KINDS`.
    by : the caregiver's name; "infant" where nobody else has a part in it.
    start : minutes since 00:00 on the day of birth.
    minutes : how long it lasts; None where the file does not say.
    amount_ml : what was drunk, in mL; None where the file does not say.

    Raises
    ------
    UnknownNameError, InputError : no such kind, or a number that cannot be.

    >>> DiaryEntry(2, "sleep", "infant", 600.0, 30.0).stop
    630.0
    """

    line: int
    kind: str
    by: str
    start: float
    minutes: float | None
    amount_ml: float | None = None

    def __post_init__(self) -> None:
        whole_number(self.line, "line", 0)
        object.__setattr__(self, "kind", require_kind(self.kind, "kind"))
        caregiver_name(self.by, "diary entry")
        number(self.start, "start", 0.0, LATEST)
        for label in ("minutes", "amount_ml"):
            if getattr(self, label) is not None:
                number(getattr(self, label), label, 0.0, LATEST)

    @property
    def stop(self) -> float:
        """When it ends; at its start where no end is known."""
        return self.start + (self.minutes or 0.0)

    def text(self) -> str:
        """What and when, for messages.

        >>> DiaryEntry(2, "sleep", "infant", 600.0, 30.0).text()
        'sleep from day 1 10:00 to day 1 10:30'
        """
        end = f" to {moment_text(self.stop)}" if self.minutes is not None else " without an end"
        return f"{self.kind} from {moment_text(self.start)}{end}"


@dataclass
class SortedOut:
    """Entries while they are sorted out: what is left, and what a report says of it.

    >>> SortedOut([], "diary.csv").drops
    []
    """

    entries: list[DiaryEntry]
    name: str
    changes: list[ReportedChange] = field(default_factory=list)
    drops: list[ReportedChange] = field(default_factory=list)

    def change(self, entry: DiaryEntry, why: str, beside: DiaryEntry | None = None) -> None:
        """Report that an entry reads otherwise than it is written, because of another perhaps."""
        self.changes.append(ReportedChange(entry.line, _with_line(entry, beside), why))

    def drop(self, entry: DiaryEntry, why: str, beside: DiaryEntry | None = None) -> None:
        """Report that an entry is left out."""
        self.drops.append(ReportedChange(entry.line, _with_line(entry, beside), why))


def _with_line(entry: DiaryEntry, beside: DiaryEntry | None) -> str:
    """An entry, and the line of another; the reason beside it is the same for all such entries."""
    return entry.text() + ("" if beside is None else f" (beside line {beside.line})")


class DecisionByKind:
    """What to do in some case, for each kind of entry: one word for all, or a mapping of kinds.

    A kind that a mapping does not name is refused.

    >>> decision = DecisionByKind({"sleep": "drop"}, "missing_end", MISSING_ENDS)
    >>> decision["sleep"], decision["bottle"]
    ('drop', 'refuse')
    """

    def __init__(self, value: Any, label: str, words: Sequence[str], *, or_length: bool = False):
        self._label, self._words, self._or_length = label, tuple(words), or_length
        by_kind = value if isinstance(value, Mapping) else dict.fromkeys(KINDS, value)
        self._of = {
            require_kind(kind, label): self._checked(word) for kind, word in by_kind.items()
        }

    def __getitem__(self, kind: str) -> Any:
        return self._of.get(kind, REFUSE)

    def _checked(self, word: Any) -> Any:
        """A word, or a length of time in minutes."""
        if self._or_length and isinstance(word, str) and word not in self._words:
            # what begins with a figure is meant as a length
            if word.strip()[:1].isdigit():
                minutes = length(word, self._label)
                if minutes > DAY:
                    raise ScheduleError(f"{self._label}: at most 24 h; found {shown(word)}")
                return minutes
        return choice(word, self._label, self._words)


def sort_out_doubled(rows: SortedOut, doubled: str) -> None:
    """Refuse, drop or keep entries that stand twice: alike in kind, person, start and length.

    Raises
    ------
    InputError : one stands twice, and nothing says what to do.

    >>> twice = [DiaryEntry(line, "sleep", "infant", 600.0, 30.0) for line in (2, 3)]
    >>> rows = SortedOut(twice, "diary.csv")
    >>> sort_out_doubled(rows, "drop")
    >>> len(rows.entries), rows.drops[0].why
    (1, 'stands twice; the first is kept')
    """
    first: dict[tuple[Any, ...], DiaryEntry] = {}
    kept_entries = []
    for entry in rows.entries:
        before = first.setdefault((entry.kind, entry.by, entry.start, entry.minutes), entry)
        if before is entry:
            kept_entries.append(entry)
            continue
        if doubled == REFUSE:
            raise InputError(
                what=f"{rows.name}, line {entry.line}",
                expected="entries that stand once",
                found=f"{entry.text()}, as on line {before.line}",
                remedy="say doubled='drop' to leave the second out, or 'keep' if both happened",
                key=("doubled",),
            )
        if doubled == "drop":
            rows.drop(entry, "stands twice; the first is kept", before)
        else:
            rows.change(before, "stands twice; both kept", entry)
            rows.change(entry, "stands twice; both kept", before)
            kept_entries.append(entry)
    rows.entries = kept_entries


def sort_out_missing_ends(rows: SortedOut, decision: DecisionByKind) -> None:
    """Refuse, drop or complete entries without an end, and those that end as they begin.

    Raises
    ------
    InputError : one has no end, and nothing says what to do; too few have one to say what is usual.

    >>> rows = SortedOut([DiaryEntry(2, "bottle", "mother", 600.0, None)], "diary.csv")
    >>> sort_out_missing_ends(rows, DecisionByKind("15 min", "missing_end", (), or_length=True))
    >>> rows.entries[0].stop
    615.0
    """
    usual = _usual_lengths(rows.entries)
    kept_entries = []
    for entry in rows.entries:
        if entry.minutes:
            kept_entries.append(entry)
            continue
        lack = "has no end" if entry.minutes is None else "ends as it begins"
        choice_made = decision[entry.kind]
        if choice_made == REFUSE:
            raise _no_end(entry, lack, rows.name)
        if choice_made == "drop":
            rows.drop(entry, f"{entry.kind} {lack}")
            continue
        minutes, why = _completed(entry, choice_made, usual, rows.name)
        rows.change(entry, f"{entry.kind} {lack}: {why}")
        kept_entries.append(replace(entry, minutes=minutes))
    rows.entries = kept_entries


def _usual_lengths(entries: Sequence[DiaryEntry]) -> dict[str, float]:
    """The median length of each kind of which enough entries have an end."""
    lengths: dict[str, list[float]] = {}
    for entry in entries:
        if entry.minutes:
            lengths.setdefault(entry.kind, []).append(entry.minutes)
    return {
        kind: statistics.median(of_kind)
        for kind, of_kind in lengths.items()
        if len(of_kind) >= _FEWEST_FOR_USUAL
    }


def _completed(
    entry: DiaryEntry, choice_made: Any, usual: Mapping[str, float], name: str
) -> tuple[float, str]:
    """The length of an entry without an end, and where it is from."""
    if choice_made == "instant":
        return INSTANT, f"taken as {INSTANT:g} min"
    if choice_made != "usual":
        return float(choice_made), f"taken as {units.duration_text(choice_made)}, as asked for"
    if entry.kind not in usual:
        raise InputError(
            what=f"{name}, line {entry.line}",
            expected=f"at least {_FEWEST_FOR_USUAL} entries of {entry.kind} with an end, to say"
            " how long it usually lasts",
            found=entry.text(),
            remedy="say a length, missing_end='15 min'",
            key=("missing_end",),
        )
    minutes = usual[entry.kind]
    return minutes, f"taken as {minutes:g} min, the median of those that have one"


def _no_end(entry: DiaryEntry, lack: str, name: str) -> InputError:
    return InputError(
        what=f"{name}, line {entry.line}",
        expected="an end, or a length",
        found=f"{entry.text()}, which {lack}" if entry.minutes == 0 else entry.text(),
        remedy="say what to do, missing_end='drop', 'instant', 'usual' (as the median) or a length"
        f" such as '15 min'; or for each kind, missing_end={{{entry.kind!r}: 'drop'}}",
        key=("missing_end",),
    )
