"""A simulation with every argument checked, ready to run in one go or, over a long time, chunk by
chunk.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import require_seed
from oxysim.errors import InputError, ScheduleError
from oxysim.families import MAXIMAL_AGE, Family, edge_multipliers
from oxysim.model import inputs
from oxysim.model.value_ranges import Implausible
from oxysim.per_dyad import PerDyad, together
from oxysim.progress import standing_bar
from oxysim.schedule import Realised, Routine, Schedule, as_schedule
from oxysim.simulation.engines import Integrator, integrator_for
from oxysim.simulation.engines import engine as engine_meant
from oxysim.simulation.input_pieces import realise
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.plausibility import implausible
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import DEFAULT_SOLVER, Solver, Task
from oxysim.simulation.start.initial_state import settled_start
from oxysim.texts import Described, counted

T = TypeVar("T")

# Output times of a chunk: a fixed number, so that where chunks meet depends on the times alone.
CHUNK_TIMES = 2048


@dataclass(frozen=True, eq=False, repr=False)
class PreparedRun(Described):
    """Who is simulated under which schedules, from when to when, and how.

    Attributes
    ----------
    window : minutes since 00:00 of the first simulated day, for which the schedules are laid out;
        the run goes to the end of it, or to ``until``.
    edges : edge name -> multiplier, a number or one a dyad.
    means : False where a course goes on: the slow states' starting values are then those at the
        start itself, and else means over its day.
    failures : dyad position -> reason, filled while it runs.

    >>> from oxysim.families import Dyad
    >>> prepare(Dyad(), Routine.typical(), "1 h").window
    (480.0, 540.0)
    """

    who: Family
    schedules: PerDyad[Schedule]
    seeds: PerDyad[int]
    window: tuple[float, float]
    edges: Mapping[str, Any]
    solver: Solver
    engine: str
    usual_day: Routine | None = None
    means: bool = True
    failures: dict[int, str] = field(default_factory=dict)
    until: float | None = None

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        length = units.duration_text(self.stop - self.window[0])
        return "Prepared run", [
            ("of", counted(len(self.who), "dyad")),
            ("for", f"{length} from {units.clock_text(self.window[0])}"),
            ("engine", self.engine),
        ]

    def again(self, until: float) -> PreparedRun:
        """The same run from its start to `until` (min since 00:00 of the first simulated day), to
        be integrated anew.
        """
        shorter = replace(self, failures={}, until=min(until, self.window[1]))
        # What is read of one run again and again begins at one start, which is settled once.
        shorter.__dict__["_settled"] = self._settled
        return shorter

    def take(self, positions: IntArray) -> PreparedRun:
        """The same run of some of its dyads (positions), with the engine that was chosen for all.

        >>> from oxysim.families import Dyad
        >>> run = prepare(Dyad().repeat(3), Routine.typical(), "10 min", engine="scipy")
        >>> run.take(np.array([0, 2])).who.numbers
        (0, 2)
        """
        # All of them are the ensemble itself, which remembers its tables of parameters.
        who = self.who if len(positions) == len(self.who) else self.who.take(positions)
        edges = {
            name: multiplier[positions] if np.ndim(multiplier) else multiplier
            for name, multiplier in self.edges.items()
        }
        # Failures count the dyads of a run; one that has failed already is left out again.
        reasons = [self.failures.get(position) for position in positions.tolist()]
        failures = {dyad: reason for dyad, reason in enumerate(reasons) if reason is not None}
        return replace(
            self,
            who=who,
            schedules=self.schedules.take(positions),
            seeds=self.seeds.take(positions),
            edges=edges,
            failures=failures,
        )

    @functools.cached_property
    def ages(self) -> FloatArray:
        """The infants' ages at 00:00 of the first simulated day, minutes, shape (n,)."""
        return self.who.ages()

    @functools.cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """What is legal but implausible of it."""
        return implausible(self.who, self.schedules.values)

    @property
    def stop(self) -> float:
        """Where it ends, minutes since 00:00 of the first simulated day."""
        return self.window[1] if self.until is None else self.until

    # ------------------------------------------------------------------ what happens
    def plans(self) -> PerDyad[Realised]:
        """The realised schedule of every dyad.

        Raises
        ------
        ScheduleError, InputError : a schedule cannot be as it is.
        """
        plans = realise(self.who, self.schedules, *self.window, seeds=self.seeds)
        _require_mothers_suckle(self.who, plans)
        return plans

    def between(self, plans: PerDyad[Realised], low: float, high: float) -> PerDyad[Realised]:
        """The plans from `low` to `high` (min since 00:00 of the first simulated day), shared where
        they are shared.
        """
        # The plans as they are: cutting them would make new objects, and stacks of others.
        if (low, high) == self.window:
            return plans
        combinations = together(plans, PerDyad.of_equal(self.ages.tolist()))
        parts = tuple(plan.between(age + low, age + high) for plan, age in combinations.values)
        return PerDyad(parts, combinations.positions)

    def noise(self) -> NoisePaths | None:
        """The daily lives of the dyads, from birth; None where no schedule has any."""
        # Without noise no stream is opened, and no hour ends a piece.
        if all(schedule.noise is None for schedule in self.schedules.values):
            return None
        kinds = self.schedules.map(lambda schedule: schedule.noise)
        return NoisePaths(kinds, self.seeds, self.who.numbers, self.who.caregivers)

    # ------------------------------------------------------------------ running it
    def run(
        self, names: Sequence[str], times: FloatArray, plans: PerDyad[Realised] | None = None
    ) -> tuple[Recorder, PerDyad[Realised]]:
        """Run in one go, recording the variables `names` at `times`; `plans` are its own, where the
        caller has them.
        """
        plans = self.between(self.plans() if plans is None else plans, self.window[0], self.stop)
        recorder = self.recorder(names, times)
        self.integrate(recorder, plans, self.first_state(), self.failures, self.noise())
        return recorder, plans

    def courses(self, names: Sequence[str], times: FloatArray) -> Iterator[Recorder]:
        """Run chunk by chunk, each chunk's recorder as it is made; neighbours share the time at
        which they meet.
        """
        plans, noise = self.plans(), self.noise()
        y = self.first_state()
        # Neighbouring chunks share a mark, at which both record: the values agree.
        marks = [*range(0, max(1, len(times) - 1), CHUNK_TIMES), len(times) - 1]
        for number, (first, last) in enumerate(zip(marks[:-1], marks[1:], strict=True)):
            low = self.window[0] if number == 0 else float(times[first])
            high = self.stop if last == len(times) - 1 else float(times[last])
            recorder = self.recorder(names, times[first : last + 1])
            y = self.integrate(recorder, self.between(plans, low, high), y, self.failures, noise)
            yield recorder

    def integrate(
        self,
        recorder: Recorder,
        plans: PerDyad[Realised],
        y: FloatArray,
        failures: dict[int, str],
        noise: NoisePaths | None,
    ) -> FloatArray:
        """The states at the end of the plans, from states `y`, both of shape (n_states, n); dyads
        in `failures` are left out, and new ones are added.
        """
        bar = standing_bar()
        task = Task(self.who, self.edges, self.solver, recorder, noise=noise, bar=bar)
        if self.engine == "compiled":
            # The table of parameters is the same for every chunk of the run.
            task.__dict__["parameters"] = self._parameters
        return self._integrator(task, plans, y, failures)

    def first_state(self) -> FloatArray:
        """The state at the start, shape (n_states, n); dyads that cannot be settled are in
        `failures`.
        """
        y, failed = self._settled
        self.failures.update(failed)
        return y.copy()

    def recorder(self, names: Sequence[str], times: FloatArray | PerDyad[FloatArray]) -> Recorder:
        """A recorder of the variables `names` at `times` (all dyads', or each dyad's own).

        >>> from oxysim.families import Dyad
        >>> run = prepare(Dyad(), Routine.typical(), "10 min", engine="scipy")
        >>> run.recorder(["mother.epds"], np.array([480.0, 490.0])).table.shape
        (1, 2, 1)
        """
        return Recorder(names, times, self.ages, self.who.caregivers)

    @functools.cached_property
    def _integrator(self) -> Integrator:
        return integrator_for(self.engine)

    @functools.cached_property
    def _parameters(self) -> Any:
        return Task(self.who, self.edges, self.solver).parameters

    @functools.cached_property
    def _settled(self) -> tuple[FloatArray, dict[int, str]]:
        """The settled start and the dyads that have none; kept, for what is read of the same run
        later.
        """
        failed: dict[int, str] = {}
        task = Task(self.who, self.edges, self.solver)
        days = self.schedules
        if self.usual_day is not None:
            days = PerDyad.shared(Schedule(self.usual_day), len(self.who))
        integrator = self._integrator if self.engine == "compiled" else None
        y = settled_start(task, days, self.window[0], failed, integrator, means=self.means)
        return y, failed


