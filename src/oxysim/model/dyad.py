"""The system on one screen: what caregiver and infant say to each other, and how every state
changes.

Reading order: ``caregiver_signals`` and ``infant_signals`` are what is *said*; ``hear`` passes it
through the named edges; ``caregiver_rates`` and ``infant_rates`` are the differential equations,
one line a state, each term a mechanism of ``oxysim.outcome_model.mechanisms``. ``family.py`` joins any
number of caregivers to the one infant; a dyad is a family of one caregiver.

What is heard over an edge is ``usual + multiplier * (said - usual)``. ``usual`` is the daily mean
of the signal in the reference dyad of that role and age, so a cut (multiplier 0) removes the
deviation and leaves the reference dyad where it was.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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
    nasal_spray,
    receptors,
    reward,
    stress,
    synchrony,
)
from oxysim.model.mechanisms.engagement import Contact
from oxysim.model.mechanisms.shapes import hill4, unit_centred_logistic
from oxysim.model.structure import (
    CaregiverEdges,
    CaregiverOutputs,
    CaregiverParameters,
    CaregiverState,
    InfantEdges,
    InfantOutputs,
    InfantParameters,
    InfantState,
)


class FromInfant(NamedTuple):
    """What the infant says to its caregivers."""

    oxytocin: float
    affect: float
    readability: float
    distress: float
    availability: float


class FromCaregiver(NamedTuple):
    """What one caregiver (or, summed, all of them) says to the infant."""

    touch: float
    warmth: float
    voice: float
    mind_talk: float
    care: float
    mentalising: float
    sensitivity: float


class Moment(NamedTuple):
    """What is algebraic in a caregiver at one moment."""

    engagement: float
    contact: Contact
    availability: float
    oxytocin: float


def hear(edges: Any, said: Any, usual: Any) -> Any:
    """Every signal through its edge: usual + multiplier * (said - usual); any nesting of named
    tuples.

    None in place of multipliers means that every edge below is whole, so that what is heard is what
    was said.
    """
    if edges is None:
        return said
    if isinstance(said, tuple):
        return type(said)(*[hear(m, s, r) for m, s, r in zip(edges, said, usual, strict=True)])
    return usual + edges * (said - usual)


# --------------------------------------------------------------------------------------
# what is said
def infant_says(
    s: InfantState, u: InfantInputs, p: InfantParameters, usual: InfantEdges
) -> FromInfant:
    """The infant's side of the exchange."""
    heard = hear(p.edges.infant_receptors, _infant_receptor_signals(s, p), usual.infant_receptors)
    available = (
        u.receptors
        * receptors.expression(heard, usual.infant_receptors, p.receptors)
        * s.receptor_sensitisation
    )
    clear = hear(p.edges.readability, _readability_signals(s), usual.readability)
    return FromInfant(
        oxytocin=receptors.signal(s.central_oxytocin, available, p.receptors),
        affect=s.affect,
        readability=infant_affect.readability(clear, usual.readability, p.affect),
        distress=s.arousal + u.crying,
        availability=available,
    )


def caregiver_moment(
    s: CaregiverState, u: CaregiverInputs, p: CaregiverParameters, usual: CaregiverEdges
) -> Moment:
    """How engaged the caregiver is, what contact happens, and how loud oxytocin is."""
    heard = hear(p.edges.engagement, _engagement_signals(s, p), usual.engagement)
    engaged = engagement.engagement(heard, usual.engagement, p.engagement)
    heard = hear(p.edges.caregiver_receptors, _receptor_signals(s, p), usual.caregiver_receptors)
    available = (
        u.receptors
        * receptors.expression(heard, usual.caregiver_receptors, p.receptors)
        * s.receptor_sensitisation
    )
    return Moment(
        engagement=engaged,
        contact=engagement.contact(u, engaged, p.engagement),
        availability=available,
        oxytocin=receptors.signal(s.central_oxytocin, available, p.receptors),
    )


