"""Who enters a study: candidates live from birth to the screening, are measured, and enter as the
criteria say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from oxysim import units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import flag, refused, require_seed
from oxysim.errors import InputError
from oxysim.families import Family, combine
from oxysim.interventions.daily_life import ordinary_life
from oxysim.measures import NoiseKey, read
from oxysim.per_dyad import PerDyad
from oxysim.population.criteria import Criterion, Wanted, read_criteria
from oxysim.population.independent_sample import Age, require_count
from oxysim.population.traits import Attribute
from oxysim.progress import counting
from oxysim.schedule import Schedule, as_schedule
from oxysim.simulation.engines import compiles, for_ensembles, integrator_for
from oxysim.simulation.equations.system import slow_states
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.simulation.start.initial_state import means_of_the_day
from oxysim.simulation.start.mood_at_birth import start_at_birth
from oxysim.texts import Described

# looser than a run's own: what is read at the screening is a form of whole points
SOLVER = Solver("RK45", rtol=1e-4)
# of fast=True, as in the cohorts of the scoreboard; forms stray by a point and more by themselves
FAST_RTOL = 1e-3
SCREENED_AT = 10 * units.HOUR  # clock time of the screening, on the day before entry; assumed
SMALLEST_BLOCK, LARGEST_BLOCK = 64, 1024  # candidates that live side by side
SCREENED_PER_DYAD = 3  # candidates in a block for each dyad wanted, where readings decide
MOST_PER_DYAD = 400  # candidates screened per dyad wanted before giving up


class People(Protocol):
    """A population: who may be screened.

    >>> from oxysim.population import Population
    >>> people: People = Population.named("community")
    >>> people.draw([30], seed=1).numbers
    (30,)
    """

    @property
    def attributes(self) -> tuple[Attribute, ...]: ...

    def draw(
        self,
        dyads: Sequence[int],
        *,
        seed: int,
        caregivers: tuple[str, ...] = ("mother",),
        infant_age: Age = "0 d",
    ) -> Family: ...

    def having(self, dyads: Sequence[int], *, seed: int) -> dict[str, BoolArray]: ...

    def schedules(
        self, day: Any, dyads: Sequence[int], *, seed: int
    ) -> Schedule | list[Schedule]: ...


class Source(People, Protocol):
    """People with a name, from whom dyads are drawn and selected: a population, or an ensemble of
    them.

    >>> from oxysim.population import Population
    >>> is_source(Population.named("community")), is_source("community")
    (True, False)
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def select(
        self,
        n: int,
        wanted: Wanted = (),
        *,
        at: str = "6 weeks",
        seed: int,
        caregivers: tuple[str, ...] = ("mother",),
        block: int | None = None,
    ) -> tuple[Family, Selection]: ...


def is_source(value: object) -> bool:
    """Whether dyads can be drawn and selected from it.

    >>> is_source(3)
    False
    """
    # by what it can do, not by its type: an ensemble is made of populations and lies above them
    asked = ("draw", "having", "schedules", "select")
    named = hasattr(value, "name") and hasattr(value, "fingerprint")
    return named and all(callable(getattr(value, ask, None)) for ask in asked)


