"""Bisection of many brackets at once: the middle points of a round are asked together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from oxysim.arrays import BoolArray, FloatArray


def bisected(
    low: FloatArray, high: FloatArray, like_high: Callable[[FloatArray], BoolArray], rounds: int
) -> FloatArray:
    """The middles of brackets that were halved so many times, shape (n,).

    Parameters
    ----------
    low, high : ends of the brackets, shape (n,).
    like_high : whether each of n middle points is like the upper end of its bracket, shape (n,).
    rounds : halvings; the answer is within the bracket's width over 2^(rounds + 1).

    >>> bisected(np.array([0.0]), np.array([2.0]), lambda x: x**2 > 2.0, 20).round(4)
    array([1.4142])
    """
    for _ in range(rounds):
        middle = (low + high) / 2
        # the half is kept whose two ends differ
        upper = like_high(middle)
        low, high = np.where(upper, low, middle), np.where(upper, middle, high)
    return (low + high) / 2
