"""An instrument is a row: what it reads, how precisely, and where that is known from; checked when
it is declared.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import choice, flag, function, instance, number, sequence
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, unknown_name
from oxysim.model import structure
from oxysim.model.inputs import channels_of
from oxysim.model.rows import UNITS, Status, rows, sources
from oxysim.texts import Called, Described, listed
from oxysim.units import plain_unit, with_unit

NoiseKind = Literal["proportional", "additive", "binomial", "classes"]
Owner = Literal["caregiver", "infant", "both"]
# units of the model's own rows, and three that only a reading has
INSTRUMENT_UNITS = UNITS | {"rating", "class", "points"}


def as_it_is(value: FloatArray) -> FloatArray:
    """The expected reading of an instrument that reads its variable as it is.

    >>> as_it_is(np.array([3.0]))
    array([3.])
    """
    return value


@dataclass(frozen=True, repr=False)
class MeasurementNoise(Called):
    """How far a reading strays from what is expected.

    ``proportional``: lognormal around the expected reading (its mean), sizes are coefficients of
    variation. ``additive``: normal, sizes are standard deviations in the instrument's unit.
    ``binomial``: a count out of a drawn number of comments; sizes are standard deviations of the
    share, logit scale. ``classes``: a class by thresholds; sizes are standard deviations on the
    logit scale.

    Attributes
    ----------
    kind : one of these four. The sizes are numbers of at least 0.
    occasion : shared by all samples of one visit (one occasion and one day).
    sample : drawn anew for each sample.
    trait : stays with the person through the whole study; only for an instrument that reads mostly
        something else.

    Raises
    ------
    UnknownNameError : no such kind. InputError : a size that is none.

    >>> MeasurementNoise("additive", 1.0).sample
    0.0
    """

    kind: NoiseKind
    occasion: float = 0.0
    sample: float = 0.0
    trait: float = 0.0

    def __post_init__(self) -> None:
        # the kinds stand in one place: a new one is known here at once
        choice(self.kind, "kind", get_args(NoiseKind))
        for level in ("occasion", "sample", "trait"):
            number(getattr(self, level), level, 0.0)


@dataclass(frozen=True, repr=False)
class Instrument(Described):
    """One instrument: from states of the model to what a study reads.

    Attributes
    ----------
    name : how users name it.
    variables : the variables of the member that it reads; the first one names what it is about.
    unit : unit of the reading.
    noise : how far readings stray.
    source, status, note : key of ``data/sources.csv``, and what is known or assumed.
    owner : who can be measured: "caregiver", "infant" or "both".
    expected : the expected reading from the variables' values (then the inputs' levels), arrays in,
        array out.
    inputs : input channels of the member that bear on the reading.
    window : the reading is the mean over this many preceding minutes (0: the moment).
    lloq : lower limit of quantification, in the unit; a reading below it is reported as half of it.
    rounding : readings are rounded to multiples of this (0: not rounded).
    low, high : ends of the scale; readings are clipped to them.
    steady : it moves over weeks, so it may be read between outputs however far apart.

    Raises
    ------
    InputError, UnknownNameError : when the row contradicts itself or cites what does not exist.

    >>> noise = MeasurementNoise("additive", 1.0)
    >>> row = ("bond_scale", ("bond",), "points", noise, "assumption", "assumed", "made up")
    >>> Instrument(*row, high=1.0).members
    ('caregiver',)
    """

    name: str
    variables: tuple[str, ...]
    unit: str
    noise: MeasurementNoise
    source: str
    status: Status
    note: str
    owner: Owner = "caregiver"
    expected: Callable[..., FloatArray] = as_it_is
    inputs: tuple[str, ...] = ()
    window: float = 0.0
    lloq: float = 0.0
    rounding: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    steady: bool = False

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        steps = f", in steps of {self.rounding:g}" if self.rounding else ""
        # said only of those that have such a thing
        over = [("mean over", f"{self.window:g} min")] if self.window else []
        lowest = [("quantified from", with_unit(f"{self.lloq:g}", self.unit))] if self.lloq else []
        return f"Instrument {self.name!r}", [
            ("measures", {"both": "caregiver or infant"}.get(self.owner, self.owner)),
            ("reads", listed((*self.variables, *self.inputs))),
            ("unit", f"{plain_unit(self.unit) or 'none'}{steps}"),
            ("scale", f"{self.low:g} to {self.high:g}"),
            *over,
            *lowest,
            ("noise", repr(self.noise)),
            ("source", f"{self.source} ({self.status})"),
            ("note", self.note),
        ]

    def __post_init__(self) -> None:
        # kinds first: what follows compares numbers and looks names up
        self._require_types()
        where = f"of instrument {self.name!r}"
        if self.unit not in INSTRUMENT_UNITS:
            raise unknown_name("unit", self.unit, INSTRUMENT_UNITS, where)
        if self.source not in sources():
            raise unknown_name("source", self.source, sources(), where)
        # an instrument for both must find its variables in both
        for member in self.members:
            for variable in self.variables:
                if variable not in _VARIABLES[member]:
                    raise unknown_name("variable", variable, _VARIABLES[member], where)
            for channel in self.inputs:
                if channel not in channels_of(member):
                    raise unknown_name("channel", channel, channels_of(member), where)
        # each is at least 0; several wrong ones are answered with the whole row
        sizes = (
            self.noise.occasion,
            self.noise.sample,
            self.noise.trait,
            self.window,
            self.lloq,
            self.rounding,
        )
        if (
            not self.variables
            or min(sizes) < 0
            or not self.low < self.high
            or (self.lloq and self.lloq < self.low)
        ):
            raise InputError(
                f"instrument {self.name!r}: expected a variable, sizes >= 0 and low < high; found"
                f" {self!r}"
            )

    def _require_types(self) -> None:
        checked_name(self.name, "name")
        for field_name, words in (
            ("variables", "variables such as 'cortisol'"),
            ("inputs", "input channels"),
        ):
            sequence(
                getattr(self, field_name),
                field_name,
                checked_name,
                of=words,
                # inputs are extra: most instruments have none
                least=1 if field_name == "variables" else 0,
            )
        instance(
            self.noise,
            "noise",
            MeasurementNoise,
            "a MeasurementNoise such as MeasurementNoise('additive', 1.0)",
        )
        choice(self.owner, "owner", get_args(Owner))
        choice(self.status, "status", get_args(Status))
        function(self.expected, "expected", "a function of the variables' values")
        for field_name in ("window", "lloq", "rounding"):
            number(getattr(self, field_name), field_name, 0.0)
        for field_name in ("low", "high"):
            end = getattr(self, field_name)
            # an open end is infinite, which no other number here may be
            if not (isinstance(end, float) and math.isinf(end)):
                number(end, field_name)
        flag(self.steady, "steady")
        for field_name in ("unit", "source"):
            checked_name(getattr(self, field_name), field_name)

    @functools.cached_property
    def members(self) -> tuple[str, ...]:
        """The kinds of member that it can measure.

        >>> from oxysim.measures import instrument
        >>> instrument("saliva_oxytocin").members
        ('caregiver', 'infant')
        """
        return ("caregiver", "infant") if self.owner == "both" else (self.owner,)


def _names(state: Any, outputs: Any) -> frozenset[str]:
    return frozenset(rows(state)) | frozenset(rows(outputs))


# states and outputs alike can be read; made once, since every row is checked against them
_VARIABLES = {
    "caregiver": _names(structure.CaregiverState, structure.CaregiverOutputs),
    "infant": _names(structure.InfantState, structure.InfantOutputs),
}
