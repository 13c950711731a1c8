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
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.agreement import Expected
from oxysim.interventions import IntravenousBolus, PartnerContact, ReceptorKnockout, SkinToSkin
from oxysim.measures import NoiseKey, conditioned_preference
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.intravenous_bolus import PLASMA_SAMPLES, plasma_rise
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.schedule import Intervention
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.statistics.pharmacokinetics import log_linear_half_life
from oxysim.trials.participant_groups import Groups
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired, unpaired
from oxysim.trials.reporting.table_of_effects import effect_row

WILD_TYPE = "wild type"
GENOTYPES: Mapping[str, tuple[Intervention, ...]] = {
    WILD_TYPE: (),
    "accumbens knock-out": (ReceptorKnockout("accumbens"),),
    "global knock-out": (ReceptorKnockout("all"),),
}
HUDDLE = "20 min"  # of every hour with companions is spent huddling; assumed
BOLUS_AT = 10 * 60.0  # clock time of the injection, minutes
BOLUS = "{}, bolus"  # name of the arm in which clearance is measured

# An hour alone with an injection in it, in place of the two days of conditioning.
CLEARANCE = Recording("09:45", "1 h", "1 min", ("caregiver.plasma_oxytocin",))

PROTOCOL = SessionProtocol(
    name="Conditioned social preference of mice",
    question="Does social reward need oxytocin receptors in the nucleus accumbens?",
    participants=Participants("mice", pool=60, caregivers=("other",)),
    recording=Recording("00:00", "48 h", "10 min", ("caregiver.reward",)),
    design={
        "design": "one day with companions, one day alone, then a choice of bedding ({D1})",
        "participants": "{n} mice of each genotype (assumed; published n not found)",
        "companions": f"all day, {HUDDLE} of every hour huddling (assumed)",
        "clearance": "2 IU into a vein on another day, on the scale of a human body (assumed)",
        "replications": "{replications} studies of n = {n} a genotype",
        "sample": "{sample}",
    },
    assumptions=(
        (
            "A mouse is represented by a caregiver's equations: its companions' huddling by skin"
            " contact, which the equations count as a social moment, and their company by contact"
            " with a partner, which they do not. No parameter is a mouse's."
        ),
        (
            "The vanishing preference of the knock-out was built into the mechanism (use ="
            " built_in); whether serotonin or dopamine carries it is contested (Kohli 2019)."
        ),
        (
            "From reward to time spent on a bedding is one assumed gain; the published values were"
            " not found."
        ),
        (
            "That clearance does not hang on receptors is written into the equations; receptors"
            " that take up oxytocin are not modelled."
        ),
    ),
)


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

    >>> study = social_preference(n=2, pool=2, replications=2, genotypes=("wild type",))
    >>> list(study.arms)
    ['wild type', 'wild type, bolus']
    """
    chosen = _genotypes(genotypes)
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(mice, population, pool), edges=edges, seed=seed)
    # refuses an impossible design before anything is simulated
    session.draw(n, replications)

    conditioned = {name: session.simulate(*_companions(), *GENOTYPES[name]) for name in chosen}
    # Clearance is measured on another day, so that a bolus conditions nothing.
    injection = IntravenousBolus("2 IU", at=units.clock_text(BOLUS_AT))
    injected = {
        name: session.simulate(injection, *GENOTYPES[name], recording=CLEARANCE) for name in chosen
    }

    readings: dict[str, FloatArray] = {}
    for name in chosen:
        taking_part = session.draw(n, replications, arm=name)
        readings[f"preference | {name}"] = _preference(
            conditioned[name], taking_part, NoiseKey(seed, "mouse", name)
        )
        rise = plasma_rise(
            injected[name], taking_part, BOLUS_AT, PLASMA_SAMPLES, seed=seed, visit=name
        )
        readings[f"plasma half-life | {name}"] = log_linear_half_life(PLASMA_SAMPLES, rise)

    return PROTOCOL.report(
        edges=edges,
        arms={**conditioned, **{BOLUS.format(name): injected[name] for name in chosen}},
        readings=readings,
        effects=[*_against_none(chosen, readings), *_against_wild_type(chosen, readings)],
        figures=_clearance(chosen, readings),
        n=n,
        replications=replications,
        sample=session.sample,
    )


def _genotypes(genotypes: Sequence[str]) -> list[str]:
    """The genotypes that are asked for, once each, checked."""
    names = checks.sequence(
        genotypes,
        "genotypes",
        checks.name,
        of="genotypes such as ('wild type', 'accumbens knock-out')",
    )
    for name in names:
        if name not in GENOTYPES:
            raise unknown_name("genotype", name, GENOTYPES)
    return list(dict.fromkeys(names))


def _companions() -> tuple[Intervention, Intervention]:
    """A day with companions, from midnight to midnight; the day after it is spent alone."""
    # Companions huddle every hour, day and night.
    hours = tuple(f"{hour:02d}:00" for hour in range(24))
    return PartnerContact("24 h", at="00:00"), SkinToSkin(HUDDLE, at=hours, gaze=0.0)


def _preference(conditioned: Result, taking_part: Groups, noise_key: NoiseKey) -> FloatArray:
    """The preference ratio of one genotype's mice, shape (replications, n)."""
    # The reward of a whole day is what the bedding of that day is paired with.
    days = ("0 h", "24 h"), ("24 h", "48 h")
    with_mates, alone = (
        conditioned.mean("caregiver.reward", *day).values[taking_part.position].ravel()
        for day in days
    )
    ratio = conditioned_preference(
        with_mates, alone, taking_part.number.ravel().tolist(), noise_key
    )
    return np.asarray(ratio.values).reshape(taking_part.position.shape)


def _clearance(chosen: Sequence[str], readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Each genotype's half-life in plasma, the median mouse of each study."""
    rows = []
    for name in chosen:
        half_lives = readings[f"plasma half-life | {name}"]
        rows.append(
            figure_row(
                # the median, which a mouse whose rise is lost in noise moves little
                np.nanmedian(half_lives, axis=1),
                n=half_lives.shape[1],
                quantity=f"plasma half-life, {name}",
                unit="min",
            )
        )
    return rows


def _against_none(
    chosen: Sequence[str], readings: Mapping[str, FloatArray]
) -> list[dict[str, Any]]:
    """Each genotype's preference against none at all, a ratio of 1."""
    rows = []
    for name in chosen:
        # A ratio of 1 is no preference: a one-sample test is a paired one against it.
        ratio = readings[f"preference | {name}"]
        # the wild type alone is expected to prefer its companions' bedding
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
    return rows


def _against_wild_type(
    chosen: Sequence[str], readings: Mapping[str, FloatArray]
) -> list[dict[str, Any]]:
    """Preference and clearance of each knock-out against the wild type, where it takes part."""
    # Without the wild type there is nothing to compare a knock-out with.
    if WILD_TYPE not in chosen:
        return []

    outcomes: tuple[tuple[str, str, str, Expected], ...] = (
        ("preference", "social preference", "ratio", "down"),
        ("plasma half-life", "plasma half-life", "min", "none"),
    )
    return [
        effect_row(
            unpaired(readings[f"{key} | {WILD_TYPE}"], readings[f"{key} | {name}"]),
            outcome=outcome,
            contrast=f"{name} - {WILD_TYPE}",
            unit=unit,
            expected=expected,
        )
        for name in chosen
        if name != WILD_TYPE
        for key, outcome, unit, expected in outcomes
    ]
