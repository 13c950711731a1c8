"""What all fits have: most probable values, how sure they are, and what the data cannot tell."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from oxysim.checks import instance, number, whole_number
from oxysim.errors import InputError
from oxysim.fitting.estimates import correlation_table, estimates_table
from oxysim.fitting.fit_words import report_lines
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.search.log_posterior import LogPosterior
from oxysim.fitting.search.optimisation import Maximum
from oxysim.fitting.search.posterior import Posterior, sample_posterior
from oxysim.fitting.search.profiles import Profile, profile_of
from oxysim.progress import counting

SUREST, LEAST_SURE = 0.5, 0.999  # levels of an interval that make sense
LONGEST_CHAIN = 20_000  # steps of a walker; a chain that mixes poorly ends here, and says so


def checked_posterior(posterior: Posterior | None) -> Posterior | None:
    """A posterior or None.

    >>> checked_posterior(None)
    """
    if posterior is not None:
        instance(posterior, "posterior", Posterior, "a posterior as posterior() gives it, or None")
    return posterior


class FittedValues:
    """Estimates, profiles and posterior of a fit: a part of :class:`Fit` and
    :class:`HierarchicalFit`.

    >>> from oxysim.fitting import Fit
    >>> issubclass(Fit, FittedValues)
    True
    """

    if TYPE_CHECKING:  # what a fit itself has

        @property
        def parameters(self) -> tuple[FreeParameter, ...]: ...

        density: LogPosterior
        ends: tuple[Maximum, ...]
        seed: int
        identity: str

    @property
    def maximum(self) -> Maximum:
        """The most probable latents."""
        return self.ends[0]

    @functools.cached_property
    def estimates(self) -> pd.DataFrame:
        """One row a parameter: the most probable value, its 95 % interval by the curvature there,
        the range of its prior, and ``learnt``: the share of the prior's variance that the data
        took away (0 where they told nothing).
        """
        return estimates_table(self.parameters, self.maximum)

    def correlations(self) -> pd.DataFrame:
        """How far what is known of two parameters goes together, by the curvature at the maximum.

        Near 1 or -1 the data tell only a combination of the two.
        """
        return correlation_table(self.parameters, self.maximum)

    def profiles(self, level: float = 0.95, *, progress: bool | None = None) -> dict[str, Profile]:
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
        file : where the chain is kept, so that it goes on after an end with the same bits.

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

    def _sentences(
        self, profiles: Mapping[str, Profile] | None, posterior: Posterior | None
    ) -> list[str]:
        """The sentences of a report, more where profiles or a posterior are there."""
        checked_posterior(posterior)
        if profiles is not None:
            instance(profiles, "profiles", Mapping, "profiles as profiles() gives them, or None")
        return report_lines(
            self.estimates, self.correlations(), self.ends, self.density.with_prior,
            {} if profiles is None else profiles, posterior,
        )  # fmt: skip
