"""What several public functions of the loop take, checked in one way: systems of one dyad, states,
rates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown
from oxysim.loop.averaged_system import AveragedSystem


def averaged_system_of_one(value: Any, what: str = "system") -> AveragedSystem:
    """An averaged system of one dyad.

    Raises
    ------
    InputError : anything else, or a system of several dyads.
    """
    system = checks.instance(
        value, what, AveragedSystem, "an AveragedSystem, such as AveragedSystem(ox.Dyad())"
    )
    if len(system.dyad) != 1:
        raise InputError(
            what=what,
            expected="that of one dyad",
            found=f"one of {len(system.dyad)} dyads",
            remedy="choose one with .take([number])",
            key=(what,),
        )
    return system


def checked_slow_states(value: Any, system: AveragedSystem, what: str) -> FloatArray:
    """One value for each slow state of a system, in its order, finite and legal, shape (k,)."""
    k = len(system.names)
    try:
        point = checks.array(value, what, (k,))
    except InputError:
        raise checks.refused(value, what, f"{k} numbers, for {', '.join(system.names)}") from None
    for name, number, top in zip(system.names, point.tolist(), system.tops, strict=True):
        if top is not None and not 0 < number < top:
            raise checks.refused(
                number, f"{what}, {name}", f"a number between 0 and {top:g}, not at the ends"
            )
    return point


def rates_of(value: Any, x: FloatArray, p: float | None, what: str = "rates") -> Callable[..., Any]:
    """A function of a column of states (k, 1), with `p` of a parameter too, that returns the
    column's rates.

    Raises
    ------
    InputError : no function, or another shape. What the function itself raises goes through.
    """
    function = checks.function(
        value, what, "a function that returns the rates of the states it is given"
    )
    column = x[:, None]
    with np.errstate(all="ignore"):
        found = function(column) if p is None else function(column, np.array([p]))
    _require_shape(found, column.shape, what)
    return function


def _require_shape(found: Any, shape: tuple[int, ...], what: str) -> None:
    try:
        given = np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        given = np.empty(0)
    if given.shape != shape:
        raise InputError(
            what=what,
            expected=f"a function that returns an array of the states' own shape, here {shape}",
            found=shown(found),
            key=(what,),
        )


def state_names(value: Any, k: int, what: str = "names") -> tuple[str, ...]:
    """The names of k states; x1, x2 ... where none are given."""
    if value is None:
        return tuple(f"x{i}" for i in range(1, k + 1))
    return checks.sequence(value, what, checks.name, of="names, one a state", least=k, most=k)


def positive_sizes(scale: Any, k: int) -> FloatArray:
    """A typical size of each of k states."""
    try:
        sizes = checks.array(scale, "scale", (k,))
    except InputError:
        sizes = np.zeros(k)
    if not (sizes > 0).all():
        raise checks.refused(scale, "scale", f"{k} positive sizes, one a state")
    return sizes


def value_range(value: Any, what: str) -> tuple[float, float]:
    """A least and a largest value, which may be infinite."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str) or len(value) != 2:
        raise checks.refused(value, what, "(least, most), least below most")
    ends = [e if isinstance(e, float) and np.isinf(e) else checks.number(e, what) for e in value]
    if not ends[0] < ends[1]:
        raise checks.refused(value, what, "(least, most), least below most")
    return float(ends[0]), float(ends[1])
