"""From equations to code: they are traced once with symbols, and written out.

In reading order:

- ``trace``: symbols that stand for numbers, and the tape of what is done with them, rearranged so
  that as much as possible is known beforehand (decision 0083).
- ``python_code``: the traced equations as three functions of plain Python.
- ``system``: the equations as a solver sees them, with an exact Jacobian.
- ``resting_state``: the state vector while nothing deviates from the usual.
- ``model_digest``: a digest of the equations and their defaults.
"""
