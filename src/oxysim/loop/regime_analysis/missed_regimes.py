"""Has a regime been missed? Long simulations of the full model from scattered starts, held against
the list.

Every dyad is begun at many random states and run by the full model at its frozen infant age,
all dyads side by side, until it has come to one of its stable regimes that were found. Of what has
come to none within the time, Newton's method on the full model's map asks whether a stable cycle is
there: if so, it was missed. If not, the run is still under way: where two regimes have only just
vanished at a fold, a dyad lingers for years.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import require_seed
from oxysim.errors import InputError
from oxysim.families import combine
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.equilibrium_search import SCATTERED
from oxysim.loop.full_model.frozen_model import (
    STEADY,
    FrozenModel,
    PoincareMap,
    floquet_multipliers,
)
from oxysim.loop.regime_analysis.regimes import Regimes
from oxysim.model.slow_states import tells_regime
from oxysim.progress import Bar, counting
from oxysim.schedule import STAGES
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.scipy_engine import Solver
from oxysim.texts import Described
from oxysim.units import DAY

COARSE = for_ensembles(1e-4)
STACKED = Solver("RK45", rtol=1e-4)
LONGEST_PIECE = 28  # days that are run in one piece
WIDTH = 2.0  # of the starts to each side of the dyad's own, on each slow state's own scale
CLOSE = 0.3  # EPDS points from a regime, within which a run has come to it
BESIDE = 0.15  # the same of the other slow states, each on its own scale
NOWHERE = -1
ASKED = 3  # runs of a dyad from which a cycle is sought: the lowest, the highest and one between
ASIDE = 0.5  # EPDS points to each side of them
MOST_STARTS = 100_000  # of a dyad: all stand side by side in memory
SAME = 0.05  # EPDS points between two cycles that are one
YEAR = 365.0  # days


@dataclass(frozen=True, eq=False)
class LongRuns(Described):
    """Where long simulations ended.

    Attributes
    ----------
    table : one row a dyad: `stable`, how many stable regimes were found beforehand; `runs`;
        `arrived`, how many of them came to one of those; `reached`, how many of those were come to;
        `longest`, days until the last arrived; `failed`, how many could not be integrated;
        `under_way`, how many had not arrived; `drift`, by how many EPDS points a year those move
        where they move least, by the full model at a tight tolerance; `elsewhere`, the depression
        at midnight of each stable cycle beside them that is not in the list.
    regime : number of the stable regime that each run came to, or -1, shape (n, starts).
    depression : of the first caregiver at midnight at the end of each run, shape (n, starts).
    days : days that each run took, shape (n, starts).
    seconds : wall time.

    >>> table = pd.DataFrame({"elsewhere": [[], [14.2]], "failed": [0, 0]}, index=[1, 2])
    >>> runs = LongRuns(table, np.zeros((2, 1), int), np.zeros((2, 1)), np.zeros((2, 1)), 1.0)
    >>> list(runs.missed.index)  # the second has a stable cycle that is not in its list
    [2]
    """

    table: pd.DataFrame
    regime: IntArray
    depression: FloatArray
    days: FloatArray
    seconds: float

    @property
    def missed(self) -> pd.DataFrame:
        """The rows of the dyads that have a stable regime which was not found, or of which a run
        failed.
        """
        return self.table[(self.table["elsewhere"].str.len() > 0) | (self.table["failed"] > 0)]

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        lines = str(self).split("\n")
        return "Long runs", [("", line) for line in lines[:4]]

    def __str__(self) -> str:
        t = self.table
        several = int((t["stable"] > 1).sum())
        lines = [
            f"{len(t)} dyads ({several} with more than one stable regime), {int(t['runs'].sum())}"
            f" long simulations of the full model: {int(t['arrived'].sum())} came to a stable"
            f" regime that was found, the last after {t['longest'].max():.0f} days;"
            f" {int(t['reached'].sum())} of {int(t['stable'].sum())} stable regimes were come to;"
            f" {self.seconds:.0f} s"
        ]
        for row in t[t["under_way"] > 0].itertuples():
            cycles = ", ".join(f"{depression:.2f}" for depression in row.elsewhere)
            lines.append(
                f"dyad {row.Index}: missed, a stable cycle at depression {cycles}"
                if cycles
                else (
                    f"dyad {row.Index}: {row.under_way} of {row.runs} still under way, by"
                    f" {row.drift:.2g} EPDS points a year where they move least; no further stable"
                    " cycle is there"
                )
            )
        lines += [
            f"dyad {row.Index}: {row.failed} runs failed" for row in t[t["failed"] > 0].itertuples()
        ]
        return "\n".join(lines)


def long_runs(
    found: Sequence[Regimes],
    *,
    starts: int = 50,
    seed: int = 0,
    longest: int = 2000,
    progress: bool | None = None,
) -> LongRuns:
    """Run every dyad from `starts` random states by the full model until it comes to a regime.

    Parameters
    ----------
    found : the regimes of one or more dyads of one age, on the same day with the same edges.
    starts : how many a dyad: depression anywhere between 1 and 28 EPDS points, every other slow
        state within two units of its own scale (logit where it has a floor and a top) of where the
        dyad starts.
    longest : days after which a run ends wherever it is.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : nothing given, a number that cannot be, or dyads that do not share age, day and
    edges.

    >>> import oxysim as ox
    >>> from oxysim.loop import regimes
    >>> found = regimes(ox.Dyad(), starts=0, progress=False)
    >>> runs = long_runs([found], starts=1, longest=28, progress=False)
    >>> runs.table["failed"].tolist()
    [0]
    """
    checks.whole_number(starts, "starts", 1, MOST_STARTS)
    checks.whole_number(longest, "longest", 1)
    require_seed(seed)
    regimes = "regimes of dyads, from regimes(dyad)"
    found = checks.sequence(
        found,
        "found",
        lambda entry, argument: checks.instance(entry, argument, Regimes, regimes),
        of=regimes,
    )
    began = time.perf_counter()
    system = _together(found)
    dyad = np.repeat(np.arange(len(found)), starts)
    y = system.cycle(_scattered(system, dyad, seed), dyad)
    with counting(len(dyad), "long simulations", "run", progress) as bar:
        regime, y, days = _run_until_arrived(found, system, (dyad, y), longest, bar)

    shape = (len(found), starts)
    regime, days = regime.reshape(shape), days.reshape(shape)
    depression = y[system.places[0]].reshape(shape)
    rows = []
    for number, regimes_of_dyad in enumerate(found):
        # those that failed are counted, and of the others that have not arrived the map is asked
        of_dyad = y[:, dyad == number]
        under_way = (regime[number] == NOWHERE) & np.isfinite(of_dyad).all(axis=0)
        counts = _row(regimes_of_dyad, regime[number], depression[number], days[number])
        rows.append(counts | _asked(regimes_of_dyad, of_dyad[:, under_way]))
    seconds = time.perf_counter() - began
    return LongRuns(pd.DataFrame(rows), regime.astype(np.int64), depression, days, seconds)


def _run_until_arrived(
    regimes_by_dyad: Sequence[Regimes],
    system: AveragedSystem,
    starts: tuple[IntArray, FloatArray],
    longest: int,
    bar: Bar,
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Number of the regime that each run came to, or NOWHERE, its last state, and its days.

    `starts` has the dyad of each run (m,) and its state (n_states, m).
    """
    dyad, y = starts
    regime, days = np.full(len(dyad), NOWHERE), np.zeros(len(dyad))
    piece, places = _piece(system), np.array(system.places)
    model = FrozenModel(system, COARSE, STACKED, piece)

    going = np.arange(len(dyad))
    while len(going) and days[going[0]] < longest:
        y[:, going] = model.after(model.task(dyad[going]), y[:, going])
        days[going] += piece
        regime[going] = _come_to(regimes_by_dyad, dyad[going], y[np.ix_(places, going)], system)

        before = len(going)
        finite = np.isfinite(y[:, going]).all(axis=0)
        going = going[(regime[going] == NOWHERE) & finite]
        bar.advance(before - len(going))
        bar.note(f"day {days.max():.0f}")
    return regime, y, days


