"""Protocol 14: a cross-section of a cohort at an age: any measures, their correlations and
contrasts between groups.

What moves within hours is read on one day, from slow states as the cohort's courses have them at
that age; what moves over weeks may be read at another age as well. Ready variants stand in
``protocols.cross_sections``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from oxysim import checks, units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import instance
from oxysim.cohorts.cohort import KEPT, Cohort, given_cohort
from oxysim.cohorts.cross_sectional_measures import MORNING, STEP, Measure, measures_of
from oxysim.cohorts.follow_up import follow, visit
from oxysim.errors import InputError, unknown_name
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.measures import instrument
from oxysim.population.criteria import Criterion, criteria
from oxysim.schedule import as_schedule
from oxysim.simulation.results.plausibility import said_once
from oxysim.streams import position_uniforms
from oxysim.trials.participant_groups import Groups
from oxysim.trials.participant_groups import groups as drawn_groups
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.reporting.effect_table import EXPECTED, Expected, effect_row, effect_table
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import correlated, unpaired

SCREENING = "screening"  # the occasion of the readings that put dyads into groups
SMALLEST = 4  # dyads in a group of one study
POOL = 1000
USUAL = (
    "epds", "bonding", "sensitivity", "appropriate_comments", "plasma_oxytocin", "saliva_oxytocin",
    "infant.saliva_oxytocin",
)  # fmt: skip
"""What is measured where nothing is named: mood, bond, behaviour and oxytocin."""


@said_once
def cross_section(  # noqa: PLR0913 - keywords with defaults
    measures: Sequence[Any] = USUAL,
    *,
    age: Any = "6 months",
    n: int = 100,
    replications: int | None = None,
    groups: Mapping[str, str | Sequence[str]] | None = None,
    targets: Mapping[tuple[str, str], str] | None = None,
    population: Any = None,
    pool: int | None = None,
    cohort: Cohort | None = None,
    day: Any = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int | None = None,
    progress: bool = False,
) -> ProtocolReport:
    """Measure dyads of a cohort at an age and return all correlations, and the contrasts between
    groups.

    Parameters
    ----------
    measures : instruments by name ("epds", "infant.saliva_oxytocin"), or :class:`Measure`.
    age : infant age at the visit, or a range over which ages spread evenly, each on a day whose
        beginning the cohort kept (by default one a week): ("3 months", "9 months").
    n : dyads in one study, shared evenly among the groups.
    replications : how many studies; default as many as the pool holds without anybody in two of
        them. More of them draw from the same pool, each with its own measurement error.
    groups : name -> conditions of entry, joined by "and" or in a list, all of which have to hold:
        readings at the visit, on a form of its own ("epds >= 13"), parameters
        ("caregiver.depression.loop_gain > 1.5"), attributes ("preterm"). Default: everybody.
    targets : pair of labels -> id of the published finding that it answers; two measures (their
        correlation), or a measure and a contrast such as "PND - controls".
    population, pool, progress : where the dyads come from (default the "community") and how many
        are followed (default 1000), as for :func:`oxysim.cohorts.follow_up.follow`.
    cohort : one that is there already, followed from birth to the age or beyond, in place of
        following a new one; then population and pool are left out.
    day : what happens on the day of the visit; default the day they live.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`, from birth on and
        at the visit.
    seed : key of every random stream; default 0, or that of the cohort.

    Returns
    -------
    ProtocolReport : ``effects`` has a row for every pair of measures (r as dz) and for every
        measure and pair of groups (Cohen's d as dz); ``figures`` the correlations that answer a
        published number; ``readings`` by measure's label, shape (replications, n), group after
        group.

    Raises
    ------
    InputError, UnknownNameError : measures, groups or targets that cannot be; a group with too few
    members.
    """
    asked = measures_of(measures)
    pairs = dict(
        instance(
            {} if targets is None else targets,
            "targets",
            Mapping,
            "a mapping of pairs of labels to findings",
        )
    )
    names = list(
        instance(
            {} if groups is None else groups,
            "groups",
            Mapping,
            "a mapping such as {'PND': 'epds >= 13'}",
        )
    )
    checks.whole_number(n, "n", 2)
    require_replications(1 if replications is None else replications)
    if day is not None:
        as_schedule(day)
    _require_targets(pairs, [one.label for one in asked], names)
    ages = _age_range(age)
    if cohort is None:
        whole = _followed(
            population, pool, ages, seed, asked, progress=progress, cut=cut, scale=scale
        )
    else:
        whole = _given(cohort, seed, population=population, pool=pool, cut=cut or None, scale=scale)
    alive = whole.take(np.flatnonzero(whole.complete)) if whole.reasons else whole
    seen = _Seen.of(alive, ages, asked, groups or {}, day)
    taking_part = _drawn(seen.members, n, replications, alive.seed)
    readings = {one.label: seen.read(one, taking_part) for one in asked}
    sizes = [part.position.shape[1] for part in taking_part]
    joined = {label: np.concatenate(parts, axis=1) for label, parts in readings.items()}
    return ProtocolReport(
        name="Cross-section of a cohort",
        question=(
            f"How do {', '.join(joined)} go"
            f" together{', and differ between groups' if names else ''}?"
        ),
        design=_design(alive, age, seen, sizes, len(taking_part[0].position)),
        effects=effect_table(_rows(joined, readings, names, pairs)),
        arms={},
        readings=joined,
        assumptions=_ASSUMPTIONS
        + ((f"{len(whole.reasons)} dyads failed and are left out.",) if whole.reasons else ()),
        figures=figure_table(_figures(joined, pairs, names)),
    )


# ------------------------------------------------------------------------------------------- who is
# seen, and when
@dataclass(frozen=True, eq=False)
class _Seen:
    """A cohort, its visit (None where nothing is read at one), and who belongs to each group, by
    position.
    """

    cohort: Cohort
    day: Cohort | None
    members: Mapping[str, IntArray]

    @classmethod
    def of(
        cls,
        cohort: Cohort,
        ages: tuple[float, float],
        asked: Sequence[Measure],
        entry: Mapping[str, Any],
        day: Any,
    ) -> _Seen:
        """Visit a cohort and sort its dyads into groups."""
        attributes = [one.name for one in getattr(cohort.population, "attributes", ())]
        conditions = _conditions(entry, attributes)
        screens = [
            Measure(one.name, instrument(one.name).members[0])
            for some in conditions.values()
            for one in some
            if one.kind == "reading"
        ]
        present = [one for one in (*asked, *screens) if one.age is None]
        if day is not None and not present:
            raise InputError(
                "day: no measure or condition is read at the visit, so it can say nothing; leave"
                " it out"
            )
        found = _visited(cohort, ages, present, day) if present else None
        members = {"everybody": np.arange(len(cohort))}
        if conditions:
            members = {name: _meeting(some, cohort, found) for name, some in conditions.items()}
            _require_apart(members)
        return cls(cohort, found, members)

    def read(self, one: Measure, taking_part: Sequence[Groups]) -> list[FloatArray]:
        """Readings of a measure, one array (replications, n of the group) a group."""
        course, at = (self.cohort, one.age) if one.age else (self.day, one.at)
        assert course is not None
        when = tuple(at) if isinstance(at, list) else at
        return [
            course.readings(one.instrument, when, member=one.member, groups=part)
            for part in taking_part
        ]


def _visited(
    cohort: Cohort, ages: tuple[float, float], present: Sequence[Measure], day: Any
) -> Cohort:
    variables = sorted({variable for one in present for variable in one.variables})
    low, high = min(one.hours[0] for one in present) - STEP, max(one.hours[1] for one in present)
    if low < 0:
        early = min(present, key=lambda one: one.hours[0])
        raise InputError(
            f"measure {early.label!r} at {early.at!r}: it needs what came before 00:00; name a"
            " later time"
        )
    times = sorted({units.clock_text(one.hours[1]) for one in present})
    ends = sorted({one.hours for one in present if one.hours[0] < one.hours[1]})
    over = [(units.clock_text(start), units.clock_text(stop)) for start, stop in ends]
    hours = (units.clock_text(low), units.clock_text(high))
    return visit(
        cohort,
        _days(cohort, ages),
        variables,
        hours=hours,
        every=f"{STEP:g} min",
        times=times,
        means=over,
        schedule=day,
    )


def _days(cohort: Cohort, ages: tuple[float, float]) -> FloatArray:
    """The age of each dyad at the visit, minutes: the one age, or spread evenly over a range, each
    on the nearest day whose beginning the cohort kept.
    """
    low, high = ages
    if low == high:
        return np.full(len(cohort), low)
    born = cohort.times + float(cohort.who.ages()[0])
    midnight = np.abs(born / units.DAY - np.round(born / units.DAY)) < KEPT / units.DAY
    days = born[midnight & (born > low - units.DAY) & (born < high + KEPT)]
    if not len(days):
        raise InputError(
            what="age",
            key=("age",),
            expected="a range in which the cohort kept the beginning of a day",
            found=f"{units.duration_text(low)} to {units.duration_text(high)}, between two times that it kept",
            remedy="follow the cohort with a smaller every=, or with ages of the range in at=",
        )
    uniform = position_uniforms(cohort.seed, cohort.who.dyads or (), "age at the visit")
    wanted = low + (high - low) * uniform
    return np.asarray(days[np.abs(wanted[:, None] - days).argmin(axis=1)])


def _conditions(
    entry: Mapping[str, Any], attributes: Sequence[str]
) -> dict[str, tuple[Criterion, ...]]:
    """Group -> the conditions that its dyads meet, all of them."""
    found = {}
    for group, texts in entry.items():
        found[group] = criteria(texts, attributes, f"condition of group {group!r}")
        if not found[group]:
            raise InputError(
                what=f"group {group!r}", expected="a condition such as 'epds >= 13'", found="none",
                key=("groups", group),
            )  # fmt: skip
    return found


def _meeting(conditions: Sequence[Criterion], cohort: Cohort, day: Cohort | None) -> IntArray:
    """Positions of the dyads that meet every condition of entry."""
    return np.flatnonzero(np.all([_meets(one, cohort, day) for one in conditions], axis=0))


def _meets(condition: Criterion, cohort: Cohort, day: Cohort | None) -> BoolArray:
    """Which of the dyads meet one condition, shape (n,)."""
    if condition.kind == "attribute":
        values = cohort.population.having(cohort.who.dyads, seed=cohort.seed)[condition.name]
    elif condition.kind == "parameter":
        values = np.broadcast_to(cohort.who.value(condition.name), (len(cohort),))
    else:
        assert day is not None
        member = instrument(condition.name).members[0]
        values = day.readings(condition.name, MORNING, member=member, occasion=SCREENING)
    return condition.holds(values)


def _require_apart(members: Mapping[str, IntArray]) -> None:
    for (one, first), (other, second) in itertools.combinations(members.items(), 2):
        both = np.intersect1d(first, second)
        if len(both):
            raise InputError(
                f"groups: {len(both)} dyads meet the conditions of both {one!r} and {other!r}; name"
                " conditions that exclude each other"
            )


def _drawn(
    members: Mapping[str, IntArray], n: int, replications: int | None, seed: int
) -> list[Groups]:
    """Who takes part in each replication, one entry a group; nobody stands in two replications if
    they suffice.
    """
    checks.whole_number(n, "n", SMALLEST * len(members))
    sizes = [n // len(members) + (k < n % len(members)) for k in range(len(members))]
    possible = []
    for (name, own), size in zip(members.items(), sizes, strict=True):
        if len(own) < size:
            raise InputError(
                f"group {name!r}: {len(own)} dyads of the pool belong to it, fewer than the {size}"
                " of one study; enlarge pool= or loosen its condition"
            )
        possible.append(len(own) // size)
    count = min(possible) if replications is None else replications
    require_replications(count)
    found = []
    for k, (own, size) in enumerate(zip(members.values(), sizes, strict=True)):
        part = drawn_groups(len(own), size, count, seed)
        found.append(Groups(own[part.position], part.number + k * n * count))
    return found


# --------------------------------------------------------------------------------------
# what is answered
def _figures(
    joined: Mapping[str, FloatArray], targets: Mapping[tuple[str, str], str], names: Sequence[str]
) -> list[dict[str, Any]]:
    """The correlations that answer a published number."""
    rows = []
    for (x, y), name in targets.items():
        if y in joined and target(name).rule == "number":
            found = correlated(joined[x], joined[y])
            rows.append(figure_row(found.dz, n=found.n, target=name))
    return rows


def _rows(
    joined: Mapping[str, FloatArray],
    by_group: Mapping[str, Sequence[FloatArray]],
    names: Sequence[str],
    targets: Mapping[tuple[str, str], str],
) -> list[dict[str, Any]]:
    """Every pair of measures, then every contrast of groups."""
    rows = []
    for x, y in itertools.combinations(joined, 2):
        name = targets.get((x, y), targets.get((y, x), ""))
        sign = name if name and target(name).rule != "number" else ""
        rows.append(
            effect_row(
                correlated(joined[x], joined[y]),
                outcome=y,
                contrast=f"r with {x}",
                unit="r",
                expected=_expected(sign),
                target=sign,
            )
        )
    for label, parts in by_group.items():
        for first, second in itertools.combinations(range(len(names)), 2):
            contrast = _contrast(names[first], names[second])
            name = targets.get((label, contrast), "")
            rows.append(
                effect_row(
                    unpaired(parts[second], parts[first]),
                    outcome=label,
                    contrast=contrast,
                    unit=_unit(label),
                    expected=_expected(name),
                    target=name,
                )
            )
    return rows


def _contrast(first: str, second: str) -> str:
    return f"{first} - {second}"


def _unit(label: str) -> str:
    return instrument(label.removeprefix("infant ").partition(" at ")[0]).unit


def _expected(name: str) -> Expected:
    figure = target(name).figure if name else "prediction"
    return cast(Expected, figure) if figure in EXPECTED else "prediction"


def _require_targets(
    targets: Mapping[tuple[str, str], str], labels: Sequence[str], names: Sequence[str]
) -> None:
    contrasts = [_contrast(one, other) for one, other in itertools.combinations(names, 2)]
    for pair, name in targets.items():
        target(name)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InputError(
                f"targets: expected pairs of labels such as ('epds', 'sensitivity'); found {pair!r}"
            )
        if pair[0] not in labels:
            raise unknown_name("measure", pair[0], labels, "in targets")
        if pair[1] not in (*labels, *contrasts):
            raise unknown_name("measure or contrast", pair[1], [*labels, *contrasts], "in targets")


def _age_range(age: Any) -> tuple[float, float]:
    ends = age if isinstance(age, tuple | list) else (age, age)
    if len(ends) != 2:
        raise InputError(f"age: expected one age, or the two ends of a range; found {age!r}")
    low, high = (units.duration(end, "age", positive=False) for end in ends)
    if low > high:
        raise InputError(f"age: expected a range with its lower end first; found {age!r}")
    return low, high


def _followed(
    population: Any,
    pool: int | None,
    ages: tuple[float, float],
    seed: int | None,
    asked: Sequence[Measure],
    **options: Any,
) -> Cohort:
    oldest = max([ages[1], *(units.duration(m.age, positive=False) for m in asked if m.age)])
    given = isinstance(population, Family)
    if given and pool is not None:
        raise InputError(f"pool: the dyads are given, {len(population)} of them; leave it out")
    n = None if given else POOL if pool is None else pool
    ends = sorted({*(one.age for one in asked if one.age), *(f"{end!r} min" for end in ages)})
    until = f"{max(oldest, units.DAY)!r} min"
    return follow(population, n, until=until, seed=0 if seed is None else seed, at=ends, **options)


def _given(cohort: Any, seed: int | None, **others: Any) -> Cohort:
    named = [name for name, value in others.items() if value is not None]
    if named:
        raise InputError(
            f"cohort: it is there already, so {' and '.join(named)} can say nothing; leave them out"
        )
    return given_cohort(cohort, seed)


def _design(
    cohort: Cohort, age: Any, seen: _Seen, sizes: Sequence[int], replications: int
) -> dict[str, str]:
    shares = ", ".join(
        f"{size} of {len(own)} {name}"
        for (name, own), size in zip(seen.members.items(), sizes, strict=True)
    )
    return {
        "design": "cross-section of a cohort followed from birth",
        "age": " to ".join(age) if isinstance(age, tuple | list) else str(age),
        "participants": f"in one study {shares}; {len(cohort)} dyads in the pool",
        "population": cohort.source,
        **cohort.edges.design,
        "replications": (
            f"{replications} studies of n = {sum(sizes)}"
            + (
                ", nobody in two of them"
                if all(
                    len(own) >= size * replications
                    for own, size in zip(seen.members.values(), sizes, strict=True)
                )
                else ", which share dyads"
            )
        ),
    }


_ASSUMPTIONS = (
    (
        f"Unless told otherwise, samples are taken at {MORNING} on a usual day, between play and"
        " talk, and ratings are of that moment."
    ),
    "On the day of the visit fast states begin on the cycle of the usual day, at midnight.",
)
