"""Which edge of the loop holds a mother's depression up? A symptomatic dyad for six months, one
edge cut at a time.

That a dyad can rest in a symptomatic regime is an assumption of the model. A cut edge passes on
what the routine lets one expect of the reference dyad, so that the cut takes away only what is
unusual in this dyad.

    python examples/cut_an_edge.py --quick    # two weeks in place of six months
"""

import sys
from pathlib import Path

import numpy as np

import oxysim as ox

EDGES = ("depression -> engagement", "reward -> depression", "infant_oxytocin -> mind_mindedness")
span = "2 weeks" if "--quick" in sys.argv else "6 months"
labels = ["whole loop", *(f"without {edge}" for edge in EDGES)]
# four copies of one dyad in one ensemble, each with multipliers of its own
strengths = {
    edge: np.where(np.arange(4) == position, 0.0, 1.0)
    for position, edge in enumerate(EDGES, start=1)
}
result = ox.simulate(
    ox.Dyad.symptomatic().repeat(4),
    ox.Routine.typical(),
    span,
    save="weekly",
    variables=["caregiver.epds"],
    scale=strengths,
    solver=ox.Solver(rtol=1e-4),
)
ends = result["caregiver.epds"].isel(time=-1).values
for label, end in zip(labels, ends, strict=True):
    print(f"{label}: EPDS {end:.1f} after {span} ({end - ends[0]:+.1f})")
strongest = EDGES[int(np.argmin(ends[1:]))]
print(f"Of these, the edge that holds the depression up most: {strongest}")

folder = Path("figures")
folder.mkdir(exist_ok=True)
ax = ox.plots.compare([result] * 4, labels, "caregiver.epds", dyad=range(4))
ox.plots.save(ax, folder / "cut_an_edge.png")
ox.plots.save(ox.plots.loop_diagram({strongest: 0}), folder / "cut_an_edge_loop.png")
print(f"figures: {folder / 'cut_an_edge.png'}, {folder / 'cut_an_edge_loop.png'}")
