"""Protocol 10: a stressor, then a quarter of an hour of full contact, of the voice alone by
telephone, or of nothing (Seltzer 2010).

After a social stress task girls of 7-12 years were comforted by their mother in person, by
telephone, or not at all. Voice alone raised oxytocin and lowered cortisol like full contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import PlaySession, RemoteVoice, Separation, Stressor
from oxysim.population import Population
from oxysim.protocols.enrolment import sampled
from oxysim.schedule import Intervention, Routine
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import SOLVER, groups
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.replicated_effects import Expected, effect_row, effect_table, unpaired

STRESSOR_AT = 14 * 60.0  # clock time at which the task begins, minutes
TASK = 15.0  # min; assumed
COMFORT = 15.0  # min; published
# min after the end of the task: seven, at assumed times
SAMPLES = (-15.0, 0.0, 15.0, 30.0, 45.0, 60.0, 75.0)
SIZES = {"contact": 19, "voice": 20, "nothing": 22}  # published
SZ = "SZ1"
OUTCOMES = ("saliva_oxytocin", "urine_oxytocin", "salivary_cortisol")
AWAY = {
    "contact": TASK,
    "voice": 90.0,
    "nothing": 90.0,
}  # min from the begin of the task for which the mother is not there


@said_once
def stressor_and_comfort(  # noqa: PLR0913 - keywords with defaults
    *,
    sizes: Mapping[str, int] = SIZES,
    replications: int = 200,
    intensity: float = 3.0,
    children: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the three kinds of comfort and return the contrasts between them over replications.

    Parameters
    ----------
    sizes : children in each arm of one study; arms are "contact", "voice" and "nothing", or two of
        them.
    replications : how many such studies.
    intensity : of the stressor, above 0 to 10; 1 is an infant's everyday stressor, a social stress
        task is assumed stronger.
    children : who takes part; default `pool` dyads of the `population` (default "community", as the
        scoreboard has it).
    pool : how many dyads are simulated in each arm; replications draw from them. Default 120.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream; another arm changes no draw of those that were there.

    Returns
    -------
    ProtocolReport : arms by comfort; contrasts of the changes in saliva oxytocin (to the end of
        comfort) and in cortisol (mean of the later samples over the end of the task); SZ1 among
        them.

    Raises
    ------
    UnknownNameError : no such arm. InputError : fewer than two arms, sizes below 2, a stressor
        outside its range, a small pool.
    """
    _require_arms(sizes)
    edges = Edges.of(cut, scale)
    who, sample = sampled(
        children, population, pool, usual=120, what="children", seed=seed, infant_age="24 months"
    )
    size = len(who)
    for arm, n in sizes.items():
        # refuses an impossible design before anything is simulated
        groups(size, n, replications, seed, arm=arm)
    task = Stressor(f"{TASK:g} min", at=units.clock_text(STRESSOR_AT), intensity=intensity)
    arms = {arm: _arm(who, task, arm, seed, edges) for arm in sizes}
    readings: dict[str, FloatArray] = {}
    for arm, n in sizes.items():
        taking_part = groups(size, n, replications, seed, arm=arm)
        for name in OUTCOMES:
            times = STRESSOR_AT + TASK + np.array(SAMPLES)
            drawn = taking_part.series(
                arms[arm], name, times, member="infant", seed=seed, visit=arm
            )
            readings[f"{name} | {arm}"] = drawn
    return ProtocolReport(
        name="Comfort after a stressor: contact, voice or nothing",
        question=(
            "Does a mother's voice alone raise a child's oxytocin and lower its cortisol as her"
            " presence does?"
        ),
        design={**_design(sizes, replications, intensity), "sample": sample, **edges.design},
        effects=effect_table(_rows(list(sizes), readings)),
        arms=arms,
        readings=readings,
        assumptions=_ASSUMPTIONS,
    )


def _require_arms(sizes: Mapping[str, int]) -> None:
    if not isinstance(sizes, Mapping) or len(sizes) < 2:
        raise InputError(
            f"sizes: expected at least two arms, such as {dict(SIZES)}; found {sizes!r}"
        )
    for arm in sizes:
        if arm not in SIZES:
            raise unknown_name("arm", arm, SIZES, "in sizes")


