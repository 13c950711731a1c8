from oxysim.fitting.comparison.predictive_check import PredictiveCheck, predictive_check
from oxysim.fitting.comparison.residuals import Residuals, residuals
from oxysim.fitting.comparison.simulated_studies import SimulatedStudies, simulate_studies
from oxysim.fitting.comparison.study_findings import StudyFinding, compare_findings
from oxysim.fitting.fits import fit
from oxysim.fitting.hierarchy.hierarchical_fit import HierarchicalFit
from oxysim.fitting.identifiability import Identifiability, identifiability_of
from oxysim.fitting.persons.free_parameters import FreeParameter, free_parameters
from oxysim.fitting.sample_predictions import (
    SamplePoints,
    dyads_with,
    expected_readings,
    readings_of,
)
from oxysim.fitting.sampling.sample_grid import SampleGrid, feasible_times
from oxysim.fitting.sampling.sampling_design import SamplingDesign
from oxysim.fitting.sampling.sampling_times import d_optimal_times, t_optimal_times
from oxysim.fitting.search.posterior import Posterior
from oxysim.fitting.search.profiles import Profile
from oxysim.fitting.separate_fits import SeparateFits
from oxysim.fitting.single_fit import Fit

__all__ = [
    "Fit",
    "FreeParameter",
    "HierarchicalFit",
    "Identifiability",
    "Posterior",
    "PredictiveCheck",
    "Profile",
    "Residuals",
    "SampleGrid",
    "SamplePoints",
    "SamplingDesign",
    "SeparateFits",
    "SimulatedStudies",
    "StudyFinding",
    "compare_findings",
    "d_optimal_times",
    "dyads_with",
    "expected_readings",
    "feasible_times",
    "fit",
    "free_parameters",
    "identifiability_of",
    "predictive_check",
    "readings_of",
    "residuals",
    "simulate_studies",
    "t_optimal_times",
]
