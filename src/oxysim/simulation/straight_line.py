"""The equations as straight-line code: the same source, followed once with symbols instead of numbers.

``family.derivatives`` is written to be read. Following it once with a recorder in place of every number yields the
list of its arithmetic operations, without the calls and tuples around them. Each operation is sorted by what it
depends on: parameters alone (done once for a stack of dyads), inputs and usual signals (once for a piece of constant
input), or the state (at every evaluation). The code so generated works on floats, arrays and complex arrays alike.
There is no second copy of an equation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

from oxysim import family, layout
from oxysim.channels import CaregiverInputs, InfantInputs
from oxysim.layout import CaregiverState, InfantState, Inputs, Parameters, State, Usual
from oxysim.mechanisms.shapes import exp, log

PARAMETER, PIECE, STATE = 0, 1, 2  # what an operation depends on at most
Values = Sequence[Any]


class _Tape:
    """The operations met so far; an operation met again is the same one."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], _Symbol] = {}
        self.order: list[_Symbol] = []

    def leaf(self, level: int) -> _Symbol:
        return self._new(("leaf", len(self.order)), level)

    def operation(self, operator: str, *operands: Any) -> _Symbol:
        key = (operator, *[o.number if isinstance(o, _Symbol) else ("constant", o) for o in operands])
        if key not in self.known:
            level = max(o.level if isinstance(o, _Symbol) else PARAMETER for o in operands)
            self.known[key] = self._new((operator, *operands), level)
        return self.known[key]

    def _new(self, recipe: tuple[Any, ...], level: int) -> _Symbol:
        symbol = _Symbol(self, len(self.order), recipe, level)
        self.order.append(symbol)
        return symbol


class _Symbol:
    """Stands for a number while the equations are followed."""

    def __init__(self, tape: _Tape, number: int, recipe: tuple[Any, ...], level: int) -> None:
        self.tape, self.number, self.recipe, self.level = tape, number, recipe, level

    def __add__(self, other: Any) -> _Symbol:
        return self.tape.operation("+", self, other)

    def __radd__(self, other: Any) -> _Symbol:
        return self.tape.operation("+", other, self)

    def __sub__(self, other: Any) -> _Symbol:
        return self.tape.operation("-", self, other)

    def __rsub__(self, other: Any) -> _Symbol:
        return self.tape.operation("-", other, self)

    def __mul__(self, other: Any) -> _Symbol:
        return self.tape.operation("*", self, other)

    def __rmul__(self, other: Any) -> _Symbol:
        return self.tape.operation("*", other, self)

    def __neg__(self) -> _Symbol:
        return self.tape.operation("*", -1.0, self)

    def __truediv__(self, other: Any) -> _Symbol:
        below = other.level if isinstance(other, _Symbol) else PARAMETER
        if self.level > below:  # a division that can be done beforehand becomes a product
            return self * self.tape.operation("/", 1.0, other)
        return self.tape.operation("/", self, other)

    def __rtruediv__(self, other: Any) -> _Symbol:
        return self.tape.operation("/", other, self)

    def exp(self) -> _Symbol:
        """e**self; NumPy calls it for ``np.exp(symbol)``."""
        return self.tape.operation("exp", self)

    def log(self) -> _Symbol:
        """ln(self)."""
        return self.tape.operation("log", self)


@dataclass(frozen=True, eq=False)
class StraightLine:
    """The three generated functions, and their source.

    ``prepare(parameters)`` and ``settle(prepared, inputs, usual)`` take flat lists of values in the order of
    :func:`leaves` and return what the next needs; ``rates(settled, y, rhythm)`` returns the rate of change of every
    state, in the order of ``y``.
    """

    prepare: Callable[[Values], Values]
    settle: Callable[[Values, Values], Values]
    rates: Callable[[Values, Any, Any], list[Any]]
    source: str


class _Traced(NamedTuple):
    tape: _Tape
    parameters: list[_Symbol]
    piece: list[_Symbol]
    state: list[_Symbol]
    rhythm: _Symbol
    rates: list[Any]


def leaves(table: Any) -> list[Any]:
    """The values of nested named tuples in their order; None (a group of whole edges) has none."""
    if table is None:
        return []
    if isinstance(table, tuple):
        return [value for part in table for value in leaves(part)]
    return [table]


def piece_leaves(inputs: Inputs, usual: Usual) -> list[Any]:
    """The values that are constant over a piece, in the order that ``settle`` takes them."""
    return [*leaves(inputs.caregivers), *leaves(inputs.infant), *leaves(usual)]


def straight_line(parameters: Parameters) -> StraightLine:
    """The generated code for families like this one: so many caregivers, these groups of edges whole."""
    members: tuple[Any, ...] = (*parameters.caregivers, parameters.infant)
    whole = tuple(tuple(group is None for group in member.edges) for member in members)
    return _generated(len(parameters.caregivers), whole)


