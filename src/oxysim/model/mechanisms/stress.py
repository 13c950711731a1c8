r"""M11. The stress axis of caregiver and infant: arousal, cortisol, and what follows arousal.

    caregiver arousal   da/dt = (a_0·(1 − s·asleep) + ρ·(stressor + χ·distress)·b − a) / τ_a
    infant arousal      da/dt = (a_0·(1 − s·asleep) + load·b' − a)·(1 + υ·contact) / τ_a
                        load = (ρ·acute + L + ambient)·(1 − ζ·contact)
    oxytocin factor     b  = 2/(1 + exp((b_0 + b_1·(Y − usual))·(ω − usual)))      of the caregiver
                        b' = 2/(1 + exp((b_0 − b_1·(Y' − usual))·(ω' − usual)))    of the infant
    secretion           S = F_0·(1 + A·cos(2π·(t − 07:00)/24 h) + c·a + S_b·a⁴/(h_b⁴ + a⁴))
    cortisol            dF/dt = ln 2/t½,F·(S − F)                                  of the caregiver
                        dF/dt = ln 2/t½,F·(S·2/(1 + exp(−w·W·(f − usual))) − F)    of the infant
    attunement          dW/dt = λ_W·skin·(1 − W) − ln 2/t½,W·(W − W_0)

    distress   presence·h⁴/(h_d⁴ + h⁴),   h = the infant's arousal + crying while it lasts
    acute      crying + separation + ρ_f·still face + the infant's stressor
    contact    x/(h_k + x),   x = touch + warmth + voice, summed over all caregivers as in M3
    f          presence·(F/F̂ − 1), summed over caregivers: how far a caregiver who is there stands
               from the cortisol expected of her at that hour, F̂ = F_0·(1 + A·cos(...) + c·a_0)
    skin       skin contact, summed over all caregivers
    L          the infant's own standing load at home
    ambient    what a schedule adds to it (a neonatal ward)
    readings   heart rate H_0 + H_1·a, state anxiety Z_0 + Z_1·a, systolic pressure Q_0 + Q_1·a,
               fear 10·κ_f·a/(1 + κ_f·a)

ω is the caregiver's own oxytocin signal and ω' the infant's (M4); Y is this caregiver's synchrony
with the infant (M13) and Y' the sum of all caregivers'. The edges pass distress and contact as they
stand here, curve and all.

Oxytocin acts on *reactivity*: b multiplies what a stressor evokes and nothing else, so a spray
before calm play changes neither cortisol nor heart rate, and the model predicts what happens when
the infant cries. The sign of b's effect may turn between dyads with their synchrony: a caregiver in
step is buffered the more, an infant in step is heightened (Weisman 2013: a father's spray raised
the infant's cortisol under a still face where synchrony was high and lowered it where it was low).

Strong arousal adds a burst to secretion, which mild arousal does not: the open data of a social
stress test (E17 to E19) rise by some 10 nmol/L, peak 20 minutes after the onset and are gone an
hour later, so the half-life here is the effective one of free hormone in saliva (about 18 min), not
that of total cortisol in blood (66 min). An infant that much skin contact has attuned follows its
caregiver's cortisol (Mörelius 2015), for months. Contact (touch, warmth, voice) lowers the infant's
ambient and acute load directly and speeds recovery; oxytocin only scales the response to the load
that remains. Heart rate, anxiety and blood pressure follow arousal.

Limits of validity: one cortisol pool, free hormone; the infant's rhythm is weaker and appears over
the first months (not modelled); infant cortisol figures are of adult order. Attunement rests on one
study of 37 families, the infant's turn of sign on one of 35 fathers: both edges can be cut.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from oxysim.model.mechanisms.shapes import LN2, cos, hill, hill4, unit_centred_logistic
from oxysim.model.rows import edge, parameter, state
from oxysim.units import DAY

# Clock time (min) of peak secretion; the level peaks 25 min later, near 07:30 (Bustamante 1984).
ACROPHASE = 7 * 60.0

AROUSAL = state(
    "1", 0.3, 0, 200, 0.5, "fast", "stress arousal of the caregiver (0.3 calm, 1 clearly stressed)")
CORTISOL = state("nmol/L", 9, 0, 1e4, 9, "fast", "salivary cortisol of the caregiver")
INFANT_AROUSAL = state(
    "1", 0.3, 0, 200, 0.5, "fast", "stress arousal of the infant (0.3 calm, 1 clearly distressed)")
INFANT_CORTISOL = state("nmol/L", 8, 0, 1e4, 8, "fast", "salivary cortisol of the infant")
ATTUNEMENT = state(
    "1", 0.05, 0, 1, 1, "accumulating", "attunement of the infant's stress axis to its caregivers'",
    set_point="stress.usual_attunement", half_life="stress.attunement_half_life", worse=-1)


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


class InfantStressParameters(NamedTuple):
    """Rows of the infant's stress axis.

    >>> from oxysim.model.rows import default_values
    >>> default_values(InfantStressParameters).resting_arousal
    0.3
    """

    # arousal: level at rest, asleep and under a stressor
    resting_arousal: float = parameter(
        "a_0", "1", 0.3, 0.15, 0.5, "lognormal",
        "assumption", "assumed", "calm waking level; temperament")
    sleep_drop: float = parameter(
        "s", "fraction", 0.5, 0.3, 0.7, "uniform",
        "assumption", "assumed", "fall of arousal in sleep")
    reactivity: float = parameter(
        "ρ", "1", 0.9, 0.4, 1.8, "lognormal",
        "puhakka2020", "assumed", "infant responses are small on average (g = 0.11); temperament")
    still_face: float = parameter(
        "ρ_f", "1", 1.6, 0.8, 4, "lognormal",
        "mesman2009", "assumed",
        "a still face against a stressor of intensity 1; chosen to reproduce E21")
    # standing load of the surroundings, and what contact takes away of it
    ambient_load: float = parameter(
        "L", "1", 0.08, 0.0, 0.3, "normal",
        "assumption", "assumed", "standing stress of the surroundings at home")
    contact_relief: float = parameter(
        "ζ", "fraction", 0.75, 0.5, 0.95, "uniform",
        "vittner2018", "assumed", "contact lowers the load directly; size assumed")
    soothing: float = parameter(
        "υ", "1", 1.5, 0.3, 3, "lognormal",
        "feldman2010c", "assumed", "touch speeds recovery from still face; size assumed")
    contact_half: float = parameter(
        "h_k", "1", 0.25, 0.1, 0.5, "lognormal",
        "assumption", "assumed", "contact of half relief; saturates early")
    # oxytocin scales what stressors evoke, as in adults
    oxytocin_gain: float = parameter(
        "b_0", "1", 2.0, 0, 5, "normal",
        "cardoso2014", "assumed", "scaled assumption: the adult's value")
    synchrony_gain: float = parameter(
        "b_1", "1", 15, 0, 30, "normal",
        "weisman2013", "assumed",
        "sign measured in one study: with synchrony oxytocin turns from buffering to heightening")
    arousal_time: float = parameter(
        "τ_a", "min", 18, 8, 30, "lognormal",
        "goldberg2003", "derived",
        "with the cortisol half-life puts the peak 20-40 min after a stressor")
    # cortisol: level, daily rhythm, pace, response to arousal
    cortisol_basal: float = parameter(
        "F_0", "nmol/L", 6, 3, 11, "lognormal",
        "assumption", "assumed", "of adult order")
    cortisol_rhythm: float = parameter(
        "A", "fraction", 0.3, 0.1, 0.5, "logit-normal",
        "assumption", "assumed", "weaker than the adult's")
    cortisol_half_life: float = parameter(
        "t½,F", "min", 18, 10, 35, "lognormal",
        "ecjy6", "assumed", "scaled assumption: the adult's value")
    cortisol_arousal_gain: float = parameter(
        "c", "1", 1.6, 0.7, 3.2, "lognormal",
        "assumption", "assumed", "secretion evoked per unit of arousal, multiples of basal")
    cortisol_burst: float = parameter(
        "S_b", "1", 2.0, 0.3, 5, "lognormal",
        "puhakka2020", "assumed", "burst of secretion; infants respond little (g = .11)")
    cortisol_burst_half: float = parameter(
        "h_b", "1", 0.8, 0.6, 1.2, "lognormal",
        "assumption", "assumed", "arousal of half a burst")
    # attunement to the caregiver's axis
    coupling: float = parameter(
        "w", "1", 2.6, 0, 5, "normal",
        "morelius2015", "assumed", "how far a fully attuned infant follows its caregiver")
    usual_attunement: float = parameter(
        "W_0", "fraction", 0.05, 0.0, 0.3, "uniform",
        "morelius2015", "assumed", "attunement without skin-to-skin care")
    attunement_rate: float = parameter(
        "λ_W", "1/min", 2e-4, 5e-5, 6e-4, "lognormal",
        "morelius2015", "assumed",
        "gained per minute of skin contact; two weeks of near-continuous contact nearly fill it")
    attunement_half_life: float = parameter(
        "t½,W", "months", 9, 3, 24, "lognormal",
        "morelius2015", "assumed", "still there at 4 months")


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
    """What cortisol receives (caregiver's and infant's alike).

    >>> CortisolEdges(*[0.5] * 1).arousal
    0.5
    """

    arousal: float = edge(
        "weitzman1971", "recalled", "arousal drives cortisol secretion",
        level=True)


class InfantCortisolEdges(NamedTuple):
    """What the infant's cortisol receives.

    >>> InfantCortisolEdges(*[0.5] * 2).arousal
    0.5
    """

    arousal: float = edge(
        "weitzman1971", "recalled", "arousal drives cortisol secretion",
        level=True)
    caregiver_cortisol: float = edge(
        "morelius2015", "measured", "an attuned infant's axis follows its caregiver's",
        dyadic=True, contested=True)


class AttunementEdges(NamedTuple):
    """What attunes the infant's stress axis to its caregivers'.

    >>> AttunementEdges(*[0.5] * 1).skin_contact
    0.5
    """

    skin_contact: float = edge(
        "morelius2015", "measured", "continuous skin contact attunes the infant's stress axis",
        dyadic=True, contested=True, level=True)


class InfantArousalEdges(NamedTuple):
    """What the infant's arousal receives.

    >>> InfantArousalEdges(*[0.5] * 3).contact
    0.5
    """

    contact: float = edge(
        "vittner2018", "measured", "touch, warmth and voice lower the infant's load",
        dyadic=True, level=True)
    infant_oxytocin: float = edge(
        "cardoso2014", "assumed", "oxytocin scales what stressors evoke (from adults)",
        contested=True)
    synchrony: float = edge(
        "weisman2013", "derived", "synchrony turns what oxytocin does",
        dyadic=True, contested=True)


def distress_signal(distress: float, presence: float, p: Parameters) -> float:
    """How alarming the infant's distress (arousal, and crying while it lasts) is to a caregiver who
    is there.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> distress_signal(p.distress_half, 1.0, p), distress_signal(p.distress_half, 0.0, p)
    (0.5, 0.0)
    """
    return presence * hill4(distress, p.distress_half)


def contact_signal(touch: float, warmth: float, voice: float, p: InfantStressParameters) -> float:
    """How much contact relieves the infant, 0 to 1, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(InfantStressParameters)
    >>> contact_signal(p.contact_half, 0.0, 0.0, p)
    0.5
    """
    return hill(touch + warmth + voice, p.contact_half)


def arousal_rate(
    arousal: float,
    asleep: float,
    stressor: float,
    received: ArousalEdges,
    usual: ArousalEdges,
    p: Parameters,
) -> float:
    """da/dt of a caregiver, per min.

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


