"""Whom a published protocol enrols: families of the user's own, or those of a population.

The population is the packaged community unless the user names another: the one that the scoreboard
scores. There are three ways into a study:

- :func:`trial_pool`: mothers of a trial over weeks, screened at an age and then followed;
- :func:`laboratory_sample`: families of a session in a laboratory, taken as they are drawn;
- :func:`mothers_scoring_high`: mothers of such a session who read high on the EPDS.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from oxysim.checks import instance, whole_number
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError
from oxysim.families import Family, combine
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population, Selection
from oxysim.population.independent_sample import Age
from oxysim.texts import counted, html_table, paragraph

# the population that the scoreboard scores
COMMUNITY = "community"

# Candidates in a block for each dyad enrolled: about one in eight of the community enters, so that
# one block is mostly enough.
FOLLOWED_PER_ENTRANT = 9

# Candidates followed at a time. It bounds memory, and changes nobody who enters.
LARGEST_BLOCK = 2048

# Candidates followed for each dyad enrolled before giving up, as in ``Population.select``.
MOST_PER_DYAD = 400


class Recruitment(NamedTuple):
    """Who takes part, as the arguments of a protocol say it; None leaves it to the protocol.

    Attributes
    ----------
    families : those that take part, as they are; None draws them.
    population : from which they are drawn; default the community.
    pool : how many are drawn; default the protocol's number.
    entry : criteria of entry, as for ``Population.select``; default the protocol's.

    >>> Recruitment(pool=40).population is None
    True
    """

    families: Family | None = None
    population: Population | None = None
    pool: int | None = None
    entry: str | Iterable[str] | None = None


class Enrolled(NamedTuple):
    """The pool of a trial: the mothers at enrolment, the days they live, and how they were
    selected.

    >>> from oxysim.families import Dyad
    >>> Enrolled(Dyad(), ordinary_life(), None, "1 mothers given by the user")
    Enrolled: 1 dyad; from 1 mothers given by the user; living one day for all.
    """

    mothers: Family
    day: Any
    selection: Selection | None
    sample: str

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many enter, on which days, and how they were found."""
        days = (
            f"{len(self.day)} days, one a dyad" if isinstance(self.day, list) else "one day for all"
        )
        return "Enrolled", [
            ("", counted(len(self.mothers), "dyad")),
            ("from", self.sample),
            ("living", days),
        ]

    def __repr__(self) -> str:
        return paragraph(*self.facts())

    def _repr_html_(self) -> str:
        title, pairs = self.facts()
        return html_table(pairs, caption=title)


def trial_pool(
    recruitment: Recruitment,
    *,
    infant_age: Age,
    n: int,
    seed: int,
    default_pool: int,
    default_entry: Iterable[str] = (),
) -> Enrolled:
    """The pool of a trial: the user's mothers, or the first of a population who meet the criteria.

    Mothers of a population have lived from birth on the typical day with daily-life noise, and are
    screened at an infant age.

    Parameters
    ----------
    recruitment : as the user wants it.
    infant_age : when they are screened. With a range of ages in place of one, dyads of the
        population are taken as they are drawn, and nobody is screened.
    n : participants of one trial.
    seed : key of the draw and of the candidates' lives.
    default_pool, default_entry : what holds where the user says nothing.

    Raises
    ------
    InputError : both mothers and a population; a pool or criteria beside mothers, of whom nobody is
        drawn; others than mothers; criteria for a range of ages; fewer mothers than the `n` of one
        trial.

    >>> pool = trial_pool(
    ...     Recruitment(pool=3), infant_age=("3 months", "9 months"), n=2, seed=0, default_pool=300
    ... )
    >>> len(pool.mothers), pool.selection
    (3, None)
    """
    families, population, pool, entry = recruitment
    whole_number(n, "n", 2)
    _require_one_source("mothers", families, population, pool, entry=entry)

    if families is not None:
        require_mothers(families)
        # one replication draws without repeats, so that it needs n mothers
        _require_pool(len(families), n)
        sample = f"{len(families)} mothers given by the user"
        return Enrolled(families, ordinary_life(), None, sample)

    pool = default_pool if pool is None else pool
    entry = tuple(default_entry) if entry is None else entry
    _require_pool(pool, n)
    people = Population.named(COMMUNITY) if population is None else population
    day = ordinary_life()

    # Only at one age can a form be filled in that decides who enters.
    selection: Selection | None = None
    if isinstance(infant_age, str):
        mothers, selection = people.select(pool, entry, at=infant_age, seed=seed, day=day)
    elif entry:
        raise InputError(f"entry: a screening is at one age; found the range {infant_age!r}")
    else:
        mothers = people.sample(pool, seed=seed, infant_age=infant_age)

    # the fingerprint in the words: the same name may hide another table of numbers
    sample = f"{population_words(people)}: {selection or f'{pool} dyads, not screened'}"
    return Enrolled(mothers, people.schedules(day, mothers.numbers, seed=seed), selection, sample)


