"""Equilibria of averaged days: where they are, and how a dyad gets there.

- ``linear_modes``: which eigenvalue belongs to which state.
- ``equilibrium_search``: every equilibrium, by a scan, scattered starts and Newton's method.
- ``trajectories``: from a start through time, or straight to rest.
"""
