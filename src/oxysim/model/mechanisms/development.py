r"""M12. Infant development over months: attachment security, exploration, irritability.

    security      d logit(S)/dt = (x − logit(S)) / τ
                  x = logit(S_0) + θ_m·(mind − usual) + θ_s·(sensitivity − usual)/8
    exploration   d logit(X)/dt = (x − logit(X)) / τ
                  x = logit(X_0) + θ_x·(S − usual) − θ_a·(arousal − usual)
    irritability  d logit(J)/dt = (x − logit(J)) / τ
                  x = logit(J_0) + θ_M·(M − usual)/10

mind is the mean of the caregivers' mind-mindedness m and sensitivity the mean of their ratings
(M8), whatever each one's share of the contact; arousal is the infant's.

From accumulated care (mentalising and sensitivity; Zeegers 2017) and from methylation (Krol 2019:
higher methylation, more irritable at 18 months). These are outputs: they drive nothing else in the
model.

Limits of validity: correlational evidence; sizes assumed. An attachment *classification* is a
measure read from security.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import logit, logit_relaxation
from oxysim.model.rows import edge, parameter, state

# No ceiling in these rows: they swing too little within a day for a start to need the logit scale,
# and no search moves them.
SECURITY = state(
    "1", 0.6, 1e-9, 1, 0.5, "accumulating", "attachment security, 0 to 1",
    set_point="development.usual_security", time_constant="development.time_constant", worse=-1)
EXPLORATION = state(
    "1", 0.6, 1e-9, 1, 0.5, "accumulating", "exploration of the surroundings, 0 to 1",
    set_point="development.usual_exploration", time_constant="development.time_constant", worse=-1)
IRRITABILITY = state(
    "1", 0.35, 1e-9, 1, 0.5, "accumulating", "irritability, 0 to 1",
    set_point="development.usual_irritability", time_constant="development.time_constant", worse=+1)


class Parameters(NamedTuple):
    """Rows of what accumulates in the infant.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).usual_security
    0.6
    """

    # security
    usual_security: float = parameter(
        "S_0", "fraction", 0.6, 0.35, 0.8, "logit-normal",
        "assumption", "assumed", "usual security")
    mind_gain: float = parameter(
        "θ_m", "1", 1.4, 0.4, 2.0, "lognormal",
        "meins2001", "derived", "mind-mindedness explains about 12 % of security")
    sensitivity_gain: float = parameter(
        "θ_s", "1", 1.7, 0.6, 2.6, "lognormal",
        "meins2001", "derived", "sensitivity explains about 6 %")
    # exploration
    usual_exploration: float = parameter(
        "X_0", "fraction", 0.6, 0.4, 0.8, "logit-normal",
        "assumption", "assumed", "usual exploration")
    security_exploration: float = parameter(
        "θ_x", "1", 2, 0.5, 4, "lognormal",
        "psychologytoday2025", "assumed", "secure infants explore")
    arousal_exploration: float = parameter(
        "θ_a", "1", 1.5, 0.4, 3, "lognormal",
        "assumption", "assumed", "stressed infants explore less")
    # irritability
    usual_irritability: float = parameter(
        "J_0", "fraction", 0.35, 0.2, 0.55, "logit-normal",
        "assumption", "assumed", "usual irritability")
    methylation_irritability: float = parameter(
        "θ_M", "1", 0.6, 0.2, 1.2, "lognormal",
        "krol2019", "assumed", "sign measured; size assumed")
    # one pace for all three: nothing tells them apart
    time_constant: float = parameter(
        "τ", "months", 4, 2, 8, "lognormal",
        "assumption", "assumed", "months")


class SecurityEdges(NamedTuple):
    """What attachment security receives.

    >>> SecurityEdges(*[0.5] * 2).mind_mindedness
    0.5
    """

    mind_mindedness: float = edge(
        "zeegers2017", "measured", "mentalising care builds security",
        dyadic=True)
    sensitivity: float = edge(
        "zeegers2017", "measured", "sensitive care builds security",
        dyadic=True)


class ExplorationEdges(NamedTuple):
    """What exploration receives.

    >>> ExplorationEdges(*[0.5] * 2).attachment_security
    0.5
    """

    attachment_security: float = edge(
        "psychologytoday2025", "assumed", "security frees exploration")
    infant_arousal: float = edge("assumption", "assumed", "stress holds exploration back")


class IrritabilityEdges(NamedTuple):
    """What irritability receives.

    >>> IrritabilityEdges(*[0.5] * 1).infant_methylation
    0.5
    """

    infant_methylation: float = edge(
        "krol2019", "measured", "higher methylation, more irritable at 18 months")


def security_rate(
    security: float, received: SecurityEdges, usual: SecurityEdges, p: Parameters
) -> float:
    """dS/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = SecurityEdges(mind_mindedness=0.0, sensitivity=5.4)
    >>> security_rate(p.usual_security, usual, usual, p)
    0.0
    """
    # sensitivity is rated from 1 to 9, so 8 points are the whole scale
    x = (
        logit(p.usual_security)
        + p.mind_gain * (received.mind_mindedness - usual.mind_mindedness)
        + p.sensitivity_gain * (received.sensitivity - usual.sensitivity) / 8
    )
    return logit_relaxation(security, x, p.time_constant)


def exploration_rate(
    exploration: float, received: ExplorationEdges, usual: ExplorationEdges, p: Parameters
) -> float:
    """dX/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = ExplorationEdges(attachment_security=0.6, infant_arousal=0.3)
    >>> exploration_rate(p.usual_exploration, usual, usual, p)
    0.0
    """
    # a secure base frees, stress holds back
    x = (
        logit(p.usual_exploration)
        + p.security_exploration * (received.attachment_security - usual.attachment_security)
        - p.arousal_exploration * (received.infant_arousal - usual.infant_arousal)
    )
    return logit_relaxation(exploration, x, p.time_constant)


def irritability_rate(
    irritability: float, received: IrritabilityEdges, usual: IrritabilityEdges, p: Parameters
) -> float:
    """dJ/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = IrritabilityEdges(infant_methylation=50.0)
    >>> irritability_rate(0.35, usual._replace(infant_methylation=55.0), usual, p) > 0
    True
    """
    # the gain is per ten percentage points of methylation
    above = received.infant_methylation - usual.infant_methylation
    x = logit(p.usual_irritability) + p.methylation_irritability * above / 10
    return logit_relaxation(irritability, x, p.time_constant)
