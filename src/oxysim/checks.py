"""What an argument may be: one small set of checks, used at every public entry point.

Each check takes the value and the name by which the user knows it, returns the value in its
canonical Python type, and raises an :class:`~oxysim.errors.InputError` with its parts (what,
expected, found, remedy, key) where it is refused. Text is never read as a number or a truth value,
nor a truth value as a number.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sized
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown, unknown_name

T = TypeVar("T")

LARGEST_COUNT = 10**7
"""The largest number of anything that can be asked for, dyads among them: beyond it the memory of a
large machine ends before the work begins. Many counts have a lower limit of their own.
"""

LARGEST_ARRAY = 10**8
"""The most entries of an array that is given, along its first dimension: 0.8 GB."""

LONGEST_NAME = 200
"""The longest name of an arm, endpoint or finding, in characters."""

# the zero byte ends a text in C, and half of a surrogate pair is in no UTF-8
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
# control characters, and what no file can hold
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def whole_number(value: Any, label: str, low: int = 1, high: int = LARGEST_COUNT) -> int:
    """A whole number from `low` to `high`; a float such as 3.0 and True are none.

    >>> whole_number(12, "n")
    12
    """
    # a truth value is an int to Python, and a slip to whoever counts dyads
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if is_whole and low <= value <= high:
        return int(value)
    # the general upper limit is no part of what is asked for, unless it was passed
    unlimited = high == LARGEST_COUNT and not (is_whole and value > high)
    limits = f"of at least {low}" if unlimited else f"from {low} to {high}"
    raise refused(value, label, f"a whole number {limits}")


def require_seed(seed: int) -> int:
    """The seed; raises ``InputError`` unless it is an integer of at least 0.

    >>> require_seed(42)
    42
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed: expected an integer of at least 0; found {shown(seed)}")
    return int(seed)


def number(
    value: Any,
    label: str,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
) -> float:
    """A finite number from `low` to `high`; with `open_low` above `low`.

    >>> number(0.5, "correlation", -1, 1)
    0.5
    """
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        try:
            as_float = float(value)
        except OverflowError:  # a whole number beyond every float
            as_float = math.inf
        if (
            math.isfinite(as_float)
            and low <= as_float <= high
            and not (open_low and as_float == low)
        ):
            return as_float
    raise refused(value, label, _range_of_numbers(low, high, open_low))


def _range_of_numbers(low: float, high: float, open_low: bool) -> str:
    if low > -math.inf and high < math.inf:
        return (
            f"a number above {low:g} and at most {high:g}"
            if open_low
            else f"a number from {low:g} to {high:g}"
        )
    if low > -math.inf:
        return f"a number above {low:g}" if open_low else f"a number of at least {low:g}"
    return f"a number of at most {high:g}" if high < math.inf else "a finite number"


def share(value: Any, label: str) -> float:
    """A share: a number from 0 to 1.

    >>> share(0.25, "missed")
    0.25
    """
    return number(value, label, 0.0, 1.0)


