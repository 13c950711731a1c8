"""Protocol 1 in fathers: a nasal spray, free play with the infant, and a still face (Weisman 2012,
2013).

Each father comes twice, a week apart, once for oxytocin and once for placebo. Read are his touch,
how far the two answer each other in play, the oxytocin in the saliva of the infant, who is not
treated, and the infant's cortisol after the still face, where the two answer each other much and
where they do so little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.agreement import Expected
from oxysim.interventions import NasalSpray, Placebo, PlaySession, StillFace
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, Session, SessionProtocol
from oxysim.protocols.still_face import CORTISOL_AFTER, PLAY, STILL_FACE
from oxysim.schedule import Routine
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.trials.participant_groups import Groups, sequences
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row

SPRAY_AT = 10 * units.HOUR  # clock time, minutes; assumed
# min from the spray: when play begins (published), how long it lasts before the still face
WAIT, FREE_PLAY = 45.0, 15.0
# Samples of the infant's saliva, min from the spray: before play, and three in it; assumed.
BEFORE_PLAY, IN_PLAY = 40.0, (50.0, 55.0, 60.0)
AFTER_STILL_FACE = WAIT + FREE_PLAY + STILL_FACE + CORTISOL_AFTER
PARENTS = ("mother", "father")
PLACEBO, OXYTOCIN = "placebo", "oxytocin"


class _Rating(NamedTuple):
    """What an observer codes over the whole of play before the still face."""

    label: str
    instrument: str


TOUCH = _Rating("father's affectionate contact", "affectionate_contact")
RECIPROCITY = _Rating("reciprocity", "reciprocity")
SALIVA, CORTISOL = "infant saliva oxytocin in play", "infant cortisol after the still face"
# which half of the families, and what the publication says of its infants' cortisol
HALVES: tuple[tuple[str, Expected], ...] = (("high", "up"), ("low", "down"))

PROTOCOL = SessionProtocol(
    name="Fathers' spray and the infant",
    question="What does a father's spray do to an infant who is not treated?",
    # fathers come with mother and infant, who live together before the visit
    participants=Participants("triads", pool=140, caregivers=PARENTS),
    recording=Recording(
        "09:30",
        "2 h",
        "5 min",
        (
            "father.affection",
            "father.synchrony",
            "infant.saliva_oxytocin",
            "infant.cortisol",
        ),
    ),
    design={
        "design": (
            "placebo-controlled, within fathers, two sessions in random order, a week apart ({E24})"
        ),
        "participants": "{n} fathers and their infants of 5 months (published 35)",
        "dose": f"{{dose}}, {WAIT:g} min before play (published)",
        "visit": (
            f"{FREE_PLAY:g} min of free play (assumed), {STILL_FACE:g} min of still face and"
            f" {PLAY:g} min of play after it"
        ),
        "samples": (
            "the infant's saliva 5 min before play, three times in it, and"
            f" {CORTISOL_AFTER:g} min after the still face (minutes assumed)"
        ),
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        "That the infant's oxytocin rises was read by calibration (WE1, use = fit).",
        (
            "High and low synchrony are the halves by the rated reciprocity of play, the mean of"
            " both sessions; published are codes of single seconds and no cut. Of an odd number the"
            " middle family is in neither half."
        ),
        "Cortisol is that after the still face less that before play, of the same session.",
    ),
)


@said_once
def fathers_spray(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 35,
    replications: int = 200,
    dose: str = "24 IU",
    triads: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate both sessions of every father and return what the spray does to him and to the
    infant (WE1, E23, E24).

    Parameters
    ----------
    n : fathers in one study (published 35).
    replications : how many such studies.
    dose : of the spray.
    triads : who takes part, families of "mother" and "father"; default `pool` triads of the
        `population` (default "community").
    pool : how many triads are simulated; replications draw from them. Default 140.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in both sessions.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "placebo" and "oxytocin"; effects are oxytocin less placebo within
        families.

    Raises
    ------
    InputError : a small pool, families without a mother or a father; UnitError : a dose that cannot
    be.

    >>> from oxysim.families import Family
    >>> triads = Family(caregivers=("mother", "father"), infant_age="5 months").repeat(4)
    >>> study = fathers_spray(n=4, triads=triads, replications=2)
    >>> study.effects["target"].tolist()
    ['WE1', 'E24', 'E24', 'E23', 'E23']
    """
    spray = NasalSpray(dose, at=units.clock_text(SPRAY_AT), by="father")
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(triads, population, pool), edges=edges, seed=seed)
    _require_parents(session.families)
    taking_part = session.draw(n, replications)

    arms = _arms(session, spray)
    # Half of the fathers get placebo first; a session's number keys its measurement error.
    first = sequences(taking_part.position.shape, seed)
    readings: dict[str, FloatArray] = {}
    for (arm, result), visit in zip(arms.items(), (first, 1 - first), strict=True):
        readings |= _readings(arm, result, taking_part, visit, seed)
    return PROTOCOL.report(
        edges=edges,
        arms=arms,
        readings=readings,
        effects=_rows(readings),
        n=n,
        replications=replications,
        dose=dose,
        sample=session.sample,
    )


