"""What an analysis returns for every replication of a study, and what all analyses share: the check
of their readings, means over the participants who stayed, intervals by t and by the normal
distribution, standardised effects.

Readings have shape (replications, n); NaN stands for a participant who gave none (dropped out,
failed). A replication that cannot be analysed (an arm that everyone left, readings without any
spread) is recorded with its reason; if none can be, that is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError, shown
from oxysim.texts import Described, counted

Causes = tuple[tuple[BoolArray, str], ...]
LEVEL = 0.95
ROUNDING = 1e-12  # a spread below this share of the readings' size is rounding, not spread

FAR = 100.0  # a t beyond which a standardised effect's interval is taken from its limit


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
    """

    name: str
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    corrected: FloatArray

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its mean over replications."""
        return f"Standardised effect {self.name}", [
            ("mean", _mean(self.estimate)),
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
        pairs: list[tuple[str, object]] = [("method", self.method), _over(self.estimate)]
        if len(self) == 1:
            ends = f"{self.estimate[0]:.4g} [{self.low[0]:.4g}, {self.high[0]:.4g}]"
            pairs += [(self.scale, ends), ("p", float(self.p[0])), ("n", int(self.n[0]))]
        else:
            pairs += [(f"mean {self.scale}", _mean(self.estimate)), ("mean n", _mean(self.n))]
        if self.reasons:
            pairs.append(("could not be analysed", len(self.reasons)))
        return "Contrast", pairs

    @property
    def null(self) -> float:
        """The estimate that means no effect."""
        return 1.0 if self.scale == "ratio" else 0.0

    def table(self) -> pd.DataFrame:
        """One row a replication: estimate, standard error, interval, p, n, the standardised effect,
        the reason.
        """
        columns = {
            name: getattr(self, name)
            for name in ("estimate", "standard_error", "low", "high", "p", "n")
        }
        if self.standardised is not None:
            name = self.standardised.name
            columns |= {
                name: self.standardised.estimate,
                f"{name}_low": self.standardised.low,
                f"{name}_high": self.standardised.high,
                "hedges_g": self.standardised.corrected,
            }
        frame = pd.DataFrame(columns).rename_axis("replication")
        return frame.assign(reason=[self.reasons.get(one, "") for one in range(len(self))])


def _over(values: FloatArray) -> tuple[str, object]:
    return "over", counted(len(values), "replication")


def _mean(values: npt.ArrayLike) -> float:
    """Over the replications that have a number."""
    array = np.asarray(values, dtype=float)
    finite = array[np.isfinite(array)]
    return float(finite.mean()) if len(finite) else float("nan")


class Moments(NamedTuple):
    """Of each replication, over the participants with a reading: how many, their mean, sum of
    squares about it, and the largest size of a reading.
    """

    n: FloatArray
    mean: FloatArray
    squares: FloatArray
    size: FloatArray

    @property
    def variance(self) -> FloatArray:
        """With n - 1; NaN for fewer than two readings."""
        return divided(self.squares, self.n - 1.0)


class EffectEstimate(NamedTuple):
    """An estimate with its standard error, degrees of freedom and participants, each of shape
    (replications,).
    """

    value: FloatArray
    standard_error: FloatArray
    df: FloatArray
    n: FloatArray


# --------------------------------------------------------------------- readings
def checked(**named: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """The readings as float arrays (replications, n).

    Raises
    ------
    InputError : not two axes, no replication, fewer than two participants, an infinite reading,
        different numbers of replications.
    """
    arrays = tuple(_readings(name, values) for name, values in named.items())
    if len({len(array) for array in arrays}) > 1:
        found = ", ".join(f"{name} {len(array)}" for name, array in zip(named, arrays, strict=True))
        raise InputError(f"expected equally many replications in every arm; found {found}")
    return arrays


def alike(**named: FloatArray) -> None:
    """Raise ``InputError`` unless the arrays, which hold the same participants, have one shape."""
    if len({np.shape(array) for array in named.values()}) > 1:
        found = ", ".join(f"{name} {np.shape(array)}" for name, array in named.items())
        raise InputError(
            f"expected the same participants, so equal shapes (replications, n); found {found}"
        )


def require_confidence(level: float) -> None:
    """Raise ``InputError`` unless `level` is a confidence level."""
    if not 0 < checks.number(level, "level") < 1:
        raise checks.refused(level, "level", "a confidence level between 0 and 1, such as 0.95")


def moments(values: FloatArray) -> Moments:
    """Numbers, means and squares over the participants with a reading."""
    known = ~np.isnan(values)
    n = known.sum(axis=1).astype(float)
    mean = divided(np.where(known, values, 0.0).sum(axis=1), n)
    away = np.where(known, values - mean[:, None], 0.0)
    return Moments(n, mean, (away**2).sum(axis=1), np.where(known, np.abs(values), 0.0).max(axis=1))


def flat(squares: FloatArray, n: FloatArray, size: FloatArray) -> BoolArray:
    """Whether readings of this size have no spread beyond rounding."""
    return roots(squares / np.maximum(n, 1)) <= ROUNDING * size


def divided(above: npt.ArrayLike, below: npt.ArrayLike) -> FloatArray:
    """A quotient, NaN where the divisor is not positive."""
    over, under = np.broadcast_arrays(
        np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    )
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0)


def roots(values: npt.ArrayLike) -> FloatArray:
    """Square roots; NaN stays NaN."""
    return np.asarray(np.sqrt(np.asarray(values, dtype=float)))


def pooled(first: Moments, second: Moments) -> FloatArray:
    """The pooled variance within two groups."""
    return divided(first.squares + second.squares, first.n + second.n - 2.0)


def too_few(arm: str, n: FloatArray, least: int) -> Causes:
    """Causes of a replication without a result: the arm is empty, or holds fewer than `least`."""
    return (
        (n == 0, f"{arm} holds no reading, only NaN"),
        (n < least, f"{arm} holds fewer than {least} participants with a reading"),
    )


def spreadless(*groups: Moments) -> Causes:
    """The cause that nobody in a group differs from the others of it."""
    squares: FloatArray = np.sum([group.squares for group in groups], axis=0)
    n: FloatArray = np.sum([group.n for group in groups], axis=0)
    size: FloatArray = np.max([group.size for group in groups], axis=0)
    return (
        (
            flat(squares, n, size),
            "everyone in an arm reads the same, so nothing to test a difference against",
        ),
    )


def reasons(method: str, causes: Causes, refuse: bool = True) -> dict[int, str]:
    """Replication -> the first cause that holds there; with `refuse`, raises ``InputError`` if no
    replication is left."""
    found = first_causes(causes)
    if refuse and causes and len(found) == len(causes[0][0]):
        raise InputError(f"{method}: no replication can be analysed; in the first, {found[0]}")
    return found


def first_causes(causes: Causes) -> dict[int, str]:
    """Replication -> the first cause that holds there."""
    found: dict[int, str] = {}
    for where, why in causes:
        for one in np.flatnonzero(where).tolist():
            found.setdefault(one, why)
    return found


# -------------------------------------------------------------------- intervals
def by_t(  # noqa: PLR0913 - an estimate, why it may be missing, and how it is reported
    estimate: EffectEstimate,
    causes: Causes,
    method: str,
    level: float,
    standardised: Standardised | None = None,
    *,
    refuse: bool = True,
) -> Contrast:
    """The contrast of an estimate that follows t; what cannot be computed is NaN, with its reason.

    With `refuse`, it is an error that no replication can be analysed.
    """
    why = reasons(method, causes, refuse)
    lost = _lost(why, len(estimate.value))
    error = np.where(lost, np.nan, estimate.standard_error)
    df = np.where(lost, np.nan, estimate.df)
    half = stats.t.ppf((1 + level) / 2, df) * error
    p = 2 * stats.t.sf(np.abs(divided(estimate.value, error)), df)
    if standardised is not None:
        standardised = _blank(standardised, lost)
    ends = estimate.value - half, estimate.value + half
    return Contrast(
        estimate.value,
        error,
        *ends,
        p,
        estimate.n.astype(np.int64),
        method,
        level=level,
        standardised=standardised,
        reasons=why,
    )


def by_noncentral_t(
    name: str, t: FloatArray, df: FloatArray, scale: FloatArray, level: float
) -> Standardised:
    """A standardised effect t x scale, its interval by inverting the noncentral t distribution.

    Steiger & Fouladi 1997, in Harlow, Mulaik & Steiger, What if there were no significance tests?;
    Cumming & Finch 2001, Educ. Psychol. Meas. 61: 532. The noncentrality at which t would be the
    upper, and the lower, quantile.
    """
    tail, df = (1 - level) / 2, np.where(df > 0, df, np.nan)
    near = np.where(np.abs(t) <= FAR, t, 0.0)
    low, high = special.nctdtrinc(df, 1 - tail, near), special.nctdtrinc(df, tail, near)
    far = np.abs(t) > FAR
    if far.any():
        low, high = (
            np.where(far, there, here)
            for there, here in zip(_far(t, df, tail), (low, high), strict=True)
        )
    low, high = (np.where(np.isnan(t), np.nan, end) * scale for end in (low, high))
    return Standardised(name, t * scale, low, high, hedges(df) * t * scale)


def _far(t: FloatArray, df: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Noncentralities for a t so large that inverting the distribution is slow and loses digits:
    the errors of the mean (normal) and of the standard deviation (chi), added in quadrature (Zou &
    Donner 2008, Stat. Med. 27: 1693).
    """
    z = stats.norm.isf(tail)
    small, large = (np.abs(t) * roots(stats.chi2.ppf(q, df) / df) for q in (tail, 1 - tail))
    size = np.abs(t)
    ends = size - roots((size - small) ** 2 + z**2), size + roots((large - size) ** 2 + z**2)
    return np.where(t > 0, ends[0], -ends[1]), np.where(t > 0, ends[1], -ends[0])


