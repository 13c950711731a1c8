"""A fit of parameters that all of its persons share: most probable values, how sure they are, and
what the data cannot tell.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray
from oxysim.checks import choice
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.fitting.fitted_population import population_of
from oxysim.fitting.fitted_values import FittedValues, checked_posterior
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.persons.person_model import PersonModel
from oxysim.fitting.sample_predictions import dyads_with
from oxysim.fitting.search.log_posterior import LogPosterior
from oxysim.fitting.search.optimisation import Maximum
from oxysim.fitting.search.posterior import Posterior
from oxysim.fitting.search.profiles import Profile
from oxysim.observations import Observations
from oxysim.population import Population
from oxysim.texts import Described, counted, listed


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Described, FittedValues):
    """What a fit found.

    Attributes
    ----------
    data : the observations.
    model : the persons' samples and what they are likely under.
    density : the log posterior of the parameters' latents.
    ends : where the searches ended, the best first.
    seed : of the search, and of what is drawn from the fit.
    identity : a digest of everything that the fit rests on.

    >>> Fit.__mro__[2].__name__  # what it shares with a hierarchy
    'FittedValues'
    >>> fit = ox.fit(data, ox.Dyad(), day, ["mother.oxytocin.clearance"])  # doctest: +SKIP
    >>> print(fit.report())  # doctest: +SKIP
    1 parameter from 6 samples of 1 person.
    mother.oxytocin.clearance: 0.9 L/min (95 % 0.64 to 1.27).
    8 of 8 searches ended at this maximum.
    """

    data: Observations
    model: PersonModel
    density: LogPosterior
    ends: tuple[Maximum, ...]
    seed: int
    identity: str

    # ------------------------------------------------------------------ the maximum
    @property
    def parameters(self) -> tuple[FreeParameter, ...]:
        """What was free."""
        return self.model.parameters

    @property
    def values(self) -> dict[str, float]:
        """The most probable values, in the parameters' units."""
        return _values(self.parameters, self.maximum.latent)

    @functools.cached_property
    def log_likelihood(self) -> float:
        """Of all samples at the most probable values."""
        return float(self.model.together(self.maximum.latent[None])[0])

    def who(self, person: str | None = None) -> Family:
        """A person's dyad at the most probable values, to be simulated on.

        Raises
        ------
        UnknownNameError : nobody of that name. InputError : no name where there are several.
        """
        names = [samples.person for samples in self.model.persons]
        if person is None and len(names) > 1:
            raise InputError(f"person: expected one of {listed(names)}; found None")
        chosen = names[0] if person is None else choice(person, "person", names)
        family = self.model.persons[names.index(chosen)].who
        return dyads_with(family, self._values_of_dyads())[0]

    def _values_of_dyads(self) -> dict[str, float]:
        # edges are no part of a dyad: they go to `scale` of a simulation
        return {name: value for name, value in self.values.items() if "->" not in name}

    def expected(self) -> pd.DataFrame:
        """The data that were fitted, with what the model expects of each sample at the most
        probable values (column ``expected``).
        """
        shape = (1, len(self.model.persons), len(self.parameters))
        latents = np.broadcast_to(self.maximum.latent, shape)
        table = self.data.drop_missing().table.copy()
        table["expected"] = np.nan
        for samples, readings in zip(self.model.persons, self.model.expected(latents), strict=True):
            table.loc[samples.rows, "expected"] = readings[0]
        return table

    def to_population(
        self, name: str, posterior: Posterior | None = None, meaning: str = ""
    ) -> Population:
        """What is known after the fit as a population: dyads of it are persons that the data and
        the prior leave possible, not persons who differ.

        Parameters
        ----------
        posterior : whose draws it takes mean and covariance of; by default the curvature at the
            maximum says both.

        Raises
        ------
        InputError : a start or an edge among the parameters, or a uniform prior.
        """
        centre, covariance = self.maximum.latent, self.maximum.covariance()
        checked_posterior(posterior)
        if posterior is not None:
            flat = posterior.latents.reshape(-1, len(self.parameters))
            centre, covariance = (
                flat.mean(axis=0),
                np.atleast_2d(np.cov(flat.T)),
            )
        # where the data tell nothing the prior still holds
        covariance = np.where(np.isfinite(covariance), covariance, 1.0)
        provenance = {
            "fitted_to": self.data.name, "persons": len(self.model.persons),
            "samples": self.model.n_samples, "fit": self.identity, "seed": self.seed,
            "spread": "what is not known of the values, not a difference between persons",
        }  # fmt: skip
        return population_of(name, self.parameters, centre, covariance, provenance, meaning)

    # ------------------------------------------------------------------ in words
    def report(
        self,
        profiles: Mapping[str, Profile] | None = None,
        posterior: Posterior | None = None,
    ) -> str:
        """What the data tell and what they do not, in sentences; more where profiles or a posterior
        are there.
        """
        lines = self._sentences(profiles, posterior)
        samples = counted(self.model.n_samples, "sample")
        persons = counted(len(self.model.persons), "person")
        censored = int(self.data.drop_missing().table["censored"].isin(("below", "above")).sum())
        head = f"{counted(len(self.parameters), 'parameter')} from {samples} of {persons}"
        head += f", {censored} of them censored." if censored else "."
        return "\n".join([head, *lines])

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        rows = self.estimates.itertuples()
        return "Fit", [
            ("to", f"{counted(self.model.n_samples, 'sample')} of"
                   f" {counted(len(self.model.persons), 'person')}"),
            *((row.parameter, f"{row.estimate:.4g} ({row.low:.4g} to {row.high:.4g})")
              for row in rows),
            ("log likelihood", f"{self.log_likelihood:.2f}"),
        ]  # fmt: skip


def _values(parameters: Sequence[FreeParameter], latent: FloatArray) -> dict[str, float]:
    return {
        parameter.name: float(parameter.value(latent[k : k + 1])[0])
        for k, parameter in enumerate(parameters)
    }
