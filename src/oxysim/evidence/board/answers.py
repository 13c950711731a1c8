"""How a row of a protocol's tables answers a published finding: which row, which number in it,
judged by which rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from oxysim.errors import InputError, unknown_name
from oxysim.findings.agreement import EXPECTED, Verdict
from oxysim.findings.answer_rules import AnswerPart, verdict_of
from oxysim.findings.published import Target
from oxysim.findings.published import target as published

# units in which an effect is read as standardised
STANDARDISED = ("dz", "d", "SMD", "SD", "r", "sign")
# In the order of the words of the rule, "up / none".
THIRDS = ("top third", "bottom third")
# Part of an answer -> column of a table that the rules of signs, nulls and counts read.
_RULE_CELLS = {
    "effect": "dz",
    "share_up": "share_up",
    "share_down": "share_down",
    "share_significant": "share_significant",
    "tenth": "tenth",
    "ninetieth": "ninetieth",
}
POOL_ERRORS = {"dz_se": "dz_pool_se", "difference_se": "difference_pool_se"}
"""The column of a trial's table that holds the pool's part of a standard error."""

# As the table has them; a row that was not run does not hold.
HELD, FAILED, NOT_RUN = "yes", "no", "not run"


@dataclass(frozen=True, eq=False)
class Tables:
    """What a run of a protocol left: its tables, and how they came about.

    Attributes
    ----------
    effects, figures : as in :class:`oxysim.trials.reporting.protocol_report.ProtocolReport`.
    design, assumptions : in words.
    pool : dyads simulated in the smallest arm, 0 where the protocol keeps none.
    cohort : dyads of the followed cohort that it reads, 0 where it reads none.
    lost : dyads that failed, by arm.
    seconds : how long it took.

    >>> empty = pd.DataFrame()
    >>> Tables(empty, empty, {}, (), pool=120, lost={}, seconds=1.5).cohort
    0
    """

    effects: pd.DataFrame
    figures: pd.DataFrame
    design: Mapping[str, str]
    assumptions: tuple[str, ...]
    pool: int
    lost: Mapping[str, int]
    seconds: float
    cohort: int = 0


class EffectKey(NamedTuple):
    """A row of a table of effects, by its outcome and contrast; `expected` where the table makes no
    claim.

    >>> EffectKey("EPDS", "massage - usual care").expected
    ''
    """

    outcome: str
    contrast: str
    expected: str = ""


class FigureKey(NamedTuple):
    """A row of a table of figures, by its quantity.

    >>> FigureKey("plasma half-life").quantity
    'plasma half-life'
    """

    quantity: str


RowKey = EffectKey | FigureKey


class JudgedRow(NamedTuple):
    """One row that answers a finding, or part of it, and how it was judged; ``statistic`` says what
    its number is.

    ``standard_error`` is the Monte Carlo error of the number over everything random in it: the
    replications, and the simulated pool or cohort that they draw from. It means the same for a
    number, a sign and a null.

    >>> row = JudgedRow("EPDS", "mean", 5.8, 0.1, 5.4, 6.2, 400, 10, Verdict(True, "inside"))
    >>> row.verdict.holds
    True
    """

    label: str
    statistic: str
    mean: float
    standard_error: float
    low: float
    high: float
    n: int
    replications: int
    verdict: Verdict


def answer(
    target: Target, tables: Tables, places: Sequence[RowKey] = (), *, pooled: bool = True
) -> tuple[JudgedRow, ...]:
    """The rows of `tables` that answer a finding, each judged by its rule.

    Parameters
    ----------
    places : the rows that answer it; by default those that the protocol marked with the finding's
        id.
    pooled : whether the levels of the simulated pool are part of a number's error; in a parallel
        trial they cancel, and what is left of the pool's error is that of its true effects, which
        the trial's table holds.

    Raises
    ------
    InputError, UnknownNameError : there is no such row, or none that the rule could judge.

    >>> from oxysim.trials.reporting.figure_table import figure_row, figure_table
    >>> figures = figure_table([figure_row([4.0, 4.1], n=6, target="C12")])
    >>> tables = Tables(figures, figures, {}, (), pool=1000, lost={}, seconds=0.0)
    >>> (row,) = answer(published("C12"), tables, [FigureKey(figures["quantity"][0])])
    >>> round(row.mean, 2), row.verdict.holds
    (4.05, True)
    """
    return tuple(
        judged(target, numbers) for numbers in answer_parts(target, tables, places, pooled=pooled)
    )


def answer_parts(
    target: Target, tables: Tables, places: Sequence[RowKey] = (), *, pooled: bool = True
) -> tuple[AnswerPart, ...]:
    """The rows of `tables` that answer a finding, not judged yet; arguments as for :func:`answer`.

    >>> from oxysim.trials.reporting.figure_table import figure_row, figure_table
    >>> figures = figure_table([figure_row([4.0, 4.1], n=6, target="C12")])
    >>> tables = Tables(figures, figures, {}, (), pool=1000, lost={}, seconds=0.0)
    >>> (part,) = answer_parts(published("C12"), tables, [FigureKey(figures["quantity"][0])])
    >>> part.statistic, part.n
    ('mean', 6)
    """
    rows = _rows(target, tables, places)
    if target.rule == "up / none":
        rows = _thirds(target, rows)
    return tuple(_part(target, row, tables, pooled) for row in rows)


def judged(target: Target, part: AnswerPart) -> JudgedRow:
    """A part of an answer with its verdict by the finding's rule.

    >>> part = AnswerPart("half-life", "mean", "", False, 9.0, 0.1, 8.8, 9.2, 6, 200)
    >>> judged(published("C12"), part).verdict.why
    '9 lies above [2, 5.7]'
    """
    return JudgedRow(
        part.label, part.statistic, part.mean, part.standard_error, part.low, part.high,
        part.n, part.replications, verdict_of(target, part),
    )  # fmt: skip


def imprecise(findings: Mapping[str, Sequence[RowKey]], tables: Tables, *, pooled: bool) -> bool:
    """Whether a number of a run lies inside its published interval and fails for its standard error
    alone.

    >>> from oxysim.trials.reporting.figure_table import figure_row, figure_table
    >>> figures = figure_table([figure_row([2.5, 5.5], n=6, target="C12")])
    >>> tables = Tables(figures, figures, {}, (), pool=1000, lost={}, seconds=0.0)
    >>> imprecise({"C12": [FigureKey(figures["quantity"][0])]}, tables, pooled=True)
    True
    """
    for name, places in findings.items():
        finding = published(name)
        if finding.rule != "number" or finding.interval is None:
            continue
        # Outside the interval a larger run would only be surer that it fails.
        low, high = finding.interval
        for row in answer(finding, tables, places, pooled=pooled):
            if low <= row.mean <= high and not row.verdict.holds:
                return True
    return False


def joint_verdict(rows: Sequence[JudgedRow]) -> Verdict:
    """All parts together: a finding holds where each of them does.

    >>> good = JudgedRow("a", "mean", 1.0, 0.1, 0.8, 1.2, 9, 9, Verdict(True, "inside"))
    >>> bad = good._replace(label="b", verdict=Verdict(False, "outside"))
    >>> joint_verdict([good, bad]).why
    'b: outside'
    """
    failing = [row for row in rows if not row.verdict.holds]
    # Where something fails, what holds beside it explains nothing.
    telling = failing or rows
    text = "; ".join(
        f"{row.label}: {row.verdict.why}" if len(rows) > 1 else row.verdict.why for row in telling
    )
    return Verdict(not failing, text)


def decisive_row(rows: Sequence[JudgedRow]) -> JudgedRow:
    """The part whose number stands for the finding: the first that fails, or else the first.

    >>> good = JudgedRow("a", "mean", 1.0, 0.1, 0.8, 1.2, 9, 9, Verdict(True, "inside"))
    >>> bad = good._replace(label="b", verdict=Verdict(False, "outside"))
    >>> decisive_row([good, bad]).label
    'b'
    """
    return next((row for row in rows if not row.verdict.holds), rows[0])


class _Row(NamedTuple):
    is_effect: bool
    cells: Mapping[str, Any]
    expected: str

    @property
    def label(self) -> str:
        return (
            f"{self.cells['outcome']}, {self.cells['contrast']}"
            if self.is_effect
            else str(self.cells["quantity"])
        )


def _rows(target: Target, tables: Tables, keys: Sequence[RowKey]) -> list[_Row]:
    if keys:
        return [_placed(key, tables) for key in keys]
    figures = _marked(tables.figures, target.id)
    effects = _marked(tables.effects, target.id)
    # A number is a row of figures where the protocol marks one, or else a standardised effect.
    wants_figures = target.rule in ("number", "count")
    chosen = figures if wants_figures and figures else effects
    if target.rule == "similar":  # the rows of likeness first: they are what the finding is about
        chosen = sorted(chosen, key=lambda cells: cells["expected"] != "similar")
    if not chosen:
        raise InputError(
            f"{target.id}: the protocol's tables have no row marked {target.id} that the rule"
            f" {target.rule!r} could judge"
        )
    # By identity: an empty list of figures equals one of effects.
    is_effect = chosen is not figures
    return [_Row(is_effect, cells, str(cells["expected"]) if is_effect else "") for cells in chosen]


def _marked(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    return table[table["target"] == name].to_dict("records") if len(table) else []


def _placed(key: RowKey, tables: Tables) -> _Row:
    """The row of the tables that a key names."""
    if isinstance(key, FigureKey):
        by_quantity = {str(cells["quantity"]): cells for cells in tables.figures.to_dict("records")}
        if key.quantity not in by_quantity:
            raise unknown_name(
                "quantity", key.quantity, by_quantity, "in the protocol's table of figures"
            )
        return _Row(False, by_quantity[key.quantity], "")
    # An outcome may stand in several rows, one a contrast.
    rows = tables.effects.to_dict("records")
    outcomes = {str(cells["outcome"]): cells for cells in rows}
    if key.outcome not in outcomes:
        raise unknown_name("outcome", key.outcome, outcomes, "in the protocol's table of effects")
    contrasts = {str(cells["contrast"]): cells for cells in rows if cells["outcome"] == key.outcome}
    if key.contrast not in contrasts:
        raise unknown_name("contrast", key.contrast, contrasts, f"of outcome {key.outcome!r}")
    # A table that makes no claim takes the one that the run states.
    cells = contrasts[key.contrast]
    if key.expected and key.expected not in EXPECTED:
        raise unknown_name("expectation", key.expected, EXPECTED)
    return _Row(True, cells, key.expected)


def _part(target: Target, row: _Row, tables: Tables, pooled: bool) -> AnswerPart:
    """One row's numbers, its error with that of what all replications share."""
    cells = row.cells
    keys = _keys(target, row)
    mean, error, low, high = (float(cells[key]) for key in keys)
    n, replications = int(cells["n"]), int(cells["replications"])
    # An error over replications alone would say nothing of another pool.
    error = _with_pool(error, row, keys[1], tables, pooled)
    # What the rules of signs, nulls and counts read; a table has what its kind of row needs.
    rule_cells = {name: float(cells.get(column, math.nan)) for name, column in _RULE_CELLS.items()}
    return AnswerPart(
        row.label, _statistic(row, keys[0]), row.expected, row.is_effect,
        mean, error, low, high, n, replications, **rule_cells,
    )  # fmt: skip


