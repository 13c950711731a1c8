"""Protocol 4: an hour of skin-to-skin contact a day in the first weeks against usual care.

Healthy mothers and infants born at term; contact begins in the first days and goes on for five
weeks. The mother's EPDS and state anxiety, the infant's cortisol and the bond are read during it,
at its end and weeks afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oxysim import checks, units
from oxysim.families import Family
from oxysim.interventions import SkinToSkin
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

AGE = "2 d"  # of the infants when contact begins; assumed
AT = "11:00"  # assumed
VISITS = ("2 weeks", "5 weeks", "12 weeks")  # after enrolment; assumed
CLOCK = "10:00"  # of the visits, before that day's contact; assumed
ADHERENCE = Adherence(missed=0.1, shortened=0.2)  # assumed: an hour every day is hard to keep

# What is read at every visit: instrument, on whom, and its name in the tables.
READ = (
    ("epds", "caregiver", "EPDS"),
    ("state_anxiety", "caregiver", "state anxiety"),
    ("salivary_cortisol", "infant", "infant salivary cortisol"),
)

PROTOCOL = TrialProtocol(
    name="Daily skin-to-skin contact against usual care",
    question=(
        "Does an hour of skin-to-skin contact a day in the first weeks change mood and stress?"
    ),
    infant_age=AGE,
    pool=300,
    # Both follow from the visits, which the caller may choose.
    endpoints=(),  # as many as there are visits
    visits=(),
    block_sizes=(4, 2),
    attendance_of="skin-to-skin",
    design={
        "participants": "{n} mothers (recalled, not verified)",
        "sample": "{sample}",
        "contact": (
            f"{{minutes}} daily at {AT} for {{lasts}}, from {AGE} after birth (recalled and"
            " assumed)"
        ),
        "sessions": (
            "{attended:.1f} of {planned:.0f} attended, {cut_short:.1f} of them cut short, mean"
            " over the pool"
        ),
    },
    assumptions=(
        (
            "What is published of an hour a day is that the EPDS does not differ (E11), nor between"
            " doses (E12); anxiety, cortisol and later visits are the model's own predictions."
        ),
        "Usual care is the typical day, touch and all, without skin-to-skin contact.",
        (
            "What contact does to mood rests on assumed couplings (reward and bond to depression),"
            " whose gains are fitted to other trials."
        ),
    ),
)


@said_once
def daily_skin_to_skin(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 116,
    replications: int = 200,
    minutes: str = "60 min",
    lasts: str = "5 weeks",
    less: str | None = None,
    visits: Sequence[str] = VISITS,
    mothers: Family | None = None,
    population: Population | None = None,
    entry: Sequence[str] | None = None,
    pool: int | None = None,
    adherence: Adherence = ADHERENCE,
    dropout: Dropout | None = None,
    blinding: Blinded | Open | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the trial and return its effects over replications.

    Parameters
    ----------
    n : mothers in one trial, half in each arm (recalled from a trial of daily contact in healthy
        dyads; not verified).
    replications : how many such trials.
    minutes, lasts : of contact a day, and for how long (recalled).
    less : minutes of contact a day in the other arm ("30 min"), in place of usual care.
    visits : times after enrolment; the last of them within `lasts`, or else the first, is the
        primary one.
    mothers : who takes part, in the first days after birth; default `pool` mothers of the
        `population` (default "community") who meet `entry`.
    adherence : by default a tenth of the sessions is missed and a fifth of the others cut to half
        (assumed).
    dropout, blinding : default none, and no belief in the treatment (assumed).
    pool : how many mothers are simulated in every arm, of whom replications draw; default 300.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm from
        enrolment on; who is enrolled has lived with every edge whole.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "usual care" (or "less skin-to-skin") and "skin-to-skin"; at each visit
        EPDS, state anxiety and the infant's cortisol.

    Raises
    ------
    InputError : a small pool, no visit; ScheduleError, UnitError : contact that cannot be.

    >>> from oxysim.families import Dyad
    >>> study = daily_skin_to_skin(
    ...     n=4, mothers=Dyad(infant_age="2 d").repeat(4), visits=["2 d"], replications=2
    ... )
    >>> study.effects["outcome"].tolist()[0]
    'EPDS after 2 d'
    """
    visits = checks.sequence(
        visits, "visits", checks.name, of=f"times after enrolment such as {VISITS}"
    )
    # Times that cannot be are refused before the contact is built.
    protocol = _with_visits(visits, lasts)
    contact = SkinToSkin(minutes, at=AT, repeat="daily", course=lasts)
    arms: dict[str, Any] = {"usual care": None}
    if less is not None:
        units.duration(less, "less")
        arms = {"less skin-to-skin": SkinToSkin(less, at=AT, repeat="daily", course=lasts)}
    return run_trial_protocol(
        protocol,
        Parallel({**arms, "skin-to-skin": contact}),
        Recruitment(mothers, population, pool, entry),
        TrialConduct(n, replications, seed, cut, scale, adherence, dropout, blinding),
        minutes=minutes,
        lasts=lasts,
    )


def _with_visits(times: Sequence[str], lasts: str) -> TrialProtocol:
    """The protocol with its visits; the EPDS at the last of them within the time of contact, or
    else at the first, is the primary endpoint.
    """
    # An effect is expected while contact goes on, so that its last visit comes first.
    end = units.duration(lasts, "lasts")
    within = [time for time in times if units.duration(time, "visits") <= end]
    primary = within[-1] if within else times[0]

    endpoints = [
        Endpoint(
            instrument,
            time,
            member=member,
            primary=instrument == "epds" and time == primary,
            name=f"{name} after {time}",
        )
        for time in times
        for instrument, member, name in READ
    ]
    return replace(PROTOCOL, endpoints=endpoints, visits=[Visit(time, at=CLOCK) for time in times])
