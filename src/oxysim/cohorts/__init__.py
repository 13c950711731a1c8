"""Cohorts: dyads followed for months from birth, visited on single days, and read
by instruments.
"""

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow, visit
from oxysim.cohorts.trajectory_classes import course_classes

__all__ = ["Cohort", "course_classes", "follow", "visit"]


def __dir__() -> list[str]:
    """The public names alone: modules that happen to be loaded are no part of the door."""
    return sorted(__all__)
