"""Sweeps: designs, studies, and running them in blocks on any executor, in memory or into a store.

In reading order:

- ``axes``: a dotted name and the values it takes; ``axis_tables``: axes from a CSV file or a data
  frame.
- ``sweep_design``: which combinations are run; ``samples``: Latin hypercubes and Sobol' sequences.
- ``axis_targets``: what an axis changes, each of its values tried on the real thing.
- ``families_of_runs``: which families and which values of the axes a block has.
- ``study``: what is run, checked when made (``study_checks``); ``fingerprint``: a study as text, by
  which a store knows it again; ``sweep_dataset``: its labelled dataset, nothing computed yet.
- ``blocks``: some runs with all that they need, computed anywhere with the same result.
- ``cost_estimate``: time from a pilot, memory and disk from the shape.
- ``workers``: who computes the blocks, and the tasks that wait, are computed, have ended.
- ``runner``: blocks out to the workers, results into a store; ``MemoryStore``.
- ``methods``: the methods section of a sweep.
- ``store``: the store on disk; it knows no study.

>>> import oxysim as ox
>>> from oxysim import sweeps
>>> gains = sweeps.grid({"caregiver.depression.loop_gain": [1.0, 2.0]})
>>> study = sweeps.Study(ox.Dyad.symptomatic(), "6 h", gains, outcomes=["caregiver.epds: final"])
>>> data = sweeps.sweep(study, workers=1, progress=False)
>>> dict(data["caregiver.epds: final"].sizes)
{'caregiver.depression.loop_gain': 2}
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
