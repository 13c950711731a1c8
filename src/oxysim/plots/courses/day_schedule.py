"""The day's schedule as a timeline: a row an activity, grouped by member; routine in grey,
interventions in colour.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.errors import InputError
from oxysim.plots.colours import colour_of
from oxysim.plots.dyad_numbers import is_dyad_number
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, GREY, LIGHT, drawing, legend_beside, size_ticks, words
from oxysim.schedule import Realised
from oxysim.simulation.results.result import Result
from oxysim.units import DAY, clock

_SHORTEST = 10.0  # minutes: a shorter bar would not be seen


# What is drawn, and by what it is told from another: equal bouts of several sources are one bar.
class _Bar(NamedTuple):
    member: str
    row: str
    kind: str
    label: str
    start: float
    stop: float


def day_schedule(
    source: Result | Realised,
    ax: Axes | None = None,
    *,
    day: int = 1,
    by: Literal["label", "channel"] = "label",
    dyad: int | None = None,
) -> Axes:
    """One day of a realised schedule over the clock, from 00:00 to 24:00.

    Parameters
    ----------
    source : a result, or what ``Schedule.realise`` gives.
    day : which day of it, 1 for the first.
    by : a row for each activity ("label") or for each input channel ("channel").
    dyad : of a result whose dyads have days of their own, which one; default the first.

    Raises
    ------
    InputError : not a schedule, or nothing happens on that day.

    >>> import oxysim as ox
    >>> day = ox.Routine.typical() + ox.NasalSpray("24 IU", at="10:00")
    >>> ax = ox.plots.day_schedule(day.realise(0, 1440))
    >>> [text.get_text() for text in ax.get_yticklabels() if "spray" in text.get_text()]
    ['mother: nasal spray 24 IU']
    """
    checks.choice(by, "by", ("label", "channel"))
    checks.whole_number(day, "day")
    bars = _bars(source, day, by, dyad)
    rows = _rows(bars)
    with drawing():
        # a quarter of an inch a row holds a label of 8 points with air
        ax = own_axes(ax, (8.2, 0.9 + 0.24 * len(rows)))
        for bar in bars:
            # an intervention is hatched too: a print without colours must tell it from the routine
            special = bar.kind == "intervention"
            ax.barh(
                rows[bar.member, bar.row],
                max(bar.stop - bar.start, _SHORTEST),
                left=bar.start,
                height=0.66,
                color=colour_of(bar.label) if special else LIGHT,
                edgecolor=BLACK if special else GREY,
                linewidth=0.6,
                hatch="////" if special else None,
            )
        _finish(ax, rows)
        legend_beside(ax, handles=_entries())
    return ax


def _bars(source: Any, day: int, by: str, dyad: int | None) -> list[_Bar]:
    # a result may hold dyads with days of their own; a realised schedule is one day's plan
    if isinstance(source, Result):
        numbers = source.dataset["dyad"].values.tolist()
        number = numbers[0] if dyad is None else dyad
        if not is_dyad_number(number, numbers):
            raise checks.refused(dyad, "dyad", f"one of dyads {numbers[0]} to {numbers[-1]}")
        table = source.schedule[source.schedule["dyad"].isin((-1, number))]
        first = int(source.dataset["infant_age"].sel(dyad=number) // DAY) + 1
    elif isinstance(source, Realised):
        table, first = source.to_pandas(), int(source.edges[0] // DAY) + 1
    else:
        raise checks.refused(source, "source", "a result or a realised schedule")
    if by == "label":
        # a bout that only a belief outlives is drawn as long as what was given
        table = table[(table["channel"] != "expectancy") | ~table["label"].isin(_with_dose(table))]
    bars = {
        _Bar(
            row.member, words(getattr(row, by)), row.kind, row.label, *_within(row, first + day - 1)
        )
        for row in table.itertuples()
    }
    # by everything that a bar has: bars that begin together lie over each other in one order only,
    # whatever order the set has in this process
    sorted_bars = sorted(
        (bar for bar in bars if bar.stop > bar.start), key=lambda bar: (bar.start, bar.row, *bar)
    )
    if not sorted_bars:
        raise InputError(
            f"day {day}: nothing happens on it in this schedule, or it was not simulated"
        )
    return sorted_bars


def _with_dose(table: Any) -> set[str]:
    return set(table.loc[table["channel"] != "expectancy", "label"])


def _within(row: Any, day: int) -> tuple[float, float]:
    """Start and stop of a bout within the day, in minutes of its clock; stop <= start where it lies
    outside.
    """
    start = (row.start_day - day) * DAY + clock(row.start_clock)
    low, high = np.clip([start, start + row.minutes], 0.0, DAY).tolist()
    return low, high


def _rows(bars: list[_Bar]) -> dict[tuple[str, str], float]:
    """The height of each row: caregivers on top, the infant below, interventions first within a
    member.
    """
    members = sorted(
        {bar.member for bar in bars}, key=lambda name: (name == "infant", name != "mother", name)
    )
    rows: dict[tuple[str, str], float] = {}
    height = 0.0
    for member in members:
        member_rows = sorted({(bar.kind, bar.row) for bar in bars if bar.member == member})
        for _, row in member_rows:
            if (member, row) not in rows:
                rows[member, row] = height
                height -= 1.0
        # half a row of air between members
        height -= 0.5
    return rows


def _finish(ax: Axes, rows: dict[tuple[str, str], float]) -> None:
    ax.set_yticks(list(rows.values()), [f"{member}: {row}" for member, row in rows])
    ax.set_ylim(min(rows.values()) - 0.6, 0.6)
    # midnight stands at both ends
    hours = range(0, 25, 3)
    ax.set_xlim(0, DAY)
    ax.set_xticks([60 * hour for hour in hours], [f"{hour:02d}:00" for hour in hours])
    ax.set_xlabel("Clock time (h:min)")
    ax.grid(axis="x", color=LIGHT, linewidth=0.5)
    ax.set_axisbelow(True)
    size_ticks(ax)


def _entries() -> list[Patch]:
    return [
        Patch(
            facecolor="white",
            edgecolor=BLACK,
            hatch="////",
            linewidth=0.6,
            label="intervention, in its own colour",
        ),
        Patch(facecolor=LIGHT, edgecolor=GREY, linewidth=0.6, label="routine"),
    ]
