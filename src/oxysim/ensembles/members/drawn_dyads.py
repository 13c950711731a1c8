"""An ensemble as a source of dyads: what whoever takes a population asks of one.

A dyad of number k belongs to the member that is first in a race: each member runs an exponential
time with its weight for a rate, drawn by (seed, k, member). The shares are those of the weights,
and a member more takes the dyads whose race it wins and moves no other (weighted rendezvous
hashing).
"""

from __future__ import annotations

import functools
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import refused, require_seed
from oxysim.ensembles.members.asked_members import MemberAnswers, ask_members
from oxysim.families import Family, combine
from oxysim.population import Attribute, Population, Selection
from oxysim.population.criteria import Wanted
from oxysim.population.independent_sample import Age, different_dyads, require_count
from oxysim.population.selection import select
from oxysim.schedule import Schedule, as_schedule
from oxysim.streams import position_uniforms


class DrawnDyads(ABC):
    """What an ensemble shares with a population: dyads are drawn from it; and the way in which all
    of its members are asked.

    >>> from oxysim.ensembles import Ensemble, PriorTable
    >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> len(four.sample(3, seed=1))
    3
    """

    name: str
    structures: tuple[str, ...]
    weights: FloatArray

    @abstractmethod
    def __len__(self) -> int:
        """How many members there are."""

    @abstractmethod
    def __getitem__(self, number: int) -> Population:
        """The member of a number, from 0."""

    # ------------------------------------------------------------------ asking
    def ask(
        self,
        asked: Callable[..., Any],
        *,
        seed: int | None = None,
        members: int | None = None,
        progress: bool | None = None,
    ) -> MemberAnswers:
        """Ask every member and keep the answers, whatever they are; a member that fails is kept
        with its reason, and the others go on.

        Parameters
        ----------
        asked : a function of a population; with `seed` it is called with ``seed=`` as well.
        seed : key of all draws, from which each member has a seed of its own.
        members : how many are asked, spread evenly over the weights; default all.
        progress : whether it is shown; by default where somebody looks.

        Raises
        ------
        InputError : no member answered.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> answers = four.ask(lambda population: len(population.traits), progress=False)
        >>> len(answers), answers.failed
        (4, {})
        """
        return ask_members(self, asked, seed=seed, members=members, progress=progress)

    # ------------------------------------------------------------------ drawing
    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 of everything that bears on a draw: members and their weights.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> len(four.fingerprint)
        64
        """
        # twelve digits: weights that were made to sum to 1 once more stray in the last one
        parts = [
            f"{member.fingerprint} {weight:.12g}"
            for member, weight in zip(self._members, self.weights.tolist(), strict=True)
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """What a family of any member may have, by name."""
        return tuple({a.name: a for member in self._members for a in member.attributes}.values())

    def members_of(self, dyads: Sequence[int], *, seed: int) -> IntArray:
        """The number of the member that each of these dyads comes from, shape (n,).

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> four.members_of(range(6), seed=1).tolist()
        [3, 2, 0, 0, 2, 2]
        """
        require_seed(seed)
        numbers = different_dyads(dyads)
        best, winner = np.full(len(numbers), np.inf), np.zeros(len(numbers), dtype=np.int64)
        for member, weight in enumerate(self.weights.tolist()):
            uniform = position_uniforms(seed, numbers, f"race of member {member}")
            time = -np.log(uniform) / weight
            winner = np.where(time < best, member, winner)
            best = np.minimum(best, time)
        return winner

    def sample(
        self,
        n: int,
        *,
        seed: int,
        caregivers: tuple[str, ...] = ("mother",),
        infant_age: Age = "0 d",
    ) -> Family:
        """`n` families, numbered 0 to n - 1, from the members in their weights: as
        ``Population.sample``.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> four.sample(3, seed=1).numbers
        (0, 1, 2)
        """
        require_count(n)
        return self.draw(range(n), seed=seed, caregivers=caregivers, infant_age=infant_age)

    def draw(
        self,
        dyads: Sequence[int],
        *,
        seed: int,
        caregivers: tuple[str, ...] = ("mother",),
        infant_age: Age = "0 d",
    ) -> Family:
        """The families with these numbers, each as the member draws it that it comes from.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> four.draw([4, 1], seed=1).numbers
        (4, 1)
        """
        numbers = different_dyads(dyads)
        parts, order = [], []
        for member, places in self._by_member(numbers, seed):
            parts.append(
                self[member].draw(
                    numbers[places].tolist(),
                    seed=seed,
                    caregivers=caregivers,
                    infant_age=infant_age,
                )
            )
            order.append(places)
        origin = f"ensemble {self.name!r} (fingerprint {self.fingerprint}), seed {seed}"
        back = np.argsort(np.concatenate(order))
        return combine(parts).take(back).replace(dyads=tuple(numbers.tolist()), origin=origin)

    def having(self, dyads: Sequence[int], *, seed: int) -> dict[str, BoolArray]:
        """Which of the families with these numbers have each attribute, shape (n,) each.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> four.having([29, 30], seed=1)["preterm"]
        array([False,  True])
        """
        numbers = different_dyads(dyads)
        has = {attribute.name: np.zeros(len(numbers), dtype=bool) for attribute in self.attributes}
        for member, places in self._by_member(numbers, seed):
            flags_by_name = self[member].having(numbers[places].tolist(), seed=seed)
            for name, flags in flags_by_name.items():
                has[name][places] = flags
        return has

    def schedules(self, day: Any, dyads: Sequence[int], *, seed: int) -> Schedule | list[Schedule]:
        """The day of each family: as its member has it, with its noise and its attributes.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> from oxysim.interventions.daily_life import ordinary_life
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> first, second = four.schedules(ordinary_life(), [0, 1], seed=1)
        >>> first.noise == second.noise  # of two members
        False
        """
        numbers = different_dyads(dyads)
        days: list[Schedule] = [as_schedule(day)] * len(numbers)
        for member, places in self._by_member(numbers, seed):
            of_member = self[member].schedules(day, numbers[places].tolist(), seed=seed)
            of_dyads = of_member if isinstance(of_member, list) else [of_member] * len(places)
            for position, schedule in zip(places.tolist(), of_dyads, strict=True):
                days[position] = schedule
        # a day that all share stays one object, which is laid out once
        return days[0] if all(schedule is days[0] for schedule in days) else days

    def select(  # noqa: PLR0913 - see `population.selection.select`
        self,
        n: int,
        wanted: Wanted = (),
        *,
        at: str = "6 weeks",
        seed: int,
        caregivers: tuple[str, ...] = ("mother",),
        day: Any = None,
        block: int | None = None,
        progress: bool | None = None,
        fast: bool = False,
    ) -> tuple[Family, Selection]:
        """The first `n` families that meet inclusion criteria at an infant age, as
        ``Population.select``; a member of which more are eligible gives more of them.

        >>> from oxysim.ensembles import Ensemble, PriorTable
        >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
        >>> print(four.select(2, "preterm", at="0 d", seed=1)[1])
        2 of 45 screened (4.4 %) met preterm at 0 d
        """
        return select(
            self, n, wanted, at=at, seed=seed, caregivers=caregivers, day=day, block=block,
            progress=progress, fast=fast,
        )  # fmt: skip

    # ---------------------------------------------------------------- internals
    def _place(self, number: Any) -> int:
        count = len(self)
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise refused(number, "member", "a whole number")
        # as of a list: whoever walks through it by number ends at an IndexError
        if not -count <= number < count:
            raise IndexError(f"member {number}: the ensemble has {count}, numbered from 0")
        return int(number) % count

    @property
    def _members(self) -> list[Population]:
        return [self[number] for number in range(len(self))]

    def _by_member(self, numbers: IntArray, seed: int) -> list[tuple[int, IntArray]]:
        """(member, places of its dyads), of the members that have any."""
        winner = self.members_of(numbers.tolist(), seed=seed)
        return [(m, np.flatnonzero(winner == m)) for m in np.unique(winner).tolist()]
