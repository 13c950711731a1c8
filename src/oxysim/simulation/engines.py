"""Which engine carries an ensemble over its schedules: SciPy's solvers, or the compiled lanes."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.errors import InputError, require_extra, unknown_name
from oxysim.schedule import Realised
from oxysim.simulation.scipy_engine import Solver, Task, integrate
from oxysim.simulation.timetable import timetables

FloatArray = npt.NDArray[np.float64]
ENGINES = ("auto", "scipy", "compiled")
WORTHWHILE = 8  # dyads from which "auto" compiles: they fill the lanes
Carry = Callable[[Task, Sequence[Realised], FloatArray, dict[int, str]], FloatArray]
"""Carry an ensemble from the start to the end of its schedules.

Takes the task, one realised schedule a dyad (identical objects where shared), the state at the start (n_states, n) and
the failures: those in it are left out, and new ones are added. Returns the state at the end, NaN where left out.
"""


def engine(name: str, n: int, solver: Solver | None) -> str:
    """The engine that is meant: "scipy" or "compiled".

    "auto" takes the compiled engine where it is installed, for ensembles of at least eight dyads, unless the solver
    asks for one of SciPy's methods; and for any number where the solver asks for single precision.

    Raises
    ------
    UnknownNameError : no such engine. MissingExtraError : "compiled" without Numba.
    InputError : "compiled" with a method of SciPy's, or single precision without "compiled".
    """
    if name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)
    chosen = solver is not None and solver.method != Solver().method
    single = solver is not None and solver.precision == "single"
    if single and (name == "scipy" or chosen):
        raise InputError("precision 'single' belongs to the compiled engine; found one of SciPy's")
    if name == "compiled" or single:
        require_extra("numba", "fast")
        if solver is not None and chosen:
            raise InputError(f"engine 'compiled' has its own method; found Solver(method={solver.method!r})")
        return "compiled"
    worth = n >= WORTHWHILE and not chosen and compiles()
    return "compiled" if name == "auto" and worth else "scipy"


def compiles() -> bool:
    """Whether the compiled engine is installed."""
    return importlib.util.find_spec("numba") is not None


def for_ensembles(rtol: float) -> Solver:
    """What carries many dyads to a coarse tolerance: single precision, where the compiled engine is installed."""
    return Solver(rtol=rtol, precision="single") if compiles() else Solver(rtol=rtol)


def carrier(name: str) -> Carry:
    """What carries an ensemble with the engine `name`."""
    if name == "compiled":
        # Numba takes a second to import, and may not be there
        compiled: Any = importlib.import_module("oxysim.simulation.compiled_engine")
        carry: Carry = compiled.carry
        return carry
    return carry_with_scipy


def carry_with_scipy(
    task: Task, plans: Sequence[Realised], y: FloatArray, failures: dict[int, str], *, apart: bool | None = None
) -> FloatArray:
    """:data:`Carry` with SciPy; `apart` as in :func:`timetables`, by default as the method needs it."""
    times = task.output_times()
    end = np.full_like(y, np.nan)
    alone = not task.solver.stacks if apart is None else apart
    for table in timetables(plans, task.who.ages(), times, apart=alone, noise=task.noise):
        running = table.without(failures)
        if len(running.index):
            end[:, running.index] = integrate(task, running, y[:, running.index], failures)
    return end


carry_stacked: Carry = functools.partial(carry_with_scipy, apart=False)
