"""Local sensitivity: by how many per cent an outcome changes when an input
changes by one per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.numerics.differences import derivative_weights
from oxysim.loop.uncertainty.model_runs import OutcomeModel, Subject, outcome_model
from oxysim.loop.uncertainty.uncertain_inputs import Inputs, UncertainInput
from oxysim.sweeps.study import Study
from oxysim.texts import Described, listed
from oxysim.units import with_unit

# Points of the derivative beside the base, in steps: on both sides, or on the legal one.
CENTRAL = (-1.0, -0.5, 0.5, 1.0)
DOWNWARD, UPWARD = (-2.0, -1.5, -1.0, -0.5), (0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, eq=False)
class Elasticities(Described):
    """The local sensitivity of one outcome.

    Attributes
    ----------
    outcome, unit : in words; the unit is empty for a function's. base : its value at the base.
    table : one row an input, the one with the longest swing first: ``input``, ``status``, ``value``
        at the base, ``slope`` (outcome per unit of the input), ``elasticity`` (slope x value /
        outcome; NaN where the value or the outcome is 0, as none exists there), ``error`` (how far
        a coarser stencil's elasticity is from it), the range's ends ``low`` and ``high``, and the
        outcome there while all else is at the base, ``at_low`` and ``at_high``.

    >>> found = elasticities(lambda x: x[0] ** 3, {"a": (1.0, 3.0)})
    >>> found.base, found.table["slope"].round(6).tolist()
    (8.0, [12.0])
    """

    outcome: str
    unit: str
    base: float
    table: pd.DataFrame

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        rows = [f"{row.input} {row.elasticity:.3g}" for row in self.table.itertuples()]
        value = with_unit(f"{self.base:.6g}", self.unit)
        return "Elasticities", [
            ("outcome", self.outcome),
            ("at the base", value),
            ("by input", listed(rows)),
        ]


def elasticities(
    subject: Subject,
    inputs: Inputs,
    outcome: Any = None,
    *,
    at: Mapping[str, float] | None = None,
    step: float = 0.02,
    **running: Any,
) -> Elasticities:
    """The derivative of an outcome with respect to each input, and the outcome at both ends of each
    input's range.

    Derivatives are those of the parabola of fourth degree through five points (Fornberg 1988),
    which lie on both sides of the base, or on one where the other is not legal.

    Parameters
    ----------
    subject : a :class:`~oxysim.Study` without a design; or a function of an array of shape (k, n)
        that returns n numbers.
    inputs : see :func:`~oxysim.loop.uncertainty.uncertain_inputs.uncertain_inputs`.
    outcome : of a study, as a text ("caregiver.epds: final"); may be left out where it keeps one
        only.
    at : input -> value at the base. Default the dyad's own parameters and whole edges; for a
        function the median of what is possible.
    step : largest relative step (of the range's width where the value is 0).
    running : keywords for ``sweep``: store, workers and so on. All runs are one batch of 6 k + 1.

    Raises
    ------
    InputError : a run that failed, with its inputs; a base that is not known or not legal; an
        illegal step.

    >>> found = elasticities(lambda x: x[0] ** 2 * x[1], {"a": (1.0, 3.0), "b": (1.0, 3.0)})
    >>> found.table.set_index("input")["elasticity"].round(6).to_dict()
    {'a': 2.0, 'b': 1.0}
    """
    if not 0 < checks.number(step, "step") < 0.5:
        raise InputError(f"step: expected a relative step above 0 and below 0.5; found {step!r}")
    model = outcome_model(subject, inputs, outcome, running)
    what_at = "a mapping of inputs to their values at the base"
    base_values = {} if at is None else checks.instance(at, "at", Mapping, what_at)
    base = _bases(model, dict(base_values))
    stencils = [
        _stencil(source, float(value), step)
        for source, value in zip(model.inputs, base, strict=True)
    ]

    # one batch: the base, and of each input the stencil and both ends of its range
    points = [base]
    for k, (source, stencil) in enumerate(zip(model.inputs, stencils, strict=True)):
        beside = base[k] + np.array(stencil.offsets) * stencil.step
        for value in (*beside, *source.at([0.0, 1.0])):
            moved = base.copy()
            moved[k] = value
            points.append(moved)
    at_base, *at_points = model.at(np.array(points).T)
    outcomes = np.reshape(at_points, (len(model.inputs), -1))

    # the input that moves the outcome most over its range comes first
    table = pd.DataFrame(
        [
            _row(source, stencil, float(at_base), own_outcomes)
            for source, stencil, own_outcomes in zip(model.inputs, stencils, outcomes, strict=True)
        ]
    )
    swing = (table["at_high"] - table["at_low"]).abs()
    ordered = table.iloc[np.argsort(-swing.to_numpy(), kind="stable")].reset_index(drop=True)
    return Elasticities(model.label, model.unit, float(at_base), ordered)


@dataclass(frozen=True)
class Stencil:
    """The points of one input whose outcomes give the derivative at the base.

    Attributes
    ----------
    base : the input's value there. step : between points, in the input's unit.
    offsets : of the four points beside the base, in steps, rising.

    >>> Stencil(2.0, 0.04, CENTRAL).offsets
    (-1.0, -0.5, 0.5, 1.0)
    """

    base: float
    step: float
    offsets: tuple[float, ...]


def _row(
    source: UncertainInput, stencil: Stencil, at_base: float, outcomes: FloatArray
) -> dict[str, Any]:
    """One input's line, from the outcomes at its stencil and at both ends of its range, (6,)."""
    low, high = source.at([0.0, 1.0]).tolist()
    first, last = stencil.offsets[0], stencil.offsets[-1]
    # all five points, and a parabola through three of them that says how far to believe the five
    fine = derivative_weights((0.0, *stencil.offsets)) @ [at_base, *outcomes[:4]]
    rough = derivative_weights((0.0, first, last)) @ [at_base, outcomes[0], outcomes[3]]
    slope, rough_slope = fine / stencil.step, rough / stencil.step

    scale = stencil.base / at_base if at_base and stencil.base else np.nan
    return {
        "input": source.name,
        "status": source.status,
        "value": stencil.base,
        "slope": float(slope),
        "elasticity": float(slope * scale),
        "error": float(abs(slope - rough_slope) * abs(scale)),
        "low": low,
        "high": high,
        "at_low": float(outcomes[4]),
        "at_high": float(outcomes[5]),
    }


def _stencil(source: UncertainInput, base: float, relative_step: float) -> Stencil:
    """Points on both sides of the base, or on one where the other is not legal."""
    low, high = source.legal
    if not low <= base <= high:
        raise InputError(
            f"input {source.name!r}: the base {base:g} is not legal; expected [{low:g}, {high:g}]"
        )
    step = abs(base) * relative_step or (source.span.high - source.span.low) * relative_step
    for offsets in (CENTRAL, DOWNWARD, UPWARD):
        if low <= base + offsets[0] * step and base + offsets[-1] * step <= high:
            return Stencil(base, step, offsets)
    raise InputError(
        f"input {source.name!r}: no step of {step:g} fits into [{low:g}, {high:g}]; give a smaller"
        " step="
    )


def _bases(asked: OutcomeModel, at: dict[str, float]) -> FloatArray:
    base = []
    for source in asked.inputs:
        value = at.pop(source.name) if source.name in at else _base(asked.subject, source)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | np.number)
            or not np.isfinite(value)
        ):
            raise InputError(
                f"at, {source.name!r}: expected a finite number in the unit of its range; found"
                f" {value!r}"
            )
        base.append(float(value))
    # each known name was taken out: what is left is none of the inputs
    if at:
        raise InputError(
            f"at: {sorted(at)[0]!r} is none of the inputs, which are {', '.join(asked.names)}"
        )
    return np.array(base)


def _base(subject: Any, source: UncertainInput) -> float:
    if not isinstance(subject, Study):
        return float(source.at(0.5))
    # an edge is whole in the dyad as it is
    if "->" in source.name:
        return 1.0
    if source.legal == (-np.inf, np.inf) and source.status == "given":
        raise InputError(
            f"input {source.name!r}: its value at the base is not known;"
            f" give at={{{source.name!r}: ...}}"
        )
    # one base for all dyads of a study
    values = np.unique(subject.who.take(np.arange(len(subject.who))).value(source.name))
    if len(values) > 1:
        raise InputError(
            f"input {source.name!r}: the study's dyads differ in it; give one dyad, or a base,"
            f" at={{{source.name!r}: ...}}"
        )
    return float(values[0])
