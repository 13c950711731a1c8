"""Basins and pulses of averaged days held against the full model, run at the same frozen age.

The averaged system's stable regimes say where a run has arrived; the full model says how it gets
there (:mod:`oxysim.loop.full_model.frozen_runs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.loop.full_model.frozen_runs import COARSE, FrozenRuns
from oxysim.loop.resilience.basins import UNDECIDED, Attractors, Basins
from oxysim.progress import Bar, counting
from oxysim.schedule import Realised
from oxysim.simulation.scipy_engine import Solver

LOOK = 21  # days between two looks whether a course has arrived
LONGEST = 1512  # days until a course must have arrived, about as of the averaged system


def full_ends(
    attractors: Attractors, y: FloatArray, *, solver: Solver = COARSE, bar: Bar | None = None
) -> IntArray:
    """In which of the averaged system's stable regimes the full model ends from each state, or
    UNDECIDED.

    Parameters
    ----------
    found : the regimes, from :func:`~oxysim.loop.resilience.basins.ends`. y : states at midnight,
        shape (n_states, m).

    Raises
    ------
    InputError : the equations could not be integrated.

    >>> import oxysim as ox
    >>> from oxysim.loop import AveragedSystem
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> from oxysim.loop import ends
    >>> found = ends(system)
    >>> full_ends(found, FrozenRuns(system).states_of_means(found.stable))
    array([0, 1])
    """
    # all run on side by side, and after every LOOK days it is asked who has arrived
    courses, places = FrozenRuns(attractors.system, solver), np.array(attractors.system.places)
    plan, y = courses.plan(), y.copy()
    arrived, bar = attractors.regime_of(y[places]), bar or Bar("start")
    bar.advance(int((arrived != UNDECIDED).sum()))
    for _ in range(LONGEST // LOOK):
        # only who has not arrived goes on
        going = np.flatnonzero(arrived == UNDECIDED)
        if not len(going):
            break
        y[:, going] = courses.integrate_periods(
            y[:, going], [plan] * len(going), LOOK // attractors.system.days
        )
        arrived[going] = attractors.regime_of(y[np.ix_(places, going)])
        bar.advance(int((arrived[going] != UNDECIDED).sum()))
    return arrived


def full_basins(
    basins: Basins, *, solver: Solver = COARSE, progress: bool | None = None
) -> IntArray:
    """The same grid of starts followed by the full model: number of the regime each ends in, shape
    (ny, nx).

    The fast states begin on their cycle under each start.

    Parameters
    ----------
    basins : what :func:`~oxysim.loop.resilience.basins.basins` found. solver : of the full model.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : as by :func:`full_ends`.

    >>> import oxysim as ox
    >>> from oxysim.loop import AveragedSystem
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> from oxysim.loop import basins
    >>> found = basins(
    ...     system, ("mother.depression", [5.0, 25.0]), ("mother.bond", [0.3, 0.7]),
    ...     refine=0, finer=1, progress=False)
    >>> full_basins(found, progress=False).tolist() == found.regime.tolist()
    True
    """
    checks.instance(basins, "basins", Basins, "what basins(system, x, y) found")
    solver = _solver(solver)
    attractors, names = basins.ends, basins.ends.system.names
    x = np.empty((len(names), basins.regime.size))
    for i, name in enumerate(names):
        if name in basins.start:
            x[i] = basins.start[name]
    x[[names.index(name) for name in basins.names]] = np.array(
        np.meshgrid(basins.x, basins.y)
    ).reshape(2, -1)
    y = FrozenRuns(attractors.system, solver).states_of_means(x)
    with counting(basins.regime.size, "basins of the full model", "start", progress) as bar:
        return full_ends(attractors, y, solver=solver, bar=bar).reshape(basins.regime.shape)


def full_pulses(
    found: Attractors,
    days: Sequence[float],
    level: Sequence[float],
    *,
    solver: Solver = COARSE,
    progress: bool | None = None,
) -> IntArray:
    """In which regime the full model ends after stressful life events, from the lowest regime,
    shape (n,).

    Parameters
    ----------
    found : the regimes. days : how long each lasts, whole periods of the day. level : how much, in
        standard deviations of daily life, both of shape (n,).
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : shapes that differ, a length that is no whole number of periods; and as by
    :func:`full_ends`.

    >>> import oxysim as ox
    >>> from oxysim.loop import AveragedSystem
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> from oxysim.loop import ends
    >>> full_pulses(ends(system), days=[7], level=[0.5], progress=False)  # too small a pulse
    array([0])
    """
    checks.instance(found, "found", Attractors, "the regimes of averaged days, from ends(system)")
    courses = FrozenRuns(found.system, _solver(solver))
    length, size = checks.array(days, "days", (None,)), checks.array(level, "level", (None,))
    periods = length / found.system.days
    if length.shape != size.shape:
        raise InputError(
            f"expected as many durations as levels, at least one; found {days!r} and {level!r}"
        )
    if not ((periods >= 1) & (periods == np.round(periods))).all():
        raise InputError(f"days: expected whole periods of {found.system.days} d; found {days!r}")
    plans = [courses.plan(size_now) for size_now in size.tolist()]
    y = np.repeat(courses.states_of_means(found.stable[:, :1]), len(length), axis=1)
    with counting(len(length), "pulses of the full model", "start", progress) as bar:
        return _after_pulses(courses, found, (y, periods, plans), bar)


def _after_pulses(
    courses: FrozenRuns,
    attractors: Attractors,
    pulses: tuple[FloatArray, FloatArray, list[Realised]],
    bar: Bar,
) -> IntArray:
    """In which regime each of the states (n_states, n) ends after so many periods
    of its own plan.
    """
    (y, periods, plans), elapsed = pulses, 0
    # all that still go on, to the next end of one
    for until in np.unique(periods).astype(int).tolist():
        going = np.flatnonzero(periods >= until)
        y[:, going] = courses.integrate_periods(
            y[:, going], [plans[i] for i in going], until - elapsed
        )
        elapsed = until
    return full_ends(attractors, y, solver=courses.solver, bar=bar)


def _solver(solver: Any) -> Solver:
    return checks.instance(solver, "solver", Solver, "a Solver, such as Solver(rtol=1e-4)")
