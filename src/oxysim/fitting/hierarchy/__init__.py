"""A population and its persons, fitted together.

In reading order:

- ``person_draws``: what each person's samples say, as weighted draws.
- ``population_scale``: the figures of a population as latents: centres, spreads, correlations.
- ``fitted_ensemble``: the populations that data leave possible, for the assurance of a study.
- ``hierarchical_fit``: the fit of both.
"""
