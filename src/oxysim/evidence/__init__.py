"""Published findings against simulated ones: the scoreboard."""

from oxysim.evidence.board.scoreboard import scoreboard
from oxysim.evidence.board.scoreboard_table import Scoreboard
from oxysim.findings.published import Target, read_targets, target, targets

__all__ = ["Scoreboard", "Target", "read_targets", "scoreboard", "target", "targets"]


def __dir__() -> list[str]:
    """The public names alone: modules that happen to be loaded are no part of the door."""
    return sorted(__all__)