def prepare(  # noqa: PLR0913 - the arguments of the one verb
    who: Family,
    schedule: Any,
    duration: Any,
    *,
    start: str = "08:00",
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    solver: Solver | None = None,
    engine: str = "auto",
    seed: Any = 0,
    usual_day: Routine | None = None,
) -> PreparedRun:
    """Check the arguments of :func:`oxysim.simulate`; errors as there.

    >>> from oxysim.families import Dyad
    >>> print(prepare(Dyad(), Routine.typical(), "6 h", start="10:00", engine="scipy"))
    Prepared run: of 1 dyad; for 6 h from 10:00; engine scipy.
    """
    if not isinstance(who, Family):
        raise InputError(f"who: expected a Dyad or a Family; found {who!r}")
    if not isinstance(solver, Solver | None):
        raise InputError(
            f"solver: expected a Solver such as Solver('DOP853', rtol=1e-8); found {solver!r}"
        )
    if not isinstance(usual_day, Routine | None):
        raise InputError(
            f"usual_day: expected a Routine such as Routine.typical(); found {usual_day!r}"
        )
    schedules = _per_dyad(schedule, len(who), as_schedule, "schedule")
    seeds = _per_dyad(seed, len(who), require_seed, "seed")
    # 24:00 is no time at which a day begins.
    clock = units.clock(start, "start", begins=True)
    window = (clock, clock + units.duration(duration, "duration"))
    engine_name = engine_meant(engine, len(who), solver, window[1] - window[0])
    # Cut is a multiplier of zero; from here on there is one kind of change.
    multipliers = edge_multipliers(cut, scale)
    _require_lengths(multipliers, len(who))
    _require_young(who, window)
    return PreparedRun(
        who, schedules, seeds, window, multipliers, solver or DEFAULT_SOLVER, engine_name, usual_day
    )


