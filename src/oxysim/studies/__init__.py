"""Study files: a whole study as a TOML text, read strictly and never evaluated."""

from oxysim.studies.study_file import StudyFile, read_source, read_study

__all__ = ["StudyFile", "read_source", "read_study"]