def _together(regimes_by_dyad: Sequence[Regimes]) -> AveragedSystem:
    """The averaged system of all the dyads."""
    systems = [regimes.system for regimes in regimes_by_dyad]
    first = systems[0]
    for number, system in enumerate(systems):
        if (
            system.routine != first.routine
            or system.edges != first.edges
            or system.days != first.days
        ):
            raise InputError(
                "long_runs: expected dyads on the same day with the same edges; those of entry"
                f" {number + 1} differ from those of the first; take them by themselves"
            )
    dyads = combine([regimes.day.who for regimes in systems])
    return replace(first, dyad=dyads, age=None)


def _scattered(system: AveragedSystem, dyad: IntArray, seed: int) -> FloatArray:
    """Random slow states (k, m), for dyad after dyad."""
    # a generator of its own, from the seed alone
    random = np.random.default_rng(seed)
    centre = system.start.reshape(len(system.names), -1)[:, dyad]
    x = system.spread_about(centre, random.uniform(-WIDTH, WIDTH, centre.shape))
    for i, name in enumerate(system.names):
        if tells_regime(name):
            x[i] = random.uniform(*SCATTERED, x.shape[1])
    return x


def _piece(system: AveragedSystem) -> int:
    """Days that can be run in one piece from the frozen age on: the typical day changes with
    the stage of age.
    """
    # the usual day and the usual signals are those of one stage
    age, period = float(system.day.who.ages()[0]) / DAY, system.day.days
    to_next_stage = min([day - age for day in STAGES if day > age], default=float(LONGEST_PIECE))
    return period * max(1, int(min(to_next_stage, LONGEST_PIECE) // period))


def _come_to(
    regimes_by_dyad: Sequence[Regimes], dyad: IntArray, x: FloatArray, system: AveragedSystem
) -> IntArray:
    """The number of the stable regime that each column (k, m) of slow states has come to, or
    NOWHERE.
    """
    # nearness is judged on the states' own scales, of depression in points
    z, regime = system.stretched(x), np.full(x.shape[1], NOWHERE)
    for number, regimes in enumerate(regimes_by_dyad):
        columns = np.flatnonzero(dyad == number)
        for k, stable in enumerate(regimes.stable):
            at = np.array([stable.state[name] for name in system.names])[:, None]
            near = np.abs(x[0, columns] - at[0]) < CLOSE
            near &= (np.abs(z[1:, columns] - system.stretched(at)[1:]) < BESIDE).all(axis=0)
            regime[columns[near]] = k
    return regime


def _row(regimes: Regimes, into: IntArray, ends: FloatArray, days: FloatArray) -> dict[str, Any]:
    arrived, completed = into != NOWHERE, np.isfinite(ends)
    return {
        "stable": len(regimes.stable),
        "runs": len(into),
        "arrived": int(arrived.sum()),
        "reached": len(set(into[arrived].tolist())),
        "longest": float(days[arrived].max(initial=0.0)),
        "failed": int((~completed).sum()),
        "under_way": int((~arrived & completed).sum()),
    }


def _asked(regimes: Regimes, y: FloatArray) -> dict[str, Any]:
    """Whether the full model has a stable cycle beside states (n_states, m) that have not arrived,
    and how they move.
    """
    if not y.shape[1]:
        return {"drift": np.nan, "elsewhere": []}
    full, depression = PoincareMap(regimes.system), regimes.system.places[0]
    y = y[
        :,
        np.argsort(y[depression])[
            np.linspace(0, y.shape[1] - 1, min(y.shape[1], ASKED)).astype(int)
        ],
    ]
    # by the map at its tight tolerance: a slow drift may be below the runs' own error
    drift = np.abs(full(y) - y)[depression].min() / regimes.system.days * YEAR
    # each run, and a little to both sides of it
    starts = np.repeat(y, 3, axis=1)
    starts[depression] += np.tile([0.0, ASIDE, -ASIDE], y.shape[1])
    cycles, gap, slopes = full.steady(starts)
    elsewhere: list[float] = []
    for i in np.flatnonzero(gap <= STEADY).tolist():
        epds = float(cycles[depression, i])
        listed = [*elsewhere, *(stable.state[regimes.system.names[0]] for stable in regimes.stable)]
        beside = np.abs(y[depression] - epds).min() < 2 * ASIDE
        if (
            beside
            and abs(floquet_multipliers(slopes[i])[0]) < 1
            and all(abs(epds - known_epds) > SAME for known_epds in listed)
        ):
            elsewhere.append(epds)
    return {"drift": float(drift), "elsewhere": sorted(elsewhere)}
