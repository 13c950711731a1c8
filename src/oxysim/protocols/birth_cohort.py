"""Protocol 8: a birth cohort, followed for 18 months.

EPDS courses as the mother's forms show them; mind-mindedness, attachment, infant methylation and
irritability, care and the infant's behaviour. Figures of the cohort itself come with their Monte
Carlo error from disjoint tenths of it; what Krol 2019 found in 101 dyads is asked of studies of
that size drawn from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.cohorts.cohort import Cohort, given_cohort, require_alike
from oxysim.cohorts.follow_up import BLOCK, Drawable, follow, visit
from oxysim.cohorts.trajectory_classes import AGES, COURSES, course_shares
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.measures import NoiseKey, read
from oxysim.measures.cut_offs import EPDS_POSSIBLE
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.scipy_engine import Solver
from oxysim.trials.participant_groups import Groups, groups
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.reporting.effect_table import Expected, effect_row, effect_table
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import correlated

TENTHS = 10  # disjoint parts of the cohort, whose spread gives the Monte Carlo error of its figures
EARLY, LATE = "5 months", "18 months"
EARLY_END = "6 months"  # how far those are followed who are there for C3 alone
ASSAYS = 3  # of each methylation sample, averaged; as that laboratory does (recalled)
HOME_VISIT = ("09:00", "17:00")  # an observer's day in the home; what is rated is its mean
WEEKS = tuple(f"{week} weeks" for week in range(6, 53))
CASE, STILL = EPDS_POSSIBLE, 12.0  # cut-off of C2 and of entry to C3; of persistence in C3
CLASS_TARGETS = dict(zip(COURSES, ("C4a", "C4b", "C4c", "C4d"), strict=True))
SMALLEST = 40  # dyads of a cohort: four in a tenth


@said_once
def birth_cohort(  # noqa: PLR0913 - keywords with defaults
    population: Drawable | Family | None = None,
    *,
    n: int | None = None,
    early: int | None = None,
    replications: int = 200,
    krol_n: int | None = None,
    schedule: Any = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int | None = None,
    cohort: Cohort | None = None,
    early_cohort: Cohort | None = None,
    solver: Solver | None = None,
    block: int = BLOCK,
    progress: bool = False,
) -> ProtocolReport:
    """Follow a cohort from birth to 18 months and return what a study would read from it.

    Parameters
    ----------
    population : what the dyads are drawn from, default the "community"; or the newborn dyads
        themselves, as for :func:`oxysim.cohorts.follow_up.follow`.
    n : dyads followed for 18 months; default 2000.
    early : further dyads followed for six months only, for the persistence of symptoms (C3), which
        few dyads decide; default 4500, none where the dyads or a cohort are given.
    replications : studies of the size of Krol 2019 drawn from the cohort.
    krol_n : their size; default the published 101.
    schedule : the day the dyads live; default the typical day with daily-life noise.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`, from birth on.
    seed : key of every random stream; default 0, or that of the cohort.
    cohort, early_cohort : cohorts that are there already, in place of following new ones; then what
        says whom to follow and how is left out.
    solver, block, progress : as for ``follow``.

    Returns
    -------
    ProtocolReport : figures of the cohort (C1a to C4d: their n is that of a tenth, their
        replications are the tenths; course classes by the rule of ``cohorts.trajectory_classes``)
        and the correlations of Krol 2019 (K1 to K4). ``readings`` by "outcome | cohort", shape (1,
        n), and "outcome | studies", shape (replications, krol_n).

    Raises
    ------
    InputError : fewer than 40 dyads, a cohort that does not reach 18 (or 6) months, or a cohort
        beside what would make one. UnknownNameError, UnitError : see ``follow``.
    """
    size = target("K1").n or 0 if krol_n is None else krol_n
    checks.whole_number(size, "krol_n", 2)
    require_replications(replications)
    if cohort is None and early_cohort is None:
        how: dict[str, Any] = {
            "schedule": schedule,
            "solver": solver,
            "block": block,
            "progress": progress,
        }
        how |= {"cut": cut, "scale": scale}
        own, more = _new_cohorts(population, n, early, {**how, "seed": 0 if seed is None else seed})
    else:
        _require_only_cohorts(
            cohort,
            population=population,
            n=n,
            early=early,
            schedule=schedule,
            solver=solver,
            cut=cut or None,
            scale=scale,
        )
        own, more = (
            _given(cohort, LATE, seed),
            early_cohort if early_cohort is None else _given(early_cohort, EARLY_END, seed),
        )
    whole, young = _complete(own), None if more is None else _complete(more)
    readings = {f"{key} | cohort": held[None] for key, held in cohort_readings(whole).items()}
    studies = krol_readings(whole, groups(len(whole), size, replications, whole.seed))
    return ProtocolReport(
        name="Birth cohort",
        question="How do depression, care and the infant's development go on over 18 months?",
        design=_design(whole, young, size, replications),
        effects=effect_table(_krol_rows(studies)),
        arms={},
        readings={**readings, **{f"{key} | studies": held for key, held in studies.items()}},
        assumptions=_ASSUMPTIONS + _failures(own, more),
        figures=figure_table(figures(whole, young)),
    )


def figures(whole: Cohort, young: Cohort | None = None) -> list[dict[str, Any]]:
    """Rows C1a to C4d, one value a tenth of the cohort; C3 from both cohorts."""
    parts = tenths(len(whole))
    rows = []
    n = len(parts[0])
    for age, name in (("8 weeks", "C1a"), ("8 months", "C1b")):
        epds = whole.readings("epds", age)
        rows.append(figure_row([np.nanmean(epds[part]) for part in parts], n=n, target=name))
    epds = whole.readings("epds", "8 weeks")
    rows.append(figure_row([np.nanstd(epds[part], ddof=1) for part in parts], n=n, target="C1c"))
    high = share_at_or_above(whole.readings("epds", list(WEEKS)), CASE)
    rows.append(figure_row([np.nanmean(high[part]) for part in parts], n=n, target="C2"))
    rows.append(_persistence_row([whole] if young is None else [whole, young]))
    courses = whole.readings("epds", list(AGES))
    shares = [course_shares(courses[part]) for part in parts]
    for course, name in CLASS_TARGETS.items():
        rows.append(figure_row([one[course] for one in shares], n=n, target=name))
    return rows


def tenths(n: int) -> list[Any]:
    """Positions of each of ten disjoint parts of a cohort of n, as even as they can be."""
    return np.array_split(np.arange(n), TENTHS)


def share_at_or_above(epds: FloatArray, cut: float) -> FloatArray:
    """The share of a mother's forms at or above a cut-off, shape (n,) from (n, n_times); NaN stays
    NaN.
    """
    above = np.where(np.isnan(epds), np.nan, epds >= cut)
    return np.asarray(above.mean(axis=1), dtype=float)


def persistence(cohort: Cohort, cut: float = STILL) -> FloatArray:
    """Who reads at or above the cut-off at 6 weeks, and who of them still does at 6 months: two
    rows of 0 and 1, shape (2, n).
    """
    first, later = (cohort.readings("epds", age) >= cut for age in ("6 weeks", "6 months"))
    return np.array([first, first & later], dtype=float)


def _persistence_row(cohorts: Sequence[Cohort]) -> dict[str, Any]:
    """C3: those above the cut-off at 6 weeks by the form, in ten parts of all cohorts."""
    require_alike(cohorts)
    entered, still = np.concatenate([persistence(one) for one in cohorts], axis=1)
    parts = tenths(len(still))
    found = [
        still[part].sum() / entered[part].sum() if entered[part].any() else np.nan for part in parts
    ]
    return figure_row(found, n=round(entered.sum() / TENTHS), target="C3")


def cohort_readings(cohort: Cohort) -> dict[str, FloatArray]:
    """What the cohort's own study reads, by "outcome at age", each of shape (n,)."""
    wanted = [
        ("epds", "caregiver", age) for age in ("6 weeks", "8 weeks", "6 months", "8 months", *AGES)
    ]
    wanted += [
        (name, "caregiver", LATE)
        for name in ("appropriate_comments", "nonattuned_comments", "sensitivity")
    ]
    wanted += [("methylation", "infant", age) for age in (EARLY, LATE)]
    wanted += [(name, "infant", LATE) for name in ("irritability", "attachment")]
    return {
        f"{name} at {age}": cohort.readings(name, age, member=member)
        for name, member, age in wanted
    }


# --------------------------------------------------------------------------------------
# Krol 2019
def krol_readings(cohort: Cohort, taking_part: Groups) -> dict[str, FloatArray]:
    """What Krol 2019 read, each of shape (replications, n): care and the infant's behaviour at 5
    months, infant methylation and its change to 18 months, the mother's change, irritability at 18
    months.
    """
    home = visit(
        cohort,
        EARLY,
        ["caregiver.engagement", "infant.affect"],
        hours=HOME_VISIT,
        means=[HOME_VISIT],
    )

    infant, mother = _methylation(cohort, taking_part)
    return {
        "engaged care at 5 months": home.readings("engaged_care", HOME_VISIT, groups=taking_part),
        "infant affect at 5 months": home.readings(
            "infant_affect", HOME_VISIT, member="infant", groups=taking_part
        ),
        "infant methylation at 18 months": infant[1],
        "infant methylation change": infant[1] - infant[0],
        "maternal methylation change": mother[1] - mother[0],
        "irritability at 18 months": cohort.readings(
            "irritability", LATE, member="infant", groups=taking_part
        ),
    }


def _methylation(cohort: Cohort, taking_part: Groups) -> tuple[FloatArray, FloatArray]:
    """Infant and mother at 5 and at 18 months, each of shape (2, replications, n): means of the
    assays of a sample.

    An adult's methylation is a parameter that stays, so a mother's two samples differ by the
    laboratory's noise alone.
    """
    mother = cohort.caregivers[0]
    held = np.broadcast_to(
        cohort.who.value(f"{mother}.receptors.adult_methylation"), (len(cohort),)
    )
    found = []
    for member, levels in (("infant", [cohort.value("infant.methylation", age) for age in (EARLY, LATE)]),
                           (mother, [held, held])):  # fmt: skip
        samples = [
            _assayed(level[taking_part.position], taking_part, age, NoiseKey(cohort.seed, member))
            for level, age in zip(levels, (EARLY, LATE), strict=True)
        ]
        found.append(np.array(samples))
    return found[0], found[1]


def _assayed(level: FloatArray, taking_part: Groups, age: str, noise_key: NoiseKey) -> FloatArray:
    """The mean of a sample's assays, which share the visit's noise."""
    # a minute apart, so that each has noise of its own
    times = units.duration(age) + np.arange(ASSAYS)
    values = np.repeat(level.reshape(-1, 1), ASSAYS, axis=1)
    found = read("methylation", values, taking_part.number.ravel().tolist(), times, noise_key)
    return np.asarray(found.values).mean(axis=1).reshape(level.shape)


def _krol_rows(read_by_study: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    asked: list[tuple[str, str, Expected, str]] = [
        ("engaged care at 5 months", "infant methylation change", "down", "K1"),
        ("engaged care at 5 months", "maternal methylation change", "none", "K2"),
        ("infant methylation at 18 months", "irritability at 18 months", "up", "K3"),
        ("infant affect at 5 months", "infant methylation change", "none", "K4"),
    ]
    return [
        effect_row(
            correlated(read_by_study[x], read_by_study[y]),
            outcome=y,
            contrast=f"r with {x}",
            unit="r",
            expected=expected,
            target=name,
        )
        for x, y, expected, name in asked
    ]


# --------------------------------------------------------------------------------------
# plumbing
def _new_cohorts(
    population: Any, n: int | None, early: int | None, options: Mapping[str, Any]
) -> tuple[Cohort, Cohort | None]:
    at = ["5 months", EARLY_END, "8 months", *AGES]
    if isinstance(population, Family):
        if early is not None:
            raise InputError(
                "early: the dyads are given, and there are no further ones; leave it out"
            )
        return follow(population, n, until=LATE, at=at, **options), None
    size, more = 2000 if n is None else n, 4500 if early is None else early
    checks.whole_number(more, "early", 0)
    whole = follow(population, size, until=LATE, at=at, **options)
    return whole, (
        follow(population, more, first=size, until=EARLY_END, at=at[:1], **options)
        if more
        else None
    )


def _require_only_cohorts(cohort: Cohort | None, **others: Any) -> None:
    if cohort is None:
        raise InputError(
            "early_cohort: it goes with cohort=, one followed for 18 months; found none"
        )
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise InputError(
            f"cohort: it is there already, so {', '.join(given)} can say nothing; leave them out"
        )


def _given(cohort: Any, until: str, seed: int | None) -> Cohort:
    """A cohort that was given, if it goes from birth to the age."""
    own = given_cohort(cohort, seed)
    if own.first_age > 0 or own.until < units.duration(until) - 1e-6:
        raise InputError(
            f"cohort: expected one followed from birth to {until}; found one from"
            f" {own.first_age / units.MONTH:.1f} to {own.until / units.MONTH:.1f} months"
        )
    return own


def _complete(cohort: Cohort) -> Cohort:
    """The dyads of a cohort that came through, if they are enough."""
    alive = cohort.take(np.flatnonzero(cohort.complete)) if cohort.reasons else cohort
    if len(alive) < SMALLEST:
        raise InputError(
            f"cohort: expected at least {SMALLEST} dyads that came through; found {len(alive)}"
        )
    return alive


def _design(whole: Cohort, young: Cohort | None, size: int, replications: int) -> dict[str, str]:
    more = f", and {len(young)} more to 6 months for C3" if young is not None else ""
    return {
        "design": (
            f"birth cohort ({target('C1a').source}; {target('C4a').source}; {target('K1').source})"
        ),
        "participants": f"{len(whole)} dyads from birth to 18 months{more}",
        "population": whole.source,
        **whole.edges.design,
        "EPDS": (
            "every week; courses by the rule of oxysim.cohorts.course_classes at " + ", ".join(AGES)
        ),
        "care and infant behaviour": (
            f"at {EARLY}, means of a day in the home from {' to '.join(HOME_VISIT)} (assumed)"
        ),
        "replications": (
            f"{TENTHS} disjoint parts of the cohort for its figures; {replications} studies of n ="
            f" {size}"
        ),
    }


_ASSUMPTIONS = (
    (
        "Course classes by cut-offs and reliable change stand in for latent class growth, at three"
        " ages in place of four."
    ),
    (
        "An adult's methylation does not move in the model: what is found of a change in mothers is"
        " the laboratory's."
    ),
    f"A methylation sample is assayed {ASSAYS} times and averaged (recalled).",
    (
        "K1 to K4 were built into the mechanisms (use = built_in): agreement is a regression test,"
        " not evidence."
    ),
    (
        "Studies of Krol's size overlap in their dyads where the cohort is smaller than all of them"
        " together; each has its own measurement error."
    ),
)


def _failures(*cohorts: Cohort | None) -> tuple[str, ...]:
    lost = sum(len(one.reasons) for one in cohorts if one is not None)
    return (f"{lost} dyads failed and are left out.",) if lost else ()
