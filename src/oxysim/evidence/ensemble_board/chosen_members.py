"""Which members of an ensemble are asked, where asking all of them would take too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oxysim.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class ChosenMembers:
    """Members of an ensemble, each once, with their weights.

    Attributes
    ----------
    numbers : of the members in the ensemble, from 0, shape (n,).
    weights : how much of the ensemble each stands for, summing to 1.

    >>> chosen_evenly(np.full(4, 0.25), 2).numbers.tolist()
    [0, 2]
    """

    numbers: IntArray
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.numbers)


def chosen_evenly(weights: FloatArray, n: int) -> ChosenMembers:
    """`n` members, or all of a smaller ensemble, at even steps of the cumulative weight.

    Members stand structure by structure, so each structure is represented by its share. A member
    of more weight than a step is met several times, and then counts as often.

    >>> chosen_evenly(np.array([0.7, 0.1, 0.1, 0.1]), 3).weights.round(2).tolist()
    [0.67, 0.33]
    """
    shares = np.asarray(weights, dtype=float) / np.sum(weights)
    if n >= len(shares):
        return ChosenMembers(np.arange(len(shares)), shares)
    # the middle of each step: systematic sampling without a draw, so that the choice is the same
    # for the same ensemble
    steps = (np.arange(n) + 0.5) / n
    met = np.searchsorted(np.cumsum(shares), steps)
    numbers, times = np.unique(np.minimum(met, len(shares) - 1), return_counts=True)
    return ChosenMembers(numbers, times / n)


def of_all(values: Sequence[float], weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The values that are numbers, and their weights, which sum to 1 again.

    >>> of_all([1.0, float("nan")], np.array([0.5, 0.5]))
    (array([1.]), array([1.]))
    """
    numbers = np.asarray(values, dtype=float)
    is_known = np.isfinite(numbers)
    shares = np.asarray(weights)[is_known]
    return numbers[is_known], shares / shares.sum() if len(shares) else shares
