"""Following dyads: for months from birth, or on one day that a study visits them.

Dyads are simulated in blocks, so memory does not grow with their number beyond what is kept, and a
dyad's course does not depend on its block, nor on who else is followed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.checks import instance, name, require_seed, sequence, texts, whole_number
from oxysim.cohorts.cohort import Cohort
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population
from oxysim.progress import simulating
from oxysim.simulation.block_runner import DyadBlock, Reading, run_blocks
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.equations.system import slow_states
from oxysim.simulation.plausibility import implausible, warn_of
from oxysim.simulation.run import PreparedRun, prepare
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import wanted_variables
from oxysim.simulation.start.mood_at_birth import start_at_birth
from oxysim.trials.stretch_means import with_means

BLOCK = 128  # dyads simulated together: with days of their own, months of each lie in memory
# Outputs of a caregiver that follow slow states, and are kept with them.
STEADY = ("epds", "sensitivity", "appropriate_comments", "nonattuned_comments")
DAY_SOLVER = Solver(rtol=1e-5)  # a visit reads hormones, which move by the minute
# Of a cohort followed for months forms are read, which stray by a point and more; with this
# tolerance the EPDS strays by less than a hundredth of a point in 18 months.
FAST_TOLERANCE = 1e-3


class Drawable(Protocol):
    """A population: whatever draws the newborn dyads with given numbers, and names itself.

    >>> community: Drawable = Population.named("community")
    >>> community.draw([3], seed=1, infant_age="0 d").numbers
    (3,)
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def draw(self, dyads: Sequence[int], *, seed: int, infant_age: Any) -> Family:
        """The families with these numbers."""
        ...


def follow(  # noqa: PLR0913 - all but the first two are keywords with defaults
    population: Drawable | Family | None = None,
    n: int | None = None,
    *,
    until: str = "18 months",
    first: int = 0,
    seed: int = 0,
    schedule: Any = None,
    variables: Collection[str] = (),
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    every: str = "1 week",
    at: Sequence[str] = (),
    solver: Solver | None = None,
    block: int = BLOCK,
    progress: bool | None = None,
) -> Cohort:
    """Follow dyads from birth, or from the age they have, and keep what moves slowly.

    Parameters
    ----------
    population : what the dyads are drawn from, newborn (of an ensemble from all of its members in
        their weights: ``cohort.member``); or the dyads themselves, all of one age.
        Default: the "community", which the scoreboard scores. (Dyads with every parameter drawn by
        itself are ``population.sample(n, seed=seed, infant_age="0 d")``; most of them are no
        community's.)
    n : how many to draw, those numbered `first` and following; only where they are drawn.
    until : the infant age at which it ends.
    seed : key of every random stream.
    schedule : the day they live; default the typical day with daily-life noise. A population adds
        what its attributes bring. Where the dyads are given it may be a list, one a dyad, as
        ``Population.schedules`` makes it.
    variables : what is kept beside the slow states and what follows them.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: from the first
        day on, and on every visit to the cohort.
    every : time between the values kept, counted from birth; `at` adds ages, as text, each with the
        midnight before it. What is to be read from the cohort, and the days on which it is to be
        visited, must be among them.
    solver : default a relative tolerance of 1e-3, in single precision where the compiled engine is
        installed: EPDS at 18 months is then right to a hundredth of a point.
    block : how many dyads are simulated together; it bounds memory and changes no result.
    progress : whether a bar of simulated dyad-days is shown; None: on a terminal and in a notebook.

    Returns
    -------
    Cohort : a dyad that fails is NaN, with its reason; the others go on.

    Raises
    ------
    InputError, UnknownNameError, UnitError : before anything runs.

    >>> cohort = follow(n=2, until="1 d", every="1 d", progress=False)
    >>> cohort["caregiver.depression"].shape
    (2, 2)
    """
    require_seed(seed)
    edges = EdgeChanges.of(cut, scale)
    if solver is not None:
        instance(solver, "solver", Solver, "a Solver or None")
    further = texts(variables, "variables", of="names such as 'caregiver.cortisol'")
    families, source = _participants(population, n, first, seed)
    age = float(families.ages()[0])
    end = units.duration(until, "until")
    if end <= age:
        raise InputError(
            f"until: expected an age above the {units.duration_text(age)} that the infants have;"
            f" found {until!r}"
        )
    # what moves slowly is always kept: a visit starts from it
    slow = [
        *slow_states(families.caregivers),
        *(f"{c}.{name}" for c in families.caregivers for name in STEADY),
    ]
    names = wanted_variables([*slow, *further], families.caregivers)
    grid = _grid(every, at, age, end)
    day = ordinary_life() if schedule is None else schedule
    if isinstance(day, list) and (source is not None or len(day) != len(families)):
        raise InputError(
            "schedule: expected one for all, or where the dyads are given one a dyad; found"
            f" {len(day)}"
        )
    # minutes since 00:00 of the first day, on which the dyads have their age
    window = (0.0, end - age)
    job = _Job(
        families,
        source,
        day,
        seed,
        window,
        grid - age,
        tuple(names),
        solver or for_ensembles(FAST_TOLERANCE),
        edges,
    )
    return job.followed(block, progress)


