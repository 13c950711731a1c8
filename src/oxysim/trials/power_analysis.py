"""Power of a design: how often a trial of n participants finds its effect, by replicating the whole
trial.

A design is anything :class:`Readable`: it gives the readings of many replications at once and says
how one set of them is analysed. Smaller trials are the first participants of the largest, so that
curves over n are smooth and another n changes no number of the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import optimize, special

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError, shown
from oxysim.progress import asked, counting
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.monte_carlo import central, mean_error, share_error, share_interval
from oxysim.streams import require_seed, stream
from oxysim.trials.plan.limits import require_replications

DRAWS = 1000  # bootstrap samples of the replications, for the interval of a needed n
EVIDENT = 3.0  # Monte Carlo standard errors from no effect at which the mean effect counts as one
COLUMNS = (
    "n",
    "analysed",
    "power",
    "power_se",
    "power_low",
    "power_high",
    "effect",
    "low",
    "high",
    "missed",
    "wrong_sign",
    "failed",
)


class Readable(Protocol):
    """A design that can be replicated and analysed; ``trials.gaussian.Gaussian``
    is the simplest.
    """

    def readings(self, n: int, replications: int, seed: int) -> Mapping[str, FloatArray]:
        """What the replicated trials read, by name.

        Every array has shape (replications, n) or (replications, n, ...): axis 1 is the
        participants of all arms in the order in which they were enrolled, NaN where a participant
        gave no reading (dropped out, failed, or was allocated to another arm). The first
        participants of a larger n, and the first of more replications, must be those of a smaller
        one.
        """

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The contrast in each replication, from those arrays or from the first participants of
        them.

        ``endpoint`` names what is tested; "" is the design's primary endpoint.
        """


@dataclass(frozen=True)
class Needed:
    """The participants that a power needs, with the 95 % bootstrap interval over the replications.

    ``low`` and ``high`` are whole numbers; ``high`` is infinite where more than 2.5 % of the
    bootstrap samples do not reach the power at any n that was asked for, and ``low`` is then or
    otherwise at least the smallest n asked for.
    """

    power: float
    n: int
    low: float
    high: float

    def __str__(self) -> str:
        high = f"{self.high:.0f}" if math.isfinite(self.high) else "beyond the largest n"
        return (
            f"{self.n} participants for {100 * self.power:g} % power (95 % interval {self.low:.0f}"
            f" to {high})"
        )


