"""Diaries: a real one counted by hand, what is refused and what is let pass, and the schedules that
come out.
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oxysim as ox
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.interventions import parse_schedule
from oxysim.model.inputs import INFANT_CHANNELS
from oxysim.observations import Diary, DiaryEntry, ReadingReport, read_diary
from oxysim.observations.diaries.recorded_days import typical_entries
from oxysim.schedule import Routine, Sleep
from oxysim.schedule.realised import Realised
from oxysim.schedule.schedule import Schedule
from oxysim.units import DAY

MONTH = Path(__file__).parent / "data" / "infant_diary_first_month.csv"
DECIDED: dict[str, Any] = {
    "missing_end": {"sleep": "drop", "breastfeed": "usual", "bottle": "instant"},
    "lengths": {"breastfeed": "clocks"},
    "doubled": "keep",
    "overlaps": "keep",
}
ASLEEP = list(INFANT_CHANNELS).index("asleep")


def _rows() -> list[dict[str, str]]:
    with MONTH.open(encoding="utf-8", newline="") as file:
        return [row | {"line": str(n)} for n, row in enumerate(csv.DictReader(file), start=2)]


def _clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _asleep_minutes(realised: Realised) -> float:
    """The time for which the infant's channel says that it sleeps."""
    return float((realised.levels["infant"][:, ASLEEP] * np.diff(realised.edges)).sum())


@pytest.fixture(scope="module")
def diary() -> Diary:
    return read_diary(MONTH, **DECIDED)


