"""What several public functions of the loop take, checked in one way: systems of one dyad, states,
rates.
"""

from __future__ import annotations

from typing import Any

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.averaged_system import AveragedSystem


def averaged_system_of_one(value: Any, argument: str = "system") -> AveragedSystem:
    """An averaged system of one dyad.

    Raises
    ------
    InputError : anything else, or a system of several dyads.

    >>> import oxysim as ox
    >>> averaged_system_of_one(AveragedSystem(ox.Dyad())).names[0]
    'mother.depression'
    """
    system = checks.instance(
        value, argument, AveragedSystem, "an AveragedSystem, such as AveragedSystem(ox.Dyad())"
    )
    if len(system.dyad) != 1:
        raise InputError(
            what=argument,
            expected="that of one dyad",
            found=f"one of {len(system.dyad)} dyads",
            remedy="choose one with .take([number])",
            key=(argument,),
        )
    return system


def checked_slow_states(value: Any, system: AveragedSystem, argument: str) -> FloatArray:
    """One value for each slow state of a system, in its order, finite and legal, shape (k,).

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad())
    >>> checked_slow_states([5, 0.7, 0.6, 1, 1, 0, 0, 50], system, "start")[:3]
    array([5. , 0.7, 0.6])
    """
    k = len(system.names)
    # the error names the states: a user who gave three of four sees which
    try:
        point = checks.array(value, argument, (k,))
    except InputError:
        raise checks.refused(
            value, argument, f"{k} numbers, for {', '.join(system.names)}"
        ) from None
    for name, number, top in zip(system.names, point.tolist(), system.tops, strict=True):
        # at its floor or its top a state has no place on the logit scale
        if top is not None and not 0 < number < top:
            raise checks.refused(
                number, f"{argument}, {name}", f"a number between 0 and {top:g}, not at the ends"
            )
    return point
