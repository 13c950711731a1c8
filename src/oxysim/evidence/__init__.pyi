from oxysim.evidence.board.scoreboard import scoreboard
from oxysim.evidence.board.scoreboard_table import Scoreboard
from oxysim.evidence.correlations.trait_or_edge_table import TraitOrEdge, trait_or_edge
from oxysim.evidence.designs.informative import Informative, informative
from oxysim.evidence.designs.study_figures import StudyFigures
from oxysim.evidence.ensemble_board.ensemble_scoreboard import (
    EnsembleScoreboard,
    ensemble_scoreboard,
)
from oxysim.evidence.lives.after_selection import after_selection
from oxysim.evidence.lives.face_validity import FaceValidity, face_validity
from oxysim.evidence.lives.life import Life
from oxysim.findings.published import Target, read_targets, target, targets

__all__ = [
    "EnsembleScoreboard",
    "FaceValidity",
    "Informative",
    "Life",
    "Scoreboard",
    "StudyFigures",
    "Target",
    "TraitOrEdge",
    "after_selection",
    "ensemble_scoreboard",
    "face_validity",
    "informative",
    "read_targets",
    "scoreboard",
    "target",
    "targets",
    "trait_or_edge",
]
