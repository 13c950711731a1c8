"""The differential equations on one screen: how every state of caregiver and infant changes.

One line a state, each term a mechanism of ``oxysim.model.mechanisms``, whose file holds its
formula, its parameters and their sources. What mechanisms receive is made in ``signals.py``;
``household.py`` joins any number of caregivers to the one infant (a dyad has one).

In every line ``s`` is the state, ``u`` the inputs, ``p`` the parameters, ``r`` what is received
over the edges and ``n`` what is usually (normally) received.

These equations are traced once and then compiled: to step through them with numbers, use
:func:`oxysim.simulation.plain_rates.plain_rates` (docs/compiled_engine.md).
"""

from __future__ import annotations

from oxysim.model.inputs import CaregiverInputs, InfantInputs
from oxysim.model.mechanisms import (
    affect,
    bond,
    caregiver_oxytocin,
    depression,
    development,
    infant_affect,
    infant_oxytocin,
    infant_stress,
    mentalising,
    methylation,
    mood,
    nasal_spray,
    receptors,
    reward,
    stress,
    synchrony,
)
from oxysim.model.signals import FromInfant, Moment
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


def caregiver_rates(
    s: CaregiverState, u: CaregiverInputs, rhythm: float, p: CaregiverParameters,
    moment: Moment, received: CaregiverEdges, usual: CaregiverEdges,
) -> CaregiverState:  # fmt: skip
    """d/dt of every state of a caregiver, per minute.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> from oxysim.model.household import exchange
    >>> now = exchange(state, quiet, p, usual)
    >>> change = caregiver_rates(
    ...     state.caregivers[0], quiet.caregivers[0], 0.0, p.caregivers[0],
    ...     now.moments[0], now.received[0], usual.caregivers[0],
    ... )
    >>> change.nasal_depot  # nothing was sprayed
    0.0
    """
    dose, r, n = u.nasal_spray, received, usual
    absorbed = nasal_spray.absorption(s.nasal_depot, p.nasal_spray)
    from_nose = nasal_spray.into_brain(s.brain_transit, p.nasal_spray)
    treatment = depression.Treatment(u.support, s.therapy_skill, u.stress_noise)
    # fmt: off
    return CaregiverState(
        # M1, the way of a spray
        nasal_depot=nasal_spray.depot_rate(s.nasal_depot, dose, p.nasal_spray),
        nasal_residue_fast=nasal_spray.residue_fast_rate(s.nasal_residue_fast, dose, p.nasal_spray),
        nasal_residue_slow=nasal_spray.residue_slow_rate(s.nasal_residue_slow, dose, p.nasal_spray),
        brain_transit=nasal_spray.transit_rate(s.brain_transit, s.nasal_depot, p.nasal_spray),
        # M2 and M4, oxytocin and its receptors
        plasma_oxytocin=caregiver_oxytocin.plasma_rate(
            s.plasma_oxytocin, u.intravenous, absorbed, s.birth_drive,
            r.caregiver_oxytocin, p.oxytocin),
        central_oxytocin=caregiver_oxytocin.central_rate(
            s.central_oxytocin, from_nose, s.birth_drive,
            r.caregiver_oxytocin, n.caregiver_oxytocin, p.oxytocin),
        csf_oxytocin=caregiver_oxytocin.csf_rate(s.csf_oxytocin, s.central_oxytocin, p.oxytocin),
        birth_drive=caregiver_oxytocin.birth_rate(s.birth_drive, p.oxytocin),
        receptor_sensitisation=receptors.sensitisation_rate(
            s.receptor_sensitisation, r.caregiver_receptors, p.receptors),
        # M6 and M7, reward and affect
        serotonin=reward.serotonin_rate(s.serotonin, u.antidepressant, r.serotonin, p.reward),
        reward=reward.reward_rate(s.reward, r.reward, p.reward),
        recent_reward=reward.recent_reward_rate(
            s.recent_reward, r.recent_reward, n.recent_reward, p.reward),
        adaptation_level=reward.adaptation_rate(
            s.adaptation_level, r.adaptation_level, n.adaptation_level, p.reward),
        affect=affect.rate(s.affect, u.expectancy, r.affect, n.affect, p.affect),
        # M13 and M11, synchrony and stress
        synchrony=synchrony.rate(s.synchrony, moment.contact.exchange, r.synchrony, p.synchrony),
        arousal=stress.arousal_rate(
            s.arousal, u.asleep, u.stressor, r.caregiver_arousal, n.caregiver_arousal, p.stress),
        cortisol=stress.cortisol_rate(s.cortisol, rhythm, r.caregiver_cortisol, p.stress),
        # M8, mind-mindedness and what coaching teaches
        mentalising=mentalising.rate(
            s.mentalising, s.coaching_skill, r.mind_mindedness, n.mind_mindedness, p.mentalising),
        coaching_skill=mentalising.skill_rate(s.coaching_skill, u.coaching, p.mentalising),
        # M20 and M9, mood of the moment, depression, and what treatment teaches
        mood=mood.rate(s.mood, u.mood_noise, r.mood, n.mood, p.mood),
        therapy_skill=depression.therapy_rate(s.therapy_skill, u.therapy, p.depression),
        vulnerability=depression.vulnerability_rate(s.vulnerability, p.depression),
        depression=depression.rate(
            s.depression, s.vulnerability, treatment, r.depression, n.depression, p.depression),
        # M18, bond and confidence
        bond=bond.bond_rate(s.bond, s.coaching_skill, r.bond, n.bond, p.bond),
        confidence=bond.confidence_rate(
            s.confidence, s.coaching_skill, r.confidence, n.confidence, p.bond),
    )
    # fmt: on