@functools.cache
def _generated(n_caregivers: int, whole: tuple[tuple[bool, ...], ...]) -> StraightLine:
    traced = _follow(n_caregivers, whole)
    source = _source(traced)
    space: dict[str, Any] = {"exp": exp, "log": log}
    exec(compile(source, "<equations of oxysim as straight-line code>", "exec"), space)
    return StraightLine(space["prepare"], space["settle"], space["rates"], source)


def _follow(n_caregivers: int, whole: tuple[tuple[bool, ...], ...]) -> _Traced:
    """Follow the equations with symbols."""
    tape = _Tape()

    def filled(kind: Any, level: int, absent: tuple[bool, ...] = ()) -> Any:
        hints = get_type_hints(kind)
        parts = []
        for number, (name, hint) in enumerate(hints.items()):
            if name == "edges":
                parts.append(filled(hint, level, whole_of.pop(0)))
            elif absent and absent[number]:
                parts.append(None)
            else:
                parts.append(filled(hint, level) if hasattr(hint, "_fields") else tape.leaf(level))
        return kind(*parts)

    whole_of = list(whole)
    caregivers = range(n_caregivers)
    parameters = Parameters(
        tuple(filled(layout.CaregiverParameters, PARAMETER) for _ in caregivers),
        filled(layout.InfantParameters, PARAMETER),
    )
    rhythm: Any = tape.leaf(STATE)
    inputs = Inputs(tuple(filled(CaregiverInputs, PIECE) for _ in caregivers), filled(InfantInputs, PIECE), rhythm)
    usual = Usual(tuple(filled(layout.CaregiverEdges, PIECE) for _ in caregivers), filled(layout.InfantEdges, PIECE))
    state = State(tuple(filled(CaregiverState, STATE) for _ in caregivers), filled(InfantState, STATE))
    rates = leaves(family.derivatives(state, inputs, parameters, usual))
    return _Traced(tape, leaves(parameters), piece_leaves(inputs, usual), leaves(state), rhythm, rates)


def _source(traced: _Traced) -> str:
    """Three functions of plain arithmetic, each operation in the earliest function that can do it."""
    needed = _needed(traced)
    lines: dict[int, list[str]] = {PARAMETER: [], PIECE: [], STATE: []}
    for symbol in traced.tape.order:
        if symbol.number in needed and symbol.recipe[0] != "leaf":
            lines[symbol.level].append(f"    v{symbol.number} = {_expression(symbol)}")
    handed = {level: _handed_on(traced, needed, level) for level in (PARAMETER, PIECE)}
    text = ["def prepare(parameters):", f"    {_names(traced.parameters)} = parameters", *lines[PARAMETER],
            f"    return ({_names(handed[PARAMETER])})", ""]  # fmt: skip
    text += ["def settle(prepared, piece):", f"    ({_names(handed[PARAMETER])}) = prepared",
             f"    {_names(traced.piece)} = piece", *lines[PIECE], f"    return ({_names(handed[PIECE])})",
             ""]  # fmt: skip
    text += ["def rates(settled, y, rhythm):", f"    ({_names(handed[PIECE])}) = settled",
    f"    {_names(traced.state)} = y",
             f"    v{traced.rhythm.number} = rhythm", *lines[STATE],
             f"    return [{', '.join(_operand(r) for r in traced.rates)}]", ""]  # fmt: skip
    return "\n".join(text)


def _needed(traced: _Traced) -> set[int]:
    """The numbers of the operations on which some rate depends."""
    needed: set[int] = set()
    todo = [r for r in traced.rates if isinstance(r, _Symbol)]
    while todo:
        symbol = todo.pop()
        if symbol.number not in needed:
            needed.add(symbol.number)
            todo += [o for o in symbol.recipe[1:] if isinstance(o, _Symbol)]
    return needed


def _handed_on(traced: _Traced, needed: set[int], level: int) -> list[_Symbol]:
    """What is known after `level` and used later, in order."""
    used = {
        o.number for s in traced.tape.order if s.number in needed and s.level > level
        for o in s.recipe[1:] if isinstance(o, _Symbol) and o.level <= level
    }  # fmt: skip
    return [s for s in traced.tape.order if s.number in used]


def _expression(symbol: _Symbol) -> str:
    operator, *operands = symbol.recipe
    texts = [_operand(o) for o in operands]
    return f"{operator}({texts[0]})" if operator in ("exp", "log") else f" {operator} ".join(texts)


def _operand(value: Any) -> str:
    return f"v{value.number}" if isinstance(value, _Symbol) else repr(float(value))


def _names(symbols: Sequence[_Symbol]) -> str:
    return "".join(f"v{s.number}, " for s in symbols).strip()
