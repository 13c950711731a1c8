"""Trials: designs, what they find, and how sure it is."""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
