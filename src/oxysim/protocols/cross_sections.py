"""Published cross-sections as data, run by protocol 14, and the findings that each answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.measures.cut_offs import EPDS_POSSIBLE, EPDS_PROBABLE
from oxysim.protocols.cross_section import cross_section
from oxysim.schedule import Routine
from oxysim.simulation.plausibility import said_once
from oxysim.trials.reporting.protocol_report import ProtocolReport

# cases and controls; the published cut-off was not found
DEPRESSED, WELL = f"epds >= {EPDS_PROBABLE:g}", f"epds < {EPDS_POSSIBLE:g}"


@dataclass(frozen=True)
class CrossSection:
    """A published cross-section: what :func:`oxysim.protocols.cross_section.cross_section` needs.

    Attributes
    ----------
    measures, age, targets, groups, day : as for that function.
    pool : dyads that are followed by default.
    n : dyads in one study by default.

    >>> CrossSection(["epds"], age="6 months", targets={}, pool=100).groups is None
    True
    """

    measures: Sequence[Any]
    age: Any
    targets: Mapping[tuple[str, str], str]
    pool: int
    groups: Mapping[str, str] | None = None
    day: Any = None
    n: int = 100

    def run(
        self,
        *,
        population: Any = None,
        pool: int | None = None,
        cohort: Cohort | None = None,
        **options: Any,
    ) -> ProtocolReport:
        """Measure it, on the default number of dyads where nothing says how many, or which.

        >>> section = CrossSection(["epds", "bonding"], age="2 d", targets={}, pool=4, n=4)
        >>> section.run().effects["outcome"].tolist()
        ['bonding']
        """
        options.setdefault("n", self.n)
        # Families of the user and a cohort that is there have a number of their own.
        if pool is None and cohort is None and not isinstance(population, Family):
            pool = self.pool
        return cross_section(
            self.measures,
            age=self.age,
            groups=self.groups,
            targets=self.targets,
            day=self.day,
            population=population,
            pool=pool,
            cohort=cohort,
            **options,
        )


# Clock time of the samples is assumed; the EPDS has an age of its own.
CAESAREAN = CrossSection(
    [
        Measure("csf_oxytocin", at="09:00"),
        Measure("saliva_oxytocin", at="09:00"),
        Measure("epds", age="3 months"),
    ],
    age="0 d",
    targets={
        ("csf_oxytocin", "saliva_oxytocin"): "C8a",
        ("csf_oxytocin", "epds at 3 months"): "C8b",
    },
    pool=3000,
    # samples are taken before the infant is born: no infant, no feed
    day=Routine.empty(),
)

# 48 samples of about 100 mothers each, of whom the pool has as many.
DEPRESSION_AND_SENSITIVITY = CrossSection(
    ["epds", "sensitivity"],
    age="6 months",  # assumed
    targets={("epds", "sensitivity"): "C9"},
    pool=4800,
)

# Cases are rare, so that the pool is large for a study of 62.
MIND_MINDEDNESS = CrossSection(
    ["infant.saliva_oxytocin", "appropriate_comments", "epds"],
    age=("3 months", "9 months"),
    groups={"PND": DEPRESSED, "controls": WELL},
    targets={
        ("infant saliva_oxytocin", "appropriate_comments"): "C11",
        ("appropriate_comments", "PND - controls"): "LB1",
    },
    pool=4000,
)

# As they come, without cases and controls; mean size of the 63 studies is 201.
COMMUNITY_COMMENTS = CrossSection(
    ["epds", "appropriate_comments"],
    age="6 months",  # assumed
    targets={("epds", "appropriate_comments"): "E3"},
    pool=4000,
    n=200,
)

# The size of a case-control study was not found; assumed.
CASES_AND_SENSITIVITY = CrossSection(
    ["sensitivity"],
    age="6 months",  # assumed
    groups={"PND": DEPRESSED, "controls": WELL},
    targets={("sensitivity", "PND - controls"): "E8"},
    pool=4000,
    n=60,
)

# Blood before the morning's play, touch, voice and affect over it; clock times assumed.
AFFECTIONATE_PLAY = CrossSection(
    [
        Measure("plasma_oxytocin", at="10:50"),
        Measure("affectionate_contact", at=("11:00", "11:15")),
    ],
    age="6 months",
    targets={("plasma_oxytocin", "affectionate_contact"): "E9"},
    pool=1600,
    n=80,
)


@said_once
def caesarean(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int | None = None,
    replications: int | None = None,
    population: Any = None,
    pool: int | None = None,
    cohort: Cohort | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int | None = None,
    progress: bool = False,
) -> ProtocolReport:
    """Women at an elective caesarean: oxytocin in CSF and saliva before it, and the EPDS at 3
    months (C8a, C8b).

    Day 0, at 09:00, with neither infant nor feed: the samples are taken before the infant is born
    (clock time assumed). Arguments as for :func:`oxysim.protocols.cross_section.cross_section`; `n`
    is published as 94, `pool` is 3000.

    >>> caesarean(n=4, pool=4).figures["target"].tolist()
    ['C8a', 'C8b']
    """
    return CAESAREAN.run(
        population=population,
        pool=pool,
        cohort=cohort,
        n=_published("C8a") if n is None else n,
        replications=replications,
        seed=seed,
        progress=progress,
        cut=cut,
        scale=scale,
    )


@said_once
def depression_and_sensitivity(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 100,
    replications: int | None = None,
    population: Any = None,
    pool: int | None = None,
    cohort: Cohort | None = None,
    age: str = "6 months",
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int | None = None,
    progress: bool = False,
) -> ProtocolReport:
    """Depressive symptoms and rated sensitivity in one sample (C9: 48 studies of about 100 mothers
    together).

    The infants' age is assumed. Arguments as for
    :func:`oxysim.protocols.cross_section.cross_section`; `pool` is 4800.

    >>> depression_and_sensitivity(n=4, pool=4, age="2 d").figures["target"].tolist()
    ['C9']
    """
    # The one cross-section whose age a user may choose: it was assumed.
    return replace(DEPRESSION_AND_SENSITIVITY, age=age).run(
        population=population,
        pool=pool,
        cohort=cohort,
        n=n,
        replications=replications,
        seed=seed,
        progress=progress,
        cut=cut,
        scale=scale,
    )


@said_once
def mind_mindedness(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int | None = None,
    replications: int | None = None,
    population: Any = None,
    pool: int | None = None,
    cohort: Cohort | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int | None = None,
    progress: bool = False,
) -> ProtocolReport:
    """Mothers with postnatal depression and controls, half and half, infants of 3 to 9 months.

    Infant saliva oxytocin goes with appropriate comments over both groups (C11); comments are
    compared between the groups (LB1).

    Cases read 13 or more on the EPDS, controls less than 10 (assumed). Arguments as for
    :func:`oxysim.protocols.cross_section.cross_section`; `n` is published as 62, `pool` is
    4000.

    >>> mind_mindedness(n=1)
    Traceback (most recent call last):
    oxysim.errors.InputError: n: expected a whole number of at least 2; found 1
    """
    return MIND_MINDEDNESS.run(
        population=population,
        pool=pool,
        cohort=cohort,
        n=_published("C11") if n is None else n,
        replications=replications,
        seed=seed,
        progress=progress,
        cut=cut,
        scale=scale,
    )


def _published(finding: str) -> int:
    """How many took part in the study of a finding."""
    return target(finding).n or 0
