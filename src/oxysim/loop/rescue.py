"""Rescue: which doses take a dyad out of its symptomatic regime for good, and what happens when they stop.

A run is treated, then followed without treatment. **Recovered** means: the mean EPDS of the last week of the follow-up
is below the cut-off. **Rescued** is who recovers and would not have recovered untreated, in the same follow-up and with
the same luck.

What separates the two for good in a dyad with two regimes is not the cut-off but the separatrix: a dyad that is left
below the cut-off but above the separatrix climbs back. So the follow-up is long, and runs that are on their way at its
end are counted (:attr:`~oxysim.loop.rescue_map.RescueMap.moving`) until it is long enough.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from oxysim import units
from oxysim.errors import InputError
from oxysim.loop.rescue_map import RescueMap
from oxysim.mechanisms.depression import SCALE
from oxysim.participants import MAXIMAL_AGE
from oxysim.population.members import Who
from oxysim.schedule import Intervention, Routine, Window
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axes import Axis
from oxysim.sweeps.binding import FIELD
from oxysim.sweeps.blocks import STATUS
from oxysim.sweeps.design import Design, grid
from oxysim.sweeps.estimate import Estimate, estimate
from oxysim.sweeps.run import sweep
from oxysim.sweeps.study import Study

FloatArray = npt.NDArray[np.float64]
CUT_OFF = 13.0  # EPDS points at which a form counts as positive (Cox 1987)
FEWEST_WEEKS = 6  # of follow-up: what moves in its last four weeks is told


@dataclass(frozen=True, eq=False)
class Rescue:
    """The question: who recovers at which doses?

    Parameters
    ----------
    who : one symptomatic dyad, several, or :class:`~oxysim.population.Members`; all infants of one age.
    doses : axis name -> values, as for :func:`~oxysim.sweeps.grid`: fields of the interventions
        ("skin_to_skin.minutes", "skin_to_skin.course", "coaching.sessions", "coaching.start"), and numbers of the dyad
        beside them.
    interventions : name -> intervention, each of which ends (course, stop or sessions).
    followed : how long after the last session of the longest treatment, at least six weeks; rounded up to whole weeks.
    background : interventions that everybody has, treated or not, such as :class:`~oxysim.DailyLife`.
    routine : the usual day.
    cut_off : EPDS points.
    seed, solver : as for :class:`~oxysim.Study`; the solver is coarser than a study's own (a relative 1e-4).

    Raises
    ------
    InputError : an intervention that does not end within the 36 months of the model, infants of different ages, no dose
    of an intervention among the axes, illegal numbers; and as for :class:`~oxysim.Study`.
    """

    who: Who
    doses: Mapping[str, Any] | Sequence[Axis]
    interventions: Mapping[str, Intervention]
    followed: str = "26 weeks"
    background: Mapping[str, Intervention] = field(default_factory=dict)
    routine: Routine = field(default_factory=Routine.typical)
    cut_off: float = CUT_OFF
    seed: int = 0
    solver: Solver = field(default_factory=lambda: Solver(rtol=1e-4))

    def __post_init__(self) -> None:
        if isinstance(self.cut_off, bool) or not isinstance(self.cut_off, int | float) or not 0 < self.cut_off < SCALE:
            raise InputError(f"cut_off: expected EPDS points between 0 and {SCALE:g}; found {self.cut_off!r}")
        twice = sorted({*self.interventions} & {*self.background})
        if twice:
            raise InputError(f"background: {twice[0]!r} is among the interventions too; give it another name")
        if units.duration(self.followed, "followed") < FEWEST_WEEKS * units.WEEK:
            raise InputError(f"followed: expected at least {FEWEST_WEEKS} weeks; found {self.followed!r}")
        _ = self.study

    @functools.cached_property
    def design(self) -> Design:
        """Every combination of the doses."""
        return grid(self.doses)

    @functools.cached_property
    def stops(self) -> xr.DataArray:
        """When the last session of the treatment ends, days since 00:00 of the first simulated day, over the doses."""
        bound = {one.axis.name: one for one in self._sketch.bound}  # names that nothing has are refused here
        own = [axis for axis in self.design.axes if axis.name.partition(".")[0] in self.interventions]
        if not own:
            raise InputError(
                f"doses: expected a field of an intervention among the axes, such as "
                f"'{next(iter(self.interventions), 'skin_to_skin')}.minutes'; found {', '.join(self.design.names)}"
            )
        sizes = {axis.name: len(axis) for axis in own}
        found = np.zeros(tuple(sizes.values()))
        for place in np.ndindex(found.shape):
            changed: dict[str, dict[str, Any]] = {name: {} for name in self.interventions}
            for axis, i in zip(own, place, strict=True):
                name, _, option = axis.name.partition(".")
                changed[name][option] = bound[axis.name].value(i)
            treated = [replace(one, **changed[name]) for name, one in self.interventions.items()]
            found[place] = max(self._end(one) for one in treated) / units.DAY
        return xr.DataArray(found, dims=list(sizes), attrs={"units": "d", "long_name": "end of the last session"})

    @functools.cached_property
    def study(self) -> Study:
        """The treated runs: whole weeks up to the end of the follow-up."""
        days = float(self.stops.max()) + units.duration(self.followed, "followed") / units.DAY
        return replace(self._sketch, duration=f"{math.ceil(days / 7 - 1e-9)} weeks")

    @property
    def untreated(self) -> Study:
        """The same without the interventions, over those axes that are not theirs."""
        axes = [one.axis for one in self.study.bound if one.kind != FIELD]
        return replace(self.study, design=grid(axes) if axes else None, interventions=dict(self.background))

    def estimate(self, **options: Any) -> Estimate:
        """What the treated runs cost, from a pilot; options as for :func:`~oxysim.sweeps.estimate`."""
        return estimate(self.study, **options)

    def run(self, *, store: Any = None, **running: Any) -> RescueMap:
        """Run both sweeps.

        Parameters
        ----------
        store : a folder that gets two stores, "treated" and "untreated", made or resumed; None keeps all in memory.
        running : as for :func:`~oxysim.sweep`.

        Raises
        ------
        InputError : runs that failed (how many, and the first reasons) or were not made: run again with the same store.
        """
        if store is not None and not isinstance(store, str | Path):
            raise InputError(f"store: expected the path of a folder for two stores; found {store!r}")
        places = {name: None if store is None else Path(store) / name for name in ("untreated", "treated")}
        for place in places.values():
            if place is not None:
                place.parent.mkdir(parents=True, exist_ok=True)
        untreated = sweep(self.untreated, store=places["untreated"], **running)
        treated = sweep(self.study, store=places["treated"], **running)
        for what, result in (("untreated", untreated), ("treated", treated)):
            _require_complete(what, result)
        return RescueMap(self.study, self.stops, treated, untreated, self.cut_off)

    # ---------------------------------------------------------------- internals
    @functools.cached_property
    def _sketch(self) -> Study:
        """The study with the longest run there can be, before it is known how long treatment takes."""
        ages = np.unique(self.who.ages())
        if len(ages) > 1:
            raise InputError(
                f"who: expected infants of one age, so that all are followed for as long; found {len(ages)} ages from "
                f"{ages[0] / units.DAY:g} d to {ages[-1] / units.DAY:g} d"
            )
        kept = [f"{self.who.caregivers[0]}.epds: weekly mean"]
        return Study(
            self.who, f"{(MAXIMAL_AGE - ages[0]) / units.DAY:g} d", self.design, self.routine,
            {**self.background, **self.interventions}, kept, start="00:00", seed=self.seed, solver=self.solver,
            sample="60 min",
        )  # fmt: skip

    def _end(self, one: Intervention) -> float:
        """When its last session ends, minutes since 00:00 of the first simulated day."""
        low, high = (float(self.who.ages()[0]) + moment for moment in self._sketch.window)
        window = Window(low, high, self.who.caregivers, self.routine.birth_weekday, self.seed)
        last = max(float(part.stops.max()) for part in one.bouts(window) if len(part))
        if last > high - units.WEEK:
            raise InputError(
                f"{one.label}: it goes on to the end of the model's 36 months, so that nothing is left to follow; give "
                "it a course, a stop or a number of sessions"
            )
        return last - low


def _require_complete(what: str, result: xr.Dataset) -> None:
    status = result["status"].values
    wrong = status != STATUS["ok"]
    if not wrong.any():
        return
    failed = status == STATUS["failed"]
    reasons = "; ".join(dict.fromkeys(result["reason"].values[failed].tolist()[:3])) if failed.any() else ""
    raise InputError(
        f"rescue: {int(failed.sum())} of {status.size} {what} runs failed{f' ({reasons})' if reasons else ''} and "
        f"{int((wrong & ~failed).sum())} were not made; nothing is left out. Run again with the same store, or leave "
        "out the doses or dyads that fail"
    )
