"""Fitting a population to findings: which numbers are free, how far each finding is missed, what
the search found.

The search is least squares over coordinates in which every free number is unbounded or nearly so:
logarithms of positive ones, Fisher's z of correlations. Every draw is keyed by the seed, so the
misses are one fixed function of the free numbers (common random numbers), rough at the scale of
single participants; slopes are taken over steps wider than that. What comes out is one point of a
flat valley: there are about as many free numbers as findings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from oxysim.arrays import FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.findings.published import Target
from oxysim.model import registry
from oxysim.population import Correlation, Population

# coordinates are counted in steps from here, so that a relative step of 1/ORIGIN is one step
ORIGIN = 10.0
# half widths by which every finding is missed where the numbers make no population
IMPOSSIBLE = 10.0
# What of a population a search may move.
KINDS = ("centre", "spread", "value", "r")


@dataclass(frozen=True)
class Free:
    """One number that a calibration may move.

    Parameters
    ----------
    kind : "centre" or "spread" of a trait, "value" shared by all dyads, or "r" between two traits.
    name : the trait or parameter; for "r" the first trait.
    low, high : bounds.
    step : over which slopes are taken: of the logarithm (positive numbers), of Fisher's z
        (correlations).
    second : for "r" the second trait.

    >>> level = Free("centre", "caregiver.depression.set_point", 2.0, 16.0)
    >>> round(level.back(level.onto(5.0)), 6)
    5.0
    """

    kind: str
    name: str
    low: float
    high: float
    step: float = 0.1
    second: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name("kind of free number", self.kind, KINDS)
        # A correlation has a range of its own; all else is positive.
        inside = -1 < self.low < self.high < 1 if self.kind == "r" else 0 < self.low < self.high
        if not inside or not self.step > 0:
            raise InputError(
                f"{self.label}: expected low < high inside the legal range and a step above 0;"
                f" found {self}"
            )

    @property
    def label(self) -> str:
        """What it is, as the record names it."""
        return (
            f"r of {self.name} with {self.second}"
            if self.kind == "r"
            else f"{self.name}: {self.kind}"
        )

    def read(self, population: Population) -> float:
        """Its value in a population.

        >>> gain = Free("value", "caregiver.depression.loop_gain", 0.1, 3.0)
        >>> gain.read(Population("made up").with_values({gain.name: 1.2}))
        1.2
        """
        if self.kind == "r":
            correlations = [
                c.r
                for c in population.correlations
                if {c.first, c.second} == {self.name, self.second}
            ]
            return correlations[0] if correlations else 0.0
        if self.kind == "value":
            return float(
                population.values.get(
                    self.name, registry.parameter_row(self.name, ("mother",))[2].default
                )
            )
        return float(getattr(population.trait(self.name), self.kind))

    def write(self, population: Population, value: float) -> Population:
        """A population in which it has that value, rounded to four digits, marked as calibrated.

        >>> gain = Free("value", "caregiver.depression.loop_gain", 0.1, 3.0)
        >>> gain.read(gain.write(Population("made up"), 0.987654))
        0.9877
        """
        # Four digits: the record and the file then say the same.
        number = float(f"{value:.4g}")
        if self.kind == "value":
            return population.with_values({self.name: number})
        if self.kind == "r":
            # A correlation of two traits stands once, in either order.
            pair = {self.name, self.second}
            before = [c for c in population.correlations if {c.first, c.second} == pair]
            unchanged = tuple(c for c in population.correlations if c not in before)
            note = before[0].note if before else "calibrated"
            source = before[0].source if before else "assumption"
            return population.replace(
                correlations=(*unchanged, Correlation(self.name, self.second, number, source, note))
            )
        changes: dict[str, Any] = {self.kind: number, "status": "calibrated"}
        return population.with_trait(self.name, **changes)

    def onto(self, value: float) -> float:
        """Its coordinate: logarithm, or Fisher's z."""
        # both run over all numbers, and a step there weighs the same wherever it is taken
        return float(np.arctanh(value) if self.kind == "r" else np.log(value))

    def back(self, coordinate: float) -> float:
        """The value at a coordinate."""
        return float(np.tanh(coordinate) if self.kind == "r" else np.exp(coordinate))


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a search found.

    Attributes
    ----------
    population : the fitted population.
    free : label -> (start, found).
    figures : finding -> what the fitted population gives.
    misses : finding -> distance from the middle of its interval in half widths (beyond 1: missed).
    objective : half the sum of squared misses.
    starts : the objective at each start point and where the search from it ended.
    evaluations : how many populations were simulated.

    >>> fit = Calibration(Population("made up"), {}, {"C12": 3.0}, {"C12": -0.459}, 0.105)
    >>> fit.provenance()["figures"]
    {'C12': 3.0}
    """

    population: Population
    free: Mapping[str, tuple[float, float]]
    figures: Mapping[str, float]
    misses: Mapping[str, float]
    objective: float
    starts: Sequence[Mapping[str, float]] = ()
    evaluations: int = 0
    trail: Sequence[Mapping[str, Any]] = field(default=())

    def provenance(self) -> dict[str, Any]:
        """The record of the search as plain numbers and text, for the population's file."""
        return {
            "objective": round(self.objective, 4),
            "evaluations": self.evaluations,
            "starts": [{k: round(v, 4) for k, v in start.items()} for start in self.starts],
            "free": {label: [round(v, 6) for v in pair] for label, pair in self.free.items()},
            "figures": {k: round(v, 4) for k, v in self.figures.items()},
        }


