r"""Daily-life noise as the engines take it: the path of every dyad, hour by hour since birth.

Each channel is an Ornstein-Uhlenbeck process of mean 0 and variance 1, sampled by its exact
transition over an hour::

    x' = x·φ + sqrt(1 − φ²)·N(0, 1),     φ = exp(−1 h/τ)

from the stationary distribution at birth on, and held within each hour. The normal draws come one
after the other from the stream of (seed, dyad, caregiver), so a path depends on them and on the age
alone: from when to when it is asked for, and for whom besides, changes no bit of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from oxysim.arrays import FloatArray, IntArray
from oxysim.model.inputs import NOISE
from oxysim.schedule import DailyLifeNoise
from oxysim.schedule.bouts import TOLERANCE
from oxysim.streams import stream
from oxysim.units import HOUR

# dyads whose paths are drawn together: bounds the memory of those who begin long after birth
AT_ONCE = 64
UNBORN = -1


def hour_of(time: npt.ArrayLike) -> IntArray:
    """The hour since birth in which a moment (min) lies; an hour's first moment is in it.

    >>> hour_of([59.0, 60.0]).tolist()
    [0, 1]
    """
    return np.floor((np.asarray(time) + TOLERANCE) / HOUR).astype(np.int64)


def hours_between(low: float, high: float) -> tuple[int, int]:
    """The first hour since birth of a window (min), and how many hours it has a part of.

    >>> hours_between(30.0, 130.0)
    (0, 3)
    """
    first = int(hour_of(low))
    return first, max(1, int(np.ceil((high - TOLERANCE) / HOUR)) - first)


class NoisePaths:
    """The daily lives of an ensemble: what each dyad's noise is in each hour since birth.

    It remembers where each dyad's path has come to, so that what goes on from there does not begin
    at birth again. Different dyads may be asked for by different threads.

    Parameters
    ----------
    kinds : one a dyad; None where a dyad has no noise (its path is zero).
    seeds : one a dyad.
    dyads : their numbers.
    caregivers : names; each has a stream of its own.

    >>> lives = NoisePaths([DailyLifeNoise(240.0, 2880.0), None], [1, 1], [0, 1], ("mother",))
    >>> lives.between(np.array([0, 1]), [0, 0], 3).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        kinds: Sequence[DailyLifeNoise | None],
        seeds: Sequence[int],
        dyads: Sequence[int],
        caregivers: tuple[str, ...],
    ) -> None:
        self.kinds, self.seeds, self.dyads, self.caregivers = kinds, seeds, dyads, caregivers
        # Where each path has come to; drawn again only by whoever asks for what lies before.
        self._hours = np.full(len(dyads), UNBORN)
        self._values = np.zeros((len(dyads), self.width))
        self._draws: list[list[np.random.Generator]] = [[] for _ in dyads]

    @property
    def width(self) -> int:
        """How many channels of noise a family has: those of the first caregiver, then those of the
        next.
        """
        return len(self.caregivers) * len(NOISE)

    def between(self, index: IntArray, firsts: Sequence[int], count: int) -> FloatArray:
        """The noise of the dyads at `index` in `count` hours from each one's first on, shape
        (len(index), width, count).
        """
        noise = np.zeros((len(index), self.width, count))
        groups: dict[tuple[DailyLifeNoise, int, int], list[int]] = {}
        for position, (dyad, first) in enumerate(zip(index.tolist(), firsts, strict=True)):
            kind = self.kinds[dyad]
            if kind is not None:
                # Dyads of one kind that have come to the same hour walk on together.
                groups.setdefault((kind, self._begun(dyad, first), first), []).append(position)
        for (kind, begun, first), places in groups.items():
            for some in (places[i : i + AT_ONCE] for i in range(0, len(places), AT_ONCE)):
                noise[some] = self._walk(index[some].tolist(), kind, begun, first + count - 1)[
                    :, :, -count:
                ]
        return noise

    def at(self, dyad: int, times: FloatArray, stop: float) -> FloatArray:
        """One dyad's noise at ascending `times` (min since birth), shape (width, len(times)); at
        the `stop` of the window, as everywhere in a schedule, the level of the stretch that ends
        there.
        """
        # To the end of the window, in whose last hour its last moment lies.
        first, count = hours_between(float(times[0]), stop)
        hour = np.minimum(hour_of(times) - first, count - 1)
        return self.between(np.array([dyad]), [first], int(hour[-1]) + 1)[0][:, hour]

    def piece(self, starts: FloatArray, stops: FloatArray) -> NoiseWindow:
        """The noise of every dyad between moments of its own (min since birth, shape (n,)), to be
        asked for again.
        """
        windows = [
            hours_between(*ends) for ends in zip(starts.tolist(), stops.tolist(), strict=True)
        ]
        firsts = [first for first, _ in windows]
        # an hour more: where dyads of different ages are asked together, one of them is asked for
        # more than its own
        values = self.between(
            np.arange(len(self.dyads)), firsts, max(count for _, count in windows) + 1
        )
        return NoiseWindow(self, firsts, values)

    def _begun(self, dyad: int, first: int) -> int:
        """The hour that the dyad's path has come to; its birth, where it has come further than
        `first`.
        """
        if not self._draws[dyad] or self._hours[dyad] > first:
            name = self.seeds[dyad], self.dyads[dyad]
            self._draws[dyad] = [
                stream(*name, f"daily life of {caregiver}") for caregiver in self.caregivers
            ]
            self._hours[dyad] = UNBORN
        return int(self._hours[dyad])

    def _walk(
        self, dyads: Sequence[int], kind: DailyLifeNoise, begun: int, last: int
    ) -> FloatArray:
        """The paths of dyads that have come to one hour, from there (or from birth) to the hour
        `last`, shape (n, width, hours).
        """
        # imported here because it takes longer than all else, and only schedules with noise need it
        from scipy.signal import lfilter

        drawn = np.empty((len(dyads), self.width, last - begun))
        for normals, dyad in zip(drawn, dyads, strict=True):
            for k, draws in enumerate(self._draws[dyad]):
                normals[len(NOISE) * k : len(NOISE) * (k + 1)] = draws.standard_normal(
                    (last - begun, len(NOISE))
                ).T
        # At birth the path is drawn from where it is in the long run: mean 0, variance 1.
        if begun == UNBORN:
            origin, fresh = drawn[:, :, :1], drawn[:, :, 1:]
        else:
            origin, fresh = self._values[dyads][:, :, None], drawn
        path = np.concatenate([origin, fresh], axis=2)
        for k, time in enumerate((kind.stress_time, kind.mood_time)):
            persistence, columns = np.exp(-HOUR / time), slice(k, None, len(NOISE))
            # A filter of order one is the recursion x' = φ x + s N, in compiled code.
            if fresh.shape[2]:
                scale = np.sqrt(-np.expm1(-2 * HOUR / time))
                path[:, columns, 1:] = lfilter(
                    [scale],
                    [1.0, -persistence],
                    fresh[:, columns],
                    zi=persistence * origin[:, columns],
                )[0]
        self._values[dyads], self._hours[dyads] = path[:, :, -1], last
        return path


class NoiseWindow(NoisePaths):
    """Some hours of an ensemble's daily lives, drawn once: the way to them would have to be walked
    again each time.

    >>> from oxysim import DailyLife, Routine
    >>> from oxysim.families import Dyad
    >>> from oxysim.simulation.run import prepare
    >>> noise = prepare(Dyad(), Routine.typical() + DailyLife(), "3 d", engine="scipy").noise()
    >>> hours = NoiseWindow(noise, firsts=[0], values=np.zeros((1, 2, 24)))
    >>> hours.between(np.array([0]), [5], 3).shape
    (1, 2, 3)
    """

    def __init__(self, whole: NoisePaths, firsts: Sequence[int], values: FloatArray) -> None:
        super().__init__(whole.kinds, whole.seeds, whole.dyads, whole.caregivers)
        self._firsts, self._drawn = firsts, values

    def between(self, index: IntArray, firsts: Sequence[int], count: int) -> FloatArray:
        """As of the whole, for hours inside the piece."""
        places = [
            first - self._firsts[dyad] for dyad, first in zip(index.tolist(), firsts, strict=True)
        ]
        rows = zip(index.tolist(), places, strict=True)
        return np.array([self._drawn[dyad, :, hour : hour + count] for dyad, hour in rows])
