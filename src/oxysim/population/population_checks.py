"""Whether the parts of a population can stand together, and the digest that tells two of them
apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oxysim.checks import instance, sequence
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, unknown_name
from oxysim.families import Family
from oxysim.interventions.daily_life import daily_life_of
from oxysim.interventions.sentences import parse_all
from oxysim.population.population_file import PopulationContents
from oxysim.population.traits import Attribute, Correlation, Trait


def checked_parts(population: PopulationContents) -> dict[str, tuple[Any, ...]]:
    """The traits, correlations and attributes as tuples, every part of its kind.

    Raises
    ------
    InputError : a part of another kind.

    >>> from oxysim.population import Population
    >>> list(checked_parts(Population("alike")))
    ['traits', 'correlations', 'attributes']
    """
    checked_name(population.name, "name of the population")
    where = f"of population {population.name!r}"
    instance(population.meaning, f"meaning {where}", str, "a text")

    kinds = {"traits": Trait, "correlations": Correlation, "attributes": Attribute}
    parts = {}
    for field_name, kind in kinds.items():
        rows = getattr(population, field_name)
        parts[field_name] = sequence(
            rows, field_name, _of_kind(kind), of=f"{kind.__name__}s", least=0
        )
    for field_name in ("values", "provenance", "daily_life"):
        instance(getattr(population, field_name), f"{field_name} {where}", Mapping, "a mapping")
    return parts


def require_known_names(population: PopulationContents) -> None:
    """Raise unless names exist, stand once, and mean one thing each.

    Raises
    ------
    UnknownNameError : a parameter or trait that does not exist.
    InputError : a trait or an attribute twice, a parameter both a trait and a shared value, a day
        that is none.

    >>> from oxysim.population import Population
    >>> require_known_names(Population.named("community"))
    """
    where = f"population {population.name!r}"
    names = [trait.name for trait in population.traits]
    _require_different(names, f"{where}: trait")
    _require_different(
        [attribute.name for attribute in population.attributes], f"{where}: attribute"
    )
    if shared := sorted(set(names) & set(population.values)):
        raise InputError(f"{where}: {shared[0]!r} is both a trait and a shared value")

    Family(parameters=population.values)  # refuses unknown names and illegal values
    daily_life_of(population.daily_life)
    correlated = [name for pair in population.correlations for name in (pair.first, pair.second)]
    shifted = [name for attribute in population.attributes for name, _ in attribute.shifts]
    for name in [*correlated, *shifted]:
        if name not in names:
            raise unknown_name(
                "trait", name, names, f"in the correlations or attributes of {where}"
            )
    # read here, so that a sentence that is none is refused before anybody is drawn
    for attribute in population.attributes:
        if attribute.interventions:
            parse_all(attribute.interventions)


def fingerprint_of(population: PopulationContents) -> str:
    """SHA-256 of everything that bears on a draw; not the provenance.

    >>> from oxysim.population import Population
    >>> len(fingerprint_of(Population("alike")))
    64
    """
    traits = [
        (t.name, t.distribution, t.centre, t.spread, t.least, t.most, t.doubt)
        for t in population.traits
    ]
    # an order of their own: whoever writes the pairs in another order has the same population
    pairs = sorted((*sorted((c.first, c.second)), float(c.r)) for c in population.correlations)
    values = sorted((name, float(value)) for name, value in population.values.items())
    labels = [(a.name, a.share, a.shifts, a.interventions) for a in population.attributes]
    parts: tuple[Any, ...] = (traits, pairs, values, labels)
    # populations that live at the defaults keep the digest that they had before there was a choice
    if population.daily_life:
        parts = (*parts, sorted((o, float(days)) for o, days in population.daily_life.items()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _of_kind(kind: type[Any]) -> Callable[[Any, str], Any]:
    return lambda value, label: instance(value, label, kind, f"a {kind.__name__}")


def _require_different(names: Sequence[str], label: str) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{label} {twice[0]!r} stands twice")
