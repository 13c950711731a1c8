"""The mood in which newborn infants' mothers begin: not at their set points, but where pregnancy,
birth and their own lives have brought them.

A dyad that is followed from birth would otherwise spend its first weeks on the way from its set
point to where its vulnerability and its daily life take it, and every cohort would rise.

With daily-life noise s (life events) and m (moods), both standardised (M16), momentary mood and
depression begin at what the stationary processes are expected to be, given s and m at birth:

    mood          μ = ν_M·(a·m + sqrt(a·(1 − a))·z),   a = τ_m/(τ_m + τ_μ),   z standard normal
    depression    logit(D/30) = logit(D_0/30) + V_0 + ν_S·s·τ_s/(τ_s + τ_D)
                                - G·δ_μ·μ·τ/(τ + τ_D),   τ = τ_m + τ_μ

The first is exact for the process of mood (M20); in the second what earlier weeks add at random is
left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.model.inputs import NOISE
from oxysim.model.mechanisms.depression import EPDS_HIGHEST
from oxysim.model.mechanisms.shapes import logistic, logit
from oxysim.model.structure import CaregiverParameters
from oxysim.per_dyad import PerDyad
from oxysim.schedule import DailyLifeNoise, as_schedule
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.streams import stream


def start_at_birth(family: Family, days: Any, seed: int) -> Family:
    """Newborn dyads with the mood and depression that their lives bring; others as they are.

    Parameters
    ----------
    family : dyads of one age.
    days : the day that all live, or a list with one a dyad: daily-life noise counts where a day has
        it.
    seed : of the noise, as everywhere.

    A starting value that is already there stays.

    >>> from oxysim.schedule import Routine
    >>> newborn = Family(infant_age="0 d")
    >>> start_at_birth(newborn, Routine.typical(), 1).start["mother.depression"] > 5.4
    array([ True])
    """
    if family.ages()[0] != 0 or any(".depression" in name for name in family.start):
        return family
    n = len(family)
    per_dyad = PerDyad.of(days) if isinstance(days, list) else PerDyad.shared(days, n)
    kinds = [schedule.noise for schedule in per_dyad.map(as_schedule)]
    paths = NoisePaths(kinds, [seed] * n, family.numbers, family.caregivers)
    at_birth = paths.between(np.arange(n), [0] * n, 1)[:, :, 0]

    start: dict[str, Any] = {}
    for k, name in enumerate(family.caregivers):
        parameters = family.resolved().caregivers[k]
        draws = [stream(seed, dyad, f"mood at birth, {name}") for dyad in family.numbers]
        noise = at_birth[:, k * len(NOISE) : (k + 1) * len(NOISE)].T
        normal = np.array([draw.standard_normal() for draw in draws])
        mood = _mood(parameters, kinds, noise[1], normal)
        start |= {
            f"{name}.mood": mood,
            f"{name}.depression": _depression(parameters, kinds, noise[0], mood),
        }
    return family.with_start(start)


def depression_at_birth(
    p: CaregiverParameters, events_time: Any, moods_time: Any, events: Any, mood: Any
) -> Any:
    """Depression at birth, logit units of its share of the EPDS, shape (n,) or a float.

    Parameters
    ----------
    events_time, moods_time : the correlation times of daily life, minutes; 0 where there is none.
    events : life events at birth, standardised.
    mood : momentary mood at birth.

    >>> from oxysim.families import Dyad
    >>> p = Dyad(parameters={"caregiver.depression.vulnerability_at_birth": 0.0}).resolved()
    >>> level = depression_at_birth(p.caregivers[0], 0.0, 0.0, events=0.0, mood=0.0)
    >>> round(EPDS_HIGHEST * logistic(level), 6)
    5.4
    """
    d = p.depression
    moods = moods_time + p.mood.time_constant
    return (
        logit(d.set_point / EPDS_HIGHEST)
        + d.vulnerability_at_birth
        + d.stress_noise_gain * events * events_time / (events_time + d.time_constant)
        - d.loop_gain * d.mood_gain * mood * moods / (moods + d.time_constant)
    )


def _mood(
    p: CaregiverParameters,
    kinds: Sequence[DailyLifeNoise | None],
    noise: FloatArray,
    normal: FloatArray,
) -> FloatArray:
    """Momentary mood at birth, shape (n,)."""
    # zero without daily-life noise: nothing has moved mood
    time = np.array([kind.mood_time if kind else 0.0 for kind in kinds])
    share = time / (time + p.mood.time_constant)
    mood: FloatArray = p.mood.noise_gain * (share * noise + np.sqrt(share * (1 - share)) * normal)
    return mood


def _depression(
    p: CaregiverParameters,
    kinds: Sequence[DailyLifeNoise | None],
    noise: FloatArray,
    mood: FloatArray,
) -> FloatArray:
    """Depression at birth, EPDS points, shape (n,)."""
    events = np.array([kind.stress_time if kind else 0.0 for kind in kinds])
    moods = np.array([kind.mood_time if kind else 0.0 for kind in kinds])
    level = depression_at_birth(p, events, moods, noise, mood)
    depression: FloatArray = EPDS_HIGHEST * logistic(level)
    return depression
