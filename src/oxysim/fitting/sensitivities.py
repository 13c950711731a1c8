"""How far the expected readings of samples move as parameters move, from one simulation of many
dyads: central differences over the latents of the parameters' priors.

A latent is a parameter on the scale on which its prior is a standard normal (`free_parameters`), so
that the slopes of all parameters are in one unit: readings per standard deviation of the prior.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import instance, number
from oxysim.errors import ImplausibleValueWarning, InputError, unknown_name
from oxysim.families import Family
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.sample_predictions import START, SamplePoints, dyads_with, expected_readings
from oxysim.measures import Instrument
from oxysim.texts import listed

# Of a prior's standard deviation. The rule errs by step²/6 of the third derivative, under a
# thousandth for what bends within one deviation; solvers' errors of 1e-6 become 1e-5 of a reading.
STEP = 0.05
OUTERMOST = 5.0  # latents; a value farther out has no room for a step on either side


class Sensitivities(NamedTuple):
    """The expected readings of n samples in m dyads and their slopes along p latents.

    Attributes
    ----------
    latents : where they are, shape (m, p).
    expected : shape (m, n).
    slopes : shape (m, n, p).

    >>> Sensitivities(np.zeros((1, 2)), np.ones((1, 3)), np.zeros((1, 3, 2))).slopes.shape
    (1, 3, 2)
    """

    latents: FloatArray
    expected: FloatArray
    slopes: FloatArray


def latents_at(
    parameters: Sequence[FreeParameter], who: Family, at: Mapping[str, Any] | None = None
) -> FloatArray:
    """The latents of the parameters' values, shape (m, p): of each of m dyads its own.

    Parameters
    ----------
    at : values of some of them, in their units; the others have those of `who`.

    Raises
    ------
    UnknownNameError : a value of what is no parameter here. InputError : one outside its prior, or
        so near to its end that it cannot move.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> free = free_parameters(["mother.oxytocin.plasma_half_life"], ox.Dyad())
    >>> latents_at(free, ox.Dyad(), {"mother.oxytocin.plasma_half_life": 5.5}).round(2)
    array([[1.96]])
    """
    values = {} if at is None else dict(instance(at, "at", Mapping, "a mapping of names to values"))
    names = [parameter.name for parameter in parameters]
    for label in values:
        if label not in names:
            raise unknown_name("parameter", label, names, "in at", key=("at",))
    columns = []
    for parameter in parameters:
        if parameter.name in values:
            value: Any = number(values[parameter.name], f"at, {parameter.name}")
        else:
            value = _value_of(parameter, who)
        column = np.broadcast_to(np.asarray(value, dtype=float), (len(who),))
        columns.append(_inside(parameter, column))
    return np.stack(columns, axis=1)


def sensitivities(
    who: Family,
    schedule: Any,
    points: SamplePoints,
    parameters: Sequence[FreeParameter],
    latents: FloatArray,
    *,
    start: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    **options: Any,
) -> Sensitivities:
    """The slopes of expected readings along the parameters' latents.

    Parameters
    ----------
    who : m dyads.
    latents : where, shape (m, p).
    schedule, start, instruments, options : as of :func:`~oxysim.fitting.expected_readings`.

    Raises
    ------
    InputError : a dyad that fails; else as of that function.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> dyad, day = ox.Dyad(), ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> free = free_parameters(["mother.nasal_spray.residue_fast_half_life"], dyad)
    >>> points = SamplePoints("mother", "saliva_oxytocin", [605.0, 620.0])
    >>> sensitivities(dyad, day, points, free, latents_at(free, dyad), start="10:00").slopes.shape
    (1, 2, 1)
    """
    m, p = latents.shape
    if isinstance(schedule, list | tuple) and len(schedule) != m:
        raise InputError(f"schedule: expected one, or one a dyad ({m}); found {len(schedule)}")
    moved = _moved(latents)
    # dyad by dyad: each at its own values, then a step up and a step down in each parameter
    copies = len(moved) // m
    dyads = who.take(np.repeat(np.arange(m), copies).tolist())
    dyads = dyads.numbered(np.repeat(who.numbers, copies).tolist())
    columns = {
        parameter.name: parameter.value(moved[:, k]) for k, parameter in enumerate(parameters)
    }
    changed, scale = dyads_with(dyads, columns)
    days = schedule
    if isinstance(schedule, list | tuple):
        days = [schedule[position] for position in np.repeat(np.arange(m), copies).tolist()]
    instance(options.get("scale") or {}, "scale", Mapping, "a mapping of edges to multipliers")
    options["scale"] = {**(options.get("scale") or {}), **scale}
    with warnings.catch_warnings():
        # a step may leave what is plausible, where no value was set by anybody
        warnings.simplefilter("ignore", ImplausibleValueWarning)
        readings = expected_readings(
            changed, days, points, start=start, instruments=instruments, **options
        )
    if not np.isfinite(readings).all():
        failed = np.flatnonzero(~np.isfinite(readings).all(axis=1))
        raise InputError(
            what="parameters",
            expected="values at which the simulation succeeds, and beside them",
            found=f"{len(failed)} of {len(readings)} dyads that failed",
            remedy="simulate one of them for the reason, or give other values in at=",
            key=("at",),
        )
    by_dyad = readings.reshape(m, copies, -1)
    ahead, behind = by_dyad[:, 1::2], by_dyad[:, 2::2]
    slopes = np.swapaxes(ahead - behind, 1, 2) / (2 * STEP)
    return Sensitivities(latents, by_dyad[:, 0], slopes.reshape(m, -1, p))


def _moved(latents: FloatArray) -> FloatArray:
    """Each dyad's latents as they are, then a step up and one down along each, ((1 + 2 p) m, p)."""
    m, p = latents.shape
    steps = np.zeros((1 + 2 * p, p))
    for k in range(p):
        steps[1 + 2 * k, k], steps[2 + 2 * k, k] = STEP, -STEP
    return np.asarray((latents[:, None, :] + steps).reshape(-1, p))


def _value_of(parameter: FreeParameter, who: Family) -> Any:
    """The value that the dyads have, in the parameter's unit."""
    if "->" in parameter.name:
        return 1.0  # an edge is whole unless it is scaled
    target = parameter.targets[0]
    if not parameter.name.startswith(START):
        return who.value(target)
    full = target.removeprefix(START)
    if full not in who.start:
        # where a state that was not set begins is known only once a run has settled
        raise InputError(
            what=parameter.name,
            expected="a value at which to ask",
            found="none",
            remedy=f"give it in at=, or to the dyad with with_start({{{full!r}: ...}})",
            key=("at",),
        )
    return who.start[full]


def _inside(parameter: FreeParameter, values: FloatArray) -> FloatArray:
    """The latents of values, each with room for a step on either side."""
    low, high = parameter.prior.low, parameter.prior.high
    outside = (values < low) | (values > high)
    latents = parameter.latent(np.clip(values, low, high))
    if outside.any() or np.abs(latents).max() > OUTERMOST:
        wrong = values[outside | (np.abs(latents) > OUTERMOST)]
        raise InputError(
            what=parameter.name,
            expected=f"a value well inside its prior, which ends at {low:g} and {high:g}",
            found=listed([f"{value:g}" for value in wrong.tolist()], 3),
            remedy="give another value in at=, or a wider prior in priors=",
            key=("at",),
        )
    return latents
