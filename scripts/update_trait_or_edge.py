"""Write docs/trait_or_edge.md, its figure, and the table that the scoreboard over an ensemble reads
(src/oxysim/data/trait_or_edge.csv)::

    python scripts/update_trait_or_edge.py
    python scripts/update_trait_or_edge.py --ensemble community --size 0.6

It takes some ten minutes of one processor at the usual size. The seed is fixed: the same model and
the same population give the same page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import oxysim as ox
from oxysim.ensembles import Ensemble
from oxysim.evidence import TraitOrEdge, trait_or_edge
from oxysim.population import Population

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "trait_or_edge.md"
FIGURE = ROOT / "docs" / "figures" / "trait_or_edge.png"
TABLE = ROOT / "src" / "oxysim" / "data" / "trait_or_edge.csv"
SEED = 11
SIZE = 0.3  # of a full scoreboard: correlations are known to about .03, those of cases to .06


def write_table(answer: TraitOrEdge, population: Population) -> None:
    """What the scoreboard over an ensemble shows of each correlation."""
    table = answer.table[["finding", "trait_or_edge"]].assign(
        population=population.name, fingerprint=population.fingerprint[:12]
    )
    TABLE.write_text(table.to_csv(index=False, lineterminator="\n"), encoding="utf-8")


def main() -> None:
    """The page, the figure and the table, over what is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--ensemble", help="ask its most central member in place of the packaged population"
    )
    parser.add_argument("--size", type=float, default=SIZE, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="default: %(default)s")
    options = parser.parse_args()
    population = (
        Population.named("community")
        if options.ensemble is None
        else Ensemble.named(options.ensemble).most_central()
    )
    answer = trait_or_edge(population, size=options.size, seed=SEED, workers=options.workers)
    PAGE.write_text(answer.markdown(), encoding="utf-8")
    ox.plots.save(ox.plots.correlation_answers(answer), FIGURE, vector=None)
    write_table(answer, population)
    for path in (PAGE, FIGURE, TABLE):
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
