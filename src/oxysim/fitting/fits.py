"""``fit``: a user's observations held against the model, the parameters that fit them, and how sure
they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import units
from oxysim.checks import choice, instance, require_seed, whole_number
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.fitting.free_parameters import FreeParameter, free_parameters
from oxysim.fitting.log_posterior import LogPosterior
from oxysim.fitting.optimisation import search_maximum
from oxysim.fitting.person_model import PersonModel
from oxysim.fitting.person_samples import persons_of
from oxysim.fitting.separate_fits import SeparateFits
from oxysim.fitting.single_fit import Fit
from oxysim.measures import Instrument
from oxysim.observations import Observations
from oxysim.progress import counting
from oxysim.simulation.engines import engine as engine_for
from oxysim.texts import counted, listed

PERSONS = ("together", "separately")
"""How several persons are fitted: one value for all of them, or each person by itself."""

MOST_STARTS = 1000
UNMOVED = 1e-6
"""Of a reading: a parameter over whose whole range no expected reading changes by more has no
influence on the samples. The engine's own error is as large.
"""


def fit(  # noqa: PLR0913 - data, who, when, what is free, and how it is sought
    data: Observations,
    who: Any,
    schedule: Any,
    parameters: str | Sequence[str],
    *,
    persons: str = "together",
    priors: Any = "rows",
    start: str = "00:00",
    minutes_from: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    under_limit: str = "refuse",
    starts: int = 8,
    seed: int = 0,
    progress: bool | None = None,
    **options: Any,
) -> Fit | SeparateFits:
    """Fit parameters of the model to observations.

    The likelihood is that of the instruments: their noise, limits, rounding and classes, with the
    noise of visits and persons integrated. Nothing is simulated for long before data, names and
    priors are checked, and whether each parameter has any influence on the samples.

    Parameters
    ----------
    data : observations, as the readers return them; missing values are left out.
    who : one dyad or family for all persons, or a mapping of persons to theirs.
    schedule : one for all persons, or a mapping of persons to theirs.
    parameters : names of what is free: parameters ("mother.oxytocin.plasma_half_life"), starts of
        slow states ("start.mother.depression"), edges ("reward -> depression").
    persons : "together" (one value for all persons) or "separately" (each by itself).
    priors : "rows", a population, or a mapping of names to priors or ranges
        (:func:`~oxysim.fitting.free_parameters.free_parameters`); None for the likelihood alone.
    start : clock time of day 0 at which simulations start.
    minutes_from : clock time of day 0 from which the data count their minutes, where these are
        counted from an event.
    instruments : the user's own, by the name of the analyte.
    under_limit : what a number below the instrument's own limit is: "refuse", "censor" or
        "measured".
    starts : from how many points the maximum is sought.
    seed : of the search, of what is drawn later, and of the simulations.
    options : of :func:`oxysim.simulate` (usual_day, scale, solver, engine).

    Returns
    -------
    :class:`Fit`, or :class:`SeparateFits` where persons are fitted separately.

    Raises
    ------
    UnknownNameError, UnitError, InputError : before anything runs long: a name, a unit, a time or a
        value that cannot be; fewer samples than parameters; all samples censored; a parameter
        without influence.

    >>> import pandas as pd
    >>> import oxysim as ox
    >>> from oxysim.observations import Observations
    >>> table = pd.DataFrame({"person": "a", "analyte": "epds", "unit": "EPDS",
    ...                       "minutes": [700.0], "value": [9.0]})
    >>> ox.fit(Observations.from_table(table), ox.Dyad(), ox.Routine.empty(),
    ...        ["mother.depression.loop_gain", "mother.bond.usual_bond"])
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: data: expected at least 2 samples, one for each parameter; found 1
    """
    whole_number(starts, "starts", 1, MOST_STARTS)
    choice(persons, "persons", PERSONS)
    require_seed(seed)
    samples = persons_of(
        data, who, schedule, begin=units.clock(start, "start", begins=True),
        instruments=instruments, minutes_from=units.clock(minutes_from, "minutes_from"),
        under_limit=under_limit,
    )  # fmt: skip
    free = free_parameters(parameters, _any_family(who), "rows" if priors is None else priors)
    simulation = {**options, "start": start, "seed": seed}
    # one engine for any number of points, so that a point's density depends on nothing else
    simulation["engine"] = engine_for(
        options.get("engine", "auto"), 10**6, options.get("solver"), units.DAY
    )
    model = PersonModel(samples, free, instruments, simulation)
    _require_samples(model, separately=persons == "separately")
    _require_influence(model)

    models = [model]
    if persons == "separately":
        models = [model.of(position) for position in range(len(samples))]
    fits = []
    with counting(len(models) * starts, "fit", "search", progress) as bar:
        for part in models:
            density = LogPosterior(part.together, len(free), priors is not None)
            ends = search_maximum(density, starts, seed, bar.advance)
            if not np.isfinite(ends[0].log_density) or ends[0].log_density < -1e8:
                raise _nowhere(part)
            fits.append(Fit(data, part, density, ends, seed, _identity(part, priors, seed)))
    return fits[0] if persons == "together" else SeparateFits(tuple(fits))


def _any_family(who: Any) -> Family:
    """One of the families, whose caregivers' names the parameters bear."""
    first = next(iter(who.values())) if isinstance(who, Mapping) else who
    return instance(first, "who", Family, "a Dyad or a Family, or a mapping of persons to them")


