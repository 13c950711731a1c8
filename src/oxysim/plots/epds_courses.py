"""The courses of depression in a birth cohort: thin lines of some dyads, the mean of each class, and its share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim.errors import InputError
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, LOOKS, drawing, legend_beside, size_ticks
from oxysim.streams import stream
from oxysim.trials.cohort import Cohort
from oxysim.trials.courses import AGES, COURSES, HIGH, course_classes
from oxysim.units import MONTH, duration

SHOWN = 12  # courses of each class that are drawn thin


def epds_courses(
    cohort: Cohort, ax: Axes | None = None, *, at: Sequence[str] = AGES, shown: int = SHOWN, cutoff: float = HIGH
) -> Axes:
    """The EPDS without measurement error over the infant's age: some dyads of each class as thin lines, the class's
    mean as a thick one. Classes are told by three readings with error, as a study would: see ``trials.courses``.

    Parameters
    ----------
    cohort : dyads followed from birth, as ``trials.following.follow`` makes it, beyond the last of the ages `at`.
    at : the three ages at which the EPDS is read to tell the classes.
    shown : thin lines of each class, drawn by chance, at most.
    cutoff : EPDS points of the dashed line.

    Raises
    ------
    InputError : no cohort, ages that it does not cover, other than three of them, a negative `shown`.
    """
    if not isinstance(cohort, Cohort):
        raise InputError(f"cohort: expected what trials.following.follow() returns; found {cohort!r}")
    if len(at) != len(AGES) or isinstance(at, str):
        raise InputError(f"at: expected three ages such as {list(AGES)}; found {at!r}")
    if isinstance(shown, bool) or not isinstance(shown, int) or shown < 0:
        raise InputError(f"shown: expected a whole number of at least 0; found {shown!r}")
    courses = np.asarray(cohort["caregiver.epds"].values, dtype=float)
    classes = course_classes(cohort.readings("epds", list(at)))
    months = (cohort.times + float(cohort.who.ages()[0])) / MONTH
    with drawing():
        ax = own_axes(ax, (7.6, 4.0))
        for k in range(len(COURSES)):
            _draw(ax, months, courses, classes, k, shown)
        ax.axhline(cutoff, color=BLACK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
        ax.annotate(f"EPDS {cutoff:g}", (1.0, cutoff), (3, 0), xycoords=ax.get_yaxis_transform(), va="center",
                    textcoords="offset points", fontsize=8, annotation_clip=False)  # fmt: skip
        for age in at:
            ax.axvline(duration(age) / MONTH, color=BLACK, linewidth=0.6, linestyle=":", zorder=1)
        ax.set_xlim(float(months[0]), float(months[-1]))
        ax.set_ylim(bottom=0)
        ax.set_xlabel("Infant age (months); classes read at the dotted ages")
        ax.set_ylabel("Mother's EPDS (points)")
        legend_beside(ax, title="Class by three readings:\nmean and some of its dyads")
        size_ticks(ax)
    return ax


def _draw(ax: Axes, months: Any, courses: Any, classes: Any, k: int, shown: int) -> None:
    """One class: some of its dyads, its mean, and its share of those who were classed."""
    members, look = np.flatnonzero(classes == k), LOOKS[k]
    total = int((classes >= 0).sum())
    share = f"{COURSES[k]}: {100 * len(members) / total:.0f} %" if total else COURSES[k]
    if not len(members):
        ax.plot([], [], color=look.colour, linestyle=look.line, linewidth=2.6, label=share)
        return
    chosen = stream(k, 0, "courses drawn").permutation(members)[:shown]
    ax.plot(months, courses[chosen].T, color=look.colour, linewidth=0.6, alpha=0.4, zorder=2)
    ax.plot(months, np.nanmean(courses[members], axis=0), color=look.colour, linestyle=look.line, linewidth=2.6,
            label=share, zorder=4)  # fmt: skip
