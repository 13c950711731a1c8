"""Regimes, gains, what holds a regime up, branches, and a rescue, each of one dyad or two."""

from __future__ import annotations

from typing import Any

import oxysim as ox
from goldens.formats import Files, arrays, lines, table

GAIN = "caregiver.depression.loop_gain"
CONTACT = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")}


def collect() -> Files:
    """The rates of a symptomatic dyad's averaged days at its start, and the loop's gain there."""
    system = ox.loop.AveragedSystem(ox.Dyad.symptomatic())
    start = system.start
    at_start = {
        "start": start,
        "rates": system.rates(start),
        "gain": ox.loop.loop_gain(system, start).gain,
    }
    return arrays("averaged_days", {"symptomatic": at_start})


def collect_slow() -> Files:
    """Regimes and gains at them, branches against a parameter, what holds a regime up, a rescue."""
    dyad = ox.Dyad.symptomatic()
    regimes = ox.loop.regimes(dyad, starts=4, seed=1, progress=False)
    reference = ox.loop.regimes(ox.Dyad(), starts=4, seed=1, progress=False)
    diagram = ox.loop.branch(dyad, GAIN, 0.5, 2.2, progress=False)
    holding = ox.loop.hold_up(
        regimes, edges=["reward -> depression", "bond -> depression"], progress=False
    )
    special = [[point.kind, point.p] for point in (*diagram.folds, *diagram.hopfs)]
    rescued = _rescue()
    return {
        "regimes.csv": _frame(regimes.table()),
        "regimes.txt": f"{regimes}\n{reference}\n",
        "regimes_of_the_reference.csv": _frame(reference.table()),
        "gains.csv": _frame(ox.loop.gains_at(regimes)),
        "edge_gains.csv": _frame(ox.loop.edge_gains(ox.loop.AveragedSystem(dyad), regimes[0])),
        "branches.csv": table(diagram.table()),
        "branches.txt": f"{diagram}\n{lines(special)}",
        "hold_up.txt": f"{holding}\n",
        "rescue.txt": f"{rescued.report()}\n",
        **arrays("rescue", {"contact": _courses(rescued)}),
    }


def _frame(frame: Any) -> str:
    return table(frame.reset_index())


def _rescue() -> Any:
    doses = {
        "skin_to_skin.minutes": ["30 min", "120 min"],
        "skin_to_skin.course": ["1 weeks", "5 weeks"],
    }
    question = ox.loop.Rescue(ox.Dyad.symptomatic("2 weeks"), doses, CONTACT, followed="6 weeks")
    return question.run(progress=False, workers=1)


def _courses(rescued: Any) -> dict[str, Any]:
    return {
        name: getattr(rescued, name).values for name in ("at_end", "rescued", "fate", "wavering")
    }
