"""Inclusion criteria in the words of a study: "epds >= 13", "preterm", "not bottle-fed"."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim import registry
from oxysim.errors import InputError, unknown_name
from oxysim.measures import instrument

COMPARISONS: Mapping[str, Any] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_COMPARED = re.compile(r"^\s*([\w.]+)\s*(>=|<=|>|<|==|=|!=)\s*(\S+)\s*$")
_HAD = re.compile(r"^\s*(not\s+)?([A-Za-z][\w-]*)\s*$")


@dataclass(frozen=True)
class Criterion:
    """One condition of entry: a reading, or a parameter, against a number; or an attribute that a family has or has
    not."""

    name: str
    comparison: str
    number: float = 0.0
    kind: str = "reading"  # or "parameter", "attribute"

    def holds(self, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Which of the families meet it; what is not a number meets nothing."""
        if self.kind == "attribute":
            return np.asarray(values, dtype=bool) ^ (self.comparison == "not")
        return np.asarray(COMPARISONS[self.comparison](values, self.number), dtype=bool)

    def __str__(self) -> str:
        if self.kind == "attribute":
            return f"{self.comparison} {self.name}".strip()
        return f"{self.name} {self.comparison} {self.number:g}"


def criteria(given: str | Iterable[str], attributes: Iterable[str]) -> tuple[Criterion, ...]:
    """Read criteria; `attributes` are those that the population knows.

    Raises
    ------
    InputError : not a condition. UnknownNameError : no such instrument, parameter or attribute.
    """
    texts = [given] if isinstance(given, str) else list(given)
    known = list(attributes)
    return tuple(_criterion(text, known) for text in texts)


def _criterion(text: Any, attributes: list[str]) -> Criterion:
    expected = "expected a condition such as 'epds >= 13', 'preterm' or 'not bottle-fed'"
    if not isinstance(text, str):
        raise InputError(f"criterion: {expected}; found {text!r}")
    if had := _HAD.match(text):
        if had[2] not in attributes:
            raise unknown_name("attribute", had[2], attributes, f"in the criterion {text!r}")
        return Criterion(had[2], "not" if had[1] else "", kind="attribute")
    compared = _COMPARED.match(text)
    if not compared or compared[2] not in COMPARISONS:
        raise InputError(f"criterion {text!r}: {expected}, with one of {', '.join(COMPARISONS)}")
    name, comparison, right = compared.groups()
    try:
        number = float(right)
    except ValueError:
        raise InputError(f"criterion {text!r}: expected a number on the right; found {right!r}") from None
    if not np.isfinite(number):
        raise InputError(f"criterion {text!r}: expected a finite number on the right")
    if "." in name:
        registry.parameter_row(name, ("mother",))
        return Criterion(name, comparison, number, "parameter")
    instrument(name)
    return Criterion(name, comparison, number)
