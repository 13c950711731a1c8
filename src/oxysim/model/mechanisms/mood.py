r"""M20. Momentary mood: it moves in hours and fades in one to two weeks.

    dμ/dt = (μ_0 + κ_φ·(φ/usual φ − 1) − κ_s·(s − usual) + ν_M·noise − μ)/τ_μ

    strain of distress    s = presence·h⁴/(h_s⁴ + h⁴),   h = the infant's arousal + crying (M11)

μ is on the logit scale of the EPDS, μ_0 = 0 in the reference dyad and above it when mood is good: a
form filled in now reads 30·logistic(logit(D/30) − μ) (`epds`), where D is depression (M9), which
follows mood over weeks. φ is satisfaction (M6).

Mood adds hours up: eight hours of crying lower it eight times as far as one, and the next quiet
days let it rise again. So a form catches some people in a bad week: those selected for a high score
are better at the next visit without any treatment, effects on mood are largest early, and what ends
fades. Momentary negative affect within minutes follows arousal (M11), not mood.

Limits of validity: signs from one week of recordings of 53 mothers (more crying than usual in the
last 8 h, not in the last 1 h, goes with depressive mood); sizes and pace assumed. Sleep, the body
and other people are in the noise.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import hill4, logistic, logit
from oxysim.model.rows import edge, parameter, state

# Limits far beyond what a week can do: 6 logit units take an EPDS of 15 below 0.1 or above 29.9.
MOOD = state(
    "1", 0, -50, 50, 1, "slow", "momentary mood, logit units of the EPDS; above 0 is better",
    set_point="mood.usual", time_constant="mood.time_constant", worse=-1)


class Parameters(NamedTuple):
    """Rows of momentary mood.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).time_constant / 1440
    7.0
    """

    usual: float = parameter(
        "μ_0", "1", 0.0, -0.01, 0.01, "fixed",
        "assumption", "assumed", "mood of the usual day, by definition")
    # what moves it
    satisfaction_gain: float = parameter(
        "κ_φ", "1", 0.3, 0.0, 1.0, "normal",
        "assumption", "assumed", "rewarding days lift mood")
    distress_gain: float = parameter(
        "κ_s", "1", 2.0, 0.0, 5.0, "normal",
        "dailycrying", "assumed",
        "sign measured (8 h of crying, E6), size assumed")
    distress_half: float = parameter(
        "h_s", "1", 0.8, 0.5, 1.2, "lognormal",
        "assumption", "assumed", "arousal plus crying of half the strain")
    noise_gain: float = parameter(
        "ν_M", "1", 0.6, 0.0, 1.6, "normal",
        "assumption", "assumed",
        "what one SD of good days adds; nothing without daily-life noise")
    # pace
    time_constant: float = parameter(
        "τ_μ", "d", 7, 4, 14, "lognormal",
        "assumption", "assumed", "one to two weeks to fade")


class Edges(NamedTuple):
    """What momentary mood receives.

    >>> Edges(*[0.5] * 2).reward
    0.5
    """

    reward: float = edge("assumption", "assumed", "rewarding days lift mood", dyadic=True)
    infant_distress: float = edge(
        "dailycrying", "derived", "hours of crying lower mood",
        dyadic=True, contested=True)


def strain_signal(distress: float, presence: float, p: Parameters) -> float:
    """s: how far the infant's fussing and crying wear a caregiver who is there, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> strain_signal(p.distress_half, 1.0, p), strain_signal(p.distress_half, 0.0, p)
    (0.5, 0.0)
    """
    # steep: a calm infant does not strain, or whoever leaves would be relieved of nothing
    return presence * hill4(distress, p.distress_half)


def rate(mood: float, noise: float, received: Edges, usual: Edges, p: Parameters) -> float:
    """dμ/dt, per min; `noise` is the daily life's, above 0 on good days.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(reward=0.9, infant_distress=0.3)
    >>> rate(0.0, 0.0, usual, usual, p)
    0.0
    >>> rate(0.0, 0.0, usual._replace(infant_distress=0.5), usual, p) < 0
    True
    """
    # reward relative to the usual (as in M9), strain as it is
    target = (
        p.usual
        + p.satisfaction_gain * (received.reward / usual.reward - 1)
        - p.distress_gain * (received.infant_distress - usual.infant_distress)
        + p.noise_gain * noise
    )
    return (target - mood) / p.time_constant


def shifted_by_mood(score: float, mood: float, highest: float) -> float:
    """A score between 0 and `highest` as it reads in a mood: shifted on its logit scale.

    >>> shifted_by_mood(15.0, 0.0, 30.0), shifted_by_mood(15.0, 1.0, 30.0) < 15
    (15.0, True)
    """
    return highest * logistic(logit(score / highest) - mood)
