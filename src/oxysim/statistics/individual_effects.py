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
from oxysim.statistics.moments import checked, divided, moments, require_same_shape, roots
from oxysim.statistics.monte_carlo import finite_mean
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

    >>> individual([[10.0, 12.0, 14.0]], [[8.0, 12.0, 10.0]], threshold=-2.0)
    Individual effects: of 3 dyads; mean true effect -2; true responders 0.666667.
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
            ("mean true effect", finite_mean(self.mean)),
            ("true responders", finite_mean(self.responders)),
        ]

    def report(self) -> str:
        """The mean over replications, in plain text.

        >>> effects = individual([[10.0, 12.0, 14.0]], [[8.0, 12.0, 10.0]], threshold=-2.0)
        >>> print(effects.report())
        Individual effects of 3 dyads
          true effect: mean -2, standard deviation 2 between dyads
          true responders (at most -2): 67 %
        """
        # a threshold below 0 is reached by falling
        side = "at least" if self.threshold > 0 else "at most"
        over = f", {len(self.mean)} replications" if len(self.mean) > 1 else ""
        # what is true first, then what a trial would have seen of it
        lines = [
            f"Individual effects of {np.mean(self.n):.0f} dyads{over}",
            (
                f"  true effect: mean {finite_mean(self.mean):.3g}, standard deviation"
                f" {finite_mean(self.sd):.3g} between dyads"
            ),
            f"  true responders ({side} {self.threshold:g}): {_per_cent(self.responders)}",
        ]
        if np.isfinite(self.apparent_sd).any():
            lines += [
                # how much of the spread that a trial sees is spread of effects
                (
                    "  apparent standard deviation, from noisy readings:"
                    f" {finite_mean(self.apparent_sd):.3g}, of whose variance"
                    f" {_per_cent(self.real)} is true"
                ),
                (
                    f"  apparent responders: {_per_cent(self.apparent_responders)}, of whom"
                    f" {_per_cent(self.mistaken)} are none"
                ),
            ]
        return "\n".join(lines)


def individual(
    reference_true: npt.ArrayLike,
    contrast_true: npt.ArrayLike,
    threshold: float,
    reference_read: npt.ArrayLike | None = None,
    contrast_read: npt.ArrayLike | None = None,
) -> Individual:
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

    >>> effects = individual([[10.0, 12.0, 14.0]], [[8.0, 12.0, 10.0]], threshold=-2.0)
    >>> float(effects.responders[0].round(3))
    0.667
    """
    if checks.number(threshold, "threshold") == 0:
        raise checks.refused(threshold, "threshold", "a change above or below 0")
    if (reference_read is None) != (contrast_read is None):
        raise InputError(
            "individual: expected noisy readings of both arms, or of neither; found those of one"
        )
    true = _change(reference_true=reference_true, contrast_true=contrast_true)
    # without noisy readings every apparent figure is NaN
    noisy = np.full(true.shape, np.nan)
    if reference_read is not None and contrast_read is not None:
        noisy = _change(reference_read=reference_read, contrast_read=contrast_read)
        require_same_shape(true=true, read=noisy)

    of_true, of_noisy = moments(true), moments(noisy)
    responds, seems_to = _reached(true, threshold), _reached(noisy, threshold)
    # The two variances speak of the same dyads: those with both changes.
    both = ~np.isnan(true + noisy)
    true_variance = moments(np.where(both, true, np.nan)).variance
    noisy_variance = moments(np.where(both, noisy, np.nan)).variance

    # counted among those whose true change is known too
    apparent = ((seems_to == 1) & both).sum(axis=1)
    mistaken = ((seems_to == 1) & (responds == 0)).sum(axis=1)
    # shares of all: a dyad without a true change counts in none of them
    return Individual(
        true,
        float(threshold),
        of_true.n.astype(np.int64),
        of_true.mean,
        roots(of_true.variance),
        moments(responds).mean,
        roots(of_noisy.variance),
        moments(seems_to).mean,
        divided(true_variance, noisy_variance),
        divided(mistaken, apparent),
    )


def _change(**arms: npt.ArrayLike) -> FloatArray:
    """Contrast minus reference of every dyad, shape (replications, n)."""
    first, second = checked(**arms)
    require_same_shape(**dict(zip(arms, (first, second), strict=True)))
    change = second - first
    # a single complete dyad is enough: its effect is known
    if np.isnan(change).all():
        raise InputError(f"individual: no dyad has a reading in both {' and '.join(arms)}")
    return change


def _reached(change: FloatArray, threshold: float) -> FloatArray:
    """1 where the change goes at least as far as the threshold, on its side of 0; NaN unknown."""
    reached = change >= threshold if threshold > 0 else change <= threshold
    return np.where(np.isnan(change), np.nan, reached.astype(float))


def _per_cent(shares: FloatArray) -> str:
    """The mean over replications, in words."""
    return f"{100 * finite_mean(shares):.0f} %"
