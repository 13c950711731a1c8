"""Event tables of pharmacometrics: what their rows mean, both ways, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim import NasalSpray, Placebo, Routine
from oxysim.errors import InputError, OxysimError
from oxysim.interventions import IntravenousBolus, Massage
from oxysim.model.inputs import CAREGIVER_CHANNELS
from oxysim.observations import (
    DoseEvent,
    EventFormat,
    EventTable,
    Observations,
    read_events,
    write_events,
)
from oxysim.observations.event_tables.event_reader import parse_events
from oxysim.observations.event_tables.event_writer import events_text

# as NONMEM has it: a spray at once, an infusion of an hour, two compartments
NONMEM = """\
ID,TIME,AMT,RATE,CMT,EVID,MDV,DV
01,0,24,0,1,1,1,.
01,0.25,.,.,3,0,0,220.5
01,1,.,.,2,0,0,12.5
01,2,2,2,2,1,1,.
01,2.5,.,.,2,0,1,.
02,0,24,0,1,1,1,.
02,1,.,.,2,0,0,9
"""
# as Monolix has it: administrations and observations by their own numbers, LLOQ in DV
MONOLIX = """\
ID,TIME,AMT,II,ADDL,ADM,DVID,DV,CENS,LIMIT
7,0,24,12,13,1,.,.,.,.
7,30,.,.,.,.,1,1,1,0
7,31,.,.,.,.,2,14,0,.
7,32,.,.,.,.,1,400,-1,.
"""
FORMAT = EventFormat(
    "h", "IU", {1: "nasal", 2: "intravenous"}, {2: "plasma_oxytocin", 3: "saliva_oxytocin"},
    "pg/mL", "day 36 10:00",
)  # fmt: skip
ADMINISTRATIONS = EventFormat(
    "h", "IU", {1: "nasal"}, {1: "saliva_oxytocin", 2: "epds"},
    {"saliva_oxytocin": "pg/mL", "epds": "EPDS"},
)  # fmt: skip


def table(text: str, format_: EventFormat = FORMAT, **options: Any) -> EventTable:
    return parse_events(text, "pk.csv", format_, **options)


# --------------------------------------------------------------------------- what rows mean
def test_doses_and_values_of_a_nonmem_table() -> None:
    """Every row, worked out by hand."""
    events = table(NONMEM)
    assert events.doses == (
        DoseEvent(2, "01", 0.0, 24.0, "nasal"),
        DoseEvent(5, "01", 120.0, 2.0, "intravenous", over=60.0),
        DoseEvent(7, "02", 0.0, 24.0, "nasal"),
    )
    form = events.observations.table
    assert form["person"].tolist() == ["01", "01", "01", "02"]
    assert form["analyte"].tolist() == ["saliva_oxytocin", *["plasma_oxytocin"] * 3]
    assert form["clock"].tolist() == [615, 660, 750, 660]
    assert form["day"].tolist() == [0, 0, 0, 0]
    assert form["age"].tolist() == pytest.approx([35 + m / 1440 for m in (615, 660, 750, 660)])
    assert form["value"].tolist()[:2] == [220.5, 12.5]
    assert form["censored"].tolist() == ["", "", "missing", ""]
    assert form["line"].tolist() == [3, 4, 6, 8]
    assert events.report.kept == events.report.rows_in_file == 7


def test_a_monolix_table_with_repeated_doses_and_limits() -> None:
    events = table(MONOLIX, ADMINISTRATIONS)
    assert events.doses == (DoseEvent(2, "7", 0.0, 24.0, "nasal", interval=720.0, more=13),)
    form = events.observations.table
    assert form["censored"].tolist() == ["below", "", "above"]
    assert form["limit"].tolist() == pytest.approx([1, np.nan, 400], nan_ok=True)
    assert form["analyte"].tolist() == ["saliva_oxytocin", "epds", "saliva_oxytocin"]
    # nothing says when TIME 0 is
    assert form["minutes"].tolist() == [1800, 1860, 1920]
    assert form["clock"].isna().all()
    with pytest.raises(InputError, match="time_zero"):
        events.interventions("7")


def test_a_dose_is_the_intervention_at_its_clock_time() -> None:
    events = table(NONMEM)
    assert events.interventions("01") == (
        NasalSpray("24 IU", at="10:00", day="day 36", by="mother"),
        IntravenousBolus("2 IU", "60 min", at="12:00", day="day 36", by="mother"),
    )
    realised = events.schedule("01", Routine.empty()).realise(35 * 1440, 36 * 1440)
    levels, channels = realised.levels["mother"], list(CAREGIVER_CHANNELS)
    for channel, dose in (("nasal_spray", 24), ("intravenous", 2)):
        given_dose = (levels[:, channels.index(channel)] * np.diff(realised.edges)).sum()
        assert given_dose == pytest.approx(dose)


def test_repeated_doses_are_one_intervention() -> None:
    events = table(MONOLIX, ADMINISTRATIONS.with_time_zero("day 1 8:00 pm"))
    (spray,) = events.interventions("7")
    assert spray == NasalSpray(
        "24 IU", at="20:00", day="day 1", every="720 min", sessions=14, by="mother"
    )
    bouts = events.schedule("7").realise(0.0, 10 * 1440).bouts
    starts = sorted({bout.start for bout in bouts if "nasal_spray" in dict(bout.levels)})
    assert starts == [1200 + 720 * n for n in range(14)]


@pytest.mark.parametrize(
    ("row", "dose"),
    [
        ("1,0,.,1,1,.", 0.0),
        ("1,0,0,1,1,.", 0.0),
    ],
)
def test_a_dose_of_nothing_is_a_decision(row: str, dose: float) -> None:
    text = f"ID,TIME,AMT,CMT,EVID,DV\n{row}\n"
    if row.split(",")[2] == ".":
        with pytest.raises(InputError, match="line 2, column AMT: expected an amount"):
            table(text)
        return
    with pytest.raises(InputError, match="zero_dose='placebo'"):
        table(text)
    assert table(text, zero_dose="placebo").doses[0].dose == dose
    assert table(text, zero_dose="placebo").interventions("1") == (
        Placebo(at="10:00", day="day 36", by="mother"),
    )
    assert [drop.line for drop in table(text, zero_dose="drop").report.drops] == [2]


def test_other_events_are_left_out_and_named() -> None:
    events = table("ID,TIME,AMT,CMT,EVID,DV\n1,0,24,1,1,.\n1,1,.,2,2,.\n1,2,.,2,0,5\n")
    assert [(drop.line, drop.why) for drop in events.report.drops] == [
        (3, "neither a dose nor a value (EVID 2)")
    ]
    assert len(events.observations) == 1


def test_values_in_another_unit_are_converted_and_said() -> None:
    format_ = EventFormat("h", analytes="salivary_cortisol", units="ug/dL")
    events = table("TIME,DV\n0,1\n1,0.5\n", format_)
    # 1 ug/dL of cortisol is 27.59 nmol/L
    assert events.observations.table["value"].tolist() == pytest.approx([27.59, 13.795])
    assert "times 27.59" in events.report.changes[0].why
    assert events.persons == ("1",)
    assert events_text(events) == "TIME,DV\n0,1\n1,0.5\n"


def test_limits_from_a_column_of_their_own() -> None:
    format_ = EventFormat("min", analytes="saliva_oxytocin", units="pg/mL")
    form = table("TIME,DV,BLQ,LLOQ\n0,.,1,2\n5,0,1,2\n10,7,0,2\n", format_).observations.table
    assert form["censored"].tolist() == ["below", "below", ""]
    assert form["limit"].tolist() == pytest.approx([2, 2, np.nan], nan_ok=True)


# --------------------------------------------------------------------------- and back
@pytest.mark.parametrize(
    ("text", "format_"), [(NONMEM, FORMAT), (MONOLIX, ADMINISTRATIONS)], ids=["nonmem", "monolix"]
)
def test_a_table_is_written_back(tmp_path: Path, text: str, format_: EventFormat) -> None:
    events = table(text, format_)
    file = tmp_path / "again.csv"
    write_events(file, events)
    again = read_events(
        file, time_unit=format_.time_unit, dose_unit=format_.dose_unit, doses=format_.doses,
        analytes=format_.analytes, units=format_.units, time_zero=format_.time_zero,
    )  # fmt: skip
    assert again.doses == events.doses
    pd.testing.assert_frame_equal(again.observations.table, events.observations.table)
    # what a point and a zero say alike is written as one of them
    cells = [line.replace(",0", ",.").split(",") for line in file.read_text().splitlines()]
    assert cells == [line.replace(",0", ",.").split(",") for line in text.splitlines()]


def _same(first: EventTable, second: EventTable) -> None:
    """Equal but for the lines of the file."""
    assert [(d.person, d.route, d.more) for d in first.doses] == [
        (d.person, d.route, d.more) for d in second.doses
    ]
    for name in ("time", "dose", "over", "interval"):
        values = [
            np.array([getattr(d, name) for d in each.doses], dtype=float)
            for each in (first, second)
        ]
        np.testing.assert_allclose(*values, rtol=1e-11, atol=1e-7)
    forms = [each.observations.table.drop(columns="line") for each in (first, second)]
    pd.testing.assert_frame_equal(*forms, rtol=1e-11, atol=1e-7)


# a time that rounds to the next midnight would be of another day
TIMES = st.floats(0, 500).map(lambda time: round(time, 6))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just("dose"), TIMES, st.floats(0.01, 40),
                st.sampled_from(["nasal", "intravenous"]), st.integers(0, 3),
            ),
            st.tuples(
                st.just("value"), TIMES, st.floats(0, 1e4),
                st.sampled_from(["plasma_oxytocin", "saliva_oxytocin"]),
                st.sampled_from(["", "below", "above", "missing"]),
            ),
        ),
        min_size=1,
        max_size=10,
    ),
    st.sampled_from(["h", "min", "d"]),
    st.sampled_from(["IU", "ug", "mIU"]),
)  # fmt: skip
def test_any_table_is_written_back(events: list[Any], time_unit: str, dose_unit: str) -> None:
    lines = ["ID,TIME,AMT,TINF,II,ADDL,CMT,EVID,MDV,DV,CENS"]
    format_ = EventFormat(
        time_unit, dose_unit, {1: "nasal", 2: "intravenous"},
        {2: "plasma_oxytocin", 3: "saliva_oxytocin"}, "ng/mL", "day 20 07:30",
    )  # fmt: skip
    codes = {"nasal": 1, "intravenous": 2, "plasma_oxytocin": 2, "saliva_oxytocin": 3}
    for kind, time, number, what, more in sorted(events, key=lambda event: event[1]):
        if kind == "dose":
            repeats = f"{2.5},{more}" if more else ".,."
            lines.append(f"a,{time!r},{number!r},0.25,{repeats},{codes[what]},1,1,.,.")
        else:
            value = "." if more == "missing" else repr(number)
            cens = {"below": 1, "above": -1}.get(more, 0)
            lines.append(
                f"a,{time!r},.,.,.,.,{codes[what]},0,{int(more == 'missing')},{value},{cens}"
            )
    read = table("\n".join(lines) + "\n", format_)
    text = events_text(read)
    again = table(text, format_)
    _same(read, again)
    assert events_text(again) == text


def test_a_study_becomes_a_table() -> None:
    samples = pd.DataFrame(
        {"person": ["a", "a", "b"], "analyte": "plasma_oxytocin", "minutes": [630.0, 2100.0, 630.0],
         "value": [12.5, None, 3.0], "unit": "pg/mL"}
    )  # fmt: skip
    sprays = {
        "a": NasalSpray("24 IU", at="10:00", repeat="daily"),
        "b": [Placebo(at="10:00"), IntravenousBolus("2 IU", "30 min", at="10:30")],
    }
    events = EventTable.from_study(Observations.from_table(samples), sprays, FORMAT)
    assert [(dose.person, dose.time, dose.dose, dose.over) for dose in events.doses] == [
        ("a", 0.0, 24.0, 1.0),
        ("a", 1440.0, 24.0, 1.0),
        ("b", 0.0, 0.0, 1.0),
        ("b", 30.0, 2.0, 30.0),
    ]
    text = events_text(events)
    assert text.splitlines()[:3] == [
        "ID,TIME,AMT,CMT,EVID,MDV,DV,TINF",
        "a,0,24,1,1,1,.,0.016666666666667",
        "a,0.5,.,2,0,0,12.5,.",
    ]
    again = table(text, zero_dose="placebo")
    assert again.observations.table["value"].tolist() == pytest.approx(
        [12.5, np.nan, 3], nan_ok=True
    )
    assert [dose.dose for dose in again.doses] == [24, 24, 0, 2]
    with pytest.raises(InputError, match="NasalSpray, Placebo or IntravenousBolus"):
        EventTable.from_study(
            Observations.from_table(samples), {"a": Massage("5 min", at="10:00")}, FORMAT
        )


def test_the_whole_table_in_one_frame() -> None:
    frame = table(NONMEM).to_pandas()
    assert frame["line"].tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert frame["analyte"].tolist()[0] == "dose, nasal"
    assert frame.loc[frame["line"] == 5, ["value", "unit", "clock"]].to_numpy().tolist() == [
        [2.0, "IU", 720.0]
    ]


# --------------------------------------------------------------------------- what is refused
HEAD = "ID,TIME,AMT,RATE,CMT,EVID,MDV,DV,II,ADDL,SS,CENS,LIMIT\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,x,.,.,2,0,0,5,.,.,.,.,.", "line 2, column TIME: expected a time in h"),
        ("1,10:00,.,.,2,0,0,5,.,.,.,.,.", "time_zero says on which day"),
        ('1,"0,5",.,.,2,0,0,5,.,.,.,.,.', "column TIME: expected a time in h"),
        ("1,1e9,.,.,2,0,0,5,.,.,.,.,.", "column TIME"),
        ("1,0,.,.,9,0,0,5,.,.,.,.,.", "analytes={9: 'plasma_oxytocin'}"),
        ("1,0,5,.,9,1,1,.,.,.,.,.,.", "doses={9: 'nasal'}"),
        ("1,0,.,.,2,3,0,5,.,.,.,.,.", "the model has no reset"),
        ("1,0,.,.,2,7,0,5,.,.,.,.,.", "a whole number from 0 to 4"),
        ("1,0,24,.,2,0,0,5,.,.,.,.,.", "no amount where EVID is 0"),
        ("1,0,24,.,1,1,0,5,.,.,.,.,.", "write the value on a row of its own"),
        ("1,0,-2,.,1,1,1,.,.,.,.,.,.", "column AMT: expected an amount"),
        ("1,0,24,-2,1,1,1,.,.,.,.,.,.", "a rate that a model is to find"),
        ("1,0,24,.,1,1,1,.,12,.,.,.,.", "no interval (II) without ADDL"),
        ("1,0,24,.,1,1,1,.,.,3,.,.,.", "column II"),
        ("1,0,24,.,1,1,1,.,0,3,.,.,.", "an interval above 0"),
        ("1,0,24,.,1,1,1,.,12,.,1,.,.", "since no schedule begins in a steady state"),
        ("1,0,.,.,2,0,0,n.d.,.,.,.,.,.", "column DV"),
        ("1,0,.,.,2,0,0,-5,.,.,.,.,.", "column DV"),
        ("1,0,.,.,2,0,0,.,.,.,.,1,.", "the limit in DV"),
        ("1,0,.,.,2,0,0,5,.,.,.,2,.", "a whole number from -1 to 1"),
        ("1,0,.,.,2,0,0,5,.,.,.,1,2", "not between two"),
        (".,0,.,.,2,0,0,5,.,.,.,.,.", "column ID: expected an identifier"),
        ("1,0,.,.,2,0,0,5,.,.,.,.", "line 2: expected 13 cells"),
    ],
)
def test_a_row_that_cannot_be(row: str, words: str) -> None:
    with pytest.raises(OxysimError, match="line 2") as caught:
        table(HEAD + row + "\n")
    assert words in str(caught.value)


def test_times_that_go_back_are_a_decision() -> None:
    text = "ID,TIME,AMT,CMT,DV\n1,1,.,2,5\n1,0,24,1,.\n2,0,.,2,3\n1,2,.,2,4\n"
    with pytest.raises(InputError, match="line 3.*an earlier TIME after line 2"):
        table(text)
    events = table(text, unordered="sort")
    assert [change.line for change in events.report.changes] == [3, 5]
    assert events.observations.table["line"].tolist() == [2, 5, 4]
    with pytest.raises(InputError, match="line 4.*person '1' again after line 3"):
        table("ID,TIME,AMT,CMT,DV\n1,1,.,2,5\n2,0,.,2,3\n1,2,.,2,4\n")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("ID,AMT,DV", "a column TIME, and AMT or DV"),
        ("ID,TIME", "a column TIME, and AMT or DV"),
        ("ID,TIME,DV,WT", "ignore=['WT']"),
        ("ID,id,TIME,DV", "one column ID"),
        ("TIME,DV,CENS,BLQ", "CENS or BLQ"),
    ],
)
def test_columns_that_cannot_be(header: str, words: str) -> None:
    with pytest.raises(OxysimError, match="line 1") as caught:
        table(f"{header}\n")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"time_unit": None}, "time_unit: expected the unit of TIME"),
        ({"time_unit": "hour of the day"}, "time_unit: expected a unit of time"),
        ({"dose_unit": "puffs"}, "dose_unit: expected a unit of dose of oxytocin"),
        ({"dose_unit": None}, "dose_unit: expected the unit of AMT"),
        ({"doses": {1: "oral"}}, "unknown doses 'oral'"),
        ({"doses": {-1: "nasal"}}, "doses: expected a whole number"),
        ({"units": {}}, "units: expected the unit of plasma_oxytocin"),
        ({"units": {"plasma": "pg/mL"}}, "unknown units 'plasma'"),
        ({"units": "mmHg"}, "a unit of plasma_oxytocin"),
        ({"time_zero": "10:00"}, "time_zero: expected a day and a clock time"),
        ({"time_zero": "day 0 10:00"}, "time_zero"),
        ({"zero_dose": "skip"}, "unknown zero_dose 'skip'"),
        ({"unordered": "yes"}, "unknown unordered 'yes'"),
        ({"member": ""}, "member"),
    ],
)
def test_arguments_that_cannot_be(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    file = tmp_path / "pk.csv"
    file.write_text(NONMEM, encoding="utf-8")
    right = {
        "time_unit": "h", "dose_unit": "IU", "doses": {1: "nasal", 2: "intravenous"},
        "analytes": {2: "plasma_oxytocin", 3: "saliva_oxytocin"}, "units": "pg/mL",
    }  # fmt: skip
    with pytest.raises(OxysimError) as caught:
        read_events(file, **right | options)
    assert words in str(caught.value)
