r"""M9. Depression on the EPDS scale (0-30), over weeks.

    d logit(D/30)/dt = (x − logit(D/30)) / τ_D          so at rest D = 30·logistic(x)

    x = logit(D_0/30) + ρ·(D − usual)/30                     set point and own persistence
        + G·(δ_φ·(1 − φ/usual φ) − δ_B·(b − usual)           the loop: low satisfaction, bond,
             − δ_C·(c − usual) − δ_μ·(μ − usual))            confidence and mood
        + δ_S·(arousal − usual) − δ_X·(χ/usual − 1)          stress load, serotonin
        + ν_S·stress noise                                   life events
        + V − δ_u·support − δ_T·T

    vulnerability   dV/dt = −V/τ_V                           postpartum, fades
    therapy skill   dT/dt = λ_T·session·(1 − T) − ln2/t½,T·T

φ is satisfaction with the contact of the last days (M6), b and c are how far bond and confidence
lie from the person's own usual, logit units (M18), μ is momentary mood (M20): each is what a
depressed caregiver has less of, and what lifts her again. χ is serotonin per contact (M6), so that
fewer hours with the infant are not read as too little serotonin.

The own persistence ρ is too weak for two regimes; a strong enough loop gain G gives two in some
dyads. **That two stable regimes exist is a modelling assumption**, printed on every regime figure;
their share in a population is reported, never fitted.

The noise of life events (M16) is a standardised process that lasts for months: see
`oxysim.interventions.DailyLife`. It stays zero unless a schedule has it. Noise of daily moods acts
on momentary mood (M20). What a form reads is D in the mood of the week (`epds`, M20).

Limits of validity: a symptom score, not a diagnosis; no sleep, no thyroid, no medication history.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import LN2, logit, logit_relaxation
from oxysim.model.rows import edge, parameter, state

EPDS_HIGHEST = 30.0  # the EPDS runs from 0 to 30

# The ends are 1e-6 points inside the scale: on the logit scale 0 and 30 are infinitely far.
DEPRESSION = state(
    "EPDS", 5.4, 1e-6, EPDS_HIGHEST - 1e-6, 5, "slow", "depressive symptoms on the EPDS scale",
    set_point="depression.set_point", time_constant="depression.time_constant",
    ceiling=EPDS_HIGHEST, typical_change=10, worse=+1, tells_regime=True)
VULNERABILITY = state(
    "1", 0, -5, 10, 1, "slow", "postpartum vulnerability, logit units, fading",
    set_point="depression.vulnerability_at_birth", time_constant="depression.vulnerability_time",
    fades=True, worse=+1)
THERAPY_SKILL = state(
    "1", 0, 0, 1, 1, "slow", "what psychological treatment has taught, 0 to 1",
    taught_by="therapy", half_life="depression.therapy_half_life", worse=-1)


class Parameters(NamedTuple):
    """Rows of depression.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).set_point
    5.4
    """

    # set point and own persistence
    set_point: float = parameter(
        "D_0", "EPDS", 5.4, 2.5, 8.5, "lognormal",
        "evans2001", "derived", "community mean 5.84 at 8 weeks, 5.25 at 8 months")
    persistence: float = parameter(
        "ρ", "1", 0.5, 0.2, 1.0, "lognormal",
        "assumption", "assumed", "own feedback, too weak for two regimes by itself")
    # the loop: one strength for all its links, in which dyads differ
    loop_gain: float = parameter(
        "G", "1", 1.0, 0.5, 2.6, "lognormal",
        "assumption", "assumed", "between-dyad strength of the loop into depression")
    reward_gain: float = parameter(
        "δ_φ", "1", 1.0, 0.0, 2.0, "normal",
        "assumption", "assumed", "too little rewarding contact depresses")
    bond_gain: float = parameter(
        "δ_B", "1", 0.5, 0.0, 1.0, "normal",
        "odea2023", "assumed", "bonding problems go with depression (r = .27 to .47)")
    confidence_gain: float = parameter(
        "δ_C", "1", 0.25, 0.0, 0.6, "normal",
        "goodman2022", "assumed",
        "confidence on later depression d = -.22, longitudinal; size chosen to reproduce E2")
    mood_gain: float = parameter(
        "δ_μ", "1", 1.0, 0.0, 2.0, "normal",
        "assumption", "assumed", "weeks of low mood settle as depression")
    # stress load
    stress_gain: float = parameter(
        "δ_S", "1", 1.0, 0.4, 2, "lognormal",
        "assumption", "assumed", "stress load deepens depression")
    # treatment
    support_gain: float = parameter(
        "δ_u", "1", 0.4, 0.1, 0.8, "lognormal",
        "lu2025", "assumed", "no support OR 3.56; size assumed")
    therapy_gain: float = parameter(
        "δ_T", "1", 0.8, 0.4, 1.5, "lognormal",
        "stephens2016", "assumed", "chosen for the order of SMD -.38; not fitted yet")
    therapy_session_rate: float = parameter(
        "λ_T", "1/min", 0.003, 0.001, 0.006, "lognormal",
        "assumption", "assumed", "learnt per hour-long session as in coaching")
    therapy_half_life: float = parameter(
        "t½,T", "months", 2, 1, 12, "lognormal",
        "stephens2016", "derived",
        "sources in conflict: half of the effect left after 6 months (Stephens 2016), none by 9 "
        "months after birth (Cooper 2003), lasting over a year (Cuijpers 2021)")
    serotonin_gain: float = parameter(
        "δ_X", "1", 0.3, 0.0, 0.6, "normal",
        "cochrane2021", "assumed",
        "serotonin relieves depression; chosen for a response of 55 against 43 % to an "
        "antidepressant")
    # postpartum vulnerability
    vulnerability_at_birth: float = parameter(
        "V_0", "1", 0.25, 0.0, 1.0, "normal",
        "pnec2016", "derived", "EPDS 5.6 at 6 weeks, 4.7 at 12 weeks")
    vulnerability_time: float = parameter(
        "τ_V", "d", 60, 40, 95, "lognormal",
        "pnec2016", "assumed", "most of it is gone between 6 and 12 weeks")
    # daily life, which a schedule adds
    stress_noise_gain: float = parameter(
        "ν_S", "1", 0.5, 0.0, 1.2, "normal",
        "assumption", "assumed",
        "what one SD of life events adds; nothing without daily-life noise")
    # pace
    time_constant: float = parameter(
        "τ_D", "d", 21, 14, 56, "lognormal",
        "assumption", "assumed", "weeks (2-8)")


class Edges(NamedTuple):
    """What depression receives.

    >>> Edges(*[0.5] * 7).reward
    0.5
    """

    # the loop's links to depression
    reward: float = edge(
        "assumption", "assumed", "rewarding contact relieves depression", dyadic=True)
    bond: float = edge(
        "odea2023", "derived", "a bond that suffers depresses; direction not tested", dyadic=True)
    confidence: float = edge(
        "goodman2022", "measured", "confidence protects from depression", dyadic=True)
    mood: float = edge(
        "assumption", "assumed", "weeks of low mood settle as depression", dyadic=True)
    # links that are no part of the loop
    serotonin: float = edge(
        "cochrane2021", "assumed", "serotonin relieves depression", contested=True)
    caregiver_arousal: float = edge("assumption", "assumed", "stress load deepens depression")
    depression: float = edge("assumption", "assumed", "depression persists by itself")


class Treatment(NamedTuple):
    """What acts on depression from outside at one moment.

    >>> Treatment(*[0.0] * 3)._replace(support=1.0).support
    1.0
    """

    support: float
    therapy_skill: float
    stress_noise: float


def rate(
    depression: float,
    vulnerability: float,
    treatment: Treatment,
    received: Edges,
    usual: Edges,
    p: Parameters,
) -> float:
    """dD/dt, EPDS points per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(0.9, 0.0, 0.0, 0.0, 0.2, caregiver_arousal=0.26, depression=5.4)
    >>> nothing = Treatment(0.0, 0.0, 0.0)
    >>> rate(5.4, 0.0, nothing, usual, usual, p)
    0.0
    >>> rate(5.4, 0.0, nothing._replace(support=1.0), usual, usual, p) < 0
    True
    """
    # Satisfaction relative to the usual, so that a dyad with less than usual is pulled as far
    # whatever its usual level is; the other three are deviations on the logit scale by themselves.
    loop = (
        p.reward_gain * (1 - received.reward / usual.reward)
        - p.bond_gain * (received.bond - usual.bond)
        - p.confidence_gain * (received.confidence - usual.confidence)
        - p.mood_gain * (received.mood - usual.mood)
    )
    # where depression is drawn to, logit units
    x = (
        logit(p.set_point / EPDS_HIGHEST)
        + p.persistence * (received.depression - usual.depression) / EPDS_HIGHEST
        + p.loop_gain * loop
        + p.stress_gain * (received.caregiver_arousal - usual.caregiver_arousal)
        - p.serotonin_gain * (received.serotonin / usual.serotonin - 1)
        + vulnerability
        + p.stress_noise_gain * treatment.stress_noise
        - p.support_gain * treatment.support
        - p.therapy_gain * treatment.therapy_skill
    )
    return EPDS_HIGHEST * logit_relaxation(depression / EPDS_HIGHEST, x, p.time_constant)


def vulnerability_rate(vulnerability: float, p: Parameters) -> float:
    """dV/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> vulnerability_rate(0.25, p) * p.vulnerability_time
    -0.25
    """
    return -vulnerability / p.vulnerability_time


def therapy_rate(skill: float, session: float, p: Parameters) -> float:
    """dT/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> therapy_rate(0.0, 1.0, p) == p.therapy_session_rate
    True
    """
    return p.therapy_session_rate * session * (1 - skill) - LN2 / p.therapy_half_life * skill
