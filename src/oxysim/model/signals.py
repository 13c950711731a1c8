"""What caregiver and infant transmit to each other at one moment, and to themselves.

Reading order: what each of the two expresses (``infant_expression``, ``caregiver_care``), then the
signal of every edge (``caregiver_signals``, ``infant_signals``), one line an edge, grouped by the
mechanism that receives it. Signals pass through the edges in ``oxysim.model.transmission``.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.inputs import CaregiverInputs, InfantInputs
from oxysim.model.mechanisms import (
    affect,
    bond,
    caregiver_oxytocin,
    depression,
    development,
    engagement,
    infant_affect,
    infant_oxytocin,
    mentalising,
    methylation,
    mood,
    receptors,
    reward,
    stress,
    synchrony,
)
from oxysim.model.mechanisms.engagement import Contact
from oxysim.model.mechanisms.shapes import hill4, unit_centred_logistic
from oxysim.model.structure import (
    CaregiverEdges,
    CaregiverParameters,
    CaregiverState,
    InfantEdges,
    InfantParameters,
    InfantState,
)
from oxysim.model.transmission import transmit


class FromInfant(NamedTuple):
    """What the infant expresses, for its caregivers.

    >>> FromInfant._fields
    ('oxytocin', 'affect', 'readability', 'distress', 'availability')
    """

    oxytocin: float
    affect: float
    readability: float
    distress: float
    availability: float


class FromCaregiver(NamedTuple):
    """The care that the infant gets from one caregiver (or, summed, from all of them).

    >>> FromCaregiver._fields[:4]
    ('touch', 'warmth', 'voice', 'mind_talk')
    """

    touch: float
    warmth: float
    voice: float
    mind_talk: float
    care: float
    mentalising: float
    sensitivity: float
    skin: float
    synchrony: float
    cortisol: float


class Moment(NamedTuple):
    """What is algebraic in a caregiver at one moment.

    >>> Moment._fields
    ('engagement', 'affection', 'contact', 'offered', 'availability', 'oxytocin')
    """

    engagement: float
    affection: float
    contact: Contact
    offered: Contact
    availability: float
    oxytocin: float


# --------------------------------------------------------------------------------------
# what each of the two expresses
def infant_expression(
    s: InfantState,
    u: InfantInputs,
    p: InfantParameters,
    usual: InfantEdges,
    expected: InfantEdges,
) -> FromInfant:
    """The infant's side of the exchange.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> s, u, p, usual = state.infant, quiet.infant, p.infant, usual.infant
    >>> infant_expression(s, u, p, usual, expected=usual).distress
    0.3
    """
    # how many receptors are there to be reached
    received = transmit(
        p.edges.infant_receptors, _infant_receptor_signals(s, p), expected.infant_receptors
    )
    available = (
        u.receptors
        * receptors.expression(received, usual.infant_receptors, p.receptors)
        * s.receptor_sensitisation
    )
    # how clear its signals are
    clear = transmit(p.edges.readability, _readability_signals(s), expected.readability)
    return FromInfant(
        oxytocin=receptors.signal(s.central_oxytocin, available, p.receptors),
        affect=s.affect,
        readability=infant_affect.readability(clear, usual.readability, p.affect),
        distress=s.arousal + u.crying,
        availability=available,
    )


def caregiver_moment(
    s: CaregiverState,
    u: CaregiverInputs,
    p: CaregiverParameters,
    usual: CaregiverEdges,
    expected: CaregiverEdges,
) -> Moment:
    """How engaged and how affectionate the caregiver is, what contact happens and what the day
    offers, and how strong the oxytocin signal is.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> s, u, p = state.caregivers[0], quiet.caregivers[0], p.caregivers[0]
    >>> usual = usual.caregivers[0]
    >>> caregiver_moment(s, u, p, usual, expected=usual).contact.touch  # nothing is planned
    0.0
    """
    received = transmit(p.edges.engagement, _engagement_signals(s, p), expected.engagement)
    # first engagement, then what contact it lets happen
    engaged = engagement.engagement(received, usual.engagement, p.engagement)
    # then the receptors, and with them the oxytocin signal
    received = transmit(
        p.edges.caregiver_receptors, _receptor_signals(s, p), expected.caregiver_receptors
    )
    available = (
        u.receptors
        * receptors.expression(received, usual.caregiver_receptors, p.receptors)
        * s.receptor_sensitisation
    )
    signal = receptors.signal(s.central_oxytocin, available, p.receptors)
    # and with that how tender contact is
    received = transmit(p.edges.affection, engagement.AffectionEdges(signal), expected.affection)
    return Moment(
        engagement=engaged,
        affection=engagement.affection(received, usual.affection, p.engagement),
        contact=engagement.contact(u, engaged, p.engagement),
        # what the day offers, whatever the caregiver makes of it
        offered=engagement.contact(u, 1.0, p.engagement),
        availability=available,
        oxytocin=signal,
    )


def caregiver_care(
    s: CaregiverState, u: CaregiverInputs, rhythm: float, p: CaregiverParameters,
    moment: Moment, received: CaregiverEdges, usual: CaregiverEdges,
) -> FromCaregiver:  # fmt: skip
    """A caregiver's side of the exchange.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> s, u, p = state.caregivers[0], quiet.caregivers[0], p.caregivers[0]
    >>> usual = usual.caregivers[0]
    >>> moment = caregiver_moment(s, u, p, usual, usual)
    >>> caregiver_care(s, u, 0.0, p, moment, usual, usual).voice  # nobody talks
    0.0
    """
    c, tender = moment.contact, moment.affection
    # what fits the infant's mind is worth more: a factor, 1 in the usual caregiver
    mind_minded = unit_centred_logistic(s.mentalising)
    return FromCaregiver(
        touch=c.skin + tender * (c.touch + c.play) + c.massage,
        warmth=s.affect * c.interaction,
        voice=tender * c.talk,
        mind_talk=tender * (c.talk + c.play + c.gaze) * mind_minded,
        care=c.interaction,
        mentalising=s.mentalising,
        sensitivity=mentalising.sensitivity(received.sensitivity, usual.sensitivity, p.mentalising),
        skin=c.skin,
        synchrony=s.synchrony,
        cortisol=stress.cortisol_deviation(s.cortisol, rhythm, u.presence, p.stress),
    )


# --------------------------------------------------------------------------------------
# the signal of every edge
def caregiver_signals(
    s: CaregiverState,
    u: CaregiverInputs,
    p: CaregiverParameters,
    moment: Moment,
    infant: FromInfant,
    usual: CaregiverEdges,
) -> CaregiverEdges:
    """Everything that a caregiver's mechanisms may receive, before the edges.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> infant = infant_expression(
    ...     state.infant, quiet.infant, p.infant, usual.infant, usual.infant
    ... )
    >>> s, u, p = state.caregivers[0], quiet.caregivers[0], p.caregivers[0]
    >>> usual = usual.caregivers[0]
    >>> moment = caregiver_moment(s, u, p, usual, usual)
    >>> # at the person's own usual
    >>> caregiver_signals(s, u, p, moment, infant, usual).depression.bond
    0.0
    """
    # one signal for two edges, so that both can be cut alone
    basal = receptors.signal(p.oxytocin.central_basal, moment.availability, p.receptors)
    accumbens = reward.accumbens_signal(
        moment.oxytocin, basal, u.accumbens_receptors, moment.contact.interaction, p.reward
    )
    # what bond, mood and depression receive of reward
    satisfaction = reward.satisfaction(s.recent_reward, s.adaptation_level, p.reward)
    return CaregiverEdges(
        caregiver_oxytocin=_release_signals(s, u, p, moment.contact),
        caregiver_receptors=_receptor_signals(s, p),
        # reward (M6) and affect (M7)
        serotonin=reward.SerotoninEdges(accumbens_oxytocin=accumbens),
        reward=reward.Edges(
            serotonin=s.serotonin,
            accumbens_oxytocin=accumbens,
            infant_affect=reward.infant_response(moment.contact.exchange, infant.affect),
        ),
        recent_reward=reward.RecentRewardEdges(reward=s.reward),
        adaptation_level=reward.AdaptationEdges(
            offered_contact=reward.offered_contact(
                moment.offered.interaction, moment.offered.exchange, p.reward
            )
        ),
        affect=affect.Edges(
            caregiver_oxytocin=moment.oxytocin * moment.contact.interaction,
            reward=s.reward,
            depression=s.depression,
            infant_affect=infant.affect,
        ),
        # mentalising and sensitivity (M8)
        mind_mindedness=mentalising.Edges(
            depression=s.depression, readability=infant.readability, infant_oxytocin=infant.oxytocin
        ),
        sensitivity=mentalising.SensitivityEdges(
            mind_mindedness=s.mentalising,
            depression=engagement.depression_signal(s.depression, p.engagement),
            affect=s.affect,
        ),
        # mood of the moment (M20) and depression (M9), with the links of the loop
        mood=mood.Edges(
            reward=satisfaction,
            infant_distress=mood.strain_signal(infant.distress, u.presence, p.mood),
        ),
        depression=depression.Edges(
            reward=satisfaction,
            bond=bond.own_deviation(s.bond, p.bond.usual_bond),
            confidence=bond.own_deviation(s.confidence, p.bond.usual_confidence),
            mood=s.mood,
            serotonin=reward.per_contact(
                s.serotonin, usual.depression.serotonin, s.adaptation_level, p.reward
            ),
            caregiver_arousal=s.arousal,
            depression=s.depression,
        ),
        # engagement and affection (M10)
        engagement=_engagement_signals(s, p),
        affection=engagement.AffectionEdges(caregiver_oxytocin=moment.oxytocin),
        # stress (M11) and synchrony (M13)
        caregiver_arousal=stress.ArousalEdges(
            infant_distress=stress.distress_signal(infant.distress, u.presence, p.stress),
            caregiver_oxytocin=moment.oxytocin,
            synchrony=s.synchrony,
        ),
        caregiver_cortisol=stress.CortisolEdges(arousal=s.arousal),
        synchrony=synchrony.Edges(
            affect=s.affect,
            infant_affect=infant.affect,
            readability=infant.readability,
            mind_mindedness=s.mentalising,
        ),
        # bond and confidence (M18)
        bond=bond.BondEdges(reward=satisfaction, depression=s.depression),
        confidence=bond.ConfidenceEdges(
            synchrony=reward.per_contact(
                s.synchrony, usual.confidence.synchrony, s.adaptation_level, p.reward
            ),
            depression=s.depression,
        ),
    )


def infant_signals(
    s: InfantState, u: InfantInputs, p: InfantParameters, infant: FromInfant, care: FromCaregiver
) -> InfantEdges:
    """Everything that the infant's mechanisms may receive, before the edges.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> infant = infant_expression(
    ...     state.infant, quiet.infant, p.infant, usual.infant, usual.infant
    ... )
    >>> care = FromCaregiver(*[0.0] * 10)
    >>> infant_signals(state.infant, quiet.infant, p.infant, infant, care).infant_cortisol.arousal
    0.3
    """
    return InfantEdges(
        # what releases the infant's oxytocin (M3)
        infant_oxytocin=infant_oxytocin.Edges(
            touch=care.touch,
            feeding=u.feeding,
            warmth=care.warmth,
            voice=care.voice,
            mind_mindedness=care.mind_talk,
        ),
        infant_receptors=_infant_receptor_signals(s, p),
        # methylation moves with care (M5)
        infant_methylation=methylation.Edges(care=care.care),
        # the infant's stress axis (M11) and affect (M19)
        infant_arousal=stress.InfantArousalEdges(
            contact=stress.contact_signal(care.touch, care.warmth, care.voice, p.stress),
            infant_oxytocin=infant.oxytocin,
            synchrony=care.synchrony,
        ),
        infant_cortisol=stress.InfantCortisolEdges(
            arousal=s.arousal, caregiver_cortisol=care.cortisol
        ),
        infant_affect=infant_affect.Edges(
            infant_oxytocin=infant.oxytocin, warmth=care.warmth, infant_arousal=s.arousal
        ),
        readability=_readability_signals(s),
        # what accumulates (M12)
        attachment_security=development.SecurityEdges(
            mind_mindedness=care.mentalising, sensitivity=care.sensitivity
        ),
        exploration=development.ExplorationEdges(
            attachment_security=s.attachment_security, infant_arousal=s.arousal
        ),
        irritability=development.IrritabilityEdges(infant_methylation=s.methylation),
        attunement=stress.AttunementEdges(skin_contact=care.skin),
    )


def _release_signals(
    s: CaregiverState, u: CaregiverInputs, p: CaregiverParameters, c: Contact
) -> caregiver_oxytocin.Edges:
    """What releases the caregiver's oxytocin (M2), and what it passes on to itself."""
    return caregiver_oxytocin.Edges(
        suckling=c.suckling,
        skin_contact=c.skin,
        touch=hill4(c.touch + c.massage, p.oxytocin.contact_half),
        play=hill4(c.play, p.oxytocin.contact_half),
        gaze=c.gaze,
        talk=c.talk,
        mind_mindedness=c.talk * unit_centred_logistic(s.mentalising) + u.holding_in_mind,
        partner=u.partner_contact,
        stressor=caregiver_oxytocin.stress_signal(u.stressor, p.oxytocin),
        plasma_oxytocin=s.plasma_oxytocin,
        central_oxytocin=caregiver_oxytocin.self_release_signal(s.central_oxytocin, p.oxytocin),
    )


def _engagement_signals(s: CaregiverState, p: CaregiverParameters) -> engagement.Edges:
    shrinking = engagement.depression_signal(s.depression, p.engagement)
    return engagement.Edges(
        depression=shrinking, reward=s.reward, bond=s.bond, confidence=s.confidence
    )


def _receptor_signals(s: CaregiverState, p: CaregiverParameters) -> receptors.Edges:
    agonist = receptors.agonist_signal(s.central_oxytocin, p.receptors)
    return receptors.Edges(methylation=p.receptors.adult_methylation, agonist=agonist)


def _infant_receptor_signals(s: InfantState, p: InfantParameters) -> receptors.Edges:
    agonist = receptors.agonist_signal(s.central_oxytocin, p.receptors)
    return receptors.Edges(methylation=s.methylation, agonist=agonist)


def _readability_signals(s: InfantState) -> infant_affect.ReadabilityEdges:
    return infant_affect.ReadabilityEdges(infant_affect=s.affect, infant_arousal=s.arousal)
