"""How a table of samples is laid out: a column for each analyte (wide), or one value a row."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oxysim.checks import name, refused
from oxysim.errors import InputError, unknown_name
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.instrument_names import INSTRUMENTS, instrument
from oxysim.observations.cells import USUAL_WORDS, cell_error, cell_place, number_cell
from oxysim.observations.instrument_units import plain_spelling
from oxysim.observations.observation_form import conversion_change
from oxysim.observations.reading_report import ReportedChange
from oxysim.observations.samples.sample_values import (
    AnalyteSource,
    analyte_source,
    require_limits_of,
)
from oxysim.observations.tables.table_columns import TableColumns, header_name


@dataclass(frozen=True)
class SampleLayout:
    """Where the values of a table are.

    Parameters
    ----------
    table : the columns by role.
    wide : column -> analyte; empty for a long table.
    words : of a long table: what the file calls an analyte -> analyte.

    >>> from oxysim.documents import Rows
    >>> from oxysim.observations.tables.table_columns import table_columns
    >>> rows = Rows("saliva.csv", ("person", "saliva_oxytocin [pg/mL]"), (), ())
    >>> sample_layout(table_columns(rows, ("person",), {}, {}), None).wide
    {'saliva_oxytocin [pg/mL]': 'saliva_oxytocin'}
    """

    table: TableColumns
    wide: Mapping[str, str | Instrument]
    words: Mapping[str, str | Instrument]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (*self.table.roles.values(), *self.wide)

    def entries(self, line: int, cells: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        """What the file calls each analyte of a row, the column of its value, and its unit.

        >>> from oxysim.documents import Rows
        >>> from oxysim.observations.tables.table_columns import table_columns
        >>> rows = Rows("saliva.csv", ("epds [EPDS]",), (("7",),), (2,))
        >>> layout = sample_layout(table_columns(rows, (), {}, {}), None)
        >>> list(layout.entries(2, {"epds [EPDS]": "7"}))
        [('epds [EPDS]', 'epds [EPDS]', 'EPDS')]
        """
        if self.wide:
            for column in self.wide:
                yield column, column, self._unit(line, cells, column, column)
            return
        word = cells[self.table.roles["analyte"]]
        where = self.table.place("analyte", line)
        if not word:
            raise cell_error(word, where, "the name of an analyte")
        if word not in self.words and word not in INSTRUMENTS:
            names = (*self.words, *INSTRUMENTS)
            error = unknown_name("analyte", word, names, f"in {where}")
            message = f"{error}; or name what it is: analytes={{{word!r}: ...}}"
            raise InputError(message, key=("analytes",))
        column = self.table.roles["value"]
        yield word, column, self._unit(line, cells, word, column)

    def _unit(self, line: int, cells: Mapping[str, str], word: str, column: str) -> str:
        """The unit of a value: in its row, its header or as it is named; "" where there is none."""
        units = [self.table.other_units.get(word, ""), self.table.units.get(column, "")]
        if self.table.has("unit"):
            in_cell = cells[self.table.roles["unit"]]
            # a value that is missing often has no unit either
            units.append("" if USUAL_WORDS.meaning(in_cell) == "missing" else in_cell)
        written = [unit for unit in units if unit]
        if len({plain_spelling(unit) for unit in written}) > 1:
            raise InputError(
                what=cell_place(self.table.rows.name, line, column),
                expected="one unit",
                found=" and ".join(repr(unit) for unit in written),
                remedy="name it once",
                key=("units",),
            )
        return written[0] if written else ""

    @functools.cached_property
    def first_units(self) -> dict[str, str]:
        """The first unit that any row has for what the file calls an analyte."""
        units: dict[str, str] = {}
        for line, cells in self.table.rows:
            for word, _, unit in self.entries(line, cells):
                if unit:
                    units.setdefault(word, unit)
        return units

    def analyte(self, word: str) -> str | Instrument:
        """The analyte behind what the file calls it.

        >>> table = TableColumns(None, {}, {})
        >>> SampleLayout(table, {}, {"OT": "saliva_oxytocin"}).analyte("OT")
        'saliva_oxytocin'
        """
        return self.wide[word] if self.wide else self.words.get(word, word)


def sample_layout(table: TableColumns, analytes: Any) -> SampleLayout:
    """The layout of a table: long where it has columns for analyte and value, else wide.

    Raises
    ------
    InputError, UnknownNameError : no analyte, an analyte in two columns, a column that is not
        there, a unit of nothing.

    >>> from oxysim.documents import Rows
    >>> from oxysim.observations.tables.table_columns import table_columns
    >>> rows = Rows("saliva.csv", ("analyte", "value"), (), ())
    >>> layout = sample_layout(table_columns(rows, ("analyte", "value"), {}, {}), None)
    >>> layout.wide
    {}
    """
    named = _named(analytes)
    if table.has("analyte") and table.has("value"):
        return SampleLayout(table, {}, named)
    if table.has("analyte") or table.has("value"):
        missing = "value" if table.has("analyte") else "analyte"
        table.require((missing,))
    wide = _wide(table, named)
    table.require_known_units()
    single = [role for role in ("unit", "limit") if table.has(role)]
    if single and len(wide) > 1:
        raise InputError(
            what=f"{table.rows.name}, line 1",
            expected=f"a column {single[0]!r} for one analyte",
            found=f"{len(wide)} analytes: {', '.join(repr(column) for column in wide)}",
            remedy="write the units into the header, 'cortisol [ug/dL]', or name them",
            key=("units",),
        )
    return SampleLayout(table, wide, {})


def _named(analytes: Any) -> dict[str, str | Instrument]:
    words = "what the file calls it -> an instrument or a name of your own"
    if analytes is None:
        return {}
    if not isinstance(analytes, Mapping):
        raise refused(analytes, "analytes", f"a mapping, {words}")
    return {
        name(word, "analytes"): instrument(analyte)
        if isinstance(analyte, Instrument)
        else name(analyte, f"analytes, {word}")
        for word, analyte in analytes.items()
    }


def _wide(
    table: TableColumns, named: Mapping[str, str | Instrument]
) -> dict[str, str | Instrument]:
    """The columns with values, in the order of the file."""
    wide: dict[str, str | Instrument] = {}
    used = {*table.roles.values(), *table.ignored}
    plain_names = {header: header_name(header)[0] for header in table.rows.header}
    for word in named:
        if word not in {*plain_names, *plain_names.values()}:
            raise unknown_name(
                "column",
                word,
                table.rows.header,
                f"of analytes in {table.rows.name}",
                key=("analytes",),
            )
    for header, plain in plain_names.items():
        analyte = named.get(header, named.get(plain, plain if plain in INSTRUMENTS else None))
        if analyte is None:
            continue
        if header not in used:
            wide[header] = analyte
        elif header in named or plain in named:
            raise InputError(
                what=f"analytes, {header}",
                expected="a column that is nothing else",
                found=f"column {header!r} of {table.rows.name}, which is ignored or has a role",
                remedy="name the column of that role: columns={...}",
                key=("analytes", header),
            )
    titles = [entry.name if isinstance(entry, Instrument) else entry for entry in wide.values()]
    if doubled := [title for title in titles if titles.count(title) > 1]:
        pair = [
            repr(header) for header, title in zip(wide, titles, strict=True) if title == doubled[0]
        ]
        raise InputError(
            what=f"{table.rows.name}, line 1",
            expected="one column for each analyte",
            found=f"{doubled[0]!r} in {' and '.join(pair)}",
            remedy="give one of them a name of its own, or ignore it",
            key=("analytes",),
        )
    if not wide:
        raise InputError(
            what=f"{table.rows.name}, line 1",
            expected="a column of an analyte (or columns 'analyte' and 'value')",
            found=f"the columns {', '.join(repr(column) for column in table.rows.header)}"[:300],
            remedy="name it: analytes={'the column': 'saliva_oxytocin'}",
            key=("analytes",),
        )
    return wide


@dataclass
class SourceTable:
    """The source of each analyte, made when it first comes; one unit each.

    >>> layout = SampleLayout(TableColumns(None, {}, {}), {}, {})
    >>> SourceTable(layout, None).get(2, "epds", "EPDS", "forms.csv, line 2, column epds").unit
    'EPDS'
    """

    layout: SampleLayout
    limits: Any
    changes: list[ReportedChange] = field(default_factory=list)
    _sources: dict[str, tuple[int, AnalyteSource]] = field(default_factory=dict)

    def get(self, line: int, word: str, unit: str, where: str) -> AnalyteSource:
        """The source of what the file calls an analyte; raises for a second unit of it.

        >>> table = SourceTable(SampleLayout(TableColumns(None, {}, {}), {}, {}), None)
        >>> table.get(2, "salivary_cortisol", "ug/dL", "a.csv").factor
        27.59
        """
        if word in self._sources:
            first, source = self._sources[word]
            if plain_spelling(unit) != plain_spelling(source.unit):
                raise InputError(
                    what=where,
                    expected=f"{source.unit!r}, the unit in line {first}",
                    found=repr(unit),
                    remedy="bring all values of an analyte into one unit",
                    key=("units",),
                )
            return source
        source = analyte_source(self.layout.analyte(word), unit, self.limits, where)
        self._sources[word] = line, source
        if source.tool and source.factor != 1:
            title = f"column {word!r}" if self.layout.wide else f"analyte {word!r}"
            at = 1 if self.layout.wide else line
            self.changes.append(conversion_change(at, title, unit, source.tool, source.factor))
        return source

    def row_limit(
        self, source: AnalyteSource, line: int, cells: Mapping[str, str]
    ) -> AnalyteSource:
        """The source with the limit that the row itself states, in the unit of its value.

        >>> table = SourceTable(SampleLayout(TableColumns(None, {}, {}), {}, {}), None)
        >>> table.row_limit(AnalyteSource("epds", None, "EPDS"), 2, {}).limits_from
        ''
        """
        columns = self.layout.table
        if not columns.has("limit") or not cells[columns.roles["limit"]]:
            return source
        where = cell_place(columns.rows.name, line, columns.roles["limit"])
        low = number_cell(cells[columns.roles["limit"]], where, "a limit", 0.0)
        return source._replace(low=low, limits_from="that of the row")

    def require_used(self) -> None:
        """Raise for limits, or names of analytes, that nothing in the file has.

        >>> SourceTable(SampleLayout(TableColumns(None, {}, {}), {}, {}), None).require_used()
        """
        titles = tuple(source.analyte for _, source in self._sources.values())
        # where every row was dropped there is nothing to compare with
        if not titles:
            return
        require_limits_of(self.limits, titles)
        for key, words in (
            ("analytes", self.layout.words),
            ("units", self.layout.table.other_units),
        ):
            for word in words:
                if word not in self._sources:
                    where = f"of {key} in {self.layout.table.rows.name}"
                    raise unknown_name("analyte", word, self._sources, where, key=(key,))
