"""The generated straight-line code says what the equations say."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from oxysim.families import Dyad, Family, edge_multipliers
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS
from oxysim.model.registry import dyadic_edges, edges
from oxysim.simulation.equations.python_code import generated_code, leaves
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, inputs_of, jacobian
from oxysim.simulation.reference_signals import usual_signals

RHYTHM = 0.3
EVERY_EDGE = {
    name: place.row.limit * (0.1 + 0.01 * i) for i, (name, place) in enumerate(edges().items())
}


def levels(who: Family) -> dict[str, list[float]]:
    """Some level above rest on every channel."""
    caregiver = [
        row.rest * 0.9 + 0.05 * (1 + i % 7) for i, row in enumerate(CAREGIVER_CHANNELS.values())
    ]
    infant = [row.rest * 0.9 + 0.05 * (1 + i % 5) for i, row in enumerate(INFANT_CHANNELS.values())]
    return {**{name: caregiver for name in who.caregivers}, "infant": infant}


@pytest.mark.parametrize(
    ("who", "multipliers"),
    [
        (Dyad(), {}),
        (Dyad("father"), edge_multipliers(("reward -> depression",), None)),
        (Family(("mother", "father")), edge_multipliers(dyadic_edges(), None)),
        (Family(("mother", "other")), edge_multipliers((), EVERY_EDGE)),
    ],
    ids=["dyad", "one edge cut", "family, dyadic edges cut", "every edge scaled"],
)
def test_same_rates_as_the_equations(who: Family, multipliers: dict[str, Any]) -> None:
    system = System(who.caregivers, who.resolved(multipliers))
    usual = usual_signals(who.role_of, 1)
    rng = np.random.default_rng(1)
    y = np.clip(
        resting_start(who)[:, 0] * rng.uniform(0.6, 1.4, len(resting_start(who))), 0.01, None
    )
    read = np.array(system.rates(y.tolist(), inputs_of(levels(who), who.caregivers, RHYTHM), usual))
    generated = np.array(system.rates_under(levels(who), usual)(y.tolist(), RHYTHM))
    np.testing.assert_allclose(generated, read, rtol=1e-12, atol=1e-14)


def test_arrays_and_floats_agree() -> None:
    gains = np.linspace(0.5, 2.0, 5)
    stack = Dyad(parameters={"caregiver.depression.loop_gain": gains})
    usual = usual_signals(("mother",), 1)
    y = resting_start(stack) * 1.1
    together = np.array(
        System(("mother",), stack.resolved()).rates_under(levels(stack), usual)(y, RHYTHM)
    )
    for i in range(5):
        alone = System(("mother",), stack.resolved(index=i)).rates_under(levels(stack), usual)(
            y[:, i].tolist(), RHYTHM
        )
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-12, atol=1e-14)


def test_exact_jacobian_against_central_differences() -> None:
    who = Dyad()
    rates = System(who.caregivers, who.resolved()).rates_under(
        levels(who), usual_signals(("mother",), 1)
    )
    y = resting_start(who)[:, 0] * 1.05 + 0.01
    exact = jacobian(rates, y, RHYTHM)
    step = 1e-6 * np.maximum(np.abs(y), 1e-2)
    numeric = np.array(
        [
            (
                np.array(rates((y + h * e).tolist(), RHYTHM))
                - np.array(rates((y - h * e).tolist(), RHYTHM))
            )
            / (2 * h)
            for h, e in zip(step, np.eye(len(y)), strict=True)
        ]
    ).T
    np.testing.assert_allclose(exact, numeric, rtol=1e-4, atol=1e-6)


def test_what_does_not_depend_on_the_state_is_done_beforehand() -> None:
    """In ``rates`` every operation has an operand that moves with the state or the time of day."""
    lines = generated_code(Dyad().resolved()).source.partition("def rates")[2].splitlines()[2:-1]
    moving = set(re.findall(r"v\d+", lines[0])) | set(re.findall(r"v\d+", lines[1]))
    for line in lines[2:]:
        if " = " in line:
            name, _, expression = line.partition(" = ")
            assert moving & set(re.findall(r"v\d+", expression)), line
            moving.add(name.strip())
    assert len(moving) > len(resting_start(Dyad()))


def test_whole_edges_have_no_leaves() -> None:
    assert leaves(Dyad().resolved().caregivers[0].edges) == []
