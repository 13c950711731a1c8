from oxysim.observations.observations import Observations
from oxysim.observations.reading_report import ReadingReport

__all__ = ["Observations", "ReadingReport"]
