"""The methods paragraph of a study: what was run and on what it rests, as prose that a paper can
take.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any

import numpy as np
import xarray as xr

from oxysim.errors import ScheduleError
from oxysim.families import Family
from oxysim.model import registry
from oxysim.model.rows import sources
from oxysim.population.members import Members, Who
from oxysim.population.population import Population
from oxysim.schedule import Intervention, Routine, Schedule
from oxysim.simulation.results.outcomes import SAMPLE, row_of
from oxysim.simulation.results.provenance import METHOD, version
from oxysim.simulation.scipy_engine import DEFAULT_SOLVER
from oxysim.sweeps.axis_targets import DYAD, EDGE, PARAMETER, BoundAxis
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_dataset import failure_reasons, run_counts
from oxysim.units import MONTH, plain_unit, with_unit

MOST_NAMED = 12  # what varies between dyads is named up to this many parameters, and counted beyond
_PACKAGES = {"scipy": ("numpy", "scipy", "xarray"), "compiled": ("numpy", "numba", "xarray")}
_PLAIN = {"scipy": "SciPy's solvers", "compiled": "oxysim's compiled engine"}


def methods(study: Study, dataset: xr.Dataset | None = None) -> str:
    """What was run, in a paragraph, and the references on which what was changed rests.

    Parameters
    ----------
    dataset : what came of the study, for the runs that finished and failed; None before it is run.

    >>> from oxysim import Dyad
    >>> text = methods(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"], engine="scipy"))
    >>> "One dyad (mother and infant" in text
    True
    """
    cited: dict[str, str] = {}
    sentences = [
        _software(study),
        (
            f"{people_words(study)} {'was' if people_count(study) == 1 else 'were'} simulated for"
            f" {study.duration} from {study.start}."
        ),
        f"The routine of the day was: {routine_words(study.routine)}.",
        _interventions(study),
        _parameters(study.who, cited),
        _implausible(study),
        _starts(study.who) if isinstance(study.who, Family) else "",
        _edges(study, cited),
        _design(study, cited),
        _outcomes(study),
        _engine(study),
        _basis(),
        "" if dataset is None else _finished(dataset),
    ]
    paragraph = " ".join(filter(None, sentences))
    references = "\n".join(f"[{key}] {citation}" for key, citation in sorted(cited.items()))
    return f"{paragraph}\n\nReferences\n{references}" if cited else paragraph


def people_words(study: Study) -> str:
    """Who is simulated: how many, which members, the infant's age, and of which population.

    >>> from oxysim import Dyad
    >>> people_words(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"]))
    'One dyad (mother and infant; infant aged 5 months at the start)'
    """
    if not isinstance(study.who, Members):
        return who_words(study.who, len(study.who), study.who.ages())
    return f"{who_words(study.who, people_count(study), study.ages())} {study.who.describe()}"


def people_count(study: Study) -> int:
    """How many different dyads or families are simulated.

    >>> from oxysim import Dyad
    >>> people_count(Study(Dyad().repeat(3), "1 d", outcomes=["caregiver.epds: final"]))
    3
    """
    axis = next((target.axis for target in study.bound if target.kind == DYAD), None)
    return len(study.who) if axis is None else len(np.unique(axis.values))


def who_words(families: Who, n: int, minutes: Any) -> str:
    """How many of whom, which members, and the infants' ages.

    >>> who_words(Family(), 2, np.array([60 * 1440.0, 150 * 1440.0]))
    '2 dyads (mother and infant; infant aged 2 to 4.9 months at the start)'
    """
    roles = [
        name if name == role else f"{name} ({role})"
        for name, role in zip(families.caregivers, families.role_of, strict=True)
    ]
    ages = minutes / MONTH
    low, high = float(np.min(ages)), float(np.max(ages))
    age = f"{round(low, 1):g}" if high - low < 0.05 else f"{round(low, 1):g} to {round(high, 1):g}"
    kind = "dyad" if len(roles) == 1 else "family"
    many = f"One {kind}" if n == 1 else f"{n} {'dyads' if kind == 'dyad' else 'families'}"
    members = (
        f"{_listed(roles)} and infant" if len(roles) == 1 else f"{_listed([*roles, 'infant'])}"
    )
    return f"{many} ({members}; infant aged {age} months at the start)"


def changed_parameters(families: Who, cited: dict[str, str] | None = None) -> list[str]:
    """Each parameter that was set, with value, default and status; those that vary between dyads
    are counted if many.

    `cited` takes the references on which they rest, key -> citation.

    >>> changed_parameters(Family(parameters={"caregiver.depression.loop_gain": 1.5}))
    ['mother.depression.loop_gain = 1.5 (default 1, ...)']
    """
    if isinstance(families, Members):
        population = families.population
        if not isinstance(population, Population):
            # members have values of their own, too many for a sentence
            return [f"parameters as the members of the ensemble {population.name!r} have them"]
        shared = _shared(families, population)
        sentences = [_parameter_words(name, families.specimen, cited) for name in shared]
        if not population.traits:
            return sentences
        return [*sentences, _traits(population, cited, screened=bool(families.wanted))]
    several = [
        name for name, value in families.parameters.items() if np.ndim(value) and len(families) > 1
    ]
    counted = several if len(several) > MOST_NAMED else []
    sentences = [
        _parameter_words(name, families, cited)
        for name in families.parameters
        if name not in counted
    ]
    if counted:
        sentences.append(
            f"{len(counted)} parameters varied between dyads, each drawn from the distribution of"
            " its row"
        )
    return sentences


def routine_words(routine: Routine) -> str:
    """A routine in the words of a study file, in one line.

    >>> routine_words(Routine.empty())
    'empty day'
    """
    try:
        return "; ".join(Schedule(routine).text().splitlines())
    except ScheduleError:  # an activity of the user's own class has no text form
        return " ".join(routine.describe().splitlines()).rstrip(".")


def intervention_words(intervention: Intervention) -> str:
    """An intervention in the words of a study file.

    >>> from oxysim import SkinToSkin
    >>> intervention_words(SkinToSkin("60 min", at="10:00"))
    'skin-to-skin 60 min at 10:00'
    """
    try:
        return intervention.text()
    except ScheduleError:  # an intervention of the user's own class has no text form
        return intervention.describe().rstrip(".")


def _software(study: Study) -> str:
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in _PACKAGES[study.engine_meant]
    )
    return (
        f"Simulations were made with oxysim {version()} (Python {platform.python_version()},"
        f" {versions})."
    )


def _interventions(study: Study) -> str:
    if not study.interventions:
        return "There was no intervention."
    sentences = [
        f"{intervention_words(intervention)} (called {name})"
        for name, intervention in study.interventions.items()
    ]
    return f"On top of it came {'; '.join(sentences)}."


def _shared(members: Members, population: Population) -> list[str]:
    """The parameters that all families of a population share, though not at their defaults, by full
    name.
    """
    varied = {
        f"{m}.{t.name.partition('.')[2]}"
        for t in population.traits
        for m in _members(t.name, members)
    }
    return [name for name in members.specimen.parameters if name not in varied]


def _traits(population: Population, cited: dict[str, str] | None, *, screened: bool) -> str:
    """What varies between the families of a population, and on what its distributions rest."""
    traits = population.traits
    statuses = Counter(trait.status for trait in traits)
    if cited is not None:
        cited.update({t.source: sources()[t.source] for t in traits if t.source != "assumption"})
    share = ", ".join(f"{count} {status}" for status, count in statuses.items())
    pairs = len(population.correlations)
    related = f"{f'{pairs} pairs' if pairs != 1 else 'one pair'} of them correlated"
    had = [f"{trait.name} ({100 * trait.share:g} %)" for trait in population.attributes]
    labels = (
        f"; {_listed(had)} differed in traits or day as the table says"
        if had and not screened
        else ""
    )
    return (
        f"{len(traits)} parameters varied between dyads as the population's table says ({share}),"
        f" {related}{labels}"
    )


def _members(name: str, families: Members) -> tuple[str, ...]:
    member = name.partition(".")[0]
    return families.caregivers if member == "caregiver" else (member,)


def _parameters(families: Who, cited: dict[str, str]) -> str:
    changed = changed_parameters(families, cited)
    if not changed:
        return "All parameters had their defaults."
    return f"Parameters were set as follows, all others to their defaults: {'; '.join(changed)}."


def _parameter_words(name: str, family: Family, cited: dict[str, str] | None) -> str:
    member = name.partition(".")[0]
    row = registry.parameter_row(name, family.caregivers)[2]
    role = "" if member == "infant" else family.role_of[family.caregivers.index(member)]
    value = np.ravel(family.value(name))
    numbers = f"{value[0]:g}" if np.ptp(value) == 0 else f"{value.min():g} to {value.max():g}"
    return (
        f"{name} = {_amount(numbers, row.unit)} (default {row.default_for(role):g},"
        f" {_basis_of(row, cited)})"
    )


def _implausible(study: Study) -> str:
    if not study.implausible:
        return ""
    return f"Legal but implausible were {'; '.join(map(str, study.implausible))}."


def _starts(family: Family) -> str:
    if not family.start:
        return ""
    sentences = []
    for name, value in family.start.items():
        member, _, rest = name.partition(".")
        numbers = np.ravel(value)
        set_values = numbers[~np.isnan(numbers)]
        numbers_text = (
            f"{set_values[0]:g}"
            if np.ptp(set_values) == 0
            else f"{set_values.min():g} to {set_values.max():g}"
        )
        unit = registry.states(registry.kind_of(member))[rest].unit
        sentences.append(f"{name} = {_amount(numbers_text, unit)}")
    return f"Slow states started at {', '.join(sentences)}; the others at their set points."


def _edges(study: Study, cited: dict[str, str]) -> str:
    sentences = [f"{_edge(name, cited)} was cut" for name in study.cut]
    for name, value in study.scale.items():
        numbers = np.ravel(value)
        multiplier = (
            f"{numbers[0]:g}" if np.ptp(numbers) == 0 else f"{numbers.min():g} to {numbers.max():g}"
        )
        sentences.append(f"{_edge(name, cited)} was scaled by {multiplier}")
    return f"Of the couplings, {_listed(sentences)}." if sentences else ""


def _edge(name: str, cited: dict[str, str]) -> str:
    row = registry.edge_place(name).row
    return f"{row.name} ({_basis_of(row, cited)})"


def _design(study: Study, cited: dict[str, str]) -> str:
    if study.design is None:
        return ""
    rows = [_axis(target, cited) for target in study.bound if target.kind in (PARAMETER, EDGE)]
    return " ".join([study.design.describe(), *rows])


def _axis(target: BoundAxis, cited: dict[str, str]) -> str:
    if target.kind == EDGE:
        return f"The strength of {_edge(target.axis.name, cited)} is 1 by default."
    prefix, _, rest = target.axis.name.partition(".")
    row = registry.parameters()[f"{registry.kind_of(prefix)}.{rest}"]
    return (
        f"By default {target.axis.name} is {_amount(f'{row.default:g}', row.unit)}"
        f" ({_basis_of(row, cited)})."
    )


def _outcomes(study: Study) -> str:
    outcomes = [
        f"{layout.outcome.text} ({row})" if row else layout.outcome.text
        for layout, row in zip(study.layouts, _units(study), strict=True)
    ]
    looks = "" if study.sample == SAMPLE else f", looked at every {study.sample} at least"
    return (
        f"Kept were {_listed(outcomes)}, of whole courses with every edge of their "
        f"schedules{looks}."
    )


def _units(study: Study) -> Iterable[str]:
    return [
        plain_unit(layout.outcome.unit(row_of(layout.outcome, study.who.caregivers)))
        for layout in study.layouts
    ]


def engine_words(study: Study) -> str:
    """Which engine integrates, by which method and how precisely.

    >>> from oxysim import Dyad
    >>> engine_words(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"], engine="scipy"))
    "SciPy's solvers (method ...)"
    """
    solver = study.solver or DEFAULT_SOLVER
    method = solver.method if study.engine_meant == "scipy" else METHOD
    precision = "" if solver.precision == "double" else f", {solver.precision} precision"
    return (
        f"{_PLAIN[study.engine_meant]} (method {method}, relative tolerance"
        f" {solver.rtol:g}{precision})"
    )


def _engine(study: Study) -> str:
    return (
        "The equations were integrated from one change of input to the next, so that no input was"
        f" stepped over, by {engine_words(study)}. Random streams were keyed by the seed"
        f" {study.seed}."
    )


def _basis() -> str:
    rows = registry.parameters().values()
    counts = Counter(row.status for row in rows)
    share = ", ".join(
        f"{counts[status]} {status}" for status in ("measured", "derived", "recalled", "assumed")
    )
    edges = [edge_place.row for edge_place in registry.edges().values()]
    contested = sum(row.contested for row in edges)
    return (
        f"The model has {len(rows)} parameters ({share}) and {len(edges)} couplings,"
        f" {sum(row.status == 'assumed' for row in edges)} of them assumed and {contested}"
        " contested; its results are hypotheses, not clinical advice."
    )


def _finished(dataset: xr.Dataset) -> str:
    counts = run_counts(dataset)
    total = sum(counts.values())
    text = f"Of {total} runs {counts['ok']} finished"
    text += f", {counts['failed']} failed" if counts["failed"] else " and none failed"
    text += f" and {counts['not done']} were not made." if counts["not done"] else "."
    if counts["failed"]:
        text += f" Reasons of failure: {'; '.join(failure_reasons(dataset))}."
    return text


def _amount(number: str, unit: str) -> str:
    return with_unit(number, unit)


def _basis_of(row: Any, cited: dict[str, str] | None = None) -> str:
    """How well a row is known, and its reference."""
    if row.source == "assumption":
        return str(row.status)
    if cited is not None:
        cited[row.source] = sources()[row.source]
    return f"{row.status} [{row.source}]"


def _listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence."""
    parts = list(words)
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if parts[1:] else parts[0]
