"""A study: who, which day, which interventions, over which design, and what is kept. It is data,
checked when made.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import require_seed
from oxysim.ensembles import Ensemble
from oxysim.errors import OxysimError, add_key
from oxysim.families import Family, edge_multipliers
from oxysim.model.value_ranges import Implausible
from oxysim.population.members import Members, Who
from oxysim.population.population import Population
from oxysim.schedule import Intervention, Routine, Schedule, Window
from oxysim.simulation import engines
from oxysim.simulation.results.outcome_windows import (
    OutcomeWindows,
    outcome_windows,
    sampling_times,
)
from oxysim.simulation.results.outcomes import SAMPLE, resolve
from oxysim.simulation.results.provenance import version
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axis_targets import AGE, DYAD, BoundAxis, bind, check, require_moments
from oxysim.sweeps.blocks import Block, Settings, block_slices
from oxysim.sweeps.families_of_runs import (
    axes_of_block,
    families_of_block,
    members_on_axis,
    runs_of_block,
    with_populations,
)
from oxysim.sweeps.fingerprint import identity_of
from oxysim.sweeps.study_checks import (
    ages_that_occur,
    implausible_values,
    require_day,
    require_edges_once,
    require_kinds,
    require_lengths,
    require_names,
    require_young,
    taken_names,
    unchanged_interventions,
    windows_of_ages,
)
from oxysim.sweeps.sweep_dataset import axis_coords, empty_dataset, window_coords
from oxysim.sweeps.sweep_design import SweepDesign
from oxysim.texts import Described, counted, listed

MANY_RUNS = 10**6
"""Runs, as far as the choice of an engine goes: how a sweep is cut into blocks must not decide
which engine is taken.
"""


@dataclass(frozen=True, eq=False)
class Study(Described):
    """What a sweep runs.

    Parameters
    ----------
    who : a dyad, a family, or an ensemble of n of either, each of which is run at every point of
        the design; or members of a population (:class:`oxysim.population.Members`), drawn block by
        block. A population itself goes with an axis "dyad", whose values are numbers of its dyads,
        drawn by the study's seed at birth. An ensemble goes where a population goes; an axis
        "member" then counts its members, from 0.
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

    >>> from oxysim import Dyad
    >>> from oxysim.sweeps.sweep_design import grid
    >>> gains = grid({"caregiver.depression.loop_gain": [1.0, 2.0]})
    >>> study = Study(Dyad.symptomatic(), "6 h", gains, outcomes=["caregiver.epds: final"])
    >>> study.dims, study.n_runs
    ({'caregiver.depression.loop_gain': 2}, 2)
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
        # Kinds and names come before whatever computes with them, and values of axes after what
        # they change. `argument` is what an error is about that says nothing of it by itself.
        argument: tuple[str, ...] = ()
        try:
            self._keep(who=self._families())
            require_kinds(self)
            require_names(self.interventions, self.cut, taken_names(self.who.members))
            self._keep(interventions=dict(self.interventions))

            argument = ("engine",)
            _ = self.engine_meant
            argument = ()
            _ = self.schedule, require_seed(self.seed)
            argument = ("outcomes",)
            self._keep(outcomes=resolve(self.outcomes, self.who.caregivers))
            argument = ()
            self._resolve_edges()
            argument = ("start",)
            _ = self._start_minute
            argument = ("duration",)
            _ = self.window

            # a name of an axis that changes nothing is reported before an outcome that does not fit
            argument = ()
            _ = self._ages
            argument = ("outcomes",)
            _ = self.layouts
            argument = ("duration",)
            require_young(self._ages, self.window, "the oldest infant")
            argument = ()
            self._check_axes()

            argument = ("routine",)
            require_day(self.routine, self._windows[0])
            unchanged = unchanged_interventions(self.interventions, self.design, self.bound)
            for name, intervention in unchanged.items():
                argument = ("interventions", name)
                require_moments(intervention, self._windows)
        except OxysimError as error:
            add_key(error, *argument)
            raise

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Who, for how long, over which design, and what is kept."""
        facts: list[tuple[str, object]] = [
            ("", f"{counted(len(self.who), 'dyad')} for {self.duration} from {self.start}")
        ]
        if self.interventions:
            facts.append(("with", listed(self.interventions.values())))
        if self.design:
            facts.append(("design", repr(self.design).removeprefix("Design: ").removesuffix(".")))
        outcomes = listed(layout.outcome.text for layout in self.layouts)
        facts.append(("runs", f"{self.n_runs:,}"))
        facts.append(("kept", outcomes or "nothing"))
        facts.append(("seed", str(self.seed)))
        return "Study", facts

    # ------------------------------------------------------------------ reading
    @functools.cached_property
    def window(self) -> tuple[float, float]:
        """Start and end of every run, minutes since 00:00 of the first simulated day."""
        return self._start_minute, self._start_minute + units.duration(self.duration, "duration")

    @functools.cached_property
    def _start_minute(self) -> float:
        """Start of every run, minutes since 00:00 of the first simulated day."""
        return units.clock(self.start, "start", begins=True)

    @functools.cached_property
    def specimen(self) -> Family:
        """One family of those that are run, on which settings are tried: the first, or one like
        those to be drawn.
        """
        return self.who.specimen if isinstance(self.who, Members) else self.who.take([0])

    @functools.cached_property
    def engine_meant(self) -> str:
        """The engine of every run, "scipy" or "compiled": "auto" is compiled where that is
        installed.

        Raises
        ------
        UnknownNameError, MissingExtraError, InputError : as for ``simulate``.
        """
        return engines.engine(self.engine, MANY_RUNS, self.solver)

    @functools.cached_property
    def layouts(self) -> tuple[OutcomeWindows, ...]:
        """Each outcome laid out over a run."""
        return outcome_windows(self.outcomes, self.who.caregivers, self.window, self.sample)

    @functools.cached_property
    def bound(self) -> tuple[BoundAxis, ...]:
        """Each axis with what it changes."""
        return () if self.design is None else bind(self.design, self.who, self.interventions)

    @functools.cached_property
    def schedule(self) -> Schedule:
        """The schedule without the design: the routine and the interventions as they are."""
        return Schedule(self.routine, tuple(self.interventions.values()))

    @functools.cached_property
    def dims(self) -> Mapping[str, int]:
        """Dimensions of the array of runs: those of the design, then "dyad" where there are several
        (or no design).
        """
        dims = {} if self.design is None else self.design.dims
        return {**dims, "dyad": len(self.who)} if len(self.who) > 1 or not dims else dims

    @functools.cached_property
    def n_runs(self) -> int:
        """How many runs."""
        return math.prod(self.dims.values())

    def ages(self) -> FloatArray:
        """The ages of all infants at the start, minutes; where an axis gives ages, those of the
        study itself.
        """
        return self._ages.copy()

    @functools.cached_property
    def _ages(self) -> FloatArray:
        if isinstance(self.who, Members):
            for target in self.bound:
                if target.kind == DYAD:
                    return self.who.ages(target.axis.values)
        return self.who.ages()

    @functools.cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """What is legal but implausible of it, at whatever point of its design."""
        return implausible_values(
            self.who, self.design, self.bound, self.schedule, self.interventions
        )

    def sampling(self) -> FloatArray:
        """The single moments at which the variables of a run are looked at, minutes since 00:00 of
        the first simulated day; whole courses are looked at as often as they need.
        """
        return sampling_times(self.layouts)

    def identity(self) -> dict[str, str]:
        """Part of the study -> its canonical JSON text; equal parts make the same study."""
        return dict(self._identity)

    @functools.cached_property
    def _identity(self) -> Mapping[str, str]:
        return identity_of(self)

    def template(self) -> xr.Dataset:
        """The dataset of the sweep with names, dimensions, units, coordinates and status, nothing
        done yet.

        Its arrays are one number seen many times: they take no memory and cannot be written to.
        """
        attrs = {"study": json.dumps(self.identity(), ensure_ascii=False), "oxysim": version()}
        coords = axis_coords(self.design, self.bound) | window_coords(self.layouts)
        if self._side_by_side:
            coords["dyad"] = ("dyad", np.array(self.who.dyads), {"long_name": "number of the dyad"})
        return empty_dataset(self.layouts, self.who.caregivers, self.dims, coords, attrs)

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
        points, dyads = runs_of_block(slices, self.design, self._side_by_side)
        bound, indices = axes_of_block(self.bound, self.design, points)
        people = families_of_block(self.who, bound, indices, dyads)
        scale = {
            edge: multiplier[people.places] if np.ndim(multiplier) else multiplier
            for edge, multiplier in self.scale.items()
        }
        return Block(
            number=number,
            shape=tuple(block_slice.stop - block_slice.start for block_slice in slices),
            slices=slices,
            who=people.who,
            dyads=people.which,
            added=people.added,
            bound=bound,
            indices=indices,
            routine=self.routine,
            interventions=self.interventions,
            scale=scale,
            layouts=self.layouts,
            settings=self._settings,
        )

    # ---------------------------------------------------------------- internals
    @functools.cached_property
    def _side_by_side(self) -> bool:
        """Whether the last dimension is that of the families, apart from the design's own."""
        return "dyad" in self.dims and (self.design is None or "dyad" not in self.design.dims)

    @functools.cached_property
    def _settings(self) -> Settings:
        return Settings(
            self.duration,
            self.start,
            self.seed,
            tuple(self.cut),
            self.solver,
            self.engine_meant,
            self.usual_day,
        )

    # ----------------------------------------------------------------- checking
    def _keep(self, **fields: object) -> None:
        """Put fields into their canonical form: the class is frozen for all others."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _families(self) -> Any:
        """A population stands for the dyads of the axis "dyad", with every population that an axis
        names.
        """
        families = self.who
        if isinstance(families, Population | Ensemble):
            families = members_on_axis(families, self.design, self.seed)
        if isinstance(families, Members):
            families = with_populations(families, self.design)
        return families

    def _resolve_edges(self) -> None:
        cut, scale = edge_multipliers(self.cut, None), edge_multipliers((), self.scale)
        self._keep(cut=tuple(cut), scale=dict(scale))
        # together, so that an edge is not both cut and scaled
        edge_multipliers(self.cut, self.scale)
        require_lengths(self.scale, len(self.who))

    def _check_axes(self) -> None:
        """Try every value of every axis on what it changes; ages first, since the windows in which
        interventions happen depend on them.
        """
        if self.design is None:
            return
        ages = [target for target in self.bound if target.kind == AGE]
        if ages:
            check(ages, self.design, self.specimen, self.interventions, ())
        check(self.bound, self.design, self.specimen, self.interventions, self._windows)
        require_edges_once(self.bound, (*self.cut, *self.scale))

    @functools.cached_property
    def _windows(self) -> list[Window]:
        """The windows of all ages that occur, in minutes since birth."""
        return windows_of_ages(
            ages_that_occur(self._ages, self.bound, self.window),
            self.window,
            self.who.caregivers,
            self.routine.birth_weekday,
            self.seed,
        )
