"""Protocol 14 of adults at rest: oxytocin in plasma and in saliva, and cortisol in the same saliva
(Brown 2016).

Adults come once, rest, and give blood and saliva at one moment of the morning. The meta-analysis
mixes studies of either fluid; a study here has both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.simulation.plausibility import said_once
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import correlated
from oxysim.trials.reporting.table_of_effects import effect_row

SAMPLED_AT = "10:15"  # as the resting samples of other protocols; assumed
MEAN_SIZE = 31  # of the studies: 739 people in 24
FLUIDS = ("plasma_oxytocin", "saliva_oxytocin")

PROTOCOL = SessionProtocol(
    name="Oxytocin and cortisol of adults at rest",
    question="Do adults with more oxytocin at rest have more cortisol?",
    participants=Participants("adults", pool=620, caregivers=("other",)),
    # three quarters of an hour in which nothing happens, and a little more than the samples need
    recording=Recording(
        "09:30",
        "50 min",
        "5 min",
        ("caregiver.plasma_oxytocin", "caregiver.saliva_oxytocin", "caregiver.cortisol"),
    ),
    design={
        "design": "one session, nothing is done ({E20})",
        "participants": f"{{n}} adults in one study (mean size of the studies {MEAN_SIZE})",
        "samples": f"blood and saliva at {SAMPLED_AT} (assumed)",
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        (
            "The finding is held against the mean of the two fluids' correlations with cortisol:"
            " how many of the studies took plasma and how many saliva was not found."
        ),
        "Adults are caregivers without an infant, on an empty day; nobody expects a manipulation.",
        "Plasma is extracted before the assay.",
    ),
)


@said_once
def resting_hormones(
    *,
    n: int = MEAN_SIZE,
    replications: int = 200,
    adults: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the samples and return how oxytocin and cortisol go together (E20).

    Parameters
    ----------
    n : adults in one study; 739 in 24 studies, a mean of 31.
    replications : how many such studies.
    adults : who takes part; default `pool` adults of the `population` (default "community").
    pool : how many are simulated; replications draw from them. Default 620.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : each fluid's correlation with cortisol, and among the figures their mean.

    Raises
    ------
    InputError : a small pool.

    >>> resting_hormones(n=4, pool=8, replications=2).figures["target"].tolist()
    ['E20']
    """
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(adults, population, pool), edges=edges, seed=seed)
    taking_part = session.draw(n, replications)
    result = session.simulate()
    # one visit: what it brings of its own is each fluid's own
    readings = {
        name: taking_part.read(result, name, SAMPLED_AT, seed=seed)
        for name in (*FLUIDS, "salivary_cortisol")
    }
    effects = {
        fluid: correlated(readings[fluid], readings["salivary_cortisol"]) for fluid in FLUIDS
    }
    rows = [
        effect_row(
            found, outcome="salivary_cortisol", contrast=f"r with {fluid}", unit="r",
            expected="prediction",
        )
        for fluid, found in effects.items()
    ]  # fmt: skip
    of_both = np.mean([found.dz for found in effects.values()], axis=0)
    return PROTOCOL.report(
        edges=edges,
        arms={"rest": result},
        readings={f"{name} | rest": values for name, values in readings.items()},
        effects=rows,
        figures=[figure_row(of_both, n=n, target="E20")],
        n=n,
        replications=replications,
        sample=session.sample,
    )
