"""Figures of a user's own data held against the model.

- ``residual_panels``: residuals over time, over what is expected, and their distribution.
- ``predictive_bands``: percentiles of the data over those of simulated studies.
- ``identifiability_bars``: what samples leave of each parameter's spread.
- ``sampling_time_curves``: which times tell most, beside a plan.

Data over courses are drawn by ``courses``.
"""
