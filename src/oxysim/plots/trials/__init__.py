"""Figures of trials: effects, arms over visits, individual differences, power.

In reading order:

- ``trial_panels``: a whole trial in one figure.
- ``forest``, ``effect_table``: effects with their intervals, an outcome a row.
- ``arms_over_time``: what an instrument reads at every visit, an arm a line.
- ``waterfall``, ``individual_differences``: the effect on each dyad, and who responded.
- ``responses``: what counts as a response.
- ``power_curve``, ``assurance_curve``: power over the number of participants; its mean over the
  members of an ensemble.
- ``epds_courses``: depression in a birth cohort, by class of course.
"""
