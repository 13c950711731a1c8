"""A trial as an object: what it plans, and its replications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.checks import instance, require_seed
from oxysim.ensembles import Ensemble
from oxysim.errors import InputError, unknown_name
from oxysim.population import Members, Population
from oxysim.population.criteria import Wanted, listed_criteria
from oxysim.population.independent_sample import Age
from oxysim.progress import asked
from oxysim.statistics.contrast import Contrast
from oxysim.texts import Called
from oxysim.trials.analysis import Readings, contrasts, endpoint_readings
from oxysim.trials.ensembles.ensemble_trial import EnsembleTrial
from oxysim.trials.plan.limits import require_readings, require_replications
from oxysim.trials.replication import Replications, TrialRules, replicate
from oxysim.trials.trial_plan import TrialPlan
from oxysim.trials.trial_result import TrialResult


@dataclass(frozen=True, eq=False)
class Trial(TrialPlan):
    """A randomised trial.

    Every dyad of the pool is simulated once in every arm (or sequence of arms), on the same draws;
    replications draw from it, each participant with measurement noise of their own. So individual
    effects are known, and a thousand replications cost little more than one.

    Parameters
    ----------
    who : the pool, at enrolment: some hundreds of dyads, at least as many as take part.
    design : :class:`Parallel`, :class:`Crossover` or :class:`Factorial`.
    endpoints : what it is judged by; the first is the primary one unless another says so.
    visits : when it measures; default one visit at each time that an endpoint names. A baseline at
        the start is added unless a visit of that name is given.
    day : the day that all live beside what the trial gives, with daily-life noise or without; or a
        list, one a dyad.
    duration : how long participants are followed, default to the last visit; a crossover's is its
        periods'.
    start : clock time at which the first day of it begins.
    allocation : :class:`Blocked` (default), :class:`Simple` or :class:`Stratified`.
    blinding : :class:`Blinded` or :class:`Open`; default None: no belief beyond what an
        intervention itself brings (a spray and its placebo do).
    adherence : how far sessions of what the trial gives are attended.
    dropout : who leaves.
    entry : criteria measured at a screening at the start, in the words of ``Population.select``
        ("epds >= 13"); the baseline is measured anew. Default: all of the pool may enter.
    selection : what it took to find the pool, as ``Population.select`` reports it, for the flow
        table.
    life : seed of the participants' lives (daily-life noise, daily crying, jitter, adherence): that
        with which the pool was drawn; default that of the `selection`, or 0.
    solver : how precisely it is simulated; default by its length, with errors far below those of
        any instrument.
    save : how often arms are kept for plots (visits are kept anyway).
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm,
        from the start.

    Raises
    ------
    InputError, UnknownNameError, UnitError, ScheduleError : a design that cannot be, before
        anything is simulated.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Endpoint, Parallel
    >>> pool = Population.named("community").sample(40, seed=1)
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> trial = Trial(pool, Parallel(arms), Endpoint("saliva_oxytocin", at="3 h"))
    >>> trial.primary.name
    'saliva oxytocin value at 3 h'
    """

    def run(
        self, n: int, replications: int = 200, seed: int = 0, *, progress: bool | None = None
    ) -> TrialResult:
        """Replicate the trial.

        Parameters
        ----------
        n : participants of one trial, in all arms together.
        replications : how many such trials.
        seed : key of every draw of the replications (who takes part, allocation, measurement,
            drop-out).
        progress : whether a bar of simulated dyad-days is shown; None: on a terminal and in a
            notebook. Only the first run simulates.

        Raises
        ------
        InputError : n below 2, no replication, a pool that is too small, a stratum without members.
        """
        with asked(progress):
            return TrialResult(self, self._sample(n, replications, seed), n, replications, seed)

    def readings(self, n: int, replications: int, seed: int) -> Readings:
        """Every endpoint by arm, shape (replications, n), for ``trials.power``: participants of all
        arms in the order of enrolment, NaN where somebody is in another arm or gave no reading.
        """
        sample = self._sample(n, replications, seed)
        # all endpoints, since power may ask for any of them
        arrays: dict[str, FloatArray] = {}
        for endpoint in self.endpoints:
            arrays |= endpoint_readings(self, sample, endpoint)
        return arrays

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The first contrast of an endpoint (default: the primary one) in every replication."""
        by_label = contrasts(self.design, self.endpoint(endpoint), readings)
        return next(iter(by_label.values()))

    def testing(self, contrast: str, endpoint: str = "") -> Tested:
        """The same trial for ``trials.power``, asked for another contrast ("treatment - usual
        care", "first x second").

        Parameters
        ----------
        contrast : as ``TrialResult.contrasts`` names it.
        endpoint : by name; default the primary one.
        """
        return Tested(self, checks.name(contrast, "contrast"), self.endpoint(endpoint).name)

    @overload
    def drawn_from(
        self,
        source: Population,
        n: int,
        *,
        seed: int,
        wanted: Wanted = (),
        at: str | None = None,
        infant_age: Age | None = None,
    ) -> Trial: ...

    @overload
    def drawn_from(
        self,
        source: Ensemble,
        n: int,
        *,
        seed: int,
        wanted: Wanted = (),
        at: str | None = None,
        infant_age: Age | None = None,
        members: int | None = None,
    ) -> EnsembleTrial: ...

    def drawn_from(
        self,
        source: Population | Ensemble,
        n: int,
        *,
        seed: int,
        wanted: Wanted = (),
        at: str | None = None,
        infant_age: Age | None = None,
        members: int | None = None,
    ) -> Trial | EnsembleTrial:
        """The same plan on a pool that is drawn, with the days and the lives of its dyads.

        Parameters
        ----------
        source : a population; or an ensemble, of which every member gets a pool of its own.
        n : how many dyads.
        seed : key of the draws and of the lives, before a screening and in the trial.
        wanted, at, infant_age : who enters, and at which age: as for
            :class:`oxysim.population.Members`; the age of this trial's own dyads by default.
        members : of an ensemble how many are asked, spread evenly over their weights; default all.

        Raises
        ------
        InputError : what cannot be drawn; days that are a list, one a dyad of another pool.

        >>> from oxysim.families import Dyad
        >>> from oxysim.interventions import NasalSpray
        >>> from oxysim.trials import Endpoint, Parallel
        >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="10:00")}
        >>> plan = Trial(Dyad(), Parallel(arms), Endpoint("saliva_oxytocin", at="3 h"))
        >>> len(plan.drawn_from(Population.named("community"), 40, seed=1).who)
        40
        """
        instance(source, "source", (Population, Ensemble), "a Population or an Ensemble")
        if isinstance(self.day, list):
            raise InputError("day: the pool is still to be drawn; give one day for all of it")
        criteria_of_entry = listed_criteria(wanted, "wanted")
        if infant_age is None and not criteria_of_entry:
            infant_age = f"{float(self.who.ages()[0])!r} min"
        request = (tuple(self.who.caregivers), infant_age, criteria_of_entry, at)
        if isinstance(source, Population):
            if members is not None:
                raise InputError("members: a population has none; leave it out")
            return self.with_pool(Members(source, n, seed, *request))

        # what cannot be drawn is refused once, and not by every member
        Members(source[0], n, seed, *request)

        def planned(population: Population, seed: int) -> Trial:
            return self.with_pool(Members(population, n, seed, *request))

        return EnsembleTrial(source, planned, seed, members)

    def with_pool(self, people: Members) -> Trial:
        """The same plan on the dyads of an order, which are drawn now and, where it has criteria,
        screened.

        >>> from oxysim.families import Dyad
        >>> from oxysim.interventions import NasalSpray
        >>> from oxysim.trials import Endpoint, Parallel
        >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="10:00")}
        >>> plan = Trial(Dyad(), Parallel(arms), Endpoint("saliva_oxytocin", at="3 h"))
        >>> len(plan.with_pool(Members(Population.named("community"), 4, seed=1)).who)
        4
        """
        instance(people, "people", Members, "Members of a population")
        families = people.take(np.arange(len(people)))
        # with what the attributes of each dyad add to it, such as a weaning at birth
        day = people.population.schedules(self.day, families.numbers, seed=people.seed)
        return replace(self, who=families, day=day, selection=people.selection, life=people.seed)

    # --------------------------------------------------------------- internals
    def _sample(self, n: int, replications: int, seed: int) -> Replications:
        # All that can be refused is refused before the pool is simulated.
        checks.whole_number(n, "n", 2)
        require_replications(replications)
        require_readings(n, replications, len(self.occasions))
        require_seed(seed)
        if len(self.who) < n:
            raise InputError(
                f"the pool holds {len(self.who)} dyads, fewer than the {n} of one trial; draw more,"
                " or take a smaller n"
            )
        # a ratio of 1:100 needs 101 participants to hold every arm
        least = sum(self.design.shares)
        if least > n:
            raise InputError(
                f"ratio: {':'.join(map(str, self.design.shares))} needs {least} participants to"
                f" fill every arm once, more than the {n} of one trial"
            )

        sources = tuple(dict.fromkeys(self._read_at_visits))
        rules = TrialRules(self._criteria, self.allocation, self._shares, self.dropout, sources)
        return replicate(self.pool, rules, n, replications, seed)


@dataclass(frozen=True, eq=False)
class Tested(Called):
    """A trial of which one contrast in one endpoint is tested; see :meth:`Trial.testing`.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> trial.testing("spray - placebo").contrast
    'spray - placebo'
    """

    trial: Trial
    contrast: str
    endpoint: str

    def readings(self, n: int, replications: int, seed: int) -> Readings:
        """As of the trial."""
        return self.trial.readings(n, replications, seed)

    def analyse(self, readings: Mapping[str, FloatArray], endpoint: str = "") -> Contrast:
        """The contrast in every replication.

        Raises
        ------
        UnknownNameError : no such contrast.
        """
        planned = self.trial.endpoint(endpoint or self.endpoint)
        by_label = contrasts(self.trial.design, planned, readings)
        if self.contrast not in by_label:
            raise unknown_name("contrast", self.contrast, by_label)
        return by_label[self.contrast]
