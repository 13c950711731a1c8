"""The figures of a population of persons as latents of their own: centres, spreads, correlations.

Each figure has a prior, and with it a standard-normal latent, so that what seeks and draws the
parameters of a person seeks and draws those of a population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.ensembles import Prior
from oxysim.errors import InputError
from oxysim.fitting.hierarchy.person_draws import PersonDraws
from oxysim.fitting.persons.free_parameters import WIDEST, FreeParameter
from oxysim.texts import Described

USUAL_SPREAD = 0.5
"""The middle of the prior of a spread, in spreads of the parameter's own prior: persons of one
study differ less than what is plausible of anybody.
"""

SPREAD_OF_SPREAD = 0.7  # of its logarithm: 95 % from an eighth to twice the prior's own
FARTHEST_CORRELATION = 0.98  # beyond, two traits are one


@dataclass(frozen=True, eq=False, repr=False)
class PopulationScale(Described):
    """The figures of a population in K parameters.

    Attributes
    ----------
    parameters : what differs between persons.
    correlated : whether parameters may go together.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> scale = PopulationScale(free_parameters(["mother.oxytocin.clearance"], ox.Dyad()), False)
    >>> [figure.name for figure in scale.figures]
    ['mother.oxytocin.clearance: centre', 'mother.oxytocin.clearance: spread']
    """

    parameters: tuple[FreeParameter, ...]
    correlated: bool

    def __post_init__(self) -> None:
        for parameter in self.parameters:
            # a uniform prior has no scale on which persons could be normal
            if parameter.prior.distribution == "uniform":
                raise InputError(
                    what=f"prior of {parameter.name!r}",
                    expected="a normal, lognormal or logit-normal prior where persons differ",
                    found="a uniform one",
                    remedy="give it one in priors=, or fit persons together or separately",
                    key=("priors",),
                )

    @property
    def figures(self) -> tuple[FreeParameter, ...]:
        """Centres, then spreads, then correlations, each with its prior."""
        centres = [
            FreeParameter(f"{p.name}: centre", p.prior, p.targets, p.unit) for p in self.parameters
        ]
        return (
            *centres,
            *map(_spread, self.parameters),
            *self._correlations(),
        )

    def _correlations(self) -> list[FreeParameter]:
        figures = []
        for first, second in self.pairs:
            label = f"{self.parameters[second].name} with {self.parameters[first].name}: r"
            edge = FARTHEST_CORRELATION
            prior = Prior(label, "value", label, "uniform", -edge, edge)
            figures.append(FreeParameter(label, prior, (label,), "1"))
        return figures

    def populations(self, latents: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean latents (n, K) and Cholesky factors (n, K, K) of the populations at figures' latents
        (n, n_figures).
        """
        n_free = len(self.parameters)
        spreads = np.stack(
            [
                figure.value(latents[:, n_free + k]) / _own_spread(self.parameters[k])
                for k, figure in enumerate(self.figures[n_free : 2 * n_free])
            ],
            axis=1,
        )
        factors = np.zeros((len(latents), n_free, n_free))
        factors[:, range(n_free), range(n_free)] = 1.0
        figures = self.figures[2 * n_free :]
        for position, (first, second) in enumerate(self.pairs) if self.correlated else ():
            partial = figures[position].value(latents[:, 2 * n_free + position])
            # partial correlations fill a row of the factor up to what is left of its length
            remaining = 1 - np.sum(factors[:, second, :first] ** 2, axis=1)
            factors[:, second, first] = partial * np.sqrt(remaining)
            length = np.sum(factors[:, second, :second] ** 2, axis=1)
            factors[:, second, second] = np.sqrt(1 - length)
        return latents[:, :n_free], factors * spreads[:, :, None]

    def log_likelihood(self, draws: PersonDraws, latents: FloatArray) -> FloatArray:
        """Of all samples in the populations at figures' latents, shape (n,)."""
        return draws.log_likelihood(*self.populations(latents))

    def covariance(self, latent: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean latents (K,) and covariance (K, K) of the population at one figures' latents.

        >>> import oxysim as ox
        >>> from oxysim.fitting.persons.free_parameters import free_parameters
        >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
        >>> PopulationScale(free, False).covariance(np.zeros(2))
        (array([0.]), array([[0.25]]))
        """
        centres, factors = self.populations(latent[None])
        return centres[0], factors[0] @ factors[0].T

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Population scale", [("", ", ".join(figure.name for figure in self.figures))]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The parameters that may go together, by their positions."""
        if not self.correlated:
            return []
        return [(i, j) for j in range(len(self.parameters)) for i in range(j)]


def _own_spread(parameter: FreeParameter) -> float:
    """One latent of a parameter, on the scale on which its prior is normal."""
    return float(parameter.prior.spread or 1.0)


def _spread(parameter: FreeParameter) -> FreeParameter:
    """The spread between persons, on the scale on which the parameter's prior is normal."""
    label = f"{parameter.name}: spread"
    middle = USUAL_SPREAD * _own_spread(parameter)
    reach = float(np.exp(WIDEST * SPREAD_OF_SPREAD))
    prior = Prior(label, "value", label, "lognormal", middle / reach, middle * reach, middle,
                  SPREAD_OF_SPREAD)  # fmt: skip
    return FreeParameter(label, prior, (label,), "1")
