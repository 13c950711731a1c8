"""What a result rests on: versions, settings, changed parameters, and how much of it is assumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from oxysim.checks import refused
from oxysim.model import registry
from oxysim.model.rows import sources
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.plausibility import Implausible, as_records
from oxysim.units import plain_unit

if TYPE_CHECKING:
    import pandas as pd

    from oxysim.simulation.results.result import Result
    from oxysim.simulation.run import PreparedRun


METHOD = "Cash-Karp 5(4) with exponential relaxation"  # of the compiled engine


def provenance_of(run: PreparedRun) -> dict[str, Any]:
    """The record that a result carries; everything in it can be written as JSON."""
    who, solver, engine, seeds = run.who, run.solver, run.engine, run.seeds
    packages = ("numpy", "scipy") if engine == "scipy" else ("numpy", "numba")
    changed = {name: _plain(who.value(name)) for name in who.parameters}
    return {
        "oxysim": version(),
        "model_sha256": model_digest(),
        "engine": engine,
        "method": solver.method if engine == "scipy" else METHOD,
        "rtol": solver.rtol,
        "precision": solver.precision,
        "versions": {name: metadata.version(name) for name in (*packages, "xarray")},
        "seed": seeds[0] if len(set(seeds)) == 1 else list(seeds),
        "window_min": list(run.window),
        "caregivers": list(who.caregivers),
        "roles": list(who.role_of),
        "n_dyads": len(who),
        "origin": who.origin,
        "changed_parameters": changed,
        "implausible": as_records(run.implausible),
        "start": {name: _plain(value) for name, value in who.start.items()},
        "edges": {name: _plain(value) for name, value in run.edges.items()},
        "daily_life": sorted(
            {
                one.describe().rstrip(".")
                for day in run.schedules
                for one in day.interventions
                if one.noise
            }
        ),
    }


def version() -> str:
    """The installed version of oxysim."""
    return metadata.version("oxysim")


def parameter_table() -> pd.DataFrame:
    """Every parameter as a table: name, symbol, unit, default, range, distribution, status, source,
    citation, note.
    """
    import pandas as pd

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
    """
    import pandas as pd

    cited = sources()
    columns = ("status", "source", "dyadic", "contested", "limit", "note")
    table = [
        {"name": name, "member": place.member, **{c: getattr(place.row, c) for c in columns},
         "citation": cited[place.row.source]}
        for name, place in registry.edges().items()
    ]  # fmt: skip
    return pd.DataFrame(table)


def provenance(result: Result | None = None) -> str:
    """What a result (or the model at its defaults) rests on, in sentences, with the share that is
    assumed.
    """
    # a Result would load what simulates, for the model at its defaults too; its record is all that
    # is read
    record = getattr(result, "provenance", None)
    if result is not None and not (
        isinstance(record, Mapping) and {"engine", "method", "rtol", "seed"} <= set(record)
    ):
        raise refused(result, "result", "what simulate returned, or None")
    table = parameter_table()
    counts = table["status"].value_counts()
    total = len(table)
    shares = ", ".join(
        f"{counts.get(s, 0)} {s}" for s in ("measured", "derived", "recalled", "assumed")
    )
    edges = edge_table()
    lines = [
        (
            f"oxysim {version()}: {total} parameters ({shares}); "
            f"{counts.get('assumed', 0) / total:.0%} of them are assumed."
        ),
        (
            f"{len(edges)} edges, {int((edges['status'] == 'assumed').sum())} assumed, "
            f"{int(edges['contested'].sum())} contested (their plausible strength includes zero)."
        ),
    ]
    if record is not None:
        lines.append(
            f"Engine {record['engine']}, method {record['method']}, rtol {record['rtol']:g}, "
            f"seed {_seeds(record['seed'])}."
        )
        if record.get("origin"):
            lines.append(f"{record['n_dyads']} dyads drawn from {record['origin']}.")
        lines.append(_changes("Parameters changed from default", record["changed_parameters"]))
        if odd := [Implausible(**one) for one in record.get("implausible", ())]:
            lines.append(f"Legal but implausible: {'; '.join(map(str, odd))}.")
        lines.append(_changes("Edges changed", record["edges"]))
        lines += [f"{said}." for said in record.get("daily_life", ())] or [
            "Daily-life noise: none."
        ]
    return "\n".join(lines)


def _changes(title: str, values: Mapping[str, Any]) -> str:
    if not values:
        return f"{title}: none."
    return f"{title}: " + "; ".join(f"{k} = {_short(v)}" for k, v in values.items()) + "."


def _seeds(given: Any) -> str:
    return f"one a dyad ({len(given)})" if isinstance(given, list) else str(given)


def _short(value: Any) -> str:
    return f"{len(value)} values" if isinstance(value, list) else f"{value:g}"


def _plain(value: Any) -> Any:
    """A number or a list of numbers that JSON can hold."""
    plain = np.asarray(value, dtype=float).tolist()
    json.dumps(plain)
    return plain
