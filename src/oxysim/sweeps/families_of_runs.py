"""Which families a block runs: members of a population, as axes "dyad" and "population" choose
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from oxysim.arrays import IntArray
from oxysim.checks import require_seed, whole_number
from oxysim.ensembles import Ensemble
from oxysim.errors import InputError, OxysimError
from oxysim.families import Family, combine
from oxysim.population.members import Members, Who
from oxysim.population.population import Population
from oxysim.population.selection import Source
from oxysim.schedule import Intervention
from oxysim.sweeps.axes import Axis
from oxysim.sweeps.axis_targets import DYAD, MEMBER, POPULATION, BoundAxis
from oxysim.sweeps.sweep_design import OWN, SweepDesign


class BlockFamilies(NamedTuple):
    """The families of a block, which of them each run has (shape (runs,)), the place of each among
    those of the study, and what is added to the day of each (empty where nothing is added to any).

    >>> families = BlockFamilies(Family(), np.zeros(3, int), np.zeros(1, int), ())
    >>> len(families.which)  # three runs of one family
    3
    """

    who: Family
    which: IntArray
    places: IntArray
    added: tuple[tuple[Intervention, ...], ...]


def members_on_axis(population: Source, design: SweepDesign | None, seed: int) -> Members:
    """A population as who: its dyads are those of the axis "dyad".

    Raises
    ------
    InputError : there is no such axis.

    >>> from oxysim.sweeps.sweep_design import grid
    >>> community = Population.named("community")
    >>> members_on_axis(community, grid({"dyad": range(200)}), seed=4).seed
    4
    """
    if not isinstance(design, SweepDesign) or "dyad" not in design.names:
        raise InputError(
            f"who: which dyads of the population {population.name!r}? Give Members(population, "
            "n, seed),"
            " or an axis 'dyad' with their numbers, such as {'dyad': range(200)}"
        )
    require_seed(seed)
    return Members(population, seed=seed)


def with_populations(families: Who, design: SweepDesign | None) -> Who:
    """The members with every population that an axis "population" names, or an axis "member"
    counts, and no other.

    Raises
    ------
    UnknownNameError : it is neither one of the members' `others` nor brought along by the package.
    InputError : a number that no member of the ensemble has, or no ensemble.

    >>> from oxysim.sweeps.sweep_design import grid
    >>> members = Members(Population.named("community"), 2, 1)
    >>> list(with_populations(members, grid({"population": ["community"]})).others)
    ['community']
    """
    if not isinstance(design, SweepDesign) or not isinstance(families, Members):
        return families
    axes = {axis.name: axis for axis in design.axes}
    if MEMBER in axes:
        return replace(families, others=_members_by_number(families.population, axes[MEMBER]))
    if POPULATION not in axes:
        return families
    axis = axes[POPULATION]
    # Looked up once, when the study is made: a block has no time for a wrong name.
    populations: dict[str, Population] = {}
    for i, name in enumerate(str(value) for value in axis.values.tolist()):
        try:
            populations[name] = (
                families.others[name] if name in families.others else Population.named(name)
            )
        except OxysimError as error:
            raise type(error)(
                f"axis 'population', value {i + 1} of {len(axis)} ({name}): {error}"
            ) from None
    return replace(families, others=populations)


def _members_by_number(ensemble: Source, axis: Axis) -> dict[str, Population]:
    """The members of an ensemble that an axis counts, by their number as text."""
    if not isinstance(ensemble, Ensemble):
        raise InputError(
            f"axis 'member': expected Members of an Ensemble as who; found members of"
            f" {ensemble.name!r}"
        )
    members = {}
    for i, number in enumerate(axis.values.tolist(), start=1):
        label = f"axis 'member', value {i} of {len(axis)}"
        members[str(number)] = ensemble[whole_number(number, label, 0, len(ensemble) - 1)]
    return members


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

    >>> from oxysim.sweeps.sweep_design import grid
    >>> points, _ = runs_of_block((slice(1, 3),), grid({"seed": [5, 6, 7]}), side_by_side=False)
    >>> points.tolist()
    [1, 2]
    """
    # The block's place along each dimension; that of the families is not the design's.
    along = [np.arange(block_slice.start, block_slice.stop) for block_slice in slices]
    dyads = along.pop() if side_by_side else np.zeros(1, dtype=np.int64)
    if design is None:
        points = np.zeros(1, dtype=np.int64)
    else:
        lengths = tuple(design.dims.values())
        points = np.ravel_multi_index(np.meshgrid(*along, indexing="ij"), lengths).ravel()
    # The families are the last dimension, so they change fastest.
    return np.repeat(points.astype(np.int64), len(dyads)), np.tile(dyads, len(points))


