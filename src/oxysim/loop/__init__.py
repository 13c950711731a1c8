"""Regimes, tipping points, loop gain, sensitivity and rescue: what the feedback loop itself does.

- Averaged days: `AveragedSystem`; how far they stray from the full model: `averaging_error`.
- Regimes: `regimes`; held against the full model: `verify`, `long_runs`.
- Against a parameter, an edge or a dose: `branch`, `hysteresis`; for other systems:
  `continue_branch`, `sweep_up_and_down`, `floquet`, `periodic_orbit`.
- Tipping: `ends`, `basins`, `tipping_pulses`, `recovery`, `warning_signs`; in the full model:
  `full_basins`, `full_pulses`, `simulated_signs`.
- Loop gain and edges: `loop_gain`, `edge_gains`, `sub_loops`, `gains_at`, `hold_up`.
- Sensitivity: `elasticities`, `sobol_sensitivity`, `morris_screening`.
- Rescue: `Rescue`.
- Over an ensemble: what is asked of one dyad is asked of each member's (``central_dyads``);
  how strong the loop is over the members, and what each edge carries (``loops_of_members``).

The folders stand on one another from below: ``numerics`` (methods that know no dyad),
``averaged_system`` (with ``averaging_errors``, and ``arguments``: what is asked for, checked),
``equilibria``, ``full_model``, ``regime_analysis``, ``bifurcation``,
``resilience``, and on top ``treatment`` and ``uncertainty``; each says in its own head what its
modules are.

>>> from oxysim import Dyad, loop
>>> days = loop.AveragedSystem(Dyad(), held=("infant.methylation",))
>>> dict(zip(days.names, days.start.round(2).tolist(), strict=True))["mother.depression"]
5.4
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
