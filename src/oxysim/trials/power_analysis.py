"""Power of a design: how often a trial of n participants finds its effect, by replicating the whole
trial.

The standard error of a power is that of a share of replications
(:func:`oxysim.statistics.monte_carlo.share_error`), its interval Wilson's
(:func:`oxysim.statistics.monte_carlo.share_interval`); both enter the table in :func:`_row`.

A design is anything :class:`Readable`: it gives the readings of many replications at once and says
how one set of them is analysed. Smaller trials are the first participants of the largest, so that
curves over n are smooth and another n changes no number of the others.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence, Sized
from typing import Any, Generic, Protocol, TypeVar, overload

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import require_seed
from oxysim.errors import InputError, shown
from oxysim.progress import asked, counting
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.monte_carlo import central, mean_error, share_error, share_interval
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.power_over_n import PowerCurve

Answer = TypeVar("Answer")

# Monte Carlo standard errors from no effect at which the mean effect counts as one: by chance alone
# that happens in a quarter of a per cent
EVIDENT = 3.0
MOST_SIZES = 10_000  # of one curve: each is analysed in all replications
# Of the table of a curve, in the order in which it is printed.
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
    """A design that can be replicated and analysed; ``trials.Gaussian`` is the simplest.

    >>> from oxysim.trials import Gaussian
    >>> design: Readable = Gaussian(0.5)
    >>> bool(design.analyse(design.readings(40, replications=2, seed=1)).estimate.shape == (2,))
    True
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


class AskedOfMembers(Generic[Answer]):
    """A design of which every member of an ensemble has its own; what it answers is its own kind
    of power.

    >>> issubclass(AskedOfMembers, Generic)
    True
    """

    @abstractmethod
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
    ) -> Answer:
        """The power over the members at each n, as :func:`power` asks for it."""


@overload
def power(
    design: AskedOfMembers[Answer],
    endpoint: str = "",
    *,
    n: Sequence[int],
    replications: int = 1000,
    alpha: float = 0.05,
    seed: int = 0,
    truth: float | None = None,
    progress: bool | None = None,
) -> Answer: ...


@overload
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
) -> PowerCurve: ...


def power(
    design: Readable | AskedOfMembers[Answer],
    endpoint: str = "",
    *,
    n: Sequence[int],
    replications: int = 1000,
    alpha: float = 0.05,
    seed: int = 0,
    truth: float | None = None,
    progress: bool | None = None,
) -> PowerCurve | Answer:
    """How often a design finds its effect, over a range of n; all replications are one batch.

    Monte Carlo standard errors speak of the replications alone. A design that draws them from a
    pool of simulated dyads needs a pool several times the largest n: trials of nearly the whole
    pool are all the same trial, and vary less than trials of new dyads would.

    Parameters
    ----------
    design : gives and analyses the readings, see :class:`Readable`; or a trial over an ensemble
        (:class:`oxysim.trials.EnsembleTrial`): the answer is then an
        :class:`~oxysim.trials.Assurance`, the power over its members.
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

    >>> from oxysim.trials import Gaussian
    >>> curve = power(Gaussian(0.5), n=[20, 40], replications=400, seed=1, progress=False)
    >>> bool(curve.table["power"].iloc[1] > 0.8)
    True
    """
    # before anybody is drawn or screened
    sizes = power_request(n, endpoint, replications, alpha, seed, truth)
    if isinstance(design, AskedOfMembers):
        return design.assurance(
            endpoint, n=sizes, replications=replications, alpha=alpha, seed=seed, truth=truth,
            progress=progress,
        )  # fmt: skip
    _require_design(design)

    # The largest trials are read once; smaller ones are their first participants.
    with asked(progress):
        readings = _readings(design, sizes[-1], replications, seed)
        contrasts = []
        with counting(len(sizes), "power", "size") as bar:
            for size in sizes:
                contrasts.append(_analysed(design, readings, size, endpoint))
                bar.advance()

    # where the true effect is not given, the largest trials know it best
    true = _truth(contrasts[-1]) if truth is None else float(truth)
    rows = [
        _row(size, contrast, alpha, true) for size, contrast in zip(sizes, contrasts, strict=True)
    ]
    significant = np.stack([contrast.p < alpha for contrast in contrasts], axis=1)
    last = contrasts[-1]
    reason = next((text for r, text in last.reasons.items() if math.isnan(last.p[r])), "")
    return PowerCurve(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        significant,
        true,
        last.method,
        endpoint,
        alpha,
        int(seed),
        _pool_size(design),
        reason,
    )


