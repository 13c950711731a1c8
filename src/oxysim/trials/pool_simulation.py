"""Simulating the pool: what each dyad is given in a sequence of arms, and its course under it.

The schedules come first, so that what cannot be given is refused before anything runs. Dyads that
share a day and miss no session share one schedule; others have one each and go through in blocks.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.measures import instrument
from oxysim.model.inputs import channels_of
from oxysim.per_dyad import PerDyad, together
from oxysim.progress import simulating
from oxysim.schedule import Realised, Routine, Schedule
from oxysim.schedule.bouts import Window
from oxysim.simulation.block_runner import DyadBlock, Reading, run_blocks
from oxysim.simulation.results.labelled import labelled_courses
from oxysim.simulation.results.provenance import provenance_of
from oxysim.simulation.results.result import Result
from oxysim.simulation.run import PreparedRun, prepare
from oxysim.trials.plan.adherence import AsAdministered
from oxysim.trials.plan.blinding import Belief
from oxysim.trials.plan.endpoints import ReadingSource
from oxysim.trials.plan.trial_design import ArmSequence
from oxysim.trials.pool import Pool, PoolPlan, person
from oxysim.trials.stretch_means import Stretch, level_means, with_means

# dyads with days of their own that are simulated together: bounds memory, changes no answer
BLOCK = 64
# min between two times that are kept: nearer ones are the same, reached by other sums
RESOLUTION = 1e-5
# min by which a time may lie before the start through rounding
ROUNDING = 1e-6


def simulate_pool(plan: PoolPlan, sources: Iterable[ReadingSource]) -> Pool:
    """Simulate every sequence of arms.

    Raises
    ------
    ScheduleError : an intervention has no moment in its period, or cannot be as it is.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> len(simulate_pool(trial.pool.plan, trial.sources).results)  # one result a sequence
    2
    """
    distinct_sources = list(dict.fromkeys(sources))
    times = _times(plan)
    administered = {sequence.name: _schedules(plan, sequence) for sequence in plan.design.courses}

    # what cannot be given is refused before anything runs
    sessions = {
        name: _sessions(plan, interventions) for name, (_, interventions) in administered.items()
    }
    with simulating(len(plan.families) * len(administered), plan.duration, "trial"):
        runs = {
            name: _simulated(plan, schedules, times, distinct_sources)
            for name, (schedules, _) in administered.items()
        }
    results = {name: result for name, (result, _) in runs.items()}
    return Pool(plan, results, sessions, {name: means for name, (_, means) in runs.items()})


# ---------------------------------------------------------------------- what is given
def _schedules(plan: PoolPlan, sequence: ArmSequence) -> tuple[Any, list[list[AsAdministered]]]:
    """(one schedule for all, or one a dyad; the trial's own interventions, for all or for each
    dyad).
    """
    n, dyads = len(plan.families), plan.families.numbers
    days = plan.day if isinstance(plan.day, list) else [plan.day]
    gives_nothing = not any(plan.design.given[arm] for arm in sequence.arms)
    shared = plan.adherence.perfect or gives_nothing
    if shared and len(days) == 1:
        interventions = _administered(plan, sequence, 0)
        return _joined(days[0], interventions, plan, sequence), [interventions]

    per_dyad = [_administered(plan, sequence, dyad) for dyad in dyads]
    if shared:
        # days that are one object stay one, so that their dyads are simulated together
        own_days = PerDyad.of(days)
        joined = own_days.map(lambda day: _joined(day, per_dyad[0], plan, sequence))
        return joined, per_dyad[:1]

    day_of_dyad = days * n if len(days) == 1 else days
    schedules = [
        _joined(day, interventions, plan, sequence)
        for day, interventions in zip(day_of_dyad, per_dyad, strict=True)
    ]
    return schedules, per_dyad


def _administered(plan: PoolPlan, sequence: ArmSequence, dyad: int) -> list[AsAdministered]:
    """The trial's own interventions of one dyad, period by period."""
    interventions = []
    for arm, start in zip(sequence.arms, plan.design.starts, strict=True):
        labels: list[str] = []
        for intervention in plan.design.given[arm]:
            # two of one kind in an arm are attended independently of each other
            labels.append(intervention.label)
            key = f"{intervention.label} {labels.count(intervention.label)}, from {start:g}"
            interventions.append(
                AsAdministered(
                    intervention,
                    period_start=start,
                    period_length=plan.design.lasts or np.inf,
                    adherence=plan.adherence,
                    seed=plan.life,
                    dyad=dyad,
                    draw_key=key,
                )
            )
    return interventions


