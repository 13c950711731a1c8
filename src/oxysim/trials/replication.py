"""Many replications of a trial at once, drawn from the simulated pool: who takes part, when they
come, what they are allocated to, what is read of them and who leaves.

Every draw is keyed by (seed, number of the participant, purpose): the first participants and the
first replications are the same whatever their number, and another arm, endpoint or visit changes no
draw of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from oxysim import units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.measures import Instrument, NoiseKey, instrument, read
from oxysim.measures.instrument_names import name_or_instrument
from oxysim.population.criteria import Criterion
from oxysim.streams import stream
from oxysim.texts import Described, counted, listed
from oxysim.trials.plan.allocation import Allocation, Randomised
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import ReadingSource
from oxysim.trials.plan.keyed_draws import NUMBERS_PER_REPLICATION, chunks, uniforms
from oxysim.trials.plan.visits import BASELINE, Occasion
from oxysim.trials.pool import Pool, person

SCREENING = "screening"
EPDS = ReadingSource("epds", "caregiver", 0.0)
"""What drop-out depends on."""


class TrialRules(NamedTuple):
    """What a trial draws by: criteria of entry, allocation to arm sequences with their shares,
    drop-out, and what is read.

    >>> from oxysim.trials.plan.allocation import Simple
    >>> rules = TrialRules((), Simple(), {"placebo": 1, "spray": 1}, Dropout(), ())
    >>> rules.shares
    {'placebo': 1, 'spray': 1}
    """

    entry: tuple[Criterion, ...]
    allocation: Allocation
    shares: Mapping[str, int]
    dropout: Dropout
    sources: tuple[ReadingSource, ...]


@dataclass(frozen=True, eq=False)
class Replications(Described):
    """Who takes part in every replication, when they come, and what they get; arrays (replications,
    n) first.

    Attributes
    ----------
    position : position in the pool.
    number : keys the participant's noise.
    course : the arm sequence that they are allocated to.
    moment : which of the times that an occasion may have, shape (replications, n, occasions).
    days : when that is, days since enrolment, same shape.
    stays : whether they are still there, same shape.
    screened, eligible : how many were screened up to the last that entered, and how many of them
        were eligible, shape (replications,).
    readings : source -> what was read, shape (replications, n, occasions), drop-outs included.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> sample = trial.run(4, replications=3, progress=False).sample
    >>> sample.position.shape, bool(sample.stays.all())
    ((3, 4), True)
    """

    position: IntArray
    number: IntArray
    course: IntArray
    moment: IntArray
    days: FloatArray
    stays: BoolArray
    screened: IntArray
    eligible: IntArray
    readings: dict[ReadingSource, FloatArray] = field(repr=False)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many replications of how many, and what was read."""
        replications, n = self.position.shape
        return "Replications", [
            ("", f"{counted(replications, 'replication')} of n = {n}"),
            ("occasions", self.days.shape[-1]),
            ("read", listed(f"{name} of the {member}" for name, member, _ in self.readings)),
        ]


class ReadingIndex(NamedTuple):
    """For each reading: the arm sequence, the position in the pool, which of the occasion's times,
    and the number that keys its noise; arrays of one shape (replications, n).

    >>> index = ReadingIndex(*np.zeros((4, 3, 2), int))
    >>> index.position.shape
    (3, 2)
    """

    course: IntArray
    position: IntArray
    moment: IntArray
    number: IntArray


def replicate(pool: Pool, rules: TrialRules, n: int, replications: int, seed: int) -> Replications:
    """Draw the replications.

    Raises
    ------
    InputError : the pool holds too few participants, or too few that are eligible; a stratum
        without members.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> from oxysim.trials.plan.allocation import Simple
    >>> sequences = dict.fromkeys(trial.pool.results, 1)
    >>> rules = TrialRules((), Simple(), sequences, Dropout(), ())
    >>> replicate(trial.pool, rules, n=4, replications=3, seed=1).course.shape
    (3, 4)
    """
    position, number, screened = _enrolled(pool, rules.entry, n, replications, seed)

    # When each of them comes, within the windows of the visits.
    occasions = pool.plan.occasions
    moment = _moments(occasions, number, seed)
    times = [occasion.times[moment[..., k]] for k, occasion in enumerate(occasions)]
    days = (np.stack(times, axis=-1) - pool.plan.start) / units.DAY

    # What they are allocated to; strata are read at the baseline of the first period.
    first = min(range(len(occasions)), key=lambda k: _baseline_first(occasions[k]))

    def baseline(name: str | Instrument) -> FloatArray:
        """An instrument's readings before anything is given, the same in every arm sequence."""
        any_course = np.zeros_like(position)
        index = ReadingIndex(any_course, position, moment[..., first], number)
        return reading(pool, instrument_source(name), occasions[first], index, seed)

    participants = Randomised(seed, position, pool.plan.families, baseline)
    course = rules.allocation.allot(rules.shares, participants)

    # What is read of them, also of those who will have left: drop-out depends on it.
    readings = {}
    for source in rules.sources:
        columns = [
            reading(
                pool, source, occasion, ReadingIndex(course, position, moment[..., k], number), seed
            )
            for k, occasion in enumerate(occasions)
        ]
        readings[source] = np.stack(columns, axis=-1)
    stays = _staying(rules.dropout, readings, days, number, seed, occasions)
    # screening ends with the last that enters, so that n of those screened were eligible
    eligible = np.full(replications, n)
    return Replications(position, number, course, moment, days, stays, screened, eligible, readings)