def caregiver_signals(
    s: CaregiverState, u: CaregiverInputs, p: CaregiverParameters, now: Moment, infant: FromInfant
) -> CaregiverEdges:
    """Everything that a caregiver's mechanisms may hear, before the edges."""
    c = now.contact
    accumbens = reward.accumbens_signal(
        now.oxytocin, u.accumbens_receptors, c.interaction, p.reward
    )
    return CaregiverEdges(
        caregiver_oxytocin=caregiver_oxytocin.Edges(
            suckling=c.suckling,
            skin_contact=c.skin,
            touch=hill4(c.touch + c.massage, p.oxytocin.contact_half),
            play=hill4(c.play, p.oxytocin.contact_half),
            gaze=c.gaze,
            talk=c.talk,
            mind_mindedness=c.talk * unit_centred_logistic(s.mentalising) + u.holding_in_mind,
            partner=u.partner_contact,
            plasma_oxytocin=s.plasma_oxytocin,
            central_oxytocin=caregiver_oxytocin.self_release_signal(s.central_oxytocin, p.oxytocin),
        ),
        caregiver_receptors=_receptor_signals(s, p),
        serotonin=reward.SerotoninEdges(accumbens_oxytocin=accumbens),
        reward=reward.Edges(serotonin=s.serotonin, accumbens_oxytocin=accumbens),
        affect=affect.Edges(
            caregiver_oxytocin=now.oxytocin * c.interaction,
            reward=s.reward,
            depression=s.depression,
            infant_affect=infant.affect,
        ),
        mind_mindedness=mentalising.Edges(
            depression=s.depression, readability=infant.readability, infant_oxytocin=infant.oxytocin
        ),
        sensitivity=mentalising.SensitivityEdges(
            mind_mindedness=s.mentalising, depression=s.depression, affect=s.affect
        ),
        depression=depression.Edges(
            reward=s.reward, bond=s.bond, caregiver_arousal=s.arousal, depression=s.depression
        ),
        engagement=_engagement_signals(s, p),
        caregiver_arousal=stress.ArousalEdges(
            infant_distress=stress.distress_signal(infant.distress, u.presence, p.stress),
            caregiver_oxytocin=now.oxytocin,
            synchrony=s.synchrony,
        ),
        caregiver_cortisol=stress.CortisolEdges(arousal=s.arousal),
        synchrony=synchrony.Edges(
            affect=s.affect, infant_affect=infant.affect, readability=infant.readability
        ),
        bond=bond.BondEdges(reward=s.reward, depression=s.depression),
        confidence=bond.ConfidenceEdges(synchrony=s.synchrony, depression=s.depression),
    )


def caregiver_says(
    s: CaregiverState,
    now: Moment,
    heard: CaregiverEdges,
    usual: CaregiverEdges,
    p: CaregiverParameters,
) -> FromCaregiver:
    """A caregiver's side of the exchange."""
    c = now.contact
    return FromCaregiver(
        touch=c.skin + c.touch + c.massage,
        warmth=s.affect * c.interaction,
        voice=c.talk,
        mind_talk=c.talk * unit_centred_logistic(s.mentalising),
        care=c.interaction,
        mentalising=s.mentalising,
        sensitivity=mentalising.sensitivity(heard.sensitivity, usual.sensitivity, p.mentalising),
    )


