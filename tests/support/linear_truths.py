"""A model with normal errors whose posterior is known: figures that are linear in the latents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oxysim.ensembles import ObservedRow, Prior, PriorTable, Structure
from oxysim.population import Population, Trait

PARAMETERS = (
    "caregiver.depression.set_point",
    "caregiver.oxytocin.central_basal",
    "caregiver.oxytocin.plasma_basal",
    "caregiver.depression.loop_gain",
)
GAIN = "caregiver.depression.reward_gain"
FINDINGS = ("C1a", "C1b", "C1c", "C5", "C6")


@dataclass(frozen=True)
class LinearTruth:
    """figures = slopes z + intercepts + noise, z standard normal.

    Attributes
    ----------
    slopes : shape (m, d). errors : standard deviations of what is observed, shape (m,).
    """

    slopes: np.ndarray
    errors: np.ndarray

    def posterior(self, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance, in closed form."""
        scaled = self.slopes / self.errors[:, None]
        covariance = np.linalg.inv(np.eye(self.slopes.shape[1]) + scaled.T @ scaled)
        return covariance @ scaled.T @ (observed / self.errors), covariance

    def log_evidence(self, observed: np.ndarray) -> float:
        """The density of what is observed under the prior, in closed form."""
        covariance = self.slopes @ self.slopes.T + np.diag(self.errors**2)
        _, level = np.linalg.slogdet(2 * np.pi * covariance)
        return float(-0.5 * (level + observed @ np.linalg.solve(covariance, observed)))


def truth(figures: int = 8, latents: int = 6, seed: int = 0) -> LinearTruth:
    """A truth with slopes at random: some latents are told, some hardly."""
    draw = np.random.default_rng(seed)
    strength = np.linspace(1.5, 0.1, latents)
    return LinearTruth(draw.standard_normal((figures, latents)) * strength, np.full(figures, 0.8))


def table() -> PriorTable:
    """Five quantities of a population, and two structures."""
    base = Population("toy", tuple(Trait(name, "lognormal", 3.0, 0.3) for name in PARAMETERS))
    priors = tuple(
        Prior(f"level {k}", "centre", name, "lognormal", 0.3, 30.0, 3.0, 0.4)
        for k, name in enumerate(PARAMETERS)
    )
    gain = Prior("gain", "value", GAIN, "uniform", 0.0, 2.0)
    rows = (
        ObservedRow("C1a", 5.0, 7.0),
        ObservedRow("C1b", 5.0, 6.0),
        ObservedRow("C1c", 4.0, 5.5),
        ObservedRow("C5", -0.5, -0.2),
        ObservedRow("C6", -2.0, 0.0),
    )
    return PriorTable(
        "toy",
        base,
        (*priors, gain),
        (Structure("both"), Structure("no gain", zero=("gain",))),
        rows,
    )


def toy_forward(population: Population, *, seed: int) -> dict[str, float]:
    """Figures that are nearly linear in the latents of `table`, with a little Monte Carlo noise."""
    z = [np.log((population.trait(name).centre or 1.0) / 3.0) / 0.4 for name in PARAMETERS]
    gain = population.values[GAIN]
    noisy = 0.02 * np.random.default_rng(seed).standard_normal(5)
    return {
        "C1a": 6.0 + 0.8 * z[0] + 0.2 * z[1] + noisy[0],
        "C1b": 5.3 + 0.6 * z[0] - 0.3 * gain + noisy[1],
        "C1c": 4.6 + 0.5 * z[1] + 0.1 * z[0] ** 2 + noisy[2],
        "C5": -0.1 - 0.2 * gain + 0.05 * z[2] + noisy[3],
        "C6": -1.0 + 0.4 * z[2] + noisy[4],
    }
