"""The equations as straight-line code: the same source, followed once with symbols instead of
numbers.

``household.derivatives`` and ``household.outputs`` are written to be read. Following them once with
a recorder in place of every number yields the list of their arithmetic operations, without the
calls and tuples around them. Each operation is sorted by what it depends on: parameters alone (done
once for a stack of dyads), inputs and usual signals (once for a piece of constant input), or the
state (at every evaluation). The code so generated works on floats, arrays and complex arrays alike.
There is no second copy of an equation.

Where it is valid: everywhere; its rates and outputs are those of the equations, from which it is
made anew for every shape of family. Rates may differ from them in the last bit, since what is
known beforehand leaves the inner loop; outputs do not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.model import household, structure
from oxysim.model.clock import clock_input
from oxysim.model.inputs import CaregiverInputs, InfantInputs
from oxysim.model.mechanisms.shapes import cos, exp, log
from oxysim.model.structure import (
    CaregiverState,
    ContactSlopes,
    InfantState,
    Inputs,
    Parameters,
    State,
    Usual,
)
from oxysim.simulation.equations.trace import (
    PARAMETER,
    PIECE,
    STATE,
    Symbol,
    Tape,
    handed_on,
    needed,
)

Values = Sequence[Any]


@dataclass(frozen=True, eq=False)
class GeneratedCode:
    """The four generated functions, and their source.

    ``parameter_terms(parameters)`` and ``piece_terms(prepared, piece)`` take flat lists of values
    in the order of :func:`leaves` and return what the next needs; ``rates(settled, y, time)``
    returns the rate of change of every state, in the order of ``y``. ``outputs(parameters, piece,
    y)`` returns every algebraic variable, the caregivers' first.

    >>> from oxysim.families import Family
    >>> code = generated_code(Family().resolved(index=0))
    >>> isinstance(code, GeneratedCode), code.source[:19]
    (True, 'def parameter_terms')
    """

    parameter_terms: Callable[[Values], Values]
    piece_terms: Callable[[Values, Values], Values]
    rates: Callable[[Values, Any, Any], list[Any]]
    outputs: Callable[[Values, Values, Any], list[Any]]
    source: str


class EquationsShape(NamedTuple):
    """What decides which operations there are: so many caregivers, and which groups of edges each
    member has whole.

    >>> EquationsShape(1, ((True,), (False,))).n_caregivers
    1
    """

    n_caregivers: int
    whole: tuple[tuple[bool, ...], ...]


class TracedEquations(NamedTuple):
    """The equations followed once: what goes in, the rates of the states, and the algebraic
    outputs.

    >>> TracedEquations._fields[-2:]
    ('rates', 'outputs')
    """

    tape: Tape
    parameters: list[Symbol]
    piece: list[Symbol]
    state: list[Symbol]
    time: Symbol
    rates: list[Any]
    outputs: list[Any]


def leaves(table: Any) -> list[Any]:
    """The values of nested named tuples in their order; None (a group of whole edges) has none.

    >>> leaves(((1.0, 2.0), None, (3.0,)))
    [1.0, 2.0, 3.0]
    """
    if table is None:
        return []
    if isinstance(table, tuple):
        return [value for branch in table for value in leaves(branch)]
    return [table]


def table_of_leaves(parameters: Parameters, n: int) -> FloatArray:
    """Every parameter of n dyads or columns in the order in which the equations take them, shape
    (n, n_parameters).

    >>> from oxysim.families import Family
    >>> who = Family().repeat(3)
    >>> table_of_leaves(who.resolved(), 3).shape[0]
    3
    """
    columns = [np.broadcast_to(value, (n,)) for value in leaves(parameters)]
    return np.stack(columns, axis=1).astype(float)


def piece_leaves(inputs: Inputs, usual: Usual, shape: EquationsShape) -> list[Any]:
    """What is constant over a piece, in the order in which ``piece_terms`` takes it.

    >>> from oxysim.families import Family
    >>> from oxysim.model.registry import neutral
    >>> from oxysim.model.registry import resting_inputs
    >>> usual, shape = neutral(("mother",)), equations_shape(Family().resolved(index=0))
    >>> inputs = leaves(resting_inputs())[:-1]  # the rhythm belongs to the time
    >>> len(piece_leaves(resting_inputs(), usual, shape)) == len(inputs) + len(
    ...     usual_leaves(usual, shape)
    ... )
    True
    """
    return [*leaves(inputs.caregivers), *leaves(inputs.infant), *usual_leaves(usual, shape)]


def usual_leaves(usual: Usual, shape: EquationsShape) -> list[Any]:
    """The usual signals, and of their slopes along contact those that equations of this shape
    take: none of a group of whole edges.

    >>> from oxysim.families import Family
    >>> from oxysim.model.registry import neutral
    >>> usual, who = neutral(("mother",)), Family()
    >>> whole = usual_leaves(usual, equations_shape(who.resolved(index=0)))
    >>> cut = {"care -> infant_methylation": 0.0}
    >>> len(usual_leaves(usual, equations_shape(who.resolved(cut, 0)))) - len(whole)
    1
    """
    *of_caregivers, of_infant = [
        _slopes_where_cut(slopes, whole)
        for slopes, whole in zip(
            (*usual.caregiver_slopes, usual.infant_slopes), shape.whole, strict=True
        )
    ]
    return leaves(usual._replace(caregiver_slopes=tuple(of_caregivers), infant_slopes=of_infant))


def _slopes_where_cut(slopes: ContactSlopes, whole: tuple[bool, ...]) -> ContactSlopes:
    """A member's slopes, with None in place of those of whole groups of edges."""
    groups = zip(slopes.edges, whole, strict=True)
    edges = type(slopes.edges)(*[None if is_whole else group for group, is_whole in groups])
    return slopes._replace(edges=edges)


