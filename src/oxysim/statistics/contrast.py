"""What an analysis returns for every replication of a study: an estimate with its standard error,
interval and p value, and the standardised effect.

A replication that cannot be analysed (an arm that everyone left, readings without any spread) is
recorded with its reason; if none can be, that is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pandas as pd

from oxysim.arrays import FloatArray, IntArray
from oxysim.statistics.monte_carlo import finite_mean
from oxysim.texts import Described, counted

LEVEL = 0.95  # the level of the confidence intervals that studies publish


@dataclass(frozen=True, eq=False)
class Standardised(Described):
    """A standardised effect in every replication, each array of shape (replications,).

    Attributes
    ----------
    name : "dz" (mean paired difference over the standard deviation of the differences) or "d"
        (difference over the pooled standard deviation within arms).
    estimate, low, high : the effect and its confidence interval.
    corrected : Hedges's g, the estimate without its small-sample bias (Hedges 1981, J. Educ. Stat.
        6: 107).

    >>> import numpy as np
    >>> Standardised("d", *np.full((4, 1), 0.5))
    Standardised effect d: mean 0.5; over 1 replication.
    """

    name: str
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    corrected: FloatArray

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its mean over replications."""
        return f"Standardised effect {self.name}", [
            ("mean", finite_mean(self.estimate)),
            _over(self.estimate),
        ]


@dataclass(frozen=True, eq=False)
class Contrast(Described):
    """One contrast in every replication, as each replicated study would have computed it; arrays of
    shape (replications,).

    Several contrasts of one study are reported as they are: correction for multiple testing is left
    to the user (``scipy.stats.false_discovery_control``, for instance).

    Attributes
    ----------
    estimate : contrast minus reference, in the readings' unit; or the ratio of contrast to
        reference.
    standard_error : of the estimate; of a ratio, that of its natural logarithm.
    low, high : confidence interval of the estimate.
    p : two-sided p value.
    n : participants analysed.
    method : the test, in words.
    scale : "difference" (no effect is 0) or "ratio" (no effect is 1).
    level : of the confidence intervals.
    standardised : the standardised effect, where one makes sense.
    reasons : replication -> why it could not be analysed (or, of a ratio, why it has no finite
        value); what could not be computed is NaN there.

    >>> from oxysim.statistics.two_groups import paired_t_test
    >>> paired_t_test([[1.0, 2.0, 3.0]], [[2.0, 4.0, 4.0]]).method
    'paired t test'
    """

    estimate: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    n: IntArray
    method: str
    scale: Literal["difference", "ratio"] = "difference"
    level: float = LEVEL
    standardised: Standardised | None = None
    reasons: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many replications there are."""
        return len(self.estimate)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The method, and the estimate of one study or the mean of many."""
        # one study shows its interval and p, many their means
        pairs: list[tuple[str, object]] = [("method", self.method), _over(self.estimate)]
        if len(self) == 1:
            ends = f"{self.estimate[0]:.4g} [{self.low[0]:.4g}, {self.high[0]:.4g}]"
            pairs += [(self.scale, ends), ("p", float(self.p[0])), ("n", int(self.n[0]))]
        else:
            mean_n = ("mean n", finite_mean(self.n))
            pairs += [(f"mean {self.scale}", finite_mean(self.estimate)), mean_n]
        # said only where there is something to say
        if self.reasons:
            pairs.append(("could not be analysed", len(self.reasons)))
        return "Contrast", pairs

    @property
    def null(self) -> float:
        """The estimate that means no effect.

        >>> from oxysim.statistics.two_groups import paired_t_test
        >>> paired_t_test([[1.0, 2.0, 3.0]], [[2.0, 4.0, 4.0]]).null  # of a difference
        0.0
        """
        return 1.0 if self.scale == "ratio" else 0.0

    def table(self) -> pd.DataFrame:
        """One row a replication: estimate, standard error, interval, p, n, the standardised effect,
        the reason.

        >>> from oxysim.statistics.two_groups import paired_t_test
        >>> paired_t_test([[1.0, 2.0, 3.0]], [[2.0, 4.0, 4.0]]).table()["dz"].round(2).tolist()
        [2.31]
        """
        names = ("estimate", "standard_error", "low", "high", "p", "n")
        columns = {name: getattr(self, name) for name in names}
        if self.standardised is not None:
            name = self.standardised.name
            # under the effect's own name, "d" or "dz", as a table of results heads it
            columns |= {
                name: self.standardised.estimate,
                f"{name}_low": self.standardised.low,
                f"{name}_high": self.standardised.high,
                "hedges_g": self.standardised.corrected,
            }
        # replications count from 0, as their positions in the arrays do
        frame = pd.DataFrame(columns).rename_axis("replication")
        reasons = [self.reasons.get(replication, "") for replication in range(len(self))]
        return frame.assign(reason=reasons)


class EffectEstimate(NamedTuple):
    """An estimate with its standard error, degrees of freedom and participants, each of shape
    (replications,): what an analysis computes before its interval is known.

    >>> import numpy as np
    >>> value, standard_error, df, n = np.array([[2.0], [0.5], [18.0], [20.0]])  # of one study
    >>> EffectEstimate(value, standard_error, df, n).value
    array([2.])
    """

    value: FloatArray
    standard_error: FloatArray
    df: FloatArray
    n: FloatArray


def _over(values: FloatArray) -> tuple[str, object]:
    return "over", counted(len(values), "replication")