def _arm(who: Family, task: Stressor, arm: str, seed: int, edges: Edges) -> Result:
    """The afternoon in the laboratory: three hours of rest (for the urine), the task, the comfort,
    an hour of samples.
    """
    away = Separation(f"{AWAY[arm]:g} min", at=units.clock_text(STRESSOR_AT), distress=0.0)
    schedule = Routine.empty() + task + away
    for one in _comfort(arm):
        schedule = schedule + one
    variables = [
        "infant.saliva_oxytocin",
        "infant.plasma_oxytocin",
        "infant.cortisol",
        "infant.arousal",
    ]
    return simulate(
        who,
        schedule,
        "6 h",
        start="10:00",
        save="5 min",
        variables=variables,
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )


def _comfort(arm: str) -> tuple[Intervention, ...]:
    """What happens for a quarter of an hour after the task."""
    length, at = f"{COMFORT:g} min", units.clock_text(STRESSOR_AT + TASK)
    if arm == "contact":
        return (PlaySession(length, at=at, affection=0.5, stimulation=0.0, talk=0.8, gaze=0.6),)
    return (RemoteVoice(length, at=at),) if arm == "voice" else ()


def _rows(arms: Sequence[str], readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Every pair of arms: by the changes that :func:`change` describes."""
    rows = []
    for reference, contrast in (("nothing", "contact"), ("nothing", "voice"), ("contact", "voice")):
        if reference not in arms or contrast not in arms:
            continue
        for name in OUTCOMES:
            effects = unpaired(
                *(change(readings[f"{name} | {arm}"], name) for arm in (reference, contrast))
            )
            alike = reference == "contact"
            direction: Expected = "down" if name == "salivary_cortisol" else "up"
            judged: Expected = (
                "prediction" if name == "urine_oxytocin" else "similar" if alike else direction
            )
            rows.append(
                effect_row(
                    effects,
                    outcome=f"change in {name.replace('_', ' ')}",
                    contrast=f"{contrast} - {reference}",
                    unit="%" if name == "salivary_cortisol" else "pg/mL",
                    expected=judged,
                    target="" if judged == "prediction" else SZ,
                )
            )
    return rows


def change(drawn: FloatArray, name: str) -> FloatArray:
    """A child's change from the sample before the task (cortisol: from its end), shape
    (replications, n).

    Saliva oxytocin: at the end of comfort. Urine, which collects for hours: at the next sample.
    Cortisol, which lags: from the end of the task to the mean of the three samples after comfort,
    in per cent, because levels differ much.
    """
    end = SAMPLES.index(COMFORT)
    if name == "salivary_cortisol":
        return 100 * (
            drawn[..., end + 1 : end + 4].mean(axis=-1) / drawn[..., SAMPLES.index(0.0)] - 1
        )
    return drawn[..., end if name == "saliva_oxytocin" else end + 1] - drawn[..., 0]


def _design(sizes: Mapping[str, int], replications: int, intensity: float) -> dict[str, str]:
    return {
        "design": f"parallel arms ({target(SZ).source})",
        "participants": ", ".join(f"{n} {arm}" for arm, n in sizes.items())
        + " (published 19, 20, 22)",
        "stressor": f"social stress task of {TASK:g} min, intensity {intensity:g} (assumed)",
        "comfort": f"{COMFORT:g} min (published): touch, voice and gaze; voice by telephone; nothing",
        "samples": f"{len(SAMPLES)} of saliva (published), at "
        + ", ".join(f"{t:g}" for t in SAMPLES)
        + " min from the end of the task (assumed)",
        "replications": f"{replications} studies",
    }


_ASSUMPTIONS = (
    "Girls of 7-12 years are represented by the infant's equations at 24 months: an extrapolation.",
    (
        "That voice alone nearly suffices was built into the saturating release of the infant's"
        " oxytocin (use = built_in)."
    ),
    (
        "The published oxytocin was urinary; the arms are compared by saliva here, and urine is"
        " shown beside it without judgement: it collects over three hours in this model."
    ),
    (
        "Likeness is judged by the 90 % interval of the mean difference over replications, in"
        " standard deviations: no single study of 19 and 20 children could show a likeness so"
        " close."
    ),
    "The children come from an empty day, alone with nobody in particular.",
)
