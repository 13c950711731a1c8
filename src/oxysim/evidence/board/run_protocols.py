"""Carrying out the runs of a scoreboard, in this process or in several; one that fails leaves its
reason.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from oxysim.errors import OxysimError
from oxysim.evidence.board import shared_cohorts as cohort_sizes
from oxysim.evidence.board.answers import Tables, imprecise
from oxysim.evidence.board.protocol_runs import WHOLE, YOUNG, Run, run_named
from oxysim.evidence.board.settings import RunSettings
from oxysim.evidence.board.shared_cohorts import SharedCohorts
from oxysim.progress import counting
from oxysim.sweeps.executors import Crew, InProcess, Processes

GROWTHS = (1.6, 2.5, 4.0)
"""How many times larger a run is done again, one after the other, where a number is not known well
enough.
"""

Outcome = Tables | str
"""What a run left, or why it failed."""


def run_in_turn(names: Sequence[str], setting: RunSettings) -> dict[str, Outcome]:
    """Runs by name, one after the other, with what they share; one that fails does not stop the
    others.
    """
    stock, here = SharedCohorts(setting), InProcess()
    return {name: _outcome(here.submit(_one, name, stock)) for name in names}


def _one(name: str, stock: SharedCohorts) -> Tables:
    """One run, as large as its numbers need; its tables alone, since what was simulated may be
    large.

    A full run whose number lies inside its interval and is not known well enough for the rule is
    done again, larger, at most :data:`GROWTHS`: so what is asked decides the size, whatever the
    seed.
    """
    began = time.perf_counter()
    run = run_named(name)
    tables = _carried_out(run, stock, began)
    for growth in () if stock.setting.quick else GROWTHS:
        if not imprecise(run.answers, tables, pooled=run.pooled):
            break
        stock = stock.grown(growth)
        tables = _carried_out(run, stock, began)
    return tables


def _carried_out(run: Run, stock: SharedCohorts, began: float) -> Tables:
    study = run.carry_out(stock)
    pools = [int(arm.dataset.sizes["dyad"]) for arm in study.arms.values()]
    cohorts = {WHOLE: stock.setting.size(cohort_sizes.WHOLE, cohort_sizes.QUICK),
               YOUNG: stock.setting.size(cohort_sizes.YOUNG, cohort_sizes.QUICK)}  # fmt: skip
    return Tables(
        effects=study.effects,
        figures=study.figures,
        design=dict(study.design),
        assumptions=tuple(study.assumptions),
        pool=min(pools, default=0),
        cohort=0 if pools else cohorts.get(run.together, 0),
        lost={arm: len(result.reasons) for arm, result in study.arms.items() if result.reasons},
        seconds=time.perf_counter() - began,
    )


def run_protocols(
    runs: Sequence[Run], setting: RunSettings, *, workers: int, progress: bool | None
) -> dict[str, Outcome]:
    """Every run by its name, the longest first.

    Parameters
    ----------
    workers : processes; 1 for this one.
    progress : whether a bar of runs is shown; None: on a terminal and in a notebook.
    """
    waiting = _tasks(runs, setting.quick)
    found: dict[str, Outcome] = {}
    crew: Crew = InProcess() if workers == 1 else Processes(max(min(workers, len(waiting)), 1))
    under_way: dict[Future[Any], list[str]] = {}
    ended = False
    with counting(len(runs), "protocols", "run", progress) as bar:
        try:
            while waiting or under_way:
                while waiting and len(under_way) < workers:
                    names = waiting.pop(0)
                    bar.note(names[0])
                    under_way[crew.submit(run_in_turn, names, setting)] = names
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    names = under_way.pop(future)
                    crew.blamed(future)
                    left = _outcome(future)
                    found |= left if isinstance(left, dict) else dict.fromkeys(names, left)
                    bar.advance(len(names))
            ended = True
        finally:
            crew.close(at_once=not ended)
    return found


def usual_workers() -> int:
    """Two processes where there are two processors: more would wait for the longest run."""
    return min(2, os.cpu_count() or 1)


def _tasks(runs: Sequence[Run], quick: bool) -> list[list[str]]:
    """Names of runs that go into one process together, the costliest first."""
    tasks: dict[str, list[Run]] = {}
    for run in runs:
        reads = bool(run.together or run.cohort_when_quick)
        tasks.setdefault(
            "the one cohort" if quick and reads else run.together or run.name, []
        ).append(run)
    ordered = sorted(tasks.values(), key=lambda task: -sum(run.cost for run in task))
    return [[run.name for run in task] for task in ordered]


def _outcome(future: Future[Any]) -> Any:
    """What a call returned, or why it failed."""
    error = future.exception()
    if error is None:
        return future.result()
    return str(error) if isinstance(error, OxysimError) else f"{type(error).__name__}: {error}"
