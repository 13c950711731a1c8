"""What is to be known of a random input that wanders: how long it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oxysim import checks
from oxysim.texts import Called


@dataclass(frozen=True)
class DailyLifeNoise(Called):
    """Two independent Ornstein-Uhlenbeck processes for each caregiver, of mean 0 and variance 1;
    times in minutes.

    ``stress_time`` and ``mood_time`` are the lags over which the correlation of ``stress_noise``
    and ``mood_noise`` falls to 1/e. How their paths are drawn is said at
    `oxysim.simulation.noise_paths`.

    Raises
    ------
    InputError : a time that is no number above 0.

    >>> DailyLifeNoise(525_600.0, 30_240.0)
    DailyLifeNoise(525600.0, 30240.0)
    """

    stress_time: float
    mood_time: float

    def __iter__(self) -> Iterator[float]:
        # in the order of the channels `stress_noise` and `mood_noise`
        return iter((self.stress_time, self.mood_time))

    def __post_init__(self) -> None:
        for name in ("stress_time", "mood_time"):
            checks.number(getattr(self, name), name, 0, open_low=True)
