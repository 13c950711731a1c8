r"""M8. The mentalising channel: mind-mindedness and caregiving sensitivity, over weeks.

    mind-mindedness   dm/dt = (m_0 + κ·K − μ_D·(D − usual)/30 + μ_r·(readability − usual)
                               + μ_i·(ω_infant − usual) − m) / τ_m
    coaching skill    dK/dt = λ·session·(1 − K) − ln2/t½,K·K

    appropriate comments   logistic(logit(p_a) + m)             share of all comments
    non-attuned comments   logistic(logit(p_n) − η·m)
    sensitivity            1 + 8·logistic(σ_0 + σ_m·m − σ_D·(d − usual) + σ_A·(A − usual))
                                                                (on a scale of 1 to 9)

m is on the logit scale, 0 in the reference dyad. Moved by coaching, depression and how readable the
infant is; NOT by acute oxytocin. The edge from infant oxytocin rests on one cross-sectional
correlation: its range includes zero. The halo of affect on rated sensitivity is zero by default.

Sensitivity receives d, depression beyond its threshold (M10), as engagement does: within a
community depression says little of it (r = -.11), while depressed mothers differ much from controls
(-.35).

Limits of validity: proportions of comments are recalled figures of one UK community sample at 8
months (Meins 2012).
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.depression import EPDS_HIGHEST
from oxysim.model.mechanisms.shapes import LN2, logistic, logit
from oxysim.model.rows import edge, parameter, state

MENTALISING = state(
    "1", 0, -20, 20, 1, "slow", "mind-mindedness, logit units around the usual",
    set_point="mentalising.trait", time_constant="mentalising.time_constant", worse=-1)
COACHING_SKILL = state(
    "1", 0, 0, 1, 1, "slow", "skill learnt in mind-mindedness coaching, 0 to 1",
    taught_by="coaching", half_life="mentalising.skill_half_life", worse=-1)


class Parameters(NamedTuple):
    """Rows of mind-mindedness and sensitivity.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).trait
    0.0
    """

    # set point
    trait: float = parameter(
        "m_0", "1", 0, -0.9, 0.9, "normal",
        "meins2012", "derived", "between-mother spread: share 6 %, SD about 4 %")
    # shares of comments in the usual dyad, and how the two move together
    appropriate: float = parameter(
        "p_a", "fraction", 0.06, 0.05, 0.07, "logit-normal",
        "meins2012", "recalled", "appropriate comments, share of all (medium-low)")
    nonattuned: float = parameter(
        "p_n", "fraction", 0.0125, 0.01, 0.015, "logit-normal",
        "meins2012", "recalled", "non-attuned comments, share of all (medium-low)")
    nonattuned_slope: float = parameter(
        "η", "1", 0.9, 0.5, 1.3, "lognormal",
        "babymind2023", "derived", "non-attuned moves by d = -.55 where appropriate moves by .61")
    # coaching: what skill is worth, how it is learnt and how it is lost
    coaching_gain: float = parameter(
        "κ", "1", 0.8, 0.3, 1.4, "lognormal",
        "babymind2023", "assumed", "chosen for an effect of the order of d = .61; not fitted yet")
    session_rate: float = parameter(
        "λ", "1/min", 0.003, 0.001, 0.006, "lognormal",
        "assumption", "assumed", "about 16 % of what is left to learn per hour-long session")
    skill_half_life: float = parameter(
        "t½,K", "months", 6, 3, 12, "lognormal",
        "assumption", "assumed", "decay of the skill without practice")
    # what else moves mind-mindedness
    depression_gain: float = parameter(
        "μ_D", "1", 0.85, 0.0, 1.7, "normal",
        "georg2023", "derived",
        "weak: r = -.06 over 63 studies, observed mind-mindedness not significant; in mothers with "
        "postnatal depression fewer appropriate comments (Lindley Baron-Cohen 2024)")
    readability_gain: float = parameter(
        "μ_r", "1", 0.6, 0.0, 1.2, "normal",
        "assumption", "assumed", "readable infants invite mind-minded talk")
    infant_oxytocin_gain: float = parameter(
        "μ_i", "1", 0.5, 0.0, 1.5, "normal",
        "lindleybaroncohen2024", "assumed", "cross-sectional; the range includes zero")
    # pace
    time_constant: float = parameter(
        "τ_m", "weeks", 4, 2, 8, "lognormal",
        "assumption", "assumed", "weeks; stable within a session")
    # rated sensitivity, logit units on the 1-9 scale
    sensitivity_trait: float = parameter(
        "σ_0", "1", 0.2, -0.8, 1.2, "normal",
        "assumption", "assumed", "between-caregiver spread of rated sensitivity")
    sensitivity_mind_gain: float = parameter(
        "σ_m", "1", 0.3, 0.1, 0.6, "lognormal",
        "zeegers2017", "derived", "mentalisation with sensitivity r = .25")
    sensitivity_depression_gain: float = parameter(
        "σ_D", "1", 0.4, 0.1, 0.8, "lognormal",
        "bernard2018", "derived",
        "beyond the threshold; chosen for r = -.11 in a community and -.35 with controls")
    sensitivity_halo: float = parameter(
        "σ_A", "1", 0, 0, 0.3, "fixed",
        "radboud2025", "assumed", "halo of affect on rated sensitivity: zero (Radboud null)")


class Edges(NamedTuple):
    """What mind-mindedness receives.

    >>> Edges(*[0.5] * 3).depression
    0.5
    """

    depression: float = edge(
        "lindleybaroncohen2024", "derived", "depressed mothers make fewer appropriate comments")
    readability: float = edge(
        "assumption", "assumed", "a readable infant invites mind-minded talk",
        dyadic=True, contested=True)
    infant_oxytocin: float = edge(
        "lindleybaroncohen2024", "derived",
        "infant oxytocin goes with mind-mindedness; direction not tested",
        dyadic=True, contested=True)


class SensitivityEdges(NamedTuple):
    """What caregiving sensitivity receives.

    >>> SensitivityEdges(*[0.5] * 3).mind_mindedness
    0.5
    """

    mind_mindedness: float = edge(
        "zeegers2017", "measured", "mentalising caregivers are more sensitive")
    depression: float = edge("bernard2018", "measured", "depression lowers sensitivity")
    affect: float = edge(
        "radboud2025", "measured", "halo of affect on rated sensitivity (none by default)",
        contested=True)


def rate(mentalising: float, skill: float, received: Edges, usual: Edges, p: Parameters) -> float:
    """dm/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(depression=5.4, readability=0.6, infant_oxytocin=0.4)
    >>> rate(0.0, 0.0, usual, usual, p)
    0.0
    """
    # acute oxytocin is not here: a spray leaves mind-mindedness alone (Radboud 2025)
    target = (
        p.trait
        + p.coaching_gain * skill
        - p.depression_gain * (received.depression - usual.depression) / EPDS_HIGHEST
        + p.readability_gain * (received.readability - usual.readability)
        + p.infant_oxytocin_gain * (received.infant_oxytocin - usual.infant_oxytocin)
    )
    return (target - mentalising) / p.time_constant


def skill_rate(skill: float, session: float, p: Parameters) -> float:
    """dK/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> skill_rate(0.0, 1.0, p) == p.session_rate
    True
    """
    # less is left to learn the more is known; without practice it halves
    return p.session_rate * session * (1 - skill) - LN2 / p.skill_half_life * skill


def appropriate_comments(mentalising: float, p: Parameters) -> float:
    """Expected share of appropriate mind-related comments among all comments.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> round(appropriate_comments(0.0, p), 6)
    0.06
    """
    return logistic(logit(p.appropriate) + mentalising)


def nonattuned_comments(mentalising: float, p: Parameters) -> float:
    """Expected share of non-attuned mind-related comments among all comments.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> round(nonattuned_comments(0.0, p), 6)
    0.0125
    """
    # with more mind-mindedness appropriate comments rise and non-attuned ones fall
    return logistic(logit(p.nonattuned) - p.nonattuned_slope * mentalising)


def sensitivity(received: SensitivityEdges, usual: SensitivityEdges, p: Parameters) -> float:
    """Expected rating of caregiving sensitivity, 1 to 9.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = SensitivityEdges(mind_mindedness=0.0, depression=0.05, affect=0.45)
    >>> round(sensitivity(usual, usual, p), 2)
    5.4
    """
    # algebraic: an observer's rating at the moment
    return 1 + 8 * logistic(
        p.sensitivity_trait
        + p.sensitivity_mind_gain * received.mind_mindedness
        - p.sensitivity_depression_gain * (received.depression - usual.depression)
        + p.sensitivity_halo * (received.affect - usual.affect)
    )
