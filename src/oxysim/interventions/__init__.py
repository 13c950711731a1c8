"""Interventions: one file each, or one for a tight family. A new file in this folder is found by
itself.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
