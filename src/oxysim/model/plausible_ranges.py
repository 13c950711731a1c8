"""What is legal but implausible: values beyond the range of a parameter's row. Levels beyond what a
channel's row calls plausible are found beside these rows (`inputs`).

Where it is valid: for one value or level at a time. Whoever holds the values (a family, a routine,
an intervention) judges them once; a run gathers what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from oxysim.model.rows import ParameterRow
from oxysim.units import with_unit

SET, SHARED, DRAWN = 1.0, 3.0, 6.0
"""How far from the middle of its range a value may lie, in halves of the range, on the scale of its
distribution: one that a user sets on described dyads; one that all dyads of a population share; one
drawn for a dyad. The range holds 95 % of dyads, so draws leave it by design; the community, whose
spreads are calibrated, reaches 4.5 in 20,000 dyads."""

ROUNDING = 1e-9
"""Of the half range: a value that went through another unit and back is still at the end of its
range.
"""


class Implausible(NamedTuple):
    """One thing that is legal but implausible: its name, the value farthest out, unit, plausible
    range, and what the range rests on.

    >>> print(Implausible("spray", 400.0, "IU", 0.0, 80.0, "assumed"))
    spray = 400 IU (plausible 0 to 80 IU; assumed)
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str

    def __str__(self) -> str:
        plausible = with_unit(f"{self.low:g} to {self.high:g}", self.unit)
        return (
            f"{self.name} = {with_unit(f'{self.value:g}', self.unit)} (plausible {plausible};"
            f" {self.source})"
        )


def implausible_parameters(
    values: Mapping[str, Any], rows: Mapping[str, ParameterRow], *, population: bool
) -> tuple[Implausible, ...]:
    """The parameters beyond the range of their rows.

    Parameters
    ----------
    values, rows : member's parameter -> value in internal units, one or one a dyad, and its row.
    population : whether the dyads were drawn from one, rather than described by a user.

    >>> from oxysim.model.registry import parameters
    >>> row = parameters()["caregiver.oxytocin.suckling"]
    >>> odd = implausible_parameters({"suckling": 500.0}, {"suckling": row}, population=False)
    >>> odd[0].value, odd[0].high
    (500.0, 5.0)
    """
    odd = []
    for name, internal in values.items():
        row = rows[name]
        in_unit = np.ravel(np.asarray(internal / row.factor, dtype=float))
        reach = SET if not population else DRAWN if np.ndim(internal) else SHARED

        distance = _distance(row, in_unit)
        if row.distribution == "logit-normal":
            # as near to none as it can be: switched off
            distance[in_unit <= row.legal[0] * (1 + ROUNDING)] = 0.0
        if distance.max() > reach + ROUNDING:
            farthest = float(in_unit[distance.argmax()])
            source = f"range of the row, {_basis(row)}"
            odd.append(Implausible(name, farthest, row.unit, row.low, row.high, source))
    return tuple(odd)


def _basis(row: ParameterRow) -> str:
    return str(row.status) if row.source == "assumption" else f"{row.status}: {row.source}"


def _distance(row: ParameterRow, value: Any) -> Any:
    """How far values lie from the middle of the row's range, in halves of it, on the scale of the
    distribution.
    """
    scale = _SCALES.get(row.distribution, lambda x: x)
    with np.errstate(divide="ignore"):  # 0 on a scale that has none lies infinitely far
        low, high, position = scale(np.float64(row.low)), scale(np.float64(row.high)), scale(value)
    return np.abs(position - (low + high) / 2) / ((high - low) / 2)


_SCALES: Mapping[str, Callable[[Any], Any]] = {
    "lognormal": np.log,
    "logit-normal": lambda x: np.log(x / (1 - x)),
}
