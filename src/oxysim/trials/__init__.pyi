from oxysim.statistics.individual_effects import individual
from oxysim.trials.ensembles.assurance import Assurance
from oxysim.trials.ensembles.ensemble_trial import EnsembleTrial, EnsembleTrialResult
from oxysim.trials.gaussian import Gaussian
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import Blocked, Simple, Stratified
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.power_analysis import power
from oxysim.trials.power_over_n import PowerCurve
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import correlated, paired, unpaired
from oxysim.trials.trial import Trial
from oxysim.trials.trial_result import TrialResult

__all__ = [
    "Adherence",
    "Assurance",
    "Blinded",
    "Blocked",
    "Crossover",
    "Dropout",
    "Endpoint",
    "EnsembleTrial",
    "EnsembleTrialResult",
    "Factorial",
    "Gaussian",
    "Open",
    "Parallel",
    "PowerCurve",
    "ProtocolReport",
    "Simple",
    "Stratified",
    "Trial",
    "TrialResult",
    "Visit",
    "correlated",
    "individual",
    "paired",
    "power",
    "unpaired",
]
