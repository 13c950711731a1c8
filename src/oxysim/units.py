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

_FACTORS: dict[str, dict[str, float]] = {
    "time": {
        "s": 1 / 60, "sec": 1 / 60, "second": 1 / 60, "seconds": 1 / 60,
        "min": 1.0, "minute": 1.0, "minutes": 1.0,
        "h": HOUR, "hr": HOUR, "hour": HOUR, "hours": HOUR,
        "d": DAY, "day": DAY, "days": DAY,
        "wk": WEEK, "week": WEEK, "weeks": WEEK,
        "mo": MONTH, "month": MONTH, "months": MONTH,
        "y": YEAR, "year": YEAR, "years": YEAR,
    },
    # 1 IU of the synthetic standard is 1.68 micrograms (Univ. Zuerich CliniPharm; evidence key
    # clinipharm)
    "dose of oxytocin": {
        "IU": 1.0, "mIU": 1e-3, "ug": 1 / 1.68, "µg": 1 / 1.68, "ng": 1e-3 / 1.68, "mg": 1e3 / 1.68,
    },
    "concentration": {"pg/mL": 1.0, "ng/L": 1.0, "ng/mL": 1e3, "pmol/L": 1.00720},
    "cortisol": {"nmol/L": 1.0, "ug/dL": 27.59, "µg/dL": 27.59},
    "fraction": {"1": 1.0, "%": 0.01},
}  # fmt: skip

_QUANTITY = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-zµ%/]+)\s*$")
_COMMA = re.compile(r"^\s*[-+]?\d+,\d+\s*[A-Za-zµ%/]*\s*$")
_TWELVE = re.compile(r"^\s*(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\.?\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$")


_OTHER_UNITS = {
    "iu": "IU",
    "Iu": "IU",
    "UI": "IU",
    "IE": "IU",
    "U": "IU",
    "unit": "IU",
    "units": "IU",
    "mcg": "ug",
    "μg": "ug",
    "mins": "min",
    "m": "min' or 'months",
    "hrs": "h",
    "H": "h",
    "D": "d",
    "wks": "weeks",
    "w": "weeks",
    "mos": "months",
    "mth": "months",
    "mths": "months",
    "yr": "years",
    "yrs": "years",
    "pg/ml": "pg/mL",
    "ng/ml": "ng/mL",
    "nmol/l": "nmol/L",
    "nM": "nmol/L",
    "percent": "%",
}
"""Units as people write them, and as they are written here, for messages."""


def convert(value: float, unit: str, kind: str) -> float:
    """`value` in `unit`, converted to the library's own unit for this `kind` of quantity.

    Raises
    ------
    UnitError : the unit is not one of the kind; the message lists those that are.
    """
    factors = _FACTORS[checks.choice(kind, "kind", _FACTORS)]
    number = checks.number(value, "value") if not isinstance(value, float) else value
    checks.name(unit, "unit")
    if unit not in factors:
        other = _OTHER_UNITS.get(unit, "")
        if other.partition("'")[0] in factors:
            raise UnitError(
                f"{value:g} {unit}: {unit!r} is written {other!r} here".replace('"', "'")
            )
        raise UnitError(
            f"{value:g} {unit}: {unit!r} is not a unit of {kind}; expected one of"
            f" {', '.join(factors)}"
        )
    return number * factors[unit]


def quantity(
    value: Any, kind: str, what: str, *, low: float = -math.inf, high: float = math.inf
) -> float:
    """A text such as ``"24 IU"`` or a pint quantity, as a float in the library's own unit.

    Parameters
    ----------
    value : text with number and unit, or an object with ``magnitude`` and ``units`` (pint).
    kind : "time", "dose of oxytocin", "concentration", "cortisol" or "fraction".
    what : the thing that is being read, for the error message.
    low, high : closed limits, in the library's own unit.

    Raises
    ------
    UnitError : no unit, wrong unit, not a number, not finite, or outside the limits.
    """
    checks.choice(kind, "kind", _FACTORS)
    if isinstance(value, str):
        match = _QUANTITY.match(value)
        if not match and _COMMA.match(value):
            raise _wrong(
                what, f"{shown(value)} has a decimal comma; write {value.replace(',', '.')!r}"
            )
        if not match:
            raise _wrong(what, f"expected a number with a unit of {kind}, such as "
                            f"{_example(kind)!r}; found {shown(value)}")  # fmt: skip
        number, unit = float(match[1]), match[2]
    elif hasattr(value, "magnitude") and hasattr(value, "units"):
        try:
            number, unit = float(value.magnitude), f"{value.units:~}".replace(" ", "")
        except Exception:  # noqa: BLE001 - a foreign object may raise anything; several values are no single one
            raise _wrong(
                what, f"expected one {kind}, such as {_example(kind)!r}; found {shown(value)}"
            ) from None
    else:
        raise _wrong(
            what,
            f"expected a {kind} with its unit, such as {_example(kind)!r}; found {shown(value)}",
        )
    try:
        result = convert(number, unit, kind)
    except UnitError as error:
        raise _wrong(what, f"{error}") from None
    if not math.isfinite(result):
        raise _wrong(what, f"expected a finite {kind}; found {shown(value)}")
    if not low <= result <= high:
        raise _wrong(what, f"{converted(value, kind)} is outside the allowed range "
                        f"[{_limit(low, kind)}, {_limit(high, kind)}]")  # fmt: skip
    return result


