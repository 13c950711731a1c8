"""Why a replication cannot be analysed, in words: an arm is empty, or nobody in it differs.

A cause is a mask over the replications with the sentence that goes with it; of several that hold in
one replication the first is reported.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.statistics.moments import Moments, flat

Causes = tuple[tuple[BoolArray, str], ...]


def too_few(arm: str, n: FloatArray, least: int) -> Causes:
    """Causes of a replication without a result: the arm is empty, or holds fewer than `least`.

    >>> [cause for mask, cause in too_few("arm 'a'", np.array([1.0]), 2) if mask[0]]
    ["arm 'a' holds fewer than 2 participants with a reading"]
    """
    return (
        (n == 0, f"{arm} holds no reading, only NaN"),
        (n < least, f"{arm} holds fewer than {least} participants with a reading"),
    )


def spreadless(*groups: Moments) -> Causes:
    """The cause that nobody in a group differs from the others of it.

    >>> from oxysim.statistics.moments import moments
    >>> spreadless(moments(np.ones((1, 4))))[0][0]
    array([ True])
    """
    # judged over all groups together: one without spread is no obstacle if another has some
    squares: FloatArray = np.sum([group.squares for group in groups], axis=0)
    n: FloatArray = np.sum([group.n for group in groups], axis=0)
    size: FloatArray = np.max([group.size for group in groups], axis=0)
    sentence = "everyone in an arm reads the same, so nothing to test a difference against"
    return ((flat(squares, n, size), sentence),)


def reasons(method: str, causes: Causes, refuse: bool = True) -> dict[int, str]:
    """Replication -> the first cause that holds there; with `refuse`, raises ``InputError`` if no
    replication is left.

    >>> reasons("t test", ((np.array([False, True]), "nobody came"),))
    {1: 'nobody came'}
    """
    excluded = first_causes(causes)
    # the message names the cause of one replication: a list of thousands says no more
    if refuse and causes and len(excluded) == len(causes[0][0]):
        raise InputError(f"{method}: no replication can be analysed; in the first, {excluded[0]}")
    return excluded


def first_causes(causes: Causes) -> dict[int, str]:
    """Replication -> the first cause that holds there.

    >>> first_causes(((np.array([True]), "first"), (np.array([True]), "second")))
    {0: 'first'}
    """
    excluded: dict[int, str] = {}
    for mask, cause in causes:
        for replication in np.flatnonzero(mask).tolist():
            # the first cause stays: an empty arm also holds too few and has no spread
            excluded.setdefault(replication, cause)
    return excluded


def excluded_mask(excluded: Mapping[int, str], replications: int) -> BoolArray:
    """Which replications are excluded, shape (replications,).

    >>> excluded_mask({1: "nobody came"}, 3)
    array([False,  True, False])
    """
    # an empty list of replications excludes none
    mask = np.zeros(replications, dtype=bool)
    mask[list(excluded)] = True
    return mask
