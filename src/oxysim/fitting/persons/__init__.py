"""Whose samples are fitted, and what is free: from observations to a log likelihood of points.

In reading order:

- ``free_parameters``: named values with their priors, on the scale of latents.
- ``person_samples``: the samples of each person, checked, and how likely they are.
- ``person_model``: the log likelihood of all persons at many points, in one simulation.
"""
