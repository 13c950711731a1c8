"""What the infant transmits to its caregivers and to itself at one moment.

What it expresses (``infant_expression``), then the signal of every edge that ends in the infant
(``infant_signals``), grouped by the mechanism that receives it.
"""

from __future__ import annotations

from oxysim.model.inputs import InfantInputs
from oxysim.model.mechanisms import (
    development,
    infant_affect,
    infant_oxytocin,
    infant_stress,
    methylation,
    receptors,
)
from oxysim.model.signals import FromCaregiver, FromInfant
from oxysim.model.structure import InfantEdges, InfantParameters, InfantState
from oxysim.model.transmission import transmit


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
        infant_arousal=infant_stress.InfantArousalEdges(
            contact=infant_stress.contact_signal(care.touch, care.warmth, care.voice, p.stress),
            infant_oxytocin=infant.oxytocin,
            synchrony=care.synchrony,
        ),
        infant_cortisol=infant_stress.InfantCortisolEdges(
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
        attunement=infant_stress.AttunementEdges(skin_contact=care.skin),
    )


def _infant_receptor_signals(s: InfantState, p: InfantParameters) -> receptors.Edges:
    agonist = receptors.agonist_signal(s.central_oxytocin, p.receptors)
    return receptors.Edges(methylation=s.methylation, agonist=agonist)


def _readability_signals(s: InfantState) -> infant_affect.ReadabilityEdges:
    return infant_affect.ReadabilityEdges(infant_affect=s.affect, infant_arousal=s.arousal)
