"""A right call of every function of trials and statistics, and what each argument may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from oxysim import trials
from oxysim.families import Family
from oxysim.interventions import parse
from oxysim.statistics import (
    correlation,
    crossover,
    factorial,
    individual_effects,
    monte_carlo,
    pharmacokinetics,
    proportions,
    two_groups,
)
from oxysim.statistics.kinetics import noncompartmental, sampled_curves
from oxysim.statistics.survival import survival_models, time_to_event
from oxysim.trials.participant_groups import groups, sequences
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.table_of_effects import effect_row

WHO = Family(dyads=range(6))
MASSAGE = parse("massage 15 min daily at 10:00")
PLAY = parse("play session 10 min daily at 15:00")
ARMS = {"usual care": None, "massage": MASSAGE}
EPDS = trials.Endpoint("epds", "2 d")
A = np.arange(24.0).reshape(2, 12) ** 1.1 % 7
B = A[::-1] + 0.3
SLOW = time_to_event.Times(np.array([[1.0, 2.0, 3.0, 1.0]]), np.array([[1.0, 0.0, 1.0, 0.0]]))
FAST = time_to_event.Times(np.array([[1.0, 2.0, 3.0, 1.0]]), np.array([[1.0, 1.0, 0.0, 1.0]]))
CELLS = {(False, False): A, (True, False): B, (False, True): A + B, (True, True): A * B}
TWO = {"reference": A, "contrast": B}
NUMBERS = ["3", "-1"]
TEXT = ["'x'"]
CALLS: list[tuple[Callable[..., Any], Mapping[str, Any], Mapping[str, list[str]]]] = [
    (trials.Parallel, {"arms": ARMS}, {}),
    (trials.Crossover, {"arms": ARMS, "period": "6 h"}, {}),
    (trials.Factorial, {"arms": {"massage": MASSAGE, "play": PLAY}}, {"reference": TEXT}),
    (
        trials.Endpoint,
        {"instrument": "epds", "at": "2 d"},
        # a visit and a caregiver's name are known in the trial
        {"at": TEXT, "member": TEXT, "name": TEXT, "primary": ["True"], "adjusted": ["True"]},
    ),
    (trials.Visit, {"time": "2 d"}, {"name": TEXT}),
    (trials.Blocked, {}, {"size": ["3"]}),
    # what it is stratified by is looked up in the trial's pool
    (trials.Stratified, {"by": "epds", "cuts": (10,)}, {"by": TEXT, "size": ["3"]}),
    (trials.Adherence, {}, {}),
    (trials.Blinded, {}, {}),
    (trials.Open, {}, {}),
    (trials.Dropout, {}, {"per_point": ["3"], "cutoff": ["3"]}),
    (
        trials.Gaussian,
        {"effect": 1.0},
        {"effect": NUMBERS, "sd": ["3"], "period": NUMBERS},
    ),
    (
        trials.Trial,
        {"who": WHO, "design": trials.Parallel(ARMS), "endpoints": EPDS},
        {"day": ["None"], "entry": ["[]"], "life": ["3"], "cut": ["[]"]},
    ),
    (
        trials.power,
        {"design": trials.Gaussian(1.0), "n": [10], "replications": 5},
        {"n": ["3"], "replications": ["3"], "seed": ["3"], "truth": NUMBERS, "progress": ["True"]},
    ),
    (trials.paired, TWO, {}),
    (trials.unpaired, TWO, {}),
    (trials.correlated, {"x": A, "y": B}, {}),
    (
        trials.individual,
        {"reference_true": A, "contrast_true": B, "threshold": 1.0},
        {"threshold": NUMBERS},
    ),
    (
        individual_effects.individual,
        {"reference_true": A, "contrast_true": B, "threshold": 1.0},
        {"threshold": NUMBERS},
    ),
    (two_groups.paired_t_test, TWO, {}),
    (two_groups.welch_t_test, TWO, {}),
    (two_groups.ancova, {**TWO, "reference_baseline": B**2, "contrast_baseline": A**2}, {}),
    (two_groups.area, {"times": [1.0, 2.0, 3.0], "values": A[:, :3]}, {}),
    (crossover.crossover, {**TWO, "first": np.arange(12) % 2}, {}),
    (factorial.factorial, {"cells": CELLS}, {}),
    (correlation.correlation, {"x": A, "y": B}, {}),
    (proportions.response, {"baseline": A + 1, "outcome": B}, {}),
    (proportions.remission, {"outcome": A, "cutoff": 3.0}, {"cutoff": NUMBERS}),
    (proportions.risk, {"reference": A % 2 // 1, "contrast": B % 2 // 1}, {}),
    (proportions.paired_risk, {"reference": A % 2 // 1, "contrast": B % 2 // 1}, {}),
    (
        time_to_event.time_to_remission,
        {"times": [1, 2, 3], "values": np.ones((1, 4, 3)), "cutoff": 3.0},
        {"cutoff": NUMBERS},
    ),
    (time_to_event.log_rank, {"reference": SLOW, "contrast": FAST}, {}),
    (survival_models.hazard_ratio, {"reference": SLOW, "contrast": FAST}, {}),
    (survival_models.kaplan_meier, {"times": SLOW}, {}),
    (
        survival_models.restricted_mean,
        {"reference": SLOW, "contrast": FAST, "until": 2.0},
        {"until": ["3"]},
    ),
    (pharmacokinetics.log_linear_half_life, {"times": [1, 2, 3], "rise": [5, 3, 2]}, {}),
    (pharmacokinetics.time_of_peak, {"times": [1, 2, 3], "values": [1, 2, 1]}, {}),
    (pharmacokinetics.time_of_smooth_peak, {"times": [1, 2, 3], "values": [1, 2, 1]}, {}),
    (pharmacokinetics.time_to_half_rise, {"times": [1, 2, 3], "values": [1, 2, 1]}, {}),
    (
        pharmacokinetics.count_pulses,
        {"values": [1, 2, 1], "prominence": 0.5},
        {"prominence": ["3"]},
    ),
    (
        noncompartmental.figures_of_curves,
        {"times": [0.0, 1.0, 2.0], "values": [1.0, 3.0, 2.0]},
        {
            "baseline": [*NUMBERS, "None"],
            "dose": ["None"],
            "dose_time": NUMBERS,
            "below": ["None"],
            "above": ["None"],
        },
    ),
    (sampled_curves.CensoringRule, {}, {}),
    (monte_carlo.mean_error, {"values": [1.0, 2.0]}, {"values": ["[]"]}),
    (monte_carlo.central, {"values": [1.0, 2.0]}, {"values": ["[]"]}),
    (monte_carlo.share_interval, {"count": 3, "of": 7}, {"count": ["3"], "of": ["3"]}),
    (
        groups,
        {"pool": 10, "n": 3, "replications": 2, "seed": 0},
        {"pool": ["3"], "n": ["3"], "replications": ["3"], "seed": ["3"], "arm": TEXT},
    ),
    (sequences, {"shape": (2, 4), "seed": 0}, {"seed": ["3"]}),
    (
        figure_row,
        {"values": [1.0, 2.0], "n": 4},
        {"n": ["3"], "quantity": TEXT, "unit": TEXT},
    ),
    (
        effect_row,
        {
            "effects": trials.paired(A, B),
            "outcome": "x",
            "contrast": "b - a",
            "unit": "1",
            "expected": "up",
        },
        {"outcome": TEXT, "contrast": TEXT, "unit": TEXT},
    ),
]
