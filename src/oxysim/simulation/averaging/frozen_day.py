r"""One day (or week) at a frozen infant age, repeated for ever: the fast states run, and with them
those slow ones that are `swinging`; the others are held.

Exponential Runge-Kutta (ETD3RK, Cox & Matthews 2002) in fixed steps, with short steps after every
edge, interventions, scaled edges and any number of columns: a column is one state of one dyad, so
that a Jacobian or a multi-start is one call. Where Numba is installed the columns run as machine
code, eight side by side and on every core; else few go one by one through plain floats, many side
by side through arrays; all three do the same arithmetic, but for rounding. The steps are the same
for every column, so that differences between neighbouring columns hold no noise of a step control.

Where it is valid: days at one infant age. From twelve months on neither the usual day nor the usual
signals change with age, and a frozen day is the day of ``simulate`` (to 1e-4); before, courses over
weeks leave out what age changes.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.model import registry
from oxysim.model.inputs import CAREGIVER_CHANNELS
from oxysim.model.slow_states import loop_states, taught_states, time_constant
from oxysim.model.structure import Usual
from oxysim.schedule import Realised, Schedule, Window
from oxysim.simulation.averaging.exponential_runge_kutta import (
    PaceFactors,
    RatesAt,
    pace_factors,
    runge_kutta_step,
)
from oxysim.simulation.averaging.repeating_days import quiet, require_repeating
from oxysim.simulation.engines import compiles
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, fast_places, own_decays, state_rows
from oxysim.simulation.input_pieces import pieces_of, stages_of
from oxysim.simulation.reference_signals import usual_signals
from oxysim.units import DAY

# min, first steps after every edge: reward and synchrony climb for twenty minutes after it
SHORT = (1.0, *(2.0,) * 9)
COMPILES = compiles()
# imported when it is needed: Numba takes a second, and may not be there
COMPILED = "oxysim.simulation.averaging.compiled_day"
FEW = 12  # columns up to which plain floats are faster than arrays


@dataclass(frozen=True, eq=False)
class Stretch:
    """A stretch of constant input: the number of its levels, clock time at its start, length and
    number of steps.

    >>> stretch = Stretch(inputs=0, start=480.0, step=5.0, count=12)
    >>> stretch.step * stretch.count
    60.0
    """

    inputs: int
    start: float
    step: float
    count: int


class Period(NamedTuple):
    """What a run through the period gives, (n_states, m) each: mean rates per day, the state at its
    end, and every state's mean.

    >>> Period(rates=np.zeros((2, 1)), end=np.ones((2, 1)), means=np.ones((2, 1))).end.shape
    (2, 1)
    """

    rates: FloatArray
    end: FloatArray
    means: FloatArray


@dataclass(frozen=True, eq=False)
class FrozenDay:
    """The repeated day of a family, or of an ensemble of one age.

    Parameters
    ----------
    who : n dyads of one infant age.
    schedule : routine and interventions; jitter and noise are off, and bouts that are drawn are
        those of the average dyad.
    edges : edge name -> multiplier, a number or one a dyad.
    days : length of the period, 1 or 7 days.
    step : longest step, min.
    held : full names of slow states that do not move within the period.

    Raises
    ------
    InputError : the dyads have different ages, a period or step that cannot be, an intervention
        that does not come back in every period. UnknownNameError : one that is given by nobody of
        this family.

    >>> from oxysim.schedule import Routine
    >>> day = FrozenDay(Family(), Schedule(Routine.typical()), {}, 1, 5.0)
    >>> day.window.stop - day.window.start
    1440.0
    """

    who: Family
    schedule: Schedule
    edges: Mapping[str, Any]
    days: int
    step: float
    held: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if checks.whole_number(self.days, "days", 1, 7) not in (1, 7):
            raise InputError(f"days: expected a period of 1 or 7 days; found {self.days!r}")
        checks.number(self.step, "step (minutes)", 0.0, 30.0, open_low=True)
        if len(np.unique(self.who.ages())) > 1:
            raise InputError(
                "the frozen day: expected dyads of one infant age; found several; take them age"
                " by age"
            )
        # a routine comes back by itself
        for intervention in quiet(self.schedule, self.age).interventions:
            require_repeating(intervention, self.window, self.days)

    @functools.cached_property
    def age(self) -> float:
        """The frozen age of the infants, at the start of the period, minutes."""
        return float(self.who.ages()[0])

    @property
    def window(self) -> Window:
        """The first period."""
        stop = self.age + self.days * DAY
        return Window(self.age, stop, self.who.caregivers, self.schedule.routine.birth_weekday)

    @functools.cached_property
    def usual(self) -> Usual:
        """The usual signals at the frozen age."""
        return usual_signals(self.who.role_of, int(stages_of(np.array([self.age]))[0]))

    @functools.cached_property
    def realised(self) -> Realised:
        """The realised schedule of the period, which dyads of one age share."""
        stop = self.age + self.days * DAY
        return quiet(self.schedule, self.age).realise(
            self.age, stop, caregivers=self.who.caregivers
        )

    @functools.cached_property
    def plan(self) -> tuple[tuple[dict[str, Any], ...], tuple[Stretch, ...]]:
        """The different input levels of the period, and its stretches."""
        pieces = pieces_of(self.realised)
        edges = (pieces.edges[:, 0] - self.age).tolist()
        levels_of_pieces = [pieces.inputs(piece) for piece in range(pieces.n_pieces)]

        # The same levels come again and again in a day: each is numbered once.
        different: dict[str, tuple[int, dict[str, Any]]] = {}
        stretches = []
        for start, stop, levels in zip(edges[:-1], edges[1:], levels_of_pieces, strict=True):
            number, _ = different.setdefault(repr(levels), (len(different), levels))
            stretches += graded(number, start, stop, self.step)
        return tuple(levels for _, levels in different.values()), tuple(stretches)

    @functools.cached_property
    def swinging(self) -> tuple[str, ...]:
        """Full names of the slow states that move within the period, the first caregiver's
        depression first: those of the slow loop, and skills where somebody teaches them.
        """
        names = []
        for name in self.who.caregivers:
            names += [f"{name}.{state}" for state in loop_states("caregiver")]
            for skill, channel in taught_states("caregiver").items():
                column = list(CAREGIVER_CHANNELS).index(channel)
                if any(levels[name][column] != 0 for levels in self.plan[0]):
                    names.append(f"{name}.{skill}")
        names += [f"infant.{state}" for state in loop_states("infant")]
        return tuple(name for name in names if name not in self.held)

    @functools.cached_property
    def rest(self) -> FloatArray:
        """Every state at rest, what fades or is taught gone, shape (n_states, n)."""
        y = resting_start(self.who)
        for position, row in enumerate(state_rows(self.who.caregivers).values()):
            # A day that repeats for ever has neither a birth behind it nor a teacher.
            if row.fades or row.taught_by:
                y[position] = 0.0
        return y

    @functools.cached_property
    def decay(self) -> tuple[FloatArray, ...]:
        """How fast each state that moves forgets itself under each of the input levels, per min,
        (n_states, n) each.
        """
        return tuple(self._decay(self._equations, levels) for levels in self.plan[0])

    @functools.cached_property
    def _equations(self) -> System:
        """The equations of all dyads, with their own edges."""
        return self.system()

    def system(self, index: Any = None, multipliers: Mapping[str, Any] | None = None) -> System:
        """The equations of the dyads at `index`, by default of all; `multipliers` stand in place of
        some of the edges'.
        """
        all_multipliers = self._edges_of(index) | dict(multipliers or {})
        return System(self.who.caregivers, _resolved(self.who, all_multipliers, index))

    def _edges_of(self, index: Any) -> dict[str, Any]:
        """The edges' multipliers of the dyads at `index`; None for all."""
        every = slice(None) if index is None else index
        return {k: np.asarray(v)[every] if np.ndim(v) else v for k, v in self.edges.items()}

    def run(
        self, y: FloatArray, index: IntArray, multipliers: Mapping[str, Any] | None = None
    ) -> Period:
        """Once through the period from `y` (n_states, m).

        Parameters
        ----------
        index : which dyad each column is, shape (m,).
        multipliers : edge name -> multiplier of each column, or what stands in for one.
        """
        # What stands in for a number, as where the loop is opened, is for arrays alone.
        if plain_numbers(multipliers) and COMPILES:
            return self._compiled(y, index, multipliers)
        if multipliers is None and len(index) <= FEW:
            done = [
                self._through(self.system(int(i)), y[:, k], int(i), True)
                for k, i in enumerate(index.tolist())
            ]
            columns = zip(*done, strict=True)
            return Period(*[np.stack(values, axis=1) for values in columns])
        return self._through(self.system(index, multipliers), y, index, False)

    def _compiled(
        self, y: FloatArray, index: IntArray, multipliers: Mapping[str, Any] | None
    ) -> Period:
        code: Any = importlib.import_module(COMPILED)
        key, raw = self._own_parameters if not multipliers else self._parameters(index, multipliers)
        parameters = raw if multipliers else raw[index]
        kernel = code.day_kernel(key)
        tables = self._tables_of_all_edges if self.edges or multipliers else self._tables
        total, end, sums = code.through(kernel, tables, parameters, self._factors, index, y)
        return Period(total / self.days, end, sums / (self.days * DAY))

    @functools.cached_property
    def _own_parameters(self) -> tuple[str, FloatArray]:
        """What names the compiled equations, and every dyad's own parameters."""
        return self._parameters(None, {})

    def _parameters(
        self, index: IntArray | None, multipliers: Mapping[str, Any]
    ) -> tuple[str, FloatArray]:
        """What names the compiled equations, and every column's parameters (m, n_parameters)."""
        code: Any = importlib.import_module(COMPILED)
        # either every edge has its multiplier or none has: two loops to compile, whatever is cut
        all_edges = dict.fromkeys(registry.edges(), 1.0) if self.edges or multipliers else {}
        own_edges = self._edges_of(index)
        parameters = self.system(index, all_edges | own_edges | dict(multipliers)).parameters
        n = len(self.who) if index is None else len(index)
        return code.key_and_table(self.who, parameters, n)

    @functools.cached_property
    def _factors(self) -> FloatArray:
        """The factors of each pace in the order of the compiled loop."""
        code: Any = importlib.import_module(COMPILED)
        factors: FloatArray = code.by_dyad(self._own_parameters[0], self._paces[1])
        return factors

    @functools.cached_property
    def _paces(self) -> tuple[IntArray, FloatArray]:
        """The number of each stretch's pace, and each pace's factors, (n_paces, 5, n_states, n)."""
        numbers: dict[tuple[int, float], int] = {}
        factors, numbers_of_stretches = [], []
        for s in self.plan[1]:
            # Lengths that differ by rounding share their factors, which they do not change.
            key = (s.inputs, round(s.step, 6))
            if key not in numbers:
                numbers[key] = len(numbers)
                decay = self.decay[s.inputs]
                factors.append(np.stack(pace_factors(decay, s.step)))
            numbers_of_stretches.append(numbers[key])
        return np.array(numbers_of_stretches), np.stack(factors)

    @functools.cached_property
    def _tables(self) -> Any:
        """The period as arrays, for the compiled loop over whole edges."""
        return self._tables_for(self._equations)

    @functools.cached_property
    def _tables_of_all_edges(self) -> Any:
        """The period as arrays, for the compiled loop in which every edge has its multiplier."""
        return self._tables_for(self.system(multipliers=dict.fromkeys(registry.edges(), 1.0)))

    def _tables_for(self, equations: System) -> Any:
        code: Any = importlib.import_module(COMPILED)
        inputs, stretches = self.plan
        rows = [
            (s.inputs, number, s.count)
            for s, number in zip(stretches, self._paces[0].tolist(), strict=True)
        ]
        levels = [equations.piece_values(levels, self.usual) for levels in inputs]
        times = np.array([(s.start, s.step) for s in stretches])
        return code.PeriodTables(
            np.array(rows), times[:, 0].copy(), times[:, 1].copy(), np.array(levels, dtype=float)
        )

    def _through(self, system: System, y: FloatArray, index: Any, single: bool) -> Period:
        """The period in plain floats (`single`: one column) or arrays, as `run`."""
        inputs, stretches = self.plan
        with np.errstate(all="ignore"):  # what is not finite stays so and is judged by who asked
            rates = [self._rates(system, levels, single) for levels in inputs]
            factors: dict[tuple[int, float], PaceFactors] = {}
            total, sums = np.zeros_like(y), np.zeros_like(y)
            for s in stretches:
                key, decay = (s.inputs, round(s.step, 6)), self.decay[s.inputs][:, index]
                pace = factors.setdefault(key, pace_factors(decay, s.step))
                for i in range(s.count):
                    time = s.start + i * s.step
                    y, change, sum_of_step = runge_kutta_step(
                        rates[s.inputs], y, time, s.step, pace
                    )
                    total += change
                    sums += sum_of_step
        return Period(total / self.days, y, sums / (self.days * DAY))

    def _rates(self, system: System, levels: Any, single: bool) -> RatesAt:
        at = system.rates_under(levels, self.usual)
        if single:
            return lambda y, time: _plain(at, y, time)
        return lambda y, time: np.array(at(y, time))

    def _decay(self, system: System, levels: Any) -> FloatArray:
        """How fast the fast states forget themselves at rest, and those that swing."""
        rates = system.rates_under(levels, self.usual)
        fast = fast_places(self.who.caregivers)
        decay = own_decays(rates, self.rest, 0.0, fast)
        rows, p = state_rows(self.who.caregivers), self.who.resolved()
        parameters = dict(zip(self.who.members, (*p.caregivers, p.infant), strict=True))
        for name in self.swinging:
            own = time_constant(rows[name], parameters[name.partition(".")[0]])
            decay[list(rows).index(name)] = 1 / own
        return decay


