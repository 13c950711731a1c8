r"""How long and when an infant fusses and cries on ordinary days, as parents' diaries have it.

One day of one infant, from 04:00 to 04:00::

    mean of the day     M = level · course(age) · exp(σ·z − σ²/2),   z' = z·φ + sqrt(1 − φ²)·N(0, 1)
    number of bouts     n ~ Poisson(number)
    length of each      (M / number) · exp(s·N(0, 1) − s²/2)
    where in the day    by three rates: evening (16:00 to midnight), daytime (08:00 to 16:00), night

z is what makes one infant cry more than another, σ how widely they differ and φ = exp(−1 d/τ) how
long it lasts. Bouts of a day never overlap: they are laid into the time that is left between them.

| figure | value | source | status |
|---|---|---|---|
| minutes a day, weeks 1-2 to 5-6 | 117-133 (SD 66-70) | Wolke 2017, 28 studies | measured |
| which end belongs to which week | 117 first | Wolke 2017, from memory | recalled |
| minutes a day, weeks 10-12 | 68 (SD 46) | Wolke 2017 | measured |
| minutes a day from six months | 60 | St James-Roberts & Halil 1991 | recalled |
| share from 16:00 to midnight, 6 weeks | 1.28 of 2.16 h = .59 | Hunziker 1986 | derived |
| bouts begin at night | half as often as in the daytime | none | assumed |
| bouts a day at 6 weeks | 10 | Barr, after a textbook | recalled |
| s, spread of bouts' lengths | .9 | none | assumed |
| σ, spread between infants | .45 | SD / mean = .54, see below | derived |
| τ, how long it lasts | 12 weeks | St James-Roberts & Plewis 1996 | assumed |
| full cry: share of bouts; fussing: strength | .4; .4 | none | assumed |

Nothing was fitted to a second meta-analysis (Vermillet 2022: 126 min, SD 61, at five to six weeks)
nor to the share of infants with colic (more than 3 h on three days of a week; Wolke 2017: 17-25 %
in the first six weeks, 11 % at eight to nine, .6 % at ten to twelve); simulated are 15-24, 10 and
3 %.

σ: a diary is kept for some four days (assumed). Over k days the squared relative spread of its mean
is exp(σ²)·(1 + exp(s²)/(number·k)) − 1, which is .54² at σ = .45. Days then hold about half of the
variance at one age; St James-Roberts & Plewis 1996 found 44-53 % (there with the change by age).
τ: how much an infant cried in its first three months did not say how much it cried at nine (same
source), and persistent criers at six weeks still cried more at five months.

Limits: infants differ by the same factor at every age. At ten to twelve weeks diaries disagree
about it: SD / mean = .68 asks for a wider spread, .6 % with colic for a narrower one. The number of
bouts does not fall with age and is the same for all infants (Barr 2005: it does fall, and is higher
in colic). Nothing that a caregiver does changes how much is cried, and an infant cries through its
naps as often as awake.

Wolke, Bilgin & Samara 2017, doi 10.1016/j.jpeds.2017.02.020; Vermillet et al. 2022, doi
10.1111/cdev.13760; Hunziker & Barr 1986, Pediatrics 77:641; St James-Roberts & Halil 1991, doi
10.1111/j.1469-7610.1991.tb01922.x; St James-Roberts & Plewis 1996, Child Dev 67:2527; Barr et al.
2005, J Dev Behav Pediatr 26:14.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.streams import stream
from oxysim.units import DAY, HOUR, WEEK

COURSE_WEEKS = (1.5, 5.5, 11.0, 26.0)
"""Ages at which the diaries' course is known, in weeks; straight between them, flat outside."""

COURSE_MINUTES = (117.0, 133.0, 68.0, 60.0)
"""Minutes of fussing and crying a day at `COURSE_WEEKS`; sources at the head of this page."""

