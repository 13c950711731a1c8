"""When to sample.

- ``sample_grid``: what could be sampled when.
- ``sampling_times``: the times and doses that tell most (D- and T-optimal).
- ``sampling_design``: what was found, and the gain over a plan.
"""
