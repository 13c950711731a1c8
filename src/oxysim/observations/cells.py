"""One cell of a table as what it says: a number, or a value below or above a limit.

Cells are texts as :mod:`oxysim.documents` hands them out. Every function takes the cell and where
it stands ("saliva.csv, line 4, column cortisol"), and raises with both where it cannot be read in
one way only: nothing is guessed from the other cells of a column.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oxysim.checks import texts
from oxysim.errors import InputError, shown

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_WITH_COMMA = re.compile(r"[-+<>≤≥\s]*[0-9][0-9.,' ]*,[0-9]+")
_LIMITED = re.compile(r"(<=|>=|[<>≤≥])\s*(.+)")

BELOW = (
    "<LLOQ", "<LOQ", "<LOD", "<LLOD", "BLQ", "BLLOQ", "BLOQ", "BQL", "BDL", "BLD", "BLOD",
    "below limit", "below LLOQ", "below LOQ", "below LOD", "below detection",
    "below detection limit", "below limit of detection", "below limit of quantification",
    "below quantification limit",
)  # fmt: skip
"""Texts for a value below the limit, in which the limit is not said."""

ABOVE = (">ULOQ", ">LOQ", "ALQ", "AULOQ", "above limit", "above ULOQ", "above LOQ",
         "above quantification limit")  # fmt: skip
"""Texts for a value above the limit, in which the limit is not said."""

INSUFFICIENT = (
    "QNS", "insufficient", "insufficient sample", "insufficient volume", "insufficient saliva",
    "insufficient material", "quantity not sufficient", "quantity insufficient",
)  # fmt: skip
"""Texts for too little of a sample."""

MISSING = ("", "NA", "N/A", "NaN", ".", "missing", "not available")
"""Texts for no value; a code such as -99 is one only where it is named."""

# what means one thing to one laboratory and another to the next
_TWO_MEANINGS = {
    "nd": "'not detected' (below the limit) or 'not done' (missing)",
    "-": "nothing measured or nothing detected",
    "--": "nothing measured or nothing detected",
    "neg": "below the limit or missing",
    "ns": "'not sufficient' or 'no sample'",
}


def cell_place(name: str, line: int, column: str) -> str:
    """Where a cell stands, as messages say it.

    >>> cell_place("saliva.csv", 4, "cortisol")
    'saliva.csv, line 4, column cortisol'
    """
    return f"{name}, line {line}, column {column}"


def cell_error(
    text: str, where: str, expected: str, remedy: str = "", key: Iterable[str] = ()
) -> InputError:
    """The error of a cell that is not what was expected.

    >>> print(cell_error("x", "saliva.csv, line 4, column cortisol", "a number"))
    saliva.csv, line 4, column cortisol: expected a number; found 'x'
    """
    return InputError(
        what=where, expected=expected, found=shown(text), remedy=remedy, key=tuple(key)
    )


# --------------------------------------------------------------------- numbers
def number_cell(
    text: str,
    where: str,
    expected: str = "a number",
    low: float = -math.inf,
    high: float = math.inf,
    *,
    remedy: str = "",
) -> float:
    """A finite number from `low` to `high`, with a point for its decimals.

    Raises
    ------
    InputError : no number, outside the limits, or one with a comma.

    >>> number_cell("3.25", "saliva.csv, line 4, column cortisol")
    3.25
    """
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if math.isfinite(number) and low <= number <= high:
        return number
    if _WITH_COMMA.fullmatch(text):
        commas = text.count(",")
        point = text.replace(",", ".") if commas == 1 else text.replace(",", "")
        remedy = f"it has a comma: write a point for decimals, such as {point!r}, and nothing"
        remedy += " between thousands"
    raise cell_error(text, where, expected, remedy)


def whole_cell(text: str, where: str, low: int, high: int, *, remedy: str = "") -> int:
    """A whole number from `low` to `high` in figures alone ("3", not "3.0").

    >>> whole_cell("3", "forms.csv, line 2, column epds_4", 0, 3)
    3
    """
    sign, figures = (text[:1], text[1:]) if text[:1] == "-" else ("", text)
    # figures of other scripts pass as numbers elsewhere, and a long row of them is none of ours
    is_whole = figures.isascii() and figures.isdigit() and len(figures) <= 12
    is_whole = is_whole and not (sign and int(figures) == 0)
    if is_whole and low <= int(sign + figures) <= high:
        return int(sign + figures)
    raise cell_error(text, where, f"a whole number from {low} to {high}", remedy)


# --------------------------------------------------------------------- values with limits
class MeasuredValue(NamedTuple):
    """What a cell of measured values says.

    Attributes
    ----------
    value : the number; NaN where it is censored or missing.
    censored : "" | "below" | "above" | "missing".
    limit : where censored below or above; NaN where the cell does not say it.
    why : how the cell was read, for a report; empty for a plain number.

    >>> MeasuredValue(12.5).censored
    ''
    """

    value: float
    censored: str = ""
    limit: float = math.nan
    why: str = ""


@dataclass(frozen=True)
class CellWords:
    """The texts that stand in place of a number, beside those that everybody uses.

    Parameters
    ----------
    below, above, insufficient, missing : more texts of each kind; capitals do not count. A code
        for missing values such as "-99" belongs in `missing`.

    Raises
    ------
    InputError : no texts; a text with two meanings.

    >>> words = CellWords(missing=("-99",))
    >>> words.meaning("QNS"), words.meaning("-99"), words.meaning("12.5")
    ('insufficient', 'missing', '')
    """

    below: Sequence[str] = ()
    above: Sequence[str] = ()
    insufficient: Sequence[str] = ()
    missing: Sequence[str] = ()

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for kind in ("below", "above", "insufficient", "missing"):
            words = texts(getattr(self, kind), kind, of="texts that cells may have")
            object.__setattr__(self, kind, words)
            for word in words:
                if seen.setdefault(_plain(word), kind) != kind:
                    raise InputError(
                        what=kind,
                        expected="texts with one meaning",
                        found=f"{word!r} among those of {seen[_plain(word)]!r} too",
                        key=(kind,),
                    )

    @functools.cached_property
    def _meanings(self) -> dict[str, str]:
        usual = {"below": BELOW, "above": ABOVE, "insufficient": INSUFFICIENT, "missing": MISSING}
        meanings = {_plain(word): kind for kind, words in usual.items() for word in words}
        # what a user names goes before what is usual
        for kind in usual:
            meanings |= {_plain(word): kind for word in getattr(self, kind)}
        return meanings

    def meaning(self, text: str) -> str:
        """The kind that a text is of, or "".

        >>> CellWords().meaning("< LLOQ")
        'below'
        """
        return self._meanings.get(_plain(text), "")


USUAL_WORDS = CellWords()
"""The texts that everybody uses, and no others; made once, since every cell asks."""


def _plain(word: str) -> str:
    """A text without spaces and capitals, in which "n.d." is "nd"; a number stays as it is."""
    if _NUMBER.fullmatch(word.strip()):
        return word.strip()
    plain = "".join(word.split()).casefold()
    return plain.replace(".", "") or plain


def measured_cell(
    text: str,
    where: str,
    words: CellWords | None = None,
    *,
    low: float = 0.0,
    high: float = math.inf,
) -> MeasuredValue:
    """A measured value: a number from `low` to `high`, "<5", ">400", or a text in place of one.

    Raises
    ------
    InputError : anything else, and texts that mean two things ("n.d."), with the argument that
        says which.

    >>> where = "saliva.csv, line 4, column cortisol"
    >>> measured_cell("12.5", where).value, measured_cell("<5", where).limit
    (12.5, 5.0)
    >>> measured_cell("QNS", where).why
    "missing: too little of the sample ('QNS')"
    """
    vocabulary = words or USUAL_WORDS
    meaning = vocabulary.meaning(text)
    if meaning in ("below", "above"):
        return MeasuredValue(math.nan, meaning, math.nan, f"{meaning} the limit ({text!r})")
    if meaning == "insufficient":
        why = f"missing: too little of the sample ({text!r})"
        return MeasuredValue(math.nan, "missing", math.nan, why)
    if meaning == "missing":
        why = f"missing ({text!r})" if text else "missing (an empty cell)"
        return MeasuredValue(math.nan, "missing", math.nan, why)

    if limited := _LIMITED.fullmatch(text):
        expected = f"a number after {limited[1]!r}"
        limit = number_cell(limited[2], where, expected, max(low, 0.0), high)
        side = "below" if limited[1] in ("<", "<=", "≤") else "above"
        return MeasuredValue(math.nan, side, limit, f"{side} the limit that the cell states")

    if both := _TWO_MEANINGS.get(_plain(text)):
        remedy = f"it may be {both}: name it, below=({text!r},) or missing=({text!r},)"
        raise cell_error(text, where, "a number, '<' and a limit, or nothing", remedy, ("missing",))
    return MeasuredValue(_measured_number(text, where, low, high))


def _measured_number(text: str, where: str, low: float, high: float) -> float:
    """A plain number; what is no number, or too low, is answered with the way to name it."""
    is_number = _NUMBER.fullmatch(text) is not None
    remedy = "" if "," in text else f"a code or text for no value is named: missing=({text!r},)"
    if is_number and not low <= float(text) <= high:
        expected = f"a number of at least {low:g}" if high == math.inf else (
            f"a number from {low:g} to {high:g}"
        )  # fmt: skip
    else:
        expected = "a number, '<' and a limit, or a text such as 'BLQ', 'QNS' or 'NA'"
    return number_cell(text, where, expected, low, high, remedy=remedy)
