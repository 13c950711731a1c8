"""How far each sample lies from what the model expects of it.

Three ways, from the plainest to the one that any noise and any population can be judged by:

- raw: reading less expected reading, in the unit;
- weighted: on the scale on which the instrument's noise is normal, in standard deviations of it;
- as a quantile among simulated readings of the same person at the same time, put on the normal
  scale. Where a person's readings go together (a visit's noise, a dyad that is unlike the others)
  these are made independent first: normalised prediction distribution errors (Brendel 2006), and
  normalised prediction discrepancies without that step. If the model holds both are standard normal.

A censored reading takes a random place among the simulated readings that would have been censored
too (Nguyen 2012), and a rounded one among those that read as it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import kstest, shapiro

from oxysim.arrays import FloatArray
from oxysim.checks import instance, require_seed
from oxysim.errors import InputError
from oxysim.fitting.comparison.simulated_studies import SimulatedStudies
from oxysim.fitting.predictions import instrument_for
from oxysim.fitting.reading_errors import onto_scale
from oxysim.streams import stream
from oxysim.texts import Described, counted

FEWEST_STUDIES = 100  # fewer leave quantiles of the tails to chance
MOST_TOGETHER = 0.5  # of the studies: so many samples of a person at most can be made independent


@dataclass(frozen=True, eq=False, repr=False)
class Residuals(Described):
    """The residuals of every sample.

    Attributes
    ----------
    table : one row a sample: "person", "member", "analyte", "minutes", "occasion", "unit",
        "value", "censored", "line"; "expected" (the mean reading before rounding and limits),
        "raw", "weighted" (both NaN where censored), "discrepancy" and "error" (of prediction, both
        on the normal scale; "error" is NaN for classes and counted shares).
    """

    table: pd.DataFrame

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        errors = self.table["error"].dropna()
        return "Residuals", [
            ("of", counted(len(self.table), "sample")),
            ("mean prediction error", float(errors.mean())),
            ("standard deviation", float(errors.std())),
        ]

    def tests(self) -> pd.DataFrame:
        """Whether prediction errors are standard normal, by analyte and member: "n", "mean" with
        its standard error "mean_se", "sd", and the p values of Kolmogorov and Smirnov's test
        ("p_distribution") and of Shapiro and Wilk's ("p_normal").
        """
        rows = []
        for (analyte, member), same in self.table.groupby(["analyte", "member"], sort=False):
            errors = same["error"].fillna(same["discrepancy"]).to_numpy()
            n = len(errors)
            rows.append(
                {"analyte": analyte, "member": member, "n": n, "mean": float(errors.mean()),
                 "mean_se": 1 / np.sqrt(n), "sd": float(errors.std(ddof=1)) if n > 1 else np.nan,
                 "p_distribution": float(kstest(errors, "norm").pvalue),
                 "p_normal": float(shapiro(errors).pvalue) if n > 2 else np.nan}
            )  # fmt: skip
        return pd.DataFrame(rows)


def residuals(studies: SimulatedStudies, *, seed: int = 0) -> Residuals:
    """The residuals of the data's samples against simulated studies.

    Parameters
    ----------
    studies : of :func:`simulate_studies`, at least 100 of them.
    seed : of the places of censored and rounded readings.

    Raises
    ------
    InputError : too few studies.

    >>> import oxysim as ox
    >>> from oxysim.fitting.comparison.simulated_studies import simulate_studies
    >>> from oxysim.observations import Observations
    >>> rows = pd.DataFrame({"person": "a", "analyte": "saliva_oxytocin", "minutes": [605.0, 640.0],
    ...     "value": [9000.0, 300.0], "unit": "pg/mL"})
    >>> spray = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> studies = simulate_studies(Observations.from_table(rows), ox.Dyad(), spray)
    >>> residuals(studies).table[["raw", "weighted", "error"]].shape
    (2, 3)
    """
    instance(studies, "studies", SimulatedStudies, "simulated studies, of simulate_studies")
    require_seed(seed)
    if len(studies) < FEWEST_STUDIES:
        raise InputError(
            what="studies",
            expected=f"at least {FEWEST_STUDIES} simulated studies, for the tails",
            found=str(len(studies)),
            key=("studies",),
        )
    table, luck = studies.table, stream(seed, 0, "places of readings that are not numbers")
    places = luck.uniform(size=len(table))
    columns = {name: np.full(len(table), np.nan) for name in _COLUMNS}
    for analyte, same in table.groupby("analyte", sort=False):
        rows = same.index.to_numpy()
        tool = instrument_for(str(analyte), studies.instruments)
        columns["expected"][rows] = _expected(studies, rows, tool)
        measured = same["censored"].to_numpy() == ""
        values = same["value"].to_numpy(dtype=float)
        if tool.noise.kind != "classes":
            # a number of a class has no distance from another
            columns["raw"][rows] = np.where(measured, values - columns["expected"][rows], np.nan)
            scaled = onto_scale(tool, values)
            middle = studies.scaled[:, rows].mean(axis=0)
            spread = studies.scaled[:, rows].std(axis=0)
            finite = measured & np.isfinite(scaled)
            columns["weighted"][rows] = np.where(finite, (scaled - middle) / spread, np.nan)
    shares = _shares(studies, places)
    columns["discrepancy"] = ndtri(shares)
    columns["error"] = _independent(studies, shares)
    kept = table.drop(columns=["lower", "upper"])
    return Residuals(kept.assign(**{name: columns[name] for name in _COLUMNS}))


_COLUMNS = ("expected", "raw", "weighted", "discrepancy", "error")


def _expected(studies: SimulatedStudies, rows: Any, tool: Any) -> FloatArray:
    """The mean reading of each sample before rounding and limits, in the unit."""
    if tool.noise.kind == "proportional":
        # the mean of a lognormal reading, over the dyads that might be behind it
        variance = (studies.scaled[:, rows] - studies.centres[:, rows]).var(axis=0)
        return np.asarray(np.exp(studies.centres[:, rows] + variance / 2).mean(axis=0))
    if tool.noise.kind == "additive":
        return np.asarray(studies.centres[:, rows].mean(axis=0))
    return np.asarray((1 / (1 + np.exp(-studies.centres[:, rows]))).mean(axis=0))


def _shares(studies: SimulatedStudies, places: FloatArray) -> FloatArray:
    """The share of simulated readings below each sample; of those that read the same, and of those
    that are censored with it, a part as its place says.
    """
    table, values = studies.table, studies.values
    censored = table["censored"].to_numpy()
    lower, upper = table["lower"].to_numpy(), table["upper"].to_numpy()
    # beyond its limit every reading is alike
    seen = np.where(values < lower, -np.inf, np.where(values > upper, np.inf, values))
    measured = table["value"].to_numpy(dtype=float)
    measured = np.where(censored == "below", -np.inf, measured)
    measured = np.where(censored == "above", np.inf, measured)
    n = len(values)
    less, alike = (seen < measured).sum(axis=0), (seen == measured).sum(axis=0)
    # one of n + 1 places, so that no share is 0 or 1
    return np.asarray((less + places * (alike + 1)) / (n + 1))


def _independent(studies: SimulatedStudies, shares: FloatArray) -> FloatArray:
    """Prediction errors: each person's readings made independent by what simulated ones show of
    their covariance; NaN where the scale is none of numbers.
    """
    table = studies.table
    errors = np.full(len(table), np.nan)
    for person, same in table.groupby("person", sort=False):
        kinds = [
            instrument_for(analyte, studies.instruments).noise.kind for analyte in same["analyte"]
        ]
        numbers = [kind in ("proportional", "additive") for kind in kinds]
        rows = same.index.to_numpy()[numbers]
        if not len(rows):
            continue
        if len(rows) > MOST_TOGETHER * len(studies):
            raise InputError(
                what="studies",
                expected=f"more than {int(len(rows) / MOST_TOGETHER)} simulated studies, for the"
                f" {counted(len(rows), 'sample')} of {person!r}",
                found=str(len(studies)),
                key=("studies",),
            )
        scaled = studies.scaled[:, rows]
        # readings take the place that they have among simulated ones, so that rounded and censored
        # ones have a number too
        measured = np.array(
            [np.quantile(scaled[:, k], shares[row]) for k, row in enumerate(rows.tolist())]
        )
        middle = scaled.mean(axis=0)
        root = np.linalg.cholesky(np.atleast_2d(np.cov(scaled.T)))
        simulated = np.linalg.solve(root, (scaled - middle).T)
        own = np.linalg.solve(root, measured - middle)
        below = (simulated < own[:, None]).sum(axis=1)
        errors[rows] = ndtri((below + 0.5) / (len(scaled) + 1))
    return errors
