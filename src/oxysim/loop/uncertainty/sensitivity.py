"""Global sensitivity: how much of an outcome's variance comes from which input, and what of it from
assumptions.

Sobol' indices: with Y = f(X) and independent X, the first-order index of an input is V[E(Y|X_i)] /
V[Y], its share of the variance by itself; the total index E[V(Y|X_~i)] / V[Y] counts every
interaction that it takes part in (Sobol' 1993; estimators of Saltelli et al. 2010, as SciPy has
them). The same of a group of inputs that are moved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.checks import require_seed
from oxysim.errors import InputError
from oxysim.loop.uncertainty.model_runs import OutcomeModel, Subject, generator, outcome_model
from oxysim.loop.uncertainty.uncertain_inputs import Inputs
from oxysim.texts import Described, listed

SMALLEST = 16  # points, below which a bootstrap means nothing
MOST_RESAMPLES = 1_000_000  # of a bootstrap, each over all points
COLUMNS = ("first", "first_low", "first_high", "total", "total_low", "total_high")


@dataclass(frozen=True, eq=False)
class SobolSensitivity(Described):
    """Where the variance of one outcome comes from.

    Attributes
    ----------
    outcome : in words. mean, variance : over what is possible for all inputs.
    table : one row an input, the largest total first: ``input``, ``status``, ``first`` and
        ``total`` index with the ends of their bootstrap intervals (``first_low`` ...).
    by_status : the same for all inputs of one status together ("measured", "assumed" ...); what
        their first indices lack of 1 is interaction between them.
    without_influence : inputs that changed the outcome in no run at all.
    inputs, n, runs, confidence : number of inputs, sample size, runs asked for, level of the
    intervals.

    >>> found = sobol_sensitivity(
    ...     lambda x: x[0] + 0 * x[1], {"a": (0, 1), "b": (0, 1)}, n=16, resamples=100)
    >>> found.without_influence, found.runs
    (('b',), 64)
    """

    outcome: str
    mean: float
    variance: float
    table: pd.DataFrame
    by_status: pd.DataFrame
    without_influence: tuple[str, ...]
    inputs: int
    n: int
    runs: int
    confidence: float

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        totals = [f"{row.input} {row.total:.2f}" for row in self.table.itertuples()]
        by = [f"{row.status} {row.total:.2f}" for row in self.by_status.itertuples()]
        return "Sobol' sensitivity", [
            ("outcome", self.outcome),
            ("mean", self.mean),
            ("standard deviation", self.variance**0.5),
            ("total indices", listed(totals) or "not asked for"),
            ("by status", listed(by)),
            ("runs", self.runs),
        ]

    def report(self) -> str:
        """What was found, in sentences."""
        level = f"{100 * self.confidence:g} %"
        lines = [
            f"{self.outcome}: mean {self.mean:.3g}, standard deviation {self.variance**0.5:.3g}"
            f" over independent uncertainty of {self.inputs} inputs ({self.runs} runs; {level}"
            " bootstrap intervals)."
        ]
        lines += [
            f"  {row.input} ({row.status}): {_indices(row)}" for row in self.table.itertuples()
        ]
        if len(self.by_status) > 1:
            lines += [
                f"All {row.status} inputs together: {_indices(row)}"
                for row in self.by_status.itertuples()
            ]
        if self.without_influence:
            lines.append(f"Without any influence: {', '.join(self.without_influence)}.")
        return "\n".join(lines)


def sobol_sensitivity(
    subject: Subject,
    inputs: Inputs,
    outcome: Any = None,
    *,
    n: int = 256,
    seed: int = 0,
    each: bool = True,
    confidence: float = 0.95,
    resamples: int = 999,
    **running: Any,
) -> SobolSensitivity:
    """Sobol' indices of first order and total, of each input and of all inputs of one status
    together.

    Parameters
    ----------
    subject, inputs, outcome, running : as for
        :func:`~oxysim.loop.uncertainty.elasticities.elasticities`. Of several dyads the outcome is
        their mean. All runs are one batch, of n (k + 2 + number of statuses with several inputs).
    n : points of the two samples, a power of two.
    seed : key of the samples and of the bootstrap.
    each : False asks for the statuses only, which takes n (2 + number of statuses) runs however
        many inputs there are; ``table`` is then empty.
    confidence, resamples : of the bootstrap intervals (percentiles over points drawn as if
        independent, which the even spread of a Sobol' sequence makes a little too wide).

    Raises
    ------
    InputError : an n that is no power of two, a run that failed (with its inputs), an outcome that
        never changes.

    >>> found = sobol_sensitivity(  # an outcome that is a sum: shares of 1/5 and 4/5
    ...     lambda x: x[0] + 2 * x[1], {"a": (0, 1), "b": (0, 1)}, n=256, resamples=100)
    >>> found.table.set_index("input")["total"].round(1).to_dict()
    {'b': 0.8, 'a': 0.2}
    """
    _require_power(n)
    require_seed(seed)
    checks.flag(each, "each")
    require_bootstrap_settings(confidence, resamples)
    model = outcome_model(subject, inputs, outcome, running)
    groups = _groups([source.status for source in model.inputs])
    sets = _moved_together(groups, len(model.inputs), each)

    outcomes = _outcomes_of_samples(model, sets, n, seed)
    indices = _with_intervals(outcomes[0], outcomes[1], outcomes[2:], (seed, confidence, resamples))

    # the single inputs stand first among what was moved
    singles = len(model.inputs) if each else 0
    without_influence = tuple(
        model.names[i]
        for i, moved in enumerate(outcomes[2 : 2 + singles])
        if np.array_equal(moved, outcomes[0])
    )
    by_status = [(name, _place(members, sets)) for name, members in groups.items()]
    return SobolSensitivity(
        model.label,
        float(outcomes[:2].mean()),
        float(outcomes[:2].var()),
        _input_table(model, indices[:singles]),
        _status_table(by_status, indices),
        without_influence,
        len(model.inputs),
        n,
        outcomes.size,
        confidence,
    )


def _moved_together(groups: dict[str, list[int]], k: int, singly: bool) -> list[list[int]]:
    """The sets of inputs that are moved together: each by itself where asked for, then each status.

    A status of one input is that input, and one of all inputs has an index of 1: neither is moved.
    """
    singles = [[i] for i in range(k)] if singly else []
    statuses = [
        members
        for members in groups.values()
        if (1 < len(members) or not singly) and len(members) < k
    ]
    if not singles and not statuses:
        raise InputError(
            f"each: all {k} inputs are {next(iter(groups))}, so that there is nothing to share out;"
            " ask for each"
        )
    return singles + statuses


def _outcomes_of_samples(
    model: OutcomeModel, sets: list[list[int]], n: int, seed: int
) -> FloatArray:
    """Outcomes of two samples, and of the first with each set of inputs from the second, in one
    batch, shape (2 + n_sets, n).
    """
    a, b = _two_samples(len(model.inputs), n, seed)
    mixed = [_mixed(a, b, members) for members in sets]
    outcomes = model.at_shares(np.concatenate([a, b, *mixed], axis=1)).reshape(len(sets) + 2, n)
    if np.ptp(outcomes) == 0:
        raise InputError(
            f"{model.label}: it is {outcomes[0, 0]:.6g} in all {outcomes.size} runs, so that no"
            f" variance is there to be shared out; none of {', '.join(model.names)} has an"
            " influence on it"
        )
    return outcomes


# ---------------------------------------------------------------------- samples
def _two_samples(k: int, n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Two independent samples of the unit cube, each of shape (k, n), as columns of one scrambled
    Sobol' sequence.
    """
    from scipy.stats import qmc  # a second to import, and a rescue map does without it

    # one sequence of twice the dimension: its two halves are independent and even
    cube = qmc.Sobol(2 * k, scramble=True, seed=generator(seed, "two samples")).random(n)
    return np.asarray(cube[:, :k].T), np.asarray(cube[:, k:].T)


def _mixed(a: FloatArray, b: FloatArray, moved: Sequence[int]) -> FloatArray:
    """`a` with some inputs from `b`."""
    mixed = a.copy()
    mixed[list(moved)] = b[list(moved)]
    return mixed


def _groups(statuses: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the inputs of each status."""
    return {
        name: [i for i, status in enumerate(statuses) if status == name]
        for name in dict.fromkeys(statuses)
    }


def _place(group: Sequence[int], sets: Sequence[Sequence[int]]) -> int | None:
    """Where a group stands among what was moved; None for all inputs."""
    return next((i for i, moved in enumerate(sets) if list(moved) == list(group)), None)


# --------------------------------------------------------------------- indices
def _with_intervals(
    a: FloatArray, b: FloatArray, mixed: FloatArray, bootstrap: tuple[int, float, int]
) -> FloatArray:
    """(first, its low and high end, total, its ends) of everything that was moved, shape (n_moved,
    6).
    """
    from scipy import stats

    def both(index: Any) -> FloatArray:
        values = {"f_A": a[None, index], "f_B": b[None, index], "f_AB": mixed[:, None, index]}
        indices = stats.sobol_indices(func=values, n=len(a))
        return np.array([np.ravel(indices.first_order), np.ravel(indices.total_order)])

    seed, confidence, resamples = bootstrap
    # points are drawn, each with its outcomes in all samples
    draws = generator(seed, "bootstrap of indices").integers(len(a), size=(resamples, len(a)))
    spread = np.array([both(draw) for draw in draws])
    # percentile intervals
    low, high = np.quantile(spread, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    estimate = both(np.arange(len(a)))
    return np.stack([estimate[0], low[0], high[0], estimate[1], low[1], high[1]], axis=1)


def _input_table(model: OutcomeModel, indices: FloatArray) -> pd.DataFrame:
    sources = model.inputs[: len(indices)]
    heads = {
        "input": [source.name for source in sources],
        "status": [source.status for source in sources],
    }
    return largest_first(
        pd.DataFrame({**heads, **dict(zip(COLUMNS, indices.T, strict=True))}), "total"
    )


def _status_table(groups: Sequence[tuple[str, int | None]], indices: FloatArray) -> pd.DataFrame:
    # all inputs together explain everything
    rows = [indices[row] if row is not None else np.ones(len(COLUMNS)) for _, row in groups]
    return largest_first(
        pd.DataFrame(
            {
                "status": [name for name, _ in groups],
                **dict(zip(COLUMNS, np.array(rows).T, strict=True)),
            }
        ),
        "total",
    )


def largest_first(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """The rows by falling values of one column; of equal ones the first stays first.

    >>> table = pd.DataFrame({"name": ["gain", "bond"], "total": [0.1, 0.6]})
    >>> largest_first(table, "total")["name"].tolist()
    ['bond', 'gain']
    """
    return table.iloc[np.argsort(-table[by].to_numpy(), kind="stable")].reset_index(drop=True)


def _indices(row: Any) -> str:
    return (
        f"{row.first:.2f} ({row.first_low:.2f} to {row.first_high:.2f}) of the variance alone, "
        f"{row.total:.2f} ({row.total_low:.2f} to {row.total_high:.2f}) with every interaction"
    )


# ---------------------------------------------------------------------- checks
def _require_power(n: Any) -> None:
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < SMALLEST or n & (n - 1):
        near = ""
        if isinstance(n, int | np.integer) and n > SMALLEST:
            # the next powers of two on both sides
            lower = 1 << (int(n).bit_length() - 1)
            near = f" (nearest: {lower}, {2 * lower})"
        raise InputError(f"n: expected a power of two of at least {SMALLEST}; found {n!r}{near}")


def require_bootstrap_settings(confidence: Any, resamples: Any = 999) -> None:
    """Refuse a level that is no share between 0 and 1, and too few or too many resamples.

    >>> require_bootstrap_settings(0.95, resamples=10)
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: resamples: expected a whole number from 100 to ...; found 10
    """
    if not 0 < checks.share(confidence, "confidence") < 1:
        raise InputError(f"confidence: expected a share between 0 and 1; found {confidence!r}")
    checks.whole_number(resamples, "resamples", 100, MOST_RESAMPLES)