def laboratory_sample(
    recruitment: Recruitment,
    *,
    argument: str,
    seed: int,
    default_pool: int,
    caregivers: tuple[str, ...] = ("mother",),
    infant_age: Age = "5 months",
) -> tuple[Family, str]:
    """The families of a session in a laboratory and, in words, where they come from.

    They are the user's, or some of a population as they are drawn, at their own set points.

    Parameters
    ----------
    recruitment : as the user wants it.
    argument : the argument by which a user gives families, for messages ("adults").
    seed : key of the draw.
    default_pool : how many are drawn where the user says nothing.
    caregivers, infant_age : of those that are drawn.

    Raises
    ------
    InputError : both families and a population or a pool; a pool or an age that cannot be.

    >>> adults, sample = laboratory_sample(
    ...     Recruitment(pool=4), argument="adults", seed=0, default_pool=120, caregivers=("other",)
    ... )
    >>> len(adults), sample.endswith("4 as they are drawn")
    (4, True)
    """
    families, population, pool, _ = recruitment
    _require_one_source(argument, families, population, pool)
    if families is not None:
        return families, f"{len(families)} given by the user"

    pool = default_pool if pool is None else pool
    whole_number(pool, "pool", 1)
    people = Population.named(COMMUNITY) if population is None else population
    drawn = people.sample(pool, seed=seed, caregivers=caregivers, infant_age=infant_age)
    return drawn, f"{population_words(people)}: {pool} as they are drawn"


def mothers_scoring_high(
    population: Population, pool: int, *, infant_age: str, least: float, seed: int
) -> tuple[Family, str]:
    """The first `pool` mothers of a population who read `least` or more on the EPDS at an infant
    age.

    They come as they are at that age, with the words that say what it took to find them.

    Candidates 0, 1, 2, ... are followed from birth by the solver for ensembles, as the scoreboard
    does; who enters depends neither on `pool` nor on how many are followed at a time.

    Raises
    ------
    InputError : too few of them read so high.

    >>> mothers, sample = mothers_scoring_high(
    ...     Population.named(), 1, infant_age="1 d", least=0, seed=0
    ... )
    >>> sample.partition(": ")[2]
    '1 of 1 followed from birth, with 0 or more on the EPDS at 1 d'
    """
    # a block too large costs time, one too small a second block
    size = int(np.clip(FOLLOWED_PER_ENTRANT * pool, 1, LARGEST_BLOCK))
    entrants: list[Family] = []
    numbers: list[int] = []
    followed = 0

    while len(numbers) < pool:
        if followed > MOST_PER_DYAD * pool + LARGEST_BLOCK:
            raise InputError(
                f"pool: {pool} mothers were asked for, but only {len(numbers)} of {followed}"
                f" candidates read {least:g} or more on the EPDS at {infant_age}; ask for fewer, or"
                " take another population"
            )
        cohort = follow(population, size, first=followed, until=infant_age, seed=seed)
        alive = cohort.take(np.flatnonzero(cohort.complete))

        # The form of the screening has noise of its own: a later reading regresses to the mean.
        forms = alive.readings("epds", infant_age, occasion="screening")
        high = np.flatnonzero(forms >= least)[: pool - len(numbers)]
        if len(high):
            entrants.append(alive.take(high).family(infant_age))
            numbers += entrants[-1].numbers
        followed += size

    sample = (
        f"{population_words(population)}: {pool} of {numbers[-1] + 1} followed from birth, with"
        f" {least:g} or more on the EPDS at {infant_age}"
    )
    # numbered as in the population, so that each keeps its own streams of noise
    return combine(entrants).replace(dyads=tuple(numbers)), sample


def population_words(population: Any) -> str:
    """A population by name and fingerprint, for a design in words.

    >>> population_words(Population.named()).startswith("population 'community' (")
    True
    """
    return f"population {population.name!r} ({population.fingerprint[:12]})"


def require_mothers(families: Family) -> None:
    """Raise ``InputError`` unless these are dyads of a mother and her infant.

    >>> from oxysim.families import Dyad
    >>> require_mothers(Dyad())
    """
    if families.role_of != ("mother",):
        raise InputError(
            "mothers: expected dyads of a mother and her infant; found caregivers"
            f" {families.role_of}"
        )


def _require_one_source(
    argument: str, families: Any, population: Any, pool: Any, **options: Any
) -> None:
    """Raise where families are given and something else says whom to draw, or either is of a wrong
    type.
    """
    if families is not None and population is not None:
        raise InputError(f"{argument}, population: give one of the two; found both")

    for name, value in {"pool": pool, **options}.items():
        if families is not None and value is not None:
            raise InputError(
                f"{argument}, {name}: {argument} are given, so {name} can say nothing; give one of"
                " the two"
            )

    if families is not None:
        instance(families, argument, Family, "a Dyad or a Family")

    # Not by type: a population may be the user's own class, as long as it can be drawn from.
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
    """Raise unless a pool holds the participants of one replication."""
    whole_number(pool, "pool", 2)
    if pool < n:
        raise InputError(
            f"the pool holds {pool} participants, fewer than the {n} of one replication; enlarge"
            " pool="
        )
