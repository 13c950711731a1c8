"""Inclusion criteria in the words of a study: "epds >= 13", "preterm and not bottle-fed".

Conditions are joined by "and" or stand in a list; all of them have to hold. One grammar for every
place at which a condition can stand: entry into a study, groups of a cross-section, files.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.arrays import BoolArray
from oxysim.errors import InputError, shown, unknown_name
from oxysim.measures import INSTRUMENTS, instrument
from oxysim.model import registry

# What may stand between a name and a number.
COMPARISONS: Mapping[str, Any] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
# "epds >= 13"; = and == are recognised, and refused with the comparisons that there are
_COMPARED = re.compile(r"^([\w.]+)\s*(>=|<=|>|<|==|=|!=)\s*(\S+)$")
# "preterm" or "not bottle-fed"
_HAD = re.compile(r"^(not\s+)?([A-Za-z][\w-]*)$", re.IGNORECASE)
# Python's float() would also take "1_000", "infinity" and the digits of other scripts
_NUMBER = re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$", re.ASCII)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
# every other way of joining conditions, all of which are refused
_OR = re.compile(r"(?<![\w-])or(?![\w-])|\|\||&&|,|;", re.IGNORECASE)
_NOT_FINITE = ("nan", "inf", "infinity")
EXAMPLE = "a condition such as 'epds >= 13', 'preterm' or 'not bottle-fed', joined by 'and'"


@dataclass(frozen=True)
class Criterion:
    """One condition of entry: a reading or a parameter against a number, or an attribute.

    >>> Criterion("epds", ">=", 13).holds(np.array([12.0, 13.0]))
    array([False,  True])
    """

    name: str
    comparison: str
    number: float = 0.0
    kind: str = "reading"  # or "parameter", "attribute"

    def holds(self, values: npt.NDArray[Any]) -> BoolArray:
        """Which of the families meet it; what is not a number meets nothing.

        >>> Criterion("preterm", "not", kind="attribute").holds(np.array([True, False]))
        array([False,  True])
        """
        if self.kind == "attribute":
            return np.asarray(values, dtype=bool) ^ (self.comparison == "not")
        return np.asarray(COMPARISONS[self.comparison](values, self.number), dtype=bool)

    def __str__(self) -> str:
        if self.kind == "attribute":
            return f"{self.comparison} {self.name}".strip()
        return f"{self.name} {self.comparison} {self.number:g}"


def criteria(
    texts: str | Iterable[str], attributes: Iterable[str], label: str = "criterion"
) -> tuple[Criterion, ...]:
    """Read criteria; `attributes` are those that the population knows.

    Parameters
    ----------
    texts : a condition, several joined by "and", or a list of either. An empty list is no
        condition.
    attributes : those that the population knows.
    label : the place at which they stand, for messages.

    Raises
    ------
    InputError : not a condition, or conditions that nobody can meet together.
    UnknownNameError : no such instrument, parameter or attribute.

    >>> [str(condition) for condition in criteria("epds >= 10 and preterm", ["preterm"])]
    ['epds >= 10', 'preterm']
    """
    # a mapping would be walked as its keys, and bytes as numbers
    if not isinstance(texts, str) and (
        isinstance(texts, Mapping | bytes) or not isinstance(texts, Iterable)
    ):
        raise InputError(
            what=label, expected=f"{EXAMPLE}, or a list of them", found=shown(texts), key=(label,)
        )
    # walked once for every condition: an iterator would be empty after the first
    known_attributes = list(attributes)
    conditions = tuple(
        _criterion(condition, known_attributes, label)
        for text in ([texts] if isinstance(texts, str) else texts)
        for condition in _parts(text, label)
    )
    _require_possible(conditions, label)
    return conditions


def _parts(text: Any, label: str) -> list[str]:
    """The conditions that a text joins by "and"."""
    if not isinstance(text, str):
        raise InputError(what=label, expected=EXAMPLE, found=shown(text), key=(label,))
    if _OR.search(text):
        remedy = "conditions are joined by 'and' alone; for 'or' take each group by itself"
        raise InputError(
            what=f"{label} {shown(text)}", expected=EXAMPLE, remedy=remedy, key=(label,)
        )
    return [condition.strip() for condition in _AND.split(text)]


def _criterion(text: str, attributes: Sequence[str], label: str) -> Criterion:
    where = f"{label} {shown(text)}"
    if had := _HAD.match(text):
        return _attribute(had[2], bool(had[1]), attributes, where)
    compared = _COMPARED.match(text)
    if not compared or compared[2] not in COMPARISONS:
        raise InputError(
            f"{where}: expected {EXAMPLE}, with one of {', '.join(COMPARISONS)}", key=(label,)
        )
    name, comparison, right = compared.groups()
    if not _NUMBER.match(right) or not np.isfinite(float(right)):
        number = "a finite number" if right.lstrip("+-").casefold() in _NOT_FINITE else "a number"
        raise InputError(
            what=where, expected=f"{number} on the right", found=shown(right), key=(label,)
        )
    # a dot stands in parameters only: "caregiver.bond.reward_gain", but "epds"
    if "." in name:
        registry.parameter_row(name, ("mother",))
        return Criterion(name, comparison, float(right), "parameter")
    criterion = Criterion(name, comparison, float(right))
    tool = instrument(name)
    # a condition that decides nothing is a slip: "epds >= 130", or 0 and more
    if not _reaches(criterion, tool.low, tool.high):
        raise InputError(
            what=where,
            expected=f"a number inside the scale of {name!r}, {tool.low:g} to {tool.high:g}",
            found=f"a condition that no reading can meet, or every one ({criterion})",
            key=(label,),
        )
    return criterion


def _attribute(name: str, absent: bool, attributes: Sequence[str], where: str) -> Criterion:
    if name not in attributes:
        if name in INSTRUMENTS:
            clause = (
                f"in the {where}; {name!r} is a reading: compare it with a number, as in '{name}"
                " >= 13'"
            )
            raise unknown_name("attribute", name, attributes, clause)
        raise unknown_name("attribute", name, attributes, f"in the {where}")
    return Criterion(name, "not" if absent else "", kind="attribute")


def _reaches(criterion: Criterion, low: float, high: float) -> bool:
    """Whether a comparison parts the scale from `low` to `high`: some readings meet it and some do
    not.
    """
    ends = criterion.holds(np.array([low, high]))
    return bool(ends[0] != ends[1])


def _require_possible(conditions: Sequence[Criterion], label: str) -> None:
    """Raise where one name is asked to be above and below, or an attribute to be there and not."""
    by_name = defaultdict(list)
    for condition in conditions:
        by_name[condition.name].append(condition)
    for name, some in by_name.items():
        if some[0].kind == "attribute":
            possible = len({condition.comparison for condition in some}) == 1
        else:
            ends = {condition.number for condition in some}
            # a met set of half-lines holds an end or a midpoint
            between = {(a + b) / 2 for a in ends for b in ends}
            beyond = {min(ends) - 1, max(ends) + 1}
            points = np.array(sorted(ends | between | beyond))
            possible = bool(np.all([condition.holds(points) for condition in some], axis=0).any())
        if not possible:
            together = " and ".join(map(str, some))
            raise InputError(
                what=label,
                expected="conditions that can hold together",
                found=f"{together!r}, which nobody can meet",
                remedy=f"loosen one of those on {name!r}",
                key=(label,),
            )
