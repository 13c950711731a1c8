"""Protocol 15: psychological treatment of postnatal depression against usual care (ten trials in
primary care, Stephens 2016).

Mothers with an EPDS of 13 and more when their infant is eight weeks old get eight weekly sessions,
or usual care. The EPDS is read at the end of treatment, and later on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oxysim import checks
from oxysim.checks import texts
from oxysim.families import Family
from oxysim.interventions import PsychologicalTreatment
from oxysim.measures.cut_offs import EPDS_POSSIBLE, EPDS_PROBABLE
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.trial_protocol import TrialConduct, TrialProtocol, run_trial_protocol
from oxysim.simulation.plausibility import said_once
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.protocol_report import ProtocolReport

ENTRY = (f"epds >= {EPDS_PROBABLE:g}",)  # assumed: the trials' own criteria differ
AGE = "8 weeks"  # of the infants at enrolment; assumed
SESSIONS = 8  # assumed
END = "8 weeks"  # after enrolment, a week after the last session; assumed
# One hour for all visits.
CLOCK = "10:00"  # of the visits; assumed

PROTOCOL = TrialProtocol(
    name="Psychological treatment of postnatal depression against usual care",
    question="How much lower is the EPDS at the end of treatment?",
    infant_age=AGE,
    pool=300,
    entry=ENTRY,
    endpoints=(
        Endpoint(
            "epds",
            END,
            primary=True,
            expected="down",
            target="C5",
            name="EPDS at the end of treatment",
        ),
        Endpoint(
            "epds", END, "response (50 %)", name="EPDS fallen by half at the end of treatment"
        ),
        Endpoint(
            "epds",
            END,
            f"remission (< {EPDS_POSSIBLE:g})",
            name=f"EPDS below {EPDS_POSSIBLE:g} at the end",
        ),
    ),
    visits=(Visit(END, at=CLOCK),),
    # Pairs; assumed, as is the size of a trial.
    block_sizes=(2,),
    design={
        "source": "{C5}",
        "participants": "{n} mothers (assumed){entry}",
        "sample": "{sample}",
        "treatment": "{sessions} weekly sessions of {minutes} (assumed)",
    },
    assumptions=(
        "The figure was read by calibration (use = fit): agreement is no independent evidence.",
        (
            "Ten trials of different treatments, entry criteria and lengths are represented by one"
            " design."
        ),
        (
            "Mothers enter by a measured EPDS, so both arms fall towards the mean; the"
            " standardised difference is Cohen's d at the end of treatment, over the spread of"
            " mothers so selected."
        ),
        (
            "Usual care is no care beyond the ordinary day; what general practitioners do besides"
            " is not in it."
        ),
    ),
)


@said_once
def psychological_treatment(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 120,
    replications: int = 200,
    sessions: int = SESSIONS,
    minutes: str = "60 min",
    mothers: Family | None = None,
    population: Population | None = None,
    entry: Sequence[str] | None = None,
    pool: int | None = None,
    later: Sequence[str] = (),
    adherence: Adherence | None = None,
    dropout: Dropout | None = None,
    blinding: Blinded | Open | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the trial and return its effects over replications.

    Parameters
    ----------
    n : mothers in one trial, half in each arm (assumed: the ten trials' own sizes are not in the
        evidence).
    replications : how many such trials.
    sessions, minutes : weekly sessions and their length (assumed).
    mothers : who takes part; default `pool` mothers of the `population` (default "community") who
        meet `entry` when their infant is eight weeks old.
    later : times after enrolment at which they are visited once more ("6 months").
    adherence, dropout, blinding : default as planned, none, and no belief in the treatment (all
        assumed).
    pool : how many mothers are simulated in every arm, of whom replications draw; default 300.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm from
        enrolment on; who is enrolled has lived with every edge whole.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "usual care" and "treatment"; the EPDS at the end of treatment (C5) and at
        the later visits, response and remission.

    Raises
    ------
    InputError : a small pool, criteria that too few meet; ScheduleError, UnitError : sessions that
    cannot be.

    >>> from oxysim.families import Dyad
    >>> mothers = Dyad.symptomatic(infant_age="8 weeks").repeat(2)
    >>> study = psychological_treatment(n=2, mothers=mothers, sessions=1, replications=2)
    >>> study.design["treatment"]
    '1 weekly sessions of 60 min (assumed)'
    """
    # Built before anybody is enrolled: what cannot be is refused at once.
    treatment = PsychologicalTreatment(
        minutes, sessions=checks.whole_number(sessions, "sessions", 0)
    )
    later = checks.sequence(
        later, "later", checks.name, of="times after enrolment such as '6 months'", least=0
    )
    return run_trial_protocol(
        _with_later_visits(later),
        Parallel({"usual care": None, "treatment": treatment}),
        Recruitment(mothers, population, pool, entry),
        TrialConduct(n, replications, seed, cut, scale, adherence, dropout, blinding),
        sessions=sessions,
        minutes=minutes,
        entry=_entry_words(mothers, entry),
    )


def _with_later_visits(times: Sequence[str]) -> TrialProtocol:
    """The protocol with a visit more at each of the times, where the EPDS is read."""
    # A time is a visit's name too, by which its endpoint finds it.
    visits = [Visit(time, at=CLOCK) for time in times]
    endpoints = [Endpoint("epds", visit.name, name=f"EPDS after {visit.name}") for visit in visits]
    return replace(
        PROTOCOL,
        endpoints=(*PROTOCOL.endpoints, *endpoints),
        visits=(*PROTOCOL.visits, *visits),
    )


def _entry_words(mothers: Family | None, entry: Sequence[str] | None) -> str:
    """By which criteria they enter; the user's own mothers enter as they are."""
    if mothers is not None:
        return ""
    criteria: Sequence[str] = ENTRY
    if entry is not None:
        # the words are made before anybody is enrolled, so they are checked here first
        criteria = texts(entry, "entry", of="criteria such as 'epds >= 13'") or ENTRY
    return f", entry by {' and '.join(criteria)} at {AGE} (assumed)"
