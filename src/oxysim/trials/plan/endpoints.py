"""What a trial is judged by: endpoints, from the readings of a course to one value a participant.

An endpoint says what is read: with which instrument, on whom, at which visit, over which stretch of
time. A cross-section says the same of its measures (``cohorts.cross_sectional_measures.Measure``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from oxysim import checks, units
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.findings.agreement import EXPECTED, Expected
from oxysim.findings.published import target as published
from oxysim.measures import Instrument, instrument
from oxysim.measures.cut_offs import EPDS_POSSIBLE
from oxysim.measures.instrument_names import name_or_instrument
from oxysim.texts import Called

DIRECTIONS = ("increase", "decrease")
KINDS = ("value", "change", "area", "response", "remission", "time to remission")
MEASURED_KINDS = ("value", "change", "area")  # what has a unit; the others are shares and times
CUT_OFF_KINDS = ("remission", "time to remission")

# The number in a kind, "response (50 %)" or "remission (< 10)", and what it is where it is left
# out: half of the baseline, and the usual cut-off of the EPDS.
_KIND = re.compile(
    r"\s*(?P<kind>[a-z ]*[a-z])\s*(?:\(\s*<?\s*(?P<number>\d+(?:\.\d+)?)\s*%?\s*\))?\s*"
)
DEFAULT_NUMBERS = {
    "response": 50.0,
    "remission": EPDS_POSSIBLE,
    "time to remission": EPDS_POSSIBLE,
}


# the arguments that are names; of them the instrument may be one of the user's
_NAMED = ("instrument", "at", "member")


class EndpointValues(NamedTuple):
    """An endpoint of every participant: values (NaN where not known), and for a time whether it was
    reached.

    >>> EndpointValues(np.array([42.0]), np.array([1.0])).reached
    array([1.])
    """

    values: FloatArray
    reached: FloatArray | None = None


class ReadingSource(NamedTuple):
    """What is read: with which instrument, on whom, and over how many minutes before the visit (0:
    at that moment).

    The instrument stands by its name, a user's as itself.

    >>> Endpoint("epds", at="6 weeks").source
    ReadingSource(instrument='epds', member='caregiver', minutes=0.0)
    """

    instrument: str | Instrument
    member: str
    minutes: float


@dataclass(frozen=True)
class Endpoint(Called):
    """One endpoint.

    Parameters
    ----------
    instrument : what is read (see ``measures.instrument_table``), or an instrument of yours
        (``measures.user_instrument``).
    at : the visit, by name.
    kind : "value"; "change" from baseline; "area" under the course from baseline (unit x days);
        "response (50 %)", a fall by at least so much of the baseline (not known where that is 0);
        "remission (< 10)", a reading below so much; "time to remission (< 10)" in days, at the
        planned times of the visits up to `at`; its hazard ratio needs the extra ``stats``.
    member : "caregiver" (the first), a caregiver's name or "infant".
    over : a stretch of time before each visit over which the instrument reads the mean ("15 min",
        as a rater who codes a bout of play); default: the moment, or the instrument's own window.
    primary : the endpoint that a trial is planned for; one at most, default the first.
    adjusted : compare values adjusted for the baseline (analysis of covariance); for "value" and
        "change".
    expected, target : the published direction and the id of the finding (see
        ``trials.reporting.table_of_effects``).
    name : in tables; default made of the others.
    responds, threshold : the direction of a response, "increase" or "decrease", and the smallest
        change that matters, in the value's unit; both or neither. They say who responds
        (``TrialResult.responders``, the waterfall). For a rise in heart rate or a fall in warmth
        nobody is called a responder.

    Raises
    ------
    UnknownNameError : no such instrument, kind, direction or finding.
    InputError : a member that cannot be measured so; numbers that mean nothing.

    >>> Endpoint("epds", at="6 weeks", kind="remission").name
    'epds remission (< 10) at 6 weeks'
    """

    instrument: str | Instrument
    at: str
    kind: str = "value"
    member: str = "caregiver"
    over: str | None = None
    primary: bool = False
    adjusted: bool = False
    expected: Expected = "prediction"
    target: str = ""
    name: str = ""
    responds: Literal["increase", "decrease"] | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        # What comes first is asked of first: a wrong instrument before a wrong kind.
        self._require_types()
        tool, kind = self.tool, self.what
        self._require_response(kind)
        self._require_member(tool)
        if self.expected not in EXPECTED:
            raise unknown_name(
                "expectation",
                self.expected,
                EXPECTED,
                f"of {self._label}",
                key=("expected",),
            )
        if self.adjusted and kind not in ("value", "change"):
            raise InputError(
                f"{self._label}: adjusted goes with value or change; found {self.kind!r}",
                key=("adjusted",),
            )
        self._require_number(tool, kind)
        if self.over is not None:
            units.duration(self.over, f"{self._label}, over")
        if not self.name:
            # frozen, so that an endpoint can be a key; the name is completed while it is made
            object.__setattr__(self, "name", self._default_name(tool))

    def _require_types(self) -> None:
        named = ("at", "member") if isinstance(self.instrument, Instrument) else _NAMED
        for field in named:
            checks.name(getattr(self, field), f"endpoint, {field}")
        label = self._label
        for field in ("primary", "adjusted"):
            checks.flag(getattr(self, field), f"{label}, {field}")
        for field in ("name", "target"):
            if getattr(self, field) != "":
                checks.name(getattr(self, field), f"{label}, {field}")
        if self.target:
            # raises with the nearest ids where there is no such finding
            published(self.target)

    def _require_member(self, tool: Instrument) -> None:
        """Raise where the instrument does not measure this member."""
        owner = "infant" if self.member == "infant" else "caregiver"
        if owner not in tool.members:
            raise InputError(
                f"endpoint: instrument {tool.name!r} measures the {tool.owner}; found member"
                f" {self.member!r}",
                key=("member",),
            )

    def _require_number(self, tool: Instrument, kind: str) -> None:
        """A response or remission that some readings can reach, and not all."""
        number, label = self.number, self._label
        if kind == "response" and not 0 < number <= 100:
            raise InputError(
                f"{label}: expected a response above 0, at most 100 %; found {self.kind!r}",
                key=("kind",),
            )
        if kind in CUT_OFF_KINDS and not tool.low < number <= tool.high:
            raise InputError(
                what=label,
                expected=(
                    f"a remission below a number inside the scale, {tool.low:g} to {tool.high:g}"
                ),
                found=f"{self._kind_in_words}, which no reading can reach, or every one",
                key=("kind",),
            )

    def _require_response(self, kind: str) -> None:
        """Raise unless direction and smallest change go together, and with the kind."""
        label = self._label
        if (self.responds is None) != (self.threshold is None):
            raise InputError(
                what=f"{label}, responds and threshold",
                expected=(
                    "both or neither: the wanted direction and the smallest change that matters"
                ),
                found=f"responds={self.responds!r}, threshold={self.threshold!r}",
                key=("threshold" if self.threshold is None else "responds",),
            )
        # said by neither, an endpoint has no responders, and nothing more to check
        if self.responds is None:
            return
        if kind not in MEASURED_KINDS:
            raise InputError(
                f"{label}: responds goes with value, change or area; found {self.kind!r}",
                key=("responds",),
            )
        checks.choice(self.responds, f"{label}, responds", DIRECTIONS)
        checks.number(self.threshold, f"{label}, threshold", 0.0, open_low=True)

    @functools.cached_property
    def tool(self) -> Instrument:
        """The instrument."""
        return instrument(self.instrument)

    @property
    def _label(self) -> str:
        """How messages call it: a user's instrument by its name, which may be no instrument yet."""
        tool = self.instrument
        return f"endpoint {tool.name if isinstance(tool, Instrument) else tool!r}"

    @functools.cached_property
    def what(self) -> str:
        """The kind without its number.

        >>> Endpoint("epds", at="6 weeks", kind="response (40 %)").what
        'response'
        """
        match = _KIND.fullmatch(self.kind) if isinstance(self.kind, str) else None
        kind = match["kind"] if match else str(self.kind)
        has_number = bool(match and match["number"])
        if kind not in KINDS or not match or (has_number and kind not in DEFAULT_NUMBERS):
            raise unknown_name(
                "kind of endpoint", kind, KINDS, f"of {self.tool.name!r}", key=("kind",)
            )
        return kind

    @functools.cached_property
    def number(self) -> float:
        """The per cent of a response, the cut-off of a remission; 0 where there is none."""
        match = _KIND.fullmatch(self.kind)
        if match and match["number"]:
            return float(match["number"])
        return DEFAULT_NUMBERS.get(self.what, 0.0)

    @functools.cached_property
    def unit(self) -> str:
        """The unit of its value."""
        unit = self.tool.unit
        units_of_kinds = {
            "area": units.with_unit(unit, "d").removeprefix("1 "),
            "response": "share",
            "remission": "share",
            "time to remission": "d",
        }
        return units_of_kinds.get(self.what, unit)

    @functools.cached_property
    def stretch(self) -> float:
        """Minutes before a visit over which the instrument reads the mean."""
        # an instrument such as urine brings a window of its own
        return self.tool.window if self.over is None else units.duration(self.over)

    @functools.cached_property
    def from_baseline(self) -> bool:
        """Whether it needs the baseline."""
        return self.adjusted or self.what in ("change", "area", "response")

    @functools.cached_property
    def source(self) -> ReadingSource:
        """What is read: endpoints of one source share their readings."""
        return ReadingSource(name_or_instrument(self.tool), self.member, self.stretch)

    @property
    def _kind_in_words(self) -> str:
        words = {
            "response": f"response ({self.number:g} %)",
            "remission": f"remission (< {self.number:g})",
            "time to remission": f"time to remission (< {self.number:g})",
        }
        text = words.get(self.what, self.what)
        return text + " adjusted for baseline" if self.adjusted else text

    def _default_name(self, tool: Instrument) -> str:
        """Its name in tables, where the user gives none."""
        # only where the instrument measures caregivers too must the infant be named
        whose = "infant " if self.member == "infant" and tool.owner == "both" else ""
        return f"{whose}{tool.name.replace('_', ' ')} {self._kind_in_words} at {self.at}"

    def outcome(
        self, readings: FloatArray, times: FloatArray, visits: Mapping[str, int]
    ) -> EndpointValues:
        """Its value from the readings of one period.

        Parameters
        ----------
        readings : shape (..., visits), NaN where not read.
        times : when, minutes since enrolment, shape broadcastable to that of `readings`.
        visits : visit -> position on the last axis, in the order of time.

        >>> change = Endpoint("epds", at="6 weeks", kind="change")
        >>> readings, times = np.array([[14.0, 9.0]]), np.array([0.0, 60480.0])
        >>> change.outcome(readings, times, {"baseline": 0, "6 weeks": 1}).values
        array([-5.])
        """
        # an endpoint reads at most from the baseline to its own visit
        first, last = visits["baseline"], visits[self.at]
        value, baseline = readings[..., last], readings[..., first]
        # comparisons with NaN are False, and become NaN again in _flags
        with np.errstate(invalid="ignore", divide="ignore"):
            match self.what:
                case "value":
                    return EndpointValues(value)
                case "change":
                    return EndpointValues(value - baseline)
                case "area":
                    span = slice(first, last + 1)
                    days = np.broadcast_to(times, readings.shape)[..., span] / units.DAY
                    # by trapezoids between visits, as a study with few visits must
                    area = np.trapezoid(readings[..., span], days, axis=-1)
                    return EndpointValues(np.asarray(area))
                case "response":
                    fall = np.where(baseline > 0, (baseline - value) / baseline, np.nan)
                    # a fall from 12 to 6 is one of 50 %, whatever rounding makes of it
                    return EndpointValues(_flags(fall >= self.number / 100 - 1e-12, fall))
                case "remission":
                    return EndpointValues(_flags(value < self.number, value))

        # a time to remission: the baseline itself is no visit at which one can remit
        span = slice(first + 1, last + 1)
        return _time_to(
            readings[..., span] < self.number,
            readings[..., span],
            np.broadcast_to(times, readings.shape)[..., span],
        )


def _flags(holds: BoolArray, values: FloatArray) -> FloatArray:
    """1 where it holds, 0 where not, NaN where the value is not known."""
    return np.where(np.isnan(values), np.nan, holds.astype(float))


def _time_to(below: BoolArray, readings: FloatArray, times: FloatArray) -> EndpointValues:
    """Days to the first visit with a reading below the cut-off, or to the last visit attended."""
    attended = ~np.isnan(readings)
    remits = below & attended
    reached = remits.any(axis=-1)

    # argmax finds the first visit; on the visits in reverse order, the last one attended
    last_attended = attended.shape[-1] - 1 - np.argmax(attended[..., ::-1], axis=-1)
    visit = np.where(reached, np.argmax(remits, axis=-1), last_attended)
    days = np.take_along_axis(times, visit[..., None], axis=-1)[..., 0] / units.DAY

    seen = attended.any(axis=-1)
    return EndpointValues(
        np.where(seen, days, np.nan), np.where(seen, reached.astype(float), np.nan)
    )
