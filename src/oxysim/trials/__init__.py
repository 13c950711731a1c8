"""Trials: effects and their tables, and the published protocols as ready functions."""
