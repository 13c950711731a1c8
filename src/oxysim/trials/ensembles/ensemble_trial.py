"""One plan of a trial over an ensemble: each member with a pool of its own, a result each, and what
they say together.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.checks import function, instance, require_seed
from oxysim.ensembles import Ensemble
from oxysim.ensembles.members.asked_members import MemberAnswers
from oxysim.ensembles.predictions import Prediction
from oxysim.errors import InputError, OxysimError, unknown_name
from oxysim.statistics.monte_carlo import mean_error
from oxysim.texts import Described, counted
from oxysim.trials.ensembles.assurance import Assurance
from oxysim.trials.plan.endpoints import MEASURED_KINDS
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.power_analysis import AskedOfMembers, Readable, power, power_request
from oxysim.trials.trial_result import TrialResult

# Of the table of effects, in the order in which it is printed.
COLUMNS = (
    "endpoint", "contrast", "unit", "low", "median", "high", "between", "monte_carlo",
    "median_error", "share_up", "assurance", "members", "reason",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class EnsembleTrial(AskedOfMembers[Assurance], Described):
    """A trial that every member of an ensemble has of its own.

    A study recruits from one population, and nobody knows from which. So each member gives a pool
    and the trial is replicated in each; what varies between members is what is not known.

    Parameters
    ----------
    ensemble : the members.
    planned : a function of a population and ``seed=`` that returns the trial in that population
        (its pool drawn with that seed), or another design that ``power`` takes.
        :meth:`oxysim.trials.Trial.drawn_from` makes it of a plan.
    seed : key of the pools, from which each member has a seed of its own.
    members : how many of them are asked, spread evenly over their weights; default all.

    Raises
    ------
    InputError : what is no ensemble or no function; more members than there are.

    >>> from oxysim.ensembles import PriorTable
    >>> from oxysim.trials import Gaussian
    >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> known = EnsembleTrial(four, lambda population, seed: Gaussian(0.5))
    >>> power(known, n=[20], replications=100, progress=False).table["n"].tolist()
    [20.0]
    """

    ensemble: Ensemble
    planned: Callable[..., Readable]
    seed: int = 0
    members: int | None = None

    def __post_init__(self) -> None:
        instance(self.ensemble, "ensemble", Ensemble, "an Ensemble")
        function(self.planned, "planned", "a function of a population and seed= that gives a Trial")
        require_seed(self.seed)
        if self.members is not None:
            checks.whole_number(self.members, "members", 1, len(self.ensemble))

    @functools.cached_property
    def trials(self) -> MemberAnswers:
        """The trial of each member, made (its pool drawn and screened) when first asked for."""
        return self.ensemble.ask(self.planned, seed=self.seed, members=self.members)

    def run(
        self, n: int, replications: int = 200, seed: int = 0, *, progress: bool | None = None
    ) -> EnsembleTrialResult:
        """Replicate the trial in every member.

        Parameters
        ----------
        n, replications : of one trial, as for :meth:`oxysim.trials.Trial.run`.
        seed : key of all replications, from which each member has a seed of its own.
        progress : whether a bar of members is shown.

        Raises
        ------
        InputError : what cannot be, or a trial that fails in every member.
        """
        checks.whole_number(n, "n", 2)
        require_replications(replications)
        require_seed(seed)

        def replicated(trial: Any, seed: int) -> TrialResult:
            if not callable(getattr(trial, "run", None)):
                raise checks.refused(trial, "planned", "a function that returns a Trial")
            result: TrialResult = trial.run(n, replications, seed)
            return result

        results = self.trials.map(replicated, seed=seed, progress=progress)
        return EnsembleTrialResult(results, n, replications, seed)

    def assurance(
        self,
        endpoint: str = "",
        *,
        n: Sequence[int],
        replications: int = 1000,
        alpha: float = 0.05,
        seed: int = 0,
        truth: float | None = None,
        progress: bool | None = None,
    ) -> Assurance:
        """What ``trials.power`` gives of it: the power in every member."""

        def curve(trial: Readable, seed: int) -> Any:
            return power(
                trial, endpoint, n=n, replications=replications, alpha=alpha, seed=seed, truth=truth
            )

        power_request(n, endpoint, replications, alpha, seed, truth)
        self._require_endpoint(endpoint)
        return Assurance(self.trials.map(curve, seed=seed, progress=progress), seed)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Over which ensemble, in how many members."""
        asked = len(self.ensemble) if self.members is None else self.members
        return "Trial over an ensemble", [
            ("", self.ensemble.name),
            ("members", f"{asked} of {len(self.ensemble)}"),
            ("seed", self.seed),
        ]

    def _require_endpoint(self, endpoint: str) -> None:
        """Raise for an endpoint that a trial has not, before any pool is simulated."""
        named = getattr(self.trials.answers[0], "endpoint", None)
        if callable(named):
            named(endpoint)


