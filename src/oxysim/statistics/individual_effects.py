"""Effects of single dyads: who truly responds, and how much of the spread that a trial sees is
spread of effects.

A trial reads every participant with measurement error and day-to-day luck, so that differences
between two conditions vary even where the effect is the same for everyone. A simulation knows the
true reading of the same dyad in both arms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.statistics.contrast import alike, checked, divided, moments, roots
from oxysim.texts import Described


@dataclass(frozen=True, eq=False)
class Individual(Described):
    """True individual effects, and what noisy readings make of them; arrays of shape
    (replications,) unless said.

    Attributes
    ----------
    effects : of every participant, contrast minus reference without noise, shape (replications, n).
    threshold : the change that counts as a response.
    n : participants with a true effect.
    mean, sd : of the true effects; the spread is NaN with fewer than two.
    responders : share whose true effect reaches the threshold.
    apparent_sd, apparent_responders : the same from the noisy readings; NaN where none were given.
    real : share of the apparent variance that is variance of true effects (1: all of it).
    mistaken : share of the apparent responders whose true effect does not reach the threshold; NaN
        where nobody appears to respond.
    """

    effects: FloatArray
    threshold: float
    n: IntArray
    mean: FloatArray
    sd: FloatArray
    responders: FloatArray
    apparent_sd: FloatArray
    apparent_responders: FloatArray
    real: FloatArray
    mistaken: FloatArray

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The first line of the report, and who responds."""
        return "Individual effects", [
            ("of", f"{np.mean(self.n):.0f} dyads"),
            ("mean true effect", _mean(self.mean)),
            ("true responders", _mean(self.responders)),
        ]

    def report(self) -> str:
        """The mean over replications, in plain text."""
        side = "at least" if self.threshold > 0 else "at most"
        over = f", {len(self.mean)} replications" if len(self.mean) > 1 else ""
        lines = [
            f"Individual effects of {np.mean(self.n):.0f} dyads{over}",
            (
                f"  true effect: mean {_mean(self.mean):.3g}, standard deviation"
                f" {_mean(self.sd):.3g} between dyads"
            ),
            f"  true responders ({side} {self.threshold:g}): {100 * _mean(self.responders):.0f} %",
        ]
        if np.isfinite(self.apparent_sd).any():
            lines += [
                (
                    "  apparent standard deviation, from noisy readings:"
                    f" {_mean(self.apparent_sd):.3g}, of whose variance"
                    f" {100 * _mean(self.real):.0f} % is true"
                ),
                (
                    f"  apparent responders: {100 * _mean(self.apparent_responders):.0f} %, of whom"
                    f" {100 * _mean(self.mistaken):.0f} % are none"
                ),
            ]
        return "\n".join(lines)


def individual(
    reference_true: npt.ArrayLike, contrast_true: npt.ArrayLike, threshold: float,
    reference_read: npt.ArrayLike | None = None, contrast_read: npt.ArrayLike | None = None,
) -> Individual:  # fmt: skip
    """True effects of single dyads against those that a trial's noisy readings suggest.

    Parameters
    ----------
    reference_true, contrast_true : readings of the same dyads in both arms without noise, shape
        (replications, n).
    threshold : the change that counts as a response, in the reading's unit: a positive one is
        reached from below ("at least 2"), a negative one from above ("at most -4", as for a symptom
        that should fall).
    reference_read, contrast_read : the same with measurement error, where wanted; dyads in the same
        order.

    Raises
    ------
    InputError : different shapes, a threshold of 0, only one of the two noisy arms, no dyad with
    both readings.
    """
    if checks.number(threshold, "threshold") == 0:
        raise checks.refused(threshold, "threshold", "a change above or below 0")
    if (reference_read is None) != (contrast_read is None):
        raise InputError(
            "individual: expected noisy readings of both arms, or of neither; found those of one"
        )
    true = _change(reference_true=reference_true, contrast_true=contrast_true)
    read = np.full(true.shape, np.nan)
    if reference_read is not None and contrast_read is not None:
        read = _change(reference_read=reference_read, contrast_read=contrast_read)
        alike(true=true, read=read)
    both = ~np.isnan(true + read)
    of_true, of_read = moments(true), moments(read)
    reached, seems = _reached(true, threshold), _reached(read, threshold)
    # Of the dyads with both, so that the two variances speak of the same ones
    shared, apparent = (moments(np.where(both, values, np.nan)).variance for values in (true, read))
    return Individual(
        true,
        float(threshold),
        of_true.n.astype(np.int64),
        of_true.mean,
        roots(of_true.variance),
        moments(reached).mean,
        roots(of_read.variance),
        moments(seems).mean,
        divided(shared, apparent),
        divided(((seems == 1) & (reached == 0)).sum(axis=1), ((seems == 1) & both).sum(axis=1)),
    )


def _change(**arms: npt.ArrayLike) -> FloatArray:
    first, second = checked(**arms)
    alike(**dict(zip(arms, (first, second), strict=True)))
    change = second - first
    if np.isnan(change).all():
        raise InputError(f"individual: no dyad has a reading in both {' and '.join(arms)}")
    return change


def _reached(change: FloatArray, threshold: float) -> FloatArray:
    beyond = change >= threshold if threshold > 0 else change <= threshold
    return np.where(np.isnan(change), np.nan, beyond.astype(float))


def _mean(values: FloatArray) -> float:
    """Over the replications that have one; NaN if none has."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
