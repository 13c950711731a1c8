"""Protocol 8: a birth cohort, followed for 18 months.

EPDS courses as the mother's forms show them; mind-mindedness, attachment, infant methylation and
irritability, care and the infant's behaviour. Figures of the cohort itself come with their Monte
Carlo error from disjoint tenths of it; what Krol 2019 found in 101 dyads is asked of studies of
that size drawn from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray, IntArray
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import BLOCK, Drawable, came_through, follow
from oxysim.cohorts.several_cohorts import given_cohort, require_alike
from oxysim.cohorts.trajectory_classes import AGES, COURSES, course_shares
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.measures.cut_offs import EPDS_POSSIBLE
from oxysim.protocols.krol_2019 import ASSAYS, EARLY, HOME_VISIT, LATE, krol_readings, krol_rows
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.scipy_engine import Solver
from oxysim.trials.participant_groups import groups
from oxysim.trials.plan.limits import require_replications
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.table_of_effects import effect_table

Row = dict[str, Any]
"""A row of a table, by column."""

# The spread of ten parts is known to about a quarter of itself.
TENTHS = 10  # disjoint parts of the cohort, whose spread gives the Monte Carlo error of its figures
EARLY_END = "6 months"  # how far those are followed who are there for C3 alone
# C2 is a mean over these weeks.
WEEKS = tuple(f"{week} weeks" for week in range(6, 53))
STILL = 12.0  # EPDS points: cut-off of entry and of persistence in C3
# The published classes, in the order of the rule that stands in for them.
CLASS_TARGETS = dict(zip(COURSES, ("C4a", "C4b", "C4c", "C4d"), strict=True))
SMALLEST = 40  # dyads of a cohort: four in a tenth

ASSUMPTIONS = (
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

    >>> birth_cohort(n=40, krol_n=1)
    Traceback (most recent call last):
    oxysim.errors.InputError: krol_n: expected a whole number of at least 2; found 1
    """
    size = target("K1").n or 0 if krol_n is None else krol_n
    checks.whole_number(size, "krol_n", 2)
    require_replications(replications)

    # Who is followed: new dyads, or cohorts that are there already.
    days = {"schedule": schedule, "solver": solver}
    if cohort is None and early_cohort is None:
        key = 0 if seed is None else seed
        options = {**days, "cut": cut, "scale": scale, "block": block, "progress": progress}
        long_cohort, short_cohort = _new_cohorts(population, n, early, key, **options)
    else:
        idle = {"population": population, "n": n, "early": early, **days}
        _require_only_cohorts(cohort, **idle, cut=cut or None, scale=scale)
        long_cohort = _from_birth(cohort, LATE, seed)
        no_other = early_cohort is None
        short_cohort = None if no_other else _from_birth(early_cohort, EARLY_END, seed)

    # What is read: of the cohort itself once, of Krol 2019 in every study drawn from it.
    whole = _enough(long_cohort)
    young = None if short_cohort is None else _enough(short_cohort)
    studies = krol_readings(whole, groups(len(whole), size, replications, whole.seed))
    readings = {f"{key} | cohort": values[None] for key, values in cohort_readings(whole).items()}
    readings |= {f"{key} | studies": values for key, values in studies.items()}
    return ProtocolReport(
        name="Birth cohort",
        question="How do depression, care and the infant's development go on over 18 months?",
        design=_design(whole, young, size, replications),
        effects=effect_table(krol_rows(studies)),
        arms={},
        readings=readings,
        assumptions=ASSUMPTIONS + _failures(long_cohort, short_cohort),
        figures=figure_table(figures(whole, young)),
    )


