"""Protocol 14: a cross-section of a cohort at an age: any measures, their correlations and
contrasts between groups.

What moves within hours is read on one day, from slow states as the cohort's courses have them at
that age; what moves over weeks may be read at another age as well. Who is seen, and in which group,
stands in ``protocols.visit_groups``, the rows of the tables in ``protocols.correlation_rows``;
ready variants are in ``protocols.cross_sections``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.checks import instance
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import MORNING, Measure, measures_of
from oxysim.cohorts.follow_up import came_through, follow
from oxysim.cohorts.several_cohorts import given_cohort
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.measures.instrument_names import distinct_user_instruments, identity_words
from oxysim.protocols.correlation_rows import (
    Targets,
    contrast_figures,
    correlation_figures,
    correlation_rows,
    group_rows,
    require_targets,
)
from oxysim.protocols.visit_groups import VisitedCohort, draw_from_groups
from oxysim.schedule import as_schedule
from oxysim.simulation.plausibility import said_once
from oxysim.trials.participant_groups import Groups
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.reporting.figure_table import figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.table_of_effects import effect_table

POOL = 1000  # dyads that are followed by default
USUAL = (
    "epds", "bonding", "sensitivity", "appropriate_comments", "plasma_oxytocin", "saliva_oxytocin",
    "infant.saliva_oxytocin",
)  # fmt: skip
"""What is measured where nothing is named: mood, bond, behaviour and oxytocin."""

ASSUMPTIONS = (
    (
        f"Unless told otherwise, samples are taken at {MORNING} on a usual day, between play and"
        " talk, and ratings are of that moment."
    ),
    "On the day of the visit fast states begin on the cycle of the usual day, at midnight.",
)


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
    measures : instruments by name ("epds", "infant.saliva_oxytocin"), instruments of yours, or
        :class:`Measure`.
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

    >>> study = cross_section(["epds", "sensitivity"], age="2 d", n=4, pool=4)
    >>> study.effects[["outcome", "contrast"]].values.tolist()
    [['sensitivity', 'r with epds']]
    """
    # All that can be refused is refused before anybody is followed.
    measured = measures_of(measures)
    labels = [measure.label for measure in measured]
    pairs = dict(_mapping(targets, "targets", "a mapping of pairs of labels to findings"))
    conditions = _mapping(groups, "groups", "a mapping such as {'PND': 'epds >= 13'}")
    checks.whole_number(n, "n", 2)
    require_replications(1 if replications is None else replications)
    if day is not None:
        as_schedule(day)
    require_targets(pairs, labels, list(conditions))
    ages = _age_range(age)

    if cohort is None:
        whole = _followed(
            population, pool, ages, seed, measured, progress=progress, cut=cut, scale=scale
        )
    else:
        whole = _only_cohort(
            cohort, seed, population=population, pool=pool, cut=cut or None, scale=scale
        )
    # Whoever failed has no reading, and is told of in the assumptions.
    alive = came_through(whole)

    # From here on dyads are positions in the pool of those who came through.
    visited = VisitedCohort.of(alive, ages, measured, conditions, day)
    taking_part = draw_from_groups(visited.members, n, replications, alive.seed)
    by_group = {measure.label: visited.read(measure, taking_part) for measure in measured}
    return _report(
        visited,
        taking_part,
        by_group,
        age=age,
        measured=measured,
        names=list(conditions),
        pairs=pairs,
        failed=len(whole.reasons),
    )


def _report(
    visited: VisitedCohort,
    taking_part: Sequence[Groups],
    by_group: Mapping[str, Sequence[FloatArray]],
    *,
    age: Any,
    measured: Sequence[Measure],
    names: Sequence[str],
    pairs: Targets,
    failed: int,
) -> ProtocolReport:
    """What the cross-section found, as every protocol returns it."""
    # correlations are over all groups together, contrasts between them
    readings = {label: np.concatenate(parts, axis=1) for label, parts in by_group.items()}
    sizes = [draw.position.shape[1] for draw in taking_part]
    replications = len(taking_part[0].position)
    # Said only where somebody is missing, so that a clean report has no such line.
    lost = (f"{failed} dyads failed and are left out.",) if failed else ()
    units_of = {measure.label: measure.tool.unit for measure in measured}
    tools = distinct_user_instruments(measure.tool for measure in measured)
    return ProtocolReport(
        name="Cross-section of a cohort",
        question=(
            f"How do {', '.join(readings)} go"
            f" together{', and differ between groups' if names else ''}?"
        ),
        design=_design(age, visited, sizes, replications) | identity_words(tools),
        effects=effect_table(
            [*correlation_rows(readings, pairs), *group_rows(by_group, names, pairs, units_of)]
        ),
        arms={},
        readings=readings,
        assumptions=(*ASSUMPTIONS, *lost),
        figures=figure_table(
            [*correlation_figures(readings, pairs), *contrast_figures(by_group, names, pairs)]
        ),
    )


def _mapping(value: Any, argument: str, expected: str) -> Mapping[Any, Any]:
    """The argument, if it is a mapping; an empty one for None."""
    return instance({} if value is None else value, argument, Mapping, expected)


def _age_range(age: Any) -> tuple[float, float]:
    """The two ends of a range of ages, minutes; both the same for one age."""
    # one age is a range of no length
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
    measured: Sequence[Measure],
    **options: Any,
) -> Cohort:
    """A new cohort, followed to the oldest age at which anything is read."""
    if isinstance(population, Family):
        if pool is not None:
            raise InputError(f"pool: the dyads are given, {len(population)} of them; leave it out")
        # of given dyads all are followed
        n = None
    else:
        n = POOL if pool is None else pool

    elsewhere = [measure.age for measure in measured if measure.age]
    oldest = max([ages[1], *(units.duration(at, positive=False) for at in elsewhere)])
    # a day at least, so that there is a cohort to visit at birth
    until = f"{max(oldest, units.DAY)!r} min"
    # in full digits: a rounded age would lie between two that were kept
    read_at = sorted({*elsewhere, *(f"{end!r} min" for end in ages)})
    return follow(
        population, n, until=until, seed=0 if seed is None else seed, at=read_at, **options
    )


def _only_cohort(cohort: Any, seed: int | None, **options: Any) -> Cohort:
    """A cohort that is there already, where nothing says whom to follow besides."""
    idle = [argument for argument, value in options.items() if value is not None]
    if idle:
        raise InputError(
            f"cohort: it is there already, so {' and '.join(idle)} can say nothing; leave them out"
        )
    return given_cohort(cohort, seed)


def _design(
    age: Any, visited: VisitedCohort, sizes: Sequence[int], replications: int
) -> dict[str, str]:
    """The design in words: who is in a study, of how many, and whether studies share dyads."""
    cohort, members = visited.cohort, visited.members
    shares = ", ".join(
        f"{size} of {len(group)} {name}"
        for (name, group), size in zip(members.items(), sizes, strict=True)
    )
    # Studies that share dyads are not independent, which a reader has to know.
    distinct = all(
        len(group) >= size * replications
        for group, size in zip(members.values(), sizes, strict=True)
    )
    overlap = ", nobody in two of them" if distinct else ", which share dyads"
    return {
        "design": "cross-section of a cohort followed from birth",
        "age": " to ".join(age) if isinstance(age, tuple | list) else str(age),
        "participants": f"in one study {shares}; {len(cohort)} dyads in the pool",
        "population": cohort.source,
        **cohort.edges.design,
        "replications": f"{replications} studies of n = {sum(sizes)}{overlap}",
    }
