"""What the members of an ensemble say of a question: a median, an interval of what is not known,
and the Monte Carlo error apart from it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import array, function, number, refused, require_seed, sequence
from oxysim.errors import InputError
from oxysim.population import Population
from oxysim.progress import counting
from oxysim.texts import Described

NINETY = (0.05, 0.95)  # ends of a 90 % interval, as shares below them
OF_A_MEDIAN = float(
    np.sqrt(np.pi / 2)
)  # its standard error against that of a mean, of normal draws


@dataclass(frozen=True, eq=False)
class Prediction(Described):
    """A figure over the members of an ensemble.

    A member's value varies with its population, and with the draws of participants and readings.
    All members are asked with the same seeds, so part of the draws moves them together (a two-way
    layout without replication: Searle, Casella & McCulloch 1992, chapter 4):

        value of a member at a seed = mean + population + seed + rest

    The interval is of the population alone: members' means are drawn together towards their mean by
    the share of the rest. What a seed does to all of them is in the error of the median.

    Attributes
    ----------
    values : each member's value, a column a seed, shape (n, n_seeds).
    weights : of the members, shape (n,), summing to 1.
    draws : standard error of each value, where the function says it, else NaN, shape (n, n_seeds).

    >>> prediction = Prediction(np.array([[1.0], [2.0], [3.0]]), np.full(3, 1 / 3))
    >>> prediction.median
    2.0
    """

    values: FloatArray
    weights: FloatArray
    draws: FloatArray | None = None

    @property
    def monte_carlo(self) -> float:
        """Standard deviation of a member's mean over seeds that is owing to the draws alone; NaN
        where neither several seeds nor standard errors tell.

        >>> Prediction(np.array([[1.0, 3.0], [2.0, 4.0]]), np.full(2, 0.5)).monte_carlo
        1.0
        """
        return float(np.sqrt(sum(self._draw_variances)))

    @functools.cached_property
    def _draw_variances(self) -> tuple[float, float]:
        """Variance of a member's mean over seeds that is owing to draws: the part that all members
        share, and the rest.
        """
        seeds = self.values.shape[1]
        if seeds > 1:
            of_seeds = self.weights @ self.values
            rest_of = self.values - self.values.mean(axis=1, keepdims=True)
            rest_of = rest_of - (of_seeds - of_seeds.mean())
            freedom = (seeds - 1) * self._freedom
            rest = float(np.sum(self.weights[:, None] * rest_of**2)) / freedom
            # what is left of the rest in a mean over members is not the seed's
            shared = of_seeds.var(ddof=1) - rest * float(np.sum(self.weights**2))
            return max(float(shared), 0.0) / seeds, rest / seeds
        if self.draws is not None:
            # a function's standard error says nothing of what its members share
            return 0.0, float(np.sum(self.weights * self.draws[:, 0] ** 2))
        return float("nan"), float("nan")

    @property
    def _freedom(self) -> float:
        """Of a weighted sample, as (n - 1) / n of an equal one."""
        return max(1 - float(np.sum(self.weights**2)), 1e-12)

    @property
    def between(self) -> float:
        """Standard deviation between populations, without the Monte Carlo error where that is
        known.

        >>> round(Prediction(np.array([[1.0], [3.0]]), np.full(2, 0.5)).between, 3)
        1.414
        """
        means = self.values.mean(axis=1)
        centre = float(np.sum(self.weights * means))
        total = float(np.sum(self.weights * (means - centre) ** 2)) / self._freedom
        return float(np.sqrt(max(total - self._rest, 0.0)))

    @property
    def _rest(self) -> float:
        """Variance of a member's mean by draws of its own; 0 where nothing tells."""
        return float(np.nan_to_num(self._draw_variances[1]))

    @property
    def without_draws(self) -> FloatArray:
        """Each member's mean, drawn towards the mean of all by the spread that is owing to the
        draws, shape (n,).

        >>> values = np.array([[1.0], [3.0]])
        >>> Prediction(values, np.full(2, 0.5), np.full((2, 1), 1.0)).without_draws.round(3)
        array([1.293, 2.707])
        """
        means = self.values.mean(axis=1)
        total = self.between**2 + self._rest
        share = np.sqrt(self.between**2 / total) if total > 0 else 1.0
        centre = np.sum(self.weights * means)
        return np.asarray(centre + share * (means - centre))

    @property
    def median(self) -> float:
        """The weighted median of the members."""
        return float(weighted_quantiles(self.without_draws, self.weights, [0.5])[0])

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval between populations.

        >>> values = np.arange(101.0)[:, None]
        >>> low, high = Prediction(values, np.full(101, 1 / 101)).interval
        >>> round(low, 6), round(high, 6)
        (5.0, 95.0)
        """
        low, high = weighted_quantiles(self.without_draws, self.weights, NINETY)
        return float(low), float(high)

    @property
    def median_error(self) -> float:
        """Standard error of the median: from the number of members, their draws, and what a seed
        does to all of them, which more members do not lessen.

        >>> values = np.array([[1.0, 3.0], [2.0, 4.0], [3.0, 5.0]])
        >>> round(Prediction(values, np.full(3, 1 / 3)).median_error, 2)
        1.23
        """
        of_members = OF_A_MEDIAN**2 * (self.between**2 + self._rest)
        shared = float(np.nan_to_num(self._draw_variances[0]))
        return float(np.sqrt(of_members / effective_size(self.weights) + shared))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The figures, for print and notebooks."""
        low, high = self.interval
        return "Prediction", [
            ("median", f"{self.median:.4g}"),
            ("90 % interval", f"{low:.4g} to {high:.4g}"),
            ("Monte Carlo error of a member", f"{self.monte_carlo:.2g}"),
            ("standard error of the median", f"{self.median_error:.2g}"),
            ("members", len(self.values)),
        ]


