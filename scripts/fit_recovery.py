"""Whether fits find what simulated studies were made with::

    python scripts/fit_recovery.py --studies 100 --out recovery.jsonl
    python scripts/fit_recovery.py --designs rich --studies 3

Each study draws its truth from the priors of the fit, simulates its samples with the instruments'
own noise, and is fitted. Printed are, by design and figure: how many 90 % intervals hold the truth,
by profile and by posterior (84 to 95 % of 100 is what chance allows around 90); the uniformity of
the ranks of the truth among draws (simulation-based calibration, Talts et al. 2018); and the bias
where samples below the limit are left out, or half of the limit put in their place.

- ``rich``: one person, eleven samples of plasma after a bolus.
- ``sparse``: twenty persons of a population, four samples each.
- ``censored``: the same with an assay that tells a third of them only to be below its limit.

Studies are kept in the file as they come, so that an ended run goes on.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import oxysim as ox
from oxysim.documents import add_json_line, read_json_lines
from oxysim.fitting import FreeParameter, free_parameters
from oxysim.fitting.hierarchy.population_scale import PopulationScale
from oxysim.measures import Instrument, MeasurementNoise, user_instrument
from oxysim.observations import Observations
from oxysim.statistics.monte_carlo import share_interval
from oxysim.streams import stream

NAMES = ("mother.oxytocin.plasma_half_life", "mother.oxytocin.clearance")
DAY = ox.Routine.empty() + ox.IntravenousBolus("1 IU", at="01:00")
MANY_TIMES = (57.0, 61.5, 62.0, 63.0, 64.0, 65.0, 67.0, 70.0, 73.0, 77.0, 85.0)
FEW_TIMES = (62.0, 65.0, 70.0, 77.0)
PERSONS = 20
LEVEL = 0.9
RANKED = 99  # draws among which a truth has its rank: ten bins of ten ranks
BINS = 10
LARGEST = 2**26  # bytes of a file of studies
NOISE = MeasurementNoise("proportional", 0.1, 0.1)


@dataclass(frozen=True)
class Design:
    """Who is sampled how."""

    persons: int
    times: tuple[float, ...]
    lloq: float

    @property
    def tool(self) -> Instrument:
        """The assay."""
        return user_instrument("kit", like="plasma_oxytocin", lloq=self.lloq, noise=NOISE)


# the limit of the last one is what a third of all samples of many studies lie below
DESIGNS = {
    "rich": Design(1, MANY_TIMES, 0.5),
    "sparse": Design(PERSONS, FEW_TIMES, 0.5),
    "censored": Design(PERSONS, FEW_TIMES, 45.0),
}


def figures_of(design: Design) -> tuple[FreeParameter, ...]:
    """What is sought: a person's parameters, or the figures of a population."""
    free = free_parameters(NAMES, ox.Dyad())
    return free if design.persons == 1 else PopulationScale(free, False).figures


def simulated(design: Design, number: int) -> tuple[np.ndarray, Observations]:
    """The truth of a study, as latents of its figures, and its observations."""
    generator = stream(number, 0, "truth of a simulated study")
    free = free_parameters(NAMES, ox.Dyad())
    truth = generator.standard_normal(len(figures_of(design)))
    persons = truth[None]
    if design.persons > 1:
        centres, factors = PopulationScale(free, False).populations(truth[None])
        scores = generator.standard_normal((design.persons, len(free)))
        persons = centres[0] + scores @ factors[0].T

    values = {p.name: p.value(persons[:, k]) for k, p in enumerate(free)}
    plain = {name: column if len(column) > 1 else column[0] for name, column in values.items()}
    times = [f"{time} min" for time in design.times]
    with warnings.catch_warnings():
        # a prior reaches beyond the range that holds 95 % of it
        warnings.simplefilter("ignore", ox.ImplausibleValueWarning)
        result = ox.simulate(
            ox.Dyad(parameters=plain), DAY, f"{design.times[-1]} min", start="00:00", save=times,
            variables=["mother.plasma_oxytocin"], progress=False,
        )  # fmt: skip
    readings = ox.measure(result, design.tool, at=list(design.times), seed=number)
    return truth, _observations(design, readings)


