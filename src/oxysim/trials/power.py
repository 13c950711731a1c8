"""Power of a design: how often a trial of n participants finds its effect, by replicating the whole trial.

A design is anything :class:`Readable`: it gives the readings of many replications at once and says how one set of them
is analysed. Smaller trials are the first participants of the largest, so that curves over n are smooth and another n
changes no number of the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from oxysim.errors import InputError
from oxysim.progress import asked, counting
from oxysim.statistics.contrast import Contrast
from oxysim.streams import require_seed, stream
from oxysim.trials.study import require_count

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
DRAWS = 1000  # bootstrap samples of the replications, for the interval of a needed n
EVIDENT = 3.0  # Monte Carlo standard errors from no effect at which the mean effect counts as one
COLUMNS = (
    "n", "analysed", "power", "power_se", "effect", "low", "high", "missed", "wrong_sign", "failed",
)  # fmt: skip


class Readable(Protocol):
    """A design that can be replicated and analysed; ``trials.gaussian.Gaussian`` is the simplest."""

    def readings(self, n: int, replications: int, seed: int) -> Mapping[str, FloatArray]:
        """What the replicated trials read, by name.

        Every array has shape (replications, n) or (replications, n, ...): axis 1 is the participants of all arms in the
        order in which they were enrolled, NaN where a participant gave no reading (dropped out, failed, or was
        allocated to another arm). The first participants of a larger n, and the first of more replications, must be
        those of a smaller one.
        """

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The contrast in each replication, from those arrays or from the first participants of them.

        ``endpoint`` names what is tested; "" is the design's primary endpoint.
        """


@dataclass(frozen=True)
class Needed:
    """The participants that a power needs, with the 95 % bootstrap interval over the replications.

    ``low`` and ``high`` are whole numbers; ``high`` is infinite where more than 2.5 % of the bootstrap samples do not
    reach the power at any n that was asked for, and ``low`` is then or otherwise at least the smallest n asked for.
    """

    power: float
    n: int
    low: float
    high: float

    def __str__(self) -> str:
        high = f"{self.high:.0f}" if math.isfinite(self.high) else "beyond the largest n"
        return f"{self.n} participants for {100 * self.power:g} % power (95 % interval {self.low:.0f} to {high})"


@dataclass(frozen=True, eq=False)
class PowerCurve:
    """Power over the number of participants.

    Attributes
    ----------
    table : one row an n. ``analysed`` is the mean number analysed; ``power`` the share of replications with p < alpha
        and ``power_se`` its Monte Carlo standard error; ``effect`` the mean estimate (of a ratio, the geometric mean)
        and ``low``, ``high`` the central 95 % of the estimates; ``missed`` the probability that a true effect is found
        null, 1 - power; ``wrong_sign`` the share of significant results with the wrong sign (type S error, Gelman &
        Carlin 2014, Perspect. Psychol. Sci. 9: 641), NaN where nothing is significant; ``failed`` the share of
        replications that could not be tested, which count as not significant.
    found : which replications were significant, shape (replications, n rows).
    truth : the true effect, given or taken as the mean estimate at the largest n; NaN where that lies within three
        Monte Carlo standard errors of no effect. Then ``missed`` and ``wrong_sign`` are NaN and ``power`` is the type I
        error.
    method, endpoint, alpha, seed : what was tested, and how.
    """

    table: pd.DataFrame
    found: BoolArray
    truth: float
    method: str
    endpoint: str
    alpha: float
    seed: int

    def n_for(self, power: float = 0.8) -> Needed:
        """The smallest number of participants with this power, and its interval.

        The shares are made to rise with n by isotonic regression, then read between the n asked for on the scale where
        power is nearly a straight line: its probit against the square root of n.

        Raises
        ------
        InputError : the power is not between 0 and 1, or is reached below the smallest or above the largest n.
        """
        if not 0 < power < 1:
            raise InputError(f"power: expected a share between 0 and 1, such as 0.8; found {power!r}")
        n = self.table["n"].to_numpy(dtype=float)
        needed = _crossing(n, self.found.mean(axis=0), power, len(self.found))
        first, last = (f"{self.table['power'].iloc[i]:.3f} at n = {n[i]:.0f}" for i in (0, -1))
        if math.isinf(needed):
            raise InputError(f"power {power:g} is not reached: it is {last}; ask for a larger n")
        if needed == n[0] and self.table["power"].iloc[0] > power:
            raise InputError(f"power {power:g} is exceeded from the start: it is {first}; ask for a smaller n")
        pick = stream(self.seed, 0, "bootstrap of power").integers(len(self.found), size=(DRAWS, len(self.found)))
        drawn = [_crossing(n, share, power, len(self.found)) for share in self.found[pick].mean(axis=1)]
        low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
        return Needed(power, math.ceil(needed - 1e-9), float(np.ceil(low)), float(np.ceil(high)))

    def report(self) -> str:
        """The curve in plain text: the table, the n for 80 % power, what the columns rest on."""
        what = f"{self.endpoint}, {self.method}" if self.endpoint else self.method
        lines = [
            f"Power: {what}; {len(self.found)} replications, two-sided alpha {self.alpha:g}, seed {self.seed}", "",
            self.table.to_string(index=False, float_format=lambda value: f"{value:.3g}"), "",
        ]  # fmt: skip
        if math.isnan(self.truth):
            return "\n".join(
                [*lines, "The mean effect cannot be told from none; if there is none, power is the type I error."]
            )
        try:
            lines += [f"{self.n_for(0.8)}."]
        except InputError as outside:
            lines += [f"{outside}."]
        return "\n".join([*lines, f"True effect taken as {self.truth:.4g}. Multiple testing is not corrected for."])


