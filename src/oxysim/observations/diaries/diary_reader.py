"""A file of feeds, sleep, crying and contact, row by row, into a diary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from oxysim import checks
from oxysim.documents.csv_tables import Rows
from oxysim.errors import InputError, unknown_name
from oxysim.observations.cells import cell_error
from oxysim.observations.date_cells import ISO_DATE, date_pattern
from oxysim.observations.diaries.diary import Diary
from oxysim.observations.diaries.diary_columns import DiaryColumns, diary_columns
from oxysim.observations.diaries.diary_entries import (
    DOUBLED,
    LENGTHS,
    MISSING_ENDS,
    REFUSE,
    DecisionByKind,
    DiaryEntry,
    SortedOut,
    sort_out_doubled,
    sort_out_missing_ends,
)
from oxysim.observations.diaries.entry_kinds import (
    IGNORE,
    KINDS,
    entry_kind,
    plain_word,
    require_kind,
    words_of,
)
from oxysim.observations.diaries.entry_overlaps import OVERLAPS, sort_out_overlaps
from oxysim.observations.diaries.entry_times import (
    DiaryClock,
    EntryMoment,
    birth_date,
    first_day_number,
    is_stamp,
    length_cell,
    minutes_between,
    require_plausible_length,
    time_zone,
)
from oxysim.observations.reading_report import ReadingReport, ReportedChange
from oxysim.observations.table_files import read_rows
from oxysim.schedule.bouts import LATEST
from oxysim.schedule.options import INFANT, caregiver_name, length
from oxysim.units import DAY

# clock times are cut to the minute at both ends, and so is a length that was measured in seconds
_ROUNDING = 1.0 + 1e-6


def read_diary(  # noqa: PLR0913 - all but the first are keywords with defaults
    path: Any,
    *,
    born: Any = None,
    first_day: int = 1,
    dates: str = ISO_DATE,
    zone: str | None = None,
    columns: Mapping[str, str] | None = None,
    ignore: Any = (),
    activities: Mapping[str, str] | None = None,
    kind: str | None = None,
    caregiver: str = "caregiver",
    caregivers: Mapping[str, str] | None = None,
    amount_unit: str | None = None,
    longest: str = "16 h",
    lengths: Any = REFUSE,
    missing_end: Any = REFUSE,
    doubled: str = REFUSE,
    overlaps: str = REFUSE,
) -> Diary:
    """Read a diary, or what a tracker exports: one row an entry, with a header.

    Needed are a start (a clock time, of 24 or 12 hours, beside a column of days or dates; or date
    and clock in one cell) and an activity. An end, a length ("minutes"), a caregiver and an amount
    may stand beside. An end that comes before its start by the clock is of the next day. Rows may
    stand in any order. Lines that begin with "#" are comments.

    Strict: whatever needs a decision is an error that names its line and the argument that takes
    the decision. What is changed or left out stands in the diary's report.

    Parameters
    ----------
    path : the file, comma-separated values in UTF-8.
    born : the date of birth, "2024-03-01"; needed where the file has dates.
    first_day : which day of the infant's life the file's day 1 is, where days are numbered.
    dates : the pattern of dates, such as "DD.MM.YYYY".
    zone : the time zone of the household, "Europe/Zurich". Offsets ("+02:00", "Z") are then turned
        into its clock, and lengths know of hours that clocks skip or repeat.
    columns : what a column holds -> its name, {"start": "Start Time"}, where that does not tell.
    ignore : names of columns to be left out.
    activities : words of the file -> kinds of entries (`KINDS`), or "ignore".
    kind : the kind of all entries, for a file without a column of activities.
    caregiver : who it was where the file does not say.
    caregivers : names in the file -> names in the family, {"Mum": "mother"}.
    amount_unit : "mL" or "oz" (fluid ounces), where neither cell nor header says it.
    longest : an entry that lasts longer is an error (at most "24 h").
    lengths : where clock times and written minutes disagree by more than a minute: "clocks",
        "minutes" or "refuse". Where they agree the minutes count.
    missing_end : entries without an end: "drop", "instant" (a minute), "usual" (the median of the
        kind), a length such as "15 min", or "refuse".
    doubled : entries that stand twice: "drop", "keep" or "refuse".
    overlaps : entries that cannot both be true: "join" (those of one kind become one; sleep stops
        while the infant plays or cries), "keep" or "refuse".

    `lengths` and `missing_end` may differ by kind: ``missing_end={"sleep": "drop", "bottle": "10
    min"}``.

    Raises
    ------
    InputError, UnitError, UnknownNameError : with the line, what was expected and what was found.

    >>> import pathlib, tempfile
    >>> text = "day,start,end,activity\\n1,11:40 pm,12:20 am,sleep\\n2,00:30,,bottle\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "diary.csv"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     diary = read_diary(file, missing_end={"bottle": "10 min"})
    >>> diary.table[["line", "day", "clock", "kind", "minutes"]].values.tolist()
    [[2, 1, '23:40', 'sleep', 40.0], [3, 2, '00:30', 'bottle', 10.0]]
    """
    pattern = date_pattern(dates)
    clock = DiaryClock(
        birth_date(born, pattern), first_day_number(first_day), pattern, time_zone(zone)
    )
    format_ = _Format(
        clock,
        words_of(_mapping(activities, "activities", "{'bath': 'touch'}")),
        None if kind is None else require_kind(kind, "kind"),
        caregiver_name(caregiver, "caregiver"),
        _people(_mapping(caregivers, "caregivers", "{'Mum': 'mother'}")),
        DecisionByKind(lengths, "lengths", LENGTHS),
        length(longest, "longest", DAY),
    )
    end_decision = DecisionByKind(missing_end, "missing_end", MISSING_ENDS, or_length=True)
    checks.choice(doubled, "doubled", DOUBLED)
    checks.choice(overlaps, "overlaps", OVERLAPS)

    rows = read_rows(path)
    file_columns = diary_columns(rows, columns, ignore, amount_unit, needs_kind=kind is None)
    _require_days(file_columns, clock, rows.name)
    _require_used(file_columns, rows, amount_unit, format_.people)
    sorting = SortedOut([], rows.name)
    sorting.changes += [
        ReportedChange(1, f"column {column!r}", "left out by name")
        for column in file_columns.ignored
    ]
    for line, cells in rows:
        _EntryReader(file_columns, format_, sorting).read(line, cells)
    sort_out_doubled(sorting, doubled)
    sort_out_missing_ends(sorting, end_decision)
    sort_out_overlaps(sorting, overlaps)

    dropped = len({drop.line for drop in sorting.drops})
    report = ReadingReport(
        rows.name, "diary", len(rows.rows), len(rows.rows) - dropped,
        tuple(sorting.changes), tuple(sorting.drops),
    )  # fmt: skip
    return Diary(tuple(sorting.entries), report, rows.name, clock.born)


class _Format(NamedTuple):
    """What the arguments say of how a file is written."""

    clock: DiaryClock
    words: Mapping[str, str]
    kind: str | None
    caregiver: str
    people: Mapping[str, str]
    lengths: DecisionByKind
    longest: float


@dataclass(frozen=True)
class _EntryReader:
    """Reads one row after the other into `sorting`."""

    columns: DiaryColumns
    format: _Format
    sorting: SortedOut

    def read(self, line: int, cells: Mapping[str, str]) -> None:
        where = f"{self.sorting.name}, line {line}"
        word = self.columns.cell(cells, "kind")
        kind = self.format.kind or entry_kind(word, self.format.words, where)
        if kind == IGNORE:
            self.sorting.drops.append(ReportedChange(line, word, "left out by name"))
            return
        start = self._start(cells, where)
        minutes, why = self._length(kind, start, cells, where)
        entry = DiaryEntry(
            line, kind, self._person(kind, cells, where), start.minutes, minutes,
            self.columns.amount(cells, where),
        )  # fmt: skip
        if why:
            self.sorting.change(entry, why)
        self.sorting.entries.append(entry)

    def _start(self, cells: Mapping[str, str], where: str) -> EntryMoment:
        text = self.columns.cell(cells, "start")
        cell_at = f"{where}, column {self.columns.of['start']}"
        if is_stamp(text):
            start = self.format.clock.stamp(text, cell_at)
        else:
            midnight = self._midnight(cells, where)
            if midnight is None:
                raise cell_error(
                    text, cell_at, "a date and a clock time, since no column has days or dates"
                )
            start = self.format.clock.at(midnight, text, cell_at)
        if not 0 <= start.minutes < LATEST:
            raise cell_error(text, cell_at, "a time from birth to an age of 4 years")
        return start

    def _midnight(
        self, cells: Mapping[str, str], where: str, roles: tuple[str, ...] = ("day", "date")
    ) -> float | None:
        """00:00 of the day that a row names; None where it names none."""
        for role in roles:
            if role in self.columns.of:
                text = self.columns.cell(cells, role)
                cell_at = f"{where}, column {self.columns.of[role]}"
                clock = self.format.clock
                return (clock.numbered_day if role == "day" else clock.dated_day)(text, cell_at)
        return None

    def _length(
        self, kind: str, start: EntryMoment, cells: Mapping[str, str], where: str
    ) -> tuple[float | None, str]:
        """How long an entry lasts (None where nothing says it), and what was decided about it."""
        by_clocks = self._by_clocks(start, cells, where)
        text = self.columns.cell(cells, "minutes")
        if not text:
            return by_clocks, ""
        cell_at = f"{where}, column {self.columns.of['minutes']}"
        written = length_cell(text, cell_at)
        require_plausible_length(written, self.format.longest, start, cell_at)
        if by_clocks is None:
            return written, ""

        decision = self.format.lengths[kind]
        difference = f"{by_clocks:g} min by the clock and {written:g} min as written"
        disagree = abs(by_clocks - written) > _ROUNDING
        if disagree and decision == REFUSE:
            raise InputError(
                what=cell_at,
                expected="a length that agrees with start and end",
                found=difference,
                remedy="say which counts, lengths='clocks' or 'minutes', or for each kind,"
                f" lengths={{{kind!r}: 'clocks'}}",
                key=("lengths",),
            )
        if decision == "clocks":
            why = f"{kind} lasts as its clock times say, not as its minutes do"
            return by_clocks, why if disagree else ""
        why = f"{kind} lasts as its minutes say, not as its clock times do"
        return written, why if disagree else ""

    def _by_clocks(self, start: EntryMoment, cells: Mapping[str, str], where: str) -> float | None:
        """The length from start to end; None without an end."""
        text = self.columns.cell(cells, "end")
        if not text:
            return None
        cell_at = f"{where}, column {self.columns.of['end']}"
        clock = self.format.clock
        end_date = self.columns.cell(cells, "end_date")
        if is_stamp(text):
            end = clock.stamp(text, cell_at)
        elif end_date:
            end = clock.at(clock.dated_day(end_date, cell_at), text, cell_at)
        else:
            end = clock.end(start, text, cell_at)
        minutes = minutes_between(start, end)
        require_plausible_length(minutes, self.format.longest, start, cell_at)
        return minutes

    def _person(self, kind: str, cells: Mapping[str, str], where: str) -> str:
        if not KINDS[kind].by_caregiver:
            return INFANT
        text = self.columns.cell(cells, "by")
        name = self.format.people.get(plain_word(text), text) or self.format.caregiver
        if name == INFANT:
            cell_at = f"{where}, column {self.columns.of['by']}"
            raise cell_error(text, cell_at, f"a caregiver, who has a part in {kind}")
        return caregiver_name(name, where)


def _mapping(value: Any, label: str, example: str) -> Mapping[Any, Any]:
    if value is None:
        return {}
    return checks.instance(value, label, Mapping, f"a mapping such as {example}")


def _people(caregivers: Mapping[Any, Any]) -> dict[str, str]:
    """Names in the file, in plain words, and those in the family."""
    return {
        plain_word(checks.name(name, "caregivers")): caregiver_name(person, "caregivers")
        for name, person in caregivers.items()
    }


def _require_used(
    columns: DiaryColumns, rows: Rows, amount_unit: str | None, people: Mapping[str, str]
) -> None:
    """Raise for a unit of amounts, or a name of a caregiver, that nothing in the file has: a slip
    in one would leave the name in the file as it is.
    """
    if amount_unit is not None and "amount" not in columns.of:
        raise InputError(
            what="amount_unit",
            expected="a file with a column of amounts",
            found=f"none in {rows.name}",
            key=("amount_unit",),
        )
    written = {plain_word(columns.cell(cells, "by")) for _, cells in rows} - {""}
    for name in people:
        if name not in written:
            where = f"of caregivers in {rows.name}"
            raise unknown_name("caregiver", name, written, where, key=("caregivers",))


def _require_days(columns: DiaryColumns, clock: DiaryClock, name: str) -> None:
    """Raise for an argument that would change nothing in a file with this kind of days."""
    numbered = "day" in columns.of
    if not numbered and clock.first_day != 1:
        raise InputError(
            what="first_day",
            expected="a file with a column of numbered days",
            found=f"none in {name}",
            remedy="dates count from born",
            key=("first_day",),
        )
    if numbered and clock.zone is not None and clock.born is None:
        raise InputError(
            what="zone",
            expected="the date of birth beside numbered days, to know when clocks change",
            found="none",
            remedy="give born='YYYY-MM-DD'",
            key=("born",),
        )
