"""Protocol 2: a single nasal spray and mind-mindedness, crossover (study 2 of Lindley Baron-Cohen
2024).

Mothers of infants of 3 to 9 months come twice, in balanced order, once for oxytocin and once for
placebo, and play with their infant; mind-related comments are counted. Published: no effect on
appropriate comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oxysim import units
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import NasalSpray, Placebo, PlaySession
from oxysim.population import Population
from oxysim.protocols.enrolment import enrolled
from oxysim.simulation.results.plausibility import said_once
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.plan.visits import Visit
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.trial import Trial

SPRAY_AT = 10 * 60.0  # clock time, minutes; assumed
PLAY = "15 min"  # assumed
AGES = ("3 months", "9 months")  # published
PLAYED = "play"


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
    """
    wait = units.duration(delay, "delay")
    if wait > 6 * units.HOUR:
        raise InputError(f"delay: expected at most 6 h between spray and play; found {delay!r}")
    edges = Edges.of(cut, scale)
    pool_of = enrolled(mothers, population, pool, usual=310, n=n, at=AGES, seed=seed)
    trial = Trial(
        pool_of.who,
        _design_of(dose, wait, washout),
        [
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
        ],
        visits=[
            Visit("0 d", at=units.clock_text(SPRAY_AT + wait + units.duration(PLAY)), name=PLAYED)
        ],
        day=pool_of.day,
        life=seed,
        scale=edges.multipliers,
    )
    return trial.run(n, replications, seed).study(
        "Nasal spray and mind-mindedness, crossover",
        "Does a single dose change how a mother speaks of her infant's mind?",
        _ASSUMPTIONS,
        design={
            "source": target("H2").source,
            "participants": (
                f"{n} mothers (published 62), infants of {AGES[0]} to {AGES[1]} (published)"
            ),
            "sample": pool_of.words,
            "dose": (
                f"{dose}, {delay} before {PLAY} of play, {washout} between sessions (not found,"
                " assumed)"
            ),
            **edges.design,
        },
    )


def _design_of(dose: str, wait: float, washout: str) -> Crossover:
    spray_at = units.clock_text(SPRAY_AT)
    play = PlaySession(PLAY, at=units.clock_text(SPRAY_AT + wait))
    arms = {
        "placebo": Placebo(at=spray_at) + play,
        "oxytocin": NasalSpray(dose, at=spray_at) + play,
    }
    length = SPRAY_AT + wait + units.duration(PLAY) - 8 * units.HOUR
    return Crossover(arms, period=f"{length:g} min", washout=washout)


_ASSUMPTIONS = (
    (
        "That an acute dose leaves mind-mindedness alone was built into the mechanisms (use ="
        " built_in): agreement is a regression test, not evidence."
    ),
    (
        "It is no contradiction that infant oxytocin and appropriate comments go together across"
        " dyads (C11): that coupling works over weeks."
    ),
    (
        "Mothers with and without depression stand in the sample as they do in the community; the"
        " published sample held cases and controls."
    ),
    (
        "The two sequences are simulated as they are lived, washout included; carry-over beyond a"
        " twentieth of an effect is warned of."
    ),
)
