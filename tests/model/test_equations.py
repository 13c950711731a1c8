"""The equations as a solver sees them against the model written a second time from its docstrings.

What reads the docstrings is ``written_again``: plain floats, no mechanism imported. Parameters are
drawn over their plausible ranges, edges between cut and their limit, states, inputs and usual
signals anywhere that is legal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, get_type_hints

import numpy as np
import pytest

from oxysim.model import registry
from oxysim.model.inputs import CaregiverInputs, InfantInputs, channels_of
from oxysim.model.mechanisms import cortisol
from oxysim.model.rows import rows
from oxysim.model.structure import (
    CaregiverEdges,
    CaregiverParameters,
    CaregiverState,
    ContactSlopes,
    InfantEdges,
    InfantParameters,
    Parameters,
    Usual,
)
from oxysim.simulation.equations.system import System, inputs_of
from oxysim.simulation.reference_signals import usual_signals
from tests.support.written_again import (
    Member,
    affection,
    caregiver_rates,
    caregiver_signal,
    contact,
    engagement,
    infant_now,
    infant_rates,
    logistic,
    logit,
    receptors,
    sensitivity,
)

POINTS = 50
TOLERANCE = 1e-8  # relative: two ways of writing one formula differ in the last digits only
NO_PART_OF_A_RATE = {
    # where a dyad starts
    ("caregiver", "depression", "V_0"),
    ("caregiver", "oxytocin", "B_0"),
    ("caregiver", "reward", "H_0"),  # 1 by definition: what is divided by the usual day
    ("infant", "receptors", "M"),  # an adult's methylation; the infant's is a state
}
HIGHEST = 3.0  # of a state or an input that has no upper limit near its typical size

TABLES = {
    "caregiver": (CaregiverParameters, CaregiverEdges, CaregiverInputs),
    "infant": (InfantParameters, InfantEdges, InfantInputs),
}


class Case(NamedTuple):
    """One random family, as the library takes it and as the rewritten model does."""

    system: System
    state: list[float]
    levels: Mapping[str, tuple[float, ...]]
    usual: Usual
    clock: float
    members: tuple[Member, ...]  # the caregivers, then the infant


def caregiver_readings(caregiver: Member) -> dict[str, float]:
    """What a result shows of a caregiver beside the states: M1, M4, M8, M10, M11, M20."""
    s, stress, mind = (
        caregiver.states,
        caregiver.parameters["stress"],
        caregiver.parameters["mentalising"],
    )
    nose, engaged = caregiver.parameters["nasal_spray"], engagement(caregiver)
    signal = caregiver_signal(caregiver)
    availability, _ = receptors(caregiver, "caregiver", caregiver.parameters["receptors"]["M"])
    dripped = nose["d_F"] * s["nasal_residue_fast"] + nose["d_W"] * s["nasal_residue_slow"]
    a = s["arousal"]
    return {
        "engagement": engaged,
        "affection": engaged * affection(caregiver, signal),
        "interaction": contact(caregiver, engaged)["interaction"],
        "receptor_availability": availability,
        "oxytocin_signal": signal,
        "saliva_oxytocin": nose["s"] * s["plasma_oxytocin"] + dripped,
        "warmth": 1 + (5 - 1) * s["affect"],  # 0 to 1 on a scale of 1 to 5
        "sensitivity": sensitivity(caregiver),
        "appropriate_comments": logistic(logit(mind["p_a"]) + s["mentalising"]),
        "nonattuned_comments": logistic(logit(mind["p_n"]) - mind["η"] * s["mentalising"]),
        "epds": 30 * logistic(logit(s["depression"] / 30) - s["mood"]),
        "heart_rate": stress["H_0"] + stress["H_1"] * a,
        "state_anxiety": stress["Z_0"] + stress["Z_1"] * a,
        "fear": 10 * stress["κ_f"] * a / (1 + stress["κ_f"] * a),
        "systolic_pressure": stress["Q_0"] + stress["Q_1"] * a,
    }


def infant_readings(infant: Member) -> dict[str, float]:
    """What a result shows of the infant beside the states: M3, M4, M19."""
    moment = infant_now(infant)
    return {
        "readability": moment.readability,
        "receptor_availability": moment.availability,
        "oxytocin_signal": moment.signal,
        "saliva_oxytocin": infant.parameters["oxytocin"]["s"] * infant.states["plasma_oxytocin"],
    }


def _parameters(kind: str, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """group -> symbol -> a value over the plausible range, in internal units."""
    groups = get_type_hints(TABLES[kind][0])
    values = {}
    for group in groups:
        if group != "edges":
            table = rows(groups[group]).values()
            values[group] = {
                row.symbol: rng.uniform(row.low, row.high) * row.factor for row in table
            }
            assert len(values[group]) == len(table)  # a symbol means one thing in its mechanism
    return values


def _states(kind: str, rng: np.random.Generator) -> dict[str, float]:
    """Inside the legal range, at most a few times the typical size from its lower end."""
    values = {}
    for name, row in registry.states(kind).items():
        low, high = max(row.low, -HIGHEST * row.scale), min(row.high, HIGHEST * row.scale)
        values[name] = low + (high - low) * rng.uniform(0.03, 0.97)
    return values


def _member(kind: str, rng: np.random.Generator) -> Member:
    places = {name: entry for name, entry in registry.edges().items() if entry.member == kind}
    channels = channels_of(kind).items()
    stored = usual_signals(("mother",), 2)
    typical = registry.by_edge_name(stored.infant if kind == "infant" else stored.caregivers[0])
    return Member(
        states=_states(kind, rng),
        inputs={
            name: rng.uniform(max(row.low, -HIGHEST), min(row.high, HIGHEST))
            for name, row in channels
        },
        parameters=_parameters(kind, rng),
        edges={name: rng.uniform(0, entry.row.limit) for name, entry in places.items()},
        usual={
            name: typical[name] * rng.uniform(0.5, 1.5) + rng.uniform(0.01, 0.1) for name in places
        },
        # of either sign, so that expected signals lie on both sides of the usual ones
        slopes={name: typical[name] * rng.uniform(-1, 1) for name in places},
        usual_contact=rng.uniform(0.05, 0.3),
    )


def _table(member: Member, kind: str) -> Any:
    """The member's parameters and edge multipliers as the library takes them."""
    table, edges, _ = TABLES[kind]
    groups = get_type_hints(table)
    tables = [groups[name](*values.values()) for name, values in member.parameters.items()]
    return table(*tables, registry.fill_edges(edges, member.edges))


