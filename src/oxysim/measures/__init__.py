"""Instruments: from states to what a study reads, with noise."""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
