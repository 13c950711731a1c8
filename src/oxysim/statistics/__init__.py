"""Statistics of studies: every standard error, interval, test and standardised effect has its one
home here.

A leaf that knows no dyad, schedule or trial: arrays of readings in, what each replicated study
would have found out. Values have shape (replications, n), NaN for a participant without a reading.
"""
