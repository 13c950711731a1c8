"""Who is seen at the visit of a cross-section, when, and to which group each dyad belongs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cohort_view import KEPT
from oxysim.cohorts.cross_sectional_measures import MORNING, STEP, Measure
from oxysim.cohorts.follow_up import visit
from oxysim.errors import InputError
from oxysim.measures import Instrument
from oxysim.measures.instrument_names import distinct_user_instruments
from oxysim.population.criteria import Criterion, read_criteria
from oxysim.streams import position_uniforms
from oxysim.trials.participant_groups import Groups, groups
from oxysim.trials.plan.limits import require_replications

SCREENING = "screening"  # the occasion of the readings that put dyads into groups
SMALLEST = 4  # dyads in a group of one study


@dataclass(frozen=True, eq=False)
class VisitedCohort:
    """A cohort, the day on which it is visited, and who belongs to each group.

    Attributes
    ----------
    cohort : as it was followed.
    day : the visit; None where nothing is read at one.
    members : group -> positions of its dyads in the cohort.

    >>> from oxysim.cohorts.follow_up import follow
    >>> from oxysim.families import Dyad
    >>> cohort = follow(Dyad(infant_age="0 d").repeat(2), until="1 d", every="1 d")
    >>> epds = Measure("epds", age="1 d")
    >>> VisitedCohort.of(cohort, (1440.0, 1440.0), [epds], {}, None).members
    {'everybody': array([0, 1])}
    """

    cohort: Cohort
    day: Cohort | None
    members: Mapping[str, IntArray]

    @classmethod
    def of(
        cls,
        cohort: Cohort,
        ages: tuple[float, float],
        measures: Sequence[Measure],
        conditions: Mapping[str, Any],
        day: Any,
    ) -> VisitedCohort:
        """Visit a cohort and sort its dyads into groups.

        Parameters
        ----------
        ages : of the infants at the visit, minutes: the two ends of a range.
        measures : what is read, at the visit or at an age of its own.
        conditions : group -> conditions of entry; none: everybody.
        day : what happens on the day of the visit; None: the day they live.

        Raises
        ------
        InputError : a day where nothing is read at the visit; conditions that two groups share.
        """
        attributes = [attribute.name for attribute in getattr(cohort.population, "attributes", ())]
        tools = distinct_user_instruments(measure.tool for measure in measures)
        entry = _conditions(conditions, attributes, tools)
        screened = [
            Measure(condition.tool, condition.tool.members[0])
            for criteria_of_group in entry.values()
            for condition in criteria_of_group
            if condition.kind == "reading"
        ]

        # What has an age of its own is read off the cohort's course, without a visit.
        at_visit = [measure for measure in (*measures, *screened) if measure.age is None]
        if day is not None and not at_visit:
            raise InputError(
                "day: no measure or condition is read at the visit, so it can say nothing; leave"
                " it out"
            )
        visited = _visit(cohort, ages, at_visit, day) if at_visit else None

        members = {"everybody": np.arange(len(cohort))}
        if entry:
            members = {name: _meeting(group, cohort, visited) for name, group in entry.items()}
            _require_disjoint(members)
        return cls(cohort, visited, members)

    def read(self, measure: Measure, taking_part: Sequence[Groups]) -> list[FloatArray]:
        """Readings of a measure, one array (replications, n of the group) a group."""
        course, at = (self.cohort, measure.age) if measure.age else (self.day, measure.at)
        assert course is not None
        when = tuple(at) if isinstance(at, list) else at
        return [
            course.readings(measure.instrument, when, member=measure.member, groups=draw)
            for draw in taking_part
        ]


def draw_from_groups(
    members: Mapping[str, IntArray], n: int, replications: int | None, seed: int
) -> list[Groups]:
    """Who takes part in each replication, one entry a group.

    Nobody stands in two replications as long as there are enough dyads.

    Parameters
    ----------
    members : group -> positions of its dyads.
    n : dyads in one study, shared evenly among the groups.
    replications : how many studies; None: as many as share nobody.
    seed : key of the draw.

    Raises
    ------
    InputError : fewer than four dyads in a group of a study, or fewer of a group than it takes.

    >>> (everybody,) = draw_from_groups({"everybody": np.arange(20)}, 8, None, 0)
    >>> everybody.position.shape
    (2, 8)
    """
    checks.whole_number(n, "n", SMALLEST * len(members))
    # the first groups take what does not divide evenly
    sizes = [n // len(members) + (k < n % len(members)) for k in range(len(members))]

    # As many studies as the scarcest group can fill without anybody in two of them.
    possible = []
    for (name, group), size in zip(members.items(), sizes, strict=True):
        if len(group) < size:
            raise InputError(
                f"group {name!r}: {len(group)} dyads of the pool belong to it, fewer than the"
                f" {size} of one study; enlarge pool= or loosen its condition"
            )
        possible.append(len(group) // size)
    count = require_replications(min(possible) if replications is None else replications)

    drawn = []
    for k, (group, size) in enumerate(zip(members.values(), sizes, strict=True)):
        draw = groups(len(group), size, count, seed)
        # numbers key measurement errors, so those of two groups may not meet
        drawn.append(Groups(group[draw.position], draw.number + k * n * count))
    return drawn


def _visit(
    cohort: Cohort, ages: tuple[float, float], measures: Sequence[Measure], day: Any
) -> Cohort:
    """The day of the visit, simulated for as long as the measures need it."""
    # A step more at the beginning, for instruments that read a mean up to their time.
    low = min(measure.hours[0] for measure in measures) - STEP
    high = max(measure.hours[1] for measure in measures)
    if low < 0:
        early = min(measures, key=lambda measure: measure.hours[0])
        raise InputError(
            f"measure {early.label!r} at {early.at!r}: it needs what came before 00:00; name a"
            " later time"
        )

    times = sorted({units.clock_text(measure.hours[1]) for measure in measures})
    stretches = {measure.hours for measure in measures if measure.hours[0] < measure.hours[1]}
    means = [(units.clock_text(start), units.clock_text(stop)) for start, stop in sorted(stretches)]
    return visit(
        cohort,
        _ages_at_visit(cohort, ages),
        sorted({variable for measure in measures for variable in measure.variables}),
        hours=(units.clock_text(low), units.clock_text(high)),
        every=f"{STEP:g} min",
        times=times,
        means=means,
        schedule=day,
    )


def _ages_at_visit(cohort: Cohort, ages: tuple[float, float]) -> FloatArray:
    """The age of each dyad at the visit, minutes.

    It is the one age, or spread evenly over a range: then each on the nearest day whose beginning
    the cohort kept.
    """
    low, high = ages
    if low == high:
        return np.full(len(cohort), low)

    # A visit begins at midnight, from slow states that were kept then.
    kept_ages = cohort.times + float(cohort.who.ages()[0])
    days = kept_ages / units.DAY
    midnight = np.abs(days - np.round(days)) < KEPT / units.DAY
    possible = kept_ages[midnight & (kept_ages > low - units.DAY) & (kept_ages < high + KEPT)]
    if not len(possible):
        raise InputError(
            what="age",
            key=("age",),
            expected="a range in which the cohort kept the beginning of a day",
            found=(
                f"{units.duration_text(low)} to {units.duration_text(high)}, between two times that"
                " it kept"
            ),
            remedy="follow the cohort with a smaller every=, or with ages of the range in at=",
        )

    uniform = position_uniforms(cohort.seed, cohort.who.numbers, "age at the visit")
    drawn = low + (high - low) * uniform
    return np.asarray(possible[np.abs(drawn[:, None] - possible).argmin(axis=1)])


def _conditions(
    texts: Mapping[str, Any], attributes: Sequence[str], tools: Sequence[Instrument]
) -> dict[str, tuple[Criterion, ...]]:
    """Group -> the conditions that its dyads meet, all of them, which may name the user's tools."""
    entry = {}
    for group, text in texts.items():
        entry[group] = read_criteria(text, attributes, f"condition of group {group!r}", tools)
        if not entry[group]:
            raise InputError(
                what=f"group {group!r}",
                expected="a condition such as 'epds >= 13'",
                found="none",
                key=("groups", group),
            )
    return entry