def plain_numbers(multipliers: Mapping[str, Any] | None) -> bool:
    """Whether all multipliers are numbers, and nothing stands in for one.

    >>> plain_numbers({"infant.x": 0.5}), plain_numbers({"infant.x": object()})
    (True, False)
    """
    return all(isinstance(v, int | float | np.ndarray) for v in (multipliers or {}).values())


def graded(inputs: int, start: float, stop: float, step: float) -> list[Stretch]:
    """A stretch of constant input in short steps at first, while what its edge set off is fast,
    then in long ones.

    >>> [(s.start, s.step, s.count) for s in graded(0, 0.0, 30.0, 5.0)][:2]
    [(0.0, 1.0, 1), (1.0, 2.0, 1)]
    """
    stretches, time = [], start
    for first in SHORT:
        if first < step and stop - time > first + 1e-9:
            stretches.append(Stretch(inputs, time, first, 1))
            time += first
    # Equal steps to the edge, none longer than asked for; no sliver at the end.
    count = int(np.ceil((stop - time) / step - 1e-9))
    return [*stretches, Stretch(inputs, time, (stop - time) / count, count)]


def _plain(at: Callable[[Any, Any], list[Any]], y: FloatArray, time: float) -> FloatArray:
    try:
        return np.array(at(y.tolist(), time))
    except (OverflowError, ZeroDivisionError):  # plain floats raise where arrays hold infinity
        return np.full_like(y, np.nan)


def _resolved(family: Family, edges: Mapping[str, Any], index: Any) -> Any:
    """The parameters of the dyads at `index`; the edges' multipliers are already one a column."""
    resolved = family.resolved(index=index)
    # Whole edges have no multiplier, and fewer operations.
    if not edges:
        return resolved
    # Edges come one a column, parameters one a dyad: resolved apart, then joined.
    whole = family.resolved(edges)
    caregivers = tuple(
        c._replace(edges=w.edges)
        for c, w in zip(resolved.caregivers, whole.caregivers, strict=True)
    )
    return resolved._replace(
        caregivers=caregivers, infant=resolved.infant._replace(edges=whole.infant.edges)
    )