def write(folder: Path, text: str, name: str = "diary.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


# --------------------------------------------------------------------------- the real diary
def test_the_first_months_sleep_is_that_of_the_file(diary: Diary) -> None:
    """26,913 minutes, in the file as it is written, in the diary and in the schedule."""
    asleep = [row for row in _rows() if row["activity"] == "sleep" and int(row["day"]) <= 30]
    written = sum(float(row["minutes"]) for row in asleep if row["minutes"])
    assert written == 26913
    month = diary.between(1, 30)
    table = month.table
    assert table.loc[table["kind"] == "sleep", "minutes"].sum() == written

    # the last night ends on day 31
    realised = Schedule(month.routine()).realise(0.0, 31 * DAY)
    bouts = [bout for bout in realised.bouts if bout.label == "infant sleep"]
    assert sum(bout.stop - bout.start for bout in bouts) == pytest.approx(written)
    assert len(bouts) == sum(bool(row["minutes"]) for row in asleep)


def test_time_that_two_entries_cover_is_slept_once(diary: Diary) -> None:
    """The channel's time asleep, against minutes counted one by one from the file."""
    slept: set[int] = set()
    for row in _rows():
        if row["activity"] == "sleep" and row["minutes"] and int(row["day"]) <= 30:
            begins = (int(row["day"]) - 1) * 1440 + _clock(row["start_clock"])
            slept |= set(range(begins, begins + int(float(row["minutes"]))))
    realised = Schedule(diary.between(1, 30).routine()).realise(0.0, 31 * DAY)
    assert _asleep_minutes(realised) == pytest.approx(len(slept))
    joined = read_diary(MONTH, **DECIDED | {"overlaps": "join"}).between(1, 30).table
    assert joined.loc[joined["kind"] == "sleep", "minutes"].sum() == len(slept)


def test_every_doubled_and_overlapping_entry_is_named(diary: Diary) -> None:
    """By lines that a comparison of all pairs of rows finds."""
    rows = [row for row in _rows() if row["end_clock"]]
    pairs = set()
    for kind in ("sleep", "nursing"):
        same = [row for row in rows if row["activity"] == kind]
        for number, second in enumerate(same):
            for first in same[:number]:
                starts = [(int(r["day"]) - 1) * 1440 + _clock(r["start_clock"])
                          for r in (first, second)]  # fmt: skip
                lengths = [
                    float(r["minutes"])
                    if kind == "sleep"
                    else (_clock(r["end_clock"]) - _clock(r["start_clock"])) % 1440
                    for r in (first, second)
                ]
                if starts[1] < starts[0] + lengths[0] and starts[0] < starts[1] + lengths[1]:
                    pairs.add((int(first["line"]), int(second["line"])))
    # the feed without an end was completed, and then overlaps the next
    pairs.add((67, 68))
    overlaps = diary.overlaps()
    against = overlaps[overlaps["contradiction"]]
    assert set(zip(against["first_line"], against["line"], strict=True)) == pairs
    named = {change.line for change in diary.report.changes if "both kept" in change.why}
    assert named == {line for pair in pairs for line in pair}
    doubled = [row for row in rows if row["day"] == "139" and row["start_clock"] == "16:17"]
    twice = [change.line for change in diary.report.changes if change.why.startswith("stands")]
    assert twice == [int(row["line"]) for row in doubled]


def test_the_report_accounts_for_every_row(diary: Diary) -> None:
    report = diary.report
    assert report.rows_in_file == len(_rows()) == report.kept + len(report.drops)
    without_end = [row for row in _rows() if not row["end_clock"]]
    assert [drop.line for drop in report.drops] == [
        int(row["line"]) for row in without_end if row["activity"] == "sleep"
    ]
    completed = {change.line for change in report.changes if "has no end" in change.why}
    assert completed == {int(row["line"]) for row in without_end if row["activity"] != "sleep"}


def test_a_strict_reading_names_the_first_line_that_needs_a_decision() -> None:
    decisions: dict[str, Any] = {}
    # the lines were looked up in the file
    for key, line in (("lengths", 15), ("missing_end", 4), ("overlaps", 57)):
        with pytest.raises(InputError, match=rf"line {line}\b") as caught:
            read_diary(MONTH, **decisions | {"doubled": "keep"})
        assert caught.value.key == (key,)
        decisions[key] = DECIDED[key]
    with pytest.raises(InputError, match="stand once") as caught:
        read_diary(MONTH, **decisions)
    assert caught.value.key == ("doubled",)


def test_the_typical_day_is_a_day_of_the_month(diary: Diary) -> None:
    month = diary.between(1, 30)
    realised = Schedule(month.typical_day().routine).realise(DAY, 2 * DAY)
    totals = month.daily_totals()
    asleep = totals[totals["kind"] == "sleep"].set_index("day")["minutes"]
    # some day of the diary has just this much sleep, and it is a middling one
    assert any(abs(asleep - _asleep_minutes(realised)) < 1e-6)
    assert abs(_asleep_minutes(realised) - asleep.loc[2:29].median()) < asleep.loc[2:29].std()


# --------------------------------------------------------------------------- clocks and dates
ROWS = "day,start,end,activity\n"


def _starts_and_lengths(folder: Path, text: str, **options: Any) -> list[tuple[float, float]]:
    table = read_diary(write(folder, text), **options).table
    return list(zip(table["start"], table["minutes"], strict=True))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("23:40", "00:20", (1420, 40)),
        ("11:40 pm", "12:20 am", (1420, 40)),
        ("12:00 PM", "12:30 p.m.", (720, 30)),
        ("12:05:30 am", "12:06 am", (5.5, 0.5)),
        ("22:00", "24:00", (1320, 120)),
        ("00:00", "00:10", (0, 10)),
    ],
)
def test_clocks_of_either_kind_and_midnight(
    tmp_path: Path, start: str, end: str, expected: tuple[float, float]
) -> None:
    read = _starts_and_lengths(tmp_path, f"{ROWS}1,{start},{end},sleep\n")
    assert read == [pytest.approx(expected)]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("start,end,activity\n2024-03-03 08:00,2024-03-03 09:30,nap\n", {}, (2880 + 480, 90)),
        ("start,end,activity\n2024-03-03T08:00:00,09:30,nap\n", {}, (2880 + 480, 90)),
        ("date,start,end,activity\n2024-03-03,23:30,00:30,nap\n", {}, (2880 + 1410, 60)),
        (
            "start,end,activity\n03.03.2024 8:00,03.03.2024 9:30,nap\n",
            {"dates": "DD.MM.YYYY"},
            (2880 + 480, 90),
        ),
        (
            "date,start,end date,end,activity\n03/03/2024,10:00 pm,03/04/2024,6:00 am,sleep\n",
            {"dates": "MM/DD/YYYY"},
            (2880 + 1320, 480),
        ),
    ],
)
def test_dates_become_ages_by_the_date_of_birth(
    tmp_path: Path, text: str, options: dict[str, Any], expected: tuple[float, float]
) -> None:
    read = _starts_and_lengths(tmp_path, text, born="2024-03-01", **options)
    assert read == [expected]