def calibrate(
    population: Population,
    free: Sequence[Free],
    figures: Callable[[Population], Mapping[str, float]],
    targets: Mapping[str, Target],
    *,
    starts: Sequence[Mapping[str, float]] = ({},),
    evaluations: int = 40,
    say: Callable[[str], None] | None = None,
) -> Calibration:
    """Move the free numbers so that the figures come into the middle of their intervals.

    Parameters
    ----------
    population : where the search starts.
    free : what may move.
    figures : population -> finding's id -> simulated figure; the same for the same population.
    targets : finding's id -> the finding. Only rows with ``use`` "fit" are taken.
    starts : label -> value at which a free number starts instead; one search from each.
    evaluations : at most about so many populations are simulated in each search.
    say : told of every evaluation, in a line.

    Raises
    ------
    InputError : no free number, a finding that may not be fitted, a finding without an interval.

    A figure that is the parameter itself: the search ends in the middle of C12's interval, from
    2 to 5.7.

    >>> import dataclasses
    >>> from oxysim.findings.published import target
    >>> finding = dataclasses.replace(target("C12"), use="fit")
    >>> level = Free("value", "caregiver.depression.set_point", 1.0, 10.0)
    >>> def figures(population):
    ...     return {"C12": level.read(population)}
    >>> fit = calibrate(Population("made up"), [level], figures, {"C12": finding})
    >>> round(fit.figures["C12"], 2)
    3.85
    """
    if not free:
        raise InputError("calibrate: expected at least one free number")
    for name, target in targets.items():
        if target.use not in ("fit", "survey"):
            raise InputError(
                f"calibrate: finding {name!r} is marked {target.use!r}; only 'fit' may be fitted"
            )
        if target.low is None or target.high is None:
            raise InputError(f"calibrate: finding {name!r} has no interval")
    # One search from each start; the lowest objective of all is taken.
    best: Calibration | None = None
    summary: list[dict[str, float]] = []
    total = 0
    for start in starts:
        # A search remembers what it saw, so that its best is its best evaluation.
        search = _Search(population, tuple(free), figures, targets, say)
        calibration = search.run(start, evaluations)
        total += calibration.evaluations
        summary.append({"from": search.trail[0]["objective"], "to": calibration.objective})
        best = calibration if best is None or calibration.objective < best.objective else best
    assert best is not None  # there is at least one start
    return Calibration(
        best.population,
        best.free,
        best.figures,
        best.misses,
        best.objective,
        summary,
        total,
        best.trail,
    )


