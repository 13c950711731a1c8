"""Sweeps: designs, studies, and running them in blocks on any executor, in memory
or into a store.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
