"""A population of dyads: which parameters differ between them, by how much, and which go together
(M17).

Between-dyad variation (``traits``) is kept apart from parameter uncertainty: what is not known
about the values that all dyads share, or about a trait's centre. :meth:`Population.sample` draws
dyads under one set of values; :meth:`Population.plausible` draws whole populations under different
plausible sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.special import ndtr

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import choice, file_path, instance, require_seed, writable_file
from oxysim.errors import unknown_name
from oxysim.families import Family
from oxysim.population.attribute_days import interventions_of_attributes, with_daily_life
from oxysim.population.copula import correlated_scores, mixing_of_population, traits_of_members
from oxysim.population.criteria import Wanted
from oxysim.population.independent_sample import Age, ages_of, different_dyads, require_count
from oxysim.population.plausible_sets import plausible_sets
from oxysim.population.population_checks import (
    checked_parts,
    fingerprint_of,
    require_known_names,
)
from oxysim.population.population_file import read_population, write_population
from oxysim.population.selection import Selection, select
from oxysim.population.traits import Attribute, Correlation, Trait
from oxysim.schedule import Schedule, as_schedule
from oxysim.streams import position_uniforms
from oxysim.texts import Described, listed
from oxysim.units import plain_unit


@dataclass(frozen=True, eq=False)
class Population(Described):
    """Correlated distributions over the parameters of dyads.

    Parameters
    ----------
    name, meaning : what it stands for.
    traits : the parameters that differ between dyads.
    correlations : of the traits' normal scores; pairs that are not named are unrelated.
    values : parameter -> value that all dyads share, in the row's unit; the others are at their
        defaults.
    attributes : what a family has or has not.
    daily_life : option of ``DailyLife`` -> days, in place of its defaults: how long the dyads' life
        events and moods are remembered.
    provenance : where it comes from (script, seeds, objective, sources), as plain text, numbers,
        lists and mappings.

    Raises
    ------
    UnknownNameError : a parameter, trait or source that does not exist.
    InputError : a trait twice, a parameter both a trait and a shared value, correlations that no
    population can have.

    >>> population = Population.named("community")
    >>> len(population.sample(3, seed=1))
    3
    """

    name: str
    traits: tuple[Trait, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    meaning: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    daily_life: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # kinds first: what follows takes names of traits and numbers for granted
        for field_name, rows in checked_parts(self).items():
            object.__setattr__(self, field_name, rows)
        require_known_names(self)
        self._mixing(("mother", "father"))  # what two caregivers can have, one can

    # ------------------------------------------------------------------ reading
    @classmethod
    def named(cls, name: str = "community") -> Population:
        """A population that the package brings along: "community" (see ``data/populations``).

        Raises
        ------
        UnknownNameError : there is none of that name.

        >>> Population.named("community").name
        'community'
        """
        return cls(**read_population(name))

    @classmethod
    def from_file(cls, path: str | Path) -> Population:
        """A population from a TOML file such as :meth:`to_file` writes.

        Raises
        ------
        InputError : no such file, not TOML, an entry that is unknown, missing or of the wrong kind
            (file and entry are named). UnknownNameError : see :class:`Population`.

        >>> import tempfile
        >>> community = Population.named("community")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     community.to_file(Path(folder) / "mine.toml")
        ...     mine = Population.from_file(Path(folder) / "mine.toml")
        >>> mine.fingerprint == community.fingerprint
        True
        """
        return cls(**read_population(file_path(path, "path")))

    def to_file(self, path: str | Path) -> None:
        """Write it as a TOML file, which a user can read, change and read in again, as the example
        of :meth:`from_file` does.
        """
        write_population(self, writable_file(path, "path"))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that bears on a draw: traits, correlations, values, attributes; not
        the provenance.

        >>> community = Population.named("community")
        >>> community.replace(meaning="the same dyads").fingerprint == community.fingerprint
        True
        """
        return fingerprint_of(self)

    def trait(self, name: str) -> Trait:
        """One trait by name.

        >>> Population.named("community").trait("caregiver.depression.loop_gain").distribution
        'lognormal'
        """
        traits = {trait.name: trait for trait in self.traits}
        return traits[choice(name, f"trait of population {self.name!r}", traits)]

    def table(self) -> pd.DataFrame:
        """The traits, one row each, with the unit of their parameters.

        >>> Population.named("community").table()["name"].is_unique
        True
        """
        # the fields are the columns, so that an empty population has them too
        columns = list(Trait.__dataclass_fields__)
        table = pd.DataFrame(
            [{c: getattr(t, c) for c in columns} for t in self.traits], columns=columns
        )
        table.insert(2, "unit", [plain_unit(t.row.unit) for t in self.traits])
        return table

    def correlation_table(self) -> pd.DataFrame:
        """The named correlations, one row each."""
        return pd.DataFrame(
            [vars(pair) for pair in self.correlations],
            columns=list(Correlation.__dataclass_fields__),
        )

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks; ``table()`` has every trait."""
        pairs: list[tuple[str, object]] = [
            ("", self.meaning.rstrip(".")) if self.meaning else ("", "no meaning given"),
            ("traits", f"{len(self.traits)}: {listed([trait.name for trait in self.traits], 3)}"),
            ("correlations", len(self.correlations)),
            ("shared values", len(self.values)),
        ]
        shares = [f"{a.name} {100 * a.share:g} %" for a in self.attributes]
        pairs += [("attributes", ", ".join(shares))] if shares else []
        return f"Population {self.name!r}", [*pairs, ("fingerprint", self.fingerprint[:12])]

    # ----------------------------------------------------------------- changing
    def replace(self, **changes: Any) -> Population:
        """A copy with other traits, values and so on; its provenance says that it was changed.

        >>> unrelated = Population.named("community").replace(correlations=())
        >>> unrelated.provenance["changed"]
        ['correlations']
        """
        for name in changes:
            if name not in type(self).__dataclass_fields__:
                raise unknown_name("part", name, type(self).__dataclass_fields__, "of a population")
        # a copy of a copy says all that was changed since the fit
        all_changes = {*self.provenance.get("changed", []), *changes}
        provenance = {**self.provenance, "changed": sorted(all_changes)}
        return changed(self, **{"provenance": provenance, **changes})

    def with_trait(self, name: str, **changes: Any) -> Population:
        """A copy in which one trait has another centre, spread and so on.

        >>> gain = "caregiver.depression.loop_gain"
        >>> wider = Population.named("community").with_trait(gain, spread=0.5)
        >>> wider.trait(gain).spread
        0.5
        """
        before = self.trait(name)
        for field_name in changes:
            if field_name not in Trait.__dataclass_fields__:
                raise unknown_name("part", field_name, Trait.__dataclass_fields__, "of a trait")
        traits = [changed(before, **changes) if trait is before else trait for trait in self.traits]
        return self.replace(traits=tuple(traits))

    def with_values(self, values: Mapping[str, float]) -> Population:
        """A copy with other values shared by all dyads; a trait among them no longer varies.

        >>> gain = "caregiver.depression.loop_gain"
        >>> alike = Population.named("community").with_values({gain: 1.2})
        >>> alike.sample(3, seed=1).value(gain)
        1.2
        """
        instance(values, "values", Mapping, "a mapping of parameters to values")
        traits = tuple(trait for trait in self.traits if trait.name not in values)
        # a value that all share goes together with nothing, and no attribute moves it
        varying = {trait.name for trait in traits}
        pairs = tuple(pair for pair in self.correlations if {pair.first, pair.second} <= varying)
        labels = tuple(
            changed(a, shifts=tuple(s for s in a.shifts if s[0] in varying))
            for a in self.attributes
        )
        return self.replace(
            traits=traits, correlations=pairs, attributes=labels, values={**self.values, **values}
        )

    # ------------------------------------------------------------------ drawing
    def sample(
        self,
        n: int,
        *,
        seed: int,
        caregivers: tuple[str, ...] = ("mother",),
        infant_age: Age = "0 d",
    ) -> Family:
        """`n` families, numbered 0 to n - 1.

        A trait of a dyad depends on the seed, the dyad's number and the traits that it is
        correlated with: taking more dyads, or changing unrelated traits, changes no draw that was
        there before.

        Raises
        ------
        InputError : n below 1, a bad seed or age.

        >>> community = Population.named("community")
        >>> gain = community.sample(3, seed=1).value("caregiver.depression.loop_gain")
        >>> more = community.sample(5, seed=1).value("caregiver.depression.loop_gain")
        >>> more[:3].tolist() == gain.tolist()
        True
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
        """The families with these numbers: :meth:`sample` for any dyads, not for the first n.

        Raises
        ------
        InputError : no dyads, or a number that is not whole or below 0.

        >>> Population.named("community").draw([30, 44], seed=1).numbers
        (30, 44)
        """
        require_seed(seed)
        numbers = different_dyads(dyads)
        template = Family(caregivers, parameters=self.values)
        ages = ages_of(infant_age, seed, numbers)
        # the origin goes into the provenance of every result: with it the draw can be repeated
        origin = f"population {self.name!r} (fingerprint {self.fingerprint}), seed {seed}"
        families = template.replace(infant_age=ages, dyads=tuple(numbers.tolist()), origin=origin)
        return (
            families.with_parameters(self._drawn(families, numbers, seed))
            if self.traits
            else families
        )

    def having(self, dyads: Sequence[int], *, seed: int) -> dict[str, BoolArray]:
        """Which of the families with these numbers have each attribute, shape (n,) each.

        >>> Population.named("community").having([29, 30], seed=1)["preterm"]
        array([False,  True])
        """
        # a draw by the attribute's name: whether a dyad has one says nothing of the others
        numbers = different_dyads(dyads)
        return {
            attribute.name: position_uniforms(seed, numbers, f"attribute {attribute.name}")
            < attribute.share
            for attribute in self.attributes
        }

    def schedules(self, day: Any, dyads: Sequence[int], *, seed: int) -> Schedule | list[Schedule]:
        """The day of each family: `day`, with what its attributes add to it; one schedule where
        that is the same.

        Where `day` has daily-life noise at its defaults, the population's own times stand in their
        place; times that a user chose stay.

        >>> from oxysim.schedule import Routine
        >>> days = Population.named("community").schedules(Routine.typical(), [29, 30], seed=1)
        >>> [len(day.interventions) for day in days]
        [0, 1]
        """
        common = with_daily_life(as_schedule(day), self.daily_life)
        has = self.having(dyads, seed=seed)
        added = interventions_of_attributes(self.attributes, has, len(dyads))
        # a day that nobody's attributes change stays one schedule for all
        if not any(added):
            return common
        # equal additions are one object, so that each day is laid out once
        days = {
            id(extra): Schedule(common.routine, (*common.interventions, *extra)) for extra in added
        }
        return [days[id(extra)] for extra in added]

    def select(  # noqa: PLR0913 - see `selection.select`
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
        """The first `n` families that meet inclusion criteria such as "epds >= 13" at an infant
        age, and what it took to find them; `fast` takes the scoreboard's route: see
        :func:`oxysim.population.selection.select`.

        >>> print(Population.named("community").select(2, "preterm", at="0 d", seed=1)[1])
        2 of 45 screened (4.4 %) met preterm at 0 d
        """
        return select(
            self, n, wanted, at=at, seed=seed, caregivers=caregivers, day=day, block=block,
            progress=progress, fast=fast,
        )  # fmt: skip

    def plausible(self, k: int, *, seed: int) -> list[Population]:
        """`k` populations under different plausible sets of what is not known.

        Every parameter that is neither a trait nor among ``values`` is drawn from its row's range,
        once for all dyads (Latin hypercube over the sets); every trait's centre is moved by its
        `doubt`. Values that a calibration or a user has set are held.

        Raises
        ------
        InputError : k below 1.

        >>> first, second = Population.named("community").plausible(2, seed=1)
        >>> first.name, len(first.values) > len(Population.named("community").values)
        ('community, plausible set 0', True)
        """
        require_count(k, "k")
        require_seed(seed)
        sets = plausible_sets(self.traits, self.values, k, seed=seed)
        return [
            self.replace(name=f"{self.name}, plausible set {number}", traits=traits, values=values)
            for number, (traits, values) in enumerate(sets)
        ]

    def _drawn(self, families: Family, numbers: IntArray, seed: int) -> dict[str, FloatArray]:
        """Full parameter name -> values."""
        traits = traits_of_members(self.traits, families.caregivers)
        scores = correlated_scores(
            [name for name, _ in traits], self._mixing(families.caregivers), numbers, seed
        )

        # what goes with an attribute moves the scores of the families that have it
        has = self.having(numbers.tolist(), seed=seed)
        for attribute in self.attributes:
            for shifted_trait, by in attribute.shifts:
                for row, (_, trait) in enumerate(traits):
                    if trait.name == shifted_trait:
                        scores[row] += by * has[attribute.name]
        return {
            name: trait.quantile(ndtr(score))
            for (name, trait), score in zip(traits, scores, strict=True)
        }

    def _mixing(self, caregivers: tuple[str, ...]) -> FloatArray:
        """The lower Cholesky factor of the copula's correlation matrix."""
        return mixing_of_population(self.name, self.traits, self.correlations, caregivers)
