"""Published findings that a protocol answers: the figures, their intervals, the rule of agreement
and the citation.

They live in ``data/targets.csv``, once; protocols, their tables and the scoreboard read them here,
and a user's own findings are read from a file of the same columns. ``use`` says how far a row is
evidence: ``input`` set a parameter, ``fit`` a calibration may read, ``built_in`` the mechanism was
written to have (a regression test), ``survey`` is scored on the half of a survey that no fit saw,
``check`` nobody wrote in and nobody fits; ``own`` is a user's row.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from oxysim.checks import choice, file_path, instance, number, whole_number
from oxysim.documents import LARGEST_TABLE, parse_rows, read_text
from oxysim.errors import InputError, OxysimError
from oxysim.findings.agreement import RULES

USES = ("input", "fit", "built_in", "survey", "check", "own")
PROTOCOL_NUMBERS = range(1, 16)
# What the figure of a user's row must be under a rule that reads it, and the rules that need both
# ends of an interval.
_DIRECTIONS = {"sign": ("up", "down"), "up / none": ("up / none",)}
_BOUNDED = ("number", "null", "similar")


@dataclass(frozen=True, repr=False)
class Target:
    """One published finding.

    Attributes
    ----------
    id : its name; no two rows share one.
    use : how far it is evidence (see the module).
    quantity, unit, population : what was found, in which unit, in whom.
    figure : the published value in words or digits.
    low, high : the closed interval for agreement, in ``unit``; None where the rule needs none.
    n : the published number of participants; None where it was not found.
    protocol : the number, 1 to 15, of the protocol that answers it.
    rule : how it is judged, one of ``findings.agreement.RULES``.
    interval_from : where the interval comes from; "" where there is none.
    source, status : the citation, and how well the figure is known.
    outcome, contrast : for a user's row, the row of the protocol's table of effects that answers
        it.
    answer : for a user's row, the quantity in the protocol's table of figures that answers it.
    run : for a user's row, which run of the protocol is meant where there are several; "" for any.

    Raises
    ------
    InputError, UnknownNameError : a field is empty, of no known kind, or contradicts another.

    >>> target("C6").rule
    'number'
    """

    id: str
    use: str
    quantity: str
    figure: str
    low: float | None
    high: float | None
    unit: str
    population: str
    n: int | None
    protocol: int
    rule: str
    interval_from: str
    source: str
    status: str
    outcome: str = ""
    contrast: str = ""
    answer: str = ""
    run: str = ""

    def __post_init__(self) -> None:
        self._require_kinds()
        choice(self.use, "use", USES)
        choice(self.rule, "rule", RULES)
        whole_number(self.protocol, "protocol", PROTOCOL_NUMBERS[0], PROTOCOL_NUMBERS[-1])
        self._require_interval()
        self._require_figure()
        if bool(self.outcome) and bool(self.answer):
            raise InputError(
                "outcome and answer: expected one of the two, a row of effects or one of figures"
            )
        if bool(self.outcome) != bool(self.contrast):
            raise InputError(
                "outcome and contrast: expected both, they name one row of the table of effects"
                " together"
            )

    def _require_kinds(self) -> None:
        """Raise unless every field is of its kind; what a file leaves empty is an empty text or
        None.
        """
        for field in ("interval_from", "outcome", "contrast", "answer", "run"):
            instance(getattr(self, field), field, str, "a text")
        for field in ("id", "quantity", "figure", "unit", "population", "source", "status"):
            if not instance(getattr(self, field), field, str, "a text").strip():
                raise InputError(f"{field}: expected a text; found nothing")
        for field in ("low", "high"):
            if getattr(self, field) is not None:
                number(getattr(self, field), field)
        if self.n is not None:
            whole_number(self.n, "n", 2)

    def __repr__(self) -> str:
        # a finding kept for a check is not shown by whoever prints what a function was given
        return f"Target({self.id!r}, use={self.use!r}, rule={self.rule!r})"

    @property
    def interval(self) -> tuple[float, float] | None:
        """The closed interval for agreement; None where an end is open.

        >>> low, high = target("C12").interval
        >>> low < high
        True
        """
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def counted(self) -> int:
        """The published count, for the rule "count": the whole number that ``figure`` begins
        with.
        """
        # "7 of 12" counts 7: the figure is as it was published
        digits = re.match(r"\d+", self.figure)
        if digits is None:
            raise InputError(f"{self.id}: figure: expected a whole number; found {self.figure!r}")
        return int(digits.group())

    def holds(self, value: float) -> bool:
        """Whether `value` lies inside the interval; an open end does not bound it.

        >>> target("C12").holds(1e6)
        False
        """
        value = number(value, "value")
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)

    def _require_interval(self) -> None:
        for name in ("low", "high"):
            end = getattr(self, name)
            # a sign needs no interval, a number and a null do
            if end is None and self.rule in _BOUNDED:
                raise InputError(
                    f"{name}: the rule {self.rule!r} needs both ends of an interval; found nothing"
                )
            if end is not None and not math.isfinite(end):
                raise InputError(f"{name}: expected a finite number; found {end}")
        if self.interval is not None and not self.interval[0] <= self.interval[1]:
            raise InputError(
                f"low and high: expected low <= high; found {self.low:g} and {self.high:g}"
            )

    def _require_figure(self) -> None:
        """What the rule reads from the figure is there; a packaged sign may be one in words, with
        an answer of its own.
        """
        # packaged rows say their sign in words; a user's row is read by a machine
        allowed = _DIRECTIONS.get(self.rule, ())
        if self.rule == "count" and not re.match(r"\d+", self.figure):
            raise InputError(
                "figure: the rule 'count' needs a figure that begins with a whole number"
            )
        if allowed and self.outcome and self.figure not in allowed:
            raise InputError(
                f"figure: the rule {self.rule!r} needs {' or '.join(allowed)}; found"
                f" {self.figure!r}"
            )


@functools.cache
def targets() -> Mapping[str, Target]:
    """Every stored finding by its id, for instance ``C7a``.

    >>> "C7a" in targets()
    True
    """
    # the package's own data, also when it is installed as an archive
    text = resources.files("oxysim").joinpath("data/targets.csv").read_text(encoding="utf-8")
    return MappingProxyType(_parsed(text, "data/targets.csv"))


def target(name: str) -> Target:
    """One finding by its id; an unknown id raises with the nearest three.

    >>> target("C6").protocol
    5
    """
    return targets()[choice(name, "published finding", targets())]


def read_targets(path: str | Path) -> Mapping[str, Target]:
    """A user's own findings by id, from a CSV file with the columns of ``data/targets.csv``.

    The columns ``outcome`` and ``contrast`` name the row of the protocol's table of effects that
    answers a finding; or ``answer`` names the quantity in its table of figures; ``run`` says which
    run of the protocol is meant.

    Raises
    ------
    InputError : no such file, a column that is missing or unknown, or a row with a wrong field; the
        message names the file, the line, the id and the field.

    The packaged table is such a file:

    >>> from importlib import resources
    >>> read_targets(Path(str(resources.files("oxysim") / "data" / "targets.csv")))["C12"].figure
    '3.2'
    """
    file = file_path(path, "path", "the path of a CSV file of findings")
    text = read_text(file, str(file), LARGEST_TABLE, "a CSV file of findings")
    findings = _parsed(text, str(file))
    if not findings:
        raise InputError(f"{file}: expected at least one finding below the header; found none")
    return MappingProxyType(findings)


def _parsed(text: str, name: str) -> dict[str, Target]:
    """Findings by id, from the text of a table whose columns are the fields of `Target`."""
    # the reader of all tables, so that errors have file and line
    rows = parse_rows(text, name)
    columns = fields(Target)
    # columns with a default belong to a user's file, and may be left out
    required = tuple(column.name for column in columns if column.default is MISSING)
    rows.require_columns(tuple(column.name for column in columns), required)

    findings: dict[str, Target] = {}
    for line, cells in rows:
        position = f"{name}, line {line}, row {cells['id'] or '(no id)'!r}"
        finding = _target(cells, position)
        if finding.id in findings:
            raise InputError(
                f"{position}: id: stands twice in the file; every finding needs its own"
            )
        findings[finding.id] = finding
    return findings


def _target(cells: Mapping[str, str], position: str) -> Target:
    """One row as a finding; every complaint begins with where it stands."""
    try:
        ends = {name: _number(cells, name, float) for name in ("low", "high")}
        # an empty cell is None, and None is what a number may not be
        n, protocol = _number(cells, "n", int), _number(cells, "protocol", int)
        if protocol is None:
            raise InputError("protocol: expected a number from 1 to 15; found nothing")
        return Target(**{**cells, **ends, "n": n, "protocol": protocol})  # type: ignore[arg-type]
    except OxysimError as error:
        raise InputError(f"{position}: {error}") from None


def _number(cells: Mapping[str, str], name: str, kind: type) -> float | None:
    """The number in a cell; None where it is empty."""
    if not cells[name]:
        return None
    try:
        return kind(cells[name])
    except ValueError:
        expected = "a whole number" if kind is int else "a number"
        raise InputError(f"{name}: expected {expected}; found {cells[name]!r}") from None
