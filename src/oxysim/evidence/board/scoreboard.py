"""The scoreboard: every published finding beside what the model answers, in blocks by how far it is
evidence.

The blocks are never summed: agreement with a finding that a parameter was set from, or that a
mechanism was written to have, is no evidence, and agreement with one that calibration read is
little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from oxysim.checks import file_path, flag, instance, require_seed, whole_number
from oxysim.errors import InputError, OxysimError
from oxysim.evidence.board.answers import (
    FAILED,
    HELD,
    NOT_RUN,
    JudgedRow,
    RowKey,
    answer,
    decisive_row,
    joint_verdict,
)
from oxysim.evidence.board.assumed_share import DEFINITION, assumed_share
from oxysim.evidence.board.finding_selection import answering_run, select_findings
from oxysim.evidence.board.protocol_runs import RUNS, SURVEY, path_of
from oxysim.evidence.board.run_protocols import Outcome, run_protocols, usual_workers
from oxysim.evidence.board.run_row import Run
from oxysim.evidence.board.scoreboard_table import COLUMNS, TYPES, Scoreboard
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.findings.published import Target
from oxysim.population import Population
from oxysim.simulation.equations.model_digest import defaults_digest
from oxysim.simulation.results.provenance import version


def scoreboard(  # noqa: PLR0913 - all are keywords with defaults
    *,
    quick: bool = False,
    use: str | Iterable[str] | None = None,
    ids: Iterable[str] | None = None,
    population: Population | None = None,
    seed: int = 0,
    extra: str | Path | None = None,
    survey: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Scoreboard:
    """Run the protocols that the findings name and put the simulated values beside the published
    ones.

    Parameters
    ----------
    quick : smaller pools and fewer replications, under a minute; numbers are then known less well,
        and some rows fail for that alone (they say so).
    use : blocks to run ("fit", or several); default all.
    ids : findings to run; default all. Both together: those of the ids that are of that use.
    population : where dyads come from; default the packaged community.
    seed : key of every random stream.
    extra : a CSV file of findings of one's own (see
        :func:`oxysim.findings.published.read_targets`).
    survey : the survey's file, for the rows of use "survey"; they are listed as not run without it.
    workers : processes; default two, or one on one processor. The answer is the same to the bit.
    progress : whether a bar is shown; default where standard error is a terminal.

    Returns
    -------
    Scoreboard. A protocol that fails leaves its reason in its rows; the others go on.

    Raises
    ------
    UnknownNameError, InputError : before anything runs: no such finding, block or run, or a file
    that cannot be used.

    >>> board = scoreboard(quick=True, ids=["C16"], workers=1, progress=False)
    >>> board.counts()
    {'input': (1, 1)}
    """
    require_seed(seed)
    flag(quick, "quick")
    if population is not None:
        instance(population, "population", Population, "a Population, or None for the community")
    # All that can be refused is refused before the first process begins.
    n_workers = _workers(workers)
    findings = select_findings(use, ids, extra)
    settings = RunSettings(population or Population.named(), seed, quick, _survey(survey))
    answered_by = {name: answering_run(finding) for name, finding in findings.items()}
    # A run answers several findings, and is run once.
    needed = {
        run.name
        for run, _ in answered_by.values()
        if run is not None and (run.name != SURVEY or settings.survey)
    }
    # By name, so that the order of the findings changes nothing of the runs.
    outcomes = run_protocols(
        [RUNS[name] for name in sorted(needed)], settings, workers=n_workers, progress=progress
    )
    rows = [
        _row(finding, *answered_by[name], outcomes, settings) for name, finding in findings.items()
    ]
    # Types are set, so that a table in which nothing ran has the same columns.
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(TYPES)
    runs = {name: finding for name, finding in outcomes.items() if not isinstance(finding, str)}
    return Scoreboard(table, _header(settings), runs)


def _workers(workers: int | None) -> int:
    if workers is None:
        return usual_workers()
    return whole_number(workers, "workers")


def _survey(survey: str | Path | None) -> Path | None:
    if survey is None:
        return None
    path = file_path(survey, "survey")
    if not path.is_file():
        raise InputError(f"survey: expected the survey's CSV file; there is no file {str(path)!r}")
    return path


def _row(
    target: Target,
    run: Run | None,
    places: Sequence[RowKey],
    outcomes: Mapping[str, Outcome],
    settings: RunSettings,
) -> tuple[Any, ...]:
    row, holds, why = _judged(target, run, places, outcomes)
    # A finding that was not run has no number, and does not hold.
    number: tuple[Any, ...] = (None, "", None, None, None, None, None)
    if row is not None:
        number = (
            row.mean,
            row.statistic,
            row.standard_error,
            row.low,
            row.high,
            row.n,
            row.replications,
        )
    name, share = (run.name, assumed_share(path_of(target.id, run))) if run else ("", None)
    return (
        target.id,
        target.use,
        target.quantity,
        target.unit,
        target.population,
        target.figure,
        target.low,
        target.high,
        target.interval_from,
        *number,
        target.rule,
        holds,
        why,
        share,
        target.protocol,
        name,
        # twelve digits tell populations apart and fit a column
        _parameter_set(name, outcomes, settings)[:12],
        target.source,
        target.status,
    )


def _parameter_set(run: str, outcomes: Mapping[str, Outcome], settings: RunSettings) -> str:
    """The fingerprint of the population that answered; the survey has its own."""
    outcome = outcomes.get(run)
    # The survey has a population of its own, whatever the others are run with.
    if run == SURVEY and outcome is not None:
        return "" if isinstance(outcome, str) else outcome.design["population"]
    return settings.population.fingerprint


def _judged(
    target: Target, run: Run | None, places: Sequence[RowKey], outcomes: Mapping[str, Outcome]
) -> tuple[JudgedRow | None, str, str]:
    """(the number that stands for the finding, whether it holds, why)."""
    if run is None:
        return None, NOT_RUN, f"no run of protocol {target.protocol} answers it"
    # Only the survey can be missing: its file is not packaged.
    outcome = outcomes.get(run.name)
    if outcome is None:
        return None, NOT_RUN, "the survey is not packaged: give --survey PATH (survey= in Python)"
    if isinstance(outcome, str):
        return None, NOT_RUN, f"protocol {run.protocol} failed: {outcome}"
    try:
        # A user's row may name one that the tables have and its rule cannot judge.
        rows = answer(target, outcome, places, pooled=run.pooled)
    except OxysimError as error:
        return None, NOT_RUN, str(error)
    verdict = joint_verdict(rows)
    # A dyad that failed may not be forgotten: it may have been the extreme one.
    lost = sum(outcome.lost.values())
    note = f" ({lost} simulated dyads failed and are missing)" if lost else ""
    return decisive_row(rows), HELD if verdict.holds else FAILED, verdict.why + note


def _header(settings: RunSettings) -> dict[str, str]:
    mode = (
        "quick: small pools and few replications; not for publication" if settings.quick else "full"
    )
    # Numbers depend on these in the last digits.
    packages = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "pandas")
    )
    return {
        "oxysim": f"{version()} ({packages})",
        "mode": mode,
        "seed": str(settings.seed),
        "population": settings.population.name,
        "parameter set": f"{settings.population.fingerprint} (SHA-256 of the population's table)",
        "defaults": (
            f"{defaults_digest()} (SHA-256 of the values that the population leaves as they are)"
        ),
        "blocks": (
            "never summed: input set a parameter, fit was read by calibration, built_in was written"
            " into a mechanism, survey is scored on a half that no fit saw, check was neither"
            " written in nor fitted"
        ),
        "number": (
            "simulated mean inside the interval, its Monte Carlo standard error (with that of the"
            " shared pool) at most a tenth of the interval's width"
        ),
        "assumed": DEFINITION.removeprefix("assumed: "),
    }
