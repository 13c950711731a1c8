"""Protocol 13: one feed at the breast at a resolution of ten seconds: pulses, and the rise before
suckling begins.

Milk ejection is pulsatile early in a feed, five pulses in ten minutes (Uvnäs-Moberg 2020), and
oxytocin begins to rise before the infant sucks (McNeilly 1983: 10 of 10 women).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.interventions import Breastfeed
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.statistics.pharmacokinetics import count_pulses
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row

FEED_AT = 10 * 60.0  # clock time at which suckling begins, minutes
EARLY = 10.0  # minutes of the feed over which pulses are counted

# pg/mL by which a pulse stands out; far above the solver's error, below any pulse
LEAST_PULSE = 0.1
BEFORE = -12.0  # min after the feed's begin, ahead of any anticipation (3 to 10 min)

# min after the begin: the last sample before it, and within it
MOMENTS = {"anticipation": -10 / 60, "feed": 10.0}
PLASMA = "caregiver.plasma_oxytocin"

PROTOCOL = SessionProtocol(
    name="One feed at the breast, every ten seconds",
    question="How does plasma oxytocin run through a feed?",
    participants=Participants("mothers", pool=60, infant_age="4 d"),
    # Every ten seconds: three samples of a pulse of the usual length.
    recording=Recording("09:30", "65 min", "10 s", (PLASMA,)),
    design={
        "design": "one feed of 20 min, all women alike ({C16}; McNeilly 1983 BMJ 286:257)",
        "participants": "{n} lactating women (McNeilly 1983), infants of 4 days (assumed)",
        "pulses": (
            "one every 2 min in the first 10 min, then every 4 min, {pulse} long each (assumed)"
        ),
        "anticipation": "{anticipation} before suckling (published 3-10 min)",
        "samples": (
            "every 10 s for the count; 12 min and 10 s before, and 10 min into the feed (assumed)"
        ),
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        (
            "The rhythm of the pulses is an input of the schedule (use = input): what is tested is"
            " that plasma, which loses half of its oxytocin in about four minutes, still shows"
            " them apart."
        ),
        "Pulses are counted on the simulated curve without assay error.",
        (
            "A pulse here is full suckling for its length, so a pulsatile feed releases less than a"
            " smooth one, and pulses are smaller than the 5-30 pg/mL that is recalled from the"
            " literature."
        ),
    ),
)


@said_once
def single_feed(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 10,
    replications: int = 200,
    pulse: str = "30 s",
    anticipation: str = "5 min",
    mothers: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate one pulsatile feed and return the count of pulses and the rises over replications.

    Parameters
    ----------
    n : lactating women in one study.
    replications : how many such studies.
    pulse : length of one pulse of release, 10 to 45 s.
    anticipation : how long before suckling oxytocin begins to rise, 3 to 10 min.
    mothers : who takes part; default `pool` mothers of infants of 4 days of the `population`
        (default "community", as the scoreboard has it).
    pool : how many mothers are simulated; replications draw from them. Default 60.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arm "feed", saved every 10 s; figure C16 (mean pulses in the first 10 min) and
        the size of a pulse; effects of the anticipatory rise and of the feed on plasma readings.

    Raises
    ------
    UnitError, ScheduleError : lengths without units or outside their limits. InputError : a pool
    below n.

    >>> study = single_feed(n=2, pool=2, replications=2)
    >>> study.readings["pulses in 10 min | feed"].shape
    (2, 2)
    """
    feed = Breastfeed(
        "20 min", at=units.clock_text(FEED_AT), pulses=True, pulse=pulse, before=anticipation
    )
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(mothers, population, pool), edges=edges, seed=seed)
    taking_part = session.draw(n, replications)
    _require_mother(session.families)
    result = session.simulate(feed)

    # Pulses are counted and measured on the simulated curve; the rises are read by an assay.
    pulses = _early_pulses(result)[taking_part.position]
    height = _pulse_height(result)[taking_part.position]
    # Before, in anticipation, and in the feed: one visit, whose samples share its error.
    times = FEED_AT + np.array([BEFORE, *MOMENTS.values()])
    readings = taking_part.series(result, "plasma_oxytocin", times, seed=seed)
    return PROTOCOL.report(
        edges=edges,
        arms={"feed": result},
        readings={"pulses in 10 min | feed": pulses.astype(float), "plasma | feed": readings},
        effects=_rises(readings),
        figures=[
            figure_row(pulses.mean(axis=1), n=n, target="C16"),
            figure_row(
                height.mean(axis=1), n=n, quantity="height of the first pulse", unit="pg/mL"
            ),
        ],
        n=n,
        replications=replications,
        pulse=pulse,
        anticipation=anticipation,
        sample=session.sample,
    )


def _require_mother(families: Family) -> None:
    """Raise unless somebody can feed."""
    if "mother" not in families.role_of:
        raise InputError(
            f"mothers: expected families with a mother; found caregivers {families.caregivers!r}"
        )


def _rises(plasma: FloatArray) -> list[dict[str, Any]]:
    """Plasma in anticipation and in the feed against before both."""
    return [
        effect_row(
            paired(plasma[..., 0], plasma[..., k]),
            outcome="plasma oxytocin",
            contrast=f"{moment} - before",
            unit="pg/mL",
            expected="up",
        )
        for k, moment in enumerate(MOMENTS, start=1)
    ]


def _early_pulses(result: Result) -> IntArray:
    """How many pulses stand out early in the feed, by mother."""
    # from a minute before, so that a pulse at the very begin has its foot inside
    early = result[PLASMA].sel(time=slice(FEED_AT - 1, FEED_AT + EARLY))
    return count_pulses(early.values, LEAST_PULSE)


def _pulse_height(result: Result) -> FloatArray:
    """The height of the first pulse over the level at the begin of suckling, by mother."""
    # The first pulse of a feed begins with it and is over within two minutes.
    highest = result.peak(PLASMA, FEED_AT, FEED_AT + 2).values
    return np.asarray(highest - result.values_at(PLASMA, np.array([FEED_AT]))[:, 0])
