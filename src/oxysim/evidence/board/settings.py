"""How a scoreboard is run: under which parameters, with which seed, how large, and from which
files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oxysim.families import Family
from oxysim.population import Population
from oxysim.population.independent_sample import Age


@dataclass(frozen=True)
class RunSettings:
    """What every run of a scoreboard shares.

    Attributes
    ----------
    population : where dyads come from.
    seed : key of every random stream.
    quick : smaller pools, cohorts and numbers of replications.
    survey : the survey's file, which is not packaged; None where it is not at hand.
    growth : how many times larger than usual a full run is, where a number is not known well enough
    for its rule.
    """

    population: Population
    seed: int = 0
    quick: bool = False
    survey: Path | None = None
    growth: float = 1.0

    def size(self, full: int, quick: int) -> int:
        """The number of anything, in full or in a quick run."""
        return quick if self.quick else round(full * self.growth)

    def people(
        self, n: int, caregivers: Sequence[str] = ("mother",), infant_age: Age = "5 months"
    ) -> Family:
        """`n` families of the population."""
        return self.population.sample(
            n, seed=self.seed, caregivers=tuple(caregivers), infant_age=infant_age
        )