def infant_signals(
    s: InfantState, u: InfantInputs, p: InfantParameters, now: FromInfant, care: FromCaregiver
) -> InfantEdges:
    """Everything that the infant's mechanisms may hear, before the edges."""
    return InfantEdges(
        infant_oxytocin=infant_oxytocin.Edges(
            touch=care.touch,
            feeding=u.feeding,
            warmth=care.warmth,
            voice=care.voice,
            mind_mindedness=care.mind_talk,
        ),
        infant_receptors=_infant_receptor_signals(s, p),
        infant_methylation=methylation.Edges(care=care.care),
        infant_arousal=stress.InfantArousalEdges(
            contact=stress.contact_signal(care.touch, care.warmth, care.voice, p.stress),
            infant_oxytocin=now.oxytocin,
        ),
        infant_cortisol=stress.CortisolEdges(arousal=s.arousal),
        infant_affect=infant_affect.Edges(
            infant_oxytocin=now.oxytocin, warmth=care.warmth, infant_arousal=s.arousal
        ),
        readability=_readability_signals(s),
        attachment_security=development.SecurityEdges(
            mind_mindedness=care.mentalising, sensitivity=care.sensitivity
        ),
        exploration=development.ExplorationEdges(
            attachment_security=s.attachment_security, infant_arousal=s.arousal
        ),
        irritability=development.IrritabilityEdges(infant_methylation=s.methylation),
    )


# ------------------------------------------------------------------------------------------- how
# states change
def caregiver_rates(
    s: CaregiverState, u: CaregiverInputs, rhythm: float, p: CaregiverParameters,
    now: Moment, heard: CaregiverEdges, usual: CaregiverEdges,
) -> CaregiverState:  # fmt: skip
    """d/dt of every state of a caregiver, per minute."""
    dose = u.nasal_spray
    absorbed = nasal_spray.absorption(s.nasal_depot, p.nasal_spray)
    from_nose = nasal_spray.into_brain(s.brain_transit, p.nasal_spray)
    treatment = depression.Treatment(
        u.support, s.therapy_skill, u.antidepressant, u.stress_noise, u.mood_noise
    )
    return CaregiverState(
        nasal_depot=nasal_spray.depot_rate(s.nasal_depot, dose, p.nasal_spray),
        nasal_residue_fast=nasal_spray.residue_fast_rate(s.nasal_residue_fast, dose, p.nasal_spray),
        nasal_residue_slow=nasal_spray.residue_slow_rate(s.nasal_residue_slow, dose, p.nasal_spray),
        brain_transit=nasal_spray.transit_rate(s.brain_transit, s.nasal_depot, p.nasal_spray),
        plasma_oxytocin=caregiver_oxytocin.plasma_rate(
            s.plasma_oxytocin, u.intravenous, absorbed, heard.caregiver_oxytocin, p.oxytocin
        ),
        central_oxytocin=caregiver_oxytocin.central_rate(
            s.central_oxytocin,
            from_nose,
            heard.caregiver_oxytocin,
            usual.caregiver_oxytocin,
            p.oxytocin,
        ),
        csf_oxytocin=caregiver_oxytocin.csf_rate(s.csf_oxytocin, s.central_oxytocin, p.oxytocin),
        receptor_sensitisation=receptors.sensitisation_rate(
            s.receptor_sensitisation, heard.caregiver_receptors, p.receptors
        ),
        serotonin=reward.serotonin_rate(s.serotonin, heard.serotonin, p.reward),
        reward=reward.reward_rate(s.reward, heard.reward, p.reward),
        affect=affect.rate(s.affect, u.expectancy, heard.affect, usual.affect, p.affect),
        synchrony=synchrony.rate(
            s.synchrony, now.contact.interaction, heard.synchrony, p.synchrony
        ),
        arousal=stress.arousal_rate(
            s.arousal,
            u.asleep,
            u.stressor,
            heard.caregiver_arousal,
            usual.caregiver_arousal,
            p.stress,
        ),
        cortisol=stress.cortisol_rate(s.cortisol, rhythm, heard.caregiver_cortisol, p.stress),
        mentalising=mentalising.rate(
            s.mentalising,
            s.coaching_skill,
            heard.mind_mindedness,
            usual.mind_mindedness,
            p.mentalising,
        ),
        coaching_skill=mentalising.skill_rate(s.coaching_skill, u.coaching, p.mentalising),
        therapy_skill=depression.therapy_rate(s.therapy_skill, u.therapy, p.depression),
        vulnerability=depression.vulnerability_rate(s.vulnerability, p.depression),
        depression=depression.rate(
            s.depression,
            s.vulnerability,
            treatment,
            heard.depression,
            usual.depression,
            p.depression,
        ),
        bond=bond.bond_rate(s.bond, s.coaching_skill, heard.bond, usual.bond, p.bond),
        confidence=bond.confidence_rate(
            s.confidence, s.coaching_skill, heard.confidence, usual.confidence, p.bond
        ),
    )


