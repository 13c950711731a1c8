"""A cohort: courses of variables by dyad and time, over months or over a day, from which
instruments read.

``cohorts.follow_up`` makes them: a cohort that is followed for months keeps what moves slowly; a
visit to it keeps what moves fast, on one day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import choice, instance, refused
from oxysim.cohorts.cohort_view import CohortView, kept_at
from oxysim.ensembles import Ensemble
from oxysim.errors import InputError, shown
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.measures import Instrument, instrument, measure
from oxysim.model import registry
from oxysim.per_dyad import PerDyad, depth
from oxysim.schedule import as_schedule
from oxysim.simulation.engines import integrator_for, pays
from oxysim.simulation.equations.system import slow_states
from oxysim.simulation.simulate import wanted_variables
from oxysim.simulation.start.initial_state import means_of_the_day
from oxysim.texts import Described, age_text, counted, listed
from oxysim.trials.participant_groups import Groups
from oxysim.trials.stretch_means import Stretch


@dataclass(frozen=True, eq=False)
class Cohort(Described):
    """Courses of dyads who were all of one age at the start (or, on a day, of any), from which
    instruments read.

    Attributes
    ----------
    who : the dyads as they were at the start.
    times : when values were kept, minutes since 00:00 of the first day, shape (n_times,).
    values : full variable name -> shape (n, n_times); NaN where a dyad failed.
    schedule : their day, without what their attributes add; a list where each has its own.
    seed : key of every random stream: of the draw, of daily life, and of readings.
    reasons : number of a dyad that failed -> why.
    population : what they were drawn from; None where the dyads were given.
    edges : which edges were cut or scaled all along, visits included.
    means : (full variable name, from, to) -> the mean of the whole course over that stretch, shape
        (n,); in minutes as ``times``.

    >>> from oxysim.cohorts import follow
    >>> from oxysim.families import Dyad
    >>> cohort = follow(Dyad(infant_age="0 d").repeat(2), until="1 d", every="1 d", progress=False)
    >>> cohort.readings("epds", "1 d", noise=False).shape
    (2,)
    """

    who: Family
    times: FloatArray
    values: Mapping[str, FloatArray]
    schedule: Any
    seed: int
    reasons: Mapping[int, str]
    population: Any = None
    edges: EdgeChanges = field(default_factory=lambda: EdgeChanges.of())
    means: Mapping[Stretch, FloatArray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.who)

    @property
    def caregivers(self) -> tuple[str, ...]:
        """The caregivers' names, in order."""
        return self.who.caregivers

    @property
    def fingerprint(self) -> str:
        """That of the population, "" where it has none."""
        return str(getattr(self.population, "fingerprint", ""))

    @property
    def source(self) -> str:
        """What the dyads were drawn from, in words, for a design."""
        if not self.fingerprint:
            return "dyads given by the user"
        return f"{self.population.name!r} (fingerprint {self.fingerprint})"

    @property
    def member(self) -> IntArray:
        """The number of the ensemble's member that each dyad comes from, shape (n,)."""
        ensemble = instance(self.population, "cohort", Ensemble, "dyads drawn from an Ensemble")
        return ensemble.members_of(self.who.numbers, seed=self.seed)

    @property
    def complete(self) -> BoolArray:
        """Which dyads came through, shape (n,).

        >>> from oxysim.families import Dyad
        >>> failed = {1: "too stiff"}
        >>> Cohort(Dyad().repeat(2), np.zeros(1), {}, None, seed=0, reasons=failed).complete
        array([ True, False])
        """
        # failed dyads stay in the tables as NaN, so that positions stay
        return np.array([number not in self.reasons for number in self.who.numbers])

    @property
    def until(self) -> float:
        """The highest age that all dyads were followed to, minutes.

        >>> from oxysim.families import Dyad
        >>> newborns, times = Dyad(infant_age="0 d").repeat(2), np.array([0.0, 2880.0])
        >>> Cohort(newborns, times, {}, None, seed=0, reasons={}).until / units.DAY
        2.0
        """
        # what is read of all must have been followed of the youngest
        return float(self.who.ages().min() + self.times[-1])

    @property
    def first_age(self) -> float:
        """The lowest age from which all dyads were followed, minutes."""
        return float(self.who.ages().max() + self.times[0])

    def __getitem__(self, name: str) -> xr.DataArray:
        """A variable that was kept, by name, dims (dyad, time); "caregiver." is the first
        caregiver.
        """
        return self._view([name])[name]

    def inputs(self, member: str) -> xr.Dataset:
        """Input channels are not kept: readings that depend on one take its level of rest."""
        registry.members_named(member, self.caregivers, "inputs")
        return xr.Dataset()

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Who was followed, how long and what was kept, for print and notebooks."""
        # one age where a day began and ended with it
        ages = " to ".join(dict.fromkeys(age_text(age) for age in (self.first_age, self.until)))
        return f"Cohort of {counted(len(self), 'dyad')}", [
            ("caregivers", listed(self.caregivers)),
            ("infants of", ages),
            ("kept at", f"{counted(len(self.times), 'time')}: {listed(self.values, 4)}"),
            ("drawn from", self.source),
            ("seed", self.seed),
            *([("edges", self.edges.words)] if self.edges.multipliers else []),
            *([("failed", len(self.reasons))] if self.reasons else []),
        ]

    # ----------------------------------------------------------------- reading
    def readings(
        self,
        name: str | Instrument,
        at: Any,
        *,
        member: str = "caregiver",
        occasion: str = "",
        groups: Groups | None = None,
        noise: bool = True,
    ) -> FloatArray:
        """What a study reads with an instrument.

        Parameters
        ----------
        name : the instrument, by name or itself.
        at : an infant age ("8 weeks"), a clock time of the first day ("10:00"), or a list of
            either: then a last dimension is added. A pair (from, to) of clock times is one reading
            of the mean over that stretch. Values and means must have been kept: nothing is read off
            a line between two times.
        member : "caregiver" is the first caregiver.
        occasion : the visit: readings of other visits have noise of their own.
        groups : who takes part in each replication, each with noise of their own; default every
            dyad once.
        noise : False gives the expected readings.

        Returns
        -------
        Shape (n,), or (replications, n) for `groups`; NaN where a dyad failed.

        Raises
        ------
        UnknownNameError : no such instrument, or its variable was not kept.
        InputError : an age, time or stretch that was not kept; a stretch for an instrument that
        reads a mean itself.

        >>> from oxysim.families import Dyad
        >>> newborns = Dyad(infant_age="0 d").repeat(2)
        >>> courses = {"mother.epds": np.array([[5.2, 6.0], [11.0, 12.9]])}
        >>> cohort = Cohort(newborns, np.array([0.0, 1440.0]), courses, None, seed=0, reasons={})
        >>> cohort.readings("epds", at="1 d", noise=False)  # whole points
        array([ 6., 13.])
        """
        tool = instrument(name)
        instance(groups, "groups", (Groups, type(None)), "what trials.study.groups gives, or None")
        member = choice(member, "member", ("caregiver", *self.who.members))
        person = self.caregivers[0] if member == "caregiver" else member
        # before anything is looked up: the error names the instrument
        if registry.kind_of(person) not in tool.members:
            raise InputError(
                f"instrument {tool.name!r} measures the {tool.owner}; found member {member!r}"
            )

        view = self._view(tool.reads(person, self.caregivers), groups)
        moments, view = self._moments_read(at, view, tool)
        measured = measure(
            view, tool, person, moments, seed=self.seed, occasion=occasion, noise=noise
        )
        values = np.asarray(measured.values, dtype=float)
        shape = (len(self),) if groups is None else groups.position.shape
        if isinstance(at, list):
            return values.reshape(*shape, len(moments))
        return values[:, 0].reshape(shape)

    def value(self, name: str, at: str) -> FloatArray:
        """A variable itself at an infant age or clock time at which it was kept, shape (n,).

        Raises
        ------
        InputError : an age or time between two that were kept.

        >>> from oxysim.families import Dyad
        >>> newborns = Dyad(infant_age="0 d").repeat(2)
        >>> courses = {"mother.epds": np.array([[5.2, 6.0], [11.0, 12.9]])}
        >>> cohort = Cohort(newborns, np.array([0.0, 1440.0]), courses, None, seed=0, reasons={})
        >>> cohort.value("mother.epds", at="1 d")
        array([ 6. , 12.9])
        """
        return self._view([name]).values_at(name, np.array([self._moment(at)]))[:, 0]

    # ---------------------------------------------------------------- choosing
    def take(self, index: Any) -> Cohort:
        """Some of the dyads, by position.

        >>> from oxysim.families import Dyad
        >>> newborns = Dyad(infant_age="0 d").repeat(3)
        >>> Cohort(newborns, np.zeros(1), {}, None, seed=0, reasons={}).take([2, 0]).who.numbers
        (2, 0)
        """
        families = self.who.take(index)
        positions = np.atleast_1d(np.asarray(index))
        schedule = self.schedule
        if isinstance(schedule, list):
            # a mask chooses positions too
            schedule = [schedule[i] for i in np.arange(len(self))[positions].tolist()]
        chosen = set(families.numbers)
        return dataclasses.replace(
            self,
            who=families,
            values={name: table[positions] for name, table in self.values.items()},
            schedule=schedule,
            reasons={dyad: reason for dyad, reason in self.reasons.items() if dyad in chosen},
            edges=self.edges.taken(positions),
            means={stretch: mean[positions] for stretch, mean in self.means.items()},
        )

    def family(self, at: Any) -> Family:
        """The dyads at an infant age ("6 weeks", or minutes, one a dyad), each slow state at its
        mean over that day, as a start has it.

        Raises
        ------
        InputError : a day whose beginning was not kept, or a dyad that failed.
        """
        whole = self.at_midnight(at)
        if isinstance(self.schedule, list):
            days = PerDyad.of(self.schedule)
        else:
            days = PerDyad.shared(self.schedule, len(whole))
        # few dyads are done before the compiled engine has been loaded
        integrator = integrator_for("compiled") if pays(len(whole)) else None
        return whole.with_start(means_of_the_day(whole, days.map(as_schedule), integrator))

    def at_midnight(self, at: Any) -> Family:
        """The same with each slow state where the course had it at the beginning of that day;
        errors as there.

        >>> from oxysim.cohorts import follow
        >>> from oxysim.families import Dyad
        >>> newborns = Dyad(infant_age="0 d").repeat(2)
        >>> cohort = follow(newborns, until="2 d", every="1 d", progress=False)
        >>> infants = cohort.at_midnight("1 d")
        >>> infants.ages() / units.DAY, "mother.depression" in infants.start
        (array([1., 1.]), True)
        """
        # a failed dyad has no state from which it could go on
        if self.reasons:
            text = "dyads failed and have no state at an age; take(cohort.complete) first"
            raise InputError(f"cohort: {len(self.reasons)} {text}")
        # the small number keeps an age of whole days on its own day
        days = np.floor(self._ages(at) / units.DAY + 1e-9)
        midnights: FloatArray = np.asarray(days * units.DAY - self.who.ages())
        self._require_inside(midnights)
        start = {name: self._each_at(name, midnights) for name in slow_states(self.who.caregivers)}
        ages = [f"{age!r} min" for age in (midnights + self.who.ages()).tolist()]
        return self.who.replace(infant_age=ages).with_start(start)

    # --------------------------------------------------------------- internals
    def _moments_read(
        self, at: Any, view: CohortView, tool: Instrument
    ) -> tuple[list[float], CohortView]:
        """The moments at which an instrument reads, and the view that it reads then: of a stretch
        the mean over it, at its end.
        """
        is_stretch = isinstance(at, tuple) and len(at) == 2
        if not is_stretch:
            return [self._moment(moment) for moment in (at if isinstance(at, list) else [at])], view
        if tool.window:
            expected = (
                f"one time: it reads the mean over the {tool.window:g} min before it by itself"
            )
            label = f"instrument {tool.name!r}, at"
            raise InputError(what=label, key=("at",), found=shown(at), expected=expected)
        start, stop = (self._moment(end) for end in at)
        return [stop], view.mean_over(start, stop)

    def _moment(self, at: Any) -> float:
        """A clock time of the first day, or an age that all dyads share, in minutes since 00:00 of
        the first day.
        """
        # a clock time is of the first day, whatever the ages
        if units.is_clock(at):
            return units.clock(at, "at")
        ages = self.who.ages()
        # one age would be another moment for each of them
        if np.ptp(ages) > 0:
            raise InputError(
                f"at: dyads of different ages share clock times only, such as '10:00'; found {at!r}"
            )
        moment = units.duration(at, "age", positive=False) - float(ages[0])
        self._require_inside(np.array([moment]))
        return moment

    def _ages(self, at: Any) -> FloatArray:
        """One age as text, or numbers of minutes, one a dyad, shape (n,)."""
        # one text for all; numbers are minutes, as a program has them
        if isinstance(at, str):
            at = units.duration(at, "age", positive=False)
        ages = np.asarray(at) if np.isscalar(at) or depth(at, "age") == 1 else np.empty(0)
        fits = ages.dtype.kind in "iuf" and ages.shape in ((), (len(self),))
        if not fits or not np.isfinite(ages).all():
            raise refused(
                at, "age", f"one such as '6 weeks', or {len(self)} numbers of minutes, one a dyad"
            )
        return np.broadcast_to(ages.astype(float), (len(self),))

    def _require_inside(self, moments: Any) -> None:
        """Raise where a moment lies before or after what was followed."""
        low, high = self.times[0] - 1e-6, self.times[-1] + 1e-6
        if np.any(moments < low) or np.any(moments > high):
            first = float(self.who.ages().min())
            outside = moments[(moments < low) | (moments > high)][0]
            raise InputError(
                f"cohort: followed from {self.first_age / units.MONTH:.1f} to"
                f" {self.until / units.MONTH:.1f} months of age; found"
                f" {(first + outside) / units.MONTH:.1f} months"
            )

    def _each_at(self, name: str, moments: FloatArray) -> FloatArray:
        """A variable of each dyad at its own moment, one of those kept, shape (n,)."""
        position = kept_at(self.times, moments)
        if np.any(position < 0):
            born = moments[position < 0][0] + self.who.ages()[position < 0][0]
            raise InputError(
                what=f"cohort: {name} {born / units.DAY:g} days after birth",
                key=("at",),
                expected="a midnight that was kept",
                found="one between two of them",
                remedy=(
                    "name the age in at= when you follow the cohort, or keep every day"
                    " (every='1 d')"
                ),
            )
        return np.asarray(self.values[name][np.arange(len(self)), position])

    def _view(self, names: Sequence[str], groups: Groups | None = None) -> CohortView:
        full_names = {name: wanted_variables([name], self.caregivers[:1])[0] for name in names}
        missing = [name for name in full_names.values() if name not in self.values]
        if missing:
            raise InputError(
                f"cohort: {missing[0]!r} was not kept; it has {', '.join(self.values)}. Name it in"
                " variables=, or, for what moves within hours, read it on a day (cohorts.visit)"
            )
        # every dyad once, or a row for each participant of each replication
        numbers: IntArray = np.array(self.who.numbers)
        rows: Any = slice(None)
        if groups is not None:
            numbers, rows = groups.number.ravel(), groups.position.ravel()
        values = {name: self.values[full_name][rows] for name, full_name in full_names.items()}
        means = {
            stretch: mean[rows]
            for stretch, mean in self.means.items()
            if stretch[0] in full_names.values()
        }
        ages = self.who.ages()[rows]
        return CohortView(self.caregivers, values, self.times, numbers, means, ages)
