from oxysim.fitting.predictions import SamplePoints, dyads_with, expected_readings, readings_of

__all__ = ["SamplePoints", "dyads_with", "expected_readings", "readings_of"]
