"""Times to an event.

- ``time_to_event``: who reached an event when; the log-rank test.
- ``survival_models``: hazard ratio, Kaplan and Meier's curve, restricted mean.
"""
