"""Protocol 7: a quarter of an hour of play, saliva before and after, in mothers and in fathers
(Feldman 2010).

Oxytocin rises only in mothers whose contact is high in affection, and only in fathers whose contact
is high in stimulation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError, shown, unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import AffectionateTalk, PlaySession
from oxysim.population import Population
from oxysim.protocols.enrolment import sampled
from oxysim.schedule import Routine
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.streams import require_seed, stream
from oxysim.texts import listed
from oxysim.trials.participant_groups import SOLVER, Groups, groups
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.replicated_effects import effect_row, effect_table, paired, unpaired

SESSIONS = 12  # levels of contact at which every parent is simulated
# min from one session to the next; five minutes of half-life leave nothing of the one before
EVERY = 2 * 60.0
FIRST_AT = 30.0  # clock time of the first session, minutes
WAIT = 20.0  # min together in the laboratory before play
# face to face while waiting and in play alike, so that only touch changes; assumed
TALK, GAZE = 0.5, 0.6
PLAY = 15.0
KINDS = ("affection", "stimulation")


class _Parent(NamedTuple):
    role: str
    own: str
    target: str


PARENTS = {
    "mothers": _Parent("mother", "affection", "F1"),
    "fathers": _Parent("father", "stimulation", "F2"),
}


@said_once
def play_session(  # noqa: PLR0913 - keywords with defaults
    *,
    sizes: Mapping[str, int] | None = None,
    replications: int = 200,
    parents: Mapping[str, Family] | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate play at many levels of contact and return the change of saliva oxytocin by thirds of
    contact.

    Parameters
    ----------
    sizes : how many take part in one study; default the published 71 mothers and 41 fathers. One of
        the two may be left out.
    replications : how many such studies.
    parents : who takes part, by "mothers" and "fathers"; default `pool` dyads of each of the
        `population` (default "community", as the scoreboard has it).
    pool : how many parents of each role are simulated; replications draw from them. Default 120.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream; leaving one role out changes no draw of the other.

    Returns
    -------
    ProtocolReport : arms "mothers" and "fathers"; the change after play in the top and bottom third
        of the parent's own kind of contact (F1, F2), and between the thirds of the other kind.

    Raises
    ------
    UnknownNameError : no such group. InputError : fewer than 12 parents in a study (4 in a third),
    or a pool below n.
    """
    require_seed(seed)
    numbers = _group_sizes(sizes)
    given = _parents(parents, numbers)
    edges = Edges.of(cut, scale)
    samples: dict[str, str] = {}
    readings: dict[str, FloatArray] = {}
    arms: dict[str, Result] = {}
    rows: list[dict[str, Any]] = []
    for name, n in numbers.items():
        role = PARENTS[name].role
        who, samples[name] = sampled(
            given.get(name), population, pool, usual=120, what=name, seed=seed, caregivers=(role,)
        )
        taking_part = groups(len(who), n, replications, seed, arm=name)
        levels = _levels(seed)
        arms[name] = _sessions(who, levels, seed, edges)
        readings |= _read(arms[name], name, (taking_part, levels, seed))
        rows += _rows(name, readings)
    return ProtocolReport(
        name="Play and oxytocin in mothers and fathers",
        question="Which kind of contact raises a parent's oxytocin?",
        design={
            **_design(numbers, replications),
            **{f"sample of {k}": v for k, v in samples.items()},
            **edges.design,
        },
        effects=effect_table(rows),
        arms=arms,
        readings=readings,
        assumptions=_ASSUMPTIONS,
    )


def _published(name: str) -> int:
    return target(PARENTS[name].target).n or 0


def _group_sizes(sizes: Any) -> dict[str, int]:
    """How many of each group take part, checked."""
    if sizes is None:
        return {name: _published(name) for name in PARENTS}
    given: Mapping[str, int] = checks.instance(
        sizes, "sizes", Mapping, "a mapping such as {'mothers': 71}"
    )
    if not given:
        raise InputError("sizes: expected 'mothers', 'fathers' or both; found none")
    for name, n in given.items():
        if name not in PARENTS:
            raise unknown_name("group", name, PARENTS, "in sizes")
        if checks.whole_number(n, f"sizes, {name}") < 12:
            raise InputError(f"{name}: expected at least 12, so that a third holds 4; found {n!r}")
    return dict(given)


def _parents(parents: Any, numbers: Mapping[str, int]) -> Mapping[str, Family]:
    """Who is given, by group; each has to be a group that takes part."""
    if parents is None:
        return {}
    given: Mapping[str, Family] = checks.instance(
        parents, "parents", Mapping, "a mapping such as {'mothers': dyads}"
    )
    for name in given:
        if name not in PARENTS:
            raise unknown_name("group", name, PARENTS, "in parents")
        if name not in numbers:
            raise InputError(
                what="parents",
                expected=f"groups that take part ({listed(numbers)})",
                found=shown(name),
                remedy=f"give sizes a number of {name}, or leave them out",
                key=("parents", name),
            )
    return given