def _observations(design: Design, readings: Any) -> Observations:
    below = readings["below_lloq"].values
    rows = [
        {
            "person": f"{person:03d}", "analyte": "kit", "unit": "pg/mL", "minutes": time,
            "value": np.nan if below[person, k] else float(readings.values[person, k]),
            "censored": "below" if below[person, k] else "",
            "limit": design.lloq if below[person, k] else np.nan,
        }
        for person in range(design.persons)
        for k, time in enumerate(design.times)
    ]  # fmt: skip
    return Observations.from_table(pd.DataFrame(rows))


def fitted(design: Design, data: Observations, number: int) -> Any:
    """The fit of a study."""
    return ox.fit(
        data, ox.Dyad(), DAY, NAMES, instruments={"kit": design.tool}, starts=2, seed=number,
        persons="together" if design.persons == 1 else "hierarchy", beyond_limits="measured",
        draws=256, progress=False,
    )  # fmt: skip


def study(name: str, number: int) -> dict[str, Any]:
    """One simulated study: truth, intervals, ranks, and estimates without the censored samples."""
    design = DESIGNS[name]
    truth, data = simulated(design, number)
    fit = fitted(design, data, number)
    profiles = list(fit.profiles(LEVEL, progress=False).values())
    posterior = fit.posterior(draws=400, longest=6000, progress=False)
    flat = posterior.latents.reshape(-1, len(truth))
    low, high = np.quantile(flat, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)

    # ranks need draws that are nearly independent
    chosen = stream(number, 0, "ranked draws").choice(len(flat), RANKED, replace=False)
    answer: dict[str, Any] = {
        "design": name, "number": number, "truth": truth.tolist(), "mixes": posterior.mixes,
        "profile_low": [profile.low for profile in profiles],
        "profile_high": [profile.high for profile in profiles],
        "low": low.tolist(), "high": high.tolist(),
        "rank": (flat[chosen] < truth).sum(axis=0).tolist(),
        "estimate": fit.maximum.latent.tolist(),
        "share_below": float((data.table["censored"] == "below").mean()),
    }  # fmt: skip
    if name == "censored":
        for word, other in ignoring(design, data).items():
            answer[word] = fitted(design, other, number).maximum.latent.tolist()
    return answer


def ignoring(design: Design, data: Observations) -> dict[str, Observations]:
    """The data as they are often treated: without the samples below the limit, or half of it."""
    table, below = data.table, data.table["censored"] == "below"
    half = table.assign(
        value=table["value"].where(~below, design.lloq / 2), censored="", limit=np.nan
    )
    return {
        "left_out": Observations.from_table(table[~below].reset_index(drop=True)),
        "half_limit": Observations.from_table(half),
    }


def summary(studies: list[dict[str, Any]]) -> pd.DataFrame:
    """Coverage, calibration and bias, one row a design and figure."""
    rows = []
    for name in dict.fromkeys(answer["design"] for answer in studies):
        same = [answer for answer in studies if answer["design"] == name]
        table = {key: np.array([answer[key] for answer in same]) for key in same[0]
                 if key not in ("design", "number", "mixes")}  # fmt: skip
        for k, figure in enumerate(figures_of(DESIGNS[name])):
            truth = table["truth"][:, k]
            row: dict[str, Any] = {"design": name, "figure": figure.name, "studies": len(same)}
            for word, low, high in (("profile", "profile_low", "profile_high"),
                                    ("posterior", "low", "high")):  # fmt: skip
                inside = (table[low][:, k] <= truth) & (truth <= table[high][:, k])
                row[word] = float(inside.mean())
                row[f"{word}_interval"] = share_interval(int(inside.sum()), len(same))
            counts = np.bincount(table["rank"][:, k] // BINS, minlength=BINS)[:BINS]
            row["rank_p"] = float(stats.chisquare(counts).pvalue)
            for word in ("estimate", "left_out", "half_limit"):
                if word in table:
                    row[f"bias_{word}"] = float(np.mean(table[word][:, k] - truth))
            rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--designs", nargs="+", choices=list(DESIGNS), default=list(DESIGNS))
    parser.add_argument("--out", type=Path, default=Path("fit_recovery.jsonl"))
    arguments = parser.parse_args()
    studies: list[dict[str, Any]] = []
    read_json_lines(arguments.out, studies.append, LARGEST, "a study", "a file of studies")
    done = {(answer["design"], answer["number"]) for answer in studies}
    for number in range(arguments.studies):
        for name in arguments.designs:
            if (name, number) not in done:
                studies.append(study(name, number))
                add_json_line(arguments.out, studies[-1])
    print(summary(studies).to_string())


if __name__ == "__main__":
    main()
