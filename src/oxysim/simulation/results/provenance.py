"""What a result rests on, as data: versions, settings, changed parameters, and the tables of what
is assumed.
"""

from __future__ import annotations

import functools
import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from oxysim.model import registry
from oxysim.model.rows import sources
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.plausibility import as_records
from oxysim.simulation.run import PreparedRun
from oxysim.units import plain_unit

if TYPE_CHECKING:
    import pandas as pd


METHOD = "Cash-Karp 5(4) with exponential relaxation"  # of the compiled engine


def provenance_of(run: PreparedRun) -> dict[str, Any]:
    """The record that a result holds; everything in it can be written as JSON.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.run import prepare
    >>> record = provenance_of(prepare(Dyad(), Routine.typical(), "1 h", engine="scipy"))
    >>> record["engine"], record["window_min"], record["n_dyads"]
    ('scipy', [480.0, 540.0], 1)
    """
    family, solver, engine, seeds = run.who, run.solver, run.engine, run.seeds
    # Only those whose version can change a number of this engine.
    packages = ("numpy", "scipy") if engine == "scipy" else ("numpy", "numba")
    changed = {name: _plain(family.value(name)) for name in family.parameters}
    return {
        "oxysim": version(),
        "model_sha256": model_digest(),
        "engine": engine,
        "method": solver.method if engine == "scipy" else METHOD,
        "rtol": solver.rtol,
        "precision": solver.precision,
        "versions": {name: metadata.version(name) for name in (*packages, "xarray")},
        # One for all is the rule, and a list of a thousand equal numbers says less.
        "seed": seeds[0] if len(set(seeds)) == 1 else list(seeds),
        "window_min": list(run.window),
        "caregivers": list(family.caregivers),
        "roles": list(family.role_of),
        "n_dyads": len(family),
        "origin": family.origin,
        "changed_parameters": changed,
        "implausible": as_records(run.implausible),
        "start": {name: _plain(value) for name, value in family.start.items()},
        "edges": {name: _plain(value) for name, value in run.edges.items()},
        "daily_life": sorted(
            {
                intervention.describe().rstrip(".")
                for day in run.schedules
                for intervention in day.interventions
                if intervention.noise or intervention.has_random_bouts
            }
        ),
    }


@functools.cache
def version() -> str:
    """The installed version of oxysim.

    >>> version().count(".")
    2
    """
    return metadata.version("oxysim")


def parameter_table() -> pd.DataFrame:
    """Every parameter as a table: name, symbol, unit, default, range, distribution, status, source,
    citation, note.

    >>> table = parameter_table()
    >>> table.set_index("name").loc["caregiver.depression.set_point", "default"]
    np.float64(5.4)
    """
    import pandas as pd

    # Rows hold the key of their source; a table is read without the library.
    cited = sources()
    columns = (
        "symbol",
        "unit",
        "default",
        "low",
        "high",
        "distribution",
        "status",
        "source",
        "note",
    )
    table = []
    for name, row in registry.parameters().items():
        about = {column: getattr(row, column) for column in columns} | {
            "unit": plain_unit(row.unit)
        }
        table.append({"name": name, **about, "citation": cited[row.source]})
    return pd.DataFrame(table)


def edge_table() -> pd.DataFrame:
    """Every edge as a table: name, who hears it, status, source, whether dyadic
    or contested, note.

    >>> sorted(edge_table().columns)[:3]
    ['citation', 'contested', 'dyadic']
    """
    import pandas as pd

    cited = sources()
    columns = ("status", "source", "dyadic", "contested", "limit", "note")
    table = [
        {"name": name, "member": received.member, **{c: getattr(received.row, c) for c in columns},
         "citation": cited[received.row.source]}
        for name, received in registry.edges().items()
    ]  # fmt: skip
    return pd.DataFrame(table)


def _plain(value: Any) -> Any:
    """A number or a list of numbers that JSON can hold."""
    # Tried at once: what cannot be written would be found out only when the result is saved.
    plain = np.asarray(value, dtype=float).tolist()
    json.dumps(plain)
    return plain
