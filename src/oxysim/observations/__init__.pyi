from oxysim.observations.observations import Observations
from oxysim.observations.questionnaire_forms import read_forms
from oxysim.observations.reading_report import ReadingReport
from oxysim.observations.sample_tables import read_samples
from oxysim.observations.sampled_curve_figures import noncompartmental

__all__ = ["Observations", "ReadingReport", "noncompartmental", "read_forms", "read_samples"]
