"""Non-compartmental figures of a user's samples: a curve a person, member, analyte and occasion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import choice, instance, number, texts
from oxysim.errors import InputError, unknown_name
from oxysim.observations.observations import Observations
from oxysim.statistics.kinetics.curves_after_dose import Route
from oxysim.statistics.kinetics.noncompartmental import figures_of_curves
from oxysim.statistics.kinetics.sampled_curves import (
    AreaMethod,
    CensoringRule,
)
from oxysim.texts import counted

PER = ("person", "member", "analyte", "occasion")
"""What tells one curve from another where nothing is named."""

_GROUPS = (*PER, "day")
_TIME_UNITS = {"min": units.MINUTE, "h": units.HOUR, "d": units.DAY}
# figure -> its unit: a level, a time, both, and of a named dose what follows from it
_TIMES = (
    "peak_time",
    "last_time",
    "half_life",
    "terminal_start",
    "residence_time",
)
_LEVELS = ("peak", "last", "level_at_dose")
_AREAS = (
    "area", "area_last", "area_over_ground", "area_over_increase", "area_extrapolated",
)  # fmt: skip


def noncompartmental(  # noqa: PLR0913 - whose curves, what was given, and the named rules
    observations: Observations,
    analyte: str | Sequence[str] | None = None,
    *,
    per: Sequence[str] = PER,
    rule: CensoringRule | None = None,
    baseline: Literal["first"] | float | None = None,
    method: AreaMethod = "linear",
    dose: float | Mapping[str, float] | None = None,
    route: Route | None = None,
    dose_time: str | float | Mapping[str, str | float] | None = None,
    infusion: str | float = 0.0,
    time_unit: str = "min",
) -> pd.DataFrame:
    """Areas, peak, terminal half-life and what follows from a dose, of every curve of samples.

    Parameters
    ----------
    observations : what was measured, as the readers return it.
    analyte : one or several of its analytes; default all.
    per : what tells one curve from another: columns of the observations. Add "day" where samples of
        several days are so many curves (the cortisol of a day); their clock is then the time.
    rule : what stands for a level below or above a limit
        (``CensoringRule`` of ``oxysim.statistics.kinetics.sampled_curves``); default zero before
        the first quantified level, none between and after, no figures for a curve with a level
        above.
    baseline, method : as of ``statistics.kinetics``: "first",
        a number or None; "linear" or "linear up, log down".
    dose, dose_time : how much (in any unit of yours) and when: one for all, or person -> its own; a
        time in minutes as the observations have them, or a clock time. Times of figures then count
        from the dose.
    route : "absorbed", "bolus" or "infusion"; needed with a dose or its time.
    infusion : how long it took, "30 min" or minutes.
    time_unit : of times and areas: "min", "h" or "d".

    Returns
    -------
    DataFrame : a row a curve in the order of the file: the columns of `per`, the unit of the level,
        ``time_unit``, every figure of ``CurveFigures``,
        and in ``reasons`` why one is missing. ``attrs["units"]`` has the unit of each column.

    Raises
    ------
    InputError : samples without a time or two of a curve at one time (with their lines), a dose
        without its route or of somebody else, two units of one column.
    UnknownNameError : an analyte, a column or a person that is not there.

    >>> table = pd.DataFrame({"person": "01", "minutes": [0.0, 15.0, 30.0, 60.0],
    ...                       "analyte": "salivary_cortisol", "value": [5.0, 9.0, 7.0, 5.0],
    ...                       "unit": "nmol/L"})
    >>> figures = noncompartmental(Observations.from_table(table))
    >>> figures[["peak", "area_over_ground", "area_over_increase"]].values.tolist()
    [[9.0, 405.0, 105.0]]
    """
    instance(
        observations,
        "observations",
        Observations,
        "Observations, as a reader returns them",
    )
    chosen = observations if analyte is None else observations.of(analyte)
    columns = _checked_groups(per)
    scale = _TIME_UNITS[choice(time_unit, "time_unit", _TIME_UNITS)]
    form = chosen.table[chosen.table["censored"] != "missing"]
    if form.empty:
        raise InputError(
            what=observations.name,
            expected="at least one sample that is not missing",
            found="none",
        )
    form = form.assign(time=_times(form, "day" in columns, observations.name))
    groups = [same for _, same in form.groupby(list(columns), sort=False, dropna=False)]
    persons = [str(same["person"].iloc[0]) for same in groups]
    if (route is None) != (dose_time is None):
        # the samples' own 0 may be a midnight, at which nobody was given anything
        missing = "route" if route is None else "dose_time"
        expected = "both route and dose_time, or neither (dose_time=0 where minutes count from it)"
        raise InputError(what=missing, expected=expected, found="none", key=(missing,))
    given_at = _each(dose_time, persons, observations, "dose_time", _minutes)
    t, y, below, above = _padded(groups, given_at, scale, observations.name)
    figures = figures_of_curves(
        t, y, below=below, above=above, rule=rule, baseline=baseline, method=method, route=route,
        dose=None if dose is None else _each(dose, persons, observations, "dose", number),
        infusion=_minutes(infusion, "infusion") / scale,
    )  # fmt: skip
    about = pd.DataFrame([{name: same[name].iloc[0] for name in columns} for same in groups])
    level = [str(same["unit"].iloc[0]) for same in groups]
    table = pd.concat(
        [about.assign(unit=level, time_unit=time_unit), figures.to_pandas()],
        axis=1,
    )
    table.attrs["units"] = _units(level, time_unit)
    return table


def _checked_groups(per: Any) -> tuple[str, ...]:
    """The columns that tell curves apart; a person and an analyte always do."""
    columns = texts(per, "per", of=f"columns among {', '.join(_GROUPS)}", least=1)
    for column in columns:
        choice(column, "per", _GROUPS)
    if missing := [column for column in ("person", "analyte") if column not in columns]:
        raise InputError(
            what="per", expected=f"{missing[0]!r} among them", found=repr(list(columns)),
            key=("per",),
        )  # fmt: skip
    return tuple(dict.fromkeys(columns))


def _times(form: pd.DataFrame, by_day: bool, name: str) -> pd.Series:
    """Minutes of every sample: since midnight of its own day where days are curves."""
    minutes, clock, day = (
        form["minutes"],
        form["clock"],
        form["day"].astype(float),
    )
    if by_day:
        times = clock.where(clock.notna(), minutes - units.DAY * day)
    else:
        # a clock alone is a time where nobody knows of days
        times = minutes.where(minutes.notna() | day.notna(), clock)
    if times.isna().any():
        line = int(form.loc[times.isna(), "line"].iloc[0])
        raise InputError(
            what=f"{name}, line {line}",
            expected="a time of every sample: minutes, or a clock time",
            found="none",
            key=("minutes",),
        )
    return times


def _minutes(value: Any, label: str) -> float:
    """Minutes from a number, a clock time or a length of time."""
    if not isinstance(value, str):
        return number(value, label)
    return units.clock(value, label) if units.is_clock(value) else units.duration(value, label)


def _each(
    value: Any,
    persons: Sequence[str],
    observations: Observations,
    label: str,
    read: Any,
) -> FloatArray:
    """A number for each curve: one for all, or its person's own; 0 where nothing is given."""
    if value is None:
        return np.zeros(len(persons))
    if not isinstance(value, Mapping):
        return np.full(len(persons), read(value, label))
    for person in value:
        if person not in observations.persons:
            where = f"in {observations.name}"
            raise unknown_name("person", person, observations.persons, where, key=(label,))
    if missing := [person for person in persons if person not in value]:
        expected = "an entry for every person, or one number for all"
        raise InputError(
            what=label,
            expected=expected,
            found=f"none for {missing[0]!r}",
            key=(label,),
        )
    return np.array([read(value[person], f"{label}, {person!r}") for person in persons])


