"""The courses of depression in a birth cohort: thin lines of some dyads, the mean of each class,
and its share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.trajectory_classes import AGES, COURSES, HIGH, course_classes
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, LOOKS, cut_off_line, drawing, legend_beside, size_ticks
from oxysim.streams import stream
from oxysim.units import MONTH, duration

SHOWN = 12  # courses of each class that are drawn thin


def epds_courses(
    cohort: Cohort,
    ax: Axes | None = None,
    *,
    at: Sequence[str] = AGES,
    shown: int = SHOWN,
    cutoff: float = HIGH,
) -> Axes:
    """The EPDS without measurement error over the infant's age: some dyads of each class as thin
    lines, the class's mean as a thick one. Classes are told by three readings with error, as a
    study would: see ``cohorts.trajectory_classes``.

    Parameters
    ----------
    cohort : dyads followed from birth, as ``cohorts.follow`` makes it, beyond the last of the ages
        `at`.
    at : the three ages at which the EPDS is read to tell the classes.
    shown : thin lines of each class, drawn by chance, at most.
    cutoff : EPDS points of the dotted line.

    Raises
    ------
    InputError : no cohort, ages that it does not cover, other than three of them, a negative
    `shown`.

    >>> import oxysim as ox
    >>> community = ox.Population.named("community")
    >>> birth = ox.cohorts.follow(community, 4, until="4 weeks", every="1 week", seed=1)
    >>> ax = ox.plots.epds_courses(birth, at=["1 week", "2 weeks", "4 weeks"])
    >>> ax.get_legend().get_texts()[0].get_text()
    'low stable: 50 %'
    """
    checks.instance(cohort, "cohort", Cohort, "what cohorts.follow() returns")
    at = checks.sequence(at, "at", checks.name, of=f"three ages such as {list(AGES)}", least=0)
    if len(at) != len(AGES):
        raise checks.refused(list(at), "at", f"three ages such as {list(AGES)}")
    checks.whole_number(shown, "shown", 0)
    checks.number(cutoff, "cutoff", 0, 30)
    courses = np.asarray(cohort["caregiver.epds"].values, dtype=float)
    classes = course_classes(cohort.readings("epds", list(at)))
    # all dyads of a cohort are of one age, so the first's is everybody's
    months = (cohort.times + float(cohort.who.ages()[0])) / MONTH
    with drawing():
        ax = own_axes(ax, (7.6, 4.0))
        for k in range(len(COURSES)):
            _draw(ax, months, courses, classes, k, shown)
        cut_off_line(ax, cutoff, left=True)  # courses are low and close together at birth
        for age in at:
            ax.plot(
                duration(age) / MONTH,
                0.0,
                "^",
                color=BLACK,
                markersize=5,
                clip_on=False,
                zorder=5,
                label="_age",
            )
        ax.set_xlim(float(months[0]), float(months[-1]))
        # from 0, so that heights can be compared between cohorts
        ax.set_ylim(bottom=0)
        ax.set_xlabel("Infant age (months); classes are read at the triangles")
        ax.set_ylabel("Mother's EPDS (points)")
        legend_beside(ax, title="Class by three readings:\nmean and some of its dyads")
        size_ticks(ax)
    return ax


def _draw(ax: Axes, months: Any, courses: Any, classes: Any, k: int, n_shown: int) -> None:
    """One class: some of its dyads, its mean, and its share of those who were classed."""
    members, look = np.flatnonzero(classes == k), LOOKS[k]
    # who lacks a reading has no class and is in no share
    total = int((classes >= 0).sum())
    share = f"{COURSES[k]}: {100 * len(members) / total:.0f} %" if total else COURSES[k]
    # a class that nobody is in still has its line in the legend, with its share of 0 %
    if not len(members):
        ax.plot([], [], color=look.colour, linestyle=look.line, linewidth=2.6, label=share)
        return
    # a stream of its own for each class, so that the lines of one do not depend on another's size
    chosen = stream(k, 0, "courses drawn").permutation(members)[:n_shown]
    ax.plot(months, courses[chosen].T, color=look.colour, linewidth=0.6, alpha=0.4, zorder=2)
    ax.plot(
        months,
        np.nanmean(courses[members], axis=0),
        color=look.colour,
        linestyle=look.line,
        linewidth=2.6,
        label=share,
        zorder=4,
    )
