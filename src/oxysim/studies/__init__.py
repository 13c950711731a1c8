"""Study files: a whole study as a TOML text, read strictly and never evaluated."""

from oxysim.studies.study_file import StudyFile, read_source, read_study
from oxysim.studies.trial_file import TrialFile, read_trial

__all__ = ["StudyFile", "TrialFile", "read_source", "read_study", "read_trial"]


def __dir__() -> list[str]:
    """The public names alone: modules that happen to be loaded are no part of the door."""
    return sorted(__all__)
