"""What a trial is judged by: endpoints, from the readings of a course to one
value a participant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from oxysim import checks, units
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError, about, require_extra, unknown_name
from oxysim.findings.published import target as published
from oxysim.measures import Instrument, instrument
from oxysim.measures.cut_offs import EPDS_POSSIBLE
from oxysim.texts import Called
from oxysim.trials.reporting.effect_table import EXPECTED, Expected

MOST_ENDPOINTS = 200
"""The most endpoints of a trial: each is analysed in every replication, and no protocol names a
tenth as many.
"""

DIRECTIONS = ("increase", "decrease")
KINDS = ("value", "change", "area", "response", "remission", "time to remission")
_KIND = re.compile(
    r"\s*(?P<kind>[a-z ]*[a-z])\s*(?:\(\s*<?\s*(?P<number>\d+(?:\.\d+)?)\s*%?\s*\))?\s*"
)
CONSIDERED = {"response": 50.0, "remission": EPDS_POSSIBLE, "time to remission": EPDS_POSSIBLE}


class EndpointValues(NamedTuple):
    """An endpoint of every participant: values (NaN where not known), and for a time whether it was
    reached.
    """

    values: FloatArray
    reached: FloatArray | None = None


@dataclass(frozen=True)
class Endpoint(Called):
    """One endpoint.

    Parameters
    ----------
    instrument : what is read (see ``measures.instrument_table``).
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
        ``trials.reporting.effect_table``).
    name : in tables; default made of the others.
    responds, threshold : the wanted direction, "increase" or "decrease", and the smallest change
        that matters, in the value's unit; both or neither. They say who responds
        (``TrialResult.responders``, the waterfall). For a rise in heart rate or a fall in warmth
        nobody is called a responder.

    Raises
    ------
    UnknownNameError : no such instrument, kind, direction or finding.
    InputError : a member that cannot be measured so; numbers that mean nothing.
    """

    instrument: str
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
        self._require_types()
        tool, kind = self.tool, self.what
        self._require_response(kind)
        owner = "infant" if self.member == "infant" else "caregiver"
        if owner not in tool.members:
            raise InputError(
                f"endpoint: instrument {tool.name!r} measures the {tool.owner}; found member"
                f" {self.member!r}",
                key=("member",),
            )
        if self.expected not in EXPECTED:
            raise unknown_name(
                "expectation",
                self.expected,
                EXPECTED,
                f"of endpoint {self.instrument!r}",
                key=("expected",),
            )
        if self.adjusted and kind not in ("value", "change"):
            raise InputError(
                f"endpoint {self.instrument!r}: adjusted goes with value or change; found {self.kind!r}",
                key=("adjusted",),
            )
        self._require_number(kind)
        if self.over is not None:
            units.duration(self.over, f"endpoint {self.instrument!r}, over")
        if not self.name:
            whom = "infant " if self.member == "infant" and tool.owner == "both" else ""
            object.__setattr__(
                self, "name", f"{whom}{tool.name.replace('_', ' ')} {self._said} at {self.at}"
            )

    def _require_types(self) -> None:
        for field in ("instrument", "at", "member"):
            checks.name(getattr(self, field), f"endpoint, {field}")
        what = f"endpoint {self.instrument!r}"
        for field in ("primary", "adjusted"):
            checks.flag(getattr(self, field), f"{what}, {field}")
        for field in ("name", "target"):
            if getattr(self, field) != "":
                checks.name(getattr(self, field), f"{what}, {field}")
        if self.target:
            published(self.target)

    def _require_number(self, kind: str) -> None:
        """A response or remission that some readings can reach, and not all."""
        tool, number, what = self.tool, self.number, f"endpoint {self.instrument!r}"
        if kind == "response" and not 0 < number <= 100:
            raise InputError(
                f"{what}: expected a response above 0, at most 100 %; found {self.kind!r}",
                key=("kind",),
            )
        if kind in ("remission", "time to remission") and not tool.low < number <= tool.high:
            raise InputError(
                what=what,
                expected=f"a remission below a number inside the scale, {tool.low:g} to {tool.high:g}",
                found=f"{self._said}, which no reading can reach, or every one",
                key=("kind",),
            )

    def _require_response(self, kind: str) -> None:
        what = f"endpoint {self.instrument!r}"
        if (self.responds is None) != (self.threshold is None):
            raise InputError(
                what=f"{what}, responds and threshold",
                expected=(
                    "both or neither: the wanted direction and the smallest change that matters"
                ),
                found=f"responds={self.responds!r}, threshold={self.threshold!r}",
                key=("threshold" if self.threshold is None else "responds",),
            )
        if self.responds is None:
            return
        if kind not in ("value", "change", "area"):
            raise InputError(
                f"{what}: responds goes with value, change or area; found {self.kind!r}",
                key=("responds",),
            )
        checks.choice(self.responds, f"{what}, responds", DIRECTIONS)
        checks.number(self.threshold, f"{what}, threshold", 0.0, open_low=True)

    @property
    def tool(self) -> Instrument:
        """The instrument."""
        return instrument(self.instrument)

    @property
    def what(self) -> str:
        """The kind without its number."""
        match = _KIND.fullmatch(self.kind) if isinstance(self.kind, str) else None
        kind = match["kind"] if match else str(self.kind)
        if kind not in KINDS or not match or (match["number"] and kind not in CONSIDERED):
            raise unknown_name(
                "kind of endpoint", kind, KINDS, f"of {self.instrument!r}", key=("kind",)
            )
        return kind

    @property
    def number(self) -> float:
        """The per cent of a response, the cut-off of a remission; 0 where there is none."""
        match = _KIND.fullmatch(self.kind)
        return (
            float(match["number"]) if match and match["number"] else CONSIDERED.get(self.what, 0.0)
        )

    @property
    def unit(self) -> str:
        """The unit of its value."""
        own = self.tool.unit
        area = units.with_unit(own, "d").removeprefix("1 ")
        known = {"area": area, "response": "share", "remission": "share", "time to remission": "d"}
        return known.get(self.what, own)

    @property
    def stretch(self) -> float:
        """Minutes before a visit over which the instrument reads the mean."""
        return self.tool.window if self.over is None else units.duration(self.over)

    @property
    def from_baseline(self) -> bool:
        """Whether it needs the baseline."""
        return self.adjusted or self.what in ("change", "area", "response")

    @property
    def source(self) -> tuple[str, str, float]:
        """What tells apart what is read: instrument, member, stretch."""
        return self.instrument, self.member, self.stretch

    @property
    def _said(self) -> str:
        words = {
            "response": f"response ({self.number:g} %)",
            "remission": f"remission (< {self.number:g})",
            "time to remission": f"time to remission (< {self.number:g})",
        }
        return words.get(self.what, self.what) + (" adjusted for baseline" if self.adjusted else "")

    def outcome(
        self, readings: FloatArray, times: FloatArray, visits: Mapping[str, int]
    ) -> EndpointValues:
        """Its value from the readings of one period.

        Parameters
        ----------
        readings : shape (..., visits), NaN where not read.
        times : when, minutes since enrolment, shape broadcastable to that of `readings`.
        visits : visit -> place on the last axis, in the order of time.
        """
        first, last = visits["baseline"], visits[self.at]
        value, baseline = readings[..., last], readings[..., first]
        with np.errstate(invalid="ignore", divide="ignore"):
            match self.what:
                case "value":
                    return EndpointValues(value)
                case "change":
                    return EndpointValues(value - baseline)
                case "area":
                    span = slice(first, last + 1)
                    days = np.broadcast_to(times, readings.shape)[..., span] / units.DAY
                    return EndpointValues(
                        np.asarray(np.trapezoid(readings[..., span], days, axis=-1))
                    )
                case "response":
                    fallen = np.where(baseline > 0, (baseline - value) / baseline, np.nan)
                    return EndpointValues(_flag(fallen >= self.number / 100 - 1e-12, fallen))
                case "remission":
                    return EndpointValues(_flag(value < self.number, value))
        return _time_to(
            readings[..., first + 1 : last + 1] < self.number,
            readings[..., first + 1 : last + 1],
            np.broadcast_to(times, readings.shape)[..., first + 1 : last + 1],
        )


def listed_endpoints(given: Any) -> tuple[Endpoint, ...]:
    """One endpoint or several as a tuple.

    Raises
    ------
    InputError : none, or more than ``MOST_ENDPOINTS``.
    """
    listed = [given] if isinstance(given, Endpoint) else given
    if isinstance(listed, str) or not isinstance(listed, Sequence) or not listed:
        raise InputError(
            "endpoints: expected at least one, such as Endpoint('epds', at='6 weeks'); found"
            f" {given!r}"
        )
    if not all(isinstance(one, Endpoint) for one in listed):
        raise InputError(
            "endpoints: expected each to be one, such as Endpoint('epds', at='6 weeks'); found"
            f" {given!r}"
        )
    if len(listed) > MOST_ENDPOINTS:
        raise checks.refused(
            f"{len(listed)} of them",
            "endpoints",
            f"at most {MOST_ENDPOINTS} endpoints",
            as_text=True,
        )
    return tuple(listed)


def require_endpoints(
    listed: Sequence[Endpoint], visits: Mapping[str, int], caregivers: Sequence[str]
) -> None:
    """Raise where the endpoints of a trial do not go with its visits and people, or with each
    other.

    Raises
    ------
    InputError : two of one name, two primary ones, an endpoint of change at the baseline itself.
    UnknownNameError : a visit or a member that does not exist.
    """
    names = [one.name for one in listed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        text = f"endpoints: {twice[0]!r} stands twice; leave one out, or give it a name"
        raise InputError(text, key=("endpoints",))
    if sum(one.primary for one in listed) > 1:
        text = f"endpoints: one is primary; found {[one.name for one in listed if one.primary]}"
        raise InputError(text, key=("endpoints",))
    for number, one in enumerate(listed, start=1):
        with about("endpoints", str(number)):
            _require_endpoint(one, visits, caregivers)


def _require_endpoint(one: Endpoint, visits: Mapping[str, int], caregivers: Sequence[str]) -> None:
    if one.at not in visits:
        raise unknown_name("visit", one.at, visits, f"of endpoint {one.name!r}")
    if one.member not in ("caregiver", "infant", *caregivers):
        raise unknown_name(
            "member", one.member, ("caregiver", "infant", *caregivers), f"of endpoint {one.name!r}"
        )
    if one.what not in ("value", "remission") and visits[one.at] <= visits["baseline"]:
        raise InputError(
            f"endpoint {one.name!r}: expected a visit after the baseline; found {one.at!r}"
        )


def require_analysis(listed: Sequence[Endpoint], *, crossover: bool) -> None:
    """Raise where an endpoint has no analysis in the design, or its analysis is not installed.

    Raises
    ------
    InputError : in a crossover, a time to an event or an adjustment. MissingExtraError : no
    statsmodels for a time.
    """
    for number, one in enumerate(listed, start=1):
        with about("endpoints", str(number)):
            if not crossover:
                if one.what == "time to remission":
                    require_extra("statsmodels", "stats")
            elif one.what == "time to remission":
                raise InputError(
                    f"endpoint {one.name!r}: a time to an event has no paired test; take a parallel"
                    " design"
                )
            elif one.adjusted:
                raise InputError(
                    f"endpoint {one.name!r}: in a crossover each participant is her own control;"
                    " leave adjusted out, or take the change from each period's baseline"
                )


def _flag(holds: BoolArray, known: FloatArray) -> FloatArray:
    return np.where(np.isnan(known), np.nan, holds.astype(float))


def _time_to(below: BoolArray, readings: FloatArray, times: FloatArray) -> EndpointValues:
    """Days to the first visit with a reading below the cut-off, or to the last visit attended."""
    known = ~np.isnan(readings)
    reached = (below & known).any(axis=-1)
    at = np.where(
        reached,
        np.argmax(below & known, axis=-1),
        known.shape[-1] - 1 - np.argmax(known[..., ::-1], axis=-1),
    )
    days = np.take_along_axis(times, at[..., None], axis=-1)[..., 0] / units.DAY
    seen = known.any(axis=-1)
    return EndpointValues(
        np.where(seen, days, np.nan), np.where(seen, reached.astype(float), np.nan)
    )
