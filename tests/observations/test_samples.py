"""Tables of samples are read as they say, long or wide, or refused with line, column and remedy."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, UnitError, UnknownNameError
from oxysim.measures import Instrument, instrument
from oxysim.observations import Observations, read_samples

PIGS = Path(__file__).parent / "data" / "pigs_saliva_hormones.csv"
PIG_COLUMNS: dict[str, Any] = {
    "columns": {"person": "uniq.id", "clock": "time", "occasion": "testday"},
    "analytes": {"oxyt_pgml": "saliva_oxytocin", "cort_ngml": "salivary_cortisol"},
    "units": {"oxyt_pgml": "pg/mL", "cort_ngml": "ng/mL", "age": "d"},
    "ignore": ("sex", "context"),
    "member": "infant",
}

Read = Callable[..., Observations]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A reader of a text as a file."""

    def read_text(text: str, **arguments: Any) -> Observations:
        path = tmp_path / "saliva.csv"
        path.write_text(text, encoding="utf-8")
        return read_samples(path, **arguments)

    return read_text


def refused(read: Read, text: str, words: list[str], **arguments: Any) -> None:
    with pytest.raises(OxysimError) as error:
        read(text, **arguments)
    message = str(error.value)
    assert all(word in message for word in ["saliva.csv", *words]), message
    assert "\n" not in message


WIDE = """person,date,clock,saliva_oxytocin [pg/mL],salivary_cortisol [nmol/L]
01,2024-03-01,08:00,12.5,9.1
01,2024-03-03,08:30,30,4.5
02,2024-03-02,20:15,7.25,1.5
"""


# --------------------------------------------------------------------------------------
# a published table
def test_every_sample_and_every_missing_value_of_the_pigs_is_accounted_for() -> None:
    some = read_samples(PIGS, **PIG_COLUMNS)
    assert len(some) == 1160 and len(some.persons) == 78
    assert (some.report.rows_in_file, some.report.kept, some.report.drops) == (580, 580, ())
    with PIGS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    changes = some.report.to_pandas()
    # 1 pg/mL is 1 pg/mL; cortisol weighs 362.5 g/mol
    cases = (
        ("oxyt_pgml", "saliva_oxytocin", 1.0, 123),
        ("cort_ngml", "salivary_cortisol", 2.759, 56),
    )
    for column, analyte, factor, missing in cases:
        lines = [line for line, row in enumerate(rows, start=2) if row[column] == "NA"]
        reported = changes[changes["why"] == f"{analyte}: missing ('NA')"]
        assert len(lines) == missing and reported["line"].tolist() == lines
        values = some.of(analyte).table
        assert values.loc[values["censored"] == "missing", "line"].tolist() == lines
        there = values[values["censored"] == ""]
        written = [float(row[column]) * factor for row in rows if row[column] != "NA"]
        assert there["value"].to_numpy() == pytest.approx(written)
    assert changes.loc[changes["why"].str.startswith("converted"), "what"].tolist() == [
        "column 'cort_ngml'"
    ]


def test_days_of_the_pigs_count_from_each_animal_s_first() -> None:
    table = read_samples(PIGS, **PIG_COLUMNS).of("saliva_oxytocin").table
    with PIGS.open(encoding="utf-8", newline="") as file:
        rows = pd.DataFrame(list(csv.DictReader(file)))
    date = pd.to_datetime(rows["date"])
    first = date.groupby(rows["uniq.id"]).transform("min")
    assert table["day"].tolist() == (date - first).dt.days.tolist()
    clock = pd.to_timedelta(rows["time"]).dt.total_seconds() / 60
    assert table["clock"].to_numpy() == pytest.approx(clock.to_numpy())
    assert (table["minutes"] == table["day"].astype(float) * 1440 + table["clock"]).all()
    assert table["age"].tolist() == rows["age"].astype(float).tolist()


