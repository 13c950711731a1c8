r"""M19. Infant affect, and how readable its signals are, over minutes.

    affect        da/dt = (logistic(logit(a_0) + ι_O·(ω − usual) + ι_w·(warmth − usual)
                                    − ι_s·(arousal − usual)) − a) / τ
    readability   r = logistic(logit(r_0) + ς_a·(a − usual) − ς_s·(arousal − usual))

warmth is Σ A·I over all caregivers (M7, M10), ω the infant's own signal (M4). From infant oxytocin,
the caregiver's warmth, arousal, and temperament (the set points).

Limits of validity: directions from the seed literature and the still-face effect (positive affect
falls); sizes assumed.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import logistic, logit
from oxysim.model.rows import edge, parameter, state

AFFECT = state("1", 0.5, 0, 1, 0.5, "fast", "the infant's positive affect, 0 to 1")


class Parameters(NamedTuple):
    """Rows of the infant's affect and readability.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).usual
    0.5
    """

    # affect: set point, what moves it, pace
    usual: float = parameter(
        "a_0", "fraction", 0.5, 0.3, 0.7, "logit-normal",
        "assumption", "assumed", "temperament: usual positive affect")
    oxytocin_gain: float = parameter(
        "ι_O", "1", 6, 2, 10, "lognormal",
        "zeng2024", "assumed", "oxytocin goes with positive affect")
    warmth_gain: float = parameter(
        "ι_w", "1", 1.5, 0.5, 3, "lognormal",
        "mesman2009", "derived", "still face lowers positive affect")
    arousal_gain: float = parameter(
        "ι_s", "1", 2, 0.8, 4, "lognormal",
        "assumption", "assumed", "distress displaces positive affect")
    time_constant: float = parameter(
        "τ", "min", 5, 2, 12, "lognormal",
        "assumption", "assumed", "minutes")
    # readability: set point and what clears or blurs it; it has no pace, being read at a moment
    usual_readability: float = parameter(
        "r_0", "fraction", 0.6, 0.4, 0.8, "logit-normal",
        "assumption", "assumed", "temperament: usual clarity of signals")
    affect_clarity: float = parameter(
        "ς_a", "1", 1, 0.3, 2, "lognormal",
        "assumption", "assumed", "a content infant is clearer")
    arousal_clarity: float = parameter(
        "ς_s", "1", 0.8, 0.2, 2, "lognormal",
        "assumption", "assumed", "an aroused infant is less clear")


class Edges(NamedTuple):
    """What the infant's affect receives.

    >>> Edges(*[0.5] * 3).infant_oxytocin
    0.5
    """

    infant_oxytocin: float = edge(
        "zeng2024", "measured", "infant oxytocin goes with positive affect")
    warmth: float = edge(
        "mesman2009", "measured", "an expressive caregiver lifts the infant's affect",
        dyadic=True)
    infant_arousal: float = edge("assumption", "assumed", "distress displaces positive affect")


class ReadabilityEdges(NamedTuple):
    """What the readability of the infant's signals receives.

    >>> ReadabilityEdges(*[0.5] * 2).infant_affect
    0.5
    """

    infant_affect: float = edge("assumption", "assumed", "a content infant is clearer")
    infant_arousal: float = edge("assumption", "assumed", "an aroused infant is less clear")


def rate(affect: float, received: Edges, usual: Edges, p: Parameters) -> float:
    """da/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(infant_oxytocin=0.4, warmth=0.1, infant_arousal=0.3)
    >>> rate(0.5, usual, usual, p)
    0.0
    """
    # as the caregiver's affect (M7): on the logit scale, relaxing as it is
    x = (
        logit(p.usual)
        + p.oxytocin_gain * (received.infant_oxytocin - usual.infant_oxytocin)
        + p.warmth_gain * (received.warmth - usual.warmth)
        - p.arousal_gain * (received.infant_arousal - usual.infant_arousal)
    )
    return (logistic(x) - affect) / p.time_constant


def readability(received: ReadabilityEdges, usual: ReadabilityEdges, p: Parameters) -> float:
    """r: how readable the infant's signals are, 0 to 1.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = ReadabilityEdges(infant_affect=0.5, infant_arousal=0.3)
    >>> round(readability(usual, usual, p), 6) == p.usual_readability
    True
    """
    # algebraic: what an observer sees now
    return logistic(
        logit(p.usual_readability)
        + p.affect_clarity * (received.infant_affect - usual.infant_affect)
        - p.arousal_clarity * (received.infant_arousal - usual.infant_arousal)
    )
