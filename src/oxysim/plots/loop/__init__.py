"""Figures of loop analysis: regimes, basins, early warning, sensitivity and the loop itself."""
