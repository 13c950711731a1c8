"""Where the candidates of all structures lie together, so that one emulator learns from all runs.

A structure without an edge is the edge of the range of one with it: its gain is 0. The latent of a
uniform prior runs to minus infinity there, so a uniform quantity's coordinate is the quantity
itself, centred and scaled to an SD of 1; that of any other prior is its latent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from oxysim.arrays import BoolArray, FloatArray
from oxysim.ensembles.prior_table import PriorTable

WIDTH = float(np.sqrt(12.0))  # of a uniform distribution with an SD of 1
# Where a quantity without a place for 0, such as a lognormal one, is put when it is fixed at 0:
# three standard deviations below its middle.
NOWHERE = -3.0


@dataclass(frozen=True, eq=False)
class SharedCoordinates:
    """From the latents of one structure's candidates to coordinates that all structures share.

    Attributes
    ----------
    free, uniform : which quantities are free, and which have a uniform prior, shape (d,).
    fixed : coordinates of quantities that are 0, shape (d,).

    >>> free, fixed = np.array([True, False]), np.array([0.0, -1.7])
    >>> SharedCoordinates(free, ~free, fixed)(np.array([[0.5, 0.0]])).tolist()
    [[0.5, -1.7]]
    """

    free: BoolArray
    uniform: BoolArray
    fixed: FloatArray

    @classmethod
    def of(cls, table: PriorTable, structure: str = "") -> SharedCoordinates:
        """Those of a structure of a table.

        >>> table = PriorTable.named("community")
        >>> coordinates = SharedCoordinates.of(table, "no loop into mood")
        >>> place = table.quantities.index("reward -> mood")
        >>> float(coordinates(np.zeros((1, len(table.priors))))[0, place].round(3))
        -1.732
        """
        uniform = np.array([prior.distribution == "uniform" for prior in table.priors])
        at_zero = [
            WIDTH * (-prior.low / (prior.high - prior.low) - 0.5)
            if prior.distribution == "uniform"
            else (float(prior.latent(np.zeros(1))[0]) if prior.low <= 0 <= prior.high else NOWHERE)
            for prior in table.priors
        ]
        return cls(table.free(structure), uniform, np.maximum(at_zero, NOWHERE))

    def __call__(self, latents: FloatArray) -> FloatArray:
        """The coordinates at latents of shape (n, d): shape (n, d)."""
        even = WIDTH * (ndtr(latents) - 0.5)
        return np.where(self.free, np.where(self.uniform, even, latents), self.fixed)

    def slopes(self, latents: FloatArray) -> FloatArray:
        """How far each coordinate moves with its latent, shape (n, d); 0 where fixed.

        >>> some = SharedCoordinates(np.array([True]), np.array([True]), np.zeros(1))
        >>> float(some.slopes(np.zeros((1, 1)))[0, 0].round(3))  # the square root of 12 / (2 pi)
        1.382
        """
        density = np.exp(-0.5 * np.square(latents)) / np.sqrt(2 * np.pi)
        return np.where(self.free, np.where(self.uniform, WIDTH * density, 1.0), 0.0)
