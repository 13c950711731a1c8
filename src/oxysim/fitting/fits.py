"""``fit``: a user's observations held against the model, the parameters that fit them, and how sure
they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import units
from oxysim.checks import choice, flag, instance, require_seed, whole_number
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.fitting.hierarchy.hierarchical_fit import ROUNDS, HierarchicalFit, fit_population
from oxysim.fitting.hierarchy.population_scale import PopulationScale
from oxysim.fitting.persons.free_parameters import free_parameters
from oxysim.fitting.persons.person_model import PersonModel
from oxysim.fitting.persons.person_samples import persons_of
from oxysim.fitting.search.log_posterior import NOWHERE, LogPosterior
from oxysim.fitting.search.optimisation import search_maximum
from oxysim.fitting.separate_fits import SeparateFits
from oxysim.fitting.single_fit import Fit
from oxysim.measures import Instrument
from oxysim.observations import Observations
from oxysim.progress import Bar, counting
from oxysim.simulation.engines import engine as engine_for
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.texts import counted, listed

PERSONS = ("together", "separately", "hierarchy")
"""How several persons are fitted: one value for all of them, each person by itself, or each person
as one of a population that is fitted with them.
"""

MOST_STARTS = 1000
MOST_DRAWS = 100_000
FEWEST_PERSONS = 3  # of two, a spread has one degree of freedom
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
    beyond_limits: str = "refuse",
    starts: int = 8,
    draws: int = 512,
    correlated: bool = False,
    seed: int = 0,
    progress: bool | None = None,
    **options: Any,
) -> Fit | SeparateFits | HierarchicalFit:
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
    persons : "together" (one value for all persons), "separately" (each by itself) or "hierarchy"
        (a population, and each person as one of it).
    priors : "rows" (their plausible ranges), a population (its traits), or a mapping of names to
        priors or to ranges (low, high) that hold 95 %; None for the likelihood alone.
    start : clock time of day 0 at which simulations start.
    minutes_from : clock time of day 0 from which the data count their minutes, where these are
        counted from an event.
    instruments : the user's own, by the name of the analyte.
    beyond_limits : what a number beyond the instrument's own limits of quantification is:
        "refuse" (an error), "censor" (only that is known) or "measured".
    starts : from how many points the maximum is sought.
    draws : of each person in a hierarchy, over which its likelihood is integrated.
    correlated : whether parameters may go together between the persons of a hierarchy.
    seed : of the search, of what is drawn later, and of the simulations.
    options : of :func:`oxysim.simulate` (usual_day, scale, solver, engine).

    Returns
    -------
    :class:`Fit`; :class:`SeparateFits` or :class:`HierarchicalFit` where persons are fitted so.

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
    whole_number(draws, "draws", 50, MOST_DRAWS)
    flag(correlated, "correlated")
    if progress is not None:
        flag(progress, "progress")
    samples = persons_of(
        data, who, schedule, begin=units.clock(start, "start", begins=True),
        instruments=instruments, minutes_from=units.clock(minutes_from, "minutes_from"),
        beyond_limits=beyond_limits,
    )  # fmt: skip
    free = free_parameters(parameters, _any_family(who), "rows" if priors is None else priors)
    simulation = {**options, "start": start, "seed": seed}
    # one engine for any number of points, so that a point's density depends on nothing else
    simulation["engine"] = engine_for(
        options.get("engine", "auto"), 10**6, options.get("solver"), units.DAY
    )
    model = PersonModel(samples, free, instruments, simulation)
    _require_samples(model, separately=persons == "separately")
    scale = None
    if persons == "hierarchy":
        _require_persons(model, priors)
        scale = PopulationScale(free, correlated)
    _require_influence(model)

    search = _Search(data, model, priors is not None, starts, seed, progress)
    if scale is not None:
        return search.hierarchy(scale, draws)
    return search.separately() if persons == "separately" else search.together()


@dataclass(frozen=True, eq=False)
class _Search:
    """A checked fit, before anything is sought."""

    data: Observations
    model: PersonModel
    with_prior: bool
    starts: int
    seed: int
    progress: bool | None

    def together(self) -> Fit:
        """One value of each parameter for all persons."""
        with counting(self.starts, "fit", "search", self.progress) as bar:
            return self._fit(self.model, bar)

    def separately(self) -> SeparateFits:
        """Each person by itself."""
        n_persons = len(self.model.persons)
        with counting(n_persons * self.starts, "fit", "search", self.progress) as bar:
            models = map(self.model.of, range(n_persons))
            return SeparateFits(tuple(self._fit(model, bar) for model in models))

    def hierarchy(self, scale: PopulationScale, draws: int) -> HierarchicalFit:
        """The population and its persons together."""
        n_persons = len(self.model.persons)
        alone = [self.model.of(position).together for position in range(n_persons)]
        with counting(ROUNDS * n_persons, "fit", "person", self.progress) as bar:
            drawn, density, ends = fit_population(
                alone, self.model.log_likelihoods, scale,
                draws=draws, starts=self.starts, seed=self.seed, done=bar.advance,
            )  # fmt: skip
        identity = _identity(self.model, self.with_prior, self.seed, draws, scale.correlated)
        return HierarchicalFit(
            self.data, self.model, scale, drawn, density, ends, self.seed, identity
        )

    def _fit(self, model: PersonModel, bar: Bar) -> Fit:
        density = LogPosterior(model.together, len(model.parameters), self.with_prior)
        ends = search_maximum(density, self.starts, self.seed, bar.advance)
        if ends[0].log_density <= NOWHERE:
            raise _nowhere(model)
        identity = _identity(model, self.with_prior, self.seed)
        return Fit(self.data, model, density, ends, self.seed, identity)


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


def _require_persons(model: PersonModel, priors: Any) -> None:
    """Raise where there is no population to fit."""
    if priors is None:
        raise InputError(
            what="priors",
            expected="priors where a population is fitted: its spreads need a scale",
            found="None",
            key=("priors",),
        )
    if len(model.persons) < FEWEST_PERSONS:
        raise InputError(
            what="data",
            expected=f"at least {FEWEST_PERSONS} persons for a population",
            found=str(len(model.persons)),
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
        raise InputError(
            "the simulation fails in the middle of the priors' ranges", key=("priors",)
        )
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


def _identity(model: PersonModel, *settings: object) -> str:
    """A digest of what a fit rests on, by which a stored chain is known."""
    parts: list[object] = [settings, model_digest(), sorted(map(repr, model.options.items()))]
    for parameter in model.parameters:
        parts.append((parameter.name, repr(parameter.prior)))
    for samples in model.persons:
        values = {name: np.ravel(value).tolist() for name, value in samples.who.parameters.items()}
        parts += [samples.person, values, samples.schedule.text(), samples.points.minutes.tolist()]
        parts += [samples.points.analyte, samples.points.member, samples.reports]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
