"""Study files: a whole study or trial as a TOML text, read strictly and never evaluated.

- ``study_file``, ``trial_file``: a file read into a ``Study`` or a ``Trial``.
- ``people``, ``day``, ``designs``, ``run_settings``: the tables of such a file.
- ``file_instruments``: the instruments that a file brings along.
- ``trial_parts``: the table ``[trial]``.
- ``description``, ``trial_description``, ``trial_cost``: what will be run, in sentences; its cost.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
