"""What passes over an edge: whole, cut or scaled.

    received = expected + multiplier * (signal - expected)
    expected = usual + slope * (routine contact - its usual mean)

The expected signal is what the routine of this moment lets one expect of the reference dyad of that
role and age: the signal's daily mean (``usual``), and along the contact that the routine plans the
slope that it has within the usual day (``oxysim.simulation.reference_signals``). So a cut
(multiplier 0) removes the deviation, neither the mean nor what goes with routine contact, and
leaves the reference dyad where it was.

Limits of validity: a straight line along contact; what goes with something else, such as the hour,
is kept in the mean alone (decision 0072; ``scripts/cut_shifts.py`` prints how far that is off).
"""

from __future__ import annotations

from typing import Any

from oxysim.model.inputs import CaregiverInputs
from oxysim.model.mechanisms.shapes import hill
from oxysim.model.structure import CaregiverParameters


def transmit(multipliers: Any, signals: Any, expected: Any) -> Any:
    """What is received of signals, in any nesting of named tuples:

        received = expected + multiplier * (signal - expected)
        expected = usual + slope * (routine contact - its usual mean)

    with the expected signals of :func:`expected_signals`. None in place of multipliers means that
    every edge below is whole: signals pass as they are, so that a run without a cut does none of
    this arithmetic.

    >>> transmit(0.0, 3.0, 2.0), transmit(1.0, 3.0, 2.0), transmit(2.0, 3.0, 2.0)
    (2.0, 3.0, 4.0)
    """
    if multipliers is None:
        return signals
    # down through groups of edges to the numbers
    if isinstance(signals, tuple):
        edges = zip(multipliers, signals, expected, strict=True)
        return type(signals)(*[transmit(*edge) for edge in edges])
    return expected + multipliers * (signals - expected)


def expected_signals(multipliers: Any, usual: Any, slopes: Any, excess_contact: float) -> Any:
    """What a cut edge passes, in any nesting of named tuples: usual + slope * excess contact.

    Excess contact is the routine's contact now (:func:`routine_contact`) less its mean on the
    usual day (``ContactSlopes.usual_contact``). The mean of a signal alone would forget that an
    infant is gladder *while* somebody is with it: what receives contact times affect would lose
    their covariance with the edge, and the reference dyad would move. None in place of multipliers
    (whole edges) gives None.

    >>> expected_signals(0.0, 2.0, 0.5, 0.25), expected_signals(None, 2.0, 0.5, 0.25)
    (2.125, None)
    """
    if multipliers is None:
        return None
    if isinstance(usual, tuple):
        edges = zip(multipliers, usual, slopes, strict=True)
        return type(usual)(*[expected_signals(*edge, excess_contact) for edge in edges])
    return usual + slopes * excess_contact


def routine_contact(u: CaregiverInputs, p: CaregiverParameters) -> float:
    """How social the routine makes the moment for a caregiver as engaged as usual, 0 to 1.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import resting_inputs
    >>> u, p = resting_inputs().caregivers[0], Dyad().resolved().caregivers[0]
    >>> half = u._replace(routine_contact=p.engagement.interaction_half)
    >>> routine_contact(u, p), routine_contact(half, p)
    (0.0, 0.5)
    """
    # Neither what happens instead, which a caregiver's mood decides, nor what an intervention adds:
    # over a cut edge both are deviations.
    return hill(u.routine_contact, p.engagement.interaction_half)
