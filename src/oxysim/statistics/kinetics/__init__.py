"""Curves of samples without a model.

- ``noncompartmental``: areas, peak, terminal half-life, clearance, volumes of many curves.
- ``curves_after_dose``: curves as rises over a baseline, and from a dose on.
- ``sampled_curves``: curves with censored levels made ready for areas; trapezoids.
"""
