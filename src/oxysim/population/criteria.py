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
from oxysim.checks import instance, sequence, text
from oxysim.checks import name as checked_name
from oxysim.checks import texts as checked_texts
from oxysim.errors import InputError, shown, unknown_name
from oxysim.measures import INSTRUMENTS, Instrument, instrument
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
    user_tool: Instrument | None = None  # where a user's instrument reads it

    @property
    def tool(self) -> Instrument:
        """The instrument of a condition on a reading.

        >>> Criterion("epds", ">=", 13).tool.unit
        'EPDS'
        """
        return instrument(self.user_tool or self.name)

    @property
    def identity(self) -> str:
        """The condition with all that decides whom it lets in: of a user's instrument the
        fingerprint too.

        >>> Criterion("epds", ">=", 13).identity
        'epds >= 13'
        """
        tool = self.user_tool
        return f"{self} (fingerprint {tool.fingerprint})" if tool else str(self)

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


Wanted = str | Criterion | Iterable[str | Criterion]
"""Criteria of entry as arguments take them: a text, a condition that was read already, several."""


def listed_criteria(wanted: Any, label: str) -> tuple[str | Criterion, ...]:
    """Criteria of entry as a list, each as it was given, not yet read.

    >>> listed_criteria("epds >= 13", "wanted")
    ('epds >= 13',)
    """
    if isinstance(wanted, str | Criterion):
        return (wanted,)

    def checked(entry: Any, label: str) -> str | Criterion:
        return entry if isinstance(entry, Criterion) else text(entry, label)

    return sequence(wanted, label, checked, of="criteria such as 'epds >= 13'", least=0)


def identities(wanted: Wanted) -> list[str]:
    """Criteria in words that say all that decides whom they let in.

    >>> identities(["epds >= 13"])
    ['epds >= 13']
    """
    entries = listed_criteria(wanted, "criteria")
    return [entry.identity if isinstance(entry, Criterion) else entry for entry in entries]


def read_criteria(
    texts: Wanted,
    attributes: Iterable[str] = (),
    label: str = "criterion",
    instruments: Iterable[Instrument] = (),
) -> tuple[Criterion, ...]:
    """Read criteria; `attributes` are those that the population knows.

    Parameters
    ----------
    texts : a condition, several joined by "and", or a list of either. An empty list is no
        condition. A condition that was read already, with a user's instrument, stands as it is.
    attributes : those that the population knows.
    label : the place at which they stand, for messages.
    instruments : those of a user that conditions may name.

    Raises
    ------
    InputError : not a condition, or conditions that nobody can meet together.
    UnknownNameError : no such instrument, parameter or attribute.

    >>> [str(condition) for condition in read_criteria("epds >= 10 and preterm", ["preterm"])]
    ['epds >= 10', 'preterm']
    >>> from oxysim.measures import user_instrument
    >>> kit = user_instrument("kit_2022", like="saliva_oxytocin")
    >>> read_criteria("kit_2022 >= 8", [], instruments=[kit])[0].tool.name
    'kit_2022'
    """
    # a mapping would be walked as its keys, and bytes as numbers
    if not isinstance(texts, str | Criterion) and (
        isinstance(texts, Mapping | bytes) or not isinstance(texts, Iterable)
    ):
        raise InputError(
            what=label, expected=f"{EXAMPLE}, or a list of them", found=shown(texts), key=(label,)
        )
    known_attributes = checked_texts(attributes, "attributes", of="names of attributes")
    tools = {
        tool.name: tool
        for tool in sequence(instruments, "instruments", _instrument, of="instruments", least=0)
    }
    label = checked_name(label, "label")
    conditions = tuple(
        condition
        if isinstance(condition, Criterion)
        else _criterion(condition, known_attributes, label, tools)
        for entry in ([texts] if isinstance(texts, str | Criterion) else texts)
        for condition in ([entry] if isinstance(entry, Criterion) else _parts(entry, label))
    )
    _require_possible(conditions, label)
    return conditions


def _parts(words: Any, label: str) -> list[str]:
    """The conditions that a text joins by "and"."""
    if not isinstance(words, str):
        raise InputError(what=label, expected=EXAMPLE, found=shown(words), key=(label,))
    if _OR.search(words):
        remedy = "conditions are joined by 'and' alone; for 'or' take each group by itself"
        raise InputError(
            what=f"{label} {shown(words)}", expected=EXAMPLE, remedy=remedy, key=(label,)
        )
    return [condition.strip() for condition in _AND.split(words)]


def _criterion(
    words: str, attributes: Sequence[str], label: str, tools: Mapping[str, Instrument]
) -> Criterion:
    where = f"{label} {shown(words)}"
    if had := _HAD.match(words):
        return _attribute(had[2], bool(had[1]), attributes, where)
    compared = _COMPARED.match(words)
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
    # those of a user have names that none of the package has
    criterion = Criterion(name, comparison, float(right), user_tool=tools.get(name))
    tool = _tool(name, tools)
    # a condition that decides nothing is a slip: "epds >= 130", or 0 and more
    if not _reaches(criterion, tool.low, tool.high):
        raise InputError(
            what=where,
            expected=f"a number inside the scale of {name!r}, {tool.low:g} to {tool.high:g}",
            found=f"a condition that no reading can meet, or every one ({criterion})",
            key=(label,),
        )
    return criterion


def _instrument(value: Any, label: str) -> Instrument:
    return instrument(instance(value, label, Instrument, "an Instrument"))


def _tool(name: str, tools: Mapping[str, Instrument]) -> Instrument:
    """The instrument of that name, the user's among them; a misspelt one with the nearest of
    either.
    """
    if name not in tools and name not in INSTRUMENTS and tools:
        raise unknown_name("instrument", name, [*tools, *INSTRUMENTS])
    return tools.get(name) or instrument(name)


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
