"""The SciPy engine: ``solve_ivp`` from edge to edge, dyads stacked where the method allows it.

Explicit methods step a stack of dyads together; SciPy's one error norm over the stack would hide
the worst dyad, so the tolerances are tightened by the square root of the number of dyads. LSODA,
BDF and Radau run dyad by dyad, with the exact Jacobian. A dyad that fails is taken out of its
stack, recorded with its reason, and the others go on.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import choice
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.model import registry
from oxysim.model.structure import Parameters, Usual
from oxysim.per_dyad import PerDyad
from oxysim.progress import Bar
from oxysim.simulation.equations.python_code import table_of_leaves
from oxysim.simulation.equations.system import System, jacobian, state_rows
from oxysim.simulation.input_pieces import InputPieces
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.recorder import Recorder
from oxysim.texts import Called

EXPLICIT = ("RK45", "DOP853")
METHODS = (*EXPLICIT, "LSODA", "BDF", "Radau")
PRECISIONS = ("double", "single")
# What is asked of a method for each unit of the user's rtol, so that the error of the answer
# (between steps too) stays within about ten times rtol for every method: measured in
# benchmarks/accuracy.py and, of RK45, in 200 random cases (decision 0071). DOP853 takes steps so
# long that its interpolant, which no error estimate watches, loses a factor of ten; BDF restarts at
# order 1 at every edge.
TIGHTENING = {"RK45": 0.8, "DOP853": 0.1, "LSODA": 0.5, "BDF": 0.25, "Radau": 1.0}
SMALLEST_RTOL = 2.3e-14  # below this SciPy would silently raise the tolerance


@dataclass(frozen=True)
class Solver(Called):
    """How to integrate: method by SciPy's name, relative tolerance, longest step, and a limit of
    evaluations.

    ``rtol`` bounds the error of a step relative to the state; the absolute tolerance is ``rtol``
    times a tenth of each state's typical size. ``fixed_step`` (min) turns error control off (for
    studies of convergence). ``max_evaluations`` bounds the calls of the equations in one piece of
    constant input; a dyad that needs more fails with that reason. ``precision="single"`` lets the
    compiled engine evaluate the equations in single precision, sixteen dyads side by side (states
    and steps stay double): for sweeps, at ``rtol`` of 1e-5 or more.

    Raises
    ------
    UnknownNameError : no such method. InputError : tolerances or steps that are not positive and
    finite.

    >>> Solver("DOP853", rtol=1e-8).stacks
    True
    """

    method: str = "RK45"
    rtol: float = 1e-6
    max_step: float = np.inf
    fixed_step: float | None = None
    max_evaluations: int = 200_000
    precision: str = "double"

    def __post_init__(self) -> None:
        choice(self.method, "method", METHODS)
        if not (_is_number(self.rtol) and 1e-13 <= self.rtol <= 1e-2):
            raise InputError(f"rtol: expected a number in [1e-13, 0.01]; found {self.rtol!r}")
        for name in ("max_step", "fixed_step"):
            step = getattr(self, name)
            if not (name == "fixed_step" and step is None) and not (_is_number(step) and step > 0):
                raise InputError(f"{name}: expected a positive number of minutes; found {step!r}")
        if self.fixed_step is not None and not self.stacks:
            raise InputError(
                f"fixed_step: expected one of the methods {', '.join(EXPLICIT)}; found"
                f" {self.method!r}"
            )
        choice(self.precision, "precision", PRECISIONS)
        if self.precision == "single" and self.rtol < 1e-5:
            raise InputError(
                f"precision 'single': expected an rtol of at least 1e-5; found {self.rtol!r}"
            )
        # NaN is no limit
        if not _is_number(self.max_evaluations) or not self.max_evaluations >= 100:
            raise InputError(
                "max_evaluations: expected a number of at least 100; found"
                f" {self.max_evaluations!r}"
            )

    @property
    def stacks(self) -> bool:
        """Whether dyads step together."""
        return self.method in EXPLICIT

    def options(self, scale: FloatArray, n: int) -> dict[str, Any]:
        """Keyword arguments of ``solve_ivp`` for a stack of `n` dyads; `scale` is each state's
        typical size.

        >>> sorted(Solver().options(np.ones(31), 1))
        ['atol', 'max_step', 'rtol']
        """
        if self.fixed_step is not None:
            return {
                "rtol": 1e6,
                "atol": 1e6,
                "max_step": self.fixed_step,
                "first_step": self.fixed_step,
            }
        # One norm over the stack is a mean of squares: one dyad's error counts an n-th in it.
        rtol = max(self.rtol * TIGHTENING[self.method] / np.sqrt(n), SMALLEST_RTOL)
        return {"rtol": rtol, "atol": np.repeat(0.1 * rtol * scale, n), "max_step": self.max_step}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


class Failure(Exception):  # noqa: N818 - an outcome of a dyad, never raised to a user
    """A stack could not be integrated over a piece; the message is the reason.

    >>> str(Failure("the step became too small at day 3, 10:00"))
    'the step became too small at day 3, 10:00'
    """


DEFAULT_SOLVER = Solver()
"""Of every run for which none is named."""


@dataclass(frozen=True, eq=False)
class Task:
    """What to integrate: whose equations, with which edges, how precisely, what to hold still, who
    records, the daily lives of the dyads, if they have any, and the bar to move on, if anybody sees
    one.

    >>> from oxysim.simulation.equations.system import state_rows
    >>> Task(Family(), {}, Solver(), hold_slow=True).moving().sum() < len(state_rows(("mother",)))
    np.True_
    """

    who: Family
    edges: Mapping[str, Any]
    solver: Solver
    recorder: Recorder | None = None
    hold_slow: bool = False
    # in place of the stored usual signals, while those are being computed
    usual: Usual | None = None
    noise: NoisePaths | None = None
    bar: Bar | None = None

    def system(self, index: IntArray) -> System:
        """The equations of the dyads at `index`."""
        return System(
            self.who.caregivers,
            self.who.resolved(self.edges, index if len(index) > 1 else int(index[0])),
        )

    @functools.cached_property
    def parameters(self) -> tuple[Parameters, FloatArray]:
        """The parameters of all dyads, and the same as a table (n, n_parameters), for the compiled
        engine.
        """
        # either every edge has its multiplier or none has: two loops to compile for a family,
        # whatever is cut
        all_edges = dict.fromkeys(registry.edges(), 1.0) if self.edges else {}
        resolved = self.who.resolved(all_edges | dict(self.edges))
        return resolved, table_of_leaves(resolved, len(self.who))

    def output_times(self) -> PerDyad[FloatArray]:
        """Each dyad's output times; none where nothing is recorded."""
        if self.recorder is None:
            return PerDyad.shared(np.empty(0), len(self.who))
        return self.recorder.each

    def moving(self) -> FloatArray:
        """1 for a state that moves, 0 for one that is held still, shape (n_states, 1)."""
        rows = state_rows(self.who.caregivers).values()
        return np.array([[0.0 if self.hold_slow and row.pace != "fast" else 1.0] for row in rows])


