r"""The averaged system: what the slow states do from day to day, computed from the full model.

With ẋ = ε·f(x, y, t), ẏ = g(x, y, t) and y on its periodic cycle ȳ(t; x) while x is held, the
averaged system is

    Ẋ = ε·⟨f(X, ȳ(t; X), t)⟩        the mean over the routine's own period

and x stays within O(ε) of X for times of order 1/ε (Sanders, Verhulst & Murdock 2007, ch. 2;
Guckenheimer & Holmes 1983, sec. 4.1); here ε is a day over the weeks of depression and bond. What
rewards remember of the last two days swings by a tenth within the day, too much to be held: so X is
the *mean* of x over the period, in which the slow states move and swing as the full model's do, and
the mean rate is that on this course (the averaging of second order, ibid. sec. 2.9). No equation is
written a second time: the mean is taken while the full model runs through the day.

The infant's age is frozen, the postpartum vulnerability gone, jitter and daily-life noise off,
and bouts that are drawn are those of the average infant; the outputs that accumulate (M12:
security, exploration, irritability) drive nothing and are left out.
Taught skills are states where the schedule has sessions that teach them, and gone otherwise. Infant
methylation, which takes months, is a state too; `held` holds it, or any other slow state, at its
start.

Where it is valid: a usual day that comes back for ever, over weeks and more; of what the slow
states swing by within the day, up to half an EPDS point, it has the mean (decision 0032).
``averaging_error`` measures what it leaves out against the full model, ``verify`` every regime that
is found on it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError, shown, unknown_name
from oxysim.families import Family, edge_multipliers
from oxysim.loop.numerics.differences import beside, central_jacobians
from oxysim.model.slow_states import epds_of, time_constant
from oxysim.schedule import Routine, as_schedule
from oxysim.simulation.averaging.frozen_day import FrozenDay
from oxysim.simulation.equations.system import state_rows
from oxysim.texts import Described, age_text, counted, listed
from oxysim.units import DAY

MOST_SETTLING = 100  # periods: by two the fast states are within a part in 100,000 of their cycle
NUDGE = 1e-4  # of the scaled state, for central differences


@dataclass(frozen=True, eq=False)
class AveragedSystem(Described):
    """The slow states' rates of change, averaged over the day, of one dyad or of an ensemble of n
    dyads of one age.

    Parameters
    ----------
    dyad : who; its ``start`` gives the values of what is held.
    routine : the day that is repeated: a routine, or a schedule with interventions that come back
        every day; default the typical day.
    age : infant age, frozen; default the dyad's own.
    edges : edge name -> multiplier.
    days : the period, 1 or 7 days.
    step : of the fast states, min.
    settle : periods for which the fast states settle; each takes them some 500 times nearer to
        their cycle.
    held : names of slow states that do not move.

    Raises
    ------
    UnknownNameError, InputError, ScheduleError : before anything is computed.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad(), held=("infant.methylation",))
    >>> system.names[:3]
    ('mother.depression', 'mother.bond', 'mother.confidence')
    >>> system.start[:3].round(2).tolist()
    [5.4, 0.7, 0.65]
    """

    dyad: Family
    routine: Any = field(default_factory=Routine.typical)
    age: Any = None
    edges: Mapping[str, Any] = field(default_factory=dict)
    days: int = 1
    step: float = 5.0
    settle: int = 2
    held: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks.instance(self.dyad, "dyad", Family, "a Dyad or a Family")
        checks.instance(self.edges, "edges", Mapping, "a mapping of edge names to multipliers")
        if self.routine is None:  # as everywhere in the loop; an empty day is Routine.empty()
            object.__setattr__(self, "routine", Routine.typical())
        checks.whole_number(self.settle, "settle", 1, MOST_SETTLING)
        object.__setattr__(self, "edges", edge_multipliers((), self.edges))
        object.__setattr__(self, "held", self._known(self.held))
        _ = self.day

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        age = age_text(float(self.day.who.ages()[0]))
        facts: list[tuple[str, object]] = [
            ("", counted(len(self.dyad), "dyad")),
            ("age", age),
            ("slow states", listed(self.names)),
            ("routine", str(self.routine)),
            ("period", counted(self.days, "day")),
        ]
        facts += (
            [("edges", listed(f"{name} {v}" for name, v in self.edges.items()))]
            if self.edges
            else []
        )
        return "Averaged days", [*facts, *([("held", listed(self.held))] if self.held else [])]

    @functools.cached_property
    def day(self) -> FrozenDay:
        """The day that is averaged over."""
        # a given age takes the place of the dyad's own
        dyads = self.dyad if self.age is None else self.dyad.replace(infant_age=self.age)
        return FrozenDay(
            dyads, as_schedule(self.routine), self.edges, self.days, self.step, self.held
        )

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Full names of the slow states that move, in the order of `x`; the first caregiver's
        depression first.
        """
        return self.day.swinging

    @functools.cached_property
    def places(self) -> list[int]:
        """Positions of the names in the full state."""
        rows = list(state_rows(self.dyad.caregivers))
        return [rows.index(name) for name in self.names]

    @functools.cached_property
    def start(self) -> FloatArray:
        """The slow states that the dyad starts from, shape (k,), or (k, n) of an ensemble."""
        y = self.day.rest[self.places]
        return y[:, 0] if y.shape[1] == 1 else y

    # ----------------------------------------------------------------------------------
    # rates
    def rates(self, x: FloatArray) -> FloatArray:
        """dx/dt per day in natural units (EPDS points, shares, logit units, %), shape as `x`: (k,)
        or (k, m).

        Of an ensemble of n dyads, `x` has the shape (k, n). What is not finite or out of range
        gives NaN.
        """
        columns = self._checked(x)
        index = self.dyad_of_columns(columns.shape[1])
        return self.rates_of(columns, index).reshape(np.shape(x))

    def rates_of(
        self, x: FloatArray, index: IntArray, multipliers: Mapping[str, Any] | None = None
    ) -> FloatArray:
        """The same for columns `x` (k, m) of the dyads at `index` (m,), some edges with
        `multipliers` of their own.
        """
        y = self.cycle(x, index, multipliers)
        return self.period(y, x, index, multipliers)[0]

    def cycle(
        self, x: FloatArray, index: IntArray, multipliers: Mapping[str, Any] | None = None
    ) -> FloatArray:
        """The full state at midnight of a period over which the slow states have the means `x`, the
        fast states on their cycle, (n_states, m).
        """
        y = self._warm[:, index].copy()
        # begun near the cycle, and with the swing of the start, so that few periods settle both
        start = self.day.rest[self.places][:, index]
        y[self.places] = self._shifted(y[self.places], start, x)
        for _ in range(self.settle):
            y = self.period(y, x, index, multipliers)[1]
        return y

    def period(
        self,
        y: FloatArray,
        x: FloatArray,
        index: IntArray,
        multipliers: Mapping[str, Any] | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Once through the period: the slow states' mean rates per day (k, m), and the full state
        at the midnight from which their means are `x` (k, m), more nearly than from `y`.
        """
        run = self.day.run(y, index, multipliers)
        end = run.end.copy()
        end[self.places] = self._shifted(y[self.places], run.means[self.places], x, self._memory)
        return run.rates[self.places], end

    @functools.cached_property
    def _memory(self) -> FloatArray:
        """How much of a shift at midnight is left in the period's mean, by each state's own decay,
        shape (k, 1).
        """
        periods = self.days / self.times[:, None]
        return -np.expm1(-periods) / periods

    def _shifted(
        self, y: FloatArray, means: FloatArray, x: FloatArray, memory: FloatArray | float = 1.0
    ) -> FloatArray:
        """Slow states at midnight, moved by how far `means` are from `x`, on their own scales."""
        with np.errstate(all="ignore"):  # what is out of range is not a number, and stays so
            missing = self.stretched(x) - self.stretched(means)
            return self.natural(self.stretched(y) + missing / memory)

    def jacobian(self, x: FloatArray) -> FloatArray:
        """∂(rates)/∂x by central differences, shape (k, k) for `x` of shape (k,),
        else (m, k, k).
        """
        columns = self._checked(x)
        slopes = self.jacobian_of(columns, self.dyad_of_columns(columns.shape[1]))[1]
        return slopes[0] if np.ndim(x) == 1 else slopes

    def jacobian_of(
        self, x: FloatArray, index: IntArray, multipliers: Mapping[str, Any] | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Rates (k, m) and Jacobians (m, k, k) at columns `x`, in one call.

        `multipliers` has one number a column.
        """
        # equal steps on each state's own scale
        steps = NUDGE * self.spread(x)
        copies = 2 * len(x) + 1
        if multipliers is not None:
            multipliers = {edge: np.tile(v, copies) for edge, v in multipliers.items()}
        columns = beside(x, range(len(x)), steps)
        return central_jacobians(self.rates_of(columns, np.tile(index, copies), multipliers), steps)

    # ----------------------------------------------------------------------------------
    # scales
    def spread(self, x: FloatArray) -> FloatArray:
        """How much each slow state moves for one unit on its own scale (logit units where it has a
        floor and a top).
        """
        spread = np.ones_like(x)
        for i, top in enumerate(self.tops):
            if top is not None:
                spread[i] = x[i] * (1 - x[i] / top)
        return spread

    def stretched(self, x: FloatArray) -> FloatArray:
        """Each slow state on its own scale, on which every number is legal."""
        return np.array(
            [
                v if top is None else np.log(v / (top - v))
                for v, top in zip(x, self.tops, strict=True)
            ]
        )

    def natural(self, z: FloatArray) -> FloatArray:
        """The inverse of :meth:`stretched`."""
        return np.array(
            [
                v if top is None else top / (1 + np.exp(-v))
                for v, top in zip(z, self.tops, strict=True)
            ]
        )

    def epds(self, x: FloatArray) -> FloatArray:
        """What the first caregiver's form reads at slow states `x` (k, m), shape (m,): depression
        in the mood of the week (M20). Of an ensemble, `x` has a column a dyad.

        >>> import oxysim as ox
        >>> system = AveragedSystem(ox.Dyad(), held=("infant.methylation",))
        >>> system.epds(system.start[:, None]).round(2)
        array([5.4])
        """
        rows = list(state_rows(self.dyad.caregivers))

        def value_of(state: str) -> FloatArray:
            name = f"{self.day.who.caregivers[0]}.{state}"
            moves = name in self.names
            return x[self.names.index(name)] if moves else self.day.rest[rows.index(name)]

        return np.asarray(epds_of(value_of))

    def spread_about(self, x: FloatArray, by: FloatArray) -> FloatArray:
        """Slow states `x` (k, m) moved by `by` on their own scales, where those with a floor alone
        grow or shrink by exp(by / 2): below none a course could begin.

        >>> import oxysim as ox
        >>> system = AveragedSystem(ox.Dyad(), held=("infant.methylation",))
        >>> x = system.start[:, None]
        >>> moved = system.spread_about(x, np.full_like(x, -2.0))
        >>> float(moved[system.names.index("mother.recent_reward"), 0].round(3))
        0.368
        """
        rows = state_rows(self.dyad.caregivers)
        moved = self.natural(self.stretched(x) + by)
        for i, (name, top) in enumerate(zip(self.names, self.tops, strict=True)):
            if top is None and rows[name].low == 0:
                moved[i] = x[i] * np.exp(by[i] / 2)
        return moved

    @functools.cached_property
    def tops(self) -> tuple[float | None, ...]:
        """The top of each slow state that relaxes between 0 and a top; None for the others."""
        rows = state_rows(self.dyad.caregivers)
        return tuple(rows[name].ceiling for name in self.names)

    @functools.cached_property
    def times(self) -> FloatArray:
        """The time constant of each slow state, days, shape (k,) (of the first dyad of an
        ensemble).
        """
        p = self.day.who.resolved(index=0)
        parameters_of = dict(zip(self.day.who.members, (*p.caregivers, p.infant), strict=True))
        rows = state_rows(self.dyad.caregivers)
        minutes = [
            time_constant(rows[name], parameters_of[name.partition(".")[0]]) for name in self.names
        ]
        return np.array(minutes, dtype=float) / DAY

    # ----------------------------------------------------------------------------------
    # variants
    def with_parameter(self, name: str, value: Any) -> AveragedSystem:
        """The same with one parameter (dotted name, in the row's unit) changed."""
        return replace(
            self, dyad=self.dyad.with_parameters({checks.name(name, "parameter"): value})
        )

    def with_edges(self, edges: Mapping[str, Any]) -> AveragedSystem:
        """The same with other multipliers of some edges."""
        checked = checks.instance(edges, "edges", Mapping, "a mapping of edge names to multipliers")
        return replace(self, edges={**self.edges, **edge_multipliers((), checked)})

    def with_routine(self, routine: Any) -> AveragedSystem:
        """The same on another day: a routine, or a schedule with interventions."""
        return replace(self, routine=routine)

    # ----------------------------------------------------------------------------------
    # internals
    @functools.cached_property
    def _warm(self) -> FloatArray:
        """The full state at midnight on the cycle under the start, shape (n_states, n)."""
        y = self.day.rest.copy()
        start, all_dyads = y[self.places], np.arange(y.shape[1])
        # from rest, two periods more than from beside the cycle
        for _ in range(self.settle + 2):
            y = self.period(y, start, all_dyads)[1]
        return y

    def dyad_of_columns(self, m: int) -> IntArray:
        # one dyad serves any number of columns, of n each has its own
        n = self.day.rest.shape[1]
        if n not in (1, m):
            raise InputError(f"x: expected one column for each of the {n} dyads; found {m}")
        # all columns are of the first dyad
        return np.arange(m) if n > 1 else np.zeros(m, dtype=np.int64)

    def _checked(self, x: Any) -> FloatArray:
        k, raw = (
            len(self.names),
            np.asarray(x) if isinstance(x, np.ndarray | list | tuple) else np.empty(()),
        )
        numbers = raw.astype(float) if raw.dtype.kind in "iuf" else np.empty(())
        if numbers.ndim not in (1, 2) or numbers.shape[0] != k:
            raise InputError(
                f"x: expected shape ({k},) or ({k}, m) for {', '.join(self.names)}; found"
                f" {shown(x)}"
            )
        return numbers.reshape(k, -1)

    def _known(self, names: Iterable[str]) -> tuple[str, ...]:
        slow = [
            name for name, row in state_rows(self.dyad.caregivers).items() if row.pace == "slow"
        ]
        expected = f"names of slow states, such as [{slow[0]!r}]"
        if not isinstance(names, Iterable):
            raise checks.refused(names, "held", expected)
        listed_names = (names,) if isinstance(names, str) else tuple(names)
        for name in listed_names:
            if name not in slow:
                raise unknown_name("slow state", name, slow, "in held")
        return listed_names
