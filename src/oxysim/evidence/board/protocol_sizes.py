"""How large each protocol runs for a scoreboard, in full and in quick mode.

Most runs are one of four kinds, so that a run is a row of numbers: a session of families that are
drawn (:class:`DrawnSession`), a trial of mothers who are screened (:class:`ScreenedTrial`), one
without a screening (:class:`UnscreenedTrial`), and a cross-section of the cohort that runs share
(:class:`SharedCrossSection`). The others are functions.

Pools hold everybody that the replications of one sample draw, so that these are as good as new
people, wherever the protocol is cheap enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from oxysim import protocols
from oxysim.cohorts.follow_up import came_through
from oxysim.errors import InputError
from oxysim.evidence.board.shared_cohorts import SharedCohorts, Size
from oxysim.evidence.board.table_rows import epds_rows
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.evidence.surveys.survey_score import score_survey
from oxysim.measures.cut_offs import EPDS_HIGHEST, EPDS_PROBABLE
from oxysim.population.independent_sample import Age
from oxysim.protocols.birth_cohort import persistence_row
from oxysim.trials.reporting.figure_table import figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.table_of_effects import effect_table

Protocol = Callable[..., ProtocolReport]


@dataclass(frozen=True)
class DrawnSession:
    """A session of families of the population as they are drawn.

    Attributes
    ----------
    protocol : the public function.
    argument : by which it takes families ("adults").
    families, replications : how many.
    caregivers, infant_age : of the families.
    parameters : that are set in all of them.

    >>> DrawnSession(protocols.single_feed, "mothers", (2000, 300), (200, 30)).caregivers
    ('mother',)
    """

    protocol: Protocol
    argument: str
    families: Size
    replications: Size
    caregivers: tuple[str, ...] = ("mother",)
    infant_age: Age = "5 months"
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, shared: SharedCohorts) -> ProtocolReport:
        """Run it."""
        settings = shared.settings
        # A pool that grows keeps its first dyads: they are numbered.
        size = settings.size(*self.families)
        families = settings.families(size, self.caregivers, self.infant_age)
        if self.parameters:
            families = families.with_parameters(self.parameters)
        return self.protocol(
            replications=settings.size(*self.replications),
            seed=settings.seed,
            **{self.argument: families},
            **settings.cuts,
        )


@dataclass(frozen=True)
class ScreenedTrial:
    """A trial of mothers who are screened.

    In a full run the protocol screens them; in a quick one they come from the cohort that runs
    share.

    Attributes
    ----------
    protocol : the public function.
    pool : mothers of a full run.
    infant_age, low, high : of the screening in a quick run: when, and between which EPDS points.
    first : only so many of those who enter.
    most : participants of one trial in a quick run, if there are as many; None: the protocol's own
        number.

    >>> ScreenedTrial(protocols.infant_massage, 400, "2 weeks", 6.0, 12.0).most is None
    True
    """

    protocol: Protocol
    pool: int
    infant_age: str
    low: float = 0.0
    high: float = EPDS_HIGHEST
    first: int | None = None
    most: int | None = None

    def __call__(self, shared: SharedCohorts) -> ProtocolReport:
        """Run it."""
        settings = shared.settings
        # The protocol screens the population itself, as a user's call would.
        if not settings.quick:
            pool = settings.size(self.pool, self.pool)
            return self.protocol(
                pool=pool, population=settings.population, seed=settings.seed, **settings.cuts
            )

        mothers = shared.mothers_scoring(self.infant_age, self.low, self.high)
        # Dyads in the order of their numbers, so that a larger cohort changes nobody.
        if self.first is not None:
            mothers = mothers.take(range(self.first))
        options: dict[str, Any] = {}
        if self.most is not None:
            # an even number, half in each arm
            options["n"] = 2 * (min(len(mothers), self.most) // 2)
        return self.protocol(mothers=mothers, seed=settings.seed, **options, **settings.cuts)


@dataclass(frozen=True)
class UnscreenedTrial:
    """A trial of mothers as they are drawn.

    Attributes
    ----------
    protocol : the public function.
    pool, replications : how many.

    >>> UnscreenedTrial(protocols.spray_mind_mindedness, (620, 124), (200, 50)).pool
    (620, 124)
    """

    protocol: Protocol
    pool: Size
    replications: Size

    def __call__(self, shared: SharedCohorts) -> ProtocolReport:
        """Run it."""
        settings = shared.settings
        return self.protocol(
            pool=settings.size(*self.pool),
            replications=settings.size(*self.replications),
            population=settings.population,
            seed=settings.seed,
            **settings.cuts,
        )


@dataclass(frozen=True)
class SharedCrossSection:
    """A cross-section of the young cohort.

    Attributes
    ----------
    protocol : the public function.

    >>> SharedCrossSection(protocols.caesarean).protocol.__name__
    'caesarean'
    """

    protocol: Protocol

    def __call__(self, shared: SharedCohorts) -> ProtocolReport:
        """Run it."""
        return self.protocol(cohort=shared.young, seed=shared.settings.seed)


def play_of_both_parents(shared: SharedCohorts) -> ProtocolReport:
    """Play sessions of mothers and of fathers, families of their own each.

    A small run: 72 families of mothers, and 72 of fathers.

    >>> from oxysim.evidence.board.shared_cohorts import RunSettings
    >>> from oxysim.population import Population
    >>> small = RunSettings(Population.named("community"), growth=0.06)
    >>> study = play_of_both_parents(SharedCohorts(small))
    >>> sorted(set(study.effects["target"]))
    ['F1', 'F2']
    """
    settings = shared.settings
    size = settings.size(1200, 240)
    return protocols.play_session(
        replications=settings.size(400, 100),
        parents={
            "mothers": settings.families(size, ("mother",)),
            "fathers": settings.families(size, ("father",)),
        },
        seed=settings.seed,
    )


def spray_of_mothers_scoring_high(shared: SharedCohorts) -> ProtocolReport:
    """The crossover in mothers of the shared cohort with a probable depression.

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("H1a")
    >>> run.name, run.execute is spray_of_mothers_scoring_high
    ('spray crossover', True)
    """
    settings = shared.settings
    # Screening thousands for one run would cost more than the run.
    mothers = shared.mothers_scoring("5 months", low=EPDS_PROBABLE)
    study = protocols.spray_crossover(
        replications=settings.size(400, 100), mothers=mothers, seed=settings.seed
    )
    sample = (
        f"{len(mothers)} of {len(shared.young)} mothers of the cohort, with 13 or more on the EPDS"
        " at 5 months"
    )
    return replace(study, design={**study.design, "sample": sample})


def birth_cohort_at_every_age(shared: SharedCohorts) -> ProtocolReport:
    """The birth cohort, with the EPDS at every week and month besides, for rows of a user.

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("K1")
    >>> run.name, run.execute is birth_cohort_at_every_age
    ('birth cohort', True)
    """
    replications = shared.settings.size(200, 100)
    # Its figures come from the cohort that other runs read too.
    study = protocols.birth_cohort(cohort=shared.whole, replications=replications)
    # Kept apart from the protocol's own figures, which its readers know.
    at_each_age = figure_table(epds_rows(came_through(shared.whole)))
    return replace(study, figures=pd.concat([study.figures, at_each_age], ignore_index=True))


def persistence_of_symptoms(shared: SharedCohorts) -> ProtocolReport:
    """C3 alone: few mothers read 12 or more, so the larger cohort is asked.

    A small run: ten dyads, followed for nine months.

    >>> from oxysim.evidence.board.shared_cohorts import RunSettings
    >>> from oxysim.population import Population
    >>> small = RunSettings(Population.named("community"), growth=0.0015)
    >>> persistence_of_symptoms(SharedCohorts(small)).figures["target"].tolist()
    ['C3']
    """
    row = persistence_row([came_through(shared.young)])
    return ProtocolReport(
        name="Persistence of symptoms from six weeks to six months",
        question="",
        design={},
        effects=effect_table([]),
        arms={},
        readings={},
        figures=figure_table([row]),
    )


def survey_of_own_population(shared: SharedCohorts) -> ProtocolReport:
    """The survey's own parameter set, whatever population the other rows are run with.

    Raises
    ------
    InputError : no path of the survey's file.

    >>> from oxysim.evidence.board.shared_cohorts import RunSettings
    >>> from oxysim.population import Population
    >>> survey_of_own_population(SharedCohorts(RunSettings(Population.named("community"))))
    Traceback (most recent call last):
    oxysim.errors.InputError: survey: expected the path of the survey's file; it is not packaged
    """
    settings = shared.settings
    if settings.survey is None:
        raise InputError("survey: expected the path of the survey's file; it is not packaged")
    # Whatever the scoreboard's population: the survey's own was fitted to the other half.
    score = score_survey(
        read_survey(settings.survey),
        n=settings.size(3000, 400),
        seed=settings.seed,
        draws=settings.size(1000, 200),
    )
    # as a report like any other, so that the scoreboard needs no case of its own
    return score.study()
