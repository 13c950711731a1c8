"""Rows that stand twice: refused, dropped where every cell is the same, or kept as replicates."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from oxysim.errors import InputError
from oxysim.observations.reading_report import ReportedChange

DOUBLED = ("refuse", "drop", "keep")
"""What becomes of a row that stands twice."""


@dataclass
class RepeatedRows:
    """The rows that came before, by what makes them the same.

    >>> rows = RepeatedRows("drop", "saliva.csv")
    >>> rows.dropped(2, "a", {"value": "1"}) is None
    True
    >>> rows.dropped(3, "a", {"value": "1"}).why
    'stands twice: every cell as in an earlier row'
    """

    doubled: str
    file: str
    _seen: dict[Hashable, tuple[int, dict[str, str]]] = field(default_factory=dict)

    def dropped(self, line: int, key: Hashable, cells: Mapping[str, str]) -> ReportedChange | None:
        """What the report says of a row that is dropped; None for one that is kept.

        Raises
        ------
        InputError : a second row with the same key, unless that is decided; with `doubled` "drop"
            one whose other cells differ.

        >>> RepeatedRows("refuse", "saliva.csv").dropped(2, "a", {"value": "1"})
        """
        first_line, first_cells = self._seen.setdefault(key, (line, dict(cells)))
        if first_line == line or self.doubled == "keep":
            return None
        different = [column for column in cells if cells[column] != first_cells[column]]
        if self.doubled == "drop" and not different:
            why = "stands twice: every cell as in an earlier row"
            return ReportedChange(line, f"as line {first_line}", why)
        raise InputError(
            what=f"{self.file}, line {line}",
            expected="each measurement once",
            found=f"the person, time and occasion of line {first_line}, "
            + (f"with another {different[0]!r}" if different else "and every other cell of it"),
            remedy="say what it is: doubled='keep' (a replicate)"
            + ("" if different else " or doubled='drop'"),
            key=("doubled",),
        )
