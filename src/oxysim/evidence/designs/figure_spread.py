r"""How far figures differ between an ensemble's members, and what a study of n participants adds.

Of member j a design's figures are m_j, known from a few simulated dyads with an error e_j. The
same draws serve all members, so that most of the error is common to them and tells members apart
no less. What is left of it, E, is seen where every member is simulated with several seeds: the
interaction of members and seeds. A study of n participants strays by S/n. So its figures differ
over the ensemble and its own luck by

    T(n) = V + S/n − E            V: the covariance of the simulated figures between members

All that follows is asked in the frame in which V is the identity and T diagonal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.ensembles.predictions import effective_size
from oxysim.errors import InputError
from oxysim.texts import counted

# At most half of the simulated spread is taken away as error: beyond that a difference of two
# nearly equal estimates would make a design look better than can be known.
LEAST_LEFT = 0.5
PER_FIGURE = 3  # members for each figure: with fewer chance tells more than the figures do
RIDGE = 1e-9  # of each figure's variance: two figures that are one leave V without an inverse


def least_members(figures: int) -> int:
    """How many members it takes for what some figures tell to be more than chance.

    >>> least_members(4)
    13
    """
    return PER_FIGURE * figures + 1


def few_members(design: str, figures: int, members: int) -> InputError:
    """The error of a design with too many figures for so many members.

    >>> print(few_members("diary", 4, 12))
    design 'diary': expected 13 members at least, three for each of 4 figures and one; found 12; \
take more members, or fewer figures
    """
    return InputError(
        what=f"design {design!r}",
        expected=f"{least_members(figures)} members at least, three for each of"
        f" {counted(figures, 'figure')} and one",
        found=str(members),
        remedy="take more members, or fewer figures",
    )


class FigureSpread(NamedTuple):
    """The figures of some members of an ensemble.

    Attributes
    ----------
    means : of each member over its seeds, shape (m, k).
    noise : S, of one participant, the members' mean, shape (k, k).
    error : E, of the members' means, shape (k, k); zeros of one seed.
    weights : of the members, shape (m,), sum 1.

    >>> values = np.array([[[1.0], [1.2]], [[3.0], [3.2]]])  # 2 members, 2 seeds, 1 figure
    >>> spread = FigureSpread.of(values, np.ones((2, 1, 1)), np.full(2, 0.5))
    >>> spread.error.round(9).tolist()  # both members strayed alike: that tells them apart
    [[0.0]]
    """

    means: FloatArray
    noise: FloatArray
    error: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, values: FloatArray, noise: FloatArray, weights: FloatArray) -> FigureSpread:
        """From what was simulated.

        Parameters
        ----------
        values : shape (m, seeds, k).
        noise : of one participant in each member, shape (m, k, k).
        weights : of the members, shape (m,).
        """
        share = weights / weights.sum()
        members, seeds, size = values.shape
        means = values.mean(axis=1)
        common = np.einsum("j,jsk->sk", share, values)
        # what is neither a member's own nor a seed's own
        rest = values - means[:, None] - common + common.mean(axis=0)
        freedom = max((seeds - 1) * (1 - 1 / max(effective_size(share), 2.0)), 1e-9)
        crossed = np.einsum("j,jsk,jsl->kl", share, rest, rest) / freedom
        error = crossed / seeds if seeds > 1 and members > 1 else np.zeros((size, size))
        return cls(means, np.einsum("j,jkl->kl", share, noise), error, share)

    @property
    def members(self) -> float:
        """How many equal members they stand for."""
        return effective_size(self.weights)

    def without(self, number: int) -> FigureSpread:
        """Without one member, for the jackknife.

        >>> spread = FigureSpread(np.zeros((3, 1)), np.eye(1), np.zeros((1, 1)), np.full(3, 1 / 3))
        >>> len(spread.without(0).means)
        2
        """
        remaining = np.arange(len(self.means)) != number
        share = self.weights[remaining]
        return self._replace(means=self.means[remaining], weights=share / share.sum())

    def of_figure(self, number: int) -> FigureSpread:
        """One figure alone.

        >>> spread = FigureSpread(np.zeros((3, 2)), np.eye(2), np.zeros((2, 2)), np.full(3, 1 / 3))
        >>> spread.of_figure(1).means.shape
        (3, 1)
        """
        column = slice(number, number + 1)
        return self._replace(
            means=self.means[:, column],
            noise=self.noise[column, column],
            error=self.error[column, column],
        )


class Frame(NamedTuple):
    """A frame in which the simulated covariance is the identity, and T(n) is diagonal.

    Attributes
    ----------
    axes : shape (k, k): a figure's deviation times it stands in the frame.
    totals : the diagonal of T(n) there, shape (k,); 1 where a study adds as much as the simulation
        strayed by, above 1 where the study strays by more.

    >>> frame = frame_of(np.array([[4.0]]), np.array([[12.0]]))
    >>> frame.axes.round(6).tolist(), frame.totals.round(6).tolist()
    ([[0.5]], [4.0])
    """

    axes: FloatArray
    totals: FloatArray


def frame_of(simulated: FloatArray, added: FloatArray) -> Frame:
    """The frame of a simulated covariance V and of what is added to it, S/n − E.

    Parameters
    ----------
    simulated, added : shape (k, k).

    >>> bool(frame_of(np.eye(2), -0.9 * np.eye(2)).totals.min() == LEAST_LEFT)
    True
    """
    scale = np.sqrt(np.maximum(np.diag(simulated), 0) + np.abs(np.diag(added)) * RIDGE)
    # in units of each figure's own spread, so that points and picograms are treated alike
    standard = simulated / np.outer(scale, scale) + RIDGE * np.eye(len(scale))
    root = np.linalg.cholesky(standard)
    inner = np.linalg.solve(root, added / np.outer(scale, scale))
    inner = np.linalg.solve(root, inner.T).T
    values, vectors = np.linalg.eigh((inner + inner.T) / 2)
    axes = np.linalg.solve(root.T, vectors) / scale[:, None]
    # the sign of an axis is free: the largest entry points up, on every machine
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(len(scale))]
    return Frame(axes * np.sign(largest), np.maximum(1 + values, LEAST_LEFT))
