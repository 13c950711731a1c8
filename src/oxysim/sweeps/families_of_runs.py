"""Which families a block runs: members of a population, as axes "dyad" and "population" choose
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from oxysim.arrays import IntArray
from oxysim.errors import InputError, OxysimError
from oxysim.families import Family, combine
from oxysim.population.members import Members, Who
from oxysim.population.population import Population
from oxysim.schedule import Intervention
from oxysim.streams import require_seed
from oxysim.sweeps.axis_targets import DYAD, POPULATION, Bound
from oxysim.sweeps.sweep_design import OWN, SweepDesign


class BlockFamilies(NamedTuple):
    """The families of a block, which of them each run has (shape (runs,)), the place of each among
    those of the study, and what is added to the day of each (empty where nothing is added to any).
    """

    who: Family
    which: IntArray
    places: IntArray
    added: tuple[tuple[Intervention, ...], ...]


def members_on_axis(who: Population, design: SweepDesign | None, seed: int) -> Members:
    """A population as who: its dyads are those of the axis "dyad".

    Raises
    ------
    InputError : there is no such axis.
    """
    if not isinstance(design, SweepDesign) or "dyad" not in design.names:
        raise InputError(
            f"who: which dyads of the population {who.name!r}? Give Members(population, n, seed),"
            " or an axis 'dyad' with their numbers, such as {'dyad': range(200)}"
        )
    require_seed(seed)
    return Members(who, seed=seed)


def with_populations(who: Who, design: SweepDesign | None) -> Who:
    """The members with every population that an axis "population" names, and no other.

    Raises
    ------
    UnknownNameError : it is neither one of the members' `others` nor brought along by the package.
    """
    axis = (
        next((one for one in design.axes if one.name == "population"), None)
        if isinstance(design, SweepDesign)
        else None
    )
    if axis is None or not isinstance(who, Members):
        return who
    found: dict[str, Population] = {}
    for i, name in enumerate(str(value) for value in axis.values.tolist()):
        try:
            found[name] = who.others[name] if name in who.others else Population.named(name)
        except OxysimError as error:
            raise type(error)(
                f"axis 'population', value {i + 1} of {len(axis)} ({name}): {error}"
            ) from None
    return replace(who, others=found)


def runs_of_block(
    slices: Sequence[slice], design: SweepDesign | None, side_by_side: bool
) -> tuple[IntArray, IntArray]:
    """Each run's point of the design, and its family where these stand side by side.

    Parameters
    ----------
    slices : the block's place in the array of runs.
    side_by_side : whether the last dimension of that array is the families', apart from the
        design's own.

    Returns
    -------
    Two arrays of shape (runs,), the last dimension fastest.
    """
    along = [np.arange(part.start, part.stop) for part in slices]
    dyads = along.pop() if side_by_side else np.zeros(1, dtype=np.int64)
    if design is None:
        points = np.zeros(1, dtype=np.int64)
    else:
        lengths = tuple(design.dims.values())
        points = np.ravel_multi_index(np.meshgrid(*along, indexing="ij"), lengths).ravel()
    return np.repeat(points.astype(np.int64), len(dyads)), np.tile(dyads, len(points))


def axes_of_block(
    bound: Sequence[Bound], design: SweepDesign | None, points: IntArray
) -> tuple[tuple[Bound, ...], dict[str, IntArray]]:
    """The axes of a design with only the values that occur at some of its points.

    Returns
    -------
    Those axes, and axis name -> position of each point's value among them, -1 for the study's own.
    """
    if design is None:
        return (), {}
    occurring, positions = [], {}
    for target, index in zip(bound, design.indices(points).values(), strict=True):
        present = np.unique(index[index != OWN])
        if len(present):
            occurring.append(target.only(present))
            positions[target.axis.name] = np.where(
                index == OWN, OWN, np.searchsorted(present, index)
            )
    return tuple(occurring), positions


def families_of_block(
    who: Who, bound: Sequence[Bound], indices: Mapping[str, IntArray], positions: IntArray
) -> BlockFamilies:
    """The families of some runs.

    Parameters
    ----------
    bound, indices : the axes and each run's value, as a block has them.
    positions : of each run's family among those of `who`, shape (runs,), where no axis "dyad" says
    it.
    """
    axes = {one.kind: one for one in bound if one.kind in (DYAD, POPULATION)}
    if not isinstance(who, Members) or not axes:
        present, which = np.unique(positions, return_inverse=True)
        families = who.take(present)
        added = who.added(families.numbers) if isinstance(who, Members) else []
        return BlockFamilies(families, which, present, tuple(added) if any(added) else ())
    number = positions
    if DYAD in axes:
        index = indices["dyad"]
        number = np.where(
            index == OWN, who.dyads[0], axes[DYAD].axis.values.astype(np.int64)[index]
        )
    under = indices["population"] if POPULATION in axes else np.full(len(number), OWN)
    names = axes[POPULATION].axis.values.tolist() if POPULATION in axes else []
    pairs, which = np.unique(np.stack([under, number], axis=1), axis=0, return_inverse=True)
    parts, added = [], []
    for one in np.unique(pairs[:, 0]).tolist():
        own = who if one == OWN else who.under(names[one])
        numbers = pairs[pairs[:, 0] == one, 1]
        parts.append(own.draw(numbers))
        added += own.added(numbers.tolist())
    families = parts[0] if len(parts) == 1 else combine(parts).numbered(pairs[:, 1].tolist())
    places = np.zeros(len(pairs), dtype=np.int64) if DYAD in axes else pairs[:, 1]
    return BlockFamilies(families, which.ravel(), places, tuple(added) if any(added) else ())
