"""A fit as a population: what trials, cohorts, sweeps and rescue run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import name as checked_name
from oxysim.checks import text
from oxysim.errors import InputError
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.population import Correlation, Population, Trait
from oxysim.simulation.equations.model_digest import model_digest

SMALLEST_SPREAD = 1e-6  # of a trait; a population in which nobody differs has none
LARGEST_CORRELATION = 0.999  # at 1 two traits would be one


def population_of(
    name: str,
    parameters: Sequence[FreeParameter],
    centre: FloatArray,
    covariance: FloatArray,
    provenance: Mapping[str, Any],
    meaning: str = "",
) -> Population:
    """A population with normal latents of this mean and covariance.

    Parameters
    ----------
    name, meaning : what it stands for.
    parameters : K parameters, which become its traits.
    centre, covariance : of the latents, shapes (K,) and (K, K).
    provenance : of the fit.

    Raises
    ------
    InputError : a parameter in which a population cannot differ (a start, an edge), or whose prior
        is uniform.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> population_of("mine", free, np.zeros(1), np.eye(1), {}).traits[0].name
    'caregiver.oxytocin.clearance'
    """
    checked_name(name, "name")
    text(meaning, "meaning")
    sizes = np.sqrt(np.diag(covariance))
    traits = [
        _trait(parameter, float(middle), float(size))
        for parameter, middle, size in zip(parameters, centre, sizes, strict=True)
    ]
    pairs = []
    for second in range(len(traits)):
        for first in range(second):
            r = float(covariance[first, second] / (sizes[first] * sizes[second]))
            # exactly none is what an uncorrelated population has: it needs no row
            if r:
                r = float(np.clip(r, -LARGEST_CORRELATION, LARGEST_CORRELATION))
                pairs.append(Correlation(traits[first].name, traits[second].name, r))
    record = {**provenance, "model": model_digest()}
    return Population(name, tuple(traits), tuple(pairs), meaning=meaning, provenance=record)


def _trait(parameter: FreeParameter, middle: float, size: float) -> Trait:
    prior = parameter.prior
    if prior.distribution == "uniform" or prior.spread is None:
        raise InputError(
            what=f"prior of {parameter.name!r}",
            expected="a normal, lognormal or logit-normal prior, whose scale a trait has",
            found="a uniform one",
            remedy="give it one in priors=",
            key=("priors",),
        )
    centre = float(parameter.value(np.array([middle]))[0])
    spread = max(size * prior.spread, SMALLEST_SPREAD)
    return Trait(
        general_name(parameter), prior.distribution, centre, spread, status="calibrated",
        note="fitted to observations",
    )  # fmt: skip


def general_name(parameter: FreeParameter) -> str:
    """The name that a population has for a parameter: "caregiver." in place of the caregiver.

    Raises
    ------
    InputError : a start or an edge, in which dyads of a population do not differ.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> general_name(free_parameters(["mother.oxytocin.clearance"], ox.Dyad())[0])
    'caregiver.oxytocin.clearance'
    """
    member, _, path = parameter.name.partition(".")
    if "->" in parameter.name or member == "start":
        raise InputError(
            what=f"parameter {parameter.name!r}",
            expected="parameters alone, in which dyads of a population differ",
            found="a start or an edge",
            remedy="fit them in a second step, with the population's values in who=",
            key=("parameters",),
        )
    return f"infant.{path}" if member == "infant" else f"caregiver.{path}"
