"""The scoreboard over an ensemble: every finding beside the median and the interval of members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from oxysim.checks import choice, flag, instance, require_seed, whole_number, writable_file
from oxysim.ensembles import Ensemble
from oxysim.evidence.board.answers import FAILED, HELD, NOT_RUN
from oxysim.evidence.board.report import counts, notes
from oxysim.evidence.board.run_protocols import usual_workers
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.evidence.correlations.trait_or_edge_stored import stored_answer
from oxysim.evidence.ensemble_board.chosen_members import ChosenMembers, chosen_evenly
from oxysim.evidence.ensemble_board.ensemble_page import ensemble_page, ensemble_text
from oxysim.evidence.ensemble_board.forecast_scores import forecast_table
from oxysim.evidence.ensemble_board.kept_answers import KeptAnswers
from oxysim.evidence.ensemble_board.members_over_findings import OverMembers, over_members
from oxysim.evidence.population_answers import asked_findings
from oxysim.findings.published import USES, Target
from oxysim.population import Population
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.results.provenance import version

MEMBERS = 24  # of 24 medians the error is a quarter of one member's; a minute of work each
MOST_MEMBERS = 10_000
# Dyads of a member's cohort: three times a quick scoreboard's. One member's means are then known to
# a tenth of their intervals, rare cases to a quarter, and the median of 24 four times better.
COHORT = 1500
# Seeds of members begin here: far from those by which an ensemble is built and confirmed, so that
# nothing that was fitted is read again with the draws that it was fitted with.
FIRST_SEED = 4_000_003

MOST = 0.5  # share of members below which a row fails in most of them

# Fixed, so that a table without a row has the same columns and types as one with many.
COLUMNS = {
    "id": "object",
    "use": "object",
    "quantity": "object",
    "unit": "object",
    "published": "object",
    "low": "float64",
    "high": "float64",
    "median": "float64",
    "statistic": "object",
    "median_error": "float64",
    "interval_low": "float64",
    "interval_high": "float64",
    "monte_carlo": "float64",
    "rule": "object",
    "holds": "object",
    "why": "object",
    "share_holding": "float64",
    "members": "int64",
    "lost": "int64",
    "trait_or_edge": "object",
    "note": "object",
    "source": "object",
}


@dataclass(frozen=True, eq=False)
class EnsembleScoreboard:
    """Published findings beside the members of an ensemble.

    Attributes
    ----------
    table : a row for each finding: the published figure and interval; ``median`` of the members
        with its error (of the draws and of the number of members); their 90 % interval
        (``interval_low``, ``interval_high``) and, apart from it, the ``monte_carlo`` error of one
        member; whether the median ``holds`` by the row's rule and ``why``; ``share_holding``, the
        share of members that hold; how many ``members`` answered and how many simulated dyads were
        ``lost``; ``trait_or_edge``, for a correlation: "trait", "edge", "both" or "neither"; a
        ``note`` where most members fail.
    scores : a row for each finding of use `check`, where they were asked for: whether intervals
        cover, and how sharp the forecasts are against draws of the priors.
    header : what a reader must know before the table, as name -> text.

    >>> board = EnsembleScoreboard(pd.DataFrame(columns=list(COLUMNS)), pd.DataFrame(), {})
    >>> board.counts()
    {}
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    header: Mapping[str, str]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Block -> (rows whose median holds, rows).

        >>> table = pd.DataFrame({"id": ["C12"], "use": ["input"], "holds": ["yes"]})
        >>> EnsembleScoreboard(table, pd.DataFrame(), {}).counts()
        {'input': (1, 1)}
        """
        return counts(self.table)

    def block(self, use: str) -> pd.DataFrame:
        """The rows of one block, in their order."""
        return self.table[self.table["use"] == choice(use, "use", USES)]

    @property
    def mostly_failing(self) -> pd.DataFrame:
        """The rows that fail in most members."""
        return self.table[~(self.table["share_holding"] >= MOST)]

    def text(self) -> str:
        """The table for a terminal."""
        return ensemble_text(self.table, self.scores, self.header)

    def markdown(self) -> str:
        """The table as a page of the docs, without a date: the same run gives the same page."""
        return ensemble_page(self.table, self.scores, self.header)

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV, its header in lines that begin with "#" above it.

        >>> import tempfile
        >>> table = pd.DataFrame({"id": ["C12"], "use": ["input"], "holds": ["yes"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "board.csv"
        ...     EnsembleScoreboard(table, pd.DataFrame(), {"seed": "0"}).to_csv(path)
        ...     path.read_text().splitlines()
        ['# seed: 0', 'id,use,holds', 'C12,input,yes']
        """
        lines = [f"# {name}: {words}" for name, words in self.header.items()]
        body = self.table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        writable_file(path, "path").write_text("\n".join([*lines, body]), encoding="utf-8")


