"""Who a study file is about: ``[dyad]`` or ``[population]``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oxysim import registry
from oxysim.participants import Dyad, Family, named_dyads
from oxysim.population.sample import sample
from oxysim.studies.document import Section, shown

LARGEST_POPULATION = 100_000
NAMED = ("reference", *named_dyads())
_AGE = 'an age with its unit, such as "5 months"'
_DYAD_KEYS = ("named", "infant_age", "caregivers", "roles", "parameters", "start")
_POPULATION_KEYS = ("n", "seed", "infant_age", "caregivers", "varied", "fixed")


def read_people(study: Section) -> Family:
    """The dyad, family or population of a study file; the reference dyad where it says nothing.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.
    """
    if "population" in study:
        if "dyad" in study:
            raise study.error("give either [dyad] or [population], not both", "population")
        return _population(study.section("population"))
    return _dyad(study.section("dyad"))


def _dyad(section: Section) -> Family:
    section.require_known(_DYAD_KEYS)
    who = _unchanged(section)
    who = _changed(section.section("parameters"), who, Family.with_parameters, _parameter_names)
    return _changed(section.section("start"), who, Family.with_start, _state_names)


def _unchanged(section: Section) -> Family:
    """The dyad or family before its parameters and starting values are set."""
    named = section.choice("named", "dyad", NAMED, "reference")
    age = section.text("infant_age", _AGE, "5 months")
    caregivers = section.texts("caregivers", 'names such as ["mother", "father"]') or ("mother",)
    roles = section.section("roles")
    with section.reading("infant_age"):
        Dyad(infant_age=age)
    if named != "reference":
        for key in ("caregivers", "roles"):
            if key in section:
                raise section.error(f"the {named} dyad is a mother and her infant; leave out {key!r}", key)
        return getattr(Dyad, named)(infant_age=age)
    pairs = {name: roles.text(name, "a role such as 'mother'") for name in roles.values}
    with section.reading("caregivers"):
        return Family(caregivers, infant_age=age, roles=pairs)


def _changed(
    section: Section,
    who: Family,
    change: Callable[[Family, dict[str, Any]], Family],
    names_meant: Callable[[str, Family], set[str]],
) -> Family:
    """`who` with the values of one table set, one by one, so that an error knows its line."""
    section = section.flat()
    given: dict[str, str] = {}
    for name, value in section.values.items():
        with section.reading(name):
            meant = names_meant(name, who)
            for full in meant & given.keys():
                raise section.error(f"{full} is set already, by {given[full]!r}", name)
            given |= dict.fromkeys(meant, name)
            who = change(who, {name: plain_value(section, name, value)})
    return who


def plain_value(section: Section, name: str, value: Any) -> Any:
    """A number or a text, or an array of such: what a parameter, a start or an axis may be given."""
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if isinstance(entry, bool) or not isinstance(entry, int | float | str):
            raise section.error(f"expected a number, a text with its unit, or an array of such; found {shown(entry)}",
                                name)  # fmt: skip
    return value


def _parameter_names(name: str, who: Family) -> set[str]:
    members, rest, _ = registry.parameter_row(name, who.caregivers)
    return {f"{member}.{rest}" for member in members}


def _state_names(name: str, who: Family) -> set[str]:
    prefix, _, rest = name.partition(".")
    return {f"{member}.{rest}" for member in registry.members_meant(prefix, who.caregivers, name)}


def _population(section: Section) -> Family:
    section.require_known(_POPULATION_KEYS)
    n = section.whole("n", 1, LARGEST_POPULATION)
    seed = section.whole("seed", 0, 2**63 - 1)
    caregivers = section.texts("caregivers", 'names such as ["mother", "father"]') or ("mother",)
    fixed = section.section("fixed").flat()
    for name, value in fixed.values.items():
        with fixed.reading(name):
            Family(caregivers, parameters={name: plain_value(fixed, name, value)})
    varied = section.texts("varied", "an array of parameter names") if "varied" in section else None
    for number, name in enumerate(varied or ()):
        with section.reading("varied", str(number)):
            registry.parameter_row(name, caregivers)
    with section.reading():
        return sample(n, seed=seed, caregivers=caregivers, infant_age=_population_age(section), fixed=fixed.values,
                      varied=varied)  # fmt: skip


def _population_age(section: Section) -> Any:
    ages = section.texts("infant_age", f"{_AGE}, or the two ends of a range of ages")
    if len(ages) > 2 or ("infant_age" in section and not ages):
        raise section.error(f"expected {_AGE}, or the two ends of a range of ages; found {len(ages)}", "infant_age")
    for age in ages:
        with section.reading("infant_age"):
            Dyad(infant_age=age)
    return ages if len(ages) == 2 else ages[0] if ages else "5 months"
