"""One usual day, averaged: what the slow states are asked for when fast ones run through a day.

In reading order:

- ``exponential_heun``: the plainer step, its factors and decays.
- ``exponential_runge_kutta``: the step of frozen days.
- ``frozen_day``: a day or week at one infant age, with interventions and scaled edges.
- ``compiled_day``: the frozen day as machine code.
- ``slow_equilibrium``: where the slow loop comes to rest, by rounds of one frozen day.
- ``repeating_days``: a schedule without chance, and whether it comes back every period.
- ``daily_mean``: means over a day by the adaptive engine: usual signals, and slow equilibria.
"""
