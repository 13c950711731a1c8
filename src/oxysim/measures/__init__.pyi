from oxysim.measures.instrument_model import Instrument, Noise
from oxysim.measures.measuring import instrument_table, measure
from oxysim.measures.preference import conditioned_preference
from oxysim.measures.readings import INSTRUMENTS, Luck, instrument, read

__all__ = [
    "INSTRUMENTS",
    "Instrument",
    "Luck",
    "Noise",
    "conditioned_preference",
    "instrument",
    "instrument_table",
    "measure",
    "read",
]
