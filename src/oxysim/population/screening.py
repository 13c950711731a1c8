"""Dyads in the symptomatic regime: candidates start high, and those that rest high are eligible.

That some dyads have two stable regimes is a modelling assumption; the share of candidates that rest
high is reported, never fitted. It is the share of *this* sample of independent parameters, not of a
community.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import number, refused, require_seed, texts
from oxysim.errors import InputError
from oxysim.families import Family, combine
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.population.independent_sample import Age, draw, require_count
from oxysim.schedule import STAGES, Routine, stage
from oxysim.simulation.averaging.slow_equilibrium import descend
from oxysim.texts import Described

# The highest threshold, in EPDS points, and the depression at which every candidate starts: well
# inside the symptomatic regime.
TALLEST = 22.0
HIGH_START = {"caregiver.depression": TALLEST, "caregiver.bond": 0.35}
MARGIN = 0.5  # EPDS points below the threshold at which a candidate on its way down is let go
STEP = 5.0  # min, longest step within a day
SMALLEST_BLOCK, LARGEST_BLOCK = 32, 1000  # candidates brought to rest together
MOST_PER_DYAD = 400  # candidates screened per dyad wanted before giving up


@dataclass(frozen=True)
class ScreeningReport(Described):
    """What it took to find the symptomatic dyads.

    Attributes
    ----------
    threshold : resting EPDS from which a dyad was kept.
    screened : candidates up to the last one kept.
    kept : dyads kept.
    unsettled : candidates that had not come to rest within the rounds, or failed; none of them is
    kept.

    >>> ScreeningReport(threshold=13.0, screened=40, kept=10, unsettled=1).share
    0.25
    """

    threshold: float
    screened: int
    kept: int
    unsettled: int

    @property
    def share(self) -> float:
        """Kept over screened.

        >>> ScreeningReport(threshold=13.0, screened=40, kept=8, unsettled=0).share
        0.2
        """
        return self.kept / self.screened

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it took, for print and notebooks."""
        return "Screening", [("", str(self))]

    def __str__(self) -> str:
        return (
            f"{self.kept} of {self.screened} candidates ({100 * self.share:.1f} %) rest at an EPDS"
            f" of {self.threshold:g} or more when started high; {self.unsettled} did not settle"
        )


def symptomatic(
    n: int,
    *,
    seed: int,
    threshold: float = EPDS_PROBABLE,
    infant_age: Age = "5 months",
    fixed: Mapping[str, Any] | None = None,
    varied: Iterable[str] | None = None,
    block: int | None = None,
) -> tuple[Family, ScreeningReport]:
    """`n` mothers with their infants who rest at or above an EPDS threshold on the usual day, when
    started high.

    Candidates 0, 1, 2, ... of :func:`sample` with the same arguments are started at depression 22
    and bond .35 and brought to rest by averaged days at their infants' age; the first n that rest
    high are kept, under their candidates' numbers, and their resting depression, bond, confidence
    and mind-mindedness become the start. Which dyads are kept depends neither on n nor on the
    block. They rest where averaged days do, within .03 EPDS points: see
    ``oxysim.simulation.averaging.slow_equilibrium``.

    Parameters
    ----------
    n : how many, at least 1.
    seed : key of the draws.
    threshold : EPDS points, above 0 and below 22.
    infant_age, fixed, varied : as for :func:`sample`.
    block : how many candidates are brought to rest together; default by n. It changes time and
        memory only.

    Returns
    -------
    (Family of length n, ScreeningReport).

    Raises
    ------
    InputError : n, threshold or block out of range, or too few candidates rest so high.
        UnknownNameError : no such parameter.

    >>> try:
    ...     symptomatic(10, seed=1, threshold=30.0)  # none can be told: candidates start at 22
    ... except InputError as error:
    ...     print(error)
    threshold: expected a number from 0 to 22; found 30.0
    """
    require_count(n)
    require_seed(seed)
    # candidates start at 22 points: whoever rests higher could not be told from the start
    threshold = number(threshold, "threshold", 0.0, TALLEST)
    if not 0 < threshold < TALLEST:
        raise refused(threshold, "threshold", f"EPDS points above 0 and below {TALLEST:g}")
    # three candidates a dyad: one block is enough where at least one in three rests high
    size = int(np.clip(3 * n, SMALLEST_BLOCK, LARGEST_BLOCK)) if block is None else block
    require_count(size, "block")
    names = varied if varied is None else texts(varied, "varied", of="parameter names")

    def candidates(first: int) -> Family:
        chosen = range(first, first + size)
        return draw(chosen, seed=seed, infant_age=infant_age, fixed=fixed, varied=names)

    return _screened(n, threshold, size, candidates)


def _screened(
    n: int, threshold: float, size: int, candidates: Callable[[int], Family]
) -> tuple[Family, ScreeningReport]:
    """The first n candidates that rest high, block by block."""
    groups: list[Family] = []
    numbers: list[int] = []
    unsettled: list[int] = []
    first = 0
    while len(numbers) < n:
        if first > MOST_PER_DYAD * n + LARGEST_BLOCK:
            raise InputError(
                f"symptomatic: {n} dyads were asked for, but only {len(numbers)} of {first}"
                f" candidates rest at an EPDS of {threshold:g} or more; lower the threshold, or fix"
                " or vary other parameters"
            )
        resting, high, lost = _rested(candidates(first), threshold)
        # in the order of their numbers: the first n, whatever the block
        chosen = np.flatnonzero(high)[: n - len(numbers)]
        if len(chosen):
            groups.append(resting.take(chosen))
        numbers += (first + chosen).tolist()
        # as candidates' numbers: those beyond the last one kept are not counted
        unsettled += (first + np.flatnonzero(lost)).tolist()
        first += size
    whole = combine(groups).replace(dyads=tuple(numbers))
    last = numbers[-1]
    return whole, ScreeningReport(
        threshold, last + 1, n, sum(number <= last for number in unsettled)
    )


def _rested(candidates: Family, threshold: float) -> tuple[Family, BoolArray, BoolArray]:
    """(the candidates starting where they rest, which rest high, which did not settle), stage of
    age by stage.
    """
    high, lost = np.zeros(len(candidates), dtype=bool), np.zeros(len(candidates), dtype=bool)
    values: dict[str, FloatArray] = {}
    # the day of a stage of age is one for all in it, so that they come to rest side by side
    stages = np.array([stage(age) for age in candidates.ages().tolist()])
    for age_stage in np.unique(stages).tolist():
        inside = np.flatnonzero(stages == age_stage)
        group = (
            candidates.take(inside)
            .replace(infant_age=f"{STAGES[age_stage] + 10} d")
            .with_start(HIGH_START)
        )
        # whoever falls below the threshold by a margin is let go, and costs no further days
        descent = descend(group, Routine.typical(), floor=threshold - MARGIN, step=STEP)
        for name, rested in descent.values.items():
            values.setdefault(name, np.zeros(len(candidates)))[inside] = rested
        depression = descent.values[f"{candidates.caregivers[0]}.depression"]
        high[inside] = descent.settled & (depression >= threshold)
        lost[inside] = ~(descent.settled | descent.fallen)
    # others than those that rest high need some legal start too; they are never taken
    usable = (
        {name: np.where(high, rested, rested[high][0]) for name, rested in values.items()}
        if high.any()
        else {}
    )
    return candidates.with_start(usable), high, lost