# --------------------------------------------------------------------------------------
# layouts and times
def test_a_wide_table_is_read(read: Read) -> None:
    some = read(WIDE)
    oxytocin = some.of("saliva_oxytocin").table
    assert oxytocin["value"].tolist() == [12.5, 30.0, 7.25]
    assert oxytocin["day"].tolist() == [0, 2, 0]
    assert oxytocin["minutes"].tolist() == [480.0, 2 * 1440 + 510.0, 1215.0]
    assert oxytocin["line"].tolist() == [2, 3, 4] and some.persons == ("01", "02")
    assert some.report.changes == () and some.name == "saliva.csv"


def test_a_long_table_says_the_same(read: Read) -> None:
    long = ["person,date,clock,analyte,value,unit"]
    for line in WIDE.splitlines()[1:]:
        person, date, clock, oxytocin, cortisol = line.split(",")
        long += [f"{person},{date},{clock},OT,{oxytocin},ng/L"]
        long += [f"{person},{date},{clock},salivary_cortisol,{cortisol},nmol/l"]
    some = read("\n".join(long), analytes={"OT": "saliva_oxytocin"}).table
    wide = read(WIDE).table
    pd.testing.assert_frame_equal(some.drop(columns="line"), wide.drop(columns="line"))
    assert some["line"].tolist() == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("header", "cells", "arguments"),
    [
        ("date,clock", "01.03.2024,14:30", {"dates": "DD.MM.YYYY"}),
        ("date,clock", "3/1/24,2:30 pm", {"dates": "MM/DD/YY"}),
        ("moment", "2024-03-01T14:30:00", {}),
        ("taken", "2024-03-01 14:30", {"columns": {"moment": "taken"}}),
        ("day,clock", "0,14:30", {}),
        ("clock", "14:30", {"same_day": True}),
        ("minutes", "870", {}),
        ("minutes [h]", "14.5", {}),
        ("minutes", "30", {"event": "spray", "event_clock": "14:00"}),
    ],
)
def test_one_moment_in_many_ways(
    read: Read, header: str, cells: str, arguments: dict[str, Any]
) -> None:
    some = read(f"person,{header},saliva_oxytocin [pg/mL]\na,{cells},5\n", **arguments).table
    assert some[["day", "clock", "minutes"]].to_numpy().tolist() == [[0, 870.0, 870.0]]


def test_minutes_from_an_event_say_no_clock(read: Read) -> None:
    text = "person,minutes,saliva_oxytocin [pg/mL]\na,-10,5\na,30,9\n"
    some = read(text, event="spray").table
    assert some["minutes"].tolist() == [-10.0, 30.0]
    assert some["clock"].isna().all() and some["day"].isna().all()


def test_an_event_at_a_known_clock_is_on_the_day_of_the_row(read: Read) -> None:
    text = "person,date,minutes,saliva_oxytocin [pg/mL]\na,2024-01-01,30,5\na,2024-01-08,180,5\n"
    some = read(text, event="spray", event_clock="22:00").table
    assert some["minutes"].tolist() == [1350.0, 7 * 1440 + 1500.0]
    # three hours after 22:00 is 01:00 of the next day
    assert some["day"].tolist() == [0, 8] and some["clock"].tolist() == [1350.0, 60.0]


def test_a_clock_alone_says_no_day(read: Read) -> None:
    some = read("person,clock,saliva_oxytocin [pg/mL]\na,10:00,5\na,09:00,4\n").table
    assert some["clock"].tolist() == [600.0, 540.0] and some["minutes"].isna().all()


def test_ages_come_from_a_column_or_from_the_date_of_birth(read: Read) -> None:
    text = "person,date,clock,birth,saliva_oxytocin [pg/mL]\na,2024-03-01,12:00,2024-01-19,5\n"
    # 12 days of January, 29 of February (a leap year), 1 of March, and half a day
    assert read(text).table["age"].tolist() == [42.5]
    weeks = "person,clock,age [weeks],saliva_oxytocin [pg/mL]\na,12:00,6,5\n"
    assert read(weeks).table["age"].tolist() == [42.0]
    classes = "person,clock,age,saliva_oxytocin [pg/mL]\na,12:00,3-6 months,5\n"
    some = read(classes)
    assert math.isnan(some.table["age"][0]) and some.table["occasion"][0] == "3-6 months"
    assert some.report.changes[0][:2] == (2, "age '3-6 months'")


