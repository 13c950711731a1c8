"""Parameters, edges and instruments as the door shows them, and the provenance of a short run."""

from __future__ import annotations

import oxysim as ox
from goldens.formats import BITS, Files, as_json, machine, table

CHANGING = ("oxysim", "versions", "model_sha256")
"""What a release or another machine changes by right; the model's digest is among the bits."""


def collect() -> Files:
    """Tables as CSV, provenance as JSON and as sentences."""
    day = ox.Routine.typical() + ox.NasalSpray("24 IU", at="10:00") + ox.DailyLife()
    result = ox.simulate(
        ox.Dyad(parameters={"caregiver.oxytocin.plasma_half_life": 4.0}),
        day,
        "3 h",
        cut="reward -> depression",
        seed=3,
        engine="scipy",
        progress=False,
    )
    record = {key: value for key, value in result.provenance.items() if key not in CHANGING}
    sentences = ox.provenance(result).replace(ox.__version__, "VERSION")
    digests = as_json(result.provenance["model_sha256"])
    return {
        "parameters.csv": table(ox.parameter_table()),
        "edges.csv": table(ox.edge_table()),
        "instruments.csv": table(ox.measures.instrument_table()),
        "provenance.json": as_json(record),
        "provenance.txt": f"{sentences}\n",
        f"{BITS}model.json": f"# {machine()}\n{digests}",
    }
