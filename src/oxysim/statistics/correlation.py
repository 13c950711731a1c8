"""The correlation of two measures of the same participants, for many replications at once.

SciPy's ``pearsonr`` gives the same r; it takes one study without gaps, and its interval is of r
alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from oxysim import checks
from oxysim.statistics.contrast import LEVEL, Contrast
from oxysim.statistics.exclusions import excluded_mask, reasons
from oxysim.statistics.moments import (
    checked,
    divided,
    flat,
    moments,
    require_confidence,
    require_same_shape,
    roots,
)

LEAST = 4  # pairs: Fisher's z has variance 1 / (n - 3)


def correlation(
    x: npt.ArrayLike, y: npt.ArrayLike, *, level: float = LEVEL, refuse: bool = True
) -> Contrast:
    """Pearson's correlation with Fisher's z: r, its interval tanh(z +- z_level / sqrt(n - 3)) and
    the p value of z sqrt(n - 3) (Fisher 1921, Metron 1: 3).

    Parameters
    ----------
    x, y : shape (replications, n), participants in the same order; a pair with a NaN is left out.
    level : of the confidence intervals.
    refuse : whether it is an error that no replication can be analysed; else all are NaN there.

    Returns
    -------
    r as estimate, on the scale "difference" (no correlation is 0); its standard error is the
    large-sample one, (1 - r^2) / sqrt(n - 3).

    Raises
    ------
    InputError : shapes differ, or no replication has 4 pairs of measures that vary.

    >>> import numpy as np
    >>> x = np.arange(8.0)[None, :]
    >>> round(float(correlation(x, x**2).estimate[0]), 4)
    0.9615
    """
    require_confidence(level)
    checks.flag(refuse, "refuse")
    first, second = checked(x=x, y=y)
    require_same_shape(x=first, y=second)

    # Only pairs count: who lacks either measure is missing from both.
    missing = np.isnan(first + second)
    first, second = (np.where(missing, np.nan, values) for values in (first, second))
    of_x, of_y = moments(first), moments(second)
    n = of_x.n
    causes = (
        (n < LEAST, f"fewer than {LEAST} participants have both measures"),
        (flat(of_x.squares, n, of_x.size), "x is the same for everyone"),
        (flat(of_y.squares, n, of_y.size), "y is the same for everyone"),
    )
    excluded = reasons("correlation", causes, refuse)
    lost = excluded_mask(excluded, len(n))

    deviations = (first - of_x.mean[:, None]) * (second - of_y.mean[:, None])
    products = np.nansum(deviations, axis=1)
    # Rounding may take r of a straight line just beyond 1, where Fisher's z has no value.
    r = np.clip(divided(products, roots(of_x.squares * of_y.squares)), -1.0, 1.0)
    r = np.where(lost, np.nan, r)

    with np.errstate(divide="ignore"):  # r of exactly 1 or -1 has an infinite z, and p of 0
        z = np.arctanh(r)
    root = roots(np.where(lost, np.nan, n - 3.0))
    half = divided(stats.norm.ppf((1 + level) / 2), root)
    return Contrast(
        r,
        divided(1 - r**2, root),
        np.tanh(z - half),
        np.tanh(z + half),
        2 * stats.norm.sf(np.abs(z) * root),
        n.astype(np.int64),
        "Pearson's correlation",
        level=level,
        reasons=excluded,
    )
