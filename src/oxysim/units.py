"""Units at the door: text or quantities in, plain floats out.

Inside the library times are minutes since 00:00 on the day of birth, doses of oxytocin are
international units (IU), and every parameter, state and input has the unit that its row states.
Nothing inside converts.
"""

from __future__ import annotations

import math
import re
from typing import Any

from oxysim import checks
from oxysim.errors import UnitError, shown

MINUTE = 1.0
HOUR = 60.0
DAY = 1440.0
WEEK = 7 * DAY
MONTH = 365.25 / 12 * DAY  # a mean calendar month, 30.4375 days
YEAR = 365.25 * DAY

# For each kind of quantity its units: the common spelling, its size in the library's own unit, and
# every spelling that is read, in the order in which messages list them.
_UNITS: dict[str, tuple[tuple[str, float, tuple[str, ...]], ...]] = {
    "time": (
        ("s", 1 / 60, ("s", "sec", "second", "seconds")),
        ("min", 1.0, ("min", "minute", "minutes")),
        ("h", HOUR, ("h", "hr", "hour", "hours")),
        ("d", DAY, ("d", "day", "days")),
        ("week", WEEK, ("wk", "week", "weeks")),
        ("month", MONTH, ("mo", "month", "months")),
        ("year", YEAR, ("y", "year", "years")),
    ),
    # 1 IU of the synthetic standard is 1.68 micrograms (Univ. Zuerich CliniPharm; evidence key
    # clinipharm)
    "dose of oxytocin": (
        ("IU", 1.0, ("IU",)),
        ("mIU", 1e-3, ("mIU",)),
        ("ug", 1 / 1.68, ("ug", "µg")),
        ("ng", 1e-3 / 1.68, ("ng",)),
        ("mg", 1e3 / 1.68, ("mg",)),
    ),
    # oxytocin weighs 1007.2 g/mol
    "concentration": (
        ("pg/mL", 1.0, ("pg/mL", "ng/L")),
        ("ng/mL", 1e3, ("ng/mL",)),
        ("pmol/L", 1.00720, ("pmol/L",)),
    ),
    # cortisol weighs 362.5 g/mol: 1 ug/dL is 27.59 nmol/L
    "cortisol": (
        ("nmol/L", 1.0, ("nmol/L",)),
        ("ug/dL", 27.59, ("ug/dL", "µg/dL")),
        ("ng/mL", 2.759, ("ng/mL", "ug/L", "µg/L")),
    ),
    "fraction": (("1", 1.0, ("1",)), ("%", 0.01, ("%",))),
}

_FACTORS: dict[str, dict[str, float]] = {
    kind: {spelling: factor for _, factor, spellings in units for spelling in spellings}
    for kind, units in _UNITS.items()
}

SPELLINGS: dict[str, dict[str, str]] = {
    kind: {spelling: common for common, _, spellings in units for spelling in spellings}
    for kind, units in _UNITS.items()
}
"""For each kind of quantity the common unit behind every spelling of it."""

_OWN_UNITS = {
    "time": "min", "dose of oxytocin": "IU", "concentration": "pg/mL", "cortisol": "nmol/L",
    "fraction": "",
}  # fmt: skip
"""The library's own unit of each kind."""

_EXAMPLES = {
    "time": "60 min", "dose of oxytocin": "24 IU", "concentration": "7 pg/mL",
    "cortisol": "9 nmol/L", "fraction": "50 %",
}  # fmt: skip

# Units as people write them, and as they are written here, for messages.
_OTHER_UNITS = {
    "iu": "IU", "Iu": "IU", "UI": "IU", "IE": "IU", "U": "IU", "unit": "IU", "units": "IU",
    "mcg": "ug", "μg": "ug",
    "mins": "min", "m": "min' or 'months", "hrs": "h", "H": "h", "D": "d",
    "wks": "weeks", "w": "weeks", "mos": "months", "mth": "months", "mths": "months",
    "yr": "years", "yrs": "years",
    "pg/ml": "pg/mL", "ng/ml": "ng/mL", "nmol/l": "nmol/L", "nM": "nmol/L", "percent": "%",
}  # fmt: skip

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_QUANTITY = re.compile(rf"^\s*({_NUMBER})\s*([A-Za-zµ%/]+)\s*$")
# the same on one line and with ASCII digits alone, as the text form reads a quantity
_PLAIN_QUANTITY = re.compile(
    r"[^\S\n]*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[^\S\n]*([A-Za-zµ]+)[^\S\n]*"
)
# "1,5 h": a decimal comma is answered with the point that belongs there
_COMMA = re.compile(r"^\s*[-+]?\d+,\d+\s*[A-Za-zµ%/]*\s*$")
_TWELVE = re.compile(
    r"^\s*(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2}))?)?\s*([ap])\.?m\.?\s*$", re.IGNORECASE
)
_CLOCK = re.compile(r"^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$")


