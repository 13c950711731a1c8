"""Ensembles as two files: a TOML document that says what the members are and where they come from,
and beside it a CSV table with a row a member.

One SHA-256 digest, in the document, holds both together; it is checked before either is believed. A
digest tells damage and change, not intent, so that what lies under a right digest is still checked.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tomli_w

from oxysim.arrays import FloatArray
from oxysim.checks import name, number, refused, writable_file
from oxysim.documents import Section, parse_document, parse_rows, read_text
from oxysim.ensembles.observed_rows import Errors
from oxysim.ensembles.prior_file import ENDING, plain_entries, table_entries
from oxysim.ensembles.prior_table import PriorTable
from oxysim.errors import InputError, OxysimError, unknown_name
from oxysim.population import Population
from oxysim.population.population_file import population_arguments, population_entries

FORMAT = 1
LARGEST = 4 * 1024 * 1024  # bytes of either file; 150 members of a hundred columns have 150 KiB
MOST_MEMBERS = 10_000
DIGITS = 8  # of a number in the table: a member made of them is the same to every reader
_SECTIONS = (
    "format", "name", "meaning", "digest", "priors", "base", "prior", "structure", "row", "implied",
    "errors", "sensitivity", "record",
)  # fmt: skip
_ERRORS = ("published", "monte_carlo", "emulator", "averaging")
_DIGEST = re.compile(r'^digest = "([^"\n]*)"$', re.MULTILINE)
_NO_DIGEST = 'digest = "' + "0" * 64 + '"'


class EnsembleContents(Protocol):
    """What an ensemble holds.

    >>> from oxysim.ensembles import Ensemble, PriorTable
    >>> Ensemble.from_priors(PriorTable.named("community"), 4, seed=1).name
    'community, before any finding'
    """

    @property
    def name(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def priors(self) -> PriorTable: ...
    @property
    def structures(self) -> tuple[str, ...]: ...
    @property
    def values(self) -> FloatArray: ...
    @property
    def weights(self) -> FloatArray: ...
    @property
    def figures(self) -> FloatArray: ...
    @property
    def errors(self) -> Errors: ...
    @property
    def sensitivity(self) -> FloatArray: ...
    @property
    def record(self) -> Mapping[str, Any]: ...


def read_ensemble(where: str | Path) -> dict[str, Any]:
    """The arguments of an ``Ensemble``, from its two files or by the name of one that the package
    brings along.

    Raises
    ------
    UnknownNameError : there is none of that name. InputError : a file that is missing, too large,
    changed since it was written, or no ensemble.

    >>> read_ensemble("comunity")
    Traceback (most recent call last):
    oxysim.errors.UnknownNameError: unknown ensemble 'comunity' ...
    """
    # a path is a file of the user's, a text a name: no name is ever looked for on the disk
    if isinstance(where, Path):
        if where.suffix != ".toml":
            raise InputError(f"path: expected an ensemble's TOML file; found {where}")
        table = where.with_suffix(".csv")
        document = read_text(where, str(where), LARGEST, "an ensemble's TOML file")
        members = read_text(
            table, str(table), LARGEST, "the members beside an ensemble's TOML file"
        )
        return parse_ensemble(document, members, str(where), str(table))
    stored = resources.files("oxysim").joinpath("data/ensembles")
    documents = [entry.name for entry in stored.iterdir() if entry.name.endswith(".toml")]
    names = sorted(n.removesuffix(".toml") for n in documents if not n.endswith(ENDING))
    if not isinstance(where, str):
        raise refused(where, "name", "the name of an ensemble; a file of your own is read by"
                      " Ensemble.from_file")  # fmt: skip
    if where not in names:
        raise unknown_name("ensemble", where, names, "(a file of your own: Ensemble.from_file)")
    texts = [stored.joinpath(f"{where}.{e}").read_text(encoding="utf-8") for e in ("toml", "csv")]
    return parse_ensemble(texts[0], texts[1], f"{where}.toml", f"{where}.csv")


def parse_ensemble(document: str, members: str, file: str, table_file: str) -> dict[str, Any]:
    """The arguments of an ``Ensemble`` from the texts of its two files.

    >>> parse_ensemble("", "", "mine.toml", "mine.csv")
    Traceback (most recent call last):
    oxysim.errors.InputError: mine.toml: expected one line digest = "..."; found 0
    """
    _require_digest(document, members, file, table_file)
    section = parse_document(document, file)
    section.require_known(_SECTIONS, "entry")
    section.whole("format", FORMAT, FORMAT)
    with section.reading("base"):
        base = Population(**population_arguments(section.section("base")))
    label = section.text("name", "a name, as text")
    with section.reading("name"):
        name(label, "name")
    with section.reading():
        priors = PriorTable(
            section.text("priors", "the name of the table of priors"), base,
            **table_entries(section),
        )  # fmt: skip
    return {
        "name": label,
        "meaning": section.text("meaning", "a text", ""),
        "priors": priors,
        "errors": _errors(section.section("errors"), priors),
        "sensitivity": _sensitivity(section.section("sensitivity"), priors),
        "record": dict(section.section("record").values),
        **_members(members, table_file, priors),
    }


def write_ensemble(ensemble: EnsembleContents, path: Path) -> None:
    """Write both files, ``path`` and the same name with ``.csv``.

    Raises
    ------
    InputError : a path that does not end in .toml, or whose folder is missing.

    >>> from oxysim.ensembles import Ensemble, PriorTable
    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> write_ensemble(ensemble, Path("mine.txt"))
    Traceback (most recent call last):
    oxysim.errors.InputError: path: expected a name that ends in .toml; found mine.txt
    """
    target = writable_file(path, "path")
    if target.suffix != ".toml":
        raise InputError(f"path: expected a name that ends in .toml; found {target.name}")
    members, document = _table_text(ensemble), _document_text(ensemble)
    # the table first: a document without its table is refused, and one of before too
    target.with_suffix(".csv").write_text(members, encoding="utf-8", newline="\n")
    sealed = document.replace(_NO_DIGEST, f'digest = "{ensemble_digest(document, members)}"', 1)
    target.write_text(sealed, encoding="utf-8", newline="\n")


def ensemble_digest(document: str, members: str) -> str:
    """The digest over both texts, with zeros in the digest's own place.

    >>> ensemble_digest('digest = "ab"', "") == ensemble_digest('digest = "cd"', "")
    True
    """
    plain = _DIGEST.sub(_NO_DIGEST, document, count=1)
    # a zero byte is in neither text: nothing can move from the one to the other
    return hashlib.sha256(plain.encode() + b"\0" + members.encode()).hexdigest()


# --------------------------------------------------------------------- reading
def _require_digest(document: str, members: str, file: str, table_file: str) -> None:
    found = _DIGEST.findall(document)
    if len(found) != 1:
        raise InputError(f'{file}: expected one line digest = "..."; found {len(found)}')
    if found[0] != ensemble_digest(document, members):
        raise InputError(
            what=file,
            expected=f"the digest of this document and of {table_file} together",
            found="another: one of the two was changed, or is of another ensemble",
            remedy="take both from where they were written, or build the ensemble again",
        )


def _errors(section: Section, priors: PriorTable) -> Errors:
    section.require_known(_ERRORS, "entry")
    columns = {key: _numbers(section, key, len(priors.rows)) for key in _ERRORS}
    with section.reading():
        return Errors(**columns)


def _sensitivity(section: Section, priors: PriorTable) -> FloatArray:
    findings = [row.finding for row in priors.rows]
    section.require_known(findings, "entry")
    rows = [_numbers(section, finding, len(priors.priors)) for finding in findings]
    return np.array(rows).reshape(len(rows), len(priors.priors))


def _numbers(section: Section, key: str, count: int) -> FloatArray:
    entries = section.values.get(key)
    expected = f"an array of {count} numbers"
    if not isinstance(entries, list) or len(entries) != count:
        raise section.error(f"expected {expected}", key)
    for position, entry in enumerate(entries, start=1):
        with section.reading(key):
            number(entry, f"{key}, entry {position}")
    return np.array(entries, dtype=float)


def _members(text: str, file: str, priors: PriorTable) -> dict[str, Any]:
    """Structures, weights, values and figures, a row a member."""
    rows = parse_rows(text, file)
    columns = _columns(priors)
    if rows.header != columns:
        rows.require_columns(columns)
        raise InputError(f"{file}: expected the columns in the order of the document's priors")
    if not 1 <= len(rows.rows) <= MOST_MEMBERS:
        raise InputError(
            f"{file}: expected from 1 to {MOST_MEMBERS} members; found {len(rows.rows)}"
        )
    structures, numbers = [], []
    names = [structure.name for structure in priors.structures]
    size = len(priors.priors)
    for line, cells in rows:
        position = f"{file}, line {line}"
        structure = cells["structure"]
        if structure not in names:
            raise unknown_name("structure", structure, names, f"in {position}")
        structures.append(structure)
        row = [_cell(cells[column], column, position) for column in columns[1:]]
        _require_values(np.array(row[1 : 1 + size]), priors, structure, position)
        numbers.append(row)
    table = np.array(numbers)
    return {
        "structures": tuple(structures),
        "weights": table[:, 0],
        "values": table[:, 1 : 1 + size],
        "figures": table[:, 1 + size :],
    }


def _cell(text: str, column: str, position: str) -> float:
    # an empty cell is a figure that was not run
    if not text and column.startswith("finding "):
        return float("nan")
    try:
        return number(float(text), column)
    except (ValueError, OxysimError):
        raise InputError(
            f"{position}: {column}: expected a finite number; found {text!r}"
        ) from None


def _require_values(values: FloatArray, priors: PriorTable, structure: str, position: str) -> None:
    """Raise unless every quantity lies in its prior's range, and is 0 where it is fixed."""
    for prior, value, is_free in zip(priors.priors, values, priors.free(structure), strict=True):
        low, high = (prior.low, prior.high) if is_free else (0.0, 0.0)
        # rounded to so many digits, a value at its range's end may lie just beyond it
        slack = 10.0**-DIGITS * max(abs(low), abs(high))
        if not low - slack <= value <= high + slack:
            raise InputError(
                f"{position}: {prior.quantity}: expected a number from {low:g} to {high:g}"
                f" (structure {structure!r}); found {value:g}"
            )


