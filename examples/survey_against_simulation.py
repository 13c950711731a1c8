"""Do simulated mothers answer a questionnaire as real ones did? A survey's held half against a
simulated population.

Reads the survey's file (ten EPDS items of 410 mothers by the infant's age; Zenodo, doi
10.5281/zenodo.5070945), follows simulated mothers from birth to 12 months with their daily lives,
lets each fill in the form once in every age class, and prints means, shares and Wasserstein
distances beside those of the half that the population was not fitted to::

    python examples/survey_against_simulation.py epds_survey_2020.csv
    python examples/survey_against_simulation.py epds_survey_2020.csv --population community
    --half-seed 1

The second line holds another population against a half: one that was never fitted to a survey has
no half of its own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.evidence.surveys.survey_data import CITATION, read_survey
from oxysim.evidence.surveys.survey_score import MOTHERS, score_survey

FIGURE = Path("figures") / "survey_against_simulation.png"
QUICK = 200


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "path", type=Path, help="the survey's CSV file, which is not part of the package"
    )
    parser.add_argument(
        "--population", default="survey", help="name, or a TOML file (default: %(default)s)"
    )
    parser.add_argument(
        "--half-seed", type=int, help="of the halves, for a population never fitted to a survey"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of the simulated mothers (%(default)s)"
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK} simulated mothers in place of {MOTHERS}"
    )
    return parser.parse_args()


def main() -> None:
    """The comparison, printed and drawn."""
    arguments = options()
    survey = read_survey(arguments.path)
    own_file = arguments.population.endswith(".toml")
    population = (
        ox.Population.from_file(arguments.population)
        if own_file
        else ox.Population.named(arguments.population)
    )
    score = score_survey(
        survey,
        population,
        n=QUICK if arguments.quick else MOTHERS,
        half_seed=arguments.half_seed,
        seed=arguments.seed,
        progress=True,
    )
    print(f"{CITATION}\n{score.half.portion}: {len(score.half)} mothers, held from the fit")
    print(f"population {population.name!r}: {len(score.simulated)} simulated mothers\n")
    print(score.text())
    axes = ox.plots.survey_panels(score.half, score.simulated, score.table)
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(axes[0], FIGURE)
    print(f"\nfigure written: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"survey_against_simulation: {error}")