@dataclass(frozen=True, eq=False)
class PowerCurve:
    """Power over the number of participants.

    Attributes
    ----------
    table : one row an n. ``analysed`` is the mean number analysed; ``power`` the share of
        replications with p < alpha, ``power_se`` its Monte Carlo standard error, ``power_low`` and
        ``power_high`` its 95 % interval (Wilson), which has a width at 0 and 1 too; ``effect`` the
        mean estimate (of a ratio, the geometric mean) of the replications that could be tested,
        ``low`` and ``high`` the central 95 % of them; ``missed`` the probability that a true effect
        is found null, 1 - power; ``wrong_sign`` the share of significant results with the wrong
        sign (type S error, Gelman & Carlin 2014, Perspect. Psychol. Sci. 9: 641), NaN where nothing
        is significant; ``failed`` the share of replications that could not be tested, which count
        as not significant.
    found : which replications were significant, shape (replications, n rows).
    truth : the true effect, given or taken as the mean estimate at the largest n; NaN where that
        lies within three Monte Carlo standard errors of no effect. Then ``missed`` and
        ``wrong_sign`` are NaN and ``power`` is the type I error.
    method, endpoint, alpha, seed : what was tested, and how.
    pool : dyads that participants are drawn from; 0 where there is no such limit.
    reason : why a replication at the largest n could not be tested; "" where all could.
    """

    table: pd.DataFrame
    found: BoolArray
    truth: float
    method: str
    endpoint: str
    alpha: float
    seed: int
    pool: int = 0
    reason: str = ""

    def __repr__(self) -> str:
        """One line: what was tested at which n, and the power at the ends."""
        n, share = (self.table[name].to_numpy() for name in ("n", "power"))
        ends = f"{share[0]:.2f} at n = {n[0]:.0f}"
        if len(n) > 1:
            ends += f" to {share[-1]:.2f} at n = {n[-1]:.0f}"
        what = f"{self.endpoint}, {self.method}" if self.endpoint else self.method
        return f"PowerCurve({what}: power {ends}, {len(self.found)} replications)"

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        return str(self.table.to_html(index=False, float_format=lambda value: f"{value:.3g}"))

    def n_for(self, power: float = 0.8) -> Needed:
        """The smallest number of participants with this power, and its interval.

        The shares are made to rise with n by isotonic regression, then read between the n asked for
        on the scale where power is nearly a straight line: its probit against the square root of n.

        Raises
        ------
        InputError : the power is not between 0 and 1, or is reached below the smallest or above the
        largest n.
        """
        if not 0 < checks.number(power, "power") < 1:
            raise checks.refused(power, "power", "a share between 0 and 1, such as 0.8")
        n = self.table["n"].to_numpy(dtype=float)
        needed = _crossing(n, self.found.mean(axis=0), power, len(self.found))
        first, last = (f"{self.table['power'].iloc[i]:.3f} at n = {n[i]:.0f}" for i in (0, -1))
        if math.isinf(needed):
            raise InputError(f"power {power:g} is not reached: it is {last}; {self._advice(power)}")
        if needed == n[0] and self.table["power"].iloc[0] > power:
            raise InputError(
                f"power {power:g} is exceeded from the start: it is {first}; ask for a smaller n"
            )
        pick = stream(self.seed, 0, "bootstrap of power").integers(
            len(self.found), size=(DRAWS, len(self.found))
        )
        drawn = [
            _crossing(n, share, power, len(self.found)) for share in self.found[pick].mean(axis=1)
        ]
        low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
        return Needed(power, math.ceil(needed - 1e-9), float(np.ceil(low)), float(np.ceil(high)))

    def _advice(self, power: float) -> str:
        """What can raise the power at the largest n."""
        failed = float(self.table["failed"].iloc[-1])
        if failed > 1 - power:
            return (
                f"{100 * failed:.0f} % of its trials could not be tested ({self.reason}), and while"
                f" that is so no number of participants gives more than {1 - failed:.3f}"
            )
        if self.pool and self.table["n"].iloc[-1] >= self.pool:
            return (
                f"the pool holds no more than {self.pool} dyads; draw a larger one, then ask for a"
                " larger n"
            )
        return "ask for a larger n"

    def report(self) -> str:
        """The curve in plain text: the table, the n for 80 % power, what the columns rest on."""
        what = f"{self.endpoint}, {self.method}" if self.endpoint else self.method
        lines = [
            f"Power: {what}; {len(self.found)} replications, two-sided alpha {self.alpha:g}, seed {self.seed}",
            "",
            self.table.to_string(index=False, float_format=lambda value: f"{value:.3g}"),
            "",
        ]
        if math.isnan(self.truth):
            return "\n".join(
                [
                    *lines,
                    (
                        "The mean effect cannot be told from none; if there is none, power is the"
                        " type I error."
                    ),
                ]
            )
        try:
            lines += [f"{self.n_for(0.8)}."]
        except InputError as outside:
            lines += [f"{outside}."]
        return "\n".join(
            [
                *lines,
                f"True effect taken as {self.truth:.4g}. Multiple testing is not corrected for.",
            ]
        )


def power(
    design: Readable,
    endpoint: str = "",
    *,
    n: Sequence[int],
    replications: int = 1000,
    alpha: float = 0.05,
    seed: int = 0,
    truth: float | None = None,
    progress: bool | None = None,
) -> PowerCurve:
    """How often a design finds its effect, over a range of n; all replications are one batch.

    Monte Carlo standard errors speak of the replications alone. A design that draws them from a
    pool of simulated dyads needs a pool several times the largest n: trials of nearly the whole
    pool are all the same trial, and vary less than trials of new dyads would.

    Parameters
    ----------
    design : gives and analyses the readings, see :class:`Readable`.
    endpoint : which endpoint is tested; by default the design's primary one.
    n : numbers of participants, in all arms together; each at least 2.
    alpha : two-sided level of the test.
    truth : the true effect, where it is known; by default the mean estimate at the largest n.
    progress : whether bars are shown, of what is simulated and of the sizes analysed; None: on a
        terminal and in a notebook.

    Raises
    ------
    InputError : an n below 2, no n, no replication, an alpha outside (0, 1), readings of another
        shape than asked for, an n at which no replication can be analysed.
    """
    for part in ("readings", "analyse"):
        if not callable(getattr(design, part, None)):
            raise InputError(
                "design: expected a Trial, or another with readings and analyse; found"
                f" {shown(design)}"
            )
    sizes = _sizes(n)
    require_replications(replications)
    require_seed(seed)
    if not isinstance(endpoint, str):
        raise checks.refused(endpoint, "endpoint", "the name of an endpoint, or an empty text")
    if not 0 < checks.number(alpha, "alpha") < 1:
        raise checks.refused(alpha, "alpha", "a level between 0 and 1, such as 0.05")
    if truth is not None:
        checks.number(truth, "truth")
    with asked(progress):
        readings = _readings(design, sizes[-1], replications, seed)
        contrasts = []
        with counting(len(sizes), "power", "size") as bar:
            for size in sizes:
                contrasts.append(_analysed(design, readings, size, endpoint))
                bar.advance()
    true = _truth(contrasts[-1]) if truth is None else float(truth)
    rows = [
        _row(size, contrast, alpha, true) for size, contrast in zip(sizes, contrasts, strict=True)
    ]
    found = np.stack([contrast.p < alpha for contrast in contrasts], axis=1)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    # a trial, or one asked for another contrast, draws from a pool; a sampler need not
    who = getattr(getattr(design, "trial", design), "who", None)
    pool = len(who) if isinstance(who, Sized) else 0
    last = contrasts[-1]
    reason = next((why for r, why in last.reasons.items() if math.isnan(last.p[r])), "")
    return PowerCurve(table, found, true, last.method, endpoint, alpha, int(seed), pool, reason)