def _slopes(member: Member, edges: Any) -> ContactSlopes:
    return ContactSlopes(registry.fill_edges(edges, member.slopes), member.usual_contact)


def _case(seed: int, caregivers: tuple[str, ...]) -> Case:
    rng = np.random.default_rng(seed)
    caregivers_values = tuple(_member("caregiver", rng) for _ in caregivers)
    infant = replace(_member("infant", rng), caregivers=caregivers_values)
    parameters = Parameters(
        tuple(_table(m, "caregiver") for m in caregivers_values), _table(infant, "infant")
    )
    signals = Usual(
        tuple(registry.fill_edges(CaregiverEdges, m.usual) for m in caregivers_values),
        registry.fill_edges(InfantEdges, infant.usual),
        tuple(_slopes(m, CaregiverEdges) for m in caregivers_values),
        _slopes(infant, InfantEdges),
    )
    members = (*caregivers_values, infant)
    levels = {
        n: tuple(m.inputs.values()) for n, m in zip((*caregivers, "infant"), members, strict=True)
    }
    state = [value for m in members for value in m.states.values()]
    return Case(
        System(caregivers, parameters), state, levels, signals, rng.uniform(0, 1440), members
    )


def _cases() -> Iterator[Case]:
    for seed in range(POINTS):
        yield _case(seed, ("mother",) if seed % 2 else ("mother", "father"))


