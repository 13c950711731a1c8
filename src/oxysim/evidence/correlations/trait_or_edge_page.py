"""What carries each correlation, in words: for a terminal, and as a page of the docs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

# column -> head
_HEADS: Mapping[str, str] = {
    "finding": "id",
    "between": "between",
    "as_it_is": "as it is",
    "edges_cut": "edges cut",
    "traits_unrelated": "traits unrelated",
    "both_taken_away": "both",
    "edge_part": "edges' part",
    "trait_part": "traits' part",
    "trait_or_edge": "trait or edge",
}
_INTRODUCTION = (
    "A correlation may be there because two traits of a population go together, or because edges",
    "lead from one side to the other. Each correlation of the scoreboard is asked four times: as",
    "it is, with the edges between its two sides cut from birth on, with every correlation of the",
    "population's traits set to 0, and with both. Numbers are those of the scoreboard's rows, with",
    "Monte Carlo standard errors in brackets. The parts of edges and of traits are means over both",
    "orders of taking away; with what is left of both they make up the whole. A part carries where",
    "it is a quarter of the whole at least, and two standard errors from 0.",
)
_BOTH = (
    "What is left with both taken away (column *both*) is neither edge nor pair of traits: one",
    "parameter or state that both sides hear, or one person who fills in two forms in one mood.",
)


def trait_or_edge_text(table: pd.DataFrame, header: Mapping[str, str]) -> str:
    """The table for a terminal.

    >>> table = pd.DataFrame({"finding": ["C11"], "trait_or_edge": ["edge"]})
    >>> print(trait_or_edge_text(table, {"seed": "0"}))
    Trait or edge
      seed: 0
    <BLANKLINE>
      id   trait or edge
      C11  edge
    """
    rows = _rows(table)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["Trait or edge", *(f"  {name}: {words}" for name, words in header.items()), ""]
    # a cell under its head
    lines += ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, *(f"  {sentence}" for sentence in _reasons(table))])


def trait_or_edge_page(table: pd.DataFrame, header: Mapping[str, str]) -> str:
    """The table as a page in Markdown.

    >>> table = pd.DataFrame({"finding": ["C11"], "trait_or_edge": ["edge"]})
    >>> trait_or_edge_page(table, {}).splitlines()[0]
    '# Trait or edge'
    """
    lines = [
        "# Trait or edge",
        "",
        "Made by `python scripts/update_trait_or_edge.py`; no figure on it is typed in by hand.",
        "",
        *_INTRODUCTION,
        "",
        *(f"- **{name}**: {words}" for name, words in header.items()),
        "",
        *_pipes(_rows(table)),
        "",
        *_BOTH,
        "",
        *(f"- {sentence}" for sentence in _reasons(table)),
        "",
        "![Four answers of each correlation](figures/trait_or_edge.png)",
    ]
    if "edges" in table:
        lines += ["", "## Which edges are cut", ""]
        lines += [
            f"- **{', '.join(group['finding'])}**: {edges}"
            for edges, group in table.groupby("edges", sort=False)
        ]
    return "\n".join([*lines, ""])


def _reasons(table: pd.DataFrame) -> list[str]:
    """A sentence for each row that has one."""
    if "why" not in table:
        return []
    return [f"{row['finding']}: {row['why']}." for row in table.to_dict("records") if row["why"]]


def _rows(table: pd.DataFrame) -> list[list[str]]:
    """The heads, then every row's cells."""
    labelled = table.copy()
    if {"side", "other_side"} <= set(table):
        labelled["between"] = table["side"] + " and " + table["other_side"]
    heads = {column: head for column, head in _HEADS.items() if column in labelled}
    cells = [[_cell(row, column) for column in heads] for row in labelled.to_dict("records")]
    return [list(heads.values()), *cells]


def _cell(row: Mapping[Any, Any], column: str) -> str:
    value = row[column]
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return ""
    error = row.get(f"{column}_se", math.nan)
    # an association has its sign
    return f"{value + 0.0:+.2f}" + ("" if math.isnan(error) else f" ({error:.2f})")


def _pipes(rows: Sequence[Sequence[str]]) -> list[str]:
    heads, *cells = rows
    return ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *cells)]
