r"""M11. The infant's stress axis: arousal, cortisol, and attunement to its caregivers'.

    arousal       da/dt = (a_0·(1 − s·asleep) + load·b − a)·(1 + υ·contact) / τ_a
                  load = (ρ·acute + L + ambient)·(1 − ζ·contact)
    oxytocin      b = 2/(1 + exp((b_0 − b_1·(Y − usual))·(ω − usual)))
    cortisol      dF/dt = ln 2/t½,F·(S·2/(1 + exp(−w·W·(f − usual))) − F)         (S: `cortisol`)
    attunement    dW/dt = λ_W·skin·(1 − W) − ln 2/t½,W·(W − W_0)

    acute      crying + separation + ρ_f·still face + the infant's stressor
    contact    x/(h_k + x),   x = touch + warmth + voice, summed over all caregivers as in M3
    f          how far the caregivers who are there stand from their cortisol expected at that hour
               (`stress`), summed
    skin       skin contact, summed over all caregivers
    L          the infant's own standing load at home
    ambient    what a schedule adds to it (a neonatal ward)

ω is the infant's own oxytocin signal (M4), Y the sum of all caregivers' synchrony with it (M13).
The edges pass contact as it stands here, curve and all.

Contact (touch, warmth, voice) lowers the ambient and acute load directly and speeds recovery;
oxytocin only scales the response to the load that remains. Its effect may turn between dyads: an
infant in step is heightened by it, one out of step is buffered (Weisman 2013: a father's spray
raised the infant's cortisol under a still face where synchrony was high and lowered it where it was
low). An infant that much skin contact has attuned follows its caregiver's cortisol (Mörelius 2015),
for months.

Limits of validity: the infant's rhythm is weaker and appears over the first months (not modelled);
cortisol figures are of adult order. Attunement rests on one study of 37 families, the turn of sign
on one of 35 fathers: both edges can be cut.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.cortisol import secretion
from oxysim.model.mechanisms.shapes import LN2, hill, unit_centred_logistic
from oxysim.model.rows import edge, parameter, state

AROUSAL = state(
    "1", 0.3, 0, 200, 0.5, "fast", "stress arousal of the infant (0.3 calm, 1 clearly distressed)")
CORTISOL = state("nmol/L", 8, 0, 1e4, 8, "fast", "salivary cortisol of the infant")
ATTUNEMENT = state(
    "1", 0.05, 0, 1, 1, "accumulating", "attunement of the infant's stress axis to its caregivers'",
    set_point="stress.usual_attunement", half_life="stress.attunement_half_life", worse=-1)


class Parameters(NamedTuple):
    """Rows of the infant's stress axis.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).resting_arousal
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


def contact_signal(touch: float, warmth: float, voice: float, p: Parameters) -> float:
    """How much contact relieves the infant, 0 to 1, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> contact_signal(p.contact_half, 0.0, 0.0, p)
    0.5
    """
    return hill(touch + warmth + voice, p.contact_half)


def infant_arousal_rate(
    arousal: float, asleep: float, acute: float, ambient: float,
    received: InfantArousalEdges, usual: InfantArousalEdges, p: Parameters,
) -> float:  # fmt: skip
    """da/dt per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
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


def infant_cortisol_rate(
    cortisol: float, rhythm: float, attunement: float,
    received: InfantCortisolEdges, usual: InfantCortisolEdges, p: Parameters,
) -> float:  # fmt: skip
    """dF/dt nmol/L per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
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
    attunement: float, received: AttunementEdges, p: Parameters
) -> float:
    """dW/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> attunement_rate(p.usual_attunement, AttunementEdges(skin_contact=0.0), p)
    0.0
    """
    gained = p.attunement_rate * received.skin_contact * (1 - attunement)
    return gained - LN2 / p.attunement_half_life * (attunement - p.usual_attunement)
