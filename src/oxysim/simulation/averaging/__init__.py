"""One usual day, averaged: what the slow states are asked for when fast ones run through a day.

In reading order:

- ``exponential_heun``: the one step of every averaged day, its factors and decays.
- ``coarse_day``: the usual day of thousands of dyads at once.
- ``slow_equilibrium``: where the slow loop comes to rest, by rounds of one coarse day.
- ``frozen_day``: a day or week at one infant age, with interventions and scaled edges.
- ``compiled_day``: the frozen day as machine code.
- ``repeating_days``: a schedule without chance, and whether it comes back every period.
- ``daily_mean``: means over a day by the adaptive engine: usual signals, and slow equilibria.
"""
