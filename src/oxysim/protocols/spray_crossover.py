"""Protocol 1: a nasal spray in mothers with postnatal depression, two sessions, free play with the
infant (Radboud 2025).

Each mother comes twice, in random order, once for oxytocin and once for placebo, and plays with her
infant after the delay. Affect is expected to rise and sensitivity, cortisol and heart rate to stay;
with a crying infant the model makes its own prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.agreement import Expected
from oxysim.interventions import Crying, NasalSpray, Placebo, PlaySession
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.population import Population
from oxysim.protocols.enrolment import (
    COMMUNITY,
    Recruitment,
    mothers_scoring_high,
    require_mothers,
)
from oxysim.protocols.session_protocol import Participants, Recording, Session, SessionProtocol
from oxysim.schedule import Routine
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import Groups, groups, sequences
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row

SPRAY_AT = 10 * 60.0  # clock time of the administration, minutes
PLAY_MINUTES = 15.0  # assumed
AGE = "5 months"  # of the infants; published range 3-9 months
CRY = ("2 min", "10 min")  # begins after so much of the play, lasts so long


class _Outcome(NamedTuple):
    """What is read in both sessions, when, and what the publication says of it."""

    label: str
    instrument: str
    when: str
    unit: str
    expected: Expected
    target: str = ""


# Ratings are means over play, as a rater codes a bout; samples are of a moment.
OUTCOMES = (
    _Outcome("warmth", "warmth", "play", "rating 1-5", "up", "H1a"),
    _Outcome("closeness", "closeness", "play", "rating 1-5", "up", "H1a"),
    # both rows answer E10; H1a is the older of the two findings
    _Outcome("affectionate contact", "affectionate_contact", "play", "rating 1-5", "up"),
    _Outcome("enthusiasm", "enthusiasm", "play", "rating 1-5", "up"),
    _Outcome("smiling", "smiling", "play", "rating 1-5", "up"),
    _Outcome("self-rated positive feeling", "positive_feeling", "end", "0-100", "up", "H1e"),
    _Outcome("sensitivity", "sensitivity", "play", "rating 1-9", "none", "H1b"),
    _Outcome("appropriate mind-related comments", "appropriate_comments", "play", "share", "none"),
    _Outcome("cortisol 10 min after play", "salivary_cortisol", "after", "nmol/L", "none", "H1c"),
    _Outcome("heart rate in play", "heart_rate", "play", "bpm", "none", "H1d"),
)

CALM = SessionProtocol(
    name="Nasal spray in mothers with postnatal depression, crossover",
    question="Does one dose change how a mother is with her infant in calm free play?",
    participants=Participants("mothers", pool=350),
    # an hour of rest before the spray, and half an hour after the play that follows it
    recording=Recording(
        "09:00",
        f"{60 + 45 + PLAY_MINUTES + 30:g} min",
        "1 min",
        (
            "caregiver.warmth",
            "caregiver.affection",
            "caregiver.sensitivity",
            "caregiver.appropriate_comments",
            "caregiver.nonattuned_comments",
            "caregiver.cortisol",
            "caregiver.heart_rate",
            "caregiver.plasma_oxytocin",
            "caregiver.central_oxytocin",
            "caregiver.oxytocin_signal",
            "caregiver.saliva_oxytocin",
            "caregiver.arousal",
            "infant.arousal",
            "infant.cortisol",
            "infant.saliva_oxytocin",
        ),
    ),
    design={
        "design": (
            "double-blind, placebo-controlled, within mothers, two sessions in random order"
            " (published)"
        ),
        "participants": (
            "{n} mothers with postnatal depression (35 planned in the registry; published n not"
            " found, assumed)"
        ),
        "infants": "5 months (published range 3-9 months)",
        "sample": "{sample}",
        "dose": "{dose} (not found in the publication, assumed)",
        "spray to play": "{delay} (not found in the publication, assumed)",
        "play": "15 min free play (assumed)",
        "replications": "{replications} studies of n = {n}",
    },
    assumptions=(
        (
            "The direction of the effects in calm play was built into the mechanisms (use ="
            " built_in): agreement is a regression test, not evidence."
        ),
        (
            "Sizes of gains and of the spread from session to session are assumed; dz scales with"
            " both."
        ),
        (
            "Mothers with postnatal depression are those who read 13 or more on the EPDS at five"
            " months (the published diagnosis was clinical); some of them would read less the week"
            " after."
        ),
    ),
)

CRYING = replace(
    CALM,
    name=f"{CALM.name}, crying infant",
    question="Does one dose change how a mother is with her infant while the infant cries?",
    design={
        **CALM.design,
        "play": "15 min free play, the infant cries from minute 2 to 12 (assumed)",
    },
    assumptions=(
        *CALM.assumptions,
        (
            "With a crying infant nothing is published: this is the model's own prediction. It"
            " rests on oxytocin scaling what a stressor evokes (Cardoso 2014: g = -0.43 under"
            " strong stress), more so in dyads with more synchrony, where its sign may turn."
        ),
        (
            "The cry's loudness is the same after drug and placebo; the infant is soothed by"
            " the same play."
        ),
    ),
)


@said_once
def spray_crossover(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 35,
    replications: int = 200,
    crying: bool = False,
    dose: str = "24 IU",
    delay: str = "45 min",
    mothers: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the crossover and return its effect table over replications.

    Parameters
    ----------
    n : mothers in one study (35 planned in the registry entry that matches the trial; the published
        n was not found).
    replications : how many such studies.
    crying : whether the infant cries for 10 min during play, in both sessions.
    dose, delay : of the spray, and from the spray to play; both not found in the publication, so
        assumed.
    mothers : who takes part; default the first `pool` mothers of the `population` (default
        "community") who read 13 or more on the EPDS when their infant is five months old, as the
        scoreboard has it.
    pool : how many mothers are simulated; replications draw from them. Default 350.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "placebo" and "oxytocin"; effects are oxytocin minus placebo within
        mothers.

    >>> from oxysim.families import Dyad
    >>> mothers = Dyad(infant_age="5 months").repeat(2)
    >>> study = spray_crossover(n=2, mothers=mothers, replications=2)
    >>> list(study.arms)
    ['placebo', 'oxytocin']
    """
    wait = units.duration(delay, "delay")
    if wait > 6 * units.HOUR:
        raise InputError(f"delay: expected at most 6 h between spray and play; found {delay!r}")
    NasalSpray(dose, at="10:00")  # a dose that cannot be is refused before anything runs
    crying, edges = checks.flag(crying, "crying"), EdgeChanges.of(cut, scale)

    # The infant cries after the drug and after placebo, so that only the drug differs.
    protocol = CRYING if crying else CALM
    session, taking_part = _enrol(
        protocol, Recruitment(mothers, population, pool), n, replications, edges, seed
    )
    arms = _arms(session, dose, wait, crying)
    readings = _readings(arms, taking_part, wait, seed)
    return protocol.report(
        edges=edges,
        arms=arms,
        readings=readings,
        effects=_rows(readings, crying),
        n=n,
        replications=replications,
        dose=dose,
        delay=delay,
        sample=session.sample,
    )


