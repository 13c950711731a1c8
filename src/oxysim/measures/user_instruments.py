"""Instruments that a user declares: the assay of a laboratory, a scale of a study.

One is made in a script (:func:`user_instrument`), from a row of a table (:func:`instrument_of_row`)
or by ``instrument_files`` from a small file. It is an :class:`~oxysim.measures.Instrument` like
those of the package, and is taken wherever an instrument's name is; nothing is registered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, get_args

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import choice, instance, number, refused, text
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, about, shown, unknown_name
from oxysim.measures.instrument_model import (
    INSTRUMENT_UNITS,
    READABLE,
    USER,
    Instrument,
    MeasurementNoise,
    NoiseKind,
    Owner,
)
from oxysim.measures.instrument_names import INSTRUMENTS, instrument
from oxysim.model.rows import Status

# as criteria of entry and keys of a file can have it
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# of an instrument read as another one: what is scaled with its readings
_SIZES = ("lloq", "uloq", "rounding")
_CONCENTRATIONS = ("concentration", "cortisol")

ROW_NOISE = {
    "visit_noise": "occasion",
    "sample_noise": "sample",
    "trait_noise": "trait",
    "floor_noise": "floor",
}
"""Column of a table of instruments -> the size of the noise that stands in it."""


@dataclass(frozen=True)
class Rescaled:
    """What another instrument expects, times a factor and moved by an offset: another unit, or an
    assay that reads higher.

    >>> from oxysim.measures.instrument_model import as_it_is
    >>> Rescaled(as_it_is, factor=40.0, offset=2.0)(np.array([3.0]))
    array([122.])
    """

    expected: Any
    factor: float
    offset: float = 0.0

    def __call__(self, *quantities: FloatArray) -> FloatArray:
        return np.asarray(self.offset + self.factor * self.expected(*quantities), dtype=float)


class _Scale(NamedTuple):
    """How much higher an instrument reads than what it is declared by."""

    factor: float = 1.0
    offset: float = 0.0


def user_instrument(  # noqa: PLR0913 - what an instrument is, each by its name
    name: str,
    *,
    like: str | Instrument | None = None,
    reads: str | None = None,
    unit: str | None = None,
    noise: MeasurementNoise | None = None,
    lloq: float | None = None,
    uloq: float | None = None,
    rounding: float | None = None,
    low: float | None = None,
    high: float | None = None,
    window: str | None = None,
    owner: Owner | None = None,
    steady: bool | None = None,
    matrix: str | None = None,
    factor: float = 1.0,
    offset: float = 0.0,
    status: Status = "assumed",
    note: str = "",
) -> Instrument:
    """An instrument of the user's, for wherever an instrument can stand.

    Parameters
    ----------
    name : letters, digits and underscores; not that of an instrument of the package. It keys the
        noise.
    like : an instrument that reads the same, by name or itself: what is not named here is as there.
    reads : in place of `like`, the variable that it reads ("saliva_oxytocin", "cortisol"). It then
        needs its `noise`.
    unit : of the readings; default that of what it reads. Between concentrations, and between
        units of cortisol, readings, limits and noise are converted; any other unit needs `factor`.
    noise : how far readings stray; sizes in this `unit`.
    lloq, uloq : lower and upper limit of quantification, in this `unit`.
    rounding, low, high : steps and ends of the scale, in this `unit`.
    window : the reading is the mean over so much time before ("3 h").
    owner : "caregiver", "infant" or "both"; default whoever has the variable.
    steady : whether it moves over weeks, so that it may be read between outputs.
    matrix : what is sampled ("saliva", "plasma").
    factor, offset : reading = offset + factor x what is read (in `unit`, where it can be
        converted), for an assay that reads higher. Limits and noise of `like` then say nothing of
        this one, and have to be named.
    status, note : how its figures are known, and from where.

    Raises
    ------
    InputError, UnknownNameError : an instrument that cannot be, or sizes that nobody can know.

    >>> from oxysim.measures import MeasurementNoise
    >>> kit = user_instrument("kit_2022", like="saliva_oxytocin", lloq=14.5, uloq=404.0)
    >>> kit.unit, kit.noise.occasion, kit.uloq, kit.source
    ('pg/mL', 0.3, 404.0, 'user')
    """
    label = _checked_name(name)
    if (like is None) == (reads is None):
        expected = "either `like`, an instrument that reads the same, or `reads`, a variable"
        arguments = "neither" if like is None else "both"
        key = ("like",) if like is None else ("reads",)
        raise InputError(what=f"instrument {name!r}", expected=expected, found=arguments, key=key)
    if like is not None:
        with about("like"):
            base = replace(instrument(like), name=name)
    else:
        base = _of_variable(name, reads, noise, label)
    _require_kind(base, noise, label)
    if owner is not None:
        choice(owner, "owner", get_args(Owner))
        base = replace(base, owner=owner)
    scale = _Scale(number(factor, f"{label}, factor", 0.0, open_low=True), number(offset, "offset"))
    base = _in_unit(base, unit, label, scale)
    named = {
        "noise": noise, "lloq": lloq, "uloq": uloq, "rounding": rounding, "low": low, "high": high,
        "matrix": matrix, "steady": steady,
        "window": None if window is None else units.duration(window, "window"),
    }  # fmt: skip
    fields: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    if scale != _Scale():
        base = _reading_higher(base, scale, label, fields)
    return replace(base, **fields, source=USER, status=status, note=text(note, "note"))


def instrument_of_row(row: Mapping[str, Any]) -> Instrument:
    """An instrument from a row of a table: a mapping, or a row of pandas.

    The columns are those of :func:`~oxysim.measures.instrument_table` with the name in
    ``instrument``, and beside them ``like``, ``factor`` and ``offset``; what is empty or missing is
    at its default. ``noise`` is the kind, ``visit_noise``, ``sample_noise``, ``trait_noise`` and
    ``floor_noise`` are its sizes.

    Raises
    ------
    InputError, UnknownNameError : another column, or an instrument that cannot be.

    >>> row = {"instrument": "kit", "like": "saliva_oxytocin", "lloq": 14.5, "uloq": 404}
    >>> instrument_of_row(row).uloq
    404.0
    """
    if not hasattr(row, "items"):
        raise refused(row, "row", "a mapping of columns to values, or a row of a table")
    filled = {str(key): value for key, value in row.items() if not _is_empty(value)}
    for column in filled:
        if column not in ROW_COLUMNS:
            raise unknown_name("column", column, ROW_COLUMNS, "of a row of instruments")
    if "instrument" not in filled:
        raise InputError(what="row", expected="a name in 'instrument'", found="none")
    sizes = {ROW_NOISE[column]: filled.pop(column) for column in ROW_NOISE if column in filled}
    if sizes and "noise" not in filled:
        expected = f"the kind of noise, one of {', '.join(get_args(NoiseKind))}"
        raise InputError(what="noise", expected=expected, found="sizes alone", key=("noise",))
    if "noise" in filled:
        filled["noise"] = MeasurementNoise(filled["noise"], **sizes)
    if "window" in filled and isinstance(filled["window"], int | float):
        # the table has it in minutes, as the instrument itself
        filled["window"] = f"{filled['window']!r} min"
    name = filled.pop("instrument")
    for key in ("lloq", "uloq", "rounding", "low", "high"):
        if key in filled:
            with_number = filled[key]
            filled[key] = with_number if _is_end(key, with_number) else number(with_number, key)
    return user_instrument(name, **filled)


ROW_COLUMNS = (
    "instrument", "like", "reads", "unit", "noise", *ROW_NOISE, "lloq", "uloq", "rounding", "low",
    "high", "window", "owner", "steady", "matrix", "factor", "offset", "status", "note",
)  # fmt: skip
"""The columns of a table of instruments that a user declares."""


def _is_empty(value: Any) -> bool:
    """Whether a cell of a table holds nothing: pandas has a NaN there, a file an empty text."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _is_end(key: str, value: Any) -> bool:
    """Whether a limit is open, which no other number may be."""
    return key in ("low", "high", "uloq") and isinstance(value, float) and math.isinf(value)


