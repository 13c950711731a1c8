"""Protocol 9: conditioned social preference, wild type against oxytocin receptor knock-out (Dölen
2013).

A mouse lives for a day with companions on one bedding and for a day alone on another; afterwards it
chooses. Without receptors in the nucleus accumbens the preference is gone, while oxytocin is
cleared as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import IntravenousBolus, PartnerContact, ReceptorKnockout, SkinToSkin
from oxysim.measures import Luck, conditioned_preference
from oxysim.population import Population
from oxysim.protocols.enrolment import sampled
from oxysim.protocols.intravenous_bolus import PLASMA_SAMPLES, plasma_rise
from oxysim.schedule import Intervention, Routine
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.statistics.pharmacokinetics import log_linear_half_life
from oxysim.trials.participant_groups import SOLVER, groups
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.replicated_effects import (
    Expected,
    effect_row,
    effect_table,
    figure_row,
    figure_table,
    paired,
    unpaired,
)

WILD_TYPE = "wild type"
GENOTYPES: Mapping[str, tuple[Intervention, ...]] = {
    WILD_TYPE: (),
    "accumbens knock-out": (ReceptorKnockout("accumbens"),),
    "global knock-out": (ReceptorKnockout("all"),),
}
HUDDLE = "20 min"  # of every hour with companions is spent huddling; assumed
BOLUS_AT = 10 * 60.0  # clock time of the injection, minutes
BOLUS = "{}, bolus"  # name of the arm in which clearance is measured


@said_once
def social_preference(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 10,
    replications: int = 200,
    genotypes: Sequence[str] = tuple(GENOTYPES),
    mice: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the conditioning of each genotype and return preference and clearance over
    replications.

    Parameters
    ----------
    n : mice of each genotype in one study (assumed: the published n was not found).
    replications : how many such studies.
    genotypes : "wild type", "accumbens knock-out", "global knock-out", or some of them.
    mice : who takes part; default `pool` individuals of the `population` (default "community", as
        the scoreboard has it: no population of mice is described).
    pool : how many individuals are simulated in each genotype; replications draw from them. Default
        60.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream; another genotype changes no draw of those that were there.

    Returns
    -------
    ProtocolReport : arms by genotype, and the same with a bolus; effects on the preference ratio (1
        is none) and on plasma half-life, D1 among them.

    Raises
    ------
    UnknownNameError : no such genotype. InputError : none given, or a pool below n.
    """
    chosen = _chosen(genotypes)
    edges = Edges.of(cut, scale)
    who, sample = sampled(
        mice, population, pool, usual=60, what="mice", seed=seed, caregivers=("other",)
    )
    # refuses an impossible design before anything is simulated
    groups(len(who), n, replications, seed)
    arms = {name: _housed(who, GENOTYPES[name], seed, edges) for name in chosen}
    arms |= {BOLUS.format(name): _injected(who, GENOTYPES[name], seed, edges) for name in chosen}
    readings: dict[str, FloatArray] = {}
    for name in chosen:
        readings |= _read(name, arms, (n, replications, seed))
    half_lives = [
        figure_row(
            np.nanmedian(readings[f"plasma half-life | {name}"], axis=1),
            n=n,
            quantity=f"plasma half-life, {name}",
            unit="min",
        )
        for name in chosen
    ]
    return ProtocolReport(
        name="Conditioned social preference of mice",
        question="Does social reward need oxytocin receptors in the nucleus accumbens?",
        design={**_design(n, replications), "sample": sample, **edges.design},
        effects=effect_table(_rows(chosen, readings)),
        arms=arms,
        readings=readings,
        assumptions=_ASSUMPTIONS,
        figures=figure_table(half_lives),
    )


def _chosen(genotypes: Sequence[str]) -> list[str]:
    listed = checks.sequence(
        genotypes,
        "genotypes",
        checks.name,
        of="genotypes such as ('wild type', 'accumbens knock-out')",
    )
    for name in listed:
        if name not in GENOTYPES:
            raise unknown_name("genotype", name, GENOTYPES)
    return list(dict.fromkeys(listed))