def _enrol(
    protocol: SessionProtocol,
    recruitment: Recruitment,
    n: int,
    replications: int,
    edges: EdgeChanges,
    seed: int,
) -> tuple[Session, Groups]:
    """The mothers who come, and who of them takes part in each replication: the user's own, or
    those who read high on the EPDS.
    """
    families, population, pool, _ = recruitment
    if families is not None:
        session = protocol.enrol(recruitment, edges=edges, seed=seed)
        taking_part = session.draw(n, replications)
    else:
        # The draw comes first: following candidates takes long, and a bad n is known before.
        pool = protocol.participants.pool if pool is None else pool
        taking_part = groups(pool, n, replications, seed)
        people = Population.named(COMMUNITY) if population is None else population
        # A probable depression stands for the published diagnosis, as on the scoreboard.
        families, sample = mothers_scoring_high(
            people, pool, infant_age=AGE, least=EPDS_PROBABLE, seed=seed
        )
        session = Session(families, sample, protocol.recording, edges, seed)
    require_mothers(families)
    return session, taking_part


def _arms(session: Session, dose: str, wait: float, crying: bool) -> dict[str, Result]:
    """Both sessions of every mother: she comes from her usual day, rests, is sprayed, and plays."""
    spray_at = units.clock_text(SPRAY_AT)
    # Both sessions are alike but for what is sprayed.
    visit: Any = PlaySession("15 min", at=units.clock_text(SPRAY_AT + wait))
    if crying:
        begins = SPRAY_AT + wait + units.duration(CRY[0])
        visit = visit + Crying(CRY[1], at=units.clock_text(begins))

    sprays = {"placebo": Placebo(at=spray_at), "oxytocin": NasalSpray(dose, at=spray_at)}
    recording = session.recording
    return {
        arm: simulate(
            session.families,
            spray + visit,
            f"{60 + wait + PLAY_MINUTES + 30:g} min",
            start=recording.start,
            save=recording.save,
            variables=list(recording.variables),
            # mother and infant of a home, not of an empty day as in other sessions
            usual_day=Routine.typical(),
            scale=session.edges.multipliers,
        )
        for arm, spray in sprays.items()
    }


def _readings(
    arms: Mapping[str, Result], taking_part: Groups, wait: float, seed: int
) -> dict[str, FloatArray]:
    """What is read in both sessions, by "outcome | arm", shape (replications, n)."""
    # Cortisol lags behind what evokes it by some ten minutes.
    start, end = SPRAY_AT + wait, SPRAY_AT + wait + PLAY_MINUTES
    times: dict[str, Any] = {
        "play": (units.clock_text(start), units.clock_text(end)),
        "end": units.clock_text(end),
        "after": units.clock_text(end + 10),
    }

    # Half of the mothers get placebo first; a session's number keys its measurement error.
    placebo_visit = sequences(taking_part.position.shape, seed)
    visits = {"placebo": placebo_visit, "oxytocin": 1 - placebo_visit}
    return {
        f"{outcome.label} | {arm}": taking_part.read(
            arms[arm],
            outcome.instrument,
            times[outcome.when],
            seed=seed,
            visit=(("session 1", "session 2"), visit),
        )
        for outcome in OUTCOMES
        for arm, visit in visits.items()
    }


def _rows(readings: Mapping[str, FloatArray], crying: bool) -> list[dict[str, Any]]:
    """Oxytocin less placebo within mothers; with a crying infant nothing is published."""
    return [
        effect_row(
            paired(readings[f"{outcome.label} | placebo"], readings[f"{outcome.label} | oxytocin"]),
            outcome=outcome.label,
            contrast="oxytocin - placebo",
            unit=outcome.unit,
            expected="prediction" if crying else outcome.expected,
            target="" if crying else outcome.target,
        )
        for outcome in OUTCOMES
    ]
