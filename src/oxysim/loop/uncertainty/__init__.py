"""What an answer rests on: how an outcome changes with its inputs.

- ``uncertain_inputs``: what is not known of each input.
- ``model_runs``: a study or a function, run at many points.
- ``elasticities``: by how many per cent the outcome changes with one per cent of an input.
- ``elementary_effects``: which of many inputs matter at all (Morris).
- ``sensitivity``: shares of the outcome's variance (Sobol').
"""