def cohen(mean: FloatArray, first: Moments, second: Moments, level: float) -> Standardised:
    """Cohen's d with its noncentral interval; t is the one with pooled variance, whatever test
    gives p.
    """
    scale = roots(divided(1.0, first.n) + divided(1.0, second.n))
    t = divided(mean, roots(pooled(first, second)) * scale)
    return by_noncentral_t("d", t, first.n + second.n - 2.0, scale, level)


def hedges(df: FloatArray) -> FloatArray:
    """The exact factor that takes the small-sample bias from a standardised
    effect (Hedges 1981).
    """
    return np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / roots(df / 2)


def by_log(
    log: EffectEstimate, p: FloatArray, why: Mapping[int, str], method: str, level: float
) -> Contrast:
    """The contrast of a ratio whose logarithm is about normal; `p` stays where only the ratio is
    without a value.
    """
    lost = _lost(why, len(log.value))
    value, error = (np.where(lost, np.nan, part) for part in (log.value, log.standard_error))
    half = stats.norm.ppf((1 + level) / 2) * error
    ends = np.exp(value - half), np.exp(value + half)
    n = log.n.astype(np.int64)
    return Contrast(np.exp(value), error, *ends, p, n, method, "ratio", level, reasons=why)


def _blank(found: Standardised, lost: BoolArray) -> Standardised:
    kept = (
        np.where(lost, np.nan, part)
        for part in (found.estimate, found.low, found.high, found.corrected)
    )
    return Standardised(found.name, *kept)


