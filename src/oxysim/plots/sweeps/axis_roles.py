"""Which axes of a sweep a figure draws along: those that were named, and for the rest the next that
is free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from oxysim.errors import InputError
from oxysim.plots.sweeps.sweep_axis import SCATTERED, SweepAxis
from oxysim.plots.sweeps.swept import Swept


def axes_in_roles(
    swept: Swept, names: Mapping[str, str | None], needed: Sequence[str], dims: Sequence[str] = ()
) -> dict[str, SweepAxis]:
    """The axes of a figure: those that were named and, for the `needed` ones, the next that is
    free.

    Parameters
    ----------
    names : role ("x", "y", "hue", "over") -> name, or None where it was left open.
    dims : dimensions that the figure takes up otherwise.

    Raises
    ------
    UnknownNameError : no such axis. InputError : one named twice, none left for a role, dimensions
    left over.

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0], dims="dose", attrs={"units": "IU"})
    >>> hours = xr.DataArray([6.0, 12.0], dims="every", attrs={"units": "h"})
    >>> axes = {"dose": doses, "every": hours}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([[9.0, 9.5], [8.0, 8.7]], axes, ("dose", "every"), **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> chosen = axes_in_roles(read_outcome(epds, None), {"x": None, "y": "dose"}, ("x", "y"))
    >>> {role: axis.name for role, axis in chosen.items()}
    {'x': 'every', 'y': 'dose'}
    """
    # what was named comes first, wherever it stands, then the open roles take what is left
    axes = {role: swept.axis(name) for role, name in names.items() if name is not None}
    open_roles = [role for role in names if role in needed and role not in axes]
    for role, name in zip(
        open_roles, _free(swept, [axis.name for axis in axes.values()], dims), strict=False
    ):
        axes[role] = swept.axis(name)
    axis_names = [axis.name for axis in axes.values()]
    for role, axis in axes.items():
        # such as a hue over dyads in a figure of the spread over dyads
        if axis.dim in dims:
            raise InputError(
                f"{role}: the figure is over {axis.dim!r}, so that {axis.name!r} cannot be an axis"
                " of it too"
            )
    if len(set(axis_names)) < len(axis_names):
        raise InputError(
            f"axes: expected a different one for each of {', '.join(axes)}; found"
            f" {', '.join(axis_names)}"
        )
    missing = [role for role in needed if role not in axes]
    if missing:
        # the message lists what there is, as the reader may have reduced one dimension too many
        has = ", ".join(f"{dim} ({size})" for dim, size in swept.values.sizes.items()) or "none"
        raise InputError(
            f"{missing[0]}: this outcome has too few axes for this figure; its dimensions are:"
            f" {has}"
        )
    # a dimension that no axis covers would be drawn on top of itself
    covered = {*dims, *(axis.dim for axis in axes.values())}
    open_dims = [
        str(dim) for dim, size in swept.values.sizes.items() if size > 1 and dim not in covered
    ]
    if open_dims:
        raise InputError(
            f"dimension {open_dims[0]!r} ({swept.values.sizes[open_dims[0]]} values) is not"
            f" {' or '.join(names)}: name it as one of these, or choose a value first, as in"
            f" result.isel({{{open_dims[0]!r}: -1}})"
        )
    return {role: axes[role] for role in names if role in axes}


def _free(swept: Swept, taken: Sequence[str], dims: Sequence[str]) -> list[str]:
    """Names that no role has taken yet, in order: dimensions of more than one value; what was
    varied along a sample.
    """
    covered = {*dims, *({swept.axis(name).dim for name in taken} - set(SCATTERED))}
    free_names = []
    for dim, size in swept.values.sizes.items():
        # of a one-at-a-time design each run moves another input
        if dim == "run" and "axis" in swept.values.coords and dim not in dims:
            raise InputError(
                "axes: the runs of a one-at-a-time design have no common axis; use"
                " plots.one_at_a_time"
            )
        if dim in SCATTERED and dim not in dims:
            names_of_dim = [
                str(name)
                for name, coordinate in swept.values.coords.items()
                if coordinate.dims == (dim,)
            ]
            # what moves the outcome most first: a sample varies many inputs, and a figure shows one
            # or two
            names_of_dim.sort(key=lambda name: -_pull(swept, name, str(dim)))
            free_names += [name for name in names_of_dim if name not in taken] or [str(dim)]
        elif size > 1 and dim not in covered:
            free_names.append(str(dim))
    return free_names


def _pull(swept: Swept, name: str, dim: str) -> float:
    """The share of an outcome's variance over the runs of a sample that goes with one coordinate:
    that of the means of its classes, ten of equal size or one a text (the correlation ratio), to
    order axes by what moves the outcome.
    """
    along = swept.values[name].values
    # one number a run: other dimensions, such as weeks, are averaged
    values = swept.values.mean([d for d in swept.values.dims if d != dim]).values
    finite = np.isfinite(values)
    if finite.sum() < 2 or not np.ptp(values[finite]) > 0:
        return 0.0
    if along.dtype.kind in "if":
        # classes of equal size, so that no class of a skewed input is empty
        inner = np.quantile(along[finite], np.linspace(0, 1, min(11, finite.sum() + 1))[1:-1])
        classes = np.searchsorted(inner, along[finite])
    else:
        classes = np.unique(along[finite].astype(str), return_inverse=True)[1]
    n = np.bincount(classes)
    # classes without a run are left out of means and sizes alike
    means = np.bincount(classes, values[finite])[n > 0] / n[n > 0]
    mean = values[finite].mean()
    return float((n[n > 0] * (means - mean) ** 2).sum() / ((values[finite] - mean) ** 2).sum())
