"""Entries that overlap: which cannot both be true, and what becomes of them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from oxysim.errors import InputError
from oxysim.observations.diaries.diary_entries import (
    REFUSE,
    DiaryEntry,
    SortedOut,
)
from oxysim.observations.diaries.entry_kinds import KINDS
from oxysim.schedule.bouts import TOLERANCE

OVERLAPS = (REFUSE, "keep", "join")


class Overlap(NamedTuple):
    """Two entries of which the second begins before the first has ended.

    `contradiction` says that they cannot both be true.

    >>> first = DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
    >>> Overlap(first, DiaryEntry(3, "bottle", "mother", 620.0, 30.0), False).minutes
    10.0
    """

    first: DiaryEntry
    second: DiaryEntry
    contradiction: bool

    @property
    def minutes(self) -> float:
        """For how long they overlap."""
        return min(self.first.stop, self.second.stop) - self.second.start


def overlapping(entries: Sequence[DiaryEntry]) -> Iterator[Overlap]:
    """Every two entries that overlap, in the order of time; which it is that cannot be is said.

    >>> first = DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
    >>> [overlap.contradiction for overlap in overlapping([first, replace(first, line=3)])]
    [True]
    """
    # what has begun and not ended, the earliest end first
    under_way: list[tuple[float, int, DiaryEntry]] = []
    ordered = sorted(entries, key=lambda entry: (entry.start, entry.line))
    for number, entry in enumerate(ordered):
        while under_way and under_way[0][0] <= entry.start + TOLERANCE:
            heapq.heappop(under_way)
        # in the order in which they began
        for _, _, earlier in sorted(under_way, key=lambda item: item[1]):
            yield Overlap(earlier, entry, contradict(earlier, entry))
        heapq.heappush(under_way, (entry.stop, number, entry))


def contradict(first: DiaryEntry, second: DiaryEntry) -> bool:
    """Whether two entries cannot be true at the same moment.

    >>> asleep = DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
    >>> contradict(asleep, DiaryEntry(3, "play", "mother", 610.0, 5.0))
    True
    >>> contradict(asleep, DiaryEntry(3, "breastfeed", "mother", 610.0, 5.0))
    False
    """
    return _same(first, second) or _yields(first, second) or _yields(second, first)


def _same(first: DiaryEntry, second: DiaryEntry) -> bool:
    """Whether two entries are of one kind and one person."""
    return (first.kind, first.by) == (second.kind, second.by)


def _yields(entry: DiaryEntry, rival: DiaryEntry) -> bool:
    """Whether `entry` cannot go on during `rival`."""
    # the infant's sleep ends for whoever plays with it; a caregiver's for that caregiver alone
    concerned = not KINDS[entry.kind].by_caregiver or entry.by == rival.by
    return concerned and rival.kind in KINDS[entry.kind].yields_to


def sort_out_overlaps(rows: SortedOut, overlaps: str) -> None:
    """Refuse, keep or join entries that cannot both be true.

    Joined: those of one kind and person become one from the first start to the last end, and sleep
    or absence is cut out around what rules it out.

    Raises
    ------
    InputError : two cannot both be true, and nothing says what to do.

    >>> first = DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
    >>> rows = SortedOut([first, DiaryEntry(3, "sleep", "infant", 620.0, 30.0)], "diary.csv")
    >>> sort_out_overlaps(rows, "join")
    >>> [(entry.start, entry.stop) for entry in rows.entries], rows.drops[0].line
    ([(600.0, 650.0)], 3)
    """
    rows.entries.sort(key=lambda entry: (entry.start, entry.line))
    if overlaps == "join":
        _join(rows)
        _cut_out(rows)
        return
    for overlap in overlapping(rows.entries):
        if not overlap.contradiction:
            continue
        if overlaps == REFUSE:
            raise _both_true(overlap, rows.name)
        for entry, rival in (
            (overlap.first, overlap.second),
            (overlap.second, overlap.first),
        ):
            rival_kind = f"another {rival.kind}" if _same(entry, rival) else rival.kind
            rows.change(entry, f"{entry.kind} overlaps {rival_kind}; both kept", rival)


def _both_true(overlap: Overlap, name: str) -> InputError:
    return InputError(
        what=f"{name}, line {overlap.second.line}",
        expected="entries that can all be true",
        found=f"{overlap.second.text()}, which overlaps {overlap.first.text()} (line"
        f" {overlap.first.line}) by {overlap.minutes:g} min",
        remedy="say overlaps='join' to make one of those of a kind and to end sleep where the"
        " infant is awake, or 'keep' to take them as they are",
        key=("overlaps",),
    )


def _join(rows: SortedOut) -> None:
    """Make one of entries of one kind and person that overlap."""
    remaining: list[DiaryEntry] = []
    # where the last entry of a kind and person stands among those that are left
    last: dict[tuple[str, str], int] = {}
    for entry in rows.entries:
        position = last.get((entry.kind, entry.by))
        if position is None or remaining[position].stop <= entry.start + TOLERANCE:
            last[entry.kind, entry.by] = len(remaining)
            remaining.append(entry)
            continue

        earlier = remaining[position]
        rows.drop(entry, f"joined with the {entry.kind} that it overlaps", earlier)
        stop = max(earlier.stop, entry.stop)
        amounts = [entry.amount_ml for entry in (earlier, entry) if entry.amount_ml is not None]
        remaining[position] = replace(
            earlier,
            minutes=stop - earlier.start,
            amount_ml=sum(amounts) if amounts else None,
        )
        if stop > earlier.stop:
            rows.change(
                earlier,
                f"lasts to the end of the {entry.kind} that overlaps it",
                entry,
            )
    rows.entries = remaining


def _cut_out(rows: SortedOut) -> None:
    """Leave out of sleep and absence what happens when nobody sleeps, or is away."""
    ruling: dict[int, list[DiaryEntry]] = {}
    for overlap in overlapping(rows.entries):
        for entry, rival in (
            (overlap.first, overlap.second),
            (overlap.second, overlap.first),
        ):
            if _yields(entry, rival):
                ruling.setdefault(id(entry), []).append(rival)

    remaining = []
    for entry in rows.entries:
        rivals = ruling.get(id(entry), [])
        pieces = _outside(entry, rivals)
        for rival in rivals:
            rows.change(entry, f"{entry.kind} stops during {rival.kind}", rival)
        if not pieces:
            rows.drop(entry, f"{entry.kind} lies within {rivals[0].kind}", rivals[0])
        remaining += pieces
    rows.entries = remaining


def _outside(entry: DiaryEntry, rivals: Sequence[DiaryEntry]) -> list[DiaryEntry]:
    """What is left of an entry outside others."""
    pieces, begins = [], entry.start
    for rival in sorted(rivals, key=lambda rival: rival.start):
        if rival.start > begins + TOLERANCE:
            pieces.append(replace(entry, start=begins, minutes=rival.start - begins))
        begins = max(begins, rival.stop)
    if entry.stop > begins + TOLERANCE:
        pieces.append(replace(entry, start=begins, minutes=entry.stop - begins))
    return pieces if rivals else [entry]