def _written_again(case: Case) -> dict[str, float]:
    *caregivers, infant = case.members
    rates = {}
    for name, member in zip(case.system.caregivers, caregivers, strict=True):
        rates |= {f"{name}.{k}": v for k, v in caregiver_rates(member, infant, case.clock).items()}
    return rates | {
        f"infant.{k}": v for k, v in infant_rates(infant, caregivers, case.clock).items()
    }


def _names(case: Case) -> list[str]:
    members = zip(case.system.members, case.members, strict=True)
    return [f"{name}.{state}" for name, m in members for state in m.states]


def _require_alike(computed: Mapping[str, float], expected: Mapping[str, float]) -> None:
    assert set(computed) == set(expected)
    for name, value in expected.items():
        assert math.isclose(computed[name], value, rel_tol=TOLERANCE), (
            f"{name}: {computed[name]!r}, rewritten {value!r}"
        )


def test_the_rates_are_those_of_the_docstrings() -> None:
    for case in _cases():
        inputs = inputs_of(case.levels, case.system.caregivers, cortisol.daily_rhythm(case.clock))
        rates = case.system.rates(case.state, inputs, case.usual)
        _require_alike(dict(zip(_names(case), rates, strict=True)), _written_again(case))


def test_the_straight_line_code_is_that_of_the_docstrings_too() -> None:
    # the code is generated for each family; what it holds does not depend on the numbers
    for seed in (100, 101):
        case = _case(seed, ("mother", "father"))
        code = case.system.rates_under(case.levels, case.usual)
        rates = code(case.state, case.clock)
        _require_alike(
            {n: float(r) for n, r in zip(_names(case), rates, strict=True)}, _written_again(case)
        )


def test_what_a_result_shows_beside_the_states_is_that_of_the_docstrings() -> None:
    for case in _cases():
        *caregivers, infant = case.members
        expected = {f"infant.{k}": v for k, v in infant_readings(infant).items()}
        for name, member in zip(case.system.caregivers, caregivers, strict=True):
            expected |= {f"{name}.{k}": v for k, v in caregiver_readings(member).items()}
        algebraic = case.system.algebraic(np.array(case.state), case.levels, case.usual)
        _require_alike({name: float(value) for name, value in algebraic.items()}, expected)


@pytest.mark.parametrize("kind", ["caregiver", "infant"])
def test_every_parameter_edge_and_input_of_the_rewritten_model_is_used(kind: str) -> None:
    """A point that no number of the drawn ones could move would test nothing."""
    case = _case(7, ("mother",))
    number = 0 if kind == "caregiver" else 1

    def everything(member: Member) -> list[float]:
        members = (member, case.members[1]) if kind == "caregiver" else (case.members[0], member)
        readings = [*caregiver_readings(members[0]).values(), *infant_readings(members[1]).values()]
        return [*_written_again(case._replace(members=members)).values(), *readings]

    member = case.members[number]
    before = everything(member)
    numbers = [
        (table, name) for table in ("edges", "inputs", "slopes") for name in getattr(member, table)
    ]
    for table, name in numbers:
        changed = {**getattr(member, table), name: getattr(member, table)[name] + 0.01}
        assert everything(_with(member, table, changed)) != before, f"{table}: {name}"
    for group, values in member.parameters.items():
        for symbol, value in values.items():
            if (kind, group, symbol) in NO_PART_OF_A_RATE:
                continue
            changed_group = {**member.parameters, group: {**values, symbol: value * 1.01 + 1e-6}}
            assert everything(_with(member, "parameters", changed_group)) != before, (
                f"{group}: {symbol}"
            )


def _with(member: Member, table: str, value: Any) -> Member:
    return replace(member, **{table: value})


def test_the_states_of_a_case_are_those_of_the_model() -> None:
    assert tuple(_case(0, ("mother",)).members[0].states) == CaregiverState._fields