def _padded(
    groups: Sequence[pd.DataFrame],
    given_at: FloatArray,
    scale: float,
    name: str,
) -> tuple[FloatArray, ...]:
    """(times, levels, limits below, limits above), a row a curve, NaN behind its last sample."""
    length = max(len(same) for same in groups)
    tables = tuple(np.full((len(groups), length), np.nan) for _ in range(4))
    for row, same in enumerate(groups):
        ordered = same.sort_values("time", kind="stable")
        _require_distinct(ordered, name)
        censored, limit = (
            ordered["censored"].to_numpy(),
            ordered["limit"].to_numpy(),
        )
        columns = (
            (ordered["time"].to_numpy() - given_at[row]) / scale,
            ordered["value"].to_numpy(),
            np.where(censored == "below", limit, np.nan),
            np.where(censored == "above", limit, np.nan),
        )
        for table, column in zip(tables, columns, strict=True):
            table[row, : len(same)] = column
    return tables


def _require_distinct(ordered: pd.DataFrame, name: str) -> None:
    """Raise for two samples of one curve at one time, and for two units."""
    doubled = ordered["time"].duplicated(keep=False).to_numpy()
    if doubled.any():
        first = ordered[doubled]
        lines = first.loc[first["time"] == first["time"].iloc[0], "line"].tolist()
        raise InputError(
            what=f"{name}, lines {' and '.join(map(str, lines[:2]))}",
            expected="one sample of a curve at a time",
            found=f"{counted(len(lines), 'sample')} of {first['person'].iloc[0]!r} at once",
            remedy="average or drop one of them, or name in per= what tells them apart",
            key=("per",),
        )


def _units(level: Sequence[str], time_unit: str) -> dict[str, str]:
    """Column -> its unit, where all rows share one."""
    shared = level[0] if len(set(level)) == 1 else ""
    of_levels = dict.fromkeys(_LEVELS, shared)
    area = f"{shared} {time_unit}" if shared else ""
    return (
        of_levels
        | dict.fromkeys(_TIMES, time_unit)
        | dict.fromkeys(_AREAS, area)
        | {
            "rate": f"1/{time_unit}",
            "span": "half-lives",
            "share_extrapolated": "1",
        }
    )
