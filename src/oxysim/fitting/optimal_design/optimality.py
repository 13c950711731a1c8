"""How much a set of samples tells: of parameters (D- and Ds-optimality), or of which of two models
holds (T-optimality).

D-optimality asks for the largest log det F, the smallest volume of the confidence region; Ds for
that of some parameters while the others are nuisance, log det F - log det F₂₂ (Atkinson & Donev
1992). T-optimality asks for the largest misfit that is left when the wrong model is fitted as well
as it can be to what the right one expects (Atkinson & Fedorov 1975). The rival is taken as linear
around where it is fitted, so that its best fit is known in closed form.

Where the answer depends on what is to be found out, the criterion is averaged over several
scenarios (dyads who might be the one that is sampled).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import array
from oxysim.errors import InputError

# Of the mean size of an information's diagonal: so small that it changes no figure, so large that
# a set which tells some direction nothing still has a determinant by which exchange finds its way.
RIDGE = 1e-12
SETS_AT_ONCE = 4096  # sets whose matrices stand in memory together: some 50 MB of twelve samples


@dataclass(frozen=True, eq=False)
class CandidateReadings:
    """The readings that candidates bring, in every scenario.

    Parameters
    ----------
    slopes : of the expected readings along the parameters, shape (m, n, p) or (n, p).
    independent : variance of each reading's own error, shape (m, n) or (n,).
    shared : covariance of the errors that readings share, shape (m, n, n) or (n, n); None for none.
    rows : the readings of each candidate, shape (n_candidates, k), with -1 where it has fewer than
        k; by default one a candidate.

    Raises
    ------
    InputError : shapes that do not fit, a variance of 0 or less.

    >>> readings = CandidateReadings([[1.0], [2.0]], [1.0, 1.0])
    >>> readings.information(np.array([[0, 1]]))
    array([[[[5.]]]])
    """

    slopes: FloatArray
    independent: FloatArray
    shared: FloatArray | None = None
    rows: IntArray | None = None

    def __post_init__(self) -> None:
        slopes = np.asarray(self.slopes, dtype=float)
        slopes = slopes[None] if slopes.ndim == 2 else slopes
        slopes = array(slopes, "slopes", (None, None, None))
        scenarios, n, p = slopes.shape
        own_errors = np.broadcast_to(np.asarray(self.independent, dtype=float), (scenarios, n))
        own_errors = array(own_errors, "independent", (scenarios, n))
        if not (own_errors > 0).all():
            raise InputError("independent: expected variances above 0; found one that is not")
        shared = np.zeros((n, n)) if self.shared is None else np.asarray(self.shared, dtype=float)
        shared = array(
            np.broadcast_to(shared, (scenarios, n, n)),
            "shared",
            (scenarios, n, n),
        )
        rows = np.arange(n)[:, None] if self.rows is None else np.asarray(self.rows)
        rows = array(rows, "rows", (None, None), low=-1, high=n - 1).astype(np.int64)
        # a reading that tells nothing stands where a candidate has fewer than the others
        object.__setattr__(
            self,
            "slopes",
            np.concatenate([slopes, np.zeros((scenarios, 1, p))], 1),
        )
        object.__setattr__(
            self,
            "independent",
            np.append(own_errors, np.ones((scenarios, 1)), axis=1),
        )
        object.__setattr__(self, "shared", np.pad(shared, ((0, 0), (0, 1), (0, 1))))
        object.__setattr__(self, "rows", rows)

    def products(self, sets: IntArray, columns: FloatArray) -> FloatArray:
        """Columns at the readings of each set, multiplied by each other across the inverse
        covariance: Aᵀ V⁻¹ A, shape (n_sets, m, q, q).

        Parameters
        ----------
        sets : positions of candidates, shape (n_sets, size).
        columns : one row a reading and one for none, shape (m, n + 1, q).

        >>> readings = CandidateReadings([[1.0], [2.0]], [4.0, 1.0])
        >>> readings.products(np.array([[0], [1]]), readings.slopes).ravel()
        array([0.25, 4.  ])
        """
        assert self.rows is not None and self.shared is not None
        if not self.shared.any():
            # independent readings add up: each candidate's part is computed once
            weighted = columns / self.independent[..., None]
            parts = columns[..., :, None] * weighted[..., None, :]
            return np.asarray(np.moveaxis(parts[:, self.rows].sum(axis=2), 0, 1)[sets].sum(axis=1))
        index = self.rows[sets].reshape(len(sets), -1)
        at_rows = np.moveaxis(columns[:, index], 0, 1)
        errors = np.moveaxis(self.shared[:, index[:, :, None], index[:, None, :]], 0, 1).copy()
        # an error of one's own, also where a candidate is taken twice
        diagonal = np.arange(index.shape[1])
        errors[..., diagonal, diagonal] += np.moveaxis(self.independent[:, index], 0, 1)
        return np.asarray(np.swapaxes(at_rows, -1, -2) @ np.linalg.solve(errors, at_rows))

    def information(self, sets: IntArray) -> FloatArray:
        """The information of each set, shape (n_sets, m, p, p)."""
        return self.products(sets, self.slopes)


@dataclass(frozen=True, eq=False)
class DeterminantCriterion:
    """log det F of sets of candidates; log det F - log det F₂₂ where some parameters are nuisance.

    Parameters
    ----------
    readings : of the candidates.
    asked : positions of the parameters that are asked for; by default all.
    precision : what is known before, as an information, shape (p, p).

    >>> readings = CandidateReadings([[1.0], [2.0]], [1.0, 1.0])
    >>> DeterminantCriterion(readings)(np.array([[1]])).round(6)  # log 4
    array([1.386294])
    """

    readings: CandidateReadings
    asked: tuple[int, ...] | None = None
    precision: FloatArray | None = None

    def __call__(self, sets: IntArray) -> FloatArray:
        parts = [
            self._values(sets[i : i + SETS_AT_ONCE]) for i in range(0, len(sets), SETS_AT_ONCE)
        ]
        return np.concatenate(parts)

    @property
    def count(self) -> int:
        """How many parameters are asked for."""
        return self.readings.slopes.shape[2] if self.asked is None else len(self.asked)

    def efficiency(self, first: IntArray, second: IntArray) -> float:
        """How many times as much the second of two sets would have to be repeated, to tell as much
        as the first.

        >>> readings = CandidateReadings([[1.0], [2.0]], [1.0, 1.0])
        >>> DeterminantCriterion(readings).efficiency(np.array([1]), np.array([0]))
        4.0
        """
        best, second_value = (
            self(np.array([first]))[0],
            self(np.array([second]))[0],
        )
        return float(np.exp((best - second_value) / self.count))

    def _values(self, sets: IntArray) -> FloatArray:
        information = self.readings.information(sets)
        size = information.shape[-1]
        if self.precision is not None:
            information = information + self.precision
        scale = np.trace(information, axis1=-2, axis2=-1)[..., None, None] / size
        information = information + (RIDGE * scale + np.finfo(float).tiny) * np.eye(size)
        values = np.linalg.slogdet(information)[1]
        if self.asked is not None and len(self.asked) < size:
            nuisance_positions = [k for k in range(size) if k not in self.asked]
            nuisance = information[..., nuisance_positions, :][..., nuisance_positions]
            values = values - np.linalg.slogdet(nuisance)[1]
        return np.asarray(values.mean(axis=1))


@dataclass(frozen=True, eq=False)
class MisfitCriterion:
    """The misfit of the rival model that is left at its best, in squared standard errors: the
    noncentrality of the test between the two.

    Parameters
    ----------
    readings : of the candidates, with the slopes of the rival's readings along its parameters.
    differences : what the right model expects less what the rival does, shape (m, n) or (n,).
    precision : of what is known of the rival's parameters before, shape (p, p); None for nothing.
    believed : how far what is known before lies from where the rival is linear, shape (m, p).

    >>> flat = CandidateReadings([[1.0], [1.0]], [1.0, 1.0])  # the rival: a constant
    >>> MisfitCriterion(flat, [0.0, 2.0])(np.array([[0, 1]]))  # halfway, 1 off on each side
    array([2.])
    """

    readings: CandidateReadings
    differences: FloatArray
    precision: FloatArray | None = None
    believed: FloatArray | None = None

    def __post_init__(self) -> None:
        scenarios, rows, p = self.readings.slopes.shape
        believed = np.zeros((scenarios, p)) if self.believed is None else self.believed
        object.__setattr__(self, "believed", array(believed, "believed", (scenarios, p)))
        differences = np.broadcast_to(
            np.asarray(self.differences, dtype=float), (scenarios, rows - 1)
        )
        differences = array(differences, "differences", (scenarios, rows - 1))
        object.__setattr__(
            self,
            "differences",
            np.append(differences, np.zeros((scenarios, 1)), axis=1),
        )

    def __call__(self, sets: IntArray) -> FloatArray:
        parts = [
            self.fits(sets[i : i + SETS_AT_ONCE])[0] for i in range(0, len(sets), SETS_AT_ONCE)
        ]
        return np.concatenate(parts).mean(axis=1)

    def fits(self, sets: IntArray) -> tuple[FloatArray, FloatArray]:
        """The misfit that is left of each set, shape (n_sets, m), and by how much the rival's
        parameters move to leave no more, (n_sets, m, p).

        >>> flat = CandidateReadings([[1.0], [1.0]], [1.0, 1.0])
        >>> MisfitCriterion(flat, [0.0, 2.0]).fits(np.array([[0, 1]]))[1].ravel()
        array([1.])
        """
        columns = np.concatenate([self.readings.slopes, self.differences[..., None]], axis=-1)
        products = self.readings.products(sets, columns)
        inner, cross, whole = (
            products[..., :-1, :-1],
            products[..., :-1, -1],
            products[..., -1, -1],
        )
        size = inner.shape[-1]
        if self.precision is not None and self.believed is not None:
            # what is known before counts as readings of the parameters themselves
            pull = self.believed @ self.precision
            inner, cross = inner + self.precision, cross + pull
            whole = whole + np.sum(pull * self.believed, axis=-1)
        scale = np.trace(inner, axis1=-2, axis2=-1)[..., None, None] / size
        inner = inner + (RIDGE * scale + np.finfo(float).tiny) * np.eye(size)
        moves = np.linalg.solve(inner, cross[..., None])[..., 0]
        # rounding may leave a misfit of nothing just below 0
        return np.maximum(whole - np.sum(cross * moves, axis=-1), 0.0), moves
