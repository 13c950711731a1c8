"""Protocol 3: an hour of skin-to-skin contact on a neonatal ward, with the mother in one session
and the father in another (Vittner 2018).

Mother, father and preterm infant give saliva before, during (30 and 60 min) and 45 min after. The
infant carries the ward's standing stress load before, during and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import Edges
from oxysim.findings.published import target
from oxysim.interventions import SkinToSkin
from oxysim.population import Population
from oxysim.protocols.enrolment import sampled
from oxysim.schedule import Routine
from oxysim.simulation.results.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import SOLVER, Groups, groups, sequences
from oxysim.trials.protocol_report import ProtocolReport
from oxysim.trials.replicated_effects import Expected, effect_row, effect_table, paired

CONTACT_AT = 10 * 60.0  # clock time at which contact begins, minutes
BEFORE = -5.0  # min after the begin of contact
AFTER = 45.0  # min after its end
PARENTS = ("mother", "father")
SALIVA = {"mother": "V1", "father": "V2", "infant": "V3"}
CORTISOL = "V4"


@said_once
def skin_to_skin_session(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 28,
    replications: int = 200,
    contact: str = "60 min",
    ward_stress: float = 0.6,
    triads: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate both sessions of every triad and return the effects of contact over replications.

    Parameters
    ----------
    n : triads in one study (published 28).
    replications : how many such studies.
    contact : length of a session.
    ward_stress : the ward's standing stress load on the infant, beyond that of a home (0 to 5;
        assumed).
    triads : who takes part, families of "mother" and "father"; default `pool` triads of the
        `population` (default "community", as the scoreboard has it), infants of a week, without a
        daily rhythm of cortisol.
    pool : how many triads are simulated; replications draw from them. Default 112.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arms "contact with mother" and "contact with father"; effects during (the end
        of contact) and after against before, V1-V4 among them.

    Raises
    ------
    UnitError : a contact without its unit. InputError : a load outside [0, 5], no mother or father,
    a pool below n.
    """
    minutes = units.duration(contact, "contact")
    stressed = isinstance(ward_stress, int | float) and not isinstance(ward_stress, bool)
    if not (stressed and 0 <= ward_stress <= 5) or minutes > 6 * units.HOUR:
        raise InputError(
            f"expected a ward_stress in [0, 5] and contact of at most 6 h; found {ward_stress!r},"
            f" {contact!r}"
        )
    edges = Edges.of(cut, scale)
    found, sample = sampled(
        triads,
        population,
        pool,
        usual=112,
        what="triads",
        seed=seed,
        caregivers=PARENTS,
        infant_age="7 d",
    )
    taking_part = groups(len(found), n, replications, seed)
    who = on_the_ward(_preterm(found) if triads is None else found, ward_stress)
    first = sequences(taking_part.position.shape, seed)
    arms = {_arm_of(parent): _session(who, parent, contact, seed, edges) for parent in PARENTS}
    readings: dict[str, FloatArray] = {}
    for parent, visit in zip(PARENTS, (first, 1 - first), strict=True):
        readings |= _read(arms[_arm_of(parent)], parent, (taking_part, visit, seed), minutes)
    return ProtocolReport(
        name="Skin-to-skin contact on a neonatal ward",
        question=(
            "What does an hour of skin-to-skin contact do to oxytocin and to the infant's cortisol?"
        ),
        design={**_design(n, replications, contact, ward_stress), "sample": sample, **edges.design},
        effects=effect_table(_rows(readings)),
        arms=arms,
        readings=readings,
        assumptions=_ASSUMPTIONS,
    )


def on_the_ward(triads: Family, load: float) -> Family:
    """The same triads with the ward's load added to each infant's own standing load.

    It is a parameter here rather than an input, so that it is there on the usual day before the
    visit too: an input that began with the session would let cortisol climb through the baseline.
    """
    for parent in PARENTS:
        if parent not in triads.caregivers:
            raise InputError(
                f"triads: expected families of 'mother' and 'father'; found {triads.caregivers!r}"
            )
    name = "infant.stress.ambient_load"
    return triads.with_parameters({name: triads.value(name) + load})


