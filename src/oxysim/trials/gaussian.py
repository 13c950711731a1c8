"""A trial of known answer: normally distributed readings with a given effect, to check analyses and
power against theory. Used by tests mostly; nothing in the library draws from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import instance
from oxysim.errors import unknown_name
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.two_groups import ancova, paired_t_test, welch_t_test
from oxysim.streams import stream
from oxysim.trials.plan.limits import require_readings, require_replications

DESIGNS = ("paired", "parallel", "ancova", "crossover", "factorial")
# The cells of a factorial of two factors, by name: which factors are given in each.
CELLS: dict[str, tuple[bool, ...]] = {
    "neither": (False, False),
    "first": (True, False),
    "second": (False, True),
    "both": (True, True),
}


@dataclass(frozen=True)
class Gaussian:
    """Normally distributed readings, whose power is known in theory; a ``power_analysis.Readable``.

    Attributes
    ----------
    effect : the true mean difference, contrast minus reference, in the readings' unit; in a
        factorial, the main effect of the first factor.
    sd : standard deviation of a reading between participants.
    correlation : of a participant's two readings (paired, crossover), or of baseline and outcome
        (ancova).
    design : "paired", "parallel", "ancova", "crossover" or "factorial"; arms, sequences and cells
        take turns in the order of enrolment.
    period : added to the second reading of a crossover.
    dropout : probability that a participant gives no outcome.

    Raises
    ------
    InputError : a spread, a correlation or a probability that cannot be, another design.

    >>> trial = Gaussian(0.5, design="parallel")
    >>> readings = trial.readings(40, replications=100, seed=1)
    >>> round(float(trial.analyse(readings).estimate.mean()), 1)
    0.5
    """

    effect: float
    sd: float = 1.0
    correlation: float = 0.5
    design: str = "paired"
    period: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        checks.choice(self.design, "design", DESIGNS)
        for name in ("effect", "period"):
            checks.number(getattr(self, name), name)
        checks.number(self.sd, "sd", 0.0, open_low=True)
        if abs(checks.number(self.correlation, "correlation")) >= 1:
            raise checks.refused(self.correlation, "correlation", "a number between -1 and 1")
        if checks.share(self.dropout, "dropout") == 1:
            raise checks.refused(self.dropout, "dropout", "a probability below 1")

    def readings(self, n: int, replications: int, seed: int) -> Mapping[str, FloatArray]:
        """Readings by arm (or cell), shape (replications, n), NaN where a participant is in another
        or dropped out.
        """
        # the same limits as a trial has, so that power asks both alike
        checks.whole_number(n, "n", 2)
        require_replications(replications)
        require_readings(n, replications)
        # Two readings of everybody are drawn whatever the design: another design changes no draw.
        first, second = self._pairs(n, replications, seed)
        gone = self._gone(n, replications, seed)
        match self.design:
            case "paired":
                outcome = np.where(gone, np.nan, second + self.effect)
                return {"reference": first, "contrast": outcome}
            case "crossover":
                return self._crossed(first, second, gone)
            case "factorial":
                effects = {"first": self.effect, "both": self.effect}
                cell = np.arange(n) % len(CELLS)
                return {
                    name: np.where((cell == k) & ~gone, first + effects.get(name, 0.0), np.nan)
                    for k, name in enumerate(CELLS)
                }

        # Two arms in turn; the first of a participant's two readings is the baseline.
        in_contrast = np.arange(n) % 2 == 1
        arms = {
            "reference": np.where(~in_contrast & ~gone, second, np.nan),
            "contrast": np.where(in_contrast & ~gone, second + self.effect, np.nan),
        }
        return arms if self.design == "parallel" else {**arms, "baseline": first}

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The contrast by the design's own analysis; there is one endpoint, the reading."""
        if instance(endpoint, "endpoint", str, "an empty text: there is one endpoint"):
            raise unknown_name("endpoint", endpoint, ())
        instance(readings, "readings", Mapping, "what its own readings(...) gives")
        # what another design's readings lack is named, before an analysis stumbles over it
        needed = CELLS if self.design == "factorial" else ("reference", "contrast")
        if missing := sorted({*needed} - {*readings}):
            raise unknown_name("readings", missing[0], map(str, readings))
        match self.design:
            case "factorial":
                cells = {present: readings[cell] for cell, present in CELLS.items()}
                return factorial(cells)[0,]
            case "crossover":
                return crossover(
                    readings["reference"], readings["contrast"], readings["first"]
                ).treatment
            case "ancova":
                baseline = readings["baseline"]
                return ancova(readings["reference"], readings["contrast"], baseline, baseline)
        compare = paired_t_test if self.design == "paired" else welch_t_test
        return compare(readings["reference"], readings["contrast"])

    def _crossed(
        self, first: FloatArray, second: FloatArray, gone: BoolArray
    ) -> dict[str, FloatArray]:
        """Both readings of a crossover; every second participant has the contrast first."""
        contrast_first = np.broadcast_to(np.arange(first.shape[1]) % 2, first.shape)
        without = first + self.period * contrast_first
        under = second + self.effect + self.period * (1 - contrast_first)
        return {
            "reference": without,
            "contrast": np.where(gone, np.nan, under),
            "first": contrast_first.astype(float),
        }

    def _gone(self, n: int, replications: int, seed: int) -> BoolArray:
        """Who gives no outcome, shape (replications, n)."""
        draws = [stream(seed, r, "gaussian drop-out").random(n) for r in range(replications)]
        return np.array(draws) < self.dropout

    def _pairs(self, n: int, replications: int, seed: int) -> tuple[FloatArray, FloatArray]:
        """Two correlated readings of each participant, shape (replications, n) each; the first n of
        more are the same.
        """
        streams = [stream(seed, r, "gaussian readings") for r in range(replications)]
        noise = np.array([draws.standard_normal((n, 2)) for draws in streams])
        # of unit variance, and with the correlation by construction
        second = (
            self.correlation * noise[..., 0] + math.sqrt(1 - self.correlation**2) * noise[..., 1]
        )
        # the spread scales both, so that it changes no correlation
        return self.sd * noise[..., 0], self.sd * second
