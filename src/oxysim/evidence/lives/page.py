"""The tables of face validity in words: for a terminal, and as a page of the docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

# column -> its head; what is not named here is not shown
_HEADS: Mapping[str, Mapping[str, str]] = {
    "lives": {
        "life": "life",
        "caregiver": "whose EPDS",
        "week_1": "week 1",
        "week_2": "2",
        "week_4": "4",
        "week_8": "8",
        "week_24": "24",
        "shift": "shift",
        "holds": "holds",
        "cause": "cause",
        "shift_without_cause": "shift without it",
        "why": "why",
    },
    "changes": {
        "life": "life",
        "caregiver": "whose EPDS",
        "worst_shift": "worst day of weeks 1 to 4",
        "shift": "shift at week 24",
        "holds": "holds",
        "why": "why",
    },
    "doses": {
        "life": "dose",
        "week_1": "week 1",
        "week_2": "2",
        "week_4": "4",
        "week_8": "8",
        "week_24": "24",
        "largest_shift": "largest shift of weeks 1 to 4",
        "shift": "shift at week 24",
    },
    "inputs": {
        "life": "life",
        "caregiver": "whose EPDS",
        "input": "input",
        "is_load": "a load",
        "shift": "shift",
        "shift_without": "without it",
        "due_to_it": "due to it",
    },
}
_TITLES: Mapping[str, str] = {
    "lives": "Everyday lives",
    "changes": "A day that changes: hurt at first, then over it",
    "doses": "Extra skin-to-skin",
    "inputs": "What each input does",
}
_SELECTION = "Selected for a high score, then usual care"


def face_validity_text(tables: Mapping[str, pd.DataFrame], header: Mapping[str, str]) -> str:
    """The tables for a terminal.

    >>> lives = pd.DataFrame({"life": ["bottle"], "shift": [0.25], "holds": [True]})
    >>> print(face_validity_text({"lives": lives}, {}))
    Face validity
    <BLANKLINE>
    Everyday lives: 1 of 1 hold
      life    shift  holds
      bottle  +0.25  yes
    """
    lines = ["Face validity", *(f"  {name}: {text}" for name, text in header.items())]
    for name, table in tables.items():
        rows = _rows(table, name)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += ["", _title(name, table)]
        lines += [
            "  " + "  ".join(map(str.ljust, row, widths)).rstrip()  # a cell under its head
            for row in rows
        ]
    return "\n".join(lines)


def face_validity_page(
    tables: Mapping[str, pd.DataFrame],
    header: Mapping[str, str],
    selection: pd.DataFrame | None = None,
) -> str:
    """The tables as a page in Markdown, without a date: the same model gives the same page.

    >>> lives = pd.DataFrame({"life": ["bottle"], "shift": [0.25], "holds": [False]})
    >>> face_validity_page({"lives": lives}, {}).splitlines()[-1]
    '| bottle | +0.25 | NO |'
    """
    lines = [
        "# Face validity",
        "",
        "Do the lives that people lead rest where anybody would expect them to? Made by",
        "`python scripts/update_face_validity.py`; no figure on it is typed in by hand.",
        "",
        *(f"- **{name}**: {text}" for name, text in header.items()),
    ]
    for name, table in tables.items():
        lines += ["", f"## {_title(name, table)}", "", *_pipes(_rows(table, name))]
    if selection is not None:
        lines += ["", f"## {_SELECTION}", "", *_selection_lines(selection)]
    return "\n".join([*lines, ""])


def _title(name: str, table: pd.DataFrame) -> str:
    if "holds" not in table or name == "doses":
        return _TITLES[name]
    return f"{_TITLES[name]}: {int(table['holds'].sum())} of {len(table)} hold"


def _rows(table: pd.DataFrame, name: str) -> list[list[str]]:
    """The heads, then every row's cells."""
    heads = {column: head for column, head in _HEADS[name].items() if column in table}
    cells = [[_cell(row[column], column) for column in heads] for row in table.to_dict("records")]
    return [list(heads.values()), *cells]


def _cell(value: Any, column: str) -> str:
    if column == "holds":
        # what fails is to catch the eye
        return "yes" if value else "NO"
    if column == "is_load":
        return "yes" if value else ""
    if isinstance(value, float):
        if pd.isna(value):
            return ""
        # a difference has its sign, a score has none
        signed = "shift" in column or column == "due_to_it"
        return f"{value + 0.0:+.2f}" if signed else f"{value:.2f}"
    return str(value)


def _pipes(rows: Sequence[Sequence[str]]) -> list[str]:
    heads, *cells = rows
    return ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *cells)]


def _selection_lines(selection: pd.DataFrame) -> list[str]:
    heads = ["week", "selected: read", "selected: EPDS itself", "everybody: EPDS itself"]
    rows = [
        [
            f"{row['week']}",
            f"{row['selected_read']:.2f} ({row['selected_read_se']:.2f})",
            f"{row['selected']:.2f} ({row['selected_se']:.2f})",
            f"{row['everybody']:.2f}",
        ]
        for row in selection.to_dict("records")
    ]
    first = selection.iloc[0]
    return [
        f"{int(first['n_selected'])} of {int(first['n'])} mothers of the community read at least",
        f"{first['cut_off']:g} on the EPDS at week {int(first['week'])}; means, with standard",
        "errors in brackets. What is read has the noise of a form, by which it falls in any model;",
        "the EPDS itself has none.",
        "",
        *_pipes([heads, *rows]),
    ]
