"""Plausible sets of what is not known of a population: values that all dyads share, and the centres
of its traits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scipy.special import ndtri

from oxysim.arrays import FloatArray
from oxysim.model import registry
from oxysim.population.quantiles import quantile
from oxysim.population.traits import Trait
from oxysim.streams import stream


def plausible_sets(
    traits: Sequence[Trait], values: Mapping[str, float], k: int, *, seed: int
) -> list[tuple[tuple[Trait, ...], dict[str, float]]]:
    """`k` plausible sets: the traits with their centres moved by their `doubt`, and a value for
    every parameter that varies in no other way, from a Latin hypercube over the sets.

    Parameters
    ----------
    traits, values : of the population; its values are held.
    seed : key of the draws.

    >>> sets = plausible_sets((), {"caregiver.bond.reward_gain": 0.1}, 3, seed=1)
    >>> [values["caregiver.bond.reward_gain"] for _, values in sets]
    [0.1, 0.1, 0.1]
    """
    # what was calibrated, or set by a user, is no longer in doubt
    settled = {trait.name for trait in traits} | set(values)
    rows = {
        name: row
        for name, row in registry.parameters().items()
        if name not in settled and row.distribution != "fixed"
    }
    doubtful = [trait for trait in traits if trait.doubt > 0]
    names = [*rows, *(trait.name for trait in doubtful)]
    shares = {name: _stratified(k, seed, name) for name in names}

    sets = []
    for number in range(k):
        drawn = {name: float(quantile(row, shares[name][number])) for name, row in rows.items()}
        moved = {
            trait.name: trait.shifted(trait.doubt * float(ndtri(shares[trait.name][number])))
            for trait in doubtful
        }
        # the population's own values come last, so that they win
        moved_traits = tuple(moved.get(trait.name, trait) for trait in traits)
        sets.append((moved_traits, {**drawn, **values}))
    return sets


def _stratified(k: int, seed: int, name: str) -> FloatArray:
    """`k` shares, one in each of k equal steps of (0, 1) in random order: a Latin hypercube, name
    by name.
    """
    generator = stream(seed, 0, f"plausible {name}")
    return (generator.permutation(k) + generator.random(k)) / k
