"""Diaries and event tables made wrong in one place: a clear error with its line, or a correct
reading.

Whether a reading is correct is judged by readers of a few lines that stand here, know one spelling
of everything, and share no code with the library.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oxysim.errors import OxysimError
from oxysim.observations import Diary, EventFormat, EventTable, read_diary
from oxysim.observations.event_tables.event_reader import parse_events
from tests.support.mutated_diaries import Mutation, mutated

BORN = datetime.date(2024, 3, 1)
DIARIES = (
    """\
date,start,end,activity,by,amount_ml
2024-03-02,06:30,06:55,breastfeed,mother,
2024-03-02,07:10,08:40,sleep,,
2024-03-02,08:45,09:05,bottle,father,90
2024-03-02,17:30,17:50,crying,,
2024-03-02,20:15,00:40,sleep,,
2024-03-03,00:45,01:10,breastfeed,mother,
2024-03-03,10:00,10:20,play,father,
""",
    """\
day,start,end,minutes,activity
2,11:40 pm,12:20 am,40,nap
3,1:05 am,3:05 am,120,sleep
3,4:00 am,,15,nursing
3,12:30 pm,1:30 pm,60,touch
4,6:00 pm,6:45 pm,45,bottle
""",
    """\
start,end,activity
2024-03-05 10:00,2024-03-05 11:30,nap
2024-03-05T13:00:00,2024-03-05T13:20:00,bottle
2024-03-05 22:00,2024-03-06 04:00,sleep
2024-03-06 04:10,04:40,nursing
""",
)
EVENTS = """\
ID,TIME,AMT,RATE,CMT,EVID,MDV,DV,CENS,II,ADDL
01,0,24,0,1,1,1,.,0,.,.
01,0.25,.,.,3,0,0,220.5,0,.,.
01,1,.,.,2,0,0,12.5,0,.,.
01,2,2,2,2,1,1,.,0,.,.
01,2.5,.,.,2,0,1,.,0,.,.
02,0,24,0,1,1,1,.,0,12,3
02,1,.,.,2,0,0,1,1,.,.
02,36,.,.,3,0,0,9,0,.,.
"""
FORMAT = EventFormat(
    "h", "IU", {1: "nasal", 2: "intravenous"}, {2: "plasma_oxytocin", 3: "saliva_oxytocin"},
    "pg/mL", "day 36 10:00",
)  # fmt: skip
KINDS = {"nap": "sleep", "nursing": "breastfeed"}


# --------------------------------------------------------------------------- readers of a few lines
def _rows(text: str) -> dict[int, dict[str, str]]:
    """The rows by line, as the csv module has them; of a text that was accepted."""
    plain = "\n".join("" if line.lstrip().startswith("#") else line for line in text.split("\n"))
    reader = csv.reader(io.StringIO(plain.removeprefix("\ufeff")))
    rows, header = {}, None
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if not cells:
            continue
        if header is None:
            header = [name.casefold() for name in stripped]
        else:
            rows[reader.line_num] = dict(zip(header, stripped, strict=True))
    return rows


def _minutes(text: str) -> float:
    """A clock time of 24 or 12 hours."""
    match = re.fullmatch(
        r"(\d{1,2})(?:[:.](\d{2}))?(?::(\d{2}))?(?:\s*([ap])\.?m\.?)?", text, re.I | re.A
    )
    assert match, text
    hours = int(match[1])
    if match[4]:
        hours = hours % 12 + 12 * (match[4].casefold() == "p")
    return hours * 60 + int(match[2] or 0) + int(match[3] or 0) / 60


def _stamp(text: str, day: float | None) -> float:
    """A clock time on a day, or a date and a clock time, in minutes since the midnight of birth."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[ T](.+?)([+-]\d\d:\d\d)?", text)
    if match is None:
        assert day is not None, text
        return day + _minutes(text)
    date = datetime.date(int(match[1]), int(match[2]), int(match[3]))
    return (date - BORN).days * 1440 + _minutes(match[4])


def _day(row: dict[str, str]) -> float | None:
    if "day" in row:
        return (int(row["day"]) - 1) * 1440.0
    if "date" in row:
        return (datetime.date.fromisoformat(row["date"]) - BORN).days * 1440.0
    return None


def _length(text: str) -> float:
    if match := re.fullmatch(r"(\d+):(\d\d)(?::(\d\d))?", text):
        return int(match[1]) * 60 + int(match[2]) + int(match[3] or 0) / 60
    factor = 60.0 if text.endswith("h") else 1.0
    return float(text.removesuffix("h").removesuffix("min")) * factor