def _meeting(conditions: Sequence[Criterion], cohort: Cohort, day: Cohort | None) -> IntArray:
    """Positions of the dyads that meet every condition of entry."""
    met = [_meets(condition, cohort, day) for condition in conditions]
    return np.flatnonzero(np.all(met, axis=0))


def _meets(condition: Criterion, cohort: Cohort, day: Cohort | None) -> BoolArray:
    """Which of the dyads meet one condition, shape (n,)."""
    if condition.kind == "attribute":
        # Attributes are drawn with the dyad, so they can be asked for at any time.
        values = cohort.population.having(cohort.who.dyads, seed=cohort.seed)[condition.name]
    elif condition.kind == "parameter":
        values = np.broadcast_to(cohort.who.value(condition.name), (len(cohort),))
    else:
        assert day is not None
        # a condition names no member: the first that the instrument measures is meant
        member = condition.tool.members[0]
        values = day.readings(condition.tool, MORNING, member=member, occasion=SCREENING)
    return condition.holds(values)


def _require_disjoint(members: Mapping[str, IntArray]) -> None:
    """Raise unless nobody belongs to two groups."""
    for (first, of_first), (second, of_second) in itertools.combinations(members.items(), 2):
        # A dyad in both groups would be compared with itself.
        both = np.intersect1d(of_first, of_second)
        if len(both):
            raise InputError(
                f"groups: {len(both)} dyads meet the conditions of both {first!r} and {second!r};"
                " name conditions that exclude each other"
            )
