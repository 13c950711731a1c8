"""What a scoreboard is: a table in blocks, a header, and their forms on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from oxysim.checks import choice, writable_file
from oxysim.evidence.board.answers import Tables
from oxysim.evidence.board.report import counts, markdown, plain_text
from oxysim.findings.published import USES

# The order of the CSV file, which users read by name.
COLUMNS = (
    "id",
    "use",
    "quantity",
    "unit",
    "population",
    "published",
    "low",
    "high",
    "interval_from",
    "simulated",
    "statistic",
    "simulated_se",
    "simulated_low",
    "simulated_high",
    "n",
    "replications",
    "rule",
    "holds",
    "why",
    "assumed_share",
    "protocol",
    "run",
    "parameter_set",
    "source",
    "status",
)
# numbers, even where nothing ran and all of them are missing
_NUMBERS = (
    "low",
    "high",
    "simulated",
    "simulated_se",
    "simulated_low",
    "simulated_high",
    "assumed_share",
)
# counts may be missing, which only pandas' own whole numbers can hold
TYPES = {**dict.fromkeys(_NUMBERS, "float64"), "n": "Int64", "replications": "Int64"}
"""Types of the columns with numbers, the same whether some rows were not run or all were."""


@dataclass(frozen=True, eq=False)
class Scoreboard:
    """Published findings beside simulated ones.

    Attributes
    ----------
    table : one row a finding: the published figure and interval, the simulated mean with its Monte
        Carlo standard error and its central 95 % over replications, the rule, whether it ``holds``
        ("yes", "no" or "not run") and why, the share of assumed parameters on the way, the
        fingerprint of the parameter set.
    header : what a reader must know before the table, as name -> text.
    runs : what each run left: its tables, its design, its assumptions, its failures, how long it
    took.

    >>> table = pd.DataFrame({"id": ["C12"], "use": ["input"], "holds": ["yes"]})
    >>> Scoreboard(table, {"mode": "quick"}, {}).block("input")["id"].tolist()
    ['C12']
    """

    table: pd.DataFrame
    header: Mapping[str, str]
    runs: Mapping[str, Tables]

    @property
    def seconds(self) -> dict[str, float]:
        """How long each run took."""
        return {name: tables.seconds for name, tables in self.runs.items()}

    def counts(self) -> dict[str, tuple[int, int]]:
        """Block -> (rows that hold, rows); a row that was not run does not hold.

        >>> table = pd.DataFrame({"id": ["C12"], "use": ["input"], "holds": ["yes"]})
        >>> Scoreboard(table, {"mode": "quick"}, {}).counts()
        {'input': (1, 1)}
        """
        return counts(self.table)

    def text(self) -> str:
        """The header, a block for each use with its own count, and what fails and why, for a
        terminal.
        """
        return plain_text(self.table, self.header)

    def markdown(self) -> str:
        """The same as a page of the docs, without a date: the same run gives the same page."""
        return markdown(self.table, self.header, self.runs)

    def block(self, use: str) -> pd.DataFrame:
        """The rows of one block, in their order."""
        return self.table[self.table["use"] == choice(use, "use", USES)]

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV, its header in lines that begin with "#" above it.

        >>> table = pd.DataFrame({"id": ["C12"], "use": ["input"], "holds": ["yes"]})
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Scoreboard(table, {"mode": "quick"}, {}).to_csv(Path(folder) / "board.csv")
        ...     (Path(folder) / "board.csv").read_text().splitlines()
        ['# mode: quick', 'id,use,holds', 'C12,input,yes']
        """
        # pandas reads the file with comment="#".
        lines = [f"# {name}: {text}" for name, text in self.header.items()]
        # pandas would write the system's own line end, which the file then adds again
        body = self.table.to_csv(index=False, lineterminator="\n")
        writable_file(path, "path").write_text("\n".join([*lines, body]), encoding="utf-8")
