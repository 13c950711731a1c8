"""What a stress pulse does: the smallest that tips a dyad, and how long a dyad takes to come back
from a smaller one.

Stress is that of life events (the channel ``stress_noise``, in standard deviations of daily life);
how much a dyad feels of it is its own ``caregiver.depression.stress_noise_gain``. It acts on
depression directly, so that in the averaged system it adds gain × size / time constant to
depression's speed on the logit scale. In ``simulate`` the same stress is the intervention
:class:`~oxysim.interventions.LifeEvents`; :mod:`oxysim.loop.resilience.full_model_basins` holds the
pulses found here against the full model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.loop.arguments import averaged_system_of_one
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.linear_modes import own_mode
from oxysim.loop.equilibria.trajectories import flow
from oxysim.loop.numerics.bisection import bisected
from oxysim.loop.resilience.basins import Attractors, ends
from oxysim.progress import counting
from oxysim.texts import Described, listed
from oxysim.units import DAY

TRIED = 3  # of the rounds go into eight sizes that are tried at once
MOST_ROUNDS = 40  # beyond them two sizes are one number
MOST_STRESS = 20.0  # standard deviations of life events: what the channel allows
MOST_DAYS = 36500.0  # a century
SHORTEST = 0.01  # days between two looks


@dataclass(frozen=True, eq=False)
class TippingPulses(Described):
    """The smallest stress that tips a dyad out of its lowest regime, for each duration.

    Attributes
    ----------
    days : durations, shape (n,).
    size : smallest size in standard deviations of life events; infinite where even `largest` does
        not tip. Shape (n,).
    largest : the largest size that was tried.

    >>> pulses = TippingPulses(np.array([7.0, 28.0]), np.array([8.0, 3.0]), largest=10.0)
    >>> pulses.load
    array([56., 84.])
    """

    days: FloatArray
    size: FloatArray
    largest: float

    @property
    def load(self) -> FloatArray:
        """Size × duration, SD·days: how much stress in all. Shape (n,)."""
        return self.size * self.days

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        pulses = [
            (
                f"{d:g} d of {s:.3g} SD"
                if np.isfinite(s)
                else f"{d:g} d: none up to {self.largest:g} SD"
            )
            for d, s in zip(self.days, self.size, strict=True)
        ]
        return "Smallest stress that tips", [("", listed(pulses))]

    def table(self) -> Any:
        """A pandas table, a row a duration."""
        import pandas as pd

        return pd.DataFrame({"days": self.days, "size": self.size, "load": self.load})


def tipping_pulses(
    system: AveragedSystem,
    days: Sequence[float],
    *,
    largest: float = 10.0,
    rounds: int = 8,
    progress: bool | None = None,
) -> TippingPulses:
    """The smallest stress pulse after which a dyad ends in another regime, for all durations at
    once.

    Eight sizes up to the largest are tried first and the least of them that tips is bisected, so
    that a small pulse is found where a larger one of the same length does not tip.

    Parameters
    ----------
    system : of one dyad with at least two stable regimes; it starts in the lowest.
    days : durations of the pulse, days.
    largest : the largest size tried, standard deviations of life events (the channel allows 20).
    rounds : the size is known within largest / 2^(rounds + 1); at least 3.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : one stable regime only, durations or sizes that are not positive.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> pulses = tipping_pulses(system, [14.0, 56.0], rounds=3, progress=False)
    >>> bool(pulses.size[0] > pulses.size[1])  # the longer, the smaller
    True
    """
    averaged_system_of_one(system)
    length = _durations(days)
    checks.number(largest, "largest", 0.0, MOST_STRESS, open_low=True)
    checks.whole_number(rounds, "rounds", TRIED, MOST_ROUNDS)
    attractors = ends(system)
    if attractors.stable.shape[1] < 2:
        raise InputError(
            "this dyad has one stable regime on this day, so that no passing stress can tip it"
        )
    # eight sizes of every duration side by side, before any is bisected
    sizes = largest * np.arange(1, 2**TRIED + 1) / 2**TRIED
    n, m = len(sizes), len(length)
    with counting(rounds + 1, "tipping pulses", "round", progress) as bar:
        tried = _tips(attractors, np.tile(length, n), np.repeat(sizes, m)).reshape(n, m)
        bar.advance(1 + TRIED)
        # the least size that tips, which need not be below a larger one that does not
        never, first = ~tried.any(axis=0), sizes[tried.argmax(axis=0)]
        low, high = first - sizes[0], first

        def tips(size: FloatArray) -> BoolArray:
            bar.advance()
            return _tips(attractors, length, size)

        least = bisected(low, high, tips, rounds - TRIED)
    return TippingPulses(length, np.where(never, np.inf, least), float(largest))


def _durations(days: Any) -> FloatArray:
    try:
        length = checks.array(days, "days", (None,))
    except InputError:
        length = np.zeros(1)
    if not (length > 0).all():
        raise checks.refused(days, "days", "positive durations")
    return length


def _tips(attractors: Attractors, days: FloatArray, size: FloatArray) -> Any:
    """Whether each pulse takes the dyad out of its lowest regime, shape (n,)."""
    after = stressed(
        attractors.system, np.repeat(attractors.stable[:, :1], len(days), axis=1), days, size
    )
    return attractors.reached(after) > 0


def stressed(
    system: AveragedSystem, x: FloatArray, days: FloatArray, size: FloatArray
) -> FloatArray:
    """Columns `x` (k, m) after stress of a size for some days, both of shape (m,).

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> x = system.start[:, None]
    >>> bool(stressed(system, x, np.array([7.0]), np.array([2.0]))[0, 0] > x[0, 0])
    True
    """
    p = system.dyad.resolved().caregivers[0].depression
    # on the logit scale of depression, per day
    force = float(np.ravel(p.stress_noise_gain / p.time_constant)[0]) * DAY
    order, state, elapsed = np.argsort(days), x.copy(), 0.0
    for i, day in enumerate(days[order]):  # all that still go on, to the next end of a pulse
        going = order[i:]
        if day > elapsed:
            push = np.zeros((len(x), len(going)))
            push[0] = force * size[going]
            between = float(day - elapsed)
            state[:, going] = flow(system, state[:, going], between, lambda _, push=push: push)  # type: ignore[misc]
            elapsed = float(day)
    return state


@dataclass(frozen=True, eq=False)
class Recovery(Described):
    """Courses back to a regime from some points above it.

    Attributes
    ----------
    days : shape (n,). depression : courses, shape (m, n). displacement : EPDS points above the
        regime, shape (m,).
    regime : depression in the lowest regime.
    slowest : days in which a small distance falls to 1/e, from the Jacobian, in the slowest of all
        directions, which may be the infant's methylation.
    mood : the same of depression's own mode.

    >>> days = np.arange(0.0, 4.0)
    >>> course = 5.0 + np.exp(-days / 2.0)[None]  # 1/e is left after two days
    >>> Recovery(days, course, np.array([1.0]), 5.0, slowest=2.0).time
    array([2.])
    """

    days: FloatArray
    depression: FloatArray
    displacement: FloatArray
    regime: float
    slowest: float
    mood: float = math.nan

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        times = [
            f"{d:+g} points: {t:g} d" for d, t in zip(self.displacement, self.time, strict=True)
        ]
        return "Recovery", [
            ("to depression", f"{self.regime:.2f}"),
            ("1/e is left after", listed(times)),
            ("small distances of mood", f"{self.mood:.0f} d"),
            ("the slowest of all", f"{self.slowest:.0f} d"),
        ]

    @property
    def time(self) -> FloatArray:
        """Days after which less than 1/e of the displacement is left for good, linear between two
        looks; infinite where it never is. (m,)
        """
        # 1/e of each displacement
        distance, limit = (
            np.abs(self.depression - self.regime),
            np.abs(self.displacement) * math.exp(-1.0),
        )
        beyond, rows = distance > limit[:, None], np.arange(len(limit))
        # the last look beyond the limit: it may come back in between
        last = beyond.shape[1] - 1 - beyond[:, ::-1].argmax(axis=1)
        after = np.minimum(last + 1, len(self.days) - 1)
        before, behind = distance[rows, last], distance[rows, after]
        share = (before - limit) / np.where(before > behind, before - behind, 1.0)
        return np.where(
            beyond[:, -1], np.inf, self.days[last] + share * (self.days[after] - self.days[last])
        )


def recovery(
    system: AveragedSystem,
    displacement: Sequence[float],
    *,
    days: float = 365.0,
    every: float = 7.0,
    progress: bool | None = None,
) -> Recovery:
    """Raise depression above the lowest regime, and follow what it does by itself.

    Parameters
    ----------
    system : of one dyad. displacement : EPDS points above the lowest regime, shape (m,).
    days : how long it is followed. every : days between two looks.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : a displacement of 0, or one that leaves the scale of 0 to 30 points.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> found = recovery(system, [1.0], days=28.0, progress=False)
    >>> bool((np.diff(found.depression[0]) < 0).all())
    True
    """
    averaged_system_of_one(system)
    above = checks.array(displacement, "displacement", (None,))
    checks.number(days, "days", 0.0, MOST_DAYS, open_low=True)
    checks.number(every, "every", SHORTEST, days)
    attractors = ends(system)
    rest = attractors.stable[:, 0]
    if not ((above != 0) & (rest[0] + above > 0) & (rest[0] + above < 30)).all():
        raise InputError(
            "displacement: expected EPDS points, not 0, that stay between 0 and 30 from"
            f" {rest[0]:.1f}; found {displacement!r}"
        )
    # depression alone is displaced
    x = np.repeat(rest[:, None], len(above), axis=1)
    x[0] += above
    times, courses = np.arange(0.0, days + every / 2, every), [x[0].copy()]
    with counting(len(times) - 1, "recovery", "look", progress) as bar:
        for _ in times[1:]:
            x = flow(system, x, every)
            courses.append(x[0].copy())
            bar.advance()
    slopes = system.jacobian(rest)
    slowest, mood = -1 / np.linalg.eigvals(slopes).real.max(), -1 / own_mode(slopes, 0).real
    return Recovery(times, np.array(courses).T, above, float(rest[0]), float(slowest), float(mood))
