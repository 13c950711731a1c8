"""A trial as an object: who, which design, what is measured when, how it is drawn; and its
replications.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, about, unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.measures import INSTRUMENTS, instrument
from oxysim.per_dyad import PerDyad
from oxysim.population import Selection
from oxysim.population.criteria import Criterion, criteria
from oxysim.progress import asked
from oxysim.schedule import Routine, as_schedule
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.plausibility import Implausible, implausible, warn_of
from oxysim.simulation.scipy_engine import Solver
from oxysim.statistics.contrast import Contrast
from oxysim.streams import require_seed
from oxysim.texts import Called, Described, counted, listed
from oxysim.trials.analysis import Readings, contrasts
from oxysim.trials.carry_over import warn_of_carry_over
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import Allocation, Blocked, Stratified
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoint_list import (
    listed_endpoints,
    require_analysis,
    require_endpoints,
)
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.limits import require_readings, require_replications
from oxysim.trials.plan.trial_design import Crossover, TrialDesign
from oxysim.trials.plan.visits import BASELINE, Occasion, occasions_of, visits_of
from oxysim.trials.pool import Pool, PoolPlan, Source, simulate_pool
from oxysim.trials.replication import (
    EPDS,
    Replications,
    TrialRules,
    entry_source,
    replicate,
    require_pool,
)
from oxysim.trials.trial_result import TrialResult, endpoint_readings

SOLVER = Solver(rtol=1e-4)  # readings stray by a tenth and more
# from which a trial reads what moves over weeks: half a year strays by 1e-4 EPDS points
LONG = 14 * units.DAY


@dataclass(frozen=True, eq=False)
class Trial(Described):
    """A randomised trial.

    Every dyad of the pool is simulated once in every arm (or sequence of arms), on the same draws;
    replications draw from it, each participant with measurement luck of their own. So individual
    effects are known, and a thousand replications cost little more than one.

    Parameters
    ----------
    who : the pool, at enrolment: some hundreds of dyads, at least as many as take part.
    design : :class:`Parallel`, :class:`Crossover` or :class:`Factorial`.
    endpoints : what it is judged by; the first is the primary one unless another says so.
    visits : when it measures; default one visit at each time that an endpoint names. A baseline at
        the start is added unless a visit of that name is given.
    day : the day that all live beside what the trial gives, with daily-life noise or without; or a
        list, one a dyad.
    duration : how long participants are followed, default to the last visit; a crossover's is its
        periods'.
    start : clock time at which the first day of it begins.
    allocation : :class:`Blocked` (default), :class:`Simple` or :class:`Stratified`.
    blinding : :class:`Blinded` or :class:`Open`; default None: no belief beyond what an
        intervention itself brings (a spray and its placebo do).
    adherence : how far sessions of what the trial gives are attended.
    dropout : who leaves.
    entry : criteria measured at a screening at the start, in the words of ``Population.select``
        ("epds >= 13"); the baseline is measured anew. Default: all of the pool may enter.
    selection : what it took to find the pool, as ``Population.select`` reports it, for the flow
        table.
    life : seed of the participants' lives (daily-life noise, jitter, adherence): that with which
        the pool was drawn; default that of the `selection`, or 0.
    solver : how precisely it is simulated; default by its length, with errors far below those of
        any instrument.
    save : how often arms are kept for plots (visits are kept anyway).
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm,
        from the start.

    Raises
    ------
    InputError, UnknownNameError, UnitError, ScheduleError : a design that cannot be, before
    anything is simulated.
    """

    who: Family
    design: TrialDesign
    endpoints: Any
    visits: Any = None
    day: Any = field(default_factory=Routine.typical)
    duration: Any = None
    start: str = "08:00"
    allocation: Allocation = field(default_factory=Blocked)
    blinding: Blinded | Open | None = None
    adherence: Adherence = field(default_factory=Adherence)
    dropout: Dropout = field(default_factory=Dropout)
    entry: Any = ()
    selection: Any = None
    life: Any = None
    solver: Solver | None = None
    save: Any = None
    cut: Any = ()
    scale: Any = None

    def __post_init__(self) -> None:
        require_pool(self.who)
        self._require_edges()
        object.__setattr__(self, "life", _life(self.life, self.selection))
        for name, kind in (
            ("design", TrialDesign), ("allocation", Allocation), ("blinding", Blinded | Open | None),
            ("adherence", Adherence), ("dropout", Dropout), ("solver", Solver | None),
            ("selection", Selection | None),
        ):  # fmt: skip
            if not isinstance(getattr(self, name), kind):
                raise checks.refused(getattr(self, name), name, _EXPECTED[name])
        object.__setattr__(self, "day", _days(self.day, len(self.who)))
        object.__setattr__(self, "endpoints", listed_endpoints(self.endpoints))
        object.__setattr__(
            self, "visits", visits_of(self.visits, [one.at for one in self.endpoints])
        )
        _ = self.length, self.occasions
        with about("entry"):
            _ = self._criteria
        if self.save is not None:
            units.duration(self.save, "save")
        require_endpoints(self.endpoints, self.places, self.who.caregivers)
        self._require_readable()
        require_analysis(self.endpoints, crossover=isinstance(self.design, Crossover))
        with about("allocation"):
            self.allocation.require(self._shares)
            if isinstance(self.allocation, Stratified) and isinstance(self.allocation.by, str):
                self._require_stratum(self.allocation.by)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The plan in words."""
        return "Trial", [
            ("pool of", counted(len(self.who), "dyad")),
            ("design", self.design.words),
            ("endpoints", listed(one.name for one in self.endpoints)),
            ("primary", self.primary.name),
            ("visits", listed(one.name for one in self.visits)),
            ("allocation", self.allocation.words),
            *([("edges", self.edges.words)] if self.edges.multipliers else []),
        ]

    @functools.cached_property
    def edges(self) -> EdgeChanges:
        """Which edges are cut or scaled."""
        return EdgeChanges.of(self.cut, self.scale)

    # -------------------------------------------------------------------- when
    @property
    def length(self) -> float:
        """How long participants are followed, minutes."""
        if isinstance(self.design, Crossover):
            if self.duration is not None:
                text = "duration: a crossover lasts as long as its periods; leave it out"
                raise InputError(text, key=("duration",))
            return self.design.starts[-1] + (self.design.lasts or 0.0)
        if self.duration is not None:
            return units.duration(self.duration, "duration")
        clock = units.clock(self.start, "start", begins=True)
        last = max(visit.minutes(clock) + visit.offsets[-1] - clock for visit in self.visits)
        if last <= 0:
            raise InputError(
                "visits: expected one after the start; found the baseline alone", key=("visits",)
            )
        return float(last)

    @functools.cached_property
    def occasions(self) -> tuple[Occasion, ...]:
        """Every visit of every period, in the order of time."""
        length = self.design.lasts if isinstance(self.design, Crossover) else self.length
        return occasions_of(
            self.visits, units.clock(self.start, "start", begins=True), self.design.starts, length
        )

    @property
    def places(self) -> dict[str, int]:
        """Visit -> its place among those of a period, in the order of time."""
        return {
            one.visit.name: k
            for k, one in enumerate(one for one in self.occasions if one.period == 0)
        }

    @property
    def primary(self) -> Endpoint:
        """The primary endpoint."""
        listed: tuple[Endpoint, ...] = self.endpoints
        return next((one for one in listed if one.primary), listed[0])

    def endpoint(self, name: str = "") -> Endpoint:
        """An endpoint by name; "" is the primary one."""
        if not isinstance(name, str):
            raise checks.refused(
                name, "endpoint", "the name of an endpoint, or an empty text for the primary one"
            )
        known = {one.name: one for one in self.endpoints}
        if name and name not in known:
            raise unknown_name("endpoint", name, known)
        return known[name] if name else self.primary

    # -------------------------------------------------------------- simulating
    @functools.cached_property
    def pool(self) -> Pool:
        """Every dyad in every course, simulated when it is first asked for; warns of carry-over."""
        plan = PoolPlan(
            self.who,
            self.design,
            self.day,
            self.start,
            self.length,
            self.occasions,
            self.adherence,
            self.blinding,
            self.life,
            self._solver,
            self.save,
            self.edges,
        )
        warn_of(self.implausible)
        pool = simulate_pool(plan, self.sources)
        warn_of_carry_over(pool, self.endpoints, self.places)
        return pool

    @property
    def implausible(self) -> tuple[Implausible, ...]:
        """What is legal but implausible of those who take part, of their days and of what the arms
        give.
        """
        arms = [one for given in self.design.given.values() for one in given]
        return implausible(
            self.who, [*(self.day if isinstance(self.day, list) else [self.day]), *arms]
        )

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is read: by endpoints, by drop-out, at entry, for strata."""
        found = [one.source for one in self.endpoints]
        found += [EPDS] if self.dropout.reads else []
        return tuple(dict.fromkeys([*found, *self._read_at_entry]))

    def run(
        self, n: int, replications: int = 200, seed: int = 0, *, progress: bool | None = None
    ) -> TrialResult:
        """Replicate the trial.

        Parameters
        ----------
        n : participants of one trial, in all arms together.
        replications : how many such trials.
        seed : key of every draw of the replications (who takes part, allocation, measurement,
            drop-out).
        progress : whether a bar of simulated dyad-days is shown; None: on a terminal and in a
            notebook. Only the first run simulates.

        Raises
        ------
        InputError : n below 2, no replication, a pool that is too small, a stratum without members.
        """
        with asked(progress):
            return TrialResult(self, self._sample(n, replications, seed), n, replications, seed)

    def readings(self, n: int, replications: int, seed: int) -> Readings:
        """Every endpoint by arm, shape (replications, n), for ``trials.power``: participants of all
        arms in the order of enrolment, NaN where somebody is in another arm or gave no reading.
        """
        sample = self._sample(n, replications, seed)
        return {
            arm: held
            for one in self.endpoints
            for arm, held in endpoint_readings(self, sample, one).items()
        }

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The first contrast of an endpoint (default: the primary one) in every replication."""
        return next(iter(contrasts(self.design, self.endpoint(endpoint), readings).values()))

    def testing(self, contrast: str, endpoint: str = "") -> Tested:
        """The same trial for ``trials.power``, asked for another contrast ("treatment - usual
        care", "first x second").

        Parameters
        ----------
        contrast : as ``TrialResult.contrasts`` names it.
        endpoint : by name; default the primary one.
        """
        return Tested(self, checks.name(contrast, "contrast"), self.endpoint(endpoint).name)

    # --------------------------------------------------------------- internals
    def _sample(self, n: int, replications: int, seed: int) -> Replications:
        checks.whole_number(n, "n", 2)
        require_replications(replications)
        require_readings(n, replications, len(self.occasions))
        require_seed(seed)
        if len(self.who) < n:
            raise InputError(
                f"the pool holds {len(self.who)} dyads, fewer than the {n} of one trial; draw more,"
                " or take a smaller n"
            )
        least = sum(self.design.shares)
        if least > n:
            raise InputError(
                f"ratio: {':'.join(map(str, self.design.shares))} needs {least} participants to"
                f" fill every arm once, more than the {n} of one trial"
            )
        read = [one.source for one in self.endpoints] + ([EPDS] if self.dropout.reads else [])
        rules = TrialRules(
            self._criteria, self.allocation, self._shares, self.dropout, tuple(dict.fromkeys(read))
        )
        return replicate(self.pool, rules, n, replications, seed)

    @property
    def _shares(self) -> dict[str, int]:
        """Course -> how many participants of a full block go to it."""
        return dict(
            zip([course.name for course in self.design.courses], self.design.shares, strict=True)
        )

    @property
    def _read_at_entry(self) -> list[Source]:
        """What is read at the baseline for criteria of entry and for strata."""
        found = [entry_source(one) for one in self._criteria if one.kind == "reading"]
        if isinstance(self.allocation, Stratified) and isinstance(self.allocation.by, str):
            found += [
                entry_source(Criterion(name, ">="))
                for name in INSTRUMENTS
                if name == self.allocation.by
            ]
        return found

    @property
    def _solver(self) -> Solver:
        if self.solver is not None:
            return self.solver
        if self.length < LONG:
            return SOLVER
        return for_ensembles(1e-3)

    @property
    def _criteria(self) -> tuple[Criterion, ...]:
        return criteria(self.entry, ())

    def _require_edges(self) -> None:
        for name, multiplier in self.edges.multipliers.items():
            if np.ndim(multiplier) and np.shape(multiplier) != (len(self.who),):
                raise InputError(
                    f"scale, {name!r}: expected one multiplier, or {len(self.who)}, one a dyad of"
                    f" the pool; found {np.size(multiplier)}"
                )

    def _require_readable(self) -> None:
        """Raise where an instrument would have to read the mean over a time before the start."""
        begin = units.clock(self.start, "start", begins=True)
        for number, endpoint in enumerate(self.endpoints, start=1):
            for occasion in self.occasions:
                visit, own = occasion.visit.name, endpoint.stretch
                needed = visit == endpoint.at or (endpoint.from_baseline and visit == BASELINE)
                if needed and occasion.times[0] - own < begin - 1e-6:
                    raise InputError(
                        f"endpoint {endpoint.name!r}: the mean over {units.duration_text(own)}"
                        f" before visit {visit!r} reaches back before the start of the trial; start"
                        " earlier, or measure later",
                        key=("endpoints", str(number)),
                    )
        for name, _, own in self._read_at_entry:
            if own and self.occasions[self.places[BASELINE]].times[0] - own < begin - 1e-6:
                raise InputError(
                    f"{name!r} reads the mean over the {units.duration_text(own)} before the"
                    " baseline, which is at the start of the trial; give a later visit named"
                    " 'baseline', or take another instrument"
                )

    def _require_stratum(self, by: str) -> None:
        if "." not in by:
            instrument(by)
        else:
            _ = self.who.value(by)


