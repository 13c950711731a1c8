"""Protocol 8 over a week: how much an infant cries, as a recorder worn at home hears it, and how
its mother says she feels, several times a day (53 mothers, PMC10057632).

What counts is crying against the mother's own usual at that hour: over the last eight hours for her
mood, over the last hour for being upset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.agreement import Expected
from oxysim.findings.published import target
from oxysim.interventions import DailyCrying
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, Session, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import SOLVER
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row

DAYS = 7  # published: a week
QUESTIONS = ("10:00", "13:00", "16:00", "19:00", "22:00")  # clock times on each day; assumed
STEP = 5.0  # min between looks at the recorder
# What is asked, over how many hours of crying, what is expected, and the finding.
ASKED: tuple[tuple[str, str, float, Expected, str], ...] = (
    ("depressive mood", "momentary_mood", 8.0, "up", "E6"),
    ("depressive mood", "momentary_mood", 1.0, "prediction", ""),
    ("being upset", "negative_affect", 1.0, "prediction", ""),
)

PROTOCOL = SessionProtocol(
    name="Crying recorded at home and the mother's mood",
    question="Does a mother's mood fall within a day in which her infant cries more than usual?",
    participants=Participants("mothers", pool=106, infant_age="3 months"),
    # the first day is only there to be looked back on
    recording=Recording(
        "00:00", f"{DAYS + 1} d", "1 h", ("caregiver.mood", "caregiver.arousal", "infant.arousal")
    ),
    design={
        "design": "within mothers, a week of recordings and questions ({E6})",
        "participants": "{n} mothers with infants of 3 months (age assumed)",
        "crying": "as daily crying has it, drawn for each infant",
        "questions": f"visual analogue scales at {', '.join(QUESTIONS)} on {DAYS} days (assumed)",
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        "The sign was read by calibration (use = fit): agreement is no independent evidence.",
        (
            "Crying and mood are each taken against the mother's own mean at that hour; what is"
            " tested is the mean over mothers of the products, as a t test over mothers does."
        ),
    ),
)


@said_once
def crying_and_mood(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int | None = None,
    replications: int = 200,
    mothers: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the week and return whether mood follows crying within mothers (E6).

    Parameters
    ----------
    n : mothers in one study; published as 53.
    replications : how many such studies.
    mothers : who takes part; default `pool` mothers of the `population` (default "community").
    pool : how many are simulated; replications draw from them. Default 106.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : depressive mood after eight hours of more crying than usual (E6) and after one
        hour, and being upset after one hour: the covariance within mothers against none.

    Raises
    ------
    InputError : a small pool.

    >>> crying_and_mood(n=2, pool=2, replications=2).effects["target"].tolist()
    ['E6', '', '']
    """
    size = target("E6").n or 0 if n is None else n
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(mothers, population, pool), edges=edges, seed=seed)
    taking_part = session.draw(size, replications)
    result = _week(session)

    times = np.array(
        [day * units.DAY + units.clock(at) for day in range(1, DAYS + 1) for at in QUESTIONS]
    )
    readings, rows = {}, []
    for outcome, instrument, hours, expected, finding in ASKED:
        answers = taking_part.series(result, instrument, times, seed=seed, visit="diary")
        # mood counts upwards, depressive mood downwards
        points = -answers if instrument == "momentary_mood" else answers
        crying = crying_hours(result, times, hours)[taking_part.position]
        together = _mean_products(points, crying)
        readings[f"{outcome}, crying of {hours:g} h | week"] = together
        rows.append(
            effect_row(
                paired(np.zeros_like(together), together), outcome=outcome,
                contrast=f"with crying of the last {hours:g} h", unit="points x h",
                expected=expected, target=finding,
            )
        )  # fmt: skip
    return PROTOCOL.report(
        edges=edges,
        arms={"week": result},
        readings=readings,
        effects=rows,
        n=size,
        replications=replications,
        sample=session.sample,
    )


def crying_hours(result: Result, times: FloatArray, hours: float) -> FloatArray:
    """How long the infant cried in the hours before each time, h of full cry, shape (n, n_times).

    >>> from oxysim import Crying, Dyad, Routine
    >>> day = Routine.empty() + Crying("30 min", at="01:00")
    >>> result = simulate(Dyad(), day, "4 h", start="00:00", save="1 h")
    >>> crying_hours(result, np.array([120.0, 180.0]), 1.0).round(3).tolist()
    [[0.5, 0.0]]
    """
    # in the middle of each step, so that no look falls on an edge
    looks = np.arange(times[0] - 60 * hours, times[-1], STEP) + STEP / 2
    levels = result.levels_at("infant", "crying", looks)
    summed = np.concatenate([np.zeros((len(levels), 1)), np.cumsum(levels, axis=1)], axis=1)
    first = np.searchsorted(looks, times - 60 * hours)
    last = np.searchsorted(looks, times)
    return np.asarray((summed[:, last] - summed[:, first]) * STEP / 60)


def _mean_products(points: FloatArray, crying: FloatArray) -> FloatArray:
    """The covariance of answers and crying within each mother, each against her own mean at that
    hour; shape (replications, n) from (replications, n, questions of all days).

    >>> week = np.repeat(np.arange(float(DAYS)), len(QUESTIONS))[None, None]
    >>> _mean_products(2 * week, week).round(6).tolist()
    [[8.0]]
    """
    by_hour = (*points.shape[:2], DAYS, len(QUESTIONS))
    strays = [
        values.reshape(by_hour) - values.reshape(by_hour).mean(axis=2, keepdims=True)
        for values in (points, crying)
    ]
    return np.asarray((strays[0] * strays[1]).mean(axis=(2, 3)))


def _week(session: Session) -> Result:
    """Every mother at home for eight days, with an infant that cries as diaries have it."""
    return simulate(
        session.families,
        ordinary_life() + DailyCrying(),
        session.recording.length,
        start=session.recording.start,
        save=session.recording.save,
        variables=list(session.recording.variables),
        solver=SOLVER,
        seed=session.seed,
        scale=session.edges.multipliers,
    )
