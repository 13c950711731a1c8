"""A family: any number of caregivers and one infant.

The same caregiver equations serve mothers, fathers and others (M14). Caregivers meet in the infant:
their touch, warmth, voice and care add up, their mentalising and sensitivity average (whatever each
one's share of the contact: a limit of this form). A dyad is a family of one caregiver, who is with
the infant all day; a father who is away in working hours belongs into a family, on
``Routine.household(("mother", "father"))``.

These functions are followed once with symbols and then run as generated code
(``oxysim.simulation.equations``): a breakpoint here stops while the code is made, not while it
runs. To step through the equations with numbers, use
:func:`oxysim.simulation.plain_rates.plain_rates` (docs/compiled_engine.md).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from oxysim.model import dyad, infant_signals, signals
from oxysim.model.signals import FromCaregiver, FromInfant, Moment
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
from oxysim.model.transmission import expected_signals, routine_contact, transmit


class Exchange(NamedTuple):
    """Everything algebraic in a family at one moment: what is sent and received on every edge.

    ``sent`` and ``received`` hold one table a caregiver, in the family's order; ``routine_contact``
    the routine's contact of each of them, and last of the infant.

    >>> Exchange._fields[:2]
    ('routine_contact', 'infant')
    """

    routine_contact: tuple[float, ...]
    infant: FromInfant
    moments: tuple[Moment, ...]
    sent: tuple[CaregiverEdges, ...]
    received: tuple[CaregiverEdges, ...]
    infant_sent: InfantEdges
    infant_received: InfantEdges


def care_of_all(care: list[FromCaregiver]) -> FromCaregiver:
    """All caregivers' care as the infant receives it: contact adds up, mentalising and sensitivity
    average.

    >>> one = FromCaregiver(touch=1, warmth=1, voice=1, mind_talk=1, care=1, mentalising=2,
    ...                     sensitivity=5, skin=0, synchrony=0, cortisol=0)
    >>> both = care_of_all([one, one])
    >>> both.touch, both.sensitivity
    (2, 5.0)
    """
    # The sum starts at the first value: adding to a plain 0 would be one more operation to trace.
    total = FromCaregiver(*[sum(values[1:], values[0]) for values in zip(*care, strict=True)])
    return total._replace(
        mentalising=total.mentalising / len(care), sensitivity=total.sensitivity / len(care)
    )


def routine_contacts(inputs: Inputs, parameters: Parameters) -> tuple[float, ...]:
    """The routine's contact of each caregiver, and last of the infant, who has that of all
    caregivers.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import resting_inputs
    >>> routine_contacts(resting_inputs(), Dyad().resolved())
    (0.0, 0.0)
    """
    members = zip(inputs.caregivers, parameters.caregivers, strict=True)
    contacts = [routine_contact(u, p) for u, p in members]
    # The sum starts at the first value, as in `care_of_all`.
    return (*contacts, sum(contacts[1:], contacts[0]))


def expected_of_members(
    contacts: tuple[float, ...], parameters: Parameters, usual: Usual
) -> list[Any]:
    """The expected signals of every caregiver and of the infant, from the routine's contact of
    each.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> p = Dyad().resolved({"warmth -> infant_affect": 0.0})
    >>> _, infant = expected_of_members((0.3, 0.3), p, neutral(("mother",)))
    >>> infant.infant_affect.warmth, infant.readability  # its edges are whole
    (1.0, None)
    """
    members_parameters: tuple[Any, ...] = (*parameters.caregivers, parameters.infant)
    members = zip(
        members_parameters,
        (*usual.caregivers, usual.infant),
        (*usual.caregiver_slopes, usual.infant_slopes),
        contacts,
        strict=True,
    )
    return [
        expected_signals(p.edges, means, slopes.edges, contact - slopes.usual_contact)
        for p, means, slopes, contact in members
    ]


def exchange(state: State, inputs: Inputs, parameters: Parameters, usual: Usual) -> Exchange:
    """What every member sends and receives at one moment.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> exchange(state, quiet, p, usual).infant.distress
    0.3
    """
    contacts = routine_contacts(inputs, parameters)
    *expected, infant_expected = expected_of_members(contacts, parameters, usual)
    infant = infant_signals.infant_expression(
        state.infant, inputs.infant, parameters.infant, usual.infant, infant_expected
    )

    # each caregiver by itself, reacting to the infant
    moments, sent, received, care = [], [], [], []
    members = zip(
        state.caregivers,
        inputs.caregivers,
        parameters.caregivers,
        usual.caregivers,
        expected,
        strict=True,
    )
    for s, u, p, n, e in members:
        moment = signals.caregiver_moment(s, u, p, n, e)
        own_signals = signals.caregiver_signals(s, u, p, moment, infant, n)
        over_edges = transmit(p.edges, own_signals, e)
        moments.append(moment)
        sent.append(own_signals)
        received.append(over_edges)
        care.append(signals.caregiver_care(s, u, inputs.rhythm, p, moment, over_edges, n))

    # the infant, reacting to all of them
    infant_sent = infant_signals.infant_signals(
        state.infant, inputs.infant, parameters.infant, infant, care_of_all(care)
    )
    infant_received = transmit(parameters.infant.edges, infant_sent, infant_expected)
    return Exchange(
        contacts, infant, tuple(moments), tuple(sent), tuple(received), infant_sent, infant_received
    )


def derivatives(state: State, inputs: Inputs, parameters: Parameters, usual: Usual) -> State:
    """d(state)/dt per minute: the whole system.

    Every leaf may be a float, an array of any one shape (an ensemble is one call), a complex array
    (exact Jacobian by the complex step) or a symbol.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> change = derivatives(state, quiet, Dyad().resolved(), usual)
    >>> change.caregivers[0].nasal_depot  # nothing was sprayed
    0.0
    """
    signals_now = exchange(state, inputs, parameters, usual)
    members = zip(
        state.caregivers,
        inputs.caregivers,
        parameters.caregivers,
        signals_now.moments,
        signals_now.received,
        usual.caregivers,
        strict=True,
    )
    caregivers = tuple(
        dyad.caregiver_rates(s, u, inputs.rhythm, p, moment, received, n)
        for s, u, p, moment, received, n in members
    )
    infant = dyad.infant_rates(
        state.infant,
        inputs.infant,
        inputs.rhythm,
        parameters.infant,
        signals_now.infant_received,
        usual.infant,
    )
    return State(caregivers, infant)


def outputs(
    state: State, inputs: Inputs, parameters: Parameters, usual: Usual
) -> tuple[tuple[CaregiverOutputs, ...], InfantOutputs]:
    """The algebraic variables of every member at one moment.

    >>> from oxysim.families import Dyad
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs, starting_state
    >>> state, quiet, usual = starting_state(), resting_inputs(), neutral(("mother",))
    >>> p = Dyad().resolved()
    >>> caregivers, infant = outputs(state, quiet, p, usual)
    >>> round(caregivers[0].epds, 6)
    5.4
    """
    signals_now = exchange(state, inputs, parameters, usual)
    members = zip(
        state.caregivers,
        signals_now.moments,
        signals_now.received,
        usual.caregivers,
        parameters.caregivers,
        strict=True,
    )
    caregivers = tuple(
        dyad.caregiver_outputs(s, moment, received, n, p) for s, moment, received, n, p in members
    )
    return caregivers, dyad.infant_outputs(state.infant, signals_now.infant, parameters.infant)