def infant_arousal_rate(
    arousal: float, asleep: float, acute: float, ambient: float,
    received: InfantArousalEdges, usual: InfantArousalEdges, p: InfantStressParameters,
) -> float:  # fmt: skip
    """da/dt of the infant, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(InfantStressParameters)
    >>> usual = InfantArousalEdges(contact=0.0, infant_oxytocin=0.3, synchrony=0.1)
    >>> calm = p.resting_arousal + p.ambient_load
    >>> infant_arousal_rate(calm, 0.0, 0.0, 0.0, usual, usual, p)
    0.0
    """
    # as in the caregiver, but for the sign: an infant in step is heightened, not buffered
    gain = p.oxytocin_gain - p.synchrony_gain * (received.synchrony - usual.synchrony)
    buffering = unit_centred_logistic(-gain * (received.infant_oxytocin - usual.infant_oxytocin))
    # contact lowers the load itself, oxytocin what the load evokes
    stressors = p.reactivity * acute + p.ambient_load + ambient
    load = stressors * (1 - p.contact_relief * received.contact)
    target = p.resting_arousal * (1 - p.sleep_drop * asleep) + load * buffering
    # being soothed also speeds recovery
    return (target - arousal) * (1 + p.soothing * received.contact) / p.arousal_time


def daily_rhythm(time: Any) -> Any:
    """The cosine of the daily rhythm of cortisol secretion at `time` (min since any midnight).

    >>> daily_rhythm(ACROPHASE), daily_rhythm(ACROPHASE + DAY / 2)
    (1.0, -1.0)
    """
    return cos((time - ACROPHASE) * (2 * math.pi / DAY))


