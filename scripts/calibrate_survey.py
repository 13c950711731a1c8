"""Fit the population "survey" to one random half of a survey of EPDS forms; the other half stays
for scoring.

The search starts from the community's population, so run it again whenever that one has changed::

    python scripts/calibrate_survey.py PATH [--out survey.toml] [--overwrite]

PATH is the survey's CSV file, which is not part of the package: participant, infant_age_months,
epds_1 to epds_10 and epds_total (Zenodo, doi 10.5281/zenodo.5070945). Seeds are fixed, so the same
file and the same community give the same population.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from oxysim.errors import OxysimError
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.evidence.surveys.survey_fit import MOTHERS, Search, fit_survey

OUT = Path(__file__).parents[1] / "src" / "oxysim" / "data" / "populations" / "survey.toml"
HALF_SEED = 2020
SEED = 1625


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", type=Path, help="the survey's CSV file")
    parser.add_argument(
        "--out", type=Path, default=OUT, help="population file to write (default: %(default)s)"
    )
    parser.add_argument(
        "--half-seed", type=int, default=HALF_SEED, help="of the random halves (%(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=SEED, help="of the simulated mothers (%(default)s)"
    )
    parser.add_argument(
        "--mothers", type=int, default=MOTHERS, help="simulated in each evaluation (%(default)s)"
    )
    parser.add_argument(
        "--evaluations", type=int, default=60, help="about so many in each search (%(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="searches, each corrected in full (%(default)s)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a population that exists")
    arguments = parser.parse_args()
    # known before the search, which takes long
    if os.path.lexists(arguments.out) and not arguments.overwrite:
        parser.error(
            f"--out {arguments.out}: there is such a file already; give another name, or"
            " --overwrite"
        )
    return arguments


def main() -> None:
    """Fit, say how it went, and write the population."""
    arguments = options()
    began = time.perf_counter()

    def say(line: str) -> None:
        # thirty misses follow
        print(f"{time.perf_counter() - began:5.0f} s  {line.partition(' (')[0]}", flush=True)

    search = Search(
        mothers=arguments.mothers,
        evaluations=arguments.evaluations,
        rounds=arguments.rounds,
        seed=arguments.seed,
    )
    fit = fit_survey(
        read_survey(arguments.path), half_seed=arguments.half_seed, search=search, say=say
    )
    for label, (start, fitted) in fit.free.items():
        print(f"{label}: {start:.4g} -> {fitted:.4g}")
    fit.population.to_file(arguments.out)
    off = (2 * fit.objective / len(fit.misses)) ** 0.5
    print(
        f"objective {fit.objective:.3f}: tenths are missed by {off:.2f} points (root mean square)"
    )
    print(
        f"wrote {arguments.out.name} after {fit.evaluations} evaluations; fingerprint"
        f" {fit.population.fingerprint}"
    )


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"calibrate_survey: {error}")
