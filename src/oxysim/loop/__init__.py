"""Regimes, tipping points, loop gain, sensitivity and rescue: what the feedback loop itself does."""
