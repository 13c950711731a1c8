"""A cell is read in one way or refused with its place; nothing is guessed."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError
from oxysim.observations.cells import (
    ABOVE,
    BELOW,
    INSUFFICIENT,
    MISSING,
    CellWords,
    measured_cell,
    number_cell,
    whole_cell,
)
from oxysim.observations.date_cells import clock_cell, date_cell, date_pattern, moment_cell

WHERE = "saliva.csv, line 4, column cortisol"


# --------------------------------------------------------------------------------------
# numbers
@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_number_is_read_as_it_is_written(number: float) -> None:
    assert number_cell(repr(number), WHERE) == number
    if number >= 0:
        assert measured_cell(repr(number), WHERE).value == number


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("3,25", ["a point for decimals", "'3.25'"]),
        ("1,234,567", ["'1234567'"]),
        ("<3,5", ["after '<'", "'3.5'"]),
        ("1.234,5", ["a point"]),
        ("inf", ["'inf'"]),
        ("1e400", ["'1e400'"]),
        ("1_000", ["'1_000'"]),
        ("0x10", ["'0x10'"]),
        ("٣", ["'٣'"]),
        ("12.5 pg/mL", ["'12.5 pg/mL'"]),
        ("12.5*", ["'12.5*'"]),
        ("-99", ["at least 0", "missing=('-99',)"]),
        ("n.d.", ["'not detected'", "'not done'", "below=", "missing="]),
        ("< five", ["after '<'", "'five'"]),
        ("<-5", ["after '<'"]),
    ],
)
def test_a_cell_that_is_no_value_is_refused_with_its_place(cell: str, words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        measured_cell(cell, WHERE)
    assert all(word in str(error.value) for word in [WHERE, *words]), str(error.value)


def test_limits_are_read_from_the_cell() -> None:
    for cell in ("<5", "< 5", "<=5.0", "≤5"):
        assert measured_cell(cell, WHERE)[1:3] == ("below", 5.0)
    assert measured_cell(">400", WHERE)[1:3] == ("above", 400.0)
    assert math.isnan(measured_cell("<5", WHERE).value)


@pytest.mark.parametrize(
    ("texts", "censored"), [(BELOW, "below"), (ABOVE, "above"), (MISSING, "missing")]
)
def test_texts_for_no_number_in_any_letters(texts: tuple[str, ...], censored: str) -> None:
    for text in texts:
        for written in (text, text.lower(), text.upper(), text.replace("<", "< ")):
            value = measured_cell(written, WHERE)
            assert value.censored == censored and math.isnan(value.value), written
            assert math.isnan(value.limit) and value.why


def test_too_little_saliva_is_missing_and_said() -> None:
    for text in INSUFFICIENT:
        value = measured_cell(text.title(), WHERE)
        assert value.censored == "missing" and "too little of the sample" in value.why


def test_a_user_s_own_words_go_first() -> None:
    words = CellWords(below=("n.d.",), missing=("-99", "999"), insufficient=("leer",))
    assert measured_cell("N.D.", WHERE, words).censored == "below"
    assert measured_cell("-99", WHERE, words).censored == "missing"
    assert "too little" in measured_cell("LEER", WHERE, words).why
    # a code is that number as it is written, and no other
    assert measured_cell("99", WHERE, words).value == 99.0
    assert measured_cell("9.99", WHERE, words).value == 9.99
    with pytest.raises(InputError, match="'X' among those of 'below' too"):
        CellWords(below=("x",), missing=("X",))


@pytest.mark.parametrize("cell", ["4", "-1", "1.0", "²", "", "1e0", "+1", "９", "-0", "1" * 40])
def test_points_are_whole_numbers_in_figures(cell: str) -> None:
    with pytest.raises(InputError, match="from 0 to 3"):
        whole_cell(cell, WHERE, 0, 3)
    assert whole_cell("3", WHERE, 0, 3) == 3 and whole_cell("-2", WHERE, -3, 3) == -2


# --------------------------------------------------------------------------------------
# clocks and dates
@given(st.integers(0, 86399))
def test_both_clocks_say_the_same(second: int) -> None:
    moment = datetime.time(second // 3600, second // 60 % 60, second % 60)
    minutes = second / 60
    assert clock_cell(moment.strftime("%H:%M:%S"), WHERE) == pytest.approx(minutes, abs=1e-9)
    for pattern in ("%I:%M:%S %p", "%I:%M:%S%p"):
        assert clock_cell(moment.strftime(pattern), WHERE) == pytest.approx(minutes, abs=1e-9)


@pytest.mark.parametrize(
    "cell", ["24:00", "25:00", "10:60", "13:00 pm", "0.4375", "", "noon", "-1:00"]
)
def test_what_is_no_time_of_day_is_refused(cell: str) -> None:
    with pytest.raises(OxysimError, match="line 4, column cortisol"):
        clock_cell(cell, WHERE)


PATTERNS = {
    "YYYY-MM-DD": "%Y-%m-%d", "DD.MM.YYYY": "%d.%m.%Y", "MM/DD/YYYY": "%m/%d/%Y",
    "DDMMMYYYY": "%d%b%Y", "DD-MMM-YY": "%d-%b-%y", "YYYYMMDD": "%Y%m%d", "DD.MM.YY": "%d.%m.%y",
    "DD MMM YYYY": "%d %b %Y",
}  # fmt: skip


@given(
    st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)),
    st.sampled_from(list(PATTERNS)),
)
def test_a_date_is_read_by_the_pattern_that_is_named(day: datetime.date, pattern: str) -> None:
    assert date_cell(day.strftime(PATTERNS[pattern]), WHERE, pattern) == day
    moment = f"{day.strftime(PATTERNS[pattern])} 14:30"
    assert moment_cell(moment, WHERE, pattern) == (day, 870.0)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("03.11.2020", ["dates='DD.MM.YYYY' or dates='MM.DD.YYYY'", "cannot be told"]),
        ("3/11/20", ["dates='DD/MM/YY' or dates='MM/DD/YY'"]),
        ("2020/11/03", ["dates='YYYY/MM/DD'"]),
        ("2020-02-30", ["a date of the calendar"]),
        ("0202-11-03", ["from 1900 to 2199"]),
        ("44138", ["a date as YYYY-MM-DD"]),
        ("", ["a date as YYYY-MM-DD"]),
    ],
)
def test_a_date_that_can_be_read_in_two_ways_is_refused(cell: str, words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        date_cell(cell, WHERE)
    assert all(word in str(error.value) for word in [WHERE, *words]), str(error.value)
    with pytest.raises(InputError, match="no month|calendar|a date as"):
        date_cell("03XYZ2020", WHERE, "DDMMMYYYY")


def test_a_moment_has_a_date_and_a_clock_and_no_zone() -> None:
    day = datetime.date(2020, 11, 3)
    for cell in ("2020-11-03 10:34", "2020-11-03T10:34:00.000", "2020-11-03 10:34 am"):
        assert moment_cell(cell, WHERE) == (day, 634.0)
    with pytest.raises(InputError, match="without a zone"):
        moment_cell("2020-11-03T10:34:00+01:00", WHERE)
    with pytest.raises(InputError, match="and a clock time"):
        moment_cell("2020-11-03", WHERE)


@pytest.mark.parametrize(
    "pattern", ["", "day first", "DD.MM", "DD.DD.YYYY", "YYYYYY-MM-DD", 3, None]
)
def test_a_pattern_has_year_month_and_day(pattern: object) -> None:
    with pytest.raises(InputError, match="a pattern of YYYY"):
        date_pattern(pattern)
