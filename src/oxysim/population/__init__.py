"""Samples of dyads: parameters drawn from their rows' distributions."""

from __future__ import annotations

from oxysim.population.sample import draw, sample
from oxysim.population.screening import ScreeningReport, symptomatic

__all__ = ["ScreeningReport", "draw", "sample", "symptomatic"]
