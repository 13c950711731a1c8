"""Fit the population "survey" to one random half of a survey of EPDS forms; the other half stays for scoring.

The search starts from the community's population, so run it again whenever that one has changed::

    python scripts/calibrate_survey.py PATH [--out src/oxysim/data/populations/survey.toml]

PATH is the survey's CSV file, which is not part of the package: participant, infant_age_months, epds_1 to epds_10 and
epds_total (Zenodo, doi 10.5281/zenodo.5070945). Seeds are fixed, so the same file and the same community give the same
population.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from oxysim.errors import OxysimError
from oxysim.evidence.survey import read_survey
from oxysim.evidence.survey_fit import MOTHERS, fit_survey

OUT = Path(__file__).parents[1] / "src" / "oxysim" / "data" / "populations" / "survey.toml"
HALF_SEED = 2020
SEED = 1625


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", type=Path, help="the survey's CSV file")
    parser.add_argument("--out", type=Path, default=OUT, help="population file to write (default: %(default)s)")
    parser.add_argument("--half-seed", type=int, default=HALF_SEED, help="of the random halves (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the simulated mothers (%(default)s)")
    parser.add_argument("--mothers", type=int, default=MOTHERS, help="simulated in each evaluation (%(default)s)")
    parser.add_argument("--evaluations", type=int, default=16, help="about so many in each search (%(default)s)")
    return parser.parse_args()


def main() -> None:
    """Fit, say how it went, and write the population."""
    given = options()
    began = time.perf_counter()

    def say(line: str) -> None:
        objective = line.partition(" (")[0]  # thirty misses follow
        print(f"{time.perf_counter() - began:5.0f} s  {objective}", flush=True)

    fitted, found = fit_survey(
        read_survey(given.path), half_seed=given.half_seed, mothers=given.mothers, seed=given.seed,
        evaluations=given.evaluations, say=say,
    )  # fmt: skip
    for label, (start, end) in found.free.items():
        print(f"{label}: {start:.4g} -> {end:.4g}")
    fitted.to_file(given.out)
    print(f"objective {found.objective:.3f} after {found.evaluations} evaluations; wrote {given.out.name}")
    print(f"fingerprint {fitted.fingerprint}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"calibrate_survey: {error}")
