"""Samples of dyads: parameters drawn from their rows' distributions."""

from __future__ import annotations

from oxysim.population.sample import sample

__all__ = ["sample"]
