"""A small ensemble whose figures and posterior are known."""

from __future__ import annotations

import numpy as np

from oxysim.ensembles import Ensemble
from oxysim.ensembles.observed_rows import Errors
from oxysim.population import Population
from tests.support.linear_truths import table

TOY = table()


def toy_ensemble(n: int = 40, *, seed: int = 1, tilt: float = 1.0) -> Ensemble:
    """Members of both structures; figures that are linear in the latents, `tilt` times as steep."""
    half = n // 2
    names = ["both"] * (n - half) + ["no gain"] * half
    latents = np.concatenate(
        [TOY.design(n - half, seed=seed), TOY.design(half, seed=seed, structure="no gain")]
    )
    values = np.array(
        [TOY.values(z, structure) for z, structure in zip(latents, names, strict=True)]
    )
    middles = np.array([row.middle for row in TOY.rows])
    errors = Errors.of(TOY.rows, {"C1a": 0.1})
    slopes = tilt * np.eye(5) * errors.total[:, None]
    return Ensemble(
        "toy", TOY, tuple(names), values, np.full(n, 1.0), middles + latents @ slopes.T, errors,
        tilt * np.eye(5), "five quantities", {"seeds": {"design": seed}},
    )  # fmt: skip


def level(population: Population) -> float:
    """The centre of the usual mood."""
    return float(population.trait("caregiver.depression.set_point").centre or 0.0)
