"""Wrong calls, generated from a signature: each parameter in turn gets what it cannot be, all
others are right.

A public function, class or bound method answers each of them with one of oxysim's own errors,
before it computes anything. Two things are found: a *raw* exception, which is not oxysim's, and a
wrong value that was *accepted*.

    faults(ox.loop.regimes, {"dyad": ox.Dyad()}, legal={"starts": ["3"], "seed": ["3"]})

gives a list of texts, empty where all is well.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.errors import OxysimError

WRONG: Mapping[str, Any] = {
    "None": None,
    "3": 3,
    "'x'": "x",
    "[]": [],
    "-1": -1,
    "nan": math.nan,
    "True": True,
    "object()": object(),
}
"""What a parameter gets in turn, by the text by which `legal` names it."""
WIDER: Mapping[str, Any] = {
    "0": 0,
    "1.5": 1.5,
    "inf": math.inf,
    "10**400": 10**400,
    "1 + 2j": 1 + 2j,
    "''": "",
    "'no'": "no",
    "'\\0'": "\0",
    "'\\udcff'": "\udcff",
    "'24 IU'": "24 IU",
    "'10:00'": "10:00",
    "'3 weeks'": "3 weeks",
    "b'x'": b"x",
    "()": (),
    "{}": {},
    "{'a': 1}": {"a": 1},
    "{1: 2}": {1: 2},
    "{1}": {1},
    "[None]": [None],
    "[1, 'a']": [1, "a"],
    "[[1], [1, 2]]": [[1], [1, 2]],
    "[nan]": [math.nan],
    "[1, 1]": [1, 1],
    "zeros((2, 2))": np.zeros((2, 2)),
    "array(['a'])": np.array(["a"]),
    "len": len,
    "int": int,
    "range(10**13)": range(10**13),
}
"""What many parameters may have, or a few: it is accepted or refused, and never ends in an error of
Python's own.
"""
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, eq=False)
class WrongCall:
    """A call in which one parameter is wrong."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    parameter: str
    value: str

    def __str__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"{name}({self.parameter}={self.value})"

    def fault(self) -> str:
        """What is wrong with the answer, empty for one of oxysim's own errors."""
        try:
            self.function(**self.arguments)
        except OxysimError as error:
            return "" if str(error).strip() else f"{self}: an error without words"
        except Exception as error:  # noqa: BLE001 - whatever is not oxysim's own is what is looked for
            return f"{self}: raw {type(error).__name__}: {error}"
        return f"{self}: accepted"


def wrong_calls(
    function: Callable[..., Any],
    right: Mapping[str, Any],
    *,
    legal: Mapping[str, Collection[str]] | None = None,
    left_out: Collection[str] = (),
    wrong: Mapping[str, Any] = WRONG,
) -> Iterator[WrongCall]:
    """The wrong calls of a function, class or bound method.

    Parameters
    ----------
    right : arguments of a call that is right, by name; what has a default may be left out.
    legal : parameter -> the values of `wrong`, by their text, that it may have. A parameter's own
        default is legal without that.
    left_out : parameters that are not asked about; why stands at the call.

    Raises
    ------
    ValueError : a name or a text that does not exist, so that a renamed parameter is not passed
    over in silence.
    """
    parameters = inspect.signature(function).parameters
    asked = {name: one for name, one in parameters.items() if one.kind not in VARIADIC}
    allowed = dict(legal or {})
    unknown = {*right, *allowed, *left_out} - set(asked) | {
        t for own in allowed.values() for t in own
    } - set(wrong)
    if unknown:
        raise ValueError(
            f"{function!r} has no parameter, or there is no wrong value, named {sorted(unknown)}"
        )
    for name, parameter in asked.items():
        if name in left_out:
            continue
        for text, value in wrong.items():
            if text in allowed.get(name, ()) or _same(value, parameter.default):
                continue
            yield WrongCall(function, {**right, name: value}, name, text)


def faults(function: Callable[..., Any], right: Mapping[str, Any], **options: Any) -> list[str]:
    """The faults of all wrong calls of a function; options as for :func:`wrong_calls`."""
    return [fault for call in wrong_calls(function, right, **options) if (fault := call.fault())]


def _same(value: Any, default: Any) -> bool:
    """Whether a value is a parameter's default; True is not 1, nor is a list a tuple."""
    return value is default or (type(value) is type(default) and value == default)
