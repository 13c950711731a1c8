"""A user's data held against the model.

- ``predictions``: what the model expects of samples, for many dyads in one simulation.

>>> from oxysim.fitting import SamplePoints
>>> len(SamplePoints("mother", "saliva_oxytocin", [600.0, 645.0]))
2
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