# --------------------------------------------------------------------- internals
def _readings(design: Readable, n: int, replications: int, seed: int) -> Mapping[str, FloatArray]:
    readings = design.readings(n, replications, seed)
    if not readings:
        raise InputError(f"{type(design).__name__}.readings gave no array")
    for name, array in readings.items():
        if np.shape(array)[:2] != (replications, n):
            raise InputError(
                f"readings {name!r}: expected shape ({replications}, {n}), replications and"
                f" participants of all arms; found {np.shape(array)}"
            )
    return readings


def _analysed(
    design: Readable, readings: Mapping[str, FloatArray], n: int, endpoint: str
) -> Contrast:
    part = {name: array[:, :n] for name, array in readings.items()}
    try:
        return design.analyse(part, endpoint) if endpoint else design.analyse(part)
    except InputError as error:
        raise InputError(f"a trial of n = {n}: {error}") from error


def _row(n: int, contrast: Contrast, alpha: float, truth: float) -> tuple[float, ...]:
    estimates = contrast.estimate[_tested(contrast)]
    significant = contrast.p < alpha
    share = float(significant.mean())
    power_low, power_high = share_interval(int(significant.sum()), len(significant))
    low, high = central(estimates)
    sign = float(np.sign(truth - contrast.null)) or math.nan
    decided = significant & np.isfinite(contrast.estimate)
    wrong = (contrast.estimate[decided] - contrast.null) * sign < 0
    return (
        n,
        float(contrast.n.mean()),
        share,
        share_error(share, len(significant)),
        power_low,
        power_high,
        _mean(contrast),
        low,
        high,
        math.nan if math.isnan(sign) else 1 - share,
        math.nan if math.isnan(sign) or not decided.any() else float(wrong.mean()),
        float(np.isnan(contrast.p).mean()),
    )


def _tested(contrast: Contrast) -> BoolArray:
    """Which replications gave an estimate that could be tested: the others are no part of the
    effect.
    """
    return np.asarray(np.isfinite(contrast.estimate) & np.isfinite(contrast.p))


def _mean(contrast: Contrast) -> float:
    """The mean estimate; of a ratio the geometric mean."""
    values = _additive(contrast)
    if not len(values):
        return math.nan
    return float(np.exp(values.mean())) if contrast.scale == "ratio" else float(values.mean())


def _truth(contrast: Contrast) -> float:
    values = _additive(contrast)
    error = mean_error(values)
    if math.isnan(error):
        return _mean(contrast)
    return _mean(contrast) if abs(values.mean()) > EVIDENT * error else math.nan


def _additive(contrast: Contrast) -> FloatArray:
    """The estimates that could be tested, on the scale where no effect is 0."""
    good = _tested(contrast)
    if contrast.scale == "difference":
        return contrast.estimate[good]
    return np.asarray(np.log(contrast.estimate[good & (contrast.estimate > 0)]))


def _crossing(n: FloatArray, share: FloatArray, power: float, replications: int) -> float:
    """Where a rising curve through the shares reaches the power: n[0] if it starts above, infinite
    if it never does.
    """
    rising = share if (np.diff(share) >= 0).all() else optimize.isotonic_regression(share).x
    above = np.flatnonzero(rising >= power - 1e-12)
    if not len(above) or above[0] == 0:
        return float(n[0]) if len(above) else math.inf
    pair = slice(above[0] - 1, above[0] + 1)
    least = 0.5 / replications  # a share of 0 or 1 has no probit
    low, high = special.ndtri(np.clip(rising[pair], least, 1 - least))
    part = (special.ndtri(power) - low) / (high - low) if high > low else 1.0
    root = np.sqrt(n[pair])
    return float((root[0] + min(max(part, 0.0), 1.0) * (root[1] - root[0])) ** 2)


def _sizes(n: Sequence[int]) -> list[int]:
    if isinstance(n, str | bytes):
        raise checks.refused(n, "n", "a list of whole numbers")
    listed = list(n) if isinstance(n, Sequence | np.ndarray | range) else [n]
    if not listed:
        raise InputError("n: expected at least one number of participants; found none")
    for one in listed:
        checks.whole_number(one, "n", 2)
    return sorted({int(one) for one in listed})
