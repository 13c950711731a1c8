"""The usual value of every signal: its daily mean in the reference household, per role and stage of
infant age, and its slope along the contact that the routine plans.

A household is a set of roles: a dyad of one caregiver who is with the infant all day, or a family
in which the others are away in working hours. Its usual signals make the reference dyad a resting
point by construction: every slow equation responds to deviations from them.

They follow from the equations, the defaults and the typical day, so the shipped numbers are
believed only while the digest of these three is the one they were computed from. After a change of
the model they are computed anew for the household and the age that a run asks for (some seconds),
and kept in the cache folder under the new digest. So whoever changes an equation changes nothing
else; before a release ``scripts/update_reference_day.py`` writes the shipped file again.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import importlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from oxysim.model import registry
from oxysim.model.registry import ROLES, fill_edges
from oxysim.model.slow_states import slow_rows
from oxysim.model.structure import CaregiverEdges, ContactSlopes, InfantEdges, Usual
from oxysim.schedule import STAGES, Routine, Schedule
from oxysim.simulation.code_cache import folder, text_of_small_file, write_whole
from oxysim.simulation.equations.model_digest import defaults_digest, equations_digest
from oxysim.units import DAY

# imported when it is needed: it runs the engines, which ask here for the usual signals
AVERAGING = "oxysim.simulation.averaging.daily_mean"
# Significant digits that are kept, as in the shipped file: far beyond the 1e-9 to which the daily
# means settle, so that a computed file and a shipped one hold the same numbers.
DIGITS = 9
# How the means are taken is no part of the model: whoever changes it changes this text.
METHOD = "means over a day in which the slow states swing around their set points"
SEAL = "sha256,"  # begins the last line of a kept file, which holds the digest of those before
ROUTINE_CONTACT = "routine contact"
"""What stands among the edges' names for a member's contact by the routine."""


class UsualSignal(NamedTuple):
    """A signal on the usual day: its mean, and its slope along routine contact, in its own unit.

    >>> UsualSignal(mean=5.4, slope=0.0).mean
    5.4
    """

    mean: float
    slope: float


Signals = Mapping[str, Mapping[str, UsualSignal]]
"""Member -> edge name (or ``ROUTINE_CONTACT``) -> usual signal."""


class Shipped(NamedTuple):
    """The shipped signals of one household at one stage, and what they were computed from.

    >>> Shipped("0f" * 32, {"mother": {"bond -> depression": UsualSignal(0.7, 0.0)}}).signals
    {'mother': {'bond -> depression': UsualSignal(mean=0.7, slope=0.0)}}
    """

    digest: str
    signals: Signals


@functools.cache
def usual_signals(roles: tuple[str, ...], stage: int) -> Usual:
    """The usual signals of a family whose caregivers have these `roles`, at a `stage` of infant age
    (0 to 3).

    Caregiver by caregiver they are those of the reference household with the same roles, whatever
    the order. Two caregivers of one role count as one in the household (a limit: their infant gets
    more contact than that household's).

    >>> round(usual_signals(("mother",), 1).caregivers[0].depression.depression, 2)
    5.4
    """
    household = tuple(role for role in ROLES if role in roles)
    signals = household_signals(household, stage)
    return usual_of_members(roles, signals)


def usual_of_members(roles: tuple[str, ...], signals: Signals) -> Usual:
    """The usual signals of caregivers of these `roles` and the infant as the equations take them.

    >>> usual_of_members(("mother",), household_signals(("mother",), 1)) == usual_signals(
    ...     ("mother",), 1
    ... )
    True
    """
    kinds = [*[(role, CaregiverEdges) for role in roles], ("infant", InfantEdges)]
    *caregivers, infant = [_means_and_slopes(kind, signals[member]) for member, kind in kinds]
    means, slopes = zip(*caregivers, strict=True)
    return Usual(means, infant[0], slopes, infant[1])


def _means_and_slopes(kind: Any, signals: Mapping[str, UsualSignal]) -> tuple[Any, ContactSlopes]:
    means = fill_edges(kind, {edge: signal.mean for edge, signal in signals.items()})
    slopes = fill_edges(kind, {edge: signal.slope for edge, signal in signals.items()})
    return means, ContactSlopes(slopes, signals[ROUTINE_CONTACT].mean)


@functools.cache
def household_signals(household: tuple[str, ...], stage: int) -> Signals:
    """Member -> edge name -> usual signal, of the reference household at a `stage` of infant age.

    >>> sorted(household_signals(("mother",), 1))
    ['infant', 'mother']
    """
    digest = reference_digest(household, stage)
    shipped = shipped_signals().get((household, stage))
    if shipped is not None and shipped.digest == digest:
        return shipped.signals
    path = folder() / f"usual-signals-{digest[:32]}.csv"
    signals = _read(path)
    if signals is not None:
        return signals
    computed: Mapping[tuple[str, str], UsualSignal] = importlib.import_module(AVERAGING).usual_of(
        household, stage
    )
    lines = [
        f"{member},{edge},{signal.mean:.{DIGITS}g},{signal.slope:.{DIGITS}g}"
        for (member, edge), signal in computed.items()
    ]
    with contextlib.suppress(OSError):  # what cannot be kept is computed again by the next process
        write_whole(path, _sealed(lines))
    return _signals(lines)


@functools.cache
def shipped_signals() -> Mapping[tuple[tuple[str, ...], int], Shipped]:
    """Everything that is shipped: (household, stage) -> signals and digest.

    >>> sorted(shipped_signals()[("mother",), 0].signals)
    ['infant', 'mother']
    """
    signals: dict[tuple[tuple[str, ...], int], dict[str, dict[str, UsualSignal]]] = {}
    for row in _rows_of("usual_signals.csv"):
        members = signals.setdefault(_household_and_stage(row), {})
        members.setdefault(row["member"], {})[row["edge"]] = UsualSignal(
            float(row["usual"]), float(row["slope"])
        )
    digests = {
        _household_and_stage(row): row["sha256"] for row in _rows_of("usual_signals_digests.csv")
    }
    return {key: Shipped(digests.get(key, ""), members) for key, members in signals.items()}


@functools.cache
def reference_digest(household: tuple[str, ...], stage: int) -> str:
    """SHA-256 of all that the usual signals of a household follow from: equations, defaults, where
    slow states rest, and the household's typical day at that age.

    >>> len(reference_digest(("mother",), 0))
    64
    """
    text = repr((_model(), stage, *_day(household, stage)))
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _model() -> tuple[Any, ...]:
    """What the model itself adds to the digest, whoever the household is."""
    set_points = [
        (kind, name, row.set_point, row.ceiling, row.fades, row.taught_by)
        for kind in registry.MEMBERS
        for name, row in slow_rows(kind).items()
    ]
    return equations_digest(), defaults_digest(), set_points, METHOD


def _day(household: tuple[str, ...], stage: int) -> tuple[Any, ...]:
    """The household's typical day as numbers: its edges, and every member's input levels."""
    start = (STAGES[stage] + 10) * DAY  # the age at which the daily means are taken
    day = Schedule(Routine.household(household).without_jitter())
    plan = day.realise(start, start + DAY, caregivers=household, seed=0, dyad=0)

    # nine decimals: two machines may differ in the last bit of a level
    levels = {member: np.round(table, DIGITS).tolist() for member, table in plan.levels.items()}
    return np.round(plan.edges - start, DIGITS).tolist(), levels


def _signals(lines: list[str]) -> Signals:
    signals: dict[str, dict[str, UsualSignal]] = {}
    for line in lines:
        member, edge, *numbers = line.split(",")
        signals.setdefault(member, {})[edge] = UsualSignal(*map(float, numbers))
    return signals


def _sealed(lines: list[str]) -> str:
    """The text of a kept file: the lines, and a last one with their digest."""
    text = "".join(f"{line}\n" for line in lines)
    return f"{text}{SEAL}{hashlib.sha256(text.encode()).hexdigest()}\n"


def _read(path: Path) -> Signals | None:
    """What a kept file holds; None where there is none, or it is not as it was written."""
    lines = text_of_small_file(path).splitlines()
    if not lines or _sealed(lines[:-1]) != "".join(f"{line}\n" for line in lines):
        return None
    return _signals(lines[:-1])


def _rows_of(name: str) -> csv.DictReader[str]:
    text = resources.files("oxysim").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _household_and_stage(row: Mapping[str, str]) -> tuple[tuple[str, ...], int]:
    return tuple(row["household"].split("+")), int(row["stage"])
