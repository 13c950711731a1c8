"""The question itself: what is left of each correlation with its edges cut, with the population's
traits unrelated, and with both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from oxysim.checks import flag, instance, number, require_seed, text, texts, writable_file
from oxysim.checks import whole_number as checked_count
from oxysim.errors import InputError
from oxysim.evidence.board.run_protocols import usual_workers
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.evidence.correlations.edges_between import edges_between
from oxysim.evidence.correlations.trait_or_edge_page import (
    trait_or_edge_page,
    trait_or_edge_text,
)
from oxysim.evidence.correlations.trait_or_edge_parts import (
    CLEAR,
    Decomposition,
    Estimate,
    correlation_error,
    decomposed,
)
from oxysim.evidence.population_answers import (
    Answers,
    PopulationTask,
    asked_findings,
    asked_populations,
)
from oxysim.findings.answer_rules import AnswerPart
from oxysim.findings.published import Target
from oxysim.population import Population
from oxysim.progress import counting
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.results.provenance import version

SIZE = 0.3  # of a full scoreboard: C11, whose cases are rare, is then known to about .06
SMALLEST, LARGEST = 0.01, 4.0  # below, cohorts hold no study; above, more than a scoreboard's most
WHOLE_EDGES: tuple[str, ...] = ()
SHARED = "both sides hear one and the same parameter, state or form"
UNCLEAR = "nothing that is clear of the Monte Carlo error"

# Fixed, so that a table without a row has the same columns and types as one with many.
_NUMBERS = ("as_it_is", "edges_cut", "traits_unrelated", "both_taken_away", "edge_part",
    "trait_part")  # fmt: skip
COLUMNS = {
    "finding": "object",
    "use": "object",
    "quantity": "object",
    "unit": "object",
    "side": "object",
    "other_side": "object",
    **{name: "float64" for number in _NUMBERS for name in (number, f"{number}_se")},
    "trait_or_edge": "object",
    "why": "object",
    "edges": "object",
}


@dataclass(frozen=True, eq=False)
class TraitOrEdge:
    """What carries each correlation.

    Attributes
    ----------
    table : a row for each finding: the association ``as_it_is``, with the ``edges_cut`` that lie
        between its sides, with ``traits_unrelated`` and with ``both_taken_away``, each with its
        Monte Carlo standard error (``_se``); ``edge_part`` and ``trait_part``, which with
        ``both_taken_away`` make up the whole; ``trait_or_edge``: "trait", "edge", "both",
        "neither", or "unknown" where it was not answered (``why``).
    header : what a reader must know before the table, as name -> text.

    >>> from oxysim.evidence import trait_or_edge
    >>> trait_or_edge(findings=["VA1"], size=0.05, workers=1).table["other_side"].tolist()
    ['oxytocin of blood']
    """

    table: pd.DataFrame
    header: Mapping[str, str]

    def text(self) -> str:
        """The table for a terminal."""
        return trait_or_edge_text(self.table, self.header)

    def markdown(self) -> str:
        """The table as a page of the docs, without a date: the same run gives the same page."""
        return trait_or_edge_page(self.table, self.header)

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV, its header in lines that begin with "#" above it.

        >>> import tempfile
        >>> answer = TraitOrEdge(pd.DataFrame({"finding": ["VA1"]}), {"seed": "0"})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     answer.to_csv(Path(folder) / "carried.csv")
        ...     (Path(folder) / "carried.csv").read_text().splitlines()
        ['# seed: 0', 'finding', 'VA1']
        """
        lines = [f"# {name}: {words}" for name, words in self.header.items()]
        body = self.table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        writable_file(path, "path").write_text("\n".join([*lines, body]), encoding="utf-8")


