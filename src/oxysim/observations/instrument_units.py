"""Units as files write them, and what they are in the unit of an instrument."""

from __future__ import annotations

import difflib
from typing import Any

from oxysim import units
from oxysim.checks import name
from oxysim.errors import InputError, UnitError, unknown_name
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.instrument_names import INSTRUMENTS

# how laboratories write what is written otherwise here; litres and micro have two signs each
_SPELLINGS = {
    "pg/ml": "pg/mL", "ng/l": "ng/L", "ng/ml": "ng/mL", "pmol/l": "pmol/L", "pm": "pmol/L",
    "nmol/l": "nmol/L", "nm": "nmol/L", "ug/dl": "ug/dL", "mcg/dl": "ug/dL", "ug/l": "ug/L",
    "mcg/l": "ug/L", "mmhg": "mmHg", "percent": "%",
}  # fmt: skip

_MISSPELT = 0.85  # similarity (difflib) of two letters exchanged in a name of fifteen


def plain_spelling(unit: str) -> str:
    """A unit as a file writes it, in the spelling of the library; an unknown one stays as it is.

    >>> plain_spelling("ng/ml"), plain_spelling(" µg/dl "), plain_spelling("beats")
    ('ng/mL', 'ug/dL', 'beats')
    """
    # the sign for micro and the Greek letter look alike and are two characters
    plain = unit.strip().replace("µ", "u").replace("\u03bc", "u").replace(" ", "")
    return _SPELLINGS.get(plain.casefold(), plain)


def analyte_instrument(analyte: str | Instrument) -> Instrument | None:
    """The instrument that an analyte names or is; None for a user's own name.

    >>> analyte_instrument("salivary_cortisol").unit, analyte_instrument("alpha_amylase")
    ('nmol/L', None)
    """
    return analyte if isinstance(analyte, Instrument) else INSTRUMENTS.get(analyte)


def checked_analyte(analyte: Any, where: str) -> str:
    """An analyte's name; raises for a misspelt instrument, which would be a user's own analyte.

    >>> checked_analyte("alpha_amylase", "saliva.csv")
    'alpha_amylase'
    """
    title = name(analyte, where)
    # one or two letters out of place: "salvia_oxytocin", and not "saliva_oxytocin_2"
    near = difflib.get_close_matches(title, INSTRUMENTS, 1, _MISSPELT)
    if title not in INSTRUMENTS and near and abs(len(title) - len(near[0])) <= 1:
        raise unknown_name("analyte", title, INSTRUMENTS, f"in {where}", key=("analytes",))
    return title


def unit_factor(tool: Instrument, unit: str, where: str) -> float:
    """What a value in `unit` is multiplied by to be in the instrument's own unit.

    Raises
    ------
    UnitError : no unit of what the instrument reads.

    >>> unit_factor(INSTRUMENTS["salivary_cortisol"], "ug/dL", "saliva.csv")
    27.59
    """
    plain = plain_spelling(unit)
    if plain == tool.unit:
        return 1.0
    kind = _kind_of(tool)
    spellings = units.SPELLINGS[kind] if kind else {}
    if plain not in spellings:
        further = [spelling for spelling in spellings if spelling != tool.unit]
        expected = " or ".join([repr(tool.unit), *(repr(spelling) for spelling in further)])
        raise UnitError(
            what=where,
            expected=f"a unit of {tool.name}: {expected}",
            found=repr(unit),
            key=("units",),
        )
    # both in the library's own unit of that kind; the instrument's may be another
    return units.convert(1.0, plain, kind) / units.convert(1.0, tool.unit, kind)


def _kind_of(tool: Instrument) -> str:
    """The kind of quantity of an instrument's unit; empty for points, beats and the like."""
    # ng/mL is of either hormone, and what it is in moles depends on which
    kinds = ["concentration", "cortisol", "fraction"]
    if "cortisol" in tool.variables:
        kinds.remove("concentration")
    return next((kind for kind in kinds if tool.unit in units.SPELLINGS[kind]), "")


def require_one_unit(units_of: dict[str, set[str]], table: str) -> None:
    """Raise unless every analyte has one unit; `units_of` has the units that occur, by analyte.

    >>> require_one_unit({"saliva_oxytocin": {"pg/mL"}}, "saliva.csv")
    """
    for analyte, written in units_of.items():
        if len(written) > 1:
            raise InputError(
                what=f"{table}, {analyte}",
                expected="one unit for all values",
                found=" and ".join(sorted(repr(unit) for unit in written)),
                remedy="convert one of them, or give the two analytes names of their own",
                key=("unit",),
            )


def unit_of(analyte: Any) -> str:
    """The unit of an analyte that is an instrument; empty for a user's own.

    >>> unit_of("epds"), unit_of("alpha_amylase")
    ('EPDS', '')
    """
    tool = analyte_instrument(analyte)
    return tool.unit if tool else ""
