"""Figures of the evidence: what the model is held against.

- ``scoreboard_figure``: every published finding beside what the model answers.
- ``ensemble_figure``: the same of the members of an ensemble.
- ``correlation_figure``: whether a trait or an edge carries each correlation.
- ``narrowing_curves``: what designs are expected to tell, over their numbers of participants.
- ``survey_figure``: a survey's totals beside those of simulated mothers.
"""