# the quietest hour, so that hardly a bout is cut where one day gives way to the next
DAY_BEGINS = 4 * HOUR
# the clock times at which the rate changes: morning, afternoon, midnight, and the next day's start
_CLOCKS = np.array([4.0, 8.0, 16.0, 24.0, 28.0]) * HOUR
# hours of night before and after, and of daytime, weighted by how often a bout begins in them
_NIGHT_RATE = 0.5
_OUTSIDE_EVENING = np.array([4 * _NIGHT_RATE, 8.0, 0.0, 4 * _NIGHT_RATE])

MOST_BOUTS = 64
"""The most bouts of one day. It is also how many draws a day takes, so that a day's draws do not
hang on how many bouts the days before it had; at a mean of 20, more come in a day of 10^14.
"""

LONGEST_TOTAL = 12 * HOUR
"""The most minutes of one day, at which its bouts are shortened (assumed): half of the day."""

# with all bouts of the day in it the busiest hour is nine tenths full, so that room is left to move
_FULLEST = 0.9


class CryingBouts(NamedTuple):
    """Bouts in the order of time, shape (n,) each: minutes since 00:00 on the day of birth, and
    whether it is full cry (else fussing).

    >>> CryingBouts(np.array([600.0]), np.array([615.0]), np.array([True])).stops
    array([615.])
    """

    starts: FloatArray
    stops: FloatArray
    cries: BoolArray


