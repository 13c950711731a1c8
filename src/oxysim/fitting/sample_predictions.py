"""What the model expects of samples: many dyads, who differ in named values, read at the times of
the data or of a plan in one simulation.

Expected readings are those of the instruments before noise, rounding and limits: whoever holds data
against them brings these in by the instrument's own row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import array, instance, name, refused, sequence, text
from oxysim.errors import InputError, about
from oxysim.families import Family, edge_multipliers
from oxysim.measures import Instrument, instrument
from oxysim.measures.measuring import Measurable, person_measured, values_read
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.simulate import simulate
from oxysim.texts import Described, counted, listed

START = "start."  # before the name of a slow state whose starting value is meant, as in sweeps
SHORTEST_RUN = 1.0  # min; a run needs a length also where all samples lie at its start


@dataclass(frozen=True, eq=False, repr=False)
class SamplePoints(Described):
    """Who is sampled, for what and when: one entry a sample.

    Parameters
    ----------
    member : a caregiver's name or "infant", one a sample, or one for all of them.
    analyte : an instrument's name, or a key of the instruments that go with it; one a sample, or
        one for all.
    minutes : when, in minutes since 00:00 of the first simulated day, shape (n_samples,).
    occasion : the visit, one a sample or one for all: samples of one visit and day share noise.

    Raises
    ------
    InputError : no sample, times that are no numbers, lists of different lengths.

    >>> points = SamplePoints("mother", "saliva_oxytocin", [600.0, 645.0])
    >>> len(points), points.member
    (2, ('mother', 'mother'))
    """

    member: Any
    analyte: Any
    minutes: Any
    occasion: Any = ""

    def __post_init__(self) -> None:
        minutes = array(self.minutes, "minutes", (None,))
        object.__setattr__(self, "minutes", minutes)
        # a visit needs no name where there is but one
        for label, check in (("member", name), ("analyte", name), ("occasion", text)):
            entries = getattr(self, label)
            if isinstance(entries, str):
                entries = (entries,) * len(minutes)
            names = sequence(entries, label, check, of="names, one a sample")
            if len(names) != len(minutes):
                raise InputError(
                    what=label,
                    expected=f"one name, or one for each of {counted(len(minutes), 'sample')}",
                    found=f"{len(names)} names",
                    key=(label,),
                )
            object.__setattr__(self, label, names)

    def __len__(self) -> int:
        return len(self.minutes)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return counted(len(self), "sample"), [
            ("of", listed(dict.fromkeys(self.analyte))),
            ("from", listed(dict.fromkeys(self.member))),
            ("over", units.duration_text(float(np.ptp(self.minutes)))),
        ]

    def take(self, positions: Any) -> SamplePoints:
        """Those at some positions.

        >>> SamplePoints("mother", "epds", [0.0, 60.0, 120.0]).take([0, 2]).minutes.tolist()
        [0.0, 120.0]
        """
        chosen = np.arange(len(self))[positions].tolist()
        return SamplePoints(
            [self.member[position] for position in chosen],
            [self.analyte[position] for position in chosen],
            self.minutes[chosen],
            [self.occasion[position] for position in chosen],
        )

    def groups(self) -> dict[tuple[str, str], list[int]]:
        """(member, analyte) -> the positions of its samples.

        >>> SamplePoints(["mother", "infant"], "salivary_cortisol", [0.0, 0.0]).groups()
        {('mother', 'salivary_cortisol'): [0], ('infant', 'salivary_cortisol'): [1]}
        """
        positions: dict[tuple[str, str], list[int]] = {}
        for position, pair in enumerate(zip(self.member, self.analyte, strict=True)):
            positions.setdefault(pair, []).append(position)
        return positions


def dyads_with(who: Family, values: Mapping[str, Any]) -> tuple[Family, dict[str, Any]]:
    """Dyads who differ in named values, and the strengths of edges that go with them.

    Every dyad of one that is repeated has the same number, so that chance (daily life, jitter) is
    the same for all of them and differences are those of the values.

    Parameters
    ----------
    who : one dyad or family; or several, one for each of the values.
    values : as the axes of sweeps are named: a parameter ("mother.oxytocin.plasma_half_life", in
        the row's unit), the start of a slow state ("start.mother.depression") or an edge ("reward
        -> depression", a multiplier); each a number, or one a dyad.

    Returns
    -------
    The ensemble, and edge -> multiplier for ``scale=`` of :func:`oxysim.simulate`.

    Raises
    ------
    UnknownNameError, InputError : a name or value that is none.

    >>> import oxysim as ox
    >>> dyads, scale = dyads_with(ox.Dyad(), {"mother.oxytocin.plasma_half_life": [3.0, 5.0]})
    >>> len(dyads), dyads.numbers, scale
    (2, (0, 0), {})
    """
    instance(who, "who", Family, "a Dyad or a Family")
    instance(values, "values", Mapping, "a mapping of names to values")
    parameters, starts, strengths = {}, {}, {}
    for key, value in values.items():
        label = name(key, "values")
        if "->" in label:
            strengths[label] = value
        elif label.startswith(START):
            starts[label.removeprefix(START)] = value
        else:
            parameters[label] = value

    lengths = {len(value) for value in values.values() if np.ndim(value)}
    if len(who) == 1 and lengths:
        # lengths that disagree are refused where the values are set
        n = max(lengths)
        who = who.take([0] * n).numbered(list(who.numbers) * n)
    with about("values"):
        dyads = who.with_parameters(parameters).with_start(starts)
        return dyads, edge_multipliers((), strengths)


def expected_readings(
    who: Family,
    schedule: Any,
    points: SamplePoints,
    *,
    start: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    **options: Any,
) -> FloatArray:
    """The expected reading of every sample for every dyad, shape (n_dyads, n_samples).

    Everything comes from one simulation, from `start` on the first day to the last sample. Readings
    are as the instrument's ``expected`` gives them: without noise, neither rounded nor cut at a
    limit. A dyad that fails is NaN.

    Parameters
    ----------
    who : one dyad or many (:func:`dyads_with`).
    schedule : one for all, or one a dyad.
    start : clock time of the first day at which the simulation starts.
    instruments : the user's own, by the name by which `points` call them.
    options : as of :func:`oxysim.simulate` (scale, seed, usual_day, solver, engine, progress).

    Raises
    ------
    InputError : a sample before the start; else as of :func:`oxysim.simulate`.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> points = SamplePoints("mother", "saliva_oxytocin", [605.0, 620.0])
    >>> expected_readings(ox.Dyad(), day, points, start="10:00").shape
    (1, 2)
    """
    instance(points, "points", SamplePoints, "SamplePoints")
    begin = units.clock(start, "start", begins=True)
    tools = {analyte: instrument_for(analyte, instruments) for analyte in points.analyte}
    earliest = min(
        moment - tools[analyte].window
        for moment, analyte in zip(points.minutes.tolist(), points.analyte, strict=True)
    )
    if earliest < begin - TOLERANCE:
        raise InputError(
            what="samples",
            expected=f"none before the simulation starts at {start}",
            found=f"one that needs {units.duration_text(begin - earliest)} before it",
            remedy="start earlier with start=, or begin the simulation a day before",
            key=("start",),
        )
    result = simulate(
        who,
        schedule,
        f"{max(float(points.minutes.max()) - begin, SHORTEST_RUN)!r} min",
        start=start,
        save=_outputs(points.minutes, begin),
        variables=_variables(who, points, tools),
        **options,
    )
    return readings_of(result, points, instruments)


def readings_of(
    result: Measurable,
    points: SamplePoints,
    instruments: Mapping[str, Instrument] | None = None,
) -> FloatArray:
    """The expected readings of samples from a result, shape (n_dyads, n_samples): as
    :func:`expected_readings`, of a simulation that is there already.

    Raises
    ------
    UnknownNameError : no such instrument or member, or a variable that the result does not hold.
    InputError : a time outside the simulation.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> readings_of(result, SamplePoints("mother", "epds", [485.0])).shape
    (1, 1)
    """
    instance(points, "points", SamplePoints, "SamplePoints")
    if not hasattr(result, "values_at"):
        raise refused(result, "result", "a Result, as simulate returns it")
    columns: dict[int, FloatArray] = {}
    for (member, analyte), positions in points.groups().items():
        tool = instrument_for(analyte, instruments)
        person = person_measured(tool, member, result.caregivers)
        parts = values_read(result, tool, person, points.minutes[positions])
        expected = np.asarray(tool.expected(*parts), dtype=float)
        columns |= dict(zip(positions, expected.T, strict=True))
    return np.stack([columns[position] for position in range(len(points))], axis=1)


def instrument_for(analyte: str, instruments: Mapping[str, Instrument] | None = None) -> Instrument:
    """The instrument that an analyte is read with: the user's own of that name, or the library's.

    >>> instrument_for("epds").unit
    'EPDS'
    """
    own_tools = {} if instruments is None else instruments
    instance(own_tools, "instruments", Mapping, "a mapping of names to instruments")
    if analyte in own_tools:
        label = f"instruments, {analyte}"
        return instance(own_tools[analyte], label, Instrument, "an Instrument")
    return instrument(analyte)


def _outputs(minutes: FloatArray, begin: float) -> list[str]:
    """The times of samples as outputs of a simulation, each once."""
    moments = np.unique(np.maximum(minutes - begin, 0.0))
    # engines take nearer ones for the same moment; a result finds both by either
    is_distinct = np.append(True, np.diff(moments) > 2 * TOLERANCE)
    return [f"{moment!r} min" for moment in moments[is_distinct].tolist()]


def _variables(who: Family, points: SamplePoints, tools: Mapping[str, Instrument]) -> list[str]:
    """What the instruments read of whom, each once."""
    instance(who, "who", Family, "a Dyad or a Family")
    names: dict[str, None] = {}
    for member, analyte in points.groups():
        tool = tools[analyte]
        person = person_measured(tool, member, who.caregivers)
        names |= dict.fromkeys(tool.reads(person, who.caregivers))
    return list(names)
