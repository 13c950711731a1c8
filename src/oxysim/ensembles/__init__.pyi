from oxysim.ensembles.conditioning import (
    ConditionedStructure,
    condition,
    full_model_correction,
    member_counts,
    structure_shares,
)
from oxysim.ensembles.emulator import QuadraticEmulator, fit_emulator
from oxysim.ensembles.ensemble import Ensemble
from oxysim.ensembles.forward_runs import ForwardModel, Runs, run_candidates
from oxysim.ensembles.kalman_smoother import SmoothedEnsemble, smooth_ensemble
from oxysim.ensembles.observed_rows import Errors, ObservedRow
from oxysim.ensembles.posterior_chain import Chain, log_evidence, sample_chain
from oxysim.ensembles.predictions import Prediction
from oxysim.ensembles.prior_table import PriorTable
from oxysim.ensembles.priors import Prior
from oxysim.ensembles.structures import Structure

__all__ = [
    "Chain",
    "ConditionedStructure",
    "Ensemble",
    "Errors",
    "ForwardModel",
    "ObservedRow",
    "Prediction",
    "Prior",
    "PriorTable",
    "QuadraticEmulator",
    "Runs",
    "SmoothedEnsemble",
    "Structure",
    "condition",
    "fit_emulator",
    "full_model_correction",
    "log_evidence",
    "member_counts",
    "run_candidates",
    "sample_chain",
    "smooth_ensemble",
    "structure_shares",
]
