"""The Fisher information of samples: how precisely they tell parameters, and which directions they
leave open.

With expected readings f(θ) and normal errors of covariance V (lognormal readings on the scale of
their logarithm), the information of samples is

    F = Jᵀ V⁻¹ J,        J = ∂f/∂θ

and F⁻¹ is the covariance that no unbiased estimate stays below (Cramér and Rao). Where parameters
were known before, each to a standard deviation s, the scaled matrix S F S (S = diag s) compares the
samples with that: along an eigenvector of eigenvalue λ they leave 1/√(1 + λ) of the spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve

from oxysim.arrays import FloatArray
from oxysim.checks import array, name, sequence
from oxysim.errors import InputError
from oxysim.texts import Described, counted

# Of the largest eigenvalue of the scaled matrix: what lies below is rounding of the sensitivities,
# which come from differences of simulations good to six digits.
SINGULAR = 1e-9
OPEN = 0.7  # of the spread that was there before: where more is left, samples tell next to nothing


class Direction(NamedTuple):
    """A combination of parameters that samples tell apart from all the others.

    Attributes
    ----------
    eigenvalue : of the information scaled by what was known before.
    left : the share of the spread before that samples leave along it.
    weights : of the parameters, in units of their spread before, of length 1; shape (p,).
    move : the same direction on the parameters' own scales; along it expected readings change by
        `eigenvalue` standard errors squared.

    >>> Direction(3.0, 0.5, np.array([1.0]), np.array([0.2])).left
    0.5
    """

    eigenvalue: float
    left: float
    weights: FloatArray
    move: FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class FisherInformation(Described):
    """What samples tell of parameters.

    Parameters
    ----------
    names : of the parameters.
    matrix : the samples' information, shape (p, p), on the scale of each parameter.
    spreads : the standard deviation to which each is known without the samples, shape (p,).

    Raises
    ------
    InputError : shapes that do not fit, a matrix that is no information.

    >>> told = FisherInformation(["gain"], [[4.0]], [1.0])
    >>> float(told.standard_errors[0]), round(float(told.left[0]), 3)  # 1 / sqrt(1 + 4)
    (0.5, 0.447)
    """

    names: Sequence[str]
    matrix: FloatArray
    spreads: FloatArray

    def __post_init__(self) -> None:
        names = sequence(self.names, "names", name, of="names of parameters")
        size = len(names)
        matrix = array(self.matrix, "matrix", (size, size))
        spreads = array(self.spreads, "spreads", (size,), low=0.0)
        if not np.allclose(matrix, matrix.T, rtol=1e-6, atol=1e-12 * np.abs(matrix).max()):
            raise InputError("matrix: expected a symmetric one, as an information is")
        if not spreads.all():
            raise InputError("spreads: expected numbers above 0; found 0")
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "matrix", (matrix + matrix.T) / 2)
        object.__setattr__(self, "spreads", spreads)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """How many parameters, and what is left of each."""
        pairs = zip(self.names, self.left, strict=True)
        return f"Information on {counted(len(self.names), 'parameter')}", [
            (f"{parameter}:", f"{share:.0%} of its spread left") for parameter, share in pairs
        ]

    @property
    def scaled(self) -> FloatArray:
        """The information in units of what was known before, shape (p, p).

        >>> FisherInformation(["gain"], [[4.0]], [0.5]).scaled
        array([[1.]])
        """
        return self.matrix * np.outer(self.spreads, self.spreads)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Combinations that are told independently, the least told first.

        >>> ratio = FisherInformation(["a", "b"], [[1.0, -1.0], [-1.0, 1.0]], [1.0, 1.0])
        >>> open_one = ratio.directions[0]  # both may grow together unseen
        >>> open_one.left, open_one.weights.round(3)
        (1.0, array([0.707, 0.707]))
        """
        values, vectors = np.linalg.eigh(self.scaled)
        largest = max(float(values[-1]), 0.0)
        values = np.where(values > SINGULAR * largest, values, 0.0)
        directions = []
        for value, vector in zip(values.tolist(), vectors.T, strict=True):
            # an eigenvector has no sign of its own: its largest part is counted as a rise
            weights = vector * np.sign(vector[np.argmax(np.abs(vector))])
            left = 1 / np.sqrt(1 + value)
            directions.append(Direction(value, float(left), weights, weights * self.spreads))
        return tuple(directions)

    @property
    def standard_errors(self) -> FloatArray:
        """Of each parameter, from the samples alone while all others are open too, shape (p,);
        infinite where the samples do not tell it.

        >>> FisherInformation(["a", "b"], [[1.0, -1.0], [-1.0, 1.0]], [1.0, 1.0]).standard_errors
        array([inf, inf])
        """
        variances = np.zeros(len(self.names))
        for direction in self.directions:
            if direction.eigenvalue > 0:
                variances += direction.move**2 / direction.eigenvalue
            else:
                # rounding gives the others a part of less than a millionth
                variances[np.abs(direction.weights) > 1e-6] = np.inf
        return np.sqrt(variances)

    @property
    def conditional_errors(self) -> FloatArray:
        """Of each parameter, were all others known, shape (p,).

        >>> FisherInformation(["a", "b"], [[1.0, -1.0], [-1.0, 1.0]], [1.0, 1.0]).conditional_errors
        array([1., 1.])
        """
        with np.errstate(divide="ignore"):
            return np.asarray(1 / np.sqrt(np.maximum(np.diag(self.matrix), 0.0)))

    @property
    def errors_with_before(self) -> FloatArray:
        """Of each parameter, from the samples and from what was known before, shape (p,).

        >>> FisherInformation(["gain"], [[3.0]], [1.0]).errors_with_before
        array([0.5])
        """
        whole = np.eye(len(self.names)) + self.scaled
        return np.asarray(self.spreads * np.sqrt(np.diag(np.linalg.inv(whole))))

    @property
    def left(self) -> FloatArray:
        """The share of each parameter's spread before that the samples leave, shape (p,).

        >>> FisherInformation(["gain"], [[3.0]], [1.0]).left
        array([0.5])
        """
        return np.asarray(self.errors_with_before / self.spreads)

    @property
    def correlations(self) -> FloatArray:
        """Of the estimates, what was known before included, shape (p, p).

        >>> told = FisherInformation(["a", "b"], [[9.0, -9.0], [-9.0, 9.0]], [1.0, 1.0])
        >>> float(told.correlations[0, 1].round(3))
        0.9
        """
        whole = np.linalg.inv(np.eye(len(self.names)) + self.scaled)
        sizes = np.sqrt(np.diag(whole))
        return np.asarray(whole / np.outer(sizes, sizes))

    def table(self) -> pd.DataFrame:
        """One row a parameter: "before", "alone" (were all others known), "samples" (the standard
        error from the samples), "after" (with what was known before) and "left".

        >>> FisherInformation(["gain"], [[3.0]], [1.0]).table()["after"].tolist()
        [0.5]
        """
        columns = {
            "parameter": self.names,
            "before": self.spreads,
            "alone": self.conditional_errors,
            "samples": self.standard_errors,
            "after": self.errors_with_before,
            "left": self.left,
        }
        return pd.DataFrame(columns).set_index("parameter")


def information_matrix(slopes: FloatArray, covariance: FloatArray) -> FloatArray:
    """The information of samples, shape (p, p).

    Parameters
    ----------
    slopes : of the expected readings along the parameters, shape (n, p).
    covariance : of the readings' errors, shape (n, n), on the same scale.

    Raises
    ------
    InputError : shapes that do not fit, an error of 0.

    >>> information_matrix([[1.0], [2.0]], [[4.0, 0.0], [0.0, 1.0]])
    array([[4.25]])
    """
    rows = array(slopes, "slopes", (None, None))
    errors = array(covariance, "covariance", (len(rows), len(rows)))
    try:
        factor = cho_factor(errors)
    except np.linalg.LinAlgError:
        raise InputError(
            "covariance: expected one of readings that all have an error of their own; found a"
            " reading without any, which would tell its expected value exactly"
        ) from None
    return np.asarray(rows.T @ cho_solve(factor, rows))
