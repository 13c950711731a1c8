"""Each of several points once, where neighbours that are near enough count as one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from oxysim.arrays import FloatArray


def distinct_columns(points: FloatArray, distance: float, order: Iterable[int]) -> list[int]:
    """The numbers of the columns that are different from all before them.

    Parameters
    ----------
    points : shape (k, m), in coordinates in which one distance serves all.
    apart : two columns are different where some coordinate differs by more than this.
    order : numbers of the columns to look at, the first of several that are one is taken.

    >>> distinct_columns(np.array([[5.0, 1.0, 1.0001]]), 0.01, order=[1, 2, 0])
    [1, 0]
    """
    chosen: list[int] = []
    for number in order:
        # while none is chosen there are no distances, and all of none are large enough
        distances = np.abs(points[:, [number]] - points[:, chosen]).max(axis=0)
        if (distances > distance).all():
            chosen.append(number)
    return chosen