def secretion(rhythm: float, arousal: float, p: Parameters | InfantStressParameters) -> float:
    """S: what cortisol relaxes to, nmol/L; `rhythm` is the daily rhythm's cosine, an input.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> secretion(0.0, 0.0, p) == p.cortisol_basal
    True
    """
    # all in multiples of basal secretion
    burst = p.cortisol_burst * hill4(arousal, p.cortisol_burst_half)
    return p.cortisol_basal * (
        1 + p.cortisol_rhythm * rhythm + p.cortisol_arousal_gain * arousal + burst
    )


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
    """dF/dt of a caregiver, nmol/L per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> cortisol_rate(p.cortisol_basal, 0.0, CortisolEdges(arousal=0.0), p)
    0.0
    """
    return LN2 / p.cortisol_half_life * (secretion(rhythm, received.arousal, p) - cortisol)


def infant_cortisol_rate(
    cortisol: float, rhythm: float, attunement: float,
    received: InfantCortisolEdges, usual: InfantCortisolEdges, p: InfantStressParameters,
) -> float:  # fmt: skip
    """dF/dt of the infant, nmol/L per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(InfantStressParameters)
    >>> usual = InfantCortisolEdges(arousal=0.0, caregiver_cortisol=0.1)
    >>> infant_cortisol_rate(p.cortisol_basal, 0.0, 1.0, usual, usual, p)
    0.0
    """
    # a factor between 0 and 2, so that no caregiver's level makes secretion negative
    deviation = received.caregiver_cortisol - usual.caregiver_cortisol
    following = unit_centred_logistic(p.coupling * attunement * deviation)
    target = secretion(rhythm, received.arousal, p) * following
    return LN2 / p.cortisol_half_life * (target - cortisol)


def attunement_rate(
    attunement: float, received: AttunementEdges, p: InfantStressParameters
) -> float:
    """dW/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(InfantStressParameters)
    >>> attunement_rate(p.usual_attunement, AttunementEdges(skin_contact=0.0), p)
    0.0
    """
    gained = p.attunement_rate * received.skin_contact * (1 - attunement)
    return gained - LN2 / p.attunement_half_life * (attunement - p.usual_attunement)


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
