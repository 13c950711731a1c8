"""Tables of priors as TOML files, which people can read and change."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import tomli_w

from oxysim.checks import number, refused
from oxysim.documents import Section, parse_document, read_text
from oxysim.ensembles.observed_rows import ObservedRow
from oxysim.ensembles.priors import Prior
from oxysim.ensembles.structures import Structure
from oxysim.errors import InputError, UnknownNameError, unknown_name
from oxysim.findings.published import targets
from oxysim.population import Population

ENDING = ".priors.toml"
LARGEST = 1024 * 1024  # bytes; the packaged one has some 15 KiB
_SECTIONS = ("name", "meaning", "base", "prior", "structure", "row", "implied")
_NUMBERS = ("low", "high", "centre", "spread")
_TEXTS = ("quantity", "kind", "parameter", "distribution", "second", "source", "note")
_NEEDED = ("quantity", "kind", "parameter", "distribution")
_PAIRS = 'pairs of traits, such as [["caregiver.bond.usual_bond", "caregiver.affect.usual"]]'


class TableContents(Protocol):
    """What a table of priors holds.

    >>> from oxysim.ensembles import PriorTable
    >>> len(PriorTable.named("community").structures)
    4
    """

    @property
    def name(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def base(self) -> Population: ...
    @property
    def priors(self) -> tuple[Prior, ...]: ...
    @property
    def structures(self) -> tuple[Structure, ...]: ...
    @property
    def rows(self) -> tuple[ObservedRow, ...]: ...
    @property
    def implied(self) -> tuple[tuple[str, str], ...]: ...


def read_priors(where: str | Path) -> dict[str, Any]:
    """The arguments of a ``PriorTable``, from a file or by the name of one that the package brings
    along.

    >>> sorted(read_priors("community"))
    ['base', 'implied', 'meaning', 'name', 'priors', 'rows', 'structures']
    """
    # a path is a file of the user's, a text a name: no name is ever looked for on the disk
    if isinstance(where, Path):
        text = read_text(where, str(where), LARGEST, "a TOML file of priors")
        return parse_priors(text, str(where), where.parent)
    stored = resources.files("oxysim").joinpath("data/ensembles")
    names = sorted(
        entry.name.removesuffix(ENDING) for entry in stored.iterdir() if entry.name.endswith(ENDING)
    )
    if not isinstance(where, str):
        raise refused(where, "name", "the name of a table of priors; a file of your own is read by"
                      " PriorTable.from_file")  # fmt: skip
    if where not in names:
        raise unknown_name(
            "table of priors", where, names, "(a file of your own: PriorTable.from_file)"
        )
    text = stored.joinpath(f"{where}{ENDING}").read_text(encoding="utf-8")
    return parse_priors(text, f"{where}{ENDING}")


def parse_priors(text: str, source: str, folder: Path | None = None) -> dict[str, Any]:
    """The arguments of a ``PriorTable`` from the text of a file; `source` is what errors call it.

    Parameters
    ----------
    folder : where a base that is named as a file ("mine.toml") is looked for.

    Raises
    ------
    InputError : not TOML, an entry that is unknown, missing or of the wrong kind (file, line and
    entry are named).

    >>> parse_priors('name = "small"', "small.priors.toml")
    Traceback (most recent call last):
    oxysim.documents.section.DocumentError: small.priors.toml: 'base' is missing; expected ...
    """
    section = parse_document(text, source)
    section.require_known(_SECTIONS, "entry")
    base = section.text("base", "the name of a population, or a population's TOML file")
    with section.reading("base"):
        population = _base(base, folder)
    return {
        "name": section.text("name", "a name, as text"),
        "meaning": section.text("meaning", "a text", ""),
        "base": population,
        **table_entries(section),
    }


def table_entries(section: Section) -> dict[str, Any]:
    """The priors, structures, rows and implied pairs of a document, which an ensemble's file has
    too.

    >>> table_entries(parse_document("", "small.priors.toml"))["rows"]
    ()
    """
    structures = tuple(
        _structure(entry) for entry in section.entries("structure", "[[structure]] sections")
    )
    return {
        "priors": tuple(_prior(entry) for entry in section.entries("prior", "[[prior]] sections")),
        # without any all quantities are free
        "structures": structures or (Structure("all free"),),
        "rows": tuple(_row(entry) for entry in section.entries("row", "[[row]] sections")),
        "implied": _implied(section),
    }


def plain_entries(table: TableContents) -> dict[str, Any]:
    """What :func:`table_entries` reads, as plain values for a TOML document.

    >>> from oxysim.ensembles.prior_table import PriorTable
    >>> list(plain_entries(PriorTable.named("community")))
    ['prior', 'structure', 'row', 'implied']
    """
    return {
        "prior": [_without_defaults(prior, _TEXTS + _NUMBERS) for prior in table.priors],
        "structure": [
            {**_without_defaults(s, ("name", "meaning", "weight")), "zero": list(s.zero)}
            for s in table.structures
        ],
        "row": [_without_defaults(row, ("finding", "scale", "low", "high")) for row in table.rows],
        "implied": [list(pair) for pair in table.implied],
    }


def write_priors(table: TableContents, path: Path) -> None:
    """Write a table of priors so that :func:`read_priors` gives it back, with its base beside it
    where that is none of the package's.

    Raises
    ------
    InputError : a name that does not end in .toml.

    >>> import tempfile
    >>> from oxysim.ensembles.prior_table import PriorTable
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_priors(PriorTable.named("community"), Path(folder) / "mine.priors.toml")
    ...     [file.name for file in Path(folder).iterdir()]
    ['mine.priors.toml']
    """
    if path.suffix != ".toml":
        raise InputError(f"path: expected a name that ends in .toml; found {path.name}")
    base = table.base.name
    if not _is_packaged(table.base):
        file = path.with_name(f"{path.name.partition('.')[0]}.population.toml")
        table.base.to_file(file)
        base = file.name
    entries = {"name": table.name, "meaning": table.meaning, "base": base, **plain_entries(table)}
    path.write_text(tomli_w.dumps({k: v for k, v in entries.items() if v}), encoding="utf-8")


# --------------------------------------------------------------------- internals
def _is_packaged(population: Population) -> bool:
    try:
        return Population.named(population.name).fingerprint == population.fingerprint
    except UnknownNameError:
        return False


def _base(text: str, folder: Path | None) -> Population:
    # a file lies beside the one that names it; the package's own tables name packaged populations
    if text.endswith(".toml") and folder is not None:
        return Population.from_file(folder / text)
    return Population.named(text)


def _without_defaults(entry: Any, fields: tuple[str, ...]) -> Mapping[str, Any]:
    # TOML has no word for nothing
    values = {name: getattr(entry, name) for name in fields}
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _prior(entry: Section) -> Prior:
    entry.require_known((*_TEXTS, *_NUMBERS), "entry")
    values: dict[str, Any] = {key: entry.text(key, "a text") for key in _NEEDED}
    values |= {key: entry.text(key, "a text") for key in _TEXTS if key in entry}
    values |= {key: _finite(entry, key) for key in ("low", "high")}
    values |= {key: _finite(entry, key) for key in _NUMBERS if key in entry}
    # what only the prior itself can refuse, such as a centre outside its range
    with entry.reading():
        return Prior(**values)


def _structure(entry: Section) -> Structure:
    entry.require_known(("name", "meaning", "weight", "zero"), "entry")
    label, zero = entry.text("name", "a name"), entry.texts("zero", "names of quantities")
    weight = entry.number("weight", "a number above 0", 1.0)
    with entry.reading():
        return Structure(label, entry.text("meaning", "a text", ""), weight, zero)


def _row(entry: Section) -> ObservedRow:
    entry.require_known(("finding", "scale", "low", "high"), "entry")
    finding, scale = (
        entry.text("finding", "the id of a finding"),
        entry.text("scale", "a scale", ""),
    )
    ends = {key: _finite(entry, key) for key in ("low", "high") if key in entry}
    with entry.reading():
        # a user's own finding is in no table of the package, and is written out in full
        if finding not in targets() and ends:
            return ObservedRow(finding, ends.get("low"), ends.get("high"), scale or "plain")
        return ObservedRow.of(finding, scale=scale, **ends)


def _implied(section: Section) -> tuple[tuple[str, str], ...]:
    pairs = section.values.get("implied", [])
    if not isinstance(pairs, list):
        raise section.error(f"expected {_PAIRS}", "implied")
    for count, pair in enumerate(pairs, start=1):
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(t, str) for t in pair)
        ):
            raise section.error(f"expected {_PAIRS}", "implied", str(count))
    return tuple((first, second) for first, second in pairs)


def _finite(entry: Section, key: str) -> float:
    """A number that is neither infinite nor missing (TOML knows inf and nan)."""
    value = entry.number(key, "a number")
    with entry.reading(key):
        return number(value, key)