def _joined(
    day: Schedule,
    interventions: Sequence[AsAdministered],
    plan: PoolPlan,
    sequence: ArmSequence,
) -> Schedule:
    """The day with what is given and what is believed of it."""
    beliefs = []
    if plan.blinding is not None:
        for arm, start in zip(sequence.arms, plan.design.starts, strict=True):
            # the reference is the first arm: all others count as active
            level = plan.blinding.belief(arm != plan.design.names[0])
            if level:
                length = plan.design.lasts or np.inf
                beliefs.append(
                    AsAdministered(Belief(level), period_start=start, period_length=length)
                )
    return Schedule(day.routine, (*day.interventions, *interventions, *beliefs))


def _sessions(plan: PoolPlan, interventions: Sequence[Sequence[AsAdministered]]) -> IntArray:
    """Sessions planned, attended and cut short of each dyad, shape (dyads, 3)."""
    families, start = plan.families, plan.start
    ages = families.ages().tolist()
    counts = np.zeros((len(families), 3), dtype=np.int64)
    for k, (age, dyad) in enumerate(zip(ages, families.numbers, strict=True)):
        window = Window(
            age + start, age + start + plan.duration, families.caregivers, 0, plan.life, dyad
        )
        of_dyad = interventions[k] if len(interventions) > 1 else interventions[0]
        if k and len(interventions) == 1 and age == float(ages[0]):
            counts[k] = counts[0]
        elif of_dyad:
            counts[k] = np.sum([session.attendance(window) for session in of_dyad], axis=0)
    return counts


# ------------------------------------------------------------------------ simulating
def _simulated(
    plan: PoolPlan, schedules: Any, times: FloatArray, sources: Sequence[ReadingSource]
) -> tuple[Result, dict[Stretch, FloatArray]]:
    """One sequence of arms, and the means over stretches in it; dyads with days of their own go
    through in blocks.
    """
    families = plan.families
    names, channels = _read_quantities(plan, sources)
    stretches, input_stretches = _stretches(plan, sources)
    all_stretches = [*stretches, *input_stretches]
    shapes: dict[Any, tuple[int, ...]] = dict.fromkeys([*names, *channels], (len(times),))
    shapes |= dict.fromkeys(all_stretches, ())

    has_own_days = isinstance(schedules, list | PerDyad)
    in_blocks = has_own_days or schedules.has_random_bouts
    # The engine is settled for all dyads, so that no block takes another.
    whole = _prepared(plan, schedules)
    first_plans: list[Realised] = []

    def read(run: PreparedRun, block: DyadBlock) -> Iterator[Reading[Any]]:
        plans, ages = run.plans(), run.ages
        first_plans.append(plans[0])
        values, simulated_means = _values_and_means(run, plans, names, times, stretches)
        yield from ((name, (), values[name]) for name in names)
        # of variables the run itself takes the means, of inputs the schedule has them exactly
        for stretch in all_stretches:
            mean = simulated_means.get(stretch)
            yield stretch, (), level_means(plans, ages, stretch) if mean is None else mean
        for member, channel in channels:
            yield (member, channel), (), _levels(plans, ages, times, member, channel)

    size = BLOCK if in_blocks else len(families)
    tables = run_blocks(families, size, shapes, lambda block: whole.take(block.positions), read)
    levels = {channel: tables.values[channel] for channel in channels}
    values = tables.without_failed(names)
    result = _result(whole, times, values, levels, tables.failures, first_plans[0])
    return result, tables.without_failed(all_stretches)


