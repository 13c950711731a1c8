"""Fit the community population to the findings marked `fit`, stage by stage, and write it with its
provenance.

    python scripts/calibrate_community.py [--start scripts/community_start.toml] [--out PATH]
        [--overwrite] [--stages slow traits ...]

Rows marked `check` are never read: only findings named below are looked up. Stages, each of which
holds what the others move:

traits      correlations between traits and what depression does to sensitivity, to the
cross-sections (C8, C9, C11) slow        set point, vulnerability and daily-life noise, to the EPDS
courses (C1 to C4), on averaged days; then the
            full model is asked, and the search repeated with what the averages were off by
treatments  what treatment and coaching do, to the trials (C5, C10); massage (C6) has no gain of its
own to move

The kinetics (C7, C13, C14) hold at the parameters' defaults and are not moved. How strong the loop
is (`loop_gain`) is not fitted: the rows do not tell it.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from oxysim.cohorts.follow_up import follow
from oxysim.cohorts.trajectory_classes import AGES, course_shares
from oxysim.errors import InputError
from oxysim.evidence.calibration.averaged_cohort import averaged_cohort, dyad_offsets
from oxysim.evidence.calibration.least_squares import Calibration, Free, calibrate, miss
from oxysim.findings.published import Target, target
from oxysim.population import Population
from oxysim.protocols.cross_sections import caesarean, depression_and_sensitivity, mind_mindedness
from oxysim.protocols.mind_mindedness_coaching import mind_mindedness_coaching
from oxysim.protocols.psychological_treatment import psychological_treatment
from oxysim.trials.reporting.protocol_report import ProtocolReport

HERE = Path(__file__).parent
OUT = HERE.parent / "src/oxysim/data/populations/community.toml"
SEED = 11  # of every search; the scoreboard uses another
MEANING = (
    "Mothers and infants of a community, from birth; fitted to the rows marked fit, one point of a"
    " flat valley."
)
MOOD = "caregiver.depression."
WEEKS = [f"{week} weeks" for week in range(6, 53)]
SLOW = ("C1a", "C1b", "C1c", "C2", "C3", "C4a", "C4b", "C4c", "C4d")
SLOW_FREE = (
    Free("centre", MOOD + "set_point", 2.0, 8.0, 0.08),
    Free("spread", MOOD + "set_point", 0.1, 1.0, 0.12),
    Free("centre", MOOD + "vulnerability_at_birth", 0.02, 1.0, 0.2),
    Free("centre", MOOD + "stress_noise_gain", 0.05, 1.2, 0.15),
    Free("centre", MOOD + "mood_noise_gain", 0.05, 1.2, 0.15),
)
SLOW_STARTS: tuple[Mapping[str, float], ...] = (
    {},
    {
        MOOD + "set_point: centre": 4.3,
        MOOD + "set_point: spread": 0.3,
        MOOD + "stress_noise_gain: centre": 0.4,
    },
    {
        MOOD + "set_point: centre": 3.2,
        MOOD + "stress_noise_gain: centre": 0.2,
        MOOD + "mood_noise_gain: centre": 0.6,
    },
)


def courses(readings: Callable[[str], Any]) -> dict[str, float]:
    """The figures of a cohort's EPDS courses, from what a form reads at an age."""
    weekly = {at: readings(at) for at in WEEKS}
    entered = weekly["6 weeks"] >= 12
    shares = list(course_shares(np.stack([readings(at) for at in AGES], axis=-1)).values())
    return {
        "C1a": float(weekly["8 weeks"].mean()),
        "C1b": float(readings("8 months").mean()),
        "C1c": float(weekly["8 weeks"].std(ddof=1)),
        "C2": float(np.mean([(forms >= 10).mean() for forms in weekly.values()])),
        "C3": float((readings("6 months")[entered] >= 12).mean()),
        **dict(zip(("C4a", "C4b", "C4c", "C4d"), shares, strict=True)),
    }


def full_courses(population: Population, n: int) -> dict[str, float]:
    """The same from the full model."""
    cohort = follow(
        population,
        n,
        seed=SEED,
        until="18 months",
        at=[*AGES, "8 months", "6 months"],
        progress=True,
    )
    return courses(lambda at: cohort.readings("epds", at, occasion=at))


def slow(population: Population, options: argparse.Namespace) -> tuple[Population, dict[str, Any]]:
    """The slow part: searched on averaged days, corrected by the full model."""
    offsets = dyad_offsets(population, options.dyads, seed=SEED)

    def averaged(candidate: Population) -> dict[str, float]:
        return courses(averaged_cohort(candidate, offsets, seed=SEED).readings)

    findings = {name: target(name) for name in SLOW}
    aims, record = dict(findings), []
    starts, fitted = SLOW_STARTS, population
    for number in range(options.rounds):
        search = calibrate(fitted, SLOW_FREE, averaged, aims, starts=starts, evaluations=90)
        full = full_courses(search.population, options.full)
        misses = {name: round(miss(full[name], findings[name]), 3) for name in SLOW}
        say(f"slow, round {number}: {summary(search)}; the full model misses {misses}")
        record.append(
            {**search.provenance(), "full_model": rounded(full), "full_model_misses": misses}
        )
        fitted, starts = search.population, ({},)
        aims = {name: shifted(findings[name], full[name] - search.figures[name]) for name in SLOW}
    return fitted, {"rounds": record, "dyads": options.dyads, "dyads_full_model": options.full}


def shifted(finding: Target, by: float) -> Target:
    """The finding as averaged days should meet it, so that the full model meets the real one."""
    return dataclasses.replace(
        finding, low=(finding.low or 0.0) - by, high=(finding.high or 0.0) - by
    )


