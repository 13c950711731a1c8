from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.averaging_errors import averaging_error
from oxysim.loop.bifurcation.branches import branch
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.floquet import floquet, periodic_orbit
from oxysim.loop.bifurcation.hysteresis import hysteresis, sweep_up_and_down
from oxysim.loop.central_dyads import (
    ask_central_dyads,
    central_dyad,
    highest_gain,
    symptomatic_dyad,
)
from oxysim.loop.loops_of_members import member_loops
from oxysim.loop.regime_analysis.loop_gain import (
    edge_gains,
    edges_out_of,
    gains_at,
    group_gains,
    loop_gain,
    sub_loops,
)
from oxysim.loop.regime_analysis.maintenance import hold_up
from oxysim.loop.regime_analysis.missed_regimes import long_runs
from oxysim.loop.regime_analysis.regime_verification import verify
from oxysim.loop.regime_analysis.regimes import regimes
from oxysim.loop.resilience.basins import basins, ends
from oxysim.loop.resilience.early_warning import warning_signs
from oxysim.loop.resilience.full_model_basins import full_basins, full_pulses
from oxysim.loop.resilience.pulses import recovery, tipping_pulses
from oxysim.loop.resilience.simulated_early_warning import simulated_signs
from oxysim.loop.treatment.rescue import Rescue
from oxysim.loop.uncertainty.elasticities import elasticities
from oxysim.loop.uncertainty.elementary_effects import morris_screening
from oxysim.loop.uncertainty.sensitivity import sobol_sensitivity

__all__ = [
    "AveragedSystem",
    "Rescue",
    "ask_central_dyads",
    "averaging_error",
    "basins",
    "branch",
    "central_dyad",
    "continue_branch",
    "edge_gains",
    "edges_out_of",
    "elasticities",
    "ends",
    "floquet",
    "full_basins",
    "full_pulses",
    "gains_at",
    "group_gains",
    "highest_gain",
    "hold_up",
    "hysteresis",
    "long_runs",
    "loop_gain",
    "member_loops",
    "morris_screening",
    "periodic_orbit",
    "recovery",
    "regimes",
    "simulated_signs",
    "sobol_sensitivity",
    "sub_loops",
    "sweep_up_and_down",
    "symptomatic_dyad",
    "tipping_pulses",
    "verify",
    "warning_signs",
]
