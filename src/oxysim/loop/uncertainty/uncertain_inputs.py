"""What is not known of each input of a study: its range or distribution, and whether it was
measured or assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.model import registry
from oxysim.model.rows import TIME_UNITS, ParameterRow
from oxysim.model.value_ranges import to_internal
from oxysim.population.members import Who
from oxysim.population.quantiles import quantile
from oxysim.sweeps.axes import Axis, Range, axis_name
from oxysim.sweeps.samples import default_range

Inputs = Mapping[str, Any] | Sequence[Any]
GIVEN = "given"


@dataclass(frozen=True)
class UncertainInput:
    """One input and what is not known of it, independently of the others.

    Attributes
    ----------
    name : as the axis of a sweep.
    span : its range; where `row` is None every value in it is as likely (on the range's own scale).
    row : the parameter whose own distribution it follows in place of that.
    role : of the caregiver whose default is the row's median.
    status : of the parameter or the edge ("measured", "derived", "recalled", "assumed"), "given"
        for all else.
    legal : closed limits of what may be set.

    >>> UncertainInput("a", Range(0.0, 10.0)).at([0.0, 0.5, 1.0])
    array([ 0.,  5., 10.])
    """

    name: str
    span: Range
    row: ParameterRow | None = None
    role: str = ""
    status: str = GIVEN
    legal: tuple[float, float] = (-np.inf, np.inf)

    def at(self, share: Any) -> FloatArray:
        """The value below which a `share` of what is possible lies, in the unit of the range; shape
        of `share`.
        """
        shares = np.asarray(share, dtype=float)
        # by the row's own distribution between dyads, else evenly over the range
        if self.row is not None:
            return quantile(self.row, shares, self.role)
        return np.asarray(self.span.at(shares), dtype=float)

    def axis(self, values: FloatArray) -> Axis:
        """The axis of a sweep with these values."""
        return Axis(self.name, values, self.span.unit)


def uncertain_inputs(inputs: Inputs, dyads: Who | None = None) -> tuple[UncertainInput, ...]:
    """Each input with what is not known of it.

    Parameters
    ----------
    inputs : names of parameters and edges; or name -> (low, high), :class:`~oxysim.sweeps.Range` or
        None; or a list of :class:`UncertainInput`. A parameter without a range follows its row's
        distribution between dyads; one that is fixed between dyads spreads evenly over its row's
        range, which is then what the literature leaves open. An edge without a range spreads evenly
        from 0 to its limit. Everything else needs a range.
    who : whose inputs they are; None for those of a plain function, which all need a range.

    Raises
    ------
    InputError : no inputs, one twice, no range where there is none to take. UnknownNameError : no
    such parameter or edge.

    >>> [source.status for source in uncertain_inputs({"a": (0, 1)})]
    ['given']
    """
    if isinstance(inputs, str) or not isinstance(inputs, Mapping | Sequence) or not len(inputs):
        raise InputError(f"inputs: expected a list of names, or name -> range; found {inputs!r}")
    pairs = inputs.items() if isinstance(inputs, Mapping) else [(entry, None) for entry in inputs]
    sources = tuple(
        entry if isinstance(entry, UncertainInput) else _one(axis_name(entry), span, dyads)
        for entry, span in pairs
    )
    # one input twice would be moved twice, and its share counted twice
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"inputs: {twice[0]!r} is given twice; give each input once")
    return sources


def _one(name: str, span_given: Any, dyads: Who | None) -> UncertainInput:
    if dyads is None:
        if span_given is None:
            raise InputError(
                f"input {name!r}: the inputs of a function need ranges; give {{{name!r}: (low,"
                " high)}"
            )
        return UncertainInput(name, _span(name, span_given))
    # an edge: from cut to its limit
    if "->" in name:
        row = registry.edge_place(name).row
        return UncertainInput(
            row.name, _span(row.name, span_given), status=row.status, legal=(0.0, row.limit)
        )
    # a parameter has two dots, a field of an intervention or a start has one
    prefix, _, rest = name.partition(".")
    if prefix in ("caregiver", *dyads.members) and rest.count(".") == 1:
        return _parameter(name, span_given, dyads)
    return UncertainInput(name, _span(name, span_given))


def _parameter(name: str, span_given: Any, dyads: Who) -> UncertainInput:
    members, _, row = registry.parameter_row(name, dyads.caregivers)
    role = "" if members[0] == "infant" else dyads.role_of[dyads.caregivers.index(members[0])]
    # a given range is believed; without one the row's distribution is taken, if it has one
    distribution_row = row if span_given is None and row.distribution != "fixed" else None
    return UncertainInput(
        name,
        _in_unit_of(row, name, _span(name, span_given)),
        distribution_row,
        role,
        row.status,
        row.legal,
    )


def _in_unit_of(row: ParameterRow, name: str, span: Range) -> Range:
    """The range in the parameter's own unit, so that its values, its base and its legal limits are
    in one.
    """
    # nothing to convert
    if span.unit in (None, row.unit):
        return span
    low, high = (
        to_internal(row, f"{end!r} {span.unit}", name) / row.factor for end in (span.low, span.high)
    )
    return Range(low, high, row.unit if row.unit in TIME_UNITS else None, span.scale)


def _span(name: str, span_given: Any) -> Range:
    if span_given is None:
        return default_range(name)
    if isinstance(span_given, Range):
        return span_given
    if isinstance(span_given, str) or not isinstance(span_given, Sequence) or len(span_given) != 2:
        raise InputError(
            f"input {name!r}: expected (low, high) or Range(low, high); found {span_given!r}"
        )
    try:
        return Range(span_given[0], span_given[1])
    except InputError as error:
        raise InputError(f"input {name!r}: {error}") from None
