"""Who is simulated: a dyad, a family, or an ensemble of either, by named parameters and starting
values.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