def visit(
    cohort: Cohort,
    at: Any,
    variables: Collection[str],
    *,
    hours: tuple[str, str] = ("00:00", "23:59"),
    every: str = "15 min",
    times: Sequence[str] = (),
    means: Sequence[tuple[str, str]] = (),
    schedule: Any = None,
) -> Cohort:
    """One day of a cohort's dyads, with what moves fast.

    Parameters
    ----------
    at : the infant age: the day on which it is reached ("5 months"); or ages in minutes, one a
        dyad.
    variables : what is kept, by name.
    hours : clock times between which it is kept, every `every`; the day itself runs from 00:00.
    times : further clock times at which it is kept.
    means : stretches (from, to) of clock times whose means are kept, of the whole course with every
        edge in it, for instruments that read one: urine at "10:00" needs the three hours before,
        ("07:00", "10:00").
    schedule : what happens on that day, and nothing else; default the day they live, each as its
        attributes have it.

    Returns
    -------
    Cohort : the same dyads, slow states where their course had them when the day began, in the same
        daily life. Its times are of that day.

    Raises
    ------
    InputError : hours or stretches that are reversed, a day whose beginning the cohort did not
        keep, a dyad that failed.

    >>> cohort = follow(n=2, until="2 d", every="1 d", progress=False)
    >>> morning = visit(cohort, "1 d", ["infant.plasma_oxytocin"], hours=("08:00", "10:00"))
    >>> morning["infant.plasma_oxytocin"].shape
    (2, 9)
    """
    instance(cohort, "cohort", Cohort, "what follow or visit returned")
    ends = sequence(hours, "hours", name, of="clock times, the first and the last", least=2, most=2)
    low, high = (units.clock(end, "hours") for end in ends)
    step = units.duration(every, "every")
    if not low < high:
        raise InputError(f"hours: expected (from, to) such as ('09:00', '17:00'); found {hours!r}")
    # the visit's day begins with the slow states of the course, not with their daily means
    families = cohort.at_midnight(at)
    grid = low + step * np.arange(int((high - low) / step + 1e-9) + 1)
    further = checks.sequence(times, "times", units.clock, of="clock times", least=0)
    moments = np.unique(np.concatenate([grid, further]))
    stretches = _stretches(means)
    end = max([float(moments[-1]), *(stop for _, stop in stretches)])
    names = tuple(wanted_variables(variables, families.caregivers))
    day, source = (cohort.schedule, cohort.population) if schedule is None else (schedule, None)
    job = _Job(
        families,
        source,
        day,
        cohort.seed,
        (0.0, end),
        moments,
        names,
        DAY_SOLVER,
        cohort.edges,
        stretches,
        goes_on=True,
    )
    return replace(job.followed(8 * BLOCK), population=cohort.population)


def came_through(cohort: Cohort) -> Cohort:
    """The dyads of a cohort that did not fail: the cohort itself where none did.

    >>> from oxysim.families import Dyad
    >>> cohort = follow(Dyad(infant_age="0 d").repeat(2), until="1 d", every="1 d")
    >>> len(came_through(cohort))
    2
    """
    return cohort.take(np.flatnonzero(cohort.complete)) if cohort.reasons else cohort


