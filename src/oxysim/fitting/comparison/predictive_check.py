"""A visual predictive check: percentiles of the data over time beside those of simulated studies
(Holford 2005; Karlsson and Holford 2008).

In every bin of time a percentile is taken of the data and of each simulated study; where the model
holds, that of the data lies inside the central 95 % of the simulated ones in about 95 % of places.
Censored readings count as lower (or higher) than every number: a percentile that falls among them
has no value. With `corrected` readings are moved by what is expected of their own time and
schedule, so that bins may hold unlike ones (prediction-corrected, Bergstrand 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import flag, instance, name, number, sequence, whole_number
from oxysim.errors import InputError
from oxysim.fitting.comparison.simulated_studies import SimulatedStudies
from oxysim.fitting.sample_predictions import instrument_for
from oxysim.simulation.results.reading import clock_and_day, moment
from oxysim.statistics.distances import CENTRAL, distance_between
from oxysim.texts import Described, counted

PERCENTILES = (10.0, 50.0, 90.0)
MOST_MOMENTS = 12  # different times that are a bin each; more are put together
BINS = 8  # of as many samples each, where there are more times than that


@dataclass(frozen=True, eq=False, repr=False)
class PredictiveCheck(Described):
    """Percentiles of the data beside those of simulated studies.

    Attributes
    ----------
    studies : the samples of one analyte and member, with the simulated ones.
    edges : of the bins, minutes since 00:00 of day 0, shape (n_bins + 1,); a bin holds its first
        edge, the last one both.
    percentiles : which.
    corrected : whether readings are moved by what is expected of them.

    >>> table = pd.DataFrame({"minutes": [0.0, 60.0], "value": [4.0, 6.0], "censored": "",
    ...     "lower": -np.inf, "upper": np.inf, "analyte": "epds"})
    >>> values = np.array([[4.0, 5.0], [5.0, 7.0]])
    >>> studies = SimulatedStudies(table, values, values, values)
    >>> PredictiveCheck(studies, np.array([0.0, 30.0, 60.0])).bin_of.tolist()
    [0, 1]
    """

    studies: SimulatedStudies
    edges: FloatArray
    percentiles: tuple[float, ...] = PERCENTILES
    corrected: bool = False

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        table = self.table()
        valued = table["data"].notna()
        inside = int(table.loc[valued, "inside"].sum())
        return "Predictive check", [
            ("of", counted(len(self.studies.table), "sample")),
            ("in", counted(len(self.edges) - 1, "bin")),
            ("", f"{inside} of {counted(int(valued.sum()), 'percentile')} inside 95 % of"
                f" {len(self.studies)} simulated studies"),
        ]  # fmt: skip

    @property
    def bin_of(self) -> IntArray:
        """The bin of each sample, shape (n_samples,)."""
        minutes = self.studies.table["minutes"].to_numpy()
        inner = np.searchsorted(self.edges, minutes, side="right") - 1
        return np.clip(inner, 0, len(self.edges) - 2)

    @property
    def measured(self) -> FloatArray:
        """The data's readings, moved where they are corrected, minus or plus infinity where
        censored; shape (n_samples,).
        """
        table = self.studies.table
        censored = table["censored"].to_numpy()
        values = self._moved(table["value"].to_numpy(dtype=float)[None])[0]
        values = np.where(censored == "below", -np.inf, values)
        return np.where(censored == "above", np.inf, values)

    @property
    def simulated(self) -> FloatArray:
        """The simulated readings likewise, shape (n_studies, n_samples)."""
        values = self._moved(self.studies.values)
        values = np.where(self.studies.below, -np.inf, values)
        return np.where(self.studies.above, np.inf, values)

    def table(self) -> pd.DataFrame:
        """One row a bin and percentile: "bin", "from", "to", "middle" (the median time), "n",
        "percentile", "data" (NaN where it falls among censored readings), "low", "median" and
        "high" of the simulated ones, and whether the data lie "inside".
        """
        rows = []
        for bin_row, columns in self._bins():
            for percentile in self.percentiles:
                data = _percentile(self.measured[None, columns], percentile)[0]
                low, middle, high = np.quantile(
                    _percentile(self.simulated[:, columns], percentile),
                    (CENTRAL[0], 0.5, CENTRAL[1]), method="inverted_cdf",
                ).tolist()  # fmt: skip
                rows.append(
                    {**bin_row, "percentile": percentile, "data": _number(data),
                     "low": _number(low), "median": _number(middle), "high": _number(high),
                     "inside": bool(low <= data <= high)}
                )  # fmt: skip
        return pd.DataFrame(rows)

    def censored(self) -> pd.DataFrame:
        """The share of censored readings, one row a bin: "data", and "low", "median" and "high" of
        the simulated ones.
        """
        rows = []
        for bin_row, columns in self._bins():
            shares = np.isinf(self.simulated[:, columns]).mean(axis=1)
            low, middle, high = np.quantile(shares, (CENTRAL[0], 0.5, CENTRAL[1])).tolist()
            data = float(np.isinf(self.measured[columns]).mean())
            rows.append(
                {**bin_row, "data": data, "low": low, "median": middle, "high": high,
                 "inside": low <= data <= high}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def distances(self, *, draws: int = 200, seed: int = 0) -> pd.DataFrame:
        """The distance of the data's distribution from the simulated one, one row a bin: "distance"
        in the unit with its interval ("low", "high"), and "expected" and "expected_high" of samples
        from the simulated distribution itself. Censored readings stand at their limit in both.
        """
        table = self.studies.table
        lower, upper = table["lower"].to_numpy(), table["upper"].to_numpy()
        values = np.clip(self.studies.values, lower, upper)
        measured = table["value"].to_numpy(dtype=float)
        censored = table["censored"].to_numpy()
        measured = np.where(censored == "below", lower, measured)
        measured = np.where(censored == "above", upper, measured)
        rows = []
        for bin_row, columns in self._bins():
            apart_by = distance_between(
                measured[columns],
                values[:, columns].ravel(),
                draws=draws,
                seed=seed,
            )
            rows.append({**bin_row, **apart_by._asdict()})
        return pd.DataFrame(rows)

    def report(self) -> str:
        """In sentences: how many percentiles lie inside, and which do not."""
        table = self.table()
        valued = table[table["data"].notna()]
        outside = valued[~valued["inside"]]
        lines = [
            f"{len(valued) - len(outside)} of {len(valued)} percentiles of the data lie inside the"
            f" central 95 % of {len(self.studies)} simulated studies."
        ]
        lines += [
            f"The {row['percentile']:g} % percentile at {clock_and_day(row['middle'])} is"
            f" {row['data']:.3g}; simulated {row['low']:.3g} to {row['high']:.3g}."
            for _, row in outside.iterrows()
        ]
        return "\n".join(lines)

    def _bins(self) -> list[tuple[dict[str, float], IntArray]]:
        """Where each bin is, and its samples; bins without any are left out."""
        minutes = self.studies.table["minutes"].to_numpy()
        bins = []
        for position in np.unique(self.bin_of).tolist():
            columns = np.flatnonzero(self.bin_of == position)
            bin_row = {
                "bin": position, "from": float(self.edges[position]),
                "to": float(self.edges[position + 1]),
                "middle": float(np.median(minutes[columns])), "n": len(columns),
            }  # fmt: skip
            bins.append((bin_row, columns))
        return bins

    def _moved(self, values: FloatArray) -> FloatArray:
        """Readings moved to what is expected at the middle of their bin, where that is asked."""
        if not self.corrected:
            return values
        typical = self.studies.expected.mean(axis=0)
        of_bin = np.array([np.median(typical[self.bin_of == bin_row]) for bin_row in self.bin_of])
        analyte = str(self.studies.table["analyte"].iloc[0])
        noise = instrument_for(analyte, self.studies.instruments).noise
        # what strays by a share is moved by a factor
        is_share = noise.kind == "proportional"
        return np.asarray(values * (of_bin / typical) if is_share else values + of_bin - typical)


def predictive_check(
    studies: SimulatedStudies,
    analyte: str | None = None,
    member: str | None = None,
    *,
    bins: Any = None,
    percentiles: Sequence[float] = PERCENTILES,
    corrected: bool = False,
) -> PredictiveCheck:
    """A visual predictive check of one analyte.

    Parameters
    ----------
    studies : of :func:`~oxysim.fitting.comparison.simulated_studies.simulate_studies`.
    analyte, member : which samples; not needed where there is but one analyte of one member.
    bins : a number of bins of as many samples each; or their edges, each a time; by default every
        time is one, or there are eight of them.
    percentiles : above 0 and below 100.
    corrected : whether readings are moved by what is expected of them.

    Raises
    ------
    InputError : several analytes and none named; edges that leave out samples or do not rise.

    >>> import oxysim as ox
    >>> from oxysim.fitting.comparison.simulated_studies import simulate_studies
    >>> from oxysim.observations import Observations
    >>> rows = pd.DataFrame({"person": ["a", "b"], "analyte": "epds", "age": 90.0,
    ...     "value": [4.0, 6.0], "unit": "EPDS"})
    >>> studies = simulate_studies(Observations.from_table(rows), ox.Dyad(infant_age="89 d"),
    ...     ox.Routine.empty(), studies=100)
    >>> predictive_check(studies).table()["percentile"].tolist()
    [10.0, 50.0, 90.0]
    """
    instance(
        studies,
        "studies",
        SimulatedStudies,
        "simulated studies, of simulate_studies",
    )
    flag(corrected, "corrected")
    shares = sequence(percentiles, "percentiles", _percent, of="numbers between 0 and 100")
    for label, value in (("analyte", analyte), ("member", member)):
        if value is not None:
            name(value, label)
    kinds = studies.table[["analyte", "member"]].drop_duplicates()
    if analyte is None:
        if len(kinds) > 1:
            raise InputError(
                what="analyte",
                expected="which one is checked, and of whom",
                found=f"{len(kinds)} in the data",
                key=("analyte",),
            )
        analyte, member = (
            kinds.iloc[0, 0],
            kinds.iloc[0, 1] if member is None else member,
        )
    some = studies.of(str(analyte), member)
    if some.table["member"].nunique() > 1:
        raise InputError("member: expected whose samples are checked; found several members")
    return PredictiveCheck(
        some,
        _edges(some.table["minutes"].to_numpy(), bins),
        shares,
        corrected,
    )


def _edges(minutes: FloatArray, bins: Any) -> FloatArray:
    """The edges of the bins."""
    moments = np.unique(minutes)
    if bins is None and len(moments) <= MOST_MOMENTS:
        # halfway between two times
        inner = (moments[1:] + moments[:-1]) / 2
        return np.concatenate([moments[:1], inner, moments[-1:]])
    if bins is None or isinstance(bins, int | np.integer):
        count = BINS if bins is None else whole_number(bins, "bins", 1, len(moments))
        inner = np.quantile(minutes, np.arange(1, count) / count)
        return np.unique(np.concatenate([moments[:1], inner, moments[-1:]]))
    edges = np.array(sequence(bins, "bins", moment, of="times", least=2))
    if np.any(np.diff(edges) <= 0):
        raise InputError("bins: expected edges in increasing order; found others")
    if minutes.min() < edges[0] or minutes.max() > edges[-1]:
        raise InputError(
            what="bins",
            expected="edges around all samples",
            found=f"samples from {clock_and_day(minutes.min())} to {clock_and_day(minutes.max())}",
            key=("bins",),
        )
    return edges


def _percent(value: Any, label: str) -> float:
    share = number(value, label, 0.0, 100.0)
    if share in (0.0, 100.0):
        raise InputError(f"{label}: expected a number above 0 and below 100; found {share:g}")
    return share


def _percentile(values: FloatArray, percentile: float) -> FloatArray:
    """Of each row, shape (k,): one of its values, which may be infinite."""
    # no mean of two neighbours: one of them may be censored
    return np.asarray(np.quantile(values, percentile / 100, axis=1, method="inverted_cdf"))


def _number(value: float) -> float:
    """NaN in place of a percentile among censored readings."""
    return float(value) if np.isfinite(value) else np.nan
