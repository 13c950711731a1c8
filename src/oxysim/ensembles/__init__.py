"""Ensembles of populations: what is not known of a population, conditioned on published findings.

In reading order:

- `priors`, `correlation_completion`: how far each quantity may be off; correlations that can stand
  together.
- `structures`, `prior_table`, `prior_file`: what may not be there; all of it together; its file.
- `observed_rows`: published findings as observations, and the four errors of their likelihood.
- `members/`: a question put to every member; dyads of all members, mixed.

>>> from oxysim.ensembles import PriorTable
>>> len(PriorTable.named("community").structures)
4
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
