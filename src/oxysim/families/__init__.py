"""Who is simulated: a dyad, a family, or an ensemble of either, by named parameters and starting
values.

- ``family``: a family or an ensemble, and its copies; ``dyads``: of one caregiver, and named ones;
- ``combined``: several as one ensemble;
- ``named_values``: from what a user writes to what the equations take; ``cut_edges``: what is cut
  or scaled; ``family_checks``, ``family_text``.

>>> from oxysim.families import Dyad
>>> len(Dyad().repeat(3))
3
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