def test_the_weekday_of_birth_is_the_dates(tmp_path: Path) -> None:
    file = write(tmp_path, "date,start,end,activity\n2024-03-03,08:00,09:00,nap\n")
    diary = read_diary(file, born=datetime.date(2024, 3, 1))
    assert diary.routine().born_on == "Friday"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # clocks in Zurich went from 02:00 to 03:00 on 31 March 2024, and back on 27 October
        ("2024-03-31 01:30", "2024-03-31 03:30", (30 * 1440 + 90, 60)),
        ("2024-10-27 00:30", "2024-10-27 04:30", (240 * 1440 + 30, 300)),
        ("2024-03-31T00:30:00Z", "2024-03-31T01:30:00Z", (30 * 1440 + 90, 60)),
        ("2024-10-27T02:30+02:00", "2024-10-27T02:30+01:00", (240 * 1440 + 150, 60)),
        ("2024-07-01T22:30:00Z", "2024-07-01T23:15:00Z", (123 * 1440 + 30, 45)),
    ],
)
def test_time_zones(tmp_path: Path, start: str, end: str, expected: tuple[float, float]) -> None:
    text = f"start,end,activity\n{start},{end},nap\n"
    read = _starts_and_lengths(tmp_path, text, born="2024-03-01", zone="Europe/Zurich")
    assert read == [expected]


def test_offsets_without_a_zone_are_the_clock_of_the_house(tmp_path: Path) -> None:
    text = "start,end,activity\n2024-03-31T01:30+01:00,2024-03-31T03:30+02:00,nap\n"
    assert _starts_and_lengths(tmp_path, text, born="2024-03-01") == [(30 * 1440 + 90, 60)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2024-10-27 02:30,2024-10-27 04:00,nap", "a moment that the clocks of Europe/Zurich show"),
        ("2024-03-31 02:30,2024-03-31 04:00,nap", "a moment that the clocks of Europe/Zurich show"),
        ("2024-02-29 10:00,2024-02-29 11:00,nap", "a date from the birth"),
        ("2024-03-01T10:00+25:00,2024-03-01T11:00+25:00,nap", "an offset of at most 14 h"),
        ("2024-03-02 10:00,2024-03-02 09:00,nap", "an end after its beginning"),
        ("2024-03-02,2024-03-02 09:00,nap", "no column has days or dates"),
        ("02.03.2024 10:00,02.03.2024 11:00,nap", "dates='DD.MM.YYYY'"),
    ],
)
def test_moments_that_cannot_be(tmp_path: Path, row: str, words: str) -> None:
    file = write(tmp_path, f"start,end,activity\n{row}\n")
    with pytest.raises(OxysimError, match="line 2") as caught:
        read_diary(file, born="2024-03-01", zone="Europe/Zurich")
    assert words in str(caught.value)


def test_universal_time_needs_a_zone(tmp_path: Path) -> None:
    file = write(tmp_path, "start,end,activity\n2024-03-02T10:00Z,2024-03-02T11:00Z,nap\n")
    with pytest.raises(InputError, match="line 2.*a time zone"):
        read_diary(file, born="2024-03-01")
    with pytest.raises(UnknownNameError, match="'Europe/Zurich'"):
        read_diary(file, born="2024-03-01", zone="Europe/Zurch")


# --------------------------------------------------------------------------- decisions
@pytest.mark.parametrize(
    ("decision", "minutes"),
    [("instant", 1.0), ("usual", 20.0), ("12 min", 12.0), ({"bottle": "0.5 h"}, 30.0)],
)
def test_a_missing_end(tmp_path: Path, decision: Any, minutes: float) -> None:
    text = ROWS + "1,05:00,,bottle\n"
    # the median of 10, 20 and 60
    text += "1,06:00,06:10,bottle\n1,07:00,07:20,bottle\n1,08:00,09:00,bottle\n"
    table = read_diary(write(tmp_path, text), missing_end=decision).table
    assert table["minutes"].iloc[0] == minutes
    assert len(table) == 4


