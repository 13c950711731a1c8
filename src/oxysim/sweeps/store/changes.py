"""Which part of a study changed, in short: old and new value of the places where two descriptions
differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oxysim.errors import InputError
from oxysim.sweeps.store.journal import Description

SHOWN = 3  # differences named of each part
LENGTH = 60  # characters of a value
_ABSENT = object()


def require_same_study(root: Path, stored: Mapping[str, str], asked: Mapping[str, str]) -> None:
    """Refuse another study, and name each part that changed.

    >>> require_same_study(Path("sweep.zarr"), {"seed": "0"}, {"seed": "1"})
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store sweep.zarr holds another study; what changed:
      seed: 0 -> 1
    give another store=, or run the study as it was
    """
    changed = changes(stored, asked)
    if changed:
        lines = "\n  ".join(["", *changed, ""])
        raise InputError(
            f"store {root} holds another study; what changed:{lines.rstrip()}",
            remedy="\ngive another {store}, or run the study as it was",
            arguments={"store": "store="},
        )


def compared_parts(description: Description) -> dict[str, str]:
    """The parts of a study that a store compares, each as JSON text.

    >>> from oxysim.sweeps.store.zarr_layout import StoreLayout
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> parts = compared_parts(Description({"seed": "0"}, layout, files={}))
    >>> parts["seed"], parts["block shape"]
    ('0', '[2]')
    """
    layout = description.layout
    return {
        **description.identity,
        "block shape": json.dumps(layout.block_shape),
        "arrays": json.dumps(
            {"dims": layout.dims, "shape": layout.shape, "outcomes": layout.outcomes},
            sort_keys=True,
        ),
    }


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """One line for each part (a name and its canonical JSON text) that is not the same: "part:
    where: old -> new".

    >>> changes({"seed": "0"}, {"seed": "1"})
    ['seed: 0 -> 1']
    """
    pairs = {name: (old.get(name), new.get(name)) for name in {**old, **new}}
    differences = {name: _told(a, b) for name, (a, b) in pairs.items() if a != b}
    return [_line(name, differences) for name, differences in differences.items() if differences]


def _told(old: str | None, new: str | None) -> list[tuple[str, Any, Any]]:
    """(place, old, new) for each place that differs; the texts themselves where they are nested too
    deeply.
    """
    try:
        return list(_differences(_value(old), _value(new), ""))
    except RecursionError:
        return [("", _ABSENT if old is None else old, _ABSENT if new is None else new)]


def _line(name: str, differences: list[tuple[str, Any, Any]]) -> str:
    lines = "; ".join(
        f"{where}: {_short(a)} -> {_short(b)}".removeprefix(": ")
        for where, a, b in differences[:SHOWN]
    )
    more = f"; and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
    return f"{name}: {lines}{more}"


def _value(text: str | None) -> Any:
    """What a text stands for; a text that is no JSON stands for itself."""
    if text is None:
        return _ABSENT
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # a store from elsewhere may nest as deeply as it likes
        return text


def _differences(old: Any, new: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """(place, old, new) for each leaf that differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _differences(
                old.get(key, _ABSENT), new.get(key, _ABSENT), f"{where}.{key}".removeprefix(".")
            )
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and _nested(old):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _differences(a, b, f"{where}[{i}]")
    # Compared as JSON, in which NaN equals NaN.
    elif (
        old is _ABSENT
        or new is _ABSENT
        or json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True)
    ):
        yield where, old, new


def _nested(values: list[Any]) -> bool:
    """Whether a list holds more than plain values; a list of numbers reads best as a whole."""
    return any(isinstance(value, dict | list) for value in values)


def _short(value: Any) -> str:
    # None is a value of JSON, so an absent one needs a mark of its own.
    if value is _ABSENT:
        return "absent"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 4]} ..."
