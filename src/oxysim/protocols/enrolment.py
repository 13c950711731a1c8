"""Whom a published protocol enrols: families whom the user gives, or those of a population, the
community by default.

The population that a protocol draws from is the one by which the scoreboard scores it, unless told
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.checks import instance
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError
from oxysim.families import Family, combine
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population, Selection
from oxysim.population.independent_sample import Age
from oxysim.texts import counted, html_table, paragraph
from oxysim.trials.plan.adherence_and_blinding import Adherence, Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.limits import require_replications

COMMUNITY = "community"
# candidates in a block for each dyad wanted: about one in eight of the community enters
FOLLOWED_PER_ENTRANT = 9
# candidates that are followed at a time; it bounds memory and changes nobody who enters
LARGEST_BLOCK = 2048
# candidates followed for each dyad wanted before giving up, as in ``Population.select``
MOST_PER_DYAD = 400


class Enrolled(NamedTuple):
    """The pool of a trial: the dyads at enrolment, the day (or days) they live, how they were
    found, and that in words.
    """

    who: Family
    day: Any
    selection: Selection | None
    words: str

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many enter, on which days, and how they were found."""
        days = (
            f"{len(self.day)} days, one a dyad" if isinstance(self.day, list) else "one day for all"
        )
        return "Enrolled", [
            ("", counted(len(self.who), "dyad")),
            ("from", self.words),
            ("living", days),
        ]

    def __repr__(self) -> str:
        return paragraph(*self.facts())

    def _repr_html_(self) -> str:
        title, pairs = self.facts()
        return html_table(pairs, caption=title)


def enrolled(  # noqa: PLR0913 - who, from where, how many, by which criteria, when
    mothers: Family | None,
    population: Population | None,
    pool: int | None,
    *,
    usual: int,
    n: int,
    at: Age,
    seed: int,
    wanted: str | Iterable[str] | None = None,
    usually: Iterable[str] = (),
) -> Enrolled:
    """The pool: `mothers` as they are, or the first `pool` (default `usual`) of the population
    (default "community") who met the criteria `wanted` (default `usually`) at the infant age `at`,
    having lived from birth on the typical day with daily-life noise. With a range of ages in place
    of one, dyads of the population are taken as they are drawn, and nobody is screened.

    Raises
    ------
    InputError : both mothers and a population; a pool or criteria beside mothers, of whom nobody is
        drawn; others than mothers; criteria for a range of ages; fewer of them than the `n` of one
        trial.
    """
    checks.whole_number(n, "n", 2)
    _require_one_source("mothers", mothers, population, pool, entry=wanted)
    if mothers is not None:
        if mothers.role_of != ("mother",):
            raise InputError(
                "mothers: expected dyads of a mother and her infant; found caregivers"
                f" {mothers.role_of}"
            )
        _require_pool(len(mothers), n)
        return Enrolled(mothers, ordinary_life(), None, f"{len(mothers)} mothers given by the user")
    pool, wanted = usual if pool is None else pool, tuple(usually) if wanted is None else wanted
    _require_pool(pool, n)
    people = Population.named(COMMUNITY) if population is None else population
    life = ordinary_life()
    found: Selection | None = None
    if isinstance(at, str):
        who, found = people.select(pool, wanted, at=at, seed=seed, day=life)
    elif wanted:
        raise InputError(f"wanted: a screening is at one age; found the range {at!r}")
    else:
        who = people.sample(pool, seed=seed, infant_age=at)
    words = f"{population_words(people)}: {found or f'{pool} dyads, not screened'}"
    return Enrolled(who, people.schedules(life, who.dyads or (), seed=seed), found, words)


def require_trial(replications: Any, adherence: Any, dropout: Any, blinding: Any) -> None:
    """Raise unless these are what a trial takes, before anybody is followed up to enrolment."""
    require_replications(replications)
    for what, value, kind, expected in (
        ("adherence", adherence, Adherence, "an Adherence"), ("dropout", dropout, Dropout, "a Dropout"),
        ("blinding", blinding, (Blinded, Open), "Blinded(...), Open(...)"),
    ):  # fmt: skip
        if value is not None:
            instance(value, what, kind, f"{expected} or None")