def test_what_is_usual_needs_three_entries(tmp_path: Path) -> None:
    text = ROWS + "1,05:00,,bottle\n1,06:00,06:10,bottle\n1,07:00,07:20,bottle\n"
    with pytest.raises(InputError, match="line 2: expected at least 3 entries of bottle"):
        read_diary(write(tmp_path, text), missing_end="usual")


def test_an_end_at_its_start_is_none(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS + "1,05:00,05:00,bottle\n")
    with pytest.raises(InputError, match="line 2.*ends as it begins"):
        read_diary(file)
    assert not read_diary(file, missing_end="drop").entries


def test_lengths_that_disagree(tmp_path: Path) -> None:
    text = "day,start,end,minutes,activity\n1,05:00,05:30,20,bottle\n1,06:00,06:30,31,bottle\n"
    file = write(tmp_path, text)
    with pytest.raises(InputError, match="line 2.*30 min by the clock and 20 min as written"):
        read_diary(file)
    # a minute apart is the rounding of clocks: there the minutes count
    for decision, lengths in (("minutes", [20, 31]), ("clocks", [30, 30])):
        diary = read_diary(file, lengths=decision)
        assert diary.table["minutes"].tolist() == lengths
        assert [change.line for change in diary.report.changes] == [2]


def test_a_length_stands_for_a_missing_end(tmp_path: Path) -> None:
    text = (
        "day,start,duration,activity\n1,05:00,20,bottle\n1,06:00,1:05,bottle\n1,08:00,0.5 h,nap\n"
    )
    assert read_diary(write(tmp_path, text)).table["minutes"].tolist() == [20, 65, 30]


def test_an_entry_that_lasts_too_long_has_its_clocks_the_wrong_way_round(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS + "1,10:00,09:30,sleep\n")
    with pytest.raises(InputError, match="line 2.*at most 16 h; found one of 23.5 h"):
        read_diary(file)
    assert read_diary(file, longest="24 h").table["minutes"].tolist() == [1410]


def test_doubled_entries(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS + "1,05:00,05:30,nap\n1,05:00,05:30,Sleep\n")
    with pytest.raises(InputError, match="line 3: expected entries that stand once.*as on line 2"):
        read_diary(file)
    diary = read_diary(file, doubled="drop")
    assert len(diary) == 1
    assert [drop.line for drop in diary.report.drops] == [3]


def test_overlapping_entries_are_joined(tmp_path: Path) -> None:
    text = (
        ROWS + "1,05:00,06:00,nap\n1,05:30,06:30,nap\n1,06:10,06:20,crying\n1,06:25,06:40,bottle\n"
    )
    file = write(tmp_path, text)
    with pytest.raises(InputError, match="line 3.*overlaps sleep.*line 2.*by 30 min"):
        read_diary(file)
    table = read_diary(file, overlaps="join").table
    # asleep from 05:00 to 06:30 but for the crying; fed while asleep is no contradiction
    assert table[["kind", "start", "stop"]].to_numpy().tolist() == [
        ["sleep", 300, 370],
        ["crying", 370, 380],
        ["sleep", 380, 390],
        ["bottle", 385, 400],
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["sleep", "crying", "play"]),
            st.integers(0, 300),
            st.integers(1, 120),
        ),
        max_size=12,
    )
)
def test_joined_entries_cover_the_same_time_without_contradiction(
    entries: list[tuple[str, int, int]],
) -> None:
    """Against minutes counted one by one."""
    from oxysim.observations.diaries.diary_entries import SortedOut
    from oxysim.observations.diaries.entry_overlaps import overlapping, sort_out_overlaps

    by = {"play": "mother"}
    rows = SortedOut(
        [DiaryEntry(n, kind, by.get(kind, "infant"), float(start), float(minutes))
         for n, (kind, start, minutes) in enumerate(entries)], "diary.csv")  # fmt: skip
    sort_out_overlaps(rows, "join")
    assert not any(pair.contradiction for pair in overlapping(rows.entries))

    def covered(kind: str) -> set[int]:
        return {t for k, start, n in entries if k == kind for t in range(start, start + n)}

    left = {kind: [] for kind in ("sleep", "crying", "play")}  # type: dict[str, list[int]]
    for entry in rows.entries:
        left[entry.kind] += range(round(entry.start), round(entry.stop))
    assert sorted(left["sleep"]) == sorted(covered("sleep") - covered("crying") - covered("play"))
    for kind in ("crying", "play"):
        assert sorted(left[kind]) == sorted(covered(kind))


