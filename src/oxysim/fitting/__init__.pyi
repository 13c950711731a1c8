from oxysim.fitting.fits import fit
from oxysim.fitting.hierarchy.hierarchical_fit import HierarchicalFit
from oxysim.fitting.persons.free_parameters import FreeParameter, free_parameters
from oxysim.fitting.predictions import SamplePoints, dyads_with, expected_readings, readings_of
from oxysim.fitting.search.posterior import Posterior
from oxysim.fitting.search.profiles import Profile
from oxysim.fitting.separate_fits import SeparateFits
from oxysim.fitting.single_fit import Fit

__all__ = [
    "Fit",
    "FreeParameter",
    "HierarchicalFit",
    "Posterior",
    "Profile",
    "SamplePoints",
    "SeparateFits",
    "dyads_with",
    "expected_readings",
    "fit",
    "free_parameters",
    "readings_of",
]
