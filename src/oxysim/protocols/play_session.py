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
from oxysim.checks import require_seed
from oxysim.errors import InputError, shown, unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.published import target
from oxysim.interventions import AffectionateTalk, PlaySession
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.schedule import Intervention
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.streams import stream
from oxysim.texts import listed
from oxysim.trials.participant_groups import Groups
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired, unpaired
from oxysim.trials.reporting.table_of_effects import effect_row

SESSIONS = 12  # levels of contact at which every parent is simulated

# min from one session to the next; five minutes of half-life leave nothing of the one before
EVERY = 2 * 60.0
FIRST_AT = 30.0  # clock time of the first session, minutes
WAIT = 20.0  # min together in the laboratory before play

# face to face while waiting and in play alike, so that only touch changes; assumed
TALK, GAZE = 0.5, 0.6
PLAY = 15.0  # min; published
KINDS = ("affection", "stimulation")

# orders of the levels of contact among which the least correlated is taken
ORDERS = 200


class _Parent(NamedTuple):
    """A group of parents: who they are, what raises their oxytocin, and the finding of it."""

    participants: Participants
    kind: str
    target: str


PARENTS = {
    "mothers": _Parent(Participants("mothers", 120, ("mother",)), "affection", "F1"),
    "fathers": _Parent(Participants("fathers", 120, ("father",)), "stimulation", "F2"),
}

PROTOCOL = SessionProtocol(
    name="Play and oxytocin in mothers and fathers",
    question="Which kind of contact raises a parent's oxytocin?",
    participants=PARENTS["mothers"].participants,
    recording=Recording(
        "00:00", "24 h", "5 min", ("caregiver.saliva_oxytocin", "caregiver.engagement")
    ),
    design={
        "design": f"{PLAY:g} min of play, saliva before and after ({{F1}})",
        "participants": "{participants} (published 71 mothers, 41 fathers)",
        "infants": "5 months (published 4-6 months)",
        "contact": (
            "affectionate and stimulating touch, each uniform from 0 to 1 between parents,"
            " unrelated (assumed); thirds by what happened"
        ),
        "before play": f"{WAIT:g} min together, face to face as in play, without touch (assumed)",
        "replications": "{replications} studies",
    },
    assumptions=(
        (
            "That mothers respond to affection and fathers to stimulation, and steeply, was built"
            " into the release of oxytocin (use = built_in): agreement is a regression test, not"
            " evidence."
        ),
        (
            f"Each parent is simulated at {SESSIONS} levels of contact, two hours apart on one"
            " day; a study sees one session of each."
        ),
        "The published split was by high and low contact; thirds are this library's reading of it.",
        "The published sample was plasma and saliva; saliva is read here.",
    ),
)


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

    >>> study = play_session(sizes={"fathers": 12}, pool=12, replications=2)
    >>> study.effects["target"].unique().tolist()
    ['F2']
    """
    # The seed draws levels of contact as well, before any protocol part checks it.
    require_seed(seed)
    numbers = _group_sizes(sizes)
    families = _families(parents, numbers)
    edges = EdgeChanges.of(cut, scale)

    samples: dict[str, str] = {}
    readings: dict[str, FloatArray] = {}
    arms: dict[str, Result] = {}
    rows: list[dict[str, Any]] = []
    for group, n in numbers.items():
        session = PROTOCOL.enrol(
            Recruitment(families.get(group), population, pool),
            edges=edges,
            seed=seed,
            participants=PARENTS[group].participants,
        )
        samples[f"sample of {group}"] = session.sample
        taking_part = session.draw(n, replications, arm=group)
        # The same levels for mothers and fathers, so that leaving one out changes no draw.
        levels = _contact_levels(seed)
        arms[group] = session.simulate(*_day_of_sessions(levels))
        readings |= _readings(arms[group], group, taking_part, levels, seed)
        rows += _rows(group, readings)

    return PROTOCOL.report(
        edges=edges,
        arms=arms,
        readings=readings,
        effects=rows,
        further_design=samples,
        participants=", ".join(f"{n} {group}" for group, n in numbers.items()),
        replications=replications,
    )


def _group_sizes(sizes: Any) -> dict[str, int]:
    """How many of each group take part, checked."""
    if sizes is None:
        return {group: target(parent.target).n or 0 for group, parent in PARENTS.items()}

    numbers: Mapping[str, int] = checks.instance(
        sizes, "sizes", Mapping, "a mapping such as {'mothers': 71}"
    )
    if not numbers:
        raise InputError("sizes: expected 'mothers', 'fathers' or both; found none")
    for group, n in numbers.items():
        if group not in PARENTS:
            raise unknown_name("group", group, PARENTS, "in sizes")
        if checks.whole_number(n, f"sizes, {group}") < 12:
            raise InputError(f"{group}: expected at least 12, so that a third holds 4; found {n!r}")
    return dict(numbers)


def _families(parents: Any, numbers: Mapping[str, int]) -> Mapping[str, Family]:
    """The user's own families, by group; each has to be a group that takes part."""
    if parents is None:
        return {}

    families: Mapping[str, Family] = checks.instance(
        parents, "parents", Mapping, "a mapping such as {'mothers': dyads}"
    )
    for group in families:
        if group not in PARENTS:
            raise unknown_name("group", group, PARENTS, "in parents")
        if group not in numbers:
            raise InputError(
                what="parents",
                expected=f"groups that take part ({listed(numbers)})",
                found=shown(group),
                remedy=f"give sizes a number of {group}, or leave them out",
                key=("parents", group),
            )
    return families