def integrate_pieces(
    task: Task, table: InputPieces, y0: FloatArray, failures: dict[int, str]
) -> FloatArray:
    """Integrate a stack over all its pieces.

    Parameters
    ----------
    y0 : shape (n_states, n) for the stack's dyads.
    failures : filled with dyad position -> reason; a failed dyad's remaining outputs stay NaN.

    Returns
    -------
    The state at the end, shape (n_states, n); NaN for dyads that failed.

    >>> from oxysim.schedule import Routine, Schedule
    >>> from oxysim.simulation.equations.resting_state import resting_start
    >>> from oxysim.simulation.input_pieces import realise, stacked_pieces
    >>> who = Family()
    >>> task = Task(who, {}, Solver("RK45"))
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 1), 480.0, 490.0)
    >>> (pieces,) = stacked_pieces(plans, who.ages(), task.output_times(), separate=False)
    >>> failures = {}
    >>> y = integrate_pieces(task, pieces, resting_start(who), failures)
    >>> bool(np.isfinite(y).all()), failures
    (True, {})
    """
    y_end = np.full_like(y0, np.nan)
    work = [(np.arange(len(table.index)), 0, y0)]
    with np.errstate(all="ignore"):  # whatever is not finite becomes a dyad's reason, not a warning
        _work_off(task, table, work, y_end, failures)
    return y_end


def _work_off(
    task: Task,
    table: InputPieces,
    work: list[tuple[Any, int, FloatArray]],
    y_end: FloatArray,
    failures: dict[int, str],
) -> None:
    """Integrate every stack of `work` to the end; one that fails is halved until the dyad at fault
    stands alone.
    """
    while work:
        chosen, first, y = work.pop()
        stack_pieces = table if len(chosen) == len(table.index) else table.take(chosen)
        stack = _Stack(task, task.system(stack_pieces.index), stack_pieces)
        try:
            for piece in range(first, stack_pieces.n_pieces):
                y = stack.advance(piece, y)
                if task.bar is not None:
                    length = stack_pieces.edges[piece + 1] - stack_pieces.edges[piece]
                    task.bar.advance_time(float(np.broadcast_to(length, (len(chosen),)).sum()))
        except Failure as failure:
            if len(chosen) == 1:
                hours = (stack_pieces.edges[piece, 0] - stack_pieces.edges[0, 0]) / 60
                failures[int(stack_pieces.index[0])] = (
                    f"{failure}, in the stretch of constant input from {hours:.2f} h on"
                )
                continue
            # Nobody knows who is at fault: halves are tried from this piece on, until one dyad
            # stands alone.
            half = len(chosen) // 2
            work += [(chosen[half:], piece, y[:, half:]), (chosen[:half], piece, y[:, :half])]
            continue
        y_end[:, chosen] = y


