"""Write docs/member_loops.md and its figure: how strong the loop is over the ensemble::

    python scripts/update_member_loops.py
    python scripts/update_member_loops.py --members 60

It takes some half a minute of one processor a member. No draw is made: the same model and the same
ensemble give the same page.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import oxysim as ox
from oxysim.ensembles import Ensemble
from oxysim.loop.loops_of_members import (
    GROUPS,
    OXYTOCIN,
    THROUGH_BOTH,
    MemberLoops,
    member_loops,
)
from oxysim.simulation.equations.model_digest import defaults_digest, equations_digest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "member_loops.md"
FIGURE = ROOT / "docs" / "figures" / "member_loops.png"
MEMBERS = 60
SHOWN = 20  # edges of each table; the others carry next to nothing
FULL = "both"  # the structure in which nothing is left out

INTRODUCTION = """\
# How strong the loop is

Made by `python scripts/update_member_loops.py`; no figure on it is typed in by hand.

Of each member of the ensemble the symptomatic dyad is asked: like its central dyad, but with a
stronger loop than 95 % have, and the lowest usual mood at which it has a regime of EPDS 13 or more.
A gain is what comes back over the opened edges of a sub-loop for each unit that is sent into it
([loop_gain](../src/oxysim/loop/regime_analysis/loop_gain.py)); sub-loops share edges, so that
gains do not add up. Figures are medians over members with the central 90 %."""


def page(ensemble: Ensemble, loops: MemberLoops) -> str:
    """The page, as Markdown."""
    lines = [INTRODUCTION, "", *_header(ensemble, loops), ""]
    lines += ["![Gains of sub-loops over the members](figures/member_loops.png)", ""]
    structures = [name for name in dict.fromkeys(loops.answers.structures)]
    for name in ["", *structures]:
        title = f"structure “{name}”" if name else "all members, by their weight"
        lines += [f"## Gain by sub-loop: {title}", "", *_table(loops.gains(structure=name)), ""]
    lines += ["## What passes over each edge", ""]
    lines += [
        "The gain over an edge as a share of the gain of everything into depression, in structure",
        f"“{FULL}”; the {SHOWN} largest.",
        "",
        *_table(loops.shares(FULL).head(SHOWN)),
        "",
        "## What a cut changes",
        "",
        "By how many points the symptomatic dyad's EPDS falls with one edge cut, and the share of",
        f"all members in which it changes by a point or more; the {SHOWN} first.",
        "",
    ]
    lines += _table(loops.cuts().head(SHOWN))
    return "\n".join(lines) + "\n"


def _header(ensemble: Ensemble, loops: MemberLoops) -> Iterator[str]:
    answers = loops.answers
    through = loops.gains([THROUGH_BOTH], FULL).iloc[0]
    by_structure = ensemble.shares().set_index("structure")["share"]
    yield f"- **oxysim**: {ox.__version__}"
    yield f"- **equations**: {equations_digest()} (SHA-256 of every operation)"
    yield f"- **defaults**: {defaults_digest()} (SHA-256 of every parameter's default)"
    yield f"- **ensemble**: {ensemble.name} ({ensemble.fingerprint[:12]})"
    yield f"- **members asked**: {len(answers)}; failed: {len(answers.failed)}"
    yield (
        f"- **gain through {THROUGH_BOTH}, structure “{FULL}”**: {through['median']:.3f}"
        f" [{through['5 %']:.3f}, {through['95 %']:.3f}]"
    )
    for name, share in by_structure.items():
        yield f"- **weight of structure “{name}”**: {share:.3f}"
    for words, signals in (
        ("oxytocin", OXYTOCIN),
        ("mind-mindedness", ("mind_mindedness",)),
        ("either", (*OXYTOCIN, "mind_mindedness")),
    ):
        yield (
            f"- **some edge of {words} cut changes EPDS by a point**: in"
            f" {loops.any_cut(signals):.0%} of all members,"
            f" {loops.any_cut(signals, FULL):.0%} of structure “{FULL}”"
        )


def _table(table: pd.DataFrame) -> list[str]:
    rows = [list(table.columns), ["---"] * len(table.columns)]
    for row in table.itertuples(index=False):
        rows.append([f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row])
    return [f"| {' | '.join(row)} |" for row in rows]


def main() -> None:
    """The page and the figure, over what is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ensemble", default="community", help="default: %(default)s")
    parser.add_argument("--members", type=int, default=MEMBERS, help="default: %(default)s")
    options = parser.parse_args()
    ensemble = Ensemble.named(options.ensemble)
    loops = member_loops(ensemble, members=min(options.members, len(ensemble)))
    PAGE.write_text(page(ensemble, loops), encoding="utf-8")
    ax = ox.plots.member_gains(loops, of=list(GROUPS), structure=FULL)
    ox.plots.save(ax.figure, FIGURE, vector=None)
    for path in (PAGE, FIGURE):
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