def equations_shape(parameters: Parameters) -> EquationsShape:
    """The shape of a family's equations.

    >>> from oxysim.families import Family
    >>> equations_shape(Family().resolved(index=0)).n_caregivers
    1
    """
    members: tuple[Any, ...] = (*parameters.caregivers, parameters.infant)
    return EquationsShape(
        len(parameters.caregivers),
        tuple(tuple(group is None for group in m.edges) for m in members),
    )


def generated_code(parameters: Parameters) -> GeneratedCode:
    """The generated code for families of this shape.

    >>> from oxysim.families import Family
    >>> generated_code(Family().resolved(index=0)).source.splitlines()[0]
    'def parameter_terms(parameters):'
    """
    return _generated(equations_shape(parameters))


@functools.cache
def _generated(shape: EquationsShape) -> GeneratedCode:
    # `exp`, `log` and `cos` are those of the mechanisms, which take floats, arrays and complex
    # numbers.
    # The multiplier of an edge may be more than a number (an opened edge of the loop's gain): then
    # what it multiplies has to be the deviation itself.
    whole = all(all(groups) for groups in shape.whole)
    # Outputs are looked at a few times a piece, on whole arrays: they stay as written.
    source = _source(trace_equations(shape, rearranged=whole)) + _source_of_outputs(
        trace_equations(shape, rearranged=False)
    )
    space: dict[str, Any] = {"exp": exp, "log": log, "cos": cos}
    exec(compile(source, "<equations of oxysim as straight-line code>", "exec"), space)
    return GeneratedCode(
        space["parameter_terms"], space["piece_terms"], space["rates"], space["outputs"], source
    )


