"""Instruments: from states to what a study reads, with noise.

In reading order:

- `instrument_model`: what the row of an instrument holds.
- `hormones`, `questionnaires`, `behaviour`: the rows; `cut_offs`: of the EPDS.
- `instrument_names`: an instrument by its name, or as it is handed over.
- `readings`: from expected values to readings.
- `user_instruments`: those that a user declares; `instrument_files`: in a TOML or CSV file.
- `plates`: the wells of an immunoassay's plate, and the curve through its standards with limits and
  noise; `number_cells`: numbers in tables.
- `measuring`: what a study reads from a result; `preference`: a function of two means.

>>> from oxysim import measures
>>> form = measures.instrument("epds")
>>> form.unit, form.high, form.noise.sample
('EPDS', 30.0, 1.8)
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
