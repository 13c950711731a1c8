"""What a caregiver transmits to the infant and to itself at one moment.

Reading order: what passes between the two (``FromInfant``, ``FromCaregiver``), what is algebraic in
a caregiver (``caregiver_moment``, ``caregiver_care``), then the signal of every edge that ends in a
caregiver (``caregiver_signals``), grouped by the mechanism that receives it. The infant's side is
``infant_signals``; ``transmission`` passes signals through the edges.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.inputs import CaregiverInputs
from oxysim.model.mechanisms import (
    affect,
    bond,
    caregiver_oxytocin,
    depression,
    engagement,
    mentalising,
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
# what is algebraic in a caregiver, and the care that the infant gets
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
    >>> from oxysim.model.infant_signals import infant_expression
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
    reward_signals = _reward_signals(s, u, p, moment, infant)
    # what bond, mood and depression receive of reward
    satisfaction = reward.satisfaction(s.recent_reward, s.adaptation_level, p.reward)
    return CaregiverEdges(
        caregiver_oxytocin=_release_signals(s, u, p, moment.contact),
        caregiver_receptors=_receptor_signals(s, p),
        # reward (M6) and affect (M7)
        serotonin=reward.SerotoninEdges(accumbens_oxytocin=reward_signals.accumbens_oxytocin),
        reward=reward_signals,
        recent_reward=reward.RecentRewardEdges(reward=s.reward),
        adaptation_level=_adaptation_signals(moment, p),
        affect=affect.Edges(
            caregiver_oxytocin=moment.oxytocin * moment.contact.interaction,
            reward=s.reward, depression=s.depression, infant_affect=infant.affect),
        # mentalising and sensitivity (M8)
        mind_mindedness=mentalising.Edges(s.depression, infant.readability, infant.oxytocin),
        sensitivity=mentalising.SensitivityEdges(
            s.mentalising, engagement.depression_signal(s.depression, p.engagement), s.affect),
        # mood of the moment (M20) and depression (M9), with the links of the loop
        mood=mood.Edges(
            satisfaction, mood.strain_signal(infant.distress, u.presence, p.mood)),
        depression=_depression_signals(s, p, usual, satisfaction),
        # engagement and affection (M10)
        engagement=_engagement_signals(s, p),
        affection=engagement.AffectionEdges(caregiver_oxytocin=moment.oxytocin),
        # stress (M11) and synchrony (M13)
        caregiver_arousal=stress.ArousalEdges(
            stress.distress_signal(infant.distress, u.presence, p.stress),
            moment.oxytocin, s.synchrony),
        caregiver_cortisol=stress.CortisolEdges(arousal=s.arousal),
        synchrony=synchrony.Edges(
            s.affect, infant.affect, infant.readability, mind_mindedness=s.mentalising),
        # bond and confidence (M18)
        bond=bond.BondEdges(reward=satisfaction, depression=s.depression),
        confidence=_confidence_signals(s, p, usual),
    )  # fmt: skip


def _reward_signals(
    s: CaregiverState,
    u: CaregiverInputs,
    p: CaregiverParameters,
    moment: Moment,
    infant: FromInfant,
) -> reward.Edges:
    """What rewards (M6): released oxytocin while interacting, and the infant's glad response."""
    basal = receptors.signal(p.oxytocin.central_basal, moment.availability, p.receptors)
    return reward.Edges(
        serotonin=s.serotonin,
        accumbens_oxytocin=reward.accumbens_signal(
            moment.oxytocin, basal, u.accumbens_receptors, moment.contact.interaction, p.reward
        ),
        infant_affect=reward.infant_response(moment.contact.exchange, infant.affect),
    )


def _adaptation_signals(moment: Moment, p: CaregiverParameters) -> reward.AdaptationEdges:
    """What the lived day offers (M6)."""
    offered = moment.offered
    return reward.AdaptationEdges(
        offered_contact=reward.offered_contact(offered.interaction, offered.exchange, p.reward)
    )


def _depression_signals(
    s: CaregiverState, p: CaregiverParameters, usual: CaregiverEdges, satisfaction: float
) -> depression.Edges:
    """What depression receives (M9); bond and confidence from the person's own usual."""
    return depression.Edges(
        reward=satisfaction,
        bond=bond.own_deviation(s.bond, p.bond.usual_bond),
        confidence=bond.own_deviation(s.confidence, p.bond.usual_confidence),
        mood=s.mood,
        serotonin=reward.per_contact(
            s.serotonin, usual.depression.serotonin, s.adaptation_level, p.reward
        ),
        caregiver_arousal=s.arousal,
        depression=s.depression,
    )


def _confidence_signals(
    s: CaregiverState, p: CaregiverParameters, usual: CaregiverEdges
) -> bond.ConfidenceEdges:
    """What confidence receives (M18); synchrony as a quality, not a count of hours."""
    return bond.ConfidenceEdges(
        synchrony=reward.per_contact(
            s.synchrony, usual.confidence.synchrony, s.adaptation_level, p.reward
        ),
        depression=s.depression,
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
