"""What a branch or a hysteresis is over: a parameter, the strength of an edge, or the dose of an
intervention.

Names and values are read as a sweep reads its axes (:mod:`oxysim.sweeps.axis_targets`), so that one
name means one thing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, OxysimError, UnknownNameError, unknown_name
from oxysim.families import Family
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.dose_parameters import Doses
from oxysim.loop.bifurcation.equilibrium_curve import Rates
from oxysim.model import registry
from oxysim.schedule import Intervention, Schedule, as_schedule
from oxysim.simulation.equations.system import state_rows
from oxysim.sweeps.axes import axis_name
from oxysim.sweeps.axis_targets import EDGE, FIELD, PARAMETER, BoundAxis, bind, check
from oxysim.sweeps.sweep_design import grid
from oxysim.units import HOUR, with_unit

BESIDE = 0.01  # of a slow state's own size
SHARES = np.array([0.13, 0.37, 0.71])  # of the way from rest to a state's typical size above it
TIME = 10.5 * HOUR
ROUNDING = 1e-12  # of a value, by which it may lie beyond a limit
WHEN = frozenset(option.name for option in fields(Intervention))
"""Fields of every intervention: they say when and by whom, not how much."""


@dataclass(frozen=True, eq=False)
class ControlParameter:
    """A dyad's averaged system along one number.

    Attributes
    ----------
    name : dotted name, or the edge's. unit : of the numbers.
    kind : "parameter", "edge" or "field" (of an intervention).
    own : the value at which the dyad itself stands.
    limits : least and largest value that can be.
    base : the system at its own value.
    at : value -> the system there.
    rates : F(x, p), x of shape (k, m) and p of shape (m,): rates of the slow states per day.
    slope : dF/dp as (x, p) -> (k,), where differences of neighbouring values would be dear; else
    None.

    >>> import oxysim as ox
    >>> strength, _ = control_parameter(ox.Dyad(), "reward -> depression", [0, 2])
    >>> strength.own_value, strength.limits, strength.kind
    (1.0, (0.0, 2.0), 'edge')
    """

    name: str
    kind: str
    unit: str
    own_value: float
    limits: tuple[float, float]
    base: AveragedSystem
    at: Callable[[float], AveragedSystem]
    rates: Rates
    slope: Callable[[FloatArray, float], FloatArray] | None = None

    def words(self, value: float) -> str:
        """A value with its unit."""
        return with_unit(f"{value:g}", self.unit)

    def where_legal(self, x: FloatArray, p: Any) -> FloatArray:
        """The rates, not a number where `p` lies beyond its limits, so that a trial step is taken
        back.
        """
        values, legal = self._inside(np.broadcast_to(p, x.shape[1:]))
        if legal.all():
            return self.rates(x, values)
        rates = np.full(x.shape, np.nan)
        if legal.any():
            rates[:, legal] = self.rates(x[:, legal], values[legal])
        return rates

    def slope_where_legal(self, x: FloatArray, p: float) -> FloatArray:
        """The `slope`, not a number where `p` lies beyond its limits: an iterate of Newton's method
        may be a dose that cannot be given, such as one below 0.
        """
        value, legal = self._inside(np.asarray(p, dtype=float))
        if self.slope is None or not legal:
            return np.full(x.shape, np.nan)
        return self.slope(x, float(value))

    def _inside(self, requested: FloatArray) -> tuple[FloatArray, Any]:
        """Values within the limits, and which of them were so already."""
        # rounding may carry a value just beyond its limit
        values = np.clip(requested, *self.limits)
        legal = np.abs(requested - values) <= ROUNDING * np.maximum(np.abs(values), 1.0)
        return values, legal

    def require_influence(self, values: Sequence[float]) -> None:
        """Refuse what no slow state's rate depends on, at the dyad's start or beside it.

        Raises
        ------
        InputError : the rates are the same at all `values`.
        """
        if self.kind != PARAMETER or self._influences_a_rate(values):
            # a rate may be zero at rest whatever the parameter is: each state is moved too
            x = self.base.start
            beside = x[:, None] * (1 - BESIDE * np.column_stack([np.zeros(len(x)), np.eye(len(x))]))
            at_first, *elsewhere = (
                self.rates(beside, np.full(beside.shape[1], value)) for value in values
            )
            if not all(np.array_equal(at_first, rates, equal_nan=True) for rates in elsewhere):
                return
        raise InputError(
            f"{self.name}: it does not influence the slow loop of this dyad on this day (infant age"
            f" frozen, postpartum vulnerability gone): the rates of {', '.join(self.base.names)}"
            f" are the same at {', '.join(self.words(value) for value in values)}. Its regimes are"
            " those of regimes(dyad, routine) at every value; name a parameter that takes part in"
            " the loop"
        )

    def _influences_a_rate(self, values: Sequence[float]) -> bool:
        """Whether any state's rate depends on a parameter, away from rest; that needs no code to be
        compiled.
        """
        rates_by_value = []
        for value in values:
            day = self.at(value).day
            rows = state_rows(day.who.caregivers).values()
            # every state somewhere above rest, fast ones too, so that each edge passes something
            room = np.array(
                [
                    [min(row.high - rest, row.scale)]
                    for row, rest in zip(rows, day.rest[:, 0], strict=True)
                ]
            )
            y = self.base.day.rest + room * SHARES
            with np.errstate(all="ignore"):
                system = day.system(np.zeros(1, dtype=np.int64))
                rates = [system.rates_under(levels, day.usual)(y, TIME) for levels in day.plan[0]]
            rates_by_value.append(
                [
                    np.broadcast_to(r, y.shape[1])
                    for r in (*day.rest, *(rate for piece in rates for rate in piece))
                ]
            )
        return not all(
            np.array_equal(rates_by_value[0], at_value, equal_nan=True)
            for at_value in rates_by_value[1:]
        )


def control_parameter(
    dyad: Family | AveragedSystem,
    name: str,
    values: Sequence[Any],
    routine: Any = None,
    interventions: Mapping[str, Intervention] | None = None,
) -> tuple[ControlParameter, FloatArray]:
    """What `name` changes in a dyad, and the values in its unit, shape (n,).

    Parameters
    ----------
    dyad : one dyad, or its averaged system.
    name : a parameter, an edge, or "intervention.field".
    values : numbers or texts with units; each is tried.
    routine : the day, with or without interventions; default the typical day, or the system's own.
    interventions : name -> intervention, on top of the day; each comes back in every period.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : before anything is computed.

    >>> import oxysim as ox
    >>> half_life = "caregiver.oxytocin.plasma_half_life"
    >>> _, minutes = control_parameter(ox.Dyad(), half_life, ["3 min", "0.1 h"])
    >>> minutes.tolist()  # in the unit of the row, min
    [3.0, 6.0]
    """
    checks.name(name, "parameter")
    if (
        isinstance(values, str)
        or not isinstance(values, Sequence | np.ndarray)
        or any(np.ndim(v) for v in values)
    ):
        raise checks.refused(values, name, "numbers, or texts with units")
    treatments = _checked(interventions)
    system = _system(dyad, routine, treatments)
    bound = _bound(axis_name(name), values, system, treatments)
    if bound.kind == PARAMETER:
        return _parameter(system, bound)
    return _edge(system, bound) if bound.kind == EDGE else _dose(system, bound, treatments)


# --------------------------------------------------------------------------------------
# looking up
def _checked(interventions: Any) -> dict[str, Intervention]:
    named = {} if interventions is None else interventions
    if not isinstance(named, Mapping) or not all(
        isinstance(intervention, Intervention) for intervention in named.values()
    ):
        raise InputError(
            "interventions: expected names with interventions, such as {'skin_to_skin':"
            f" SkinToSkin('60 min daily at 11:00')}}; found {named!r}"
        )
    return dict(named)


def _system(dyad: Any, routine: Any, interventions: Mapping[str, Intervention]) -> AveragedSystem:
    family = dyad.dyad if isinstance(dyad, AveragedSystem) else dyad
    if isinstance(family, Family) and len(family) != 1:
        raise InputError(
            f"dyad: branches are of one dyad; found {len(family)}; choose one with .take([number])"
        )
    system = dyad if isinstance(dyad, AveragedSystem) else AveragedSystem(dyad)
    day = as_schedule(system.routine if routine is None else routine)
    if routine is None and not interventions:
        return system
    return system.with_routine(Schedule(day.routine, (*day.interventions, *interventions.values())))


def _bound(
    name: str,
    values: Sequence[Any],
    system: AveragedSystem,
    interventions: Mapping[str, Intervention],
) -> BoundAxis:
    family, (prefix, _, rest) = system.dyad, name.partition(".")
    owners = {"caregiver", "infant", "start", *family.caregivers, *interventions}
    # a dose of an intervention that was not given would read as an unknown name
    if "->" not in name and rest.count(".") == 0 and rest and prefix not in owners:
        if not interventions:
            raise UnknownNameError(
                f"unknown intervention {prefix!r} in {name!r}: none is given; give it by that name,"
                f" such as interventions={{{prefix!r}: SkinToSkin('60 min daily at 11:00')}}"
            )
        raise unknown_name("intervention", prefix, interventions, f"in {name!r}")
    # values are read and checked as a sweep reads its axes
    design = grid({name: values})
    (bound,) = bind(design, family, interventions)
    if bound.kind not in (PARAMETER, EDGE, FIELD):
        raise InputError(
            f"{name}: expected a parameter, an edge or the dose of an intervention;"
            f" {bound.long_name} is none of these"
        )
    # of an intervention only amounts can be followed little by little
    if bound.kind == FIELD:
        _require_amount(bound, prefix, rest, interventions[prefix])
    try:
        check((bound,), design, family, interventions, [system.day.window])
    except OxysimError as error:
        if bound.kind != FIELD or bound.axis.values.min() != 0:
            raise
        raise type(error)(
            f"{error}. Where 0 is no dose, begin the range at a small one; the regimes without"
            f" {prefix} are those of regimes(dyad, routine)"
        ) from None
    return bound


def _require_amount(bound: BoundAxis, name: str, field: str, intervention: Intervention) -> None:
    """Refuse what cannot be changed little by little."""
    kinds = {
        option.name: str(option.type)
        for option in fields(intervention)
        if option.init and option.name not in WHEN
    }
    amounts = [f"{name}.{option}" for option, kind in kinds.items() if kind in ("Any", "float")]
    hint = (
        f"expected an amount, such as {', '.join(amounts)}"
        if amounts
        else "it has no amount that could be varied"
    )
    if field in WHEN:
        raise InputError(f"{bound.axis.name}: it says when or by whom, not how much; {hint}")
    if bound.whole or bound.axis.values.dtype.kind not in "if":
        raise InputError(f"{bound.axis.name}: it cannot be changed little by little; {hint}")


# --------------------------------------------------------------------------------------
# the three
def _parameter(system: AveragedSystem, bound: BoundAxis) -> tuple[ControlParameter, FloatArray]:
    name, entries = bound.axis.name, range(len(bound.axis))
    values = np.asarray(
        system.dyad.with_parameters({name: [bound.value(i) for i in entries]}).value(name),
        dtype=float,
    )
    row = registry.parameter_row(name, system.dyad.caregivers)[2]

    def rates(x: FloatArray, p: Any) -> FloatArray:
        # a dyad is resolved once for each different value, not once a column
        different, column = np.unique(np.broadcast_to(p, x.shape[1:]), return_inverse=True)
        return system.with_parameter(name, different).rates_of(x, column)

    own_value = float(np.ravel(system.dyad.value(name))[0])
    at = functools.partial(system.with_parameter, name)
    return ControlParameter(
        name, PARAMETER, row.unit, own_value, row.legal, at(own_value), at, rates
    ), values


def _edge(system: AveragedSystem, bound: BoundAxis) -> tuple[ControlParameter, FloatArray]:
    name = bound.axis.name

    def rates(x: FloatArray, p: Any) -> FloatArray:
        strengths = np.array(np.broadcast_to(p, x.shape[1:]))
        return system.rates_of(x, np.zeros(x.shape[1], dtype=np.int64), {name: strengths})

    own_value = float(np.ravel(system.edges.get(name, 1.0))[0])
    # an edge may be cut, and scaled up to its own limit
    limits = (0.0, float(registry.edge_place(name).row.limit))
    at = lambda value: system.with_edges({name: value})  # noqa: E731
    return ControlParameter(
        name, EDGE, "", own_value, limits, system, at, rates
    ), bound.axis.values.astype(float)


def _dose(
    system: AveragedSystem, bound: BoundAxis, interventions: Mapping[str, Intervention]
) -> tuple[ControlParameter, FloatArray]:
    values = bound.axis.values.astype(float)
    limits = (float(values.min()), float(values.max()))
    doses = Doses(system, bound, interventions, limits)
    for value in values.tolist():
        doses.at(value)  # a dose that does not come back in every period is refused here
    return (
        ControlParameter(
            bound.axis.name,
            FIELD,
            bound.unit,
            doses.own,
            limits,
            system,
            doses.at,
            doses.rates,
            doses.slope,
        ),
        values,
    )