@dataclass(frozen=True, eq=False)
class EnsembleTrialResult(Described):
    """A trial, replicated in every member of an ensemble.

    Attributes
    ----------
    results : of each member its :class:`~oxysim.trials.TrialResult`; who failed and why.
    n, replications, seed : as they were asked for.

    >>> [name for name in vars(EnsembleTrialResult) if name.startswith("eff")]
    ['effect', 'effects']
    """

    results: MemberAnswers
    n: int
    replications: int
    seed: int

    def effect(self, endpoint: str = "", contrast: str = "") -> Prediction:
        """An effect as median, 90 % interval between members, and Monte Carlo error.

        Parameters
        ----------
        endpoint : by name; default the primary one.
        contrast : as ``TrialResult.contrasts`` names it; default the first.

        Raises
        ------
        InputError : no member could be analysed. UnknownNameError : no such endpoint or contrast.
        """
        return self._figures(endpoint, contrast).predict()

    def by_member(self, endpoint: str = "", contrast: str = "") -> pd.DataFrame:
        """The same, one row a member: member, structure, weight, value and its Monte Carlo error.

        Raises
        ------
        InputError, UnknownNameError : as :meth:`effect`.
        """
        return self._figures(endpoint, contrast).table()

    def effects(self) -> pd.DataFrame:
        """One row an endpoint and contrast.

        ``median``, ``low`` and ``high`` are of the members' mean estimates: the median and the 90 %
        interval of what is not known; ``between`` their standard deviation without the Monte Carlo
        error, ``monte_carlo`` that error in one member (of its replications and its pool),
        ``median_error`` the standard error of the median; ``share_up`` the share of members with an
        effect above 0 (of a ratio, above 1), ``assurance`` the mean share of their replications
        that find one, ``members`` how many could be analysed, with the first ``reason`` why others
        could not.
        """
        rows = []
        tables = [result.effects() for result in self.results]
        keys = {
            (row["endpoint"], row["contrast"]): row["unit"]
            for table in tables
            for row in table.to_dict("records")
            if isinstance(row["contrast"], str)
        }
        for (endpoint, contrast), unit in keys.items():
            rows.append(self._row(endpoint, contrast, unit))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How often replicated in how many members; the effect on the primary endpoint."""
        pairs: list[tuple[str, object]] = [
            ("members", len(self.results)),
            ("", f"{counted(self.replications, 'trial')} of n = {self.n} each"),
            ("seed", self.seed),
        ]
        try:
            effect = self.effect()
        except InputError as error:
            return "Trial over an ensemble", [*pairs, ("primary endpoint", str(error))]
        low, high = effect.interval
        text = f"{effect.median:.3g} [{low:.3g}, {high:.3g}] (median, 90 % interval of members)"
        return "Trial over an ensemble", [*pairs, ("primary endpoint", text)]

    def report(self) -> str:
        """The effects over members in plain text, and who failed."""
        table = self.effects()
        lines = [
            f"{counted(self.replications, 'trial')} of n = {self.n} in each of"
            f" {len(self.results)} members; median and 90 % interval between members",
            "",
            table.drop(columns="reason").to_string(
                index=False, float_format=lambda value: f"{value:.3g}"
            ),
        ]
        lines += [f"Member {m} failed: {reason}" for m, reason in self.results.failed.items()]
        return "\n".join(lines)

    # ---------------------------------------------------------------- internals
    def _row(self, endpoint: str, contrast: str, unit: str) -> dict[str, Any]:
        figures = self._figures(endpoint, contrast)
        prediction = figures.predict()
        low, high = prediction.interval
        null = 1.0 if unit == "ratio" else 0.0
        rows = {
            number: _effect_row(result, endpoint, contrast)
            for number, result in zip(self.results.numbers, self.results, strict=True)
        }
        significant = [rows[number]["share_significant"] for number in figures.numbers]
        return {
            "endpoint": endpoint, "contrast": contrast, "unit": unit,
            "low": low, "median": prediction.median, "high": high, "between": prediction.between,
            "monte_carlo": prediction.monte_carlo, "median_error": prediction.median_error,
            "share_up": float(figures.weights @ (prediction.values[:, 0] > null)),
            "assurance": float(figures.weights @ np.array(significant)),
            "members": len(figures), "reason": next(iter(figures.failed.values()), ""),
        }  # fmt: skip

    def _figures(self, endpoint: str, contrast: str) -> MemberAnswers:
        """(mean estimate, Monte Carlo error) of each member that could be analysed."""
        checks.instance(contrast, "contrast", str, "its name, or an empty text for the first")
        first: TrialResult = self.results.answers[0]
        # a name that no member has is a mistake, and no failure of members
        name = first.trial.endpoint(endpoint).name
        return self.results.map(lambda result: _figure(result, name, contrast), progress=False)


# --------------------------------------------------------------------- internals
def _effect_row(result: TrialResult, endpoint: str, contrast: str) -> dict[str, Any]:
    """The row of a member's own table of effects; an empty one where it has none."""
    for row in result.effects().to_dict("records"):
        if row["endpoint"] == endpoint and row["contrast"] == contrast:
            return {str(name): value for name, value in row.items()}
    return {}