def infant_rates(
    s: InfantState, u: InfantInputs, rhythm: float, p: InfantParameters,
    received: InfantEdges, usual: InfantEdges,
) -> InfantState:  # fmt: skip
    """d/dt of every state of the infant, per minute.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> from oxysim.model.household import exchange
    >>> now = exchange(state, quiet, p, usual)
    >>> change = infant_rates(
    ...     state.infant, quiet.infant, 0.0, p.infant, now.infant_received, usual.infant
    ... )
    >>> change._fields[0]
    'plasma_oxytocin'
    """
    r, n = received, usual
    # all that distresses at once, whatever its cause
    acute = u.crying + u.separation + p.stress.still_face * u.still_face + u.stressor
    # fmt: off
    return InfantState(
        # M3 to M5, oxytocin, its receptors and their methylation
        plasma_oxytocin=infant_oxytocin.plasma_rate(
            s.plasma_oxytocin, r.infant_oxytocin, p.oxytocin),
        central_oxytocin=infant_oxytocin.central_rate(
            s.central_oxytocin, r.infant_oxytocin, p.oxytocin),
        receptor_sensitisation=receptors.sensitisation_rate(
            s.receptor_sensitisation, r.infant_receptors, p.receptors),
        methylation=methylation.rate(
            s.methylation, r.infant_methylation, n.infant_methylation, p.methylation),
        # M11 and M19, stress and affect
        arousal=infant_stress.infant_arousal_rate(
            s.arousal, u.asleep, acute, u.ambient_stress,
            r.infant_arousal, n.infant_arousal, p.stress),
        cortisol=infant_stress.infant_cortisol_rate(
            s.cortisol, rhythm, s.attunement, r.infant_cortisol, n.infant_cortisol, p.stress),
        attunement=infant_stress.attunement_rate(s.attunement, r.attunement, p.stress),
        affect=infant_affect.rate(s.affect, r.infant_affect, n.infant_affect, p.affect),
        # M12, what accumulates
        attachment_security=development.security_rate(
            s.attachment_security, r.attachment_security, n.attachment_security, p.development),
        exploration=development.exploration_rate(
            s.exploration, r.exploration, n.exploration, p.development),
        irritability=development.irritability_rate(
            s.irritability, r.irritability, n.irritability, p.development),
    )
    # fmt: on


# --------------------------------------------------------------------------------------
# what can be shown
def caregiver_outputs(
    s: CaregiverState,
    moment: Moment,
    received: CaregiverEdges,
    usual: CaregiverEdges,
    p: CaregiverParameters,
) -> CaregiverOutputs:
    """The algebraic variables of a caregiver that a result offers beside the states.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> from oxysim.model.household import exchange
    >>> now = exchange(state, quiet, p, usual)
    >>> mother = state.caregivers[0]
    >>> outputs = caregiver_outputs(
    ...     mother, now.moments[0], now.received[0], usual.caregivers[0], p.caregivers[0]
    ... )
    >>> outputs.warmth == 1 + 4 * mother.affect
    True
    """
    return CaregiverOutputs(
        engagement=moment.engagement,
        affection=moment.engagement * moment.affection,
        interaction=moment.contact.interaction,
        receptor_availability=moment.availability,
        oxytocin_signal=moment.oxytocin,
        saliva_oxytocin=nasal_spray.saliva(
            s.plasma_oxytocin, s.nasal_residue_fast, s.nasal_residue_slow, p.nasal_spray
        ),
        # affect in (0, 1) on the observers' scale of 1 to 5
        warmth=1 + 4 * s.affect,
        sensitivity=mentalising.sensitivity(received.sensitivity, usual.sensitivity, p.mentalising),
        appropriate_comments=mentalising.appropriate_comments(s.mentalising, p.mentalising),
        nonattuned_comments=mentalising.nonattuned_comments(s.mentalising, p.mentalising),
        # the form reads depression in the mood of the week
        epds=mood.shifted_by_mood(s.depression, s.mood, depression.EPDS_HIGHEST),
        heart_rate=stress.heart_rate(s.arousal, p.stress),
        state_anxiety=stress.state_anxiety(s.arousal, p.stress),
        fear=stress.fear(s.arousal, p.stress),
        systolic_pressure=stress.systolic_pressure(s.arousal, p.stress),
    )


def infant_outputs(s: InfantState, infant: FromInfant, p: InfantParameters) -> InfantOutputs:
    """The algebraic variables of the infant that a result offers beside the states.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> from oxysim.model.household import exchange
    >>> now = exchange(state, quiet, p, usual)
    >>> infant_outputs(state.infant, now.infant, p.infant).saliva_oxytocin > 0
    True
    """
    return InfantOutputs(
        readability=infant.readability,
        receptor_availability=infant.availability,
        oxytocin_signal=infant.oxytocin,
        saliva_oxytocin=p.oxytocin.saliva_ratio * s.plasma_oxytocin,
    )