# --------------------------------------------------------------------- writing
def _columns(priors: PriorTable) -> tuple[str, ...]:
    findings = [f"finding {row.finding}" for row in priors.rows]
    return ("structure", "weight", *priors.quantities, *findings)


def _table_text(ensemble: EnsembleContents) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_columns(ensemble.priors))
    for structure, weight, values, figures in zip(
        ensemble.structures, ensemble.weights, ensemble.values, ensemble.figures, strict=True
    ):
        cells = ["" if np.isnan(v) else f"{v:.{DIGITS}g}" for v in (weight, *values, *figures)]
        writer.writerow([structure, *cells])
    return buffer.getvalue()


def _document_text(ensemble: EnsembleContents) -> str:
    priors = ensemble.priors
    # where a base comes from is of no account to its members, and may be nested deeply
    base = {k: v for k, v in population_entries(priors.base).items() if k != "provenance"}
    findings = [row.finding for row in priors.rows]
    document = {
        "format": FORMAT,
        "name": ensemble.name,
        "meaning": ensemble.meaning,
        "digest": "0" * 64,
        "priors": priors.name,
        "implied": [list(pair) for pair in priors.implied],
        "record": dict(ensemble.record),
        "errors": {key: getattr(ensemble.errors, key)[: len(findings)].tolist() for key in _ERRORS},
        "sensitivity": {
            finding: [round(float(v), 6) for v in row]
            for finding, row in zip(findings, ensemble.sensitivity, strict=True)
        },
        "base": base,
        **{k: v for k, v in plain_entries(priors).items() if k != "implied"},
    }
    return tomli_w.dumps(document)
