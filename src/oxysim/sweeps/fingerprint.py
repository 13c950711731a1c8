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
from oxysim.population.criteria import identities
from oxysim.population.members import Members
from oxysim.simulation.equations.model_digest import model_digest
from oxysim.simulation.results.provenance import version
from oxysim.simulation.scipy_engine import DEFAULT_SOLVER
from oxysim.sweeps.sweep_design import SweepDesign

# entries written out; longer ones are told by their ends, their number and a digest
LONGEST_LIST = 64


def identity_of(study: Any) -> dict[str, str]:
    """Part of a study -> its canonical JSON text; equal parts make the same study.

    >>> from oxysim import Dyad, Study
    >>> study = Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"])
    >>> identity_of(study)["duration"], identity_of(study)["outcomes"]
    ('"1 d"', '["caregiver.epds: final"]')
    """
    # Keys of stores: a part that is called otherwise would make every old store another study.
    parts = {
        "who": study.who,
        "duration": study.duration,
        "design": study.design,
        "routine": study.routine,
        "interventions": study.interventions,
        "outcomes": [outcome.text for outcome in study.outcomes],
        "start": study.start,
        "seed": study.seed,
        "edges cut": list(study.cut),
        "edges scaled": study.scale,
        "solver": study.solver or DEFAULT_SOLVER,
        "engine": study.engine_meant,
        "sample": study.sample,
        "usual day": study.usual_day,
        # What computes is part of it too: the release, and the equations as they are installed.
        "oxysim version": version(),
        "model": model_digest(),
    }
    return {name: canonical(value) for name, value in parts.items()}


def canonical(value: Any) -> str:
    """One part of a study as JSON with sorted keys; equal parts give equal text.

    Raises
    ------
    InputError : something in it has no plain form.

    >>> canonical({"seed": 0, "edges": ()})
    '{"edges": [], "seed": 0}'
    """
    # Keys sorted and nothing left to the writer's choice: equal parts are equal to the byte.
    return json.dumps(
        plain(value), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(", ", ": ")
    )


def plain(value: Any) -> Any:
    """Numbers, texts, lists and mappings in place of the library's objects.

    >>> plain({"count": np.int64(3), "bound": float("inf")})
    {'count': 3, 'bound': 'inf'}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    # JSON has no word for nan and infinity.
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, np.generic):
        return plain(value.item())
    # These have more fields than make them different, and arrays in internal units.
    if isinstance(value, Family | Members):
        return _family(value) if isinstance(value, Family) else _members(value)
    # The class of a design is not written: it bore another name when stores were first made.
    if isinstance(value, SweepDesign):
        return {
            "kind": value.kind,
            "seed": value.seed,
            "axes": [_fields(axis) for axis in value.axes],
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # Keys of stores: classes and fields that stand here keep their names, or old
        # stores are refused.
        return {"type": type(value).__name__, **_fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(value) for name, value in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return _list(value)
    # a quantity of pint, known by its shape: the package itself is not needed
    if hasattr(value, "magnitude") and hasattr(value, "units"):
        return f"{float(value.magnitude)!r} {value.units:~}"
    raise InputError(f"study: {value!r} has no plain form that could be kept")


def _family(family: Family) -> dict[str, Any]:
    return {
        "caregivers": list(family.caregivers),
        "roles": list(family.role_of),
        "infant_age_min": plain(family.infant_age),
        "parameters_internal": {
            name: plain(value) for name, value in sorted(family.parameters.items())
        },
        "start": {name: plain(value) for name, value in sorted(family.start.items())},
        "dyads": _list(family.numbers),
    }


def _members(members: Members) -> dict[str, Any]:
    """The order for dyads, not the dyads: it says all that they depend on."""
    populations = sorted(members.others.items())
    return {
        "population_sha256": members.population.fingerprint,
        "n": members.n,
        "seed": members.seed,
        "caregivers": list(members.caregivers),
        "infant_age": plain(members.infant_age),
        # The keys keep the words with which stores were first written.
        "wanted": identities(members.wanted),
        "at": members.at,
        **(
            {"others_sha256": {name: population.fingerprint for name, population in populations}}
            if populations
            else {}
        ),
    }


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _list(values: Any) -> Any:
    # A list is written out as far as a reader would look; a digest tells longer ones apart.
    if len(values) <= LONGEST_LIST:
        return [plain(value) for value in values]
    if isinstance(values, np.ndarray) and values.dtype.kind in "if":
        content = values.astype(f"<{values.dtype.kind}8").tobytes()  # the same on every machine
    else:
        content = json.dumps([plain(value) for value in values], ensure_ascii=False).encode()
    first, last = plain(values[0]), plain(values[-1])
    return {
        "count": len(values),
        "first": first,
        "last": last,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
