"""Protocols 8 and 14 as the findings about the loop's own edges need them: depression and parenting
confidence over time, what a mother in low mood reports of her infant, and of her bond.

Each reads the cohort of 18 months that runs share and returns a study like any protocol; nothing
here reads a published figure. What a publication leaves open is assumed and said.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from oxysim.arrays import FloatArray
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import came_through
from oxysim.evidence.board.shared_cohorts import SharedCohorts
from oxysim.trials.participant_groups import Groups, groups
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import (
    correlated,
    difference_of_correlations,
)
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table

# The lag of the 35 studies differs, as does the age; assumed. 160 is far below their mean size of
# 650, so that a cohort holds several studies.
FIRST, SECOND, LAGGED_N = "2 months", "6 months", 160
# O'Dea 2023 has the whole first year; these ages stand for it.
BONDING_AT, BONDING_N = ("2 months", "6 months", "12 months"), 160
# Ages of the two meta-analyses, and of the two classes of the survey with as many mothers.
REPORT_AT, REPORT_N = ("3 months", "6 months", "9 months"), 160
YOUNGER, YOUNGER_N = ("3 months", "4 months", "5 months"), 147
OLDER, OLDER_N = ("9 months", "10 months", "11 months"), 130
SURVEYS = 40  # studies of the survey's size, which share dyads with each other
CROSS_LAGGED = {
    "E1": "depression on later confidence, given confidence",
    "E2": "confidence on later depression, given depression",
}


def confidence_and_depression(shared: SharedCohorts, *, n: int = LAGGED_N) -> ProtocolReport:
    """EPDS and parenting confidence at two ages: what each says of the later other beyond what that
    was before, as d (E1, E2), in as many studies of `n` as the cohort holds.

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("E1")
    >>> run.name, run.execute is confidence_and_depression
    ('confidence and depression', True)
    """
    cohort = came_through(shared.whole)
    taking_part = _studies(cohort, n)
    early, late = (
        {name: _read(cohort, name, age, taking_part) for name in ("epds", "parenting_confidence")}
        for age in (FIRST, SECOND)
    )
    mood, confidence = "epds", "parenting_confidence"
    paths = {
        "E1": cross_lagged(early[mood], early[confidence], late[confidence]),
        "E2": cross_lagged(early[confidence], early[mood], late[mood]),
    }
    figures = [
        figure_row(values, n=n, quantity=CROSS_LAGGED[name], unit="d", target=name)
        for name, values in paths.items()
    ]
    # beside them what they are made of, which says nothing of a direction
    pairs = {
        "parenting_confidence at 2 months": (early[mood], early[confidence]),
        "parenting_confidence at 6 months": (early[mood], late[confidence]),
    }
    rows = [
        effect_row(
            correlated(*pair), outcome=outcome, contrast=f"r with epds at {FIRST}", unit="r",
            expected="prediction",
        )
        for outcome, pair in pairs.items()
    ]  # fmt: skip
    return _study(
        "Parenting confidence and depression over time",
        rows,
        figures,
        f"Standardised paths from {FIRST} to {SECOND} (ages assumed), each given the earlier level"
        " of what it leads to; a path b is read as d = 2b / sqrt(1 - b²).",
    )


def reported_temperament(shared: SharedCohorts) -> ProtocolReport:
    """What mothers report of their infants against their own EPDS (E4), and whether the two go
    together less in older infants (E5).

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("E5")
    >>> run.name, run.execute is reported_temperament
    ('reported temperament', True)
    """
    cohort = came_through(shared.whole)
    over_ages = _mean_correlation(
        cohort, "reported_temperament", REPORT_AT, REPORT_N, member="infant"
    )
    figures = [
        figure_row(
            over_ages, n=REPORT_N, quantity="EPDS with reported temperament", unit="r", target="E4"
        )
    ]
    # ranks, as the survey's own figures are of ranks
    ranks = {
        name: [
            rankdata(values, axis=1) for values in _at_ages(cohort, ages, _surveys(cohort, n, name))
        ]
        for name, ages, n in (("younger", YOUNGER, YOUNGER_N), ("older", OLDER, OLDER_N))
    }
    row = effect_row(
        difference_of_correlations(*ranks["younger"], *ranks["older"]),
        outcome="rank correlation of EPDS with reported temperament",
        contrast="9-11 months - 3-5 months", unit="z", expected="down", target="E5",
    )  # fmt: skip
    return _study(
        "Infant temperament as its mother reports it",
        [row],
        figures,
        "Temperament is a form about the infant that its mother fills in; the EPDS is one of the"
        " same day. Two different samples, at 3 to 5 and at 9 to 11 months (the survey's classes"
        " are 3-6 and 9-12).",
    )


def bonding_and_mood(shared: SharedCohorts) -> ProtocolReport:
    """Bonding problems and the EPDS of the same day, mean over the first year (E7).

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("E7")
    >>> run.name, run.execute is bonding_and_mood
    ('bonding and mood', True)
    """
    cohort = came_through(shared.whole)
    # the form counts closeness, the published ones count problems
    problems = -_mean_correlation(cohort, "bonding", BONDING_AT, BONDING_N)
    figures = [
        figure_row(
            problems, n=BONDING_N, quantity="EPDS with bonding problems", unit="r", target="E7"
        )
    ]
    return _study(
        "Bonding problems and depression",
        [],
        figures,
        "Problems are the bonding form's points from its other end; ages are "
        + ", ".join(BONDING_AT)
        + " (assumed).",
    )


def cross_lagged(cause: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """The standardised path from `cause` to `after`, given `before`, as d; shape (replications,).

    Parameters
    ----------
    cause, before, after : readings, shape (replications, n); `before` is what `after` was when
        `cause` was read.

    Where cause and before are unrelated, the path is the correlation of cause and after; here it is
    sin 30° = .5, so that d = 2·.5/cos 30°.

    >>> angle = 2 * np.pi * np.arange(360) / 360
    >>> cause, before = np.cos(angle), np.sin(angle)
    >>> after = np.cos(angle - np.pi / 3)
    >>> cross_lagged(cause[None], before[None], after[None]).round(4).tolist()
    [1.1547]
    """
    to_after, stable, together = (
        correlated(x, y).dz for x, y in ((cause, after), (before, after), (cause, before))
    )
    path = (to_after - stable * together) / (1 - together**2)
    return np.asarray(2 * path / np.sqrt(1 - path**2))


def _studies(cohort: Cohort, n: int) -> Groups:
    """As many studies of n as the cohort holds without anybody in two of them."""
    return groups(len(cohort), n, max(1, len(cohort) // n), cohort.seed)


def _surveys(cohort: Cohort, n: int, name: str) -> Groups:
    """Studies that share dyads: a cohort holds too few of the survey's size."""
    return groups(len(cohort), n, SURVEYS, cohort.seed, arm=name)