def _housed(who: Family, missing: tuple[Intervention, ...], seed: int, edges: Edges) -> Result:
    """A day with companions and a day alone, from midnight to midnight."""
    hours = tuple(f"{hour:02d}:00" for hour in range(24))
    schedule = (
        Routine.empty()
        + PartnerContact("24 h", at="00:00")
        + SkinToSkin(HUDDLE, at=hours, gaze=0.0)
    )
    for one in missing:
        schedule = schedule + one
    return simulate(
        who,
        schedule,
        "48 h",
        start="00:00",
        save="10 min",
        variables=["caregiver.reward"],
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )


def _injected(who: Family, missing: tuple[Intervention, ...], seed: int, edges: Edges) -> Result:
    """An hour alone with an injection in it."""
    schedule = Routine.empty() + IntravenousBolus("2 IU", at=units.clock_text(BOLUS_AT))
    for one in missing:
        schedule = schedule + one
    variables = ["caregiver.plasma_oxytocin"]
    return simulate(
        who,
        schedule,
        "1 h",
        start="09:45",
        save="1 min",
        variables=variables,
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )


def _read(
    name: str, arms: Mapping[str, Result], size: tuple[int, int, int]
) -> dict[str, FloatArray]:
    """Preference ratio and plasma half-life of one genotype's mice, shape (replications, n)."""
    n, replications, seed = size
    housed, injected = arms[name], arms[BOLUS.format(name)]
    taking_part = groups(housed.dataset.sizes["dyad"], n, replications, seed, arm=name)
    days = ("0 h", "24 h"), ("24 h", "48 h")
    with_mates, alone = (
        housed.mean("caregiver.reward", *day).values[taking_part.position].ravel() for day in days
    )
    numbers = taking_part.number.ravel().tolist()
    ratio = conditioned_preference(with_mates, alone, numbers, Luck(seed, "mouse", name))
    rise = plasma_rise(injected, taking_part, BOLUS_AT, PLASMA_SAMPLES, seed=seed, visit=name)
    return {
        f"preference | {name}": np.asarray(ratio.values).reshape(taking_part.position.shape),
        f"plasma half-life | {name}": log_linear_half_life(PLASMA_SAMPLES, rise),
    }


def _rows(chosen: Sequence[str], readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    rows = []
    for name in chosen:
        ratio = readings[f"preference | {name}"]
        expected: Expected = "up" if name == WILD_TYPE else "none"
        rows.append(
            effect_row(
                paired(np.ones_like(ratio), ratio),
                outcome="social preference",
                contrast=f"{name} - none",
                unit="ratio",
                expected=expected,
                target="D1" if name == "accumbens knock-out" else "",
            )
        )
    for name in chosen if WILD_TYPE in chosen else ():
        if name == WILD_TYPE:
            continue
        for outcome, unit, expected in (
            ("preference", "ratio", "down"),
            ("plasma half-life", "min", "none"),
        ):
            effects = unpaired(
                readings[f"{outcome} | {WILD_TYPE}"], readings[f"{outcome} | {name}"]
            )
            rows.append(
                effect_row(
                    effects,
                    outcome=outcome.replace("preference", "social preference"),
                    contrast=f"{name} - {WILD_TYPE}",
                    unit=unit,
                    expected=expected,
                )
            )
    return rows


def _design(n: int, replications: int) -> dict[str, str]:
    return {
        "design": (
            "one day with companions, one day alone, then a choice of bedding"
            f" ({target('D1').source})"
        ),
        "participants": f"{n} mice of each genotype (assumed; published n not found)",
        "companions": f"all day, {HUDDLE} of every hour huddling (assumed)",
        "clearance": "2 IU into a vein on another day, on the scale of a human body (assumed)",
        "replications": f"{replications} studies of n = {n} a genotype",
    }


_ASSUMPTIONS = (
    (
        "A mouse is represented by a caregiver's equations: its companions' huddling by skin"
        " contact, which the equations count as a social moment, and their company by contact with"
        " a partner, which they do not. No parameter is a mouse's."
    ),
    (
        "The vanishing preference of the knock-out was built into the mechanism (use = built_in);"
        " whether serotonin or dopamine carries it is contested (Kohli 2019)."
    ),
    (
        "From reward to time spent on a bedding is one assumed gain; the published values were not"
        " found."
    ),
    (
        "That clearance does not hang on receptors is written into the equations; receptors that"
        " take up oxytocin are not modelled."
    ),
)
