"""A parameter, a state and an edge are rows: checked when declared, kept beside the equation that
uses them.

A mechanism declares its rows as the defaults of named tuples, so that the field of the tuple and
its row cannot drift apart::

    class Parameters(NamedTuple):
        plasma_half_life: float = parameter("t½,P", "min", 4, 3, 6, "lognormal", "fabian1969",
        "measured", "...")

``low`` and ``high`` are the plausible range (95 % of dyads, or what the literature leaves open);
users may set any value that is *legal* (of the right sign, finite).
"""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from oxysim import units
from oxysim.errors import InputError, unknown_name

Distribution = Literal["lognormal", "normal", "logit-normal", "uniform", "fixed"]
Status = Literal["measured", "derived", "recalled", "assumed"]
Pace = Literal["fast", "slow", "accumulating"]

# Inside, every time is in minutes.
TIME_UNITS: Mapping[str, float] = MappingProxyType(
    {
        "min": units.MINUTE,
        "h": units.HOUR,
        "d": units.DAY,
        "weeks": units.WEEK,
        "months": units.MONTH,
    }
)
# What a row may be in; another unit is added here, so that no misspelt one passes.
UNITS = frozenset(TIME_UNITS) | {
    "1",
    "fraction",
    "%",
    "pg/mL",
    "nmol/L",
    "IU",
    "µg",
    "L/min",
    "mL",
    "1/min",
    "pg/mL per µg",
    "EPDS",
    "bpm",
    "mmHg",
    "STAI",
}


class ParameterRow(NamedTuple):
    """One parameter: name, symbol, unit, default, plausible range, distribution between dyads,
    source, status.

    ``roles`` holds the defaults of caregivers other than mothers where they differ (M14).

    >>> from oxysim.model.registry import parameters
    >>> row = parameters()["caregiver.bond.bond_time"]
    >>> row.default, row.unit, row.status
    (5, 'weeks', 'assumed')
    """

    name: str
    symbol: str
    unit: str
    default: float
    low: float
    high: float
    distribution: Distribution
    source: str
    status: Status
    note: str
    roles: Mapping[str, float]

    @property
    def factor(self) -> float:
        """Internal value = value in the row's unit x factor (times become minutes).

        >>> from oxysim.model.registry import parameters
        >>> parameters()["caregiver.bond.bond_time"].factor
        10080.0
        """
        return TIME_UNITS.get(self.unit, 1.0)

    @property
    def legal(self) -> tuple[float, float]:
        """Closed limits of what a user may set: positive times, fractions in [0, 1], no sign that
        the range lacks.

        >>> from oxysim.model.registry import parameters
        >>> parameters()["caregiver.bond.reward_gain"].legal
        (0.0, inf)
        """
        # a time of zero would divide by zero in every rate
        if self.unit in TIME_UNITS:
            return 1e-6, math.inf
        if self.unit == "fraction":
            # a set point on the logit scale has no value at 0 or 1
            return (1e-6, 1 - 1e-6) if self.distribution == "logit-normal" else (0.0, 1.0)
        # a gain whose range is positive has a known sign, which no user turns
        return (0.0 if self.low >= 0 else -math.inf), math.inf

    def default_for(self, role: str) -> float:
        """The default for a caregiver's role, in the row's unit.

        >>> from oxysim.model.registry import parameters
        >>> row = parameters()["caregiver.oxytocin.touch_share"]
        >>> row.default_for("mother") == row.default
        True
        """
        return self.roles.get(role, self.default)


class EdgeRow(NamedTuple):
    """One coupling between mechanisms. Its value is a multiplier on the deviation from the
    reference dyad.

    1 is the full coupling, 0 a cut, at most ``limit``. What is received over an edge stronger than
    1 may fall below zero; an edge that passes a level which cannot be negative (a contact, a
    share) is therefore limited to 1, and is strengthened through the gain of what receives it.
    ``dyadic`` marks the couplings that exist only because caregiver and infant interact.
    ``contested`` marks those whose plausible strength includes zero.

    >>> from oxysim.model.registry import edges
    >>> edges()["bond -> depression"].row.dyadic
    True
    """

    name: str
    source: str
    status: Status
    dyadic: bool
    contested: bool
    note: str
    limit: float


