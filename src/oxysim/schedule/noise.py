"""What is to be known of a random input that wanders: how long it remembers."""

from __future__ import annotations

from typing import NamedTuple


class Noise(NamedTuple):
    """Two independent Ornstein-Uhlenbeck processes for each caregiver, of mean 0 and variance 1; times in minutes.

    ``stress_time`` and ``mood_time`` are the lags over which the correlation of ``stress_noise`` and ``mood_noise``
    falls to 1/e. How their paths are drawn is said at `oxysim.simulation.noise`.
    """

    stress_time: float
    mood_time: float
