"""A fit of parameters that all of its persons share: most probable values, how sure they are, and
what the data cannot tell.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray
from oxysim.checks import choice, number, whole_number
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.fitting.fit_words import report_lines
from oxysim.fitting.free_parameters import FreeParameter
from oxysim.fitting.log_posterior import LogPosterior
from oxysim.fitting.optimisation import Maximum
from oxysim.fitting.person_model import PersonModel
from oxysim.fitting.posterior import Posterior, sample_posterior
from oxysim.fitting.predictions import dyads_with
from oxysim.fitting.profiles import Profile, profile_of
from oxysim.observations import Observations
from oxysim.population.traits import TAIL
from oxysim.progress import counting
from oxysim.texts import Described, counted, listed

SUREST, LEAST_SURE = 0.5, 0.999  # levels of an interval that make sense
LONGEST_CHAIN = 20_000  # steps of a walker; a chain that mixes poorly ends here, and says so


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Described):
    """What a fit found.

    Attributes
    ----------
    data : the observations.
    model : the persons' samples and what they are likely under.
    density : the log posterior of the parameters' latents.
    ends : where the searches ended, the best first.
    seed : of the search, and of what is drawn from the fit.
    identity : a digest of everything that the fit rests on.

    >>> import pandas as pd
    >>> import oxysim as ox
    >>> from oxysim.observations import Observations
    >>> table = pd.DataFrame({"person": "a", "analyte": "salivary_cortisol", "unit": "nmol/L",
    ...                       "minutes": [480.0, 720.0, 1020.0], "value": [9.0, 6.0, 3.5]})
    >>> data = Observations.from_table(table)
    >>> fit = ox.fit(data, ox.Dyad(), ox.Routine.empty(), ["mother.stress.cortisol_basal"],
    ...              starts=1)  # doctest: +SKIP
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
    def maximum(self) -> Maximum:
        """The most probable latents."""
        return self.ends[0]

    @property
    def values(self) -> dict[str, float]:
        """The most probable values, in the parameters' units."""
        return _values(self.parameters, self.maximum.latent)

    @functools.cached_property
    def log_likelihood(self) -> float:
        """Of all samples at the most probable values."""
        return float(self.model.together(self.maximum.latent[None])[0])

    @functools.cached_property
    def estimates(self) -> pd.DataFrame:
        """One row a parameter: the most probable value, its 95 % interval by the curvature there,
        the range of its prior, and ``learnt``: the share of the prior's variance that the data
        took away (0 where they told nothing).
        """
        spreads = np.sqrt(np.diag(self.maximum.covariance()))
        return estimates_table(self.parameters, self.maximum.latent, spreads)

    def correlations(self) -> pd.DataFrame:
        """How far what is known of two parameters goes together, by the curvature at the maximum.

        Near 1 or -1 the data tell only a combination of the two.
        """
        covariance = self.maximum.covariance()
        spreads = np.sqrt(np.diag(covariance))
        names = [parameter.name for parameter in self.parameters]
        # where a spread is infinite nothing is known of either
        with np.errstate(invalid="ignore"):
            together = np.nan_to_num(covariance / np.outer(spreads, spreads))
        np.fill_diagonal(together, 1.0)
        return pd.DataFrame(together, names, names)

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
        for samples, readings in zip(
            self.model.persons, self.model.expected(latents), strict=True
        ):
            table.loc[samples.rows, "expected"] = readings[0]
        return table

    # ------------------------------------------------------------------ how sure
    def profiles(
        self, level: float = 0.95, *, progress: bool | None = None
    ) -> dict[str, Profile]:
        """The profile of each parameter, with its interval.

        Parameters
        ----------
        level : of the intervals.
        """
        level = number(level, "level", SUREST, LEAST_SURE)
        profiles = {}
        with counting(len(self.parameters), "profiles", "parameter", progress) as bar:
            for position, parameter in enumerate(self.parameters):
                profiles[parameter.name] = profile_of(
                    self.density, self.maximum, position, parameter, level
                )
                bar.advance()
        return profiles

    def posterior(
        self,
        draws: int = 1000,
        *,
        longest: int = LONGEST_CHAIN,
        file: str | Path | None = None,
        progress: bool | None = None,
    ) -> Posterior:
        """Draws from the posterior, by emcee (extra ``fitting``).

        Parameters
        ----------
        draws : effective ones that every parameter is to have.
        longest : steps of a walker at most; what a chain does not reach by then is said.
        file : where the chain is kept, so that it goes on after an end.

        Raises
        ------
        MissingExtraError : emcee is not installed. InputError : a fit without a prior, a file of
            another fit.
        """
        whole_number(draws, "draws")
        whole_number(longest, "longest", 200)
        if not self.density.with_prior:
            raise InputError(
                what="posterior",
                expected="a fit with priors: without them the likelihood alone is no density",
                found="priors=None",
                key=("priors",),
            )
        with counting(longest, "posterior", "step", progress) as bar:
            return sample_posterior(
                self.density, self.parameters, self.maximum, seed=self.seed, draws=draws,
                longest=longest, file=file, identity=self.identity, done=bar.advance,
            )  # fmt: skip

    # ------------------------------------------------------------------ in words
    def report(
        self, profiles: Mapping[str, Profile] | None = None, posterior: Posterior | None = None
    ) -> str:
        """What the data tell and what they do not, in sentences; more where profiles or a posterior
        are there.
        """
        lines = report_lines(
            self.estimates, self.correlations(), self.ends, self.density.with_prior,
            {} if profiles is None else profiles, posterior,
        )  # fmt: skip
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


def estimates_table(
    parameters: Sequence[FreeParameter], latent: FloatArray, spreads: FloatArray
) -> pd.DataFrame:
    """Estimates by latents and their standard deviations, as :attr:`Fit.estimates` has them."""
    rows = []
    for parameter, middle, spread in zip(parameters, latent, spreads, strict=True):
        # beyond the latents' ends nothing is told apart
        reach = TAIL * min(float(spread), 10.0)
        low, value, high = parameter.value(np.array([middle - reach, middle, middle + reach]))
        prior_low, prior_high = parameter.value(np.array([-TAIL, TAIL]))
        rows.append({
            "parameter": parameter.name, "unit": parameter.unit,
            "estimate": value, "low": low, "high": high,
            "prior_low": prior_low, "prior_high": prior_high,
            "learnt": float(np.clip(1 - spread**2, 0.0, 1.0)), "latent": float(middle),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _values(parameters: Sequence[FreeParameter], latent: FloatArray) -> dict[str, float]:
    return {
        parameter.name: float(parameter.value(latent[k : k + 1])[0])
        for k, parameter in enumerate(parameters)
    }


