"""What instruments read a cohort from: some of its variables, of some of its dyads, at the times
that were kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.model.inputs import channel as channel_of
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.simulate import wanted_variables
from oxysim.texts import listed
from oxysim.trials.stretch_means import Stretch, means_of_stretches

KEPT = 1e-3  # minutes within which a time is one that was kept: ages are rounded to a millionth


def kept_at(times: FloatArray, moments: FloatArray) -> IntArray:
    """The number of the time at which something was kept, for each moment; -1 where there is none.

    >>> kept_at(np.array([0.0, 10.0]), np.array([10.0, 5.0])).tolist()
    [1, -1]
    """
    # the nearest time at or after the moment, which may be another than it
    position = np.clip(np.searchsorted(times, moments - KEPT), 0, len(times) - 1)
    return np.where(np.abs(times[position] - moments) <= KEPT, position, -1)


@dataclass(frozen=True, eq=False)
class CohortView:
    """Some variables of some dyads, under the numbers that key their noise; what ``measure`` reads
    from.

    Attributes
    ----------
    values : variable name -> shape (dyads, times).
    means : (variable, from, to) -> its mean over that stretch, shape (dyads,).
    ages : the infants' ages at the first midnight, minutes, shape (dyads,).

    >>> times, mood = np.array([0.0, 1440.0]), np.array([[5.0, 6.0]])
    >>> view = CohortView(("mother",), {"mother.depression": mood}, times, np.array([0]), {})
    >>> view.values_at("mother.depression", np.array([1440.0]))
    array([[6.]])
    """

    caregivers: tuple[str, ...]
    values: Mapping[str, FloatArray]
    times: FloatArray
    numbers: IntArray
    means: Mapping[Stretch, FloatArray]
    ages: FloatArray = field(default_factory=lambda: np.zeros(1))

    def __getitem__(self, name: str) -> xr.DataArray:
        # "caregiver." stands for the first caregiver
        full_name = wanted_variables([name], self.caregivers[:1])[0]
        row = variable_rows(self.caregivers)[full_name]
        return xr.DataArray(
            self.values[name],
            dims=("dyad", "time"),
            coords={"dyad": self.numbers, "time": self.times},
            name=name,
            attrs={"units": row.unit, "long_name": row.meaning},
        )

    def values_at(self, name: str, times: FloatArray) -> FloatArray:
        """Values at times that were kept; a line between two of them would miss what happens on the
        days between.

        >>> times, mood = np.array([0.0, 1440.0]), np.array([[5.0, 6.0]])
        >>> view = CohortView(("mother",), {"mother.depression": mood}, times, np.array([0]), {})
        >>> view.values_at("mother.depression", np.array([0.0, 1440.0]))
        array([[5., 6.]])
        """
        # no line between two times: on the days between the course may be anywhere
        position = kept_at(self.times, times)
        if np.any(position < 0):
            days = times[position < 0][0] / units.DAY
            raise InputError(
                what=f"{name} {days:g} days after the first midnight",
                key=("at",),
                expected="a time at which it was kept",
                found="one between two of them",
                remedy=(
                    "name the age in at= when you follow the cohort, or the clock time in times="
                    " when you visit it (cohorts.visit)"
                ),
            )
        return np.asarray(self.values[name][:, position])

    def means_before(self, name: str, times: FloatArray, minutes: float) -> FloatArray:
        """Means over so many minutes before each time, which were kept."""
        for stop in times.tolist():
            self._require_mean(name, stop - minutes, stop)
        return means_of_stretches(self.means, name, times, minutes, len(self.numbers))

    def levels_at(self, member: str, channel: str, times: FloatArray) -> FloatArray:
        """Input channels are not kept: their level of rest.

        >>> view = CohortView(("mother",), {}, np.zeros(1), np.array([0, 1]), {})
        >>> view.levels_at("mother", "stressor", np.array([600.0]))
        array([[0.],
               [0.]])
        """
        # assumed: nothing acts on the channel while it is read
        return np.full((len(self.numbers), len(times)), float(channel_of(member, channel).rest))

    def ages_at(self, times: FloatArray) -> FloatArray:
        """The infants' ages at each time, minutes.

        >>> newborns = CohortView(("mother",), {}, np.zeros(1), np.array([0]), {})
        >>> newborns.ages_at(np.array([600.0]))
        array([[600.]])
        """
        # one age may stand for all
        ages = np.broadcast_to(self.ages, len(self.numbers))
        return np.asarray(ages[:, None] + times)

    def mean_over(self, start: float, stop: float) -> CohortView:
        """The same with the means over a stretch, at its end.

        >>> means = {("mother.depression", 480.0, 600.0): np.array([5.5])}
        >>> times, mood = np.array([480.0, 600.0]), np.array([[5.0, 6.0]])
        >>> view = CohortView(("mother",), {"mother.depression": mood}, times, np.array([0]), means)
        >>> view.mean_over(480.0, 600.0).values["mother.depression"]
        array([[5.5]])
        """
        for name in self.values:
            self._require_mean(name, start, stop)
        means = {name: self.means[name, start, stop][:, None] for name in self.values}
        return CohortView(self.caregivers, means, np.array([stop]), self.numbers, {}, self.ages)

    def _require_mean(self, name: str, start: float, stop: float) -> None:
        """Raise unless the mean of a variable over a stretch was kept, with those that were."""
        # means are of the whole course: they cannot be made from the values that were kept
        if (name, start, stop) in self.means:
            return
        ends = tuple(units.clock_text(end % units.DAY) for end in (start, stop))
        of_variable = [span for variable, *span in self.means if variable == name]
        stretches = [f"{low:g} to {high:g} min" for low, high in of_variable]
        raise InputError(
            what=f"{name}, its mean from {ends[0]} to {ends[1]}",
            key=("at",),
            expected="a stretch whose mean was kept",
            found=listed(stretches) or "none",
            remedy=f"visit the cohort with means=[{ends!r}] (cohorts.visit)",
        )