def _per_dyad(value: Any, n: int, check: Callable[[Any], T], argument: str) -> PerDyad[T]:
    """A checked argument: one for all of `n` dyads, or a list with one for each."""
    if not isinstance(value, list | tuple | np.ndarray | PerDyad):
        return PerDyad.shared(check(value), n)
    if len(value) != n:
        raise InputError(
            f"{argument}: expected one, or a list of {n} (one a dyad); found {len(value)}"
        )
    return PerDyad.of(value).map(check)


def _require_young(family: Family, window: tuple[float, float]) -> None:
    """The model holds up to 36 months; a longer run is refused before it starts."""
    end = float(np.max(family.ages())) + window[1]
    if end > MAXIMAL_AGE + units.DAY:
        raise InputError(
            f"duration: the infant would be {end / units.MONTH:.1f} months old at the end; "
            "the model holds up to 36 months"
        )


def _require_mothers_suckle(family: Family, plans: PerDyad[Realised]) -> None:
    """Suckling belongs to mothers; written for another role it is a slip in the schedule."""
    # Looked for in what happens, not in what is written: an intervention may add it.
    column = list(inputs.CAREGIVER_CHANNELS).index("suckling")
    for name, role in zip(family.caregivers, family.role_of, strict=True):
        if role != "mother" and any(plan.levels[name][:, column].any() for plan in plans.values):
            raise ScheduleError(
                f"{name} (role {role}) cannot breast-feed; name the mother in by=, or give {name} a"
                f" day with the bottle: Routine.typical({role!r}, infant_care=True)"
            )


def _require_lengths(multipliers: Mapping[str, Any], n: int) -> None:
    for name, value in multipliers.items():
        if np.ndim(value) and np.shape(value) != (n,):
            raise InputError(
                f"edge {name!r}: expected one multiplier or {n}; found shape {np.shape(value)}"
            )