class _Stack:
    """Dyads that step together: one piece of constant input after the other."""

    def __init__(self, task: Task, system: System, table: InputPieces) -> None:
        self.task, self.system, self.table = task, system, table
        self.n, self.roles = len(table.index), task.who.role_of
        self.moving = task.moving()
        scale = np.array([row.scale for row in state_rows(system.caregivers).values()])
        self.options = task.solver.options(scale, self.n)
        self.evaluations = 0

    def advance(self, piece: int, y: FloatArray) -> FloatArray:
        """Integrate the stack over one piece and record the outputs that fall into it; returns the
        state at its end.
        """
        table, recorder = self.table, self.task.recorder
        levels = table.inputs(piece)
        usual = self.task.usual or table.usual(piece, self.roles)
        t0, t1 = table.edges[piece], table.edges[piece + 1]
        # Dyads with edges of their own step in shares of their piece, from 0 to 1.
        span: tuple[float, float] = (float(t0[0]), float(t1[0])) if table.shared else (0.0, 1.0)
        outputs = np.empty(0)
        if recorder is not None:
            moment = (self.system, levels, usual)
            if table.shared:
                outputs = recorder.due(table, piece)
            else:
                recorder.at_edge(table, piece, y, moment)
        self.evaluations = 0
        if table.shared:
            origin, length = 0.0, 1.0
        else:
            origin, length = (float(t0[0]), float(t1[0] - t0[0])) if self.n == 1 else (t0, t1 - t0)
        solution = self._solve(span, y, outputs, (levels, usual, origin, length))
        end = np.ascontiguousarray(solution[:, -1]).reshape(y.shape)
        if recorder is not None:
            if len(outputs):
                recorder.within(
                    table, outputs, solution[:, : len(outputs)].reshape(*y.shape, -1), moment
                )
            if piece == table.n_pieces - 1:
                recorder.at_end(table, end, moment)
        return end

    def _solve(
        self, span: tuple[float, float], y: FloatArray, outputs: FloatArray, moment: Any
    ) -> FloatArray:
        """``solve_ivp`` over one piece: the states at the `outputs` times and at the end, shape
        (n_states * n, m + 1).
        """
        rates, exact_jacobian = self._functions(*moment)
        start = y.ravel()
        # from NaN, SciPy's choice of a first step never returns
        self._require_finite(rates(span[0], start))
        options = dict(self.options)
        longest = float(np.max(moment[3]))
        for name in ("max_step", "first_step"):
            if name in options:
                options[name] = min(options[name] / longest, span[1] - span[0])
        # The implicit methods would take it from differences otherwise.
        if self.task.solver.method in ("LSODA", "BDF", "Radau"):
            options["jac"] = exact_jacobian
        times = np.append(outputs, span[1])
        try:
            solution = solve_ivp(
                rates, span, start, method=self.task.solver.method, t_eval=times, **options
            )
        except (ValueError, np.linalg.LinAlgError) as error:
            raise Failure(f"the solver stopped: {error}") from error
        if not solution.success:
            raise Failure(f"the solver stopped: {solution.message}")
        self._require_finite(solution.y[:, -1])
        return np.asarray(solution.y)

    def _functions(self, levels: Any, usual: Usual, origin: Any, length: Any) -> tuple[Any, Any]:
        """The rate of change of the whole stack and, for one dyad, its Jacobian, in the time of the
        piece.
        """
        n, moving, limit = self.n, self.moving, self.task.solver.max_evaluations
        try:
            rates_at = self.system.rates_under(levels, usual)
        except (
            OverflowError,
            ZeroDivisionError,
        ) as error:  # plain floats raise where arrays hold infinity
            raise Failure(f"the parameters give the equations no value ({error})") from error
        # Rates in the time of the piece; states that are held do not move.
        speed = moving * length

        def rates(t: float, v: FloatArray) -> FloatArray:
            self.evaluations += 1
            if self.evaluations > limit:
                raise Failure(
                    f"more than {limit} evaluations of the equations (Solver.max_evaluations)"
                )
            try:
                values = np.array(
                    rates_at(v.tolist() if n == 1 else v.reshape(-1, n), origin + length * t)
                )
            except (OverflowError, ZeroDivisionError) as error:
                raise Failure(f"the equations have no value there ({error})") from error
            return (values.reshape(-1, n) * speed).ravel()

        def exact_jacobian(t: float, v: FloatArray) -> FloatArray:
            return jacobian(rates_at, v, t) * moving

        return rates, exact_jacobian

    def _require_finite(self, values: FloatArray) -> None:
        if np.all(np.isfinite(values)):
            return
        bad = np.flatnonzero(~np.isfinite(values.reshape(-1, self.n)).all(axis=1))
        names = list(state_rows(self.system.caregivers))
        raise Failure(f"not finite: {', '.join(names[i] for i in bad[:3])}")
