"""A trial of known answer: normally distributed readings with a given effect, to check analyses and
power against theory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.checks import instance
from oxysim.errors import unknown_name
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.two_groups import ancova, paired_t_test, welch_t_test
from oxysim.streams import stream
from oxysim.trials.plan.limits import require_readings, require_replications

DESIGNS = ("paired", "parallel", "ancova", "crossover", "factorial")
CELLS = {
    "neither": (False, False),
    "first": (True, False),
    "second": (False, True),
    "both": (True, True),
}


@dataclass(frozen=True)
class Gaussian:
    """Normally distributed readings; a ``trials.power.Readable``.

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
        checks.whole_number(n, "n", 2)
        require_replications(replications)
        require_readings(n, replications)
        first, second = self._pairs(n, replications, seed)
        gone = (
            np.array([stream(seed, r, "gaussian drop-out").random(n) for r in range(replications)])
            < self.dropout
        )
        turn = np.arange(n)
        match self.design:
            case "paired":
                return {
                    "reference": first,
                    "contrast": np.where(gone, np.nan, second + self.effect),
                }
            case "crossover":
                later = np.broadcast_to(turn % 2, (replications, n))
                arms = first + self.period * later, second + self.effect + self.period * (1 - later)
                return {
                    "reference": arms[0],
                    "contrast": np.where(gone, np.nan, arms[1]),
                    "first": later.astype(float),
                }
            case "factorial":
                given = {"neither": 0.0, "first": self.effect, "second": 0.0, "both": self.effect}
                return {
                    c: np.where((turn % 4 == k) & ~gone, first + given[c], np.nan)
                    for k, c in enumerate(CELLS)
                }
        arm = turn % 2 == 1
        found = {
            "reference": np.where(~arm & ~gone, second, np.nan),
            "contrast": np.where(arm & ~gone, second + self.effect, np.nan),
        }
        return found if self.design == "parallel" else {**found, "baseline": first}

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The contrast by the design's own analysis; there is one endpoint, the reading."""
        if instance(endpoint, "endpoint", str, "an empty text: there is one endpoint"):
            raise unknown_name("endpoint", endpoint, ())
        instance(readings, "readings", Mapping, "what its own readings(...) gives")
        wanted = CELLS if self.design == "factorial" else ("reference", "contrast")
        if missing := sorted({*wanted} - {*readings}):
            raise unknown_name("readings", missing[0], map(str, readings))
        match self.design:
            case "factorial":
                return factorial({on: readings[cell] for cell, on in CELLS.items()})[0,]
            case "crossover":
                return crossover(
                    readings["reference"], readings["contrast"], readings["first"]
                ).treatment
            case "ancova":
                baseline = readings["baseline"]
                return ancova(readings["reference"], readings["contrast"], baseline, baseline)
        compare = paired_t_test if self.design == "paired" else welch_t_test
        return compare(readings["reference"], readings["contrast"])

    def _pairs(self, n: int, replications: int, seed: int) -> tuple[FloatArray, FloatArray]:
        """Two correlated readings of each participant, shape (replications, n) each; the first n of
        more are the same.
        """
        noise = np.array(
            [
                stream(seed, r, "gaussian readings").standard_normal((n, 2))
                for r in range(replications)
            ]
        )
        other = (
            self.correlation * noise[..., 0] + math.sqrt(1 - self.correlation**2) * noise[..., 1]
        )
        return self.sd * noise[..., 0], self.sd * other
