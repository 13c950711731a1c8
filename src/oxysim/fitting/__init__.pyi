from oxysim.fitting.fits import fit
from oxysim.fitting.free_parameters import FreeParameter
from oxysim.fitting.posterior import Posterior
from oxysim.fitting.predictions import SamplePoints, dyads_with, expected_readings, readings_of
from oxysim.fitting.profiles import Profile
from oxysim.fitting.separate_fits import SeparateFits
from oxysim.fitting.single_fit import Fit

__all__ = [
    "Fit",
    "FreeParameter",
    "Posterior",
    "Profile",
    "SamplePoints",
    "SeparateFits",
    "dyads_with",
    "expected_readings",
    "fit",
    "readings_of",
]
