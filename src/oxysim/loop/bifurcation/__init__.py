"""Equilibria against a parameter, the strength of an edge, or a dose.

Read ``branches`` for dyads; the method itself knows no dyad and stands in the modules behind it.

- ``control_parameter``, ``dose_parameters``: what is varied, and the system at each of its values.
- ``branches``: all branches of a dyad's regimes.
- ``hysteresis``: a parameter swept up and down again.
- ``continuation``, ``arclength_walk``: a branch followed through folds.
- ``equilibrium_branch``: the branch as it was followed.
- ``equilibrium_curve``, ``special_points``: its equations; folds, Hopf and branch points on it.
- ``floquet``: multipliers of periodic systems of your own, to compare with.
"""
