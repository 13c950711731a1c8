"""A plate read from a CSV table with a row for each well, whatever its columns are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oxysim import checks
from oxysim.documents import LARGEST_TABLE, Rows, parse_rows, read_text
from oxysim.errors import InputError, unknown_name
from oxysim.measures.number_cells import plain_number
from oxysim.measures.plates.elisa_plate import KINDS, ElisaPlate, Well

ROLES = (
    "well",
    "kind",
    "sample",
    "concentration",
    "density",
    "dilution",
    "unit",
)
"""What the columns of a plate's table hold."""

_NEEDED = ("kind", "sample", "density")


def read_plate(
    path: str | Path,
    *,
    unit: str = "",
    columns: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
) -> ElisaPlate:
    """A plate from a CSV table with a row for each well.

    Parameters
    ----------
    path : of the table. Its columns are ``kind``, ``sample`` and ``density``, of standards
        ``concentration``, and where they are there ``well``, ``dilution`` and ``unit``.
    unit : of the concentrations, where no column says it.
    columns : role -> column of the file, where they are called otherwise: {"density": "OD"}.
    kinds : word of the file -> kind: {"Std": "standard"}.
    where : column -> value: only rows that have it are read, of a file with several plates.
    ignore : columns that are left unread.

    Raises
    ------
    InputError : the file, a column, a cell or the plate is not as it must be, with the line.

    >>> import tempfile
    >>> rows = ["kind,sample,concentration,density", "standard,S1,14.5,1.4", "sample,P1,,0.9"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "plate.csv"
    ...     _ = file.write_text("\\n".join(rows), encoding="utf-8")
    ...     read_plate(file, unit="pg/mL").of("sample")[0].density
    0.9
    """
    path = checks.file_path(path, "path")
    rows = parse_rows(read_text(path, str(path), LARGEST_TABLE), str(path))
    roles = _roles(rows, columns, where, ignore)
    chosen = [(line, cells) for line, cells in rows if _is_meant(cells, where or {})]
    if not chosen:
        text = " and ".join(f"{column} = {value!r}" for column, value in (where or {}).items())
        raise InputError(
            f"{rows.name}: no row{f' with {text}' if text else ''}",
            key=("where",),
        )
    words = dict.fromkeys(KINDS, "") | {kind: kind for kind in KINDS} | dict(kinds or {})
    wells = [_read_well(line, cells, roles, words, rows.name) for line, cells in chosen]
    return ElisaPlate(wells, _unit(chosen, roles, unit, rows.name), path.name)


def _roles(rows: Rows, columns: Any, where: Any, ignore: Any) -> dict[str, str]:
    """Role -> column of the file."""
    named = dict(
        checks.instance(columns or {}, "columns", Mapping, "a mapping of roles to columns")
    )
    for role, column in named.items():
        checks.choice(role, "columns", ROLES)
        if column not in rows.header:
            raise unknown_name(
                "column",
                column,
                rows.header,
                f"in {rows.name}",
                key=("columns", role),
            )
    checks.instance(where or {}, "where", Mapping, "a mapping of columns to values")
    unread = checks.texts(ignore, "ignore", of="names of columns")
    for column in (*(where or {}), *unread):
        if column not in rows.header:
            raise unknown_name(
                "column",
                column,
                rows.header,
                f"in {rows.name}",
                key=("ignore",),
            )
    roles = {role: role for role in ROLES if role in rows.header and role not in named} | named
    if missing := [role for role in _NEEDED if role not in roles]:
        raise InputError(
            what=rows.name,
            expected=f"a column {missing[0]!r}",
            found=", ".join(rows.header),
            remedy=f"say which it is: columns={{{missing[0]!r}: ...}}",
            key=("columns",),
        )
    assigned = {*roles.values(), *(where or {}), *unread}
    if unknown := [column for column in rows.header if column not in assigned]:
        raise InputError(
            what=f"{rows.name}, column {unknown[0]!r}",
            expected=f"one of {', '.join(ROLES)}",
            found="another",
            remedy="give it a role in columns=, or leave it unread with ignore=",
            key=("ignore",),
        )
    return roles


def _is_meant(cells: Mapping[str, str], where: Mapping[str, str]) -> bool:
    return all(cells[column] == value for column, value in where.items())


def _read_well(
    line: int,
    cells: Mapping[str, str],
    roles: Mapping[str, str],
    kinds: Mapping[str, str],
    name: str,
) -> Well:
    """One row of the file."""
    where = f"{name}, line {line}"
    word = cells[roles["kind"]]
    if word not in kinds:
        raise unknown_name(
            "kind",
            word,
            kinds,
            f"({where}); say what it is in kinds=",
            key=("kinds",),
        )
    numbers: dict[str, float] = {}
    for role in ("density", "concentration", "dilution"):
        cell = cells[roles[role]] if role in roles else ""
        if cell:
            numbers[role] = plain_number(cell, f"{where}, {role}")
    kind = kinds[word]
    for role in (
        "density",
        *(("concentration",) if kind == "standard" else ()),
    ):
        if role not in numbers:
            raise InputError(
                f"{where}, {role}: expected a number; found nothing",
                key=(role,),
            )
    position = cells[roles["well"]] if "well" in roles else ""
    try:
        return Well(kind, cells[roles["sample"]], well=position, line=line, **numbers)
    except InputError as error:
        raise InputError(f"{name}, {error}", key=error.key) from error


def _unit(
    chosen: Sequence[tuple[int, Mapping[str, str]]],
    roles: Mapping[str, str],
    unit: str,
    name: str,
) -> str:
    """The one unit of the concentrations."""
    written = {cells[roles["unit"]] for _, cells in chosen} - {""} if "unit" in roles else set()
    if unit:
        written.add(unit)
    if len(written) != 1:
        raise InputError(
            what=name,
            expected="one unit of its concentrations",
            found=" and ".join(map(repr, sorted(written))) or "none",
            remedy='say it: unit="pg/mL"' if not written else "",
            key=("unit",),
        )
    return written.pop()