class StateRow(NamedTuple):
    """One state variable, and all that the machinery of slow states knows of it.

    Attributes
    ----------
    unit, start, low, high, scale, pace, meaning : of every state. ``scale`` is the typical size
        against which a tolerance is measured.
    set_point : where the state rests while nothing deviates from the usual, or starts at birth if
        it ``fades``: the dotted name of a parameter within its member
        ("depression.set_point"). A fraction is a share of the ceiling.
    time_constant, half_life : the parameter that holds the one or the other.
    ceiling : the end up to which it relaxes from 0 on the logit scale of its share; a state without
        a ceiling relaxes as it is.
    fades : whether it only fades from its value at birth, and is gone in the long run.
    taught_by : the input channel that teaches it, for a skill that is gone without sessions.
    typical_change : by which the arclength of a branch is measured, in the state's unit.
    worse : +1 if a rise is for the worse, -1 if a fall is, 0 of fast states.
    tells_regime : whether regimes are told apart by it, and sought along it.

    >>> from oxysim.model.mechanisms.depression import DEPRESSION
    >>> DEPRESSION.ceiling, DEPRESSION.set_point
    (30.0, 'depression.set_point')
    """

    name: str
    unit: str
    start: float
    low: float
    high: float
    scale: float
    pace: Pace
    meaning: str
    set_point: str = ""
    time_constant: str = ""
    half_life: str = ""
    ceiling: float | None = None
    fades: bool = False
    taught_by: str = ""
    typical_change: float = 1.0
    worse: int = 0
    tells_regime: bool = False


EDGE_LIMIT = 2.0  # the largest multiplier of an edge: stronger, a signal would be extrapolated


@functools.cache
def sources() -> Mapping[str, str]:
    """Every source that a row may cite: key -> citation with its identifier.

    >>> "Krol" in sources()["krol2019"]
    True
    """
    text = resources.files("oxysim").joinpath("data/sources.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return MappingProxyType(
        {r["key"]: " ".join(p for p in (r["citation"], r["identifier"]) if p) for r in rows}
    )


def parameter(
    symbol: str, unit: str, default: float, low: float, high: float, distribution: Distribution,
    source: str, status: Status, note: str, **roles: float,
) -> Any:  # fmt: skip
    """Declare a parameter row; raises ``InputError`` at import when the row contradicts itself.

    >>> parameter("τ", "min", 8, 4, 15, "lognormal", "assumption", "assumed", "an example").low
    4
    """
    values = {"default": default, **roles}
    # A row that contradicts itself stops the import: no run can begin on it.
    if not low < high or any(not low <= v <= high for v in values.values()):
        raise InputError(
            f"parameter {symbol}: expected low <= default <= high; found {low}, {values}, {high}"
        )
    if unit not in UNITS:
        raise unknown_name("unit", unit, UNITS, f"of parameter {symbol}")
    # the range is the central 95 % of the distribution, which has to be able to hold it
    if distribution == "lognormal" and low <= 0:
        raise InputError(
            f"parameter {symbol}: a lognormal range must be positive; found low = {low}"
        )
    if distribution == "logit-normal" and not 0 < low < high < 1:
        raise InputError(
            f"parameter {symbol}: a logit-normal range must lie inside (0, 1); found [{low},"
            f" {high}]"
        )
    _check_source(source, f"of parameter {symbol}")
    return ParameterRow(
        "",
        symbol,
        unit,
        default,
        low,
        high,
        distribution,
        source,
        status,
        note,
        MappingProxyType(roles),
    )


