"""Integrals over one unseen effect (of a visit, of a person), for many integrands at once.

The integrands are log-concave: a normal density times probabilities of intervals or counts. So all
that is not negligible lies in one interval, which a few coarse looks narrow down; there the
trapezoidal rule converges faster than any power of its step (Trefethen & Weideman 2014, SIAM
Review 56:385), since the integrand and all its derivatives vanish at both ends.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp

from oxysim.arrays import FloatArray, IntArray

LOOKS = 5  # each narrows a wide interval to an eighth of it at least: 1 to 30,000 in all
NODES_OF_LOOK = 17
NODES = 97  # a step of a third of the narrowest feature where that is a tenth of the widest
DROP = 34.0  # exp(-34) is what a sum of doubles no longer sees


def log_integral(
    log_integrand: Callable[[FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    looks: int = LOOKS,
    n_nodes: int = NODES,
) -> FloatArray:
    """The logarithms of the integrals of ``exp(log_integrand)``, shape of `low`.

    Parameters
    ----------
    log_integrand : takes nodes of shape (n_nodes, \\*shape) and gives as many values; concave along
        the nodes.
    low, high : between these lies all that is not negligible, shape `shape`.
    looks, n_nodes : how often the interval is narrowed, and the nodes of the rule in it.

    >>> area = log_integral(lambda x: -0.5 * x**2, np.array([-60.0]), np.array([80.0]))
    >>> bool(abs(np.exp(area[0]) - np.sqrt(2 * np.pi)) < 1e-12)
    True
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    for _ in range(looks):
        nodes = _between(low, high, NODES_OF_LOOK)
        values = log_integrand(nodes)
        high_enough = values > values.max(axis=0) - DROP
        # where nothing is finite, the interval stays and the integral is zero
        high_enough |= ~np.isfinite(values).any(axis=0)
        first = high_enough.argmax(axis=0)
        last = NODES_OF_LOOK - 1 - high_enough[::-1].argmax(axis=0)
        # a node further on both sides: the edge of what counts lies between two nodes
        low = _taken(nodes, np.maximum(first - 1, 0))
        high = _taken(nodes, np.minimum(last + 1, NODES_OF_LOOK - 1))
    values = log_integrand(_between(low, high, n_nodes))
    return np.asarray(logsumexp(values, axis=0) + np.log((high - low) / (n_nodes - 1)))


def _between(low: FloatArray, high: FloatArray, count: int) -> FloatArray:
    return np.linspace(low, high, count)


def _taken(nodes: FloatArray, positions: IntArray) -> FloatArray:
    return np.take_along_axis(nodes, positions[None], axis=0)[0]
