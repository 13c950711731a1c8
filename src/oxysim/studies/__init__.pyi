from oxysim.studies.study_file import StudyFile, read_source, read_study
from oxysim.studies.trial_file import TrialFile, read_trial

__all__ = ["StudyFile", "TrialFile", "read_source", "read_study", "read_trial"]