def _checked_name(name: Any) -> str:
    """How messages call the instrument; raises where its name cannot be one."""
    checked_name(name, "name")
    if not _NAME.fullmatch(name):
        expected = "letters, digits and underscores, a letter first, such as 'kit_2022'"
        raise InputError(what="name", expected=expected, found=repr(name), key=("name",))
    if name in INSTRUMENTS:
        raise InputError(
            what="name",
            expected="a name that no instrument of the package has",
            found=repr(name),
            remedy="name it after the laboratory or the kit, and the package's one in like=",
            key=("name",),
        )
    return f"instrument {name!r}"


def _of_variable(
    name: str, variable: Any, noise: MeasurementNoise | None, label: str
) -> Instrument:
    """An instrument that reads a variable as it is."""
    names = dict.fromkeys(variable for kind in READABLE.values() for variable in kind)
    with about("reads"):
        choice(variable, "variable", names)
    if not isinstance(noise, MeasurementNoise):
        raise InputError(
            what=f"{label}, noise",
            expected="how far readings stray, such as MeasurementNoise('proportional', sample=.1)",
            found="none" if noise is None else shown(noise),
            key=("noise",),
        )
    having = [kind for kind, variables in READABLE.items() if variable in variables]
    owner: Any = "both" if len(having) == 2 else having[0]
    unit = READABLE[having[0]][variable]
    if noise.kind == "classes" or (noise.kind == "binomial" and unit != "fraction"):
        raise InputError(
            what=f"{label}, noise",
            expected=f"proportional or additive noise of a variable in {unit}",
            found=noise.kind,
            remedy="take an instrument with such noise in like=",
            key=("noise", "kind"),
        )
    low = 0.0 if _kind(unit) else -math.inf
    return Instrument(name, (variable,), unit, noise, USER, "assumed", "", owner=owner, low=low)


