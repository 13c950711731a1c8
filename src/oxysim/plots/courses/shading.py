"""Shaded stretches of a time course: interventions, and routine activities on request, each with
its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from oxysim.errors import unknown_name
from oxysim.plots.above import reserve
from oxysim.plots.colours import colour_of
from oxysim.plots.courses.time_axis import TimeAxis
from oxysim.plots.style import LIGHT, SMALL
from oxysim.simulation.results.result import Result
from oxysim.units import DAY, clock

LINE_HEIGHT = 11.0  # points between rows of names
_TINT = 0.22  # of the colour in a shade, so that curves of the same colour are seen on it
# A hatch an activity, so that the one grey tells several apart; the first is plain.
_HATCHES = ("", "///", "...", "\\\\\\")
_LETTER = 4.4  # points that a letter of the smallest text takes, rather more than less


class Span(NamedTuple):
    """A stretch of one activity, in minutes since 00:00 of the first simulated day.

    >>> Span("massage", 600.0, 615.0).stop
    615.0
    """

    label: str
    start: float
    stop: float


def spans_of(result: Result, kind: str, dyad: int | None = None) -> list[Span]:
    """The bouts of "intervention" or "routine" of one dyad (default: the first), in the order of
    time.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> [(span.label, span.start) for span in spans_of(result, "intervention")]
    [('nasal spray 24 IU', 495.0)]
    """
    numbers = result.dataset["dyad"].values.tolist()
    number = numbers[0] if dyad is None else dyad
    table = result.schedule
    table = table[(table["kind"] == kind) & table["dyad"].isin((-1, number))]
    age = float(result.dataset["infant_age"].sel(dyad=number))
    spans = set()
    for label, rows in table.groupby("label"):
        # what was given is the spray; the belief in it lasts for hours and would hide it
        interventions = rows[rows["channel"] != "expectancy"]
        for row in (interventions if len(interventions) else rows).itertuples():
            start = (row.start_day - 1) * DAY + clock(row.start_clock) - age
            # of a belief without a dose only its first minute, when it was raised
            minutes = row.minutes if len(interventions) else min(row.minutes, 1.0)
            spans.add(Span(str(label), start, start + minutes))
    return sorted(spans, key=lambda span: (span.start, span.label))


def merged_spans(spans: Iterable[Span], gap: float) -> list[Span]:
    """Bouts of one name that lie closer than `gap` minutes as one stretch: daily bouts over months
    are one band.

    >>> daily = [Span("massage", 600.0, 615.0), Span("massage", 2040.0, 2055.0)]
    >>> len(merged_spans(daily, gap=1440.0)), len(merged_spans(daily, gap=60.0))
    (1, 2)
    """
    open_spans: dict[str, Span] = {}
    done = []
    for span in sorted(spans, key=lambda span: span.start):
        last = open_spans.get(span.label)
        if last is not None and span.start - last.stop <= gap:
            open_spans[span.label] = last._replace(stop=max(last.stop, span.stop))
            continue
        if last is not None:
            done.append(last)
        open_spans[span.label] = span
    return sorted([*done, *open_spans.values()], key=lambda span: (span.start, span.label))


def shade(ax: Axes, axis: TimeAxis, spans: Sequence[Span], *, named: bool = True) -> None:
    """Shade interventions, each in its own colour, and write their names above the axes.

    What lasts from end to end is named and not shaded, since shade everywhere tells nothing and
    dims the rest.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> axis = TimeAxis("Clock time (h:min)", 1.0, 0.0, 480.0, 720.0)
    >>> shade(axes[0, 0], axis, [Span("massage", 600.0, 615.0)])
    >>> [text.get_text() for text in axes[0, 0].texts]
    ['massage']
    """
    visible = [s for s in spans if s.stop > axis.start and s.start < axis.stop]
    if not axis.is_clock:
        # bouts nearer than a fortieth of the axis would be stripes that no eye separates
        visible = merged_spans(visible, gap=(axis.stop - axis.start) / 40)
    throughout = [s._replace(label=f"{s.label}, throughout") for s in visible if _covers(s, axis)]
    visible = [s for s in visible if not _covers(s, axis)]
    for span in visible:
        low, high = axis.place([max(span.start, axis.start), min(span.stop, axis.stop)])
        ax.axvspan(low, high, facecolor=colour_of(span.label), alpha=_TINT, linewidth=0, zorder=0)
        # narrower than about a line: without a line at its begin a spray would not be seen on an
        # axis of weeks
        if span.stop - span.start < (axis.stop - axis.start) / 150:
            ax.axvline(
                low, color=colour_of(span.label), linewidth=1.0, linestyle=(0, (4, 2)), zorder=1
            )
    rows = _write_names(ax, axis, [*visible, *throughout]) if named else 0
    if rows:
        reserve(ax, 3 + LINE_HEIGHT * rows)


def _covers(span: Span, axis: TimeAxis) -> bool:
    # a fiftieth: who rounds a window to hours has still treated throughout
    slack = 0.02 * (axis.stop - axis.start)
    return span.start <= axis.start + slack and span.stop >= axis.stop - slack


def shade_routine(
    ax: Axes, axis: TimeAxis, spans: Sequence[Span], labels: Sequence[str]
) -> list[Patch]:
    """Shade routine activities in grey with hatching; returns the entries for the legend.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> axis = TimeAxis("Clock time (h:min)", 1.0, 0.0, 480.0, 720.0)
    >>> sleep = [Span("infant sleep", 540.0, 600.0)]
    >>> [entry.get_label() for entry in shade_routine(axes[0, 0], axis, sleep, ["infant sleep"])]
    ['infant sleep']
    """
    labelled = {span.label for span in spans}
    entries = []
    for position, label in enumerate(labels):
        if label not in labelled:
            raise unknown_name("routine activity", label, labelled, "in this schedule")
        look: Any = {
            "facecolor": LIGHT,
            # half opaque, so that two activities at one time show both hatches
            "alpha": 0.45,
            "hatch": _HATCHES[position % len(_HATCHES)],
            "edgecolor": "white",
        }
        for span in spans:
            if span.label == label and span.stop > axis.start and span.start < axis.stop:
                low, high = axis.place([max(span.start, axis.start), min(span.stop, axis.stop)])
                ax.axvspan(low, high, linewidth=0, zorder=-1, **look)
        entries.append(Patch(label=label, linewidth=0, **look))
    return entries


def _write_names(ax: Axes, axis: TimeAxis, spans: Sequence[Span]) -> int:
    """One name for each stretch (or for the first of many of one name), in rows so that none lies
    on another.
    """
    # lays the axes out, so that their width is the final one
    ax.figure.canvas.figure.draw_without_rendering()
    width = ax.get_window_extent().width / ax.figure.dpi * 72
    # points of the page for a minute of the axis
    per_minute = width / max(axis.stop - axis.start, 1e-9)
    counts = {label: sum(s.label == label for s in spans) for label in {s.label for s in spans}}
    ends: list[float] = []
    written: set[str] = set()
    for span in spans:
        # up to three bouts are named each; of more the first says how many
        if counts[span.label] > 3 and span.label in written:
            continue
        text = span.label + (
            f" (\N{MULTIPLICATION SIGN}{counts[span.label]})" if counts[span.label] > 3 else ""
        )
        written.add(span.label)
        # matplotlib knows the width of a text only once it is drawn; an estimate that is rather too
        # wide keeps names apart
        extent = _LETTER * len(text)
        middle = (max(span.start, axis.start) + min(span.stop, axis.stop)) / 2
        # over the middle of what is seen of it, moved inwards where it would leave the axes
        centre = float(
            np.clip(
                (middle - axis.start) * per_minute, extent / 2, max(width - extent / 2, extent / 2)
            )
        )
        # the lowest row whose last name ends before this one begins
        row = next((i for i, end in enumerate(ends) if centre - extent / 2 > end), len(ends))
        right = centre + extent / 2 + 4  # four points of air before the next name
        if row == len(ends):
            ends.append(right)
        else:
            ends[row] = right
        centre_at = axis.place(axis.start + centre / per_minute)
        ax.annotate(
            text,
            (float(centre_at), 1.0),
            (0, 3 + LINE_HEIGHT * row),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            annotation_clip=False,
        )
    return len(ends)
