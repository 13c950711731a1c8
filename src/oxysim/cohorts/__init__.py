"""Cohorts: dyads followed for months from birth, visited on single days, and read by instruments.

cohort                     courses of variables by dyad and time, and readings of them
cohort_view                what an instrument reads from
follow_up                  follow dyads for months; visit them on one day
several_cohorts            whether cohorts go together; several as one
cross_sectional_measures   what a cross-section measures
trajectory_classes         classes of courses of depression

>>> from oxysim import Dyad, cohorts
>>> newborns = Dyad(infant_age="0 d").repeat(2)
>>> cohort = cohorts.follow(newborns, until="2 d", every="1 d", progress=False)
>>> (cohort.times / 1440).tolist()  # days of age at which slow states were kept
[0.0, 1.0, 2.0]
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
