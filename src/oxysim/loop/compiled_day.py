"""The frozen day as machine code, where Numba is installed: the same equations, the same steps, a column at a time.

The straight-line code of ``oxysim.simulation.straight_line`` is rewritten to read and write arrays (its names and its
arithmetic stay as they are) and compiled once for a family's shape and process.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def through(
    source: str, settled: FloatArray, stretches: tuple[IntArray, FloatArray], rhythm: FloatArray,
    factors: tuple[FloatArray, FloatArray, FloatArray], y: FloatArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Carry every column through the period: (sums of the rates, states at the end), (m, n_states) each.

    Parameters
    ----------
    source : of the straight-line code.
    settled : what each of the input levels settles, (n_levels, n_values, m).
    stretches : (number of the levels, number of the pace, steps) (n_stretches, 3), and the lengths of a step.
    rhythm : the daily rhythm at the start and at the end of every step, (n_steps, 2).
    factors : decay, h·φ1 and h·φ2 of every pace, (n_paces, n_states, m) each.
    y : states at the start, (m, n_states).
    """
    total, end = np.zeros(y.shape), np.array(y, order="C")
    _kernel(source)(settled, *stretches, rhythm, *factors, end, total)
    return total, end


@functools.cache
def _kernel(source: str) -> Callable[..., None]:
    space: dict[str, Any] = {"exp": math.exp, "log": math.log}
    exec(compile(rewritten(source), "<equations of oxysim for the frozen day>", "exec"), space)
    rates = numba.njit(space["rates"], error_model="numpy")

    @numba.njit(error_model="numpy")
    def carry(settled, which, lengths, rhythm, decay, first, second, y, total):  # type: ignore[no-untyped-def] # noqa: PLR0913
        n = y.shape[1]
        at_start, at_end, halfway = np.empty(n), np.empty(n), np.empty(n)
        for column in range(y.shape[0]):
            state, step = y[column], 0
            for s in range(which.shape[0]):
                levels, pace, h = settled[which[s, 0], :, column], which[s, 1], lengths[s]
                for _ in range(which[s, 2]):
                    rates(levels, state, rhythm[step, 0], at_start)
                    for i in range(n):
                        halfway[i] = state[i] + first[pace, i, column] * at_start[i]
                    rates(levels, halfway, rhythm[step, 1], at_end)
                    for i in range(n):
                        total[column, i] += (at_start[i] + at_end[i]) * (h / 2)
                        change = at_end[i] - at_start[i] + decay[pace, i, column] * (halfway[i] - state[i])
                        state[i] = halfway[i] + second[pace, i, column] * change
                    step += 1

    compiled: Callable[..., None] = carry
    return compiled


def rewritten(source: str) -> str:
    """The last function of the straight-line code, reading its values from arrays and writing its rates to one."""
    head, *body = source[source.index("def rates(") :].rstrip().split("\n")
    lines = [head.replace("rhythm)", "rhythm, out)")]
    for line in body:
        left, _, right = line.partition(" = ")
        if right in ("settled", "y"):
            names = [name.strip() for name in left.strip(" ()").split(",") if name.strip()]
            lines += [f"    {name} = {right}[{i}]" for i, name in enumerate(names)]
        elif line.strip().startswith("return ["):
            values = line.strip()[len("return [") : -1].split(", ")
            lines += [f"    out[{i}] = {value}" for i, value in enumerate(values)]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
