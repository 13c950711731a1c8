r"""M7. The affect channel: warmth, enthusiasm, smiling, closeness.

    dA/dt = (logistic(logit(α_0) + α_O·(ω·I − usual) + α_R·(R − usual) − α_D·(D − usual)/30
                      + α_i·(a − usual) + α_e·expectancy) − A) / τ_A

D stands on the EPDS scale of 0 to 30, which is why its deviation is over 30; a is the infant's
affect (M19). A in (0, 1) is the caregiver's expressed positive affect, shown as warmth 1 + 4·A on
the scale of 1 to 5. The oxytocin signal ω (M4) counts only in a social context I (M10). Affect
itself is fast (about 5 min): the delay after a spray sits in its way to the brain (M1). Affect is
*not* the mentalising channel (M8): oxytocin moves the one and not the other (Radboud 2025; Lindley
Baron-Cohen 2024).

Limits of validity: sign from one crossover trial in mothers with postnatal depression; sizes are
assumed.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.depression import EPDS_HIGHEST
from oxysim.model.mechanisms.shapes import logistic, logit
from oxysim.model.rows import edge, parameter, state

AFFECT = state("1", 0.45, 0, 1, 0.5, "fast", "expressed positive affect, 0 to 1")


class Parameters(NamedTuple):
    """Rows of the affect channel.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).usual
    0.45
    """

    # set point
    usual: float = parameter(
        "α_0", "fraction", 0.45, 0.25, 0.65, "logit-normal",
        "assumption", "assumed", "share of full warmth on the usual day's average")
    # what moves it, in logit units per unit of deviation from the usual
    oxytocin_gain: float = parameter(
        "α_O", "1", 4.5, 1.5, 9, "lognormal",
        "radboud2025", "assumed", "sign measured (warmth up after a spray); size assumed")
    reward_gain: float = parameter(
        "α_R", "1", 0.8, 0.2, 1.6, "lognormal",
        "assumption", "assumed", "rewarding contact warms")
    depression_gain: float = parameter(
        "α_D", "1", 1.2, 0.4, 2.4, "lognormal",
        "lovejoy2000", "recalled", "depressed mothers show less positive behaviour (d = .16)")
    infant_gain: float = parameter(
        "α_i", "1", 0.8, 0.2, 1.6, "lognormal",
        "assumption", "assumed", "a content infant warms")
    # the belief of having been treated, in trials with a placebo
    expectancy_gain: float = parameter(
        "α_e", "1", 0.1, 0.0, 0.3, "normal",
        "assumption", "assumed", "belief of having received an active treatment")
    # pace: far faster than the way of a spray to the brain
    time_constant: float = parameter(
        "τ_A", "min", 5, 2, 12, "lognormal",
        "assumption", "assumed", "minutes")


class Edges(NamedTuple):
    """What the caregiver's affect receives.

    >>> Edges(*[0.5] * 4).caregiver_oxytocin
    0.5
    """

    caregiver_oxytocin: float = edge(
        "radboud2025", "measured", "central oxytocin in a social context warms")
    reward: float = edge("assumption", "assumed", "reward warms")
    depression: float = edge("lovejoy2000", "recalled", "depression dampens positive affect")
    infant_affect: float = edge(
        "assumption", "assumed", "the infant's affect is contagious",
        dyadic=True)


def rate(affect: float, expectancy: float, received: Edges, usual: Edges, p: Parameters) -> float:
    """dA/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(0.2, 0.2, 5.4, 0.5)
    >>> abs(rate(0.45, 0.0, usual, usual, p)) < 1e-12  # at rest while nothing is unusual
    True
    """
    # On the logit scale, so that no drive takes affect out of (0, 1); affect itself relaxes as it
    # is.
    warmth = (
        logit(p.usual)
        + p.oxytocin_gain * (received.caregiver_oxytocin - usual.caregiver_oxytocin)
        + p.reward_gain * (received.reward - usual.reward)
        - p.depression_gain * (received.depression - usual.depression) / EPDS_HIGHEST
        + p.infant_gain * (received.infant_affect - usual.infant_affect)
        + p.expectancy_gain * expectancy
    )
    return (logistic(warmth) - affect) / p.time_constant