# --------------------------------------------------------------------------- columns and words
def test_a_tracker_export_with_its_own_names(tmp_path: Path) -> None:
    text = (
        "Type,Start Time,Finish,Quantity (oz),Mood,Carer\n"
        "Diaper,2024-03-02 06:00,,,,Mum\n"
        "Bottle,2024-03-02 07:00,2024-03-02 07:15,4,happy,Dad\n"
        "Cuddles,2024-03-02 08:00,2024-03-02 08:15,,,Mum\n"
    )
    file = write(tmp_path, text)
    with pytest.raises(InputError, match="line 1.*a column 'Mood'"):
        read_diary(file, born="2024-03-01")
    options: dict[str, Any] = {"born": "2024-03-01", "ignore": "Mood"}
    with pytest.raises(InputError, match=r"line 2, activity.*found 'Diaper'"):
        read_diary(file, **options)
    words = {"diaper": "ignore", "Cuddles": "touch"}
    people = {"Mum": "mother", "Dad": "father"}
    diary = read_diary(file, **options, activities=words, caregivers=people)
    assert diary.table[["kind", "by"]].to_numpy().tolist() == [
        ["bottle", "father"],
        ["touch", "mother"],
    ]
    assert diary.table["amount_ml"].iloc[0] == pytest.approx(4 * 29.5735)
    assert [drop.line for drop in diary.report.drops] == [2]
    assert diary.report.changes[0].what == "column 'Mood'"


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("day,end,activity\n1,05:00,nap\n", {}, "line 1: expected a column of start"),
        ("day,start\n1,05:00\n", {}, "line 1: expected a column of the activity"),
        ("day,date,start,activity\n1,2024-03-01,05:00,nap\n", {}, "either numbered days or dates"),
        ("day,start,start time,activity\n1,1:00,2:00,nap\n", {}, "one column for start"),
        ("day;start;activity\n1;05:00;nap\n", {}, "line 1: expected commas between the columns"),
        ("", {}, "found an empty file"),
        (ROWS + "1,05:00,06:00\n", {}, "line 2: expected 4 cells"),
        (ROWS + "0,05:00,06:00,nap\n", {}, "line 2, column day: expected a whole number from 1"),
        (ROWS + "1,,06:00,nap\n", {}, "line 2, column start: expected a clock time"),
        (ROWS + "1,25:00,06:00,nap\n", {}, "line 2, column start"),
        (ROWS + "1,13:00 pm,06:00,nap\n", {}, "with am and pm hours run from 1 to 12"),
        (ROWS + "1,05:00,06:00,naap\n", {}, "line 2, activity"),
        (ROWS + "1,05:00,06:00,nap\n", {"first_day": 0}, "first_day: expected a whole number"),
        (ROWS + "1,05:00,06:00,nap\n", {"ignore": "note"}, "unknown column 'note'"),
        (ROWS + "1,05:00,06:00,nap\n", {"columns": {"begin": "start"}}, "unknown columns 'begin'"),
        (ROWS + "1,05:00,06:00,nap\n", {"columns": {"start": "begin"}}, "unknown column 'begin'"),
        (ROWS + "1,05:00,06:00,nap\n", {"kind": "naps"}, "unknown kind of entry 'naps'"),
        (ROWS + "1,05:00,06:00,nap\n", {"overlaps": "merge"}, "unknown overlaps 'merge'"),
        (ROWS + "1,05:00,06:00,nap\n", {"missing_end": {"nap": "drop"}}, "unknown kind of entry"),
        (ROWS + "1,05:00,06:00,nap\n", {"missing_end": "30 h"}, "missing_end"),
        (ROWS + "1,05:00,06:00,nap\n", {"zone": "Europe/Zurich"}, "the date of birth beside"),
        (ROWS + "1,05:00,06:00,nap\n", {"amount_unit": "mL"}, "a file with a column of amounts"),
        (
            ROWS + "1,05:00,06:00,nap\n",
            {"caregivers": {"Mum": "mother"}},
            "unknown caregiver 'mum'",
        ),
        (
            "day,start,end,activity,by\n1,05:00,06:00,bottle,Mum\n",
            {"caregivers": {"Mumm": "mother"}},
            "unknown caregiver 'mumm' of caregivers in diary.csv; nearest: 'mum'",
        ),
        (ROWS + "1,05:00,06:00,nap\n", {"dates": "DD.MM"}, "dates: expected a pattern"),
        (ROWS + "1,05:00,06:00,nap\n", {"born": "1.3.2024"}, "born: expected a date"),
        ("date,start,activity\n2024-03-01,05:00,nap\n", {}, "give born='YYYY-MM-DD'"),
        (
            "day,start,end,activity,amount\n1,05:00,06:00,bottle,90\n",
            {},
            "line 2, column amount: expected an amount in mL or oz",
        ),
        (
            "day,start,end,activity,amount_ml\n1,05:00,06:00,bottle,9000\n",
            {},
            "line 2, column amount_ml: expected an amount in ml",
        ),
        (
            'day,start,end,activity,amount_ml\n1,05:00,06:00,bottle,"90,5"\n',
            {},
            "write a point for decimals",
        ),
        (
            "day,start,end,activity,by\n1,05:00,06:00,bottle,infant\n",
            {},
            "line 2, column by: expected a caregiver",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(OxysimError) as caught:
        read_diary(write(tmp_path, text), **options)
    assert words in str(caught.value)


# --------------------------------------------------------------------------- schedules
def _diary(*entries: tuple[str, str, float, float], born: Any = None) -> Diary:
    made = tuple(
        DiaryEntry(n, kind, by, start, minutes)
        for n, (kind, by, start, minutes) in enumerate(entries, start=2)
    )
    return Diary(made, ReadingReport("made.csv", "diary", len(made), len(made)), "made", born)


EVERYTHING = _diary(
    ("sleep", "infant", 10.0, 120.0),
    ("breastfeed", "mother", 140.0, 25.5),
    ("skin-to-skin", "father", 200.0, 60.0),
    ("crying", "infant", 300.0, 7.0),
    ("fussing", "infant", 320.0, 7.0),
    ("play", "mother", 400.0, 15.0),
    ("talk", "father", 440.0, 15.0),
    ("massage", "mother", 460.0, 15.0),
    ("absence", "mother", 500.0, 240.0),
    ("bottle", "father", 600.0, 20.0),
    ("touch", "father", 660.0, 30.0),
    ("partner contact", "mother", 1260.0, 45.0),
    ("caregiver sleep", "mother", 1380.0, 420.0),
    born=datetime.date(2024, 3, 2),
)


def test_every_kind_of_entry_reaches_the_channels() -> None:
    """The realised schedule has every entry at its time, on its member."""
    schedule = EVERYTHING.schedule()
    realised = schedule.realise(0.0, 2 * DAY, caregivers=("mother", "father"))
    spans = {(bout.start, bout.stop) for bout in realised.bouts}
    assert spans == {(entry.start, entry.stop) for entry in EVERYTHING.entries}
    assert schedule.routine.born_on == "Saturday"
    crying = realised.levels["infant"][:, list(INFANT_CHANNELS).index("crying")]
    # 7 minutes of full cry, 7 of fussing
    assert (crying * np.diff(realised.edges)).sum() == pytest.approx(7 + 0.4 * 7)


def test_the_schedule_is_read_from_its_text() -> None:
    schedule = EVERYTHING.schedule()
    assert parse_schedule(schedule.text()) == schedule


def test_a_routine_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(InputError, match="skin-to-skin, crying, fussing and massage"):
        EVERYTHING.routine()
    assert EVERYTHING.of(["sleep", "touch"]).routine().activities[0] == Sleep(
        "00:10", "120 min", from_age="day 1", until_age="day 2"
    )
    with pytest.raises(UnknownNameError):
        EVERYTHING.of("bottle").of("sleep")


def test_a_recorded_day_can_be_simulated(diary: Diary) -> None:
    """The infant's own day: feeds reach the mother's oxytocin, on the days as they were."""
    days = diary.between(10, 11).schedule()
    fed = ox.simulate(
        ox.Dyad(infant_age="9 d"), days, "5 h", start="00:00", save="2 min", engine="scipy",
        progress=False,
    )  # fmt: skip
    oxytocin = fed["mother.plasma_oxytocin"][0].values
    clocks = fed.time
    first = next(entry for entry in diary.entries if entry.start >= 9 * DAY)
    assert first.kind == "breastfeed"
    begins = first.start - 9 * DAY
    during = (clocks > begins) & (clocks <= begins + (first.minutes or 0.0))
    before = (clocks < begins) & (clocks > begins - 60)
    assert oxytocin[during].max() > 1.5 * oxytocin[before].mean()


def test_days_without_entries() -> None:
    diary = _diary(*(("sleep", "infant", day * DAY + 60, 600.0) for day in (0, 1, 2, 4, 5)))
    assert diary.gaps == (4,)
    with pytest.raises(InputError, match="none on day 4") as caught:
        diary.routine()
    assert caught.value.key == ("gaps",)

    def asleep(routine: Routine) -> float:
        return _asleep_minutes(Schedule(routine).realise(3 * DAY, 4 * DAY))

    assert asleep(diary.routine(gaps="empty")) == 0
    assert asleep(diary.routine(gaps="typical")) == 600


def test_the_typical_day_is_the_most_central() -> None:
    """Of days that differ in when or how much, the one in the middle; counted by hand."""
    late = [("sleep", "infant", day * DAY + 60 * hour, 90.0) for day, hour in enumerate((0, 2, 1))]
    assert _diary(*late).typical_day().routine.activities[0].at == ("01:00",)
    long = [("sleep", "infant", day * DAY, minutes) for day, minutes in enumerate((60, 300, 120))]
    assert _diary(*long).typical_day().routine.activities[0].length == 120


def test_the_typical_day_does_not_favour_a_day_with_little_in_it() -> None:
    """Feeds at ever different times: the day of the usual number of feeds stands for all."""
    rng = np.random.default_rng(3)
    entries = []
    for day, feeds in enumerate((2, 8, 8, 9, 8, 7, 8, 3)):
        starts = np.sort(rng.choice(48, feeds, replace=False)) * 30.0
        entries += [("bottle", "mother", day * DAY + start, 20.0) for start in starts]
    chosen = typical_entries(_diary(*entries).entries, range(1, 9))
    assert len(chosen) in (7, 8, 9)


def test_a_typical_night_passes_midnight_once() -> None:
    nights = _diary(*(("sleep", "infant", day * DAY + 1200, 600.0) for day in range(5)))
    (night,) = nights.typical_day().routine.activities
    assert (night.at, night.length) == (("20:00",), 600.0)


def test_kept_contradictions_are_refused_by_the_routine(tmp_path: Path) -> None:
    file = write(tmp_path, ROWS + "1,05:00,06:00,nap\n1,05:30,05:40,play\n")
    diary = read_diary(file, overlaps="keep")
    with pytest.raises(OxysimError, match="needs the infant awake"):
        diary.routine()


def test_daily_totals_add_up(diary: Diary) -> None:
    totals = diary.daily_totals()
    for kind, same in totals.groupby("kind"):
        of_kind = diary.table[diary.table["kind"] == kind]
        assert same["minutes"].sum() == pytest.approx(of_kind["minutes"].sum())
        assert same["entries"].sum() == len(of_kind)


def test_a_diary_prints_what_it_holds(diary: Diary) -> None:
    assert repr(EVERYTHING.of("sleep")) == (
        "Diary: made; 1 entry; of sleep (1); from day 1 to day 1; born on 2024-03-02."
    )
    assert "<td>sleep</td>" in EVERYTHING._repr_html_()
    assert len(diary) == len(diary.table) == len(diary.to_pandas())


@pytest.mark.parametrize("minutes", [None, 0.0])
def test_a_diary_refuses_entries_without_a_length(minutes: float | None) -> None:
    entry = DiaryEntry(2, "sleep", "infant", 0.0, minutes)
    with pytest.raises(InputError, match="entry 1"):
        Diary((entry,), ReadingReport("made.csv", "diary", 1, 1), "made")