def power(
    design: Readable, endpoint: str = "", *, n: Sequence[int], replications: int = 1000, alpha: float = 0.05,
    seed: int = 0, truth: float | None = None, progress: bool | None = None,
) -> PowerCurve:  # fmt: skip
    """How often a design finds its effect, over a range of n; all replications are one batch.

    Monte Carlo standard errors speak of the replications alone. A design that draws them from a pool of simulated dyads
    needs a pool several times the largest n: trials of nearly the whole pool are all the same trial, and vary less than
    trials of new dyads would.

    Parameters
    ----------
    design : gives and analyses the readings, see :class:`Readable`.
    endpoint : which endpoint is tested; by default the design's primary one.
    n : numbers of participants, in all arms together; each at least 2.
    alpha : two-sided level of the test.
    truth : the true effect, where it is known; by default the mean estimate at the largest n.
    progress : whether bars are shown, of what is simulated and of the sizes analysed; None: on a terminal and in a
        notebook.

    Raises
    ------
    InputError : an n below 2, no n, no replication, an alpha outside (0, 1), readings of another shape than asked for,
        an n at which no replication can be analysed.
    """
    for part in ("readings", "analyse"):
        if not callable(getattr(design, part, None)):
            raise InputError(
                f"design: expected a Trial, or another with readings and analyse; found a {type(design).__name__}"
            )
    sizes = _sizes(n)
    require_count("replications", replications, 1)
    require_seed(seed)
    if not 0 < alpha < 1:
        raise InputError(f"alpha: expected a level between 0 and 1, such as 0.05; found {alpha!r}")
    if truth is not None and not math.isfinite(truth):
        raise InputError(f"truth: expected a finite effect; found {truth!r}")
    with asked(progress):
        readings = _readings(design, sizes[-1], replications, seed)
        contrasts = []
        with counting(len(sizes), "power", "size") as bar:
            for size in sizes:
                contrasts.append(_analysed(design, readings, size, endpoint))
                bar.advance()
    true = _truth(contrasts[-1]) if truth is None else float(truth)
    rows = [_row(size, contrast, alpha, true) for size, contrast in zip(sizes, contrasts, strict=True)]
    found = np.stack([contrast.p < alpha for contrast in contrasts], axis=1)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return PowerCurve(table, found, true, contrasts[-1].method, endpoint, alpha, int(seed))


# --------------------------------------------------------------------- internals
def _readings(design: Readable, n: int, replications: int, seed: int) -> Mapping[str, FloatArray]:
    readings = design.readings(n, replications, seed)
    if not readings:
        raise InputError(f"{type(design).__name__}.readings gave no array")
    for name, array in readings.items():
        if np.shape(array)[:2] != (replications, n):
            raise InputError(
                f"readings {name!r}: expected shape ({replications}, {n}), replications and participants of all arms; "
                f"found {np.shape(array)}"
            )
    return readings


def _analysed(design: Readable, readings: Mapping[str, FloatArray], n: int, endpoint: str) -> Contrast:
    part = {name: array[:, :n] for name, array in readings.items()}
    try:
        return design.analyse(part, endpoint) if endpoint else design.analyse(part)
    except InputError as error:
        raise InputError(f"a trial of n = {n}: {error}") from error


def _row(n: int, contrast: Contrast, alpha: float, truth: float) -> tuple[float, ...]:
    estimates = contrast.estimate[np.isfinite(contrast.estimate)]
    significant = contrast.p < alpha
    share = float(significant.mean())
    low, high = np.quantile(estimates, [0.025, 0.975]) if len(estimates) else (math.nan, math.nan)
    sign = float(np.sign(truth - contrast.null)) or math.nan
    decided = significant & np.isfinite(contrast.estimate)
    wrong = (contrast.estimate[decided] - contrast.null) * sign < 0
    return (
        n, float(contrast.n.mean()), share, math.sqrt(share * (1 - share) / len(significant)),
        _mean(contrast), float(low), float(high), math.nan if math.isnan(sign) else 1 - share,
        math.nan if math.isnan(sign) or not decided.any() else float(wrong.mean()), float(np.isnan(contrast.p).mean()),
    )  # fmt: skip


def _mean(contrast: Contrast) -> float:
    """The mean estimate; of a ratio the geometric mean."""
    values = _additive(contrast)
    if not len(values):
        return math.nan
    return float(np.exp(values.mean())) if contrast.scale == "ratio" else float(values.mean())


def _truth(contrast: Contrast) -> float:
    values = _additive(contrast)
    if len(values) < 2:
        return _mean(contrast)
    error = values.std(ddof=1) / math.sqrt(len(values))
    return _mean(contrast) if abs(values.mean()) > EVIDENT * error else math.nan


def _additive(contrast: Contrast) -> FloatArray:
    """The finite estimates on the scale where no effect is 0."""
    if contrast.scale == "difference":
        return contrast.estimate[np.isfinite(contrast.estimate)]
    positive = np.isfinite(contrast.estimate) & (contrast.estimate > 0)
    return np.asarray(np.log(contrast.estimate[positive]))


def _crossing(n: FloatArray, share: FloatArray, power: float, replications: int) -> float:
    """Where a rising curve through the shares reaches the power: n[0] if it starts above, infinite if it never does."""
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
    given = list(n) if isinstance(n, Sequence | np.ndarray | range) else [n]
    if not given:
        raise InputError("n: expected at least one number of participants; found none")
    for one in given:
        require_count("n", one, 2)
    return sorted({int(one) for one in given})