def _lost(why: Mapping[int, str], replications: int) -> BoolArray:
    lost = np.zeros(replications, dtype=bool)
    lost[list(why)] = True
    return lost


def floats(name: str, values: npt.ArrayLike, dimensions: int | None = None) -> FloatArray:
    """Numbers as floats, NaN for what is missing, of any shape or of so many dimensions; texts and
    objects are none.

    Raises
    ------
    InputError : anything else, or no number at all.

    >>> floats("times", [1, 2])
    array([1., 2.])
    """
    expected = (
        "numbers"
        if dimensions is None
        else f"numbers of {dimensions} dimension{'s'[: dimensions - 1]}"
    )
    try:
        raw = np.asarray(values)
    except ValueError as error:  # rows of unequal lengths
        raise checks.refused(values, name, expected) from error
    if (
        raw.dtype.kind not in "iuf"
        or not raw.size
        or (dimensions is not None and raw.ndim != dimensions)
    ):
        raise checks.refused(values, name, expected)
    return raw.astype(float)


def _readings(name: str, values: npt.ArrayLike) -> FloatArray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name}: expected numbers of shape (replications, n); found {shown(values)}"
        ) from error
    if array.ndim != 2 or array.shape[0] < 1 or array.shape[1] < 2:
        raise InputError(
            f"{name}: expected shape (replications, n) with at least one replication and n >= 2;"
            f" found {array.shape}"
            + ("; a single study is values[None, :]" if array.ndim == 1 else "")
        )
    if np.isinf(array).any():
        raise InputError(
            f"{name}: expected finite readings, or NaN for who gave none; found an infinite one"
        )
    return array
