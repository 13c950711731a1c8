r"""How much a study is expected to tell of which structure holds: mutual information, from an
ensemble.

Within each class of members (a structure, or several of them) figures are taken for normal around
the class's mean, with one covariance for all classes, to which the study's own noise is added (see
`figure_spread`): Fisher's discriminant. Its expected fall of entropy over the study's outcome is

    I = H(π) + Σ_c π_c E[log₂ p(c | y)],   y normal around the mean of class c

worked out on quasi-random normal points. So a study tells by the classes' means alone: one that
would tell by a spread, or by two figures that go together in one class only, has to report that
spread, or that correlation, as a figure.

Class means are known from few members each, and chance sets them apart: by (1 − π_c) W/m_c each on
average (W: the covariance within classes). The squared distances are shortened by as much, and by
the bias of an inverse covariance of so few members (Lachenbruch & Mickey 1968). The standard error
is the jackknife's over members.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.special import logsumexp, ndtri
from scipy.stats import qmc

from oxysim.arrays import FloatArray, IntArray
from oxysim.evidence.designs.figure_spread import FigureSpread, frame_of

POINTS = 2**10  # of each class: entropies are right to a thousandth of a bit


def entropy(shares: FloatArray) -> float:
    """Entropy of a choice between classes, bits.

    >>> entropy(np.array([0.5, 0.25, 0.25]))
    1.5
    """
    present = shares[shares > 0]
    return float(-np.sum(present * np.log2(present)))


def information_shares(spread: FigureSpread, classes: IntArray, sizes: FloatArray) -> FloatArray:
    """The share of the entropy of a class that studies of some sizes are expected to take away.

    Parameters
    ----------
    spread : the members' figures.
    classes : of each member, 0, 1, ..., shape (m,); two of them at least.
    sizes : participants, shape (s,).

    Returns
    -------
    Shape (s,), from 0 to 1.

    >>> random = np.random.default_rng(1)
    >>> classes = np.arange(400) % 2
    >>> figures = (2.0 * classes + random.normal(size=400))[:, None]
    >>> spread = FigureSpread(figures, np.eye(1), np.zeros((1, 1)), np.full(400, 1 / 400))
    >>> information_shares(spread, classes, np.array([1.0, 1e6])).round(1)
    array([0.3, 0.6])
    """
    member = np.eye(int(classes.max()) + 1)[classes]
    weight = spread.weights[:, None] * member
    shares = weight.sum(axis=0)
    present = shares > 0
    weight, shares, member = weight[:, present], shares[present], member[:, present]
    means = (weight / shares).T @ spread.means
    # how much of one member's variance the mean of its class has
    of_mean = (weight**2).sum(axis=0) / shares**2
    inside = spread.means - member @ means
    freedom = 1 - float(np.sum(shares * of_mean))
    within = (spread.weights * inside.T) @ inside / max(freedom, 1e-9)
    offsets = means - shares @ means
    chance = float(np.sum(shares * (1 - shares) * of_mean))
    whole = entropy(shares)
    information = []
    for size in sizes:
        frame = frame_of(within, spread.noise / size - spread.error)
        # the classes' means in units of what figures stray by
        places = offsets @ frame.axes / np.sqrt(frame.totals)
        shortened = _shorter(places, shares, chance, frame.totals, spread.members - len(shares))
        information.append(mutual_information(shortened, shares) / whole)
    return np.array(information)


def mutual_information(places: FloatArray, shares: FloatArray) -> float:
    """Bits that a normal reading of unit variance tells of which class it comes from.

    Parameters
    ----------
    places : means of the classes, shape (c, k).
    shares : of the classes, shape (c,), above 0, sum 1.

    >>> round(mutual_information(np.array([[0.0], [20.0]]), np.array([0.5, 0.5])), 6)
    1.0
    """
    # only differences between classes count: they span one dimension fewer than there are classes
    turned, lengths, _ = np.linalg.svd(places - shares @ places, full_matrices=False)
    centres = (turned * lengths)[:, : max(len(shares) - 1, 1)]
    points = _normal_points(centres.shape[1])
    remaining = 0.0
    for share, centre in zip(shares, centres, strict=True):
        away = (points + centre)[:, None] - centres
        logs = np.log(shares) - 0.5 * np.sum(away**2, axis=-1)
        of_class = np.log(share) - 0.5 * np.sum(points**2, axis=-1)
        remaining += share * float(np.mean(logsumexp(logs, axis=1) - of_class)) / np.log(2)
    return max(float(entropy(shares) - remaining), 0.0)


# --------------------------------------------------------------------- internals
def _shorter(
    places: FloatArray, shares: FloatArray, chance: float, totals: FloatArray, freedom: float
) -> FloatArray:
    """The classes' means without the part of their distances that is owing to few members."""
    between = float(shares @ np.sum(places**2, axis=1))
    if between <= 0:
        return places
    axes = float(np.sum(1 / totals))
    # an inverse covariance of few members is too large; with much noise it is known and is not
    inverse = max((freedom - axes - 1) / freedom, 0.0) if freedom > 0 else 0.0
    corrected = between * inverse - chance * axes
    return np.asarray(places * np.sqrt(max(corrected, 0.0) / between))


@functools.cache
def _normal_points(size: int) -> FloatArray:
    """Quasi-random standard normal points, shape (POINTS, size): the same in every call."""
    sampler = qmc.Sobol(size, scramble=True, seed=np.random.default_rng(0))
    points = ndtri(np.clip(sampler.random(POINTS), 2.0**-30, 1 - 2.0**-30))
    points.setflags(write=False)
    return np.asarray(points)
