"""A hierarchical fit as an ensemble: populations that its data leave possible, one a draw.

A trial in each of them gives the power of the next study with what is not known of the population
in it (its assurance), where the most probable population alone would promise too much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.ensembles import Ensemble, Prior, PriorTable
from oxysim.ensembles.observed_rows import Errors
from oxysim.fitting.fitted_population import general_name
from oxysim.fitting.hierarchy.population_scale import (
    FARTHEST_CORRELATION,
    PopulationScale,
)
from oxysim.population import Population


def ensemble_of(
    base: Population,
    scale: PopulationScale,
    latents: FloatArray,
    record: Mapping[str, Any],
) -> Ensemble:
    """The populations at some draws of a population's figures, all of one weight.

    Parameters
    ----------
    base : the most probable population.
    latents : draws of the figures, shape (n, n_figures).
    record : how they were drawn.

    >>> import oxysim as ox
    >>> from oxysim.fitting.fitted_population import population_of
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> scale = PopulationScale(free_parameters(["mother.oxytocin.clearance"], ox.Dyad()), False)
    >>> base = population_of("mine", scale.parameters, np.zeros(1), np.eye(1), {})
    >>> ensemble = ensemble_of(base, scale, np.array([[0.0, 0.0], [1.0, 0.0]]), {})
    >>> [round(population.traits[0].centre, 2) for population in ensemble]
    [0.82, 1.12]
    """
    centres, factors = scale.populations(latents)
    columns = [parameter.value(centres[:, k]) for k, parameter in enumerate(scale.parameters)]
    sizes = np.sqrt(np.sum(factors**2, axis=2))
    for k, parameter in enumerate(scale.parameters):
        # from latents to the scale on which the trait is normal
        columns.append(sizes[:, k] * float(parameter.prior.spread or 1.0))
    for first, second in scale.pairs:
        products = np.sum(factors[:, first] * factors[:, second], axis=1)
        columns.append(products / (sizes[:, first] * sizes[:, second]))

    priors = _priors(scale)
    values = np.stack(columns, axis=1)
    for k, prior in enumerate(priors):
        # clipped against rounding only: draws come from these priors
        values[:, k] = np.clip(values[:, k], prior.low, prior.high)
    table = PriorTable(base.name, base, priors, meaning=base.meaning)
    n = len(latents)
    return Ensemble(
        base.name, table, (table.structures[0].name,) * n, values, np.full(n, 1 / n),
        np.zeros((n, 0)), Errors.of(()), np.zeros((0, len(priors))), base.meaning, dict(record),
    )  # fmt: skip


def _priors(scale: PopulationScale) -> tuple[Prior, ...]:
    """The priors of the figures, as a table of priors calls them."""
    names = [general_name(parameter) for parameter in scale.parameters]
    n_free = len(names)
    priors = []
    for figure, trait, kind in zip(
        scale.figures,
        [*names, *names],
        ["centre"] * n_free + ["spread"] * n_free,
        strict=False,
    ):
        prior = figure.prior
        priors.append(
            Prior(
                f"{trait}: {kind}", kind, trait, prior.distribution, prior.low, prior.high,
                prior.centre, prior.spread,
            )
        )  # fmt: skip
    return (*priors, *_correlations(scale, names))


def _correlations(scale: PopulationScale, names: Sequence[str]) -> list[Prior]:
    edge = FARTHEST_CORRELATION
    return [
        Prior(
            f"{names[first]} with {names[second]}: correlation", "correlation", names[first],
            "uniform", -edge, edge, second=names[second],
        )
        for first, second in scale.pairs
    ]  # fmt: skip
