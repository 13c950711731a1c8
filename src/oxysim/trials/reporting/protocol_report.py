"""What a protocol returns: what was asked, how it was studied, and the tables that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from oxysim.arrays import FloatArray
from oxysim.simulation.results.result import Result
from oxysim.texts import Described, listed
from oxysim.trials.reporting.figure_table import figure_table, figures_text
from oxysim.trials.reporting.table_of_effects import table_text


@dataclass(frozen=True, eq=False)
class ProtocolReport(Described):
    """What a published protocol returns: its design, effects, figures and readings.

    Attributes
    ----------
    name, question : what was asked.
    design : what was planned, in words; entries that the publication does not give end in
        "(assumed)".
    effects : the effect table, one row an outcome and contrast (see
        ``trials.reporting.table_of_effects``).
    arms : the simulated arms by name; their dyads are the pool from which replications are drawn.
    readings : what the study read, by "outcome | arm", shape (replications, n).
    assumptions : sentences a reader must know before using the table.
    figures : single numbers against published ones (see
        ``trials.reporting.figure_table.figure_row``); empty where there are none.

    >>> from oxysim.trials.reporting.table_of_effects import effect_table
    >>> ProtocolReport("Spray", "Does it rise?", {}, effect_table([]), {}, {})
    Protocol report 'Spray': Does it rise?; effects none; figures none; report() says all.
    """

    name: str
    question: str
    design: Mapping[str, str]
    effects: pd.DataFrame
    arms: Mapping[str, Result]
    readings: Mapping[str, FloatArray]
    assumptions: Sequence[str] = field(default=())
    figures: pd.DataFrame = field(default_factory=figure_table)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What was asked, and how many rows answer it."""
        return f"Protocol report {self.name!r}", [
            ("", self.question),
            ("effects", listed(self.effects["outcome"].unique()) if len(self.effects) else "none"),
            ("figures", listed(self.figures["quantity"]) if len(self.figures) else "none"),
            ("", "report() says all"),
        ]

    def report(self) -> str:
        """The report in plain text: question, design, effects and figures, assumptions, failed
        dyads.
        """
        lines = [self.name, self.question, ""]
        lines += [f"  {key}: {value}" for key, value in self.design.items()]

        # Tables without a row are left out, with the empty line above them.
        lines += ["", table_text(self.effects)] if len(self.effects) else []
        lines += ["", figures_text(self.figures)] if len(self.figures) else []

        lines += [""]
        lines += [f"  - {sentence}" for sentence in self.assumptions]
        # a dyad that failed is missing from its arm, and a reader must know
        failed = {arm: len(result.reasons) for arm, result in self.arms.items() if result.reasons}
        lines += [
            f"  - {number} dyads failed in arm {arm!r} and are missing from it"
            for arm, number in failed.items()
        ]
        return "\n".join(lines)
