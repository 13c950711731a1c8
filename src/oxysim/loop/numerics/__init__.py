"""Numerical methods of the loop that know no dyad: each once, its tolerances are arguments.

- ``differences``: derivatives from values at neighbouring points.
- ``newton``: Newton's method for many starts at once, for fixed points of a map, on a curve; what
  it has found, each once.
- ``bisection``: many brackets halved at once.
- ``function_arguments``: what a function of a state and its companions may be, checked in one way.
"""
