"""Power over the number of participants: the curve, the n that a power needs, and a report."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.streams import stream

PLANNED = 0.8  # the power that studies are planned for, by custom
DRAWS = 1000  # bootstrap samples of the replications, for the interval of a needed n


@dataclass(frozen=True)
class Needed:
    """The participants that a power needs, with the 95 % bootstrap interval over the replications.

    ``low`` and ``high`` are whole numbers; ``high`` is infinite where more than 2.5 % of the
    bootstrap samples do not reach the power at any n that was asked for, and ``low`` is then or
    otherwise at least the smallest n asked for.

    >>> str(Needed(0.8, 34, 31.0, 37.0))
    '34 participants for 80 % power (95 % interval 31 to 37)'
    """

    power: float
    n: int
    low: float
    high: float
    of: str = "power"  # or "assurance"

    def __str__(self) -> str:
        # infinite where too many bootstrap samples never reach the power
        high = f"{self.high:.0f}" if math.isfinite(self.high) else "beyond the largest n"
        return (
            f"{self.n} participants for {100 * self.power:g} % {self.of} (95 % interval"
            f" {self.low:.0f} to {high})"
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

    >>> from oxysim.trials import Gaussian, power
    >>> power(Gaussian(0.5), n=[20], replications=200)
    PowerCurve(paired t test: power 0.56 at n = 20, 200 replications)
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
        return f"PowerCurve({self.tested}: power {ends}, {len(self.found)} replications)"

    @property
    def tested(self) -> str:
        """What was tested how, in words."""
        return f"{self.endpoint}, {self.method}" if self.endpoint else self.method

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        return str(self.table.to_html(index=False, float_format=lambda value: f"{value:.3g}"))

    def n_for(self, power: float = PLANNED) -> Needed:
        """The smallest number of participants with this power, and its interval.

        The shares are made to rise with n by isotonic regression, then read between the n asked for
        on the scale where power is nearly a straight line: its probit against the square root of n.

        Raises
        ------
        InputError : the power is not between 0 and 1, or is reached below the smallest or above the
            largest n.

        >>> from oxysim.trials import Gaussian, power
        >>> print(power(Gaussian(0.5), n=[20, 40, 60], replications=400).n_for(0.8))
        36 participants for 80 % power (95 % interval 33 to 39)
        """
        if not 0 < checks.number(power, "power") < 1:
            raise checks.refused(power, "power", "a share between 0 and 1, such as 0.8")
        n = self.table["n"].to_numpy(dtype=float)
        replications = len(self.found)
        needed = n_with_power(n, self.found.mean(axis=0), power, replications)
        first, last = (f"{self.table['power'].iloc[i]:.3f} at n = {n[i]:.0f}" for i in (0, -1))
        if math.isinf(needed):
            raise InputError(f"power {power:g} is not reached: it is {last}; {self._advice(power)}")
        if needed == n[0] and self.table["power"].iloc[0] > power:
            raise InputError(
                f"power {power:g} is exceeded from the start: it is {first}; ask for a smaller n"
            )

        # The bootstrap draws whole replications, so that the dependence between sizes stays.
        draws = stream(self.seed, 0, "bootstrap of power")
        rows = draws.integers(replications, size=(DRAWS, replications))
        shares = self.found[rows].mean(axis=1)
        drawn = [n_with_power(n, share, power, replications) for share in shares]
        # an order statistic, since a mean with an infinite one would be infinite
        low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
        return Needed(power, math.ceil(needed - 1e-9), float(np.ceil(low)), float(np.ceil(high)))

    def _advice(self, power: float) -> str:
        """What can raise the power at the largest n."""
        failed = float(self.table["failed"].iloc[-1])
        # what cannot be tested is never significant, so that it bounds the power
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
        lines = [
            f"Power: {self.tested}; {len(self.found)} replications, two-sided alpha"
            f" {self.alpha:g}, seed {self.seed}",
            "",
            self.table.to_string(index=False, float_format=lambda value: f"{value:.3g}"),
            "",
        ]
        if math.isnan(self.truth):
            no_effect = (
                "The mean effect cannot be told from none; if there is none, power is the type I"
                " error."
            )
            return "\n".join([*lines, no_effect])
        try:
            lines += [f"{self.n_for()}."]
        except InputError as outside:
            lines += [f"{outside}."]
        truth = f"True effect taken as {self.truth:.4g}. Multiple testing is not corrected for."
        return "\n".join([*lines, truth])


def n_with_power(n: FloatArray, share: FloatArray, power: float, replications: int) -> float:
    """Where a rising curve through the shares reaches the power: n[0] if it starts above, infinite
    if it never does.

    >>> shares = np.array([0.5, 0.8, 0.9])
    >>> round(n_with_power(np.array([20.0, 40.0, 60.0]), shares, 0.8, replications=100))
    40
    """
    # shares of few replications may fall with n by chance, a power does not
    rising = share if (np.diff(share) >= 0).all() else optimize.isotonic_regression(share).x
    above = np.flatnonzero(rising >= power - 1e-12)
    if not len(above) or above[0] == 0:
        return float(n[0]) if len(above) else math.inf

    # Between two n the probit of power is nearly a straight line over the root of n.
    pair = slice(above[0] - 1, above[0] + 1)
    least = 0.5 / replications  # a share of 0 or 1 has no probit
    low, high = special.ndtri(np.clip(rising[pair], least, 1 - least))
    fraction = (special.ndtri(power) - low) / (high - low) if high > low else 1.0
    root = np.sqrt(n[pair])
    return float((root[0] + min(max(fraction, 0.0), 1.0) * (root[1] - root[0])) ** 2)