class _Search:
    """One search: it remembers the best population that it has seen."""

    def __init__(
        self, population: Population, free: tuple[Free, ...], figures: Any, targets: Any, say: Any
    ) -> None:
        self.population, self.free, self.figures, self.targets, self.say = (
            population,
            free,
            figures,
            targets,
            say,
        )
        self.trail: list[dict[str, Any]] = []
        self.origin = np.array([number.onto(number.read(population)) for number in free])
        self.step = np.array([number.step for number in free])

    def run(self, start: Mapping[str, float], evaluations: int) -> Calibration:
        """Search from a start and return the best population that was seen."""
        labels = [number.label for number in self.free]
        for name in start:
            if name not in labels:
                raise unknown_name("free number", name, labels, "in starts")
        first = [
            number.onto(start.get(number.label, number.read(self.population)))
            for number in self.free
        ]
        # Bounds in the search's own coordinates.
        low = [self._coordinate(k, number.onto(number.low)) for k, number in enumerate(self.free)]
        high = [self._coordinate(k, number.onto(number.high)) for k, number in enumerate(self.free)]
        # SciPy asks for a start strictly inside the bounds.
        x0 = np.clip(
            [self._coordinate(k, c) for k, c in enumerate(first)],
            np.add(low, 0.01),
            np.subtract(high, 0.01),
        )
        least_squares(
            self._misses,
            x0,
            bounds=(low, high),
            diff_step=1 / ORIGIN,
            x_scale=1.0,
            ftol=1e-3,
            xtol=1e-3,
            gtol=1e-3,
            max_nfev=max(1, evaluations // (len(self.free) + 1)),
        )
        # The search may end a step past its best.
        best = min(self.trail, key=lambda entry: float(entry["objective"]))
        pairs = {
            number.label: (number.back(coordinate), number.read(best["population"]))
            for number, coordinate in zip(self.free, first, strict=True)
        }
        return Calibration(
            best["population"],
            pairs,
            best["figures"],
            best["misses"],
            best["objective"],
            (),
            len(self.trail),
            tuple({k: entry[k] for k in ("objective", "figures")} for entry in self.trail),
        )

    def _coordinate(self, k: int, value: float) -> float:
        return float(ORIGIN + (value - self.origin[k]) / self.step[k])

    def _at(self, x: FloatArray) -> Population:
        # From the starting population every time, so that rounding does not add up.
        population = self.population
        for k, number in enumerate(self.free):
            population = number.write(
                population, number.back(self.origin[k] + (x[k] - ORIGIN) * self.step[k])
            )
        return population

    def _misses(self, x: FloatArray) -> FloatArray:
        try:
            population = self._at(x)
        except InputError as error:  # correlations that no population can have together
            if not self.trail:
                raise
            if self.say:
                self.say(f"not possible: {error}")
            return np.full(len(self.targets), IMPOSSIBLE)
        figures = self.figures(population)
        misses = {name: miss(figures[name], target) for name, target in self.targets.items()}
        # As least_squares defines it.
        objective = 0.5 * float(np.sum(np.square(list(misses.values()))))
        self.trail.append(
            {
                "population": population,
                "figures": dict(figures),
                "misses": misses,
                "objective": objective,
            }
        )
        if self.say:
            missed = ", ".join(f"{k} {v:+.2f}" for k, v in misses.items())
            self.say(f"{len(self.trail)}: objective {objective:.3f} ({missed})")
        return np.array(list(misses.values()))


def miss(figure: float, target: Target) -> float:
    """Distance of a figure from the middle of the finding's interval, in half widths.

    >>> from oxysim.findings.published import target
    >>> round(miss(5.7, target("C12")), 6)  # the upper end of [2, 5.7]
    1.0
    """
    low, high = float(target.low or 0.0), float(target.high or 0.0)
    return (figure - (low + high) / 2) / ((high - low) / 2)