def summary(search: Calibration) -> str:
    """The search in a line."""
    moved = ", ".join(f"{label} {pair[1]:.3g}" for label, pair in search.free.items())
    return f"objective {search.objective:.3f} after {search.evaluations} evaluations: {moved}"


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Figures to four decimals."""
    return {name: round(float(value), 4) for name, value in figures.items()}


def say(line: str) -> None:
    """A line of the log."""
    print(time.strftime("%H:%M:%S"), line, flush=True)


TRAITS = ("C8a", "C8b", "C9", "C11")
TRAITS_FREE = (
    Free(
        "r", "caregiver.oxytocin.plasma_basal", 0.5, 0.92, 0.15, "caregiver.oxytocin.central_basal"
    ),
    Free("r", "caregiver.oxytocin.central_basal", -0.8, -0.2, 0.15, MOOD + "set_point"),
    Free("value", "caregiver.mentalising.sensitivity_depression_gain", 0.1, 0.8, 0.4),
    Free("r", "infant.oxytocin.plasma_basal", 0.05, 0.5, 0.15, "caregiver.mentalising.trait"),
)


def traits(
    population: Population, options: argparse.Namespace
) -> tuple[Population, dict[str, Any]]:
    """What goes with what between dyads, from the cross-sections of one cohort followed to nine
    months.
    """

    def figures(candidate: Population) -> dict[str, float]:
        cohort = follow(
            candidate, options.full, until="9 months", at=["3 months", "6 months"], seed=SEED
        )
        studies = [
            protocol(cohort=cohort)
            for protocol in (caesarean, depression_and_sensitivity, mind_mindedness)
        ]
        return {name: found_in(studies, name) for name in TRAITS}

    search = calibrate(
        population,
        TRAITS_FREE,
        figures,
        {n: target(n) for n in TRAITS},
        evaluations=options.evaluations,
    )
    say(f"traits: {summary(search)}; misses {rounded(search.misses)}")
    return search.population, {**search.provenance(), "dyads_full_model": options.full}


TRIALS: Mapping[str, tuple[Free, Callable[..., ProtocolReport]]] = {
    "C5": (Free("value", MOOD + "therapy_gain", 0.2, 1.5, 0.2), psychological_treatment),
    "C10": (
        Free("value", "caregiver.mentalising.coaching_gain", 0.2, 1.4, 0.2),
        mind_mindedness_coaching,
    ),
}


def treatments(
    population: Population, options: argparse.Namespace
) -> tuple[Population, dict[str, Any]]:
    """What a treatment does, one gain for each trial. What massage does (C6) is not moved: no gain
    is its own.
    """
    record = {}
    for name, (free, protocol) in TRIALS.items():

        def figures(
            candidate: Population, run: Any = protocol, key: str = name
        ) -> dict[str, float]:
            return {key: found_in([run(population=candidate, pool=options.pool, seed=SEED)], key)}

        search = calibrate(population, [free], figures, {name: target(name)}, evaluations=6)
        say(f"treatments, {name}: {summary(search)}; misses {rounded(search.misses)}")
        population, record[name] = search.population, search.provenance()
    return population, record


def found_in(studies: Iterable[ProtocolReport], name: str) -> float:
    """The mean over replications of what answers a finding: a study's figure, or its standardised
    effect.
    """
    for study in studies:
        for table, column in ((study.figures, "simulated"), (study.effects, "dz")):
            rows = table[table["target"] == name]
            if len(rows):
                return float(rows.iloc[0][column])
    raise InputError(f"no study answers finding {name!r}")


STAGES: Mapping[
    str, Callable[[Population, argparse.Namespace], tuple[Population, dict[str, Any]]]
] = {
    "traits": traits,
    "slow": slow,
    "treatments": treatments,
}


def main() -> None:
    """Run the stages and write the population."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--start", type=Path, default=HERE / "community_start.toml", help="where the search starts"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="the population written")
    parser.add_argument("--stages", nargs="+", choices=list(STAGES), default=list(STAGES))
    parser.add_argument("--dyads", type=int, default=4000, help="dyads on averaged days")
    parser.add_argument("--full", type=int, default=2500, help="dyads of the full model")
    parser.add_argument(
        "--pool", type=int, default=300, help="mothers simulated in each arm of a trial"
    )
    parser.add_argument(
        "--evaluations", type=int, default=5, help="populations simulated in the search for traits"
    )
    parser.add_argument(
        "--rounds", type=int, default=2, help="searches of the slow part, each corrected"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a population that exists")
    options = parser.parse_args()
    if os.path.lexists(options.out) and not options.overwrite:  # known before hours of search
        parser.error(
            f"--out {options.out}: there is such a file already; give another name, or --overwrite"
        )
    population = Population.from_file(options.start)
    provenance = dict(population.provenance)
    for name in options.stages:
        population, record = STAGES[name](population, options)
        provenance[name] = record
    provenance |= {
        "script": "scripts/calibrate_community.py",
        "start": options.start.name,
        "seed": SEED,
        "optimiser": (
            f"scipy.optimize.least_squares (trf), SciPy {scipy.__version__}, NumPy {np.__version__}"
        ),
        "python": platform.python_version(),
    }
    for gone in ("changed", "state"):
        provenance.pop(gone, None)
    dataclasses.replace(population, provenance=provenance, meaning=MEANING).to_file(options.out)
    say(f"written to {options.out.name}; fingerprint {population.fingerprint}")


if __name__ == "__main__":
    main()
