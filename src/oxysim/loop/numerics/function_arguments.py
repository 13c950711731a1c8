"""What a function of a state may be, and what goes with it: states' names, sizes and ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown


def rates_of(
    value: Any, x: FloatArray, p: float | None, argument: str = "rates"
) -> Callable[..., Any]:
    """A function of a column of states (k, 1), with `p` of a parameter too, that returns the
    column's rates.

    Raises
    ------
    InputError : no function, or another shape. What the function itself raises goes through.

    >>> relaxing = rates_of(lambda x: -x, np.ones(2), None)
    >>> relaxing(2.0)
    -2.0
    """
    function = checks.function(
        value, argument, "a function that returns the rates of the states it is given"
    )
    # as the methods call it: a column of states, and a parameter for each
    column = x[:, None]
    # a rate may be infinite at the start; that is not for this check
    with np.errstate(all="ignore"):
        answer = function(column) if p is None else function(column, np.array([p]))
    _require_shape(answer, column.shape, argument)
    return function


def _require_shape(answer: Any, shape: tuple[int, ...], argument: str) -> None:
    try:
        numbers = np.asarray(answer, dtype=float)
    # what is no array of numbers has no shape that would do
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != shape:
        raise InputError(
            what=argument,
            expected=f"a function that returns an array of the states' own shape, here {shape}",
            found=shown(answer),
            key=(argument,),
        )


def state_names(value: Any, k: int, argument: str = "names") -> tuple[str, ...]:
    """The names of k states; x1, x2 ... where none are given.

    >>> state_names(None, 2), state_names(["prey", "hunters"], 2)
    (('x1', 'x2'), ('prey', 'hunters'))
    """
    if value is None:
        return tuple(f"x{i}" for i in range(1, k + 1))
    return checks.sequence(value, argument, checks.name, of="names, one a state", least=k, most=k)


def positive_sizes(scale: Any, k: int) -> FloatArray:
    """A typical size of each of k states.

    >>> positive_sizes([30, 1], 2)
    array([30.,  1.])
    """
    try:
        sizes = checks.array(scale, "scale", (k,))
    except InputError:
        sizes = np.zeros(k)
    if not (sizes > 0).all():
        raise checks.refused(scale, "scale", f"{k} positive sizes, one a state")
    return sizes


def value_range(value: Any, argument: str) -> tuple[float, float]:
    """A least and a largest value, which may be infinite.

    >>> value_range((0, np.inf), "legal, entry 1")
    (0.0, inf)
    """
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str) or len(value) != 2:
        raise checks.refused(value, argument, "(least, most), least below most")
    ends = [
        e if isinstance(e, float) and np.isinf(e) else checks.number(e, argument) for e in value
    ]
    if not ends[0] < ends[1]:
        raise checks.refused(value, argument, "(least, most), least below most")
    return float(ends[0]), float(ends[1])
