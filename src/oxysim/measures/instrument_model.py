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
from oxysim.checks import choice, flag, function, instance, number, sequence, texts
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
    expected : the expected reading from the variables' values (then the reporter's, the inputs'
        levels and the age), arrays in, array out.
    reporter : variables of the first caregiver, where that caregiver fills in a form about the
        infant.
    inputs : input channels of the member that bear on the reading.
    by_age : whether the reading depends on the infant's age as such, which comes last, in minutes.
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
    reporter: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    by_age: bool = False
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
            ("reads", listed(self.quantities)),
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
        self._require_quantities(where)
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

    def _require_quantities(self, where: str) -> None:
        """Raise unless everybody who is measured, and who reports, has what is read of them."""
        # an instrument for both must find its variables in both
        read_of = [(member, self.variables) for member in self.members]
        for member, variables in (*read_of, ("caregiver", self.reporter)):
            for variable in variables:
                if variable not in _VARIABLES[member]:
                    raise unknown_name("variable", variable, _VARIABLES[member], where)
        for member in self.members:
            for channel in self.inputs:
                if channel not in channels_of(member):
                    raise unknown_name("channel", channel, channels_of(member), where)

    def _require_types(self) -> None:
        checked_name(self.name, "name")
        for field_name, words in (
            ("variables", "variables such as 'cortisol'"),
            ("reporter", "variables of the caregiver who reports"),
            ("inputs", "input channels"),
        ):
            sequence(
                getattr(self, field_name),
                field_name,
                checked_name,
                of=words,
                # a reporter and inputs are extra: most instruments have none
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
        flag(self.by_age, "by_age")
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

    @property
    def quantities(self) -> tuple[str, ...]:
        """What ``expected`` takes, in words and in its order.

        >>> from oxysim.measures import instrument
        >>> instrument("reported_temperament").quantities
        ('irritability', "reporter's epds", 'age')
        """
        reported = (f"reporter's {variable}" for variable in self.reporter)
        age = ("age",) if self.by_age else ()
        return (*self.variables, *reported, *self.inputs, *age)

    def reads(self, person: str, caregivers: Sequence[str]) -> tuple[str, ...]:
        """The full names of the variables that it reads, in the order in which ``expected`` takes
        them.

        Parameters
        ----------
        person : who is measured, by full name.
        caregivers : all caregivers' names; the first of them is who reports on the infant.

        >>> from oxysim.measures import instrument
        >>> instrument("reported_temperament").reads("infant", ["mother", "father"])
        ('infant.irritability', 'mother.epds')
        """
        members = texts(caregivers, "caregivers", of="names of caregivers", least=1)
        for caregiver in members:
            checked_name(caregiver, "caregivers")
        choice(person, "person", (*members, "infant"))
        measured = (f"{person}.{variable}" for variable in self.variables)
        return (*measured, *(f"{members[0]}.{variable}" for variable in self.reporter))


def _names(state: Any, outputs: Any) -> frozenset[str]:
    return frozenset(rows(state)) | frozenset(rows(outputs))


# states and outputs alike can be read; made once, since every row is checked against them
_VARIABLES = {
    "caregiver": _names(structure.CaregiverState, structure.CaregiverOutputs),
    "infant": _names(structure.InfantState, structure.InfantOutputs),
}
