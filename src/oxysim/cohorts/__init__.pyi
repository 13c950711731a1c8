from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow, visit
from oxysim.cohorts.trajectory_classes import course_classes

__all__ = ["Cohort", "course_classes", "follow", "visit"]
