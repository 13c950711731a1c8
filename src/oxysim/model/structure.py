"""The named tuples of the whole system, assembled from the mechanisms: states, outputs, edges,
parameters.

A new mechanism with a new state adds a line here (state, edges, parameters) and a line in
``dyad.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from oxysim.model import mechanisms as m
from oxysim.model.inputs import CaregiverInputs, InfantInputs
from oxysim.model.rows import state


class CaregiverState(NamedTuple):
    """The states of one caregiver.

    >>> CaregiverState._fields[-3:]
    ('depression', 'bond', 'confidence')
    """

    # the way of a spray (M1), and oxytocin in blood, brain and lumbar fluid (M2)
    nasal_depot: float = m.nasal_spray.DEPOT
    nasal_residue_fast: float = m.nasal_spray.RESIDUE_FAST
    nasal_residue_slow: float = m.nasal_spray.RESIDUE_SLOW
    brain_transit: float = m.nasal_spray.TRANSIT
    plasma_oxytocin: float = m.caregiver_oxytocin.PLASMA
    central_oxytocin: float = m.caregiver_oxytocin.CENTRAL
    csf_oxytocin: float = m.caregiver_oxytocin.CSF
    birth_drive: float = m.caregiver_oxytocin.BIRTH_DRIVE
    receptor_sensitisation: float = m.receptors.SENSITISATION
    # minutes to an hour: reward (M6), affect (M7), synchrony (M13), stress (M11)
    serotonin: float = m.reward.SEROTONIN
    reward: float = m.reward.REWARD
    affect: float = m.affect.AFFECT
    synchrony: float = m.synchrony.SYNCHRONY
    arousal: float = m.stress.AROUSAL
    cortisol: float = m.stress.CORTISOL
    # days: how far the need for contact is met (M6), mood of the moment (M20)
    recent_reward: float = m.reward.RECENT_REWARD
    adaptation_level: float = m.reward.ADAPTATION_LEVEL
    mood: float = m.mood.MOOD
    # weeks: mind-mindedness (M8), what is taught, depression (M9), bond and confidence (M18)
    mentalising: float = m.mentalising.MENTALISING
    coaching_skill: float = m.mentalising.COACHING_SKILL
    therapy_skill: float = m.depression.THERAPY_SKILL
    vulnerability: float = m.depression.VULNERABILITY
    depression: float = m.depression.DEPRESSION
    bond: float = m.bond.BOND
    confidence: float = m.bond.CONFIDENCE


class InfantState(NamedTuple):
    """The states of the infant.

    >>> len(InfantState._fields)
    11
    """

    plasma_oxytocin: float = m.infant_oxytocin.PLASMA
    central_oxytocin: float = m.infant_oxytocin.CENTRAL
    receptor_sensitisation: float = m.receptors.SENSITISATION
    # months (M5)
    methylation: float = m.methylation.METHYLATION
    arousal: float = m.infant_stress.AROUSAL
    cortisol: float = m.infant_stress.CORTISOL
    affect: float = m.infant_affect.AFFECT
    # accumulated over months, and driving nothing (M12)
    attachment_security: float = m.development.SECURITY
    exploration: float = m.development.EXPLORATION
    irritability: float = m.development.IRRITABILITY
    # taught by skin contact, and kept for months (M11)
    attunement: float = m.infant_stress.ATTUNEMENT


def _output(unit: str, low: float, high: float, meaning: str) -> Any:
    return state(unit, max(low, 0.0), low, high, 1.0, "fast", meaning)


class CaregiverOutputs(NamedTuple):
    """Algebraic variables of a caregiver: functions of state and input at one moment.

    >>> "epds" in CaregiverOutputs._fields
    True
    """

    # what happens between the two, and oxytocin as it acts
    engagement: float = _output("1", 0, 2, "share of the usual contact that happens")
    affection: float = _output(
        "1", 0, 40, "how affectionate contact is: engagement times affection"
    )
    interaction: float = _output("1", 0, 1, "how social the moment is")
    receptor_availability: float = _output(
        "1", 0, 2.001, "expression x sensitisation x receptors left"
    )
    oxytocin_signal: float = _output("1", 0, 2.001, "oxytocin signal that mechanisms hear")
    saliva_oxytocin: float = _output("pg/mL", 0, 1e7, "oxytocin that a saliva sample contains")
    # what observers rate
    warmth: float = _output("1", 1, 5, "expressed warmth on a 1-5 scale")
    sensitivity: float = _output("1", 1, 9, "caregiving sensitivity on a 1-9 scale")
    appropriate_comments: float = _output(
        "fraction", 0, 1, "appropriate mind-related comments, share of all"
    )
    nonattuned_comments: float = _output(
        "fraction", 0, 1, "non-attuned mind-related comments, share of all"
    )
    # what forms and instruments read
    epds: float = _output(
        "EPDS",
        0,
        m.depression.EPDS_HIGHEST,
        "depressive symptoms on the EPDS scale, before measurement",
    )
    heart_rate: float = _output("bpm", 0, 5000, "heart rate")
    state_anxiety: float = _output("STAI", 0, 5000, "state anxiety")
    fear: float = _output("1", 0, 10, "fear on a 0-10 scale")
    systolic_pressure: float = _output("mmHg", 0, 5000, "systolic blood pressure")


class InfantOutputs(NamedTuple):
    """Algebraic variables of the infant.

    >>> InfantOutputs._fields[0]
    'readability'
    """

    readability: float = _output("1", 0, 1, "how readable the infant's signals are")
    receptor_availability: float = _output(
        "1", 0, 2.001, "expression x sensitisation x receptors left"
    )
    oxytocin_signal: float = _output("1", 0, 2.001, "oxytocin signal that mechanisms hear")
    saliva_oxytocin: float = _output("pg/mL", 0, 1e7, "oxytocin that a saliva sample contains")


class CaregiverEdges(NamedTuple):
    """One value per edge that ends in a caregiver, grouped by what receives it.

    The same shape carries the multipliers, the signals sent, those received, and the usual
    signals.

    >>> CaregiverEdges._fields[0]
    'caregiver_oxytocin'
    """

    # minutes
    caregiver_oxytocin: m.caregiver_oxytocin.Edges
    caregiver_receptors: m.receptors.Edges
    serotonin: m.reward.SerotoninEdges
    reward: m.reward.Edges
    recent_reward: m.reward.RecentRewardEdges
    adaptation_level: m.reward.AdaptationEdges
    affect: m.affect.Edges
    # weeks
    mind_mindedness: m.mentalising.Edges
    sensitivity: m.mentalising.SensitivityEdges
    mood: m.mood.Edges
    depression: m.depression.Edges
    engagement: m.engagement.Edges
    affection: m.engagement.AffectionEdges
    caregiver_arousal: m.stress.ArousalEdges
    caregiver_cortisol: m.stress.CortisolEdges
    synchrony: m.synchrony.Edges
    bond: m.bond.BondEdges
    confidence: m.bond.ConfidenceEdges


class InfantEdges(NamedTuple):
    """One value per edge that ends in the infant, grouped by what receives it.

    >>> "infant_methylation" in InfantEdges._fields
    True
    """

    # minutes, but for methylation
    infant_oxytocin: m.infant_oxytocin.Edges
    infant_receptors: m.receptors.Edges
    infant_methylation: m.methylation.Edges
    infant_arousal: m.infant_stress.InfantArousalEdges
    infant_cortisol: m.infant_stress.InfantCortisolEdges
    infant_affect: m.infant_affect.Edges
    readability: m.infant_affect.ReadabilityEdges
    # months
    attachment_security: m.development.SecurityEdges
    exploration: m.development.ExplorationEdges
    irritability: m.development.IrritabilityEdges
    attunement: m.infant_stress.AttunementEdges


class CaregiverParameters(NamedTuple):
    """The parameters of one caregiver, by mechanism, and the multipliers of the edges that end in
    the caregiver.

    >>> CaregiverParameters._fields[-1]
    'edges'
    """

    # in the order of the mechanisms' files; the multipliers of edges come last
    nasal_spray: m.nasal_spray.Parameters
    oxytocin: m.caregiver_oxytocin.Parameters
    receptors: m.receptors.Parameters
    reward: m.reward.Parameters
    affect: m.affect.Parameters
    mentalising: m.mentalising.Parameters
    mood: m.mood.Parameters
    depression: m.depression.Parameters
    engagement: m.engagement.Parameters
    stress: m.stress.Parameters
    synchrony: m.synchrony.Parameters
    bond: m.bond.Parameters
    edges: CaregiverEdges


class InfantParameters(NamedTuple):
    """The parameters of the infant, by mechanism, and the multipliers of the edges that end in the
    infant.

    >>> "methylation" in InfantParameters._fields
    True
    """

    oxytocin: m.infant_oxytocin.Parameters
    receptors: m.receptors.Parameters
    methylation: m.methylation.Parameters
    stress: m.infant_stress.Parameters
    affect: m.infant_affect.Parameters
    development: m.development.Parameters
    edges: InfantEdges


class State(NamedTuple):
    """The state of a family: its caregivers, in order, and the infant.

    >>> State._fields
    ('caregivers', 'infant')
    """

    caregivers: tuple[CaregiverState, ...]
    infant: InfantState


class Inputs(NamedTuple):
    """What reaches a family at one moment; ``rhythm`` is the cosine of the daily rhythm of
    cortisol.

    >>> Inputs._fields
    ('caregivers', 'infant', 'rhythm')
    """

    caregivers: tuple[CaregiverInputs, ...]
    infant: InfantInputs
    rhythm: float


class Parameters(NamedTuple):
    """The parameters of a family.

    >>> from oxysim.families import Dyad
    >>> Dyad().resolved().infant.methylation.set_point
    0.5
    """

    caregivers: tuple[CaregiverParameters, ...]
    infant: InfantParameters


class ContactSlopes(NamedTuple):
    """How a member's usual signals go with the routine's contact.

    ``edges``, a ``CaregiverEdges`` or ``InfantEdges``, has the slope of every signal along routine
    contact over the usual day, in the signal's unit; code for whole edges takes None in place of
    their groups. ``usual_contact`` is the mean of routine contact on that day.

    >>> from oxysim.model.registry import neutral
    >>> neutral(("mother",)).infant_slopes.edges.infant_affect.warmth
    0.0
    """

    edges: Any
    usual_contact: float


class Usual(NamedTuple):
    """The usual value of every signal: daily means in the reference dyad of each role, at the
    infant's age, and how the signals go with contact within that day.

    >>> from oxysim.model.registry import neutral
    >>> neutral(("mother",)).caregivers[0].depression.bond
    1.0
    """

    caregivers: tuple[CaregiverEdges, ...]
    infant: InfantEdges
    caregiver_slopes: tuple[ContactSlopes, ...]
    infant_slopes: ContactSlopes