def flag(value: Any, label: str) -> bool:
    """True or False; a text such as "no" is neither.

    >>> flag(False, "noise")
    False
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise refused(value, label, "True or False")


def choice(value: Any, label: str, names: Iterable[str]) -> str:
    """One of several words; a misspelt one is answered with the nearest right ones.

    Raises
    ------
    UnknownNameError : another word. InputError : no text at all.

    >>> choice("daily", "repeat", ["once", "daily"])
    'daily'
    """
    words = tuple(names)
    if not isinstance(value, str):
        raise refused(value, label, "one of " + ", ".join(repr(word) for word in words))
    if value not in words:
        # nearest by meaning first, then by spelling
        raise unknown_name(label, value, words)
    return str(value)


def name(value: Any, label: str) -> str:
    """A name: a text of one line that is not empty.

    >>> name("usual care", "arm")
    'usual care'
    """
    expected = f"a text of one line and at most {LONGEST_NAME} characters"
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > LONGEST_NAME
        or _CONTROL.search(value)
    ):
        raise refused(value, label, expected)
    return str(value)


def sequence(
    value: Any,
    label: str,
    check: Callable[[Any, str], T],
    *,
    of: str,
    least: int = 1,
    most: int = 1_000_000,
) -> tuple[T, ...]:
    """A list, tuple or other finite sequence, its entries checked by `check` (value, label); `of`
    names them.

    A text is not taken for a list of its letters.

    >>> sequence([4, 8], "n", whole_number, of="whole numbers")
    (4, 8)
    """
    expected = f"a list of {of}" + (f" ({least} at least)" if least > 1 else "")
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise refused(value, label, expected)
    if isinstance(value, np.ndarray) and value.ndim != 1:
        raise refused(value, label, expected)
    # a range may have more entries than any memory
    entries = tuple(itertools.islice(value, most + 1))
    if len(entries) > most:
        raise refused(
            f"more than {most} of them", label, f"a list of at most {most} {of}", as_text=True
        )
    if len(entries) < least:
        raise refused(f"{len(entries)} of them", label, expected, as_text=True)
    return tuple(
        check(entry, f"{label}, entry {position}")
        for position, entry in enumerate(entries, start=1)
    )


def texts(value: Any, label: str, *, of: str, least: int = 0) -> tuple[str, ...]:
    """One text, or a list of texts; `of` says in the user's words what they are ("edge names").

    >>> texts("reward -> depression", "cut", of="edge names")
    ('reward -> depression',)
    """
    return (value,) if isinstance(value, str) else sequence(value, label, _text, of=of, least=least)


def _text(value: Any, label: str) -> str:
    return text(value, label)


def text(value: Any, label: str) -> str:
    """A text, which may be empty, that a file can hold.

    >>> text("", "note")
    ''
    """
    if not isinstance(value, str) or _UNWRITABLE.search(value):
        raise refused(value, label, "a text")
    return str(value)


def instance(value: Any, label: str, kind: type[T] | tuple[type[T], ...], expected: str) -> T:
    """An object of a class; `expected` says in the user's words what that is ("a Dyad or a
    Family").

    >>> instance("24 IU", "dose", str, "a text")
    '24 IU'
    """
    if not isinstance(value, kind):
        raise refused(value, label, expected)
    return value


def function(value: Any, label: str, expected: str = "a function") -> Callable[..., Any]:
    """Something that can be called.

    >>> function(len, "size")([1, 2])
    2
    """
    if not callable(value):
        raise refused(value, label, expected)
    checked: Callable[..., Any] = value
    return checked


def array(
    value: Any,
    label: str,
    shape: tuple[int | None, ...] | None = None,
    *,
    low: float = -math.inf,
    high: float = math.inf,
) -> FloatArray:
    """An array of finite numbers; `shape` has None where any length of at least 1 will do, and is
    None for any shape.

    >>> array([1, 2], "start", (None,))
    array([1., 2.])
    """
    expected = "a finite number, or an array of them"
    if shape is not None:
        lengths = " x ".join("n" if length is None else str(length) for length in shape)
        expected = f"an array of finite numbers of shape ({lengths})"
    if low > -math.inf or high < math.inf:
        expected += f", each {_range_of_numbers(low, high, False).removeprefix('a number ')}"
    # an array stands in memory already, and one without a dimension has no length
    listed = isinstance(value, Sized) and not isinstance(value, np.ndarray)
    if isinstance(value, str | bytes) or (listed and not 0 < len(value) <= LARGEST_ARRAY):
        raise refused(value, label, expected)
    try:
        raw = np.asarray(value)
    except ValueError:  # rows of unequal lengths
        raise refused(value, label, expected) from None
    # kinds of numbers only: texts of digits, truth values, objects and complex numbers are none
    expected_shape = (None,) * raw.ndim if shape is None else shape
    if raw.dtype.kind not in "iuf" or raw.ndim != len(expected_shape):
        raise refused(value, label, expected)
    fits = all(
        size and (length is None or size == length)
        for size, length in zip(raw.shape, expected_shape, strict=True)
    )
    checked = raw.astype(float)
    if not fits or not (np.isfinite(checked) & (checked >= low) & (checked <= high)).all():
        raise refused(value, label, expected)
    return checked


def file_path(path: Any, label: str, expected: str = "the path of a file") -> Path:
    """A path; whether something is there is for whoever reads it.

    >>> file_path("runs.csv", "path").name
    'runs.csv'
    """
    # a path with a zero byte is refused by every system, each with an error of its own
    if not isinstance(path, str | Path) or not str(path).strip() or "\0" in str(path):
        raise refused(path, label, expected)
    return Path(path)


def writable_file(path: Any, label: str) -> Path:
    """A path at which a file can be written: its folder is there, and it is no folder itself.

    Raises
    ------
    InputError : no path, a folder, or a folder around it that is missing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     writable_file(f"{folder}/runs.csv", "path").name
    'runs.csv'
    """
    # asked before the work: a run of hours must not end at a misspelt folder
    target = file_path(path, label)
    if target.is_dir():
        raise refused(f"the folder {target}", label, "the path of a file", as_text=True)
    if not target.absolute().parent.is_dir():
        raise InputError(
            what=label,
            expected="a file in a folder that exists",
            found=str(target),
            remedy=f"make {target.parent} first",
            key=(label,),
        )
    return target


def refused(
    value: Any, label: str, expected: str, *, remedy: str = "", as_text: bool = False
) -> InputError:
    """The error of an argument that is not what was expected; `as_text` where `value` already is
    the words.

    >>> print(refused(0, "n", "a whole number of at least 1", remedy="ask for one dyad"))
    n: expected a whole number of at least 1; found 0; ask for one dyad
    """
    text = str(value) if as_text else shown(value)
    return InputError(what=label, expected=expected, found=text, remedy=remedy, key=key_of(label))


def key_of(label: str) -> tuple[str, ...]:
    """The argument's name, and the number of its entry, of what is named as "thing, argument, entry
    3".

    >>> key_of("drop-out, monthly"), key_of("ratio, entry 2"), key_of("n")
    (('monthly',), ('ratio', '2'), ('n',))
    """
    # labels name the thing first and its argument last: the caller knows the argument only
    *before, last = label.split(", ")
    number = last.removeprefix("entry ")
    return (*before[-1:], number) if number != last else (last,)
