"""An instrument is a row: what it reads, how precisely, and where that is known from; checked when
it is declared.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import choice, flag, function, instance, number, sequence, text, texts
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, unknown_name
from oxysim.model import structure
from oxysim.model.inputs import channels_of
from oxysim.model.rows import UNITS, Status, rows, sources
from oxysim.texts import Called, Described, listed
from oxysim.units import SPELLINGS, plain_unit, with_unit

NoiseKind = Literal["proportional", "additive", "binomial", "classes"]
Owner = Literal["caregiver", "infant", "both"]
# units of the model's own rows, three that only a reading has, and those in which laboratories
# report a concentration
INSTRUMENT_UNITS = (
    UNITS
    | {"rating", "class", "points"}
    | set(SPELLINGS["concentration"].values())
    | set(SPELLINGS["cortisol"].values())
)
USER = "user"
"""The source of an instrument that a user declares; its note says where its figures are from."""


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
    floor : only with ``proportional``: the standard deviation that is left at a level of zero, in
        the instrument's unit, drawn anew for each sample and added to the lognormal part. An assay
        strays by a share of a high level and by a constant amount near zero (the two components of
        Rocke and Lorenzato 1995, Technometrics 37, 176).

    Raises
    ------
    UnknownNameError : no such kind. InputError : a size that is none, or a floor beside another
        kind.

    >>> MeasurementNoise("additive", 1.0).sample
    0.0
    """

    kind: NoiseKind
    occasion: float = 0.0
    sample: float = 0.0
    trait: float = 0.0
    floor: float = 0.0

    def __post_init__(self) -> None:
        # the kinds stand in one place: a new one is known here at once
        choice(self.kind, "kind", get_args(NoiseKind))
        for level in ("occasion", "sample", "trait", "floor"):
            number(getattr(self, level), level, 0.0)
        if self.floor and self.kind != "proportional":
            expected = "proportional noise where there is a floor"
            raise InputError(what="kind", expected=expected, found=repr(self.kind), key=("kind",))


