"""The population "community": the most central member of the ensemble of that name, for whoever
wants one population and not 150.

    python scripts/central_population.py [--out PATH.toml] [--overwrite]

Run it after `build_ensemble.py`; then the reference day, the goldens and the pages, which hold what
this population answers.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path

from oxysim.ensembles import Ensemble
from oxysim.errors import OxysimError

NAME = "community"
OUT = Path(__file__).parents[1] / "src" / "oxysim" / "data" / "populations" / f"{NAME}.toml"


def main() -> None:
    """Write the population."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=OUT, help="file to write (default: %(default)s)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    options = parser.parse_args()
    if os.path.lexists(options.out) and not options.overwrite:
        parser.error(f"--out {options.out}: there is such a file already; give another name, or"
                     " --overwrite")  # fmt: skip
    ensemble = Ensemble.named(NAME)
    number = ensemble.most_central_number
    provenance = {
        "state": "the most central member of the ensemble: the others are least far from it",
        "script": "scripts/central_population.py",
        "ensemble": ensemble.name,
        "member": number + 1,
        "structure": ensemble.structures[number],
        "conditioned_on": "findings of use fit; see the ensemble's own record",
    }
    member = ensemble.most_central()
    population = dataclasses.replace(
        member, name=NAME, meaning=ensemble.priors.base.meaning, provenance=provenance
    )
    population.to_file(options.out)
    print(f"wrote {options.out.name}: member {number + 1}, {provenance['structure']}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"central_population: {error}")