def convert(value: float, unit: str, kind: str) -> float:
    """`value` in `unit`, converted to the library's own unit for this `kind` of quantity.

    Raises
    ------
    UnitError : the unit is not one of the kind; the message lists those that are.

    >>> convert(2.0, "h", "time")
    120.0
    """
    factors = _FACTORS[checks.choice(kind, "kind", _FACTORS)]
    number = checks.number(value, "value") if not isinstance(value, float) else value
    checks.name(unit, "unit")
    if unit in factors:
        return number * factors[unit]

    # a unit that people write otherwise is answered with the way in which it is written here
    usual = _OTHER_UNITS.get(unit, "")
    if usual.partition("'")[0] in factors:
        message = f"{value:g} {unit}: {unit!r} is written {usual!r} here"
        raise UnitError(message.replace('"', "'"))
    raise UnitError(
        f"{value:g} {unit}: {unit!r} is not a unit of {kind}; expected one of {', '.join(factors)}"
    )


def common_unit(unit: str, kind: str) -> str:
    """The common spelling of a unit; one that is unknown stays as it is.

    >>> common_unit("minutes", "time")
    'min'
    """
    return SPELLINGS[kind].get(unit, unit)


def is_quantity(text: str, kind: str) -> bool:
    """Whether a text is one number with a unit of this kind and nothing else.

    >>> is_quantity("24 IU", "dose of oxytocin"), is_quantity("3 sessions", "time")
    (True, False)
    """
    match = _PLAIN_QUANTITY.fullmatch(text)
    return match is not None and match[1] in SPELLINGS[kind]


def quantity(
    value: Any, kind: str, label: str, *, low: float = -math.inf, high: float = math.inf
) -> float:
    """A text such as ``"24 IU"`` or a pint quantity, as a float in the library's own unit.

    Parameters
    ----------
    value : text with number and unit, or an object with ``magnitude`` and ``units`` (pint).
    kind : "time", "dose of oxytocin", "concentration", "cortisol" or "fraction".
    label : the thing that is being read, for the error message.
    low, high : closed limits, in the library's own unit.

    Raises
    ------
    UnitError : no unit, wrong unit, not a number, not finite, or outside the limits.

    >>> quantity("24 IU", "dose of oxytocin", "spray, dose")
    24.0
    """
    checks.choice(kind, "kind", _FACTORS)
    number, unit = _number_and_unit(value, kind, label)
    try:
        result = convert(number, unit, kind)
    except UnitError as error:
        raise _wrong(label, f"{error}") from None

    if not math.isfinite(result):
        raise _wrong(label, f"expected a finite {kind}; found {shown(value)}")
    if not low <= result <= high:
        limits = f"[{_limit(low, kind)}, {_limit(high, kind)}]"
        raise _wrong(label, f"{converted(value, kind)} is outside the allowed range {limits}")
    return result


def _number_and_unit(value: Any, kind: str, label: str) -> tuple[float, str]:
    """The number and the unit of a text or a pint quantity."""
    example = repr(_EXAMPLES[kind])

    if isinstance(value, str):
        match = _QUANTITY.match(value)
        if match:
            return float(match[1]), match[2]
        if _COMMA.match(value):
            point = repr(value.replace(",", "."))
            raise _wrong(label, f"{shown(value)} has a decimal comma; write {point}")
        expected = f"a number with a unit of {kind}, such as {example}"
        raise _wrong(label, f"expected {expected}; found {shown(value)}")

    if hasattr(value, "magnitude") and hasattr(value, "units"):
        try:
            return float(value.magnitude), f"{value.units:~}".replace(" ", "")
        except Exception:  # noqa: BLE001 - a foreign object may raise anything; an array is no one value
            expected = f"one {kind}, such as {example}"
            raise _wrong(label, f"expected {expected}; found {shown(value)}") from None

    expected = f"a {kind} with its unit, such as {example}"
    raise _wrong(label, f"expected {expected}; found {shown(value)}")


def converted(value: Any, kind: str) -> str:
    """A quantity as it was written, with what it is in the library's own unit where that is another
    one.

    >>> converted("24 mg", "dose of oxytocin")
    "'24 mg' (14286 IU)"
    """
    unit = _OWN_UNITS[kind]
    match = _QUANTITY.match(value) if isinstance(value, str) else None
    if match is None or match[2] == unit or match[2] not in _FACTORS[kind]:
        return repr(value)
    number = convert(float(match[1]), match[2], kind)
    return f"{value!r} ({with_unit(f'{number:.5g}', unit or '1')})"


