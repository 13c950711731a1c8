"""How far each sample lies from what the model expects of it.

Three ways, from the plainest to the one that any noise and any population can be judged by:

- raw: reading less expected reading, in the unit;
- weighted: on the scale on which the instrument's noise is normal, in standard deviations of what
  simulated readings show there;
- as a quantile among simulated readings of the same person at the same time, put on the normal
  scale. Where a person's readings go together (a visit's noise, a dyad that is unlike the others)
  these are made independent first: normalised prediction distribution errors (Brendel 2006), and
  normalised prediction discrepancies without that step. Both are standard normal if the model
  holds.

A censored reading takes a random place among the simulated readings that would have been censored
too (Nguyen 2012), and a rounded one among those that read as it does; of several that a person has,
the places are drawn given all the other readings, so that they go together as the readings would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import kstest, shapiro

from oxysim.arrays import FloatArray
from oxysim.checks import instance, require_seed
from oxysim.errors import InputError
from oxysim.fitting.comparison.simulated_studies import SimulatedStudies
from oxysim.fitting.reading_errors import onto_scale
from oxysim.fitting.sample_predictions import instrument_for
from oxysim.measures import Instrument
from oxysim.streams import stream
from oxysim.texts import Described, counted

FEWEST_STUDIES = 100  # fewer leave quantiles of the tails to chance
SWEEPS = 30  # of Gibbs' sampler: readings correlate at .9 at most, of which a sweep leaves little
SMALLEST = 1e-300  # a share of 0 would lie infinitely far out
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

    >>> columns = {"analyte": "epds", "member": "mother", "error": [-1.0, 1.0],
    ...     "discrepancy": [-0.9, 1.1]}
    >>> float(Residuals(pd.DataFrame(columns)).tests()["sd"].iloc[0].round(3))
    1.414
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
    instance(
        studies,
        "studies",
        SimulatedStudies,
        "simulated studies, of simulate_studies",
    )
    require_seed(seed)
    if len(studies) < FEWEST_STUDIES:
        raise InputError(
            what="studies",
            expected=f"at least {FEWEST_STUDIES} simulated studies, for the tails",
            found=str(len(studies)),
            key=("studies",),
        )
    table, luck = (
        studies.table,
        stream(seed, 0, "places of readings that are not numbers"),
    )
    places = luck.uniform(size=len(table))
    columns = {name: np.full(len(table), np.nan) for name in _COLUMNS}
    for analyte, same in table.groupby("analyte", sort=False):
        rows = same.index.to_numpy()
        tool = instrument_for(str(analyte), studies.instruments)
        columns["expected"][rows] = studies.expected[:, rows].mean(axis=0)
        measured = same["censored"].to_numpy() == ""
        values = same["value"].to_numpy(dtype=float)
        if tool.noise.kind != "classes":
            # a number of a class has no distance from another
            columns["raw"][rows] = np.where(measured, values - columns["expected"][rows], np.nan)
            strayed, scaled = (
                _onto(tool, studies.strayed[:, rows]),
                _onto(tool, values),
            )
            weighted = (scaled - strayed.mean(axis=0)) / strayed.std(axis=0)
            columns["weighted"][rows] = np.where(measured, weighted, np.nan)
    shares = _shares(studies, places)
    columns["discrepancy"] = ndtri(shares)
    columns["error"] = _independent(studies, seed)
    samples = table.drop(columns=["lower", "upper"])
    return Residuals(samples.assign(**{name: columns[name] for name in _COLUMNS}))


_COLUMNS = ("expected", "raw", "weighted", "discrepancy", "error")


def _onto(tool: Instrument, readings: FloatArray) -> FloatArray:
    """Readings on the scale on which their noise is normal, or nearly so: where a part of it is
    constant a reading may be below 0, and has no logarithm.
    """
    if tool.noise.kind in ("binomial", "classes") or tool.noise.floor:
        return readings
    return onto_scale(tool, readings)


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
    less, equal = (
        (seen < measured).sum(axis=0),
        (seen == measured).sum(axis=0),
    )
    # one of n + 1 places, so that no share is 0 or 1
    return np.asarray((less + places * (equal + 1)) / (n + 1))


def _independent(studies: SimulatedStudies, seed: int) -> FloatArray:
    """Prediction errors: each person's readings made independent by what simulated ones show of
    their covariance; NaN where the scale is none of numbers.
    """
    table = studies.table
    errors = np.full(len(table), np.nan)
    for number, (person, same) in enumerate(table.groupby("person", sort=False)):
        tools = [instrument_for(analyte, studies.instruments) for analyte in same["analyte"]]
        numbers = [tool.noise.kind in ("proportional", "additive") for tool in tools]
        chosen = same[numbers]
        if not len(chosen):
            continue
        if len(chosen) > MOST_TOGETHER * len(studies):
            raise InputError(
                what="studies",
                expected=f"more than {int(len(chosen) / MOST_TOGETHER)} simulated studies, for the"
                f" {counted(len(chosen), 'sample')} of {person!r}",
                found=str(len(studies)),
                key=("studies",),
            )
        ends, scaled = _intervals(studies, chosen)
        middle, covariance = (
            scaled.mean(axis=0),
            np.atleast_2d(np.cov(scaled.T)),
        )
        luck = stream(seed, number, "places of readings that are not numbers")
        measured = _placed(ends, middle, covariance, luck)
        root = np.linalg.cholesky(covariance)
        simulated = np.linalg.solve(root, (scaled - middle).T)
        below = (simulated < np.linalg.solve(root, measured - middle)[:, None]).sum(axis=1)
        errors[chosen.index] = ndtri((below + 0.5) / (len(scaled) + 1))
    return errors


def _intervals(studies: SimulatedStudies, chosen: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Between which ends each reading lies before rounding and limits, shape (2, n), the same where
    it is a number, and the simulated ones, (n_studies, n); on the scale of the noise.
    """
    ends, scaled = (
        np.empty((2, len(chosen))),
        np.empty((len(studies), len(chosen))),
    )
    for k, (row, sample) in enumerate(chosen.iterrows()):
        tool = instrument_for(sample["analyte"], studies.instruments)
        half = tool.rounding / 2
        # at an end of the scale lies also what would have been beyond it
        low = -np.inf if sample["value"] <= tool.low else sample["value"] - half
        high = np.inf if sample["value"] >= tool.high else sample["value"] + half
        low, high = {
            "below": (-np.inf, sample["lower"]),
            "above": (sample["upper"], np.inf),
        }.get(sample["censored"], (low, high))
        # no logarithm is taken of a number below 0
        is_log = tool.noise.kind == "proportional" and not tool.noise.floor
        pair = np.array([low, high])
        ends[:, k] = _onto(tool, np.maximum(pair, 0.0) if is_log else pair)
        scaled[:, k] = _onto(tool, studies.strayed[:, row])
    return ends, scaled


def _placed(
    ends: FloatArray,
    middle: FloatArray,
    covariance: FloatArray,
    luck: np.random.Generator,
) -> FloatArray:
    """Readings where they are numbers, and where only their ends are known a draw between these
    given all the others (Gibbs' sampler of a truncated normal distribution), shape (n,).
    """
    exact = ends[0] == ends[1]
    inside = np.clip(middle, np.minimum(*ends), np.maximum(*ends))
    readings = np.where(exact, ends[0], inside)
    open_ones = np.flatnonzero(~exact).tolist()
    if not open_ones:
        return readings
    precision = np.linalg.inv(covariance)
    for _ in range(SWEEPS):
        for k in open_ones:
            deviations = readings - middle
            pull = precision[k] @ deviations - precision[k, k] * deviations[k]
            centre, spread = (
                middle[k] - pull / precision[k, k],
                1 / np.sqrt(precision[k, k]),
            )
            low, high = (ends[:, k] - centre) / spread
            # in the upper tail shares near 1 are mirrored into small ones
            side = -1.0 if low > 0 else 1.0
            first, last = ndtr(sorted((side * low, side * high)))
            share = first + (last - first) * luck.uniform()
            readings[k] = centre + spread * side * ndtri(max(share, SMALLEST))
    return readings