def require_correct_diary(diary: Diary, text: str) -> None:
    """Every row of the file is in the diary, as it is written."""
    rows = _rows(text)
    assert diary.report.rows_in_file == diary.report.kept == len(rows)
    assert sorted(entry.line for entry in diary.entries) == sorted(rows)
    for entry in diary.entries:
        row = rows[entry.line]
        word = row["activity"].casefold()
        assert entry.kind == KINDS.get(word, word)
        start = _stamp(row["start"], _day(row))
        assert entry.start == pytest.approx(start)
        if row.get("minutes"):
            assert entry.minutes == pytest.approx(_length(row["minutes"]))
        else:
            end = _stamp(row["end"], start // 1440 * 1440)
            end += 1440 * (end < start)
            assert entry.stop == pytest.approx(end)
        if row.get("by") and entry.by != "infant":
            assert entry.by == row["by"]
        if row.get("amount_ml"):
            assert entry.amount_ml == pytest.approx(_amount(row["amount_ml"]))


def _amount(text: str) -> float:
    return float(text.casefold().removesuffix("ml"))


def _number(text: str) -> float | None:
    return None if text in ("", ".", "NA") else float(text)


def require_correct_events(events: EventTable, text: str) -> None:
    """Every row of the file is a dose or a value, as it is written."""
    rows = _rows(text)
    dropped = {drop.line for drop in events.report.drops}
    assert dropped == {line for line, row in rows.items() if row.get("evid") == "2"}
    assert len(events.doses) + len(events.observations) + len(dropped) == len(rows)
    for dose in events.doses:
        row = rows[dose.line]
        assert dose.person == row.get("id", "1")
        assert (dose.time, dose.dose) == pytest.approx((float(row["time"]) * 60, float(row["amt"])))
        assert dose.route == {"1": "nasal", "2": "intravenous"}[row["cmt"]]
        rate = _number(row.get("rate", ""))
        assert dose.over == (pytest.approx(float(row["amt"]) / rate * 60) if rate else None)
        more = int(_number(row.get("addl", "")) or 0)
        assert dose.more == more
        assert dose.interval == (pytest.approx(float(row["ii"]) * 60) if more else None)
    for value in events.observations.table.to_dict("records"):
        row = rows[value["line"]]
        assert (value["person"], value["minutes"]) == (
            row.get("id", "1"),
            pytest.approx(float(row["time"]) * 60 + 600),
        )
        assert value["analyte"] == {"2": "plasma_oxytocin", "3": "saliva_oxytocin"}[row["cmt"]]
        number = row["dv"].lstrip("<>")
        below = row.get("cens") == "1" or row["dv"].startswith("<")
        above = row.get("cens") == "-1" or row["dv"].startswith(">")
        if row.get("mdv") == "1" or number in ("", ".", "NaN", "NA"):
            assert value["censored"] == "missing"
        elif below or above:
            assert value["limit"] == pytest.approx(float(number))
            assert value["censored"] == ("below" if below else "above")
        else:
            assert value["value"] == pytest.approx(float(number))


# --------------------------------------------------------------------------- the mutations
def require_clear_error(error: OxysimError, mutation: Mutation, name: str) -> None:
    """One line that names the file and the line that was touched."""
    text = str(error)
    assert "\n" not in text
    assert len(text) < 1000
    assert name in text
    assert "line " in text or "header" in text, text
    # an error about two rows names both; what a header or a quote breaks shows where it is met
    broken = mutation.line in (None, 1) or '"' in mutation.text
    if not broken:
        assert f"line {mutation.line}" in text, (mutation.what, text)


def run(
    seeds: range,
    texts: tuple[str, ...],
    read: Callable[[str], Any],
    require_correct: Callable[[Any, str], None],
    name: str,
) -> tuple[int, int]:
    """How many mutations were refused, and how many read."""
    refused = 0
    for seed in seeds:
        mutation = mutated(texts[seed % len(texts)], seed)
        try:
            data = read(mutation.text)
        except OxysimError as error:
            refused += 1
            require_clear_error(error, mutation, name)
        else:
            require_correct(data, mutation.text)
    return refused, len(seeds) - refused


def _reader_of_diaries(folder: Path) -> Callable[[str], Diary]:
    file = folder / "diary.csv"

    def read(text: str) -> Diary:
        file.write_bytes(text.encode("utf-8"))
        return read_diary(file, born=BORN)

    return read


def _events(text: str) -> EventTable:
    return parse_events(text.removeprefix("\ufeff"), "pk.csv", FORMAT)


def test_the_tables_are_right_before_they_are_changed(tmp_path: Path) -> None:
    read = _reader_of_diaries(tmp_path)
    for text in DIARIES:
        require_correct_diary(read(text), text)
    require_correct_events(_events(EVENTS), EVENTS)


def read_leniently(file: Path, seeds: range) -> None:
    """With every leniency: an error of the library, or a schedule."""
    for seed in seeds:
        file.write_bytes(mutated(DIARIES[seed % len(DIARIES)], seed).text.encode("utf-8"))
        try:
            diary = read_diary(
                file, born=BORN, zone="Europe/Zurich", missing_end="usual" if seed % 2 else "drop",
                lengths="clocks", doubled="drop", overlaps="join", longest="24 h",
            )  # fmt: skip
        except OxysimError as error:
            assert "\n" not in str(error)
            continue
        report = diary.report
        assert report.kept + len({drop.line for drop in report.drops}) == report.rows_in_file
        assert not diary.overlaps()["contradiction"].any()
        if diary.entries:
            first, last = diary.days
            schedule = diary.schedule(gaps="typical" if seed % 3 else "empty")
            # "caregiver" is the first of the family, whoever that is
            names = tuple(name for name in diary.caregivers if name != "caregiver")
            schedule.realise(
                (first - 1) * 1440.0, (last + 1) * 1440.0, caregivers=names or ("mother",)
            )


def test_a_hundred_mutated_tables_of_each_kind(tmp_path: Path) -> None:
    read = _reader_of_diaries(tmp_path)
    for result in (
        run(range(100), DIARIES, read, require_correct_diary, "diary.csv"),
        run(range(100), (EVENTS,), _events, require_correct_events, "pk.csv"),
    ):
        # both happen: a fuzz that is always refused tests one half
        assert min(result) > 10
    read_leniently(tmp_path / "lenient.csv", range(100))


@pytest.mark.long
def test_three_thousand_mutated_tables_of_each_kind(tmp_path: Path) -> None:
    read = _reader_of_diaries(tmp_path)
    run(range(100, 3100), DIARIES, read, require_correct_diary, "diary.csv")
    run(range(100, 3100), (EVENTS,), _events, require_correct_events, "pk.csv")
    read_leniently(tmp_path / "lenient.csv", range(100, 3100))
