"""The generated straight-line code says what the equations say."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from oxysim.families import Dyad, Family, edge_multipliers
from oxysim.model import household
from oxysim.model.clock import clock_input
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS
from oxysim.model.registry import dyadic_edges, edges
from oxysim.simulation.equations.python_code import generated_code, leaves
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, inputs_of, jacobian, unflatten
from oxysim.simulation.reference_signals import usual_signals

TIME = 300.0  # minutes since midnight
EVERY_EDGE = {
    name: edge.row.limit * (0.1 + 0.01 * i) for i, (name, edge) in enumerate(edges().items())
}


def levels(family: Family) -> dict[str, list[float]]:
    """Some level above rest on every channel."""
    caregiver = [
        row.rest * 0.9 + 0.05 * (1 + i % 7) for i, row in enumerate(CAREGIVER_CHANNELS.values())
    ]
    infant = [row.rest * 0.9 + 0.05 * (1 + i % 5) for i, row in enumerate(INFANT_CHANNELS.values())]
    return {**{name: caregiver for name in family.caregivers}, "infant": infant}


@pytest.mark.parametrize(
    ("family", "multipliers"),
    [
        (Dyad(), {}),
        (Dyad("father"), edge_multipliers(("reward -> depression",), None)),
        (Family(("mother", "father")), edge_multipliers(dyadic_edges(), None)),
        (Family(("mother", "other")), edge_multipliers((), EVERY_EDGE)),
    ],
    ids=["dyad", "one edge cut", "family, dyadic edges cut", "every edge scaled"],
)
def test_same_rates_as_the_equations(family: Family, multipliers: dict[str, Any]) -> None:
    system = System(family.caregivers, family.resolved(multipliers))
    usual = usual_signals(family.role_of, 1)
    rng = np.random.default_rng(1)
    y = np.clip(
        resting_start(family)[:, 0] * rng.uniform(0.6, 1.4, len(resting_start(family))), 0.01, None
    )
    inputs = inputs_of(levels(family), family.caregivers, clock_input(TIME))
    read = np.array(system.rates(y.tolist(), inputs, usual))
    generated = np.array(system.rates_under(levels(family), usual)(y.tolist(), TIME))
    np.testing.assert_allclose(generated, read, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("n_times", [None, 3], ids=["one moment", "several moments"])
@pytest.mark.parametrize(
    "family",
    [Dyad(), Family(("mother", "father"), parameters={"mother.depression.loop_gain": [0.5, 2.0]})],
    ids=["dyad", "two families"],
)
def test_outputs_are_those_of_the_equations_to_the_last_bit(
    family: Family, n_times: int | None
) -> None:
    index = 0 if len(family) == 1 else None
    system = System(family.caregivers, family.resolved(edge_multipliers((), EVERY_EDGE), index))
    usual = usual_signals(family.role_of, 2)
    y = resting_start(family) * np.random.default_rng(2).uniform(
        0.6, 1.4, resting_start(family).shape
    )
    if n_times is not None:  # states, times, dyads
        y = np.stack([y * factor for factor in np.linspace(0.9, 1.1, n_times)], axis=1)

    inputs = inputs_of(levels(family), family.caregivers, clock_input(TIME))
    state = unflatten(y, len(family.caregivers))
    caregivers, infant = household.outputs(state, inputs, system.parameters, usual)
    members = zip(family.members, (*caregivers, infant), strict=True)
    plain = {f"{name}.{k}": v for name, member in members for k, v in member._asdict().items()}

    generated = system.algebraic(y, levels(family), usual)
    assert list(generated) == list(plain)
    for name, value in plain.items():
        np.testing.assert_array_equal(generated[name], value, err_msg=name)


def test_arrays_and_floats_agree() -> None:
    gains = np.linspace(0.5, 2.0, 5)
    stack = Dyad(parameters={"caregiver.depression.loop_gain": gains})
    usual = usual_signals(("mother",), 1)
    y = resting_start(stack) * 1.1
    together = np.array(
        System(("mother",), stack.resolved()).rates_under(levels(stack), usual)(y, TIME)
    )
    for i in range(5):
        alone = System(("mother",), stack.resolved(index=i)).rates_under(levels(stack), usual)(
            y[:, i].tolist(), TIME
        )
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-12, atol=1e-14)


def test_exact_jacobian_against_central_differences() -> None:
    dyad = Dyad()
    rates = System(dyad.caregivers, dyad.resolved()).rates_under(
        levels(dyad), usual_signals(("mother",), 1)
    )
    y = resting_start(dyad)[:, 0] * 1.05 + 0.01
    exact = jacobian(rates, y, TIME)
    step = 1e-6 * np.maximum(np.abs(y), 1e-2)
    numeric = np.array(
        [
            (
                np.array(rates((y + h * e).tolist(), TIME))
                - np.array(rates((y - h * e).tolist(), TIME))
            )
            / (2 * h)
            for h, e in zip(step, np.eye(len(y)), strict=True)
        ]
    ).T
    np.testing.assert_allclose(exact, numeric, rtol=1e-4, atol=1e-6)


def test_what_does_not_depend_on_the_state_is_done_beforehand() -> None:
    """In ``rates`` every operation has an operand that moves with the state or the time of day."""
    source = generated_code(Dyad().resolved()).source
    rates = source.partition("def rates")[2].partition("def outputs")[0]
    lines = rates.splitlines()[2:-1]
    moving = set(re.findall(r"v\d+", lines[0])) | set(re.findall(r"v\d+", lines[1]))
    for line in lines[2:]:
        if " = " in line:
            name, _, expression = line.partition(" = ")
            assert moving & set(re.findall(r"v\d+", expression)), line
            moving.add(name.strip())
    assert len(moving) > len(resting_start(Dyad()))


def test_whole_edges_have_no_leaves() -> None:
    assert leaves(Dyad().resolved().caregivers[0].edges) == []