# --------------------------------------------------------------------- internals
def _require_design(design: Any) -> None:
    """Raise unless it can be replicated and analysed."""
    for method in ("readings", "analyse"):
        if not callable(getattr(design, method, None)):
            raise InputError(
                "design: expected a Trial, or another with readings and analyse; found"
                f" {shown(design)}"
            )


def _pool_size(design: Readable) -> int:
    """How many dyads a trial, or one asked for another contrast, draws from; 0 for a sampler, which
    draws from no pool.
    """
    families = getattr(getattr(design, "trial", design), "who", None)
    return len(families) if isinstance(families, Sized) else 0


def _readings(design: Readable, n: int, replications: int, seed: int) -> Mapping[str, FloatArray]:
    """The readings of the largest trials, of the shape that was asked for."""
    readings = design.readings(n, replications, seed)
    if not readings:
        raise InputError(f"{type(design).__name__}.readings gave no array")
    for name, array in readings.items():
        # further axes are free: readings of several visits have one more
        if np.shape(array)[:2] != (replications, n):
            raise InputError(
                f"readings {name!r}: expected shape ({replications}, {n}), replications and"
                f" participants of all arms; found {np.shape(array)}"
            )
    return readings


def _analysed(
    design: Readable, readings: Mapping[str, FloatArray], n: int, endpoint: str
) -> Contrast:
    """The contrast of trials of the first n participants."""
    first_n = {name: array[:, :n] for name, array in readings.items()}
    try:
        return design.analyse(first_n, endpoint) if endpoint else design.analyse(first_n)
    except InputError as error:
        # the size is said, as small trials fail where larger ones do not
        raise InputError(f"a trial of n = {n}: {error}") from error


def _row(n: int, contrast: Contrast, alpha: float, truth: float) -> tuple[float, ...]:
    """A row of the table: the power at n with its standard error and interval, and the effect."""
    # p is NaN where a replication could not be tested, and then not significant
    significant = contrast.p < alpha
    power = float(significant.mean())
    power_low, power_high = share_interval(int(significant.sum()), len(significant))
    low, high = central(contrast.estimate[_tested(contrast)])

    # Without a true effect nothing is missed and no sign is wrong.
    sign = float(np.sign(truth - contrast.null)) or math.nan
    decided = significant & np.isfinite(contrast.estimate)
    wrong = (contrast.estimate[decided] - contrast.null) * sign < 0
    return (
        n,
        float(contrast.n.mean()),
        power,
        share_error(power, len(significant)),
        power_low,
        power_high,
        _mean(contrast),
        low,
        high,
        math.nan if math.isnan(sign) else 1 - power,
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
    """The mean estimate, where it lies far enough from no effect to be one; else NaN."""
    values = _additive(contrast)
    # a single replication has no error, and its estimate stands as it is
    error = mean_error(values)
    if math.isnan(error):
        return _mean(contrast)
    return _mean(contrast) if abs(values.mean()) > EVIDENT * error else math.nan


def _additive(contrast: Contrast) -> FloatArray:
    """The estimates that could be tested, on the scale where no effect is 0."""
    good = _tested(contrast)
    if contrast.scale == "difference":
        return contrast.estimate[good]
    # a ratio of 0 has no logarithm; it counts as untested
    return np.asarray(np.log(contrast.estimate[good & (contrast.estimate > 0)]))


def power_request(  # noqa: PLR0913 - the arguments of a power, as they are
    n: Any, endpoint: Any, replications: Any, alpha: Any, seed: Any, truth: Any
) -> list[int]:
    """The numbers of participants, ascending, once all that a power is asked with has been looked
    at.

    >>> power_request([60, 20], "", 1000, 0.05, 0, None)
    [20, 60]
    """
    sizes = _sizes(n)
    require_replications(replications)
    require_seed(seed)
    if not isinstance(endpoint, str):
        raise checks.refused(endpoint, "endpoint", "the name of an endpoint, or an empty text")
    if not 0 < checks.number(alpha, "alpha") < 1:
        raise checks.refused(alpha, "alpha", "a level between 0 and 1, such as 0.05")
    if truth is not None:
        checks.number(truth, "truth")
    return sizes


def _sizes(n: Sequence[int]) -> list[int]:
    """The numbers of participants, ascending and different."""
    if isinstance(n, str | bytes):
        raise checks.refused(n, "n", "a list of whole numbers")
    several = isinstance(n, Sequence | np.ndarray | range)
    # a range may have more entries than any memory
    if several and len(n) > MOST_SIZES:
        raise checks.refused(f"{len(n)} of them", "n", f"at most {MOST_SIZES} sizes", as_text=True)
    sizes = list(n) if several else [n]
    if not sizes:
        raise InputError("n: expected at least one number of participants; found none")
    return sorted({checks.whole_number(size, "n", 2) for size in sizes})
