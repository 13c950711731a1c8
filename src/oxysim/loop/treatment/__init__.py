"""Which dose and length of an intervention moves a dyad from one regime to the other.

- ``rescue``: the question, and the two sweeps that answer it.
- ``dose_map``: what they found: fates, thresholds, shares.
"""
