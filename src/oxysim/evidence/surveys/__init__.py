"""Real survey forms beside simulated mothers.

- ``survey_data``: the forms, read; ``simulated_respondents``: mothers who fill them in.
- ``distance``: how far the one are from the other.
- ``survey_fit``: a population fitted to one half; ``survey_score``: scored on the other.
"""