def _require_parents(triads: Family) -> None:
    for parent in PARENTS:
        if parent not in triads.caregivers:
            raise InputError(
                f"triads: expected families of 'mother' and 'father'; found {triads.caregivers!r}"
            )


def _arms(session: Session, spray: NasalSpray) -> dict[str, Result]:
    """Both sessions: they come from a usual day, he is sprayed, plays, and holds a still face."""
    play_at = SPRAY_AT + WAIT
    # he is with the infant all the time, and does not answer it for two minutes of it
    play = PlaySession(
        f"{FREE_PLAY + STILL_FACE + PLAY:g} min", at=units.clock_text(play_at), by="father"
    )
    face = StillFace(f"{STILL_FACE:g} min", at=units.clock_text(play_at + FREE_PLAY), by="father")
    sprays = {PLACEBO: Placebo(at=units.clock_text(SPRAY_AT), by="father"), OXYTOCIN: spray}
    usual_day = Routine.household(PARENTS)
    return {
        arm: session.simulate(given, play, face, usual_day=usual_day)
        for arm, given in sprays.items()
    }


def _readings(
    arm: str, result: Result, taking_part: Groups, visit_of: IntArray, seed: int
) -> dict[str, FloatArray]:
    """What is read in one arm, by "outcome | arm", shape (replications, n)."""

    def read(instrument: str, when: Any, member: str) -> FloatArray:
        return taking_part.read(
            result, instrument, when, member=member, seed=seed,
            visit=(("session 1", "session 2"), visit_of),
        )  # fmt: skip

    def sample(instrument: str, minutes: float) -> FloatArray:
        return read(instrument, units.clock_text(SPRAY_AT + minutes), "infant")

    # against the same visit's first sample: what a visit brings of its own cancels
    playing = [np.log(sample("saliva_oxytocin", minutes)) for minutes in IN_PLAY]
    saliva = np.mean(playing, axis=0) - np.log(sample("saliva_oxytocin", BEFORE_PLAY))
    cortisol = sample("salivary_cortisol", AFTER_STILL_FACE) - sample(
        "salivary_cortisol", BEFORE_PLAY
    )
    bout = tuple(units.clock_text(SPRAY_AT + WAIT + minutes) for minutes in (0.0, FREE_PLAY))
    ratings = {
        rating.label: read(rating.instrument, bout, "father") for rating in (TOUCH, RECIPROCITY)
    }
    outcomes = {SALIVA: saliva, **ratings, CORTISOL: cortisol}
    return {f"{outcome} | {arm}": values for outcome, values in outcomes.items()}


def _rows(readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Oxytocin less placebo within families; of cortisol in either half by reciprocity."""

    def in_both(outcome: str) -> tuple[FloatArray, FloatArray]:
        return readings[f"{outcome} | {PLACEBO}"], readings[f"{outcome} | {OXYTOCIN}"]

    contrast = f"{OXYTOCIN} - {PLACEBO}"
    rows = [
        effect_row(
            paired(*in_both(outcome)), outcome=outcome, contrast=contrast, unit=unit,
            expected="up", target=target,
        )
        for outcome, unit, target in (
            (SALIVA, "ln(pg/mL)", "WE1"),
            (TOUCH.label, "rating 1-5", "E24"),
            (RECIPROCITY.label, "rating 1-5", "E24"),
        )
    ]  # fmt: skip
    members = _halves(np.mean(in_both(RECIPROCITY.label), axis=0))
    for half, expected in HALVES:
        placebo, oxytocin = (
            np.take_along_axis(values, members[half], 1) for values in in_both(CORTISOL)
        )
        rows.append(
            effect_row(
                paired(placebo, oxytocin), outcome=f"{CORTISOL}, {half} synchrony",
                contrast=contrast, unit="nmol/L", expected=expected, target="E23",
            )
        )  # fmt: skip
    return rows


def _halves(level: FloatArray) -> dict[str, IntArray]:
    """Positions of the low and the high half by level, shape (replications, n) -> (replications,
    n // 2) each.
    """
    # stable, so that equal levels keep the order of their participants
    order = np.argsort(level, axis=1, kind="stable")
    half = level.shape[1] // 2
    return {"low": order[:, :half], "high": order[:, -half:]}
