"""The frozen day as machine code, where Numba is installed: the same equations and steps, eight
columns side by side.

The equations are the vector instructions of the compiled engine
(``oxysim.simulation.compiled.llvm_code``), in double precision; here they are led through the steps
of ``oxysim.simulation.averaging.frozen_day``, which every column shares. A column's answer does not
depend on who stands beside it, nor on how many threads there are: not in a single bit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numba
import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.model.structure import Parameters
from oxysim.simulation.compiled.compiled_engine import equations_key, lanes_of, threads
from oxysim.simulation.compiled.compiled_system import blocks, compiled_system
from oxysim.simulation.compiled.llvm_code import (
    store_parameter_terms,
    store_piece_terms,
    store_rates,
)
from oxysim.simulation.equations.python_code import table_of_leaves

OPTIONS: Any = {"error_model": "numpy", "fastmath": {"nsz", "contract", "arcp"}}
WORTHWHILE = 64  # columns from which a second thread pays


class PeriodTables(NamedTuple):
    """A period as arrays.

    Attributes
    ----------
    which : (n_stretches, 3) the number of the levels, the number of the pace, and how many steps.
    starts, lengths : (n_stretches,) clock time, and the length of a step, min.
    levels : (n_levels, n_values) inputs and usual signals in the order in which the equations take
    them.

    >>> laid = PeriodTables(
    ...     which=np.array([[0, 0, 6]]), starts=np.array([480.0]), lengths=np.array([10.0]),
    ...     levels=np.zeros((1, 40)),
    ... )
    >>> int((laid.which[:, 2] * laid.lengths).sum())  # one stretch of an hour
    60
    """

    which: IntArray
    starts: FloatArray
    lengths: FloatArray
    levels: FloatArray


class DayKernel(NamedTuple):
    """What a run needs of the equations of one shape.

    Attributes
    ----------
    run : the loop over the columns.
    lanes : columns that stand side by side.
    order : the states in the order of the lanes.
    work : numbers of memory that a thread needs.

    >>> kernel = DayKernel(lambda *arrays: None, lanes=8, order=np.arange(31), work=5000)
    >>> kernel.lanes
    8
    """

    run: Callable[..., None]
    lanes: int
    order: IntArray
    work: int


def key_and_table(family: Family, parameters: Parameters, n: int) -> tuple[str, FloatArray]:
    """What a run needs of parameters: the key of the equations of their shape, and the parameters
    of n dyads or columns as a table, (n, n_parameters).

    >>> who = Family().repeat(3)
    >>> key, table = key_and_table(who, who.resolved(), 3)
    >>> key.split(";")[0], table.shape[0]  # a key begins with the number of caregivers
    ('1', 3)
    """
    return equations_key(family, parameters), table_of_leaves(parameters, n)


def through(
    kernel: DayKernel,
    laid: PeriodTables,
    raw: FloatArray,
    factors: FloatArray,
    index: IntArray,
    y: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Run every column through the period: (integrals of the rates, states at the end, integrals of
    the states), (n_states, m) each.

    Parameters
    ----------
    kernel : of :func:`day_kernel`.
    raw : parameters, (m, n_parameters).
    factors : of :func:`by_dyad`.
    index : which dyad's factors each column takes, (m,).
    y : states at the start, (n_states, m).

    >>> kernel = DayKernel(lambda *arrays: None, 8, np.arange(2), 100)  # it moves nothing
    >>> levels, one = np.zeros((1, 4)), np.ones(1)
    >>> laid = PeriodTables(np.array([[0, 0, 6]]), 480 * one, 10 * one, levels)
    >>> y, index = np.array([[5.4], [0.7]]), np.array([0])
    >>> _, end, _ = through(kernel, laid, np.zeros((1, 3)), np.zeros((1, 1, 5, 2)), index, y)
    >>> end.tolist()
    [[5.4], [0.7]]
    """
    end, m = np.array(y.T, order="C"), y.shape[1]
    total, sums, n = np.zeros(end.shape), np.zeros(end.shape), kernel.lanes

    def run_columns(columns: IntArray) -> None:
        kernel.run(
            columns,
            index,
            raw,
            laid.levels,
            laid.which,
            laid.starts,
            laid.lengths,
            factors,
            kernel.order,
            end,
            total,
            sums,
            np.zeros(kernel.work),
        )

    # Starting a thread costs as much as a few columns.
    number = threads() if m >= WORTHWHILE else 1
    n_blocks = -(-m // n)  # whole blocks for each thread
    parts = [rows * n for rows in np.array_split(np.arange(n_blocks + 1)[:-1], number) if len(rows)]
    chunks = [np.arange(rows[0], min(rows[-1] + n, m)) for rows in parts]
    if len(chunks) > 1:
        with ThreadPoolExecutor(len(chunks)) as pool:
            list(pool.map(run_columns, chunks))
    elif chunks:
        run_columns(chunks[0])
    return total.T, end.T, sums.T


def by_dyad(key: str, factors: FloatArray) -> FloatArray:
    """The factors of a period as the loop reads them: (n, n_paces, 5, n_states), states in the
    lanes' order.

    >>> who = Family()
    >>> key = equations_key(who, who.resolved())
    >>> n_states = len(compiled_system(key).order)
    >>> by_dyad(key, np.ones((2, 5, n_states, 4))).shape[:3]  # 2 paces, 4 dyads
    (4, 2, 5)
    """
    order = list(compiled_system(key).order)
    return np.ascontiguousarray(np.transpose(factors[:, :, order], (3, 0, 1, 2)))


@functools.cache
def day_kernel(key: str) -> DayKernel:
    """What a run needs of the equations that `key` names, compiled at first use.

    >>> who = Family()
    >>> kernel = day_kernel(equations_key(who, who.resolved()))
    >>> kernel.lanes, len(kernel.order)
    (8, 36)
    """
    order = np.array(compiled_system(key).order)
    return DayKernel(_column_loop(key), lanes_of(key), order, blocks(key)["end"])


def _column_loop(key: str) -> Callable[..., None]:
    """The loop over the columns, a block of lanes at a time, for equations of one shape."""
    at, n = blocks(key), lanes_of(key)
    state, n_values = at["y"], n * len(compiled_system(key).order)
    load, enter, paced, step = _loader(key), _setter(key), _pacer(n), _stepper(key)

    @numba.njit(nogil=True, **OPTIONS)
    def run_columns(  # type: ignore[no-untyped-def] # noqa: PLR0913
        columns, index, raw, levels, stretches, starts, lengths, factors, order, y, totals, sums, w
    ):
        factors_of_lanes, total = np.zeros((5, n_values)), np.zeros((4, n_values))
        for base in range(0, columns.size, n):
            load(columns, base, raw, order, y, w)
            total[:] = 0.0
            for s in range(stretches.shape[0]):
                if s == 0 or stretches[s, 0] != stretches[s - 1, 0]:
                    enter(levels[stretches[s, 0]], w)
                if s == 0 or stretches[s, 1] != stretches[s - 1, 1]:
                    paced(columns, base, index, factors, stretches[s, 1], factors_of_lanes)
                for i in range(stretches[s, 2]):
                    step(starts[s] + i * lengths[s], lengths[s], factors_of_lanes, total, w)
            # The lanes that repeat the last column write nothing.
            for lane in range(min(n, columns.size - base)):
                c = columns[base + lane]
                for i in range(order.size):
                    y[c, order[i]] = w[state + i * n + lane]
                    totals[c, order[i]] = total[0, i * n + lane]
                    sums[c, order[i]] = total[1, i * n + lane]

    compiled: Callable[..., None] = run_columns
    return compiled


def _loader(key: str) -> Any:
    """Puts the columns from `base` on into the lanes; a short last block repeats
    its last column.
    """
    at, n = blocks(key), lanes_of(key)
    first, state = at["raw"], at["y"]

    @numba.njit(**OPTIONS)
    def load(columns, base, raw, order, y, w):  # type: ignore[no-untyped-def] # noqa: PLR0913
        for lane in range(n):
            c = columns[min(base + lane, columns.size - 1)]
            for i in range(raw.shape[1]):
                w[first + i * n + lane] = raw[c, i]
            for i in range(order.size):
                w[state + i * n + lane] = y[c, order[i]]
        store_parameter_terms(key, w)

    return load


def _setter(key: str) -> Any:
    """Brings the lanes under input levels."""
    piece, n = blocks(key)["piece"], lanes_of(key)

    @numba.njit(**OPTIONS)
    def enter(levels, w):  # type: ignore[no-untyped-def]
        for i in range(levels.size):
            w[piece + i * n : piece + (i + 1) * n] = levels[i]
        store_piece_terms(key, w)

    return enter


def _pacer(n: int) -> Any:
    """Gives each lane the factors of its dyad, for steps of one length under one set of levels."""

    @numba.njit(**OPTIONS)
    def paced(columns, base, index, factors, pace, factors_of_lanes):  # type: ignore[no-untyped-def] # noqa: PLR0913
        for lane in range(n):
            d = index[columns[min(base + lane, columns.size - 1)]]
            for k in range(factors.shape[2]):
                for i in range(factors.shape[3]):
                    factors_of_lanes[k, i * n + lane] = factors[d, pace, k, i]

    return paced


def _stepper(key: str) -> Any:
    """One step of exponential Runge-Kutta in every lane, which adds to the integrals of rates and
    states (the first two rows of `total`; the others are for the step itself).
    """
    at, n = blocks(key), lanes_of(key)
    nodes, trial, f0, k2, state = (at[name] for name in ("nodes", "trial", "f0", "k2", "y"))
    n_values = n * len(compiled_system(key).order)

    @numba.njit(nogil=True, **OPTIONS)
    def rates_at(into, w):  # type: ignore[no-untyped-def]
        store_rates(
            key, into, w
        )  # a function of its own: so large a body should stand in the code once

    @numba.njit(**OPTIONS)
    def step(time, h, factors, total, w):  # type: ignore[no-untyped-def]
        # the order of `PaceFactors`: decay, halfway, whole, middle, last
        w[nodes : nodes + n] = time
        w[trial : trial + n_values] = w[state : state + n_values]
        rates_at(f0, w)

        w[nodes : nodes + n] = time + h / 2
        for i in range(n_values):
            w[trial + i] = w[state + i] + factors[1, i] * w[f0 + i]
        rates_at(k2, w)
        for i in range(n_values):
            moved = w[trial + i] - w[state + i]
            # how far the drive has changed halfway, and what of the integrals is known by then
            total[2, i] = w[k2 + i] - w[f0 + i] + factors[0, i] * moved
            total[3, i] = w[f0 + i] + 4 * w[k2 + i]
            total[1, i] += (w[state + i] + 4 * w[trial + i]) * (h / 6)
            w[trial + i] = w[state + i] + factors[2, i] * (
                w[k2 + i] + total[2, i] + factors[0, i] * moved
            )

        w[nodes : nodes + n] = time + h
        rates_at(k2, w)
        for i in range(n_values):
            moved = w[trial + i] - w[state + i]
            change = w[k2 + i] - w[f0 + i] + factors[0, i] * moved
            total[0, i] += (total[3, i] + w[k2 + i]) * (h / 6)
            w[state + i] += (
                factors[2, i] * w[f0 + i] + factors[3, i] * total[2, i] + factors[4, i] * change
            )
            total[1, i] += w[state + i] * (h / 6)

    return step
