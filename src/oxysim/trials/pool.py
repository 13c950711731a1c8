"""The pool: every dyad simulated once in every course of a design, on the same draws, and what
instruments would expect to read of it.

Nothing here hangs on the seed of a trial's replications: these draw from the pool afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import ScheduleError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.measures import instrument
from oxysim.model.inputs import channels_of
from oxysim.per_dyad import PerDyad, together
from oxysim.progress import simulating
from oxysim.schedule import Realised, Routine, Schedule, as_schedule
from oxysim.schedule.bouts import Window
from oxysim.simulation.block_runner import DyadBlock, Reading, run_blocks
from oxysim.simulation.results.labelled import labelled_courses
from oxysim.simulation.results.provenance import provenance_of
from oxysim.simulation.results.result import Result
from oxysim.simulation.run import PreparedRun, prepare
from oxysim.simulation.scipy_engine import Solver
from oxysim.texts import Described, counted, listed
from oxysim.trials.plan.adherence import Adherence, AsAdministered
from oxysim.trials.plan.blinding import Belief, Blinded, Open
from oxysim.trials.plan.stretches import Stretch, level_means, means_of, with_means
from oxysim.trials.plan.trial_design import ArmSequence, TrialDesign
from oxysim.trials.plan.visits import Occasion

# dyads with days of their own that are simulated together: bounds memory, changes no answer
BLOCK = 64
# instrument, member, minutes before the visit over which it reads the mean
Source = tuple[str, str, float]


class PoolPlan(NamedTuple):
    """What is simulated: who, when, what is given how, and how precisely."""

    who: Family
    design: TrialDesign
    day: Any
    clock: str
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
    results : course -> its :class:`~oxysim.simulation.results.result.Result`, dyads in the order of
        the pool.
    sessions : course -> sessions planned, attended and cut short of each dyad, shape (dyads, 3).
    means : course -> means over the stretches that instruments read, of the whole course.
    """

    plan: PoolPlan
    results: Mapping[str, Result]
    sessions: Mapping[str, IntArray]
    means: Mapping[str, Mapping[Stretch, FloatArray]]

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many dyads in which courses."""
        failed = sum(len(why) for why in self.failed.values())
        return "Simulated pool", [
            ("", counted(len(self.plan.who), "dyad")),
            ("in", listed(self.results)),
            ("failed", failed),
        ]

    def expected(self, source: Source, occasion: Occasion) -> tuple[FloatArray, ...]:
        """The instrument's variables, then its inputs, of every course, dyad and time of the
        occasion, each of shape (courses, dyads, times).
        """
        name, member, stretch = source
        tool = instrument(name)
        found = []
        for kind in (*tool.variables, *(f"input {channel}" for channel in tool.inputs)):
            each = [
                self._read(course, member, kind, occasion.times, stretch) for course in self.results
            ]
            found.append(np.array(each))
        return tuple(found)

    def _read(
        self, course: str, member: str, kind: str, times: FloatArray, stretch: float
    ) -> FloatArray:
        """A variable (or the level of an input) at the times, or its mean over the stretch before
        each, (dyads, times).
        """
        result = self.results[course]
        own = person(member, result.caregivers)
        name = (
            f"input.{own}.{kind.removeprefix('input ')}"
            if kind.startswith("input ")
            else f"{own}.{kind}"
        )
        if stretch:
            return means_of(self.means[course], name, times, stretch, len(self.plan.who))
        held, clock = np.asarray(result.dataset[name].values, dtype=float), result.time
        place = np.minimum(np.searchsorted(clock, times - 1e-5 / 2), len(clock) - 1)
        early = times < clock[0] - 1e-4  # not read; a trial whose endpoints need it is refused
        missing = (np.abs(clock[place] - times) > 1e-4) & ~early
        if missing.any():
            raise ScheduleError(f"time {times[missing][0]:g} min is not among those that were kept")
        return np.where(early, np.nan, held[:, place])

    @property
    def failed(self) -> dict[str, dict[int, str]]:
        """Course -> dyad -> why it failed, where any did."""
        return {course: result.reasons for course, result in self.results.items() if result.reasons}


def simulate_pool(plan: PoolPlan, sources: Iterable[Source]) -> Pool:
    """Simulate every course.

    Raises
    ------
    ScheduleError : an intervention has no moment in its period, or cannot be as it is.
    """
    wanted = list(dict.fromkeys(sources))
    times = _times(plan)
    given = {course.name: _schedules(plan, course) for course in plan.design.courses}
    # what cannot be given is refused before anything runs
    sessions = {name: _sessions(plan, own) for name, (_, own) in given.items()}
    with simulating(len(plan.who) * len(given), plan.duration, "trial"):
        runs = {
            name: _simulated(plan, schedules, times, wanted)
            for name, (schedules, _) in given.items()
        }
    results = {name: result for name, (result, _) in runs.items()}
    return Pool(plan, results, sessions, {name: means for name, (_, means) in runs.items()})


def person(member: str, caregivers: Sequence[str]) -> str:
    """The full name of a member: "caregiver" is the first caregiver."""
    return caregivers[0] if member == "caregiver" else member


# ---------------------------------------------------------------------- what is given
def _schedules(plan: PoolPlan, course: ArmSequence) -> tuple[Any, list[list[AsAdministered]]]:
    """(one schedule for all, or one a dyad; the trial's own interventions, for all or for each
    dyad).
    """
    n, dyads = len(plan.who), plan.who.numbers
    days = plan.day if isinstance(plan.day, list) else [plan.day]
    shared = plan.adherence.perfect or not any(plan.design.given[arm] for arm in course.arms)
    if shared and len(days) == 1:
        own = _given(plan, course, 0)
        return _sum(as_schedule(days[0]), own, plan, course), [own]
    given = [_given(plan, course, dyad) for dyad in dyads]
    if shared:
        own_days = PerDyad.of(days)
        return own_days.map(lambda day: _sum(as_schedule(day), given[0], plan, course)), given[:1]
    each = days * n if len(days) == 1 else days
    return [
        _sum(as_schedule(day), own, plan, course) for day, own in zip(each, given, strict=True)
    ], given


def _given(plan: PoolPlan, course: ArmSequence, dyad: int) -> list[AsAdministered]:
    """The trial's own interventions of one dyad, period by period."""
    found = []
    for arm, start in zip(course.arms, plan.design.starts, strict=True):
        labels: list[str] = []
        for what in plan.design.given[arm]:
            labels.append(what.label)
            key = f"{what.label} {labels.count(what.label)}, from {start:g}"
            lasts = plan.design.lasts or np.inf
            found.append(
                AsAdministered(
                    what,
                    period_start=start,
                    period_length=lasts,
                    adherence=plan.adherence,
                    seed=plan.life,
                    dyad=dyad,
                    draw_key=key,
                )
            )
    return found