def sampled(  # noqa: PLR0913 - who, or from where, how many, of which roles and age
    given: Family | None,
    population: Population | None,
    pool: int | None,
    *,
    usual: int,
    what: str,
    seed: int,
    caregivers: tuple[str, ...] = ("mother",),
    infant_age: Age = "5 months",
) -> tuple[Family, str]:
    """The families of a session in a laboratory and, in words, where they come from: those `given`
    as they are, or `pool` (default `usual`) of the population (default "community") as they are
    drawn, at their own set points.

    Parameters
    ----------
    what : the argument by which a user gives them, for messages ("adults").

    Raises
    ------
    InputError : both families and a population or a pool; a pool or an age that cannot be.
    """
    _require_one_source(what, given, population, pool)
    if given is not None:
        return given, f"{len(given)} given by the user"
    pool = usual if pool is None else pool
    checks.whole_number(pool, "pool", 1)
    people = Population.named(COMMUNITY) if population is None else population
    who = people.sample(pool, seed=seed, caregivers=caregivers, infant_age=infant_age)
    return who, f"{population_words(people)}: {pool} as they are drawn"


def entering(
    population: Population, pool: int, *, at: str, least: float, seed: int
) -> tuple[Family, str]:
    """The first `pool` mothers of a population who read `least` or more on the EPDS at an infant
    age, as they are then, and what it took to find them, in words.

    Candidates 0, 1, 2, ... are followed from birth by the solver for ensembles, as the scoreboard
    does; who enters depends neither on `pool` nor on how many are followed at a time.

    Raises
    ------
    InputError : too few of them read so high.
    """
    size = int(np.clip(FOLLOWED_PER_ENTRANT * pool, 1, LARGEST_BLOCK))
    found: list[Family] = []
    numbers: list[int] = []
    first = 0
    while len(numbers) < pool:
        if first > MOST_PER_DYAD * pool + LARGEST_BLOCK:
            raise InputError(
                f"pool: {pool} mothers were asked for, but only {len(numbers)} of {first}"
                f" candidates read {least:g} or more on the EPDS at {at}; ask for fewer, or take"
                " another population"
            )
        cohort = follow(population, size, first=first, until=at, seed=seed)
        alive = cohort.take(np.flatnonzero(cohort.complete))
        forms = alive.readings("epds", at, occasion="screening")
        high = np.flatnonzero(forms >= least)[: pool - len(numbers)]
        if len(high):
            found.append(alive.take(high).family(at))
            numbers += found[-1].dyads or ()
        first += size
    words = (
        f"{population_words(population)}: {pool} of {numbers[-1] + 1} followed from birth, with"
        f" {least:g} or more on the EPDS at {at}"
    )
    return combine(found).replace(dyads=tuple(numbers)), words


def population_words(people: Any) -> str:
    """A population by name and fingerprint, for a design in words."""
    return f"population {people.name!r} ({people.fingerprint[:12]})"


def _require_one_source(what: str, given: Any, population: Any, pool: Any, **others: Any) -> None:
    """Raise unless either families are given or something says whom to draw, and each is what it
    should be.
    """
    if given is not None and population is not None:
        raise InputError(f"{what}, population: give one of the two; found both")
    for name, value in {"pool": pool, **others}.items():
        if given is not None and value is not None:
            raise InputError(
                f"{what}, {name}: {what} are given, so {name} can say nothing; give one of the two"
            )
    if given is not None:
        instance(given, what, Family, "a Dyad or a Family")
    if population is not None and not (
        hasattr(population, "sample") and hasattr(population, "fingerprint")
    ):
        instance(
            population,
            "population",
            Population,
            "a Population, such as Population.named('community')",
        )


def _require_pool(pool: int, n: int) -> None:
    checks.whole_number(pool, "pool", 2)
    if pool < n:
        raise InputError(
            f"the pool holds {pool} participants, fewer than the {n} of one replication; enlarge"
            " pool="
        )
