"""Figures of loop analysis: regimes, basins, early warning, sensitivity and the loop itself.

In reading order:

- ``loop_diagram``: the edges between caregiver and infant; ``loop_layout`` says where nodes and
  arrows stand, ``arrow_looks`` what an arrow tells, ``loop_arrows`` draws it, ``loop_key`` explains
  it.
- ``bifurcation``: regimes against a parameter, and the folds between them.
- ``basin_map``: from which start a dyad ends in which regime.
- ``recovery_curves``, ``warning_panels``: the way back, and its slowing before a fold.
- ``rescue_map``: which doses bring a dyad back.
- ``member_gains``: how strong each sub-loop is over the members of an ensemble.
- ``tornado``, ``sobol_bars``: which inputs an outcome hangs on.
"""
