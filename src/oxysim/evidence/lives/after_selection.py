"""Mothers who are selected for a high score, and what usual care makes of it.

Whoever is selected for a score that varies was, on average, at a bad time: later scores are nearer
to the usual, whatever was done. A model in which the selected get worse under usual care would show
an effect of any treatment in a trial without a control group.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from oxysim.checks import instance, number, require_seed, sequence, whole_number
from oxysim.cohorts import follow
from oxysim.errors import InputError
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.population import Population

WEEKS = (2, 4, 8, 12, 26, 52)
"""The weeks after birth at which the selected are read; the first is that of the selection."""


def after_selection(  # noqa: PLR0913 - all are keywords with defaults
    *,
    population: Population | None = None,
    n: int = 600,
    cut_off: float = 10.0,
    weeks: Iterable[int] = WEEKS,
    seed: int = 0,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Follow a community from birth, select whoever reads at least the cut-off, and go on reading.

    In the full model, with daily-life noise, under usual care.

    Parameters
    ----------
    population : default the community.
    n : how many are followed; of the community one in ten to twenty is selected.
    cut_off : EPDS read at the first of the `weeks`, in whole points.
    weeks : after birth, increasing; the first is that of the selection.
    seed : key of every random stream.
    progress : whether a bar is shown; None: on a terminal and in a notebook.

    Returns
    -------
    A row a week: ``week``, ``selected_read`` (mean reading of the selected, with the noise of the
    form) and ``selected`` (mean of their EPDS itself), each with its standard error ``_se``,
    ``everybody`` (mean EPDS of all), ``n_selected``, ``n`` and ``cut_off``.

    Raises
    ------
    InputError : before anything runs; or nobody reads so high.

    >>> table = after_selection(n=8, cut_off=1.0, weeks=(1, 2), progress=False)
    >>> table["week"].tolist()
    [1, 2]
    """
    if population is not None:
        instance(population, "population", Population, "a Population, or None for the community")
    n, seed = whole_number(n, "n", 2), require_seed(seed)
    cut_off = number(cut_off, "cut_off", 0.0, EPDS_HIGHEST)
    visits = sequence(weeks, "weeks", _week, of="weeks after birth")
    if any(np.diff(visits) <= 0):
        raise InputError(f"weeks: expected increasing weeks; found {list(visits)!r}")

    cohort = follow(
        population or Population.named("community"),
        n,
        # a day longer, so that the last week's midnight is kept
        until=f"{7 * visits[-1] + 1} d",
        seed=seed,
        every="1 week",
        progress=progress,
    )
    cohort = cohort.take(cohort.complete)
    readings = [
        cohort.readings("epds", f"{week} weeks", occasion=f"week {week}") for week in visits
    ]
    chosen = readings[0] >= cut_off
    if not chosen.any():
        raise InputError(
            what="cut_off",
            expected=f"a score that one of {len(cohort)} reads at week {visits[0]}",
            found=f"{cut_off:g}",
            remedy="lower cut_off or follow more",
            key=("cut_off",),
        )

    person = cohort.caregivers[0]
    rows = []
    for week, reading in zip(visits, readings, strict=True):
        epds = cohort.value(f"{person}.epds", f"{week} weeks")
        rows.append(
            {
                "week": week,
                **_mean("selected_read", reading[chosen]),
                **_mean("selected", epds[chosen]),
                "everybody": float(epds.mean()),
                "n_selected": int(chosen.sum()),
                "n": len(cohort),
                "cut_off": cut_off,
            }
        )
    return pd.DataFrame(rows)


def _week(value: object, label: str) -> int:
    return whole_number(value, label, 1, 78)


def _mean(label: str, values: np.ndarray) -> dict[str, float]:
    """The mean and its standard error, which one value alone has not."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    return {label: float(values.mean()), f"{label}_se": spread / len(values) ** 0.5}