def axes_of_block(
    bound: Sequence[BoundAxis], design: SweepDesign | None, points: IntArray
) -> tuple[tuple[BoundAxis, ...], dict[str, IntArray]]:
    """The axes of a design with only the values that occur at some of its points.

    Returns
    -------
    Those axes, and axis name -> position of each point's value among them, -1 for the study's own.

    >>> from oxysim.sweeps.axis_targets import bind
    >>> from oxysim.sweeps.sweep_design import grid
    >>> design = grid({"seed": [5, 6, 7]})
    >>> (seeds,), positions = axes_of_block(bind(design, Family(), {}), design, np.array([2, 1]))
    >>> seeds.axis.values.tolist(), positions["seed"].tolist()
    ([6, 7], [1, 0])
    """
    if design is None:
        return (), {}
    occurring, positions = [], {}
    for target, index in zip(bound, design.indices(points).values(), strict=True):
        # A worker is sent the values of its block alone, and their new positions.
        present = np.unique(index[index != OWN])
        if len(present):
            whole = len(present) == len(target.axis.values)
            occurring.append(target if whole else target.only(present))
            positions[target.axis.name] = np.where(
                index == OWN, OWN, np.searchsorted(present, index)
            )
    return tuple(occurring), positions


def families_of_block(
    source: Who, bound: Sequence[BoundAxis], indices: Mapping[str, IntArray], positions: IntArray
) -> BlockFamilies:
    """The families of some runs.

    Parameters
    ----------
    bound, indices : the axes and each run's value, as a block has them.
    positions : of each run's family among those of `source`, shape (runs,), where no axis "dyad"
    says it.

    >>> families_of_block(Family().repeat(4), (), {}, np.array([2, 2, 3])).which.tolist()
    [0, 0, 1]
    """
    # Without axes of families each run has the family at its own position.
    axes = {target.kind: target for target in bound if target.kind in (DYAD, POPULATION)}
    if not isinstance(source, Members) or not axes:
        present, family_of_run = np.unique(positions, return_inverse=True)
        families = source.take(present)
        added = source.added(families.numbers) if isinstance(source, Members) else []
        return BlockFamilies(families, family_of_run, present, tuple(added) if any(added) else ())
    number = positions
    # A run in which the axis leaves the study alone has the study's own first dyad.
    if DYAD in axes:
        index = indices["dyad"]
        number = np.where(
            index == OWN, source.dyads[0], axes[DYAD].axis.values.astype(np.int64)[index]
        )
    # A number is drawn from the population that the run names, the study's own where it names
    # none.
    by = axes.get(POPULATION)
    under = np.full(len(number), OWN) if by is None else indices[by.axis.name]
    names = [] if by is None else [str(value) for value in by.axis.values.tolist()]
    # Each family is drawn once for all the runs that have it.
    pairs, family_of_run = np.unique(np.stack([under, number], axis=1), axis=0, return_inverse=True)
    parts, added = [], []
    for target in np.unique(pairs[:, 0]).tolist():
        members = source if target == OWN else source.under(names[target])
        numbers = pairs[pairs[:, 0] == target, 1]
        parts.append(members.draw(numbers))
        added += members.added(numbers.tolist())
    families = parts[0] if len(parts) == 1 else combine(parts).numbered(pairs[:, 1].tolist())
    # Under an axis "dyad" the study has one multiplier of an edge for all families.
    places = np.zeros(len(pairs), dtype=np.int64) if DYAD in axes else pairs[:, 1]
    return BlockFamilies(
        families, family_of_run.ravel(), places, tuple(added) if any(added) else ()
    )