def trace_equations(shape: EquationsShape, *, rearranged: bool = True) -> TracedEquations:
    """Follow the equations with symbols; the clock is followed too, so that an engine hands over
    the time alone. `rearranged` is as of :class:`~oxysim.simulation.equations.trace.Tape`.

    >>> from oxysim.families import Family
    >>> traced = trace_equations(equations_shape(Family().resolved(index=0)))
    >>> len(traced.rates) == len(traced.state)
    True
    """
    tape = Tape(rearranged=rearranged)

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

    # Which groups of edges are whole is given member by member, and taken as members are made.
    whole_of = list(shape.whole)
    caregivers = range(shape.n_caregivers)
    parameters = Parameters(
        tuple(filled(structure.CaregiverParameters, PARAMETER) for _ in caregivers),
        filled(structure.InfantParameters, PARAMETER),
    )
    # Time moves at every evaluation, as the state does.
    time = tape.leaf(STATE)
    # Before the inputs are made: the order of operations is part of the model's digest.
    rhythm: Any = clock_input(time)
    inputs = Inputs(
        tuple(filled(CaregiverInputs, PIECE) for _ in caregivers),
        filled(InfantInputs, PIECE),
        rhythm,
    )
    kinds = [*[structure.CaregiverEdges for _ in caregivers], structure.InfantEdges]
    *usual_of_caregivers, usual_of_infant = [filled(kind, PIECE) for kind in kinds]
    # Slopes are taken of cut edges alone, as multipliers are.
    *slopes_of_caregivers, slopes_of_infant = [
        ContactSlopes._make((filled(kind, PIECE, whole), tape.leaf(PIECE)))
        for kind, whole in zip(kinds, shape.whole, strict=True)
    ]
    usual: Any = Usual(
        tuple(usual_of_caregivers), usual_of_infant, tuple(slopes_of_caregivers), slopes_of_infant
    )
    state = State(
        tuple(filled(CaregiverState, STATE) for _ in caregivers), filled(InfantState, STATE)
    )
    rates = leaves(household.derivatives(state, inputs, parameters, usual))
    outputs = leaves(household.outputs(state, inputs, parameters, usual))
    # The order of these leaves is the order in which engines hand their numbers over.
    into = (leaves(parameters), piece_leaves(inputs, usual, shape), leaves(state), time)
    return TracedEquations(tape, *into, rates, outputs)


def _source(traced: TracedEquations) -> str:
    """Three functions of plain arithmetic for the rates, each operation in the earliest that can do
    it.
    """
    steps = needed(traced.rates)
    lines: dict[int, list[str]] = {PARAMETER: [], PIECE: [], STATE: []}
    for symbol in traced.tape.order:
        if symbol.number in steps and symbol.recipe[0] != "leaf":
            lines[symbol.level].append(f"    v{symbol.number} = {_expression(symbol)}")
    handed = {level: handed_on(traced.tape, traced.rates, level) for level in (PARAMETER, PIECE)}
    text = [
        "def parameter_terms(parameters):",
        f"    {_names(traced.parameters)} = parameters",
        *lines[PARAMETER],
        f"    return ({_names(handed[PARAMETER])})",
        "",
    ]
    text += [
        "def piece_terms(prepared, piece):",
        f"    ({_names(handed[PARAMETER])}) = prepared",
        f"    {_names(traced.piece)} = piece",
        *lines[PIECE],
        f"    return ({_names(handed[PIECE])})",
        "",
    ]
    text += [
        "def rates(settled, y, time):",
        f"    ({_names(handed[PIECE])}) = settled",
        f"    {_names(traced.state)} = y",
        f"    v{traced.time.number} = time",
        *lines[STATE],
        f"    return [{', '.join(map(_operand, traced.rates))}]",
        "",
    ]
    return "\n".join(text)


def _source_of_outputs(traced: TracedEquations) -> str:
    """One function of plain arithmetic for the algebraic variables."""
    steps = needed(traced.outputs)
    lines = [
        f"    v{symbol.number} = {_expression(symbol)}"
        for symbol in traced.tape.order
        if symbol.number in steps and symbol.recipe[0] != "leaf"
    ]
    text = [
        "def outputs(parameters, piece, y):",
        f"    {_names(traced.parameters)} = parameters",
        f"    {_names(traced.piece)} = piece",
        f"    {_names(traced.state)} = y",
        *lines,
        f"    return [{', '.join(map(_operand, traced.outputs))}]",
        "",
    ]
    return "\n".join(text)


def _expression(symbol: Symbol) -> str:
    # Functions are written as calls, everything else between its operands.
    operator, *operands = symbol.recipe
    texts = [_operand(o) for o in operands]
    return (
        f"{operator}({texts[0]})"
        if operator in ("exp", "log", "cos")
        else f" {operator} ".join(texts)
    )


def _operand(value: Any) -> str:
    # repr of a float reads back as the same number, to the last bit.
    return f"v{value.number}" if isinstance(value, Symbol) else repr(float(value))


def _names(symbols: Sequence[Symbol]) -> str:
    return "".join(f"v{s.number}, " for s in symbols).strip()
