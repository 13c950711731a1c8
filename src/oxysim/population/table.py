"""Populations as TOML files, which people can read and change."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import tomli_w

from oxysim.errors import InputError, unknown_name
from oxysim.population.traits import Attribute, Correlation, Trait

SECTIONS = ("name", "meaning", "provenance", "values", "trait", "correlation", "attribute")
_CORRELATION = ("between", "r", "source", "note")
_ATTRIBUTE = ("name", "share", "shifts", "interventions", "source", "note")


class Described(Protocol):
    """What a population holds."""

    @property
    def name(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def provenance(self) -> Mapping[str, Any]: ...
    @property
    def values(self) -> Mapping[str, float]: ...
    @property
    def traits(self) -> tuple[Trait, ...]: ...
    @property
    def correlations(self) -> tuple[Correlation, ...]: ...
    @property
    def attributes(self) -> tuple[Attribute, ...]: ...


def read_population(where: str | Path) -> dict[str, Any]:
    """The arguments of a ``Population``, from a file or by the name of one that the package brings along."""
    if isinstance(where, Path):
        if not where.is_file():
            raise InputError(f"population file {str(where)!r}: there is no such file")
        text, place = where.read_text(encoding="utf-8"), str(where)
    else:
        stored = resources.files("oxysim").joinpath("data/populations")
        names = sorted(entry.name.removesuffix(".toml") for entry in stored.iterdir() if entry.name.endswith(".toml"))
        if where not in names:
            raise unknown_name("population", where, names, "(a file of your own is read by Population.from_file)")
        text, place = stored.joinpath(f"{where}.toml").read_text(encoding="utf-8"), f"{where}.toml"
    return parse_population(text, place)


def parse_population(text: str, place: str) -> dict[str, Any]:
    """The arguments of a ``Population`` from the text of a file; `place` is what errors call it.

    Raises
    ------
    InputError : not TOML, an entry that is unknown, missing or of the wrong kind (file and entry are named).
    """
    try:
        return _arguments(tomllib.loads(text), place)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"population file {place!r}: not TOML: {error}") from None


def write_population(population: Described, path: Path) -> None:
    """Write a population so that :func:`read_population` gives it back."""
    written: dict[str, Any] = {"name": population.name, "meaning": population.meaning}
    written["provenance"] = dict(population.provenance)
    written["values"] = dict(sorted(population.values.items()))
    written["trait"] = [_without_defaults(trait) for trait in population.traits]
    written["correlation"] = [
        {"between": [c.first, c.second], "r": c.r, "source": c.source, "note": c.note} for c in population.correlations
    ]
    written["attribute"] = [
        {
            "name": a.name, "share": a.share, "shifts": dict(a.shifts), "interventions": a.interventions,
            "source": a.source, "note": a.note,
        }
        for a in population.attributes
    ]  # fmt: skip
    path.write_text(tomli_w.dumps({k: v for k, v in written.items() if v}), encoding="utf-8")


def _without_defaults(trait: Trait) -> dict[str, Any]:
    entries = {name: getattr(trait, name) for name in Trait.__dataclass_fields__}
    return {name: value for name, value in entries.items() if value is not None and value != ""}


def _arguments(found: Mapping[str, Any], place: str) -> dict[str, Any]:
    where = f"in population file {place!r}"
    _require_known(found, SECTIONS, where)
    if not isinstance(found.get("name"), str):
        raise InputError(f"{where}: expected a name, as text; found {found.get('name')!r}")
    return {
        "name": found["name"],
        "meaning": found.get("meaning", ""),
        "provenance": found.get("provenance", {}),
        "values": _numbers(found.get("values", {}), f"values {where}"),
        "traits": tuple(_trait(entry, where) for entry in _entries(found, "trait", where)),
        "correlations": tuple(_correlation(entry, where) for entry in _entries(found, "correlation", where)),
        "attributes": tuple(_attribute(entry, where) for entry in _entries(found, "attribute", where)),
    }


def _entries(found: Mapping[str, Any], kind: str, where: str) -> list[Mapping[str, Any]]:
    given = found.get(kind, [])
    if not isinstance(given, list) or not all(isinstance(entry, Mapping) for entry in given):
        raise InputError(f"{where}: expected [[{kind}]] sections; found {given!r}")
    return given


def _trait(entry: Mapping[str, Any], where: str) -> Trait:
    label = f"trait {entry.get('name', '?')!r} {where}"
    _require_known(entry, Trait.__dataclass_fields__, label)
    _require_given(entry, ("name", "distribution"), label)
    numbers = {k: entry[k] for k in ("centre", "spread", "least", "most", "doubt") if k in entry}
    return Trait(**{**entry, **_numbers(numbers, label)})


def _correlation(entry: Mapping[str, Any], where: str) -> Correlation:
    label = f"correlation {entry.get('between', '?')!r} {where}"
    _require_known(entry, _CORRELATION, label)
    _require_given(entry, ("between", "r"), label)
    pair = entry["between"]
    if not isinstance(pair, list) or len(pair) != 2:
        raise InputError(f"{label}: expected between = [first trait, second trait]; found {pair!r}")
    return Correlation(pair[0], pair[1], **{k: entry[k] for k in ("r", "source", "note") if k in entry})


def _attribute(entry: Mapping[str, Any], where: str) -> Attribute:
    label = f"attribute {entry.get('name', '?')!r} {where}"
    _require_known(entry, _ATTRIBUTE, label)
    _require_given(entry, ("name", "share"), label)
    shifts = tuple(_numbers(entry.get("shifts", {}), f"shifts of {label}").items())
    return Attribute(**{**{k: entry[k] for k in entry if k != "shifts"}, "shifts": shifts})


def _require_known(entry: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for name in entry:
        if name not in known:
            raise unknown_name("entry", name, known, where)


def _require_given(entry: Mapping[str, Any], needed: Iterable[str], where: str) -> None:
    for name in needed:
        if name not in entry:
            raise InputError(f"{where}: {name!r} is missing")


def _numbers(entries: Mapping[str, Any], where: str) -> dict[str, float]:
    for name, value in entries.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{where}: expected a number for {name!r}; found {value!r}")
    return {name: float(value) for name, value in entries.items()}
