"""Protocol 11: kinetics of a nasal spray in adults at rest: plasma, lumbar CSF and saliva for seven
hours.

Three published samples are joined: saliva after 24 IU (Weisman 2012, n = 10), saliva at 7 h after
16 or 24 IU or placebo (van IJzendoorn 2012, 18 / 10 / 18 women), plasma and lumbar CSF after 24 IU
(Striepens 2013, n = 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import NasalSpray, Placebo
from oxysim.population import Population
from oxysim.protocols.enrolment import sampled
from oxysim.schedule import Routine
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.statistics.pharmacokinetics import time_of_peak, time_of_smooth_peak, time_to_half_rise
from oxysim.trials.participant_groups import SOLVER, groups
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.replicated_effects import (
    effect_row,
    effect_table,
    figure_row,
    figure_table,
    unpaired,
)

SPRAY_AT = 9 * 60.0  # clock time of the spray, minutes
PLACEBO = "placebo"
SALIVA_24 = {"C7a": -15.0, "C7b": 15.0, "C7c": 45.0, "C7d": 120.0}  # min after the spray
LATE = 7 * 60.0  # min after the spray
FLUID_SAMPLES = (
    -5.0,
    5.0,
    10.0,
    15.0,
    20.0,
    30.0,
    45.0,
    60.0,
    75.0,
    90.0,
    120.0,
    150.0,
    180.0,
    240.0,
    300.0,
)  # min; assumed
N_LATE = {"16 IU": 18, PLACEBO: 18}  # the other doses: 10 (van IJzendoorn 2012)
N_LATE_OTHER = 10


@said_once
def spray_kinetics(  # noqa: PLR0913 - keywords with defaults
    *,
    doses: Sequence[str] = ("24 IU", "16 IU"),
    n_saliva: int = 10,
    n_fluids: int = 11,
    replications: int = 200,
    adults: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the doses and placebo and return the kinetic figures over replications.

    Parameters
    ----------
    doses : the doses given beside placebo, each with its unit; the published figures belong to 24
        and 16 IU.
    n_saliva, n_fluids : adults who give saliva for two hours, and plasma and CSF (published 10 and
        11).
    replications : how many such studies.
    adults : who takes part; default `pool` adults of the `population` (default "community", as the
        scoreboard has it).
    pool : how many adults are simulated in each arm; replications draw from them. Default 120.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream; another dose changes no draw of those that were there.

    Returns
    -------
    ProtocolReport : arms by dose, and "placebo"; figures C7a-e, C13, C14 for 24 IU (C7e for 16 IU
        too) and the model's other times.

    Raises
    ------
    UnitError, ScheduleError : a dose without its unit, or an absurd one. InputError : no or
        repeated doses, a pool below n.
    """
    given = _sprays(doses)
    edges = Edges.of(cut, scale)
    who, sample = sampled(
        adults, population, pool, usual=120, what="adults", seed=seed, caregivers=("other",)
    )
    for n in (n_saliva, n_fluids, *N_LATE.values()):
        # refuses impossible designs before anything is simulated
        groups(len(who), n, replications, seed)
    arms = {arm: _arm(who, spray, seed, edges) for arm, spray in given.items()}
    readings: dict[str, FloatArray] = {}
    figures: list[dict[str, Any]] = []
    for arm in given:
        if arm != PLACEBO:
            figures += _saliva(arms[arm], arm, (n_saliva, replications, seed), readings)
            figures += _fluids(arms[arm], arm, (n_fluids, replications, seed), readings)
    late, effects = _late(arms, replications, seed, readings)
    return ProtocolReport(
        name="Kinetics of a nasal spray in adults at rest",
        question="What do saliva, plasma and lumbar CSF read after a spray, and for how long?",
        design={
            **_design(doses, n_saliva, n_fluids, replications),
            "sample": sample,
            **edges.design,
        },
        effects=effect_table(effects),
        arms=arms,
        readings=readings,
        assumptions=_ASSUMPTIONS,
        figures=figure_table(figures + late),
    )


def _sprays(doses: Sequence[str]) -> dict[str, NasalSpray | Placebo]:
    """The arms' interventions by name; the name of a dose is its text in IU."""
    doses = checks.sequence(
        doses, "doses", lambda dose, _: dose, of="doses such as ('24 IU', '16 IU')"
    )
    at = units.clock_text(SPRAY_AT)
    sprays = [NasalSpray(dose, at=at) for dose in doses]
    names = [f"{spray.international_units:g} IU" for spray in sprays]
    if len(set(names)) < len(names):
        raise InputError(f"doses: expected different doses; found {list(doses)!r}")
    return {**dict(zip(names, sprays, strict=True)), PLACEBO: Placebo(at=at)}


def _arm(who: Family, spray: NasalSpray | Placebo, seed: int, edges: Edges) -> Result:
    variables = [f"caregiver.{fluid}_oxytocin" for fluid in ("plasma", "central", "csf", "saliva")]
    length = f"{30 + LATE:g} min"
    return simulate(
        who,
        Routine.empty() + spray,
        length,
        start="08:30",
        save="5 min",
        variables=variables,
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )


