"""The recorder of arithmetic: rearranged, it computes the same with less to do at each step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.simulation.equations.trace import (
    PARAMETER,
    PIECE,
    STATE,
    Symbol,
    Tape,
    derivative,
    needed,
)

LEVELS = (PARAMETER, PARAMETER, PIECE, PIECE, STATE, STATE, STATE)
Formula = Callable[[list[Any]], Any]


def leaves() -> st.SearchStrategy[Formula]:
    """A quantity of some level, or a whole number."""
    quantities = st.integers(0, len(LEVELS) - 1).map(lambda place: lambda at: at[place])
    numbers = st.integers(-3, 3).map(lambda number: lambda at: float(number))
    return st.one_of(quantities, numbers)


def joined(parts: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    """A sum, a difference, a product of two formulas, or a quotient whose divisor is not 0."""

    def join(operator: str, a: Formula, b: Formula) -> Formula:
        operations: dict[str, Callable[[Any, Any], Any]] = {
            "+": lambda x, y: x + y,
            "-": lambda x, y: x - y,
            "*": lambda x, y: x * y,
            "/": lambda x, y: x / (y * y + 1.0),
        }
        return lambda at: operations[operator](a(at), b(at))

    return st.builds(join, st.sampled_from("+-*/"), parts, parts)


FORMULAS = st.recursive(leaves(), joined, max_leaves=12)
VALUES = st.lists(
    st.integers(-5, 5).map(Fraction), min_size=len(LEVELS), max_size=len(LEVELS)
)  # fmt: skip


def computed(root: Any, leaf_values: dict[int, Fraction]) -> Fraction:
    """What a symbol stands for, in exact fractions."""
    if not isinstance(root, Symbol):
        return Fraction(root)
    if root.number in leaf_values:
        return leaf_values[root.number]
    operator, *operands = root.recipe
    a, b = (computed(operand, leaf_values) for operand in operands)
    return {"+": a + b, "-": a - b, "*": a * b}[operator] if operator != "/" else a / b


def traced(formula: Formula, values: list[Fraction], *, rearranged: bool) -> list[Fraction]:
    """A formula and its slope along the last quantity, computed from a tape."""
    tape = Tape(rearranged=rearranged)
    symbols = [tape.leaf(level) for level in LEVELS]
    root = formula(symbols)
    known = {symbol.number: value for symbol, value in zip(symbols, values, strict=True)}
    return [computed(part, known) for part in (root, derivative(root, symbols[-1]))]


def moving(root: Any) -> list[str]:
    """The operations of a formula that are done at each step."""
    numbers = needed([root])
    steps = [s for s in root.tape.order if s.number in numbers and s.level == STATE]
    return sorted(s.recipe[0] for s in steps if s.recipe[0] != "leaf")


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(FORMULAS, VALUES)
def test_a_rearranged_formula_and_its_slope_are_the_written_ones(
    formula: Formula, values: list[Fraction]
) -> None:
    written = traced(formula, values, rearranged=False)
    # all but the reciprocals of plain numbers, which the tape takes as doubles, is exact
    assert traced(formula, values, rearranged=True) == pytest.approx(written, rel=1e-9, abs=1e-9)


def test_what_is_known_beforehand_of_deviations_is_added_up_once() -> None:
    tape = Tape()
    x, y, z = (tape.leaf(STATE) for _ in range(3))
    p, q, u, w, h = (tape.leaf(PARAMETER) for _ in range(5))
    deviations = p * (x - u) + q * (y - w) - (z - u)
    # two products, two sums of what moves, one of all that is known
    assert moving(deviations) == ["*", "*", "+", "+", "-"]
    assert moving(q * (p * x)) == ["*"]
    assert moving(-1.0 * (x - y)) == ["-"]
    assert moving(x / h) == ["*"]
    assert moving(x / (h + x)) == ["+", "/"]


def test_a_tape_that_is_not_rearranged_keeps_the_order_of_the_formula() -> None:
    tape = Tape(rearranged=False)
    x, p, u = tape.leaf(STATE), tape.leaf(PARAMETER), tape.leaf(PARAMETER)
    assert moving(p * (x - u)) == ["*", "-"]
    assert moving(x / p) == ["/"]