def figures(whole: Cohort, young: Cohort | None = None) -> list[dict[str, Any]]:
    """Rows C1a to C4d, one value a tenth of the cohort; C3 from both cohorts.

    Parameters
    ----------
    whole : followed from birth to 18 months.
    young : further dyads, followed to 6 months at least.

    >>> from oxysim.cohorts import follow
    >>> cohort = follow(n=20, at=["6 months", "8 months", *AGES], progress=False)
    >>> [row["target"] for row in figures(cohort)]
    ['C1a', 'C1b', 'C1c', 'C2', 'C3', 'C4a', 'C4b', 'C4c', 'C4d']
    """
    # Dyads are independent draws, so that parts by position are as good as random ones.
    parts = tenths(len(whole))
    n = len(parts[0])

    def row(statistic: Callable[[FloatArray], float], values: FloatArray, finding: str) -> Row:
        return figure_row([statistic(values[tenth]) for tenth in parts], n=n, target=finding)

    epds = {age: whole.readings("epds", age) for age in ("8 weeks", "8 months")}
    # C2 is a point share: the share of weeks at or above the cut-off, averaged over mothers.
    high = share_at_or_above(whole.readings("epds", list(WEEKS)), EPDS_POSSIBLE)
    rows = [
        row(np.nanmean, epds["8 weeks"], "C1a"),
        row(np.nanmean, epds["8 months"], "C1b"),
        row(lambda forms: float(np.nanstd(forms, ddof=1)), epds["8 weeks"], "C1c"),
        row(np.nanmean, high, "C2"),
        persistence_row([whole] if young is None else [whole, young]),
    ]

    # Classes come from readings with their error, as they did in the publication.
    courses = whole.readings("epds", list(AGES))
    shares = [course_shares(courses[tenth]) for tenth in parts]
    for course, finding in CLASS_TARGETS.items():
        rows.append(figure_row([share[course] for share in shares], n=n, target=finding))
    return rows


