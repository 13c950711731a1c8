"""A hierarchy: the population of a study's persons, and each person within it, from all samples
together.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim.checks import instance, whole_number
from oxysim.ensembles import Ensemble
from oxysim.fitting.fitted_population import population_of
from oxysim.fitting.fitted_values import FittedValues
from oxysim.fitting.hierarchy.fitted_ensemble import ensemble_of
from oxysim.fitting.hierarchy.person_draws import LogLikelihood, PersonDraws, draw_persons
from oxysim.fitting.hierarchy.population_scale import PopulationScale
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.persons.person_model import PersonModel
from oxysim.fitting.search.log_posterior import LogPosterior
from oxysim.fitting.search.optimisation import Maximum, search_maximum
from oxysim.fitting.search.posterior import Posterior
from oxysim.fitting.search.profiles import Profile
from oxysim.observations import Observations
from oxysim.population import Population
from oxysim.population.traits import TAIL
from oxysim.streams import stream
from oxysim.texts import Described, counted, listed

ROUNDS = 3  # of drawing persons: each around the population that the draws before led to
WIDER = 1.5  # than that population, so that what is compared with it is covered too
FEWEST_EFFECTIVE = (
    30  # draws of a person that weigh; with fewer, its part of the likelihood is noise
)


@dataclass(frozen=True, eq=False, repr=False)
class HierarchicalFit(Described, FittedValues):
    """A population and its persons, fitted together.

    Attributes
    ----------
    data : the observations.
    model : the persons' samples and what they are likely under.
    scale : the population's figures: centres, spreads, correlations.
    draws : of each person's latents, with weights.
    density : the log posterior of the figures' latents.
    ends : where the searches ended, the best first.
    seed, identity : as of a :class:`Fit`.

    In ``estimates`` a centre is the median person's value, a spread the standard deviation between
    persons on the scale of the distribution (0.3 of a lognormal one: about 30 %).

    >>> hierarchy = ox.fit(data, dyad, day, names, persons="hierarchy")  # doctest: +SKIP
    >>> hierarchy.to_population("twenty mothers").sample(3, seed=1)  # doctest: +SKIP
    """

    data: Observations
    model: PersonModel
    scale: PopulationScale
    draws: PersonDraws
    density: LogPosterior
    ends: tuple[Maximum, ...]
    seed: int
    identity: str

    @property
    def parameters(self) -> tuple[FreeParameter, ...]:
        """The figures of the population."""
        return self.scale.figures

    @functools.cached_property
    def persons(self) -> pd.DataFrame:
        """One row a person and parameter, within the most probable population: the median and its
        95 % interval, and ``shrinkage``, the share of the population's variance that is left of
        what the person's samples tell: near 1 the person's value is the population's.
        """
        centres, factors = self.scale.populations(self.maximum.latent[None])
        weights = self.draws.weights(centres[0], factors[0])
        variances = np.diag(factors[0] @ factors[0].T)
        rows = []
        for row, samples in enumerate(self.model.persons):
            for k, parameter in enumerate(self.model.parameters):
                latents = self.draws.latents[row, :, k]
                mean = float(np.sum(weights[row] * latents))
                variance = float(np.sum(weights[row] * (latents - mean) ** 2))
                reach = TAIL * np.sqrt(variance)
                low, value, high = parameter.value(np.array([mean - reach, mean, mean + reach]))
                rows.append({
                    "person": samples.person, "parameter": parameter.name, "unit": parameter.unit,
                    "estimate": value, "low": low, "high": high,
                    "shrinkage": float(np.clip(variance / variances[k], 0.0, 1.0)),
                })  # fmt: skip
        return pd.DataFrame(rows)

    def to_population(self, name: str, meaning: str = "") -> Population:
        """The fitted population: its traits and correlations, and where they are from.

        Trials, cohorts and sweeps run on it. What was not fitted stands at its default.

        Raises
        ------
        InputError : a parameter in which a population cannot differ (a start, an edge).
        """
        provenance: dict[str, Any] = {
            "fitted_to": self.data.name, "persons": len(self.model.persons),
            "samples": self.model.n_samples, "fit": self.identity, "seed": self.seed,
            "log_density": round(self.maximum.log_density, 6),
        }  # fmt: skip
        figures = self.scale.covariance(self.maximum.latent)
        return population_of(name, self.model.parameters, *figures, provenance, meaning)

    def to_ensemble(
        self, name: str, posterior: Posterior, n: int = 100, meaning: str = ""
    ) -> Ensemble:
        """Populations that the data leave possible: as many draws of the figures' posterior.

        A trial over it (``Trial.drawn_from``) has an assurance, the power of the next study with
        what is not known of the population in it.

        Parameters
        ----------
        posterior : of this fit.
        n : populations.

        Raises
        ------
        InputError : more populations than draws; further as of :meth:`to_population`.
        """
        instance(posterior, "posterior", Posterior, "a posterior as posterior() gives it")
        base = self.to_population(name, meaning)
        flat = posterior.latents.reshape(-1, len(self.parameters))
        whole_number(n, "n", 1, len(flat))
        generator = stream(self.seed, 0, "populations of a posterior")
        chosen = generator.choice(len(flat), n, replace=False)
        record = {**base.provenance, **posterior.provenance, "draws": n}
        return ensemble_of(base, self.scale, flat[chosen], record)

    def report(
        self, profiles: Mapping[str, Profile] | None = None, posterior: Posterior | None = None
    ) -> str:
        """What the data tell of the population and of its persons, in sentences."""
        samples = counted(self.model.n_samples, "sample")
        head = f"A population of {counted(len(self.model.persons), 'person')} from {samples}."
        return "\n".join([head, *self._sentences(profiles, posterior), *self._about_persons()])

    def _about_persons(self) -> list[str]:
        lines = []
        shrinkage = self.persons.groupby("parameter", sort=False)["shrinkage"].mean()
        for name, share in shrinkage.items():
            lines.append(f"Of the variance between persons in {name}, {100 * share:.0f} % is left"
                         " open by a person's own samples on average.")  # fmt: skip
        centres, factors = self.scale.populations(self.maximum.latent[None])
        effective = self.draws.effective(centres[0], factors[0])
        poor = [
            samples.person
            for samples, draws in zip(self.model.persons, effective, strict=True)
            if draws < FEWEST_EFFECTIVE
        ]
        if poor:
            lines.append(f"Few draws weigh for {listed(poor)}: fit again with more draws=.")
        return lines

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        rows = self.estimates.itertuples()
        return "Hierarchical fit", [
            ("of", counted(len(self.model.persons), "person")),
            *((row.parameter, f"{row.estimate:.4g} ({row.low:.4g} to {row.high:.4g})")
              for row in rows),
        ]  # fmt: skip


def fit_population(
    alone: Sequence[LogLikelihood],
    together: LogLikelihood,
    scale: PopulationScale,
    *,
    draws: int,
    starts: int,
    seed: int,
    done: Callable[[], None] | None = None,
) -> tuple[PersonDraws, LogPosterior, tuple[Maximum, ...]]:
    """The draws of persons, the log posterior of the population's figures, and its maxima.

    Persons are drawn anew around the population that the draws before led to, a little wider than
    it, until the draws lie where they count.

    Parameters
    ----------
    alone, together : the log likelihood of each person's samples, and of all at once, as
        :func:`draw_persons` takes them.
    draws : of each person.
    done : is called after each person of each round.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> scale = PopulationScale(free_parameters(["mother.oxytocin.clearance"], ox.Dyad()), False)
    >>> def alone(latents):
    ...     return -2 * (latents[:, 0] - 0.5) ** 2
    >>> def together(latents):
    ...     return np.stack([alone(latents[:, k]) for k in range(3)], axis=1)
    >>> options = {"draws": 64, "starts": 1, "seed": 1}
    >>> draws, density, ends = fit_population([alone] * 3, together, scale, **options)
    >>> draws.latents.shape
    (3, 64, 1)
    """
    n_free = len(scale.parameters)
    centre, factor = np.zeros(n_free), np.eye(n_free)
    figures = len(scale.figures)
    for last in range(ROUNDS):
        drawn = draw_persons(alone, together, centre, factor, draws=draws, seed=seed, done=done)
        # bound now: each round has a density of its own
        likelihood = functools.partial(scale.log_likelihood, drawn)
        density = LogPosterior(likelihood, figures)
        ends = search_maximum(density, starts if last == ROUNDS - 1 else 1, seed)
        centres, factors = scale.populations(ends[0].latent[None])
        centre, factor = centres[0], WIDER * factors[0]
    return drawn, density, ends
