"""The runs of a scoreboard, in this process or in several; one that fails leaves its reason."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from oxysim.errors import OxysimError
from oxysim.evidence.board import shared_cohorts as cohort_sizes
from oxysim.evidence.board.answers import Tables, imprecise
from oxysim.evidence.board.protocol_runs import run_named
from oxysim.evidence.board.run_row import WHOLE, YOUNG, Run
from oxysim.evidence.board.shared_cohorts import RunSettings, SharedCohorts
from oxysim.progress import counting
from oxysim.sweeps.workers.work_queue import WorkQueue
from oxysim.sweeps.workers.worker_pools import ProcessPool, SerialPool, WorkerPool

GROWTHS = (1.6, 2.5, 4.0)
"""How many times larger a run is done again, one after the other, where a number is not known well
enough.
"""

Outcome = Tables | str
"""What a run left, or why it failed."""


def run_protocols(
    runs: Sequence[Run], settings: RunSettings, *, workers: int, progress: bool | None
) -> dict[str, Outcome]:
    """Every run by its name, the longest first.

    Parameters
    ----------
    runs : which.
    settings : of all of them.
    workers : processes; 1 for this one.
    progress : whether a bar of runs is shown; None: on a terminal and in a notebook.

    >>> from oxysim.population import Population
    >>> run_protocols([], RunSettings(Population.named()), workers=1, progress=False)
    {}
    """
    tasks = _tasks(runs, settings.quick)
    pool: WorkerPool = (
        SerialPool() if workers == 1 else ProcessPool(max(min(workers, len(tasks)), 1))
    )
    # a run that fails is a text among the tables, so that the others go on
    outcomes: dict[str, Outcome] = {}
    finished = False

    with counting(len(runs), "protocols", "run", progress) as bar:

        def submit(names: list[str]) -> Future[Any]:
            bar.note(names[0])
            return pool.submit(run_in_turn, names, settings)

        queue = WorkQueue(deque(tasks), submit)

        # No task waits behind another in a worker, as blocks of a sweep do: a task takes minutes,
        # and the next one belongs to whoever is free first.
        def free() -> bool:
            return len(queue.computing) < workers

        try:
            while queue.waiting or queue.computing:
                queue.hand_over(free)
                for names, future in queue.ended():
                    pool.blamed(future)
                    outcome = _outcome(future)
                    outcomes |= (
                        outcome if isinstance(outcome, dict) else dict.fromkeys(names, outcome)
                    )
                    bar.advance(len(names))
            finished = True
        finally:
            # after an interruption nobody waits for what is still running
            pool.close(at_once=not finished)
    return outcomes


def run_in_turn(names: Sequence[str], settings: RunSettings) -> dict[str, Outcome]:
    """Runs by name, one after the other, with what they share; one that fails does not stop the
    others.

    >>> from oxysim.population import Population
    >>> run_in_turn([], RunSettings(Population.named()))
    {}
    """
    shared, process = SharedCohorts(settings), SerialPool()
    return {name: _outcome(process.submit(_run, name, shared)) for name in names}


def usual_workers() -> int:
    """Two processes where there are two processors: more would wait for the longest run.

    >>> usual_workers() in (1, 2)
    True
    """
    return min(2, os.cpu_count() or 1)


def _run(name: str, shared: SharedCohorts) -> Tables:
    """One run, as large as its numbers need; its tables alone, since what was simulated may be
    large.

    A full run whose number lies inside its interval and is not known well enough for the rule is
    done again, larger, at most :data:`GROWTHS`: so what is asked decides the size, whatever the
    seed.
    """
    began = time.perf_counter()
    run = run_named(name)
    tables = _tables(run, shared, began)
    # whoever asks for less than a full run, by quick or by growth, wants no larger one
    is_small = shared.settings.quick or shared.settings.growth < 1
    for growth in () if is_small else GROWTHS:
        if not imprecise(run.answers, tables, pooled=run.pooled):
            break
        shared = shared.grown(growth)
        tables = _tables(run, shared, began)
    return tables


def _tables(run: Run, shared: SharedCohorts, began: float) -> Tables:
    """What one run of a protocol leaves, and on how many dyads its numbers rest."""
    study = run.execute(shared)
    settings = shared.settings
    pools = [int(arm.dataset.sizes["dyad"]) for arm in study.arms.values()]
    cohorts = {
        WHOLE: settings.cohort_size(cohort_sizes.WHOLE),
        YOUNG: settings.cohort_size(cohort_sizes.YOUNG),
    }
    return Tables(
        effects=study.effects,
        figures=study.figures,
        design=dict(study.design),
        assumptions=tuple(study.assumptions),
        pool=min(pools, default=0),
        # a protocol that simulates arms draws from them, whatever cohort its mothers came from
        cohort=0 if pools else cohorts.get(run.together, 0),
        lost={arm: len(result.reasons) for arm, result in study.arms.items() if result.reasons},
        # counted from the first try, since larger ones come on top of it
        seconds=time.perf_counter() - began,
    )


def _tasks(runs: Sequence[Run], quick: bool) -> list[list[str]]:
    """Names of runs that go into one process together, the costliest first."""
    tasks: dict[str, list[Run]] = {}
    for run in runs:
        # in a quick run one cohort stands for both, so all that read one go together
        reads_cohort = bool(run.together or run.cohort_when_quick)
        key = "the one cohort" if quick and reads_cohort else run.together or run.name
        tasks.setdefault(key, []).append(run)

    ordered = sorted(tasks.values(), key=lambda task: -sum(run.cost for run in task))
    return [[run.name for run in task] for task in ordered]


def _outcome(future: Future[Any]) -> Any:
    """What a call returned, or why it failed."""
    error = future.exception()
    if error is None:
        return future.result()
    return str(error) if isinstance(error, OxysimError) else f"{type(error).__name__}: {error}"
