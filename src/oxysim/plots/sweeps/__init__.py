"""Figures of sweeps: an outcome along one axis, over two, in panels, and its spread.

The figures, in reading order:

- ``sweep_line``: an outcome along one axis.
- ``sweep_map``: over two axes, as cells or points.
- ``sweep_panels``: maps for each value of a third axis.
- ``quantile_bands``: its spread over dyads, seeds or a sample.
- ``one_at_a_time``: how far each axis by itself moves it.

What they share:

- ``outcome_reading``: from a result to the outcome that is drawn.
- ``axis_roles``: which of its axes is x, y, hue or the panels' own.
- ``swept``: the outcome, which of its runs have a value, and its name.
- ``sweep_axis``: an axis's places, scale, ticks and label.
- ``sweep_curves``, ``sweep_marks``: curves and bands; colours, runs without a value, legends.
"""
