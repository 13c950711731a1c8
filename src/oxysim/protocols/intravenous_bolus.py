"""Protocol 12: an intravenous bolus of oxytocin: how fast plasma and brain are rid of it (Fabian
1969; Mens 1983; Jones 1982).

Adults at rest get one injection. The plasma half-life comes from a log-linear fit of the rise over
baseline, as in the study; the central half-life from the fall of the brain's own signal once the
plasma is clear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.interventions import IntravenousBolus
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.simulation.results.result import Result
from oxysim.statistics.pharmacokinetics import log_linear_half_life
from oxysim.trials.participant_groups import Groups
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.protocol_report import ProtocolReport

BOLUS_AT = 10 * 60.0  # clock time of the injection, minutes
PLASMA_SAMPLES = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0)  # min after the injection; assumed

# min after the injection; by then nearly nothing enters from the blood
CENTRAL_SAMPLES = (45.0, 55.0, 65.0, 75.0, 85.0, 95.0)
LEAST_CENTRAL_RISE = 1e-3  # pg/mL; a smaller one is lost in the error of the solver

PROTOCOL = SessionProtocol(
    name="Intravenous bolus of oxytocin in adults",
    question="How fast do plasma and brain lose oxytocin?",
    participants=Participants("adults", pool=120, caregivers=("other",)),
    # Half an hour before the injection for the baseline, and until the brain has cleared.
    recording=Recording(
        "09:30", "3 h", "1 min", ("caregiver.plasma_oxytocin", "caregiver.central_oxytocin")
    ),
    design={
        "design": "one injection, samples before and after ({C12})",
        "participants": "{n} adults at rest (assumed; published n not found)",
        "dose": "{dose} into a vein within 1 min{published}",
        "plasma samples": (
            ", ".join(f"{minutes:g}" for minutes in PLASMA_SAMPLES)
            + " min after (assumed), extracted assay"
        ),
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        (
            "Both half-lives are inputs of the model (use = input): agreement shows that the fit"
            " recovers them, and is not evidence."
        ),
        (
            "The central half-life was published for rats and guinea-pigs after an injection into"
            " the ventricles. Here a trace of the bolus enters the brain and its fall is read off"
            " the brain's own signal without measurement error, which no study in humans can do."
        ),
        "Adults without an infant are the caregiver's equations on an empty day.",
    ),
)


@said_once
def intravenous_bolus(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 6,
    replications: int = 200,
    dose: str = "2 IU",
    adults: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the injection and return both half-lives over replications.

    Parameters
    ----------
    n : adults in one study (assumed: the published n was not found).
    replications : how many such studies.
    dose : of the injection, at most 40 IU.
    adults : who takes part; default `pool` adults of the `population` (default "community", as the
        scoreboard has it).
    pool : how many adults are simulated; replications draw from them. Default 120.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : arm "bolus"; figures C12 and C15; readings "plasma rise" (replications, n,
        samples, pg/mL) and the half-lives (min).

    Raises
    ------
    UnitError, ScheduleError : a dose without its unit, or an absurd one. InputError : no
        participants, or a pool below n.

    >>> study = intravenous_bolus(n=2, pool=2, replications=2)
    >>> study.figures["target"].tolist()
    ['C12', 'C15']
    """
    bolus = IntravenousBolus(dose, at=units.clock_text(BOLUS_AT))
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(adults, population, pool), edges=edges, seed=seed)
    # Draws come before the simulation: a bad n is known before it.
    taking_part = session.draw(n, replications)
    result = session.simulate(bolus)

    rise = plasma_rise(result, taking_part, BOLUS_AT, PLASMA_SAMPLES, seed=seed)
    plasma = log_linear_half_life(PLASMA_SAMPLES, rise)
    central = central_half_life(result)[taking_part.position]
    return PROTOCOL.report(
        edges=edges,
        arms={"bolus": result},
        readings={
            "plasma rise | bolus": rise,
            "plasma half-life | bolus": plasma,
            "central half-life | bolus": central,
        },
        figures=[
            figure_row(np.nanmedian(plasma, axis=1), n=n, target="C12"),
            figure_row(_mean_of_known(central), n=n, target="C15"),
        ],
        n=n,
        replications=replications,
        dose=dose,
        published=" (published)" if dose == "2 IU" else "",
        sample=session.sample,
    )


def plasma_rise(
    result: Result, taking_part: Groups, given_at: float, samples: tuple[float, ...], *, seed: int,
    visit: str = "visit",
) -> FloatArray:  # fmt: skip
    """Plasma readings after an injection less the reading just before it, pg/mL.

    Shape (replications, n, n_samples).

    >>> bolus = IntravenousBolus("2 IU", at="10:00")
    >>> session = PROTOCOL.enrol(Recruitment(None, None, 2), edges=EdgeChanges.of(), seed=0)
    >>> taking_part = session.draw(2, 3)
    >>> plasma_rise(session.simulate(bolus), taking_part, 600.0, (2.0, 4.0), seed=0).shape
    (3, 2, 2)
    """
    # The reading just before stands for the baseline, noise and all, as in the study.
    times = given_at + np.array([-5.0, *samples])
    # One visit, so that a participant's samples share the error of the day.
    drawn = taking_part.series(result, "plasma_oxytocin", times, seed=seed, visit=visit)
    return drawn[..., 1:] - drawn[..., :1]


def central_half_life(result: Result) -> FloatArray:
    """The half-life of each simulated brain's signal after the plasma has cleared, min.

    Shape (pool,); NaN where the signal did not rise.

    >>> bolus = IntravenousBolus("2 IU", at="10:00")
    >>> session = PROTOCOL.enrol(Recruitment(None, None, 2), edges=EdgeChanges.of(), seed=0)
    >>> central_half_life(session.simulate(bolus)).shape
    (2,)
    """
    central = result.values_at(
        "caregiver.central_oxytocin", BOLUS_AT + np.array([0.0, *CENTRAL_SAMPLES])
    )
    rise = central[:, 1:] - central[:, :1]
    # A logarithm of what is lost in the solver's error would be a half-life of nothing.
    rise[rise[:, 0] < LEAST_CENTRAL_RISE] = np.nan
    return log_linear_half_life(CENTRAL_SAMPLES, rise)


def _mean_of_known(values: FloatArray) -> FloatArray:
    """The mean over each study's adults whose half-life is known; NaN for a study in which nobody's
    is.
    """
    finite = np.isfinite(values)
    count = finite.sum(axis=1)
    total = np.where(finite, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
