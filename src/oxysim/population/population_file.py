"""Populations as TOML files, which people can read and change."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import tomli_w

from oxysim.checks import name, number, refused, writable_file
from oxysim.documents import Section, parse_document, read_text, value_text
from oxysim.errors import unknown_name
from oxysim.population.traits import Attribute, Correlation, Trait

SECTIONS = (
    "name", "meaning", "provenance", "values", "daily_life", "trait", "correlation", "attribute",
)  # fmt: skip
LARGEST = 4 * 1024 * 1024
"""The largest population file that is read, in bytes; the packaged ones, with the record of their
fit, have 18 KiB.
"""

# What messages say of the two texts that a trait cannot be without.
_WORDS = {"name": "the name of a parameter", "distribution": "a distribution such as 'lognormal'"}
# The entries of the two small sections; those of a trait are its fields.
_PAIR = "[first trait, second trait]"
_CORRELATION = ("between", "r", "source", "note")
_ATTRIBUTE = ("name", "share", "shifts", "interventions", "source", "note")


class PopulationContents(Protocol):
    """What a population holds.

    >>> from oxysim.population import Population
    >>> community = Population.named("community")
    >>> community.name
    'community'
    """

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
    @property
    def daily_life(self) -> Mapping[str, float]: ...


def read_population(where: str | Path) -> dict[str, Any]:
    """The arguments of a ``Population``, from a file or by the name of one that the package brings
    along.

    >>> sorted(read_population("community"))[:4]
    ['attributes', 'correlations', 'daily_life', 'meaning']
    """
    # a path is a file of the user's, a text a name: no name is ever looked for on the disk
    if isinstance(where, Path):
        return parse_population(
            read_text(where, str(where), LARGEST, "a population's TOML file"), str(where)
        )
    stored = resources.files("oxysim").joinpath("data/populations")
    names = sorted(
        entry.name.removesuffix(".toml")
        for entry in stored.iterdir()
        if entry.name.endswith(".toml")
    )
    if not isinstance(where, str):
        raise refused(
            where,
            "name",
            "the name of a population; a file of your own is read by Population.from_file",
        )
    if where not in names:
        raise unknown_name(
            "population", where, names, "(a file of your own is read by Population.from_file)"
        )
    return parse_population(
        stored.joinpath(f"{where}.toml").read_text(encoding="utf-8"), f"{where}.toml"
    )


def parse_population(text: str, source: str) -> dict[str, Any]:
    """The arguments of a ``Population`` from the text of a file; `source` is what errors call it.

    Raises
    ------
    InputError : not TOML, an entry that is unknown, missing or of the wrong kind (file, line and
    entry are named).

    >>> parse_population('name = "small"', "small.toml")["traits"]
    ()
    """
    return population_arguments(parse_document(text, source))


def population_arguments(section: Section) -> dict[str, Any]:
    """The arguments of a ``Population`` from a document, or from a table of one.

    >>> population_arguments(parse_document('name = "small"', "small.toml"))["name"]
    'small'
    """
    # a misspelt section would otherwise be read as one that is left out
    section.require_known(SECTIONS, "entry")
    name_given, meaning = (
        section.text("name", "a name, as text"),
        section.text("meaning", "a text", ""),
    )
    # the error of a check gets the file and line of the entry
    with section.reading("name"):
        name(name_given, "name")
    # TOML reads caregiver.bond.x as three tables: they are one name again
    values = section.section("values").flat()
    life = section.section("daily_life")
    return {
        "name": name_given,
        "meaning": meaning,
        "provenance": dict(section.section("provenance").values),
        "values": {key: _finite(values, key) for key in values.values},
        "daily_life": {key: _finite(life, key) for key in life.values},
        "traits": tuple(_trait(entry) for entry in section.entries("trait", "[[trait]] sections")),
        "correlations": tuple(
            _correlation(entry)
            for entry in section.entries("correlation", "[[correlation]] sections")
        ),
        "attributes": tuple(
            _attribute(entry) for entry in section.entries("attribute", "[[attribute]] sections")
        ),
    }


def write_population(population: PopulationContents, path: Path) -> None:
    """Write a population so that :func:`read_population` gives it back.

    Raises
    ------
    InputError : no path of a file, or its folder is missing.

    >>> import tempfile
    >>> from oxysim.population import Population
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_population(Population("small", meaning="two traits"), Path(folder) / "small.toml")
    ...     print((Path(folder) / "small.toml").read_text())
    name = "small"
    meaning = "two traits"
    """
    target = writable_file(path, "path")
    target.write_text(tomli_w.dumps(population_entries(population)), encoding="utf-8")


def population_entries(population: PopulationContents) -> dict[str, Any]:
    """What :func:`population_arguments` reads, as plain values for a TOML document.

    >>> from oxysim.population import Population
    >>> population_entries(Population("small"))
    {'name': 'small'}
    """
    written: dict[str, Any] = {"name": population.name, "meaning": population.meaning}
    written["provenance"] = dict(population.provenance)
    written["values"] = dict(sorted(population.values.items()))
    written["daily_life"] = dict(population.daily_life)
    written["trait"] = [_without_defaults(trait) for trait in population.traits]
    written["correlation"] = [
        {"between": [c.first, c.second], "r": c.r, "source": c.source, "note": c.note}
        for c in population.correlations
    ]
    written["attribute"] = [
        {
            "name": a.name,
            "share": a.share,
            "shifts": dict(a.shifts),
            "interventions": a.interventions,
            "source": a.source,
            "note": a.note,
        }
        for a in population.attributes
    ]
    # what is empty is left out: a reader sees what the population has
    return {k: v for k, v in written.items() if v}


def _without_defaults(trait: Trait) -> dict[str, Any]:
    # no doubt of 0 is left out: it says that nothing is in doubt
    entries = {name: getattr(trait, name) for name in Trait.__dataclass_fields__}
    # TOML has no word for nothing
    return {name: value for name, value in entries.items() if value is not None and value != ""}


def _trait(entry: Section) -> Trait:
    # the fields of a trait are its keys: a new field can be written in a file at once
    entry.require_known(Trait.__dataclass_fields__, "entry")
    entries: dict[str, Any] = {
        key: entry.text(key, _WORDS[key]) for key in ("name", "distribution")
    }
    entries |= {
        key: entry.text(key, "a text") for key in ("source", "status", "note") if key in entry
    }
    entries |= {
        key: _finite(entry, key)
        for key in ("centre", "spread", "least", "most", "doubt")
        if key in entry
    }
    # what only the trait itself can refuse, such as a spread that makes no distribution
    with entry.reading():
        return Trait(**entries)


def _correlation(entry: Section) -> Correlation:
    entry.require_known(_CORRELATION, "entry")
    pair = entry.texts("between", _PAIR)
    # three traits that go together are three pairs, each with its own r
    if len(pair) != 2:
        raise entry.error(f"expected between = {_PAIR}; found {value_text(list(pair))}", "between")
    r = entry.number("r", "a number inside (-1, 1)")
    notes = {key: entry.text(key, "a text") for key in ("source", "note") if key in entry}
    with entry.reading():
        return Correlation(pair[0], pair[1], r, **notes)


def _attribute(entry: Section) -> Attribute:
    entry.require_known(_ATTRIBUTE, "entry")
    label, share = (
        entry.text("name", "a name such as 'bottle-fed'"),
        entry.number("share", "a share inside (0, 1)"),
    )
    shifts = entry.section("shifts").flat()
    moved = tuple((key, _finite(shifts, key)) for key in shifts.values)
    notes = {
        key: entry.text(key, "a text")
        for key in ("interventions", "source", "note")
        if key in entry
    }
    with entry.reading():
        return Attribute(label, share, shifts=moved, **notes)


def _finite(section: Section, key: str) -> float:
    """A number that is neither infinite nor missing (TOML knows inf and nan)."""
    value = section.number(key, "a number")
    with section.reading(key):
        return number(value, key)
