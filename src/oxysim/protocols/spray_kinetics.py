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
from oxysim.families.cut_edges import EdgeChanges
from oxysim.interventions import NasalSpray, Placebo
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.statistics.pharmacokinetics import time_of_peak, time_of_smooth_peak, time_to_half_rise
from oxysim.trials.participant_groups import Groups
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import unpaired
from oxysim.trials.reporting.table_of_effects import effect_row

SPRAY_AT = 9 * 60.0  # clock time of the spray, minutes
PLACEBO = "placebo"
# Each finding is a mean of one of these samples.
SALIVA_24 = {"C7a": -15.0, "C7b": 15.0, "C7c": 45.0, "C7d": 120.0}  # min after the spray
LATE = 7 * 60.0  # min after the spray
FLUID_SAMPLES = (
    -5.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0, 120.0, 150.0, 180.0, 240.0, 300.0,
)  # fmt: skip
"""When plasma and CSF are sampled, min after the spray; assumed."""

# The published groups at 7 h are of different size.
N_LATE = {"16 IU": 18, PLACEBO: 18}  # the other doses: 10 (van IJzendoorn 2012)
N_LATE_OTHER = 10

PROTOCOL = SessionProtocol(
    name="Kinetics of a nasal spray in adults at rest",
    question="What do saliva, plasma and lumbar CSF read after a spray, and for how long?",
    participants=Participants("adults", pool=120, caregivers=("other",)),
    recording=Recording(
        "08:30",
        f"{30 + LATE:g} min",
        "5 min",
        [f"caregiver.{fluid}_oxytocin" for fluid in ("plasma", "central", "csf", "saliva")],
    ),
    design={
        "doses": "{doses} or placebo, one administration",
        "saliva": "{n_saliva} adults, before and 15, 45, 120 min after ({C7a})",
        "plasma and lumbar CSF": "{n_fluids} adults ({C13}); sampling times to 5 h (assumed)",
        "saliva at 7 h": (
            f"{N_LATE['16 IU']} women with 16 IU, {N_LATE_OTHER} with another dose,"
            f" {N_LATE[PLACEBO]} with placebo ({{C7e}})"
        ),
        "setting": "at rest, without an infant (assumed)",
        "replications": "{replications} studies",
        "sample": "{sample}",
    },
    assumptions=(
        "The figures were read by calibration (use = fit): agreement is no independent evidence.",
        (
            "After a spray saliva reads the drug that drips from the nose, not what circulates"
            " (Martins 2020)."
        ),
        (
            "The brain signal is the state itself, without measurement error; that it follows a"
            " spray at all is contested (brain_fraction may be 0)."
        ),
        (
            "Plasma is thought to be back by 90 min (Gossen 2012, after 26 IU); no interval is"
            " published, so that row is not judged."
        ),
        "Adults without an infant are the caregiver's equations on an empty day.",
    ),
)


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

    >>> study = spray_kinetics(doses=["24 IU"], n_saliva=2, n_fluids=2, pool=18, replications=2)
    >>> list(study.arms)
    ['24 IU', 'placebo']
    """
    # A dose that cannot be, and two names of one dose, are refused before anything runs.
    sprays = _sprays(doses)
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(adults, population, pool), edges=edges, seed=seed)
    for n in (n_saliva, n_fluids, *N_LATE.values()):
        # refuses impossible designs before anything is simulated
        session.draw(n, replications)
    arms = {arm: session.simulate(spray) for arm, spray in sprays.items()}

    # Three publications, so three samples of every arm: the name of each keys its own draw.
    readings: dict[str, FloatArray] = {}
    figures: list[dict[str, Any]] = []
    for arm in sprays:
        if arm == PLACEBO:
            continue
        saliva = session.draw(n_saliva, replications, arm=f"saliva {arm}")
        figures += _saliva_figures(arms[arm], arm, saliva, seed, readings)
        fluids = session.draw(n_fluids, replications, arm=f"fluids {arm}")
        figures += _fluid_figures(arms[arm], arm, fluids, seed, readings)

    sizes = {arm: N_LATE.get(arm, N_LATE_OTHER) for arm in arms}
    late = {arm: session.draw(n, replications, arm=f"late {arm}") for arm, n in sizes.items()}
    saliva_at_7_h = _late_saliva(arms, late, seed)
    readings |= {f"saliva at 7 h | {arm}": values for arm, values in saliva_at_7_h.items()}
    return PROTOCOL.report(
        edges=edges,
        arms=arms,
        readings=readings,
        effects=_late_effects(saliva_at_7_h),
        figures=[*figures, *_late_figures(saliva_at_7_h)],
        doses=", ".join(doses),
        n_saliva=n_saliva,
        n_fluids=n_fluids,
        replications=replications,
        sample=session.sample,
    )


def _sprays(doses: Sequence[str]) -> dict[str, NasalSpray | Placebo]:
    """The arms' interventions by name; the name of a dose is its text in IU."""
    doses = checks.sequence(
        doses, "doses", lambda dose, _: dose, of="doses such as ('24 IU', '16 IU')"
    )
    # All sprays at one hour, so that the rhythm of the day cancels.
    at = units.clock_text(SPRAY_AT)
    sprays = [NasalSpray(dose, at=at) for dose in doses]
    names = [f"{spray.international_units:g} IU" for spray in sprays]
    if len(set(names)) < len(names):
        raise InputError(f"doses: expected different doses; found {list(doses)!r}")
    return {**dict(zip(names, sprays, strict=True)), PLACEBO: Placebo(at=at)}


