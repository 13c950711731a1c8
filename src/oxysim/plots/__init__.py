"""Figures: each function takes a result or its numbers and an ``ax``, and returns the axes (or a figure of panels).

The only place that imports matplotlib. Styles apply to the figure at hand; the global settings stay as they are.
"""

from oxysim.plots.arms import compare, small_multiples
from oxysim.plots.day_schedule import day_schedule
from oxysim.plots.effect_table import effect_table
from oxysim.plots.individual_differences import individual_differences
from oxysim.plots.loop_diagram import loop_diagram
from oxysim.plots.time_course import time_course, time_courses

__all__ = [
    "compare", "day_schedule", "effect_table", "individual_differences", "loop_diagram", "small_multiples",
    "time_course", "time_courses",
]  # fmt: skip
