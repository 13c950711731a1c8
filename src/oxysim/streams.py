"""Random streams, keyed by what they are for.

A stream is named by (seed, dyad, purpose, occasion). Its bits depend on that name alone: adding an
arm, changing the batch size, the order or the number of workers changes no other draw.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from oxysim.arrays import FloatArray
from oxysim.checks import require_seed


def stream(seed: int, dyad: int, purpose: str, occasion: str = "") -> np.random.Generator:
    """The random generator of one dyad, for one purpose, on one occasion.

    Parameters
    ----------
    seed : the study's seed, a non-negative integer.
    dyad : the dyad's number within the study.
    purpose : what the draws are for ("parameter caregiver.reward.gain", "measure saliva_oxytocin",
        "jitter feed").
    occasion : distinguishes repeats of the same purpose ("session 2", "visit 3 at 45 min").

    >>> bool(stream(1, 0, "jitter feed").random() == stream(1, 0, "jitter feed").random())
    True
    """
    require_seed(seed)
    # Philox takes any 128-bit key; a digest of the name makes streams of near names unrelated
    name = f"{int(seed)}|{int(dyad)}|{purpose}|{occasion}".encode()
    key = int.from_bytes(hashlib.blake2b(name, digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))


# Dyads that share one generator in `position_uniforms`; changing it changes every draw.
BLOCK = 256


def position_uniforms(
    seed: int, dyads: npt.ArrayLike, purpose: str, occasion: str = ""
) -> FloatArray:
    """One uniform draw on (0, 1) for each dyad, shape (n_dyads,): fast for thousands of dyads.

    One generator is opened for each block of 256 dyad numbers, keyed by (seed, block, purpose,
    occasion), and a dyad's draw is the one at its position in the block. So a draw depends on
    (seed, dyad, purpose, occasion) alone, as with :func:`stream`; how many dyads there are, which
    ones and in which order changes nothing.

    >>> many = position_uniforms(1, range(1000), "trait bond")
    >>> bool(many[700] == position_uniforms(1, [700], "trait bond")[0])
    True
    """
    numbers = np.asarray(dyads, dtype=np.int64)
    block, position = np.divmod(numbers, BLOCK)
    draws = np.empty(numbers.shape)
    for block_number in np.unique(block).tolist():
        inside = block == block_number
        generator = stream(seed, block_number, f"block {purpose}", occasion)
        draws[inside] = generator.random(BLOCK)[position[inside]]
    # a generator's 0 has no quantile
    return np.maximum(draws, 2.0**-54)
