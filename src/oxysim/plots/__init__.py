"""Figures: each function takes a result or its numbers and an ``ax``, and returns the axes (or a
figure of panels).

The only place that imports matplotlib, and never pyplot: figures belong to no session, and no
global setting changes.

- In a notebook a figure is shown once, below the cell that made it, whether the call is its last
  line or not.
- :func:`save` writes a figure at 150 dots an inch and beside it as a PDF; so does
  ``figure.savefig``, one file a call.
- ``plt.show()`` knows its own figures only: for a window draw into them, ``ox.plots.compare(...,
  ax=plt.gca())``.
- :func:`panels` gives several panels with letters; ``STYLE`` holds the settings of the package's
look.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
