"""Who a study file is about: ``[dyad]`` (one, or dyads of a population or an ensemble) or
``[population]`` (independent parameters).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oxysim.documents import Section, value_text
from oxysim.ensembles import Ensemble
from oxysim.ensembles.ensemble_file import parse_ensemble
from oxysim.errors import OxysimError
from oxysim.families import Dyad, Family, named_dyads
from oxysim.model import registry
from oxysim.population.independent_sample import sample
from oxysim.population.members import Members, Who
from oxysim.population.population import Population
from oxysim.population.population_file import parse_population
from oxysim.studies.file_instruments import FileInstruments

# each is drawn at once and held; members of a population are drawn where they are run
LARGEST_POPULATION = 100_000
NAMED = ("reference", *named_dyads())
_AGE = 'an age with its unit, such as "5 months"'
_DYAD_KEYS = ("named", "infant_age", "caregivers", "roles", "parameters", "start")
_MEMBER_KEYS = (
    "population", "ensemble", "n", "seed", "caregivers", "infant_age", "select", "at", "parameters",
)  # fmt: skip
# as many as a sweep of one run a dyad could have
_MOST_MEMBERS = 10_000_000
_POPULATION_KEYS = ("n", "seed", "infant_age", "caregivers", "varied", "fixed")


ReadText = Callable[[str], str]
"""The text of a file that a study file names."""


def read_people(study: Section, read: ReadText, tools: FileInstruments | None = None) -> Who:
    """The dyad, family or population of a study file; the reference dyad where it says nothing.
    `read` gives the text of a population's file, `tools` are the file's own instruments.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.

    >>> from oxysim.documents import parse_document
    >>> read_people(parse_document('dyad.infant_age = "6 weeks"', "study.toml"), read=str)
    Family: a mother and her infant of 6 weeks; parameters all at their defaults;
    start at its own set points.
    """
    # [population] is drawn at once; [dyad] population = "..." is drawn where it is run.
    if "population" in study:
        if "dyad" in study:
            raise study.error("give either [dyad] or [population], not both", "population")
        return _population(study.section("population"))
    section = study.section("dyad")
    if "population" in section or "ensemble" in section:
        populations = _populations_beside(study, read)
        seed = study.whole("seed", 0, 2**63 - 1, 0)
        return _members(section, read, seed, populations, tools or FileInstruments.of(study))
    return _dyad(section)


def _populations_beside(study: Section, read: ReadText) -> dict[str, Population]:
    """The populations of an axis "population" that stand in TOML files beside the study file."""
    # The file is read before its axes are checked, so nothing is believed of their kinds.
    axes = study.section("design").values.get("axes", {})
    names = axes.get("population", []) if isinstance(axes, dict) else []
    values = names.get("values", []) if isinstance(names, dict) else names
    populations = {}
    for number, name in enumerate(values if isinstance(values, list) else [], start=1):
        if isinstance(name, str) and name.endswith(".toml"):
            with study.reading("design", "axes", "population", str(number)):
                populations[name] = Population(**parse_population(read(name), name))
    return populations


def _members(
    section: Section,
    read: ReadText,
    seed: int,
    populations: dict[str, Population],
    tools: FileInstruments,
) -> Members:
    """Members of a population that the package brings along, or that stands in a TOML file beside
    the study file.
    """
    section.require_known(_MEMBER_KEYS)
    # Values that all dyads share are set one by one: an error knows its line.
    people = _population_meant(section, read)
    shared = section.section("parameters").flat()
    caregivers = section.texts("caregivers", 'names such as ["mother", "father"]') or ("mother",)
    with section.reading("caregivers"):
        Family(caregivers)
    for name in shared.values:
        if not isinstance(people, Population):
            raise shared.error(
                "every member of an ensemble has values of its own; leave it out", name
            )
        with shared.reading(name):
            people = people.with_values(
                {name: shared.number(name, "a number in the unit of the parameter's row")}
            )
    criteria = section.texts("select", 'criteria of entry such as "epds >= 13"')
    at = section.text("at", _AGE) if "at" in section else None
    # Whoever is screened enters at the age `at`; only without criteria is there a usual age.
    age = _spread_age(section) if "infant_age" in section or not criteria else None
    n = section.whole("n", 1, _MOST_MEMBERS) if "n" in section else 1
    seed = section.whole("seed", 0, 2**63 - 1, seed)
    if at is not None:
        with section.reading("at"):
            # Made and dropped: an age is refused here with its line.
            Dyad(infant_age=at)

    def culprit(error: OxysimError) -> tuple[str, ...]:
        # The library calls the criteria `wanted`, the file `select`.
        first = "select" if error.key[:1] == ("wanted",) else "".join(error.key[:1])
        return (first,) if first in section else ("select",) if criteria else ()

    with section.reading(find=culprit):
        attributes = [attribute.name for attribute in people.attributes]
        wanted = tools.conditions(criteria, attributes, "wanted")
        return Members(people, n, seed, caregivers, age, wanted, at, populations)


def _ensemble_meant(section: Section, read: ReadText) -> Ensemble:
    """The ensemble that the package brings along, or whose two files lie beside the study file."""
    if "population" in section:
        raise section.error("give either a population or an ensemble, not both", "ensemble")
    name = section.text(
        "ensemble", 'the name of an ensemble ("community"), or of a TOML file beside this one'
    )
    with section.reading("ensemble"):
        if not name.endswith(".toml"):
            return Ensemble.named(name)
        table = f"{name.removesuffix('.toml')}.csv"
        return Ensemble(**parse_ensemble(read(name), read(table), name, table))


def _population_meant(section: Section, read: ReadText) -> Population | Ensemble:
    if "ensemble" in section:
        return _ensemble_meant(section, read)
    name = section.text(
        "population", 'the name of a population ("community"), or of a TOML file beside this one'
    )
    with section.reading("population"):
        return (
            Population(**parse_population(read(name), name))
            if name.endswith(".toml")
            else Population.named(name)
        )


def _dyad(section: Section) -> Family:
    section.require_known(_DYAD_KEYS)
    family = _unchanged(section)
    family = _changed(
        section.section("parameters"), family, Family.with_parameters, _parameter_names
    )
    return _changed(section.section("start"), family, Family.with_start, _state_names)


def _unchanged(section: Section) -> Family:
    """The dyad or family before its parameters and starting values are set."""
    named = section.choice("named", "dyad", NAMED, "reference")
    age = section.text("infant_age", _AGE, "5 months")
    caregivers = section.texts("caregivers", 'names such as ["mother", "father"]') or ("mother",)
    roles = section.section("roles")
    with section.reading("infant_age"):
        Dyad(infant_age=age)
    # The named dyads are described as a mother and her infant.
    if named != "reference":
        for key in ("caregivers", "roles"):
            if key in section:
                raise section.error(
                    f"the {named} dyad is a mother and her infant; leave out {key!r}", key
                )
        return getattr(Dyad, named)(infant_age=age)
    pairs = {name: roles.text(name, "a role such as 'mother'") for name in roles.values}
    with section.reading("caregivers"):
        return Family(caregivers, infant_age=age, roles=pairs)


def _changed(
    section: Section,
    family: Family,
    change: Callable[[Family, dict[str, Any]], Family],
    names_meant: Callable[[str, Family], set[str]],
) -> Family:
    """`family` with the values of one table set, one by one, so that an error knows its line."""
    section = section.flat()
    key_of_name: dict[str, str] = {}
    for name, value in section.values.items():
        with section.reading(name):
            names = names_meant(name, family)
            # "caregiver.x" and "mother.x" name one parameter; neither may win unseen.
            for full in names & key_of_name.keys():
                raise section.error(f"{full} is set already, by {key_of_name[full]!r}", name)
            key_of_name |= dict.fromkeys(names, name)
            family = change(family, {name: plain_value(section, name, value)})
    return family


def plain_value(section: Section, name: str, value: Any) -> Any:
    """A number or a text, or an array of such: what a parameter, a start or an
    axis may be given.

    >>> from oxysim.documents import parse_document
    >>> section = parse_document('dose = "24 IU"', "study.toml")
    >>> plain_value(section, "dose", section.values["dose"])
    '24 IU'
    """
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if isinstance(entry, bool) or not isinstance(entry, int | float | str):
            raise section.error(
                f"expected a number, a text with its unit, or an array of such; found "
                f"{value_text(entry)}",
                name,
            )
    return value


def _parameter_names(name: str, family: Family) -> set[str]:
    members, rest, _ = registry.parameter_row(name, family.caregivers)
    return {f"{member}.{rest}" for member in members}


def _state_names(name: str, family: Family) -> set[str]:
    prefix, _, rest = name.partition(".")
    return {
        f"{member}.{rest}" for member in registry.members_named(prefix, family.caregivers, name)
    }


def _population(section: Section) -> Family:
    section.require_known(_POPULATION_KEYS)
    n = section.whole("n", 1, LARGEST_POPULATION)
    seed = section.whole("seed", 0, 2**63 - 1)
    caregivers = section.texts("caregivers", 'names such as ["mother", "father"]') or ("mother",)
    fixed = section.section("fixed").flat()
    for name, value in fixed.values.items():
        with fixed.reading(name):
            # Made and dropped: each value is tried by itself, for its line.
            Family(caregivers, parameters={name: plain_value(fixed, name, value)})
    varied = section.texts("varied", "an array of parameter names") if "varied" in section else None
    # each name by itself, for its line
    for number, name in enumerate(varied or (), start=1):
        with section.reading("varied", str(number)):
            registry.parameter_row(name, caregivers)
    with section.reading():
        return sample(
            n,
            seed=seed,
            caregivers=caregivers,
            infant_age=_spread_age(section),
            fixed=fixed.values,
            varied=varied,
        )


def _spread_age(section: Section) -> Any:
    ages = section.texts("infant_age", f"{_AGE}, or the two ends of a range of ages")
    if len(ages) > 2 or ("infant_age" in section and not ages):
        raise section.error(
            f"expected {_AGE}, or the two ends of a range of ages; found {len(ages)}", "infant_age"
        )
    for age in ages:
        with section.reading("infant_age"):
            Dyad(infant_age=age)
    return ages if len(ages) == 2 else ages[0] if ages else "5 months"
