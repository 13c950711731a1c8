"""Assurance: how likely a study is to find its effect, over all populations that agree with what is
known.

The power of a study is that of one population; assurance is its mean over the members of an
ensemble in their weights (O'Hagan, Stevens & Campbell 2005, Pharm. Stat. 4: 187). More participants
bring it no nearer to 1 than the share of members in which there is an effect at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.ensembles.members.asked_members import MemberAnswers
from oxysim.ensembles.predictions import Prediction, effective_size, weighted_quantiles
from oxysim.errors import InputError
from oxysim.statistics.monte_carlo import share_error
from oxysim.statistics.proportions import share_limits
from oxysim.streams import stream
from oxysim.texts import Described
from oxysim.trials.power_over_n import PLANNED, Needed, PowerCurve, n_with_power

DRAWS = 1000  # bootstrap samples of the members, for the interval of a needed n
LEVEL = 0.95  # of the interval of an assurance
NINETY = (0.05, 0.95)  # of the distribution of power, as elsewhere in ensembles
# Of the table, in the order in which it is printed.
COLUMNS = (
    "n", "assurance", "se", "low", "high", "monte_carlo", "power_low", "power_median",
    "power_high", "powered", "effect_low", "effect_median", "effect_high", "failed",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Assurance(Described):
    """The power of a study over the members of an ensemble.

    Attributes
    ----------
    curves : of each member its :class:`~oxysim.trials.PowerCurve`.
    seed : key of the replications.

    >>> from oxysim.trials import Gaussian, power
    >>> curves = [power(Gaussian(d), n=[20, 60], seed=1, progress=False) for d in (0.5, 0.0)]
    >>> both = MemberAnswers((0, 1), tuple(curves), np.full(2, 0.5), ("both", "none"), {})
    >>> Assurance(both, seed=1).table[["n", "assurance"]].round(1).values.tolist()
    [[20.0, 0.3], [60.0, 0.5]]
    """

    curves: MemberAnswers
    seed: int = 0

    @property
    def sizes(self) -> FloatArray:
        """The numbers of participants that were asked for."""
        curve: PowerCurve = self.curves.answers[0]
        return curve.table["n"].to_numpy(dtype=float)

    @property
    def powers(self) -> FloatArray:
        """The power of each member at each n, shape (members, sizes)."""
        return np.array([curve.table["power"] for curve in self.curves])

    @property
    def table(self) -> pd.DataFrame:
        """One row an n. ``assurance`` is the mean power of the members, ``se`` its standard error
        from the number of members and their replications together, ``low`` and ``high`` its 95 %
        interval, ``monte_carlo`` the part that more replications would make smaller;
        ``power_low``, ``power_median`` and ``power_high`` the median and the 90 % interval of power
        between members, ``powered`` the share of members with a power of .8 and more;
        ``effect_low``, ``effect_median``, ``effect_high`` of the mean estimate, whose sign says
        whether what members find is the same; ``failed`` the mean share of replications that could
        not be tested.
        """
        rows = [self._row(position) for position in range(len(self.sizes))]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def power_at(self, n: int) -> Prediction:
        """The distribution of power over the members at one n.

        Raises
        ------
        InputError : an n that was not asked for.
        """
        asked = checks.whole_number(n, "n", 2)
        places = np.flatnonzero(self.sizes == asked)
        if not len(places):
            sizes = ", ".join(f"{size:.0f}" for size in self.sizes)
            raise checks.refused(n, "n", f"one of those that were asked for: {sizes}")
        return self._power(int(places[0]))

    def by_structure(self) -> pd.DataFrame:
        """The assurance in each structure by itself, one row a structure: share of the weight,
        members, and a column an n.
        """
        names = np.array(self.curves.structures)
        rows = []
        for structure in dict.fromkeys(self.curves.structures):
            inside = names == structure
            weights = self.curves.weights[inside]
            means = weights @ self.powers[inside] / weights.sum()
            columns = {f"n = {n:.0f}": mean for n, mean in zip(self.sizes, means, strict=True)}
            share = {"share": weights.sum(), "members": int(inside.sum())}
            rows.append({"structure": structure, **share, **columns})
        return pd.DataFrame(rows)

    def n_for(self, assurance: float = PLANNED) -> Needed:
        """The smallest number of participants with this assurance, with the 95 % bootstrap interval
        over the members.

        Raises
        ------
        InputError : it is not between 0 and 1, or is reached below the smallest or above the
            largest n.
        """
        if not 0 < checks.number(assurance, "assurance") < 1:
            raise checks.refused(assurance, "assurance", "a share between 0 and 1, such as 0.8")
        n, mean = self.sizes, self.curves.weights @ self.powers
        replications = len(self.curves.answers[0].found)
        needed = n_with_power(n, mean, assurance, replications)
        ends = f"{mean[0]:.3f} at n = {n[0]:.0f} to {mean[-1]:.3f} at n = {n[-1]:.0f}"
        if math.isinf(needed):
            none = 100 * float(self.curves.weights @ (self.powers[:, -1] < PLANNED))
            raise InputError(
                f"assurance {assurance:g} is not reached: it is {ends}. Members worth {none:.0f} %"
                f" have less than {100 * PLANNED:g} % power at the largest n: ask for a larger n,"
                " or, where there is no effect in them, for another study"
            )
        if needed == n[0] and mean[0] > assurance:
            raise InputError(
                f"assurance {assurance:g} is exceeded from the start: it is {ends}; ask for a"
                " smaller n"
            )
        drawn = [n_with_power(n, row, assurance, replications) for row in self._resampled()]
        # an order statistic, since a mean with an infinite one would be infinite
        low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
        whole = math.ceil(needed - 1e-9)
        return Needed(assurance, whole, float(np.ceil(low)), float(np.ceil(high)), "assurance")

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What was tested in how many members, and the assurance at the ends."""
        curve: PowerCurve = self.curves.answers[0]
        table = self.table
        ends = [
            f"{row['assurance']:.2f} [{row['low']:.2f}, {row['high']:.2f}] at n = {row['n']:.0f}"
            for row in table.iloc[[0, -1]].drop_duplicates().to_dict("records")
        ]
        return "Assurance", [
            ("", curve.tested),
            ("members", f"{len(self.curves)}, {len(curve.found)} replications each"),
            ("assurance", ", ".join(ends)),
            *([("failed members", len(self.curves.failed))] if self.curves.failed else []),
        ]

    def report(self) -> str:
        """The assurance in plain text: the table, the structures, the n for 80 %, who failed."""
        curve: PowerCurve = self.curves.answers[0]
        lines = [
            f"Assurance: {curve.tested}; {len(self.curves)} members, {len(curve.found)}"
            f" replications each, two-sided alpha {curve.alpha:g}, seed {self.seed}",
            "",
            self.table.to_string(index=False, float_format=lambda value: f"{value:.3g}"),
            "",
        ]
        structures = self.by_structure()
        if len(structures) > 1:
            text = structures.to_string(index=False, float_format=lambda value: f"{value:.3g}")
            lines += ["By structure:", text, ""]
        try:
            lines.append(f"{self.n_for(PLANNED)}.")
        except InputError as outside:
            lines.append(f"{outside}.")
        lines += [f"Member {m} failed: {reason}" for m, reason in self.curves.failed.items()]
        return "\n".join(lines)

    # ---------------------------------------------------------------- internals
    def _row(self, position: int) -> tuple[float, ...]:
        """The row of the table at one of the sizes."""
        power, weights = self._power(position), self.curves.weights
        values = power.values[:, 0]
        mean = float(weights @ values)
        replications = len(self.curves.answers[0].found)
        error = _mean_error(values, weights, replications)
        low, high = _interval(mean, error, effective_size(weights), replications)
        effects = self._column("effect", position)
        # an effect that could not be told is in no quantile
        finite = np.isfinite(effects)
        ends = [math.nan] * 3
        if finite.any():
            ends = weighted_quantiles(
                effects[finite], weights[finite], [NINETY[0], 0.5, NINETY[1]]
            ).tolist()
        return (
            float(self.sizes[position]), mean, error, low, high,
            float(np.sqrt(np.sum((weights * self._column("power_se", position)) ** 2))),
            power.interval[0], power.median, power.interval[1],
            float(weights @ (values >= PLANNED)), *ends,
            float(weights @ self._column("failed", position)),
        )  # fmt: skip

    def _power(self, position: int) -> Prediction:
        draws = self._column("power_se", position)
        return Prediction(self.powers[:, [position]], self.curves.weights, draws[:, None])

    def _column(self, name: str, position: int) -> FloatArray:
        return np.array([curve.table[name].iloc[position] for curve in self.curves], dtype=float)

    def _resampled(self) -> FloatArray:
        """Mean powers of members drawn anew in their weights, shape (draws, sizes)."""
        draws = stream(self.seed, 0, "bootstrap of assurance")
        # as many as tell as much as the weighted ones
        count = max(round(effective_size(self.curves.weights)), 1)
        rows = draws.choice(len(self.curves), size=(DRAWS, count), p=self.curves.weights)
        return np.asarray(self.powers[rows].mean(axis=1))


# --------------------------------------------------------------------- internals
def _mean_error(values: FloatArray, weights: FloatArray, replications: int) -> float:
    """The standard error of the weighted mean of members' powers, which differ by their populations
    and by their replications; of one member that of its replications.
    """
    shared = float(np.sum(weights**2))
    mean = float(weights @ values)
    if len(values) == 1:
        return share_error(mean, replications)
    # of a weighted sample, as ddof=1 of an equal one
    variance = float(weights @ (values - mean) ** 2) / (1 - shared)
    return math.sqrt(variance * shared)


def _interval(mean: float, error: float, members: float, replications: int) -> tuple[float, float]:
    """Wilson's interval, with as many independent trials as the standard error says: from the
    number of members, whose trials may all end alike, to all of their replications.
    """
    worth = mean * (1 - mean) / error**2 if error > 0 else members
    worth = float(np.clip(worth, members, members * replications))
    low, high = share_limits(np.array(mean), np.array(worth), LEVEL)
    # rounding leaves an end of 1 - 1e-16 where all or none are counted
    return max(float(low), 0.0), min(float(high), 1.0)
