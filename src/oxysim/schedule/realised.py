"""The realised schedule: exact edges, and the level of every channel between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import array, choice, number
from oxysim.errors import InputError
from oxysim.model.inputs import (
    CAREGIVER_CHANNELS,
    INFANT_CHANNELS,
    CaregiverInputs,
    Channel,
    planned_contact,
    require_level,
)
from oxysim.schedule.bouts import TOLERANCE, Bout, Bouts, Window
from oxysim.schedule.options import moment_text
from oxysim.texts import Described, listed
from oxysim.units import DAY, clock_text

if TYPE_CHECKING:
    import pandas as pd


# fixed, so that the table of a schedule in which nothing happens has them too
_COLUMNS = (
    "label", "kind", "member", "start_day", "start_clock", "stop_clock", "minutes", "channel",
    "level",
)  # fmt: skip


_ROUTINE_CONTACT = CaregiverInputs._fields.index("routine_contact")


@dataclass(frozen=True, eq=False)
class Realised(Described):
    """A schedule laid out over the simulated window: piecewise constant inputs with exact edges.

    Attributes
    ----------
    edges : shape (n_segments + 1,), minutes since 00:00 on the day of birth, strictly increasing;
        the first is the start of the window and the last its stop. There is no edge where nothing
        changes.
    levels : for each member (a caregiver's name or "infant") the levels in force, shape
        (n_segments, n_channels), in the field order of `CaregiverInputs` or `InfantInputs`.
    sources : the bouts behind them, one entry for each source and member, cut to the window.

    >>> from oxysim import NasalSpray, Routine
    >>> day = (Routine.empty() + NasalSpray("24 IU", at="10:00")).realise(540.0, 660.0)
    >>> day.edges
    array([540., 600., 601., 660.])
    """

    edges: FloatArray
    levels: dict[str, FloatArray]
    sources: tuple[Bouts, ...]

    @cached_property
    def bouts(self) -> tuple[Bout, ...]:
        """Every bout of the window, in the order of time."""
        # a source may write nothing and only interrupt: it has no row in a table
        writing = (bout for source in self.sources if source.levels for bout in source)
        return tuple(sorted(writing, key=lambda bout: (bout.start, bout.label, bout.member)))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its window, its stretches and whom it reaches; ``to_pandas()`` has every bout."""
        labels = dict.fromkeys(source.label for source in self.sources)
        return "Realised schedule", [
            ("from", moment_text(float(self.edges[0]))),
            ("to", moment_text(float(self.edges[-1]))),
            ("in", f"{self.n_segments} stretches of constant input"),
            ("of", listed(self.levels)),
            ("with", listed(labels, 12) or "nothing happening"),
        ]

    @property
    def n_segments(self) -> int:
        """How many stretches of constant input the window has."""
        return len(self.edges) - 1

    def inputs_at(self, member: str, times: npt.ArrayLike) -> FloatArray:
        """The levels in force for `member` at `times`, shape (*times.shape, n_channels).

        At an edge the level is that of the stretch which begins there; at the window's stop, of the
        last stretch.

        Raises
        ------
        UnknownNameError : no such member.
        InputError : a time outside the window.

        >>> from oxysim import NasalSpray, Routine
        >>> from oxysim.model.inputs import CAREGIVER_CHANNELS
        >>> day = (Routine.empty() + NasalSpray("24 IU", at="10:00")).realise(540.0, 660.0)
        >>> spray = list(CAREGIVER_CHANNELS).index("nasal_spray")
        >>> day.inputs_at("mother", [599.0, 600.5])[:, spray]
        array([ 0., 24.])
        """
        member = choice(member, "member", self.levels)
        moments = array(times, "times")
        if not np.all(
            (moments >= self.edges[0] - TOLERANCE) & (moments <= self.edges[-1] + TOLERANCE)
        ):
            raise InputError(
                f"times: expected minutes in the simulated window [{self.edges[0]:g},"
                f" {self.edges[-1]:g}]; found {np.min(moments):g} to {np.max(moments):g}"
            )
        # a time a rounding error before an edge is the edge
        segment = np.searchsorted(self.edges, moments + TOLERANCE, side="right") - 1
        return self.levels[member][np.clip(segment, 0, self.n_segments - 1)]

    def between(self, start: float, stop: float) -> Realised:
        """The same schedule from `start` to `stop`, which lie inside the window.

        Both in minutes since 00:00 on the day of birth.

        >>> from oxysim import NasalSpray, Routine
        >>> day = Routine.empty() + NasalSpray("24 IU", at="10:00")
        >>> day.realise(540.0, 660.0).between(600.0, 630.0).n_segments
        2
        """
        low, high = float(self.edges[0]), float(self.edges[-1])
        start = number(start, "start", low - TOLERANCE, high + TOLERANCE)
        stop = number(stop, "stop", start, high + TOLERANCE)
        first = int(np.searchsorted(self.edges, start + TOLERANCE, side="right")) - 1
        last = int(np.searchsorted(self.edges, stop - TOLERANCE))
        edges = np.concatenate(([start], self.edges[first + 1 : last], [stop]))
        levels = {member: table[first:last] for member, table in self.levels.items()}
        cut = [source.within(start, stop) for source in self.sources]
        return Realised(edges, levels, tuple(source for source in cut if len(source)))

    def to_pandas(self) -> pd.DataFrame:
        """The realised schedule as a table, one row for each bout and channel.

        Columns: label, kind, member, start_day (1 = day of birth), start_clock, stop_clock,
        minutes, channel, level.

        >>> from oxysim import Massage, Routine
        >>> day = (Routine.empty() + Massage("15 min", at="10:00")).realise(540.0, 660.0)
        >>> day.to_pandas()[["start_clock", "stop_clock", "channel"]].iloc[0].tolist()
        ['10:00', '10:15', 'massage']
        """
        import pandas as pd

        rows: list[tuple[Any, ...]] = []
        for bout in self.bouts:
            # the day of the start alone: a bout past midnight belongs to the evening
            day, start_clock = _day_and_clock(bout.start)
            stop_clock = _day_and_clock(bout.stop)[1]
            source = (bout.label, bout.kind, bout.member)
            times = (day, start_clock, stop_clock, bout.stop - bout.start)
            rows.extend((*source, *times, name, level) for name, level in bout.levels)
        return pd.DataFrame(rows, columns=list(_COLUMNS))


def realised_from(sources: Iterable[Bouts], window: Window) -> Realised:
    """The sources in one window: their edges merged, their levels combined by each channel's rule.

    The order of the sources matters for channels of the rule "replace" only: the later one is in
    force.

    Raises
    ------
    InputError : several sources together leave a channel's legal range.

    >>> realised_from([], Window(0.0, 60.0)).edges
    array([ 0., 60.])
    """
    sources = list(sources)
    cut = [source.within(window.start, window.stop) for source in interrupt(sources)]
    inside = [source for source in cut if len(source)]
    edges, spans = _edges(inside, window)
    channels = {name: CAREGIVER_CHANNELS for name in window.caregivers}
    channels["infant"] = INFANT_CHANNELS
    levels = {}
    for member, rows in channels.items():
        of_member = [
            (source, span)
            for source, span in zip(inside, spans, strict=True)
            if source.member == member
        ]
        levels[member] = _levels(member, rows, of_member, edges)

    # an edge stays only where some level changes: an integrator need not stop for nothing
    changes = np.zeros(len(edges) - 2, dtype=bool)
    for table in levels.values():
        changes |= (table[1:] != table[:-1]).any(axis=1)
    begins = np.concatenate(([True], changes))
    edges = np.append(edges[:-1][begins], edges[-1])
    levels = {member: table[begins] for member, table in levels.items()}
    # After edges are chosen: what is derived makes none of its own.
    for member in window.caregivers:
        levels[member][:, _ROUTINE_CONTACT] = _routine_contact(member, sources, window, edges)
    levels = {member: _read_only(table) for member, table in levels.items()}
    return Realised(_read_only(edges), levels, tuple(inside))


def _routine_contact(
    member: str, sources: Sequence[Bouts], window: Window, edges: FloatArray
) -> FloatArray:
    """The contact that the routine alone plans with a caregiver, its mean in each stretch between
    `edges`.
    """
    # what an intervention interrupts is as it was planned
    of_routine = [
        source.within(window.start, window.stop)
        for source in sources
        if source.kind == "routine" and source.member == member
    ]
    inside = [source for source in of_routine if len(source)]
    own_edges, spans = _edges(inside, window)
    pairs = list(zip(inside, spans, strict=True))
    table = _levels(member, CAREGIVER_CHANNELS, pairs, own_edges)
    contact = planned_contact(CaregiverInputs(*table.T))

    changes = np.concatenate(([True], contact[1:] != contact[:-1]))
    own_edges, contact = np.append(own_edges[:-1][changes], own_edges[-1]), contact[changes]
    first = np.searchsorted(own_edges, edges[:-1] + TOLERANCE, side="right") - 1
    last = np.searchsorted(own_edges, edges[1:] - TOLERANCE) - 1
    # A stretch over which an intervention hides a change of the routine takes the mean.
    total = np.concatenate(([0.0], np.cumsum(contact * np.diff(own_edges))))
    means = np.diff(np.interp(edges, own_edges, total)) / np.diff(edges)
    return np.asarray(np.where(first == last, contact[first], means))


def interrupt(sources: Iterable[Bouts]) -> list[Bouts]:
    """The same sources, with the routine's sleep and absence cut where an intervention rules them
    out.

    >>> interrupt([])
    []
    """
    sources = list(sources)
    # few sources interrupt anything, so most are returned as they are
    interrupting = [source for source in sources if source.interrupts and len(source)]
    result = []
    for source in sources:
        gaps = [gap for gap in interrupting if _interrupts(gap, source)]
        result.append(_without(source, gaps) if gaps else source)
    return result


def _interrupts(interruption: Bouts, source: Bouts) -> bool:
    """Whether a source cuts the time out of another one of the same member."""
    names = {name for name, _ in source.levels}
    return (
        # the day gives way to what is arranged; two interventions are combined, not cut
        source.kind == "routine"
        and interruption.member == source.member
        and not names.isdisjoint(interruption.interrupts)
    )


def _without(source: Bouts, gaps: Sequence[Bouts]) -> Bouts:
    """`source` less the time of all `gaps`."""
    begins = np.concatenate([gap.starts for gap in gaps])
    ends = np.concatenate([gap.stops for gap in gaps])
    order = np.argsort(begins, kind="stable")
    # gaps may lie within each other: the end so far never falls back
    begins, ends = begins[order], np.maximum.accumulate(ends[order])

    starts: list[float] = []
    stops: list[float] = []
    # only gaps that end after the bout begins and begin before it ends, for all bouts at once
    firsts = np.searchsorted(ends, source.starts, side="right").tolist()
    beyonds = np.searchsorted(begins, source.stops).tolist()
    times = zip(source.starts.tolist(), source.stops.tolist(), firsts, beyonds, strict=True)
    for start, stop, first, beyond in times:
        goes_on_from = start
        for gap in range(first, beyond):
            if begins[gap] > goes_on_from:
                starts.append(goes_on_from)
                stops.append(float(begins[gap]))
            goes_on_from = max(goes_on_from, float(ends[gap]))
        if goes_on_from < stop:
            starts.append(goes_on_from)
            stops.append(stop)
    return source.at(np.array(starts, dtype=float), np.array(stops, dtype=float))


def _edges(
    sources: Sequence[Bouts], window: Window
) -> tuple[FloatArray, list[tuple[IntArray, IntArray]]]:
    """The merged edges, and for each source the segments of its bouts (first, one past the last).

    Times within the tolerance of each other are one edge.
    """
    # the window's ends are edges even where nothing happens
    times = [np.array([window.start, window.stop])]
    times += [array for source in sources for array in (source.starts, source.stops)]
    ordered = np.sort(np.concatenate(times))
    edges = ordered[np.concatenate(([True], np.diff(ordered) > TOLERANCE))]
    spans = []
    for source in sources:
        first, last = (
            np.searchsorted(edges, t + TOLERANCE, side="right") - 1
            for t in (source.starts, source.stops)
        )
        spans.append((first, last))
    # the last group holds the window's stop, whichever of its times stands for it
    edges[-1] = window.stop
    return edges, spans


def _levels(
    member: str,
    rows: Mapping[str, Channel],
    sources: Sequence[tuple[Bouts, tuple[IntArray, IntArray]]],
    edges: FloatArray,
) -> FloatArray:
    """The combined levels of one member, whose channels have these `rows`, shape (n_segments,
    n_channels).
    """
    column = {name: i for i, name in enumerate(rows)}
    # column by column the value from which the channel's rule combines
    table = np.tile(np.array([_start_of(row) for row in rows.values()]), (len(edges) - 1, 1))
    for source, (first, last) in sources:
        low, high = int(first.min()), int(last.max())
        # bouts in force are counted in whole numbers, so that a level leaves no rounding error
        # behind when its bout ends
        begun = np.bincount(first - low, minlength=high - low + 1)
        ended = np.bincount(last - low, minlength=high - low + 1)
        count = begun - ended
        on = low + np.flatnonzero(np.cumsum(count)[:-1] > 0)
        for name, level in source.levels:
            _apply(rows[name], table[:, column[name]], on, level)

    for name, row in rows.items():
        values = table[:, column[name]]
        # where nothing was written, the maximum of nothing is the level at rest
        if row.rule == "maximum":
            values[np.isneginf(values)] = row.rest
        for extreme in (float(values.min()), float(values.max())):
            if not row.low <= extreme <= row.high:
                require_level(
                    row, extreme, f"{member}, {moment_text(edges[0])}: the sources together"
                )
    return table


def _start_of(row: Channel) -> float:
    """The value from which combining begins; a maximum begins below everything."""
    return -np.inf if row.rule == "maximum" else row.rest


def _apply(row: Channel, values: FloatArray, on: IntArray, level: float) -> None:
    """Bring one source's level into `values` on the segments `on`, by the channel's rule."""
    match row.rule:
        case "add":
            values[on] += level
        case "maximum":
            values[on] = np.maximum(values[on], level)
        case "multiply":
            values[on] *= level
        case "replace":
            values[on] = level


def _read_only(array: FloatArray) -> FloatArray:
    # one realised schedule serves many dyads: a change in place would reach them all
    array.setflags(write=False)
    return array


def _day_and_clock(minutes: float) -> tuple[int, str]:
    """The day number (1 = day of birth) and the clock time of a moment."""
    # rounded before the day is taken, as in `moment_text`
    day, seconds = divmod(round(minutes * 60), 86400)
    return day + 1, clock_text(seconds % (DAY * 60) / 60)
