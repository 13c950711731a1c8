r"""M13. Synchrony between a caregiver and the infant, over minutes.

    dY/dt = (X·j/(ψ + j) − Y) / τ_Y,   j = A·r·a·2/(1 + exp(−ψ_m·m))

Each of A, a, r and m is the level that is received over its own edge. Both sides carry it: the
caregiver's affect A and mind-mindedness m (M8: contact that fits the infant's mind comes into
step), the infant's affect a and the readability r of its signals, while contact is an exchange (X,
M10): holding alone is not in step or out of it. It sets the sign of oxytocin's effect on stress
reactivity (M11) and feeds confidence (M18).

Limits of validity: a scalar summary of a time-series property; it has no lead or lag.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import hill, unit_centred_logistic
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
    mind_gain: float = parameter(
        "ψ_m", "1", 1.3, 0.0, 2.6, "normal",
        "assumption", "assumed", "mind-minded contact comes into step")
    time_constant: float = parameter(
        "τ_Y", "min", 6, 2, 15, "lognormal",
        "feldman2011", "assumed", "minutes")


class Edges(NamedTuple):
    """What synchrony receives.

    >>> Edges(*[0.5] * 4).affect
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
    mind_mindedness: float = edge(
        "assumption", "assumed", "mind-minded contact comes into step",
        contested=True)


def rate(synchrony: float, exchange: float, received: Edges, p: Parameters) -> float:
    """dY/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> rate(0.0, 0.0, Edges(0.45, 0.5, 0.6, 0.0), p)  # nobody interacts
    0.0
    """
    # a product: either partner alone can make it fail
    joint = (
        received.affect
        * received.infant_affect
        * received.readability
        * unit_centred_logistic(p.mind_gain * received.mind_mindedness)
    )
    return (exchange * hill(joint, p.half) - synchrony) / p.time_constant