def _values_and_means(
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


def _stretches(
    plan: PoolPlan, sources: Sequence[ReadingSource]
) -> tuple[list[Stretch], list[Stretch]]:
    """The stretches of variables and of input channels over which some instrument reads a mean."""
    moments = [float(time) for occasion in plan.occasions for time in occasion.times]
    variables, inputs = [], []
    for name, member, minutes in sources:
        full_name, tool = person(member, plan.families.caregivers), instrument(name)
        if not minutes:
            continue
        # what reaches back before the start is not simulated; an endpoint that needs it is refused
        ends = [time for time in moments if time - minutes >= plan.start - ROUNDING]
        spans = [(time - minutes, time) for time in ends]
        for variable in tool.reads(full_name, plan.families.caregivers):
            variables += [(variable, *span) for span in spans]
        for channel in tool.inputs:
            inputs += [(f"input.{full_name}.{channel}", *span) for span in spans]
    return list(dict.fromkeys(variables)), list(dict.fromkeys(inputs))


def _prepared(plan: PoolPlan, schedules: Any) -> PreparedRun:
    """The run of the whole pool."""
    day = plan.day[0] if isinstance(plan.day, list) else plan.day
    # A day with activities is itself the usual one; an empty one says nothing of the days before.
    usual_day = None if day.routine.activities else Routine.typical()
    return prepare(
        plan.families,
        schedules,
        f"{plan.duration!r} min",
        start=plan.clock,
        solver=plan.solver,
        seed=plan.life,
        scale=plan.edges.multipliers,
        usual_day=usual_day,
    )


def _read_quantities(
    plan: PoolPlan, sources: Sequence[ReadingSource]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Variables, and input channels with their member, that the instruments read."""
    names: list[str] = []
    channels: list[tuple[str, str]] = []
    for name, member, _ in sources:
        full_name = person(member, plan.families.caregivers)
        # each once, however many instruments read it
        names += instrument(name).reads(full_name, plan.families.caregivers)
        channels += [(full_name, channel) for channel in instrument(name).inputs]
    return list(dict.fromkeys(names)), list(dict.fromkeys(channels))


def _levels(
    plans: PerDyad[Realised], ages: FloatArray, times: FloatArray, member: str, channel: str
) -> FloatArray:
    """The level of an input channel at the times, (n, n_times)."""
    column = list(channels_of(member)).index(channel)

    def levels(plan_and_age: tuple[Realised, float]) -> FloatArray:
        plan, age = plan_and_age
        return plan.inputs_at(member, times + age)[:, column]

    # once for the dyads of one age that share a schedule
    dyads = together(plans, PerDyad.of_equal(ages.tolist()))
    return np.array(list(dyads.map(levels)))


def _result(  # noqa: PLR0913 - what was run, and what was read of it
    run: PreparedRun,
    times: FloatArray,
    values: Mapping[str, FloatArray],
    levels: Mapping[tuple[str, str], FloatArray],
    failures: Mapping[int, str],
    first: Realised,
) -> Result:
    """A result with the first dyad's interventions in its schedule."""
    inputs = {
        f"input.{member}.{channel}": (("dyad", "time"), level)
        for (member, channel), level in levels.items()
    }
    dataset = labelled_courses(run.who, times, values, inputs, failures)
    bouts = first.to_pandas()
    interventions = bouts[bouts["kind"] != "routine"].reset_index(drop=True)
    interventions = interventions.assign(dyad=run.who.numbers[0])
    return Result(dataset, interventions, functools.partial(provenance_of, run), run)


# ----------------------------------------------------------------------------- times
def _times(plan: PoolPlan) -> FloatArray:
    """Every moment that is kept, minutes since 00:00 of the first simulated day."""
    start = plan.start
    moments = [np.array([start, start + plan.duration]), *_times_for_plots(plan, start)]
    for occasion in plan.occasions:
        visits = np.asarray(occasion.times, dtype=float)
        moments.append(visits[visits >= start - ROUNDING])
    ordered = np.sort(np.concatenate(moments))
    is_new = np.concatenate(([True], np.diff(ordered) > RESOLUTION))
    return np.asarray(ordered[is_new])


def _times_for_plots(plan: PoolPlan, start: float) -> list[FloatArray]:
    """The moments kept for plots. In a crossover they depend on a period's length, not on how many
    periods there are: the moments at which results are kept move them within the tolerance, and an
    arm more must change no bit of the others.
    """
    stop = start + plan.duration
    if plan.save is not None:
        return [np.arange(start, stop, units.duration(plan.save, "save"))]
    length = plan.design.lasts
    if length is None:
        return [np.arange(start, stop, _step(plan.duration))]
    between = np.arange(start, stop, max(units.DAY, _step(length)))
    within = np.append(np.arange(0.0, length, _step(length)), length)
    return [between, *(start + begin + within for begin in plan.design.starts)]


def _step(duration: float) -> float:
    """Minutes between moments for plots: half an hour shows a day's course, a day that of weeks."""
    if duration <= 3 * units.DAY:
        return 30.0
    return units.DAY if duration <= 70 * units.DAY else units.WEEK
