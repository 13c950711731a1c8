"""Newborns' mothers begin where the stationary processes of mood and depression are expected."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from oxysim.families import Family
from oxysim.interventions import DailyLife
from oxysim.schedule import Routine, as_schedule
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.start.mood_at_birth import start_at_birth

N, SEED = 4000, 7
GAIN = "caregiver.mood.noise_gain"


def _born(age: str = "0 d", *, noisy: bool = True, depression: float | None = None) -> Family:
    newborns = Family(infant_age=age).repeat(N)
    if depression is not None:
        newborns = newborns.with_start({"mother.depression": depression})
    day = as_schedule(Routine.typical() + DailyLife() if noisy else Routine.typical())
    return start_at_birth(newborns, [day] * N, SEED)


def test_mood_at_birth_is_the_stationary_mood_of_its_noise() -> None:
    """Closed form of a linear filter of an Ornstein-Uhlenbeck process m: mean 0, variance a·ν² and
    covariance a·ν with m, where a = τ_m/(τ_m + τ_μ).
    """
    born = _born()
    mood = born.resolved().caregivers[0].mood
    kind = as_schedule(Routine.typical() + DailyLife()).noise
    assert kind is not None
    noise = NoisePaths([kind] * N, [SEED] * N, born.numbers, born.caregivers).between(
        np.arange(N), [0] * N, 1
    )[:, 1, 0]
    share = kind.mood_time / (kind.mood_time + float(np.mean(mood.time_constant)))
    gain = float(np.mean(mood.noise_gain))
    values = born.start["mother.mood"]
    # four standard errors of the mean, the variance and the covariance of 4000 normal pairs
    assert abs(values.mean()) < 4 * gain * np.sqrt(share / N)
    assert values.var() == pytest.approx(share * gain**2, rel=4 * np.sqrt(2 / N))
    of_noise = np.cov(values, noise)[0, 1]
    assert of_noise == pytest.approx(share * gain, abs=4 * gain * np.sqrt((share + share**2) / N))


def test_depression_at_birth_is_vulnerability_alone_on_a_day_without_noise() -> None:
    born = _born(noisy=False)
    p = born.resolved().caregivers[0].depression
    level = logit(p.set_point / 30) + p.vulnerability_at_birth
    np.testing.assert_allclose(born.start["mother.depression"], 30 * expit(level), rtol=1e-12)
    assert not born.start["mother.mood"].any()


def test_who_is_no_newborn_or_has_a_start_begins_there() -> None:
    assert not _born("3 months").start
    assert set(_born(depression=9.0).start) == {"mother.depression"}


def test_a_dyad_draws_its_own_mood_whoever_else_is_born() -> None:
    newborns = Family(infant_age="0 d").repeat(3)
    day = as_schedule(Routine.typical() + DailyLife())
    together = start_at_birth(newborns, [day] * 3, SEED).start["mother.mood"]
    last = start_at_birth(newborns.take([2]), [day], SEED).start["mother.mood"]
    assert together[2] == last[0] and len(set(together)) == 3
