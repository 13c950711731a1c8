"""What a trial plans: who, which design, what is measured when, how it is drawn; checked, and
simulated when its pool is first asked for.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.checks import require_seed
from oxysim.errors import InputError, OxysimError, add_key, unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.measures import INSTRUMENTS, Instrument, instrument
from oxysim.measures.instrument_names import distinct_user_instruments
from oxysim.model.value_ranges import Implausible
from oxysim.per_dyad import PerDyad
from oxysim.population import Selection
from oxysim.population.criteria import Criterion, read_criteria
from oxysim.population.selection import is_source
from oxysim.schedule import Routine, as_schedule
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.plausibility import implausible, warn_of
from oxysim.simulation.scipy_engine import Solver
from oxysim.texts import Described, counted, listed
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
from oxysim.trials.plan.endpoints import Endpoint, ReadingSource
from oxysim.trials.plan.trial_design import Crossover, TrialDesign
from oxysim.trials.plan.visits import BASELINE, Occasion, occasions_of, visits_of
from oxysim.trials.pool import Pool, PoolPlan
from oxysim.trials.pool_simulation import simulate_pool
from oxysim.trials.replication import EPDS, instrument_source

SOLVER = Solver(rtol=1e-4)  # readings stray by a tenth and more
# From here a trial reads what moves over weeks, for which the ensembles' solver does: half a year
# strays by 1e-4 EPDS points.
LONG = 14 * units.DAY
ROUNDING = 1e-6  # min by which a moment may lie before the start through rounding

# Field -> what it may be, and how an error says so.
_KINDS: dict[str, tuple[Any, str]] = {
    "design": (TrialDesign, "Parallel(...), Crossover(...) or Factorial(...)"),
    "allocation": (Allocation, "Blocked(), Simple() or Stratified(...)"),
    "blinding": (Blinded | Open | None, "Blinded(), Open() or None"),
    "adherence": (Adherence, "Adherence(missed=...)"),
    "dropout": (Dropout, "Dropout(monthly=...)"),
    "solver": (Solver | None, "a Solver, or None"),
    "selection": (Selection | None, "what Population.select reports, or None"),
}


@dataclass(frozen=True, eq=False)
class TrialPlan(Described):
    """What a trial plans; its parameters are those of :class:`oxysim.trials.Trial`.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Endpoint, Parallel
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> plan = TrialPlan(pool, Parallel(arms), Endpoint("epds", at="3 h"))
    >>> list(plan.places), plan.length
    (['baseline', '3 h'], ...)
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
        _require_pool(self.who)
        self._require_edges()
        # a pool that was selected goes on with the daily life it was selected in
        self._set(life=_life(self.life, self.selection))
        for name, (kind, expected) in _KINDS.items():
            if not isinstance(getattr(self, name), kind):
                raise checks.refused(getattr(self, name), name, expected)
        self._set(day=_days(self.day, len(self.who)))
        self._set(endpoints=listed_endpoints(self.endpoints))
        named_visits = [endpoint.at for endpoint in self.endpoints]
        self._set(visits=visits_of(self.visits, named_visits))

        # What is derived raises where it cannot be: length and visits, criteria of entry.
        _ = self.length, self.occasions, self.user_instruments
        if self.save is not None:
            units.duration(self.save, "save")

        require_endpoints(self.endpoints, self.places, self.who.caregivers)
        self._require_readable()
        require_analysis(self.endpoints, crossover=isinstance(self.design, Crossover))
        self._require_allocation()

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The plan in words."""
        return "Trial", [
            ("pool of", counted(len(self.who), "dyad")),
            ("design", self.design.words),
            ("endpoints", listed(endpoint.name for endpoint in self.endpoints)),
            ("primary", self.primary.name),
            ("visits", listed(visit.name for visit in self.visits)),
            ("allocation", self.allocation.words),
            *([("edges", self.edges.words)] if self.edges.multipliers else []),
        ]

    @functools.cached_property
    def edges(self) -> EdgeChanges:
        """Which edges are cut or scaled."""
        # raises where an edge does not exist
        return EdgeChanges.of(self.cut, self.scale)

    # -------------------------------------------------------------------- when
    @functools.cached_property
    def length(self) -> float:
        """How long participants are followed, minutes."""
        if isinstance(self.design, Crossover):
            # Periods say how long a crossover lasts; a second length could contradict them.
            if self.duration is not None:
                text = "duration: a crossover lasts as long as its periods; leave it out"
                raise InputError(text, key=("duration",))
            return self.design.starts[-1] + (self.design.lasts or 0.0)
        if self.duration is not None:
            return units.duration(self.duration, "duration")

        # to the latest moment of the last visit
        clock = self._clock
        last = max(visit.minutes(clock) + visit.offsets[-1] - clock for visit in self.visits)
        if last <= 0:
            raise InputError(
                "visits: expected one after the start; found the baseline alone", key=("visits",)
            )
        return float(last)

    @functools.cached_property
    def _clock(self) -> float:
        """When the trial starts on its first day, min after 00:00."""
        return units.clock(self.start, "start", begins=True)

    @functools.cached_property
    def occasions(self) -> tuple[Occasion, ...]:
        """Every visit of every period, in the order of time."""
        length = self.design.lasts if isinstance(self.design, Crossover) else self.length
        return occasions_of(self.visits, self._clock, self.design.starts, length)

    @functools.cached_property
    def places(self) -> dict[str, int]:
        """Visit -> its position among those of a period, in the order of time."""
        first_period = [occasion for occasion in self.occasions if occasion.period == 0]
        return {occasion.visit.name: k for k, occasion in enumerate(first_period)}

    @property
    def primary(self) -> Endpoint:
        """The primary endpoint."""
        endpoints: tuple[Endpoint, ...] = self.endpoints
        return next((endpoint for endpoint in endpoints if endpoint.primary), endpoints[0])

    def endpoint(self, name: str = "") -> Endpoint:
        """An endpoint by name; "" is the primary one."""
        if not isinstance(name, str):
            raise checks.refused(
                name, "endpoint", "the name of an endpoint, or an empty text for the primary one"
            )
        by_name = {endpoint.name: endpoint for endpoint in self.endpoints}
        if name and name not in by_name:
            raise unknown_name("endpoint", name, by_name)
        return by_name[name] if name else self.primary

    # -------------------------------------------------------------- simulating
    @functools.cached_property
    def pool(self) -> Pool:
        """Every dyad in every arm sequence, simulated when it is first asked for; warns of
        carry-over.
        """
        plan = PoolPlan(
            self.who,
            self.design,
            self.day,
            self.start,
            self._clock,
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

    @functools.cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """What is legal but implausible of those who take part, of their days and of what the arms
        give.
        """
        added = [intervention for arm in self.design.given.values() for intervention in arm]
        days = self.day if isinstance(self.day, list) else [self.day]
        return implausible(self.who, [*days, *added])

    @functools.cached_property
    def sources(self) -> tuple[ReadingSource, ...]:
        """What is read: by endpoints, by drop-out, at entry, for strata."""
        return tuple(dict.fromkeys([*self._read_at_visits, *self._read_at_entry]))

    @functools.cached_property
    def _read_at_visits(self) -> list[ReadingSource]:
        """What is read for endpoints, and for drop-out that depends on it."""
        # of whoever is read twice the reading is one
        sources = [endpoint.source for endpoint in self.endpoints]
        return sources + ([EPDS] if self.dropout.reads else [])

    @functools.cached_property
    def _read_at_entry(self) -> list[ReadingSource]:
        """What is read at the baseline for criteria of entry and for strata."""
        tools = [criterion.tool for criterion in self._criteria if criterion.kind == "reading"]
        if isinstance(self.allocation, Stratified):
            # a parameter makes strata without being read, and so do labels
            by = self.allocation.by
            tools += [by] if isinstance(by, Instrument) else []
            tools += [INSTRUMENTS[by]] if isinstance(by, str) and by in INSTRUMENTS else []
        return [instrument_source(tool) for tool in tools]

    @functools.cached_property
    def user_instruments(self) -> tuple[Instrument, ...]:
        """The instruments that the package does not bring along, by endpoints, strata and criteria
        of entry.
        """
        screening = [entry.user_tool for entry in self._criteria if entry.user_tool]
        return distinct_user_instruments([*self._named_tools, *screening])

    @property
    def _named_tools(self) -> list[Instrument]:
        """The instruments of endpoints and strata."""
        by = self.allocation.by if isinstance(self.allocation, Stratified) else None
        strata = [instrument(by)] if isinstance(by, Instrument) else []
        return [*(endpoint.tool for endpoint in self.endpoints), *strata]

    @functools.cached_property
    def _shares(self) -> dict[str, int]:
        """Arm sequence -> how many participants of a full block go to it."""
        names = [course.name for course in self.design.courses]
        return dict(zip(names, self.design.shares, strict=True))

    @property
    def _solver(self) -> Solver:
        if self.solver is not None:
            return self.solver
        return SOLVER if self.length < LONG else for_ensembles(1e-3)

    @functools.cached_property
    def _criteria(self) -> tuple[Criterion, ...]:
        try:
            # a user's instrument that an endpoint has can be named in a text
            return read_criteria(
                self.entry, instruments=distinct_user_instruments(self._named_tools)
            )
        except OxysimError as error:
            add_key(error, "entry")
            raise

    # ------------------------------------------------------------------ checks
    def _set(self, **fields: Any) -> None:
        """Set fields of a frozen object while it is being made."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _require_edges(self) -> None:
        for name, multiplier in self.edges.multipliers.items():
            if np.ndim(multiplier) and np.shape(multiplier) != (len(self.who),):
                raise InputError(
                    f"scale, {name!r}: expected one multiplier, or {len(self.who)}, one a dyad of"
                    f" the pool; found {np.size(multiplier)}"
                )

    def _require_readable(self) -> None:
        """Raise where an instrument would have to read the mean over a time before the start."""
        begin = self._clock
        for number, endpoint in enumerate(self.endpoints, start=1):
            for occasion in self.occasions:
                visit, minutes = occasion.visit.name, endpoint.stretch
                needed = visit == endpoint.at or (endpoint.from_baseline and visit == BASELINE)
                if needed and occasion.times[0] - minutes < begin - ROUNDING:
                    raise InputError(
                        f"endpoint {endpoint.name!r}: the mean over {units.duration_text(minutes)}"
                        f" before visit {visit!r} reaches back before the start of the trial; start"
                        " earlier, or measure later",
                        key=("endpoints", str(number)),
                    )

        baseline = self.occasions[self.places[BASELINE]].times[0]
        for name, _, minutes in self._read_at_entry:
            if minutes and baseline - minutes < begin - ROUNDING:
                raise InputError(
                    f"{name!r} reads the mean over the {units.duration_text(minutes)} before the"
                    " baseline, which is at the start of the trial; give a later visit named"
                    " 'baseline', or take another instrument"
                )

    def _require_allocation(self) -> None:
        """Raise unless the arms can be allotted, and strata are made of an instrument or a
        parameter that exists.
        """
        by = self.allocation.by if isinstance(self.allocation, Stratified) else None
        try:
            self.allocation.require(self._shares)
            if isinstance(by, str):
                # a name with a point is a parameter, one without an instrument
                _ = self.who.value(by) if "." in by else instrument(by)
            elif isinstance(by, Instrument):
                instrument(by)
        except OxysimError as error:
            add_key(error, "allocation")
            raise


