"""Where every state rests while nothing deviates from the usual: the state vector from which a run
settles.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.model import slow_states
from oxysim.simulation.equations.system import state_rows
from oxysim.units import DAY

# Minutes after 00:00 at which a state that only fades is at its mean over the day.
NOON = DAY / 2


def resting_start(family: Family) -> FloatArray:
    """Every state at rest, shape (n_states, n).

    Slow states are at the dyad's own set points unless `who.start` says otherwise; they are means
    over the day on which the infant has the dyad's age.

    >>> resting_start(Family()).shape
    (36, 1)
    """
    n = len(family)
    rows = state_rows(family.caregivers)
    places = {name: position for position, name in enumerate(rows)}

    y = np.array([np.full(n, row.start) for row in rows.values()])
    for name, value in _set_points(family).items():
        y[places[name]] = value
    for name, value in family.start.items():
        # An ensemble in which only some dyads have a start of their own holds NaN for the others.
        y[places[name]] = np.where(np.isnan(value), y[places[name]], value)
    return y


def fading_times(family: Family) -> dict[str, Any]:
    """The time constants, minutes, of the states that only fade, by full name.

    >>> list(fading_times(Family()))
    ['mother.birth_drive', 'mother.vulnerability']
    """
    return {
        f"{member}.{name}": slow_states.time_constant(row, parameters)
        for member, kind, parameters in _members(family)
        for name, row in slow_states.slow_rows(kind).items()
        if row.fades
    }


def _set_points(family: Family) -> dict[str, Any]:
    """Where the slow states of each member rest when nothing deviates from the usual."""
    ages = family.ages() + NOON
    return {
        f"{member}.{name}": slow_states.set_point(row, parameters, ages)
        for member, kind, parameters in _members(family)
        for name, row in slow_states.slow_rows(kind).items()
    }


def _members(family: Family) -> list[tuple[str, str, Any]]:
    """Each caregiver, then the infant: name, kind and parameters."""
    resolved = family.resolved()
    caregivers = zip(family.caregivers, resolved.caregivers, strict=True)
    return [
        *((name, "caregiver", parameters) for name, parameters in caregivers),
        ("infant", "infant", resolved.infant),
    ]
