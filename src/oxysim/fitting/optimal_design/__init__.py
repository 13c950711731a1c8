"""What samples tell of parameters, and which samples would tell most: numbers alone, no dyad.

- ``fisher_information``: the information of samples, what it leaves of what was known before.
- ``combination_words``: a direction that samples leave open, as a sentence.
- ``optimality``: how much a set of samples tells (D-, Ds- and T-optimality).
- ``exchange``: the set that tells most, found by exchanging one sample at a time.
"""
