"""Wrong calls of what trials and statistics offer: one of oxysim's own errors each, and none that
changes meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from oxysim import trials
from oxysim.errors import InputError, OxysimError, UnknownNameError
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
    survival_models,
    time_to_event,
    two_groups,
)
from oxysim.trials.participant_groups import groups, sequences
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.table_of_effects import effect_row
from tests.support.wrong_calls import faults

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


@pytest.mark.parametrize(
    ("function", "right", "legal"), CALLS, ids=[call[0].__qualname__ for call in CALLS]
)
def test_wrong_calls_have_an_error_of_their_own(
    function: Callable[..., Any], right: Mapping[str, Any], legal: Mapping[str, list[str]]
) -> None:
    assert faults(function, right, legal=legal) == []


NONSENSE: list[tuple[Callable[[], object], type[OxysimError], str]] = [
    (
        lambda: trials.Endpoint("epds", "2 d", adjusted="no"),
        InputError,
        "adjusted: expected True or False",
    ),
    (
        lambda: trials.Endpoint("epds", "2 d", primary="no"),
        InputError,
        "primary: expected True or False",
    ),
    (lambda: trials.Endpoint("epds", "2 d", target="zz"), UnknownNameError, "zz"),
    (
        lambda: trials.Parallel({"usual": [], "massage": MASSAGE}),
        InputError,
        "give None for 'usual'",
    ),
    (lambda: trials.Parallel({"usual": 3, "massage": MASSAGE}), OxysimError, "arm 'usual'"),
    (
        lambda: trials.Parallel(ARMS, ratio=(10**9, 1)),
        InputError,
        "ratio, entry 1: expected .* from 1 to 100",
    ),
    (
        lambda: trials.Parallel(ARMS, ratio=(True, 1)),
        InputError,
        "ratio, entry 1: expected a whole number",
    ),
    (
        lambda: trials.Crossover(ARMS, "6 h", sequences=[3]),
        InputError,
        "sequences: expected a list of tuples",
    ),
    (
        lambda: trials.Trial(WHO, trials.Parallel(ARMS, ratio=(5, 2)), EPDS).run(6),
        InputError,
        "5:2 needs 7 participants to fill every arm once, more than the 6",
    ),
    (
        lambda: trials.Trial(WHO, trials.Parallel(ARMS), EPDS, cut="rewrad -> depression"),
        OxysimError,
        "reward",
    ),
    (
        lambda: trials.Trial(
            WHO, trials.Parallel(ARMS), EPDS, scale={"reward -> depression": np.ones(4)}
        ),
        InputError,
        "expected one multiplier, or 6",
    ),
    (lambda: trials.Endpoint("epds", "2 d", responds="decrease"), InputError, "both or neither"),
    (
        lambda: trials.Endpoint("epds", "2 d", responds="up", threshold=1),
        UnknownNameError,
        "increase",
    ),
    (
        lambda: trials.Endpoint("epds", "2 d", responds="increase", threshold=0),
        InputError,
        "threshold",
    ),
    (
        lambda: trials.Endpoint(
            "epds", "2 d", "remission (< 9)", responds="decrease", threshold=1.0
        ),
        InputError,
        "responds goes with value, change or area",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), NONSENSE)
def test_nonsense_is_refused(
    call: Callable[[], object], kind: type[OxysimError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()
