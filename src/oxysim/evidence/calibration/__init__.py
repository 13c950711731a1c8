"""Fitting a population to published findings of use ``fit``, on averaged days.

- ``least_squares``: the fit itself.
- ``averaged_cohort``: courses of a cohort in seconds.
- ``daily_life_draws``: the noise of their daily life.
"""
