"""Protocol 3: an hour of skin-to-skin contact on a neonatal ward, with the mother in one session
and the father in another (Vittner 2018).

Mother, father and preterm infant give saliva before, during (30 and 60 min) and 45 min after. The
infant carries the ward's standing stress load before, during and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.agreement import Expected
from oxysim.interventions import SkinToSkin
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.trials.participant_groups import Groups, sequences
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row

CONTACT_AT = 10 * 60.0  # clock time at which contact begins, minutes
BEFORE = -5.0  # min after the begin of contact
AFTER = 45.0  # min after its end
PARENTS = ("mother", "father")
# The finding of each member's saliva, and of the infant's cortisol below.
SALIVA = {"mother": "V1", "father": "V2", "infant": "V3"}
CORTISOL = "V4"

# Preterm infants have no daily rhythm of cortisol yet, so that what changes over the session is not
# the clock's. The least legal value stands for none.
PRETERM = {"infant.stress.cortisol_rhythm": 1e-6}

PROTOCOL = SessionProtocol(
    name="Skin-to-skin contact on a neonatal ward",
    question=(
        "What does an hour of skin-to-skin contact do to oxytocin and to the infant's cortisol?"
    ),
    participants=Participants(
        "triads", pool=112, caregivers=("mother", "father"), infant_age="7 d"
    ),
    # to a little after the last sample of the published hour of contact
    recording=Recording(
        "09:30",
        f"{30 + 60 + AFTER + 5:g} min",
        "5 min",
        (
            "mother.saliva_oxytocin",
            "father.saliva_oxytocin",
            "infant.saliva_oxytocin",
            "infant.cortisol",
        ),
    ),
    design={
        "design": "crossover, one session with each parent, in random order ({V1})",
        "participants": (
            "{n} preterm infants with mother and father (published 28); age of a week (assumed)"
        ),
        "contact": "{contact} (published 60 min)",
        "saliva": (
            "5 min before, halfway, at the end, and 45 min after (minutes assumed but for the last)"
        ),
        "ward": (
            "standing stress load {ward_stress:g} above that of a home (assumed), all the time"
        ),
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        (
            "The directions were built into the mechanisms (use = built_in): agreement is a"
            " regression test, not evidence."
        ),
        (
            "Infant cortisol falls because contact relieves a standing load directly; that the"
            " ward is such a load is assumed. With no load there is little to relieve."
        ),
        "Preterm infants follow the term infant's equations, without a daily rhythm of cortisol.",
        (
            "Between sessions infants lie in the incubator: the usual day before the visit has no"
            " contact at all (assumed)."
        ),
    ),
)


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

    >>> study = skin_to_skin_session(n=2, pool=2, replications=2)
    >>> list(study.arms)
    ['contact with mother', 'contact with father']
    """
    minutes = _minutes_of(contact, ward_stress)
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(triads, population, pool), edges=edges, seed=seed)
    taking_part = session.draw(n, replications)

    # Triads of the user's own keep the rhythm that they have.
    families = session.families
    if triads is None:
        families = families.with_parameters(PRETERM)
    session = replace(session, families=on_the_ward(families, ward_stress))

    # The whole session is simulated, whatever its length, up to five minutes after the last sample.
    recording = PROTOCOL.recording._replace(length=f"{30 + minutes + AFTER + 5:g} min")
    at = units.clock_text(CONTACT_AT)
    arms = {
        _arm_of(parent): session.simulate(
            SkinToSkin(contact, at=at, by=parent), recording=recording
        )
        for parent in PARENTS
    }

    # Half of the triads come with the mother first; a session's number keys its measurement error.
    first = sequences(taking_part.position.shape, seed)
    readings: dict[str, FloatArray] = {}
    for parent, visit in zip(PARENTS, (first, 1 - first), strict=True):
        readings |= _samples(arms[_arm_of(parent)], parent, taking_part, visit, seed, minutes)
    return PROTOCOL.report(
        edges=edges,
        arms=arms,
        readings=readings,
        effects=_rows(readings),
        n=n,
        replications=replications,
        contact=contact,
        ward_stress=ward_stress,
        sample=session.sample,
    )


