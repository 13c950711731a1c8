"""What is legal but implausible of a run: gathered before it, listed in its provenance, and said
once as a warning.

A value that a user sets is plausible inside the range of its row (``low`` to ``high`` of a
parameter, the size up to ``plausible`` of a channel's level), and legal far beyond. It is simulated
as it is. Families, routines and interventions judge their own values
(:mod:`oxysim.model.value_ranges`).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from oxysim.errors import ImplausibleValueWarning
from oxysim.families import Family
from oxysim.model.value_ranges import Implausible
from oxysim.schedule import as_schedule
from oxysim.units import plain_unit

P = ParamSpec("P")
T = TypeVar("T")

MOST_NAMED = 8  # things that one warning names; the provenance has all

_PACKAGE = str(Path(__file__).resolve().parents[1])


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
    by_name = {parameter.name: parameter for parameter in who.implausible}
    for schedule in map(as_schedule, days):
        for level in schedule.implausible:
            by_name.setdefault(level.name, level)
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
def _outside() -> int:
    """How many frames up the first line stands that is not the library's own: whoever asked for the
    run.
    """
    # The warning points at the user's line, not at one of ours.
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        depth, frame = depth + 1, frame.f_back
    return depth
