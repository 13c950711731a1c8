"""What a user measured, read from files into one tidy form with a report of every row.

In reading order:

- `sample_tables`: saliva, plasma, urine and cortisol (`samples/`).
- `questionnaire_forms`: EPDS and other forms; `form_scoring`: from items to a total.
- `tables/`: what readers share, such as columns by their roles, and dates.
- `observations`: measured values, one row each; `observation_form`: the columns of their form.
- `reading_report`: what became of every row of a file.
- `cells`: one cell as a number, or a value beyond a limit; `date_cells`: as a clock or a date.
- `sampled_curve_figures`: areas, peaks and half-lives of the curves that samples make.
- `table_files`: a table of texts, with comments.
- `instrument_units`: units as files write them, converted to those of the instruments.
- `diaries/`: feeds, sleep, crying and contact as parents and trackers keep them, and the schedules
  that they tell.
- `event_tables/`: doses and values as pharmacometrics keeps them, both ways.
- `templates`: empty tables to be filled in.

Nothing here simulates: what is read is laid over courses, and fitted, elsewhere.

>>> import pandas as pd
>>> from oxysim.observations import Observations
>>> table = pd.DataFrame({"person": ["01", "01"], "minutes": [600.0, 630.0],
...                       "analyte": "saliva_oxytocin", "value": [12.0, 30.5], "unit": "pg/mL"})
>>> samples = Observations.from_table(table)
>>> samples.persons, samples.of("saliva_oxytocin").table["value"].tolist()
(('01',), [12.0, 30.5])
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
