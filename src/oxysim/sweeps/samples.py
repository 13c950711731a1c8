"""Designs that are drawn: Latin hypercubes and Sobol' sequences over ranges of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import refused, require_seed, whole_number
from oxysim.errors import InputError, about, shown
from oxysim.model import registry
from oxysim.streams import stream
from oxysim.sweeps.axes import Axis, Range, axis_name
from oxysim.sweeps.sweep_design import (
    HYPERCUBE,
    LARGEST_NUMBER_OF_AXES,
    LARGEST_SAMPLE,
    SOBOL,
    SweepDesign,
)

_WHOLE = ("dyad", "seed")
"""Axes that number something: between two of their values there is none."""


def latin_hypercube(
    ranges: Mapping[str, Any] | Sequence[str], n: int, seed: int = 0
) -> SweepDesign:
    """A Latin hypercube sample: each axis is cut into `n` parts of equal share, each hit once;
    dimension "sample".

    Parameters
    ----------
    ranges : axis name -> (low, high), :class:`Range` or None; or a list of names. Without a range a
        parameter takes its own row's, an edge 0 to its limit.
    n : how many runs.
    seed : key of the draw.

    Raises
    ------
    InputError : no axis, a reversed range, n below 1, an axis that needs a range, one of numbers
        ("dyad", "seed") whose range is not of whole numbers of at least 0, or so few whole numbers
        that two runs are the same.

    >>> sample = latin_hypercube({"spray.dose": ("0 IU", "48 IU")}, 2)
    >>> sorted(int(dose >= 24) for dose in sample.axes[0].values)  # one in each half of the range
    [0, 1]
    """
    from scipy.stats import qmc  # a second to import, and no worker needs it

    spans = _ranges(ranges)
    n, seed = whole_number(n, "n", 1, LARGEST_SAMPLE), require_seed(seed)
    sampler = qmc.LatinHypercube(len(spans), seed=_generator(seed, HYPERCUBE))
    return _sampled(HYPERCUBE, spans, sampler.random(n), seed)


def sobol(ranges: Mapping[str, Any] | Sequence[str], n: int, seed: int = 0) -> SweepDesign:
    """A scrambled Sobol' sequence of `n` runs, a power of two (its balance is lost otherwise);
    dimension "sample".

    Parameters as for :func:`latin_hypercube`.

    Raises
    ------
    InputError : n is no power of two (the nearest are named), and as for :func:`latin_hypercube`.

    >>> sobol({"caregiver.depression.loop_gain": (0.5, 2.0)}, 8).dims
    {'sample': 8}
    """
    from scipy.stats import qmc  # a second to import, and no worker needs it

    spans = _ranges(ranges)
    n, seed = whole_number(n, "n", 1, LARGEST_SAMPLE), require_seed(seed)
    # A power of two has one bit.
    if n & (n - 1):
        # The largest power of two below n.
        below = 1 << (n.bit_length() - 1)
        raise InputError(
            f"n: a Sobol' sequence needs a power of two; found {n}; nearest: {below}, {2 * below}"
        )
    sampler = qmc.Sobol(len(spans), scramble=True, seed=_generator(seed, SOBOL))
    return _sampled(SOBOL, spans, sampler.random(n), seed)


def default_range(name: str) -> Range:
    """The range of a sampled axis that gives none: a parameter's plausible range, an edge from 0 to
    its limit.

    Logarithmic for parameters that are lognormal between dyads.

    Raises
    ------
    InputError : the axis is neither a parameter nor an edge. UnknownNameError : no such edge.

    >>> default_range("reward -> depression").low
    0.0
    """
    if "->" in name:
        return Range(0.0, registry.edge_place(name).row.limit)
    prefix, _, rest = name.partition(".")
    # A caregiver of any role has the row of "caregiver".
    row = registry.parameters().get(f"{registry.kind_of(prefix)}.{rest}")
    if row is None:
        raise InputError(
            f"axis {name!r}: give its range, as (low, high) or Range(low, high); only parameters"
            " and edges have one of their own"
        )
    # A range without a unit is meant in the unit of the row, which plain numbers have
    # already.
    unit = row.unit if row.factor != 1.0 or row.unit == "min" else None
    return Range(row.low, row.high, unit, "log" if row.distribution == "lognormal" else "linear")


# ---------------------------------------------------------------------- reading
def _ranges(ranges: Mapping[str, Any] | Sequence[str]) -> dict[str, Range]:
    if isinstance(ranges, str | bytes) or not isinstance(ranges, Mapping | Sequence):
        raise refused(ranges, "design", "a mapping of axis names to ranges, or a list of names")
    if len(ranges) > LARGEST_NUMBER_OF_AXES:
        raise refused(
            f"{len(ranges)}", "design", f"at most {LARGEST_NUMBER_OF_AXES} axes", as_text=True
        )
    pairs = (
        list(ranges.items()) if isinstance(ranges, Mapping) else [(name, None) for name in ranges]
    )
    if not pairs:
        raise InputError("design: expected at least one axis with its range; found none")
    # In their canonical form, two spellings of one axis are found.
    spans: dict[str, Range] = {}
    for name, value in pairs:
        axis = axis_name(name)
        if axis in spans:
            raise InputError(f"design: axis {axis!r} is given twice", key=("axes", axis))
        with about("axes", axis):
            spans[axis] = _range(axis, value)
        # A dyad or a seed is a number: a continuous range would be cut to its whole part
        # unseen.
        if axis in _WHOLE and not (spans[axis].scale == "whole" and spans[axis].low >= 0):
            raise InputError(
                what=f"axis {axis!r}",
                expected="whole numbers of at least 0",
                found=shown(value),
                key=("axes", axis),
                remedy="give Range(low, high, scale='whole')",
            )
    return spans


def _range(name: str, value: Any) -> Range:
    if value is None:
        return default_range(name)
    if isinstance(value, Range):
        return value
    if isinstance(value, str | bytes) or not isinstance(value, Sequence) or len(value) != 2:
        raise InputError(
            f"axis {name!r}: expected (low, high) or Range(low, high); found {shown(value)}"
        )
    try:
        return Range(value[0], value[1])
    except InputError as error:
        raise InputError(f"axis {name!r}: {error}") from None


def _generator(seed: int, kind: str) -> np.random.Generator:
    """The design's own stream, in the form of which SciPy can make further ones."""
    # SciPy spawns generators from a seed sequence, which a generator of `stream` does not
    # carry.
    key = stream(seed, 0, f"design {kind}").integers(2**63, size=2)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(key.tolist())))


def _sampled(
    kind: str, spans: Mapping[str, Range], unit_cube: FloatArray, seed: int
) -> SweepDesign:
    axes = tuple(
        Axis(name, span.at(unit_cube[:, k]), span.unit)
        for k, (name, span) in enumerate(spans.items())
    )
    return SweepDesign(kind, axes, seed)
