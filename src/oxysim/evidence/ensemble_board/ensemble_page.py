"""The scoreboard over an ensemble in words: for a terminal, and as a page of the docs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oxysim.evidence.board.report import BLOCKS, counts, published_text, short

_HEADS = (
    "id",
    "quantity",
    "published",
    "median",
    "its error",
    "90 % interval",
    "one member's error",
    "holds",
    "members that hold",
    "trait or edge",
)
_MARK = {"yes": "yes", "no": "NO", "not run": "not run"}
_WIDTH = 46  # of a quantity in a terminal
_NO_NOTE = "(no sentence yet: data/scoreboard_notes.csv)"


def ensemble_text(table: pd.DataFrame, scores: pd.DataFrame, header: Mapping[str, str]) -> str:
    """The table for a terminal.

    >>> print(ensemble_text(pd.DataFrame({"use": [], "holds": []}), pd.DataFrame(), {"seed": "0"}))
    Scoreboard over an ensemble
      seed: 0
    """
    lines = [
        "Scoreboard over an ensemble",
        *(f"  {name}: {words}" for name, words in header.items()),
    ]
    for use, (holding, rows) in counts(table).items():
        block = table[table["use"] == use].to_dict("records")
        lines += ["", f"{BLOCKS[use]}: the median holds in {holding} of {rows}"]
        lines += _aligned([_HEADS, *(_cells(row, _WIDTH) for row in block)])
        lines += [f"    {row['id']}: {row['why']}" for row in block if row["holds"] != "yes"]
    if len(scores):
        lines += ["", _summary(scores), *_aligned(_score_rows(scores))]
    return "\n".join(lines)


def ensemble_page(table: pd.DataFrame, scores: pd.DataFrame, header: Mapping[str, str]) -> str:
    """The table as a page in Markdown.

    >>> page = ensemble_page(pd.DataFrame({"use": [], "holds": []}), pd.DataFrame(), {"seed": "0"})
    >>> [line for line in page.splitlines() if line.startswith("#")]
    ['# Scoreboard over the ensemble', '## What fails in most members, and why']
    """
    lines = [
        "# Scoreboard over the ensemble",
        "",
        "Made by `oxysim evidence --ensemble NAME --docs`; no figure on it is typed in by hand.",
        "",
        *(f"- **{name}**: {words}" for name, words in header.items()),
    ]
    for use, (holding, rows) in counts(table).items():
        block = table[table["use"] == use].to_dict("records")
        lines += ["", f"## {BLOCKS[use]}: the median holds in {holding} of {rows}", ""]
        lines += _pipes(
            [(*_HEADS, "rule", "source"),
            *((*_cells(row), row["rule"], row["source"]) for row in block)]
        )  # fmt: skip
    if len(scores):
        lines += ["", "## Forecasts of what nothing was fitted to", "", _summary(scores), ""]
        lines += _pipes(_score_rows(scores))
    lines += ["", "## What fails in most members, and why", "", *_failures(table), ""]
    return "\n".join(lines)


def _failures(table: pd.DataFrame) -> list[str]:
    """A sentence for each row that fails in most members, or at their median."""
    lines = []
    for row in table.to_dict("records"):
        fails_mostly = not row.get("share_holding", math.nan) >= 0.5
        if not fails_mostly and row["holds"] == "yes":
            continue
        share = _share(row["share_holding"])
        lines.append(
            f"- **{row['id']}** ({row['use']}; {row['quantity']}; held by {share or 'none'}):"
            f" {row['why']}."
        )
        if fails_mostly:
            lines.append(f"  {row['note'] or _NO_NOTE}")
    return lines or ["Every row holds, and in most members."]


def _summary(scores: pd.DataFrame) -> str:
    """Coverage and sharpness in a sentence."""
    numbers = scores[scores["covers"] != ""]
    covered = int((numbers["covers"] == "yes").sum())
    skills = scores["skill"].dropna()
    words = f"90 % intervals cover {covered} of {len(numbers)} published numbers"
    if not len(skills):
        return f"{words}; nothing could be scored."
    better = int((skills > 0).sum())
    return (
        f"{words}; against draws of the priors the forecast is better in {better} of {len(skills)}"
        f" (mean share of the score saved: {skills.mean():.0%})."
    )


def _score_rows(scores: pd.DataFrame) -> list[Sequence[str]]:
    heads = ("id", "score", "published", "median", "90 % interval", "covers", "ensemble", "priors",
        "saved")  # fmt: skip
    cells = [
        (
            str(row["id"]), str(row["score"]), short(row["published"]), short(row["median"]),
            _span(row["low"], row["high"]), str(row["covers"]), short(row["of_members"]),
            short(row["of_priors"]), _share(row["skill"]),
        )
        for row in scores.to_dict("records")
    ]  # fmt: skip
    return [heads, *cells]


def _cells(row: Mapping[Any, Any], width: int | None = None) -> tuple[str, ...]:
    """A row's cells in the order of the heads."""
    quantity = str(row["quantity"])
    # some quantities are a sentence; the page has them whole
    if width is not None and len(quantity) > width:
        quantity = quantity[: width - 3].rstrip() + "..."
    return (
        str(row["id"]),
        quantity,
        published_text(row),
        short(row["median"]) + (f" ({row['statistic']})" if row["unit"] == "sign" else ""),
        short(row["median_error"]),
        _span(row["interval_low"], row["interval_high"]),
        short(row["monte_carlo"]),
        _MARK[str(row["holds"])],
        _share(row["share_holding"]),
        str(row["trait_or_edge"]),
    )


def _span(low: Any, high: Any) -> str:
    return "" if short(low) == "" else f"{short(low)} to {short(high)}"


def _share(value: Any) -> str:
    return "" if short(value) == "" else f"{value:.0%}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # a cell under its head
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _pipes(rows: Sequence[Sequence[str]]) -> list[str]:
    heads, *cells = rows
    # a bar in a cell would end it, so it is escaped
    return [
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
        for row in (heads, ["---"] * len(heads), *cells)
    ]
