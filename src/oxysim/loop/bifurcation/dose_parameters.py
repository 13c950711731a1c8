"""The days of one dyad under different doses of an intervention that comes back in every period.

Each dose is a day of its own, laid out once and kept. The fast states start on their cycle under
the dose given and settle from there, so that a day beside it costs half of what a day from rest
would.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.schedule import Intervention, Schedule, as_schedule
from oxysim.sweeps.axes import Axis
from oxysim.sweeps.axis_targets import BoundAxis

KEPT = 256  # doses whose day is kept
BESIDE = 1e-3  # of the range, over which the rates' slope is taken


@dataclass(frozen=True, eq=False)
class Doses:
    """One dyad's averaged system under any dose.

    Parameters
    ----------
    system : at the dose given, its routine a schedule that ends with the interventions.
    bound : the axis of the dose, of a sweep's kind "field".
    interventions : name -> intervention.
    limits : least and largest dose, in the axis's unit.

    >>> import oxysim as ox
    >>> from oxysim.loop.bifurcation.control_parameter import control_parameter
    >>> contact = {"contact": ox.SkinToSkin("1 h daily at 11:00")}
    >>> control, _ = control_parameter(ox.Dyad(), "contact.minutes", ["30 min"], None, contact)
    >>> control.own_value
    60.0
    """

    system: AveragedSystem
    bound: BoundAxis
    interventions: Mapping[str, Intervention]
    limits: tuple[float, float]

    @property
    def own(self) -> float:
        """The dose given, in the axis's unit."""
        name, _, field = self.bound.axis.name.partition(".")
        dose = getattr(self.interventions[name], field)
        return float(Axis(self.bound.axis.name, [self.bound.axis.entry(0), dose]).values[1])

    @functools.cached_property
    def at(self) -> Callable[[float], AveragedSystem]:
        """Dose -> the averaged system under it.

        Raises
        ------
        InputError : at that dose other slow states move.
        """
        return functools.lru_cache(maxsize=KEPT)(self._at)

    def rates(self, x: FloatArray, p: Any) -> FloatArray:
        """Rates of the slow states `x` (k, m) under doses `p` (m,), per day."""
        column, doses = np.zeros(x.shape[1], dtype=np.int64), np.broadcast_to(p, x.shape[1:])
        # all columns settle under the dose given; from there a neighbouring dose is near
        warm, rates = self.system.cycle(x, column), np.empty_like(x)
        for dose in np.unique(doses).tolist():
            chosen = np.flatnonzero(doses == dose)
            rates[:, chosen] = _from_beside(self.at(dose), warm[:, chosen], x[:, chosen])
        return rates

    def slope(self, x: FloatArray, p: float) -> FloatArray:
        """How the rates at `x` (k,) change with the dose, from one more dose
        beside it, shape (k,).
        """
        # a one-sided difference that stays inside the range
        step = BESIDE * (self.limits[1] - self.limits[0])
        ends = np.array([p, p + step if p + step <= self.limits[1] else p - step])
        rates = self.rates(np.repeat(x[:, None], 2, axis=1), ends)
        return np.asarray((rates[:, 1] - rates[:, 0]) / (ends[1] - ends[0]))

    def _at(self, dose: float) -> AveragedSystem:
        name, _, field = self.bound.axis.name.partition(".")
        value = replace(
            self.bound, axis=Axis(self.bound.axis.name, [float(dose)], self.bound.axis.unit)
        ).value(0)
        interventions = {
            **self.interventions,
            name: replace(self.interventions[name], **{field: value}),
        }
        # the schedule ends with the interventions given: they are replaced, the others kept
        day = as_schedule(self.system.routine)
        background = day.interventions[: len(day.interventions) - len(interventions)]
        system = self.system.with_routine(
            Schedule(day.routine, (*background, *interventions.values()))
        )
        # a branch needs the same states all along
        if system.names != self.system.names:
            raise InputError(
                f"{self.bound.axis.name}: at {value} the slow states are {', '.join(system.names)},"
                f" and at the dose given {', '.join(self.system.names)}; choose a range in which"
                " they are the same"
            )
        return system


def _from_beside(system: AveragedSystem, y: FloatArray, x: FloatArray) -> FloatArray:
    """Rates at slow states `x` under a dose beside that at which the full states `y` were on their
    cycle.
    """
    column = np.zeros(y.shape[1], dtype=np.int64)
    for _ in range(system.settle):
        y = system.period(y, x, column)[1]
    return system.period(y, x, column)[0]
