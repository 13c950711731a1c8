"""What is sought of a log density over latents: its maximum, profiles, draws.

In reading order:

- ``log_posterior``: the density, and its slopes by one simulation.
- ``optimisation``: the maximum, by trust regions from several starting points.
- ``profiles``: intervals by the fall of the density while the other parameters follow.
- ``posterior``: draws by emcee, and how well they mix.
"""
