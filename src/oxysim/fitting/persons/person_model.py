"""How likely the samples of many persons are at many points of parameters: all points and persons
as one ensemble, in one simulation for each length of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family, combine
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.persons.person_samples import PersonSamples
from oxysim.fitting.sample_predictions import (
    SamplePoints,
    dyads_with,
    instrument_for,
    readings_of,
)
from oxysim.measures import Instrument
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Realised, Schedule
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.results.assembly import assemble
from oxysim.simulation.run import prepare
from oxysim.texts import Described, counted
from oxysim.units import DAY, clock

MIDNIGHT = "00:00"  # where simulations start, unless something else is said
DYADS_AT_ONCE = 2048
"""Points times persons of one simulation; a fixed number, so that memory stays bounded."""


@dataclass(frozen=True, eq=False, repr=False)
class PersonModel(Described):
    """The log likelihood of persons' samples as a function of the free parameters' values.

    Attributes
    ----------
    persons : whose samples they are, P persons.
    parameters : what is free, K parameters.
    instruments : the user's own.
    options : of the simulation (start, seed, solver, engine, usual_day, scale).

    >>> import pandas as pd
    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> from oxysim.fitting.persons.person_samples import persons_of
    >>> from oxysim.observations import Observations
    >>> table = pd.DataFrame({"person": ["007"], "analyte": "epds", "unit": "EPDS",
    ...                       "minutes": 600.0, "value": 7.0})
    >>> persons = persons_of(Observations.from_table(table), ox.Dyad(), ox.Routine.empty())
    >>> free = free_parameters(["mother.depression.set_point"], ox.Dyad())
    >>> PersonModel(persons, free)
    Person model: of 1 person; with 1 sample; free mother.depression.set_point.
    """

    persons: tuple[PersonSamples, ...]
    parameters: tuple[FreeParameter, ...]
    instruments: Mapping[str, Instrument] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups: dict[Any, list[int]] = {}
        for position, samples in enumerate(self.persons):
            # persons who are followed for as many days, in a family of one shape, run together
            days = int(np.ceil(samples.points.minutes.max() / DAY))
            key = (samples.who.caregivers, samples.who.role_of, days)
            groups.setdefault(key, []).append(position)
        runs = [_SharedRun(self, np.array(positions)) for positions in groups.values()]
        # a frozen class is written to by this way only
        object.__setattr__(self, "_runs", tuple(runs))

    def log_likelihoods(self, latents: FloatArray) -> FloatArray:
        """At latents of shape (n_points, P, K), one row a person; shape (n_points, P).

        Minus infinity where a dyad fails or the model expects what no reading can be.
        """
        logs = np.full(latents.shape[:2], -np.inf)
        for positions, expected in self._expected(latents):
            for row, position in enumerate(positions.tolist()):
                logs[:, position] = self.persons[position].log_likelihood(expected[row])
        return logs

    def together(self, latents: FloatArray) -> FloatArray:
        """At latents of shape (n_points, K) that all persons share: of all samples, (n_points,)."""
        shape = (len(latents), len(self.persons), len(self.parameters))
        return self.log_likelihoods(np.broadcast_to(latents[:, None, :], shape)).sum(axis=1)

    def expected(self, latents: FloatArray) -> list[FloatArray]:
        """The expected readings of each person, (n_points, n_samples), at latents of shape
        (n_points, P, K).
        """
        readings: dict[int, FloatArray] = {}
        for positions, expected in self._expected(latents):
            readings |= dict(zip(positions.tolist(), expected, strict=True))
        return [readings[position] for position in range(len(self.persons))]

    def of(self, position: int) -> PersonModel:
        """The same of one person alone."""
        return PersonModel(
            (self.persons[position],),
            self.parameters,
            self.instruments,
            self.options,
        )

    @property
    def n_samples(self) -> int:
        """Of all persons."""
        return sum(len(samples.points) for samples in self.persons)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Person model", [
            ("of", counted(len(self.persons), "person")),
            ("with", counted(self.n_samples, "sample")),
            (
                "free",
                ", ".join(parameter.name for parameter in self.parameters),
            ),
        ]

    def _expected(self, latents: FloatArray) -> Iterator[tuple[IntArray, list[FloatArray]]]:
        runs: tuple[_SharedRun, ...] = self._runs  # type: ignore[attr-defined]
        for run in runs:
            yield run.positions, run.expected(latents[:, run.positions, :])


class _SharedRun:
    """Some persons who are simulated together, at the times of all of their samples."""

    def __init__(self, model: PersonModel, positions: IntArray) -> None:
        self.model, self.positions = model, positions
        persons = [model.persons[position] for position in positions.tolist()]
        # numbers key the jitter of days: a person keeps those that the study gives it
        numbers = [samples.who.numbers[0] for samples in persons]
        distinct = len(set(numbers)) == len(numbers)
        self.numbers = numbers if distinct else positions.tolist()
        self.families: Family = combine([samples.who for samples in persons])
        self.schedules: list[Schedule] = [samples.schedule for samples in persons]

        # each moment of each reading once; persons who were sampled alike share them
        places: dict[tuple[str, str, float], int] = {}
        self.columns = [
            np.array([places.setdefault(key, len(places)) for key in _keys(samples.points)])
            for samples in persons
        ]
        members, analytes, minutes = zip(*places, strict=True)
        self.points = SamplePoints(members, analytes, list(minutes))
        self.times = _times(self.points.minutes)
        begin = clock(model.options.get("start", MIDNIGHT), "start", begins=True)
        # a run needs a length also where all samples lie at its start
        self.length = max(float(self.times[-1]) - begin, 1.0)
        self.variables = self._variables()
        self.plans: PerDyad[Realised] | None = None

    def _variables(self) -> list[str]:
        """What the instruments read of whom, each once."""
        caregivers = self.families.caregivers
        names: dict[str, None] = {}
        for member, analyte in self.points.groups():
            tool = instrument_for(analyte, self.model.instruments)
            names |= dict.fromkeys(tool.reads(member, caregivers))
        return list(names)

    def expected(self, latents: FloatArray) -> list[FloatArray]:
        """Each person's expected readings, (n_points, n_samples), at latents (n_points, P, K)."""
        at_once = max(DYADS_AT_ONCE // len(self.positions), 1)
        blocks = [
            self._block(latents[first : first + at_once])
            for first in range(0, len(latents), at_once)
        ]
        return [np.concatenate(person) for person in zip(*blocks, strict=True)]

    def _block(self, latents: FloatArray) -> list[FloatArray]:
        n_points, n_persons, _ = latents.shape
        dyads = self.families.take(np.tile(np.arange(n_persons), n_points))
        dyads = dyads.numbered(self.numbers * n_points)
        values = {
            parameter.name: parameter.value(latents[:, :, k].ravel())
            for k, parameter in enumerate(self.model.parameters)
        }
        # of several dyads each has its own value; a single one is a plain number
        plain = {name: column if len(column) > 1 else column[0] for name, column in values.items()}
        readings = self._readings(*dyads_with(dyads, plain), n_points)
        by_person = readings.reshape(n_points, n_persons, -1)
        return [by_person[:, k, columns] for k, columns in enumerate(self.columns)]

    def _readings(self, who: Family, scale: Mapping[str, Any], n_points: int) -> FloatArray:
        """The expected readings of all points, shape (n_dyads, n_samples).

        As `predictions.expected_readings`, but for schedules that are laid out once and not at
        every step of a search, and for what is beyond the plausible: a search looks there, and
        where it ends is said with the estimates.
        """
        options = {"start": MIDNIGHT, **self.model.options}
        options["scale"] = {**(options.get("scale") or {}), **scale}
        run = prepare(who, self.schedules * n_points, f"{self.length!r} min", **options)
        if self.plans is None:
            # days depend on persons, never on parameters
            self.plans = run.take(np.arange(len(self.positions))).plans()
        plans = PerDyad(self.plans.values, np.tile(self.plans.positions, n_points))
        recorder, _ = run.run(self.variables, self.times, plans)
        return readings_of(
            assemble(run, recorder, plans),
            self.points,
            self.model.instruments,
        )


def _times(minutes: FloatArray) -> FloatArray:
    """The moments at which something is read, each once."""
    moments = np.unique(minutes)
    # engines take nearer ones for the same moment; a result finds both by either
    return moments[np.append(True, np.diff(moments) > 2 * TOLERANCE)]


def _keys(points: SamplePoints) -> list[tuple[str, str, float]]:
    return list(
        zip(
            points.member,
            points.analyte,
            points.minutes.tolist(),
            strict=True,
        )
    )
