"""Draws keyed by the number of a participant and a purpose: neither more participants nor more
replications change what was there.
"""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.streams import position_uniforms

NUMBERS_PER_REPLICATION = 2**20
"""Participants of one replication that have numbers of their own: more than any pool holds that is
simulated here.
"""

CHUNK = 32
"""Replications whose streams are opened together: opening costs the square of how many are."""


def participant_numbers(shape: tuple[int, int]) -> IntArray:
    """The numbers that key the draws of participants, shape (replications, n): those of one
    replication do not depend on how many there are.

    >>> participant_numbers((2, 2)).tolist()
    [[0, 1], [1048576, 1048577]]
    """
    # rows far apart, so that a larger n never runs into the next replication's numbers
    first = np.arange(shape[0])[:, None] * NUMBERS_PER_REPLICATION
    return np.asarray(first + np.arange(shape[1]))


def chunks(numbers: IntArray, size: int = CHUNK) -> list[IntArray]:
    """Some replications at a time.

    >>> [len(chunk) for chunk in chunks(np.zeros((70, 3), dtype=np.int64))]
    [32, 32, 6]
    """
    return [numbers[i : i + size] for i in range(0, len(numbers), size)]


def uniforms(seed: int, numbers: IntArray, purpose: str) -> FloatArray:
    """One draw between 0 and 1 for each number, of the shape of `numbers`.

    >>> numbers = participant_numbers((2, 3))
    >>> bool((uniforms(1, numbers, "drop-out")[:1] == uniforms(1, numbers[:1], "drop-out")).all())
    True
    """
    # the draws hang on numbers and purpose alone, not on the chunks
    drawn = [position_uniforms(seed, chunk.ravel(), purpose) for chunk in chunks(numbers)]
    return np.concatenate(drawn).reshape(numbers.shape)
