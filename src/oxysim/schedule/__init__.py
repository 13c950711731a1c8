"""The day and what is added to it: routines, bouts, exact edges and realised input levels.

In reading order:

- `options`: what an option may be, the number behind the words, its one spelling.
- `bouts`: stretches that write levels, and the window they fall in.
- `wording`: how a thing is said, as data; `text/` reads and writes sentences with it.
- `activities`, `typical`, `routine`: the activities of a day, the typical day, a routine.
- `planned_bouts`, `jitter`: when a routine's activities happen, and their seeded shifts.
- `timing`, `timed_source`: when an intervention happens, and what it is made of.
- `daily_life_noise`: the random input of a life.
- `crying_diary`: how long and when infants fuss and cry, as parents write it down.
- `realised`: exact edges, and the levels between them.
- `schedule`: interventions and routines added up.
"""

from oxysim.lazy_door import lazy_door

# the names and their modules stand in __init__.pyi
__getattr__, __dir__, __all__ = lazy_door(__name__, __file__)