def _require_samples(model: PersonModel, *, separately: bool) -> None:
    """Raise where there are fewer samples than parameters: some combination is never told."""
    least = len(model.parameters)
    counts = {samples.person: len(samples.points) for samples in model.persons}
    if not separately:
        counts = {"": sum(counts.values())}
    for person, count in counts.items():
        if count < least:
            raise InputError(
                what=f"data, person {person!r}" if person else "data",
                expected=f"at least {counted(least, 'sample')}, one for each parameter",
                found=str(count),
                key=("data",),
            )


def _require_influence(model: PersonModel) -> None:
    """Raise where a parameter changes no expected reading over its whole plausible range."""
    n_free = len(model.parameters)
    # the middle of the prior, and each parameter at both ends of its range
    points = np.concatenate([np.zeros((1, n_free)), 2 * np.eye(n_free), -2 * np.eye(n_free)])
    shape = (len(points), len(model.persons), n_free)
    readings = np.concatenate(model.expected(np.broadcast_to(points[:, None], shape)), axis=1)
    if not np.isfinite(readings[0]).all():
        raise InputError("the simulation fails in the middle of the priors' ranges", key=("priors",))
    size = np.maximum(np.abs(readings[0]), 1e-12)
    moved = np.nanmax(np.abs(readings[1:] - readings[0]) / size, axis=1)
    unmoved = np.maximum(moved[:n_free], moved[n_free:]) < UNMOVED
    if unmoved.any():
        names = [p.name for p, still in zip(model.parameters, unmoved, strict=True) if still]
        raise InputError(
            what="parameters",
            expected="parameters that change what is expected of some sample",
            found=f"{listed(names)}, without any influence",
            remedy="leave it out, or measure what depends on it",
            key=("parameters",),
        )


def _nowhere(model: PersonModel) -> InputError:
    names = listed([samples.person for samples in model.persons])
    return InputError(
        what="data",
        expected="samples that the model can give",
        found=f"some of {names} that are likely at no values of the parameters",
        remedy="look at fit's instruments, at units and at clock times",
        key=("data",),
    )


def _identity(model: PersonModel, priors: Any, seed: int) -> str:
    """A digest of what a fit rests on, by which a stored chain is known."""
    parts: list[object] = [seed, priors is not None, sorted(map(repr, model.options.items()))]
    for parameter in model.parameters:
        parts.append((parameter.name, repr(parameter.prior)))
    for samples in model.persons:
        values = {name: np.ravel(value).tolist() for name, value in samples.who.parameters.items()}
        parts += [samples.person, values, samples.schedule.text(), samples.points.minutes.tolist()]
        parts += [samples.points.analyte, samples.points.member, samples.reports]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
