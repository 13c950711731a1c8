"""Noise of daily life on averaged days: what dyads feel at each step of a cohort, and on average
over the step.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.streams import stream

# Noise is drawn by its exact transition, so that a step follows the slow states alone.
STEP = 3.0  # days
SUBSTEPS = 12  # of a step, in which daily moods, which last for days, are drawn


def standard_events(seed: int, n: int, tau: float) -> Iterator[FloatArray]:
    """Standardised life events of n dyads, every STEP days from birth; they last for `tau` days.

    >>> next(standard_events(1, 3, 365.0)).shape
    (3,)
    """
    draw = stream(seed, 0, "averaged cohort, stress")
    remaining = np.exp(-STEP / tau)
    # From the stationary distribution, so that birth is no special day.
    level = draw.standard_normal(n)
    while True:
        yield level
        level = remaining * level + np.sqrt(1 - remaining**2) * draw.standard_normal(n)


def standard_moods(
    seed: int, n: int, tau: float, mood_time: float
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Mood that standardised noise of n dyads brings at a gain of 1, every STEP days from birth,
    and its mean over the step that follows.

    The noise remembers `tau` days, mood itself `mood_time` days.

    >>> next(standard_moods(1, 3, 4.0, 7.0))[1].shape
    (3,)
    """
    draw = stream(seed, 0, "averaged cohort, mood")
    substep = STEP / SUBSTEPS
    remaining, moved = np.exp(-substep / tau), 1 - np.exp(-substep / mood_time)
    # both from their stationary distribution
    share = tau / (tau + mood_time)
    noise = draw.standard_normal(n)
    mood = share * noise + np.sqrt(share * (1 - share)) * draw.standard_normal(n)
    while True:
        begin, total = mood, np.zeros(n)
        for _ in range(SUBSTEPS):
            mood = mood + moved * (noise - mood)
            noise = remaining * noise + np.sqrt(1 - remaining**2) * draw.standard_normal(n)
            total += mood
        yield begin, total / SUBSTEPS