def test_day_0_is_the_first_date_or_what_is_named(read: Read) -> None:
    days = [read(WIDE, origin=o).of("saliva_oxytocin").table["day"].tolist() for o in (
        "2024-03-02", {"01": "2024-03-01", "02": "2024-02-29"},
    )]  # fmt: skip
    assert days == [[-1, 1, 0], [0, 2, 2]]
    with pytest.raises(InputError, match="origin, 02: expected a date for every person"):
        read(WIDE, origin={"01": "2024-03-01"})


def test_members_are_read_from_a_column(read: Read) -> None:
    text = "person,member,clock,saliva_oxytocin [pg/mL]\na,M,10:00,5\na,baby,10:00,4\n"
    some = read(text, members={"M": "mother", "baby": "infant"})
    assert some.members == ("mother", "infant")
    refused(read, text, ["line 2, column member", "'M'", "members={'M': ...}"])


def test_a_user_s_own_instrument_and_analyte(read: Read) -> None:
    kit = instrument("salivary_cortisol")
    own = Instrument(
        "kit_cortisol", kit.variables, "nmol/L", kit.noise, kit.source, kit.status, "", low=0
    )
    text = "person,clock,cort [ug/dL],amylase [U/mL]\na,10:00,0.1,80\n"
    some = read(text, analytes={"cort": own, "amylase": "alpha_amylase"})
    assert some.table["value"].to_numpy() == pytest.approx([2.759, 80.0])
    assert some.require_units() == {"kit_cortisol": "nmol/L", "alpha_amylase": "U/mL"}


def test_units_are_named_by_column_by_role_or_by_analyte(read: Read) -> None:
    text = "person,weeks,OT\na,6,5\n"
    arguments: dict[str, Any] = {"columns": {"age": "weeks"}, "analytes": {"OT": "saliva_oxytocin"}}
    for key in ("weeks", "age"):
        some = read(text, units={key: "weeks", "OT": "ng/L"}, **arguments).table
        assert some["age"].tolist() == [42.0] and some["value"].tolist() == [5.0]
    long = "person,clock,analyte,value\na,08:00,OT,5\na,08:00,epds,5\n"
    some = read(long, analytes={"OT": "saliva_oxytocin"}, units={"OT": "ng/mL", "epds": "EPDS"})
    assert some.table["value"].tolist() == [5000.0, 5.0]


def test_a_missing_value_needs_no_unit_and_a_number_does(read: Read) -> None:
    text = "person,clock,analyte,value,unit\na,08:00,saliva_oxytocin,{},\n"
    text += "a,09:00,saliva_oxytocin,5,ng/mL\n"
    for cell in ("", "NA", "QNS"):
        some = read(text.format(cell)).table
        assert some["unit"].tolist() == ["pg/mL"] * 2 and some["censored"][0] == "missing"
    refused(read, text.format("7"), ["line 2", "the unit of saliva_oxytocin", "none"])


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 1439), st.floats(0.001, 1e6), st.booleans()),
        min_size=1,
        max_size=12,
        unique_by=lambda row: row[:2],
    ),
    st.sampled_from(["nmol/L", "ug/dL", "ng/mL"]),
)
def test_any_table_gives_the_same_in_any_unit_and_layout(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], unit: str
) -> None:
    factor = {"nmol/L": 1.0, "ug/dL": 27.59, "ng/mL": 2.759}[unit]
    wide = [f"person,day,clock,salivary_cortisol [{unit}]"]
    long = ["clock,value,person,unit,day,analyte"]
    for day, minute, value, is_limit in rows:
        clock, cell = f"{minute // 60}:{minute % 60:02d}", ("<" if is_limit else "") + repr(value)
        wide.append(f"a,{day},{clock},{cell}")
        long.append(f"{clock},{cell},a,{unit},{day},salivary_cortisol")
    folder = tmp_path_factory.mktemp("tables")
    tables = []
    for name, lines in (("wide.csv", wide), ("long.csv", long)):
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
        tables.append(read_samples(folder / name).table)
    pd.testing.assert_frame_equal(*tables)
    expected = [value * factor for _, _, value, _ in rows]
    known = tables[0]["value"].fillna(tables[0]["limit"])
    np.testing.assert_allclose(known, expected, rtol=1e-12)
    assert (tables[0]["censored"] == "below").tolist() == [row[3] for row in rows]
    assert tables[0]["minutes"].tolist() == [day * 1440 + minute for day, minute, *_ in rows]


