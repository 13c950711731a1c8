"""Trials: designs, what they find and how sure it is, and the published protocols as ready functions."""

from oxysim.statistics.individual_effects import individual
from oxysim.trials.allocation import Blocked, Simple, Stratified
from oxysim.trials.cohort import Cohort
from oxysim.trials.courses import course_classes
from oxysim.trials.design import Crossover, Factorial, Parallel
from oxysim.trials.dropout import Dropout
from oxysim.trials.effects import correlated, paired, unpaired
from oxysim.trials.endpoints import Endpoint
from oxysim.trials.following import follow, visit
from oxysim.trials.gaussian import Gaussian
from oxysim.trials.given import Adherence, Blinded, Open
from oxysim.trials.power import PowerCurve, power
from oxysim.trials.study import Study
from oxysim.trials.trial import Trial
from oxysim.trials.trial_result import TrialResult
from oxysim.trials.visits import Visit

__all__ = [
    "Adherence", "Blinded", "Blocked", "Cohort", "Crossover", "Dropout", "Endpoint", "Factorial", "Gaussian", "Open",
    "Parallel", "PowerCurve", "Simple", "Stratified", "Study", "Trial", "TrialResult", "Visit", "correlated",
    "course_classes", "follow", "individual", "paired", "power", "unpaired", "visit",
]  # fmt: skip


def __dir__() -> list[str]:
    """The public names alone: modules that happen to be loaded are no part of the door."""
    return sorted(__all__)
