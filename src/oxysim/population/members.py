"""The dyads of a study as an order for them, drawn when they are needed.

Four words tell how a dyad comes into a study: it is *drawn* from a population, *screened* (it lives
up to the age of entry and is measured), *eligible* where it meets the criteria, and *enrolled*
where it is among the first n eligible ones.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import array, choice, instance, refused, require_seed
from oxysim.errors import InputError, about
from oxysim.families import Family
from oxysim.per_dyad import positions
from oxysim.population.attribute_days import interventions_of_attributes
from oxysim.population.criteria import Wanted, identities, listed_criteria, read_criteria
from oxysim.population.independent_sample import Age, require_count, spread_ages
from oxysim.population.population import Population
from oxysim.population.selection import Selection, Source, is_source
from oxysim.schedule import Intervention
from oxysim.texts import Described, listed

MOST_NAMED = 6  # populations that a sentence names one by one


@dataclass(frozen=True, eq=False)
class Members(Described):
    """`n` families of a population, drawn where they are run: a million of them take no memory
    until then.

    Each depends on the population, the seed and its number alone, so every point of a design, every
    block and every worker sees the same families.

    Parameters
    ----------
    population : who there is: a population, or an ensemble, from whose members the families come in
        their weights.
    n : how many, at least 1.
    seed : key of the draws, and of the lives up to a screening: with the seed of the study their
        daily life goes on.
    caregivers : roles of the caregivers in each family.
    infant_age : at the start of a run: one age, or the two ends of a range. Whoever is not screened
        starts at the set points of the slow states, whatever the age.
    wanted : criteria of entry ("epds >= 13"), on a reading of your own instrument as
        :func:`~oxysim.population.read_criteria` reads them. Candidates then live from birth to `at`
        and are measured, once, when the first of the dyads is needed: see
        :func:`oxysim.population.select`.
    at : infant age at entry where there are criteria, in place of `infant_age`.
    others : name -> population, for an axis "population" of a sweep: the same numbers drawn from
        each, so that dyads of one number are alike in all that the populations share.

    Raises
    ------
    InputError, UnknownNameError : n, seed, ages or criteria that are none; both criteria and an
    age.

    >>> community = Population.named("community")
    >>> members = Members(community, n=1_000_000, seed=1)
    >>> len(members), members.take([999_999]).numbers  # one of them is drawn
    (1000000, (999999,))
    """

    population: Source
    n: int = 1
    seed: int = 0
    caregivers: tuple[str, ...] = ("mother",)
    infant_age: Age | None = None
    wanted: Wanted = ()
    at: str | None = None
    others: Mapping[str, Population] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # kinds first, then what the criteria say about age and entry
        if not is_source(self.population):
            raise refused(self.population, "population", "a Population, or an Ensemble of them")
        instance(self.others, "others", Mapping, "a mapping of names to Populations")
        require_count(self.n)
        require_seed(self.seed)
        criteria_of_entry = listed_criteria(self.wanted, "wanted")
        names = [attribute.name for attribute in self.population.attributes]
        with about("wanted"):
            read_criteria(criteria_of_entry, names)
        if criteria_of_entry and self.infant_age is not None:
            text = "infant_age: whoever is screened enters at the age `at`; give one of the two"
            raise InputError(text, key=("infant_age",))
        if not criteria_of_entry and self.at is not None:
            text = "at: nobody is screened; give criteria of entry, or infant_age in place of at"
            raise InputError(text, key=("at",))
        age = (
            ("0 d" if self.infant_age is None else self.infant_age)
            if not criteria_of_entry
            else None
        )
        at = ("6 weeks" if self.at is None else self.at) if criteria_of_entry else None
        for name, value in {"wanted": criteria_of_entry, "infant_age": age, "at": at}.items():
            object.__setattr__(self, name, value)
        for name, population in self.others.items():
            instance(population, f"others, {name!r}", Population, "a Population")
        # a family is drawn once, so that ages and roles that cannot be are refused here
        with about("at" if criteria_of_entry else "infant_age"):
            _ = self.specimen

    # ------------------------------------------------------------------ reading
    def __len__(self) -> int:
        return self.n

    @functools.cached_property
    def specimen(self) -> Family:
        """Family 0 of the population at the age at which a run starts, nobody screened: what
        settings are tried on.

        >>> Members(Population.named("community"), n=1000, infant_age="6 weeks").specimen.numbers
        (0,)
        """
        age = self.at if self.wanted else self.infant_age
        age = "0 d" if age is None else age
        return self.population.draw([0], seed=self.seed, caregivers=self.caregivers, infant_age=age)

    @property
    def role_of(self) -> tuple[str, ...]:
        """The role of each caregiver.

        >>> Members(Population.named("community"), caregivers=("mother", "father")).role_of
        ('mother', 'father')
        """
        return self.specimen.role_of

    @property
    def members(self) -> tuple[str, ...]:
        """Caregivers, then the infant.

        >>> Members(Population.named("community"), caregivers=("mother", "father")).members
        ('mother', 'father', 'infant')
        """
        return self.specimen.members

    @property
    def dyads(self) -> Sequence[int]:
        """The families' numbers.

        >>> Members(Population.named("community"), n=3).dyads
        range(0, 3)
        """
        return self._enrolled[0].numbers if self.wanted else range(self.n)

    def ages(self, numbers: Any = None) -> FloatArray:
        """The infants' ages at the start of the first simulated day (whole days), minutes, shape
        (n,).

        `numbers` : of which families; default all.

        >>> ages = ("3 months", "9 months")
        >>> months = Members(Population.named("community"), n=2, infant_age=ages)
        >>> (months.ages() / units.DAY).tolist()  # whole days: a run begins at a midnight
        [148.0, 215.0]
        """
        if numbers is not None:
            array(numbers, "numbers", (None,))
        # a view of one age: no million of equal numbers is kept
        count = self.n if numbers is None else len(numbers)
        if self.wanted or isinstance(self.infant_age, str):
            return np.broadcast_to(self.specimen.ages(), (count,))
        dyads = np.arange(self.n) if numbers is None else np.asarray(numbers, dtype=np.int64)
        low, high = (units.duration(age, "infant_age", positive=False) for age in self._age())
        # the small number keeps an age of whole days on its own day: a draw may miss it by rounding
        return np.floor(spread_ages(low, high, self.seed, dyads) / units.DAY + 1e-9) * units.DAY

    @property
    def selection(self) -> Selection | None:
        """What it took to find them; None where nobody is screened.

        >>> community = Population.named("community")
        >>> Members(community, n=2, wanted="preterm", at="0 d", seed=1).selection
        Selection: 2 of 45 screened (4.4 %) met preterm at 0 d; seed 1.
        """
        return self._enrolled[1] if self.wanted else None

    @property
    def screened(self) -> bool:
        """Whether candidates have been screened already, in this process.

        >>> community = Population.named("community")
        >>> members = Members(community, n=2, wanted="preterm", at="0 d", seed=1)
        >>> members.screened, members.dyads, members.screened  # when a number is asked for
        (False, (30, 44), True)
        """
        return "_enrolled" in vars(self)

    # ------------------------------------------------------------------ drawing
    def take(self, index: Any) -> Family:
        """The families at positions among the n, with their numbers.

        >>> Members(Population.named("community"), n=10).take([2, 7]).numbers
        (2, 7)
        """
        # without criteria the number is the position: only those that are asked for are drawn
        chosen = positions(index, self.n)
        return self._enrolled[0].take(chosen) if self.wanted else self.draw(chosen)

    def draw(self, numbers: Any) -> Family:
        """The families with these numbers, nobody screened.

        Raises
        ------
        InputError : there are criteria of entry, so that not every number enters.

        >>> Members(Population.named("community"), n=2).draw([40]).numbers  # beyond the n, too
        (40,)
        """
        if self.wanted:
            raise InputError(
                "draw: not every family of this number meets the criteria of entry; take them by"
                " position"
            )
        return self.population.draw(
            numbers, seed=self.seed, caregivers=self.caregivers, infant_age=self._age()
        )

    def added(self, numbers: Sequence[int]) -> list[tuple[Intervention, ...]]:
        """What the attributes of each family with these numbers add to its day; one object where
        equal.

        >>> Members(Population.named("community"), n=2).added([0, 1])[0]
        ()
        """
        has = self.population.having(numbers, seed=self.seed)
        return interventions_of_attributes(self.population.attributes, has, len(numbers))

    def under(self, name: str) -> Members:
        """The same numbers of another population, one of `others`.

        >>> community = Population.named("community")
        >>> others = {"no attributes": community.replace(attributes=())}
        >>> Members(community, n=3, others=others).under("no attributes").added([0, 1, 2])
        [(), (), ()]
        """
        # no others any more: the copy is about one population, and so is its description
        return replace(
            self, population=self.others[choice(name, "population", self.others)], others={}
        )

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What they are, for print and notebooks."""
        age = self.at if self.wanted else self.infant_age
        ages = " to ".join(age) if isinstance(age, tuple | list) else str(age)
        return f"{self.n} members", [
            ("", self.describe()),
            ("caregivers", listed(self.caregivers)),
            ("infants of", ages),
        ]

    def describe(self) -> str:
        """Where they come from, for a sentence that has said how many they are.

        >>> Members(Population.named("community"), n=2, wanted="epds >= 13").describe()
        "of the population 'community' (fingerprint ..., seed 0) who met epds >= 13 at 6 weeks"
        """
        drawn = f"fingerprint {self.population.fingerprint[:12]}, seed {self.seed}"
        kind = "population" if isinstance(self.population, Population) else "ensemble"
        text = f"of the {kind} {self.population.name!r} ({drawn})"
        if len(self.others) > MOST_NAMED:
            text = f"of {len(self.others)} populations, seed {self.seed}"
        elif self.others:
            populations = ", ".join(
                f"{name} (fingerprint {population.fingerprint[:12]})"
                for name, population in self.others.items()
            )
            text = f"of the populations {populations}, seed {self.seed}"
        if not self.wanted:
            return text
        took = f" ({self.selection})" if self.screened else ""
        return f"{text} who met {' and '.join(identities(self.wanted))} at {self.at}{took}"

    # ---------------------------------------------------------------- internals
    @functools.cached_property
    def _enrolled(self) -> tuple[Family, Selection]:
        """The enrolled families, and what it took to find them."""
        return self.population.select(
            self.n, self.wanted, at=self.at or "6 weeks", seed=self.seed, caregivers=self.caregivers
        )

    def _age(self) -> Age:
        return "0 d" if self.infant_age is None else self.infant_age


Who = Family | Members
"""Whom a study is about: families that stand there, or families still to be drawn."""
