"""Interventions: one file each, or one for a tight family, found by itself.

In reading order:

- `declared`: interventions that only write options to channels, as data.
- `spray`, `intravenous`, `breastfeeding`, `contact`, `play_and_talk`, `stressors`, `life_events`,
  `daily_life`, `daily_crying`, `work`, `treatment`, `knockout`: the interventions.
- `catalogue`: every one of them by name.
- `sentences`: the text form of interventions and whole schedules.

>>> from oxysim import interventions
>>> spray = interventions.NasalSpray("24 IU", at="10:00")
>>> interventions.parse(str(spray)) == spray
True
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
