"""Simulation: the one verb ``simulate``, the SciPy engine, and the labelled result."""