def _levels(seed: int) -> dict[str, FloatArray]:
    """Each session's level of both kinds of contact: the middles of 12 equal steps, in two orders
    that hardly correlate.
    """
    steps = (np.arange(SESSIONS) + 0.5) / SESSIONS
    orders = [stream(seed, k, "order of contact levels").permutation(SESSIONS) for k in range(200)]
    best = min(orders, key=lambda order: abs(np.corrcoef(steps, steps[order])[0, 1]))
    mixed = stream(seed, 0, "order of sessions").permutation(SESSIONS)
    return {"affection": steps[mixed], "stimulation": steps[best][mixed]}


def _sessions(who: Family, levels: Mapping[str, FloatArray], seed: int, edges: Edges) -> Result:
    """Every parent at every level of contact, one session after the other on one day with nothing
    else in it.
    """
    schedule: Any = Routine.empty()
    for k in range(SESSIONS):
        at = FIRST_AT + k * EVERY
        affection, stimulation = (float(levels[kind][k]) for kind in KINDS)
        schedule = schedule + AffectionateTalk(
            f"{WAIT:g} min", at=units.clock_text(at), intensity=TALK, gaze=GAZE
        )
        schedule = schedule + PlaySession(
            f"{PLAY:g} min",
            at=units.clock_text(at + WAIT),
            affection=affection,
            stimulation=stimulation,
            talk=TALK,
            gaze=GAZE,
        )
    variables = ["caregiver.saliva_oxytocin", "caregiver.engagement"]
    return simulate(
        who,
        schedule,
        "24 h",
        start="00:00",
        save="5 min",
        variables=variables,
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )


def _read(
    result: Result, name: str, how: tuple[Groups, Mapping[str, FloatArray], int]
) -> dict[str, FloatArray]:
    """Saliva before and after play, and the contact that happened, for one session of each parent,
    shape (replications, n).
    """
    taking_part, levels, seed = how
    shape = taking_part.position.shape
    session = np.array(
        [
            stream(seed, r, f"level of contact, {name}").integers(SESSIONS, size=shape[1])
            for r in range(shape[0])
        ]
    )
    starts = FIRST_AT + WAIT + EVERY * np.arange(SESSIONS)
    found = {}
    for moment, at in (("before", starts), ("after", starts + PLAY)):
        drawn = taking_part.series(result, "saliva_oxytocin", at, seed=seed, visit=name)
        found[f"saliva {moment} | {name}"] = _of_session(drawn, session)
    middle = result.values_at("caregiver.engagement", np.asarray(starts + PLAY / 2, dtype=float))[
        taking_part.position
    ]
    for kind in KINDS:
        found[f"{kind} | {name}"] = levels[kind][session] * _of_session(middle, session)
    return found


def _of_session(values: FloatArray, session: IntArray) -> FloatArray:
    return np.take_along_axis(values, session[..., None], axis=-1)[..., 0]


def thirds(level: FloatArray) -> dict[str, IntArray]:
    """Positions of the bottom and the top third by level in each replication, shape (replications,
    n // 3).
    """
    order = np.argsort(level, axis=1, kind="stable")
    third = level.shape[1] // 3
    return {"bottom": order[:, :third], "top": order[:, -third:]}


def _rows(name: str, readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    parent = PARENTS[name]
    before, after = readings[f"saliva before | {name}"], readings[f"saliva after | {name}"]
    rows = []
    for third, who in thirds(readings[f"{parent.own} | {name}"]).items():
        effects = paired(np.take_along_axis(before, who, 1), np.take_along_axis(after, who, 1))
        rows.append(
            effect_row(
                effects,
                outcome=f"{name}, {third} third of {parent.own}",
                contrast="after - before play",
                unit="pg/mL",
                expected="up" if third == "top" else "none",
                target=parent.target,
            )
        )
    (other,) = (kind for kind in KINDS if kind != parent.own)
    change = {
        t: np.take_along_axis(after - before, who, 1)
        for t, who in thirds(readings[f"{other} | {name}"]).items()
    }
    rows.append(effect_row(
        unpaired(change["bottom"], change["top"]), outcome=f"{name}, change in play by {other}",
        contrast="top - bottom third", unit="pg/mL", expected="none", target=parent.target,
    ))  # fmt: skip
    return rows


def _design(numbers: Mapping[str, int], replications: int) -> dict[str, str]:
    return {
        "design": f"{PLAY:g} min of play, saliva before and after ({target('F1').source})",
        "participants": (
            ", ".join(f"{n} {name}" for name, n in numbers.items())
            + " (published 71 mothers, 41 fathers)"
        ),
        "infants": "5 months (published 4-6 months)",
        "contact": (
            "affectionate and stimulating touch, each uniform from 0 to 1 between parents,"
            " unrelated (assumed); thirds by what happened"
        ),
        "before play": f"{WAIT:g} min together, face to face as in play, without touch (assumed)",
        "replications": f"{replications} studies",
    }


_ASSUMPTIONS = (
    (
        "That mothers respond to affection and fathers to stimulation, and steeply, was built into"
        " the release of oxytocin (use = built_in): agreement is a regression test, not evidence."
    ),
    (
        f"Each parent is simulated at {SESSIONS} levels of contact, two hours apart on one day; a"
        " study sees one session of each."
    ),
    "The published split was by high and low contact; thirds are this library's reading of it.",
    "The published sample was plasma and saliva; saliva is read here.",
)