# --------------------------------------------------------------------------------------
# limits and texts
LIMITED = """person,clock,analyte,value,unit
a,08:00,saliva_oxytocin,<5,pg/mL
a,08:10,saliva_oxytocin,BLQ,pg/mL
a,08:20,saliva_oxytocin,> 400,pg/mL
a,08:30,saliva_oxytocin,QNS,pg/mL
a,08:40,saliva_oxytocin,,pg/mL
a,08:50,saliva_oxytocin,0,pg/mL
a,09:00,saliva_oxytocin,3,pg/mL
a,09:10,saliva_oxytocin,20,pg/mL
"""


def test_what_is_beyond_a_limit_keeps_the_limit(read: Read) -> None:
    limits = {"saliva_oxytocin": "0.004 ng/mL"}
    some = read(LIMITED, limits=limits, zeros="below", outside_limits="censor").table
    assert some["censored"].tolist() == [
        "below", "below", "above", "missing", "missing", "below", "below", "",
    ]  # fmt: skip
    expected = [5.0, 4.0, 400.0, math.nan, math.nan, 4.0, 4.0, math.nan]
    np.testing.assert_allclose(some["limit"], expected)
    kept = read(LIMITED, limits=limits, zeros="keep", outside_limits="keep").table
    assert kept["value"].tolist()[-3:] == [0.0, 3.0, 20.0]


def test_the_report_says_why_a_value_is_no_number(read: Read) -> None:
    report = read(LIMITED, limits={"saliva_oxytocin": "4 pg/mL"}, zeros="below",
                  outside_limits="censor").report.to_pandas()  # fmt: skip
    whys = report.set_index("line")["why"]
    assert report["line"].tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert "below the limit that the cell states" in whys[2]
    assert "below the limit ('BLQ'); the limit is as named" in whys[3]
    assert "too little of the sample ('QNS')" in whys[5] and "an empty cell" in whys[6]
    assert "below the limit (0)" in whys[7] and "taken as no more than that" in whys[8]


def test_limits_may_be_the_instruments_or_stand_in_the_row(read: Read) -> None:
    text = "person,clock,analyte,value,unit,limit\na,08:00,saliva_oxytocin,BLQ,ng/mL,{}\n"
    assumed = read(text.format(""), limits="instruments")
    assert assumed.table["limit"].tolist() == [pytest.approx(instrument("saliva_oxytocin").lloq)]
    assert "which is assumed" in assumed.report.changes[-1].why
    assert read(text.format("0.002")).table["limit"].tolist() == [pytest.approx(2.0)]


def test_a_text_below_an_unknown_limit_asks_for_it(read: Read) -> None:
    remedy = "limits={'saliva_oxytocin': '5 pg/mL'}"
    refused(read, LIMITED, ["line 3, column value", "'BLQ'", remedy])
    named = {"saliva_oxytocin": "4 pg/mL"}
    refused(read, LIMITED, ["line 7", "above 0", "zeros='below'"], limits=named)
    words = ["line 8", "not below the limit", "outside_limits='censor'"]
    refused(read, LIMITED, words, limits=named, zeros="below")


def test_codes_and_words_of_a_laboratory_are_named(read: Read) -> None:
    text = "person,clock,saliva_oxytocin [pg/mL]\na,08:00,-99\na,09:00,n.d.\n"
    refused(read, text, ["line 2", "'-99'", "missing=('-99',)"])
    refused(read, text, ["line 3", "'not detected'", "'not done'"], missing=("-99",))
    some = read(text, missing=("-99",), below=("n.d.",), limits={"saliva_oxytocin": "2 pg/mL"})
    assert some.table["censored"].tolist() == ["missing", "below"]


# --------------------------------------------------------------------------------------
# rows twice, rows without a time
TWICE = "person,clock,saliva_oxytocin [pg/mL]\na,08:00,5\na,08:00,{}\nb,08:00,5\n"


