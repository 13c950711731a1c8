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
from oxysim.fitting.free_parameters import WIDEST, FreeParameter
from oxysim.fitting.person_draws import PersonDraws
from oxysim.population import Correlation, Trait
from oxysim.texts import Described

USUAL_SPREAD = 0.5
"""The middle of the prior of a spread, in spreads of the parameter's own prior: persons of one study
differ less than what is plausible of anybody.
"""

SPREAD_OF_SPREAD = 0.7  # of its logarithm: 95 % between an eighth and two of the parameter's prior
FARTHEST_CORRELATION = 0.98  # beyond, two traits are one


@dataclass(frozen=True, eq=False, repr=False)
class PopulationScale(Described):
    """The figures of a population in K parameters.

    Attributes
    ----------
    parameters : what differs between persons.
    correlated : whether parameters may go together.

    >>> import oxysim as ox
    >>> from oxysim.fitting.free_parameters import free_parameters
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
        return (*centres, *map(_spread, self.parameters), *self._correlations())

    def _correlations(self) -> list[FreeParameter]:
        figures = []
        for first, second in self._pairs():
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
        for position, (first, second) in enumerate(self._pairs()) if self.correlated else ():
            partial = figures[position].value(latents[:, 2 * n_free + position])
            # partial correlations fill a row of the factor up to what is left of its length
            left = 1 - np.sum(factors[:, second, :first] ** 2, axis=1)
            factors[:, second, first] = partial * np.sqrt(left)
            length = np.sum(factors[:, second, :second] ** 2, axis=1)
            factors[:, second, second] = np.sqrt(1 - length)
        return latents[:, :n_free], factors * spreads[:, :, None]

    def log_likelihood(self, draws: PersonDraws, latents: FloatArray) -> FloatArray:
        """Of all samples in the populations at figures' latents, shape (n,)."""
        return draws.log_likelihood(*self.populations(latents))

    def traits(self, latent: FloatArray) -> tuple[tuple[Trait, ...], tuple[Correlation, ...]]:
        """The population at one figure's latents, as a :class:`Population` has it."""
        centres, factors = self.populations(latent[None])
        n_free = len(self.parameters)
        traits = []
        for k, parameter in enumerate(self.parameters):
            centre = float(parameter.value(centres[0, k : k + 1])[0])
            spread = float(self.figures[n_free + k].value(latent[n_free + k : n_free + k + 1])[0])
            traits.append(Trait(general_name(parameter), parameter.prior.distribution, centre,
                                spread, source="assumption", status="calibrated",
                                note="fitted to observations"))  # fmt: skip
        covariance = factors[0] @ factors[0].T
        sizes = np.sqrt(np.diag(covariance))
        pairs = [
            Correlation(traits[first].name, traits[second].name,
                        float(covariance[first, second] / (sizes[first] * sizes[second])))
            for first, second in self._pairs()
        ]  # fmt: skip
        return tuple(traits), tuple(pairs)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Population scale", [("", ", ".join(figure.name for figure in self.figures))]

    def _pairs(self) -> list[tuple[int, int]]:
        if not self.correlated:
            return []
        return [(i, j) for j in range(len(self.parameters)) for i in range(j)]


def general_name(parameter: FreeParameter) -> str:
    """The name that a population has for a parameter: "caregiver." in place of the caregiver.

    Raises
    ------
    InputError : a start or an edge, in which a population does not differ.

    >>> import oxysim as ox
    >>> from oxysim.fitting.free_parameters import free_parameters
    >>> general_name(free_parameters(["mother.oxytocin.clearance"], ox.Dyad())[0])
    'caregiver.oxytocin.clearance'
    """
    member, _, path = parameter.name.partition(".")
    if "->" in parameter.name or member == "start":
        raise InputError(
            what=f"parameter {parameter.name!r}",
            expected="parameters alone where a population is made: dyads of one differ in no start"
            " and no edge",
            found=parameter.name,
            key=("parameters",),
        )
    return f"infant.{path}" if member == "infant" else f"caregiver.{path}"


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