def _require_kind(base: Instrument, noise: MeasurementNoise | None, label: str) -> None:
    """Raise where counts or classes are asked of what has none, or anything else of what has."""
    if noise is None:
        return
    instance(noise, f"{label}, noise", MeasurementNoise, "a MeasurementNoise")
    # a class follows from thresholds on one scale, a count from a share of comments
    counted = base.noise.kind if base.noise.kind in ("classes", "binomial") else ""
    asked = noise.kind if noise.kind in ("classes", "binomial") else ""
    if base.noise is not noise and counted != asked:
        raise InputError(
            what=f"{label}, noise",
            expected=f"{counted or 'proportional or additive'} noise, as what it reads has",
            found=noise.kind,
            key=("noise", "kind"),
        )


def _in_unit(base: Instrument, unit: str | None, label: str, scale: _Scale) -> Instrument:
    """The instrument in another unit: its readings, limits and noise converted."""
    if unit is None:
        return base
    spelling = _common(checked_name(unit, "unit"))
    if spelling not in INSTRUMENT_UNITS:
        raise unknown_name("unit", unit, INSTRUMENT_UNITS, f"of {label}")
    if spelling == base.unit:
        return base
    ratio = _ratio(base.unit, spelling)
    if ratio is None:
        if scale.factor == 1:
            raise InputError(
                what=f"{label}, unit",
                expected=f"{base.unit}, or a unit of the same kind",
                found=spelling,
                remedy=f"name factor=, so many {spelling} a {base.unit}",
                key=("unit",),
            )
        # the user's factor converts
        return replace(base, unit=spelling)
    noise = base.noise
    if noise.kind == "additive":
        sizes = {level: getattr(noise, level) * ratio for level in ("occasion", "sample", "trait")}
        noise = replace(noise, **sizes)
    noise = replace(noise, floor=noise.floor * ratio)
    scaled = {key: getattr(base, key) * ratio for key in (*_SIZES, "low", "high")}
    return replace(
        base, unit=spelling, expected=Rescaled(base.expected, ratio), noise=noise, **scaled
    )


def _reading_higher(
    base: Instrument, scale: _Scale, label: str, named: Mapping[str, Any]
) -> Instrument:
    """The instrument with other readings; raises for what the other one's figures cannot tell."""
    usual = {"lloq": 0.0, "uloq": math.inf, "rounding": 0.0}
    unknown = [key for key in usual if key not in named and getattr(base, key) != usual[key]]
    # a share of a higher reading is the same share, an amount in its unit is not the same amount
    if "noise" not in named and (base.noise.kind == "additive" or base.noise.floor):
        unknown.append("noise")
    if unknown:
        raise InputError(
            what=label,
            expected=f"its own {', '.join(unknown)} where factor or offset change its readings",
            found="none",
            key=(unknown[0],),
        )
    low, high = base.low, base.high
    # a concentration stays at least 0, however the assay reads it
    if not _kind(base.unit):
        low, high = (scale.offset + scale.factor * end for end in (low, high))
    higher = replace(base, expected=Rescaled(base.expected, *scale), low=low, high=high)
    return replace(higher, lloq=0.0, uloq=math.inf, rounding=0.0)


def _common(unit: str) -> str:
    """The common spelling of a unit of concentration or of cortisol; another one as it is."""
    kind = _kind(unit)
    return units.common_unit(unit, kind) if kind else unit


def _kind(unit: str) -> str:
    """The kind of concentration that a unit is of, "" for anything else; ng/mL is of both."""
    return next((kind for kind in _CONCENTRATIONS if unit in units.SPELLINGS[kind]), "")


def _ratio(from_unit: str, to_unit: str) -> float | None:
    """What a number in one unit is multiplied by to be in the other; None where no factor is
    known.
    """
    for kind in _CONCENTRATIONS:
        # both of one substance: a mole of cortisol weighs another amount than one of oxytocin
        if {from_unit, to_unit} <= set(units.SPELLINGS[kind]):
            return units.convert(1.0, from_unit, kind) / units.convert(1.0, to_unit, kind)
    return None
