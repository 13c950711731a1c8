from oxysim.measures.instrument_model import Instrument, MeasurementNoise
from oxysim.measures.measuring import instrument_table, measure
from oxysim.measures.preference import conditioned_preference
from oxysim.measures.readings import INSTRUMENTS, NoiseKey, instrument, read

__all__ = [
    "INSTRUMENTS",
    "Instrument",
    "NoiseKey",
    "MeasurementNoise",
    "conditioned_preference",
    "instrument",
    "instrument_table",
    "measure",
    "read",
]