def _minutes_of(contact: str, ward_stress: Any) -> float:
    """How long contact lasts, minutes, where it and the ward's load can be."""
    minutes = units.duration(contact, "contact")
    is_number = isinstance(ward_stress, int | float) and not isinstance(ward_stress, bool)
    # The two numbers of a session, told together.
    if not (is_number and 0 <= ward_stress <= 5) or minutes > 6 * units.HOUR:
        raise InputError(
            f"expected a ward_stress in [0, 5] and contact of at most 6 h; found {ward_stress!r},"
            f" {contact!r}"
        )
    return minutes


def on_the_ward(triads: Family, load: float) -> Family:
    """The same triads with the ward's load added to each infant's own standing load.

    It is a parameter here rather than an input, so that it is there on the usual day before the
    visit too: an input that began with the session would let cortisol climb through the baseline.

    >>> from oxysim.families import Family
    >>> triad = Family(caregivers=("mother", "father"))
    >>> float(on_the_ward(triad, 0.6).value("infant.stress.ambient_load")) > 0.5
    True
    """
    for parent in PARENTS:
        if parent not in triads.caregivers:
            raise InputError(
                f"triads: expected families of 'mother' and 'father'; found {triads.caregivers!r}"
            )
    # Added to what each infant has of its own: infants of a ward differ as those of a home do.
    name = "infant.stress.ambient_load"
    return triads.with_parameters({name: triads.value(name) + load})


def _preterm(triads: Family) -> Family:
    """Preterm infants have no daily rhythm of cortisol yet, so what changes over the session is not
    the clock's.
    """
    return triads.with_parameters({"infant.stress.cortisol_rhythm": 1e-6})


def _samples(
    result: Result,
    parent: str,
    taking_part: Groups,
    visit: IntArray,
    seed: int,
    minutes: float,
) -> dict[str, FloatArray]:
    """Samples before, halfway, at the end and after, for the holding parent and the infant, shape
    (replications, n, 4).
    """
    # Halfway is an assumed time where contact is not the published hour.
    times = CONTACT_AT + np.array([BEFORE, minutes / 2, minutes, minutes + AFTER])
    readings = {}
    for instrument, member in (
        ("saliva_oxytocin", parent),
        ("saliva_oxytocin", "infant"),
        ("salivary_cortisol", "infant"),
    ):
        first, second = (
            taking_part.series(
                result, instrument, times, member=member, seed=seed, visit=f"session {number}"
            )
            for number in (1, 2)
        )
        key = f"{instrument} of {member} | {_arm_of(parent)}"
        readings[key] = np.where(visit[..., None] == 0, first, second)
    return readings


def _rows(readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Each sample against the one before contact; the publication speaks of the end of contact."""
    rows = []
    for key, drawn in readings.items():
        outcome, arm = key.split(" | ")
        instrument, _, member = outcome.partition(" of ")
        cortisol = instrument == "salivary_cortisol"
        hormone, unit = ("cortisol", "nmol/L") if cortisol else ("oxytocin", "pg/mL")
        expected: Expected = "down" if cortisol else "up"

        for moment, k in (("halfway", 1), ("during", 2), ("after", 3)):
            finding = ""
            if moment == "during":
                finding = CORTISOL if cortisol else SALIVA[member]
            rows.append(
                effect_row(
                    paired(drawn[..., 0], drawn[..., k]),
                    outcome=f"{member} {hormone}, {arm}",
                    contrast=f"{moment} - before",
                    unit=unit,
                    expected=expected if finding else "prediction",
                    target=finding,
                )
            )
    return rows


def _arm_of(parent: str) -> str:
    """The name of the arm in which a parent holds the infant."""
    return f"contact with {parent}"