def _read(
    cohort: Cohort, name: str, age: str, taking_part: Groups, member: str = "caregiver"
) -> FloatArray:
    return cohort.readings(name, age, member=member, occasion=age, groups=taking_part)


def _mean_correlation(
    cohort: Cohort, name: str, ages: tuple[str, ...], n: int, member: str = "caregiver"
) -> FloatArray:
    """The correlation of a form with the EPDS of the same day, mean over ages; (replications,)."""
    taking_part = _studies(cohort, n)
    by_age = [
        correlated(
            _read(cohort, "epds", age, taking_part),
            _read(cohort, name, age, taking_part, member),
        ).dz
        for age in ages
    ]
    return np.asarray(np.mean(by_age, axis=0))


def _at_ages(
    cohort: Cohort, ages: tuple[str, ...], taking_part: Groups
) -> tuple[FloatArray, FloatArray]:
    """EPDS and reported temperament, each participant at one of the ages, in turn."""
    turn = np.arange(taking_part.position.shape[1]) % len(ages)
    epds, reported = (
        np.array([_read(cohort, name, age, taking_part, member) for age in ages])
        for name, member in (("epds", "caregiver"), ("reported_temperament", "infant"))
    )
    columns = np.arange(len(turn))
    return epds[turn, :, columns].T, reported[turn, :, columns].T


def _study(
    name: str, effects: list[dict[str, object]], figures: list[dict[str, object]], assumed: str
) -> ProtocolReport:
    return ProtocolReport(
        name=name, question="", design={}, effects=effect_table(effects), arms={}, readings={},
        assumptions=(assumed,), figures=figure_table(figures),
    )  # fmt: skip
