"""Figures of sweeps: an outcome along one axis, over two, in panels, and its spread."""
