"""A right call of every figure, and what each of its arguments may be: wrong calls begin there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oxysim import evidence, plots
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.evidence.surveys.distance import compare_survey as compare_survey
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray, SkinToSkin
from oxysim.loop.resilience.basins import Attractors, Basins
from oxysim.loop.resilience.pulses import Recovery
from oxysim.loop.uncertainty.elasticities import elasticities
from oxysim.loop.uncertainty.sensitivity import sobol_sensitivity
from oxysim.population.population import Population
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.sweeps import one_at_a_time
from oxysim.sweeps.axes import linspace
from oxysim.trials.ensembles.ensemble_trial import EnsembleTrial
from oxysim.trials.gaussian import Gaussian
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.power_analysis import power
from oxysim.trials.trial import Trial
from oxysim.trials.trial_result import TrialResult
from tests.support import fitted_figures as fitted
from tests.support.averaged_dyads import strong
from tests.support.cusps import cusp_diagram, made_up_signs
from tests.support.made_up_loops import LOOPS
from tests.support.made_up_survey import SIZES, forms, simulated
from tests.support.rescue_maps import COURSE, ILL, MINUTES, WELL
from tests.support.rescue_maps import made_up as made_up_rescue
from tests.support.swept_results import FINAL, WEEKLY, filled, forty_dyads, small_result, study
from tests.support.toy_ensembles import level, toy_ensemble

ROWS = pd.DataFrame(
    {"outcome": ["a", "b"], "dz": [0.1, 0.2], "low": [0.0, 0.1], "high": [0.2, 0.3], "unit": "EPDS"}
)
BOARD = pd.DataFrame(
    {
        "id": ["A1"],
        "use": ["fit"],
        "quantity": ["EPDS"],
        "low": [1.0],
        "high": [2.0],
        "simulated": [1.5],
        "simulated_low": [1.2],
        "simulated_high": [1.8],
        "holds": ["yes"],
    }
)
OVER_MEMBERS = BOARD.rename(columns={"simulated": "median"}).rename(
    columns={"simulated_low": "interval_low", "simulated_high": "interval_high"}
)
OVER_MEMBERS["share_holding"] = 0.9
_ANSWERS = ("as_it_is", "edges_cut", "traits_unrelated", "both_taken_away")
CARRIED = pd.DataFrame(
    {
        "finding": ["C11", "E3"],
        "unit": ["r", "r"],
        "side": ["infant oxytocin", "EPDS"],
        "other_side": ["mind-mindedness"] * 2,
        "trait_or_edge": ["both", "edge"],
        **{name: [0.3, -0.1] for name in _ANSWERS},
        **{f"{name}_se": [0.05, 0.02] for name in _ANSWERS},
    }
)
TEXT, NONE, NUMBER, TRUE = "'x'", "None", "3", "True"


@cache
def result() -> Result:
    return simulate(
        Dyad(),
        Routine.typical() + NasalSpray("24 IU", at="09:00"),
        "2 h",
        variables=["caregiver.epds"],
    )


@cache
def sprayed() -> Result:
    return simulate(Dyad(), fitted.SPRAY, "2 h", start="10:00")


@cache
def trial() -> TrialResult:
    who = Population.named("community").sample(12, seed=3, infant_age="6 weeks")
    arms = {"usual care": None, "skin-to-skin": SkinToSkin("60 min daily at 11:00")}
    return Trial(who, Parallel(arms), [Endpoint("epds", "1 d")]).run(8, 3, 1)


@cache
def cohort() -> Cohort:
    return follow(Population.named("community"), 6, until="4 weeks", every="1 d", seed=1)


def basins() -> Basins:
    stable = np.array([[5.4, 16.1], [0.7, 0.6], [0.65, 0.45], [0.0, -0.37]])
    names, x, y = ("mother.bond", "mother.depression"), np.array([0.4, 0.6]), np.array([4.0, 10.0])
    ends = Attractors(strong(), stable, stable.mean(axis=1, keepdims=True))
    return Basins(names, x, y, np.array([[0, 0], [1, 1]]), ends, {}, np.array([7.0, 7.5]))


def sample_of_curves() -> Any:
    design = one_at_a_time({"spray.dose": ["8 IU", "40 IU"], "spray.every": ["6 h", "24 h"]})
    return filled(study(design, outcomes=(FINAL,)), lambda one: [10.0, 11.0, 9.5, 14.0, 3.0])


def surveys() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        forms(SIZES).to_csv(Path(folder, "forms.csv"), index=False)
        observed = read_survey(Path(folder, "forms.csv"))
    answered = simulated(n=200)
    table = compare_survey(observed, answered, draws=20)
    return {"observed": observed, "simulated": answered, "table": table, "draws": 20}


def told() -> Any:
    """What two forms tell of the usual mood: one reads it, one reads something else too."""

    def form(other: float) -> Any:
        def read(population: Any, *, seed: int) -> Any:
            place = int(population.name.rpartition(" ")[2])
            value = level(population) + other * np.sin(place)
            return evidence.StudyFigures(["mean"], [value], [[4.0]])

        return read

    designs = {"form": form(0.0), "form of much else": form(1.0)}
    return evidence.informative(designs, level, ensemble=toy_ensemble(), progress=False)


def rescued() -> Any:
    doses = {MINUTES: linspace("30 min", "60 min", 2), COURSE: linspace("1 weeks", "2 weeks", 2)}
    return made_up_rescue([[ILL, ILL], [ILL, WELL]], ILL, doses)


def recovery() -> Recovery:
    days = np.arange(0.0, 101.0)
    return Recovery(
        days, 5 + np.array([[2.0], [4.0]]) * np.exp(-days / 20), np.array([2.0, 4.0]), 5.0, 20.0
    )


SHADES = {"interventions": [TRUE], "routine": ["[]"]}  # no activity is shaded
LABEL = {"label": [TEXT]}  # any text is a label
Case = tuple[Callable[..., Any], Callable[[], Mapping[str, Any]], Mapping[str, Collection[str]]]
CASES: dict[str, Case] = {
    "time_course": (
        plots.time_course,
        lambda: {"result": result(), "variables": "caregiver.epds"},
        SHADES,
    ),
    "time_courses": (
        plots.time_courses,
        lambda: {"result": result(), "variables": ["caregiver.epds"]},
        SHADES,
    ),
    "time_course with data": (
        plots.time_course,
        lambda: {
            "result": sprayed(),
            "variables": ["mother.saliva_oxytocin"],
            "data": fitted.saliva(),
        },
        {**SHADES, "data": [NONE]},
    ),
    "residual_panels": (plots.residual_panels, lambda: {"residuals": fitted.errors()}, {}),
    "predictive_bands": (
        plots.predictive_bands,
        lambda: {"check": fitted.check()},
        {"log": [TRUE, NONE]},
    ),
    "identifiability_bars": (plots.identifiability_bars, lambda: {"told": fitted.told()}, {}),
    "sampling_time_curves": (plots.sampling_time_curves, lambda: {"design": fitted.design()}, {}),
    "compare": (
        plots.compare,
        lambda: {"results": [result()], "labels": ["a"], "variable": "caregiver.epds"},
        {"interventions": [TRUE]},
    ),
    "compare_panels": (
        plots.compare_panels,
        lambda: {"results_by_arm": {"a": result()}, "variables": ["caregiver.epds"]},
        SHADES,
    ),
    "small_multiples": (
        plots.small_multiples,
        lambda: {"results_by_arm": {"a": result()}, "variables": ["caregiver.epds"]},
        {"interventions": [TRUE]},
    ),
    "day_schedule": (plots.day_schedule, lambda: {"source": result()}, {}),
    "effect_table": (plots.effect_table, lambda: {"table": ROWS}, {}),
    "forest": (plots.forest, lambda: {"table": ROWS}, {"xlabel": [TEXT]}),
    "individual_differences": (
        plots.individual_differences,
        lambda: {
            "first": [1.0, 2.0],
            "second": [2.0, 2.5],
            "labels": ["a", "b"],
            "ylabel": "EPDS (points)",
            "threshold": 1.0,
            "responds": "increase",
        },
        {"ylabel": [TEXT], "threshold": [NUMBER]},
    ),
    "waterfall": (
        plots.waterfall,
        lambda: {
            "effects": [1.0, 2.0],
            "ylabel": "EPDS (points)",
            "threshold": 1.0,
            "responds": "increase",
        },
        {"ylabel": [TEXT], "threshold": [NUMBER]},
    ),
    "arms_over_time": (plots.arms_over_time, lambda: {"result": trial()}, {}),
    "trial_panels": (plots.trial_panels, lambda: {"result": trial()}, {}),
    "assurance_curve": (plots.assurance_curve, lambda: {"assurance": assurance()}, {}),
    "power_curve": (plots.power_curve, lambda: {"curves": curve()}, {}),
    "epds_courses": (
        plots.epds_courses,
        lambda: {"cohort": cohort(), "at": ["1 weeks", "2 weeks", "4 weeks"]},
        {"shown": [NUMBER], "cutoff": [NUMBER]},
    ),
    "loop_diagram": (plots.loop_diagram, dict, {}),
    "loop_diagram with gains": (
        plots.loop_diagram,
        lambda: {"gains": {"reward -> depression": 0.2}},
        {"gains": [NONE]},
    ),
    "bifurcation": (plots.bifurcation, lambda: {"diagram": cusp_diagram()}, LABEL),
    "basin_map": (plots.basin_map, lambda: {"basins": basins()}, {}),
    "recovery_curves": (plots.recovery_curves, lambda: {"recovery": recovery()}, {}),
    "warning_panels": (plots.warning_panels, lambda: {"signs": made_up_signs()}, {}),
    "rescue_map": (plots.rescue_map, lambda: {"rescue": rescued()}, {"bar": [TRUE]}),
    "tornado": (
        plots.tornado,
        lambda: {"elasticities": elasticities(lambda x: x[0] - 2, {"a": (0, 4)})},
        {"most": [NUMBER], **LABEL},
    ),
    "member_gains": (
        plots.member_gains,
        lambda: {"loops": LOOPS},
        {},
    ),
    "sobol_bars": (
        plots.sobol_bars,
        lambda: {
            "sensitivity": sobol_sensitivity(
                lambda x: x[0] + x[1], {"a": (0, 1), "b": (0, 1)}, n=16, resamples=100
            )
        },
        {"most": [NUMBER], "by_status": [TRUE]},
    ),
    "scoreboard": (plots.scoreboard, lambda: {"board": BOARD}, {}),
    "narrowing_curves": (plots.narrowing_curves, lambda: {"result": told()}, {}),
    "scoreboard_over_members": (plots.scoreboard_over_members, lambda: {"board": OVER_MEMBERS}, {}),
    "correlation_answers": (plots.correlation_answers, lambda: {"answer": CARRIED}, {}),
    "survey_panels": (
        plots.survey_panels,
        surveys,
        {"width": [NUMBER], "draws": [NUMBER], "seed": [NUMBER]},
    ),
    "one_at_a_time": (plots.one_at_a_time, lambda: {"result": sample_of_curves()}, LABEL),
    "sweep_line": (
        plots.sweep_line,
        lambda: {"result": small_result(), "outcome": FINAL, "hue": "spray.dose"},
        LABEL,
    ),
    "sweep_map": (
        plots.sweep_map,
        lambda: {"result": small_result(), "outcome": FINAL},
        {"contours": [NUMBER], "centre": [NUMBER, "-1"], "bar": [TRUE], **LABEL},
    ),
    "sweep_panels": (
        plots.sweep_panels,
        lambda: {"result": small_result(), "outcome": WEEKLY, "over": "time"},
        {"over": [NONE], "contours": [NUMBER], "centre": [NUMBER, "-1"], **LABEL},
    ),
    "quantile_bands": (
        plots.quantile_bands,
        lambda: {"result": forty_dyads(), "outcome": FINAL},
        LABEL,
    ),
    "panels": (
        plots.panels,
        lambda: {"rows": 2},
        {
            "rows": [NUMBER],
            "columns": [NUMBER],
            "letters": [TRUE],
            "sharex": [TRUE],
            "sharey": [TRUE],
        },
    ),
    "save": (
        plots.save,
        lambda: {"picture": plots.panels(1)[0], "path": "missing_folder/a.png"},
        {},
    ),
}


def assurance() -> Any:
    design = EnsembleTrial(toy_ensemble(4), lambda population, seed: Gaussian(effect=0.5))
    return power(design, n=[20, 60], replications=20, seed=1)


def curve() -> Any:
    return power(Gaussian(effect=0.5), n=[20, 60], replications=20, seed=1)
