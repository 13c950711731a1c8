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

# the values of one sample each: what a laboratory of that material measures, with its texts
_SAMPLES = """\
# Samples of {material}, one row a sample; one column an analyte, its unit in the header. Lines with
# # in front are comments.
#
# person     the study's identifier, always a text
# member     mother, father, infant, ...
# date       YYYY-MM-DD
# clock      "09:55" or "9:55 am"
# {header}
#            a number, "<1" below a limit, QNS for too little of the sample, or nothing
#
# oxysim read {material}.csv --as {material} --option "limits.{analyte}={limit}"
person,member,date,clock,{header}
01,mother,2024-03-10,09:55,{usual}
01,mother,2024-03-10,10:15,QNS
02,mother,2024-03-11,09:50,BLQ
02,mother,2024-03-11,10:15,
"""

_EPDS = """\
# Forms of the Edinburgh Postnatal Depression Scale, one row a form. Lines with # in front are
# comments.
#
# person     the study's identifier, always a text
# age        of the infant; its unit in the header: days, weeks or months
# epds_1...  the ten items, 0 to 3 as scored
# total      their sum; leave the items out where only totals are known
#
# oxysim read epds.csv --as epds
person,age [weeks],epds_1,epds_2,epds_3,epds_4,epds_5,epds_6,epds_7,epds_8,epds_9,epds_10,total
01,6,0,0,1,1,2,1,0,1,0,0,6
01,12,0,0,0,1,1,1,0,0,0,0,3
02,6,1,2,2,2,2,2,1,2,1,0,15
"""


def _samples(material: str, analyte: str, unit: str, usual: str, limit: str) -> str:
    return _SAMPLES.format(
        material=material,
        analyte=analyte,
        header=f"{analyte} [{unit}]",
        usual=usual,
        limit=f"{limit} {unit}",
    )


TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "saliva": _samples("saliva", "saliva_oxytocin", "pg/mL", "12.5", "1"),
        "plasma": _samples("plasma", "plasma_oxytocin", "pg/mL", "3.4", "0.5"),
        "urine": _samples("urine", "urine_oxytocin", "pg/mL", "8", "0.5"),
        "cortisol": _samples("cortisol", "salivary_cortisol", "nmol/L", "9.1", "0.3"),
        "epds": _EPDS,
        "diary": _DIARY,
        "events": _EVENTS,
    }
)
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