def _figure(result: TrialResult, endpoint: str, contrast: str) -> tuple[float, float]:
    """The mean estimate of a member's trials and its Monte Carlo error: that of the replications,
    and that of the pool from which all of them are drawn.
    """
    by_label = result.contrasts(endpoint)
    label = contrast or next(iter(by_label))
    if label not in by_label:
        raise unknown_name("contrast", label, by_label)
    tested = by_label[label]
    good = np.isfinite(tested.p) & np.isfinite(tested.estimate)
    if not good.any():
        reason = next(iter(tested.reasons.values()), "no replication could be analysed")
        raise InputError(f"{endpoint}, {label}: {reason}")
    is_ratio = tested.scale == "ratio"
    estimates = np.log(tested.estimate[good]) if is_ratio else tested.estimate[good]
    mean, error = float(estimates.mean()), mean_error(estimates)
    error = float(np.hypot(0.0 if np.isnan(error) else error, _pool_error(result, endpoint, label)))
    # of a ratio the geometric mean, and its error by the slope of the exponential
    return (float(np.exp(mean)), error * float(np.exp(mean))) if is_ratio else (mean, error)


def _pool_error(result: TrialResult, endpoint: str, label: str) -> float:
    """The standard error of the pool's mean true effect; 0 where single dyads have none, as of
    shares.
    """
    try:
        if result.trial.endpoint(endpoint).what not in MEASURED_KINDS:
            return 0.0
        individual = result.individual(endpoint)
    except OxysimError:
        return 0.0
    error = mean_error(individual[label]) if label in individual else 0.0
    return 0.0 if np.isnan(error) else error
