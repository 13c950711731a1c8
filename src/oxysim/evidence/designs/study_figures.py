"""What a study reports: some figures, and by how much one participant makes them stray.

A trial, a protocol's report, or a table with a row a participant: each becomes the same few
numbers, so that designs of all kinds can be held against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from oxysim.arrays import FloatArray
from oxysim.checks import array, instance, name, refused, sequence
from oxysim.errors import InputError
from oxysim.statistics.contrast import Contrast
from oxysim.texts import Described, listed
from oxysim.trials import ProtocolReport, Trial, TrialResult
from oxysim.trials.analysis import CHECKS

# Replications of a trial, from which its figures and their correlations are taken: a correlation
# of two figures strays by a tenth, and each is a few milliseconds.
REPLICATIONS = 100
FEWEST = 3  # replications or participants from which a spread can be told
ACCEPTED = (
    "a Trial, a TrialResult, a ProtocolReport, a table with one row a participant, or StudyFigures"
)


@dataclass(frozen=True, eq=False)
class StudyFigures(Described):
    """The figures of a study, and what one participant makes them stray by.

    Parameters
    ----------
    names : of the figures.
    values : shape (k,), on a scale where they stray evenly (of a ratio its logarithm).
    covariance : of one participant, shape (k, k): a study of n participants has figures with this
        over n.

    Raises
    ------
    InputError : names that are there twice, other shapes, variances that are none.

    >>> StudyFigures(("fall in EPDS",), [1.5], [[25.0]])
    Study figures: fall in EPDS 1.5; SD of one participant 5.
    """

    names: Sequence[str]
    values: Any
    covariance: Any

    def __post_init__(self) -> None:
        names = sequence(self.names, "names", name, of="names of figures")
        if len(set(names)) < len(names):
            raise refused(list(names), "names", "figures with different names")
        values = array(self.values, "values", (len(names),))
        covariance = array(self.covariance, "covariance", (len(names), len(names)))
        # a figure that nobody strays by would be known from one participant
        if not (np.diag(covariance) > 0).all() or not np.allclose(covariance, covariance.T):
            raise refused(self.covariance, "covariance", "variances above 0, the same either way")
        checked = {"names": names, "values": values, "covariance": covariance}
        for field_name, entries in checked.items():
            # a frozen class is written to by this way only
            object.__setattr__(self, field_name, entries)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The figures, for print and notebooks."""
        spreads = listed(f"{s:.3g}" for s in np.sqrt(np.diag(self.covariance)))
        figures = [(n, f"{v:.3g}") for n, v in zip(self.names, self.values, strict=True)]
        return "Study figures", [*figures, ("SD of one participant", spreads)]

    @classmethod
    def of_participants(cls, table: Any) -> StudyFigures:
        """The means of a table with a row a participant and a column a figure.

        Whoever has no value of some figure is left out.

        Raises
        ------
        InputError : fewer than 3 participants with all figures, a column of texts, a figure in
            which nobody differs.

        >>> StudyFigures.of_participants({"SD of mood": [4.0, 5.0, 9.0]}).values
        array([6.])
        """
        frame = _table(table)
        rows = frame.to_numpy(dtype=float)
        rows = rows[np.isfinite(rows).all(axis=1)]
        if len(rows) < FEWEST:
            raise InputError(
                what="table of participants",
                expected=f"{FEWEST} at least with a value of every figure",
                found=str(len(rows)),
            )
        spread = np.atleast_2d(np.cov(rows, rowvar=False))
        return cls([str(column) for column in frame], rows.mean(axis=0), spread)

    @classmethod
    def of_trial(cls, result: TrialResult) -> StudyFigures:
        """Every contrast of every endpoint of a replicated trial, one figure each.

        A figure is its mean over replications (of a ratio, of the logarithm). Its spread is the
        standard error that the analysis gives, times the root of the participants enrolled; the
        correlations of figures are those over replications.

        Raises
        ------
        InputError : an endpoint that cannot be analysed.

        >>> import oxysim as ox
        >>> pool = ox.Population.named("community").sample(8, seed=1)
        >>> arms = {"placebo": None, "spray": ox.NasalSpray("24 IU", at="10:00")}
        >>> trial = ox.Trial(pool, ox.Parallel(arms), ox.Endpoint("saliva_oxytocin", at="3 h"))
        >>> StudyFigures.of_trial(trial.run(8, replications=4, progress=False)).names
        ('saliva oxytocin value at 3 h, spray - placebo',)
        """
        instance(result, "result", TrialResult, "what Trial.run returns")
        contrast_of: dict[str, Contrast] = {}
        for endpoint in result.trial.endpoints:
            for label, contrast in result.contrasts(endpoint.name).items():
                # what says whether a crossover may be trusted is no figure of it
                if label not in CHECKS:
                    contrast_of[f"{endpoint.name}, {label}"] = contrast
        draws = np.stack([_additive(contrast) for contrast in contrast_of.values()], axis=-1)
        errors = np.stack([contrast.standard_error for contrast in contrast_of.values()], axis=-1)
        finite = np.isfinite(draws).all(axis=1) & np.isfinite(errors).all(axis=1)
        if not finite.any():
            raise InputError("trial: no replication in which every endpoint could be analysed")
        spreads = np.sqrt(result.n * (errors[finite] ** 2).mean(axis=0))
        covariance = spreads[:, None] * _correlations(draws[finite]) * spreads
        return cls(tuple(contrast_of), draws[finite].mean(axis=0), covariance)

    @classmethod
    def of_report(cls, report: ProtocolReport) -> StudyFigures:
        """The differences in a protocol's effect table, one figure a row.

        Their spread is that over replications; nothing is known of their correlations, which are
        taken for 0.

        Raises
        ------
        InputError : a table without a row that has a difference and its spread.

        >>> from oxysim.families import Dyad
        >>> from oxysim.protocols import mind_mindedness_coaching
        >>> mothers = Dyad(infant_age="6 months").repeat(4)
        >>> report = mind_mindedness_coaching(n=4, mothers=mothers, replications=4)
        >>> StudyFigures.of_report(report).names[0]
        'appropriate comments at 12 months, coaching - usual care'
        """
        instance(report, "report", ProtocolReport, "what a protocol returns")
        table = report.effects
        ends = (table["difference_high"] - table["difference_low"]).to_numpy(dtype=float)
        # the central 95 % of replications, on which the spread of one study is read off
        spreads = ends / (2 * stats.norm.ppf(0.975)) * np.sqrt(table["n"].to_numpy(dtype=float))
        finite = np.isfinite(spreads) & (spreads > 0) & np.isfinite(table["difference"])
        if not finite.any():
            raise InputError(
                "report: expected an effect over replications; found none in its table"
            )
        rows = table[finite]
        names = [f"{row.outcome}, {row.contrast}" for row in rows.itertuples()]
        return cls(names, rows["difference"].to_numpy(dtype=float), np.diag(spreads[finite] ** 2))


