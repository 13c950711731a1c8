"""Profiles: how the log density falls as a parameter is moved away from its most probable value and
the others follow.

The root of twice the fall is close to a straight line (Bates & Watts 1988, section 6.1), along
which a secant finds in three or four steps where the limit of an interval is reached. A profile
that does not fall as far before the end of the latents is open on that side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oxysim.arrays import FloatArray
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.search.log_posterior import FENCE, LogPosterior
from oxysim.fitting.search.optimisation import Maximum, find_maximum
from oxysim.texts import Described, listed
from oxysim.units import with_unit

NEAR = 0.01  # of the limit's root: there the interval's end is within a hundredth of its length
MOST_STEPS = 12
LONGEST_STEP = 1.5  # latent units at once, where a line along the root would lead farther
SHORTEST_SPREAD, WIDEST_SPREAD = 1e-3, 1.5  # latent units, of the first step


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Described):
    """The profile of one parameter.

    Attributes
    ----------
    parameter : whose it is.
    latents, falls : where the parameter was fixed, ascending, and by how much the log density is
        lower there than at its maximum.
    low, high : the interval's ends as latents; infinite where the profile is open.
    level : of the interval.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> (free,) = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> profile = Profile(free, np.zeros(1), np.zeros(1), 0.0, np.inf, 0.95)
    >>> profile.open_sides
    ('above',)
    """

    parameter: FreeParameter
    latents: FloatArray
    falls: FloatArray
    low: float
    high: float
    level: float

    @property
    def interval(self) -> tuple[float, float]:
        """The ends in the parameter's unit; infinite where the profile is open."""
        low, high = (self._value(latent) for latent in (self.low, self.high))
        return low, high

    @property
    def open_sides(self) -> tuple[str, ...]:
        """On which sides the data set no limit: "below", "above"."""
        sides = (("below", self.low), ("above", self.high))
        return tuple(side for side, end in sides if not np.isfinite(end))

    @property
    def rise(self) -> float:
        """By how much a point lies above the maximum that the profile started from."""
        return float(max(0.0, -self.falls.min()))

    def to_pandas(self) -> pd.DataFrame:
        """The points in the parameter's unit, with the log density relative to its maximum."""
        values = self.parameter.value(self.latents)
        return pd.DataFrame({"value": values, "log_density": -self.falls})

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        low, high = self.interval
        ends = with_unit(f"{low:.4g} to {high:.4g}", self.parameter.unit)
        facts: list[tuple[str, object]] = [(f"{100 * self.level:g} % in", ends)]
        if self.open_sides:
            facts.append(("open", listed(self.open_sides)))
        return f"Profile of {self.parameter.name}", facts

    def _value(self, latent: float) -> float:
        if not np.isfinite(latent):
            return latent
        return float(self.parameter.value(np.array([latent]))[0])


def profile_of(
    density: LogPosterior,
    maximum: Maximum,
    position: int,
    parameter: FreeParameter,
    level: float,
) -> Profile:
    """The profile of the parameter at a position among the latents.

    Parameters
    ----------
    maximum : of the density, from which the profile goes to both sides.
    level : of the interval, for one parameter: a root of 1.96 for 95 %.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> bowl = LogPosterior(lambda z: -1.5 * (z[:, 0] - 1) ** 2, 1)
    >>> top = find_maximum(bowl, np.zeros(1))
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> profile = profile_of(bowl, top, 0, free[0], 0.95)
    >>> round(profile.high - profile.low, 2)  # twice 1.96, over the root of a curvature of 4
    1.96
    """
    target = float(ndtri((1 + level) / 2))
    walks = [_Walk(density, maximum, position, target, side) for side in (-1, 1)]
    low, high = (walk.limit() for walk in walks)
    points = {float(maximum.latent[position]): 0.0} | walks[0].falls | walks[1].falls
    latents = np.array(sorted(points))
    falls = np.array([points[latent] for latent in latents.tolist()])
    return Profile(parameter, latents, falls, low, high, level)


class _Walk:
    """One side of a profile, from the maximum outwards."""

    def __init__(
        self,
        density: LogPosterior,
        maximum: Maximum,
        position: int,
        target: float,
        side: int,
    ) -> None:
        self.density, self.maximum, self.position = density, maximum, position
        self.target, self.side = target, side
        self.centre = float(maximum.latent[position])
        spread = float(np.sqrt(maximum.covariance()[position, position]))
        self.spread = float(np.clip(spread, SHORTEST_SPREAD, WIDEST_SPREAD))
        self.falls: dict[float, float] = {}
        # where the others were, for the next guess of them
        self.others = {0.0: np.delete(maximum.latent, position)}

    def limit(self) -> float:
        """The latent at which the root reaches the target; infinite where it never does."""
        # (distance, root) below and above the target
        inner, outer = (0.0, 0.0), None
        distance = self.spread * self.target / 2
        farthest = FENCE - self.side * self.centre
        for step in range(MOST_STEPS):
            distance = min(distance, farthest)
            root = self._root(distance)
            if abs(root - self.target) < NEAR * self.target and step:
                slope = (root - inner[1]) / (distance - inner[0])
                return self._latent(distance + (self.target - root) / slope)
            if root < self.target:
                inner = (distance, root)
                if distance >= farthest:
                    return self.side * np.inf
            else:
                outer = (distance, root)
            distance = self._next(inner, outer)
        # a root that jumps at the target: the end lies between two points that are next to it
        return self._latent(inner[0] if outer is None else (inner[0] + outer[0]) / 2)

    def _next(self, inner: tuple[float, float], outer: tuple[float, float] | None) -> float:
        """Where a straight line along the root reaches the target."""
        if outer is not None:
            share = (self.target - inner[1]) / (outer[1] - inner[1])
            # off the ends, so that a bracket always shrinks
            return inner[0] + float(np.clip(share, 0.05, 0.95)) * (outer[0] - inner[0])
        slope = max(inner[1] / inner[0], 1e-6)
        return inner[0] + min((self.target - inner[1]) / slope * 1.02, LONGEST_STEP)

    def _root(self, distance: float) -> float:
        """The root of twice the fall, with the others at their best."""
        latent = self._latent(distance)
        density = self.density.along(self.position, latent)
        best = find_maximum(density, self._guess(distance))
        self.others[distance] = best.latent
        fall = self.maximum.log_density - best.log_density
        self.falls[latent] = fall
        return float(np.sqrt(2 * max(fall, 0.0)))

    def _guess(self, distance: float) -> FloatArray:
        """Where the others will be: on from the two nearest points by a straight line."""
        near, *further = sorted(self.others, key=lambda walked: abs(walked - distance))
        if not further:
            return self.others[near]
        slope = (self.others[near] - self.others[further[0]]) / (near - further[0])
        return self.others[near] + slope * (distance - near)

    def _latent(self, distance: float) -> float:
        return self.centre + self.side * distance