def infant_rates(
    s: InfantState,
    u: InfantInputs,
    rhythm: float,
    p: InfantParameters,
    heard: InfantEdges,
    usual: InfantEdges,
) -> InfantState:
    """d/dt of every state of the infant, per minute."""
    acute = u.crying + u.separation + u.still_face + u.stressor
    return InfantState(
        plasma_oxytocin=infant_oxytocin.plasma_rate(
            s.plasma_oxytocin, heard.infant_oxytocin, p.oxytocin
        ),
        central_oxytocin=infant_oxytocin.central_rate(
            s.central_oxytocin, heard.infant_oxytocin, p.oxytocin
        ),
        receptor_sensitisation=receptors.sensitisation_rate(
            s.receptor_sensitisation, heard.infant_receptors, p.receptors
        ),
        methylation=methylation.rate(
            s.methylation, heard.infant_methylation, usual.infant_methylation, p.methylation
        ),
        arousal=stress.infant_arousal_rate(
            s.arousal,
            u.asleep,
            acute,
            u.ambient_stress,
            heard.infant_arousal,
            usual.infant_arousal,
            p.stress,
        ),
        cortisol=stress.cortisol_rate(s.cortisol, rhythm, heard.infant_cortisol, p.stress),
        affect=infant_affect.rate(s.affect, heard.infant_affect, usual.infant_affect, p.affect),
        attachment_security=development.security_rate(
            s.attachment_security,
            heard.attachment_security,
            usual.attachment_security,
            p.development,
        ),
        exploration=development.exploration_rate(
            s.exploration, heard.exploration, usual.exploration, p.development
        ),
        irritability=development.irritability_rate(
            s.irritability, heard.irritability, usual.irritability, p.development
        ),
    )


# ------------------------------------------------------------------------------------------- what
# can be shown
def caregiver_outputs(
    s: CaregiverState,
    now: Moment,
    heard: CaregiverEdges,
    usual: CaregiverEdges,
    p: CaregiverParameters,
) -> CaregiverOutputs:
    """The algebraic variables of a caregiver that a result offers beside the states."""
    return CaregiverOutputs(
        engagement=now.engagement,
        interaction=now.contact.interaction,
        receptor_availability=now.availability,
        oxytocin_signal=now.oxytocin,
        saliva_oxytocin=nasal_spray.saliva(
            s.plasma_oxytocin, s.nasal_residue_fast, s.nasal_residue_slow, p.nasal_spray
        ),
        warmth=1 + 4 * s.affect,
        sensitivity=mentalising.sensitivity(heard.sensitivity, usual.sensitivity, p.mentalising),
        appropriate_comments=mentalising.appropriate_comments(s.mentalising, p.mentalising),
        nonattuned_comments=mentalising.nonattuned_comments(s.mentalising, p.mentalising),
        epds=s.depression,
        heart_rate=stress.heart_rate(s.arousal, p.stress),
        state_anxiety=stress.state_anxiety(s.arousal, p.stress),
        fear=stress.fear(s.arousal, p.stress),
        systolic_pressure=stress.systolic_pressure(s.arousal, p.stress),
    )


def infant_outputs(s: InfantState, now: FromInfant, p: InfantParameters) -> InfantOutputs:
    """The algebraic variables of the infant that a result offers beside the states."""
    return InfantOutputs(
        readability=now.readability,
        receptor_availability=now.availability,
        oxytocin_signal=now.oxytocin,
        saliva_oxytocin=p.oxytocin.saliva_ratio * s.plasma_oxytocin,
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