def reading(  # noqa: PLR0913 - who reads what of whom when, keyed by what
    pool: Pool,
    source: ReadingSource,
    occasion: Occasion,
    index: ReadingIndex,
    seed: int,
    label: str = "",
) -> FloatArray:
    """What one instrument reads of every participant on one occasion, shape (replications, n).

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> first, *_ = trial.occasions
    >>> index = ReadingIndex(*np.zeros((4, 3, 2), int))
    >>> reading(trial.pool, trial.sources[0], first, index, seed=1).shape
    (3, 2)
    """
    name, member, _ = source
    caregivers = pool.plan.families.caregivers
    key = NoiseKey(seed, person(member, caregivers), label or occasion.label)
    quantities = [
        table[index.course, index.position, index.moment]
        for table in pool.expected(source, occasion)
    ]

    # Some replications at a time, since each participant's noise is a stream of its own.
    read_by_chunk = []
    for chunk in chunks(np.arange(len(index.number))[:, None]):
        rows = chunk[:, 0]
        of_chunk = [quantity[rows].ravel() for quantity in quantities]
        values = of_chunk[0] if len(of_chunk) == 1 else of_chunk
        numbers = index.number[rows].ravel().tolist()
        measured = read(name, values, numbers, [occasion.planned], key)
        read_by_chunk.append(np.asarray(measured.values)[:, 0])
    return np.concatenate(read_by_chunk).reshape(index.number.shape)


def instrument_source(name: str | Instrument) -> ReadingSource:
    """What is read with an instrument of whom it measures: for criteria of entry, and for strata.

    >>> instrument_source("epds")
    ReadingSource(instrument='epds', member='caregiver', minutes=0.0)
    """
    tool = instrument(name)
    member = "infant" if tool.members == ("infant",) else "caregiver"
    return ReadingSource(name_or_instrument(tool), member, tool.window)


# --------------------------------------------------------------------- internals
def _enrolled(
    pool: Pool, entry: Sequence[Criterion], n: int, replications: int, seed: int
) -> tuple[IntArray, IntArray, IntArray]:
    """(position in the pool, number, how many were screened): the first n eligible of each
    replication's own order.
    """
    size = len(pool.plan.families)
    if size < n:
        raise InputError(
            f"the pool holds {size} dyads, fewer than the {n} of one trial; enlarge it"
        )
    orders = [stream(seed, r, "participants").permutation(size) for r in range(replications)]
    # every replication meets the pool in an order of its own
    order = np.array(orders)
    number = np.arange(replications)[:, None] * NUMBERS_PER_REPLICATION + np.arange(size)
    # without criteria the first n of the order take part
    if not entry:
        return order[:, :n], number[:, :n], np.full(replications, n)

    eligible = _eligible(pool, entry, order, number, seed)
    count = eligible.sum(axis=1)
    if (count < n).any():
        worst = int(np.argmin(count))
        raise InputError(
            f"entry: in replication {worst} only {count[worst]} of the {size} dyads of the pool met"
            f" {' and '.join(map(str, entry))}, fewer than the {n} of one trial; enlarge the pool"
            " or loosen the criteria"
        )
    # A stable sort puts those who are eligible first, in their order.
    rank = np.argsort(~eligible, axis=1, kind="stable")[:, :n]
    entered = np.take_along_axis(order, rank, axis=1)
    return entered, np.take_along_axis(number, rank, axis=1), rank[:, -1] + 1


def _eligible(
    pool: Pool, entry: Sequence[Criterion], order: IntArray, number: IntArray, seed: int
) -> BoolArray:
    """Which candidates meet the criteria, as measured at the screening, shape (replications,
    pool).
    """
    families = pool.plan.families
    occasion = next(
        occasion
        for occasion in pool.plan.occasions
        if occasion.period == 0 and occasion.visit.name == BASELINE
    )
    middle = np.full_like(order, len(occasion.times) // 2)
    eligible = np.ones(order.shape, dtype=bool)
    for criterion in entry:
        if criterion.kind == "parameter":
            parameter = np.asarray(families.value(criterion.name), dtype=float)
            values = np.broadcast_to(parameter, (len(families),))
            eligible &= criterion.holds(values[order])
            continue
        # a reading of its own: whoever enters by an extreme one is measured anew at the baseline
        source = instrument_source(criterion.tool)
        index = ReadingIndex(np.zeros_like(order), order, middle, number)
        eligible &= criterion.holds(reading(pool, source, occasion, index, seed, SCREENING))
    return eligible


def _baseline_first(occasion: Occasion) -> tuple[int, bool]:
    return occasion.period, occasion.visit.name != BASELINE


def _moments(occasions: Sequence[Occasion], number: IntArray, seed: int) -> IntArray:
    """Which of its times each occasion takes, shape (replications, n, occasions)."""
    moments = []
    for occasion in occasions:
        count = len(occasion.times)
        uniform = np.zeros(number.shape)
        if count > 1:
            uniform = uniforms(seed, number, f"time of {occasion.label}")
        # a draw of nearly 1 times the count may round to the count itself
        moments.append(np.minimum((uniform * count).astype(np.int64), count - 1))
    return np.stack(moments, axis=-1)


def _staying(  # noqa: PLR0913 - the rule, what it reads, and what keys its draws
    rule: Dropout,
    readings: dict[ReadingSource, FloatArray],
    days: FloatArray,
    number: IntArray,
    seed: int,
    occasions: Sequence[Occasion],
) -> BoolArray:
    """Who is still there, shape (replications, n, occasions)."""
    if not rule.monthly:
        return np.ones(days.shape, dtype=bool)
    draws = [uniforms(seed, number, f"drop-out before {occasion.label}") for occasion in occasions]
    epds = readings.get(EPDS) if rule.reads else None
    return rule.staying(days, epds, np.stack(draws, axis=-1))
