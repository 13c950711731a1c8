"""Regimes, tipping points, loop gain, sensitivity and rescue: what the feedback loop itself does.

- The averaged system: `AveragedSystem`, `averaging_error`.
- Regimes: `regimes`, `verify`; against a parameter, an edge or a dose: `branch`, `continue_branch`; `floquet`,
  `periodic_orbit` for other systems.
- Tipping: `ends`, `basins`, `tipping_pulses`, `recovery`, `warning_signs`.
- Loop gain and edges: `loop_gain`, `edge_gains`, `sub_loops`, `gains_at`, `hold_up`.
- Sensitivity: `elasticities`, `sobol_sensitivity`, `morris_screening`.
- Rescue: `Rescue`.
"""

from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.averaging_error import averaging_error
from oxysim.loop.branches import branch
from oxysim.loop.continuation import continue_branch
from oxysim.loop.elasticities import elasticities
from oxysim.loop.floquet import floquet, periodic_orbit
from oxysim.loop.gain import edge_gains, gains_at, loop_gain, sub_loops
from oxysim.loop.holding import hold_up
from oxysim.loop.pulses import recovery, tipping_pulses
from oxysim.loop.regimes import regimes
from oxysim.loop.rescue import Rescue
from oxysim.loop.sensitivity import morris_screening, sobol_sensitivity
from oxysim.loop.tipping import basins, ends
from oxysim.loop.verifying import verify
from oxysim.loop.warning_signs import warning_signs

__all__ = [
    "AveragedSystem", "Rescue", "averaging_error", "basins", "branch", "continue_branch", "edge_gains", "elasticities",
    "ends", "floquet", "gains_at", "hold_up", "loop_gain", "morris_screening", "periodic_orbit", "recovery", "regimes",
    "sobol_sensitivity", "sub_loops", "tipping_pulses", "verify", "warning_signs",
]  # fmt: skip
