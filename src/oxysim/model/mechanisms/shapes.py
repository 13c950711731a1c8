"""The few curves from which every equation is built.

A Hill term and a product do almost everything. The exponential and the logarithm go through this
module alone, so that a reader other than NumPy (SymPy, a code generator) replaces them in one
place: it sets ``exp`` and ``log``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LN2 = math.log(2.0)


def exp(x: Any) -> Any:
    """e**x of a float, an array or a complex array; what overflows is infinite, as in NumPy.

    Of a float it is infinite from 709.0 on, a little before the largest double (e**709.78).

    >>> exp(0.0), exp(708.9) < math.inf, exp(709.0)
    (1.0, True, inf)
    """
    # Python's own for a float: a tenth of the time of NumPy's scalar. Beyond 709.78 it would raise.
    if type(x) is float:
        return math.exp(x) if x < 709.0 else math.inf
    return np.exp(x)


def log(x: Any) -> Any:
    """Natural logarithm of a float or an array; not a number below zero, as in NumPy.

    >>> log(1.0), log(0.0)
    (0.0, -inf)
    """
    # as for exp: Python's own would raise at zero and below
    if type(x) is float:
        return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan
    return np.log(x)


def cos(x: Any) -> Any:
    """Cosine of an angle in radians, of a float or an array.

    >>> cos(0.0)
    1.0
    """
    return math.cos(x) if type(x) is float else np.cos(x)


def logistic(x: Any) -> Any:
    """1 / (1 + e**-x): from 0 to 1, one half at 0.

    >>> logistic(0.0)
    0.5
    """
    return 1.0 / (1.0 + exp(-x))


def logit(share: Any) -> Any:
    """ln(share / (1 - share)), the inverse of the logistic; for set points given as shares.

    >>> logit(0.5)
    0.0
    """
    return log(share / (1.0 - share))


def logit_relaxation(share: Any, target: Any, time_constant: Any) -> Any:
    """d(share)/dt when logit(share) relaxes linearly to `target`: share·(1 − share)·(target −
    logit(share))/τ.

    The share stays inside (0, 1). Being linear on the logit scale, its average answers to the
    average of what it receives, however strongly that swings within the day.

    >>> logit_relaxation(0.5, 1.0, 10.0)
    0.025
    """
    return share * (1.0 - share) * (target - logit(share)) / time_constant


def hill(x: Any, half: Any) -> Any:
    """x / (half + x): saturation with half effect at `half`.

    >>> hill(3.0, 1.0)
    0.75
    """
    return x / (half + x)


def hill4(x: Any, half: Any) -> Any:
    """x^4 / (half^4 + x^4): little below `half`, nearly full above it.

    >>> hill4(1.0, 1.0), round(hill4(2.0, 1.0), 3)
    (0.5, 0.941)
    """
    # products, as the fourth power of a float is slower and may differ in its last bit
    x2 = x * x
    h2 = half * half
    return x2 * x2 / (h2 * h2 + x2 * x2)


def unit_centred_logistic(x: Any) -> Any:
    """2 / (1 + e**-x): a positive factor, 1 at x = 0, between 0 and 2.

    >>> unit_centred_logistic(0.0)
    1.0
    """
    return 2.0 * logistic(x)
