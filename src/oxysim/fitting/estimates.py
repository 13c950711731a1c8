"""Tables of estimates and of how they go together, from a maximum and its curvature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.search.optimisation import Maximum
from oxysim.population.traits import TAIL

FARTHEST = 10.0  # latents that an interval reaches at most: beyond, values no longer differ


def estimates_table(parameters: Sequence[FreeParameter], maximum: Maximum) -> pd.DataFrame:
    """One row a parameter: its most probable value, the 95 % interval by the curvature there, the
    range of its prior, and ``learnt``, the share of the prior's variance that the data took away.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> from oxysim.fitting.search.log_posterior import LogPosterior
    >>> from oxysim.fitting.search.optimisation import find_maximum
    >>> bowl = LogPosterior(lambda z: -1.5 * (z[:, 0] - 1) ** 2, 1)
    >>> top = find_maximum(bowl, np.zeros(1))
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> estimates_table(free, top)["learnt"].round(3).tolist()
    [0.75]
    """
    spreads = np.sqrt(np.diag(maximum.covariance()))
    rows = []
    for parameter, middle, spread in zip(parameters, maximum.latent, spreads, strict=True):
        reach = min(TAIL * float(spread), FARTHEST)
        low, value, high = parameter.value(np.array([middle - reach, middle, middle + reach]))
        prior_low, prior_high = parameter.value(np.array([-TAIL, TAIL]))
        rows.append(
            {
                "parameter": parameter.name,
                "unit": parameter.unit,
                "estimate": value,
                "low": low,
                "high": high,
                "prior_low": prior_low,
                "prior_high": prior_high,
                "learnt": float(np.clip(1 - spread**2, 0.0, 1.0)),
                "latent": float(middle),
            }
        )
    return pd.DataFrame(rows)


def correlation_table(parameters: Sequence[FreeParameter], maximum: Maximum) -> pd.DataFrame:
    """How far what is known of two parameters goes together, by the curvature at a maximum.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> from oxysim.fitting.search.log_posterior import LogPosterior
    >>> from oxysim.fitting.search.optimisation import find_maximum
    >>> bowl = LogPosterior(lambda z: -1.5 * (z[:, 0] - 1) ** 2, 1)
    >>> top = find_maximum(bowl, np.zeros(1))
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> correlation_table(free, top).to_numpy()
    array([[1.]])
    """
    # along what is flat a large variance stands for an infinite one, which has no correlation
    covariance = maximum.finite_covariance()
    spreads = np.sqrt(np.diag(covariance))
    names = [parameter.name for parameter in parameters]
    together = covariance / np.outer(spreads, spreads)
    np.fill_diagonal(together, 1.0)
    return pd.DataFrame(together, names, names)
