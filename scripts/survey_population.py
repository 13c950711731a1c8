"""The population "survey": what an ensemble becomes on one random half of a survey of EPDS forms;
the other half stays for scoring.

Three commands, in this order. The survey starts from the community's population, so run them again
whenever that one has changed::

    python scripts/survey_population.py priors PATH
    python scripts/build_ensemble.py --name survey --priors survey --small MODEL --full MODEL
        --out src/oxysim/data/ensembles/survey.toml --work build/survey --truths 20 --overwrite
    python scripts/survey_population.py population PATH

MODEL is ``oxysim.evidence.surveys.survey_priors:RespondentRows``. PATH is the survey's CSV file,
which is not part of the package: participant, infant_age_months, epds_1 to epds_10 and epds_total
(Zenodo, doi 10.5281/zenodo.5070945). Seeds are fixed, so that the same file and the same community
give the same population.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from oxysim.ensembles import Ensemble
from oxysim.errors import OxysimError
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.evidence.surveys.survey_priors import survey_population, survey_priors

DATA = Path(__file__).parents[1] / "src" / "oxysim" / "data"
OUT = {
    "priors": DATA / "ensembles" / "survey.priors.toml",
    "population": DATA / "populations" / "survey.toml",
}
HALF_SEED = 2020


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=list(OUT), help="the table of priors, or the population")
    parser.add_argument("path", type=Path, help="the survey's CSV file")
    parser.add_argument("--out", type=Path, help="file to write (default: the package's)")
    parser.add_argument(
        "--ensemble", type=Path, help="file of the ensemble (default: the package's)"
    )
    parser.add_argument(
        "--half-seed", type=int, default=HALF_SEED, help="of the random halves (%(default)s)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    arguments = parser.parse_args()
    arguments.out = arguments.out or OUT[arguments.what]
    if os.path.lexists(arguments.out) and not arguments.overwrite:
        parser.error(
            f"--out {arguments.out}: there is such a file already; give another name, or"
            " --overwrite"
        )
    return arguments


def main() -> None:
    """Write the table of priors, or the population."""
    arguments = options()
    survey = read_survey(arguments.path)
    if arguments.what == "priors":
        survey_priors(survey, half_seed=arguments.half_seed).to_file(arguments.out)
    else:
        ensemble = (
            Ensemble.from_file(arguments.ensemble)
            if arguments.ensemble
            else Ensemble.named("survey")
        )
        population = survey_population(ensemble, survey, half_seed=arguments.half_seed)
        population.to_file(arguments.out)
    print(f"wrote {arguments.out.name}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"survey_population: {error}")
