"""A crossover of two periods: treatment and period, for many replications at once.

Readings have shape (replications, n), NaN for a participant without one. Correction for multiple
testing is left to the user.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.statistics.contrast import LEVEL, Contrast, EffectEstimate
from oxysim.statistics.exclusions import spreadless, too_few
from oxysim.statistics.intervals import by_noncentral_t, by_t, cohen_d
from oxysim.statistics.moments import (
    Moments,
    checked,
    divided,
    moments,
    pooled,
    require_confidence,
    require_same_shape,
    roots,
)
from oxysim.texts import Described


@dataclass(frozen=True, eq=False)
class CrossoverContrasts(Described):
    """What a two-period crossover finds: treatment (contrast minus reference), period (second minus
    first), and the carry-over check (sum over both periods, contrast first minus reference first).

    >>> readings = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> found = crossover(readings, readings + [[2.0, 3.0, 2.0, 3.0]], [0, 0, 1, 1])
    >>> found.treatment.estimate
    array([2.5])
    """

    treatment: Contrast
    period: Contrast
    carry_over: Contrast

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The three contrasts."""
        return "Crossover", [
            ("treatment", self.treatment),
            ("period", self.period),
            ("carry-over", self.carry_over),
        ]


def crossover(
    reference: npt.ArrayLike, contrast: npt.ArrayLike, first: npt.ArrayLike, *, level: float = LEVEL
) -> CrossoverContrasts:
    """A two-period crossover (Hills & Armitage 1979, Br. J. Clin. Pharmacol. 8: 7).

    Treatment: half the difference between the two sequences' period differences, so that a period
    effect falls out. Period: half their sum. Carry-over: the sums over both periods, compared
    between sequences. All by the two-sample t test with pooled variance. The carry-over check has
    little power; do not let it decide how treatment is tested (Freeman 1989, Stat. Med. 8: 1421).
    dz of treatment and period is over the standard deviation of the differences within sequences;
    the carry-over has Cohen's d.

    Parameters
    ----------
    reference, contrast : readings under either condition, shape (replications, n); a pair with a
        NaN is left out.
    first : which condition came first, 0 the reference and 1 the contrast, shape (replications, n)
        or (n,), as ``trials.participant_groups.sequences`` draws it.

    Raises
    ------
    InputError : shapes that do not fit, an order other than 0 or 1, no replication that can be
        analysed.

    >>> readings = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> crossover(readings, readings + [[2.0, 3.0, 2.0, 3.0]], [0, 0, 1, 1]).period.estimate
    array([0.])
    """
    require_confidence(level)
    without, under = checked(reference=reference, contrast=contrast)
    require_same_shape(reference=without, contrast=under)
    contrast_first = _sequence(first, without.shape)
    change, total = under - without, without + under

    # Spread is judged by the size of the readings, not by that of their differences.
    larger = np.maximum(np.abs(without), np.abs(under))
    size = moments(np.where(np.isnan(total), np.nan, larger)).size
    changes = _by_sequence(change, contrast_first, size)
    sums = _by_sequence(total, contrast_first, size)

    # who has both readings, in either sequence
    n = changes[0].n + changes[1].n
    causes = too_few("sequence reference first", changes[0].n, 1)
    causes += too_few("sequence contrast first", changes[1].n, 1)
    causes += ((n < 3, "fewer than 3 participants have both readings"),)
    within = pooled(*changes)
    # of half a difference or half a sum of two means, hence the 2
    error = roots(within * (divided(1.0, changes[0].n) + divided(1.0, changes[1].n))) / 2

    def from_changes(value: FloatArray, method: str) -> Contrast:
        """A contrast of the differences within participants, whose error they share."""
        t, scale = divided(value, error), divided(error, roots(within))
        dz = by_noncentral_t("dz", t, n - 2.0, scale, level)
        estimate = EffectEstimate(value, error, n - 2.0, n)
        return by_t(estimate, causes + spreadless(*changes), method, level, dz)

    # The treatment first: where nothing can be analysed, the error names what was asked for.
    treatment = from_changes((changes[1].mean + changes[0].mean) / 2, "crossover, treatment")
    period = from_changes((changes[0].mean - changes[1].mean) / 2, "crossover, period")

    # The carry-over stands between participants: the error of the sums, not of the differences.
    carried = sums[1].mean - sums[0].mean
    carried_error = roots(pooled(*sums) * (divided(1.0, sums[0].n) + divided(1.0, sums[1].n)))
    carry_over = by_t(
        EffectEstimate(carried, carried_error, n - 2.0, n),
        causes + spreadless(*sums),
        "crossover, carry-over check",
        level,
        cohen_d(carried, sums[0], sums[1], level),
    )
    return CrossoverContrasts(treatment, period, carry_over)


# --------------------------------------------------------------------- internals
def _by_sequence(values: FloatArray, contrast_first: BoolArray, size: FloatArray) -> list[Moments]:
    """Moments of those with the reference first, then of those with the contrast first."""
    return [
        moments(np.where(contrast_first == order, values, np.nan))._replace(size=size)
        for order in (False, True)
    ]


def _sequence(first: npt.ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    order = np.asarray(first)
    if order.shape not in (shape, shape[1:]) or not np.isin(order, (0, 1)).all():
        raise InputError(
            f"first: expected 0 (reference first) or 1 (contrast first), shape {shape} or"
            f" {shape[1:]}; found shape {order.shape} with values {np.unique(order)[:5].tolist()}"
        )
    # one order for all replications, or one in each
    return np.broadcast_to(order.astype(bool), shape)
