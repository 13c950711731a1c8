r"""M13. Synchrony between a caregiver and the infant, over minutes.

    dY/dt = (I·A·r·a/(ψ + A·r·a) − Y) / τ_Y

Each of A, a and r is the level that is received over its own edge. Both sides carry it: the
caregiver's affect A, the infant's affect a and the readability r of its signals, while they
interact (I). It sets the sign of oxytocin's effect on stress reactivity (M11) and feeds confidence
(M18).

Limits of validity: a scalar summary of a time-series property; it has no lead or lag.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import hill
from oxysim.model.rows import edge, parameter, state

# The upper limit leaves the solver a ten-thousandth above full synchrony.
SYNCHRONY = state("1", 0.15, 0, 1.0001, 0.3, "fast", "caregiver-infant synchrony, 0 to 1")


class Parameters(NamedTuple):
    """Rows of synchrony.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).half
    0.15
    """

    # level at which joint affect makes half of the possible synchrony, and pace
    half: float = parameter(
        "ψ", "1", 0.15, 0.05, 0.3, "lognormal",
        "assumption", "assumed", "joint affect of half synchrony")
    time_constant: float = parameter(
        "τ_Y", "min", 6, 2, 15, "lognormal",
        "feldman2011", "assumed", "minutes")


class Edges(NamedTuple):
    """What synchrony receives.

    >>> Edges(*[0.5] * 3).affect
    0.5
    """

    affect: float = edge(
        "feldman2011", "assumed", "the caregiver's affect carries synchrony",
        dyadic=True, level=True)
    infant_affect: float = edge(
        "feldman2010hb", "assumed", "the infant's affect carries synchrony",
        dyadic=True, level=True)
    readability: float = edge(
        "assumption", "assumed", "readable signals carry synchrony",
        dyadic=True, level=True)


def rate(synchrony: float, interaction: float, received: Edges, p: Parameters) -> float:
    """dY/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> rate(0.0, 0.0, Edges(0.45, 0.5, 0.6), p)  # nobody interacts
    0.0
    """
    # a product: either partner alone can make it fail
    joint = received.affect * received.infant_affect * received.readability
    return (interaction * hill(joint, p.half) - synchrony) / p.time_constant
