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

The folders hold figures by what they draw: ``courses``, ``sweeps``, ``trials``, ``loop`` and
``evidence``. What all of them share stands beside them:

- ``picture``: figures that belong to no session, panels, saving.
- ``style``: colours, looks, text sizes, words and units for axes, legends, lines of reference.
- ``colours``: the colour of every intervention.
- ``above``: legends and names above a panel, below its title.
- ``interval_rows``: rows with an estimate and its interval.
- ``frames``, ``dyad_numbers``, ``smooth``: tables that are checked, a dyad that was chosen, curves
  without corners.

>>> import oxysim as ox
>>> from oxysim import plots
>>> contact = ox.SkinToSkin("60 min", at="10:00")
>>> run = ox.simulate(ox.Dyad.reference(), contact, "2 h", start="10:00")
>>> axes = plots.time_course(run, "infant.plasma_oxytocin")
>>> len(axes.lines)
1
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
