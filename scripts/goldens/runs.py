"""Simulations of every kind on both engines: a summary of every array, a digest of its bits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import oxysim as ox
from goldens.formats import Files, arrays
from oxysim.interventions import (
    AffectionateTalk,
    AmbientStress,
    Antidepressant,
    Breastfeed,
    Coaching,
    PartnerContact,
    PsychologicalTreatment,
    ReceptorKnockout,
    RemoteVoice,
    Separation,
    SocialSupport,
    StillFace,
    Stressor,
    Weaning,
)

ENGINES = ("scipy", "compiled")
SLOW = (
    "reference, 30 days",
    "symptomatic, 10 days",
    "recovered, 3 days",
    "daily life",
    "treatments",
    "feeding",
    "three dyads",
    "six of a community",
)
"""Cases for which SciPy takes long; the short part computes them with the compiled engine alone."""
Case = tuple[Any, Any, str, Mapping[str, Any]]


def cases() -> dict[str, Case]:
    """By name: who, day, how long, options. Output is sparse: each value hangs on all before it."""
    typical, alone = ox.Routine.typical(), ox.Dyad()
    both = ox.Family(("mother", "father"))
    three = ox.Family(
        parameters={"caregiver.depression.loop_gain": [0.5, 1.0, 2.0]},
        start={"infant.methylation": 55.0},
    )
    people = ox.Population.named("community")
    return {
        "reference, 30 minutes": (alone, ox.Routine.empty(), "30 min", {"save": "1 min"}),
        "reference, a day": (alone, typical, "1 d", {"save": "10 min"}),
        "reference, 30 days": (alone, typical, "30 d", {"save": "12 h"}),
        "symptomatic, 10 days": (ox.Dyad.symptomatic("2 weeks"), typical, "10 d", {"save": "6 h"}),
        "recovered, 3 days": (ox.Dyad.recovered(), typical, "3 d", {"save": "3 h"}),
        "mother, father and infant": (
            both,
            ox.Routine.household(("mother", "father")),
            "1 d",
            {"save": "20 min"},
        ),
        "jitter": (alone, ox.Routine.typical(jitter="20 min"), "3 d", {"save": "1 h", "seed": 5}),
        "daily life": (
            alone,
            typical + ox.DailyLife() + ox.LifeEvents(0.5),
            "5 d",
            {"save": "2 h", "seed": 7},
        ),
        "doses": (alone, _doses(), "12 h", {"save": "10 min"}),
        "contact and talk": (alone, _contact(), "12 h", {"save": "10 min"}),
        "stressors": (alone, _stressors(), "12 h", {"save": "10 min"}),
        "treatments": (ox.Dyad.symptomatic(), _treatments(), "15 d", {"save": "12 h"}),
        "feeding": (ox.Dyad(infant_age="6 months"), _feeding(), "15 d", {"save": "6 h"}),
        "knock-out": (alone, typical + ReceptorKnockout("accumbens"), "1 d", {"save": "30 min"}),
        "cut and scaled edges": (
            ox.Dyad.symptomatic(),
            typical,
            "3 d",
            {"save": "2 h", "cut": "reward -> depression", "scale": {"bond -> depression": 1.5}},
        ),
        "three dyads": (
            three,
            [typical, typical + ox.Crying("10 min", at="10:00"), typical],
            "1 d",
            {"save": "1 h"},
        ),
        "six of a community": (
            people.sample(6, seed=2, infant_age="3 months"),
            typical,
            "1 d",
            {"save": "1 h"},
        ),
        "a fine tolerance": (
            alone,
            typical,
            "6 h",
            {"save": "10 min", "solver": ox.Solver(rtol=1e-9)},
        ),
    }


def _doses() -> Any:
    doses = [
        ox.NasalSpray("24 IU", at="10:00"),
        ox.Placebo(at="12:30"),
        ox.IntravenousBolus("2 IU", at="15:00"),
    ]
    return sum(doses, ox.Routine.typical())


def _contact() -> Any:
    sessions = [
        ox.SkinToSkin("60 min", at="08:30"),
        ox.Massage("15 min", at="10:00"),
        ox.PlaySession("15 min", at="11:00"),
        AffectionateTalk("10 min", at="12:30"),
        PartnerContact("20 min", at="14:00"),
        RemoteVoice("10 min", at="17:00"),
    ]
    return sum(sessions, ox.Routine.typical())


def _stressors() -> Any:
    sessions = [
        ox.Crying("10 min", at="10:45"),
        StillFace("2 min", at="11:30"),
        Separation("30 min", at="14:00"),
        Stressor("15 min", at="17:00", of="caregiver"),
        AmbientStress(0.4),
    ]
    return sum(sessions, ox.Routine.typical())


def _treatments() -> Any:
    treatments = [
        Coaching(),
        PsychologicalTreatment(at="14:00"),
        Antidepressant(),
        SocialSupport(0.5),
    ]
    return sum(treatments, ox.Routine.typical())


def _feeding() -> Any:
    return (
        ox.Routine.typical()
        + Breastfeed("15 min", at="16:00", pulses=True)
        + Weaning("6 months", "8 months")
    )


def outcomes() -> dict[str, Callable[[str], Any]]:
    """Runs that keep outcomes only."""
    keep = [
        "caregiver.epds: daily mean",
        "caregiver.cortisol: maximum",
        "infant.central_oxytocin: area",
    ]
    who = ox.Family(parameters={"caregiver.depression.loop_gain": [1.0, 2.0]})
    day = ox.Routine.typical() + ox.SkinToSkin("60 min daily at 11:00 for 3 d") + ox.DailyLife()
    return {
        "outcomes of a week": lambda engine: ox.outcomes(
            who, day, "1 week", keep, engine=engine, seed=4, progress=False
        )
    }


def collect() -> Files:
    """Every case on every engine, but for the slow ones on SciPy."""
    to_simulate = [
        (name, engine)
        for name in cases()
        for engine in ENGINES
        if engine == "compiled" or name not in SLOW
    ]
    by_run = _simulated(to_simulate)
    for name, run in outcomes().items():
        for engine in ENGINES:
            by_run[f"{name} ({engine})"] = _arrays(run(engine))
    return arrays("runs", by_run)


def collect_slow() -> Files:
    """The slow cases on SciPy."""
    return arrays("runs_long", _simulated([(name, "scipy") for name in SLOW]))


def _simulated(to_simulate: list[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    by_run, by_name = {}, cases()
    for name, engine in to_simulate:
        _tell(f"{name} ({engine})")
        who, day, lasts, options = by_name[name]
        result = ox.simulate(who, day, lasts, engine=engine, progress=False, **options)
        if not result.ok.all():
            raise RuntimeError(f"{name} on {engine}: {result.reasons}")
        by_run[f"{name} ({engine})"] = {**_arrays(result.to_xarray()), **_schedule(result)}
    return by_run


def _arrays(data: Any) -> dict[str, Any]:
    return {str(name): data[name].values for name in sorted(map(str, data.variables))}


def _schedule(result: Any) -> dict[str, Any]:
    plan = result.schedule
    return {f"schedule.{column}": plan[column].to_numpy() for column in plan.columns}


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r    {text:60}")
        sys.stderr.flush()
