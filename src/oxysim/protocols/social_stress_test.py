"""Protocol 10 in adults: a social stress test, and saliva cortisol for an hour and a half after it
(open data of OSF project ecjy6).

Adults rest, speak and calculate before a jury for a quarter of an hour, and rest again. What is
read off the mean curve of a study is how far it rises above the sample at the onset, when, and how
much of that is left after seventy minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.published import target
from oxysim.interventions import Stressor
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.protocol_report import ProtocolReport

ONSET = 14 * 60.0  # clock time, minutes: such tests are held in the afternoon; assumed
TEST = 15.0  # min; published
# min from the onset: as densely as the ten people of the open data were sampled
SAMPLES = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0, 60.0, 70.0, 90.0)
LATE = 70.0  # min from the onset at which what is left of the peak is read; published
FIGURES = ("E17", "E18", "E19")  # excess at the peak, its time, the share left of it

PROTOCOL = SessionProtocol(
    name="Social stress test of adults",
    question="How far does saliva cortisol rise after a social stress test, and for how long?",
    participants=Participants("adults", pool=420, caregivers=("other",)),
    # an hour of rest, the test, an hour and a half of samples
    recording=Recording("13:00", "155 min", "5 min", ("caregiver.cortisol", "caregiver.arousal")),
    design={
        "design": "one session ({E17})",
        "participants": "{n} adults in one study",
        "stressor": f"social stress test of {TEST:g} min, intensity {{intensity:g}} (assumed)",
        "samples": (
            "saliva at " + ", ".join(f"{minutes:g}" for minutes in SAMPLES) + " min from the onset"
        ),
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        "The figures were read by calibration (use = fit): agreement is no independent evidence.",
        "Excess is over the sample at the onset, so the fall of the afternoon is part of it.",
        "Adults are caregivers without an infant, on an empty day.",
    ),
)


@said_once
def social_stress_test(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int | None = None,
    replications: int = 200,
    intensity: float = 1.0,
    adults: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the test and return what is read off the mean curve of cortisol (E17 to E19).

    Parameters
    ----------
    n : adults in one study; published as 210.
    replications : how many such studies.
    intensity : of the stressor, above 0 to 10.
    adults : who takes part; default `pool` adults of the `population` (default "community").
    pool : how many are simulated; replications draw from them. Default 420.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : ``figures`` has the excess at the peak (nmol/L), its time from the onset (min)
        and the share of it that is left at 70 min; ``readings`` the samples, shape (replications,
        n, samples).

    Raises
    ------
    InputError : a small pool, a stressor outside its range.

    >>> social_stress_test(n=4, pool=4, replications=2).figures["target"].tolist()
    ['E17', 'E18', 'E19']
    """
    size = target("E17").n or 0 if n is None else n
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(adults, population, pool), edges=edges, seed=seed)
    taking_part = session.draw(size, replications)

    test = Stressor(
        f"{TEST:g} min", at=units.clock_text(ONSET), of="caregiver", intensity=intensity
    )
    result = session.simulate(test)
    samples = taking_part.series(
        result, "salivary_cortisol", ONSET + np.array(SAMPLES), seed=seed, visit="test"
    )
    rows = [
        figure_row(values, n=size, target=finding)
        for finding, values in zip(FIGURES, curve_figures(samples), strict=True)
    ]
    return PROTOCOL.report(
        edges=edges,
        arms={"test": result},
        readings={"salivary_cortisol | test": samples},
        figures=rows,
        n=size,
        intensity=intensity,
        replications=replications,
        sample=session.sample,
    )


def curve_figures(samples: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Excess at the peak, time of the peak (min) and share left of it at 70 min, of every study's
    mean curve.

    Parameters
    ----------
    samples : shape (replications, n, samples), at the times ``SAMPLES``.

    A curve that rises by 8 in twenty minutes and has a quarter of that left at seventy:

    >>> curve = np.interp(SAMPLES, [0, 20, 70, 90], [5.0, 13.0, 7.0, 5.0])
    >>> [figure.tolist() for figure in curve_figures(curve[None, None])]
    [[8.0], [20.0], [0.25]]
    """
    # failed adults are NaN, and missing from the mean
    curves = np.nanmean(samples, axis=1)
    excess = curves - curves[:, :1]
    peak = np.argmax(excess, axis=1)
    highest = excess[np.arange(len(excess)), peak]
    # of a curve that never rises nothing is left to ask about
    left = np.full_like(highest, np.nan)
    np.divide(excess[:, SAMPLES.index(LATE)], highest, out=left, where=highest > 0)
    return highest, np.array(SAMPLES)[peak], left