def _contact_levels(seed: int) -> dict[str, FloatArray]:
    """Each session's level of both kinds of contact: the middles of 12 equal steps, in two orders
    that hardly correlate.
    """
    steps = (np.arange(SESSIONS) + 0.5) / SESSIONS

    # Twelve steps in random order correlate by about 0.3: the best of many orders hardly does.
    orders = [
        stream(seed, k, "order of contact levels").permutation(SESSIONS) for k in range(ORDERS)
    ]
    best = min(orders, key=lambda order: abs(np.corrcoef(steps, steps[order])[0, 1]))

    # Mixed, so that neither level rises with the hour of the day.
    mixed = stream(seed, 0, "order of sessions").permutation(SESSIONS)
    return {"affection": steps[mixed], "stimulation": steps[best][mixed]}


def _day_of_sessions(levels: Mapping[str, FloatArray]) -> list[Intervention]:
    """One session a level of contact, each after a wait, one after the other on one day."""
    day: list[Intervention] = []
    for k in range(SESSIONS):
        arrival = FIRST_AT + k * EVERY
        day.append(
            AffectionateTalk(
                f"{WAIT:g} min", at=units.clock_text(arrival), intensity=TALK, gaze=GAZE
            )
        )
        day.append(
            PlaySession(
                f"{PLAY:g} min",
                at=units.clock_text(arrival + WAIT),
                affection=float(levels["affection"][k]),
                stimulation=float(levels["stimulation"][k]),
                talk=TALK,
                gaze=GAZE,
            )
        )
    return day


def _readings(
    result: Result,
    group: str,
    taking_part: Groups,
    levels: Mapping[str, FloatArray],
    seed: int,
) -> dict[str, FloatArray]:
    """Saliva before and after play, and the contact that happened, for one session of each parent,
    shape (replications, n).
    """
    # Which of the sessions a study sees of each parent.
    replications, n = taking_part.position.shape
    purpose = f"level of contact, {group}"
    session = np.array(
        [stream(seed, r, purpose).integers(SESSIONS, size=n) for r in range(replications)]
    )

    starts = FIRST_AT + WAIT + EVERY * np.arange(SESSIONS)
    readings = {}
    for moment, times in (("before", starts), ("after", starts + PLAY)):
        # Read at every session, of which one is taken.
        saliva = taking_part.series(result, "saliva_oxytocin", times, seed=seed, visit=group)
        readings[f"saliva {moment} | {group}"] = _of_session(saliva, session)

    # What happens is the level that was arranged times how engaged the parent is.
    middle_of_play = np.asarray(starts + PLAY / 2, dtype=float)
    engagement = result.values_at("caregiver.engagement", middle_of_play)[taking_part.position]
    for kind in KINDS:
        happened = levels[kind][session] * _of_session(engagement, session)
        readings[f"{kind} | {group}"] = happened
    return readings


def _of_session(values: FloatArray, session: IntArray) -> FloatArray:
    """Values of each parent's session, shape (replications, n, sessions) -> (replications, n)."""
    return np.take_along_axis(values, session[..., None], axis=-1)[..., 0]


def thirds(level: FloatArray) -> dict[str, IntArray]:
    """Positions of the bottom and the top third by level in each replication, shape (replications,
    n // 3).

    Parameters
    ----------
    level : of contact, shape (replications, n).

    >>> thirds(np.array([[0.3, 0.1, 0.2]]))["top"]
    array([[0]])
    """
    # Stable, so that equal levels keep the order of their participants.
    order = np.argsort(level, axis=1, kind="stable")
    # A remainder falls into the middle third, which is not shown.
    third = level.shape[1] // 3
    return {"bottom": order[:, :third], "top": order[:, -third:]}


def _rows(group: str, readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """The change in play by thirds of the parent's own kind of contact, and between the thirds of
    the other kind.
    """
    parent = PARENTS[group]
    before, after = readings[f"saliva before | {group}"], readings[f"saliva after | {group}"]

    rows = []
    for third, members in thirds(readings[f"{parent.kind} | {group}"]).items():
        rows.append(
            effect_row(
                paired(
                    np.take_along_axis(before, members, 1),
                    np.take_along_axis(after, members, 1),
                ),
                outcome=f"{group}, {third} third of {parent.kind}",
                contrast="after - before play",
                unit="pg/mL",
                expected="up" if third == "top" else "none",
                target=parent.target,
            )
        )

    # The kind that should do nothing: a change across its thirds would be unspecific.
    (other_kind,) = (kind for kind in KINDS if kind != parent.kind)
    by_other = thirds(readings[f"{other_kind} | {group}"])
    bottom, top = (
        np.take_along_axis(after - before, by_other[third], 1) for third in ("bottom", "top")
    )
    rows.append(
        effect_row(
            unpaired(bottom, top),
            outcome=f"{group}, change in play by {other_kind}",
            contrast="top - bottom third",
            unit="pg/mL",
            expected="none",
            target=parent.target,
        )
    )
    return rows