def test_a_sample_twice_is_refused_dropped_or_a_replicate(read: Read) -> None:
    refused(read, TWICE.format("5"), ["line 3", "line 2", "doubled='keep'", "doubled='drop'"])
    dropped = read(TWICE.format("5"), doubled="drop")
    assert dropped.table["line"].tolist() == [2, 4] and dropped.report.drops[0].line == 3
    refused(read, TWICE.format("6"), ["line 3", "another 'saliva_oxytocin"], doubled="drop")
    assert read(TWICE.format("6"), doubled="keep").table["value"].tolist() == [5.0, 6.0, 5.0]


def test_a_row_without_its_time_is_refused_dropped_or_kept(read: Read) -> None:
    text = "person,date,clock,saliva_oxytocin [pg/mL]\na,2024-03-01,,5\na,2024-03-02,09:00,6\n"
    refused(read, text, ["line 2, column clock", "missing_times='drop'"])
    dropped = read(text, missing_times="drop")
    assert dropped.table["line"].tolist() == [3] and dropped.report.drops[0].line == 2
    assert dropped.table["day"].tolist() == [0]
    kept = read(text, missing_times="keep").table
    assert kept["day"].tolist() == [0, 1] and math.isnan(kept["minutes"][0])


def test_clocks_of_one_day_go_forward(read: Read) -> None:
    text = "person,clock,saliva_oxytocin [pg/mL]\na,23:50,5\nb,08:00,5\na,00:20,6\n"
    refused(read, text, ["line 4, column clock", "23:50 of line 2", "'day'"], same_day=True)


# --------------------------------------------------------------------------------------
# what is refused
HEAD = "person,clock,saliva_oxytocin [pg/mL]\n"
WRONG: list[tuple[str, dict[str, Any], list[str]]] = [
    ("", {}, ["an empty file"]),
    (HEAD, {}, ["a header alone"]),
    (HEAD.replace(",", ";") + "a;08:00;5\n", {}, ["line 1", "semicolons"]),
    (HEAD + "a,08:00\n", {}, ["line 2", "3 cells"]),
    (HEAD + 'a,08:00,"5,5"\n', {}, ["line 2", "saliva_oxytocin", "a point for decimals"]),
    (HEAD + "a,08:00,five\n", {}, ["line 2", "'five'"]),
    (HEAD + ",08:00,5\n", {}, ["line 2, column person"]),
    (HEAD + "a,8 o'clock,5\n", {}, ["line 2, column clock"]),
    ("person,clock,saliva_oxytocin\na,08:00,5\n", {}, ["the unit of saliva_oxytocin", "none"]),
    ("person,clock,saliva_oxytocin [mol]\na,08:00,5\n", {}, ["'pg/mL'", "'mol'"]),
    (HEAD + "a,08:00,5\n", {"units": {"saliva_oxytocin": "ng/mL"}}, ["units", "'pg/mL'"]),
    (HEAD + "a,08:00,5\n", {"units": {"cort": "ng/mL"}}, ["unknown column 'cort'"]),
    ("id,clock,saliva_oxytocin [pg/mL]\na,08:00,5\n", {}, ["'person'", "columns={'person': ...}"]),
    ("person,saliva_oxytocin [pg/mL]\na,5\n", {}, ["'date' or 'clock'"]),
    ("person,clock\na,08:00\n", {}, ["a column of an analyte", "analytes="]),
    ("person,clock,value\na,08:00,5\n", {}, ["a column 'analyte'"]),
    ("person,clock,sex,epds [EPDS]\na,08:00,f,5\n", {}, ["'sex'", "ignore=('sex',)"]),
    ("person,date,day,epds [EPDS]\na,2024-01-01,0,5\n", {}, ["'date' or a column 'day'"]),
    ("person,date,minutes,epds [EPDS]\na,2024-01-01,5,5\n", {}, ["event='spray'"]),
    ("person,date,clock,epds [EPDS]\na,03.11.20,08:00,5\n", {}, ["dates='DD.MM.YY'"]),
    ("person,clock,minutes,epds [EPDS]\na,08:00,30,5\n", {}, ["agree with the clock, 08:00"]),
    ("person,clock,age,epds [EPDS]\na,08:00,6,5\n", {}, ["column age", "units={'age': 'weeks'}"]),
    (
        "person,clock,analyte,value,unit\na,08:00,saliva_oxytocin,5,pg/mL\n"
        "a,09:00,saliva_oxytocin,6,ng/mL\n",
        {},
        ["line 3", "'pg/mL', the unit in line 2", "'ng/mL'"],
    ),
    ("person,clock,analyte,value\na,08:00,OT,5\n", {}, ["line 2", "'OT'", "analytes={'OT': ...}"]),
    (
        "person,clock,a [pg/mL],b [pg/mL]\na,08:00,5,5\n",
        {"analytes": {"a": "saliva_oxytocin", "b": "saliva_oxytocin"}},
        ["one column for each analyte", "'a [pg/mL]' and 'b [pg/mL]'"],
    ),
    (
        "person,clock,unit,a,b\na,08:00,pg/mL,5,5\n",
        {"analytes": {"a": "saliva_oxytocin", "b": "own"}},
        ["a column 'unit' for one analyte"],
    ),
    (HEAD + "a,08:00,5\n", {"analytes": {"clock": "epds"}}, ["analytes, clock", "has a role"]),
    (
        "person,clock,analyte,value [pg/mL],unit\na,08:00,saliva_oxytocin,5,ng/mL\n",
        {},
        ["line 2", "one unit", "'pg/mL' and 'ng/mL'"],
    ),
    (
        "person,clock,analyte,value\na,08:00,saliva_oxytocin,5\n",
        {"units": {"saliva_oxytocin": "pg/mL", "epds": "EPDS"}},
        ["unknown analyte 'epds' of units"],
    ),
    (HEAD + "a,08:00,5\n", {"ignore": ("sex",)}, ["unknown column 'sex'"]),
    (HEAD + "a,08:00,5\n", {"limits": {"epds": "5 EPDS"}}, ["unknown limits 'epds'"]),
]