def converted(value: Any, kind: str) -> str:
    """A quantity as it was written, with what it is in the library's own unit where that is another
    one.

    >>> converted("24 mg", "dose of oxytocin")
    "'24 mg' (14286 IU)"
    """
    own = _OWN[kind]
    match = _QUANTITY.match(value) if isinstance(value, str) else None
    if match is None or match[2] == own or match[2] not in _FACTORS[kind]:
        return repr(value)
    number = convert(float(match[1]), match[2], kind)
    return f"{value!r} ({with_unit(f'{number:.5g}', own or '1')})"


def duration(value: Any, what: str = "duration", *, positive: bool = True) -> float:
    """A length of time in minutes; text with a unit, for instance ``"60 min"`` or
    ``"5 months"``.
    """
    minutes = quantity(value, "time", what)
    checks.flag(positive, "positive")
    if positive and minutes <= 0:
        raise _wrong(what, f"expected a positive length of time; found {shown(value)}")
    if not positive and minutes < 0:
        raise _wrong(what, f"expected a length of time that is not negative; found {shown(value)}")
    return minutes


def clock(value: Any, what: str = "time of day", *, begins: bool = False) -> float:
    """A clock time ``"HH:MM"``, ``"HH:MM:SS"``, ``"10 am"`` or ``"2:30 pm"`` as minutes after
    midnight, in [0, 1440].

    ``"24:00"`` is the end of a day. Where something `begins` it is refused: whether it would belong
    to the weekday, age or day that ends or to the one that begins cannot be told.
    """
    match = _CLOCK.match(value) if isinstance(value, str) else None
    halved = _TWELVE.match(value) if isinstance(value, str) else None
    if halved and not 1 <= int(halved[1]) <= 12:
        raise _wrong(
            what, f"{shown(value)} is not a time of day; with am and pm hours run from 1 to 12"
        )
    if not match and not halved:
        raise _wrong(
            what, f"expected a clock time such as '10:45' or '2:30 pm'; found {shown(value)}"
        )
    if halved:
        afternoon = 12 if halved[3].casefold() == "p" else 0
        hours, minutes, seconds = int(halved[1]) % 12 + afternoon, int(halved[2] or 0), 0
    elif match:
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    total = hours * 60 + minutes + seconds / 60
    if minutes > 59 or seconds > 59 or total > DAY:
        raise _wrong(what, f"{shown(value)} is not a time of day")
    if checks.flag(begins, "begins") and total == DAY:
        raise _wrong(
            what, "nothing begins at '24:00', the end of a day; say '00:00' of the day after"
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
    """Minutes after midnight as ``HH:MM`` (with seconds only where there are any)."""
    whole = round(checks.number(minutes, "minutes") * 60)
    hours, rest = divmod(whole, 3600)
    mins, secs = divmod(rest, 60)
    return f"{hours:02d}:{mins:02d}" + (f":{secs:02d}" if secs else "")


def duration_text(minutes: float) -> str:
    """A length of time in the largest unit that divides it, for sentences: 90 -> '90 min', 2880 ->
    '2 d'.
    """
    checks.number(minutes, "minutes")
    for unit, size in (("weeks", WEEK), ("d", DAY), ("h", HOUR)):
        if minutes >= size and math.isclose(minutes / size, round(minutes / size), abs_tol=1e-9):
            return (
                f"{round(minutes / size)}"
                f" {unit if round(minutes / size) > 1 or unit != 'weeks' else 'week'}"
            )
    return f"{minutes:g} min"


def _example(kind: str) -> str:
    return {"time": "60 min", "dose of oxytocin": "24 IU", "concentration": "7 pg/mL",
            "cortisol": "9 nmol/L", "fraction": "50 %"}[kind]  # fmt: skip


_OWN = {
    "time": "min",
    "dose of oxytocin": "IU",
    "concentration": "pg/mL",
    "cortisol": "nmol/L",
    "fraction": "",
}
"""The library's own unit of each kind."""


def _limit(value: float, kind: str) -> str:
    return f"{value:g} {_OWN[kind]}".strip()


def _wrong(what: str, why: str) -> UnitError:
    """The error of what is named as "thing, argument"; it knows the argument."""
    return UnitError(f"{what}: {why}", what=what, key=checks.key_of(what))
