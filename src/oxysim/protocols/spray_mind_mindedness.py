"""Protocol 2: a single nasal spray and mind-mindedness, crossover (study 2 of Lindley Baron-Cohen
2024).

Mothers of infants of 3 to 9 months come twice, in balanced order, once for oxytocin and once for
placebo, and play with their infant; mind-related comments are counted. Published: no effect on
appropriate comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from oxysim import units
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.interventions import NasalSpray, Placebo, PlaySession
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.trial_protocol import TrialConduct, TrialProtocol, run_trial_protocol
from oxysim.simulation.plausibility import said_once
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.protocol_report import ProtocolReport

SPRAY_AT = 10 * 60.0  # clock time, minutes; assumed
PLAY = "15 min"  # assumed
AGES = ("3 months", "9 months")  # published
PLAYED = "play"

PROTOCOL = TrialProtocol(
    name="Nasal spray and mind-mindedness, crossover",
    question="Does a single dose change how a mother speaks of her infant's mind?",
    infant_age=AGES,
    pool=310,
    endpoints=(
        Endpoint(
            "appropriate_comments",
            PLAYED,
            over=PLAY,
            primary=True,
            expected="none",
            target="H2",
            name="appropriate mind-related comments",
        ),
        Endpoint(
            "nonattuned_comments", PLAYED, over=PLAY, name="non-attuned mind-related comments"
        ),
        Endpoint("sensitivity", PLAYED, over=PLAY, name="sensitivity"),
        Endpoint("warmth", PLAYED, over=PLAY, name="warmth"),
    ),
    visits=(),  # one, at the end of play, whose hour depends on the delay
    design={
        "source": "{H2}",
        "participants": (
            f"{{n}} mothers (published 62), infants of {AGES[0]} to {AGES[1]} (published)"
        ),
        "sample": "{sample}",
        "dose": (
            f"{{dose}}, {{delay}} before {PLAY} of play, {{washout}} between sessions (not found,"
            " assumed)"
        ),
    },
    assumptions=(
        (
            "That an acute dose leaves mind-mindedness alone was built into the mechanisms (use ="
            " built_in): agreement is a regression test, not evidence."
        ),
        (
            "It is no contradiction that infant oxytocin and appropriate comments go together"
            " across dyads (C11): that coupling works over weeks."
        ),
        (
            "Mothers with and without depression stand in the sample as they do in the community;"
            " the published sample held cases and controls."
        ),
        (
            "The two sequences are simulated as they are lived, washout included; carry-over"
            " beyond a twentieth of an effect is warned of."
        ),
    ),
)


@said_once
def spray_mind_mindedness(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 62,
    replications: int = 200,
    dose: str = "24 IU",
    delay: str = "45 min",
    washout: str = "7 d",
    mothers: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the crossover and return its effects over replications.

    Parameters
    ----------
    n : mothers in one trial (published 62).
    replications : how many such trials.
    dose, delay, washout : of the spray, from the spray to play, and between sessions; not found in
        the publication, assumed.
    mothers : who takes part; default `pool` mothers of the `population` (default "community"), at
        their own set points.
    pool : how many mothers are simulated in every arm, of whom replications draw; default 310.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`: in every arm from
        enrolment on; who is enrolled has lived with every edge whole.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms are the two sequences; effects within mothers, oxytocin less placebo,
        adjusted for the period (H2).

    Raises
    ------
    InputError : a small pool, others than mothers, a delay above 6 h; UnitError : a dose or time
    that cannot be.

    >>> study = spray_mind_mindedness(n=2, pool=2, replications=2)
    >>> list(study.arms)
    ['placebo, then oxytocin', 'oxytocin, then placebo']
    """
    wait = units.duration(delay, "delay")
    if wait > 6 * units.HOUR:
        raise InputError(f"delay: expected at most 6 h between spray and play; found {delay!r}")

    # The comments are counted over the whole of play, so the visit is at its end.
    end_of_play = units.clock_text(SPRAY_AT + wait + units.duration(PLAY))
    protocol = replace(PROTOCOL, visits=(Visit("0 d", at=end_of_play, name=PLAYED),))
    return run_trial_protocol(
        protocol,
        _crossover(dose, wait, washout),
        Recruitment(mothers, population, pool),
        TrialConduct(n, replications, seed, cut, scale),
        dose=dose,
        delay=delay,
        washout=washout,
    )


def _crossover(dose: str, wait: float, washout: str) -> Crossover:
    """Both sessions, the spray and then play, in balanced order."""
    # Both arms play, so that the contrast is that of the spray alone.
    spray_at = units.clock_text(SPRAY_AT)
    play = PlaySession(PLAY, at=units.clock_text(SPRAY_AT + wait))
    arms = {
        "placebo": Placebo(at=spray_at) + play,
        "oxytocin": NasalSpray(dose, at=spray_at) + play,
    }

    # A session begins at 08:00, where a trial's day does, and ends with play.
    length = SPRAY_AT + wait + units.duration(PLAY) - 8 * units.HOUR
    return Crossover(arms, period=f"{length:g} min", washout=washout)
