r"""How far readings stray from what is expected, as a covariance on the scale on which the
instrument's noise is normal: the logarithm of proportional readings, the logit of counted shares
and of classes, the unit itself of the others.

What a reading tells is less where it is rounded or may lie beyond a limit. A normal reading of
standard deviation s that is only told between the standardised ends a and b, and else as "below" or
"above", has the information on its mean

    s⁻² [Φ(b) - Φ(a) + a φ(a) - b φ(b) + φ(a)² / Φ(a) + φ(b)² / (1 - Φ(b))]

which is held against its own variance. That is exact for a reading alone; where readings share the
noise of a visit it neglects what a censored one says of the others. The constant part of an assay's
noise (`floor`) counts by its share of the level, which holds where it is small beside the level.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr, logit, ndtr

from oxysim.arrays import FloatArray
from oxysim.checks import array
from oxysim.fitting.sample_predictions import SamplePoints, instrument_for
from oxysim.measures import Instrument
from oxysim.measures.behaviour import (
    DISORGANISED_BELOW,
    MEAN_COMMENTS,
    SECURE_FROM,
)
from oxysim.units import DAY

# Sheppard's correction: what lies anywhere in a step of rounding has a twelfth of its square as
# variance.
OF_ROUNDING = 1 / 12
FARTHEST = 37.0  # standard deviations; beyond, a normal tail is less than the smallest double
# Of a mean share: counted shares of 0 and 1 have no logit, and the least that is told is the count.
LEAST_SHARE = 1e-9


class ReadingErrors(NamedTuple):
    """The errors of n readings of one person in m dyads.

    Attributes
    ----------
    centre : the expected reading on the scale of the noise, shape (m, n); of a lognormal reading,
        whose mean is the expected one, the mean of the logarithm.
    slope : of that scale along the expected reading, shape (m, n).
    independent : variance of each reading's own error on the scale, shape (m, n).
    shared : covariance of what readings have in common (visit, person), shape (n, n).

    >>> points = SamplePoints("mother", "salivary_cortisol", [480.0, 510.0])
    >>> errors = reading_errors(points, np.array([[4.0, 8.0]]))
    >>> errors.slope, errors.spread.round(3)
    (array([[0.25 , 0.125]]), array([[0.214, 0.214]]))
    """

    centre: FloatArray
    slope: FloatArray
    independent: FloatArray
    shared: FloatArray

    @property
    def spread(self) -> FloatArray:
        """The standard deviation of each reading on the scale, shape (m, n)."""
        return np.asarray(np.sqrt(self.independent + np.diag(self.shared)))


def reading_errors(
    points: SamplePoints,
    expected: FloatArray,
    instruments: Mapping[str, Instrument] | None = None,
    *,
    limits: bool = False,
) -> ReadingErrors:
    """The errors of readings.

    Parameters
    ----------
    points : n samples of one person; samples of one member with one instrument share the noise of
        the person, and on one occasion and day that of the visit.
    expected : their expected readings, shape (m, n).
    instruments : the user's own.
    limits : whether each variance is as large as what the reading tells is little: with rounding,
        a limit of quantification and the ends of the scale.

    Raises
    ------
    InputError : readings whose noise has no scale there, such as a concentration of 0 or less.

    >>> points = SamplePoints("mother", "saliva_oxytocin", [600.0])
    >>> level = np.array([[1.0]])  # at the limit: of half of the samples only that is told
    >>> plain, told = (reading_errors(points, level, limits=limits) for limits in (False, True))
    >>> bool(told.independent[0, 0] > 1.3 * plain.independent[0, 0])
    True
    """
    values = array(expected, "expected", (None, len(points)))
    centre, slope, independent = (np.zeros(values.shape) for _ in range(3))
    shared = np.zeros((len(points), len(points)))
    days = points.minutes // DAY
    for (_, analyte), positions in points.groups().items():
        tool = instrument_for(analyte, instruments)
        visits = [(points.occasion[k], days[k]) for k in positions]
        same_visit = np.array(
            [[first_visit == second_visit for second_visit in visits] for first_visit in visits]
        )
        person, visit, _ = _variances(tool)
        shared[np.ix_(positions, positions)] = person + visit * same_visit
        parts = _errors(tool, values[:, positions], limits)
        for whole, values_of_part in zip((centre, slope, independent), parts, strict=True):
            whole[:, positions] = values_of_part
    return ReadingErrors(centre, slope, independent, shared)


def onto_scale(tool: Instrument, readings: FloatArray) -> FloatArray:
    """Readings on the scale on which the instrument's noise is normal.

    >>> from oxysim.measures import instrument
    >>> onto_scale(instrument("saliva_oxytocin"), np.array([1.0]))
    array([0.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        match tool.noise.kind:
            case "proportional":
                return np.log(readings)
            case "binomial" | "classes":
                return logit(readings)
            case "additive":
                return np.asarray(readings, dtype=float)


def _variances(tool: Instrument) -> tuple[float, float, float]:
    """Of the person's, the visit's and the sample's own noise."""
    sizes = np.array([tool.noise.trait, tool.noise.occasion, tool.noise.sample])
    # of a proportional noise the sizes are coefficients of variation
    levels = np.log1p(sizes**2) if tool.noise.kind == "proportional" else sizes**2
    person, visit, sample = levels.tolist()
    return person, visit, sample


def _errors(
    tool: Instrument, expected: FloatArray, limits: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(centre, slope, variance of the reading's own error) on the scale of the noise."""
    person, visit, sample = _variances(tool)
    centre = onto_scale(tool, expected)
    own_variance = np.full(expected.shape, sample)
    match tool.noise.kind:
        case "additive":
            slope = np.ones(expected.shape)
        case "proportional":
            slope = 1 / expected
            centre = centre - (person + visit + sample) / 2
            # a constant part, small beside the level, moves the logarithm by its share
            own_variance = own_variance + (tool.noise.floor * slope) ** 2
        case "binomial" | "classes":
            share = np.clip(expected, LEAST_SHARE, 1 - LEAST_SHARE)
            slope = 1 / (share * (1 - share))
            if tool.noise.kind == "binomial":
                # of a count out of the usual number of comments, on the logit scale
                own_variance = own_variance + slope / MEAN_COMMENTS
    if not limits or tool.noise.kind == "binomial":
        return centre, slope, own_variance
    if tool.noise.kind == "classes":
        return centre, slope, _of_classes(centre, own_variance)
    if tool.rounding:
        own_variance = own_variance + OF_ROUNDING * (tool.rounding * slope) ** 2
    # the reading as a whole tells so much less, which its own error has to account for
    whole = own_variance + person + visit
    return (
        centre,
        slope,
        whole / _share_told(tool, centre, np.sqrt(whole)) - person - visit,
    )


def _share_told(tool: Instrument, centre: FloatArray, spread: FloatArray) -> FloatArray:
    """The share of a reading's information that is left where beyond an end only that is told."""
    # a lower limit of 0 is none
    low, high = max(tool.low, tool.lloq or -np.inf), min(tool.high, tool.uloq)
    if tool.noise.kind == "proportional":
        low = max(low, 0.0)  # its logarithm lies infinitely far: no limit either
    ends = onto_scale(tool, np.array([low, high]))
    a, b = (np.clip((end - centre) / spread, -FARTHEST, FARTHEST) for end in ends)
    density_a, density_b = (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) for z in (a, b))
    inside = ndtr(b) - ndtr(a) + a * density_a - b * density_b
    # squares over tails by way of logarithms, which lose nothing far out
    below = density_a * np.exp(-(a**2) / 2 - log_ndtr(a)) / np.sqrt(2 * np.pi)
    above = density_b * np.exp(-(b**2) / 2 - log_ndtr(-b)) / np.sqrt(2 * np.pi)
    return np.maximum(inside + below + above, np.finfo(float).tiny)


def _of_classes(centre: FloatArray, own_variance: FloatArray) -> FloatArray:
    """The variance of a normal reading that tells as much of the centre as a class does."""
    spread = np.sqrt(own_variance)
    # secure, one of the two between, disorganised: their chances and how these move
    z = [(logit(end) - centre) / spread for end in (DISORGANISED_BELOW, SECURE_FROM)]
    shares = np.stack([ndtr(z[0]), ndtr(z[1]) - ndtr(z[0]), ndtr(-z[1])])
    density = [np.exp(-(end**2) / 2) / np.sqrt(2 * np.pi) / spread for end in z]
    moves = np.stack([-density[0], density[0] - density[1], density[1]])
    tiny = np.finfo(float).tiny
    return np.asarray(1 / np.maximum((moves**2 / np.maximum(shares, tiny)).sum(axis=0), tiny))
