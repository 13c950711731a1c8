from oxysim.plots.courses.arms import compare, compare_panels, small_multiples
from oxysim.plots.courses.day_schedule import day_schedule
from oxysim.plots.courses.time_course import time_course, time_courses
from oxysim.plots.evidence.correlation_figure import correlation_answers
from oxysim.plots.evidence.ensemble_figure import scoreboard_over_members
from oxysim.plots.evidence.narrowing_curves import narrowing_curves
from oxysim.plots.evidence.scoreboard_figure import scoreboard
from oxysim.plots.evidence.survey_figure import survey_panels
from oxysim.plots.fitting.identifiability_bars import identifiability_bars
from oxysim.plots.fitting.predictive_bands import predictive_bands
from oxysim.plots.fitting.residual_panels import residual_panels
from oxysim.plots.fitting.sampling_time_curves import sampling_time_curves
from oxysim.plots.loop.basin_map import basin_map
from oxysim.plots.loop.bifurcation import bifurcation
from oxysim.plots.loop.loop_diagram import loop_diagram
from oxysim.plots.loop.member_gains import member_gains
from oxysim.plots.loop.recovery_curves import recovery_curves
from oxysim.plots.loop.rescue_map import rescue_map
from oxysim.plots.loop.sobol_bars import sobol_bars
from oxysim.plots.loop.tornado import tornado
from oxysim.plots.loop.warning_panels import warning_panels
from oxysim.plots.picture import panels, save
from oxysim.plots.style import STYLE
from oxysim.plots.sweeps.one_at_a_time import one_at_a_time
from oxysim.plots.sweeps.quantile_bands import quantile_bands
from oxysim.plots.sweeps.sweep_line import sweep_line
from oxysim.plots.sweeps.sweep_map import sweep_map
from oxysim.plots.sweeps.sweep_panels import sweep_panels
from oxysim.plots.trials.arms_over_time import arms_over_time
from oxysim.plots.trials.assurance_curve import assurance_curve
from oxysim.plots.trials.effect_table import effect_table
from oxysim.plots.trials.epds_courses import epds_courses
from oxysim.plots.trials.forest import forest
from oxysim.plots.trials.individual_differences import individual_differences
from oxysim.plots.trials.power_curve import power_curve
from oxysim.plots.trials.trial_panels import trial_panels
from oxysim.plots.trials.waterfall import waterfall

__all__ = [
    "STYLE",
    "arms_over_time",
    "assurance_curve",
    "basin_map",
    "bifurcation",
    "compare",
    "compare_panels",
    "correlation_answers",
    "day_schedule",
    "effect_table",
    "epds_courses",
    "forest",
    "identifiability_bars",
    "individual_differences",
    "loop_diagram",
    "member_gains",
    "narrowing_curves",
    "one_at_a_time",
    "panels",
    "power_curve",
    "predictive_bands",
    "quantile_bands",
    "recovery_curves",
    "rescue_map",
    "sampling_time_curves",
    "residual_panels",
    "save",
    "scoreboard",
    "scoreboard_over_members",
    "small_multiples",
    "sobol_bars",
    "survey_panels",
    "sweep_line",
    "sweep_map",
    "sweep_panels",
    "time_course",
    "time_courses",
    "tornado",
    "trial_panels",
    "warning_panels",
    "waterfall",
]
