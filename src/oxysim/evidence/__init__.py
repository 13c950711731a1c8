"""Published findings against simulated ones: the scoreboard.

- ``board``: what each finding asks, the runs that answer, the table of verdicts.
- ``ensemble_board``: the same over the members of an ensemble of populations.
- ``correlations``: whether a trait or an edge carries each correlation.
- ``lives``: everyday lives, and whether they rest where anybody would expect.
- ``designs``: which study would tell most of what is not known.
- ``surveys``: public data files beside the same questions asked of simulated people.
- ``candidates``: what populations that an ensemble may be chosen from answer.
- ``calibration``: parameters of a population, fitted to findings marked ``fit``.
- ``population_answers``: one population's answers, for questions that several are asked.

>>> from oxysim import evidence
>>> finding = evidence.target("C5")
>>> finding.use
'fit'
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