def _saliva(
    result: Result, arm: str, size: tuple[int, int, int], readings: dict[str, FloatArray]
) -> list[dict[str, Any]]:
    """Mean saliva of each replication before the spray and over two hours."""
    n, replications, seed = size
    taking_part = groups(result.dataset.sizes["dyad"], n, replications, seed, arm=f"saliva {arm}")
    drawn = taking_part.series(
        result,
        "saliva_oxytocin",
        SPRAY_AT + np.array([*SALIVA_24.values()]),
        seed=seed,
        visit=f"saliva {arm}",
    )
    readings[f"saliva | {arm}"] = drawn
    means = drawn.mean(axis=1)
    return [
        figure_row(
            means[:, k],
            n=n,
            quantity=_moment("saliva oxytocin", minutes, arm),
            unit="pg/mL",
            target=name if arm == "24 IU" else "",
        )
        for k, (name, minutes) in enumerate(SALIVA_24.items())
    ]


def _fluids(
    result: Result, arm: str, size: tuple[int, int, int], readings: dict[str, FloatArray]
) -> list[dict[str, Any]]:
    """When plasma, CSF and the brain's own signal peak, from each replication's mean curve."""
    n, replications, seed = size
    taking_part = groups(result.dataset.sizes["dyad"], n, replications, seed, arm=f"fluids {arm}")
    times = np.array(FLUID_SAMPLES)
    curves: Mapping[str, FloatArray] = {
        name: taking_part.series(
            result, f"{name}_oxytocin", SPRAY_AT + times, seed=seed, visit=f"fluids {arm}"
        )
        for name in ("plasma", "csf")
    }
    readings |= {f"{name} | {arm}": drawn for name, drawn in curves.items()}
    plasma, csf = (drawn.mean(axis=1) for drawn in curves.values())
    rise = plasma - plasma[:, :1]
    left = rise[:, FLUID_SAMPLES.index(90.0)] / rise.max(axis=1)
    every_minute = np.arange(0.0, LATE + 1)
    central = result.values_at("caregiver.central_oxytocin", SPRAY_AT + every_minute)
    brain = central[taking_part.position].mean(axis=1)
    is_24 = arm == "24 IU"
    return [
        figure_row(
            time_of_peak(times, plasma),
            n=n,
            quantity=f"plasma peaks, {arm}",
            unit="min",
            target="C13" if is_24 else "",
        ),
        figure_row(
            left, n=n, quantity=f"plasma rise left at 90 min over its peak, {arm}", unit="ratio"
        ),
        figure_row(
            time_to_half_rise(times, csf),
            n=n,
            quantity=f"lumbar CSF at half of its rise, {arm}",
            unit="min",
            target="C14" if is_24 else "",
        ),
        figure_row(
            time_of_smooth_peak(every_minute, brain),
            n=n,
            quantity=f"brain signal peaks, {arm}",
            unit="min",
        ),
    ]


def _late(
    arms: Mapping[str, Result], replications: int, seed: int, readings: dict[str, FloatArray]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Saliva at 7 h in parallel arms: the ratio of means to placebo, and the contrasts."""
    drawn = {}
    for arm, result in arms.items():
        n = N_LATE.get(arm, N_LATE_OTHER)
        taking_part = groups(result.dataset.sizes["dyad"], n, replications, seed, arm=f"late {arm}")
        drawn[arm] = taking_part.series(
            result, "saliva_oxytocin", [SPRAY_AT + LATE], seed=seed, visit=f"late {arm}"
        )[..., 0]
        readings[f"saliva at 7 h | {arm}"] = drawn[arm]
    figures, effects = [], []
    for arm in (arm for arm in arms if arm != PLACEBO):
        ratio = drawn[arm].mean(axis=1) / drawn[PLACEBO].mean(axis=1)
        number = drawn[arm].shape[1] + drawn[PLACEBO].shape[1]
        answered = "C7e" if arm in ("16 IU", "24 IU") else ""
        quantity = f"saliva at 7 h over placebo, {arm}"
        figures.append(
            figure_row(ratio, n=number, quantity=quantity, unit="ratio", target=answered)
        )
    if "16 IU" in arms and "24 IU" in arms:
        effects.append(
            effect_row(
                unpaired(drawn["16 IU"], drawn["24 IU"]),
                outcome="saliva at 7 h",
                contrast="24 IU - 16 IU",
                unit="pg/mL",
                expected="none",
            )
        )
    return figures, effects


def _moment(what: str, minutes: float, arm: str) -> str:
    return f"{what} before {arm}" if minutes < 0 else f"{what} {minutes:g} min after {arm}"


def _design(
    doses: Sequence[str], n_saliva: int, n_fluids: int, replications: int
) -> dict[str, str]:
    return {
        "doses": ", ".join(doses) + " or placebo, one administration",
        "saliva": f"{n_saliva} adults, before and 15, 45, 120 min after ({target('C7a').source})",
        "plasma and lumbar CSF": (
            f"{n_fluids} adults ({target('C13').source}); sampling times to 5 h (assumed)"
        ),
        "saliva at 7 h": (
            f"{N_LATE['16 IU']} women with 16 IU, {N_LATE_OTHER} with another dose, "
            f"{N_LATE[PLACEBO]} with placebo ({target('C7e').source})"
        ),
        "setting": "at rest, without an infant (assumed)",
        "replications": f"{replications} studies",
    }


_ASSUMPTIONS = (
    "The figures were read by calibration (use = fit): agreement is no independent evidence.",
    (
        "After a spray saliva reads the drug that drips from the nose, not what circulates (Martins"
        " 2020)."
    ),
    (
        "The brain signal is the state itself, without measurement error; that it follows a spray"
        " at all is contested (brain_fraction may be 0)."
    ),
    (
        "Plasma is thought to be back by 90 min (Gossen 2012, after 26 IU); no interval is"
        " published, so that row is not judged."
    ),
    "Adults without an infant are the caregiver's equations on an empty day.",
)
