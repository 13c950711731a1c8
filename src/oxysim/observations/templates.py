"""Empty tables of each kind that a reader takes, with a comment on every column."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oxysim.checks import choice

# every text reads back with the options that its own comment names
_DIARY = """\
# A diary of feeds, sleep, crying and contact, one row an entry. Lines with # in front are comments.
#
# date          YYYY-MM-DD; or a column "day" in its place, with the number of the day
# start, end    clock times, "18:05" or "6:05 pm"; an end before its start is of the next day
# activity      breastfeed, bottle, sleep, crying, fussing, touch, skin-to-skin, massage, play,
#               talk, absence, caregiver sleep or partner contact
# caregiver     who it was, by the name in the family; empty for what the infant does alone
# amount_ml     what was drunk; empty where it is not known
#
# oxysim read diary.csv --as diary --option born=2024-03-01
date,start,end,activity,caregiver,amount_ml
2024-03-10,06:30,06:55,breastfeed,mother,
2024-03-10,07:10,08:40,sleep,,
2024-03-10,08:45,09:05,bottle,father,90
2024-03-10,17:30,17:50,crying,,
2024-03-10,20:15,00:40,sleep,,
"""

_EVENTS = """\
# Doses and measured values as NONMEM, mrgsolve and Monolix keep them: one row an event, rows of a
# person together and in the order of time. A point stands for nothing.
#
# ID      who
# TIME    time since TIME 0, in one unit (--option time_unit)
# AMT     the dose, in one unit (--option dose_unit)
# CMT     where a dose goes and what a value is of (--option doses.1, analytes.2)
# EVID    1 a dose, 0 a value
# MDV     1 where there is no value
# DV      the value, or the limit where CENS is 1
# CENS    1 below the limit, 0 a value
#
# oxysim read events.csv --as events --option time_unit=h --option dose_unit=IU \\
#   --option doses.1=nasal --option analytes.2=saliva_oxytocin --option units=pg/mL \\
#   --option "time_zero=day 36 10:00"
ID,TIME,AMT,CMT,EVID,MDV,DV,CENS
01,0,24,1,1,1,.,0
01,0.25,.,2,0,0,220.5,0
01,2,.,2,0,0,1,1
02,0,24,1,1,1,.,0
02,0.25,.,2,0,0,187,0
02,2,.,2,0,1,.,0
"""

TEMPLATES: Mapping[str, str] = MappingProxyType({"diary": _DIARY, "events": _EVENTS})
"""The text of each kind of table."""


def template(kind: str) -> str:
    """The text of an empty table with comments and a few made-up rows, to be written over.

    Raises
    ------
    UnknownNameError : no such kind.

    >>> template("diary").splitlines()[0][:60]
    '# A diary of feeds, sleep, crying and contact, one row an en'
    """
    return TEMPLATES[choice(kind, "kind of table", TEMPLATES)]
