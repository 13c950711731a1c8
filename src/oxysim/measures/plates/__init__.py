"""Plates of immunoassays, from wells to an instrument.

- ``plate_files``: a plate read from a table.
- ``elisa_plate``: its wells, its curve, its samples.
- ``standard_curve``: the curve with its limits, its noise and the instrument that it makes.
- ``logistic_curve``: the four-parameter logistic function and its fit.
"""
