"""Protocol 6: coaching in mind-mindedness from 6 to 12 months of infant age against usual care (the
BabyMind trial, 2023).

A smartphone application asks mothers in short daily tasks what their infant may be thinking. Read
at 12 months: the shares of appropriate and of non-attuned mind-related comments in free play, and
what is claimed of such coaching without a figure, parenting confidence and the infant's saliva
oxytocin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oxysim.families import Family
from oxysim.interventions import Coaching
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

AGE = "6 months"  # published
LAST = "6 months"  # after enrolment; published
AT = "13:00"  # assumed
# Read at the same visit, without a published figure.
SECONDARY = {
    "nonattuned_comments": "nonattuned comments at 12 months",
    "sensitivity": "sensitivity at 12 months",
    "epds": "EPDS at 12 months",
}

PROTOCOL = TrialProtocol(
    name="Coaching in mind-mindedness from 6 to 12 months",
    question="Do coached mothers make more appropriate mind-related comments?",
    infant_age=AGE,
    pool=300,
    endpoints=(
        Endpoint(
            "appropriate_comments",
            LAST,
            primary=True,
            expected="up",
            target="C10",
            name="appropriate comments at 12 months",
        ),
        Endpoint(
            "parenting_confidence",
            LAST,
            expected="up",
            target="E25",
            name="parenting confidence at 12 months",
        ),
        Endpoint(
            "saliva_oxytocin",
            LAST,
            member="infant",
            expected="up",
            target="E26",
            name="infant saliva oxytocin at 12 months",
        ),
        *(Endpoint(instrument, LAST, name=name) for instrument, name in SECONDARY.items()),
    ),
    visits=(Visit(LAST, at="10:00"),),
    # Pairs; assumed.
    block_sizes=(2,),
    design={
        "source": "{C10}",
        "participants": "{n} mothers (published 152)",
        "sample": "{sample}",
        "coaching": (
            f"{{minutes}} every day at {AT} (assumed; published: a smartphone application)"
        ),
    },
    assumptions=(
        (
            "The figure of comments was read by calibration (use = fit): agreement is no"
            " independent evidence."
        ),
        (
            "That confidence and the infant's oxytocin rise is a claim without a figure; when the"
            " saliva would be taken is assumed, at the visit of the comments."
        ),
        (
            "How long mothers used the application is not known: minutes of coaching a day are"
            " assumed, and what a minute teaches is fitted to the outcome."
        ),
        (
            "d is unadjusted, with the standard deviation of the readings within arms: a count out"
            " of about 80 comments, so that measurement error is most of it."
        ),
    ),
)


@said_once
def mind_mindedness_coaching(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 152,
    replications: int = 200,
    minutes: str = "10 min",
    mothers: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
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
    n : mothers in one trial, half in each arm (published 152).
    replications : how many such trials.
    minutes : coaching a day; not found in the publication, assumed.
    mothers : who takes part, when their infant is six months old; default `pool` mothers of the
        `population` (default "community"), followed from birth to then.
    adherence, dropout, blinding : default as planned, none, and no belief in the treatment (all
        assumed).
    pool : how many mothers are simulated in every arm, of whom replications draw; default 300.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm from
        enrolment on; who is enrolled has lived with every edge whole.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "usual care" and "coaching"; at 12 months appropriate comments (C10),
        parenting confidence (E25), the infant's saliva oxytocin (E26), non-attuned comments,
        sensitivity and the EPDS.

    Raises
    ------
    InputError : a small pool; ScheduleError, UnitError : sessions that cannot be.

    >>> from oxysim.families import Dyad
    >>> mothers = Dyad(infant_age="6 months").repeat(2)
    >>> study = mind_mindedness_coaching(n=2, mothers=mothers, replications=2)
    >>> list(study.arms)
    ['usual care', 'coaching']
    """
    # Built before anybody is enrolled, so that a coaching that cannot be is refused at once.
    coaching = Coaching(minutes, at=AT, repeat="daily")
    return run_trial_protocol(
        PROTOCOL,
        Parallel({"usual care": None, "coaching": coaching}),
        Recruitment(mothers, population, pool),
        TrialConduct(n, replications, seed, cut, scale, adherence, dropout, blinding),
        minutes=minutes,
    )
