from oxysim.ensembles.ensemble import Ensemble
from oxysim.ensembles.members.asked_members import MemberAnswers
from oxysim.ensembles.observed_rows import ObservedRow
from oxysim.ensembles.predictions import Prediction
from oxysim.ensembles.prior_table import PriorTable
from oxysim.ensembles.priors import Prior
from oxysim.ensembles.structures import Structure

__all__ = [
    "Ensemble",
    "MemberAnswers",
    "ObservedRow",
    "Prediction",
    "Prior",
    "PriorTable",
    "Structure",
]
