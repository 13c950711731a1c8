r"""M18. Bond with the infant and parenting confidence, over weeks.

    bond         d logit(B)/dt = (x − logit(B)) / τ_B
                 x = logit(B_0) + β_φ·(φ − usual) − β_D·(D − usual)/30 + β_K·K
    confidence   d logit(C)/dt = (x − logit(C)) / τ_C
                 x = logit(C_0) + γ_s·(y − usual) − γ_D·(D − usual)/30 + γ_K·K

D stands on the EPDS scale of 0 to 30; φ is satisfaction with the contact of the last days (M6), y
this caregiver's synchrony with the infant (M13) per contact (M6): a quality, not a count of hours.
Raised by rewarding contact (bond), by contact that runs in step (confidence) and by coaching (skill
K); lowered by depression. They feed depression (M9), as deviations from the person's own usual on
the logit scale, and engagement (M10).

Limits of validity: that depression and confidence lower and raise each other over time is measured
(Goodman 2022: 35 longitudinal studies, d = -.21 and -.22), what builds confidence is not; other
directions are from the seed literature, sizes assumed.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.depression import EPDS_HIGHEST
from oxysim.model.mechanisms.shapes import logit, logit_relaxation
from oxysim.model.rows import edge, parameter, state

# Neither can reach 0 or 1: both relax on the logit scale, from just above 0 (1e-9).
BOND = state(
    "1", 0.7, 1e-9, 1, 0.5, "slow", "bond with the infant, 0 to 1",
    set_point="bond.usual_bond", time_constant="bond.bond_time", ceiling=1.0, worse=-1)
CONFIDENCE = state(
    "1", 0.65, 1e-9, 1, 0.5, "slow", "parenting confidence, 0 to 1",
    set_point="bond.usual_confidence", time_constant="bond.confidence_time", ceiling=1.0, worse=-1)


class Parameters(NamedTuple):
    """Rows of bond and confidence.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).usual_bond
    0.7
    """

    # bond: set point, what moves it, pace
    usual_bond: float = parameter(
        "B_0", "fraction", 0.7, 0.5, 0.85, "logit-normal",
        "assumption", "assumed", "bond of the usual dyad")
    reward_gain: float = parameter(
        "β_φ", "1", 1.6, 0.8, 3, "lognormal",
        "assumption", "assumed", "rewarding contact builds the bond")
    depression_gain: float = parameter(
        "β_D", "1", 0.6, 0.3, 1.2, "lognormal",
        "kaneko2014", "derived", "bonding problems moderately correlated with EPDS")
    coaching_gain: float = parameter(
        "β_K", "1", 0.3, 0.0, 0.8, "normal",
        "assumption", "assumed", "coaching strengthens the bond a little")
    bond_time: float = parameter(
        "τ_B", "weeks", 5, 3, 10, "lognormal",
        "assumption", "assumed", "weeks")
    # confidence: set point, what moves it, pace
    usual_confidence: float = parameter(
        "C_0", "fraction", 0.65, 0.45, 0.8, "logit-normal",
        "assumption", "assumed", "confidence of the usual dyad")
    synchrony_gain: float = parameter(
        "γ_s", "1", 11, 4, 18, "lognormal",
        "assumption", "assumed", "contact that runs in step builds confidence")
    confidence_depression_gain: float = parameter(
        "γ_D", "1", 1.3, 0.5, 3, "lognormal",
        "goodman2022", "assumed",
        "depression on later confidence d = -.21, longitudinal; size chosen to reproduce E1")
    confidence_coaching_gain: float = parameter(
        "γ_K", "1", 0.6, 0.0, 1.2, "normal",
        "assumption", "assumed", "coaching builds confidence")
    confidence_time: float = parameter(
        "τ_C", "weeks", 4, 2, 8, "lognormal",
        "assumption", "assumed", "weeks")


class BondEdges(NamedTuple):
    """What the bond receives.

    >>> BondEdges(*[0.5] * 2).reward
    0.5
    """

    reward: float = edge("assumption", "assumed", "rewarding contact builds the bond", dyadic=True)
    depression: float = edge("kaneko2014", "derived", "depression strains the bond")


class ConfidenceEdges(NamedTuple):
    """What parenting confidence receives.

    >>> ConfidenceEdges(*[0.5] * 2).synchrony
    0.5
    """

    synchrony: float = edge("assumption", "assumed", "synchrony builds confidence", dyadic=True)
    depression: float = edge("goodman2022", "measured", "depression undermines confidence")


def own_deviation(share: float, usual: float) -> float:
    """How far a share lies from the person's own usual, logit units.

    >>> own_deviation(0.5, 0.5)
    0.0
    """
    return logit(share) - logit(usual)


def bond_rate(
    bond: float, skill: float, received: BondEdges, usual: BondEdges, p: Parameters
) -> float:
    """dB/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = BondEdges(reward=0.16, depression=5.4)
    >>> bond_rate(0.7, 0.0, usual, usual, p)
    0.0
    >>> bond_rate(0.7, 0.0, usual._replace(depression=16.0), usual, p) < 0
    True
    """
    x = (
        # gains are per unit of deviation: satisfaction 0 to 1, depression as a share of its scale
        logit(p.usual_bond)
        + p.reward_gain * (received.reward - usual.reward)
        - p.depression_gain * (received.depression - usual.depression) / EPDS_HIGHEST
        + p.coaching_gain * skill
    )
    return logit_relaxation(bond, x, p.bond_time)


def confidence_rate(
    confidence: float,
    skill: float,
    received: ConfidenceEdges,
    usual: ConfidenceEdges,
    p: Parameters,
) -> float:
    """dC/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = ConfidenceEdges(synchrony=0.1, depression=5.4)
    >>> confidence_rate(0.65, 0.0, usual, usual, p)
    0.0
    """
    x = (
        # as for the bond, with synchrony in place of satisfaction
        logit(p.usual_confidence)
        + p.synchrony_gain * (received.synchrony - usual.synchrony)
        - p.confidence_depression_gain * (received.depression - usual.depression) / EPDS_HIGHEST
        + p.confidence_coaching_gain * skill
    )
    return logit_relaxation(confidence, x, p.confidence_time)
