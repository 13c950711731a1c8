"""Which engine integrates an ensemble: SciPy's solvers, or the compiled lanes."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import choice
from oxysim.errors import InputError, require_extra
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Realised
from oxysim.simulation.input_pieces import stacked_pieces
from oxysim.simulation.scipy_engine import DEFAULT_SOLVER, Solver, Task, integrate_pieces
from oxysim.units import DAY

ENGINES = ("auto", "scipy", "compiled")

# "auto" weighs work in dyad-days (benchmarks/choice.py, decision 0020). SciPy takes .35 s for a
# dyad's start, .07 s for each day; the compiled engine takes half a second once in a process, then
# next to nothing. The choice looks at the work alone, not at what happens to be compiled already:
# the same call gives the same bits, whatever ran before it.
START_AS_DAYS = 5.0  # what it costs to settle a dyad's start, in days of its run
WORTHWHILE = 16.0  # dyad-days from which "auto" takes the compiled engine: about 1 s of SciPy
Integrator = Callable[[Task, PerDyad[Realised], FloatArray, dict[int, str]], FloatArray]
"""Integrates an ensemble from the start to the end of its schedules.

Takes the task, the dyads' realised schedules, the state at the start (n_states, n) and the
failures: those in it are left out, and new ones are added. Returns the state at the end, NaN where
left out.
"""


def engine(name: str, n: int, solver: Solver | None, length: float = 0.0) -> str:
    """The engine that is meant for `n` dyads over a `length` (min): "scipy" or "compiled".

    "auto" takes the compiled engine where it is installed and :func:`pays`, unless the solver asks
    for one of SciPy's methods; and for any work where the solver asks for single precision.

    Raises
    ------
    UnknownNameError : no such engine. MissingExtraError : "compiled" without Numba.
    InputError : "compiled" with a method of SciPy's, or single precision without "compiled".

    >>> engine("auto", 1, None, 60.0)
    'scipy'
    """
    choice(name, "engine", ENGINES)
    chosen = solver is not None and solver.method != DEFAULT_SOLVER.method
    single = solver is not None and solver.precision == "single"
    if single and (name == "scipy" or chosen):
        raise InputError("precision 'single' belongs to the compiled engine; found one of SciPy's")
    if name == "compiled" or single:
        require_extra("numba", "fast")
        require_extra("platformdirs", "fast")
        if solver is not None and chosen:
            raise InputError(
                f"engine 'compiled' has its own method; found Solver(method={solver.method!r})"
            )
        return "compiled"
    return "compiled" if name == "auto" and not chosen and pays(n, length) else "scipy"


def pays(n: int, length: float = 0.0) -> bool:
    """Whether the compiled engine is installed and worth while for `n` dyads over a `length` in
    minutes: for four at any length, for one from eleven days on.

    >>> pays(1, 60.0)
    False
    """
    return n * (START_AS_DAYS + length / DAY) >= WORTHWHILE and compiles()


def compiles() -> bool:
    """Whether the compiled engine is installed, with all that it needs.

    >>> isinstance(compiles(), bool)
    True
    """
    return all(importlib.util.find_spec(name) is not None for name in ("numba", "platformdirs"))


def for_ensembles(rtol: float) -> Solver:
    """The solver of many dyads to a coarse tolerance: single precision where the compiled engine is
    installed.

    Valid for an `rtol` of 1e-5 and coarser (finer ones are refused): errors stay below ten times
    the tolerance.

    >>> for_ensembles(1e-4).rtol
    0.0001
    """
    return Solver(rtol=rtol, precision="single") if compiles() else Solver(rtol=rtol)


def integrator_for(name: str) -> Integrator:
    """What integrates an ensemble with the engine `name`.

    >>> integrator_for("scipy").__name__
    'integrate_with_scipy'
    """
    if name == "compiled":
        # Numba takes a second to import, and may not be there
        compiled: Any = importlib.import_module("oxysim.simulation.compiled.compiled_engine")
        integrator: Integrator = compiled.integrate
        return integrator
    return integrate_with_scipy


def integrate_with_scipy(
    task: Task,
    plans: PerDyad[Realised],
    y: FloatArray,
    failures: dict[int, str],
    *,
    separate: bool | None = None,
) -> FloatArray:
    """:data:`Integrator` with SciPy; `separate` as in :func:`stacked_pieces`, by default as the
    method needs it.

    >>> from oxysim.families import Family
    >>> from oxysim.schedule import Routine, Schedule
    >>> from oxysim.simulation.equations.resting_state import resting_start
    >>> from oxysim.simulation.input_pieces import realise
    >>> who = Family()
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 1), 480.0, 490.0)
    >>> task = Task(who, {}, Solver("RK45"))
    >>> integrate_with_scipy(task, plans, resting_start(who), {}).shape[1]
    1
    """
    times = task.output_times()
    end = np.full_like(y, np.nan)
    alone = not task.solver.stacks if separate is None else separate
    for table in stacked_pieces(plans, task.who.ages(), times, separate=alone, noise=task.noise):
        running = table.without(failures)
        if len(running.index):
            end[:, running.index] = integrate_pieces(task, running, y[:, running.index], failures)
    return end


integrate_stacked: Integrator = functools.partial(integrate_with_scipy, separate=False)
