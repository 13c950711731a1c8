"""Designs: which combinations of values are run. A design is data; a grid of a billion runs costs
nothing to write.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import IntArray
from oxysim.checks import choice, refused, require_seed
from oxysim.errors import InputError, shown
from oxysim.sweeps.axes import Axis, Values, require_different
from oxysim.sweeps.axis_tables import read_table
from oxysim.texts import Described

GRID, ZIP, HYPERCUBE, SOBOL, ONE_AT_A_TIME, TABLE = (
    "grid", "zip", "latin hypercube", "sobol", "one at a time", "table",
)  # fmt: skip
# Spelt as the functions that make them, with blanks.
KINDS = (GRID, ZIP, HYPERCUBE, SOBOL, ONE_AT_A_TIME, TABLE)
OWN = -1  # in place of a position: the study's own value
LARGEST_SAMPLE = 10_000_000
"""The most rows of a design that is kept row by row, and the most values of an axis."""

LARGEST_DESIGN = 2**62
"""The most runs of a design: what is beyond cannot be numbered."""

LARGEST_NUMBER_OF_AXES = 1000
"""The most axes of a design; the model has some hundreds of parameters."""

_AXES = "a mapping of axis names to values, or a list of Axis"


@dataclass(frozen=True, eq=False)
class SweepDesign(Described):
    """Which runs are made; build one with :func:`grid`, :func:`zipped`, :func:`latin_hypercube`,
    :func:`sobol`, :func:`one_at_a_time` or :func:`table`.

    Attributes
    ----------
    kind : one of ``KINDS``.
    axes : what is varied. In a grid an axis holds its different values; in a sample (zip, Latin
        hypercube, Sobol', table) one value a run; one at a time its different values, each run once
        while the others are the study's own.
    seed : of a Latin hypercube or Sobol' sample, else None.

    >>> design = SweepDesign("grid", (Axis("seed", [0, 1]), Axis("spray.dose", ["8 IU", "24 IU"])))
    >>> design.dims, design.n
    ({'seed': 2, 'spray.dose': 2}, 4)
    """

    kind: str
    axes: tuple[Axis, ...]
    seed: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _kind(self.kind))
        object.__setattr__(self, "axes", _checked_axes(self.axes))
        if self.kind in (HYPERCUBE, SOBOL):
            object.__setattr__(self, "seed", require_seed(self.seed))  # type: ignore[arg-type]
        elif self.seed is not None:
            raise refused(self.seed, "seed", f"None, as a {_TITLES[self.kind]} draws nothing")
        if self.kind in (GRID, ONE_AT_A_TIME):
            for axis in self.axes:
                require_different(axis)
        else:
            _require_rows(self.axes, drawn=self.kind in (HYPERCUBE, SOBOL))
        # The number of runs is known before any array of them is made.
        if self.n > LARGEST_DESIGN:
            raise InputError(
                f"design: {self.n:.1e} combinations cannot be numbered; give fewer axes or values"
            )

    @functools.cached_property
    def dims(self) -> Mapping[str, int]:
        """Dimension -> size, in order: one for each axis of a grid; "run" one at a time; else
        "sample".
        """
        if self.kind == GRID:
            return {axis.name: len(axis) for axis in self.axes}
        if self.kind == ONE_AT_A_TIME:
            return {"run": 1 + sum(len(axis) for axis in self.axes)}
        return {"sample": len(self.axes[0])}

    @functools.cached_property
    def n(self) -> int:
        """How many runs."""
        return math.prod(self.dims.values())

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The axes' names."""
        return tuple(axis.name for axis in self.axes)

    @property
    def coords(self) -> dict[str, tuple[str, Values]]:
        """Coordinate -> (dimension, values): each axis along its dimension; one at a time "axis"
        and "value" in words along "run" (the first run, "study", is the study as it is).
        """
        if self.kind == GRID:
            return {axis.name: (axis.name, axis.values) for axis in self.axes}
        if self.kind == ONE_AT_A_TIME:
            pairs = [("study", "")] + [
                (axis.name, axis.words(i)) for axis in self.axes for i in range(len(axis))
            ]
            return {
                name: ("run", np.array([pair[k] for pair in pairs]))
                for k, name in enumerate(("axis", "value"))
            }
        return {axis.name: ("sample", axis.values) for axis in self.axes}

    def indices(self, positions: Any) -> dict[str, IntArray]:
        """For runs at `positions` (0 to n - 1, in the order of the dimensions, the last fastest):
        axis name -> position among the axis's values, -1 where the study's own value stands.

        Raises
        ------
        InputError : a position that does not exist.

        >>> grid({"seed": [5, 6], "spray.dose": ["8 IU", "24 IU"]}).indices([2])
        {'seed': array([1]), 'spray.dose': array([0])}
        """
        runs = _whole_positions(positions)
        if runs.size and not (0 <= runs.min() and runs.max() < self.n):
            raise InputError(
                f"design: expected positions from 0 to {self.n - 1}; found {shown(positions)}"
            )
        if self.kind == GRID:
            # Axes of a grid count like digits, the last one fastest.
            unravelled = np.unravel_index(runs, tuple(self.dims.values()))
            return {
                name: np.asarray(index, dtype=np.int64)
                for name, index in zip(self.names, unravelled, strict=True)
            }
        if self.kind == ONE_AT_A_TIME:
            # Run 0 is the study as it is; then each axis has as many runs as values.
            indices, first = {}, 1
            for axis in self.axes:
                inside = (runs >= first) & (runs < first + len(axis))
                indices[axis.name] = np.where(inside, runs - first, OWN)
                first += len(axis)
            return indices
        return dict.fromkeys(self.names, runs)

    def columns(self, positions: Any) -> dict[str, Values]:
        """For runs at `positions`: axis name -> values in the axis's unit; None where the study's
        own value stands.

        >>> grid({"seed": [5, 6], "spray.dose": ["8 IU", "24 IU"]}).columns([2])
        {'seed': array([6]), 'spray.dose': array([8.])}
        """
        columns: dict[str, Values] = {}
        for axis in self.axes:
            index = self.indices(positions)[axis.name]
            # Position -1 would take the last value; it is replaced by None below.
            values = axis.values[np.maximum(index, 0)]
            if (index == OWN).any():
                values = np.where(index == OWN, None, values.astype(object))
            columns[axis.name] = values
        return columns

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its kind, its size, its axes."""
        axes = [
            ("", repr(axis).removeprefix("Axis: ").removesuffix(".")) for axis in self.axes[:10]
        ]
        more = [("", f"and {len(self.axes) - 10} axes more")] if len(self.axes) > 10 else []
        seed = [("seed", str(self.seed))] if self.seed is not None else []
        return "Design", [("", f"{self.kind}, {self.n} runs"), *axes, *more, *seed]

    def describe(self) -> str:
        """What is run, in one sentence.

        >>> grid({"seed": [0, 1]}).describe()
        'A grid of 2 runs: seed (2: 0, 1).'
        """
        axes = "; ".join(f"{axis.name} ({len(axis)}: {_ends(axis)})" for axis in self.axes)
        many = f"{self.n} run{'s' if self.n > 1 else ''}"
        if self.kind in (HYPERCUBE, SOBOL):
            axes = "; ".join(f"{axis.name} ({_extent(axis)})" for axis in self.axes)
            return f"A {_TITLES[self.kind]} of {many} (seed {self.seed}) over {axes}."
        return f"A {_TITLES[self.kind]} of {many}: {axes}."


# Kinds of design as a sentence calls them.
_TITLES = {
    GRID: "grid", ZIP: "list", HYPERCUBE: "Latin hypercube", SOBOL: "Sobol' sequence",
    ONE_AT_A_TIME: "one-at-a-time design", TABLE: "table",
}  # fmt: skip

Axes = Mapping[str, Any] | Iterable[Axis]


def grid(axes: Axes) -> SweepDesign:
    """Every combination of the axes' values; the result has one dimension for each axis, named by
    it.

    Parameters
    ----------
    axes : axis name -> values, or a list of :class:`Axis`. Values are numbers or texts with units.

    Raises
    ------
    InputError : no axis, an empty one, a value that is not finite or stands twice.

    >>> grid({"spray.dose": ["8 IU", "24 IU"], "seed": range(3)}).n
    6
    """
    return SweepDesign(GRID, _axes(axes))


def zipped(axes: Axes) -> SweepDesign:
    """The first values together, then the second, and so on; the result has the dimension "sample".

    Raises
    ------
    InputError : axes of different lengths, a combination that stands twice, and as for
    :func:`grid`.

    >>> zipped({"spray.dose": ["8 IU", "24 IU"], "seed": [0, 1]}).dims
    {'sample': 2}
    """
    return SweepDesign(ZIP, _axes(axes))


def one_at_a_time(axes: Axes) -> SweepDesign:
    """The study as it is, then each value of each axis while the others keep the study's own;
    dimension "run".

    Raises
    ------
    InputError : as for :func:`grid`.

    >>> one_at_a_time({"spray.dose": ["8 IU", "24 IU"], "seed": [3]}).coords["axis"][1].tolist()
    ['study', 'spray.dose', 'spray.dose', 'seed']
    """
    return SweepDesign(ONE_AT_A_TIME, _axes(axes))


def table(source: Any) -> SweepDesign:
    """The rows of a table, one run each; dimension "sample".

    Parameters
    ----------
    source : path of a CSV file (UTF-8), or a pandas DataFrame. The header holds the axes' names,
        with the unit of plain numbers in brackets: ``spray.dose [IU]``.

    Raises
    ------
    InputError : no such file, no rows, empty cells, rows of different lengths, a row that stands
    twice.

    >>> import pandas as pd
    >>> table(pd.DataFrame({"spray.dose [IU]": [8, 24], "seed": [0, 1]})).names
    ('spray.dose', 'seed')
    """
    return SweepDesign(TABLE, read_table(source))


# ---------------------------------------------------------------------- reading
def _axes(axes: Axes) -> tuple[Axis, ...]:
    if isinstance(axes, Mapping):
        return tuple(v if isinstance(v, Axis) else Axis(name, v) for name, v in axes.items())
    return _checked_axes(axes)


def _kind(kind: Any) -> str:
    """A kind of design in its canonical form: "latin_hypercube", the function's name, is "latin
    hypercube".
    """
    word = kind.replace("_", " ") if isinstance(kind, str) else ""
    return word if word in KINDS else choice(word or kind, "kind of design", KINDS)


def _checked_axes(axes_given: Any) -> tuple[Axis, ...]:
    if not isinstance(axes_given, Iterable) or isinstance(axes_given, str | bytes | Mapping | Axis):
        raise refused(axes_given, "design", _AXES)
    # A generator without an end is stopped here.
    axes_given = tuple(itertools.islice(axes_given, LARGEST_NUMBER_OF_AXES + 1))
    if not axes_given:
        raise InputError(
            "design: expected at least one axis, such as {'spray.dose': ['8 IU', '24 IU']}; found"
            " none"
        )
    if len(axes_given) > LARGEST_NUMBER_OF_AXES:
        number = LARGEST_NUMBER_OF_AXES
        raise refused(
            f"more than {number} of them", "axes", f"a list of at most {number} axes (Axis)",
            as_text=True,
        )  # fmt: skip
    seen: set[str] = set()
    for position, axis in enumerate(axes_given, start=1):
        if not isinstance(axis, Axis):
            raise refused(axis, f"design, axes, entry {position}", _AXES)
        if axis.name in seen:
            raise InputError(f"design: axis {axis.name!r} is given twice", key=("axes", axis.name))
        seen.add(axis.name)
    return axes_given


def _whole_positions(positions: Any) -> IntArray:
    """Positions as whole numbers; a part of one is not cut off."""
    if hasattr(positions, "__len__") and len(positions) > LARGEST_SAMPLE:
        raise refused(
            f"{len(positions)} of them",
            "positions",
            f"at most {LARGEST_SAMPLE} at once",
            as_text=True,
        )
    try:
        numbers = np.asarray(positions)
    except ValueError:  # rows of unequal lengths
        raise refused(positions, "positions", "whole numbers") from None
    if numbers.dtype.kind not in "iu" and numbers.size:
        raise refused(positions, "positions", "whole numbers")
    if numbers.size and numbers.max() > LARGEST_DESIGN:
        raise refused(positions, "positions", "numbers of runs")
    return numbers.astype(np.int64)


def _require_rows(axes: tuple[Axis, ...], *, drawn: bool) -> None:
    """Raise where the axes of a design that is kept row by row are of different lengths, or two
    rows are the same.
    """
    lengths = {axis.name: len(axis) for axis in axes}
    if len(set(lengths.values())) > 1:
        first = next(iter(lengths))
        odd = next(name for name, length in lengths.items() if length != lengths[first])
        raise InputError(f"design: expected axes of one length; found {lengths}", key=("axes", odd))
    # Rows of whole numbers alone can fall together, however they were drawn.
    if drawn and any(axis.values.dtype.kind == "f" for axis in axes):
        return  # two draws from a continuum are never the same
    # Two equal rows would be one run computed twice.
    seen: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(zip(*(axis.values.tolist() for axis in axes), strict=True)):
        if row in seen:
            raise InputError(
                f"design: rows {seen[row] + 1} and {i + 1} are the same ({_row_words(axes, i)})"
            )
        seen[row] = i


def _row_words(axes: Sequence[Axis], i: int) -> str:
    return ", ".join(f"{axis.name} = {axis.words(i)}" for axis in axes)


def _ends(axis: Axis) -> str:
    if len(axis) <= 4:
        return ", ".join(axis.words(i) for i in range(len(axis)))
    return f"{axis.words(0)}, {axis.words(1)}, ..., {axis.words(len(axis) - 1)}"


def _extent(axis: Axis) -> str:
    low, high = int(np.argmin(axis.values)), int(np.argmax(axis.values))
    return f"{axis.words(low)} to {axis.words(high)}"
