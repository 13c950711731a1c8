"""The total of a questionnaire from its items: reversed items, and rules for items left out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oxysim.checks import choice, sequence, whole_number
from oxysim.errors import InputError
from oxysim.observations.cells import CellWords, MeasuredValue, cell_error, whole_cell

EPDS_ITEMS = 10
"""Items of the Edinburgh postnatal depression scale."""

MOST_POINTS = 3
"""Points of one item of the EPDS."""

MISSING_ITEMS = ("refuse", "open", "prorate", "total")
"""What becomes of a form with items left out: refused; its total missing; prorated; the total that
the file has.
"""

# with two of ten items left out, a mean of the others still stands for the whole
LEAST_ITEMS = 8

# what spreadsheets and programs make of whole numbers in a column with gaps
_POINT_ZERO = re.compile(r"([0-9]+)\.0+")


@dataclass(frozen=True)
class ScoringRules:
    """How the ten items of the EPDS become a total.

    Parameters
    ----------
    reverse : numbers of items (from 1) whose answers are coded the other way round: 3 for what
        counts 0.
    lowest : the code of the lowest answer: 0, or 1 where answers are coded 1 to 4.
    missing_items : "refuse" | "open" | "prorate" | "total".
    least_items : of a form that is prorated, items that have to be answered.
    words : texts for missing items and totals.

    Raises
    ------
    InputError : another word, an item that is not one of the ten.

    >>> ScoringRules(missing_items="prorate").least_items
    8
    """

    reverse: Sequence[int] = ()
    lowest: int = 0
    missing_items: str = "refuse"
    least_items: int = LEAST_ITEMS
    words: CellWords = CellWords()

    def __post_init__(self) -> None:
        def item(value: Any, label: str) -> int:
            return whole_number(value, label, 1, EPDS_ITEMS)

        numbers = sequence(self.reverse, "reverse", item, of="numbers of items", least=0)
        object.__setattr__(self, "reverse", numbers)
        whole_number(self.lowest, "lowest", 0, 1)
        choice(self.missing_items, "missing_items", MISSING_ITEMS)
        whole_number(self.least_items, "least_items", 1, EPDS_ITEMS)


def points_cell(text: str, where: str, low: int, high: int, remedy: str = "") -> int:
    """Whole points; "3.0" is 3.

    >>> points_cell("3.0", "forms.csv, line 2, column epds_4", 0, 3)
    3
    """
    match = _POINT_ZERO.fullmatch(text)
    try:
        return whole_cell(match[1] if match else text, where, low, high)
    except InputError:
        # the message shows the cell as it is written
        raise cell_error(text, where, f"a whole number from {low} to {high}", remedy) from None


def items_total(
    cells: Sequence[tuple[str, str]], rules: ScoringRules, total: MeasuredValue | None, where: str
) -> MeasuredValue:
    """The total of the ten items of a form.

    Parameters
    ----------
    cells : (text, where it stands) of the items, in their order.
    total : the form's own total, where the file has one; it has to be the sum.
    where : the place of the form's own total, or of the form.

    Raises
    ------
    InputError : an item that is no answer, one that is missing where that is refused, a total that
        is not the sum.

    >>> cells = [("1", "a.csv, line 2, column 1")] * 9 + [("", "a.csv, line 2, column 10")]
    >>> items_total(cells, ScoringRules(missing_items="prorate"), None, "a.csv, line 2").value
    10.0
    """
    answers = [
        _answer(text, where_item, number, rules)
        for number, (text, where_item) in enumerate(cells, 1)
    ]
    answered = [points for points in answers if points is not None]
    left_out = [number for number, points in enumerate(answers, 1) if points is None]
    if not left_out:
        return _whole_total(sum(answered), total, where)

    text, where_item = cells[left_out[0] - 1]
    items = ", ".join(str(number) for number in left_out)
    if rules.missing_items == "refuse":
        remedy = "say what becomes of such forms: missing_items='open', 'prorate' or 'total'"
        raise cell_error(text, where_item, "an answer to every item", remedy, ("missing_items",))
    if rules.missing_items == "total":
        return _believed_total(total, sum(answered), len(left_out), items, where_item)
    if rules.missing_items == "open" or len(answered) < rules.least_items:
        least = f"; fewer than {rules.least_items} answered" * (rules.missing_items == "prorate")
        return MeasuredValue(math.nan, "missing", math.nan, f"missing: items left out{least}")
    mean = sum(answered) / len(answered)
    why = f"prorated: the mean of {len(answered)} answered items times {EPDS_ITEMS}"
    return MeasuredValue(mean * EPDS_ITEMS, why=why)


def _answer(text: str, where: str, number: int, rules: ScoringRules) -> int | None:
    if rules.words.meaning(text) == "missing":
        return None
    low, high = rules.lowest, rules.lowest + MOST_POINTS
    # a 4 is most often an answer of a file that counts from 1
    remedy = "answers coded 1 to 4 are named: lowest=1" if text in ("4", "4.0") and not low else ""
    points = points_cell(text, where, low, high, remedy) - low
    return MOST_POINTS - points if number in rules.reverse else points


def _whole_total(points: int, total: MeasuredValue | None, where: str) -> MeasuredValue:
    if total is None:
        return MeasuredValue(float(points))
    if total.censored == "missing":
        return MeasuredValue(float(points), why="the total is missing: the items' sum is taken")
    if total.value != points:
        raise InputError(what=where, expected=f"the items' sum, {points}", found=f"{total.value:g}")
    return total


def _believed_total(
    total: MeasuredValue | None, answered: int, left_out: int, items: str, where: str
) -> MeasuredValue:
    """The total of the file, where items are left out; it has to lie within what they could add."""
    if total is None:
        raise InputError(
            what=where,
            expected="a column with the total, since items are left out",
            found="none",
            key=("missing_items",),
        )
    if total.censored == "missing":
        return MeasuredValue(
            math.nan, "missing", math.nan, "missing: items left out, and the total"
        )
    most = answered + left_out * MOST_POINTS
    if not answered <= total.value <= most:
        raise InputError(
            what=where,
            expected=f"a total from {answered} to {most}, with items {items} left out",
            found=f"{total.value:g}",
        )
    return total._replace(why="items left out: the file's own total is taken")
