"""Data laid beside what the model expects of them.

- ``simulated_studies``: the same persons, times and instruments, measured in simulated studies.
- ``residuals``: how far each sample lies from what is expected, raw, by its error, as a quantile.
- ``predictive_check``: percentiles over time of the data and of simulated studies.
- ``study_findings``: what a study found, asked of the simulated ones too.
"""
