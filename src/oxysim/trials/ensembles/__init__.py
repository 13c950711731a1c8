"""Trials over an ensemble of populations.

- ``ensemble_trial``: one plan, with a pool of its own in each member; effects over members.
- ``assurance``: the power of a study over the members.
"""