def edge(
    source: str,
    status: Status,
    note: str,
    *,
    dyadic: bool = False,
    contested: bool = False,
    level: bool = False,
) -> Any:
    """Declare an edge row; its name is built from the field that holds it and the mechanism that
    receives it.

    ``level``: what passes must not fall below zero, which limits its multiplier to 1.

    >>> edge("assumption", "assumed", "an example", level=True).limit
    1.0
    """
    _check_source(source, "of an edge")
    # the name is filled in by `rows`, from the field that holds the row
    return EdgeRow("", source, status, dyadic, contested, note, 1.0 if level else EDGE_LIMIT)


def state(  # noqa: PLR0913 - the columns of a table
    unit: str,
    start: float,
    low: float,
    high: float,
    scale: float,
    pace: Pace,
    meaning: str,
    *,
    set_point: str = "",
    time_constant: str = "",
    half_life: str = "",
    ceiling: float | None = None,
    fades: bool = False,
    taught_by: str = "",
    typical_change: float | None = None,
    worse: int = 0,
    tells_regime: bool = False,
) -> Any:
    """Declare a state row; its columns are described at :class:`StateRow`.

    Raises
    ------
    InputError : at import, when the row contradicts itself, or is that of a slow state without
        what brings it to rest.

    >>> state("1", 0.2, 0, 1, 0.5, "fast", "social reward").scale
    0.5
    """
    if unit not in UNITS or not low <= start <= high or scale <= 0:
        raise InputError(f"state row {meaning!r} contradicts itself")
    row = StateRow(
        "", unit, start, low, high, scale, pace, meaning,
        set_point, time_constant, half_life, ceiling, fades, taught_by,
        scale if typical_change is None else typical_change, worse, tells_regime,
    )  # fmt: skip
    if pace != "fast":
        _require_slow_columns(row)
    return row


def _require_slow_columns(row: StateRow) -> None:
    """Raise where a slow state's row lacks what brings it to rest, or which way is worse."""
    # either it has a set point of its own, or it is taught and gone without sessions
    rests = bool(row.set_point) != bool(row.taught_by)
    # one pace, as a time constant or as a half-life
    relaxes = bool(row.time_constant) != bool(row.half_life)
    # on the logit scale neither 0 nor the ceiling itself can be reached
    bounded = row.ceiling is None or row.low > 0 and row.high <= row.ceiling
    if not (rests and relaxes and bounded and row.typical_change > 0 and row.worse in (-1, 1)):
        raise InputError(
            what=f"state row {row.meaning!r}",
            expected=(
                "of a slow state set_point= (or taught_by=), time_constant= (or half_life=),"
                " worse=+1 or -1, and a legal range between 0 and the ceiling if it has one"
            ),
            found=", ".join(
                f"{column}={getattr(row, column)!r}"
                for column in (
                    "set_point",
                    "taught_by",
                    "time_constant",
                    "half_life",
                    "worse",
                    "ceiling",
                )  # fmt: skip
            ),
            key=("state",),
        )


def rows(table: Any) -> dict[str, Any]:
    """The rows of a named tuple, by field name, each carrying its own name.

    >>> from oxysim.model.mechanisms import synchrony
    >>> list(rows(synchrony.Parameters))
    ['half', 'mind_gain', 'time_constant']
    """
    return {field: row._replace(name=field) for field, row in table._field_defaults.items()}


@functools.cache
def default_values(kind: Any, role: str = "") -> Any:
    """A mechanism's parameters at the defaults of a role, in internal units (times in minutes).

    >>> from oxysim.model.mechanisms import bond
    >>> default_values(bond.Parameters).usual_bond
    0.7
    """
    return kind(*[float(row.default_for(role)) * row.factor for row in rows(kind).values()])


def _check_source(source: str, where: str) -> None:
    if source not in sources():
        raise unknown_name("source", source, sources(), where)
