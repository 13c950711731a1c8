"""Figures of the evidence: what the model is held against.

- ``scoreboard_figure``: every published finding beside what the model answers.
- ``survey_figure``: a survey's totals beside those of simulated mothers.
"""
