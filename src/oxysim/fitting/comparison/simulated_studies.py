"""A study simulated many times as it was done: the same persons at the same times with the same
instruments, noise, rounding and limits; each person one of the dyads that might be behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from oxysim import units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import instance, require_seed, whole_number
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.fitting.persons.person_samples import PersonSamples, persons_of
from oxysim.fitting.sample_predictions import (
    SamplePoints,
    expected_readings,
    instrument_for,
)
from oxysim.measures import Instrument, NoiseKey, read
from oxysim.measures.instrument_model import as_it_is
from oxysim.observations import Observations
from oxysim.streams import stream
from oxysim.texts import Described, counted, listed

MOST_STUDIES = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedStudies(Described):
    """Simulated studies beside the one that was done.

    Attributes
    ----------
    table : the samples of the data that are not missing, one row each: "person", "member",
        "analyte", "minutes" (since 00:00 of day 0), "value", "censored", "occasion", "unit",
        "lower" and "upper", below and above which a reading is only told as such.
    values : the readings in each study, shape (n_studies, n_samples), a number also where it lies
        beyond a limit.
    expected : what is expected of the dyad behind each sample, in the unit, the same shape.
    strayed : the same readings before rounding and the ends of the scale, the same shape.
    instruments : the user's own.

    >>> import oxysim as ox
    >>> rows = pd.DataFrame({"person": "a", "analyte": "saliva_oxytocin", "minutes": [605.0, 640.0],
    ...     "value": [900.0, 300.0], "unit": "pg/mL"})
    >>> spray = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> studies = simulate_studies(Observations.from_table(rows), ox.Dyad(), spray, studies=20)
    >>> studies.values.shape
    (20, 2)
    """

    table: pd.DataFrame
    values: FloatArray
    expected: FloatArray
    strayed: FloatArray
    instruments: Mapping[str, Instrument] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return counted(len(self), "simulated study").replace("studys", "studies"), [
            ("of", counted(self.values.shape[1], "sample")),
            ("from", counted(self.table["person"].nunique(), "person")),
            ("analytes", listed(self.table["analyte"].unique())),
        ]

    @property
    def below(self) -> BoolArray:
        """Where a simulated reading lies below its limit, shape (n_studies, n_samples)."""
        return np.asarray(self.values < self.table["lower"].to_numpy())

    @property
    def above(self) -> BoolArray:
        """Where it lies above its limit."""
        return np.asarray(self.values > self.table["upper"].to_numpy())

    def of(self, analyte: str, member: str | None = None) -> SimulatedStudies:
        """The samples of one analyte, of one member or of all.

        Raises
        ------
        InputError : there is none.
        """
        chosen = self.table["analyte"] == analyte
        if member is not None:
            chosen &= self.table["member"] == member
        if not chosen.any():
            pairs = self.table[["analyte", "member"]].drop_duplicates().agg(" of ".join, axis=1)
            raise InputError(
                what="analyte",
                expected=f"one of {listed(pairs)}",
                found=f"{analyte} of {member or 'anybody'}",
                key=("analyte",),
            )
        return self.take(np.flatnonzero(chosen.to_numpy()))

    def take(self, positions: IntArray) -> SimulatedStudies:
        """The samples at some positions."""
        return replace(
            self,
            table=self.table.iloc[positions].reset_index(drop=True),
            values=self.values[:, positions],
            expected=self.expected[:, positions],
            strayed=self.strayed[:, positions],
        )

    def study(self, number: int) -> pd.DataFrame:
        """One simulated study as a table like that of the data: "value" is NaN where "censored"
        says that a reading lies below or above its limit.
        """
        whole_number(number, "number", 0, len(self) - 1)
        below, above = self.below[number], self.above[number]
        censored = np.where(below, "below", np.where(above, "above", ""))
        values = np.where(below | above, np.nan, self.values[number])
        return self.table.assign(value=values, censored=censored)


def simulate_studies(  # noqa: PLR0913 - keywords with defaults
    data: Observations,
    who: Any,
    schedule: Any,
    *,
    studies: int = 200,
    seed: int = 0,
    start: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    minutes_from: float = 0.0,
    beyond_limits: str = "censor",
    **options: Any,
) -> SimulatedStudies:
    """A study as it was done, simulated many times.

    Parameters
    ----------
    data : what was measured; missing values are left out.
    who : the dyads that might be behind every person, such as a sample of a population, or one
        dyad; or a mapping of persons to theirs. Of several, each person of each study is one,
        drawn by chance.
    schedule : one for all persons, or a mapping of persons to theirs.
    studies : how many.
    seed : key of who is drawn and of the noise.
    start, instruments, minutes_from, beyond_limits, options : as for a fit.

    Raises
    ------
    UnknownNameError, InputError : as for a fit; a dyad that fails.

    >>> import oxysim as ox
    >>> rows = pd.DataFrame({"person": ["a", "b"], "analyte": "epds", "age": 90.0,
    ...     "value": [4.0, 12.0], "unit": "EPDS"})
    >>> dyads = ox.Population.named("community").sample(3, seed=1, infant_age="89 d")
    >>> quiet = ox.Routine.empty()
    >>> studies = simulate_studies(Observations.from_table(rows), dyads, quiet, studies=10)
    >>> bool((studies.values == studies.values.round()).all())  # forms have whole points
    True
    """
    instance(data, "data", Observations, "Observations, as the readers return them")
    whole_number(studies, "studies", 1, MOST_STUDIES)
    require_seed(seed)
    persons = persons_of(
        data, _firsts(who), schedule, begin=units.clock(start, "start", begins=True),
        instruments=instruments, minutes_from=minutes_from, beyond_limits=beyond_limits,
    )  # fmt: skip
    table = _table(data, persons, instruments, beyond_limits)
    shape = (studies, len(table))
    values, expected, strayed = (np.empty(shape) for _ in range(3))
    readings = _expected(persons, who, start, instruments, options)
    for number, (person, of_dyads) in enumerate(zip(persons, readings, strict=True)):
        luck = stream(seed, number, "who is behind a person")
        drawn = of_dyads[luck.integers(len(of_dyads), size=studies)]
        expected[:, person.rows] = drawn
        # a person of a study has draws of its own
        keys = (np.arange(studies) + number * MOST_STUDIES).tolist()
        for whole, plain in ((values, False), (strayed, True)):
            tools = {
                analyte: _reading_tool(analyte, instruments, plain)
                for analyte in person.points.analyte
            }
            whole[:, person.rows] = _read(person.points, drawn, tools, keys, seed)
    return SimulatedStudies(table, values, expected, strayed, instruments)


def _firsts(who: Any) -> Any:
    """One family for each person, for the names and the age; the others are like it."""
    if isinstance(who, Mapping):
        return {person: _firsts(family) for person, family in who.items()}
    family = instance(
        who,
        "who",
        Family,
        "a Dyad, a Family or several, or a mapping of persons",
    )
    return family.take([0]) if len(family) > 1 else family


def _table(
    data: Observations,
    persons: Sequence[PersonSamples],
    instruments: Mapping[str, Instrument] | None,
    beyond_limits: str,
) -> pd.DataFrame:
    """The samples with their times and limits."""
    columns = [
        "person",
        "member",
        "analyte",
        "value",
        "censored",
        "limit",
        "occasion",
        "unit",
    ]
    table = data.drop_missing().table[[*columns, "line"]].reset_index(drop=True)
    minutes = np.empty(len(table))
    for person in persons:
        minutes[person.rows] = person.points.minutes
    table.insert(3, "minutes", minutes)
    lower, upper = np.full(len(table), -np.inf), np.full(len(table), np.inf)
    for analyte, same in table.groupby("analyte", sort=False):
        rows = same.index.to_numpy()
        tool = instrument_for(str(analyte), instruments)
        if beyond_limits == "censor":
            same = _censored(same, tool)
            table.loc[rows, ["value", "censored"]] = same[["value", "censored"]]
        lower[rows] = _limits(same, "below", tool.lloq or -np.inf)
        upper[rows] = _limits(same, "above", tool.uloq)
    return table.assign(lower=lower, upper=upper).drop(columns="limit")


def _censored(same: pd.DataFrame, tool: Instrument) -> pd.DataFrame:
    """The samples of an analyte, those beyond the instrument's limits told only as such."""
    measured = same["censored"] == ""
    for side, limit in (
        ("below", tool.lloq or -np.inf),
        ("above", tool.uloq),
    ):
        outside = same["value"] < limit if side == "below" else same["value"] > limit
        beyond = measured & outside
        same = same.assign(
            censored=same["censored"].where(~beyond, side),
            limit=same["limit"].where(~beyond, limit),
            value=same["value"].where(~beyond, np.nan),
        )
    return same


