"""Figures: each function takes a result or its numbers and an ``ax``, and returns the axes (or a figure of panels).

The only place that imports matplotlib. Styles apply to the figure at hand; the global settings stay as they are.
"""

from oxysim.plots.arms import compare, small_multiples
from oxysim.plots.day_schedule import day_schedule
from oxysim.plots.effect_table import effect_table
from oxysim.plots.individual_differences import individual_differences
from oxysim.plots.loop_diagram import loop_diagram
from oxysim.plots.one_at_a_time import one_at_a_time
from oxysim.plots.quantile_bands import quantile_bands
from oxysim.plots.sweep_line import sweep_line
from oxysim.plots.sweep_map import sweep_map
from oxysim.plots.sweep_panels import sweep_panels
from oxysim.plots.time_course import time_course, time_courses

__all__ = [
    "compare", "day_schedule", "effect_table", "individual_differences", "loop_diagram", "one_at_a_time",
    "quantile_bands", "small_multiples", "sweep_line", "sweep_map", "sweep_panels", "time_course", "time_courses",
]  # fmt: skip
