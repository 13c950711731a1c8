from oxysim.measures.instrument_files import read_instruments
from oxysim.measures.instrument_model import Instrument, MeasurementNoise
from oxysim.measures.instrument_names import INSTRUMENTS, instrument
from oxysim.measures.measuring import instrument_table, measure
from oxysim.measures.plates.elisa_plate import ElisaPlate, Well
from oxysim.measures.plates.plate_files import read_plate
from oxysim.measures.plates.standard_curve import StandardCurve, fitted_curve
from oxysim.measures.preference import conditioned_preference
from oxysim.measures.readings import NoiseKey, read
from oxysim.measures.user_instruments import instrument_of_row, user_instrument

__all__ = [
    "INSTRUMENTS",
    "ElisaPlate",
    "Instrument",
    "NoiseKey",
    "MeasurementNoise",
    "StandardCurve",
    "Well",
    "conditioned_preference",
    "fitted_curve",
    "instrument",
    "instrument_of_row",
    "instrument_table",
    "measure",
    "read",
    "read_instruments",
    "read_plate",
    "user_instrument",
]