def _limits(same: pd.DataFrame, side: str, usual: float) -> FloatArray:
    """The limit of each reading of an analyte on one side: its own where it is censored, of the
    others the nearest that occurs in the data and does not contradict them, or the instrument's.
    """
    own_limits = same["limit"].where(same["censored"] == side).to_numpy(dtype=float)
    values = same["value"].to_numpy(dtype=float)
    limits = np.where(np.isnan(own_limits), usual, own_limits)
    limits_there = np.unique(own_limits[~np.isnan(own_limits)])
    for row in np.flatnonzero(np.isnan(own_limits)):
        fitting = (
            limits_there[limits_there <= values[row]]
            if side == "below"
            else limits_there[limits_there >= values[row]]
        )
        if len(fitting):
            limits[row] = fitting.max() if side == "below" else fitting.min()
    # a number that was measured below the instrument's limit had a lower one
    contradicted = (values < limits) if side == "below" else (values > limits)
    return np.where(contradicted, -np.inf if side == "below" else np.inf, limits)


def _expected(
    persons: Sequence[PersonSamples],
    who: Any,
    start: str,
    instruments: Mapping[str, Instrument] | None,
    options: Mapping[str, Any],
) -> list[FloatArray]:
    """The expected readings of each person under each of its dyads, (n_dyads, n_samples)."""
    groups: dict[tuple[int, int], list[int]] = {}
    for position, person in enumerate(persons):
        family = who[person.person] if isinstance(who, Mapping) else who
        # persons with the same dyads and days are read from one simulation
        groups.setdefault((id(family), id(person.schedule)), []).append(position)
    readings: dict[int, FloatArray] = {}
    for positions in groups.values():
        first = persons[positions[0]]
        family = who[first.person] if isinstance(who, Mapping) else who
        parts = [persons[position].points for position in positions]
        joined = SamplePoints(
            [member for points in parts for member in points.member],
            [analyte for points in parts for analyte in points.analyte],
            np.concatenate([points.minutes for points in parts]),
        )
        expected = expected_readings(
            family,
            first.schedule,
            joined,
            start=start,
            instruments=instruments,
            **options,
        )
        failed = ~np.isfinite(expected).all(axis=1)
        if failed.any():
            raise InputError(
                what="who",
                expected="dyads whose simulation succeeds",
                found=f"{counted(int(failed.sum()), 'dyad')} that failed",
                remedy="simulate them for the reasons",
                key=("who",),
            )
        ends = np.cumsum([len(points) for points in parts])[:-1]
        readings |= dict(zip(positions, np.split(expected, ends, axis=1), strict=True))
    return [readings[position] for position in range(len(persons))]


