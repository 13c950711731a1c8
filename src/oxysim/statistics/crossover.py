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
from oxysim.statistics.contrast import (
    LEVEL,
    Contrast,
    EffectEstimate,
    alike,
    by_noncentral_t,
    by_t,
    checked,
    cohen,
    divided,
    moments,
    pooled,
    require_confidence,
    roots,
    spreadless,
    too_few,
)
from oxysim.texts import Described


@dataclass(frozen=True, eq=False)
class CrossoverContrasts(Described):
    """What a two-period crossover finds: treatment (contrast minus reference), period (second minus
    first), and the carry-over check (sum over both periods, contrast first minus reference first).
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
    """
    require_confidence(level)
    one, two = checked(reference=reference, contrast=contrast)
    alike(reference=one, contrast=two)
    later = _sequence(first, one.shape)
    change, total = two - one, one + two
    size = moments(np.where(np.isnan(total), np.nan, np.maximum(np.abs(one), np.abs(two)))).size
    groups = [
        moments(np.where(later == order, change, np.nan))._replace(size=size)
        for order in (False, True)
    ]
    sums = [
        moments(np.where(later == order, total, np.nan))._replace(size=size)
        for order in (False, True)
    ]
    n = groups[0].n + groups[1].n
    causes = too_few("sequence reference first", groups[0].n, 1) + too_few(
        "sequence contrast first", groups[1].n, 1
    )
    causes += ((n < 3, "fewer than 3 participants have both readings"),)
    flats = spreadless(*groups)
    within = pooled(*groups)
    error = roots(within * (divided(1.0, groups[0].n) + divided(1.0, groups[1].n))) / 2

    def of(value: FloatArray, method: str) -> Contrast:
        dz = by_noncentral_t(
            "dz", divided(value, error), n - 2.0, divided(error, roots(within)), level
        )
        return by_t(EffectEstimate(value, error, n - 2.0, n), causes + flats, method, level, dz)

    carried = sums[1].mean - sums[0].mean
    carried_error = roots(pooled(*sums) * (divided(1.0, sums[0].n) + divided(1.0, sums[1].n)))
    return CrossoverContrasts(
        of((groups[1].mean + groups[0].mean) / 2, "crossover, treatment"),
        of((groups[0].mean - groups[1].mean) / 2, "crossover, period"),
        by_t(
            EffectEstimate(carried, carried_error, n - 2.0, n),
            causes + spreadless(*sums),
            "crossover, carry-over check",
            level,
            cohen(carried, sums[0], sums[1], level),
        ),
    )


# --------------------------------------------------------------------- internals
def _sequence(first: npt.ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    order = np.asarray(first)
    if order.shape not in (shape, shape[1:]) or not np.isin(order, (0, 1)).all():
        raise InputError(
            f"first: expected 0 (reference first) or 1 (contrast first), shape {shape} or"
            f" {shape[1:]}; found shape {order.shape} with values {np.unique(order)[:5].tolist()}"
        )
    return np.broadcast_to(order.astype(bool), shape)
