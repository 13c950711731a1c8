"""Protocol 8: a birth cohort, followed for 18 months.

EPDS courses as the mother's forms show them; mind-mindedness, attachment, infant methylation and irritability, care and
the infant's behaviour. Figures of the cohort itself come with their Monte Carlo error from disjoint tenths of it; what
Krol 2019 found in 101 dyads is asked of studies of that size drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.errors import InputError
from oxysim.measures import Luck, read
from oxysim.participants import Family
from oxysim.simulation.scipy_engine import Solver
from oxysim.trials.cohort import Cohort
from oxysim.trials.courses import AGES, COURSES, course_shares
from oxysim.trials.effects import Expected, correlated, effect_row, effect_table, figure_row, figure_table
from oxysim.trials.following import BLOCK, Drawable, follow, visit
from oxysim.trials.study import FloatArray, Groups, Study, groups
from oxysim.trials.targets import target

TENTHS = 10  # disjoint parts of the cohort, whose spread gives the Monte Carlo error of its figures
EARLY, LATE = "5 months", "18 months"
HOME_VISIT = ("09:00", "17:00")  # an observer's day in the home; what is rated is its mean
WEEKS = tuple(f"{week} weeks" for week in range(6, 53))
CASE, STILL = 10.0, 12.0  # EPDS points: cut-off of C2, and of entry and persistence in C3
CLASS_TARGETS = dict(zip(COURSES, ("C4a", "C4b", "C4c", "C4d"), strict=True))
SMALLEST = 40  # dyads of a cohort: four in a tenth


def birth_cohort(  # noqa: PLR0913 - keywords with defaults
    population: Drawable | Family | None = None,
    *,
    n: int = 2000,
    early: int = 4500,
    replications: int = 200,
    krol_n: int | None = None,
    schedule: Any = None,
    seed: int = 0,
    cohort: Cohort | None = None,
    early_cohort: Cohort | None = None,
    solver: Solver | None = None,
    block: int = BLOCK,
    progress: bool = False,
) -> Study:
    """Follow a cohort from birth to 18 months and return what a study would read from it.

    Parameters
    ----------
    population : what the dyads are drawn from; or the newborn dyads themselves (then `n` and `early` say nothing).
    n : dyads followed for 18 months.
    early : further dyads followed for six months only, for the persistence of symptoms (C3), which few dyads decide.
    replications : studies of the size of Krol 2019 drawn from the cohort.
    krol_n : their size (published 101).
    schedule : the day the dyads live; default as for :func:`oxysim.trials.following.follow`.
    seed : key of every random stream.
    cohort, early_cohort : cohorts that are there already, in place of following new ones.
    solver, block, progress : as for ``follow``.

    Returns
    -------
    Study : figures of the cohort (C1a to C4d: n is that of a tenth, replications are the tenths; course classes by the
        rule of ``trials.courses``) and the correlations of Krol 2019 (K1 to K4), with
        ``readings`` "outcome | cohort", shape (1, n).

    Raises
    ------
    InputError : fewer than 40 dyads, a cohort that does not reach 18 (or 6) months. UnknownNameError, UnitError :
        see ``follow``.
    """
    options: dict[str, Any] = {
        "schedule": schedule, "seed": seed, "solver": solver, "block": block, "progress": progress,
    }  # fmt: skip
    own = cohort if cohort is not None else _followed(population, n, 0, LATE, options)
    more = early_cohort
    if more is None and early and cohort is None and not isinstance(population, Family):
        more = _followed(population, early, n, "6 months", options)
    whole, young = _require(own, LATE), None if more is None else _require(more, "6 months")
    size = krol_n or target("K1").n or 0
    readings = {f"{key} | cohort": held[None] for key, held in cohort_readings(whole).items()}
    studies = krol_readings(whole, groups(len(whole), size, replications, whole.seed))
    return Study(
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
    rows.append(_persistence_row([whole, *([young] if young is not None else [])]))
    courses = whole.readings("epds", list(AGES))
    shares = [course_shares(courses[part]) for part in parts]
    for course, name in CLASS_TARGETS.items():
        rows.append(figure_row([one[course] for one in shares], n=n, target=name))
    return rows


def tenths(n: int) -> list[Any]:
    """Positions of each of ten disjoint parts of a cohort of n, as even as they can be."""
    return np.array_split(np.arange(n), TENTHS)


def share_at_or_above(epds: FloatArray, cut: float) -> FloatArray:
    """The share of a mother's forms at or above a cut-off, shape (n,) from (n, n_times); NaN stays NaN."""
    above = np.where(np.isnan(epds), np.nan, epds >= cut)
    return np.asarray(above.mean(axis=1), dtype=float)


def persistence(cohort: Cohort, cut: float = STILL) -> FloatArray:
    """Who reads at or above the cut-off at 6 weeks, and who of them still does at 6 months: two rows of 0 and 1, shape
    (2, n).
    """
    first, later = (cohort.readings("epds", age) >= cut for age in ("6 weeks", "6 months"))
    return np.array([first, first & later], dtype=float)


def _persistence_row(cohorts: list[Cohort]) -> dict[str, Any]:
    """C3: the dyads of all cohorts, in ten parts; those above the cut-off at 6 weeks by the form are followed."""
    entered, still = np.concatenate([persistence(one) for one in cohorts], axis=1)
    parts = tenths(len(still))
    found = [still[part].sum() / entered[part].sum() if entered[part].any() else np.nan for part in parts]
    return figure_row(found, n=round(entered.sum() / TENTHS), target="C3")


