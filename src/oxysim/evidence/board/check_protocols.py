"""Protocols 8 and 14 as findings need them that were first kept apart as a check of the first
model; some of them the second model was fitted to since.

Each returns a study like any protocol; nothing here reads a published figure, and the scoreboard
judges. What a publication leaves open is assumed and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import rankdata

from oxysim.arrays import FloatArray
from oxysim.cohorts.cross_sectional_measures import Measure, measure_of
from oxysim.cohorts.follow_up import came_through, visit
from oxysim.evidence.board.shared_cohorts import RunSettings, SharedCohorts
from oxysim.interventions import NasalSpray, Stressor
from oxysim.measures.behaviour import CLASSES
from oxysim.protocols.cross_section import cross_section
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import SOLVER, groups
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import correlated, paired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table

# Samples of these findings are those of findings that were fitted.
CAESAREAN = 94  # women at an elective caesarean, as in C8a and C8b
# mean size of the studies: 974 in 20, 6664 in 82
META = {"appropriate_comments": 49, "sensitivity": 81}
SECURITY_AT, CARE_AT = "15 months", "6 months"  # the meta-analysis mixes ages; assumed
# eight studies of n 30-112, evenly spread; assumed
REVIEWED = np.linspace(30, 112, 8).round().astype(int).tolist()
# A rater codes the whole bout of the morning's play; fluids and forms are of a moment.
TOUCH, WARMTH = (
    Measure(name, at=("11:00", "11:15")) for name in ("affectionate_contact", "warmth")
)
ASKED: tuple[tuple[str, str | Measure], ...] = (
    ("plasma_oxytocin", TOUCH),
    ("plasma_oxytocin", "bonding"),
    ("saliva_oxytocin", WARMTH),
    ("urine_oxytocin", "sensitivity"),
    ("plasma_oxytocin", WARMTH),
    ("saliva_oxytocin", TOUCH),
    ("plasma_oxytocin", "sensitivity"),
    ("saliva_oxytocin", "bonding"),
)
"""What each reviewed study set against what, once, at 5 months; assumed. Touch, gaze and voice are
what most of them rated (Feldman 2007; Gordon 2010).
"""
FLUID_N = 30  # mean size of the studies: 516 in 17


def hormones_at_birth(shared: SharedCohorts) -> ProtocolReport:
    """Plasma and saliva oxytocin before an elective caesarean, and the EPDS at 3 months, as C8b was
    read.

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("H10a")
    >>> run.name, run.execute is hormones_at_birth
    ('hormones at birth', True)
    """
    # As C8b was read, so that only the fluid differs.
    samples = [Measure(name, at="09:00") for name in ("plasma_oxytocin", "saliva_oxytocin")]
    return cross_section(
        [*samples, Measure("epds", age="3 months")],
        age="0 d",
        n=CAESAREAN,
        cohort=shared.young,
        day=Routine.empty(),
        seed=shared.settings.seed,
    )


def attachment(shared: SharedCohorts) -> ProtocolReport:
    """Mind-mindedness and sensitivity at 6 months, and whether the infant is securely attached at
    15 months.

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("Z1")
    >>> run.name, run.execute is attachment
    ('attachment and care', True)
    """
    cohort = came_through(shared.whole)
    rows = []
    for name, n in META.items():
        taking_part = groups(len(cohort), n, len(cohort) // n, cohort.seed)
        care = cohort.readings(name, CARE_AT, groups=taking_part)
        # Secure or not: the meta-analysis joins the insecure classes.
        classes = cohort.readings("attachment", SECURITY_AT, member="infant", groups=taking_part)
        secure = np.where(np.isnan(classes), np.nan, classes == CLASSES.index("secure"))
        rows.append(_r(care, secure, f"secure at {SECURITY_AT}", f"{name} at {CARE_AT}"))
    return _study(
        "Attachment security and care",
        rows,
        assumptions=(
            (
                f"Care is read at {CARE_AT} and attachment at {SECURITY_AT}, secure or not"
                " (assumed: the analysis mixes both)."
            ),
        ),
    )


def reviewed_studies(shared: SharedCohorts) -> ProtocolReport:
    """How many of eight studies find oxytocin associated with the relation between mother and
    infant (p < .05).

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("G1")
    >>> run.name, run.execute is reviewed_studies
    ('reviewed studies', True)
    """
    cohort, replications = came_through(shared.young), shared.settings.size(200, 50)
    significant, sizes = [], []
    for k, ((fluid, relation), n) in enumerate(zip(ASKED, REVIEWED, strict=True)):
        # nobody takes part in two of the studies
        dyads = cohort.take(np.arange(k, len(cohort), len(ASKED)))
        # a small cohort has fewer than the studies had, and the table says so
        size = min(n, len(dyads))
        sizes.append(size)
        study = cross_section(
            [fluid, relation],
            age="5 months",
            n=size,
            replications=replications,
            cohort=dyads,
            seed=shared.settings.seed,
        )
        # What a review counts is whether a study of that size found something.
        found = correlated(study.readings[fluid], study.readings[measure_of(relation).label])
        significant.append(found.p < 0.05)
    return _study(
        "A systematic review of eight studies",
        [],
        [
            figure_row(
                np.sum(significant, axis=0),
                n=sum(sizes),
                quantity="studies with an association",
                unit="count",
            )
        ],
        assumptions=(
            "Each study tests one pair: "
            + "; ".join(f"{fluid} and {measure_of(relation).label}" for fluid, relation in ASKED)
            + " (assumed).",
        ),
    )


def stability(shared: SharedCohorts) -> ProtocolReport:
    """Infant saliva oxytocin at 4 and at 8 months: whether ranks stay, and
    whether the mean does.

    The run of a scoreboard that calls it:

    >>> from oxysim.evidence.board.protocol_runs import run_answering
    >>> run = run_answering("ZE1")
    >>> run.name, run.execute is stability
    ('infant oxytocin over time', True)
    """
    cohort = came_through(shared.young)
    taking_part = groups(len(cohort), 62, shared.settings.size(100, 50), cohort.seed)
    # Samples of the morning, with the forty minutes around them that the day needs.
    early, late = (
        visit(
            cohort, age, ["infant.saliva_oxytocin"], hours=("11:00", "11:40"), every="5 min"
        ).readings("saliva_oxytocin", "11:20", member="infant", occasion=age, groups=taking_part)
        for age in ("4 months", "8 months")
    )
    # Stability of individuals is one of ranks, that of the level one of means.
    ranks = _r(
        rankdata(early, axis=1), rankdata(late, axis=1), "rank at 8 months", "rank at 4 months"
    )
    change = effect_row(
        paired(early, late),
        outcome="infant saliva oxytocin",
        contrast="8 - 4 months",
        unit="pg/mL",
        expected="prediction",
    )
    return _study("Infant saliva oxytocin over four months", [ranks, change])


def fluids(shared: SharedCohorts) -> ProtocolReport:
    """Adults' CSF and plasma oxytocin together: at rest, after a stressor, after a spray.

    A hundredth of the full run: thirty adults, enough for one study.

    >>> from oxysim.population import Population
    >>> small = RunSettings(Population.named("community"), growth=0.01)
    >>> fluids(SharedCohorts(small)).effects["outcome"].tolist()
    ['CSF oxytocin, rest', 'brain oxytocin, stressor', 'CSF oxytocin, spray']
    """
    settings = shared.settings
    adults = settings.families(settings.size(3000, 600), ("other",))
    # Three states in which the published studies measured.
    conditions: Mapping[str, Any] = {
        "rest": (),
        "stressor": (Stressor("10 min", of="caregiver", at="10:00"),),
        "spray": (NasalSpray("24 IU", at="10:00"),),
    }
    # The spray reaches the CSF later than the stressor's own release does.
    after: Mapping[str, tuple[str, Any, str]] = {
        "rest": ("csf_oxytocin", "10:15", "10:15"),
        # a needle in the back would read the stressor an hour later and far smaller
        "stressor": ("brain_oxytocin", ("10:00", "10:30"), "10:10"),
        "spray": ("csf_oxytocin", "11:15", "11:15"),
    }
    rows = []
    for name, interventions in conditions.items():
        schedule = Routine.empty()
        for intervention in interventions:
            schedule = schedule + intervention
        rows.append(
            _fluids_together(
                _sampled(adults, schedule, settings), *after[name], name=name, settings=settings
            )
        )
    return _study(
        "Central and peripheral oxytocin",
        rows,
        assumptions=(
            "Peripheral is plasma (extracted); central is lumbar CSF at rest and 75 min after 24"
            " IU, and what a microdialysis probe in the brain collects in half an hour around a"
            " stressor of 10 min, as in the animals that were stressed (assumed; the analysis mixes"
            " species, probes and times). Everybody is an adult on an empty day.",
        ),
    )


def _sampled(adults: Any, schedule: Any, setting: RunSettings) -> Result:
    variables = [
        "caregiver.csf_oxytocin",
        "caregiver.central_oxytocin",
        "caregiver.plasma_oxytocin",
    ]
    return simulate(
        adults,
        schedule,
        "3 h",
        start="09:00",
        save="5 min",
        variables=variables,
        solver=SOLVER,
        seed=setting.seed,
        cut=setting.cut,
    )


def _fluids_together(
    result: Result, central: str, at: Any, plasma_at: str, *, name: str, settings: RunSettings
) -> dict[str, Any]:
    n = result.dataset.sizes["dyad"]
    taking_part = groups(n, FLUID_N, n // FLUID_N, settings.seed)
    brain, blood = (
        taking_part.read(result, fluid, when, seed=settings.seed, visit=name)
        for fluid, when in ((central, at), ("plasma_oxytocin", plasma_at))
    )
    label = "CSF" if central == "csf_oxytocin" else "brain"
    return _r(blood, brain, f"{label} oxytocin, {name}", f"plasma oxytocin, {name}")


def _r(x: FloatArray, y: FloatArray, outcome: str, predictor: str) -> dict[str, Any]:
    return effect_row(
        correlated(x, y),
        outcome=outcome,
        contrast=f"r with {predictor}",
        unit="r",
        expected="prediction",
    )


def _study(
    name: str, effects: list[dict[str, Any]], figures: list[dict[str, Any]] | None = None, *,
    assumptions: tuple[str, ...] = (),
) -> ProtocolReport:  # fmt: skip
    return ProtocolReport(
        name=name, question="", design={}, effects=effect_table(effects), arms={}, readings={},
        assumptions=assumptions, figures=figure_table(figures or []),
    )  # fmt: skip