def _sum(
    day: Schedule, own: Sequence[AsAdministered], plan: PoolPlan, course: ArmSequence
) -> Schedule:
    """The day with what is given and what is believed of it."""
    beliefs = []
    if plan.blinding is not None:
        for arm, start in zip(course.arms, plan.design.starts, strict=True):
            level = plan.blinding.belief(arm != plan.design.names[0])
            if level:
                beliefs.append(
                    AsAdministered(
                        Belief(level), period_start=start, period_length=plan.design.lasts or np.inf
                    )
                )
    return Schedule(day.routine, (*day.interventions, *own, *beliefs))


def _sessions(plan: PoolPlan, own: Sequence[Sequence[AsAdministered]]) -> IntArray:
    who, start = plan.who, units.clock(plan.clock)
    found = np.zeros((len(who), 3), dtype=np.int64)
    for k, (age, dyad) in enumerate(zip(who.ages().tolist(), who.numbers, strict=True)):
        window = Window(
            age + start, age + start + plan.duration, who.caregivers, 0, plan.life, dyad
        )
        given = own[k] if len(own) > 1 else own[0]
        if k and len(own) == 1 and age == float(who.ages()[0]):
            found[k] = found[0]
        elif given:
            found[k] = np.sum([one.attendance(window) for one in given], axis=0)
    return found


# ------------------------------------------------------------------------ simulating
def _simulated(
    plan: PoolPlan, schedules: Any, times: FloatArray, sources: Sequence[Source]
) -> tuple[Result, dict[Stretch, FloatArray]]:
    """One course, and the means over stretches in it; dyads with days of their own go through in
    blocks.
    """
    who = plan.who
    names, channels = _wanted(plan, sources)
    stretches, of_inputs = _stretches(plan, sources)
    means = [*stretches, *of_inputs]
    shapes: dict[Any, tuple[int, ...]] = dict.fromkeys([*names, *channels], (len(times),))
    shapes |= dict.fromkeys(means, ())

    separate_days = isinstance(schedules, list | PerDyad)
    separate = separate_days or as_schedule(schedules).has_jitter
    days = PerDyad.of(schedules) if separate_days else None
    # The engine is settled for all dyads, so that no block takes another.
    whole = _prepared(plan, who, schedules)
    first_plans: list[Realised] = []

    def prepare_block(block: DyadBlock) -> PreparedRun:
        own = schedules if days is None else days.take(block.positions)
        part = plan._replace(edges=plan.edges.taken(block.positions))
        return _prepared(part, block.who, own, whole.engine)

    def read(run: PreparedRun, block: DyadBlock) -> Iterator[Reading[Any]]:
        plans, ages = run.plans(), block.who.ages()
        first_plans.append(plans[0])
        values, mean_of = _seen(run, plans, names, times, stretches)
        yield from ((name, (), values[name]) for name in names)
        for stretch in means:
            own_mean = mean_of.get(stretch)
            mean = level_means(plans, ages, stretch) if own_mean is None else own_mean
            yield stretch, (), mean
        for member, channel in channels:
            yield (member, channel), (), _levels(plans, ages, times, member, channel)

    tables = run_blocks(who, BLOCK if separate else len(who), shapes, prepare_block, read)
    levels = {channel: tables.values[channel] for channel in channels}
    values = tables.without_failed(names)
    result = _result(whole, times, values, levels, tables.failures, first_plans[0])
    return result, tables.without_failed(means)


