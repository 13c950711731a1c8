"""Whom a published protocol enrols: mothers whom the user gives, or those of a population who meet its criteria."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from oxysim.errors import InputError
from oxysim.interventions.daily_life import ordinary_life
from oxysim.participants import Family
from oxysim.population import Population, Selection
from oxysim.population.sample import Age
from oxysim.trials.study import require_count


class Enrolled(NamedTuple):
    """The pool of a trial: the dyads at enrolment, the day (or days) they live, how they were found, and that in
    words."""

    who: Family
    day: Any
    selection: Selection | None
    words: str


def enrolled(  # noqa: PLR0913 - who, from where, how many, by which criteria, when
    mothers: Family | None,
    population: Population | None,
    pool: int,
    *,
    n: int,
    at: Age,
    seed: int,
    wanted: str | Iterable[str] = (),
) -> Enrolled:
    """The pool: `mothers` as they are, or the first `pool` of the population (default "community") who met the
    criteria `wanted` at the infant age `at`, having lived from birth on the typical day with daily-life noise. With a
    range of ages in place of one, dyads of the population are taken as they are drawn, and nobody is screened.

    Raises
    ------
    InputError : both mothers and a population, others than mothers, criteria for a range of ages, or fewer of them
        than the `n` of one trial.
    """
    require_count("n", n, 2)
    if mothers is not None:
        if population is not None:
            raise InputError("mothers, population: give one of the two; found both")
        if mothers.role_of != ("mother",):
            raise InputError(f"mothers: expected dyads of a mother and her infant; found caregivers {mothers.role_of}")
        _require_pool(len(mothers), n)
        return Enrolled(mothers, ordinary_life(), None, f"{len(mothers)} mothers given by the user")
    _require_pool(pool, n)
    people = Population.named("community") if population is None else population
    life = ordinary_life()
    found: Selection | None = None
    if isinstance(at, str):
        who, found = people.select(pool, wanted, at=at, seed=seed, day=life)
    elif wanted:
        raise InputError(f"wanted: a screening is at one age; found the range {at!r}")
    else:
        who = people.sample(pool, seed=seed, infant_age=at)
    words = f"population {people.name!r} ({people.fingerprint[:12]}): {found or f'{pool} dyads, not screened'}"
    return Enrolled(who, people.schedules(life, who.dyads or (), seed=seed), found, words)


def _require_pool(pool: int, n: int) -> None:
    require_count("pool", pool, 2)
    if pool < n:
        raise InputError(f"the pool holds {pool} participants, fewer than the {n} of one replication; enlarge pool=")
