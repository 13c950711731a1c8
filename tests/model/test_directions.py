"""Which way every edge acts, and on what: each is raised alone above its usual, and everything that
the family does at that moment is compared.

The expected signs are those of the edge's source, written here once more; an edge that moved
anything else, or nothing, would fail as much as one of the wrong sign.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from oxysim.families import Dyad
from oxysim.model import dyad, registry
from oxysim.model.household import exchange
from oxysim.model.mechanisms import engagement, infant_affect, mentalising, receptors
from oxysim.model.structure import CaregiverEdges, InfantEdges, Inputs, State, Usual
from oxysim.simulation.reference_signals import usual_signals

RELEASE = {"plasma_oxytocin": +1, "central_oxytocin": +1}
DIRECTIONS: dict[str, dict[str, int]] = {
    # oxytocin: what releases it does so into blood and brain alike (M2)
    "suckling -> caregiver_oxytocin": RELEASE,
    "skin_contact -> caregiver_oxytocin": RELEASE,
    "touch -> caregiver_oxytocin": RELEASE,
    "play -> caregiver_oxytocin": RELEASE,
    "gaze -> caregiver_oxytocin": RELEASE,
    "talk -> caregiver_oxytocin": RELEASE,
    "mind_mindedness -> caregiver_oxytocin": RELEASE,
    "partner -> caregiver_oxytocin": RELEASE,
    "stressor -> caregiver_oxytocin": RELEASE,
    "plasma_oxytocin -> caregiver_oxytocin": {"central_oxytocin": +1},
    "central_oxytocin -> caregiver_oxytocin": {"central_oxytocin": +1},
    "methylation -> caregiver_receptors": {"expression": -1},
    "agonist -> caregiver_receptors": {"receptor_sensitisation": -1},
    # reward and what a person is used to (M6), affect (M7)
    "accumbens_oxytocin -> serotonin": {"serotonin": +1},
    "serotonin -> reward": {"reward": +1},
    "accumbens_oxytocin -> reward": {"reward": +1},
    "infant_affect -> reward": {"reward": +1},
    "reward -> recent_reward": {"recent_reward": +1},
    "offered_contact -> adaptation_level": {"adaptation_level": +1},
    "caregiver_oxytocin -> affect": {"affect": +1},
    "reward -> affect": {"affect": +1},
    "depression -> affect": {"affect": -1},
    "infant_affect -> affect": {"affect": +1},
    # mind-mindedness and sensitivity (M8)
    "depression -> mind_mindedness": {"mentalising": -1},
    "readability -> mind_mindedness": {"mentalising": +1},
    "infant_oxytocin -> mind_mindedness": {"mentalising": +1},
    "mind_mindedness -> sensitivity": {"sensitivity": +1},
    "depression -> sensitivity": {"sensitivity": -1},
    "affect -> sensitivity": {},  # a halo of affect is none by default
    # mood (M20) and depression (M9): the loop's links
    "reward -> mood": {"mood": +1},
    "infant_distress -> mood": {"mood": -1},
    "reward -> depression": {"depression": -1},
    "bond -> depression": {"depression": -1},
    "confidence -> depression": {"depression": -1},
    "mood -> depression": {"depression": -1},
    "serotonin -> depression": {"depression": -1},
    "caregiver_arousal -> depression": {"depression": +1},
    "depression -> depression": {"depression": +1},
    # how much contact happens and how tender it is (M10)
    "depression -> engagement": {"engagement": -1},
    "reward -> engagement": {"engagement": +1},
    "bond -> engagement": {"engagement": +1},
    "confidence -> engagement": {"engagement": +1},
    "caregiver_oxytocin -> affection": {"affection": +1},
    # stress of the caregiver (M11), where oxytocin lies above its usual and something stresses
    "infant_distress -> caregiver_arousal": {"arousal": +1},
    "caregiver_oxytocin -> caregiver_arousal": {"arousal": -1},
    "synchrony -> caregiver_arousal": {"arousal": -1},
    "arousal -> caregiver_cortisol": {"cortisol": +1},
    # synchrony (M13), bond and confidence (M18)
    "affect -> synchrony": {"synchrony": +1},
    "infant_affect -> synchrony": {"synchrony": +1},
    "readability -> synchrony": {"synchrony": +1},
    "mind_mindedness -> synchrony": {"synchrony": +1},
    "reward -> bond": {"bond": +1},
    "depression -> bond": {"bond": -1},
    "synchrony -> confidence": {"confidence": +1},
    "depression -> confidence": {"confidence": -1},
    # the infant: oxytocin (M3), receptors (M4), methylation (M5)
    "touch -> infant_oxytocin": RELEASE,
    "feeding -> infant_oxytocin": RELEASE,
    "warmth -> infant_oxytocin": RELEASE,
    "voice -> infant_oxytocin": RELEASE,
    "mind_mindedness -> infant_oxytocin": RELEASE,
    "methylation -> infant_receptors": {"expression": -1},
    "agonist -> infant_receptors": {"receptor_sensitisation": -1},
    "care -> infant_methylation": {"methylation": -1},
    # its stress (M11): an infant in step is heightened by its oxytocin where a caregiver is
    # buffered; its cortisol follows a caregiver's as far as it is attuned
    "contact -> infant_arousal": {"arousal": -1},
    "infant_oxytocin -> infant_arousal": {"arousal": -1},
    "synchrony -> infant_arousal": {"arousal": +1},
    "arousal -> infant_cortisol": {"cortisol": +1},
    "caregiver_cortisol -> infant_cortisol": {"cortisol": +1},
    "skin_contact -> attunement": {"attunement": +1},
    # its affect and how readable it is (M19)
    "infant_oxytocin -> infant_affect": {"affect": +1},
    "warmth -> infant_affect": {"affect": +1},
    "infant_arousal -> infant_affect": {"affect": -1},
    "infant_affect -> readability": {"readability": +1},
    "infant_arousal -> readability": {"readability": -1},
    # what accumulates (M12)
    "mind_mindedness -> attachment_security": {"attachment_security": +1},
    "sensitivity -> attachment_security": {"attachment_security": +1},
    "attachment_security -> exploration": {"exploration": +1},
    "infant_arousal -> exploration": {"exploration": -1},
    "infant_methylation -> irritability": {"irritability": +1},
}
# What sets the sign or the size of another edge's effect says nothing at that edge's usual.
ABOVE_USUAL = {
    "caregiver_oxytocin -> caregiver_arousal": 0.1,
    "infant_oxytocin -> infant_arousal": 0.1,
}
RAISED = 0.01
P = Dyad().resolved()
USUAL: Usual = usual_signals(("mother",), 1)


def _moment() -> tuple[State, Inputs]:
    """Together, something stresses both, and contact is an exchange; the infant is more aroused
    than that will leave it, so that being soothed calms."""
    state, inputs = registry.starting_state(), registry.resting_inputs()
    (caregiver,), infant = inputs.caregivers, inputs.infant
    playing = caregiver._replace(affectionate_touch=0.4, talk=0.4, gaze=0.4, stressor=0.5)
    infant_now = state.infant._replace(attunement=0.5, arousal=0.9)
    return (
        state._replace(infant=infant_now),
        Inputs((playing,), infant._replace(crying=0.3), rhythm=0.2),
    )


def _does(member: str, received: Mapping[str, float]) -> dict[str, float]:
    """Every rate, and what is algebraic, of one member that receives so much over its edges."""
    (state, inputs), p = _moment(), P
    if member == "infant":
        over, usual = registry.fill_edges(InfantEdges, received), USUAL.infant
        rates = dyad.infant_rates(state.infant, inputs.infant, inputs.rhythm, p.infant, over, usual)
        return rates._asdict() | {
            "expression": receptors.expression(
                over.infant_receptors, usual.infant_receptors, p.infant.receptors
            ),
            "readability": infant_affect.readability(
                over.readability, usual.readability, p.infant.affect
            ),
        }

    over, usual, own = registry.fill_edges(CaregiverEdges, received), USUAL.caregivers[0], p[0][0]
    rates = dyad.caregiver_rates(
        state.caregivers[0], inputs.caregivers[0], inputs.rhythm, own,
        exchange(state, inputs, p, USUAL).moments[0], over, usual,
    )  # fmt: skip
    return rates._asdict() | {
        "expression": receptors.expression(
            over.caregiver_receptors, usual.caregiver_receptors, own.receptors
        ),
        "engagement": engagement.engagement(over.engagement, usual.engagement, own.engagement),
        "affection": engagement.affection(over.affection, usual.affection, own.engagement),
        "sensitivity": mentalising.sensitivity(
            over.sensitivity, usual.sensitivity, own.mentalising
        ),
    }


def test_every_edge_has_its_direction_here() -> None:
    assert set(DIRECTIONS) == set(registry.edges())


@pytest.mark.parametrize("edge", DIRECTIONS)
def test_an_edge_moves_what_it_is_said_to_and_nothing_else(edge: str) -> None:
    member = registry.edges()[edge].member
    usual = registry.by_edge_name(USUAL.infant if member == "infant" else USUAL.caregivers[0])
    received = {name: usual[name] + ABOVE_USUAL.get(name, 0.0) for name in usual}
    before, after = (
        _does(member, received | {edge: received[edge] + more}) for more in (0.0, RAISED)
    )
    moved = {
        name: (1 if after[name] > before[name] else -1)
        for name in before
        if after[name] != before[name]
    }
    assert moved == DIRECTIONS[edge]
