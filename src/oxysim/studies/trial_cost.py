"""What a trial will take, from a pilot: a few dyads of its pool through every arm, a few candidates
screened.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oxysim.population.members import Members
from oxysim.population.selection import Selection
from oxysim.progress import asked
from oxysim.simulation.start.initial_state import forget
from oxysim.studies.trial_file import TrialFile
from oxysim.sweeps.cost_estimate import bytes_words, duration_words
from oxysim.trials.plan.allocation import Blocked
from oxysim.trials.power_analysis import power
from oxysim.trials.trial import Trial

WARMING = 8  # dyads that go first: with them the engine is compiled and everything is loaded
PILOT = 32  # dyads that are timed: four rounds of the compiled engine's lanes
SCREENED = 256  # candidates of a block that is timed: a small one costs more for each of them
FOUND = 8  # mothers looked for among them
FEW, MORE = 5, 25  # replications that are timed

SCHEDULE = 40e3  # bytes of what a dyad is given in a course, laid out, with the tables beside it
# tables of all replications beside the readings: places, numbers, courses, moments and days, who
# stays
DRAWN = 5


@dataclass(frozen=True)
class TrialCost:
    """Seconds of each part of a trial, and of the whole; what it needs of memory.

    Attributes
    ----------
    screening : finding the pool; 0 where nobody is screened.
    simulating : every dyad of the pool in every arm or sequence.
    analysing : the replications, and the power where it is asked for.
    memory_bytes : at the peak: the simulated pool, and the readings of all replications.

    >>> cost = TrialCost(screening=0.0, simulating=40.0, analysing=2.0, memory_bytes=3e6)
    >>> cost.seconds
    42.0
    """

    screening: float
    simulating: float
    analysing: float
    memory_bytes: float

    @property
    def seconds(self) -> float:
        """All of it.

        >>> TrialCost(screening=30.0, simulating=40.0, analysing=2.0, memory_bytes=3e6).seconds
        72.0
        """
        return self.screening + self.simulating + self.analysing

    def describe(self) -> str:
        """One sentence.

        >>> print(TrialCost(0.0, 40.0, 2.0, memory_bytes=3e6).describe().partition(",")[0])
        about 42.0 s here (simulating 40.0 s
        """
        parts = {
            "screening": self.screening,
            "simulating": self.simulating,
            "replications": self.analysing,
        }
        durations = ", ".join(
            f"{name} {duration_words(seconds)}" for name, seconds in parts.items() if seconds
        )
        return (
            f"about {duration_words(self.seconds)} here ({durations}), from a pilot of {PILOT} "
            "dyads; "
            f"about {bytes_words(self.memory_bytes)} of memory"
        )


def trial_cost(read: TrialFile) -> TrialCost:
    """What a trial will take on this machine, from a pilot that takes a small part of it.

    Screening is reckoned from the share of the first candidates that enter, and is therefore the
    least certain part.

    >>> from oxysim.families import Dyad
    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Endpoint, Parallel
    >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="08:10")}
    >>> plan = Trial(Dyad().repeat(4), Parallel(arms), Endpoint("saliva_oxytocin", at="1 h"))
    >>> cost = trial_cost(TrialFile(plan, plan.who, "spray", 4, replications=2, seed=0, power=()))
    >>> cost.screening, cost.simulating > 0
    (0.0, True)
    """
    with asked(False):
        screening = _screening(read)
        few = _of(read, WARMING)
        _ = few.pool
        some = _of(read, PILOT)
        forget()  # the first few are among them: their starts must be settled again
        began = time.perf_counter()
        _ = some.pool
        simulating = (time.perf_counter() - began) * len(read.who) / len(some.who)
        return TrialCost(screening, simulating, _analysing(read, some), memory_bytes(read))


def memory_bytes(read: TrialFile) -> float:
    """What a trial holds at once: a schedule and the kept courses of every dyad, the readings of
    all replications.

    >>> from oxysim.families import Dyad
    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Endpoint, Parallel
    >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="08:10")}
    >>> plan = Trial(Dyad().repeat(4), Parallel(arms), Endpoint("saliva_oxytocin", at="1 h"))
    >>> file = TrialFile(plan, plan.who, "spray", 4, replications=2, seed=0, power=())
    >>> round(memory_bytes(file) / 1e6, 1)  # megabytes
    0.3
    """
    plan, pool = read.plan, len(read.who)
    few = _of(read, 2).pool
    course_bytes = sum(result.dataset.nbytes for result in few.results.values())
    bytes_per_dyad = course_bytes / len(few.plan.families) + SCHEDULE * len(few.results)

    readings = max(read.n, *read.power, 0) * read.replications * len(plan.occasions)
    # endpoints that read the same share their readings
    sources = {(endpoint.tool.name, endpoint.member, endpoint.over) for endpoint in plan.endpoints}
    return pool * bytes_per_dyad + 8.0 * readings * (DRAWN + len(sources))


def _of(read: TrialFile, number: int) -> Trial:
    """The trial on the first dyads of its pool; nobody is screened for it, and no stratum needs to
    have members.
    """
    families = read.who
    chosen = np.arange(min(number, len(families)))
    if not isinstance(families, Members):
        return dataclasses.replace(read.plan, who=families.take(chosen), allocation=Blocked())
    unscreened = dataclasses.replace(
        families,
        wanted=(),
        at=None,
        infant_age=families.at if families.wanted else families.infant_age,
    )
    pilot = unscreened.take(chosen)
    day = families.population.schedules(read.plan.day, pilot.numbers, seed=families.seed)
    return dataclasses.replace(
        read.plan, who=pilot, day=day, life=families.seed, entry=(), allocation=Blocked()
    )


def _screening(read: TrialFile) -> float:
    """Seconds to find the pool, where somebody is screened for it."""
    members = read.who
    if not isinstance(members, Members) or not members.wanted:
        return 0.0

    def screened(block: int) -> Selection:
        return members.population.select(
            min(FOUND, len(members)),
            members.wanted,
            at=members.at or "",
            seed=members.seed,
            caregivers=members.caregivers,
            block=block,
        )[1]

    screened(WARMING)
    began = time.perf_counter()
    report = screened(SCREENED)
    seconds = (time.perf_counter() - began) / (-(-report.screened // SCREENED) * SCREENED)
    return seconds * len(members) / report.share


def _analysing(read: TrialFile, some: Trial) -> float:
    """Seconds of all replications: what is done once, and what grows with their number.

    Replications are drawn and analysed side by side, so that a larger one takes hardly longer than
    the few of the pilot can show: in numbers of participants nothing is scaled.
    """
    most = len(some.who)
    total = _grown(lambda r: some.run(min(read.n, most), r, read.seed).effects(), read.replications)
    if read.power:
        name, sizes = some.primary.name, sorted({min(n, most) for n in read.power})
        seconds = _grown(
            lambda r: power(some, name, n=sizes, replications=r, seed=read.seed), read.replications
        )
        total += seconds * len(read.power) / len(sizes)
    return total


def _grown(work: Callable[[int], object], replications: int) -> float:
    """Seconds for so many replications, from few and from more."""
    spent = []
    for number in (FEW, FEW, MORE):  # the first to load what is needed
        began = time.perf_counter()
        work(number)
        spent.append(time.perf_counter() - began)
    per_replication = max(spent[2] - spent[1], 0.0) / (MORE - FEW)
    return spent[1] + per_replication * max(replications - FEW, 0)
