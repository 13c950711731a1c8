"""The full model at a frozen infant age, against which averaged days are held.

- ``frozen_model``: the one object that runs it for so many days, and its map over one period, with
  fixed points and their derivative.
- ``limit_cycles``: the cycles that Newton's method closes, and those missing beside them.
- ``frozen_runs``: ensembles, period after period, under stress and daily-life noise.
"""