def _seen(
    run: PreparedRun,
    plans: PerDyad[Realised],
    names: Sequence[str],
    times: FloatArray,
    stretches: Sequence[Stretch],
) -> tuple[Mapping[str, FloatArray], Mapping[Stretch, FloatArray]]:
    """Values at the times and means over the stretches of one block."""
    if stretches:
        return with_means(run, plans, names, times, stretches)
    recorder, _ = run.run(names, times, plans)
    recorder.mark_illegal(run.failures, run.solver.rtol)
    return recorder.values, {}


def _stretches(plan: PoolPlan, sources: Sequence[Source]) -> tuple[list[Stretch], list[Stretch]]:
    """The stretches of variables and of input channels over which some instrument reads a mean."""
    start, moments = (
        units.clock(plan.clock),
        [float(t) for one in plan.occasions for t in one.times],
    )
    variables, inputs = [], []
    for name, member, minutes in sources:
        own, tool = person(member, plan.who.caregivers), instrument(name)
        spans = [(t - minutes, t) for t in moments if minutes and t - minutes >= start - 1e-6]
        variables += [(f"{own}.{variable}", *span) for variable in tool.variables for span in spans]
        inputs += [(f"input.{own}.{channel}", *span) for channel in tool.inputs for span in spans]
    return list(dict.fromkeys(variables)), list(dict.fromkeys(inputs))


def _prepared(plan: PoolPlan, who: Family, schedules: Any, engine: str = "auto") -> PreparedRun:
    day = plan.day[0] if isinstance(plan.day, list) else plan.day
    return prepare(
        who,
        schedules,
        f"{plan.duration!r} min",
        start=plan.clock,
        solver=plan.solver,
        seed=plan.life,
        scale=plan.edges.multipliers,
        usual_day=None if as_schedule(day).routine.activities else Routine.typical(),
        engine=engine,
    )


def _wanted(plan: PoolPlan, sources: Sequence[Source]) -> tuple[list[str], list[tuple[str, str]]]:
    """Variables, and input channels with their member, that the instruments read."""
    names, channels = [], []
    for name, member, _ in sources:
        own = person(member, plan.who.caregivers)
        names += [f"{own}.{variable}" for variable in instrument(name).variables]
        channels += [(own, channel) for channel in instrument(name).inputs]
    return list(dict.fromkeys(names)), list(dict.fromkeys(channels))


def _levels(
    plans: PerDyad[Realised], ages: FloatArray, times: FloatArray, member: str, channel: str
) -> FloatArray:
    column = list(channels_of(member)).index(channel)

    def levels(alike: tuple[Realised, float]) -> FloatArray:
        plan, age = alike
        return plan.inputs_at(member, times + age)[:, column]

    return np.array(list(together(plans, PerDyad.of_equal(ages.tolist())).map(levels)))


def _result(
    run: PreparedRun,
    times: FloatArray,
    values: Mapping[str, FloatArray],
    levels: Mapping[tuple[str, str], FloatArray],
    failures: Mapping[int, str],
    first: Realised | None,
) -> Result:
    """A result with the first dyad's interventions in its schedule."""
    inputs = {
        f"input.{member}.{channel}": (("dyad", "time"), table)
        for (member, channel), table in levels.items()
    }
    dataset = labelled_courses(run.who, times, values, inputs, failures)
    table = first.to_pandas() if first is not None else pd.DataFrame()
    given = table[table["kind"] != "routine"].reset_index(drop=True).assign(dyad=run.who.numbers[0])
    return Result(dataset, given, provenance_of(run), run)


# ----------------------------------------------------------------------------- times
def _times(plan: PoolPlan) -> FloatArray:
    """Every moment that is kept, minutes since 00:00 of the first simulated day."""
    start = units.clock(plan.clock)
    every = [np.array([start, start + plan.duration]), *_kept(plan, start)]
    for occasion in plan.occasions:
        moments = np.asarray(occasion.times, dtype=float)
        every.append(moments[moments >= start - 1e-6])
    ordered = np.sort(np.concatenate(every))
    return np.asarray(ordered[np.concatenate(([True], np.diff(ordered) > 1e-5))])


def _kept(plan: PoolPlan, start: float) -> list[FloatArray]:
    """The moments kept for plots. In a crossover they hang on a period's length, not on how many
    periods there are: the moments at which results are kept move them within the tolerance, and an
    arm more must change no bit of the others.
    """
    if plan.save is not None:
        return [np.arange(start, start + plan.duration, units.duration(plan.save, "save"))]
    lasts = plan.design.lasts
    if lasts is None:
        return [np.arange(start, start + plan.duration, _step(plan.duration))]
    between = np.arange(start, start + plan.duration, max(units.DAY, _step(lasts)))
    periods = [
        start + begin + np.append(np.arange(0.0, lasts, _step(lasts)), lasts)
        for begin in plan.design.starts
    ]
    return [between, *periods]


def _step(duration: float) -> float:
    return (
        30.0
        if duration <= 3 * units.DAY
        else units.DAY
        if duration <= 70 * units.DAY
        else units.WEEK
    )
