"""What a result says of its courses, at its outputs and between them: a part of ``Result``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import array, number, sequence
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.results import reading
from oxysim.simulation.results.outcomes import Outcome
from oxysim.simulation.run import PreparedRun


class CourseReadings:
    """Values, peaks, areas and means of a result's variables.

    >>> import oxysim as ox
    >>> isinstance(ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min"), CourseReadings)
    True
    """

    if TYPE_CHECKING:  # what the result itself has

        @property
        def dataset(self) -> xr.Dataset: ...

        @property
        def run(self) -> PreparedRun | None: ...

        @property
        def caregivers(self) -> tuple[str, ...]: ...

        @property
        def time(self) -> FloatArray: ...

        @property
        def ok(self) -> BoolArray: ...

        def __getitem__(self, name: str) -> xr.DataArray: ...

        def inputs(self, member: str) -> xr.Dataset: ...

    def at(self, name: str, times: Any) -> xr.DataArray:
        """A variable at one time or a list of them, dims (dyad, time): exact, whether or not they
        are outputs.

        What is no output is computed anew from the run; a result that was read from a file has none
        and answers at its output times only.

        Parameters
        ----------
        times : each a clock time of the first day ("10:45"), a time after its midnight ("34 h"), or
            a number of minutes as :attr:`time` has them.

        Raises
        ------
        UnknownNameError : the variable is not in this result. UnitError : a text that is no time.
        InputError : a time outside the run; or one that is no output, in a result read from a file.

        >>> import oxysim as ox
        >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
        >>> result = ox.simulate(ox.Dyad(), day, "3 h")
        >>> float(result.at("caregiver.saliva_oxytocin", "10:01")[0, 0].round(1))
        13023.7
        """
        # One time is as good as a list of one, so that nobody has to remember which.
        several = isinstance(times, list | tuple | np.ndarray | range)
        minutes = np.array(
            sequence(times if several else [times], "times", reading.moment, of="times")
        )
        values = self.values_at(name, minutes)
        variable = self[name]
        about = {"dyad": variable["dyad"], "time": ("time", minutes, variable["time"].attrs)}
        return xr.DataArray(
            values, dims=("dyad", "time"), coords=about, name=variable.name, attrs=variable.attrs
        )

    def values_at(self, name: str, times: FloatArray) -> FloatArray:
        """A variable at minutes since 00:00 of the first day, shape (n_dyads, n_times): what
        :meth:`at` labels.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.values_at("caregiver.cortisol", np.array([495.0])).shape
        (1, 1)
        """
        return reading.values_at(self, name, array(times, "times", (None,)))

    def means_before(self, name: str, times: FloatArray, minutes: float) -> FloatArray:
        """A variable's means over so many minutes before each time, shape (n_dyads, n_times).

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.means_before("caregiver.cortisol", np.array([540.0]), 30.0).shape
        (1, 1)
        """
        return reading.means_before(
            self,
            name,
            array(times, "times", (None,)),
            number(minutes, "minutes", open_low=True, low=0.0),
        )

    def levels_at(self, member: str, channel: str, times: FloatArray) -> FloatArray:
        """The level of a member's input channel at each time, shape (n_dyads, n_times).

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.levels_at("mother", "affectionate_touch", np.array([495.0])).shape
        (1, 1)
        """
        return reading.levels_at(self, member, channel, array(times, "times", (None,)))

    def ages_at(self, times: FloatArray) -> FloatArray:
        """The infants' ages at each time, minutes, shape (n_dyads, n_times).

        >>> import oxysim as ox
        >>> newborn = ox.Dyad(infant_age="0 d")
        >>> result = ox.simulate(newborn, ox.Routine.typical(), "1 h", save="30 min")
        >>> result.ages_at(np.array([495.0]))
        array([[495.]])
        """
        # ages are stored as they are at the midnight before the first day
        ages = np.asarray(self.dataset["infant_age"].values, dtype=float)
        return ages[:, None] + array(times, "times", (None,))

    def between(self, name: str, start: Any = None, stop: Any = None) -> xr.DataArray:
        """The outputs of a variable in a window, with the values at both of its ends.

        Parameters
        ----------
        start, stop : clock times of the first day ("10:00"), times after its midnight ("34 h"), or
            minutes; by default the first and the last output.

        Raises
        ------
        InputError : a window outside the run, or one that ends before it starts; further as for
        :meth:`at`.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.between("caregiver.cortisol", "08:10", "08:50").time.values.tolist()
        [490.0, 510.0, 530.0]
        """
        low, high = reading.window_of(self, start, stop)
        # Both ends are added, so an output that is one of them must not stand twice.
        inner = self.time[(self.time > low + 1e-6) & (self.time < high - 1e-6)]
        return self.at(name, [low, *inner.tolist(), high])

    def peak(self, name: str, start: Any = None, stop: Any = None) -> xr.DataArray:
        """The highest value in a window, by dyad; of the whole course, not of the outputs. Windows
        and errors as for :meth:`between`; a result read from a file refuses it.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.peak("caregiver.cortisol").dims
        ('dyad',)
        """
        return self._statistic(name, "maximum", start, stop)

    def time_of_peak(self, name: str, start: Any = None, stop: Any = None) -> xr.DataArray:
        """When the highest value in a window is first reached, minutes since 00:00 of the first
        day, by dyad; as :meth:`peak`.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.time_of_peak("caregiver.cortisol").values.round(1).tolist()
        [487.6]
        """
        return self._statistic(name, "time of maximum", start, stop).assign_attrs(units="min")

    def area(self, name: str, start: Any = None, stop: Any = None) -> xr.DataArray:
        """The area under the curve in a window, in the variable's unit x min, by dyad; of the whole
        course, as :meth:`peak`.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.area("caregiver.cortisol").attrs["units"]
        'nmol/L min'
        """
        return self._statistic(name, "area", start, stop)

    def mean(self, name: str, start: Any = None, stop: Any = None) -> xr.DataArray:
        """The mean over a window, weighted by time, by dyad; of the whole course,
        as :meth:`peak`.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.mean("caregiver.cortisol", "08:10", "08:40").shape
        (1,)
        """
        return self._statistic(name, "mean", start, stop)

    def change(self, name: str, baseline: Any, at: Any) -> xr.DataArray:
        """The value `at` a time less the value at the `baseline` time, by dyad; exact as :meth:`at`
        is.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.change("caregiver.cortisol", "08:00", "09:00").shape
        (1,)
        """
        values = self.at(name, [reading.moment(baseline, "baseline"), reading.moment(at, "at")])
        return values.isel(time=1, drop=True) - values.isel(time=0, drop=True)

    def _statistic(self, name: str, kind: str, start: Any, stop: Any) -> xr.DataArray:
        variable, (low, high) = self[name], reading.window_of(self, start, stop)
        if high > low:
            values = reading.statistics(self, name, kind, [(low, high)])[:, 0]
        else:  # a moment: its mean and its extreme are its value
            moment = self.values_at(name, np.array([low]))[:, 0]
            values = {"area": 0 * moment, "time of maximum": 0 * moment + low}.get(kind, moment)
        unit = Outcome(str(variable.name), kind).unit(
            variable_rows(self.caregivers)[str(variable.name)]
        )
        return xr.DataArray(
            values,
            dims=("dyad",),
            coords={"dyad": variable["dyad"]},
            name=variable.name,
            attrs={**variable.attrs, "units": unit},
        )
