"""What a result rests on, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oxysim.checks import refused
from oxysim.model.value_ranges import Implausible
from oxysim.simulation.results.provenance import edge_table, parameter_table, version

if TYPE_CHECKING:
    from oxysim.simulation.results.result import Result


def provenance(result: Result | None = None) -> str:
    """What a result (or the model at its defaults) rests on, in sentences, with the share that is
    assumed.

    >>> print(provenance().splitlines()[0][:6])
    oxysim
    """
    # a Result would load what simulates, for the model at its defaults too; its record is all that
    # is read
    record = getattr(result, "provenance", None)
    if result is not None and not (
        isinstance(record, Mapping) and {"engine", "method", "rtol", "seed"} <= set(record)
    ):
        raise refused(result, "result", "what simulate returned, or None")
    table = parameter_table()
    # Counted anew, so that the sentence is true of the installed model.
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
        # A dyad that a user describes was drawn from nothing.
        if record.get("origin"):
            lines.append(f"{record['n_dyads']} dyads drawn from {record['origin']}.")
        lines.append(_changes("Parameters changed from default", record["changed_parameters"]))
        if odd := [Implausible(**implausible) for implausible in record.get("implausible", ())]:
            lines.append(f"Legal but implausible: {'; '.join(map(str, odd))}.")
        lines.append(_changes("Edges changed", record["edges"]))
        lines += [f"{daily_life}." for daily_life in record.get("daily_life", ())] or [
            "Daily-life noise: none."
        ]
    return "\n".join(lines)


def _changes(title: str, values: Mapping[str, Any]) -> str:
    if not values:
        return f"{title}: none."
    return f"{title}: " + "; ".join(f"{k} = {_short(v)}" for k, v in values.items()) + "."


def _seeds(seeds: Any) -> str:
    return f"one a dyad ({len(seeds)})" if isinstance(seeds, list) else str(seeds)


def _short(value: Any) -> str:
    return f"{len(value)} values" if isinstance(value, list) else f"{value:g}"
