"""Figures of the evidence: the scoreboard, and a survey beside simulated mothers."""
