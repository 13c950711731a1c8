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
from oxysim.families import Family
from oxysim.measures import NoiseKey, instrument, read
from oxysim.population.criteria import Criterion
from oxysim.streams import stream
from oxysim.texts import Described, counted, listed
from oxysim.trials.plan.allocation import Allocation, Randomised
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.keyed_draws import NUMBERS_PER_REPLICATION, chunks, uniforms
from oxysim.trials.plan.visits import Occasion
from oxysim.trials.pool import Pool, Source, person

SCREENING = "screening"


class TrialRules(NamedTuple):
    """What a trial draws by."""

    entry: tuple[Criterion, ...]
    allocation: Allocation
    shares: Mapping[str, int]
    dropout: Dropout
    sources: tuple[Source, ...]


@dataclass(frozen=True, eq=False)
class Replications(Described):
    """Who takes part in every replication, when they come, and what they get; arrays (replications,
    n) first.

    Attributes
    ----------
    position : place in the pool.
    number : keys the participant's luck.
    course : what they are allocated to.
    moment : which of the times that an occasion may have, shape (replications, n, occasions).
    days : when that is, days since enrolment, same shape.
    stays : whether they are still there, same shape.
    screened, eligible : how many were screened up to the last that entered, and how many of them
        were eligible, shape (replications,).
    readings : source -> what was read, shape (replications, n, occasions), drop-outs included.
    """

    position: IntArray
    number: IntArray
    course: IntArray
    moment: IntArray
    days: FloatArray
    stays: BoolArray
    screened: IntArray
    eligible: IntArray
    readings: dict[Source, FloatArray] = field(repr=False)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many replications of how many, and what was read."""
        replications, n = self.position.shape
        return "Sample", [
            ("", f"{counted(replications, 'replication')} of n = {n}"),
            ("occasions", self.days.shape[-1]),
            ("read", listed(f"{name} of the {member}" for name, member, _ in self.readings)),
        ]


def replicate(pool: Pool, rules: TrialRules, n: int, replications: int, seed: int) -> Replications:
    """Draw the replications.

    Raises
    ------
    InputError : the pool holds too few participants, or too few that are eligible; a stratum
    without members.
    """
    position, number, screened = _enrolled(pool, rules.entry, n, replications, seed)
    occasions = pool.plan.occasions
    moment = _moments(occasions, number, seed)
    start = units.clock(pool.plan.clock)
    times = [occasion.times[moment[..., k]] for k, occasion in enumerate(occasions)]
    days = (np.stack(times, axis=-1) - start) / units.DAY
    first = min(
        range(len(occasions)),
        key=lambda k: (occasions[k].period, occasions[k].visit.name != "baseline"),
    )

    def baseline(name: str) -> FloatArray:
        source = (
            name,
            "infant" if instrument(name).members == ("infant",) else "caregiver",
            instrument(name).window,
        )
        common = np.zeros_like(position)
        return reading(
            pool,
            source,
            occasions[first],
            ReadingIndex(common, position, moment[..., first], number),
            seed,
        )

    who = Randomised(seed, position, pool.plan.who, baseline)
    course = rules.allocation.allot(rules.shares, who)
    readings = {}
    for source in rules.sources:
        each = [
            reading(
                pool, source, occasion, ReadingIndex(course, position, moment[..., k], number), seed
            )
            for k, occasion in enumerate(occasions)
        ]
        readings[source] = np.stack(each, axis=-1)
    stays = _staying(rules.dropout, readings, days, number, seed, occasions)
    eligible = np.full(replications, n)
    return Replications(position, number, course, moment, days, stays, screened, eligible, readings)


class ReadingIndex(NamedTuple):
    """For each reading: the course, the place in the pool, which of the occasion's times, and the
    number that keys its luck; arrays of one shape (replications, n).
    """

    course: IntArray
    position: IntArray
    moment: IntArray
    number: IntArray


def reading(
    pool: Pool, source: Source, occasion: Occasion, chosen: ReadingIndex, seed: int, label: str = ""
) -> FloatArray:
    """What one instrument reads of every participant on one occasion, shape (replications, n)."""
    name, member, _ = source
    noise_key = NoiseKey(seed, person(member, pool.plan.who.caregivers), label or occasion.label)
    parts = [
        held[chosen.course, chosen.position, chosen.moment]
        for held in pool.expected(source, occasion)
    ]
    found = []
    rows = np.arange(len(chosen.number))[:, None]
    for some in chunks(rows):
        own = [part[some[:, 0]].ravel() for part in parts]
        given = own[0] if len(own) == 1 else own
        numbers = chosen.number[some[:, 0]].ravel()
        found.append(
            np.asarray(read(name, given, numbers.tolist(), [occasion.planned], noise_key).values)[
                :, 0
            ]
        )
    return np.concatenate(found).reshape(chosen.number.shape)


def _enrolled(
    pool: Pool, entry: Sequence[Criterion], n: int, replications: int, seed: int
) -> tuple[IntArray, IntArray, IntArray]:
    """(place in the pool, number, how many were screened): the first n eligible of each
    replication's own order.
    """
    who = pool.plan.who
    size = len(who)
    if size < n:
        raise InputError(
            f"the pool holds {size} dyads, fewer than the {n} of one trial; enlarge it"
        )
    order = np.array(
        [stream(seed, r, "participants").permutation(size) for r in range(replications)]
    )
    number = np.arange(replications)[:, None] * NUMBERS_PER_REPLICATION + np.arange(size)
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
    place = np.argsort(~eligible, axis=1, kind="stable")[:, :n]  # those eligible, in their order
    take = lambda table: np.take_along_axis(table, place, axis=1)  # noqa: E731
    return take(order), take(number), place[:, -1] + 1


def _eligible(
    pool: Pool, entry: Sequence[Criterion], order: IntArray, number: IntArray, seed: int
) -> BoolArray:
    """Which candidates meet the criteria, as measured at the screening, shape
    (replications, pool).
    """
    occasion = next(
        one for one in pool.plan.occasions if one.period == 0 and one.visit.name == "baseline"
    )
    middle = np.full_like(order, len(occasion.times) // 2)
    met = np.ones(order.shape, dtype=bool)
    for one in entry:
        if one.kind == "parameter":
            values = np.broadcast_to(
                np.asarray(pool.plan.who.value(one.name), dtype=float), (len(pool.plan.who),)
            )
            met &= one.holds(values[order])
            continue
        source = entry_source(one)
        chosen = ReadingIndex(np.zeros_like(order), order, middle, number)
        met &= one.holds(reading(pool, source, occasion, chosen, seed, SCREENING))
    return met


def entry_source(one: Criterion) -> Source:
    """What is read for a criterion of entry."""
    tool = instrument(one.name)
    return one.name, "infant" if tool.members == ("infant",) else "caregiver", tool.window


def _moments(occasions: Sequence[Occasion], number: IntArray, seed: int) -> IntArray:
    """Which of its times each occasion takes, shape (replications, n, occasions)."""
    found = []
    for occasion in occasions:
        count = len(occasion.times)
        uniform = (
            uniforms(seed, number, f"time of {occasion.label}")
            if count > 1
            else np.zeros(number.shape)
        )
        found.append(np.minimum((uniform * count).astype(np.int64), count - 1))
    return np.stack(found, axis=-1)


def _staying(
    rule: Dropout,
    readings: dict[Source, FloatArray],
    days: FloatArray,
    number: IntArray,
    seed: int,
    occasions: Sequence[Occasion],
) -> BoolArray:
    if not rule.monthly:
        return np.ones(days.shape, dtype=bool)
    uniform = np.stack(
        [uniforms(seed, number, f"drop-out before {one.label}") for one in occasions], axis=-1
    )
    return rule.staying(days, readings.get(EPDS) if rule.reads else None, uniform)


EPDS: Source = ("epds", "caregiver", 0.0)


def require_pool(who: object) -> Family:
    """The pool; raises ``InputError`` unless it is a family or an ensemble of them."""
    if not isinstance(who, Family):
        raise InputError(
            "who: expected the pool of dyads, a Family such as population.sample(200, seed=1)"
            f" gives; found {who!r:.60}, a {type(who).__name__}"
        )
    return who
