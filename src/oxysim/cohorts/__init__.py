"""Cohorts: dyads followed for months from birth, visited on single days, and read by instruments.

cohort                     courses of variables by dyad and time, and readings of them
cohort_view                what an instrument reads from
follow_up                  follow dyads for months; visit them on one day
several_cohorts            whether cohorts go together; several as one
cross_sectional_measures   what a cross-section measures
trajectory_classes         classes of courses of depression
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
