"""Real survey forms beside simulated mothers.

- ``survey_data``: the forms, read; ``simulated_respondents``: mothers who fill them in.
- ``distance``: how far the one are from the other.
- ``survey_priors``: what an ensemble is conditioned on to become one half; ``survey_score``: a
  population scored on the other.
"""