@dataclass(frozen=True)
class CryingDiary:
    """What the diaries of many infants would show; the symbols stand at the head of this page.

    Parameters
    ----------
    level : factor on the course. total : minutes a day at every age, None for the diaries' course.
    spread, persistence : σ and τ (minutes). number : mean bouts a day. length_spread : s.
    evening : share between 16:00 and midnight. cry_share : share of the bouts in full cry.
    regular : no draws: every infant the average one, its bouts of one length and evenly in
        the day's order.

    >>> diary = CryingDiary(regular=True, number=8.0)
    >>> bouts = diary.bouts(4 * HOUR, 4 * HOUR + 7 * DAY, seed=0, dyad=0)
    >>> len(bouts.starts)
    56
    """

    level: float = 1.0
    total: float | None = None
    spread: float = 0.45
    persistence: float = 12 * WEEK
    number: float = 10.0
    length_spread: float = 0.9
    evening: float = 0.59
    cry_share: float = 0.4
    regular: bool = False

    def usual_minutes(self, age: FloatArray) -> FloatArray:
        """The mean over infants of a day's minutes at these ages (minutes), shape of `age`.

        >>> CryingDiary().usual_minutes(np.array([5.5 * WEEK, 11 * WEEK])).tolist()
        [133.0, 68.0]
        """
        if self.total is not None:
            return np.full(np.shape(age), self.level * self.total)
        return self.level * np.interp(age / WEEK, COURSE_WEEKS, COURSE_MINUTES)

    def bouts(self, start: float, stop: float, *, seed: int, dyad: int) -> CryingBouts:
        """One infant's bouts on every day that reaches into [start, stop] (minutes of age).

        They depend on seed, dyad and day alone: another window meets the same bouts.
        """
        # the day before birth has a row too: its last hours are the infant's first night
        first = max(0, math.floor((start - DAY_BEGINS) / DAY) + 1)
        days = np.arange(first, math.ceil((stop - DAY_BEGINS) / DAY) + 1)
        begins = DAY_BEGINS + (days - 1) * DAY
        means = self.usual_minutes(np.maximum(begins + DAY / 2, 0.0))
        if self.regular:
            quantiles, lengths, cries = self._regular(means)
        else:
            quantiles, lengths, cries = self._drawn(means, days, seed, dyad)

        # a bout that is not there has no length and stands last
        there = np.isfinite(quantiles)
        lengths = self._within_limits(np.where(there, lengths, 0.0))
        sums = lengths.sum(axis=1, keepdims=True)
        places = np.interp(np.where(there, quantiles, 1.0), self._shares(), _CLOCKS - DAY_BEGINS)
        # the time of day at which this share of the crying is over, less that crying itself: a
        # place in what is left of the day between its bouts
        free = places - sums * np.where(there, quantiles, 1.0)
        starts = begins[:, None] + free + np.cumsum(lengths, axis=1) - lengths
        return CryingBouts(starts[there], (starts + lengths)[there], cries[there])

    def _regular(self, means: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Quantiles, lengths and kinds of the average infant's bouts, shape (days, bouts)."""
        count = max(1, round(self.number))
        shape = len(means), count
        # bouts of full cry spread evenly among the others
        cried = np.floor(np.arange(count + 1) * self.cry_share + 0.5)
        quantiles = np.broadcast_to((np.arange(count) + 0.5) / count, shape)
        lengths = np.broadcast_to(means[:, None] / count, shape)
        return quantiles, lengths, np.broadcast_to(np.diff(cried) > 0, shape)

    def _drawn(
        self, means: FloatArray, days: IntArray, seed: int, dyad: int
    ) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Quantiles, lengths and kinds of one infant's bouts, shape (days, bouts); a bout that is
        not there has the quantile infinity.
        """
        # a stream for each purpose, drawn from birth on, so that every window meets the same draws
        last = int(days[-1]) + 1 if len(days) else 0
        shape = (last, MOST_BOUTS)
        counts, times, kinds = (
            stream(seed, dyad, f"daily crying, {what}").random(shape)
            for what in ("count", "time", "kind")
        )
        normals = stream(seed, dyad, "daily crying, length").standard_normal(shape)
        levels = _persistent(
            stream(seed, dyad, "daily crying, infant").standard_normal(last),
            math.exp(-DAY / self.persistence),
        )

        # the mean of a lognormal factor is one
        of_infant = np.exp(self.spread * levels[days] - self.spread**2 / 2)
        of_bout = np.exp(self.length_spread * normals[days] - self.length_spread**2 / 2)
        lengths = (means * of_infant / self.number)[:, None] * of_bout
        count = np.searchsorted(_poisson(self.number), counts[days, 0])
        there = np.arange(MOST_BOUTS) < count[:, None]
        quantiles = np.sort(np.where(there, times[days], np.inf), axis=1)
        return quantiles, lengths, kinds[days] < self.cry_share

    def _shares(self) -> FloatArray:
        """The share of a day's crying that is over at each of the clock times."""
        outside = (1 - self.evening) * _OUTSIDE_EVENING / _OUTSIDE_EVENING.sum()
        # the third stretch is the evening
        shares = outside + self.evening * np.array([0.0, 0.0, 1.0, 0.0])
        return np.concatenate([[0.0], np.cumsum(shares)])

    def _within_limits(self, lengths: FloatArray) -> FloatArray:
        """The lengths, shortened on days that hold more than half of the day or than their busiest
        hours have room for.
        """
        busiest = float(np.max(np.diff(self._shares()) / np.diff(_CLOCKS)))
        most = min(LONGEST_TOTAL, _FULLEST / busiest)
        sums = lengths.sum(axis=1, keepdims=True)
        return lengths * np.minimum(1.0, most / np.maximum(sums, most))


def _persistent(normals: FloatArray, persistence: float) -> FloatArray:
    """An Ornstein-Uhlenbeck process of variance 1, day by day, from its normal draws."""
    fresh = math.sqrt(1 - persistence**2)
    steps = itertools.accumulate(
        normals.tolist(), lambda level, normal: persistence * level + fresh * normal
    )
    return np.array(list(steps))


def _poisson(mean: float) -> FloatArray:
    """The cumulative probabilities of 0, 1, ... bouts, up to the most that a day can have."""
    counts = np.arange(MOST_BOUTS)
    logs = counts * math.log(mean) - mean - np.array([math.lgamma(k + 1) for k in counts])
    return np.cumsum(np.exp(logs))
