"""What a stress pulse does: the smallest that tips a dyad, and how long a dyad takes to come back from a smaller one.

Stress is that of life events (the channel ``stress_noise``, in standard deviations of daily life); how much a dyad
feels of it is its own ``caregiver.depression.stress_noise_gain``. It acts on depression directly, so that in
the averaged system it adds gain × size / time constant to depression's speed on the logit scale. In ``simulate`` the
same stress is the intervention :class:`~oxysim.interventions.LifeEvents`; :mod:`oxysim.loop.frozen_courses` holds the
pulses found here against the full model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.errors import InputError
from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.curve import FloatArray
from oxysim.loop.tipping import Ends, ends, flow
from oxysim.units import DAY


@dataclass(frozen=True, eq=False)
class TippingPulses:
    """The smallest stress that tips a dyad out of its lowest regime, for each duration.

    Attributes
    ----------
    days : durations, shape (n,).
    size : smallest size in standard deviations of life events; infinite where even `largest` does not tip. Shape (n,).
    largest : the largest size that was tried.
    """

    days: FloatArray
    size: FloatArray
    largest: float

    @property
    def load(self) -> FloatArray:
        """Size × duration, SD·days: how much stress in all. Shape (n,)."""
        return self.size * self.days

    def table(self) -> Any:
        """A pandas table, a row a duration."""
        import pandas as pd

        return pd.DataFrame({"days": self.days, "size": self.size, "load": self.load})


def tipping_pulses(
    system: AveragedSystem, days: Sequence[float], *, largest: float = 10.0, rounds: int = 8
) -> TippingPulses:
    """Bisect, for all durations at once, the smallest stress pulse after which a dyad ends in another regime.

    Parameters
    ----------
    system : of one dyad with at least two stable regimes; it starts in the lowest.
    days : durations of the pulse, days.
    largest : the largest size tried, standard deviations of life events (the channel allows 20).
    rounds : halvings; the size is known within largest / 2^(rounds + 1).

    Raises
    ------
    InputError : one stable regime only, durations or sizes that are not positive.
    """
    length = np.asarray(days, dtype=float)
    if length.ndim != 1 or not len(length) or not (np.isfinite(length) & (length > 0)).all():
        raise InputError(f"days: expected positive durations; found {days!r}")
    if not 0 < largest <= 20:
        raise InputError(f"largest: expected a size in (0, 20]; found {largest!r}")
    found = ends(system)
    if found.stable.shape[1] < 2:
        raise InputError("this dyad has one stable regime on this day, so that no passing stress can tip it")
    low, high = np.zeros(len(length)), np.full(len(length), float(largest))
    never = ~_tips(found, length, high)
    for _ in range(rounds):
        middle = (low + high) / 2
        tipped = _tips(found, length, middle)
        low, high = np.where(tipped, low, middle), np.where(tipped, middle, high)
    return TippingPulses(length, np.where(never, np.inf, (low + high) / 2), float(largest))


def _tips(found: Ends, days: FloatArray, size: FloatArray) -> Any:
    """Whether each pulse takes the dyad out of its lowest regime, shape (n,)."""
    after = stressed(found.system, np.repeat(found.stable[:, :1], len(days), axis=1), days, size)
    return found.reached(after) > 0


def stressed(system: AveragedSystem, x: FloatArray, days: FloatArray, size: FloatArray) -> FloatArray:
    """Columns `x` (k, m) after stress of a size for some days, both of shape (m,)."""
    p = system.dyad.resolved().caregivers[0].depression
    force = float(np.ravel(p.stress_noise_gain / p.time_constant)[0]) * DAY
    order, now, elapsed = np.argsort(days), x.copy(), 0.0
    for i, day in enumerate(days[order]):  # all that still go on, to the next end of a pulse
        going = order[i:]
        if day > elapsed:
            push = np.zeros((len(x), len(going)))
            push[0] = force * size[going]
            now[:, going] = flow(system, now[:, going], float(day - elapsed), lambda _, push=push: push)  # type: ignore[misc]
            elapsed = float(day)
    return now


@dataclass(frozen=True, eq=False)
class Recovery:
    """Courses back to a regime from some points above it.

    Attributes
    ----------
    days : shape (n,). epds : courses, shape (m, n). displacement : EPDS points above the regime, shape (m,).
    regime : EPDS of the lowest regime. slowest : days in which a small distance falls to 1/e, from the Jacobian.
    """

    days: FloatArray
    epds: FloatArray
    displacement: FloatArray
    regime: float
    slowest: float

    @property
    def time(self) -> FloatArray:
        """Days after which less than 1/e of the displacement is left for good; infinite where it never is. (m,)"""
        left = np.abs(self.epds - self.regime) > np.abs(self.displacement)[:, None] * math.exp(-1.0)
        last = left.shape[1] - 1 - left[:, ::-1].argmax(axis=1)
        return np.where(left[:, -1], np.inf, self.days[np.minimum(last + 1, len(self.days) - 1)])


def recovery(
    system: AveragedSystem, displacement: Sequence[float], *, days: float = 365.0, every: float = 7.0
) -> Recovery:
    """Raise depression above the lowest regime, and follow what it does by itself.

    Raises
    ------
    InputError : a displacement of 0, or one that leaves the scale of 0 to 30 points.
    """
    found = ends(system)
    rest = found.stable[:, 0]
    above = np.asarray(displacement, dtype=float)
    if above.ndim != 1 or not len(above) or not ((above != 0) & (rest[0] + above > 0) & (rest[0] + above < 30)).all():
        raise InputError(
            f"displacement: expected EPDS points, not 0, that stay between 0 and 30 from {rest[0]:.1f}; found "
            f"{displacement!r}"
        )
    x = np.repeat(rest[:, None], len(above), axis=1)
    x[0] += above
    times, courses = np.arange(0.0, days + every / 2, every), [x[0].copy()]
    for _ in times[1:]:
        x = flow(system, x, every)
        courses.append(x[0].copy())
    slowest = -1 / np.linalg.eigvals(system.jacobian(rest)).real.max()
    return Recovery(times, np.array(courses).T, above, float(rest[0]), float(slowest))
