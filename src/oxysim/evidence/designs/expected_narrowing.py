r"""How much narrower a number is expected to be known after a study: Bayes linear.

Of a quantity q and the figures y of a study, whose covariance over the ensemble is c, the share of
the variance of q that the study is expected to take away is

    R²(n) = c' T(n)⁻¹ c / var q           T(n): see `figure_spread`

the adjusted variance of Bayes linear methods (Goldstein & Wooff 2007); it is the preposterior
variance reduction exactly where q and y are jointly normal, and else what the best linear reading
of the figures achieves, which is no more than the whole. It is the regression of q on simulated
data sets (Strong et al. 2015, Med Decis Making 35: 570) with the study's noise in closed form, so
that no data set is drawn, and every n has its answer.

c is known from m members alone, and chance makes R² too large: with q and figures unrelated it is
R0(n) = tr(V T⁻¹)/(m − 1) on average. What is reported is (R² − R0)/(1 − R0), which for a study
without noise is the adjusted R² (Ezekiel 1930); over ensembles it is right on average, and may fall
below 0 in one. Its standard error is the jackknife's over members.
"""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.evidence.designs.figure_spread import FigureSpread, frame_of

NOISELESS = 1e12  # participants: all that figures can ever tell


def variance_shares(spread: FigureSpread, quantity: FloatArray, sizes: FloatArray) -> FloatArray:
    """The share of a quantity's variance that studies of some sizes are expected to take away.

    Parameters
    ----------
    spread : the members' figures.
    quantity : of each member, shape (m,), not the same in all.
    sizes : participants, shape (s,).

    Returns
    -------
    Shape (s,), at most 1; below 0 by chance where a study tells nothing.

    >>> random = np.random.default_rng(1)
    >>> quantity = random.normal(size=400)
    >>> figures = (quantity + random.normal(size=400))[:, None]  # known by half without noise
    >>> spread = FigureSpread(figures, 2 * np.eye(1), np.zeros((1, 1)), np.full(400, 1 / 400))
    >>> variance_shares(spread, quantity, np.array([1.0, 1e6])).round(1)
    array([0.2, 0.5])
    """
    share = spread.weights
    deviations = spread.means - share @ spread.means
    offset = quantity - share @ quantity
    simulated = (share * deviations.T) @ deviations
    with_quantity = deviations.T @ (share * offset)
    variance = float(share @ offset**2)
    shares = []
    for size in sizes:
        frame = frame_of(simulated, spread.noise / size - spread.error)
        seen = (frame.axes.T @ with_quantity) ** 2 / variance
        # V is the identity in the frame: chance alone gives 1/(m - 1) on each axis
        chance = float(np.sum(1 / frame.totals)) / (spread.members - 1)
        shares.append((float(np.sum(seen / frame.totals)) - chance) / (1 - chance))
    return np.minimum(np.array(shares), 1.0)


def remaining_spread(shares: FloatArray) -> FloatArray:
    """The share of a standard deviation that is left of a variance of which `shares` are taken.

    >>> remaining_spread(np.array([-0.1, 0.75]))
    array([1. , 0.5])
    """
    return np.asarray(np.sqrt(1 - np.clip(shares, 0.0, 1.0)))
