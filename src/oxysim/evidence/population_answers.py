"""What one population answers to findings, for questions that ask several populations the same.

Each population is asked in a process of its own; only numbers come back, never what was simulated.
"""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from oxysim.errors import ImplausibleValueWarning, InputError, OxysimError
from oxysim.evidence.board.answers import answer_parts
from oxysim.evidence.board.finding_selection import answering_run, select_findings
from oxysim.evidence.board.run_protocols import run_in_turn
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.findings.answer_rules import AnswerPart
from oxysim.findings.published import USES, Target


class FindingAnswer(NamedTuple):
    """What a population answers to a finding: the parts of its answer, or why there is none.

    ``lost`` counts simulated dyads that failed and are missing.

    >>> FindingAnswer((), "group 'PND' has too few members").parts
    ()
    """

    parts: tuple[AnswerPart, ...]
    reason: str = ""
    lost: int = 0


Answers = dict[str, FindingAnswer]
"""Finding's id -> answer."""


@dataclass(frozen=True)
class PopulationTask:
    """A population that is to be asked.

    Attributes
    ----------
    key : tells tasks apart.
    settings : the population, its sizes, its seed, its daily life and the edges that are cut.
    findings : what it is asked.

    >>> from oxysim.population import Population
    >>> task = PopulationTask("usual", RunSettings(Population.named()), ())
    >>> answers_of(task)
    {}
    """

    key: str
    settings: RunSettings
    findings: tuple[Target, ...]


def answers_of(task: PopulationTask) -> Answers:
    """Ask one population, in this process; a run that fails leaves its reason with its findings.

    A full fortieth of the usual size:

    >>> from oxysim.findings.published import target
    >>> from oxysim.population import Population
    >>> small = RunSettings(Population.named(), growth=0.025)
    >>> answer = answers_of(PopulationTask("small", small, (target("C12"),)))["C12"]
    >>> answer.parts[0].label
    'plasma half-life after an IV bolus'
    """
    answered_by = {finding.id: answering_run(finding) for finding in task.findings}
    runs = sorted({run.name for run, _ in answered_by.values() if run is not None})
    with warnings.catch_warnings():
        # populations of an ensemble are spread on purpose: what is implausible is what is asked
        warnings.simplefilter("ignore", ImplausibleValueWarning)
        outcomes = run_in_turn(runs, task.settings)

    answers: Answers = {}
    for finding in task.findings:
        run, keys = answered_by[finding.id]
        outcome = "no run answers it" if run is None else outcomes[run.name]
        if isinstance(outcome, str) or run is None:
            answers[finding.id] = FindingAnswer((), str(outcome))
            continue
        try:
            parts = answer_parts(finding, outcome, keys, pooled=run.pooled)
            answers[finding.id] = FindingAnswer(parts, "", sum(outcome.lost.values()))
        except OxysimError as error:
            answers[finding.id] = FindingAnswer((), str(error))
    return answers


def asked_populations(
    tasks: Sequence[PopulationTask], workers: int
) -> Iterator[tuple[str, Answers]]:
    """Key and answers of each task, in the order in which they end.

    >>> list(asked_populations([], 1))
    []
    """
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            yield task.key, answers_of(task)
        return
    # spawned: a fork of a process with threads may hang
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        try:
            running = {pool.submit(answers_of, task): task.key for task in tasks}
            for ended in as_completed(running):
                yield running[ended], ended.result()
        finally:
            # whoever stops the work waits for what is under way, and for nothing else
            pool.shutdown(wait=True, cancel_futures=True)


def asked_findings(
    use: str | Iterable[str] | None,
    ids: Iterable[str] | None,
    extra: str | Path | None = None,
    *,
    score_check: bool,
) -> dict[str, Target]:
    """The findings that are wanted; those of use `check` on an explicit request alone, and never
    those of use `survey`, which have a population of their own.

    Raises
    ------
    InputError : a finding of use `check` or `survey` that is asked for without leave.

    >>> asked_findings("check", None, score_check=False)
    Traceback (most recent call last):
    oxysim.errors.InputError: findings of use 'check' may be looked at once only, ...
    """
    allowed = [name for name in USES if name != "survey" and (score_check or name != "check")]
    # without any choice of the user, what may not be asked is left out quietly
    if use is None and ids is None:
        return select_findings([name for name in allowed if name != "own" or extra], None, extra)
    findings = select_findings(use, ids, extra)
    for finding in findings.values():
        if finding.use == "check" and not score_check:
            raise InputError(
                "findings of use 'check' may be looked at once only, after all that is fitted is"
                f" settled; found {finding.id!r}; pass score_check=True (--check) to score them"
            )
        if finding.use == "survey":
            raise InputError(
                f"{finding.id!r}: the survey has a population of its own; expected findings of use"
                f" {', '.join(allowed)}"
            )
    return findings
