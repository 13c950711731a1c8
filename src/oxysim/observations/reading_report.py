"""What became of every row of a file: kept, changed or dropped, with its line and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from oxysim.checks import name, refused, sequence, text, whole_number
from oxysim.errors import InputError
from oxysim.texts import Described, counted, html_table, listed

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 8
"""Lines that are printed for a reason; the table has all of them."""

# a line number is one of a file, whatever its size
_LARGEST_LINE = 2**31


class ReportedChange(NamedTuple):
    """One thing that a reader changed or dropped.

    Attributes
    ----------
    line : the line of the file, from 1; of the header where a whole column is meant.
    what : the thing, such as the column and what stands in it.
    why : the reason, in the same words wherever it is the same.

    >>> ReportedChange(14, "saliva_oxytocin 'QNS'", "missing: too little saliva").line
    14
    """

    line: int
    what: str
    why: str


@dataclass(frozen=True, repr=False)
class ReadingReport(Described):
    """What a reader did with a file.

    Every row of the file is either kept or named among the drops, which is checked. A kept row may
    have been changed.

    Parameters
    ----------
    file : the file, as its user named it.
    kind : what it was read as ("samples", "forms", ...).
    rows_in_file : rows below the header, empty lines not counted.
    kept : how many of them stand in what was read.
    changes : (line, what, why) of whatever reads otherwise than it is written: a converted unit, a
        missing value, a column that is ignored.
    drops : (line, what, why) of every row that was left out.

    Raises
    ------
    InputError : rows that are neither kept nor dropped.

    >>> report = ReadingReport("saliva.csv", "samples", 3, 2, drops=[(3, "row", "stands twice")])
    >>> print(report)
    saliva.csv, read as samples: 3 rows in the file, 2 kept, 1 dropped.
    Dropped, 1: stands twice
      line 3: row
    """

    file: str
    kind: str
    rows_in_file: int
    kept: int
    changes: tuple[ReportedChange, ...] = ()
    drops: tuple[ReportedChange, ...] = ()

    def __post_init__(self) -> None:
        name(self.file, "file")
        name(self.kind, "kind")
        whole_number(self.rows_in_file, "rows_in_file", 0)
        whole_number(self.kept, "kept", 0)
        object.__setattr__(self, "changes", _checked(self.changes, "changes"))
        object.__setattr__(self, "drops", _checked(self.drops, "drops"))

        # a row may be dropped for two reasons, and is one row
        dropped = len({change.line for change in self.drops})
        if self.kept + dropped != self.rows_in_file:
            raise InputError(
                what="kept",
                expected=f"kept and dropped rows that add up to {self.rows_in_file}, those of the"
                " file",
                found=f"{self.kept} kept and {dropped} dropped",
                key=("kept",),
            )

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """The counts, and how many changes there are for each reason."""
        pairs: list[tuple[str, object]] = [
            ("kind", self.kind),
            ("rows", f"{self.rows_in_file} in the file, {self.kept} kept"),
        ]
        for title, changes in (("changed", self.changes), ("dropped", self.drops)):
            pairs += [(title, f"{len(same)} ({why})") for why, same in _by_reason(changes)]
        return self.file, pairs

    def __str__(self) -> str:
        dropped = self.rows_in_file - self.kept
        lines = [
            f"{self.file}, read as {self.kind}: {counted(self.rows_in_file, 'row')} in the file,"
            f" {self.kept} kept, {dropped} dropped."
        ]
        for title, changes in (("Changed", self.changes), ("Dropped", self.drops)):
            for why, same in _by_reason(changes):
                lines += [f"{title}, {len(same)}: {why}", f"  {_lines_text(same)}"]
        return "\n".join(lines)

    def to_pandas(self) -> pd.DataFrame:
        """Every change and drop, one a row: "line", "what", "why", "dropped" (True or False).

        >>> report = ReadingReport("saliva.csv", "samples", 1, 1, [(2, "cortisol", "missing")])
        >>> report.to_pandas()["line"].tolist()
        [2]
        """
        import pandas as pd

        rows = [(*change, False) for change in self.changes]
        rows += [(*change, True) for change in self.drops]
        table = pd.DataFrame(rows, columns=["line", "what", "why", "dropped"])
        return table.sort_values("line", kind="stable", ignore_index=True)

    def _repr_html_(self) -> str:
        table = self.to_pandas()
        return html_table(table.to_numpy().tolist(), list(table.columns), caption=self.file)


def _checked(changes: Any, label: str) -> tuple[ReportedChange, ...]:
    of = "(line, what, why)"
    return sequence(changes, label, _change, of=of, least=0, most=100_000_000)


def _change(value: Any, label: str) -> ReportedChange:
    if not isinstance(value, tuple) or len(value) != 3:
        raise refused(value, label, "(line, what, why)")
    line, what, why = value
    return ReportedChange(
        whole_number(line, label, 1, _LARGEST_LINE), text(what, label), name(why, label)
    )


def _by_reason(
    changes: Iterable[ReportedChange],
) -> list[tuple[str, list[ReportedChange]]]:
    """The changes of each reason, in the order in which reasons first come."""
    reasons: dict[str, list[ReportedChange]] = {}
    for change in changes:
        reasons.setdefault(change.why, []).append(change)
    return list(reasons.items())


def _lines_text(changes: Sequence[ReportedChange]) -> str:
    """The lines of a reason; what is meant only where all of it stands in one line."""
    # a line with two such cells is one line
    numbers = list(dict.fromkeys(change.line for change in changes))
    if len(numbers) == 1:
        return f"line {numbers[0]}: {listed((change.what for change in changes), _LISTED)}"
    return f"lines {listed(numbers, _LISTED)}"