def cohort_readings(cohort: Cohort) -> dict[str, FloatArray]:
    """What the cohort's own study reads, by "outcome at age", each of shape (n,)."""
    wanted = [("epds", "caregiver", age) for age in ("6 weeks", "8 weeks", "6 months", "8 months", *AGES)]
    wanted += [(name, "caregiver", LATE) for name in ("appropriate_comments", "nonattuned_comments", "sensitivity")]
    wanted += [("methylation", "infant", age) for age in (EARLY, LATE)]
    wanted += [(name, "infant", LATE) for name in ("irritability", "attachment")]
    return {f"{name} at {age}": cohort.readings(name, age, member=member) for name, member, age in wanted}


# --------------------------------------------------------------------------------------------------- Krol 2019
def krol_readings(cohort: Cohort, taking_part: Groups) -> dict[str, FloatArray]:
    """What Krol 2019 read, each of shape (replications, n): care and the infant's behaviour at 5 months, infant
    methylation and its change to 18 months, the mother's change, irritability at 18 months.
    """
    home = visit(cohort, EARLY, ["caregiver.engagement", "infant.affect"], hours=HOME_VISIT)

    def methylation(age: str) -> FloatArray:
        return cohort.readings("methylation", age, member="infant", groups=taking_part)

    late = methylation(LATE)
    return {
        "engaged care at 5 months": home.readings("engaged_care", HOME_VISIT, groups=taking_part),
        "infant affect at 5 months": home.readings("infant_affect", HOME_VISIT, member="infant", groups=taking_part),
        "infant methylation at 18 months": late,
        "infant methylation change": late - methylation(EARLY),
        "maternal methylation change": _maternal_change(cohort, taking_part),
        "irritability at 18 months": cohort.readings("irritability", LATE, member="infant", groups=taking_part),
    }


def _maternal_change(cohort: Cohort, taking_part: Groups) -> FloatArray:
    """An adult's methylation is a parameter that stays, so two samples differ by the laboratory's noise alone."""
    mother = cohort.caregivers[0]
    own = np.broadcast_to(cohort.who.value(f"{mother}.receptors.adult_methylation"), (len(cohort),))
    values = np.repeat(own[taking_part.position].reshape(-1, 1), 2, axis=1)
    times = [units.duration(age) for age in (EARLY, LATE)]
    found = read("methylation", values, taking_part.number.ravel().tolist(), times, Luck(cohort.seed, mother))
    early, late = np.asarray(found.values).T
    return (late - early).reshape(taking_part.position.shape)


def _krol_rows(read_by_study: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    asked: list[tuple[str, str, Expected, str]] = [
        ("engaged care at 5 months", "infant methylation change", "down", "K1"),
        ("engaged care at 5 months", "maternal methylation change", "none", "K2"),
        ("infant methylation at 18 months", "irritability at 18 months", "up", "K3"),
        ("infant affect at 5 months", "infant methylation change", "none", "K4"),
    ]
    return [
        effect_row(
            correlated(read_by_study[x], read_by_study[y]), outcome=y, contrast=f"r with {x}", unit="r",
            expected=expected, target=name,
        )
        for x, y, expected, name in asked
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------------- plumbing
def _followed(population: Any, n: int, first: int, until: str, options: Mapping[str, Any]) -> Cohort:
    given = isinstance(population, Family)
    at = [age for age in ("8 months", *AGES, EARLY, "6 months") if units.duration(age) <= units.duration(until)]
    return follow(population, None if given else n, first=0 if given else first, until=until, at=at, **options)


def _require(cohort: Cohort, until: str) -> Cohort:
    """The dyads of a cohort that came through, if they are enough and were followed to the age."""
    if not isinstance(cohort, Cohort):
        raise InputError(f"cohort: expected a Cohort, as follow() makes; found {cohort!r}")
    if cohort.times[0] + cohort.who.ages()[0] > 0 or cohort.until < units.duration(until) - 1e-6:
        raise InputError(f"cohort: expected one followed from birth to {until}; it ends at {cohort.until_text}")
    alive = cohort.take(np.flatnonzero(cohort.complete)) if cohort.reasons else cohort
    if len(alive) < SMALLEST:
        raise InputError(f"cohort: expected at least {SMALLEST} dyads that came through; found {len(alive)}")
    return alive


def _design(whole: Cohort, young: Cohort | None, size: int, replications: int) -> dict[str, str]:
    more = f", and {len(young)} more to 6 months for C3" if young is not None else ""
    return {
        "design": f"birth cohort ({target('C1a').source}; {target('C4a').source}; {target('K1').source})",
        "participants": f"{len(whole)} dyads from birth to 18 months{more}",
        "population": whole.fingerprint or "no population with a fingerprint",
        "EPDS": "every week; courses by the rule of oxysim.trials.courses at " + ", ".join(AGES),
        "care and infant behaviour": f"at {EARLY}, means of a day in the home from {' to '.join(HOME_VISIT)} (assumed)",
        "replications": f"{TENTHS} disjoint parts of the cohort for its figures; {replications} studies of n = {size}",
    }


_ASSUMPTIONS = (
    "Course classes by cut-offs and reliable change stand in for latent class growth, at three ages in place of four.",
    "An adult's methylation does not move in the model: what is found of a change in mothers is the laboratory's.",
    "K1 to K4 were built into the mechanisms (use = built_in): agreement is a regression test, not evidence.",
    "Studies of Krol's size overlap in their dyads where the cohort is smaller than all of them together; each has "
    "its own measurement error.",
)


def _failures(*cohorts: Cohort | None) -> tuple[str, ...]:
    lost = sum(len(one.reasons) for one in cohorts if one is not None)
    return (f"{lost} dyads failed and are left out.",) if lost else ()