def _require_pool(pool: object) -> None:
    """Raise ``InputError`` unless it is a family or an ensemble of them."""
    if not isinstance(pool, Family):
        # a population or an ensemble is where a pool comes from
        remedy = "; plan it on one dyad, then draw its pool: drawn_from(..., n, seed=1)"
        raise InputError(
            "who: expected the pool of dyads, a Family such as population.sample(200, seed=1)"
            f" gives; found {pool!r:.60}, a {type(pool).__name__}"
            f"{remedy if is_source(pool) else ''}"
        )


def _life(life: Any, selection: Any) -> int:
    """The seed of the participants' lives: that which is given, or with which they were
    selected.
    """
    selected = getattr(selection, "seed", None)
    if life is not None:
        require_seed(life)
    if life is not None and selected is not None and life != selected:
        raise InputError(
            f"life: the pool was selected with seed {selected}, so its daily life goes on with it;"
            f" found {life}"
        )
    return int(life if life is not None else selected or 0)


def _days(days: Any, n: int) -> Any:
    """One day for all, or a list of `n`; days that are one object stay one."""
    if not isinstance(days, list | tuple):
        return as_schedule(days)
    if len(days) != n:
        raise InputError(f"day: expected one, or {n} (one a dyad of the pool); found {len(days)}")
    # dyads whose days are one object are simulated together
    return list(PerDyad.of(days).map(as_schedule))
