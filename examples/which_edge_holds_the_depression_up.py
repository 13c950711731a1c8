"""Which edge holds the depression up? The default symptomatic dyad: its regimes, its loop gain, its
edges, ranked.

Two questions are asked of every edge. What comes back over it, for each unit that is sent into it
(its loop gain)? And does the symptomatic regime still exist when it is weakened, or cut? The second
decides what holds the depression up. That two stable regimes exist in some dyads is an assumption
of the model, not a finding.

    python examples/which_edge_holds_the_depression_up.py --quick
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import oxysim as ox
from oxysim.loop import edge_gains, gains_at, hold_up, regimes, sub_loops
from oxysim.loop.regime_analysis.maintenance import HoldUp
from oxysim.loop.regime_analysis.regimes import ASSUMPTION, Regimes
from oxysim.plots.loop.loop_diagram import loop_diagram

FIGURE = Path("figures") / "which_edge_holds_the_depression_up.png"
SMALL = 0.005  # of loop gain; with --quick only edges above it are cut


def main() -> None:
    """Four tables and a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="cut only the edges over which something comes back"
    )
    quick = parser.parse_args().quick

    all_regimes = regimes(ox.Dyad.symptomatic(), starts=0 if quick else 16)
    worst = all_regimes.worst()
    print_regimes(all_regimes)
    gains = edge_gains(all_regimes.system, worst)
    strong = gains.loc[gains["gain"].abs() >= SMALL, "edge"].tolist()
    maintenance = hold_up(all_regimes, edges=strong if quick else None)
    print_edges(gains, maintenance)
    print_loops(sub_loops(all_regimes.system, worst))
    print(ASSUMPTION)

    ax = loop_diagram(gains=dict(zip(gains["edge"], gains["gain"], strict=True)), hold=maintenance)
    ax.set_title(
        f"What comes back over each edge in the {worst.word} regime (mean EPDS {worst.epds:.1f})"
    )
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(ax, FIGURE)
    print(f"figure: {FIGURE}")


def print_regimes(all_regimes: Regimes) -> None:
    """The regimes, with the gain of the whole loop at each."""
    print("Regimes: the days to which this dyad comes back, or from which it leaves")
    print(
        f"{'regime':16}{'EPDS':>7}{'bond':>7}{'confidence':>12}{'loop gain':>11}   what a small"
        " push of mood does"
    )
    for regime, gain in zip(all_regimes, gains_at(all_regimes)["gain"], strict=True):
        end = "fades" if regime.stable else "grows"
        bond, confidence = (regime.means[f"mother.{name}"] for name in ("bond", "confidence"))
        print(
            f"{regime.word:16}{regime.epds:7.1f}{bond:7.2f}{confidence:12.2f}{gain:11.2f}"
            f"   {end}, by a factor of 2.7 in {regime.mood:.0f} days"
        )
    print(
        "A loop gain below 1: a push fades. Above 1: it feeds itself. At exactly 1 a regime is"
        " about to vanish.\n"
    )


def print_edges(gains: pd.DataFrame, maintenance: HoldUp) -> None:
    """The edges that hold the regime up, then those that move it, each beside its loop gain."""
    table = maintenance.table.merge(gains, on="edge")
    rows = table[~table["survives"] | (table["fall"].abs() >= 0.1)]  # noqa: PLR2004 - points
    print("Edges, ranked by what holds the symptomatic regime up")
    print(f"{'edge':34}{'loop gain':>10}  {'kind':13}{'the regime needs':>18}{'cut: EPDS':>11}")
    for row in rows.itertuples():
        needs = "can do without" if row.survives else f"{100 * row.needed:.0f} % of it"
        print(f"{row.edge:34}{row.gain:10.2f}  {row.kind:13}{needs:>18}{row.epds_cut:11.1f}")
    print(f"{len(table) - len(rows)} other edges were cut: EPDS moves by less than 0.1 points\n")


def print_loops(loops: pd.DataFrame) -> None:
    """The sub-loops among the slow states over which something comes back."""
    strong = loops[loops["gain"].abs() >= SMALL / 5]
    print("Loops among the states that last longer than a day, the strongest first")
    paths = (
        strong["loop"]
        .str.replace("mother.", "")
        .str.replace("infant.", "")
        .str.replace("mentalising", "mind-mindedness")
        .str.replace("recent_reward", "recent reward")
    )
    width = paths.str.len().max() + 2
    for path, row in zip(paths, strong.itertuples(), strict=True):
        print(f"{path:{width}}{row.gain:8.3f}  {row.kind}")
    total = strong.groupby("kind")["gain"].sum()
    print(
        "sum by kind: " + ", ".join(f"{kind} {value:.2f}" for kind, value in total.items()) + "\n"
    )


if __name__ == "__main__":
    main()
