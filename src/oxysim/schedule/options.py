"""Options as users write them: the number behind the words, and the one spelling of equal ones.

Ages, numbered days, weekdays and lengths become minutes or numbers here. An option is also
*settled*: ``"60 minutes"`` and a pint quantity both become ``"60 min"``, so that interventions that
are the same are equal and print alike. A settler leaves alone what it cannot read: the checks of
the activity or intervention say what is wrong with it, and name the option.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from oxysim import checks
from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, shown, unknown_name
from oxysim.units import (
    DAY,
    clock,
    clock_text,
    common_unit,
    duration,
    duration_text,
    is_quantity,
    quantity,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

TRIAL, INFANT = "trial", "infant"
"""The two clocks by which a day can be numbered: from enrolment, and from birth."""

# a clock time is written to the second at most
SHORTEST = 1 / 60
"""The shortest bout that can be written down, in minutes (one second)."""

# the longest month; beyond it a slip of the unit is likelier than a bout
LONGEST = 31 * DAY
"""The longest single bout, in minutes; what lasts longer is repeated, or in force from a start to a
stop.
"""

# "day 5", "trial day 1", "infant day 36"; nine digits are more days than any age has
_DAY = re.compile(r"^\s*(?:(trial|infant)\s+)?day\s+(\d{1,9})\s*$", re.IGNORECASE)

# below this a float still tells one whole number from the next
_LARGEST_WHOLE = 1e15


# ------------------------------------------------------------------------ ages, days and lengths
def age(value: Any, label: str, *, end_of_day: bool = False) -> float:
    """Minutes since 00:00 on the day of birth, from ``"day 5"`` or an age such as ``"6 weeks"``.

    ``"day 5"`` is 00:00 of the fifth day, or with `end_of_day` its end, so that "to day 35"
    includes day 35.

    Raises
    ------
    UnitError : no length of time. ScheduleError : a trial day, or a day before the first.

    >>> age("day 2", "massage"), age("6 weeks", "massage")
    (1440.0, 60480.0)
    """
    numbered = numbered_day(value, label)
    if numbered is None:
        return duration(value, label, positive=False)
    counted_by, number = numbered
    # an activity lives by the infant's age; only an intervention can wait for enrolment
    if counted_by == TRIAL:
        raise ScheduleError(
            f"{label}: {value!r} is counted from enrolment in a trial; expected an age, such as"
            " 'day 36'"
        )
    return (number - 1 + end_of_day) * DAY


def numbered_day(value: Any, label: str) -> tuple[str, int] | None:
    """By which clock a day is numbered ("trial", "infant" or "") and its number; None for no day.

    Raises
    ------
    ScheduleError : day 0, since the first day is number 1.

    >>> numbered_day("trial day 3", "massage"), numbered_day("day 3", "massage")
    (('trial', 3), ('', 3))
    """
    match = _DAY.match(value) if isinstance(value, str) else None
    if not match:
        return None
    number = int(match[2])
    if number < 1:
        first = "first day of a trial is 'trial day 1'" if match[1] else "day of birth is 'day 1'"
        raise ScheduleError(f"{label}: the {first}; found {value!r}")
    return (match[1] or "").casefold(), number


def is_trial_day(value: Any) -> bool:
    """Whether a day is counted from enrolment in a trial.

    >>> is_trial_day("trial day 1"), is_trial_day("day 36")
    (True, False)
    """
    numbered = numbered_day(value, "day")
    return numbered is not None and numbered[0] == TRIAL


def length(value: Any, label: str, longest: float = LONGEST) -> float:
    """A bout's length in minutes, from one second to `longest`.

    Raises
    ------
    UnitError : no length of time. ScheduleError : too short or too long.

    >>> length("1.5 h", "massage, minutes")
    90.0
    """
    minutes = duration(value, label)
    # "1 s" may come out a rounding error below a sixtieth
    if minutes < SHORTEST * (1 - 1e-9):
        raise ScheduleError(f"{label}: a bout lasts at least one second; found {value!r}")
    if minutes > longest:
        raise ScheduleError(
            f"{label}: it lasts at most {duration_text(longest)} at a time; found {value!r}"
        )
    return minutes


def weekday_number(name: Any, label: str) -> int:
    """The number of a weekday (0 = Monday) from its name or its first three letters.

    Raises
    ------
    UnknownNameError : no such day of the week.

    >>> weekday_number("thu", "coaching")
    3
    """
    # two spellings, in any case: a shorter one ("T") could be two days
    for number, full in enumerate(WEEKDAYS):
        if isinstance(name, str) and name.casefold() in (full.casefold(), full[:3].casefold()):
            return number
    # the nearest name is sought in both spellings
    names = [full[:3] for full in WEEKDAYS] + list(WEEKDAYS)
    raise unknown_name("day of the week", name, names, f"in {label!r}")


def weekdays(names: Any, label: str) -> tuple[int, ...] | None:
    """The numbers of several weekdays, or None for every day.

    Raises
    ------
    ScheduleError : no names at all, or an empty list. UnknownNameError : no such weekday.

    >>> weekdays(("Mon", "Sun"), "coaching")
    (0, 6)
    """
    if names is None:
        return None
    if not isinstance(names, str | tuple | list):
        raise ScheduleError(
            f"{label}: days are names of weekdays, such as ('Mon', 'Thu'); found {names!r}"
        )
    listed = (names,) if isinstance(names, str) else tuple(names)
    if not listed:
        raise ScheduleError(
            f"{label}: days is empty, so it would never happen; leave it out for every day"
        )
    return tuple(weekday_number(name, label) for name in listed)


def moment_text(minutes: float) -> str:
    """A moment since 00:00 on the day of birth, in words.

    >>> moment_text(600.0)
    'day 1 10:00'
    """
    # rounded to the second before the day is taken, so that 23:59:59.9 reads as the next midnight
    seconds = round(minutes * 60)
    day, rest = divmod(seconds, 86400)
    return f"day {day + 1} {clock_text(rest / 60)}"


# ------------------------------------------------------------------------------------ small checks
def caregiver_name(by: Any, label: str) -> str:
    """What can be the name of a caregiver.

    Raises
    ------
    ScheduleError : no text, an empty one or a very long one.

    >>> caregiver_name("father", "massage")
    'father'
    """
    if not isinstance(by, str) or not by.strip() or len(by) > checks.LONGEST_NAME:
        raise ScheduleError(f"{label}: by names a caregiver, such as 'father'; found {shown(by)}")
    return by


def listed_once(items: tuple[Any, ...], label: str) -> tuple[Any, ...]:
    """The items, none of them listed twice.

    Raises
    ------
    ScheduleError : one is.

    >>> listed_once(("Mon", "Thu"), "massage, days")
    ('Mon', 'Thu')
    """
    # a list of a few entries, some of which may not be hashable
    for item in items:
        if items.count(item) > 1:
            raise ScheduleError(f"{label}: {item!r} is listed twice; leave one of them out")
    return items


def is_amount(text: str) -> bool:
    """Whether a text is a time or a dose and nothing else, so that no clause needs to be read.

    >>> is_amount("24 IU"), is_amount("60 min daily at 11:00")
    (True, False)
    """
    return is_quantity(text, "time") or is_quantity(text, "dose of oxytocin")


# ----------------------------------------------------------------------------------- one spelling
def number_text(value: float) -> str:
    """A number in as few characters as say it exactly.

    >>> number_text(24.0), number_text(0.5)
    ('24', '0.5')
    """
    # 24 rather than 24.0, and 1e300 rather than three hundred digits
    whole = float(value).is_integer() and abs(value) < _LARGEST_WHOLE
    return str(int(value)) if whole else repr(float(value))


def settle_days(value: Any, _: str = "") -> Any:
    """Weekdays as their first three letters, Monday first; unreadable ones as they are.

    >>> settle_days(["friday", "Mon"])
    ('Mon', 'Fri')
    """
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, tuple | list):
        return value
    try:
        # the order of the week, so that ("Fri", "Mon") equals ("Mon", "Fri")
        numbers = sorted(weekday_number(name, "days") for name in listed)
    except OxysimError:
        # left as it is: the check that follows refuses it and names the option
        return tuple(listed)
    return tuple(WEEKDAYS[number][:3] for number in numbers)


def _settle_clocks(value: Any, _: str) -> Any:
    """Clock times as ``HH:MM`` in the order of the day."""
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, tuple | list):
        return value
    try:
        return tuple(sorted(clock_text(clock(time)) for time in listed))
    except UnitError:
        return tuple(listed)


def settle_quantity(value: Any, kind: str) -> Any:
    """A quantity as its number and the common spelling of its unit.

    >>> settle_quantity("90 minutes", "time"), settle_quantity("1.0 weeks", "time")
    ('90 min', '1 week')
    """
    try:
        quantity(value, kind, kind)
    except UnitError:
        return value
    # a pint quantity is written with its short unit, and then read as a text is
    text = value if isinstance(value, str) else f"{float(value.magnitude)!r} {value.units:~}"
    split = re.fullmatch(r"\s*(.*?)\s*([A-Za-zµ]+)\s*", text)
    if split is None:
        return value
    number, unit = float(split[1]), common_unit(split[2], kind)
    # symbols such as min, h and IU have no plural
    plural = "s" if unit in ("week", "month", "year") and number != 1 else ""
    return f"{number_text(number)} {unit}{plural}"


def _settle_age(value: Any, label: str) -> Any:
    """An age, or a numbered day in its plain spelling."""
    try:
        numbered = numbered_day(value, label)
        if numbered is not None:
            return f"{numbered[0]} day {numbered[1]}".strip()
        age(value, label)
    except OxysimError:
        return value
    return settle_quantity(value, "time")


def _settle_last_day(value: Any, label: str) -> Any:
    """The age before which something happens; birth stays an age, for it has no day before it."""
    settled = _settle_age(value, label)
    return "0 d" if settled == "day 1" else settled


def _settle_day_number(value: Any, label: str) -> Any:
    """A numbered day, from one or from an age."""
    try:
        numbered = numbered_day(value, label)
        if numbered is not None:
            return f"{numbered[0]} day {numbered[1]}".strip()
        # an age falls into the day that has begun: "36 h" lies in day 2
        return f"day {int(age(value, label) // DAY) + 1}"
    except OxysimError:
        return value


def _settle_number(value: Any, label: str) -> Any:
    """A checked number; a whole one stays one, and is written as one."""
    checks.number(value, label)
    return value


def _settle_truth(value: Any, label: str) -> Any:
    """True or False, since a text such as "no" would count as true."""
    if not isinstance(value, bool):
        raise InputError(f"{label}: expected True or False; found {value!r}")
    return value


def _unsettled(value: Any, _: str) -> Any:
    """The value as it is: a name, or a word that is checked elsewhere."""
    return value


class OptionKind(NamedTuple):
    """A kind of option: its one spelling (``settle(value, what)``) and an example for messages.

    >>> TIME.settle("90 minutes", "massage, minutes"), TIME.example
    ('90 min', '60 min')
    """

    name: str
    settle: Callable[[Any, str], Any]
    example: str


TIME = OptionKind("time", lambda value, _: settle_quantity(value, "time"), "60 min")
DOSE = OptionKind("dose", lambda value, _: settle_quantity(value, "dose of oxytocin"), "24 IU")
AGE = OptionKind("age", _settle_age, "6 weeks")
LAST_DAY = OptionKind("last day", _settle_last_day, "day 35")
DAY_NUMBER = OptionKind("day number", _settle_day_number, "day 36")
DAYS = OptionKind("days of the week", settle_days, "Mon, Thu")
CLOCKS = OptionKind("clock times", _settle_clocks, "10:00")
NUMBER = OptionKind("number", _settle_number, "0.5")
USUAL_DOSES = OptionKind("usual daily doses", _settle_number, "1 usual daily dose")
NAME = OptionKind("name", _unsettled, "father")
WEEKDAY = OptionKind("weekday", _unsettled, "Friday")
TRUTH = OptionKind("truth", _settle_truth, "True")
WORD = OptionKind("word", _unsettled, "breast")


def is_cycle(cycle: Any) -> bool:
    """Whether something is a pair of days on, at least one, and days off.

    >>> is_cycle((5, 2)), is_cycle((0, 2))
    (True, False)
    """
    return (
        isinstance(cycle, tuple)
        and len(cycle) == 2
        and is_count(cycle[0], 1)
        and is_count(cycle[1], 0)
    )


def is_count(number: Any, least: int) -> bool:
    """Whether something is a whole number of at least `least`.

    >>> is_count(3, 1), is_count(True, 1)
    (True, False)
    """
    # True is an int to Python
    return isinstance(number, int) and not isinstance(number, bool) and number >= least
