"""Rescue: which doses take a dyad out of its symptomatic regime for good, and what happens when
they stop.

A run is treated, then followed without treatment. **Recovered** means: the mean EPDS of the last
week of the follow-up is below the cut-off. **Rescued** is who recovers and would not have recovered
untreated, in the same follow-up and with the same random numbers.

What separates the two for good in a dyad with two regimes is not the cut-off but the separatrix: a
dyad that is left below the cut-off but above the separatrix climbs back. So the follow-up is long,
and runs that are on their way at its end, or linger near the cut-off, are counted as undecided
(:attr:`~oxysim.loop.treatment.dose_map.RescueMap.undecided`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from oxysim import checks, units
from oxysim.checks import require_seed
from oxysim.errors import InputError, unknown_name
from oxysim.families import MAXIMAL_AGE, Family
from oxysim.loop.treatment.dose_map import RescueMap
from oxysim.measures.cut_offs import EPDS_HIGHEST, EPDS_PROBABLE
from oxysim.population.members import Members, Who
from oxysim.schedule import Intervention, Routine, Window
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.results.run_status import RunStatus
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axes import Axis
from oxysim.sweeps.axis_targets import FIELD
from oxysim.sweeps.blocks import block_shape
from oxysim.sweeps.cost_estimate import CostEstimate, cost_of_blocks, default_size, estimate
from oxysim.sweeps.runner import MemoryStore, sweep
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import SweepDesign, grid
from oxysim.texts import Described, counted, listed

FEWEST_WEEKS = 6  # of follow-up: a course that moves in its last four weeks is marked
DYADS_AT_ONCE = 256  # of a block, where there are several: they share the days that a dose gives
# the EPDS strays by some 1e-4 points; which runs that moves to the other side is in
# benchmarks/rescue.py
RTOL = 1e-3


@dataclass(frozen=True, eq=False)
class Rescue(Described):
    """The question: who recovers at which doses?

    Parameters
    ----------
    who : one symptomatic dyad, several, or :class:`~oxysim.population.Members` (of a population
        take these: its attributes, such as bottle-feeding, are part of their days); all infants of
        one age.
    doses : axis name -> values, as for :func:`~oxysim.sweeps.grid`: fields of the interventions
        ("skin_to_skin.minutes", "skin_to_skin.course", "coaching.sessions", "coaching.start"), and
        numbers of the dyad beside them.
    interventions : name -> intervention, each of which ends (course, stop or sessions).
    followed : how long after the last session of the treatment that ends last, at least six weeks;
        rounded up to whole weeks. All runs are as long.
    background : interventions that everybody has, treated or not, such as
        :class:`~oxysim.DailyLife`.
    routine : the usual day.
    cut_off : EPDS points.
    seed, solver : as for :class:`~oxysim.Study`; the solver is coarser than a study's own (a
        relative 1e-3, in single precision where the compiled engine is installed).

    Raises
    ------
    InputError : an intervention that begins before the runs do or does not end within the 36 months
    of the model, infants of different ages, no dose of an intervention among the axes, illegal
    numbers. UnknownNameError : an axis of no intervention. And as for :class:`~oxysim.Study`.

    >>> import oxysim as ox
    >>> rescue = Rescue(
    ...     ox.Dyad.symptomatic("2 weeks"),
    ...     {"skin_to_skin.minutes": ["30 min", "60 min"]},
    ...     {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 2 weeks")},
    ...     followed="6 weeks")
    >>> rescue.stops.values.round(2).tolist()  # days until the last session ends
    [13.48, 13.5]
    >>> rescue.study.duration
    '8 weeks'
    """

    who: Who
    doses: Mapping[str, Any] | Sequence[Axis]
    interventions: Mapping[str, Intervention]
    followed: str = "26 weeks"
    background: Mapping[str, Intervention] = field(default_factory=dict)
    routine: Routine = field(default_factory=Routine.typical)
    cut_off: float = EPDS_PROBABLE
    seed: int = 0
    solver: Solver = field(default_factory=lambda: for_ensembles(RTOL))

    def __post_init__(self) -> None:
        self._require_kinds()
        if (
            isinstance(self.cut_off, bool)
            or not isinstance(self.cut_off, int | float)
            or not 0 < self.cut_off < EPDS_HIGHEST
        ):
            raise InputError(
                f"cut_off: expected EPDS points between 0 and {EPDS_HIGHEST:g};"
                f" found {self.cut_off!r}"
            )
        require_seed(self.seed)
        checks.instance(self.routine, "routine", Routine, "a Routine, such as Routine.typical()")
        checks.instance(self.solver, "solver", Solver, "a Solver, such as Solver(rtol=1e-4)")
        if units.duration(self.followed, "followed") < FEWEST_WEEKS * units.WEEK:
            raise InputError(
                f"followed: expected at least {FEWEST_WEEKS} weeks; found {self.followed!r}"
            )
        _ = self.study

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        sizes = listed(f"{axis.name} ({len(axis)})" for axis in self.design.axes)
        interventions = listed(f"{name}: {source}" for name, source in self.interventions.items())
        return "Rescue", [
            ("who", counted(len(self.who), "dyad")),
            ("doses", sizes),
            ("interventions", interventions),
            ("followed for", self.followed),
            ("recovered below EPDS", self.cut_off),
            *([("background", listed(self.background))] if self.background else []),
        ]

    @functools.cached_property
    def design(self) -> SweepDesign:
        """Every combination of the doses."""
        return grid(self.doses)

    @functools.cached_property
    def stops(self) -> xr.DataArray:
        """When the last session of the treatment ends, days since 00:00 of the first simulated day,
        over the doses.
        """
        # names that nothing has are refused here
        bound = {target.axis.name: target for target in self._sketch.bound}
        dose_axes = [axis for axis in self.design.axes if _owner(axis) in self.interventions]
        if not dose_axes:
            raise InputError(
                "doses: expected a field of an intervention among the axes, such as"
                f" '{next(iter(self.interventions), 'skin_to_skin')}.minutes'; found"
                f" {', '.join(self.design.names)}"
            )
        sizes = {axis.name: len(axis) for axis in dose_axes}
        ends = np.zeros(tuple(sizes.values()))
        # each combination of doses has its own end
        for position in np.ndindex(ends.shape):
            changed: dict[str, dict[str, Any]] = {name: {} for name in self.interventions}
            for axis, i in zip(dose_axes, position, strict=True):
                name, _, option = axis.name.partition(".")
                changed[name][option] = bound[axis.name].value(i)
            treated = [
                replace(intervention, **changed[name])
                for name, intervention in self.interventions.items()
            ]
            ends[position] = max(self._end(intervention) for intervention in treated) / units.DAY
        return xr.DataArray(
            ends,
            coords={axis.name: axis.values for axis in dose_axes},
            dims=list(sizes),
            attrs={"units": "d", "long_name": "end of the last session"},
        )

    @functools.cached_property
    def study(self) -> Study:
        """The treated runs: whole weeks up to the end of the follow-up."""
        treated = float(self.stops.max())
        # outcomes are weekly means: the run ends with a whole week
        weeks = math.ceil(
            (treated + units.duration(self.followed, "followed") / units.DAY) / 7 - 1e-9
        )
        end = float(self.who.ages()[0]) + weeks * units.WEEK
        if end > MAXIMAL_AGE:
            raise InputError(
                f"followed: treatment goes on for up to {treated / 7:.1f} weeks; {self.followed}"
                f" later the infant would be {end / units.MONTH:.1f} months old, and the model"
                " holds up to 36 months; shorten one of the two, or take younger infants"
            )
        return replace(self._sketch, duration=f"{weeks} weeks")

    @property
    def untreated(self) -> Study:
        """The same without the interventions, over those axes that are not theirs."""
        axes = [
            target.axis
            for target in self.study.bound
            if target.kind != FIELD or _owner(target.axis) in self.background
        ]
        return replace(
            self.study, design=grid(axes) if axes else None, interventions=dict(self.background)
        )

    def estimate(self, **options: Any) -> CostEstimate:
        """What the treated runs cost, from a pilot (of several dyads, at the middle dose); options
        as for :func:`~oxysim.sweeps.cost_estimate`.
        """
        shape = None if options.get("block_size") is not None else self._blocks()
        if shape is None:
            return estimate(self.study, **options)
        # Of several dyads the days of one dose are laid out for all of them together, so that the
        # pilot takes its runs from the middle dose alone.
        middle = [
            Axis(axis.name, axis.values[[len(axis) // 2]], axis.unit) for axis in self.design.axes
        ]
        one_dose = estimate(replace(self.study, design=grid(middle)), **options)
        shared = {
            name: options[name] for name in ("on_disk", "workers", "timeout") if name in options
        }
        return cost_of_blocks(self.study, shape, one_dose.seconds_per_run, **shared)

    def run(self, *, store: Any = None, **running: Any) -> RescueMap:
        """Run both sweeps.

        Parameters
        ----------
        store : a folder that gets two stores, "treated" and "untreated", made or resumed; None
            keeps all in memory.
        running : as for :func:`~oxysim.sweep`.

        Raises
        ------
        InputError : runs that failed (how many, and the first reasons) or were not made: run again
        with the same store.
        """
        if store is not None and not isinstance(store, str | Path):
            raise InputError(
                f"store: expected the path of a folder for two stores; found {store!r}"
            )
        places = {
            name: None if store is None else Path(store) / name for name in ("untreated", "treated")
        }
        for path in places.values():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
        # the smaller sweep first
        untreated = sweep(self.untreated, store=places["untreated"], **running)
        treated = sweep(self.study, store=self._begun(places["treated"], running), **running)
        for kind, result in (("untreated", untreated), ("treated", treated)):
            _require_complete(kind, result)
        return RescueMap(self.study, self.stops, treated, untreated, self.cut_off)

    # ---------------------------------------------------------------- internals
    def _require_kinds(self) -> None:
        if not isinstance(self.who, Family | Members):
            raise InputError(
                "who: expected a dyad, several, or Members(population, n, seed); found a"
                f" {type(self.who).__name__}"
            )
        for argument, named in (
            ("interventions", self.interventions),
            ("background", self.background),
        ):
            if not isinstance(named, Mapping):
                raise checks.refused(
                    named, argument, "names and interventions, such as {'spray': NasalSpray(...)}"
                )
            for name, intervention in named.items():
                checks.instance(
                    intervention,
                    f"{argument}, {name!r}",
                    Intervention,
                    "an intervention, such as NasalSpray(...)",
                )
        twice = sorted({*self.interventions} & {*self.background})
        if twice:
            raise InputError(
                f"background: {twice[0]!r} is among the interventions too; give it another name"
            )
        for axis in self.design.axes:
            if axis.name == "infant_age":
                raise InputError(
                    "doses: infants of one age are followed at a time; leave 'infant_age' out and"
                    " ask once for each age"
                )
            owners = (*self.interventions, *self.background)
            owners_known = (*owners, "caregiver", "infant", "start", *self.who.caregivers)
            if "." in axis.name and "->" not in axis.name and _owner(axis) not in owners_known:
                raise unknown_name(
                    "intervention", _owner(axis), owners, f"in the axis {axis.name!r}"
                )

    def _blocks(self) -> tuple[int, ...] | None:
        """The shape of the treated runs' blocks; None, which leaves it to the sweep, where there is
        one dyad.

        A sweep's own blocks hold one dyad at many doses, which share the dyad's start. Over months
        it costs more to lay out the days of a dose than to find a start, so here many dyads share a
        dose.
        """
        dims = self.study.dims
        if len(self.who) == 1 or "dyad" not in dims:
            return None
        # blocks that hold all dyads of a dose, as far as they go
        return block_shape(dims, max(default_size(self.study), DYADS_AT_ONCE), ("dyad",))

    def _begun(self, path: Path | None, running: Mapping[str, Any]) -> Any:
        """Where the treated runs go: a store in which the blocks are cut already, or the place as
        it is.
        """
        shape = None if running.get("block_size") is not None else self._blocks()
        if shape is None:
            return path
        if path is None:
            memory = MemoryStore()
            memory.begin(self.study, shape)
            return memory
        from oxysim.sweeps.store.zarr_store import ZarrStore  # an extra

        # a store that is resumed keeps the blocks it was begun with
        with closing(ZarrStore(path)) as store:
            if store.block_shape is None:
                store.begin(self.study, shape)
        return path

    @functools.cached_property
    def _sketch(self) -> Study:
        """The study with the longest run there can be, before it is known how
        long treatment takes.
        """
        # one length of run for all
        ages = np.unique(self.who.ages())
        if len(ages) > 1:
            raise InputError(
                "who: expected infants of one age, so that all are followed for as long; found"
                f" {len(ages)} ages from {ages[0] / units.DAY:g} d to {ages[-1] / units.DAY:g} d"
            )
        outcomes = [f"{self.who.caregivers[0]}.epds: weekly mean"]
        return Study(
            self.who,
            f"{(MAXIMAL_AGE - ages[0]) / units.DAY:g} d",
            self.design,
            self.routine,
            {**self.background, **self.interventions},
            outcomes,
            start="00:00",
            seed=self.seed,
            solver=self.solver,
            sample="60 min",
        )

    def _end(self, intervention: Intervention) -> float:
        """When its last session ends, minutes since 00:00 of the first simulated day."""
        low, high = (float(self.who.ages()[0]) + moment for moment in self._sketch.window)
        window = Window(low, high, self.who.caregivers, self.routine.birth_weekday, self.seed)
        bouts = [bout for bout in intervention.bouts(window) if len(bout)]
        # what says at which age it begins may have begun before the runs do
        dated = intervention.start is not None or intervention.day is not None
        from_birth = intervention.bouts(replace(window, start=0.0)) if dated else bouts
        all_bouts = [bout for bout in from_birth if len(bout)]
        if min(float(bout.starts.min()) for bout in all_bouts) < low - TOLERANCE:
            raise InputError(
                f"{intervention.label}: it begins before the runs do (the infants are"
                f" {low / units.DAY:g} d old then), so that a part of the dose would be lost; let"
                " it start later, or take younger infants"
            )
        last = max(float(bout.stops.max()) for bout in bouts)
        if last > high - units.WEEK:
            raise InputError(
                f"{intervention.label}: it goes on to the end of the model's 36 months, so that"
                " nothing is left to follow; give it a course, a stop or a number of sessions"
            )
        return last - low


def _owner(axis: Axis) -> str:
    """What stands before the first dot of an axis's name."""
    return axis.name.partition(".")[0]


def _require_complete(kind: str, result: xr.Dataset) -> None:
    status = result["status"].values
    wrong = status != RunStatus.OK
    if not wrong.any():
        return
    failed = status == RunStatus.FAILED
    reasons = (
        "; ".join(dict.fromkeys(result["reason"].values[failed].tolist()[:3]))
        if failed.any()
        else ""
    )
    raise InputError(
        f"rescue: {int(failed.sum())} of {status.size} {kind} runs"
        f" failed{f' ({reasons})' if reasons else ''} and {int((wrong & ~failed).sum())} were not"
        " made; nothing is left out. Run again with the same store, or leave out the doses or"
        " dyads that fail"
    )
