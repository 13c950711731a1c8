"""A slow state is its row: what it says, what is refused, and who may know more than it says."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oxysim
from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad
from oxysim.measures.cut_offs import EPDS_HIGHEST, EPDS_POSSIBLE, EPDS_PROBABLE
from oxysim.model import registry, slow_states
from oxysim.model.mechanisms import bond, depression
from oxysim.model.rows import StateRow, state
from oxysim.units import DAY, WEEK

PACKAGE = Path(oxysim.__file__).parent
OWN = Dyad().resolved().caregivers[0]


def test_rows_say_time_constants_and_half_lives() -> None:
    def constant(name: str) -> float:
        return float(slow_states.time_constant(slow_states.slow_row(f"mother.{name}"), OWN))

    assert constant("depression") == 21 * DAY
    assert constant("bond") == 5 * WEEK
    # what is known halves in six months: τ = t½ / ln 2
    assert constant("coaching_skill") == pytest.approx(6 * 365.25 / 12 * DAY / np.log(2))


def test_no_state_answers_for_another() -> None:
    with pytest.raises(UnknownNameError, match="slow state 'mother.sleep_debt'"):
        slow_states.slow_row("mother.sleep_debt")
    with pytest.raises(InputError, match="a slow state, whose row names its time constant"):
        slow_states.time_constant(registry.states("caregiver")["reward"], OWN)


def test_what_fades_is_less_after_its_time_constant() -> None:
    row = slow_states.slow_row("mother.vulnerability")
    time = slow_states.time_constant(row, OWN)
    at_birth, later = (slow_states.set_point(row, OWN, age) for age in (0.0, time))
    assert at_birth == OWN.depression.vulnerability_at_birth
    assert later == pytest.approx(at_birth / np.e)


def test_a_fraction_is_a_share_of_the_ceiling() -> None:
    infant = Dyad(parameters={"infant.methylation.set_point": 0.4}).resolved().infant
    row = slow_states.slow_row("infant.methylation")
    assert slow_states.set_point(row, infant, 0.0) == pytest.approx(40)


def test_starts_of_rows_are_the_set_points_of_the_defaults() -> None:
    members = {"caregiver": OWN, "infant": Dyad().resolved().infant}
    for kind, parameters in members.items():
        for name, row in slow_states.slow_rows(kind).items():
            if not row.fades:
                expected = slow_states.set_point(row, parameters, 0.0)
                assert row.start == pytest.approx(expected), name


SLOW: dict[str, Any] = {
    "set_point": "bond.usual_bond",
    "time_constant": "bond.bond_time",
    "worse": -1,
}


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"set_point": "bond.usual_bond", "time_constant": "bond.bond_time"},
        {"set_point": "bond.usual_bond", "worse": 1},
        {**SLOW, "taught_by": "coaching"},
        {**SLOW, "half_life": "bond.bond_time"},
        {**SLOW, "worse": 2},
        {**SLOW, "ceiling": 0.5},
        {**SLOW, "typical_change": 0.0},
    ],
)
def test_a_slow_row_without_what_brings_it_to_rest_is_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="state row 'a toy': expected of a slow state set_point="):
        state("1", 0.5, 0.1, 1, 0.5, "slow", "a toy", **columns)


@pytest.mark.parametrize(
    ("column", "wrong", "error"),
    [
        ("set_point", "bond.usual_bund", "caregiver.bond.usual_bond"),
        ("time_constant", "bound.bond_time", "caregiver.bond.bond_time"),
        ("taught_by", "couching", "coaching"),
    ],
)
def test_a_row_that_names_what_is_not_there_is_refused_with_the_nearest(
    column: str, wrong: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row: StateRow = bond.BOND._replace(**{"name": "bond", column: wrong})
    monkeypatch.setattr(registry, "states", lambda kind: {"bond": row})
    with pytest.raises(UnknownNameError, match=error):
        slow_states.slow_rows.__wrapped__("caregiver")


def test_the_cut_offs_stand_beside_the_scale_of_the_state() -> None:
    assert (EPDS_POSSIBLE, EPDS_PROBABLE) == (10, 13)
    assert EPDS_HIGHEST == depression.DEPRESSION.ceiling == 30


# --------------------------------------------------------------------------------------
# who may know more than the rows say
MACHINERY = ("simulation", "loop", "cohorts", "sweeps")
# Life events and moods act on depression and mood by definition (M16, M20): what they add, and
# where they have brought a newborn infant's mother, is the mechanisms' own.
KNOW_THE_MECHANISM = {"loop/resilience/pulses.py", "simulation/start/mood_at_birth.py"}


def _names_of_states(path: Path) -> list[str]:
    """Slow states that a module names as an attribute or at the end of a text."""
    names = {name for kind in registry.MEMBERS for name in slow_states.slow_rows(kind)}
    named = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(
            node.value, ast.Attribute | ast.Subscript
        ):
            named += [node.attr] if node.attr in names else []
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            end = node.value.rpartition(".")[2]
            named += [end] if node.value.startswith(".") and end in names else []
    return named


def test_no_machinery_names_a_slow_state() -> None:
    modules = [path for folder in MACHINERY for path in (PACKAGE / folder).rglob("*.py")]
    named = {
        str(path.relative_to(PACKAGE)): states
        for path in modules
        if (states := _names_of_states(path))
    }
    assert named.keys() == KNOW_THE_MECHANISM, named


def test_no_engine_imports_a_mechanism() -> None:
    importers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "model/" not in path.as_posix()
        and "oxysim.model.mechanisms" in path.read_text(encoding="utf-8").split(">>>")[0]
    }
    # the exponential and the logarithm of generated code, the scale of the EPDS, and the mood of a
    # newborn infant's mother, which stands on that scale's logits
    allowed = {
        "simulation/equations/python_code.py",
        "measures/cut_offs.py",
        "simulation/start/mood_at_birth.py",
    }
    assert importers <= allowed, importers


# Figures place boxes by such numbers; a survey's first guess is a start of a search.
TYPED_BY_CHANCE = ("plots/", "evidence/surveys/")


def test_no_number_of_a_row_is_typed_again() -> None:
    """Set point of mood, and the two cut-offs, stand once."""
    numbers = {depression.DEPRESSION.start, EPDS_PROBABLE}
    typed = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, float)
        and node.value in numbers
        and not path.relative_to(PACKAGE).as_posix().startswith(TYPED_BY_CHANCE)
    ]
    own = ("model/mechanisms/depression.py", "measures/cut_offs.py")
    assert not [place for place in typed if not place.startswith(own)], typed
