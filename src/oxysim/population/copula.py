"""The Gaussian copula of a population: traits that go together, through their normal scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.population.traits import Correlation, Trait
from oxysim.streams import position_uniforms


def traits_of_members(
    traits: Sequence[Trait], caregivers: tuple[str, ...]
) -> list[tuple[str, Trait]]:
    """Full parameter name and trait; "caregiver." stands for each caregiver.

    >>> trait = Trait("caregiver.bond.reward_gain", "lognormal", spread=0.2)
    >>> [name for name, _ in traits_of_members([trait], ("mother", "father"))]
    ['mother.bond.reward_gain', 'father.bond.reward_gain']
    """
    pairs = []
    for trait in traits:
        member, _, parameter = trait.name.partition(".")
        members = caregivers if member == "caregiver" else (member,)
        pairs += [(f"{name}.{parameter}", trait) for name in members]
    return pairs


def mixing_matrix(
    traits: Sequence[tuple[str, Trait]], correlations: Sequence[Correlation]
) -> FloatArray:
    """The lower Cholesky factor of the correlation matrix of these members' traits.

    A caregiver's traits go together with the infant's and with each other; those of two caregivers
    are unrelated, and so is one trait in two caregivers.

    Raises
    ------
    numpy.linalg.LinAlgError : no population can have these correlations together.

    >>> trait = Trait("caregiver.bond.reward_gain", "lognormal", spread=0.2)
    >>> mixing_matrix([("mother.bond.reward_gain", trait)], [])
    array([[1.]])
    """
    # what no correlation names is unrelated
    r = np.eye(len(traits))
    correlation_of = {frozenset((pair.first, pair.second)): pair.r for pair in correlations}
    for i, (name, trait) in enumerate(traits):
        for k, (earlier_name, earlier) in enumerate(traits[:i]):
            caregivers = {name.partition(".")[0], earlier_name.partition(".")[0]} - {"infant"}
            if len(caregivers) < 2 and trait is not earlier:
                pair = frozenset((trait.name, earlier.name))
                r[i, k] = r[k, i] = correlation_of.get(pair, 0.0)
    return np.asarray(np.linalg.cholesky(r)) if len(traits) else r


def mixing_of_population(
    name: str,
    traits: Sequence[Trait],
    correlations: Sequence[Correlation],
    caregivers: tuple[str, ...],
) -> FloatArray:
    """The factor of :func:`mixing_matrix` for a population with this name.

    Raises
    ------
    InputError : no population can have these correlations together.

    >>> trait = Trait("caregiver.bond.reward_gain", "lognormal", spread=0.2)
    >>> mixing_of_population("alike", [trait], [], ("mother", "father")).shape
    (2, 2)
    """
    try:
        return mixing_matrix(traits_of_members(traits, caregivers), correlations)
    except np.linalg.LinAlgError:
        pairs = ", ".join(f"{p.first} with {p.second} {p.r:g}" for p in correlations)
        raise InputError(
            f"population {name!r}: no population can have these correlations together:"
            f" {pairs}; bring some of them nearer to 0"
        ) from None


def correlated_scores(
    names: Sequence[str], mixing: FloatArray, numbers: IntArray, seed: int
) -> FloatArray:
    """Normal scores of the traits (rows) of the families with these numbers (columns).

    >>> correlated_scores(["mother.bond"], np.eye(1), np.arange(3), seed=1).shape
    (1, 3)
    """
    # a draw of each trait by its own name: traits that are added later change no draw
    independent = np.array(
        [ndtri(position_uniforms(seed, numbers, f"trait {name}")) for name in names]
    )
    # row by row: a product of matrices rounds differently as more dyads are drawn at once
    scores = np.zeros_like(independent)
    for i, k in zip(*np.nonzero(mixing), strict=True):
        scores[i] += mixing[i, k] * independent[k]
    return scores
