"""How likely is it that a study of two times sixty mothers finds what coaching in mind-mindedness
does to depression, over all populations that agree with what has been published?

The power of a study holds for one population. Many populations agree with published findings, in
some of them mind-mindedness holds depression up and in some it does not. So the study is planned in
each of them: the mean of its powers is the assurance, and their spread says how far the answer
hangs on what is not known. More mothers bring the assurance no nearer to 1 than the share of
populations in which there is something to be found::

    python examples/how_likely_is_a_finding.py
    python examples/how_likely_is_a_finding.py --ensemble mine.toml --members 80
    python examples/how_likely_is_a_finding.py --from-priors 40    # before any finding: a choice
    python examples/how_likely_is_a_finding.py --quick             # eight draws of the priors

It is an example, not advice.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import oxysim as ox
from oxysim.ensembles import PriorTable
from oxysim.errors import OxysimError
from oxysim.interventions import Coaching
from oxysim.trials import Assurance, EnsembleTrial

FIGURE = Path("figures") / "how_likely_is_a_finding.png"
SEED = 1
PLANNED = 120  # mothers of the study, in both arms


def planned(ensemble: ox.Ensemble, pool: int, members: int | None) -> EnsembleTrial:
    """Mothers with an EPDS of 10 and more at eight weeks; eight weekly sessions, or usual care."""
    plan = ox.Trial(
        ox.Dyad(infant_age="8 weeks"),
        ox.Parallel({"usual care": None, "coaching": Coaching(sessions=8)}),
        ox.Endpoint("epds", "9 weeks", name="EPDS after coaching"),
        day=ox.Routine.typical() + ox.DailyLife(),
    )
    return plan.drawn_from(
        ensemble, pool, seed=SEED, wanted="epds >= 10", at="8 weeks", members=members
    )


def chosen(options: argparse.Namespace) -> ox.Ensemble:
    """The ensemble that the options name."""
    draws = 8 if options.quick else options.from_priors
    if draws:
        # no finding is looked at: the answer says what is known before any
        return ox.Ensemble.from_priors(PriorTable.named("community"), draws, seed=SEED)
    if options.ensemble.endswith(".toml"):
        return ox.Ensemble.from_file(options.ensemble)
    return ox.Ensemble.named(options.ensemble)


def answer(found: Assurance) -> str:
    """The assurance at the planned size, and the powers behind it."""
    row = found.table[found.table["n"] == PLANNED].iloc[0]
    return (
        f"A study of {PLANNED} mothers finds an effect with a probability of"
        f" {row['assurance']:.2f} (95 % interval {row['low']:.2f} to {row['high']:.2f}). In nine of"
        f" ten populations its power lies between {row['power_low']:.2f} and"
        f" {row['power_high']:.2f}; it is .8 and more in {100 * row['powered']:.0f} % of them."
    )


def main() -> None:
    """The assurance of the study, by size and by structure, and one figure."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--ensemble", default="community", help="its name, or a TOML file")
    options.add_argument(
        "--from-priors", type=int, default=0, metavar="N",
        help="N draws of the priors in place of an ensemble: before any finding",
    )  # fmt: skip
    options.add_argument("--members", type=int, default=40, help="how many populations are asked")
    options.add_argument("--quick", action="store_true", help="eight draws of the priors, few runs")
    given = options.parse_args()
    try:
        ensemble = chosen(given)
    except OxysimError as error:
        sys.exit(f"{error}\n--from-priors 40 takes draws of the priors, before any finding")

    pool, replications = (120, 40) if given.quick else (300, 500)
    members = min(4 if given.quick else given.members, len(ensemble))
    study = planned(ensemble, pool, members)
    found = ox.power(study, n=[40, 80, PLANNED], replications=replications, seed=2)
    print(f"Ensemble: {ensemble.name}\n\n{answer(found)}\n\n{found.report()}")
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(ox.plots.assurance_curve(found).figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    main()
