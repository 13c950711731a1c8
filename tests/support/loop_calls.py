"""A right call of every function of the loop, and what each of its arguments may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import oxysim as ox
from oxysim import loop
from oxysim.loop.bifurcation.arclength_walk import Steps
from oxysim.loop.bifurcation.branches import Diagram
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.full_model.frozen_model import PoincareMap
from oxysim.loop.regime_analysis.regimes import Regime, Regimes
from oxysim.loop.resilience.basins import Attractors, Basins
from tests.support.made_up_loops import LOOPS
from tests.support.toy_ensembles import toy_ensemble

WHO = ox.Dyad()
SYSTEM = loop.AveragedSystem(WHO)
CONTACT = {"contact": ox.SkinToSkin("60 min daily at 11:00 for 2 weeks")}
DOSES = {"contact.minutes": ["30 min", "60 min"]}
GAIN = "caregiver.depression.loop_gain"
INPUTS = {"a": (0.0, 1.0), "b": (0.0, 1.0)}


def _cusp(x: Any, p: Any) -> Any:
    return p + x - x**3


def _turning(x: Any) -> Any:
    return np.array([-x[1], x[0]])


def _sum(x: Any) -> Any:
    return x.sum(axis=0)


def _regimes() -> Regimes:
    """One symptomatic regime, made up: what a wrong call never looks at."""
    names = SYSTEM.names
    moving = tuple(f"state {i}" for i in range(len(PoincareMap(SYSTEM).moving)))
    start = dict(zip(names, SYSTEM.start.tolist(), strict=True))
    regime = Regime(
        "symptomatic", True, 15.0, start | {"mother.epds": 15.0}, start, np.array([0.9 + 0j]),
        np.eye(len(moving)), np.array([-0.1 + 0j]), start, 0.0, 1, moving,
    )  # fmt: skip
    return Regimes(SYSTEM, (regime,), ())


FOUND = _regimes()
POINT = SYSTEM.start
ENDS = Attractors(SYSTEM, np.stack([POINT, POINT + 0.01], axis=1), np.empty((len(POINT), 0)))
BASINS = Basins(
    (SYSTEM.names[0], SYSTEM.names[1]),
    np.array([4.0, 8.0]),
    np.array([0.5, 0.6]),
    np.zeros((2, 2), int),
    ENDS,
    dict(zip(SYSTEM.names[2:], POINT[2:].tolist(), strict=True)),
    np.full(2, np.nan),
)
BRANCH = continue_branch(_cusp, [-1.5], -1.5, low=-2, high=2)
DIAGRAM = Diagram("p", ("x1",), (BRANCH,), 0.0)
SWEPT = loop.sweep_up_and_down(_cusp, [-1.3], [-0.6, 0.0, 0.6], longest=100.0)
RESCUE = loop.Rescue(WHO, DOSES, CONTACT)
SHOWN = {"progress": ["True"]}
COUNTS = {"seed": ["3"], **SHOWN}
CALLS: dict[str, tuple[Callable[..., Any], Mapping[str, Any], Mapping[str, Any]]] = {
    "AveragedSystem": (
        loop.AveragedSystem,
        {"dyad": WHO},
        {"routine": ["None"], "age": ["None"], "step": ["3"], "settle": ["3"], "held": ["[]"]},
    ),
    "Rescue": (
        loop.Rescue,
        {"who": WHO, "doses": DOSES, "interventions": CONTACT},
        {"seed": ["3"], "cut_off": ["3"]},
    ),
    "Rescue.run": (RESCUE.run, {}, {"store": ["'x'"]}),
    "averaging_error": (loop.averaging_error, {"dyads": WHO}, SHOWN),
    "basins": (
        loop.basins,
        {"system": SYSTEM, "x": (SYSTEM.names[0], [4.0, 8.0]), "y": (SYSTEM.names[1], [0.5, 0.6])},
        {"refine": ["3"], "finer": ["3"], **SHOWN},
    ),
    "branch": (
        loop.branch,
        {"dyad": SYSTEM, "parameter": GAIN, "low": 0.5, "high": 2.0},
        {"low": ["-1"], "high": ["3"], **SHOWN},
    ),
    "continue_branch": (
        continue_branch,
        {"rates": _cusp, "start": [-1.5], "p": -1.5, "low": -2.0, "high": 2.0},
        {"high": ["3", "-1"], "start": ["3", "-1"], "p": ["-1"], "parameter": ["'x'"]},
    ),
    "edge_gains": (loop.edge_gains, {"system": SYSTEM, "x": POINT}, {}),
    "elasticities": (loop.elasticities, {"subject": _sum, "inputs": INPUTS}, {}),
    "ends": (loop.ends, {"system": SYSTEM}, {}),
    "floquet": (
        loop.floquet,
        {"rates": lambda t, x: -x, "start": [1.0], "period": 1.0},
        {"start": ["3", "-1"], "period": ["3"], "edges": ["[]"], "atol": ["3"]},
    ),
    "full_basins": (loop.full_basins, {"basins": BASINS}, SHOWN),
    "full_pulses": (loop.full_pulses, {"found": ENDS, "days": [7], "level": [1.0]}, SHOWN),
    "edges_out_of": (loop.edges_out_of, {"signals": "bond"}, {}),
    "group_gains": (
        loop.group_gains,
        {"system": SYSTEM, "x": POINT, "groups": {"bond": ["bond -> depression"]}},
        {},
    ),
    "member_loops": (
        loop.member_loops,
        {"ensemble": toy_ensemble(4)},
        {"members": ["3"], **SHOWN},
    ),
    "symptomatic_dyad": (
        loop.symptomatic_dyad,
        {"population": ox.Population.named("community")},
        {},
    ),
    "gains_at": (loop.gains_at, {"found": FOUND}, {}),
    "hold_up": (loop.hold_up, {"found": FOUND}, SHOWN),
    "hysteresis": (
        loop.hysteresis,
        {"dyad": SYSTEM, "parameter": GAIN, "values": [0.9, 1.1]},
        SHOWN,
    ),
    "long_runs": (
        loop.long_runs,
        {"found": [FOUND]},
        {"starts": ["3"], "longest": ["3"], **COUNTS},
    ),
    "loop_gain": (loop.loop_gain, {"system": SYSTEM, "x": POINT}, {}),
    "morris_screening": (
        loop.morris_screening,
        {"subject": _sum, "inputs": INPUTS},
        {"trajectories": ["3"], "seed": ["3"]},
    ),
    "periodic_orbit": (
        loop.periodic_orbit,
        {"rates": _turning, "near": [1.0, 0.0], "period": 6.28},
        # one state, for which the user's own function has an error
        {"near": ["3", "-1"], "period": ["3"]},
    ),
    "recovery": (
        loop.recovery,
        {"system": SYSTEM, "displacement": [2.0]},
        {"every": ["3"], **SHOWN},
    ),
    "ask_central_dyads": (
        loop.ask_central_dyads,
        {"ensemble": toy_ensemble(4), "asked": repr},
        {"members": ["3"], "parameters": ["None"], **SHOWN},
    ),
    "central_dyad": (
        loop.central_dyad,
        {"population": ox.Population.named("community")},
        {"parameters": ["None"]},
    ),
    "highest_gain": (loop.highest_gain, {"dyad": WHO}, {"starts": ["3"], "cut": ["[]"]}),
    "regimes": (loop.regimes, {"dyad": WHO}, {"starts": ["3"], "cut": ["[]"], **COUNTS}),
    "simulated_signs": (
        loop.simulated_signs,
        {"system": SYSTEM, "parameter": GAIN, "values": [1.0], "dyads": 8, "weeks": 4},
        {"weeks": ["3"], "warm_up": ["3"], "lag": ["3"], "highest": ["True"], **COUNTS},
    ),
    "sobol_sensitivity": (
        loop.sobol_sensitivity,
        {"subject": _sum, "inputs": INPUTS},
        {"seed": ["3"]},
    ),
    "sub_loops": (loop.sub_loops, {"system": SYSTEM, "x": POINT}, {}),
    "sweep_up_and_down": (
        loop.sweep_up_and_down,
        {"rates": _cusp, "start": [-1.3], "values": [-0.6, 0.6], "longest": 10.0},
        {"longest": ["3"], "tolerance": ["3"], "start": ["3", "-1"], "parameter": ["'x'"], **SHOWN},
    ),
    "tipping_pulses": (
        loop.tipping_pulses,
        {"system": SYSTEM, "days": [7.0]},
        {"largest": ["3"], "rounds": ["3"], **SHOWN},
    ),
    "verify": (loop.verify, {"found": FOUND}, {"weeks": ["3"], **SHOWN}),
    "warning_signs": (
        loop.warning_signs,
        {"system": SYSTEM, "branch": BRANCH},
        {"lag": ["3"], **SHOWN},
    ),
    # what their results can be asked
    "AveragedSystem.rates": (SYSTEM.rates, {"x": POINT}, {}),
    "AveragedSystem.jacobian": (SYSTEM.jacobian, {"x": POINT}, {}),
    "AveragedSystem.with_parameter": (
        SYSTEM.with_parameter,
        {"name": GAIN, "value": 1.0},
        {"value": ["3"]},
    ),
    "AveragedSystem.with_edges": (SYSTEM.with_edges, {"edges": {}}, {}),
    "AveragedSystem.with_routine": (
        SYSTEM.with_routine,
        {"routine": ox.Routine.typical()},
        {"routine": ["None"]},
    ),
    "Steps": (Steps, {}, {"most": ["3"], "longest": ["3"]}),
    "Branch.at": (BRANCH.at, {"p": 0.0}, {"p": ["3", "-1"]}),
    "Diagram.at": (DIAGRAM.at, {"value": 0.0}, {"value": ["3", "-1"]}),
    "Hysteresis.gap": (SWEPT.gap, {}, {}),
    "Hysteresis.windows": (SWEPT.windows, {}, {"least": ["3"]}),
    "Hysteresis.window": (SWEPT.window, {}, {"least": ["3"]}),
    "MemberLoops.gains": (LOOPS.gains, {}, {}),
    "MemberLoops.shares": (LOOPS.shares, {}, {}),
    "MemberLoops.cuts": (LOOPS.cuts, {}, {}),
    "MemberLoops.any_cut": (LOOPS.any_cut, {"signals": "bond"}, {}),
    "Basins.share": (BASINS.share, {"regime": 0}, {"regime": ["-1"]}),
}