@dataclass(frozen=True, eq=False)
class Tested(Called):
    """A trial of which one contrast in one endpoint is tested; see :meth:`Trial.testing`."""

    trial: Trial
    contrast: str
    endpoint: str

    def readings(self, n: int, replications: int, seed: int) -> Readings:
        """As of the trial."""
        return self.trial.readings(n, replications, seed)

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The contrast in every replication.

        Raises
        ------
        UnknownNameError : no such contrast.
        """
        found = contrasts(
            self.trial.design, self.trial.endpoint(endpoint or self.endpoint), readings
        )
        if self.contrast not in found:
            raise unknown_name("contrast", self.contrast, found)
        return found[self.contrast]


_EXPECTED = {
    "design": "Parallel(...), Crossover(...) or Factorial(...)",
    "allocation": "Blocked(), Simple() or Stratified(...)",
    "blinding": "Blinded(), Open() or None",
    "adherence": "Adherence(missed=...)",
    "dropout": "Dropout(monthly=...)",
    "solver": "a Solver, or None",
    "selection": "what Population.select reports, or None",
}


def _life(given: Any, selection: Any) -> int:
    """The seed of the participants' lives: as given, or that with which they were selected."""
    lived = getattr(selection, "seed", None)
    if given is not None:
        require_seed(given)
    if given is not None and lived is not None and given != lived:
        raise InputError(
            f"life: the pool was selected with seed {lived}, so its daily life goes on with it;"
            f" found {given}"
        )
    return int(given if given is not None else lived or 0)


def _days(given: Any, n: int) -> Any:
    """One day for all, or a list of `n`; days that are one object stay one."""
    if not isinstance(given, list | tuple):
        return as_schedule(given)
    if len(given) != n:
        raise InputError(f"day: expected one, or {n} (one a dyad of the pool); found {len(given)}")
    return list(PerDyad.of(given).map(as_schedule))
