"""A user's observations as samples of persons: who each person is under which day, when each sample
was taken, and how likely it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import choice, instance, number
from oxysim.errors import InputError, about, unknown_name
from oxysim.families import Family
from oxysim.fitting.likelihood.reading_likelihood import ReadingLikelihood
from oxysim.fitting.sample_predictions import SamplePoints, instrument_for
from oxysim.measures import Instrument
from oxysim.measures.measuring import person_measured
from oxysim.observations import Observations
from oxysim.schedule import Schedule, as_schedule
from oxysim.texts import Described, counted, listed
from oxysim.units import DAY, plain_unit, with_unit

BEYOND_LIMITS = ("refuse", "censor", "measured")
"""What a number beyond the instrument's own limits of quantification is taken for: a slip, a
reading of which only that is known, or a reading like any other (an assay that told more than the
instrument's row says).
"""


@dataclass(frozen=True, eq=False, repr=False)
class PersonSamples(Described):
    """The samples of one person, who it is and what its days are like.

    Attributes
    ----------
    person : the study's identifier.
    who : one dyad or family.
    schedule : its days.
    points : what was sampled when, n samples.
    rows : the samples' rows in the data, shape (n,).
    series : for each member and instrument the positions of its samples, and how likely they are.
    reports : (value, how censored, limit, visit) of each sample, by which data are told apart.

    >>> import pandas as pd
    >>> import oxysim as ox
    >>> table = pd.DataFrame({"person": ["007"], "analyte": "epds", "unit": "EPDS",
    ...                       "minutes": 600.0, "value": 7.0})
    >>> data = Observations.from_table(table)
    >>> (samples,) = persons_of(data, ox.Dyad(), ox.Routine.empty())
    >>> samples.log_likelihood(np.array([[7.0]])).round(2)
    array([-1.52])
    """

    person: str
    who: Family
    schedule: Schedule
    points: SamplePoints
    rows: IntArray
    series: tuple[tuple[IntArray, ReadingLikelihood], ...]
    reports: tuple[tuple[object, ...], ...]

    def log_likelihood(self, expected: FloatArray) -> FloatArray:
        """At expected readings of shape (n_points, n_samples), shape (n_points,)."""
        # members and instruments have no noise in common
        logs = [likelihood(expected[:, positions]) for positions, likelihood in self.series]
        return np.sum(logs, axis=0)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return f"Samples of {self.person!r}", [
            ("", counted(len(self.points), "sample")),
            ("of", listed(dict.fromkeys(self.points.analyte))),
        ]


def persons_of(  # noqa: PLR0913 - what a user says of a study
    data: Observations,
    who: Any,
    schedule: Any,
    *,
    begin: float = 0.0,
    instruments: Mapping[str, Instrument] | None = None,
    minutes_from: float = 0.0,
    beyond_limits: str = "refuse",
) -> tuple[PersonSamples, ...]:
    """The samples of every person, in the order of the data; missing values are left out.

    Parameters
    ----------
    who, schedule : one for all persons, or a mapping of persons to theirs.
    begin : minutes after midnight of day 0 at which simulations begin; no sample lies before it.
    instruments : the user's own, by the name of the analyte.
    minutes_from : minutes after midnight of day 0 from which the data count their minutes.
    beyond_limits : see :data:`BEYOND_LIMITS`.

    Raises
    ------
    UnknownNameError : a person, a member or an instrument that does not exist. InputError : no
        value that is neither missing nor censored; a unit, a time or a value that cannot be.

    >>> import pandas as pd
    >>> import oxysim as ox
    >>> table = pd.DataFrame({"person": ["007"], "analyte": "epds", "unit": "EPDS",
    ...                       "minutes": 600.0, "value": 7.0})
    >>> data = Observations.from_table(table)
    >>> (samples,) = persons_of(data, ox.Dyad(), ox.Routine.empty())
    >>> samples
    Samples of '007': 1 sample; of epds.
    """
    instance(data, "data", Observations, "Observations, as the readers return them")
    choice(beyond_limits, "beyond_limits", BEYOND_LIMITS)
    number(minutes_from, "minutes_from")
    table = data.drop_missing().table
    if not (table["censored"] == "").any():
        raise InputError(
            what="data",
            expected="some values that are neither missing nor censored",
            found=f"none among {counted(len(data.table), 'row')}",
            remedy="samples that are all below the limit tell only that the level is low",
            key=("data",),
        )
    persons = list(dict.fromkeys(table["person"]))
    families = dict(_by_person(who, persons, "who", _one_family))
    days = dict(_by_person(schedule, persons, "schedule", as_schedule))
    return tuple(
        _samples_of(
            _Rows(person, table[table["person"] == person], families[person], begin, minutes_from),
            days[person], instruments, beyond_limits,
        )
        for person in persons
    )  # fmt: skip


def sample_minutes(table: pd.DataFrame, age: float, minutes_from: float = 0.0) -> FloatArray:
    """When each sample of a table of observations was taken, minutes since 00:00 of day 0; NaN
    where nothing says so.

    Parameters
    ----------
    age : of the infant at the midnight before day 0, minutes.
    minutes_from : minutes after that midnight from which the data count theirs.

    >>> table = pd.DataFrame({"minutes": [5.0, np.nan], "clock": [np.nan, 600.0], "day": [0, 1],
    ...     "age": [np.nan, np.nan]})
    >>> sample_minutes(table, 0.0).tolist()
    [5.0, 2040.0]
    """
    column = {name: table[name].to_numpy(dtype=float, na_value=np.nan)
              for name in ("minutes", "clock", "day", "age")}  # fmt: skip
    # a clock without any day is one of day 0
    day = np.zeros(len(table)) if np.isnan(column["day"]).all() else column["day"]
    of_clock = day * DAY + column["clock"]
    of_age = column["age"] * DAY - age
    minutes = column["minutes"] + minutes_from
    minutes = np.where(np.isnan(minutes), of_clock, minutes)
    # an age in days says no hour: noon is nearest to all of them
    noon = of_age + np.where(of_age % DAY == 0, DAY / 2, 0.0)
    return np.where(np.isnan(minutes), noon, minutes)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of one person, with what says when they are."""

    person: str
    table: pd.DataFrame
    who: Family
    begin: float
    minutes_from: float

    def minutes(self) -> FloatArray:
        """When each sample was taken, minutes since 00:00 of day 0."""
        return sample_minutes(self.table, float(self.who.ages()[0]), self.minutes_from)

    def require_times(self, minutes: FloatArray) -> None:
        """Raise for a sample without a time, or one before the simulation begins."""
        without = ~np.isfinite(minutes)
        if without.any():
            raise InputError(
                what=f"data, person {self.person!r}, line {self._line(without)}",
                expected="minutes, a clock time or the infant's age",
                found="none of them",
                key=("data",),
            )
        early = minutes < self.begin
        if early.any():
            raise InputError(
                what=f"data, person {self.person!r}, line {self._line(early)}",
                expected=f"a sample after the simulation begins (minute {self.begin:g} of day 0)",
                found=f"minute {minutes[early][0]:g}",
                remedy="start earlier with start=, or give the age at day 0 in who=",
                key=("data",),
            )

    def _line(self, chosen: Any) -> object:
        return self.table["line"].to_numpy()[chosen][0]


def _samples_of(
    rows: _Rows,
    schedule: Schedule,
    instruments: Mapping[str, Instrument] | None,
    beyond_limits: str,
) -> PersonSamples:
    minutes = rows.minutes()
    rows.require_times(minutes)
    table = rows.table
    members = []
    for member, analyte in zip(table["member"], table["analyte"], strict=True):
        with about("data"):
            tool = instrument_for(analyte, instruments)
            members.append(person_measured(tool, member, rows.who.caregivers))
    occasions = table["occasion"].tolist()
    points = SamplePoints(members, table["analyte"].tolist(), minutes, occasions)

    # a visit is an occasion on a day, as noise is drawn
    days = (minutes // DAY).astype(int).tolist()
    visits = _numbered(list(zip(table["occasion"], days, strict=True)))
    series = []
    for (_, analyte), listed_positions in points.groups().items():
        positions = np.array(listed_positions)
        chosen = table.iloc[listed_positions]
        tool = instrument_for(analyte, instruments)
        _require_unit(tool, chosen, rows.person)
        censored, limits = _limits(tool, chosen, beyond_limits, rows.person)
        values = chosen["value"].to_numpy(dtype=float)
        with about("data"):
            likely = ReadingLikelihood(tool, values, censored, limits, visits[positions])
        series.append((positions, likely))
    places = table.index.to_numpy(dtype=np.int64)
    reports = zip(table["value"], table["censored"], table["limit"], visits.tolist(), strict=True)
    return PersonSamples(
        rows.person, rows.who, schedule, points, places, tuple(series), tuple(reports)
    )


def _limits(
    tool: Instrument, chosen: pd.DataFrame, beyond_limits: str, person: str
) -> tuple[list[str], FloatArray]:
    """How each value is censored, and at which limit; numbers beyond the instrument's own limits as
    the user wants them.
    """
    censored = chosen["censored"].to_numpy(dtype=object)
    limits = chosen["limit"].to_numpy(dtype=float)
    values = chosen["value"].to_numpy(dtype=float)
    measured = censored == ""
    below = measured & (values < tool.lloq)
    # a laboratory reports the upper limit itself for whatever lies above it
    above = measured & (values >= tool.uloq)
    beyond = below | above
    if beyond.any() and beyond_limits == "refuse":
        row = chosen[beyond].iloc[0]
        upper = f" to below {tool.uloq:g}" if tool.uloq < np.inf else ""
        raise InputError(
            what=f"data, person {person!r}, line {row['line']}, {tool.name}",
            expected=f"{with_unit(f'{tool.lloq:g}', tool.unit)}{upper}, between the instrument's"
            " limits, or a value that is marked as beyond one",
            found=f"{row['value']:g}",
            remedy="say beyond_limits='censor', or 'measured' where the assay told it",
            key=("beyond_limits",),
        )
    if beyond_limits == "censor":
        censored = np.where(below, "below", np.where(above, "above", censored))
        limits = np.where(below, tool.lloq, np.where(above, tool.uloq, limits))
    return censored.tolist(), limits


def _require_unit(tool: Instrument, chosen: pd.DataFrame, person: str) -> None:
    for unit in dict.fromkeys(chosen["unit"]):
        if unit not in (tool.unit, plain_unit(tool.unit)):
            raise InputError(
                what=f"data, person {person!r}, {tool.name}",
                expected=f"values in {tool.unit}, the instrument's unit",
                found=f"{unit!r}",
                remedy="Observations.from_table converts those of the library's instruments",
                key=("data",),
            )


def _one_family(value: Any) -> Family:
    family = instance(value, "who", Family, "a Dyad or a Family, or a mapping of persons to them")
    if len(family) != 1:
        raise InputError(
            what="who",
            expected="one dyad, or a mapping of persons to one each",
            found=counted(len(family), "dyad"),
            key=("who",),
        )
    return family


def _by_person(value: Any, persons: Sequence[str], label: str, check: Any) -> Iterator[Any]:
    """(person, its entry), from one entry for all or a mapping of persons to theirs."""
    if not isinstance(value, Mapping):
        shared = check(value)
        yield from ((person, shared) for person in persons)
        return
    for person in value:
        if person not in persons:
            raise unknown_name("person", person, persons, f"in {label}", key=(label,))
    for person in persons:
        if person not in value:
            raise InputError(
                what=label,
                expected="an entry for every person in the data",
                found=f"none for {person!r}",
                key=(label,),
            )
        with about(label, person):
            yield person, check(value[person])


def _numbered(keys: Sequence[Any]) -> IntArray:
    """Keys as numbers, in the order in which they first occur."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)
