"""What could be sampled when: members, their instruments, and a grid of feasible times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.fitting.optimal_design.exchange import Feasible
from oxysim.fitting.sample_predictions import SamplePoints
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.results.reading import moment

MOST_CANDIDATES = (
    2000  # members times moments; more make the exchange slow and the answer no better
)


@dataclass(frozen=True, eq=False)
class SampleGrid:
    """What could be sampled when.

    Parameters
    ----------
    times : feasible times, each a clock time of the first day ("10:45"), a time after its midnight
        ("34 h") or minutes; see :func:`feasible_times`.
    analytes : member -> the instruments that one of its samples is read with, one name or several.
    spacing : the least time between two samples of a member ("10 min").

    Raises
    ------
    InputError : no time, a time twice, no analyte, a spacing that is none.

    >>> grid = SampleGrid(["10:05", "10:20"], {"mother": "saliva_oxytocin"}, "10 min")
    >>> grid.minutes.tolist(), len(grid.points)
    ([605.0, 620.0], 2)
    """

    times: Any
    analytes: Mapping[str, Any]
    spacing: Any = "10 min"

    def __post_init__(self) -> None:
        listed = self.times.tolist() if isinstance(self.times, np.ndarray) else self.times
        minutes = np.array(
            checks.sequence(listed, "times", moment, of="times", most=MOST_CANDIDATES)
        )
        if np.any(np.diff(np.sort(minutes)) <= TOLERANCE):
            raise InputError("times: expected different ones; found one twice")
        checks.instance(self.analytes, "analytes", Mapping, "a mapping of members to instruments")
        if not self.analytes:
            raise InputError("analytes: expected a member and its instruments; found none")
        analytes = {
            checks.name(member, "analytes"): checks.texts(
                names, f"analytes, {member}", of="names of instruments", least=1
            )
            for member, names in self.analytes.items()
        }
        object.__setattr__(self, "times", np.sort(minutes))
        object.__setattr__(self, "analytes", analytes)
        object.__setattr__(self, "spacing", units.duration(self.spacing, "spacing", positive=False))

    @property
    def minutes(self) -> FloatArray:
        """When each candidate is, those of the first member first."""
        return np.tile(self.times, len(self.analytes))

    @property
    def members(self) -> tuple[str, ...]:
        """Of whom each candidate is."""
        return tuple(member for member in self.analytes for _ in range(len(self.times)))

    @property
    def points(self) -> SamplePoints:
        """The readings of all candidates, in the order of `rows`."""
        entries = [
            (member, analyte, minutes)
            for member, minutes in zip(self.members, self.minutes.tolist(), strict=True)
            for analyte in self.analytes[member]
        ]
        members, analytes, moments = zip(*entries, strict=True)
        return SamplePoints(members, analytes, list(moments))

    @property
    def rows(self) -> IntArray:
        """The positions of each candidate's readings in `points`, -1 where it has fewer than
        another.
        """
        widest = max(len(names) for names in self.analytes.values())
        rows = np.full((len(self.minutes), widest), -1, dtype=np.int64)
        first = 0
        for candidate, member in enumerate(self.members):
            size = len(self.analytes[member])
            rows[candidate, :size] = np.arange(first, first + size)
            first += size
        return rows

    @property
    def feasible(self) -> Feasible:
        """Which sets of candidates are allowed."""
        series = np.repeat(np.arange(len(self.analytes)), len(self.times))
        return Feasible(self.minutes, series, self.spacing)

    def nearest(self, plan: Any) -> tuple[int, ...]:
        """The candidates of a user's own plan.

        Parameters
        ----------
        plan : times, or a mapping of members to times.

        Raises
        ------
        InputError : a time that is not on the grid, a member of whom there is more than one.
        """
        if not isinstance(plan, Mapping):
            if len(self.analytes) > 1:
                raise InputError(
                    what="plan",
                    expected="a mapping of members to times, as several are sampled",
                    found="times alone",
                    key=("plan",),
                )
            plan = {next(iter(self.analytes)): plan}
        chosen = []
        for member, listed in plan.items():
            checks.choice(member, "plan", self.analytes)
            first = list(self.analytes).index(member) * len(self.times)
            for minutes in checks.sequence(listed, "plan", moment, of="times"):
                position = int(np.argmin(np.abs(self.times - minutes)))
                if abs(self.times[position] - minutes) > TOLERANCE:
                    raise InputError(
                        what="plan",
                        expected="times of the grid",
                        found=units.clock_text(minutes % units.DAY),
                        remedy="add it to times=",
                        key=("plan",),
                    )
                chosen.append(first + position)
        return tuple(sorted(chosen))


def feasible_times(
    first: Any, last: Any, every: Any = "5 min", *, without: Sequence[tuple[Any, Any]] = ()
) -> FloatArray:
    """Times from the first to the last, without those inside some stretches, in minutes.

    >>> feasible_times("10:00", "10:30", "10 min", without=[("10:05", "10:15")]).tolist()
    [600.0, 620.0, 630.0]
    """
    low, high = moment(first, "first"), moment(last, "last")
    step = units.duration(every, "every")
    if high < low:
        raise InputError("last: expected a time after the first; found one before it")
    if (high - low) / step >= MOST_CANDIDATES:
        raise InputError(f"every: expected at most {MOST_CANDIDATES} times; found more")
    times = np.asarray(low + step * np.arange(int((high - low) / step + 1e-9) + 1), dtype=float)
    for begin, end in checks.sequence(without, "without", _stretch, of="stretches", least=0):
        inside = (times > moment(begin, "without")) & (times < moment(end, "without"))
        times = times[~inside]
    return times


def _stretch(value: Any, label: str) -> tuple[Any, Any]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise checks.refused(value, label, "a stretch, such as ('12:00', '12:30')")
    return value[0], value[1]
