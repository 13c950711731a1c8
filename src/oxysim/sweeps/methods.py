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
from oxysim.schedule import Intervention, Routine, Schedule
from oxysim.simulation.results.outcomes import SAMPLE, row_of
from oxysim.simulation.results.provenance import METHOD, version
from oxysim.simulation.results.run_status import RunStatus
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axis_targets import DYAD, EDGE, PARAMETER, Bound
from oxysim.sweeps.study import Study
from oxysim.units import MONTH, plain_unit, with_unit

MOST_NAMED = 12  # what varies between dyads is named up to this many parameters, and counted beyond
_PACKAGES = {"scipy": ("numpy", "scipy", "xarray"), "compiled": ("numpy", "numba", "xarray")}
_REASONS = 5  # different reasons of failure that are quoted
_PLAIN = {"scipy": "SciPy's solvers", "compiled": "oxysim's compiled engine"}


def methods(study: Study, dataset: xr.Dataset | None = None) -> str:
    """What was run, in a paragraph, and the references on which what was changed rests.

    Parameters
    ----------
    dataset : what came of the study, for the runs that finished and failed; None before it is run.
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
    """Who is simulated: how many, which members, the infant's age, and of which population."""
    if not isinstance(study.who, Members):
        return who_words(study.who, len(study.who), study.who.ages())
    return f"{who_words(study.who, people_count(study), study.ages())} {study.who.describe()}"


def people_count(study: Study) -> int:
    """How many different dyads or families are simulated."""
    axis = next((one.axis for one in study.bound if one.kind == DYAD), None)
    return len(study.who) if axis is None else len(np.unique(axis.values))