@dataclass(frozen=True, repr=False)
class Instrument(Described):
    """One instrument: from states of the model to what a study reads.

    Attributes
    ----------
    name : how users name it.
    variables : the variables of the member that it reads; the first one names what it is about.
    unit : unit of the reading.
    noise : how far readings stray.
    source, status, note : key of ``data/sources.csv`` ("user" where a user declares it), and what
        is known or assumed.
    owner : who can be measured: "caregiver", "infant" or "both".
    expected : the expected reading from the variables' values (then the reporter's, the inputs'
        levels and the age), arrays in, array out.
    reporter : variables of the first caregiver, where that caregiver fills in a form about the
        infant.
    inputs : input channels of the member that bear on the reading.
    by_age : whether the reading depends on the infant's age as such, which comes last, in minutes.
    window : the reading is the mean over this many preceding minutes (0: the moment).
    lloq : lower limit of quantification, in the unit; a reading below it is reported as half of it.
    uloq : upper limit of quantification; a reading above it is reported as the limit ("> 400"), as
        a laboratory does that cannot dilute and assay the sample again. One that does has a limit
        of so many times more.
    rounding : readings are rounded to multiples of this (0: not rounded).
    low, high : ends of the scale; readings are clipped to them.
    steady : it moves over weeks, so it may be read between outputs however far apart.
    matrix : what is sampled ("saliva", "plasma"); empty where nothing is.

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
    uloq: float = np.inf
    matrix: str = ""

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        steps = f", in steps of {self.rounding:g}" if self.rounding else ""
        # said only of those that have such a thing
        over = [("mean over", f"{self.window:g} min")] if self.window else []
        lowest = [("quantified from", with_unit(f"{self.lloq:g}", self.unit))] if self.lloq else []
        if self.uloq < np.inf:
            lowest.append(("quantified to", with_unit(f"{self.uloq:g}", self.unit)))
        sampled = [("in", self.matrix)] if self.matrix else []
        return f"Instrument {self.name!r}", [
            ("measures", {"both": "caregiver or infant"}.get(self.owner, self.owner)),
            ("reads", listed(self.quantities)),
            *sampled,
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
        if self.source != USER and self.source not in sources():
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
        # a range of quantification without a reading in it
        if not max(self.lloq, self.low) < self.uloq:
            raise InputError(
                what=f"instrument {self.name!r}, uloq",
                expected=f"a limit above {max(self.lloq, self.low):g}, the lowest that it reports",
                found=f"{self.uloq:g}",
                key=("uloq",),
            )

    def _require_quantities(self, where: str) -> None:
        """Raise unless everybody who is measured, and who reports, has what is read of them."""
        # an instrument for both must find its variables in both
        read_of = [(member, self.variables) for member in self.members]
        for member, variables in (*read_of, ("caregiver", self.reporter)):
            for variable in variables:
                if variable not in READABLE[member]:
                    raise unknown_name("variable", variable, READABLE[member], where)
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
        for field_name in ("low", "high", "uloq"):
            end = getattr(self, field_name)
            # an open end is infinite, which no other number here may be
            if not (isinstance(end, float) and math.isinf(end)):
                number(end, field_name)
        flag(self.by_age, "by_age")
        flag(self.steady, "steady")
        for field_name in ("unit", "source"):
            checked_name(getattr(self, field_name), field_name)
        text(self.matrix, "matrix")

    @property
    def words(self) -> str:
        """What it reads and how far it strays, for the methods of a report.

        >>> from oxysim.measures import instrument
        >>> instrument("epds").words
        'epds in EPDS, additive noise (visit 0, sample 1.8), in steps of 1'
        """
        noise = self.noise
        sizes = [f"visit {noise.occasion:g}", f"sample {noise.sample:g}"]
        sizes += [f"{n} {getattr(noise, n):g}" for n in ("trait", "floor") if getattr(noise, n)]
        clauses = [
            f"{listed(self.quantities)} in {plain_unit(self.unit) or 'a pure number'}",
            f"{noise.kind} noise ({', '.join(sizes)})",
            f"quantified from {self.lloq:g}" if self.lloq else "",
            f"quantified to {self.uloq:g}" if self.uloq < np.inf else "",
            f"in steps of {self.rounding:g}" if self.rounding else "",
            self.note,
        ]
        # a note is the row's own words, which no reader of a design needs of the package's rows
        return ", ".join(clause for clause in clauses if clause and clause != self.note) + (
            f" ({self.note})" if self.note and self.source == USER else ""
        )

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

    @functools.cached_property
    def fingerprint(self) -> str:
        """A digest of all that its readings depend on: two instruments of one fingerprint read
        alike. A function of the user's counts by its name alone.

        >>> from oxysim.measures import instrument
        >>> len(instrument("epds").fingerprint)
        64
        """
        names = [field.name for field in fields(self) if field.name not in _WORDS]
        parts = [f"{name} {_plain(getattr(self, name))}" for name in names]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

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


# what is known of an instrument, and moves no reading
_WORDS = ("source", "status", "note", "matrix")


def _plain(value: Any) -> str:
    """A field in the words of a digest: 1 and 1.0 are one number."""
    if is_dataclass(value):
        values = (getattr(value, field.name) for field in fields(value))
        return f"{type(value).__name__} {' '.join(map(_plain, values))}"
    if callable(value):
        # code has no text: a function is known by its place, a callable object by its class's
        where = value if hasattr(value, "__qualname__") else type(value)
        return f"{where.__module__}.{where.__qualname__}"
    return repr(float(value)) if isinstance(value, int | float) else repr(value)


def _units(state: Any, outputs: Any) -> Mapping[str, str]:
    return {name: row.unit for name, row in (rows(state) | rows(outputs)).items()}


# states and outputs alike can be read; made once, since every row is checked against them
READABLE: Mapping[str, Mapping[str, str]] = {
    "caregiver": _units(structure.CaregiverState, structure.CaregiverOutputs),
    "infant": _units(structure.InfantState, structure.InfantOutputs),
}
"""Kind of member -> variable that an instrument can read -> its unit."""
