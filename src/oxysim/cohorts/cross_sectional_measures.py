"""What a cross-section measures: with which instrument, on whom, when.

The words are those of a trial's endpoints (``trials.plan.endpoints``); `at` is a clock time on the
day of the visit here, since a cross-section has one visit, and the name of a visit there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oxysim import units
from oxysim.errors import InputError, shown, unknown_name
from oxysim.measures import Instrument, instrument
from oxysim.measures.instrument_names import distinct_user_instruments
from oxysim.texts import Called

# between play and talk on the typical day from 3 to 12 months, when everybody is awake; assumed
MORNING = "11:20"
STEP = 5.0  # min between the values that are kept on the day of a visit


@dataclass(frozen=True)
class Measure(Called):
    """What is measured, on whom, when.

    Attributes
    ----------
    instrument : see ``oxysim.measures.instrument_table``; or an instrument of yours.
    member : "caregiver" (the first) or "infant".
    at : clock time on the day of the visit, or a pair (from, to): the mean over that stretch.
    age : another infant age than that of the visit, as text; only for what moves over weeks.

    Raises
    ------
    UnknownNameError : no such instrument or member. InputError : a member or an age that the
        instrument cannot have.

    >>> Measure("epds", age="8 weeks").label
    'epds at 8 weeks'
    """

    instrument: str | Instrument
    member: str = "caregiver"
    at: Any = MORNING
    age: str | None = None

    def __post_init__(self) -> None:
        tool = self.tool
        label = f"measure {tool.name!r}"
        if not isinstance(self.member, str) or self.member not in ("caregiver", "infant"):
            raise unknown_name("member", self.member, ("caregiver", "infant"), f"of {label}")
        if self.member not in tool.members:
            raise InputError(f"{label}: it measures the {tool.owner}; found {self.member!r}")

        # What moves within hours is read at the visit: at another age it was not kept.
        if self.age is not None and not tool.steady:
            raise InputError(f"{label} moves within hours: it is read at the visit; leave out age=")
        if self.age is not None:
            units.duration(self.age, f"age of {label}", positive=False)
        if tool.window and len(self._ends) > 1:
            raise InputError(
                what=f"{label}, at",
                key=("at",),
                found=shown(self.at),
                expected=(
                    f"one time: it reads the mean over the {tool.window:g} min before it by itself"
                ),
            )
        # a stretch shorter than the step between kept values would have no mean
        ends = [units.clock(end, f"at of {label}") for end in self._ends]
        if not 1 <= len(ends) <= 2 or (len(ends) == 2 and ends[1] < ends[0] + STEP):
            raise InputError(f"{label}: expected a clock time or a pair of them; found {self.at!r}")

    @property
    def tool(self) -> Instrument:
        """The instrument.

        >>> Measure("epds").tool.unit
        'EPDS'
        """
        return instrument(self.instrument)

    @property
    def label(self) -> str:
        """Its name in tables.

        >>> Measure("plasma_oxytocin", member="infant").label
        'infant plasma_oxytocin'
        """
        whose = "infant " if self.member == "infant" else ""
        return whose + self.tool.name + (f" at {self.age}" if self.age else "")

    @property
    def hours(self) -> tuple[float, float]:
        """From when to when it needs its variables on the day of the visit, minutes.

        >>> Measure("urine_oxytocin", at="10:00").hours  # the mean over three hours before
        (420.0, 600.0)
        """
        ends = [units.clock(end) for end in self._ends]
        return ends[0] - self.tool.window, ends[-1]

    @property
    def variables(self) -> tuple[str, ...]:
        """What it reads, by name.

        >>> Measure("epds").variables
        ('caregiver.epds',)
        """
        # the first caregiver is who reports on the infant
        return self.tool.reads(self.member, ["caregiver"])

    @property
    def _ends(self) -> tuple[Any, ...]:
        return tuple(self.at) if isinstance(self.at, tuple | list) else (self.at,)


def measure_of(measure: Any) -> Measure:
    """A measure as it is, or from its instrument, by name ("epds", "infant.saliva_oxytocin") or
    itself.

    >>> measure_of("infant.saliva_oxytocin").member
    'infant'
    """
    if isinstance(measure, Measure):
        return measure
    if isinstance(measure, Instrument):
        return Measure(measure, measure.members[0])
    if not isinstance(measure, str):
        raise InputError(
            "measure: expected a name such as 'infant.saliva_oxytocin', or a Measure; found"
            f" {measure!r}"
        )
    # a name without a member is that of whom the instrument measures
    member, dot, name = measure.rpartition(".")
    tool = instrument(name)
    return Measure(name, member if dot else tool.members[0])


def measures_of(measures: Sequence[Any]) -> list[Measure]:
    """Measures as they are or from their names, checked to be different.

    Raises
    ------
    InputError : none, one twice, or no list. UnknownNameError : no such instrument.

    >>> [measure.label for measure in measures_of(["epds", "infant.saliva_oxytocin"])]
    ['epds', 'infant saliva_oxytocin']
    """
    if isinstance(measures, str | Measure | Instrument) or not isinstance(measures, Sequence):
        raise InputError(
            f"measures: expected a list such as ['epds', 'sensitivity']; found {measures!r}"
        )
    listed = [measure_of(measure) for measure in measures]
    # two instruments of one name could not be told apart in the tables
    distinct_user_instruments(measure.tool for measure in listed)
    labels = [measure.label for measure in listed]
    # labels are the keys of tables
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice or not listed:
        text = repr(twice) + " twice" if listed else "none"
        raise InputError(f"measures: expected different ones; found {text}")
    return listed
