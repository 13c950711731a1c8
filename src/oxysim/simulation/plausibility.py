"""What is legal but implausible: found before a run, listed in its provenance, and said once as a
warning.

A value that a user sets is plausible inside the range of its row (``low`` to ``high`` of a
parameter, the size up to ``plausible`` of a channel's level), and legal far beyond. It is simulated
as it is.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from oxysim.errors import ImplausibleValueWarning
from oxysim.families import Family
from oxysim.model import registry
from oxysim.model.inputs import channel
from oxysim.model.rows import ParameterRow
from oxysim.per_dyad import different
from oxysim.schedule import Intervention, as_schedule
from oxysim.units import plain_unit, with_unit

P = ParamSpec("P")
T = TypeVar("T")

SET, SHARED, DRAWN = 1.0, 3.0, 6.0
"""How far from the middle of its range a value may lie, in halves of the range, on the scale of its
distribution: one that a user sets on described dyads; one that all dyads of a population share; one
drawn for a dyad. The range holds 95 % of dyads, so draws leave it by design; the community, whose
spreads are calibrated, reaches 4.5 in 20,000 dyads."""

ROUNDING = 1e-9
"""Of the half range: a value that went through another unit and back is still at the end of its
range.
"""

MOST_NAMED = 8  # things that one warning names; the provenance has all

_PACKAGE = str(Path(__file__).resolve().parents[1])


class Implausible(NamedTuple):
    """One thing that is legal but implausible: its name, the value farthest out, unit, plausible
    range, and what the range rests on.

    >>> print(Implausible("spray", 400.0, "IU", 0.0, 80.0, "assumed"))
    spray = 400 IU (plausible 0 to 80 IU; assumed)
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str

    def __str__(self) -> str:
        plausible = with_unit(f"{self.low:g} to {self.high:g}", self.unit)
        return (
            f"{self.name} = {with_unit(f'{self.value:g}', self.unit)} (plausible {plausible};"
            f" {self.source})"
        )


def implausible(who: Family, days: Iterable[Any]) -> tuple[Implausible, ...]:
    """Every parameter that was set, and every level that a day writes, beyond what is plausible,
    each once.

    `days` are whatever :func:`~oxysim.schedule.as_schedule` takes, interventions by themselves
    among them. Levels are those of single activities and interventions; what several of them add up
    to is held to the legal range.

    >>> from oxysim.families import Dyad
    >>> print(*implausible(Dyad(parameters={"mother.oxytocin.suckling": 500}), []))
    mother.oxytocin.suckling = 500 (plausible 1.5 to 5; range of the row, derived: uvnasmoberg2020)
    """
    by_name = {parameter.name: parameter for parameter in _of_parameters(who)}
    sources: list[Any] = []
    for schedule in different(map(as_schedule, days)):
        for source in (schedule.routine, *schedule.interventions):
            # A trial's intervention is looked at before each participant's share of it is taken.
            inner = getattr(source, "what", None)
            sources.append(inner if isinstance(inner, Intervention) else source)
    for source in different(sources):
        for implausible_level in _of_levels(source):
            by_name.setdefault(implausible_level.name, implausible_level)
    return tuple(by_name.values())


def warn_of(implausible_values: Iterable[Implausible]) -> None:
    """One warning with all that is implausible, at the user's own line; inside :func:`once` what
    was said is not said again.

    >>> warn_of([])  # nothing implausible: nothing is said
    """
    reported = _said.get()
    # Inside `once`, an arm of a trial does not repeat what another has said.
    fresh = [value for value in implausible_values if reported is None or value not in reported]
    if reported is not None:
        reported.update(fresh)
    if not fresh:
        return
    more = f"; and {len(fresh) - MOST_NAMED} more" if len(fresh) > MOST_NAMED else ""
    text = "; ".join(str(value) for value in fresh[:MOST_NAMED])
    warnings.warn(
        f"legal but implausible, simulated as it is: {text}{more}",
        ImplausibleValueWarning,
        stacklevel=_outside(),
    )


def as_records(implausible_values: Iterable[Implausible]) -> list[dict[str, Any]]:
    """The same as a provenance holds it.

    >>> as_records([Implausible("spray", 400.0, "IU", 0.0, 80.0, "assumed")])[0]["value"]
    400.0
    """
    return [{**value._asdict(), "unit": plain_unit(value.unit)} for value in implausible_values]


_said: ContextVar[set[Implausible] | None] = ContextVar("said", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Inside, each implausible thing is said once, however many runs it is part of.

    >>> with once():
    ...     warn_of([])
    """
    token = _said.set(set()) if _said.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _said.reset(token)


def said_once(function: Callable[P, T]) -> Callable[P, T]:
    """A function that makes several runs, which says of all of them :func:`once` what is
    implausible.

    >>> @said_once
    ... def both_arms() -> str:
    ...     return "both arms run"
    >>> both_arms()
    'both arms run'
    """

    @wraps(function)
    def said(*args: P.args, **options: P.kwargs) -> T:
        with once():
            return function(*args, **options)

    return said


# --------------------------------------------------------------------------------------
# internals
def _of_parameters(family: Family) -> Iterator[Implausible]:
    for name in family.parameters:
        member, _, rest = name.partition(".")
        row: ParameterRow = registry.parameters()[f"{registry.kind_of(member)}.{rest}"]
        value = np.ravel(np.asarray(family.value(name), dtype=float))
        reach = SET if not family.origin else DRAWN if np.ndim(family.parameters[name]) else SHARED
        distance = _distance(row, value)
        if row.distribution == "logit-normal":
            # as near to none as it can be: switched off
            distance[value <= row.legal[0] * (1 + ROUNDING)] = 0.0
        if distance.max() > reach + ROUNDING:
            source = f"range of the row, {_basis(row)}"
            yield Implausible(
                name, float(value[distance.argmax()]), row.unit, row.low, row.high, source
            )


def _basis(row: ParameterRow) -> str:
    return str(row.status) if row.source == "assumption" else f"{row.status}: {row.source}"


def _distance(row: ParameterRow, value: Any) -> Any:
    """How far values lie from the middle of the row's range, in halves of it, on the scale of the
    distribution.
    """
    scale = _SCALES.get(row.distribution, lambda x: x)
    with np.errstate(divide="ignore"):  # 0 on a scale that has none lies infinitely far
        low, high, position = scale(np.float64(row.low)), scale(np.float64(row.high)), scale(value)
    return np.abs(position - (low + high) / 2) / ((high - low) / 2)


_SCALES: Mapping[str, Callable[[Any], Any]] = {
    "lognormal": np.log,
    "logit-normal": lambda x: np.log(x / (1 - x)),
}


def _of_levels(source: Any) -> Iterator[Implausible]:
    """Of a routine or an intervention."""
    if hasattr(source, "activities"):
        written = [
            (activity.label, member, dict(levels))
            for activity in source.activities
            for member, levels in activity.writes
        ]
    else:
        written = [(source.label, bouts.member, bouts.levels) for bouts in source.parts()]
    for label, member, levels in written:
        for name, level in levels.items():
            row = channel(member, name)
            if abs(level) > row.plausible * (1 + ROUNDING):
                low = max(row.low, -row.plausible)
                yield Implausible(
                    f"{label}, {name}", float(level), row.unit, low, row.plausible, row.basis
                )


def _outside() -> int:
    """How many frames up the first line stands that is not the library's own: whoever asked for the
    run.
    """
    # The warning points at the user's line, not at one of ours.
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        depth, frame = depth + 1, frame.f_back
    return depth
