"""Protocol 4: an hour of skin-to-skin contact a day in the first weeks against usual care.

Healthy mothers and infants born at term; contact begins in the first days and goes on for five
weeks. The mother's EPDS and state anxiety, the infant's cortisol and the bond are read during it,
at its end and weeks afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oxysim import checks, units
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.interventions import SkinToSkin
from oxysim.population import Population
from oxysim.protocols.enrolment import enrolled, require_trial
from oxysim.simulation.results.plausibility import said_once
from oxysim.trials.plan.adherence_and_blinding import Adherence, Blinded, Open
from oxysim.trials.plan.allocation import Blocked
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.trial import Trial

AGE = "2 d"  # of the infants when contact begins; assumed
AT = "11:00"  # assumed
VISITS = ("2 weeks", "5 weeks", "12 weeks")  # after enrolment; assumed
CLOCK = "10:00"  # of the visits, before that day's contact; assumed
ADHERENCE = Adherence(missed=0.1, shortened=0.2)  # assumed: an hour every day is hard to keep
CAREGIVER, INFANT = ("epds", "state_anxiety"), ("salivary_cortisol",)


@said_once
def daily_skin_to_skin(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 116,
    replications: int = 200,
    minutes: str = "60 min",
    lasts: str = "5 weeks",
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
    ProtocolReport : arms "usual care" and "skin-to-skin"; at each visit EPDS, state anxiety and the
        infant's cortisol.

    Raises
    ------
    InputError : a small pool, no visit; ScheduleError, UnitError : contact that cannot be.
    """
    visits = checks.sequence(
        visits, "visits", checks.name, of=f"times after enrolment such as {VISITS}"
    )
    within = [
        time for time in visits if units.duration(time, "visits") <= units.duration(lasts, "lasts")
    ]
    contact = SkinToSkin(minutes, at=AT, repeat="daily", course=lasts)
    edges = Edges.of(cut, scale)
    require_trial(replications, adherence, dropout, blinding)
    pool_of = enrolled(mothers, population, pool, usual=300, n=n, at=AGE, seed=seed, wanted=entry)
    first = (within or list(visits))[-1 if within else 0]
    trial = Trial(
        pool_of.who,
        Parallel({"usual care": None, "skin-to-skin": contact}),
        _endpoints(visits, first),
        visits=[Visit(time, at=CLOCK) for time in visits],
        day=pool_of.day,
        allocation=Blocked(4 if n % 4 == 0 else 2),
        adherence=adherence,
        dropout=dropout or Dropout(),
        blinding=blinding,
        selection=pool_of.selection,
        life=seed,
        scale=edges.multipliers,
    )
    found = trial.run(n, replications, seed)
    attended = found.sessions().loc["skin-to-skin"]
    return found.study(
        "Daily skin-to-skin contact against usual care",
        "Does an hour of skin-to-skin contact a day in the first weeks change mood and stress?",
        _ASSUMPTIONS,
        design={
            "participants": f"{n} mothers (recalled, not verified)",
            "sample": pool_of.words,
            "contact": (
                f"{minutes} daily at {AT} for {lasts}, from {AGE} after birth (recalled and"
                " assumed)"
            ),
            "sessions": (
                "{attended:.1f} of {planned:.0f} attended, {cut_short:.1f} of them cut short, mean"
                " over the pool".format(**attended)
            ),
            **edges.design,
        },
    )


def _endpoints(visits: Sequence[str], first: str) -> list[Endpoint]:
    found = []
    for time in visits:
        for name in CAREGIVER:
            found.append(
                Endpoint(
                    name, time, primary=name == "epds" and time == first, name=_name(name, time)
                )
            )
        found += [
            Endpoint(name, time, member="infant", name=_name(f"infant {name}", time))
            for name in INFANT
        ]
    return found


def _name(what: str, time: str) -> str:
    return f"{what.replace('_', ' ').replace('epds', 'EPDS')} after {time}"


_ASSUMPTIONS = (
    (
        "No published figure stands beside this protocol here: its effects are the model's own"
        " predictions."
    ),
    "Usual care is the typical day, touch and all, without skin-to-skin contact.",
    (
        "What contact does to mood rests on assumed couplings (reward and bond to depression),"
        " whose gains are fitted to other trials."
    ),
)
