"""A cohort: courses of variables by dyad and time, over months or over a day, from which
instruments read.

``cohorts.follow_up`` makes them: a cohort that is followed for months keeps what moves slowly; a
visit to it keeps what moves fast, on one day.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import choice, instance, refused
from oxysim.errors import InputError, shown
from oxysim.families import Family, combine
from oxysim.families.cut_edges import EdgeChanges
from oxysim.families.family_checks import depth
from oxysim.measures import instrument, measure
from oxysim.model import registry
from oxysim.model.inputs import channel as channel_of
from oxysim.per_dyad import PerDyad
from oxysim.schedule import as_schedule
from oxysim.simulation.engines import integrator_for, pays
from oxysim.simulation.equations.system import slow_states, variable_rows
from oxysim.simulation.simulate import wanted_variables
from oxysim.simulation.start.initial_state import means_of_the_day
from oxysim.texts import Described, age_text, counted, listed
from oxysim.trials.participant_groups import Groups
from oxysim.trials.stretch_means import Stretch, means_before


@dataclass(frozen=True, eq=False)
class Cohort(Described):
    """Courses of dyads who were all of one age at the start (or, on a day, of any), from which
    instruments read.

    Attributes
    ----------
    who : the dyads as they were at the start.
    times : when values were kept, minutes since 00:00 of the first day, shape (n_times,).
    values : full variable name -> shape (n, n_times); NaN where a dyad failed.
    schedule : the day they lived, without what their attributes add; a list where each has its own.
    seed : key of every random stream: of the draw, of daily life, and of readings.
    reasons : number of a dyad that failed -> why.
    population : what they were drawn from; None where the dyads were given.
    edges : which edges were cut or scaled all along, visits included.
    means : (full variable name, from, to) -> the mean of the whole course over that stretch, shape
        (n,); in minutes as ``times``.
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
        name = getattr(self.population, "name", "")
        return (
            f"{name!r} (fingerprint {self.fingerprint})"
            if self.fingerprint
            else "dyads given by the user"
        )

    @property
    def complete(self) -> BoolArray:
        """Which dyads came through, shape (n,)."""
        return np.array([number not in self.reasons for number in self.who.numbers])

    @property
    def until(self) -> float:
        """The highest age that all dyads were followed to, minutes."""
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
        name: str,
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
        name : the instrument.
        at : an infant age ("8 weeks"), a clock time of the first day ("10:00"), or a list of
            either: then a last dimension is added. A pair (from, to) of clock times is one reading
            of the mean over that stretch. Values and means must have been kept: nothing is read off
            a line between two times.
        member : "caregiver" is the first caregiver.
        occasion : the visit: readings of other visits have their own luck.
        groups : who takes part in each replication, each with luck of their own; default every dyad
            once.
        noise : False gives the expected readings.

        Returns
        -------
        Shape (n,), or (replications, n) for `groups`; NaN where a dyad failed.

        Raises
        ------
        UnknownNameError : no such instrument, or its variable was not kept.
        InputError : an age, time or stretch that was not kept; a stretch for an instrument that
        reads a mean itself.
        """
        tool = instrument(name)
        instance(groups, "groups", (Groups, type(None)), "what trials.study.groups gives, or None")
        meant = choice(member, "member", ("caregiver", *self.who.members))
        person = self.caregivers[0] if meant == "caregiver" else meant
        if registry.kind_of(person) not in tool.members:
            raise InputError(
                f"instrument {name!r} measures the {tool.owner}; found member {member!r}"
            )
        view = self._view([f"{person}.{variable}" for variable in tool.variables], groups)
        stretch = at if isinstance(at, tuple) and len(at) == 2 else None
        if stretch and tool.window:
            raise InputError(
                what=f"instrument {name!r}, at",
                key=("at",),
                found=shown(at),
                expected=f"one time: it reads the mean over the {tool.window:g} min before it by itself",
            )
        if stretch:
            view, at = view.mean_over(*(self._moment(end) for end in stretch)), stretch[1]
        moments = [self._moment(one) for one in (at if isinstance(at, list) else [at])]
        found = measure(view, name, person, moments, seed=self.seed, occasion=occasion, noise=noise)
        values = np.asarray(found.values, dtype=float)
        shape = (len(self),) if groups is None else groups.position.shape
        return (
            values.reshape(*shape, len(moments))
            if isinstance(at, list)
            else values[:, 0].reshape(shape)
        )

    def value(self, name: str, at: str) -> FloatArray:
        """A variable itself at an infant age or clock time at which it was kept, shape (n,).

        Raises
        ------
        InputError : an age or time between two that were kept.
        """
        return self._view([name]).values_at(name, np.array([self._moment(at)]))[:, 0]

    # ---------------------------------------------------------------- choosing
    def take(self, index: Any) -> Cohort:
        """Some of the dyads, by position."""
        who = self.who.take(index)
        kept = {number: why for number, why in self.reasons.items() if number in set(who.numbers)}
        chosen = np.atleast_1d(np.asarray(index))
        values = {name: held[chosen] for name, held in self.values.items()}
        own = self.schedule
        if isinstance(own, list):
            own = [own[i] for i in np.arange(len(self))[chosen].tolist()]
        changed: dict[str, Any] = {"edges": self.edges.taken(chosen)}
        changed["means"] = {stretch: held[chosen] for stretch, held in self.means.items()}
        return dataclasses.replace(
            self, who=who, values=values, schedule=own, reasons=kept, **changed
        )

    def family(self, at: Any) -> Family:
        """The dyads at an infant age ("6 weeks", or minutes, one a dyad), each slow state at its
        mean over that day, as a start has it.

        Raises
        ------
        InputError : a day whose beginning was not kept, or a dyad that failed.
        """
        whole = self.at_midnight(at)
        own = self.schedule
        own_days = PerDyad.of(own) if isinstance(own, list) else PerDyad.shared(own, len(whole))
        days = own_days.map(as_schedule)
        worth = pays(len(whole))
        return whole.with_start(
            means_of_the_day(whole, days, integrator_for("compiled") if worth else None)
        )

    def at_midnight(self, at: Any) -> Family:
        """The same with each slow state where the course had it at the beginning of that day;
        errors as there.
        """
        if self.reasons:
            raise InputError(
                f"cohort: {len(self.reasons)} dyads failed and have no state at an age;"
                " take(cohort.complete) first"
            )
        ages = self._ages(at)
        midnights: FloatArray = np.asarray(
            np.floor(ages / units.DAY + 1e-9) * units.DAY - self.who.ages()
        )
        self._require_inside(midnights)
        start = {name: self._each_at(name, midnights) for name in slow_states(self.who.caregivers)}
        whole = self.who.replace(
            infant_age=[f"{age!r} min" for age in (midnights + self.who.ages()).tolist()]
        )
        return whole.with_start(start)

    # --------------------------------------------------------------- internals
    def _moment(self, at: Any) -> float:
        """A clock time of the first day, or an age that all dyads share, in minutes since 00:00 of
        the first day.
        """
        if units.is_clock(at):
            return units.clock(at, "at")
        ages = self.who.ages()
        if np.ptp(ages) > 0:
            raise InputError(
                f"at: dyads of different ages share clock times only, such as '10:00'; found {at!r}"
            )
        found = units.duration(at, "age", positive=False) - float(ages[0])
        self._require_inside(np.array([found]))
        return found

    def _ages(self, at: Any) -> FloatArray:
        """One age as text, or numbers of minutes, one a dyad, shape (n,)."""
        if isinstance(at, str):
            at = units.duration(at, "age", positive=False)
        given = np.asarray(at) if np.isscalar(at) or depth(at, "age") == 1 else np.empty(0)
        if (
            given.dtype.kind not in "iuf"
            or given.shape not in ((), (len(self),))
            or not np.isfinite(given).all()
        ):
            raise refused(
                at, "age", f"one such as '6 weeks', or {len(self)} numbers of minutes, one a dyad"
            )
        return np.broadcast_to(given.astype(float), (len(self),))

    def _require_inside(self, moments: Any) -> None:
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
        place = kept_at(self.times, moments)
        if np.any(place < 0):
            born = moments[place < 0][0] + self.who.ages()[place < 0][0]
            raise InputError(
                what=f"cohort: {name} {born / units.DAY:g} days after birth",
                key=("at",),
                expected="a midnight that was kept",
                found="one between two of them",
                remedy="name the age in at= when you follow the cohort, or keep every day (every='1 d')",
            )
        return np.asarray(self.values[name][np.arange(len(self)), place])

    def _view(self, names: Sequence[str], groups: Groups | None = None) -> _View:
        full = {name: wanted_variables([name], self.caregivers[:1])[0] for name in names}
        missing = [name for name in full.values() if name not in self.values]
        if missing:
            raise InputError(
                f"cohort: {missing[0]!r} was not kept; it has {', '.join(self.values)}. Name it in"
                " variables=, or, for what moves within hours, read it on a day (cohorts.visit)"
            )
        numbers = np.array(self.who.dyads) if groups is None else groups.number.ravel()
        place: Any = slice(None) if groups is None else groups.position.ravel()
        values = {name: self.values[own][place] for name, own in full.items()}
        means = {
            stretch: self.means[stretch][place]
            for stretch in self.means
            if stretch[0] in full.values()
        }
        return _View(self.caregivers, values, self.times, numbers, means)


KEPT = 1e-3  # minutes within which a time is one that was kept: ages are rounded to a millionth


def kept_at(times: FloatArray, moments: FloatArray) -> IntArray:
    """The number of the time at which something was kept, for each moment; -1 where there is none.

    >>> kept_at(np.array([0.0, 10.0]), np.array([10.0, 5.0])).tolist()
    [1, -1]
    """
    place = np.clip(np.searchsorted(times, moments - KEPT), 0, len(times) - 1)
    return np.where(np.abs(times[place] - moments) <= KEPT, place, -1)


@dataclass(frozen=True, eq=False)
class _View:
    """Some variables of some dyads, under the numbers that key their luck; what ``measure`` reads
    from.
    """

    caregivers: tuple[str, ...]
    values: Mapping[str, FloatArray]
    times: FloatArray
    numbers: IntArray
    means: Mapping[Stretch, FloatArray]

    def __getitem__(self, name: str) -> xr.DataArray:
        row = variable_rows(self.caregivers)[wanted_variables([name], self.caregivers[:1])[0]]
        attributes = {"units": row.unit, "long_name": row.meaning}
        coords = {"dyad": self.numbers, "time": self.times}
        return xr.DataArray(
            self.values[name], dims=("dyad", "time"), coords=coords, name=name, attrs=attributes
        )

    def values_at(self, name: str, times: FloatArray) -> FloatArray:
        """Values at times that were kept; a line between two of them would miss what happens on the
        days between.
        """
        place = kept_at(self.times, times)
        if np.any(place < 0):
            raise InputError(
                what=f"{name} {times[place < 0][0] / units.DAY:g} days after the first midnight",
                key=("at",),
                expected="a time at which it was kept",
                found="one between two of them",
                remedy="name the age in at= when you follow the cohort, or the clock time in times= when you visit it "
                "(cohorts.visit)",
            )
        return np.asarray(self.values[name][:, place])

    def means_before(self, name: str, times: FloatArray, minutes: float) -> FloatArray:
        """Means over so many minutes before each time, which were kept."""
        for stop in times.tolist():
            self._require_mean(name, stop - minutes, stop)
        return means_before(self.means, name, times, minutes, len(self.numbers))

    def levels_at(self, member: str, channel: str, times: FloatArray) -> FloatArray:
        """Input channels are not kept: their level of rest."""
        return np.full((len(self.numbers), len(times)), channel_of(member, channel).rest)

    def mean_over(self, start: float, stop: float) -> _View:
        """The same with the means over a stretch, at its end."""
        for name in self.values:
            self._require_mean(name, start, stop)
        means = {name: self.means[name, start, stop][:, None] for name in self.values}
        return _View(self.caregivers, means, np.array([stop]), self.numbers, {})

    def _require_mean(self, name: str, start: float, stop: float) -> None:
        if (name, start, stop) not in self.means:
            ends = tuple(units.clock_text(end % units.DAY) for end in (start, stop))
            raise InputError(
                what=f"{name}, its mean from {ends[0]} to {ends[1]}",
                key=("at",),
                expected="a stretch whose mean was kept",
                found=listed(
                    [f"{low:g} to {high:g} min" for own, low, high in self.means if own == name]
                )
                or "none",
                remedy=f"visit the cohort with means=[{ends!r}] (cohorts.visit)",
            )


def require_alike(cohorts: Sequence[Cohort]) -> None:
    """Raise ``InputError`` unless these are cohorts of one seed, population and day, with no dyad
    in two of them.
    """
    given = list(cohorts)
    if not given or not all(isinstance(one, Cohort) for one in given):
        raise InputError(f"cohorts: expected at least one Cohort; found {cohorts!r}")
    first = given[0]
    for other in given[1:]:
        for what in ("seed", "fingerprint", "schedule"):
            if getattr(other, what) != getattr(first, what):
                raise InputError(
                    f"cohorts: expected one {what}; found {getattr(first, what)!r} and"
                    f" {getattr(other, what)!r}"
                )
        if not other.edges.same(first.edges):
            raise InputError(
                f"cohorts: expected the same edges; found {first.edges.words} and"
                f" {other.edges.words}"
            )
    numbers = [number for one in given for number in one.who.numbers]
    if len(set(numbers)) < len(numbers):
        raise InputError("cohorts: a dyad stands in two of them; follow others with first=")


def combine_cohorts(cohorts: Sequence[Cohort]) -> Cohort:
    """Several cohorts of one population as one: what all of them kept, at the times that all of
    them have.

    Raises
    ------
    InputError : none given; other caregivers, seeds, populations or days; a dyad in two of them.
    """
    require_alike(cohorts)
    given = list(cohorts)
    first = given[0]
    if any(isinstance(one.schedule, list) for one in given):
        raise InputError("cohorts: expected one day for all; found one a dyad")
    times = functools.reduce(np.intersect1d, [one.times for one in given])
    names = [name for name in first.values if all(name in one.values for one in given)]
    values = {
        name: np.concatenate([one.values[name][:, np.isin(one.times, times)] for one in given])
        for name in names
    }
    numbers = tuple(number for one in given for number in one.who.numbers)
    who = combine([one.who for one in given]).replace(dyads=numbers)
    reasons = {number: why for one in given for number, why in one.reasons.items()}
    shared = [stretch for stretch in first.means if all(stretch in one.means for one in given)]
    means = {stretch: np.concatenate([one.means[stretch] for one in given]) for stretch in shared}
    return dataclasses.replace(
        first, who=who, times=times, values=values, reasons=reasons, means=means
    )


def given_cohort(cohort: Any, seed: int | None) -> Cohort:
    """A cohort that a user handed over, with the seed that they think it has (None: no matter).

    Raises
    ------
    InputError : it is none, or was followed with another seed.
    """
    if not isinstance(cohort, Cohort):
        raise InputError(f"cohort: expected a Cohort, as cohorts.follow makes; found {cohort!r}")
    if seed is not None and seed != cohort.seed:
        raise InputError(
            f"seed: the cohort was followed with seed {cohort.seed}; found {seed}; leave it out"
        )
    return cohort
