"""The equations compiled by Numba for one dyad, as numbalsoda and SciPy call them."""

from __future__ import annotations

import functools
import math
from typing import Any

import numba

from peers.model import Model, python_source


def python_rates(model: Model) -> Any:
    """``rates(t, y, p, dy)`` as plain Python on lists of floats."""
    space: dict[str, Any] = {"exp": math.exp, "log": math.log, "cos": math.cos}
    exec(compile(python_source(model), "<equations of oxysim for a peer>", "exec"), space)
    return space["rates"]


@functools.cache
def compiled_rates(model: Model) -> Any:
    """The same, compiled, on arrays."""
    return numba.njit(error_model="numpy", fastmath=True)(python_rates(model))