@dataclass(frozen=True, eq=False)
class _Job:
    """Who is simulated under which day, from when to when, and what is kept."""

    families: Family
    source: Any
    day: Any
    seed: int
    window: tuple[float, float]
    times: FloatArray
    names: tuple[str, ...]
    solver: Solver
    edges: EdgeChanges
    stretches: Sequence[tuple[float, float]] = ()
    goes_on: bool = False  # from slow states of the day's beginning, which are no daily means

    def followed(self, block: int, progress: bool | None = None) -> Cohort:
        """Simulate the dyads, `block` of them at a time."""
        checks.whole_number(block, "block", 1)
        warn_of(implausible(self.families, self.day if isinstance(self.day, list) else [self.day]))
        means = [(name, *ends) for ends in self.stretches for name in self.names]
        shapes: dict[Any, tuple[int, ...]] = dict.fromkeys(self.names, (len(self.times),))
        shapes |= dict.fromkeys(means, ())

        length = self.window[1] - self.window[0]
        with simulating(len(self.families), length, "cohort", progress):
            tables = run_blocks(self.families, block, shapes, self._prepared, self._read)
        numbers = self.families.numbers
        reasons = {numbers[position]: text for position, text in tables.failures.items()}
        return Cohort(
            self.families,
            self.times,
            tables.without_failed(self.names),
            self.day,
            self.seed,
            reasons,
            self.source,
            self.edges,
            tables.without_failed(means),
        )

    def _read(self, run: PreparedRun, block: DyadBlock) -> Iterator[Reading[Any]]:
        """What is kept of a block, chunk by chunk."""
        if self.stretches:
            means = [(name, *ends) for ends in self.stretches for name in self.names]
            values, mean_of = with_means(run, run.plans(), self.names, self.times, means)
            yield from ((key, (), table) for key, table in [*values.items(), *mean_of.items()])
            return
        for recorder in run.courses(self.names, self.times):
            recorder.mark_illegal(run.failures, run.solver.rtol)
            first = int(np.searchsorted(self.times, recorder.times[0]))
            columns = slice(first, first + len(recorder.times))
            yield from ((name, (columns,), table) for name, table in recorder.values.items())

    def _prepared(self, block: DyadBlock) -> PreparedRun:
        """The run of a block, under the days of its dyads."""
        days = self.day
        if isinstance(days, list):
            days = days[block.rows]
        elif hasattr(self.source, "schedules"):
            # a population adds what its attributes bring
            days = self.source.schedules(days, block.who.dyads, seed=self.seed)
        who = block.who if self.goes_on else start_at_birth(block.who, days, self.seed)
        run = prepare(
            who,
            days,
            f"{self.window[1] - self.window[0]!r} min",
            start=units.clock_text(self.window[0]),
            seed=self.seed,
            solver=self.solver,
            scale=self.edges.taken(block.positions).multipliers,
        )
        return replace(run, means=not self.goes_on)


def _participants(population: Any, n: int | None, first: int, seed: int) -> tuple[Family, Any]:
    """(the dyads, what they were drawn from); None for the second where they are given."""
    if isinstance(population, Family):
        # given dyads have their numbers already
        if n is not None or whole_number(first, "first", 0):
            raise InputError(
                f"n and first: the dyads are given, {len(population)} of them; leave both out"
            )
        # a cohort is read at ages that all of its dyads share
        if np.ptp(population.ages()) > 0:
            raise InputError(
                "population: expected dyads of one age; follow those of each age by themselves"
            )
        return population, None
    checks.whole_number(n, "n", 1)
    whole_number(first, "first", 0)
    numbers = range(first, first + int(n or 0))
    if population is None:
        population = Population.named("community")
    if not hasattr(population, "draw"):
        raise checks.refused(population, "population", "a Population, an Ensemble or a Family")
    return population.draw(numbers, seed=seed, infant_age="0 d"), population


def _stretches(means: Any) -> list[tuple[float, float]]:
    """Stretches of a day in minutes, from pairs of clock times."""
    stretches = []
    pairs = "pairs of clock times such as ('09:00', '17:00')"
    for start, stop in checks.sequence(means, "means", _ends, of=pairs, least=0):
        if not start < stop:
            raise checks.refused(means, "means", "stretches that end after they begin")
        stretches.append((start, stop))
    return list(dict.fromkeys(stretches))


def _ends(pair: Any, name: str) -> tuple[float, ...]:
    return checks.sequence(pair, name, units.clock, of="clock times, from and to", least=2, most=2)


def _grid(interval: str, at: Sequence[str], age: float, end: float) -> FloatArray:
    """The ages at which values are kept, minutes, ascending and different: the grid, the ends and
    those of `at`.
    """
    at = sequence(at, "at", name, of="ages such as '4 months'", least=0)
    step = units.duration(interval, "every")
    # a course of months by the minute would fill the memory
    if step < units.HOUR:
        raise InputError(
            f"every: expected at least an hour; found {interval!r}; a day's course is a visit"
        )
    # multiples of the step since birth, the small numbers against rounding at either end
    first, last = int(np.ceil(age / step - 1e-9)), int(end / step + 1e-9)
    grid = step * np.arange(first, last + 1)
    chosen = np.array([units.duration(moment, "at", positive=False) for moment in at])
    if np.any(chosen < age) or np.any(chosen > end):
        raise InputError(
            f"at: expected ages from {units.duration_text(age)} to {units.duration_text(end)};"
            f" found {list(at)!r}"
        )
    # a visit begins at the midnight before it, with the slow states that the course had there
    midnights = np.floor(np.append(chosen, end) / units.DAY + 1e-9) * units.DAY
    ages = np.concatenate([[age, end], grid, chosen, midnights[midnights > age]])
    # to a millionth of a minute, so that sums that should be one age are
    return np.unique(np.round(ages, 6))
