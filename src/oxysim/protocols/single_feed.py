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
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import Breastfeed
from oxysim.population import Population
from oxysim.protocols.enrolment import sampled
from oxysim.schedule import Routine
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.statistics.pharmacokinetics import count_pulses
from oxysim.trials.participant_groups import SOLVER, groups
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.replicated_effects import (
    effect_row,
    effect_table,
    figure_row,
    figure_table,
    paired,
)

FEED_AT = 10 * 60.0  # clock time at which suckling begins, minutes
EARLY = 10.0  # minutes of the feed over which pulses are counted
# pg/mL by which a pulse stands out; far above the solver's error, below any pulse
LEAST_PULSE = 0.1
BEFORE = -12.0  # min after the feed's begin, ahead of any anticipation (3 to 10 min)
# min after the begin: the last sample before it, and within it
MOMENTS = {"anticipation": -10 / 60, "feed": 10.0}


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
    """
    feed = Breastfeed(
        "20 min", at=units.clock_text(FEED_AT), pulses=True, pulse=pulse, before=anticipation
    )
    edges = Edges.of(cut, scale)
    who, sample = sampled(
        mothers, population, pool, usual=60, what="mothers", seed=seed, infant_age="4 d"
    )
    taking_part = groups(len(who), n, replications, seed)
    if "mother" not in who.role_of:
        raise InputError(
            f"mothers: expected families with a mother; found caregivers {who.caregivers!r}"
        )
    variables = ["caregiver.plasma_oxytocin"]
    schedule = Routine.empty() + feed
    result = simulate(
        who,
        schedule,
        "65 min",
        start="09:30",
        save="10 s",
        variables=variables,
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )
    plasma = result["caregiver.plasma_oxytocin"]
    early = plasma.sel(time=slice(FEED_AT - 1, FEED_AT + EARLY)).values
    pulses = count_pulses(early, LEAST_PULSE)[taking_part.position]
    size = _pulse_size(result)[taking_part.position]
    times = FEED_AT + np.array([BEFORE, *MOMENTS.values()])
    drawn = taking_part.series(result, "plasma_oxytocin", times, seed=seed)
    rows = [
        effect_row(
            paired(drawn[..., 0], drawn[..., k]),
            outcome="plasma oxytocin",
            contrast=f"{moment} - before",
            unit="pg/mL",
            expected="up",
        )
        for k, moment in enumerate(MOMENTS, start=1)
    ]
    figures = [
        figure_row(pulses.mean(axis=1), n=n, target="C16"),
        figure_row(size.mean(axis=1), n=n, quantity="height of the first pulse", unit="pg/mL"),
    ]
    return ProtocolReport(
        name="One feed at the breast, every ten seconds",
        question="How does plasma oxytocin run through a feed?",
        design={**_design(n, replications, pulse, anticipation), "sample": sample, **edges.design},
        effects=effect_table(rows),
        arms={"feed": result},
        readings={"pulses in 10 min | feed": pulses.astype(float), "plasma | feed": drawn},
        assumptions=_ASSUMPTIONS,
        figures=figure_table(figures),
    )


def _pulse_size(result: Result) -> FloatArray:
    """The height of the first pulse over the level at the begin of suckling, by mother."""
    name = "caregiver.plasma_oxytocin"
    highest = result.peak(name, FEED_AT, FEED_AT + 2).values
    return np.asarray(highest - result.values_at(name, np.array([FEED_AT]))[:, 0])


def _design(n: int, replications: int, pulse: str, anticipation: str) -> dict[str, str]:
    return {
        "design": (
            f"one feed of 20 min, all women alike ({target('C16').source}; McNeilly 1983 BMJ"
            " 286:257)"
        ),
        "participants": f"{n} lactating women (McNeilly 1983), infants of 4 days (assumed)",
        "pulses": (
            f"one every 2 min in the first 10 min, then every 4 min, {pulse} long each (assumed)"
        ),
        "anticipation": f"{anticipation} before suckling (published 3-10 min)",
        "samples": (
            "every 10 s for the count; 12 min and 10 s before, and 10 min into the feed (assumed)"
        ),
        "replications": f"{replications} studies of n = {n}",
    }


_ASSUMPTIONS = (
    (
        "The rhythm of the pulses is an input of the schedule (use = input): what is tested is that"
        " plasma, which loses half of its oxytocin in about four minutes, still shows them apart."
    ),
    "Pulses are counted on the simulated curve without assay error.",
    (
        "A pulse here is full suckling for its length, so a pulsatile feed releases less than a"
        " smooth one, and pulses are smaller than the 5-30 pg/mL that is recalled from the"
        " literature."
    ),
)
