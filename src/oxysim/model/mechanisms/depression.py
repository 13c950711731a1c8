r"""M9. Depression on the EPDS scale (0-30), over weeks.

    d logit(D/30)/dt = (x − logit(D/30)) / τ_D          so at rest D = 30·logistic(x)

    x = logit(D_0/30) + ρ·(D − usual)/30                     set point and own persistence
        + G·(δ_R·(1 − R/usual R) + δ_B·(1 − B/usual B))      low reward and low bond: the loop
        + δ_S·(arousal − usual)                              stress load
        + (ν_S·stress noise − ν_M·mood noise)                life events, daily moods
        + V − δ_u·support − δ_T·T − δ_a·antidepressant

    vulnerability   dV/dt = −V/τ_V                           postpartum, fades
    therapy skill   dT/dt = λ_T·session·(1 − T) − ln2/t½,T·T

The own persistence ρ is too weak for two regimes; a strong enough loop gain G between reward, bond
and mood gives two in some dyads. **That two stable regimes exist is a modelling assumption**,
printed on every regime figure; their share in a population is reported, never fitted.

The two noises (M16) are standardised processes that last for months and for weeks: see
`oxysim.interventions.DailyLife`. They stay zero unless a schedule has them.

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
    """Rows of mood.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).set_point
    5.4
    """

    # set point and own persistence
    set_point: float = parameter(
        "D_0", "EPDS", 5.4, 2.5, 8.5, "lognormal",
        "evans2001", "derived", "community mean 5.84 at 8 weeks, 5.25 at 8 months")
    persistence: float = parameter(
        "ρ", "1", 1.2, 0.7, 1.8, "lognormal",
        "assumption", "assumed", "own feedback, too weak for two regimes by itself")
    # the loop through reward and bond: one strength for both, in which dyads differ
    loop_gain: float = parameter(
        "G", "1", 1.0, 0.5, 2.2, "lognormal",
        "assumption", "assumed", "between-dyad strength of the loop through reward and bond")
    reward_gain: float = parameter(
        "δ_R", "1", 2.2, 1.6, 3, "lognormal",
        "assumption", "assumed", "low reward lowers mood")
    bond_gain: float = parameter(
        "δ_B", "1", 2.5, 1.8, 3.4, "lognormal",
        "kaneko2014", "assumed", "bonding problems go with depression ('moderately')")
    # stress load
    stress_gain: float = parameter(
        "δ_S", "1", 1.0, 0.4, 2, "lognormal",
        "assumption", "assumed", "stress load lowers mood")
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
        "t½,T", "months", 9, 4, 18, "lognormal",
        "cuijpers2021", "derived", "effect still there at 12 months")
    antidepressant_gain: float = parameter(
        "δ_a", "1", 0.45, 0.1, 0.9, "lognormal",
        "cochrane2021", "recalled", "response 55 against 43 %")
    # postpartum vulnerability
    vulnerability_at_birth: float = parameter(
        "V_0", "1", 0.25, 0.0, 1.0, "normal",
        "pnec2016", "derived", "EPDS 5.6 at 6 weeks, 4.7 at 12 weeks")
    vulnerability_time: float = parameter(
        "τ_V", "d", 95, 80, 115, "lognormal",
        "assumption", "assumed", "fades over 80-115 days")
    # daily life, which a schedule adds
    stress_noise_gain: float = parameter(
        "ν_S", "1", 0.5, 0.0, 1.2, "normal",
        "assumption", "assumed",
        "what one SD of life events adds; nothing without daily-life noise")
    mood_noise_gain: float = parameter(
        "ν_M", "1", 0.45, 0.0, 1.2, "normal",
        "assumption", "assumed",
        "what one SD of good daily moods takes away; nothing without daily-life noise")
    # pace
    time_constant: float = parameter(
        "τ_D", "d", 21, 14, 56, "lognormal",
        "assumption", "assumed", "weeks (2-8)")


class Edges(NamedTuple):
    """What depression receives.

    >>> Edges(*[0.5] * 4).reward
    0.5
    """

    # the loop's two links to mood
    reward: float = edge("assumption", "assumed", "rewarding contact lifts mood", dyadic=True)
    bond: float = edge("kaneko2014", "derived", "bond lifts mood", dyadic=True)
    # links that are no part of the loop
    caregiver_arousal: float = edge("assumption", "assumed", "stress load lowers mood")
    depression: float = edge("assumption", "assumed", "depression persists by itself")


class Treatment(NamedTuple):
    """What acts on mood from outside at one moment.

    >>> Treatment(*[0.0] * 5)._replace(support=1.0).support
    1.0
    """

    support: float
    therapy_skill: float
    antidepressant: float
    stress_noise: float
    mood_noise: float


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
    >>> usual = Edges(reward=0.16, bond=0.7, caregiver_arousal=0.26, depression=5.4)
    >>> nothing = Treatment(0.0, 0.0, 0.0, 0.0, 0.0)
    >>> rate(5.4, 0.0, nothing, usual, usual, p)
    0.0
    >>> rate(5.4, 0.0, nothing._replace(support=1.0), usual, usual, p) < 0
    True
    """
    # Relative to the usual, so that a dyad with less reward than usual is pulled as far whatever
    # its usual level is.
    low_reward = p.reward_gain * (1 - received.reward / usual.reward)
    low_bond = p.bond_gain * (1 - received.bond / usual.bond)
    loop = low_reward + low_bond
    # where mood is drawn to, logit units
    x = (
        logit(p.set_point / EPDS_HIGHEST)
        + p.persistence * (received.depression - usual.depression) / EPDS_HIGHEST
        + p.loop_gain * loop
        + p.stress_gain * (received.caregiver_arousal - usual.caregiver_arousal)
        + vulnerability
        + (p.stress_noise_gain * treatment.stress_noise - p.mood_noise_gain * treatment.mood_noise)
        - p.support_gain * treatment.support
        - p.therapy_gain * treatment.therapy_skill
        - p.antidepressant_gain * treatment.antidepressant
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
