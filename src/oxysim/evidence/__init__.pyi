from oxysim.evidence.board.scoreboard import scoreboard
from oxysim.evidence.board.scoreboard_table import Scoreboard
from oxysim.findings.published import Target, read_targets, target, targets

__all__ = ["Scoreboard", "Target", "read_targets", "scoreboard", "target", "targets"]
