"""Noise of daily life on averaged days: what dyads feel at each step of a cohort, and on average
over the step.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.model.structure import CaregiverParameters
from oxysim.schedule.daily_life_noise import DailyLifeNoise
from oxysim.streams import stream

# Noise is drawn by its exact transition, so that a step follows the slow states alone.
STEP = 3.0  # days
SUBSTEPS = 12  # of a step, in which daily moods, which last for days, are drawn


def kept_of_noise(time: FloatArray | float, of: FloatArray | float) -> FloatArray | float:
    """What a state of time constant `of` keeps of noise of correlation time `time`, on average.

    >>> kept_of_noise(3.0, 1.0)
    0.75
    """
    return time / (time + of)


def depression_at_birth(
    usual: FloatArray, values: CaregiverParameters, life: DailyLifeNoise, event: FloatArray,
    mood: FloatArray,
) -> FloatArray:  # fmt: skip
    """Where newborn infants' mothers begin (`simulation.start.mood_at_birth`), logit units, shape
    (n,).

    `event` and `mood` are the first of the standardised draws below, shape (n,). Without them the
    vulnerability after birth is all that is added:

    >>> from oxysim.families import Dyad
    >>> dyad = Dyad(parameters={"caregiver.depression.vulnerability_at_birth": 0.25})
    >>> calm, values = np.zeros(1), dyad.resolved().caregivers[0]
    >>> depression_at_birth(calm, values, DailyLifeNoise(1e5, 5e3), calm, calm).tolist()
    [0.25]
    """
    depression = values.depression
    event_gain = depression.stress_noise_gain
    mood_gain = depression.loop_gain * depression.mood_gain * values.mood.noise_gain
    # noise of daily life was there before birth, and depression has followed it for long
    events = event * kept_of_noise(life.stress_time, depression.time_constant)
    moods = mood * kept_of_noise(
        life.mood_time + values.mood.time_constant, depression.time_constant
    )
    begin: FloatArray = (
        usual + depression.vulnerability_at_birth + event_gain * events - mood_gain * moods
    )
    return begin


def standard_events(seed: int, n: int, tau: float) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Standardised life events of n dyads, every STEP days from birth; twice, as moods are.

    >>> next(standard_events(1, 3, 365.0))[0].shape
    (3,)
    """
    draw = stream(seed, 0, "averaged cohort, stress")
    remaining = np.exp(-STEP / tau)
    # From the stationary distribution, so that birth is no special day.
    level = draw.standard_normal(n)
    while True:
        yield level, level
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