def _saliva_figures(
    result: Result, arm: str, taking_part: Groups, seed: int, readings: dict[str, FloatArray]
) -> list[dict[str, Any]]:
    """Mean saliva of each replication before the spray and over two hours."""
    times = SPRAY_AT + np.array([*SALIVA_24.values()])
    drawn = taking_part.series(result, "saliva_oxytocin", times, seed=seed, visit=f"saliva {arm}")
    readings[f"saliva | {arm}"] = drawn

    # The publication reports means of its ten participants, and so does each replication.
    means = drawn.mean(axis=1)
    return [
        figure_row(
            means[:, k],
            n=drawn.shape[1],
            quantity=_moment("saliva oxytocin", minutes, arm),
            unit="pg/mL",
            target=finding if arm == "24 IU" else "",
        )
        for k, (finding, minutes) in enumerate(SALIVA_24.items())
    ]


def _fluid_figures(
    result: Result, arm: str, taking_part: Groups, seed: int, readings: dict[str, FloatArray]
) -> list[dict[str, Any]]:
    """When plasma, CSF and the brain's own signal peak, from each replication's mean curve."""
    times = np.array(FLUID_SAMPLES)
    plasma, csf = (
        taking_part.series(
            result, f"{fluid}_oxytocin", SPRAY_AT + times, seed=seed, visit=f"fluids {arm}"
        )
        for fluid in ("plasma", "csf")
    )
    readings |= {f"plasma | {arm}": plasma, f"csf | {arm}": csf}
    n = plasma.shape[1]

    mean_plasma, mean_csf = plasma.mean(axis=1), csf.mean(axis=1)

    # The brain is read as the state itself, so every minute can be had without an error of assay.
    minutes = np.arange(0.0, LATE + 1)
    central = result.values_at("caregiver.central_oxytocin", SPRAY_AT + minutes)
    brain = central[taking_part.position].mean(axis=1)

    published = arm == "24 IU"
    return [
        figure_row(
            time_of_peak(times, mean_plasma),
            n=n,
            quantity=f"plasma peaks, {arm}",
            unit="min",
            target="C13" if published else "",
        ),
        figure_row(
            _share_left(mean_plasma, minutes=90.0),
            n=n,
            quantity=f"plasma rise left at 90 min over its peak, {arm}",
            unit="ratio",
        ),
        figure_row(
            time_to_half_rise(times, mean_csf),
            n=n,
            quantity=f"lumbar CSF at half of its rise, {arm}",
            unit="min",
            target="C14" if published else "",
        ),
        figure_row(
            time_of_smooth_peak(minutes, brain),
            n=n,
            quantity=f"brain signal peaks, {arm}",
            unit="min",
        ),
    ]


def _share_left(plasma: FloatArray, minutes: float) -> FloatArray:
    """What is left of the rise of plasma at a time after the spray, over its highest."""
    rise = plasma - plasma[:, :1]
    return np.asarray(rise[:, FLUID_SAMPLES.index(minutes)] / rise.max(axis=1))


def _late_saliva(
    arms: Mapping[str, Result], taking_part: Mapping[str, Groups], seed: int
) -> dict[str, FloatArray]:
    """Saliva at 7 h by arm, shape (replications, n)."""
    drawn = {}
    for arm, result in arms.items():
        series = taking_part[arm].series(
            result, "saliva_oxytocin", [SPRAY_AT + LATE], seed=seed, visit=f"late {arm}"
        )
        drawn[arm] = series[..., 0]
    return drawn


def _late_figures(saliva: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """The ratio of each dose's mean saliva at 7 h to that of placebo."""
    # A ratio of means, as published: single ratios would be ruled by low readings of placebo.
    placebo = saliva[PLACEBO]
    return [
        figure_row(
            dose.mean(axis=1) / placebo.mean(axis=1),
            n=dose.shape[1] + placebo.shape[1],
            quantity=f"saliva at 7 h over placebo, {arm}",
            unit="ratio",
            target="C7e" if arm in ("16 IU", "24 IU") else "",
        )
        for arm, dose in saliva.items()
        if arm != PLACEBO
    ]


def _late_effects(saliva: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """The contrast of the two published doses, where both are there."""
    if "16 IU" not in saliva or "24 IU" not in saliva:
        return []
    return [
        effect_row(
            unpaired(saliva["16 IU"], saliva["24 IU"]),
            outcome="saliva at 7 h",
            contrast="24 IU - 16 IU",
            unit="pg/mL",
            expected="none",
        )
    ]


def _moment(outcome: str, minutes: float, arm: str) -> str:
    """When a sample is taken, in the words of the table."""
    return f"{outcome} before {arm}" if minutes < 0 else f"{outcome} {minutes:g} min after {arm}"
