"""Carrying out the runs of a scoreboard, in this process or in several; one that fails leaves its reason."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from tqdm import tqdm

from oxysim.errors import OxysimError
from oxysim.evidence.answers import Tables
from oxysim.evidence.runs import Run, run_named
from oxysim.evidence.setting import Setting
from oxysim.sweeps.executors import Crew, InProcess, Processes

Outcome = Tables | str
"""What a run left, or why it failed."""


def carry_out(name: str, setting: Setting) -> Tables:
    """One run by name; its tables alone, since what was simulated may be large."""
    began = time.perf_counter()
    study = run_named(name).carry_out(setting)
    pools = [int(arm.dataset.sizes["dyad"]) for arm in study.arms.values()]
    return Tables(
        effects=study.effects,
        figures=study.figures,
        design=dict(study.design),
        assumptions=tuple(study.assumptions),
        pool=min(pools, default=0),
        lost={arm: len(result.reasons) for arm, result in study.arms.items() if result.reasons},
        seconds=time.perf_counter() - began,
    )


def carry_out_all(runs: Sequence[Run], setting: Setting, *, workers: int, progress: bool | None) -> dict[str, Outcome]:
    """Every run by its name, the longest first.

    Parameters
    ----------
    workers : processes; 1 for this one.
    progress : whether a bar is shown; None for a bar where standard error is a terminal.
    """
    waiting = sorted(runs, key=lambda run: -run.cost)
    found: dict[str, Outcome] = {}
    crew: Crew = InProcess() if workers == 1 else Processes(min(workers, len(waiting)))
    bar = tqdm(total=len(waiting), desc="protocols", unit="run", disable=None if progress is None else not progress)
    under_way: dict[Future[Any], str] = {}
    ended = False
    try:
        while waiting or under_way:
            while waiting and len(under_way) < workers:
                run = waiting.pop(0)
                bar.set_postfix_str(run.name)
                under_way[crew.submit(carry_out, run.name, setting)] = run.name
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                found[under_way.pop(future)] = _outcome(future, crew)
                bar.update()
        ended = True
    finally:
        bar.close()
        crew.close(at_once=not ended)
    return found


def usual_workers() -> int:
    """Two processes where there are two processors: more would wait for the longest run."""
    return min(2, os.cpu_count() or 1)


def _outcome(future: Future[Any], crew: Crew) -> Outcome:
    crew.blamed(future)
    error = future.exception()
    if error is None:
        tables: Tables = future.result()
        return tables
    return str(error) if isinstance(error, OxysimError) else f"{type(error).__name__}: {error}"
