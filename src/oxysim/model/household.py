"""A family: any number of caregivers and one infant.

The same caregiver equations serve mothers, fathers and others (M14). Caregivers meet in the infant:
their touch, warmth, voice and care add up, their mentalising and sensitivity average (whatever each
one's share of the contact: a limit of this form). A dyad is a family of one caregiver, who is with
the infant all day; a father who is away in working hours belongs into a family, on
``Routine.household(("mother", "father"))``.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model import dyad
from oxysim.model.dyad import FromCaregiver, FromInfant, Moment
from oxysim.model.structure import (
    CaregiverEdges,
    CaregiverOutputs,
    InfantEdges,
    InfantOutputs,
    Inputs,
    Parameters,
    State,
    Usual,
)


class Exchange(NamedTuple):
    """Everything algebraic in a family at one moment: what is said and heard on every edge."""

    infant: FromInfant
    moments: tuple[Moment, ...]
    said: tuple[CaregiverEdges, ...]
    heard: tuple[CaregiverEdges, ...]
    infant_said: InfantEdges
    infant_heard: InfantEdges


def together(care: list[FromCaregiver]) -> FromCaregiver:
    """All caregivers' care as the infant receives it: contact adds up, mentalising and sensitivity
    average.
    """
    total = FromCaregiver(*[sum(values[1:], values[0]) for values in zip(*care, strict=True)])
    return total._replace(
        mentalising=total.mentalising / len(care), sensitivity=total.sensitivity / len(care)
    )


def exchange(state: State, inputs: Inputs, parameters: Parameters, usual: Usual) -> Exchange:
    """What everybody says and hears at one moment."""
    infant = dyad.infant_says(state.infant, inputs.infant, parameters.infant, usual.infant)
    moments, said, heard, care = [], [], [], []
    for s, u, p, r in zip(
        state.caregivers, inputs.caregivers, parameters.caregivers, usual.caregivers, strict=True
    ):
        now = dyad.caregiver_moment(s, u, p, r)
        signals = dyad.caregiver_signals(s, u, p, now, infant)
        hears = dyad.hear(p.edges, signals, r)
        moments.append(now)
        said.append(signals)
        heard.append(hears)
        care.append(dyad.caregiver_says(s, now, hears, r, p))
    infant_said = dyad.infant_signals(
        state.infant, inputs.infant, parameters.infant, infant, together(care)
    )
    infant_heard = dyad.hear(parameters.infant.edges, infant_said, usual.infant)
    return Exchange(infant, tuple(moments), tuple(said), tuple(heard), infant_said, infant_heard)


def derivatives(state: State, inputs: Inputs, parameters: Parameters, usual: Usual) -> State:
    """d(state)/dt per minute: the whole system.

    Every leaf may be a float, an array of any one shape (an ensemble is one call), a complex array
    (exact Jacobian by the complex step) or a symbol.
    """
    now = exchange(state, inputs, parameters, usual)
    caregivers = tuple(
        dyad.caregiver_rates(s, u, inputs.rhythm, p, moment, heard, r)
        for s, u, p, moment, heard, r in zip(
            state.caregivers,
            inputs.caregivers,
            parameters.caregivers,
            now.moments,
            now.heard,
            usual.caregivers,
            strict=True,
        )  # fmt: skip
    )
    infant = dyad.infant_rates(
        state.infant,
        inputs.infant,
        inputs.rhythm,
        parameters.infant,
        now.infant_heard,
        usual.infant,
    )
    return State(caregivers, infant)


def outputs(
    state: State, inputs: Inputs, parameters: Parameters, usual: Usual
) -> tuple[tuple[CaregiverOutputs, ...], InfantOutputs]:
    """The algebraic variables of every member at one moment."""
    now = exchange(state, inputs, parameters, usual)
    caregivers = tuple(
        dyad.caregiver_outputs(s, moment, heard, r, p)
        for s, moment, heard, r, p in zip(
            state.caregivers,
            now.moments,
            now.heard,
            usual.caregivers,
            parameters.caregivers,
            strict=True,
        )
    )
    return caregivers, dyad.infant_outputs(state.infant, now.infant, parameters.infant)
