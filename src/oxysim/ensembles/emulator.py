"""A stand-in for a slow model: figures as quadratic functions of latents, fitted by ridge
regression.

Linear in every latent, with all squares and products of the most active ones. How well it does is
told by cross-validation, in which the choice of active latents is made anew in every fold: an error
of the emulator that had seen its own test points would make every interval too narrow.

One emulator learns from the runs of all structures: a structure without an edge is the end of the
range of one with it, where its gain is 0. The latent of a uniform prior runs to minus infinity
there, so a uniform quantity's coordinate is the quantity itself, centred and scaled to an SD of 1;
that of any other prior is its latent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import array, require_seed, whole_number
from oxysim.ensembles.prior_table import PriorTable
from oxysim.errors import InputError
from oxysim.streams import stream
from oxysim.texts import Described

FOLDS = 5
# Tried in turn; the best by cross-validation is taken. With the largest hardly more than the mean
# is left, as it should be of few runs.
PENALTIES = (1.0, 5.0, 20.0, 60.0, 200.0, 1000.0)
FEWEST_RUNS = 10  # two a fold
LINEAR_SHARE = 0.3  # of the penalty on slopes: a slope is more often real than a curvature
FIRST_PENALTY = 5.0  # of the linear fit by which the active latents are chosen
MOST_ACTIVE = 14  # 105 squares and products
TERMS_PER_RUN = 0.6  # more terms than that and the fit follows the noise
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


@dataclass(frozen=True, eq=False)
class QuadraticEmulator(Described):
    """Figures as quadratic functions of latents.

    Attributes
    ----------
    constant, linear, quadratic : coefficients, shapes (m,), (m, d) and (m, d, d).
    residual : standard deviation of the error in cross-validation, shape (m,): of the emulator and
        of the Monte Carlo noise in the runs together.
    r2 : share of the variance that is predicted in cross-validation, shape (m,).
    runs : how many runs it was fitted to.

    >>> z = np.random.default_rng(0).standard_normal((60, 2))
    >>> emulator = fit_emulator(z, (z[:, :1] + 1) ** 2, seed=1)
    >>> float(emulator.r2[0]) > 0.99
    True
    """

    constant: FloatArray
    linear: FloatArray
    quadratic: FloatArray
    residual: FloatArray
    r2: FloatArray
    runs: int

    def predict(self, latents: FloatArray) -> FloatArray:
        """The figures at latents of shape (n, d): shape (n, m).

        >>> z = np.random.default_rng(0).standard_normal((60, 2))
        >>> emulator = fit_emulator(z, z @ np.array([[1.0], [2.0]]), seed=1)
        >>> bool(abs(emulator.predict(np.ones((1, 2)))[0, 0] - 3) < 0.1)
        True
        """
        points = np.asarray(latents, dtype=float)
        active, forms = self._active
        # of each figure the few latents that its quadratic part has: a chain asks for thousands of
        # points, of eighty latents
        near = points.T[active].transpose(0, 2, 1)
        bent = np.sum((near @ forms) * near, axis=2).T
        return np.asarray(self.constant + points @ self.linear.T + bent)

    @cached_property
    def _active(self) -> tuple[IntArray, FloatArray]:
        """The latents of each figure's quadratic part, shape (m, k), and the form on them, shape
        (m, k, k); k is the largest number of them.
        """
        counts = (self.quadratic != 0).any(axis=2)
        most = max(int(counts.sum(axis=1).max(initial=0)), 1)
        # those that are in it first, then as many others as are missing: their form is 0
        active = np.argsort(~counts, axis=1, kind="stable")[:, :most]
        rows = np.take_along_axis(self.quadratic, active[:, :, None], axis=1)
        return active, np.take_along_axis(rows, active[:, None, :], axis=2)

    def slopes(self, latents: FloatArray) -> FloatArray:
        """How far each figure moves with each latent, at latents of shape (n, d): shape (n, m, d).

        >>> z = np.random.default_rng(0).standard_normal((60, 2))
        >>> emulator = fit_emulator(z, z @ np.array([[1.0], [2.0]]), seed=1)
        >>> emulator.slopes(np.zeros((1, 2))).round(1).tolist()
        [[[1.0, 2.0]]]
        """
        points = np.asarray(latents, dtype=float)
        return np.asarray(self.linear + 2 * np.einsum("mst,nt->nms", self.quadratic, points))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Emulator", [
            ("figures", len(self.constant)),
            ("latents", self.linear.shape[1]),
            ("fitted to", f"{self.runs} runs"),
            ("cross-validated R2 from", f"{self.r2.min():.2f} to {self.r2.max():.2f}"),
        ]


def fit_emulator(
    latents: FloatArray, figures: FloatArray, *, seed: int, active: int = MOST_ACTIVE
) -> QuadraticEmulator:
    """An emulator of runs.

    Parameters
    ----------
    latents : shape (n, d). figures : on scales on which they are nearly linear, shape (n, m); a run
        that failed has NaN, and is left out of that figure's fit.
    seed : of the folds.
    active : of how many latents squares and products are taken, at most; fewer where the runs are
        few; 0 for a linear emulator.

    Raises
    ------
    InputError : a figure with fewer than 10 runs.

    >>> fit_emulator(np.zeros((3, 2)), np.zeros((3, 1)), seed=1)
    Traceback (most recent call last):
    oxysim.errors.InputError: figure 1: expected at least 10 runs that did not fail; found 3
    """
    points = array(latents, "latents", (None, None))
    whole_number(active, "active", 0)
    answers = np.asarray(figures, dtype=float)
    count = len(points)
    fold = stream(require_seed(seed), 0, "emulator folds").permutation(count) % FOLDS
    fits = []
    for k, column in enumerate(answers.T, start=1):
        ran = np.isfinite(column)
        if ran.sum() < FEWEST_RUNS:
            raise InputError(
                f"figure {k}: expected at least {FEWEST_RUNS} runs that did not fail;"
                f" found {int(ran.sum())}"
            )
        fits.append(_fitted(points[ran], column[ran], fold[ran], active))
    constant, linear, quadratic, residual, r2 = (np.array(part) for part in zip(*fits, strict=True))
    return QuadraticEmulator(constant, linear, quadratic, residual, r2, count)


# --------------------------------------------------------------------- internals
def _fitted(
    z: FloatArray, y: FloatArray, fold: IntArray, active: int
) -> tuple[float, FloatArray, FloatArray, float, float]:
    """Constant, linear and quadratic part, residual and R2 of one figure."""
    count, size = z.shape
    # so many latents that the terms stay well below the number of runs
    most = int(np.sqrt(2 * max(TERMS_PER_RUN * count - size - 1, 0)))
    chosen = min(active, most, size)
    missed = {penalty: np.empty(count) for penalty in PENALTIES}
    for number in range(FOLDS):
        test, rest = fold == number, fold != number
        terms = _most_active(z[rest], y[rest], chosen)
        design, held_out = _design(z[rest], terms), _design(z[test], terms)
        normal = design.T @ design, design.T @ y[rest]
        for penalty, errors in missed.items():
            errors[test] = y[test] - held_out @ _ridge(*normal, penalty, size)
    best = min(missed, key=lambda penalty: float(np.mean(missed[penalty] ** 2)))
    error = float(np.sqrt(np.mean(missed[best] ** 2)))
    variance = float(y.var())
    r2 = 1 - error**2 / variance if variance > 0 else 1.0

    terms = _most_active(z, y, chosen)
    design = _design(z, terms)
    coefficients = _ridge(design.T @ design, design.T @ y, best, size)
    return *_as_form(coefficients, terms, size), error, r2


def _most_active(z: FloatArray, y: FloatArray, number: int) -> IntArray:
    """The latents with the steepest slopes in a linear fit."""
    nothing = np.array([], dtype=int)
    design = _design(z, nothing)
    slopes = _ridge(design.T @ design, design.T @ y, FIRST_PENALTY, z.shape[1])[1:]
    return np.sort(np.argsort(-np.abs(slopes))[:number])


def _design(z: FloatArray, active: IntArray) -> FloatArray:
    """One column a term: 1, every latent, squares and products of the active ones."""
    first, second = np.triu_indices(len(active))
    near = z[:, active]
    # squares less 1, which is their mean: then they are unrelated to the constant
    products = near[:, first] * near[:, second] - (first == second)
    return np.column_stack([np.ones(len(z)), z, products])


def _ridge(gram: FloatArray, moments: FloatArray, penalty: float, size: int) -> FloatArray:
    """Coefficients from the design's products with itself and with the figure."""
    weights = np.full(len(gram), penalty)
    weights[1 : size + 1] *= LINEAR_SHARE
    # the constant is free, but for a little that keeps the system regular
    weights[0] = 1e-9
    return np.asarray(np.linalg.solve(gram + np.diag(weights), moments))


def _as_form(
    coefficients: FloatArray, active: IntArray, size: int
) -> tuple[float, FloatArray, FloatArray]:
    """Coefficients of the terms as constant, linear and quadratic form."""
    first, second = np.triu_indices(len(active))
    form = np.zeros((size, size))
    # half on either side of the diagonal
    np.add.at(form, (active[first], active[second]), coefficients[size + 1 :] / 2)
    form = form + form.T
    constant = float(coefficients[0] - np.trace(form))
    return constant, coefficients[1 : size + 1], form
