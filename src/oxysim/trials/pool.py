"""The pool: every dyad simulated once in every sequence of arms of a design, on the same draws, and
what instruments would expect to read of it.

Nothing here depends on the seed of a trial's replications: these draw from the pool afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import ScheduleError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.measures import instrument
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.texts import Described, counted, listed
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.endpoints import ReadingSource
from oxysim.trials.plan.trial_design import TrialDesign
from oxysim.trials.plan.visits import Occasion
from oxysim.trials.stretch_means import Stretch, means_of_stretches

# min within which a time counts as one that was kept: sums of times stray by less
SAME_TIME = 1e-4
# min by which a time is looked for early, so that rounding does not make it the next one
EARLIER = 1e-5 / 2


class PoolPlan(NamedTuple):
    """What is simulated: who, when, what is given how, and how precisely; `start` is `clock` in min
    after 00:00 of the first day.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> plan = trial.pool.plan
    >>> len(plan.families), plan.clock
    (4, '08:00')
    """

    families: Family
    design: TrialDesign
    day: Any
    clock: str
    start: float
    duration: float
    occasions: tuple[Occasion, ...]
    adherence: Adherence
    blinding: Blinded | Open | None
    life: int
    solver: Solver
    save: Any
    edges: EdgeChanges = EdgeChanges.of()


@dataclass(frozen=True, eq=False)
class Pool(Described):
    """The simulated pool.

    Attributes
    ----------
    results : arm sequence -> its :class:`~oxysim.simulation.results.result.Result`, dyads in the
        order of the pool.
    sessions : arm sequence -> sessions planned, attended and cut short of each dyad, shape
        (dyads, 3).
    means : arm sequence -> means over the stretches that instruments read, of the whole course.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> list(trial.pool.results)
    ['placebo, then spray', 'spray, then placebo']
    """

    plan: PoolPlan
    results: Mapping[str, Result]
    sessions: Mapping[str, IntArray]
    means: Mapping[str, Mapping[Stretch, FloatArray]]

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many dyads in which sequences of arms."""
        failed = sum(len(reasons) for reasons in self.failed.values())
        return "Simulated pool", [
            ("", counted(len(self.plan.families), "dyad")),
            ("in", listed(self.results)),
            ("failed", failed),
        ]

    def expected(self, source: ReadingSource, occasion: Occasion) -> tuple[FloatArray, ...]:
        """What the instrument takes, of every arm sequence, dyad and time of the occasion, each of
        shape (sequences, dyads, times).
        """
        name, member, minutes = source
        # variables, inputs and age in the order in which the instrument takes them
        tool, caregivers = instrument(name), self.plan.families.caregivers
        full_name = person(member, caregivers)
        inputs = (f"input.{full_name}.{channel}" for channel in tool.inputs)
        tables = []
        for quantity in (*tool.reads(full_name, caregivers), *inputs):
            by_sequence = [
                self._read(sequence, quantity, occasion.times, minutes) for sequence in self.results
            ]
            tables.append(np.array(by_sequence))
        if tool.by_age:
            ages = self.plan.families.ages()[:, None] + occasion.times
            tables.append(np.broadcast_to(ages, (len(self.results), *ages.shape)))
        return tuple(tables)

    def expected_readings(self, source: ReadingSource, occasion: Occasion) -> FloatArray:
        """What the instrument would read without measurement error in the middle of the visit's
        window, which is its planned time, (sequences, dyads).
        """
        middle = len(occasion.times) // 2
        quantities = [table[..., middle] for table in self.expected(source, occasion)]
        readings = instrument(source.instrument).expected(*quantities)
        return np.asarray(readings, dtype=float)

    def _read(self, sequence: str, name: str, times: FloatArray, minutes: float) -> FloatArray:
        """A variable (or the level of an input) by full name at the times, or its mean over the
        minutes before each, (dyads, times).
        """
        result = self.results[sequence]
        if minutes:
            n = len(self.sessions[sequence])
            return means_of_stretches(self.means[sequence], name, times, minutes, n)

        # values are looked up among those that were kept, never read off a line between them
        values, clock = np.asarray(result.dataset[name].values, dtype=float), result.time
        position = np.minimum(np.searchsorted(clock, times - EARLIER), len(clock) - 1)
        early = times < clock[0] - SAME_TIME  # not read; a trial that needs it is refused
        missing = (np.abs(clock[position] - times) > SAME_TIME) & ~early
        if missing.any():
            raise ScheduleError(f"time {times[missing][0]:g} min is not among those that were kept")
        return np.where(early, np.nan, values[:, position])

    @property
    def failed(self) -> dict[str, dict[int, str]]:
        """Arm sequence -> dyad -> why it failed, where any did."""
        return {name: result.reasons for name, result in self.results.items() if result.reasons}


def person(member: str, caregivers: Sequence[str]) -> str:
    """The full name of a member: "caregiver" is the first caregiver.

    >>> person("caregiver", ["mother", "father"]), person("infant", ["mother"])
    ('mother', 'infant')
    """
    return caregivers[0] if member == "caregiver" else member