def duration(value: Any, label: str = "duration", *, positive: bool = True) -> float:
    """A length of time in minutes, from a text with its unit or a pint quantity.

    Raises
    ------
    UnitError : no length of time; below 0, or with `positive` 0.

    >>> duration("60 min"), duration("2 weeks")
    (60.0, 20160.0)
    """
    minutes = quantity(value, "time", label)
    checks.flag(positive, "positive")
    if positive and minutes <= 0:
        raise _wrong(label, f"expected a positive length of time; found {shown(value)}")
    if not positive and minutes < 0:
        raise _wrong(label, f"expected a length of time that is not negative; found {shown(value)}")
    return minutes


def clock(value: Any, label: str = "time of day", *, begins: bool = False) -> float:
    """A clock time such as ``"10:45"`` or ``"2:30 pm"`` as minutes after midnight, 0 to 1440.

    ``"24:00"`` is the end of a day. Where something `begins` it is refused: whether it would belong
    to the weekday, age or day that ends or to the one that begins cannot be told.

    Raises
    ------
    UnitError : no clock time.

    >>> clock("10:45"), clock("2:30 pm"), clock("23:59:30")
    (645.0, 870.0, 1439.5)
    """
    match = _CLOCK.match(value) if isinstance(value, str) else None
    halved = _TWELVE.match(value) if isinstance(value, str) else None
    if halved and not 1 <= int(halved[1]) <= 12:
        raise _wrong(
            label, f"{shown(value)} is not a time of day; with am and pm hours run from 1 to 12"
        )

    if halved:
        # 12 am is midnight and 12 pm is noon
        afternoon = 12 if halved[4].casefold() == "p" else 0
        hours, minutes = int(halved[1]) % 12 + afternoon, int(halved[2] or 0)
        seconds = int(halved[3] or 0)
    elif match:
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    else:
        raise _wrong(
            label, f"expected a clock time such as '10:45' or '2:30 pm'; found {shown(value)}"
        )

    total = hours * 60 + minutes + seconds / 60
    if minutes > 59 or seconds > 59 or total > DAY:
        raise _wrong(label, f"{shown(value)} is not a time of day")
    if checks.flag(begins, "begins") and total == DAY:
        raise _wrong(
            label, "nothing begins at '24:00', the end of a day; say '00:00' of the day after"
        )
    return total


def is_clock(value: Any) -> bool:
    """Whether a text is meant as a time of day, where a length of time may stand as well.

    >>> is_clock("10:45"), is_clock("10 am"), is_clock("45 min")
    (True, True, False)
    """
    return isinstance(value, str) and (":" in value or _TWELVE.match(value) is not None)


def plain_unit(unit: str) -> str:
    """A unit for print: that of a pure number, "1" in data files, is not said.

    >>> plain_unit("nmol/L"), plain_unit("1"), plain_unit("1 d")
    ('nmol/L', '', 'd')
    """
    return unit.removeprefix("1 ") if unit != "1" else ""


def with_unit(number: object, unit: str) -> str:
    """A number and its unit for print.

    >>> with_unit(9, "nmol/L"), with_unit(0.5, "1")
    ('9 nmol/L', '0.5')
    """
    return f"{number} {plain_unit(unit)}".rstrip()


def number_in(unit: str, noun: str = "a number") -> str:
    """What is expected where a number in a unit is, for messages.

    >>> number_in("nmol/L"), number_in("1")
    ('a number in nmol/L', 'a number')
    """
    return f"{noun} in {unit}" if plain_unit(unit) else noun


def clock_text(minutes: float) -> str:
    """Minutes after midnight as ``HH:MM``, with seconds only where there are any.

    >>> clock_text(645.0), clock_text(1439.5)
    ('10:45', '23:59:30')
    """
    whole = round(checks.number(minutes, "minutes") * 60)
    hours, rest = divmod(whole, 3600)
    mins, secs = divmod(rest, 60)
    return f"{hours:02d}:{mins:02d}" + (f":{secs:02d}" if secs else "")


def duration_text(minutes: float) -> str:
    """A length of time in the largest unit that divides it, for sentences.

    >>> duration_text(90.0), duration_text(2880.0)
    ('90 min', '2 d')
    """
    checks.number(minutes, "minutes")
    for unit, size in (("weeks", WEEK), ("d", DAY), ("h", HOUR)):
        count = round(minutes / size)
        if minutes >= size and math.isclose(minutes / size, count, abs_tol=1e-9):
            return f"{count} {'week' if unit == 'weeks' and count == 1 else unit}"
    return f"{minutes:g} min"


def _limit(value: float, kind: str) -> str:
    return f"{value:g} {_OWN_UNITS[kind]}".strip()


def _wrong(label: str, why: str) -> UnitError:
    """The error of what is named as "thing, argument"; it knows the argument."""
    return UnitError(f"{label}: {why}", what=label, key=checks.key_of(label))
