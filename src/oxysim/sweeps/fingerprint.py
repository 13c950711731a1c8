"""A study as canonical text, part by part, so that a store can tell whether it is the same study,
and what changed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.population.members import Members
from oxysim.sweeps.sweep_design import SweepDesign

# entries written out; longer ones are told by their ends, their number and a digest
LONGEST_LIST = 64


def canonical(part: Any) -> str:
    """One part of a study as JSON with sorted keys; equal parts give equal text.

    Raises
    ------
    InputError : something in it has no plain form.
    """
    return json.dumps(
        plain(part), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(", ", ": ")
    )


def plain(part: Any) -> Any:
    """Numbers, texts, lists and mappings in place of the library's objects."""
    if part is None or isinstance(part, bool | int | str):
        return part
    if isinstance(part, float):
        return part if math.isfinite(part) else str(part)
    if isinstance(part, np.generic):
        return plain(part.item())
    if isinstance(part, Family | Members):
        return _family(part) if isinstance(part, Family) else _members(part)
    if isinstance(part, SweepDesign):
        return {"kind": part.kind, "seed": part.seed, "axes": [_fields(axis) for axis in part.axes]}
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return {"type": type(part).__name__, **_fields(part)}
    if isinstance(part, Mapping):
        return {str(name): plain(value) for name, value in part.items()}
    if isinstance(part, tuple | list | np.ndarray):
        return _list(part)
    if hasattr(part, "magnitude") and hasattr(part, "units"):
        return f"{float(part.magnitude)!r} {part.units:~}"
    raise InputError(f"study: {part!r} has no plain form that could be kept")


def _family(who: Family) -> dict[str, Any]:
    return {
        "caregivers": list(who.caregivers),
        "roles": list(who.role_of),
        "infant_age_min": plain(who.infant_age),
        "parameters_internal": {
            name: plain(value) for name, value in sorted(who.parameters.items())
        },
        "start": {name: plain(value) for name, value in sorted(who.start.items())},
        "dyads": _list(who.numbers),
    }


def _members(who: Members) -> dict[str, Any]:
    """The order for dyads, not the dyads: it says all that they depend on."""
    others = sorted(who.others.items())
    return {
        "population_sha256": who.population.fingerprint,
        "n": who.n,
        "seed": who.seed,
        "caregivers": list(who.caregivers),
        "infant_age": plain(who.infant_age),
        "wanted": list(who.wanted),
        "at": who.at,
        **({"others_sha256": {name: one.fingerprint for name, one in others}} if others else {}),
    }


def _fields(part: Any) -> dict[str, Any]:
    return {one.name: plain(getattr(part, one.name)) for one in dataclasses.fields(part)}


def _list(values: Any) -> Any:
    if len(values) <= LONGEST_LIST:
        return [plain(value) for value in values]
    if isinstance(values, np.ndarray) and values.dtype.kind in "if":
        held = values.astype(f"<{values.dtype.kind}8").tobytes()  # the same on every machine
    else:
        held = json.dumps([plain(value) for value in values], ensure_ascii=False).encode()
    first, last = plain(values[0]), plain(values[-1])
    return {
        "count": len(values),
        "first": first,
        "last": last,
        "sha256": hashlib.sha256(held).hexdigest(),
    }
