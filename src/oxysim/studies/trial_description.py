"""A trial in sentences: on whom, in which arms, what is measured when, and how it is replicated."""

from __future__ import annotations

from collections.abc import Iterator

from oxysim.population.members import Members
from oxysim.schedule import Routine, Schedule
from oxysim.studies.trial_file import TrialFile
from oxysim.sweeps.methods import changed_parameters, intervention_words, routine_words, who_words
from oxysim.trials.trial import Trial
from oxysim.units import DAY, duration_text, plain_unit

_INDENT = "  "


def describe_trial(read: TrialFile) -> str:
    """What a trial file runs, a paragraph for each of its parts. Nobody is
    screened or simulated.
    """
    return "\n\n".join(
        "\n".join([title, *(f"{_INDENT}{line}" for line in lines)]) for title, lines in _parts(read)
    )


def _parts(read: TrialFile) -> Iterator[tuple[str, list[str]]]:
    plan = read.plan
    yield "Pool", _pool(read)
    common = plan.day if isinstance(plan.day, Schedule) else Schedule(Routine.empty())
    yield (
        "Day of all",
        [routine_words(common.routine), *(intervention_words(one) for one in common.interventions)],
    )
    yield "Arms", [f"{name}: {_given(plan, name)}" for name in plan.design.names]
    yield "Design", [plan.design.words, *_rules(plan)]
    yield "Visits", [_visits(plan)]
    yield "Endpoints", [_endpoint(plan, one.name) for one in plan.endpoints]
    yield "Replications", _replications(read)


def _pool(read: TrialFile) -> list[str]:
    who = read.who
    said = who_words(who, len(who), who.ages())
    if isinstance(who, Members):
        said += f" {who.describe()}"
    entry = (
        [f"Entry, as measured at the start: {' and '.join(map(str, read.plan.entry))}."]
        if read.plan.entry
        else []
    )
    odd = [f"Legal but implausible: {one}." for one in read.plan.implausible]
    return [f"{said}.", *(f"Set: {text}." for text in changed_parameters(who)), *entry, *odd]


def _given(plan: Trial, name: str) -> str:
    return (
        "; ".join(intervention_words(one) for one in plan.design.given[name])
        or "nothing beside the day"
    )


def _rules(plan: Trial) -> list[str]:
    belief = (
        "no belief beyond what an intervention brings"
        if plan.blinding is None
        else plan.blinding.words
    )
    own = plan.adherence
    missed = [f"{100 * own.missed:g} % of sessions missed"] if own.missed else []
    short = (
        [f"{100 * own.shortened:g} % of the others cut to {100 * own.to:g} %"]
        if own.shortened
        else []
    )
    adherence = ", ".join([*missed, *short]) or "as planned"
    edges = [f"edges: {plan.edges.words}"] if plan.edges.multipliers else []
    return [
        *edges,
        plan.allocation.words,
        f"beliefs: {belief}",
        f"adherence: {adherence}",
        f"drop-out: {plan.dropout.words}",
    ]


def _visits(plan: Trial) -> str:
    each = [f"{one.name}{f' (± {one.window})' if one.window else ''}" for one in plan.visits]
    return f"{', '.join(each)}; followed for {_length(plan.length)} from {plan.start}"


def _length(minutes: float) -> str:
    return duration_text(minutes) if minutes < 2 * DAY else f"{minutes / DAY:.3g} days"


def _endpoint(plan: Trial, name: str) -> str:
    one = plan.endpoint(name)
    primary = " (primary)" if one is plan.primary else ""
    read = f"{one.instrument.replace('_', ' ')} of the {one.member}"
    since = f"from the baseline to {one.at}"
    said = {
        "value": f"{read} at {one.at}",
        "change": f"change of {read} {since}",
        "area": f"area under {read} {since}",
        "response": f"share in which {read} falls by at least {one.number:g} % {since}",
        "remission": f"share with {read} below {one.number:g} at {one.at}",
        "time to remission": f"days until {read} is below {one.number:g}, at visits to {one.at}",
    }[one.what]
    over = "" if one.over is None else f", the mean of {one.over}"
    adjusted = ", adjusted for the baseline" if one.adjusted else ""
    own = "" if one.what in ("response", "remission", "time to remission") else plain_unit(one.unit)
    unit = f", in {own}" if own else ""
    wanted = (
        ""
        if one.responds is None
        else f"; a response is a{'n' * (one.responds == 'increase')} {one.responds}"
    )
    wanted += "" if one.threshold is None else f" of at least {one.threshold:g}"
    return f"{one.name}{primary}: {said}{over}{adjusted}{unit}{wanted}"


def _replications(read: TrialFile) -> list[str]:
    plan, pool = read.plan, len(read.who)
    courses = len(plan.design.courses)
    lived = pool * courses * plan.length / DAY
    found = [
        f"{read.replications} trials of n = {read.n}, seed {read.seed}",
        (
            f"simulated once: {pool} dyads x {courses}"
            f" {'sequences' if plan.design.lasts else 'arms'} x {_length(plan.length)}, {lived:.0f}"
            " dyad-days"
        ),
    ]
    return found + ([f"power at n = {', '.join(map(str, read.power))}"] if read.power else [])