def trait_or_edge(  # noqa: PLR0913 - all are keywords with defaults
    population: Population | None = None,
    *,
    findings: Iterable[str] | None = None,
    size: float = SIZE,
    seed: int = 0,
    workers: int | None = None,
    score_check: bool = False,
    progress: bool | None = None,
) -> TraitOrEdge:
    """Ask every correlation on the scoreboard four times: as it is, with the edges between its two
    sides cut from birth on, with the population's traits unrelated, and with both.

    Parameters
    ----------
    population : default the packaged community.
    findings : ids; default every correlation but those of use `check`.
    size : of cohorts and samples, as a share of a full scoreboard's; errors fall with its root.
    seed : key of every random stream, the same four times.
    workers : processes; default two, or one on one processor. The answer is the same to the bit.
    score_check : leave to ask findings of use `check`, which may be looked at once only.
    progress : whether a bar is shown; default where standard error is a terminal.

    Returns
    -------
    TraitOrEdge. What could not be asked says why; the others go on.

    Raises
    ------
    UnknownNameError, InputError : before anything runs: a finding that does not exist, or is no
    correlation.

    >>> trait_or_edge(findings=["C12"])
    Traceback (most recent call last):
    oxysim.errors.InputError: findings: expected correlations, ... found 'C12'
    """
    if population is not None:
        instance(population, "population", Population, "a Population, or None for the community")
    people = Population.named("community") if population is None else population
    number(size, "size", SMALLEST, LARGEST)
    require_seed(seed)
    flag(score_check, "score_check")
    processes = usual_workers() if workers is None else checked_count(workers, "workers")
    asked = _correlations(findings, score_check=score_check)

    settings = RunSettings(people, seed, growth=float(size))
    tasks = _tasks(asked, settings)
    answers: dict[str, Answers] = {}
    with counting(len(tasks), "trait or edge", "population", progress) as bar:
        for key, answer in asked_populations(tasks, processes):
            answers[key] = answer
            bar.advance()
    rows = [_row(finding, answers) for finding in asked.values()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return TraitOrEdge(table, _header(settings))


def _correlations(ids: Iterable[str] | None, *, score_check: bool) -> dict[str, Target]:
    """The findings that are asked, all of them correlations."""
    names = list(edges_between())
    if ids is None:
        findings = asked_findings(None, None, score_check=score_check)
        return {name: finding for name, finding in findings.items() if name in names}
    chosen = texts(ids, "findings", of="ids such as 'C11'", least=1)
    findings = asked_findings(None, chosen, score_check=score_check)
    for name in chosen:
        if text(name, "findings") not in names:
            raise InputError(
                f"findings: expected correlations, of {', '.join(names)}; found {name!r}"
            )
    return findings


def _tasks(asked: Mapping[str, Target], settings: RunSettings) -> list[PopulationTask]:
    """Whole and cut, related and unrelated: findings with the same edges share a population."""
    unrelated = settings.population.replace(correlations=())
    by_edges: dict[tuple[str, ...], list[Target]] = {WHOLE_EDGES: list(asked.values())}
    for name, finding in asked.items():
        by_edges.setdefault(edges_between()[name].edges, []).append(finding)
    return [
        PopulationTask(
            _key(edges, is_related=people is settings.population),
            replace(settings, population=people, cut=edges),
            tuple(findings),
        )
        for edges, findings in by_edges.items()
        for people in (settings.population, unrelated)
    ]


def _key(edges: tuple[str, ...], *, is_related: bool) -> str:
    return f"{'; '.join(edges)} | {'related' if is_related else 'unrelated'}"


def _row(finding: Target, answers: Mapping[str, Answers]) -> dict[str, Any]:
    """One finding, answered four times."""
    between = edges_between()[finding.id]
    four = [
        answers[_key(edges, is_related=is_related)][finding.id]
        # as it is, edges cut, traits unrelated, both
        for is_related in (True, False)
        for edges in (WHOLE_EDGES, between.edges)
    ]
    reason = next((answer.reason for answer in four if not answer.parts), "")
    estimates = [
        _estimate(finding, answer.parts[0]) if answer.parts else _NOTHING for answer in four
    ]
    parts = decomposed(*estimates)
    named = dict(zip(_NUMBERS, (*estimates, parts.edge, parts.trait), strict=True))
    return {
        "finding": finding.id,
        "use": finding.use,
        "quantity": finding.quantity,
        "unit": finding.unit,
        "side": between.side,
        "other_side": between.other_side,
        **{name: estimate.value for name, estimate in named.items()},
        **{f"{name}_se": estimate.error for name, estimate in named.items()},
        "trait_or_edge": parts.trait_or_edge,
        "why": reason or _reason(parts, estimates[0]),
        "edges": "; ".join(between.edges),
    }


_NOTHING = Estimate(math.nan, math.nan)


def _estimate(finding: Target, row: AnswerPart) -> Estimate:
    """A part's number with its Monte Carlo error."""
    errors = [row.standard_error]
    if finding.unit == "r" or row.statistic == "r":
        # the spread of a handful of studies may be small by chance alone
        errors.append(correlation_error(row.mean, row.n * row.replications))
    finite = [error for error in errors if not math.isnan(error)]
    return Estimate(row.mean, max(finite, default=math.nan))


def _reason(parts: Decomposition, whole: Estimate) -> str:
    """Why neither, where it is neither; and where most is left without edges and pairs."""
    # what is left comes from something that both sides hear
    is_left = abs(parts.rest.value) > max(CLEAR * parts.rest.error, abs(whole.value) / 2)
    if parts.trait_or_edge == "neither":
        return SHARED if is_left else UNCLEAR
    return f"most of it is neither: {SHARED}" if is_left else ""


def _header(settings: RunSettings) -> dict[str, str]:
    digests = model_digest()
    return {
        "oxysim": version(),
        "equations": f"{digests['equations']} (SHA-256 of every operation)",
        "population": f"{settings.population.name} ({settings.population.fingerprint[:12]})",
        "size": f"{settings.growth:g} of a full scoreboard's cohorts and samples",
        "seed": str(settings.seed),
    }
