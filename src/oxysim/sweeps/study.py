"""A study: who, which day, which interventions, over which design, and what is kept. It is data,
checked when made.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import refused
from oxysim.errors import InputError, about, shown
from oxysim.families import MAXIMAL_AGE, Family, edge_multipliers
from oxysim.population.members import Members, Who
from oxysim.population.population import Population
from oxysim.schedule import Intervention, Routine, Schedule, Window
from oxysim.simulation import engines
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.plausibility import Implausible, implausible
from oxysim.simulation.results.labelled import outcome_attributes
from oxysim.simulation.results.outcome_windows import (
    OutcomeWindows,
    outcome_windows,
    sampling_times,
)
from oxysim.simulation.results.outcomes import SAMPLE, Outcome, resolve
from oxysim.simulation.results.provenance import version
from oxysim.simulation.results.run_status import RunStatus
from oxysim.simulation.scipy_engine import Solver
from oxysim.streams import require_seed
from oxysim.sweeps.axis_targets import (
    AGE,
    DYAD,
    EDGE,
    Bound,
    bind,
    check,
    extremes,
    require_moments,
)
from oxysim.sweeps.blocks import Block, Settings, block_slices
from oxysim.sweeps.families_of_runs import families_of_block, members_on_axis, with_populations
from oxysim.sweeps.fingerprint import canonical
from oxysim.sweeps.sweep_design import ONE_AT_A_TIME, OWN, SweepDesign
from oxysim.texts import Described, counted, listed

ENGINES = engines.ENGINES
# runs, as far as the choice of an engine goes: how a sweep is cut must not decide which engine is
# taken
MANY = 10**6
LARGEST_NUMBER_OF_EDGES = 1000
"""Names of edges that can be given at once; the model has fewer."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, eq=False)
class Study(Described):
    """What a sweep runs.

    Parameters
    ----------
    who : a dyad, a family, or an ensemble of n of either, each of which is run at every point of
        the design; or members of a population (:class:`oxysim.population.Members`), drawn block by
        block. A population itself goes with an axis "dyad", whose values are numbers of its dyads,
        drawn by the study's seed at birth.
    duration : how long each run is ("6 h", "12 weeks").
    design : what is varied; None to run `who` as it is.
    routine : the day; interventions come on top of it.
    interventions : name -> intervention; the names stand in the design's axes ("spray.dose").
    outcomes : what is kept, as texts ("caregiver.epds: final") or :class:`Outcome`.
    start : clock time at which runs start.
    seed : key of every random stream; an axis "seed" stands in its place.
    cut, scale : edges to cut, edge -> multiplier, as for ``simulate``.
    solver, engine : how to integrate, as for ``simulate``; "auto" is the compiled engine where it
        is installed, however few the runs, unless the solver names another method.
    sample : the longest time between two looks at a course; by default they are as near as means,
        maxima and the like need.
    usual_day : as for ``simulate``.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : before anything runs; every value of
        every axis is tried once on what it changes.
    """

    who: Who
    duration: str
    design: SweepDesign | None = None
    routine: Routine = field(default_factory=Routine.typical)
    interventions: Mapping[str, Intervention] = field(default_factory=dict)
    outcomes: Sequence[Any] = ()
    start: str = "08:00"
    seed: int = 0
    cut: Iterable[str] | str = ()
    scale: Mapping[str, Any] = field(default_factory=dict)
    solver: Solver | None = None
    engine: str = "auto"
    sample: str = SAMPLE
    usual_day: Routine | None = None

    def __post_init__(self) -> None:
        if isinstance(self.who, Population):
            object.__setattr__(self, "who", members_on_axis(self.who, self.design, self.seed))
        object.__setattr__(self, "who", with_populations(self.who, self.design))
        _require_kinds(self)
        for name, value in {
            "interventions": dict(self.interventions),
            "outcomes": self._resolved(),
            "cut": tuple(edge_multipliers(self.cut, None)),
            "scale": {k: v for k, v in edge_multipliers((), self.scale).items()},
        }.items():
            object.__setattr__(self, name, value)
        # together, so that an edge is not both cut and scaled
        edge_multipliers(self.cut, self.scale)
        _require_lengths(self.scale, len(self.who))
        window, oldest = self.window, float(np.max(self.ages()))
        with about("outcomes"):
            _ = self.layouts
        with about("duration"):
            _require_young(oldest, window, "the oldest infant")
        if self.design is not None:
            ages = [one for one in self.bound if one.kind == AGE]
            check(ages, self.design, self.specimen, self.interventions, ())
            check(self.bound, self.design, self.specimen, self.interventions, self._windows())
            self._require_edges_once()
        self._require_moments()

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Who, for how long, over which design, and what is kept; ``oxysim describe`` says it in
        full.
        """
        kept = listed(one.outcome.text for one in self.layouts)
        design = (
            [("design", repr(self.design).removeprefix("Design: ").removesuffix("."))]
            if self.design
            else []
        )
        return "Study", [
            ("", f"{counted(len(self.who), 'dyad')} for {self.duration} from {self.start}"),
            *([("with", listed(self.interventions.values()))] if self.interventions else []),
            *design,
            ("runs", f"{self.n_runs:,}"),
            ("kept", kept or "nothing"),
            ("seed", str(self.seed)),
        ]

    # ------------------------------------------------------------------ reading
    @functools.cached_property
    def window(self) -> tuple[float, float]:
        """Start and end of every run, minutes since 00:00 of the first simulated day."""
        with about("start"):
            low = units.clock(self.start, "start", begins=True)
        with about("duration"):
            return low, low + units.duration(self.duration, "duration")

    @functools.cached_property
    def specimen(self) -> Family:
        """One family of those that are run, on which settings are tried: the first, or one like
        those to be drawn.
        """
        return self.who.specimen if isinstance(self.who, Members) else self.who.take([0])

    @property
    def engine_meant(self) -> str:
        """The engine of every run, "scipy" or "compiled": "auto" is compiled where that is
        installed.

        Raises
        ------
        UnknownNameError, MissingExtraError, InputError : as for ``simulate``.
        """
        return engines.engine(self.engine, MANY, self.solver)

    @functools.cached_property
    def layouts(self) -> tuple[OutcomeWindows, ...]:
        """Each outcome laid out over a run."""
        return outcome_windows(self.outcomes, self.who.caregivers, self.window, self.sample)

    @functools.cached_property
    def bound(self) -> tuple[Bound, ...]:
        """Each axis with what it changes."""
        return () if self.design is None else bind(self.design, self.who, self.interventions)

    @property
    def schedule(self) -> Schedule:
        """The schedule without the design: the routine and the interventions as they are."""
        return Schedule(self.routine, tuple(self.interventions.values()))

    @property
    def dims(self) -> dict[str, int]:
        """Dimensions of the array of runs: those of the design, then "dyad" where there are several
        (or no design).
        """
        own = {} if self.design is None else self.design.dims
        return {**own, "dyad": len(self.who)} if len(self.who) > 1 or not own else own

    @property
    def n_runs(self) -> int:
        """How many runs."""
        return math.prod(self.dims.values())

    def ages(self) -> FloatArray:
        """The ages of all infants at the start, minutes; where an axis gives ages, those of the
        study itself.
        """
        one = next((one for one in self.bound if one.kind == DYAD), None)
        if one is None or not isinstance(self.who, Members):
            return self.who.ages()
        return self.who.ages(one.axis.values)

    @functools.cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """What is legal but implausible of it, at whatever point of its design."""
        who = [self.specimen] if isinstance(self.who, Members) else [self.who]
        who += (
            [self.who.under(name).specimen for name in self.who.others]
            if isinstance(self.who, Members)
            else []
        )
        days: list[Any] = [self.schedule]
        if self.design is not None:
            changed, added = extremes(self.bound, self.design, self.specimen, self.interventions)
            who, days = [*who, *changed], [*days, *added]
        found = [one for each in who for one in implausible(each, days)]
        return tuple({one.name: one for one in reversed(found)}.values())[::-1]

    def sampling(self) -> FloatArray:
        """The single moments at which the variables of a run are looked at, minutes since 00:00 of
        the first simulated day; whole courses are looked at as often as they need.
        """
        return sampling_times(self.layouts)

    def identity(self) -> dict[str, str]:
        """Part of the study -> its canonical JSON text; two studies are the same where all parts
        are.
        """
        return dict(self._identity)

    @functools.cached_property
    def _identity(self) -> Mapping[str, str]:
        parts = {
            "who": self.who,
            "duration": self.duration,
            "design": self.design,
            "routine": self.routine,
            "interventions": self.interventions,
            "outcomes": [one.text for one in self.outcomes],
            "start": self.start,
            "seed": self.seed,
            "edges cut": list(self.cut),
            "edges scaled": self.scale,
            "solver": self.solver or Solver(),
            "engine": self.engine_meant,
            "sample": self.sample,
            "usual day": self.usual_day,
            "oxysim version": version(),
            "model": model_digest(),
        }
        return {name: canonical(part) for name, part in parts.items()}

    def template(self) -> xr.Dataset:
        """The dataset of the sweep with names, dimensions, units, coordinates and status, nothing
        done yet.

        Its arrays are one number seen many times: they take no memory and cannot be written to.
        """
        shape, dims = tuple(self.dims.values()), tuple(self.dims)
        data: dict[str, Any] = {}
        for one in self.layouts:
            attrs = outcome_attributes(one.outcome, self.who.caregivers)
            own = dims if one.dim is None else (*dims, one.dim)
            data[one.outcome.name] = (own, np.broadcast_to(np.nan, (*shape, *one.shape)), attrs)
        flags = {
            "flag_values": [int(status) for status in RunStatus],
            "flag_meanings": " ".join(status.text for status in RunStatus),
        }
        status = np.broadcast_to(np.uint8(RunStatus.NOT_DONE), shape)
        data["status"] = (dims, status, {"long_name": "whether a run was made", **flags})
        reason = np.broadcast_to(np.array(""), shape)
        data["reason"] = (dims, reason, {"long_name": "why a run failed"})
        attrs = {"study": json.dumps(self.identity(), ensure_ascii=False), "oxysim": version()}
        return xr.Dataset(data, coords=self._coords(), attrs=attrs)

    def block(self, number: int, shape: Sequence[int]) -> Block:
        """Block `number` of the sweep cut into blocks of `shape` (see ``blocks.block_shape``).

        Raises
        ------
        InputError : there is no such block.
        """
        slices = block_slices(self.dims, shape, number)
        return self.part(slices, number)

    def part(self, slices: tuple[slice, ...], number: int = 0) -> Block:
        """The runs in a hyper-rectangle of the array of runs, as a block."""
        sizes = tuple(one.stop - one.start for one in slices)
        places = [np.arange(one.start, one.stop) for one in slices]
        dyads = places.pop() if self._side_by_side else np.zeros(1, dtype=np.int64)
        lengths = () if self.design is None else tuple(self.design.dims.values())
        points = (
            np.ravel_multi_index(np.meshgrid(*places, indexing="ij"), lengths).ravel()
            if lengths
            else np.zeros(1)
        )
        bound, indices = self._restricted(np.repeat(points.astype(np.int64), len(dyads)))
        people = families_of_block(self.who, bound, indices, np.tile(dyads, len(points)))
        scale = {k: v[people.places] if np.ndim(v) else v for k, v in self.scale.items()}
        return Block(
            number=number,
            shape=sizes,
            slices=slices,
            who=people.who,
            dyads=people.which,
            added=people.added,
            bound=bound,
            indices=indices,
            routine=self.routine,
            interventions=self.interventions,
            scale=scale,
            outcomes=tuple(self.outcomes),
            settings=self._settings(),
        )

    # ---------------------------------------------------------------- internals
    def _resolved(self) -> tuple[Outcome, ...]:
        with about("outcomes"):
            return resolve(self.outcomes, self.who.caregivers)

    @property
    def _side_by_side(self) -> bool:
        """Whether the last dimension is that of the families, apart from the design's own."""
        return "dyad" in self.dims and (self.design is None or "dyad" not in self.design.dims)

    def _settings(self) -> Settings:
        return Settings(
            self.duration, self.start, self.seed, tuple(self.cut), self.solver, self.engine_meant,
            self.sample, self.usual_day, self.window,
        )  # fmt: skip

    def _restricted(self, points: IntArray) -> tuple[tuple[Bound, ...], dict[str, IntArray]]:
        """The axes with only the values that occur at these points of the design, and where each
        run's stands.
        """
        if self.design is None:
            return (), {}
        found, bound = {}, []
        for one, index in zip(self.bound, self.design.indices(points).values(), strict=True):
            present = np.unique(index[index != OWN])
            if len(present):
                bound.append(one.only(present))
                found[one.axis.name] = np.where(index == OWN, OWN, np.searchsorted(present, index))
        return tuple(bound), found

    def _coords(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.design is not None:
            about = {one.axis.name: one for one in self.bound}
            for name, (dim, values) in self.design.coords.items():
                attrs = {"long_name": about[name].long_name} if name in about else {}
                attrs |= {"units": about[name].unit} if name in about and about[name].unit else {}
                found[name] = (dim, values, attrs)
        if self._side_by_side:
            found["dyad"] = ("dyad", np.array(self.who.dyads), {"long_name": "number of the dyad"})
        for one in self.layouts:
            if one.dim is not None:
                what = "moment" if one.outcome.statistic == "course" else "start of the stretch"
                attrs = {
                    "units": "d",
                    "long_name": f"{what}, days since 00:00 of the first simulated day",
                }
                found[one.dim] = (one.dim, one.coordinate, attrs)
        return found

    def _require_edges_once(self) -> None:
        for one in self.bound:
            if one.kind == EDGE and one.targets[0] in (*self.cut, *self.scale):
                raise InputError(
                    f"axis {one.axis.name!r}: the study cuts or scales this edge too; do one of"
                    " them",
                    key=("axes", one.axis.name),
                )

    def _require_moments(self) -> None:
        """Every intervention that is run as it stands happens in somebody's window, and the day can
        be laid out.
        """
        first, *_ = windows = self._windows()
        with about("routine"):
            Schedule(self.routine).realise(
                first.start,
                min(first.stop, first.start + units.DAY),
                caregivers=self.who.caregivers,
                seed=self.seed,
            )
        as_it_stands = self.design is None or self.design.kind == ONE_AT_A_TIME
        varied = set() if as_it_stands else {one.axis.name.partition(".")[0] for one in self.bound}
        for name, one in self.interventions.items():
            if name not in varied:
                with about("interventions", name):
                    require_moments(one, windows)

    def _windows(self) -> list[Window]:
        """The windows of all ages that occur, in minutes since birth.

        Raises
        ------
        InputError : an infant would be too old for the model.
        """
        ages = self.ages()
        for one in self.bound:
            if one.kind == AGE:
                given = [
                    units.duration(one.value(i), "infant_age", positive=False)
                    for i in range(len(one.axis))
                ]
                ages = np.floor(np.array(given) / units.DAY + 1e-9) * units.DAY
                with about("axes", one.axis.name):
                    _require_young(
                        float(ages.max()), self.window, "axis 'infant_age': the oldest infant"
                    )
        who, weekday = self.who.caregivers, self.routine.birth_weekday
        low, high = self.window
        return [
            Window(age + low, age + high, who, weekday, self.seed, 0)
            for age in np.unique(ages).tolist()
        ]


def _require_kinds(study: Study) -> None:
    for name, kind, example in (
        ("who", Who, "a Dyad, a Family, a Population or Members of one"),
        ("design", SweepDesign | None, "a SweepDesign such as grid({...})"),
        ("routine", Routine, "a Routine such as Routine.typical()"), ("interventions", Mapping, "name -> intervention"),
        ("scale", Mapping, "edge -> multiplier"), ("solver", Solver | None, "a Solver or None"),
        ("usual_day", Routine | None, "a Routine or None"), ("engine", str, f"one of {', '.join(ENGINES)}"),
        ("cut", str | Sequence, "names of edges"),
        ("sample", str, 'a time with its unit such as "5 min"'),
    ):  # fmt: skip
        if not isinstance(getattr(study, name), kind):
            raise refused(getattr(study, name), name, example)
    for name, one in study.interventions.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _taken(study.who):
            taken = ", ".join(_taken(study.who))
            raise InputError(
                f"interventions: expected short names such as 'spray', other than {taken}; found"
                f" {shown(name)}",
                key=("interventions",),
            )
        if not isinstance(one, Intervention):
            raise InputError(
                f"interventions: expected an intervention as {name!r}; found {shown(one)}"
            )
    if not isinstance(study.cut, str) and len(study.cut) > LARGEST_NUMBER_OF_EDGES:  # type: ignore[arg-type]
        raise refused(f"{len(study.cut)} of them", "cut", "names of edges", as_text=True)  # type: ignore[arg-type]
    with about("engine"):
        _ = study.engine_meant
    _ = study.schedule
    require_seed(study.seed)


def _taken(who: Who) -> tuple[str, ...]:
    return ("caregiver", *who.members, "start", "edge", "seed", "infant_age", "dyad", "population")


def _require_lengths(scale: Mapping[str, Any], n: int) -> None:
    for name, value in scale.items():
        if np.ndim(value) and np.shape(value) != (n,):
            raise InputError(
                f"edge {name!r}: expected one multiplier or {n}; found shape {np.shape(value)}"
            )


def _require_young(age: float, window: tuple[float, float], who: str) -> None:
    if age + window[1] > MAXIMAL_AGE + units.DAY:
        raise InputError(
            f"duration: {who} would be {(age + window[1]) / units.MONTH:.1f} months old at the end;"
            " the model holds up to 36 months"
        )