def _preterm(triads: Family) -> Family:
    """Preterm infants have no daily rhythm of cortisol yet, so what changes over the session is not
    the clock's.
    """
    return triads.with_parameters({"infant.stress.cortisol_rhythm": 1e-6})


def _session(who: Family, parent: str, contact: str, seed: int, edges: Edges) -> Result:
    schedule = Routine.empty() + SkinToSkin(contact, at=units.clock_text(CONTACT_AT), by=parent)
    variables = [
        "mother.saliva_oxytocin",
        "father.saliva_oxytocin",
        "infant.saliva_oxytocin",
        "infant.cortisol",
    ]
    length = f"{30 + units.duration(contact) + AFTER + 5:g} min"
    return simulate(
        who,
        schedule,
        length,
        start="09:30",
        save="5 min",
        variables=variables,
        solver=SOLVER,
        seed=seed,
        scale=edges.multipliers,
    )


def _read(
    result: Result, parent: str, taking_part: tuple[Groups, IntArray, int], minutes: float
) -> dict[str, FloatArray]:
    """Samples before, halfway, at the end and after, for the holding parent and the infant, shape
    (replications, n, 4).
    """
    group, visit, seed = taking_part
    times = CONTACT_AT + np.array([BEFORE, minutes / 2, minutes, minutes + AFTER])
    found = {}
    for name, member in (
        ("saliva_oxytocin", parent),
        ("saliva_oxytocin", "infant"),
        ("salivary_cortisol", "infant"),
    ):
        drawn = [
            group.series(result, name, times, member=member, seed=seed, visit=f"session {number}")
            for number in (1, 2)
        ]
        found[f"{name} of {member} | {_arm_of(parent)}"] = np.where(
            visit[..., None] == 0, drawn[0], drawn[1]
        )
    return found


def _rows(readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    rows = []
    for key, drawn in readings.items():
        what, arm = key.split(" | ")
        cortisol = what.startswith("salivary_cortisol")
        member = what.rpartition(" of ")[2]
        for moment, k in (("halfway", 1), ("during", 2), ("after", 3)):
            answered = {"during": CORTISOL if cortisol else SALIVA[member]}.get(moment, "")
            direction: Expected = "down" if cortisol else "up"
            hormone = "cortisol" if cortisol else "oxytocin"
            rows.append(effect_row(
                paired(drawn[..., 0], drawn[..., k]), outcome=f"{member} {hormone}, {arm}",
                contrast=f"{moment} - before", unit="nmol/L" if cortisol else "pg/mL",
                expected=direction if answered else "prediction", target=answered,
            ))  # fmt: skip
    return rows


def _arm_of(parent: str) -> str:
    return f"contact with {parent}"


def _design(n: int, replications: int, contact: str, ward_stress: float) -> dict[str, str]:
    return {
        "design": (
            f"crossover, one session with each parent, in random order ({target('V1').source})"
        ),
        "participants": (
            f"{n} preterm infants with mother and father (published 28); age of a week (assumed)"
        ),
        "contact": f"{contact} (published 60 min)",
        "saliva": (
            "5 min before, halfway, at the end, and 45 min after (minutes assumed but for the last)"
        ),
        "ward": (
            f"standing stress load {ward_stress:g} above that of a home (assumed), all the time"
        ),
        "replications": f"{replications} studies of n = {n}",
    }


_ASSUMPTIONS = (
    (
        "The directions were built into the mechanisms (use = built_in): agreement is a regression"
        " test, not evidence."
    ),
    (
        "Infant cortisol falls because contact relieves a standing load directly; that the ward is"
        " such a load is assumed. With no load there is little to relieve."
    ),
    "Preterm infants follow the term infant's equations, without a daily rhythm of cortisol.",
    (
        "Between sessions infants lie in the incubator: the usual day before the visit has no"
        " contact at all (assumed)."
    ),
)