@dataclass(frozen=True)
class Selection(Described):
    """What it took to find the dyads of a study.

    Attributes
    ----------
    criteria : the conditions of entry, in words.
    at : infant age at entry.
    screened : candidates up to the last one that entered.
    eligible : those of them that met every criterion; all of them entered.
    failed : candidates whose simulation failed; none of them entered.
    seed : with which they were drawn and followed.
    fast : whether they were followed by the solver for ensembles.

    >>> print(Selection(("epds >= 13",), "6 weeks", screened=80, eligible=10))
    10 of 80 screened (12.5 %) met epds >= 13 at 6 weeks
    """

    criteria: tuple[str, ...]
    at: str
    screened: int
    eligible: int
    failed: int = 0
    seed: int | None = None
    fast: bool = False

    @property
    def share(self) -> float:
        """Eligible over screened.

        >>> Selection(("epds >= 13",), "6 weeks", screened=80, eligible=10).share
        0.125
        """
        return self.eligible / self.screened

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it took, for print and notebooks."""
        return "Selection", [("", str(self)), *([] if self.seed is None else [("seed", self.seed)])]

    def __str__(self) -> str:
        conditions = " and ".join(self.criteria) or "no criterion"
        lost = f"; {self.failed} failed" if self.failed else ""
        route = f"; followed at a relative tolerance of {FAST_RTOL:g}" if self.fast else ""
        met = (
            f"{self.eligible} of {self.screened} screened ({100 * self.share:.1f} %) met"
            f" {conditions} at {self.at}"
        )
        return f"{met}{lost}{route}"


@said_once
def select(  # noqa: PLR0913 - who is wanted, when, and from which lives
    population: People,
    n: int,
    wanted: Wanted = (),
    *,
    at: str = "6 weeks",
    seed: int,
    caregivers: tuple[str, ...] = ("mother",),
    day: Any = None,
    block: int | None = None,
    progress: bool | None = None,
    fast: bool = False,
) -> tuple[Family, Selection]:
    """The first `n` families of a population that meet inclusion criteria at an infant age.

    Candidates 0, 1, 2, ... of the population live from birth to `at` on `day`; on the day before,
    at 10:00, they are measured with the instruments that the criteria name, noise and all (so
    regression to the mean is in every trial); those that meet all criteria enter, in the slow
    states that they are in. Who enters depends neither on `n` nor on the block.

    Parameters
    ----------
    population : who there is.
    n : how many are wanted, at least 1.
    wanted : criteria, e.g. "epds >= 13", "preterm", "not bottle-fed",
        "caregiver.depression.loop_gain > 1.5"; on a reading of your own instrument as
        :func:`~oxysim.population.read_criteria` reads them. Readings are the first caregiver's, or
        the infant's where only an infant can be measured.
    at : infant age at entry in whole days, at least one where something is measured.
    seed : key of every draw.
    caregivers : roles of the caregivers in each family.
    day : the routine on which they live; default the typical day with daily-life noise.
    block : candidates simulated together; default by n. It changes time and memory only.
    progress : whether a bar of the families found is shown; None: on a terminal and in a notebook.
    fast : whether candidates live as the scoreboard's do, at a relative tolerance of 1e-3 and,
        where the compiled engine is installed, in single precision: about half the time. Valid for
        any population, day and age: the true EPDS at entry is within .015 of the full model's, so
        that a candidate at the very cut-off may fall on either side of it. Runs that follow have
        the precision that they ask for.

    Returns
    -------
    (Family of length n at the age `at`, under their candidates' numbers; Selection).

    Raises
    ------
    InputError, UnknownNameError : a criterion that is none, an age that is too low, or too few
    eligible families.

    >>> from oxysim.population import Population
    >>> families, selection = select(Population.named("community"), 2, "preterm", at="0 d", seed=1)
    >>> families.numbers, selection.screened
    ((30, 44), 45)
    """
    if not all(callable(getattr(population, ask, None)) for ask in ("draw", "having", "schedules")):
        raise refused(population, "population", "a Population, or what can be asked as one")
    require_count(n)
    require_seed(seed)
    conditions = read_criteria(wanted, [attribute.name for attribute in population.attributes])
    age = np.floor(units.duration(at, "at", positive=False) / units.DAY) * units.DAY
    asked = any(c.kind == "reading" for c in conditions)
    if asked and age < units.DAY:
        raise InputError(
            "at: a reading is taken the day before entry; expected an age of at least 1 d; found"
            f" {at!r}"
        )
    # readings decide only after months of life: a large block would follow more than are needed
    size = (
        int(np.clip(SCREENED_PER_DYAD * n if asked else n, SMALLEST_BLOCK, LARGEST_BLOCK))
        if block is None
        else block
    )
    require_count(size, "block")
    life = ordinary_life() if day is None else day
    solver = for_ensembles(FAST_RTOL) if flag(fast, "fast") else SOLVER
    screening = _Screening(population, conditions, float(age), seed, caregivers, life, solver)
    groups: list[Family] = []
    numbers: list[int] = []
    failed: list[int] = []
    first = 0
    with counting(n, "select", "family", progress) as bar:
        while len(numbers) < n:
            if first > MOST_PER_DYAD * n + LARGEST_BLOCK:
                raise InputError(
                    f"select: {n} families were asked for, but only {len(numbers)} of {first}"
                    f" candidates met {' and '.join(map(str, conditions))} at {at}; loosen the"
                    " criteria"
                )
            # block by block, in the order of their numbers, until there are enough
            entering, lost = screening.enter(np.arange(first, first + size))
            if entering is not None:
                groups.append(entering.take(np.arange(min(len(entering), n - len(numbers)))))
                numbers += groups[-1].numbers
                bar.advance(len(groups[-1]))
            failed += lost
            first += size
    last = numbers[-1]
    # those after the last one that entered would have been asked only in a larger block
    missing = sum(number < last for number in failed)
    report = Selection(tuple(map(str, conditions)), at, last + 1, n, missing, seed, bool(fast))
    return combine(groups).replace(dyads=tuple(numbers)), report


@dataclass(frozen=True, eq=False)
class _Screening:
    """How candidates live and what is asked of them."""

    population: People
    conditions: tuple[Criterion, ...]
    age: float
    seed: int
    caregivers: tuple[str, ...]
    day: Any
    solver: Solver

    def enter(self, numbers: IntArray) -> tuple[Family | None, list[int]]:
        """(those of these candidates that enter, at the age of entry; numbers of those that
        failed).
        """
        candidates = self.population.draw(
            numbers.tolist(), seed=self.seed, caregivers=self.caregivers, infant_age="0 d"
        )
        # what costs nothing is asked first: only the others are followed for weeks
        eligible = self._eligible_at_birth(candidates)
        if not eligible.any():
            return None, []
        candidates = candidates.take(np.flatnonzero(eligible))
        if self.age == 0:
            return candidates, []
        followed = self._followed(candidates)
        reasons = followed.reasons  # made anew by every look at it
        lost = [int(candidates.dyads[i]) for i in reasons]  # type: ignore[index]
        alive = np.array([i not in reasons for i in range(len(candidates))])
        chosen = np.flatnonzero(alive & self._meet("reading", self._readings(followed, candidates)))
        if not len(chosen):
            return None, lost
        # the last time that was saved is the midnight on which they enter
        states = {name: followed[name].values[chosen, -1] for name in slow_states(self.caregivers)}
        return (
            self._starting(
                candidates.take(chosen).replace(infant_age=f"{self.age} min").with_start(states)
            ),
            lost,
        )

    def _starting(self, families: Family) -> Family:
        """Those who enter, whose starts are where their course had the slow states at midnight,
        with the means of the day of entry in their place: a start is a mean.
        """
        days = self.population.schedules(self.day, families.numbers, seed=self.seed)
        own_days = (
            PerDyad.of(days) if isinstance(days, list) else PerDyad.shared(days, len(families))
        )
        schedules = own_days.map(as_schedule)
        # one engine for any number of them, so that nobody's start hangs on the block in which they
        # were screened
        return families.with_start(
            means_of_the_day(
                families, schedules, integrator_for("compiled") if compiles() else None
            )
        )

    def _eligible_at_birth(self, candidates: Family) -> BoolArray:
        """Which candidates meet what is known before anybody lives."""
        has = self.population.having(candidates.numbers, seed=self.seed)
        values = {
            c.name: np.broadcast_to(candidates.value(c.name), (len(candidates),))
            for c in self.conditions
            if "." in c.name
        }
        return self._meet("attribute", has, len(candidates)) & self._meet(
            "parameter", values, len(candidates)
        )

    def _meet(self, kind: str, values: dict[str, Any], n: int = 1) -> BoolArray:
        met = [c.holds(values[c.name]) for c in self.conditions if c.kind == kind]
        return np.all(met, axis=0) if met else np.ones(n, dtype=bool)

    def _followed(self, candidates: Family) -> Result:
        """The candidates from birth to the age of entry: their state at the
        screening and at entry.
        """
        day = self.population.schedules(self.day, candidates.numbers, seed=self.seed)
        variables = set(slow_states(self.caregivers))
        for tool, person in self._tools():
            variables |= set(tool.reads(person, self.caregivers))
        times = [f"{self.age - units.DAY + SCREENED_AT} min", f"{self.age} min"]
        return simulate(
            start_at_birth(candidates, day, self.seed), day, f"{self.age} min",
            start="00:00", save=times, variables=sorted(variables),
            solver=self.solver, seed=self.seed,
        )  # fmt: skip

    def _tools(self) -> list[tuple[Any, str]]:
        tools = [c.tool for c in self.conditions if c.kind == "reading"]
        return [
            (tool, "infant" if tool.members == ("infant",) else self.caregivers[0])
            for tool in tools
        ]

    def _readings(self, followed: Result, candidates: Family) -> dict[str, FloatArray]:
        readings = {}
        for tool, person in self._tools():
            full_names = tool.reads(person, self.caregivers)
            values = [followed[full_name].values[:, 0] for full_name in full_names]
            # nothing is being given at the screening
            values += [np.zeros(len(candidates)) for _ in tool.inputs]
            time = self.age - units.DAY + SCREENED_AT
            # all candidates are followed from birth, so that time is age
            values += [np.full(len(candidates), time)] if tool.by_age else []
            inputs = values[0] if len(values) == 1 else values
            noise_key = NoiseKey(self.seed, person, "screening")
            readings[tool.name] = read(tool, inputs, candidates.numbers, [time], noise_key).values[
                :, 0
            ]
        return readings
