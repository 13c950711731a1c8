"""A scoreboard in words: for a terminal, and as a page of the docs."""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any

import pandas as pd

from oxysim.errors import InputError
from oxysim.evidence.board.answers import FAILED, HELD, NOT_RUN, Tables
from oxysim.findings.published import USES

# Headings say how far agreement in the block is evidence.
BLOCKS = {
    "input": "Set a parameter (input)",
    "fit": "Read by calibration (fit)",
    "built_in": "Written into a mechanism (built_in): a regression test, no evidence",
    "survey": "A real survey, the half that no fit saw (survey)",
    "check": "Neither written in nor fitted (check)",
    "own": "Own rows",
}
# Heads of a page's tables and of a terminal's.
_HEADS = (
    "id",
    "quantity",
    "published",
    "simulated",
    "SE",
    "2.5 % to 97.5 %",
    "n",
    "studies",
    "holds",
    "assumed",
)
# A failing row is to catch the eye.
_MARK = {HELD: "yes", FAILED: "NO", NOT_RUN: "not run"}
_WIDTH = 58  # of a quantity in a terminal


def counts(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Block -> (rows that hold, rows).

    >>> counts(pd.DataFrame({"use": ["fit", "fit", "check"], "holds": ["yes", "no", "yes"]}))
    {'fit': (1, 2), 'check': (1, 1)}
    """
    # In the order of how far they are evidence, not of their size.
    blocks = {use: table[table["use"] == use] for use in USES}
    return {
        use: (int((block["holds"] == HELD).sum()), len(block))
        for use, block in blocks.items()
        if len(block)
    }


def plain_text(table: pd.DataFrame, header: Mapping[str, str]) -> str:
    """The scoreboard for a terminal: the header, a block for each use with its own count, and what
    fails and why.

    >>> row = {
    ...     "id": "C12", "use": "input", "quantity": "plasma half-life", "unit": "min",
    ...     "published": "3.2", "low": 2.0, "high": 5.7, "simulated": 3.1, "simulated_se": 0.05,
    ...     "simulated_low": 2.6, "simulated_high": 3.6, "statistic": "", "n": 6,
    ...     "replications": 200, "holds": HELD, "why": "", "assumed_share": None,
    ... }
    >>> print(plain_text(pd.DataFrame([row]), {"seed": "0"}))
    Scoreboard of published findings
    <BLANKLINE>
      seed: 0
    <BLANKLINE>
    Set a parameter (input): 1 of 1 hold
      id   quantity          published          simulated  SE      2.5 % to 97.5 %  n ...
      C12  plasma half-life  3.2 [2, 5.7] min   3.10       0.0500  2.60 to 3.60     6 ...
    """
    lines = ["Scoreboard of published findings", ""]
    lines += [f"  {name}: {text}" for name, text in header.items()]
    for use, count in counts(table).items():
        block = table[table["use"] == use]
        lines += ["", f"{BLOCKS[use]}: {count_text(count)}"]
        lines += _aligned([_cells(row, _WIDTH) for row in block.to_dict("records")])
        lines += [
            f"    {row['id']}: {row['why']}"
            for row in block.to_dict("records")
            if row["holds"] != HELD
        ]
    return "\n".join(lines)


def markdown(table: pd.DataFrame, header: Mapping[str, str], runs: Mapping[str, Tables]) -> str:
    """The scoreboard as a page in Markdown, without a date: the same run gives the same page.

    >>> page = markdown(pd.DataFrame({"use": [], "holds": []}), {"seed": "0"}, {})
    >>> [line for line in page.splitlines() if line.startswith("#")]
    ['# Scoreboard', '## What fails and why', '## How each protocol was run']
    """
    lines = [
        "# Scoreboard",
        "",
        "Made by `oxysim evidence --docs`; no figure on it is typed in by hand.",
        "",
    ]
    lines += [f"- **{name}**: {text}" for name, text in header.items()]
    for use, count in counts(table).items():
        block = table[table["use"] == use].to_dict("records")
        lines += ["", f"## {BLOCKS[use]}: {count_text(count)}", ""]
        # The page has room for the rule and the source, a terminal has not.
        lines += _pipes(
            _HEADS + ("rule", "source"),
            [(*_cells(row), row["rule"], row["source"]) for row in block],
        )
    return "\n".join([*lines, "", *_failures(table), "", *_designs(runs), ""])


def count_text(count: tuple[int, int]) -> str:
    """A block's count in words.

    >>> count_text((3, 4))
    '3 of 4 hold'
    """
    return f"{count[0]} of {count[1]} hold"


@functools.cache
def notes() -> Mapping[str, str]:
    """What in the model is responsible for a finding that fails, and what would be needed:
    finding's id -> text.

    >>> isinstance(notes(), MappingProxyType)
    True
    """
    text = (
        resources.files("oxysim").joinpath("data/scoreboard_notes.csv").read_text(encoding="utf-8")
    )
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    # Two notes of one finding would silently be one.
    by_id = {row["id"]: row["note"] for row in rows}
    if len(by_id) < len(rows):
        raise InputError("data/scoreboard_notes.csv: a finding's id stands twice")
    return MappingProxyType(by_id)


def _failures(table: pd.DataFrame) -> list[str]:
    lines = ["## What fails and why", ""]
    rows = [row for row in table.to_dict("records") if row["holds"] != HELD]
    for row in rows:
        lines += [f"- **{row['id']}** ({row['use']}; {row['quantity']}): {row['why']}."]
        if row["id"] in notes():
            lines += [f"  {notes()[row['id']]}"]
    return lines + ([] if rows else ["Every row holds."])


def _designs(runs: Mapping[str, Tables]) -> list[str]:
    """How every run was made, and what a reader must know of it, in the order of the names."""
    lines = ["## How each protocol was run"]
    for name in sorted(runs):
        tables = runs[name]
        lines += ["", f"### {name[:1].upper()}{name[1:]}", ""]
        lines += [f"- {key}: {words}" for key, words in tables.design.items()]
        lines += [f"- *{sentence}*" for sentence in tables.assumptions]
        lines += [
            f"- {lost} dyads failed in arm {arm!r} and are missing from it"
            for arm, lost in tables.lost.items()
        ]
    return lines


def _cells(row: Mapping[Any, Any], width: int | None = None) -> tuple[str, ...]:
    """A row's cells in the order of the heads."""
    quantity = str(row["quantity"])
    # Some quantities are a sentence; the page has them whole.
    if width is not None and len(quantity) > width:
        quantity = quantity[: width - 3].rstrip() + "..."
    span = (
        ""
        if _missing(row["simulated_low"])
        else f"{short(row['simulated_low'])} to {short(row['simulated_high'])}"
    )
    return (
        str(row["id"]),
        quantity,
        published_text(row),
        _simulated(row),
        short(row["simulated_se"]),
        span,
        _whole(row["n"]),
        _whole(row["replications"]),
        _MARK[str(row["holds"])],
        "" if _missing(row["assumed_share"]) else f"{row['assumed_share']:.0%}",
    )


def _simulated(row: Mapping[Any, Any]) -> str:
    """The number, with what it is where the finding's own unit does not say so."""
    return short(row["simulated"]) + (
        f" ({row['statistic']})" if row["unit"] == "sign" and row["statistic"] else ""
    )


def published_text(row: Mapping[Any, Any]) -> str:
    """The published figure with its interval and unit.

    >>> published_text({"unit": "EPDS", "published": "5.84", "low": 5.14, "high": 6.54})
    '5.84 [5.14, 6.54] EPDS'
    """
    # these are no units: the figure says it all
    unit = "" if row["unit"] in ("sign", "count", "share", "ratio") else f" {row['unit']}"
    interval = "" if _missing(row["low"]) else f" [{row['low']:g}, {row['high']:g}]"
    return f"{row['published']}{interval}{unit}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    table = [_HEADS, *rows]
    # Columns as wide as their widest cell.
    widths = [max(len(row[k]) for row in table) for k in range(len(_HEADS))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _pipes(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [
        # a bar in a cell would end it, so it is escaped
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |"
        for line in lines
    ]


def short(value: Any) -> str:
    """A number with at least three digits, at most four decimals and no exponent; "" where it is
    missing.

    >>> short(0.12345), short(1302.4), short(None)
    ('0.123', '1302', '')
    """
    if _missing(value):
        return ""
    number = float(value)
    # Three digits say what a Monte Carlo number knows; more would be noise.
    digits = 2 - math.floor(math.log10(abs(number))) if number and math.isfinite(number) else 0
    return f"{number:.{min(max(digits, 0), 4)}f}"


def _whole(value: Any) -> str:
    # pandas reads whole numbers with gaps as floats
    return "" if _missing(value) else f"{int(value)}"


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
