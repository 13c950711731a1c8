"""What a candidate population is asked beside its courses: the scoreboard's protocols, small.

Each part runs one protocol and answers the findings that it marks. With a cohort of 360 the Monte
Carlo noise of a figure is a third of the half width of its published interval as a median; C5, C9
and E8 come near it, E1 and Z2 lie at 1.1 and 1.3, which is why an emulator of hundreds of runs is
held against the findings, and no single one. Replications draw from the same few dyads, and add
measurements, not people. Treated mothers are the same in both arms.

Left out, and why: E14, a difference of two small effects that a study of its size hardly ever
finds, as the scoreboard says of it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr

from oxysim import protocols
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import measure_of
from oxysim.cohorts.follow_up import came_through, follow
from oxysim.errors import InputError
from oxysim.evidence.board import check_protocols, loop_protocols
from oxysim.evidence.board.answers import Tables, answer_parts
from oxysim.evidence.board.protocol_runs import run_answering
from oxysim.evidence.board.shared_cohorts import READ_AT, RunSettings, SharedCohorts
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.protocols import cross_sections
from oxysim.protocols.cross_section import cross_section
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import correlated
from oxysim.trials.reporting.table_of_effects import effect_table

USUAL_COHORT = 1200  # beside which quick sizes of the scoreboard stand as they are
REPLICATIONS = 40  # of trials and sessions: their forms' noise is then small beside the dyads'
FEWEST_CASES = 24  # who are treated where fewer are ill: then the most burdened
NINETY_FIVE = 1.96  # standard errors beyond which a correlation is significant
G1_QUANTITY = "studies with an association"  # as the scoreboard's run names it
SIX_MONTHS_LATER = "34 weeks"  # after enrolment: six months after eight weeks of treatment


@dataclass(frozen=True)
class SmallSettings(RunSettings):
    """Settings of quick runs whose other sizes are in proportion to their one cohort.

    >>> from oxysim.population import Population
    >>> settings = SmallSettings(Population.named("community"), quick=True, small_cohort=600)
    >>> settings.size(700, 140)
    70
    """

    def size(self, full: int, quick: int) -> int:
        """A number of dyads or replications: the quick one of a cohort of 1,200."""
        return max(round(quick * self.small_cohort / USUAL_COHORT), 2)

    def cohort_size(self, full: int) -> int:
        """Dyads of the cohort."""
        return self.small_cohort


@dataclass(frozen=True, eq=False)
class CandidateCohorts(SharedCohorts):
    """One cohort of a candidate, from birth to 18 months, which all of its parts read.

    >>> from oxysim.population import Population
    >>> settings = SmallSettings(Population.named("community"), quick=True, small_cohort=600)
    >>> CandidateCohorts(settings).sized(60)
    60
    """

    @cached_property
    def whole(self) -> Cohort:
        """Those of its dyads that came through."""
        settings = self.settings
        return came_through(
            follow(
                settings.population, settings.small_cohort, until="18 months", at=READ_AT,
                seed=settings.seed, schedule=settings.day, progress=False,
            )
        )  # fmt: skip

    @cached_property
    def young(self) -> Cohort:
        """The same."""
        return self.whole

    def burdened(self, infant_age: str, most: int) -> Family:
        """Mothers with a probable depression at an infant age, `most` at most; where fewer than
        :data:`FEWEST_CASES` are, those who score highest.
        """
        forms = self.whole.readings("epds", infant_age, occasion="screening")
        cases = np.flatnonzero(forms >= EPDS_PROBABLE)
        if len(cases) < FEWEST_CASES:
            cases = np.argsort(-forms, kind="stable")[:FEWEST_CASES]
        return self.whole.take(np.sort(cases[:most])).family(infant_age)

    def sized(self, dyads: int) -> int:
        """Dyads of a part that has so many beside a cohort of 600; even, for two arms."""
        return 2 * max(round(dyads * self.settings.small_cohort / USUAL_COHORT), 8)


@dataclass(frozen=True)
class Part:
    """One protocol, and the findings that it answers.

    Attributes
    ----------
    findings : their ids.
    run : from a candidate's cohorts to the report.

    >>> PARTS[0].findings
    ('C8a', 'C8b')
    """

    findings: tuple[str, ...]
    run: Callable[[CandidateCohorts], ProtocolReport]

    def figures(self, candidate: CandidateCohorts) -> dict[str, float | str]:
        """The figure of each finding, or why there is none."""
        try:
            report = self.run(candidate)
            return {finding: _figure(finding, report) for finding in self.findings}
        # a candidate may have too few ill mothers for one protocol, and numbers for all others
        except (ValueError, ArithmeticError) as error:
            return dict.fromkeys(self.findings, str(error))


def _figure(finding: str, report: ProtocolReport) -> float:
    """The number that stands for a finding: over rows that answer it together, the one that is
    hardest to meet where a sign is asked for, else their mean.
    """
    run = run_answering(finding)
    if run is None:
        raise InputError(f"no run answers finding {finding!r}")
    tables = Tables(report.effects, report.figures, {}, (), pool=0, lost={}, seconds=0.0)
    answers = answer_parts(target(finding), tables, run.answers[finding])
    means = [row.mean for row in answers]
    together = {"up": np.min, "down": np.max}.get(str(target(finding).figure), np.mean)
    return float(together(means))


# --------------------------------------------------------------------- parts
def _whole_cohort(section: Callable[..., ProtocolReport]) -> Callable[..., ProtocolReport]:
    """A cross-section of everybody, each measured three times anew."""

    def run(candidate: CandidateCohorts) -> ProtocolReport:
        cohort = candidate.whole
        return section(cohort=cohort, n=len(cohort), replications=3, seed=candidate.settings.seed)

    return run


def _cases_and_controls(section: Callable[..., ProtocolReport]) -> Callable[..., ProtocolReport]:
    """A cross-section of cases and as many controls, as large as there are cases for it."""

    def run(candidate: CandidateCohorts) -> ProtocolReport:
        cohort, sizes = candidate.whole, [80, 62, 48, 36, 24, 16]
        for size in sizes:
            try:
                return section(cohort=cohort, n=size, replications=8, seed=candidate.settings.seed)
            except InputError:
                if size == sizes[-1]:
                    raise
        raise AssertionError  # the last size has returned or raised

    return run


def _confidence(candidate: CandidateCohorts) -> ProtocolReport:
    # one study of everybody: a path of two standardised numbers is the noisiest figure of all
    size = len(candidate.whole)
    return loop_protocols.confidence_and_depression(candidate, n=size)


def _reviewed(candidate: CandidateCohorts) -> ProtocolReport:
    """How many of the reviewed studies find an association, by each study's power for the
    correlation in the whole cohort: disjoint studies of their size would need a cohort of 900.
    """
    cohort, expected = candidate.whole, 0.0
    # one visit, at which everything is read that a study asked for
    measures = dict.fromkeys(itertools.chain.from_iterable(check_protocols.ASKED))
    study = cross_section(
        list(measures), age="5 months", n=len(cohort), replications=3, cohort=cohort,
        seed=candidate.settings.seed,
    )  # fmt: skip
    for (fluid, relation), n in zip(check_protocols.ASKED, check_protocols.REVIEWED, strict=True):
        pair = study.readings[fluid], study.readings[measure_of(relation).label]
        z = float(np.arctanh(correlated(*pair).dz.mean()) * np.sqrt(n - 3))
        expected += float(ndtr(z - NINETY_FIVE) + ndtr(-z - NINETY_FIVE))
    row = figure_row([expected], n=sum(check_protocols.REVIEWED), quantity=G1_QUANTITY, target="G1")
    return ProtocolReport(
        name="", question="", design={}, effects=effect_table([]), arms={}, readings={},
        figures=figure_table([row]),
    )  # fmt: skip


def _treatment(candidate: CandidateCohorts) -> ProtocolReport:
    mothers = candidate.burdened("8 weeks", candidate.sized(72))
    return protocols.psychological_treatment(
        mothers=mothers, n=2 * (len(mothers) // 2), replications=REPLICATIONS,
        later=[SIX_MONTHS_LATER], seed=candidate.settings.seed,
    )  # fmt: skip


def _massage(candidate: CandidateCohorts) -> ProtocolReport:
    # the entry of the published sample, as the scoreboard has it
    mothers = candidate.mothers_scoring("2 weeks", 6.0, 12.0)
    size = min(len(mothers), candidate.sized(80)) // 2 * 2
    return protocols.infant_massage(
        mothers=mothers.take(range(size)), n=size, replications=REPLICATIONS,
        seed=candidate.settings.seed,
    )  # fmt: skip


def _coaching(candidate: CandidateCohorts) -> ProtocolReport:
    size = min(candidate.sized(60), len(candidate.whole) // 2 * 2)
    return protocols.mind_mindedness_coaching(
        mothers=candidate.whole.family("6 months").take(range(size)), n=size,
        replications=REPLICATIONS, seed=candidate.settings.seed,
    )  # fmt: skip


def _contact(candidate: CandidateCohorts, **options: Any) -> ProtocolReport:
    size = candidate.sized(60)
    return protocols.daily_skin_to_skin(
        population=candidate.settings.population, pool=size, n=size, replications=REPLICATIONS,
        visits=["5 weeks"], seed=candidate.settings.seed, **options,
    )  # fmt: skip


def _kangaroo(candidate: CandidateCohorts) -> ProtocolReport:
    size = candidate.sized(130)
    return protocols.kangaroo_care(
        population=candidate.settings.population, pool=size, n=size, replications=REPLICATIONS,
        seed=candidate.settings.seed,
    )  # fmt: skip


def _crying(candidate: CandidateCohorts) -> ProtocolReport:
    size = candidate.sized(24)
    return protocols.crying_and_mood(
        population=candidate.settings.population, pool=size, n=size, replications=8,
        seed=candidate.settings.seed,
    )  # fmt: skip


def _crossover(candidate: CandidateCohorts) -> ProtocolReport:
    mothers = candidate.burdened("5 months", candidate.sized(72))
    return protocols.spray_crossover(
        mothers=mothers, n=len(mothers), replications=REPLICATIONS // 2,
        seed=candidate.settings.seed,
    )  # fmt: skip


def _fathers(candidate: CandidateCohorts) -> ProtocolReport:
    # as many families as one study has, however small the cohort
    size = max(candidate.sized(70), target("WE1").n or 0)
    return protocols.fathers_spray(
        population=candidate.settings.population, pool=size, n=size, replications=4,
        seed=candidate.settings.seed,
    )  # fmt: skip


def _kinetics(candidate: CandidateCohorts) -> ProtocolReport:
    return protocols.spray_kinetics(
        population=candidate.settings.population, pool=candidate.sized(150),
        replications=REPLICATIONS // 2, seed=candidate.settings.seed,
    )  # fmt: skip


def _stress_test(candidate: CandidateCohorts) -> ProtocolReport:
    size = candidate.sized(210)
    return protocols.social_stress_test(
        population=candidate.settings.population, pool=size, n=size, replications=4,
        seed=candidate.settings.seed,
    )  # fmt: skip


def _still_face(candidate: CandidateCohorts) -> ProtocolReport:
    size = candidate.sized(100)
    return protocols.still_face(
        population=candidate.settings.population, pool=size, n=size, replications=4,
        seed=candidate.settings.seed,
    )  # fmt: skip


PARTS = (
    Part(("C8a", "C8b"), _whole_cohort(protocols.caesarean)),
    Part(("C9",), _whole_cohort(protocols.depression_and_sensitivity)),
    Part(("C11",), _cases_and_controls(protocols.mind_mindedness)),
    Part(("E3",), _whole_cohort(cross_sections.COMMUNITY_COMMENTS.run)),
    Part(("E8",), _cases_and_controls(cross_sections.CASES_AND_SENSITIVITY.run)),
    Part(("E9",), _whole_cohort(cross_sections.AFFECTIONATE_PLAY.run)),
    Part(("E1", "E2"), _confidence),
    Part(("E4", "E5"), loop_protocols.reported_temperament),
    Part(("E7",), loop_protocols.bonding_and_mood),
    Part(("Z1", "Z2"), check_protocols.attachment),
    Part(("G1",), _reviewed),
    Part(("C7a", "C7b", "C7c", "C7d", "C7e", "C13", "C14"), _kinetics),
    Part(("VA1", "VA2"), check_protocols.fluids),
    Part(("E17", "E18", "E19"), _stress_test),
    Part(("E21",), _still_face),
    Part(("E10",), _crossover),
    Part(("WE1",), _fathers),
    Part(("E6",), _crying),
    Part(("C5", "E15"), _treatment),
    Part(("C6",), _massage),
    Part(("C10",), _coaching),
    Part(("E11",), _contact),
    Part(("E12",), functools.partial(_contact, minutes="120 min", less="30 min")),
    Part(("E13",), _kangaroo),
)
"""Every protocol that a candidate is asked beside its courses."""