@pytest.mark.parametrize(("text", "arguments", "words"), WRONG, ids=[str(w) for *_, w in WRONG])
def test_a_wrong_table_is_refused_with_its_place_and_a_remedy(
    read: Read, text: str, arguments: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(OxysimError) as error:
        read(text, **arguments)
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"columns": {"perrson": "id"}}, UnknownNameError, "'person'"),
        ({"columns": {"person": "idd"}}, UnknownNameError, "unknown column 'idd'"),
        ({"columns": {"person": "id", "occasion": "id"}}, InputError, "a column of its own"),
        ({"analytes": {"OT": "salvia_oxytocin"}}, UnknownNameError, "'saliva_oxytocin'"),
        ({"member": "mohter"}, UnknownNameError, "'mother'"),
        ({"limits": {"saliva_oxytocin": 5}}, InputError, "a pair ('5 pg/mL'"),
        ({"limits": {"saliva_oxytocin": ("9 pg/mL", "5 pg/mL")}}, InputError, "below the upper"),
        ({"limits": {"saliva_oxytocin": "5 IU"}}, UnitError, "'IU'"),
        ({"zeros": "half"}, UnknownNameError, "half"),
        ({"dates": "european"}, InputError, "a pattern of YYYY"),
        ({"origin": "01.03.2024"}, InputError, "a date as YYYY-MM-DD"),
        # a rule about nothing in the file would be ignored in silence
        ({"origin": "2024-03-01"}, InputError, "origin: expected a column 'date' or 'moment'"),
        ({"dates": "DD.MM.YY"}, InputError, "dates: expected a column"),
        ({"event": "spray"}, InputError, "event: expected a column 'minutes'"),
        ({"members": {"M": "mother"}}, InputError, "members: expected a column 'member'"),
    ],
)
def test_a_wrong_argument_is_named(
    read: Read, arguments: dict[str, Any], kind: type[OxysimError], words: str
) -> None:
    text = "id,clock,OT [pg/mL]\na,08:00,5\n"
    right: dict[str, Any] = {"columns": {"person": "id"}, "analytes": {"OT": "saliva_oxytocin"}}
    with pytest.raises(kind) as error:
        read(text, **(right | arguments))
    assert words in str(error.value)
