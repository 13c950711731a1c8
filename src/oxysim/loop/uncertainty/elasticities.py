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
    """
    if not 0 < checks.number(step, "step") < 0.5:
        raise InputError(f"step: expected a relative step above 0 and below 0.5; found {step!r}")
    asked = outcome_model(subject, inputs, outcome, running)
    base_values = (
        {}
        if at is None
        else checks.instance(at, "at", Mapping, "a mapping of inputs to their values at the base")
    )
    base = _bases(asked, dict(base_values))
    reaches = [abs(v) * step or (source.span.high - source.span.low) * step
               for v, source in zip(base, asked.inputs, strict=True)]  # fmt: skip
    stencils = [
        _stencil(source, v, h) for source, v, h in zip(asked.inputs, base, reaches, strict=True)
    ]
    points = [base]
    for k, (source, offsets, h) in enumerate(zip(asked.inputs, stencils, reaches, strict=True)):
        for value in (*(base[k] + np.array(offsets) * h), *source.at([0.0, 1.0])):
            points.append(base.copy())
            points[-1][k] = value
    outcomes_of_points = asked.at(np.array(points).T)
    outcomes = outcomes_of_points[1:].reshape(len(asked.inputs), -1)
    rows = [
        _row(
            source,
            (float(base[k]), reaches[k], stencils[k]),
            float(outcomes_of_points[0]),
            outcomes[k],
        )
        for k, source in enumerate(asked.inputs)
    ]
    table = pd.DataFrame(rows)
    swing = (table["at_high"] - table["at_low"]).abs()
    ordered = table.iloc[np.argsort(-swing.to_numpy(), kind="stable")].reset_index(drop=True)
    return Elasticities(asked.label, asked.unit, float(outcomes_of_points[0]), ordered)


def _row(
    source: UncertainInput,
    where: tuple[float, float, tuple[float, ...]],
    y: float,
    outcomes: FloatArray,
) -> dict[str, Any]:
    value, h, offsets = where
    low, high = source.at([0.0, 1.0]).tolist()
    scale = value / y if y and value else np.nan
    fine = derivative_weights((0.0, *offsets)) @ [y, *outcomes[:4]] / h
    rough = derivative_weights((0.0, offsets[0], offsets[-1])) @ [y, outcomes[0], outcomes[3]] / h
    return {
        "input": source.name, "status": source.status, "value": value, "slope": float(fine),
        "elasticity": float(fine * scale), "error": float(abs(fine - rough) * abs(scale)),
        "low": low, "high": high, "at_low": float(outcomes[4]), "at_high": float(outcomes[5]),
    }  # fmt: skip


def _stencil(source: UncertainInput, value: float, h: float) -> tuple[float, ...]:
    low, high = source.legal
    if not low <= value <= high:
        raise InputError(
            f"input {source.name!r}: the base {value:g} is not legal; expected [{low:g}, {high:g}]"
        )
    for offsets in (CENTRAL, DOWNWARD, UPWARD):
        if low <= value + offsets[0] * h and value + offsets[-1] * h <= high:
            return offsets
    raise InputError(
        f"input {source.name!r}: no step of {h:g} fits into [{low:g}, {high:g}]; give a smaller step="
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
    if at:
        raise InputError(
            f"at: {sorted(at)[0]!r} is none of the inputs, which are {', '.join(asked.names)}"
        )
    return np.array(base)


def _base(subject: Any, source: UncertainInput) -> float:
    if not isinstance(subject, Study):
        return float(source.at(0.5))
    if "->" in source.name:
        return 1.0
    if source.legal == (-np.inf, np.inf) and source.status == "given":
        raise InputError(
            f"input {source.name!r}: its value at the base is not known; give at={{{source.name!r}: ...}}"
        )
    values = np.unique(subject.who.take(np.arange(len(subject.who))).value(source.name))
    if len(values) > 1:
        raise InputError(
            f"input {source.name!r}: the study's dyads differ in it; give one dyad, or a base,"
            f" at={{{source.name!r}: ...}}"
        )
    return float(values[0])