def tenths(n: int) -> list[IntArray]:
    """Positions of each of ten disjoint parts of a cohort of n, as even as they can be.

    >>> [len(part) for part in tenths(12)]
    [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    return np.array_split(np.arange(n), TENTHS)


def share_at_or_above(epds: FloatArray, cut: float) -> FloatArray:
    """The share of a mother's forms at or above a cut-off, shape (n,) from (n, n_times).

    A mother with a missing form (NaN) has no share (NaN).

    >>> share_at_or_above(np.array([[4.0, 12.0], [np.nan, 12.0]]), 10)
    array([0.5, nan])
    """
    above = np.where(np.isnan(epds), np.nan, epds >= cut)
    return np.asarray(above.mean(axis=1), dtype=float)


def persistence(cohort: Cohort, cut: float = STILL) -> FloatArray:
    """Who reads at or above the cut-off at 6 weeks, and who of them still does at 6 months.

    Two rows of 0 and 1, shape (2, n).

    Four mothers: high at both ages, at the first, at the second, at neither.

    >>> from oxysim.population import Population
    >>> dyads = Population.named("community").sample(4, seed=0, infant_age="0 d")
    >>> times = np.array([units.duration("6 weeks"), units.duration("6 months")])
    >>> epds = np.array([[28.0, 28.0], [28.0, 1.0], [1.0, 28.0], [1.0, 1.0]])
    >>> persistence(Cohort(dyads, times, {"mother.epds": epds}, None, seed=0, reasons={}))
    array([[1., 1., 0., 0.],
           [1., 0., 0., 0.]])
    """
    first, later = (cohort.readings("epds", age) >= cut for age in ("6 weeks", "6 months"))
    return np.array([first, first & later], dtype=float)


def persistence_row(cohorts: Sequence[Cohort]) -> Row:
    """C3 by the form: of those above the cut-off at 6 weeks, the share that still is at 6 months.

    One value for each tenth of all cohorts together.

    Raises
    ------
    InputError : cohorts that were not followed alike.

    Of twenty mothers who are high at 6 weeks every other one still is at 6 months.

    >>> from oxysim.population import Population
    >>> dyads = Population.named("community").sample(20, seed=0, infant_age="0 d")
    >>> times = np.array([units.duration("6 weeks"), units.duration("6 months")])
    >>> epds = np.tile([[28.0, 28.0], [28.0, 1.0]], (10, 1))
    >>> cohort = Cohort(dyads, times, {"mother.epds": epds}, None, seed=0, reasons={})
    >>> persistence_row([cohort])["simulated"]
    0.5
    """
    require_alike(cohorts)
    # Few mothers read 12 or more, so both cohorts are asked, one after the other.
    entered, still = np.concatenate([persistence(cohort) for cohort in cohorts], axis=1)
    shares = [
        still[tenth].sum() / entered[tenth].sum() if entered[tenth].any() else np.nan
        for tenth in tenths(len(still))
    ]
    return figure_row(shares, n=round(entered.sum() / TENTHS), target="C3")


def cohort_readings(cohort: Cohort) -> dict[str, FloatArray]:
    """What the cohort's own study reads, by "outcome at age", each of shape (n,).

    >>> from oxysim.cohorts import follow
    >>> cohort = follow(n=2, at=["5 months", "6 months", "8 months", *AGES], progress=False)
    >>> cohort_readings(cohort)["epds at 8 weeks"].shape
    (2,)
    """
    asked = [
        ("epds", "caregiver", age) for age in ("6 weeks", "8 weeks", "6 months", "8 months", *AGES)
    ]
    asked += [
        (instrument, "caregiver", LATE)
        for instrument in ("appropriate_comments", "nonattuned_comments", "sensitivity")
    ]
    asked += [("methylation", "infant", age) for age in (EARLY, LATE)]
    asked += [(instrument, "infant", LATE) for instrument in ("irritability", "attachment")]
    return {
        f"{instrument} at {age}": cohort.readings(instrument, age, member=member)
        for instrument, member, age in asked
    }


def _new_cohorts(
    population: Any, n: int | None, early: int | None, seed: int, **options: Any
) -> tuple[Cohort, Cohort | None]:
    """The cohort followed for 18 months, and the further dyads that are there for C3 alone."""
    at = ["5 months", EARLY_END, "8 months", *AGES]
    if isinstance(population, Family):
        if early is not None:
            raise InputError(
                "early: the dyads are given, and there are no further ones; leave it out"
            )
        return follow(population, n, until=LATE, at=at, seed=seed, **options), None

    # Enough for the smallest class (C4d, 5 %) to be known to half a per cent.
    size = 2000 if n is None else n
    # Some sixty in a tenth then read 12 or more at six weeks, which C3 divides by.
    further = 4500 if early is None else early
    checks.whole_number(further, "early", 0)
    whole = follow(population, size, until=LATE, at=at, seed=seed, **options)
    if not further:
        return whole, None
    young = follow(
        population, further, first=size, until=EARLY_END, at=at[:1], seed=seed, **options
    )
    return whole, young


def _require_only_cohorts(cohort: Cohort | None, **options: Any) -> None:
    """Raise where a cohort is there already and something says whom to follow, or how."""
    if cohort is None:
        raise InputError(
            "early_cohort: it goes with cohort=, one followed for 18 months; found none"
        )
    idle = [argument for argument, value in options.items() if value is not None]
    if idle:
        raise InputError(
            f"cohort: it is there already, so {', '.join(idle)} can say nothing; leave them out"
        )


def _from_birth(cohort: Any, until: str, seed: int | None) -> Cohort:
    """A cohort that is there already; it has to go from birth to the age."""
    checked = given_cohort(cohort, seed)
    # a step of the grid may end a rounding error before the age
    if checked.first_age > 0 or checked.until < units.duration(until) - 1e-6:
        raise InputError(
            f"cohort: expected one followed from birth to {until}; found one from"
            f" {checked.first_age / units.MONTH:.1f} to {checked.until / units.MONTH:.1f} months"
        )
    return checked


def _enough(cohort: Cohort) -> Cohort:
    """The dyads of a cohort that came through, if they are enough."""
    alive = came_through(cohort)
    if len(alive) < SMALLEST:
        raise InputError(
            f"cohort: expected at least {SMALLEST} dyads that came through; found {len(alive)}"
        )
    return alive


def _design(whole: Cohort, young: Cohort | None, size: int, replications: int) -> dict[str, str]:
    """The design in words."""
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


def _failures(*cohorts: Cohort | None) -> tuple[str, ...]:
    """How many dyads failed, as a sentence; none where nobody did."""
    lost = sum(len(cohort.reasons) for cohort in cohorts if cohort is not None)
    return (f"{lost} dyads failed and are left out.",) if lost else ()
