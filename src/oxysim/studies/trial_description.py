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

    >>> from oxysim.families import Dyad
    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Endpoint, Parallel
    >>> arms = {"nothing": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> plan = Trial(Dyad().repeat(40), Parallel(arms), Endpoint("saliva_oxytocin", at="3 h"))
    >>> file = TrialFile(plan, plan.who, "spray", 20, replications=200, seed=0, power=())
    >>> print(describe_trial(file).split("\\n\\n")[2])
    Arms
      nothing: nothing beside the day
      spray: 24 IU intranasal at 10:00
    """
    return "\n\n".join(
        "\n".join([title, *(f"{_INDENT}{line}" for line in lines)]) for title, lines in _parts(read)
    )


def _parts(read: TrialFile) -> Iterator[tuple[str, list[str]]]:
    plan = read.plan
    # in the order of a report's methods: who, what is done to them, what is measured, how often
    yield "Pool", _pool(read)
    # days of single dyads have nothing in common that a line could say
    common = plan.day if isinstance(plan.day, Schedule) else Schedule(Routine.empty())
    yield (
        "Day of all",
        [
            routine_words(common.routine),
            *(intervention_words(intervention) for intervention in common.interventions),
        ],
    )
    yield "Arms", [f"{name}: {_given(plan, name)}" for name in plan.design.names]
    yield "Design", [plan.design.words, *_rules(plan)]
    yield "Visits", [_visits(plan)]
    yield "Endpoints", [_endpoint(plan, endpoint.name) for endpoint in plan.endpoints]
    if plan.user_instruments:
        yield "Instruments", [f"{tool.name}: {tool.words}" for tool in plan.user_instruments]
    yield "Replications", _replications(read)


def _pool(read: TrialFile) -> list[str]:
    families = read.who
    sentence = who_words(families, len(families), families.ages())
    if isinstance(families, Members):
        # of members their number and ages are known without drawing any of them
        sentence += f" {families.describe()}"
    entry = (
        [f"Entry, as measured at the start: {' and '.join(map(str, read.plan.entry))}."]
        if read.plan.entry
        else []
    )
    odd = [f"Legal but implausible: {value}." for value in read.plan.implausible]
    return [
        f"{sentence}.",
        *(f"Set: {text}." for text in changed_parameters(families)),
        *entry,
        *odd,
    ]


def _given(plan: Trial, name: str) -> str:
    return (
        "; ".join(intervention_words(intervention) for intervention in plan.design.given[name])
        or "nothing beside the day"
    )


def _rules(plan: Trial) -> list[str]:
    # None: beliefs are what the interventions themselves bring about
    belief = (
        "no belief beyond what an intervention brings"
        if plan.blinding is None
        else plan.blinding.words
    )
    attendance = plan.adherence
    clauses = []
    # shares of 0 go unsaid
    if attendance.missed:
        clauses.append(f"{100 * attendance.missed:g} % of sessions missed")
    if attendance.shortened:
        clauses.append(
            f"{100 * attendance.shortened:g} % of the others cut to {100 * attendance.to:g} %"
        )
    adherence = ", ".join(clauses) or "as planned"
    edges = [f"edges: {plan.edges.words}"] if plan.edges.multipliers else []
    return [
        *edges,
        plan.allocation.words,
        f"beliefs: {belief}",
        f"adherence: {adherence}",
        f"drop-out: {plan.dropout.words}",
    ]


def _visits(plan: Trial) -> str:
    # the time within which a visit may fall stands in brackets, where there is one
    descriptions = [
        f"{visit.name}{f' (± {visit.window})' if visit.window else ''}" for visit in plan.visits
    ]
    return f"{', '.join(descriptions)}; followed for {_length(plan.length)} from {plan.start}"


def _length(minutes: float) -> str:
    return duration_text(minutes) if minutes < 2 * DAY else f"{minutes / DAY:.3g} days"


def _endpoint(plan: Trial, name: str) -> str:
    endpoint = plan.endpoint(name)
    primary = " (primary)" if endpoint is plan.primary else ""
    read = f"{endpoint.tool.name.replace('_', ' ')} of the {endpoint.member}"
    since = f"from the baseline to {endpoint.at}"
    # one phrase a kind of endpoint; the library's words for them stand in `Endpoint`
    measured = {
        "value": f"{read} at {endpoint.at}",
        "change": f"change of {read} {since}",
        "area": f"area under {read} {since}",
        "response": f"share in which {read} falls by at least {endpoint.number:g} % {since}",
        "remission": f"share with {read} below {endpoint.number:g} at {endpoint.at}",
        "time to remission": f"days until {read} is below {endpoint.number:g}, at visits to "
        f"{endpoint.at}",
    }[endpoint.what]
    over = "" if endpoint.over is None else f", the mean of {endpoint.over}"
    adjusted = ", adjusted for the baseline" if endpoint.adjusted else ""
    # shares and days have no unit of the instrument's
    change = (
        ""
        if endpoint.what in ("response", "remission", "time to remission")
        else plain_unit(endpoint.unit)
    )
    unit = f", in {change}" if change else ""
    direction = (
        ""
        if endpoint.responds is None
        else f"; a response is a{'n' * (endpoint.responds == 'increase')} {endpoint.responds}"
    )
    direction += "" if endpoint.threshold is None else f" of at least {endpoint.threshold:g}"
    return f"{endpoint.name}{primary}: {measured}{over}{adjusted}{unit}{direction}"


def _replications(read: TrialFile) -> list[str]:
    plan, pool = read.plan, len(read.who)
    courses = len(plan.design.courses)
    # the work of the engine: what the replications cost is small beside it
    lived = pool * courses * plan.length / DAY
    lines = [
        f"{read.replications} trials of n = {read.n}, seed {read.seed}",
        (
            f"simulated once: {pool} dyads x {courses}"
            f" {'sequences' if plan.design.lasts else 'arms'} x {_length(plan.length)}, {lived:.0f}"
            " dyad-days"
        ),
    ]
    return lines + ([f"power at n = {', '.join(map(str, read.power))}"] if read.power else [])
