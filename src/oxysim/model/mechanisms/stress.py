r"""M11. A caregiver's stress axis: arousal, cortisol, and what follows arousal.

    arousal     da/dt = (a_0·(1 − s·asleep) + ρ·(stressor + χ·distress)·b − a) / τ_a
    oxytocin    b = 2/(1 + exp((b_0 + b_1·(Y − usual))·(ω − usual)))
    cortisol    dF/dt = ln 2/t½,F·(S − F)                                        (S: `cortisol`)

    distress   presence·h⁴/(h_d⁴ + h⁴),   h = the infant's arousal + crying while it lasts
    f          presence·(F/F̂ − 1): how far a caregiver who is there stands from the cortisol
               expected of her at that hour, F̂ = F_0·(1 + A·cos(...) + c·a_0): what an attuned
               infant follows (`infant_stress`)
    readings   heart rate H_0 + H_1·a, state anxiety Z_0 + Z_1·a, systolic pressure Q_0 + Q_1·a,
               fear 10·κ_f·a/(1 + κ_f·a)

ω is the caregiver's own oxytocin signal (M4); Y is this caregiver's synchrony with the infant
(M13). The edge passes distress as it stands here, curve and all.

Oxytocin acts on *reactivity*: b multiplies what a stressor evokes and nothing else, so a spray
before calm play changes neither cortisol nor heart rate, and the model predicts what happens when
the infant cries. The sign of b's effect may turn between dyads with their synchrony: a caregiver in
step is buffered the more. Heart rate, anxiety, fear and blood pressure follow arousal.

Limits of validity: one cortisol pool, free hormone; no habituation to a stressor that is repeated.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.cortisol import secretion
from oxysim.model.mechanisms.shapes import LN2, hill, hill4, unit_centred_logistic
from oxysim.model.rows import edge, parameter, state

AROUSAL = state(
    "1", 0.3, 0, 200, 0.5, "fast", "stress arousal of the caregiver (0.3 calm, 1 clearly stressed)")
CORTISOL = state("nmol/L", 9, 0, 1e4, 9, "fast", "salivary cortisol of the caregiver")


class Parameters(NamedTuple):
    """Rows of a caregiver's stress axis.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).resting_arousal
    0.3
    """

    # arousal: level at rest, asleep and under a stressor
    resting_arousal: float = parameter(
        "a_0", "1", 0.3, 0.15, 0.5, "lognormal",
        "assumption", "assumed", "calm waking level")
    sleep_drop: float = parameter(
        "s", "fraction", 0.5, 0.3, 0.7, "uniform",
        "assumption", "assumed", "fall of arousal in sleep")
    reactivity: float = parameter(
        "ρ", "1", 0.8, 0.3, 1.6, "lognormal",
        "assumption", "assumed", "arousal evoked by a stressor of intensity 1")
    # an infant in distress is a stressor
    distress_gain: float = parameter(
        "χ", "1", 0.8, 0.2, 1.6, "lognormal",
        "assumption", "assumed", "a distressed infant stresses its caregiver")
    distress_half: float = parameter(
        "h_d", "1", 0.8, 0.65, 1.0, "lognormal",
        "assumption", "assumed", "arousal plus crying that is half-alarming")
    # oxytocin scales what stressors evoke; synchrony sets how far
    oxytocin_gain: float = parameter(
        "b_0", "1", 2.0, -1, 5, "normal",
        "cardoso2014", "derived", "g = -.43 under strong stress; the sign may flip")
    synchrony_gain: float = parameter(
        "b_1", "1", 3, 0, 8, "normal",
        "assumption", "assumed", "buffering grows with synchrony; may turn its sign")
    # pace
    arousal_time: float = parameter(
        "τ_a", "min", 8, 4, 15, "lognormal",
        "assumption", "assumed", "minutes")
    # cortisol: level, daily rhythm, pace, response to arousal
    cortisol_basal: float = parameter(
        "F_0", "nmol/L", 7.2, 4, 12, "lognormal",
        "bustamante1984", "derived", "15 at 08:00 and 4 at 18:00 with arousal at rest")
    cortisol_rhythm: float = parameter(
        "A", "fraction", 0.76, 0.5, 0.9, "logit-normal",
        "bustamante1984", "derived", "15 at 08:00, 4 at 18:00")
    cortisol_half_life: float = parameter(
        "t½,F", "min", 18, 10, 35, "lognormal",
        "ecjy6", "derived",
        "effective, of free hormone in saliva; chosen to reproduce E18 and E19 (total hormone: 66)")
    cortisol_arousal_gain: float = parameter(
        "c", "1", 0.9, 0.3, 2, "lognormal",
        "assumption", "assumed", "secretion evoked per unit of arousal, multiples of basal")
    cortisol_burst: float = parameter(
        "S_b", "1", 6, 3, 12, "lognormal",
        "ecjy6", "derived",
        "burst of secretion under strong arousal, multiples of basal; chosen to reproduce E17")
    cortisol_burst_half: float = parameter(
        "h_b", "1", 1.0, 0.8, 1.4, "lognormal",
        "assumption", "assumed", "arousal of half a burst: above what an ordinary day brings")
    # what can be read off arousal, each at rest and per unit
    heart_rate_rest: float = parameter(
        "H_0", "bpm", 66, 56, 78, "normal",
        "assumption", "assumed", "heart rate at no arousal")
    heart_rate_gain: float = parameter(
        "H_1", "bpm", 22, 10, 40, "lognormal",
        "assumption", "assumed", "per unit of arousal")
    anxiety_rest: float = parameter(
        "Z_0", "STAI", 26, 20, 36, "normal",
        "assumption", "assumed", "state anxiety at no arousal")
    anxiety_gain: float = parameter(
        "Z_1", "STAI", 22, 10, 36, "lognormal",
        "assumption", "assumed", "per unit of arousal")
    # fear saturates at the end of its scale
    fear_gain: float = parameter(
        "κ_f", "1", 0.4, 0.15, 0.9, "lognormal",
        "assumption", "assumed", "fear per unit of arousal, saturating at 10")
    pressure_rest: float = parameter(
        "Q_0", "mmHg", 106, 95, 120, "normal",
        "assumption", "assumed", "systolic, no arousal")
    pressure_gain: float = parameter(
        "Q_1", "mmHg", 18, 8, 30, "lognormal",
        "assumption", "assumed", "per unit of arousal")


class ArousalEdges(NamedTuple):
    """What the caregiver's arousal receives.

    >>> ArousalEdges(*[0.5] * 3).infant_distress
    0.5
    """

    infant_distress: float = edge(
        "mah2017", "assumed",
        "a crying infant alarms its caregiver (the study rated cries after a spray)",
        dyadic=True, level=True)
    caregiver_oxytocin: float = edge(
        "cardoso2014", "measured", "oxytocin scales what stressors evoke",
        contested=True)
    synchrony: float = edge(
        "assumption", "assumed", "synchrony sets how far oxytocin buffers",
        dyadic=True, contested=True)


class CortisolEdges(NamedTuple):
    """What cortisol receives.

    >>> CortisolEdges(*[0.5] * 1).arousal
    0.5
    """

    arousal: float = edge(
        "weitzman1971", "recalled", "arousal drives cortisol secretion",
        level=True)


def distress_signal(distress: float, presence: float, p: Parameters) -> float:
    """How alarming the infant's distress (arousal, and crying while it lasts) is to a caregiver who
    is there.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> distress_signal(p.distress_half, 1.0, p), distress_signal(p.distress_half, 0.0, p)
    (0.5, 0.0)
    """
    return presence * hill4(distress, p.distress_half)


def arousal_rate(
    arousal: float,
    asleep: float,
    stressor: float,
    received: ArousalEdges,
    usual: ArousalEdges,
    p: Parameters,
) -> float:
    """da/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = ArousalEdges(infant_distress=0.0, caregiver_oxytocin=0.3, synchrony=0.1)
    >>> arousal_rate(p.resting_arousal, 0.0, 0.0, usual, usual, p)
    0.0
    """
    # the minus sign below makes a positive gain a buffer; with little synchrony it may turn
    gain = p.oxytocin_gain + p.synchrony_gain * (received.synchrony - usual.synchrony)
    buffering = unit_centred_logistic(
        -gain * (received.caregiver_oxytocin - usual.caregiver_oxytocin)
    )
    # oxytocin scales what is evoked and leaves the resting level alone
    evoked = p.reactivity * (stressor + p.distress_gain * received.infant_distress) * buffering
    return (p.resting_arousal * (1 - p.sleep_drop * asleep) + evoked - arousal) / p.arousal_time


def cortisol_deviation(cortisol: float, rhythm: float, presence: float, p: Parameters) -> float:
    """f: how far a caregiver who is there stands from the cortisol expected at that hour, as a
    share of it.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> cortisol_deviation(20.0, 0.0, 1.0, p) > 0, cortisol_deviation(20.0, 0.0, 0.0, p)
    (True, 0.0)
    """
    # Against the hour and not the day, or attuned infants would take over the adult's rhythm.
    expected = p.cortisol_basal * (
        1 + p.cortisol_rhythm * rhythm + p.cortisol_arousal_gain * p.resting_arousal
    )
    return presence * (cortisol / expected - 1)


def cortisol_rate(cortisol: float, rhythm: float, received: CortisolEdges, p: Parameters) -> float:
    """dF/dt, nmol/L per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> cortisol_rate(p.cortisol_basal, 0.0, CortisolEdges(arousal=0.0), p)
    0.0
    """
    return LN2 / p.cortisol_half_life * (secretion(rhythm, received.arousal, p) - cortisol)


def heart_rate(arousal: float, p: Parameters) -> float:
    """Heart rate, beats per minute.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> heart_rate(0.0, p), heart_rate(1.0, p)
    (66.0, 88.0)
    """
    return p.heart_rate_rest + p.heart_rate_gain * arousal


def state_anxiety(arousal: float, p: Parameters) -> float:
    """State anxiety on the 20-80 scale of the STAI.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> state_anxiety(0.5, p)
    37.0
    """
    return p.anxiety_rest + p.anxiety_gain * arousal


def fear(arousal: float, p: Parameters) -> float:
    """Fear on a 0-10 visual analogue scale.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> fear(0.0, p)
    0.0
    """
    return 10 * hill(p.fear_gain * arousal, 1.0)


def systolic_pressure(arousal: float, p: Parameters) -> float:
    """Systolic blood pressure, mmHg.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> systolic_pressure(1.0, p)
    124.0
    """
    return p.pressure_rest + p.pressure_gain * arousal