def who_words(who: Who, n: int, minutes: Any) -> str:
    """How many of whom, which members, and the infants' ages."""
    roles = [
        name if name == role else f"{name} ({role})"
        for name, role in zip(who.caregivers, who.role_of, strict=True)
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


def changed_parameters(who: Who, cited: dict[str, str] | None = None) -> list[str]:
    """Each parameter that was set, with value, default and status; those that vary between dyads
    are counted if many.

    `cited` takes the references on which they rest, key -> citation.
    """
    if isinstance(who, Members):
        found = [_parameter_words(name, who.specimen, cited) for name in _shared(who)]
        return [*found, _traits(who, cited)] if who.population.traits else found
    several = [name for name, value in who.parameters.items() if np.ndim(value) and len(who) > 1]
    counted = several if len(several) > MOST_NAMED else []
    found = [_parameter_words(name, who, cited) for name in who.parameters if name not in counted]
    if counted:
        found.append(
            f"{len(counted)} parameters varied between dyads, each drawn from the distribution of"
            " its row"
        )
    return found


def routine_words(routine: Routine) -> str:
    """A routine in the words of a study file, in one line."""
    try:
        return "; ".join(Schedule(routine).text().splitlines())
    except ScheduleError:  # an activity of the user's own class has no text form
        return " ".join(routine.describe().splitlines()).rstrip(".")


def intervention_words(one: Intervention) -> str:
    """An intervention in the words of a study file."""
    try:
        return one.text()
    except ScheduleError:  # an intervention of the user's own class has no text form
        return one.describe().rstrip(".")


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
    said = [
        f"{intervention_words(one)} (called {name})" for name, one in study.interventions.items()
    ]
    return f"On top of it came {'; '.join(said)}."


def _shared(who: Members) -> list[str]:
    """The parameters that all families of a population share, though not at their defaults, by full
    name.
    """
    varied = {
        f"{m}.{t.name.partition('.')[2]}"
        for t in who.population.traits
        for m in _members(t.name, who)
    }
    return [name for name in who.specimen.parameters if name not in varied]


def _traits(who: Members, cited: dict[str, str] | None) -> str:
    """What varies between the families of a population, and on what its distributions rest."""
    traits = who.population.traits
    statuses = Counter(trait.status for trait in traits)
    if cited is not None:
        cited.update({t.source: sources()[t.source] for t in traits if t.source != "assumption"})
    share = ", ".join(f"{count} {status}" for status, count in statuses.items())
    pairs = len(who.population.correlations)
    related = f"{f'{pairs} pairs' if pairs != 1 else 'one pair'} of them correlated"
    had = [f"{one.name} ({100 * one.share:g} %)" for one in who.population.attributes]
    labels = (
        f"; {_listed(had)} differed in traits or day as the table says"
        if had and not who.wanted
        else ""
    )
    return (
        f"{len(traits)} parameters varied between dyads as the population's table says ({share}),"
        f" {related}{labels}"
    )


def _members(name: str, who: Members) -> tuple[str, ...]:
    member = name.partition(".")[0]
    return who.caregivers if member == "caregiver" else (member,)


def _parameters(who: Who, cited: dict[str, str]) -> str:
    changed = changed_parameters(who, cited)
    if not changed:
        return "All parameters had their defaults."
    return f"Parameters were set as follows, all others to their defaults: {'; '.join(changed)}."


def _parameter_words(name: str, who: Family, cited: dict[str, str] | None) -> str:
    member = name.partition(".")[0]
    row = registry.parameter_row(name, who.caregivers)[2]
    role = "" if member == "infant" else who.role_of[who.caregivers.index(member)]
    value = np.ravel(who.value(name))
    given = f"{value[0]:g}" if np.ptp(value) == 0 else f"{value.min():g} to {value.max():g}"
    return (
        f"{name} = {_amount(given, row.unit)} (default {row.default_for(role):g},"
        f" {_basis_of(row, cited)})"
    )


def _implausible(study: Study) -> str:
    if not study.implausible:
        return ""
    return f"Legal but implausible were {'; '.join(map(str, study.implausible))}."


def _starts(who: Family) -> str:
    if not who.start:
        return ""
    found = []
    for name, value in who.start.items():
        member, _, rest = name.partition(".")
        numbers = np.ravel(value)
        known = numbers[~np.isnan(numbers)]
        given = f"{known[0]:g}" if np.ptp(known) == 0 else f"{known.min():g} to {known.max():g}"
        found.append(
            f"{name} = {_amount(given, registry.states(registry.kind_of(member))[rest].unit)}"
        )
    return f"Slow states started at {', '.join(found)}; the others at their set points."


def _edges(study: Study, cited: dict[str, str]) -> str:
    found = [f"{_edge(name, cited)} was cut" for name in study.cut]
    for name, value in study.scale.items():
        numbers = np.ravel(value)
        given = (
            f"{numbers[0]:g}" if np.ptp(numbers) == 0 else f"{numbers.min():g} to {numbers.max():g}"
        )
        found.append(f"{_edge(name, cited)} was scaled by {given}")
    return f"Of the couplings, {_listed(found)}." if found else ""


def _edge(name: str, cited: dict[str, str]) -> str:
    row = registry.edge_place(name).row
    return f"{row.name} ({_basis_of(row, cited)})"


def _design(study: Study, cited: dict[str, str]) -> str:
    if study.design is None:
        return ""
    rows = [_axis(one, cited) for one in study.bound if one.kind in (PARAMETER, EDGE)]
    return " ".join([study.design.describe(), *rows])


def _axis(one: Bound, cited: dict[str, str]) -> str:
    if one.kind == EDGE:
        return f"The strength of {_edge(one.axis.name, cited)} is 1 by default."
    prefix, _, rest = one.axis.name.partition(".")
    row = registry.parameters()[f"{registry.kind_of(prefix)}.{rest}"]
    return (
        f"By default {one.axis.name} is {_amount(f'{row.default:g}', row.unit)}"
        f" ({_basis_of(row, cited)})."
    )


def _outcomes(study: Study) -> str:
    kept = [
        f"{one.outcome.text} ({row})" if row else one.outcome.text
        for one, row in zip(study.layouts, _units(study), strict=True)
    ]
    looks = "" if study.sample == SAMPLE else f", looked at every {study.sample} at least"
    return f"Kept were {_listed(kept)}, of whole courses with every edge of their schedules{looks}."


def _units(study: Study) -> Iterable[str]:
    return [
        plain_unit(one.outcome.unit(row_of(one.outcome, study.who.caregivers)))
        for one in study.layouts
    ]


def engine_words(study: Study) -> str:
    """Which engine integrates, by which method and how precisely."""
    solver = study.solver or Solver()
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
    edges = [place.row for place in registry.edges().values()]
    contested = sum(row.contested for row in edges)
    return (
        f"The model has {len(rows)} parameters ({share}) and {len(edges)} couplings,"
        f" {sum(row.status == 'assumed' for row in edges)} of them assumed and {contested}"
        " contested; its results are hypotheses, not clinical advice."
    )


def _finished(dataset: xr.Dataset) -> str:
    found = run_counts(dataset)
    total = sum(found.values())
    text = f"Of {total} runs {found['ok']} finished"
    text += f", {found['failed']} failed" if found["failed"] else " and none failed"
    text += f" and {found['not done']} were not made." if found["not done"] else "."
    if found["failed"]:
        text += f" Reasons of failure: {'; '.join(failure_reasons(dataset))}."
    return text


def run_counts(dataset: xr.Dataset) -> dict[str, int]:
    """How many runs of a sweep are "ok", "failed" and "not done"."""
    status = dataset["status"]
    return {
        name: int((status == code).sum())
        for name, code in (
            ("ok", RunStatus.OK),
            ("failed", RunStatus.FAILED),
            ("not done", RunStatus.NOT_DONE),
        )
    }


def failure_reasons(dataset: xr.Dataset, most: int = _REASONS) -> list[str]:
    """The first few different reasons why runs failed."""
    failed = (dataset["status"] == RunStatus.FAILED).values
    texts = dict.fromkeys(str(text) for text in dataset["reason"].values[failed].tolist())
    shown = list(texts)[:most]
    return shown + ([f"and {len(texts) - most} more"] if len(texts) > most else [])


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
    given = list(words)
    return f"{', '.join(given[:-1])} and {given[-1]}" if given[1:] else given[0]
