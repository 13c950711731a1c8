"""The arms of a trial over its visits: mean readings with the interval of one trial, and how many
are still there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.plots.colours import arm_looks
from oxysim.plots.picture import own_axes
from oxysim.plots.style import LOOKS, drawing, legend_beside, sentence, size_ticks, unit_text, words
from oxysim.statistics.monte_carlo import half_width
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.trial_result import TrialResult
from oxysim.units import DAY, MONTH

# From this many minutes between the first and the last visit on, a unit of so many minutes is read.
_SPANS = (
    (6 * MONTH, MONTH, "months"),
    (15 * DAY, 7 * DAY, "weeks"),
    (2 * DAY, DAY, "days"),
    (120.0, 60.0, "hours"),
)


class _Arm(NamedTuple):
    """Of each visit of a period: its time, the mean, half the interval's width, and how many were
    read.
    """

    times: FloatArray
    mean: FloatArray
    half: FloatArray
    n: FloatArray


def arms_over_time(result: TrialResult, endpoint: str = "", ax: Axes | None = None) -> Axes:
    """What an endpoint's instrument reads at every visit, an arm a line: means over replications,
    and bars as wide as the 95 % interval of one trial's mean. Under the axis stands how many
    participants a trial reads.

    Parameters
    ----------
    endpoint : whose instrument; default the primary one. In a crossover visits are counted from the
        start of a period.

    Raises
    ------
    InputError : no result of a trial, more than six arms. UnknownNameError : no such endpoint.

    >>> import oxysim as ox
    >>> pool = ox.Population.named("community").sample(4, seed=1)
    >>> arms = {"placebo": ox.Placebo(at="10:00"), "spray": ox.NasalSpray("24 IU", at="10:00")}
    >>> endpoint = ox.Endpoint("saliva_oxytocin", at="3 h")
    >>> trial = ox.Trial(pool, ox.Crossover(arms, period="4 h"), endpoint)
    >>> result = trial.run(4, replications=2, progress=False)
    >>> ax = ox.plots.arms_over_time(result)
    >>> ax.get_xlabel(), ax.get_legend_handles_labels()[1]
    ('Time since the start of the period (hours)', ['placebo', 'spray'])
    """
    checks.instance(result, "result", TrialResult, "what Trial.run() returns")
    judged = result.trial.endpoint(checks.name(endpoint, "endpoint") if endpoint != "" else "")
    names = result.trial.design.names
    if len(names) > len(LOOKS):
        raise checks.refused(len(names), "arms", f"at most {len(LOOKS)} to tell apart")
    arms = {name: _arm(result, judged, name) for name in names}
    # the largest unit that the visits span about twice; minutes below two hours
    span, size, word = next(
        (s for s in _SPANS if max(a.times[-1] for a in arms.values()) >= s[0]), (0, 1.0, "minutes")
    )
    with drawing():
        ax = own_axes(ax, (7.2, 3.9))
        _draw(ax, arms, size)
        _counts(ax, arms, size)
        ax.set_ylabel(f"{sentence(words(judged.tool.name))} ({_unit(judged)})")
        start = "the start of the period" if len(result.trial.design.starts) > 1 else "enrolment"
        # pushed down by as many lines as there are rows of numbers above it
        ax.set_xlabel(f"Time since {start} ({word})", labelpad=4 + 10 * len(arms))
        legend_beside(ax, title=f"mean of {result.replications} trials;\nbar: 95 % interval of one")
        size_ticks(ax)
    return ax


def _arm(result: TrialResult, endpoint: Endpoint, name: str) -> _Arm:
    sample, design, visits = result.sample, result.trial.design, len(result.trial.places)
    # who left the trial is not read any more, whatever was computed
    seen = np.where(sample.stays, sample.readings[endpoint.source], np.nan)
    values = np.full((*seen.shape[:2], visits), np.nan)
    for period in range(len(design.starts)):
        # a participant's periods stand one after the other, each with the same visits
        visit_slice = slice(period * visits, (period + 1) * visits)
        in_arm = np.array([course.arms[period] == name for course in design.courses])[sample.course]
        values = np.where(in_arm[..., None], seen[..., visit_slice], values)
    read = ~np.isnan(values)
    n = read.sum(axis=1)
    # where nobody is left the mean is 0 / 0: a gap in the line, and no warning
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(read, values, 0.0).sum(axis=1) / n
    # in each replication by itself, over participants, who go to the last axis for it
    half = half_width(np.moveaxis(values, 1, -1))
    first = result.trial.occasions[:visits]
    # in a crossover from the start of a period, so that its periods lie over each other
    times = np.array([occasion.planned for occasion in first]) - first[0].planned
    return _Arm(times, _over(mean), _over(half), n.mean(axis=0))


def _over(values: FloatArray) -> FloatArray:
    """The mean over the replications that have a number."""
    finite = np.isfinite(values)
    # a replication in which nobody is left at a visit has no number there
    total = np.where(finite, values, 0.0).sum(axis=0)
    return np.divide(
        total, finite.sum(axis=0), out=np.full(values.shape[1], np.nan), where=finite.any(axis=0)
    )


def _draw(ax: Axes, arms: Mapping[str, _Arm], size: float) -> None:
    longest = max(arm.times[-1] for arm in arms.values()) / size
    for position, (look, (name, arm)) in enumerate(
        zip(arm_looks(list(arms)), arms.items(), strict=True)
    ):
        # side by side, so that no bar hides another
        aside = 0.012 * longest * (position - (len(arms) - 1) / 2)
        ax.errorbar(
            arm.times / size + aside,
            arm.mean,
            yerr=arm.half,
            color=look.colour,
            linestyle=look.line,
            marker=look.marker,
            markersize=5,
            capsize=3,
            linewidth=1.6,
            elinewidth=1.0,
            label=name,
            zorder=3,
        )
    # room for the first and the last bar
    ax.set_xlim(-0.06 * longest, 1.06 * longest)
    first = next(iter(arms.values()))
    # ticks at the visits: nothing was read between them
    ax.set_xticks(first.times / size, [f"{round(time, 1):g}" for time in first.times / size])


def _counts(ax: Axes, arms: Mapping[str, _Arm], size: float) -> None:
    """A row of numbers an arm under the ticks."""
    for row, (look, arm) in enumerate(zip(arm_looks(list(arms)), arms.values(), strict=True)):
        options: Any = {
            "textcoords": "offset points",
            "annotation_clip": False,
            "fontsize": 8,
            "color": look.colour,
        }
        # below the tick labels (22 points), 10 points a line of 8-point numbers
        down = -22 - 10 * row
        ax.annotate("n", (0.0, 0.0), (-8, down), xycoords="axes fraction", ha="right", **options)
        for time, n in zip(arm.times, arm.n, strict=True):
            ax.annotate(
                f"{n:.0f}",
                (time / size, 0.0),
                (0, down),
                xycoords=ax.get_xaxis_transform(),
                ha="center",
                **options,
            )


def _unit(endpoint: Endpoint) -> str:
    return (
        unit_text(f"caregiver.{endpoint.tool.name}", endpoint.tool.unit)
        if endpoint.tool.unit != "1"
        else "scale"
    )