def _read(
    points: SamplePoints,
    expected: FloatArray,
    tools: Mapping[str, Instrument],
    keys: Sequence[int],
    seed: int,
) -> FloatArray:
    """A person's readings in every study, with the instruments' noise."""
    readings = np.empty(expected.shape)
    for occasion in dict.fromkeys(points.occasion):
        for (member, analyte), positions in points.groups().items():
            rows = [k for k in positions if points.occasion[k] == occasion]
            if rows:
                key = NoiseKey(seed, member, occasion)
                drawn = read(
                    tools[analyte],
                    expected[:, rows],
                    keys,
                    points.minutes[rows],
                    key,
                )
                readings[:, rows] = drawn.values
    return readings


def _reading_tool(
    analyte: str, instruments: Mapping[str, Instrument] | None, plain: bool
) -> Instrument:
    """An instrument that makes readings of expected ones, without limits of quantification, which
    are the data's own; if `plain` without rounding and the ends of the scale.
    """
    usual = instrument_for(analyte, instruments)
    # another name, as it is not the instrument that is known by that one
    tool = replace(
        usual, name=f"{usual.name} without limits", expected=as_it_is, lloq=0.0, uloq=np.inf,
        variables=usual.variables[:1], reporter=(), inputs=(),
        by_age=False,
    )  # fmt: skip
    return replace(tool, rounding=0.0, low=-np.inf, high=np.inf) if plain else tool
