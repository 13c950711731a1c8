"""A user's data held against the model.

- ``sample_predictions``: what the model expects of samples, for many dyads in one simulation.
- ``likelihood/``: how likely readings are under the instruments' own noise.
- ``persons/``: whose samples are fitted, and what is free.
- ``search/``: the maximum of a log density, its profiles, draws from it.
- ``hierarchy/``: a population and its persons, fitted together.
- ``fits``: the function `fit`; ``single_fit``, ``separate_fits``: what it gives.
- ``fitted_values``, ``estimates``, ``fit_words``: what all fits have: tables and sentences.
- ``fitted_population``: a fit as a population, for trials, sweeps and rescue.
- ``comparison/``: data beside simulated studies: residuals, predictive checks, own findings.
- ``reading_errors``: how far readings stray, as a covariance; ``sensitivities``: how far what is
  expected moves with parameters.
- ``identifiability``: what samples tell of parameters, and what they leave open.
- ``sampling/``: when to sample; ``optimal_design/``: the numbers behind both, without any dyad.

>>> from oxysim.fitting import SamplePoints
>>> len(SamplePoints("mother", "saliva_oxytocin", [600.0, 645.0]))
2
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