def ensemble_scoreboard(  # noqa: PLR0913 - all but the first are keywords with defaults
    ensemble: Ensemble,
    *,
    members: int = MEMBERS,
    use: str | Iterable[str] | None = None,
    ids: Iterable[str] | None = None,
    extra: str | Path | None = None,
    score_check: bool = False,
    seed: int = 0,
    work: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> EnsembleScoreboard:
    """Ask some members of an ensemble every finding, and put their median and interval beside the
    published one.

    Parameters
    ----------
    ensemble : conditioned, or draws of the priors.
    members : how many are asked, at even steps of their weight; about a minute of one processor
        each.
    use, ids, extra : which findings, as for :func:`~oxysim.evidence.scoreboard`; by default all but
        those of use `check` and `survey` (which has a population of its own).
    score_check : ask and score the findings of use `check` too. They may be looked at once only,
        after the ensemble is settled. Draws of the priors are asked the same, as a naive forecast.
    seed : key of every random stream; each member has draws of its own.
    work : a file to which each member's answers are added, and from which those that are there are
        taken: with it, ended work goes on.
    workers : processes; default two, or one on one processor. The answer is the same to the bit.
    progress : whether a bar is shown; default where standard error is a terminal.

    Returns
    -------
    EnsembleScoreboard. A member that cannot answer a finding is missing from it.

    Raises
    ------
    UnknownNameError, InputError : before anything runs: no such finding or block, a finding of use
    `check` without leave, a file that cannot be used.

    >>> from oxysim.ensembles import PriorTable
    >>> prior = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> board = ensemble_scoreboard(prior, members=1, ids=["C12"], workers=1)
    >>> board.table[["id", "members", "holds"]].values.tolist()
    [['C12', 1, 'yes']]
    """
    instance(ensemble, "ensemble", Ensemble, "an Ensemble")
    whole_number(members, "members", 1, MOST_MEMBERS)
    flag(score_check, "score_check")
    require_seed(seed)
    processes = usual_workers() if workers is None else whole_number(workers, "workers")
    file = None if work is None else writable_file(work, "work")
    findings = asked_findings(use, ids, extra, score_check=score_check)

    chosen = chosen_evenly(ensemble.weights, members)
    checked = {name: finding for name, finding in findings.items() if finding.use == "check"}
    # as many draws of the priors as there are members, with seeds of their own
    naive = Ensemble.from_priors(
        ensemble.priors, max(members, len(ensemble.priors.structures)), seed=seed
    )
    naively = chosen_evenly(naive.weights, members)
    asked = [_settings(ensemble, int(k), seed) for k in chosen.numbers]
    asked_naively = [_settings(naive, int(k), seed) for k in naively.numbers] if checked else []

    keeper = KeptAnswers(file, processes, progress)
    answers = keeper.of(asked, findings, "members")
    naive_answers = keeper.of(asked_naively, checked, "priors")

    over = {
        name: over_members(finding, [answer[name] for answer in answers], chosen.weights)
        for name, finding in findings.items()
    }
    before = {
        name: over_members(finding, [answer[name] for answer in naive_answers], naively.weights)
        for name, finding in checked.items()
    }
    table = pd.DataFrame(
        [_row(finding, over[name]) for name, finding in findings.items()], columns=list(COLUMNS)
    ).astype(COLUMNS)
    scores = forecast_table(checked, over, before)
    return EnsembleScoreboard(table, scores, _header(ensemble, chosen, seed))


def _settings(ensemble: Ensemble, number: int, seed: int) -> RunSettings:
    """How a member is asked: small pools, a cohort of a middling size, draws of its own."""
    return RunSettings(
        ensemble[number],
        seed + FIRST_SEED + number,
        quick=True,
        small_cohort=COHORT,
    )


def _row(finding: Target, over: OverMembers) -> dict[str, Any]:
    """One finding's row."""
    prediction = over.prediction
    low, high = (None, None) if prediction is None else prediction.interval
    holds = NOT_RUN if prediction is None else (HELD if over.verdict.holds else FAILED)
    stored = stored_answer()
    fails_mostly = not over.share_holding >= MOST
    return {
        "id": finding.id,
        "use": finding.use,
        "quantity": finding.quantity,
        "unit": finding.unit,
        "published": finding.figure,
        "low": finding.low,
        "high": finding.high,
        "median": None if prediction is None else prediction.median,
        "statistic": over.statistic,
        "median_error": None if prediction is None else prediction.median_error,
        "interval_low": low,
        "interval_high": high,
        "monte_carlo": None if prediction is None else prediction.monte_carlo,
        "rule": finding.rule,
        "holds": holds,
        "why": over.verdict.why,
        "share_holding": over.share_holding,
        "members": over.answering,
        "lost": over.lost,
        "trait_or_edge": stored.words.get(finding.id, ""),
        "note": notes().get(finding.id, "") if fails_mostly else "",
        "source": finding.source,
    }


def _header(ensemble: Ensemble, chosen: ChosenMembers, seed: int) -> dict[str, str]:
    digests = model_digest()
    community = Population.named("community").fingerprint
    stored = stored_answer()
    stale = "" if stored.fingerprint == community[:12] else "; the community has changed since"
    return {
        "oxysim": version(),
        "equations": f"{digests['equations']} (SHA-256 of every operation)",
        "ensemble": f"{ensemble.name}: {len(chosen)} of {len(ensemble)} members, evenly by weight",
        "seed": str(seed),
        "sizes": f"small pools, {COHORT} dyads followed for 18 months in each member",
        "median": (
            "judged by the row's rule with its own error, of the draws and of the number of members"
        ),
        "interval": "90 %, between populations; the Monte Carlo error of a member stands apart",
        "members that hold": (
            "share of the members' weight whose number, with the spread of the draws taken out,"
            " would hold were it known exactly"
        ),
        "trait or edge": f"of the population {stored.population}{stale}",
    }
