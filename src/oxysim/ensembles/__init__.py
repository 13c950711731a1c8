"""Ensembles of populations: what is not known of a population, conditioned on published findings.

In reading order:

- `priors`, `correlation_completion`: how far each quantity may be off; correlations that can stand
  together.
- `structures`, `prior_table`, `prior_file`: what may not be there; all of it together; its file.
- `observed_rows`: published findings as observations, and the four errors of their likelihood.
- `forward_runs`: what candidate populations give for the findings, kept as they come.
- `emulator`, `posterior_chain`, `kalman_smoother`: a fast stand-in for these runs, and two ways to
  populations that agree with the findings; `conditioning`: the way from runs to members.
- `ensemble`, `ensemble_file`: the members, and their two files.
- `predictions`, `information`: what members say of a question; which finding tells what.
- `members/`: a question put to every member; dyads of all members, mixed.

>>> from oxysim.ensembles import PriorTable
>>> len(PriorTable.named("community").structures)
4
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