def _keys(target: Target, row: _Row) -> tuple[str, str, str, str]:
    """The columns of a number, its standard error and its interval over replications."""
    if not row.is_effect:
        return "simulated", "simulated_se", "simulated_low", "simulated_high"
    if target.unit in STANDARDISED:
        return "dz", "dz_se", "low", "high"
    return "difference", "difference_se", "difference_low", "difference_high"


def _statistic(row: _Row, key: str) -> str:
    """What the number of a row is: a mean over studies, a difference, or a standardised effect by
    its name.
    """
    if key == "dz":
        return "r" if row.cells["unit"] == "r" else "dz or d"
    return "difference" if key == "difference" else "mean"


def _thirds(target: Target, rows: Sequence[_Row]) -> list[_Row]:
    """The top and the bottom third of contact, one after the other."""
    ordered = []
    for third, expected in zip(THIRDS, ("up", "none"), strict=True):
        chosen = [row for row in rows if third in str(row.cells.get("outcome", ""))]
        if len(chosen) != 1:
            raise InputError(f"{target.id}: expected one row of the {third}; found {len(chosen)}")
        ordered.append(chosen[0]._replace(expected=expected))
    return ordered


def _with_pool(error: float, row: _Row, key: str, tables: Tables, pooled: bool) -> float:
    """The standard error over replications, with that of the pool or cohort that they share."""
    n, replications = int(row.cells["n"]), int(row.cells["replications"])
    # In parallel arms the trial itself knows how far another pool would move the effect.
    of_pool = row.cells.get(POOL_ERRORS.get(key, ""), math.nan)
    if not pooled:
        return error if math.isnan(of_pool) else math.hypot(error, of_pool)
    if tables.pool:
        return error * _widened(n, replications, tables.pool)
    # a cohort is cut into disjoint parts where it is large enough, and then adds nothing
    shared = tables.cohort if n * replications > tables.cohort else 0
    return error * _widened(n, replications, shared)


def _widened(n: int, replications: int, pool: int) -> float:
    """What the standard error over replications is multiplied by where they share a pool.

    With s the spread between studies of new dyads, two studies of n out of the same pool have
    s²·n/pool of their variance in common, which no number of replications removes; and they differ
    from each other by s²·(1 - n/pool) only. That is exact where all of s comes from dyads, and an
    upper bound where measurement brings part of it, which is drawn anew in each replication.
    """
    if not pool:
        return 1.0
    # of a pool that every study takes whole, nothing tells how far another pool would be: one dyad
    # fewer stands for it
    taken = min(n, pool - 1) if pool > 1 else 1
    return math.sqrt((1 + taken * (replications - 1) / pool) / max(1 - taken / pool, 1 / pool))
