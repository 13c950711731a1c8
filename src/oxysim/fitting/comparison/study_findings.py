"""What a study found, asked of simulated studies too: a mean, a median, a spread, a share below the
limit, a change within persons; judged by the rules by which published findings are judged.

A censored reading counts as half its lower limit, or as its upper one: a convention that holds for
the data and the simulated studies alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from oxysim.arrays import FloatArray
from oxysim.checks import choice, instance, name, refused, sequence
from oxysim.errors import InputError
from oxysim.findings.agreement import (
    Verdict,
    judge_null,
    judge_number,
    judge_sign,
)
from oxysim.fitting.comparison.simulated_studies import SimulatedStudies
from oxysim.simulation.results.reading import moment
from oxysim.statistics.distances import CENTRAL
from oxysim.streams import stream
from oxysim.texts import Called

STATISTICS = ("mean", "median", "sd", "censored")
ALPHA = 0.05  # p below it: a change that a study reports as one
RESAMPLES = 2000  # of persons, for the intervals of the data's figures
FEWEST_PERSONS = 2  # whose spread says anything


@dataclass(frozen=True, repr=False)
class StudyFinding(Called):
    """One figure of a study.

    Parameters
    ----------
    name : what it is called in tables.
    analyte : what was measured.
    start, stop : the stretch of time in which samples count, both ends included; each a clock time
        of day 0, a time after its midnight, or minutes. Several samples of a person are averaged.
    before : an earlier stretch, (start, stop), from which the change within persons is asked.
    statistic : over persons: "mean", "median", "sd", or "censored" (the share of samples).
    member : whose samples; "mother" by default.

    Raises
    ------
    UnknownNameError : no such statistic. InputError : a stretch that ends before it starts, a
        change of anything but a mean.

    >>> StudyFinding("rise", "salivary_cortisol", "10:20", "10:40", before=("09:50", "10:00")).name
    'rise'
    """

    name: str
    analyte: str
    start: Any
    stop: Any
    before: tuple[Any, Any] | None = None
    statistic: str = "mean"
    member: str = "mother"

    def __post_init__(self) -> None:
        for label in ("name", "analyte", "member"):
            name(getattr(self, label), label)
        choice(self.statistic, "statistic", STATISTICS)
        if self.before is not None and not (
            isinstance(self.before, tuple | list) and len(self.before) == 2
        ):
            raise refused(
                self.before,
                "before",
                "a stretch, such as ('09:50', '10:00'), or None",
            )
        if self.before is not None and self.statistic != "mean":
            raise InputError(
                f"{self.name}: expected a change of means; found one of {self.statistic!r}"
            )
        for ends in self.stretches:
            if ends[1] < ends[0]:
                raise InputError(f"{self.name}: expected a stretch that ends after its start")

    @property
    def stretches(self) -> tuple[tuple[float, float], ...]:
        """(start, stop) in minutes, of the later one and of the earlier one if there is one."""
        pairs = [
            (self.start, self.stop),
            *([] if self.before is None else [tuple(self.before)]),
        ]
        return tuple((moment(first, "start"), moment(last, "stop")) for first, last in pairs)


def compare_findings(
    studies: SimulatedStudies,
    findings: Sequence[StudyFinding],
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """A study's own findings beside the simulated ones.

    A figure agrees if the simulated mean lies in the data's 95 % interval (of a bootstrap over
    persons). A change with p < .05 (paired t test) agrees if its sign is that of 80 % of simulated
    studies and half of them find p < .05; one without, if its simulated effect is a null.

    Parameters
    ----------
    studies : of :func:`~oxysim.fitting.comparison.simulated_studies.simulate_studies`.
    findings : what to ask.
    seed : of the bootstrap.

    Returns
    -------
    One row a finding: "finding", "n" (persons), "data", "low", "high", "p" (NaN but for a change),
    "simulated" (mean over studies), "simulated_low" and "simulated_high" (95 % of them),
    "predictive_p" (how often a simulated study is as far out, to either side), "rule", "holds",
    "why".

    Raises
    ------
    InputError : no samples in a stretch, fewer than two persons.

    >>> import oxysim as ox
    >>> from oxysim.fitting.comparison.simulated_studies import simulate_studies
    >>> from oxysim.observations import Observations
    >>> rows = pd.DataFrame({"person": ["a", "b", "c"], "analyte": "epds", "age": 90.0,
    ...     "value": [4.0, 6.0, 5.0], "unit": "EPDS"})
    >>> studies = simulate_studies(Observations.from_table(rows), ox.Dyad(infant_age="89 d"),
    ...     ox.Routine.empty(), studies=100)
    >>> compare_findings(studies, [StudyFinding("EPDS", "epds", "24 h", "48 h")])["holds"].tolist()
    [True]
    """
    instance(
        studies,
        "studies",
        SimulatedStudies,
        "simulated studies, of simulate_studies",
    )
    asked = sequence(
        findings,
        "findings",
        _finding,
        of="findings, such as StudyFinding(...)",
    )
    return pd.DataFrame([_row(studies, finding, seed) for finding in asked])


def _finding(value: Any, label: str) -> StudyFinding:
    return instance(value, label, StudyFinding, "a StudyFinding")


def _row(studies: SimulatedStudies, finding: StudyFinding, seed: int) -> dict[str, object]:
    some = studies.of(finding.analyte, finding.member)
    # the data as one more study, before the simulated ones
    persons = _person_figures(some, finding)
    n = persons.shape[1]
    if n < FEWEST_PERSONS:
        raise InputError(f"{finding.name}: expected samples of at least two persons; found {n}")
    figures = _over_persons(persons, finding.statistic)
    data, simulated = float(figures[0]), figures[1:]
    luck = stream(seed, 0, f"resamples of the finding {finding.name}")
    resampled = persons[0][luck.integers(n, size=(RESAMPLES, n))]
    low, high = np.quantile(_over_persons(resampled, finding.statistic), CENTRAL).tolist()
    p, verdict, rule = np.nan, None, "number"
    if finding.before is not None:
        p, rule, verdict = _judged_change(persons)
    if verdict is None:
        error = float(simulated.std(ddof=1) / np.sqrt(len(simulated)))
        verdict = judge_number(float(simulated.mean()), error, (low, high))
    above = float((simulated >= data).mean())
    ends = np.quantile(simulated, CENTRAL).tolist()
    return {
        "finding": finding.name, "n": n, "data": data, "low": low, "high": high, "p": p,
        "simulated": float(simulated.mean()), "simulated_low": ends[0], "simulated_high": ends[1],
        "predictive_p": min(2 * min(above, 1 - above), 1.0), "rule": rule,
        "holds": verdict.holds, "why": verdict.why,
    }  # fmt: skip


def _judged_change(persons: FloatArray) -> tuple[float, str, Verdict]:
    """(p of the data, rule, verdict) of changes within persons, (1 + n_studies, n_persons)."""
    means, spreads = persons.mean(axis=1), persons.std(axis=1, ddof=1)
    n = persons.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means / (spreads / np.sqrt(n))
        effects = means / spreads
    p = 2 * stats.t.sf(np.abs(t), n - 1)
    significant = float((p[1:] < ALPHA).mean())
    if p[0] < ALPHA:
        up = means[0] > 0
        same_sign = float(((means[1:] > 0) == up).mean())
        return (
            float(p[0]),
            "sign",
            judge_sign("up" if up else "down", same_sign, significant),
        )
    return (
        float(p[0]),
        "null",
        judge_null(float(effects[1:].mean()), significant),
    )


def _person_figures(studies: SimulatedStudies, finding: StudyFinding) -> FloatArray:
    """The figure of each person in the data and in every study, (1 + n_studies, n_persons)."""
    table = studies.table
    lower, upper = table["lower"].to_numpy(), table["upper"].to_numpy()
    censored = table["censored"].to_numpy()
    below = np.vstack([censored == "below", studies.below])
    above = np.vstack([censored == "above", studies.above])
    values = np.vstack([table["value"].to_numpy(dtype=float), studies.values])
    values = np.where(below, lower / 2, np.where(above, upper, values))
    if finding.statistic == "censored":
        values = (below | above).astype(float)
    minutes, names = table["minutes"].to_numpy(), table["person"].to_numpy()
    stretches = [(minutes >= start) & (minutes <= stop) for start, stop in finding.stretches]
    # who has samples in every stretch that is asked
    persons = [
        person
        for person in dict.fromkeys(names.tolist())
        if all((inside & (names == person)).any() for inside in stretches)
    ]
    if not persons:
        raise InputError(
            what=finding.name,
            expected="samples in the stretches that it names",
            found="none of any person",
            key=("findings",),
        )
    figures = [
        np.stack(
            [values[:, inside & (names == person)].mean(axis=1) for person in persons],
            axis=1,
        )
        for inside in stretches
    ]
    return figures[0] if len(figures) == 1 else figures[0] - figures[1]


def _over_persons(persons: FloatArray, statistic: str) -> FloatArray:
    """Of each row the figure over persons."""
    if statistic == "median":
        return np.asarray(np.median(persons, axis=1))
    if statistic == "sd":
        return np.asarray(persons.std(axis=1, ddof=1))
    return np.asarray(persons.mean(axis=1))