def predicted(
    members: Sequence[Population],
    weights: FloatArray,
    asked: Callable[..., Any],
    seeds: Sequence[int],
    progress: bool | None,
) -> Prediction:
    """Ask every member, with every seed.

    Raises
    ------
    InputError : an answer that is neither a number nor a number with its standard error.

    >>> from oxysim.population import Population
    >>> members = [Population("alike"), Population("others")]
    >>> predicted(members, np.full(2, 0.5), lambda one: len(one.name), (), False).median
    5.5
    """
    function(asked, "asked", "a function of a population")
    keys = sequence(seeds, "seeds", lambda seed, _: require_seed(seed), of="seeds", least=0)
    answers, errors = [], []
    with counting(len(members) * max(len(keys), 1), "predict", "member", progress) as bar:
        for count, population in enumerate(members, start=1):
            row = []
            for seed in keys or (None,):
                answer = asked(population) if seed is None else asked(population, seed=seed)
                row.append(answer_and_error(answer, f"answer of member {count}"))
                bar.advance()
            answers.append([value for value, _ in row])
            errors.append([error for _, error in row])
    known = np.array(errors)
    return Prediction(np.array(answers), weights, None if np.isnan(known).any() else known)


def weighted_quantiles(
    values: FloatArray, weights: FloatArray, shares: Sequence[float]
) -> FloatArray:
    """Values below which given shares of the weight lie, between neighbours linear; with equal
    weights those of NumPy.

    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.full(3, 1 / 3), [0.5])
    array([2.])
    """
    points = array(values, "values", (None,))
    order = np.argsort(points)
    sorted_weights = np.asarray(weights, dtype=float)[order]
    # the middle of each value's own weight, so spread that the first lies at 0, the last at 1
    middles = np.cumsum(sorted_weights) - sorted_weights / 2
    width = middles[-1] - middles[0]
    positions = (middles - middles[0]) / width if width > 0 else middles
    return np.interp(shares, positions, points[order])


def effective_size(weights: FloatArray) -> float:
    """How many equal members tell as much as weighted ones: 1 / sum of squared weights (Kish).

    >>> effective_size(np.full(4, 0.25))
    4.0
    """
    return float(1 / np.sum(np.square(weights)))


def answer_and_error(answer: Any, label: str) -> tuple[float, float]:
    """A value and its standard error, which is NaN where nothing is said of it.

    >>> answer_and_error((2.0, 0.5), "answer")
    (2.0, 0.5)
    """
    if isinstance(answer, tuple):
        if len(answer) != 2:
            raise refused(answer, label, "a number, or a number and its standard error")
        return number(answer[0], label), number(answer[1], f"{label}, standard error", 0.0)
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer.item()
    try:
        return number(answer, label), float("nan")
    except InputError:
        raise refused(answer, label, "a number, or a number and its standard error") from None