def study_figures(answer: Any, *, seed: int) -> StudyFigures:
    """The figures of whatever a design answered; a trial is replicated first, all of its pool.

    Raises
    ------
    InputError : anything else.

    >>> study_figures({"SD of mood": [4.0, 5.0, 9.0]}, seed=1).names
    ('SD of mood',)
    """
    if isinstance(answer, StudyFigures):
        return answer
    if isinstance(answer, Trial):
        answer = answer.run(len(answer.who), REPLICATIONS, seed, progress=False)
    if isinstance(answer, TrialResult):
        return StudyFigures.of_trial(answer)
    if isinstance(answer, ProtocolReport):
        return StudyFigures.of_report(answer)
    if isinstance(answer, pd.DataFrame | Mapping):
        return StudyFigures.of_participants(answer)
    raise refused(answer, "answer of a design", ACCEPTED)


# --------------------------------------------------------------------- internals
def _table(table: Any) -> pd.DataFrame:
    """The table of participants, all of its columns numbers."""
    if not isinstance(table, pd.DataFrame | Mapping) or not len(table):
        raise refused(table, "table", "a table with one row a participant, one column a figure")
    try:
        frame = pd.DataFrame(table)
    except ValueError:  # columns of unequal lengths
        raise refused(table, "table", "columns of one length, one row a participant") from None
    for column in frame:
        if frame[column].dtype.kind not in "iufb":
            raise refused(frame[column].tolist(), f"table, column {column!r}", "numbers")
    return frame


def _additive(contrast: Contrast) -> FloatArray:
    """The estimates on the scale of their standard error: a ratio's is that of the logarithm."""
    if contrast.scale == "difference":
        return contrast.estimate
    # a ratio of 0 has no logarithm, and its replication is left out
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(contrast.estimate))


def _correlations(draws: FloatArray) -> FloatArray:
    """The correlations of figures over replications; of too few, or of one figure, none."""
    size = draws.shape[1]
    if size == 1 or len(draws) <= max(FEWEST, size):
        return np.eye(size)
    spread = draws.std(axis=0)
    # what does not differ between replications goes with nothing
    standard = (draws - draws.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    correlations = standard.T @ standard / len(draws)
    np.fill_diagonal(correlations, 1.0)
    return np.asarray(correlations)
