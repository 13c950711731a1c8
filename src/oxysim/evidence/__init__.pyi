from oxysim.evidence.board.scoreboard import scoreboard
from oxysim.evidence.board.scoreboard_table import Scoreboard
from oxysim.evidence.designs.informative import Informative, informative
from oxysim.evidence.designs.study_figures import StudyFigures
from oxysim.evidence.lives.after_selection import after_selection
from oxysim.evidence.lives.face_validity import FaceValidity, face_validity
from oxysim.evidence.lives.life import Life
from oxysim.findings.published import Target, read_targets, target, targets

__all__ = [
    "FaceValidity",
    "Informative",
    "Life",
    "Scoreboard",
    "StudyFigures",
    "Target",
    "after_selection",
    "face_validity",
    "informative",
    "read_targets",
    "scoreboard",
    "target",
    "targets",
]
