"""What Krol 2019 found in 101 dyads, asked of studies of that size drawn from a birth cohort: care
and infant affect at 5 months, and methylation of the oxytocin receptor's gene.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import visit
from oxysim.findings.agreement import Expected
from oxysim.measures import NoiseKey, read
from oxysim.trials.participant_groups import Groups
from oxysim.trials.reporting.replicated_effects import correlated
from oxysim.trials.reporting.table_of_effects import effect_row

# The two visits of the publication.
EARLY, LATE = "5 months", "18 months"
ASSAYS = 3  # of each methylation sample, averaged; as that laboratory does (recalled)
HOME_VISIT = ("09:00", "17:00")  # an observer's day in the home; what is rated is its mean


def krol_readings(cohort: Cohort, taking_part: Groups) -> dict[str, FloatArray]:
    """What Krol 2019 read, by name, each of shape (replications, n).

    Care and the infant's behaviour at 5 months; infant methylation at 18 months and its change
    since 5 months; the mother's change; irritability at 18 months.

    >>> from oxysim.cohorts import follow
    >>> from oxysim.trials.participant_groups import groups
    >>> cohort = follow(n=4, at=[EARLY, LATE], progress=False)
    >>> readings = krol_readings(cohort, groups(len(cohort), 2, replications=3, seed=0))
    >>> readings["infant methylation change"].shape
    (3, 2)
    """
    # Care moves within hours, so that it needs a day of its own; methylation does not.
    home = visit(
        cohort,
        EARLY,
        ["caregiver.engagement", "infant.affect"],
        hours=HOME_VISIT,
        means=[HOME_VISIT],
    )

    # Each sample is assayed anew for every study that draws the dyad.
    infant, mother = _methylation(cohort, taking_part)
    return {
        "engaged care at 5 months": home.readings("engaged_care", HOME_VISIT, groups=taking_part),
        "infant affect at 5 months": home.readings(
            "infant_affect", HOME_VISIT, member="infant", groups=taking_part
        ),
        "infant methylation at 18 months": infant[1],
        "infant methylation change": infant[1] - infant[0],
        "maternal methylation change": mother[1] - mother[0],
        "irritability at 18 months": cohort.readings(
            "irritability", LATE, member="infant", groups=taking_part
        ),
    }


def _methylation(cohort: Cohort, taking_part: Groups) -> tuple[FloatArray, FloatArray]:
    """Infant and mother at 5 and at 18 months, each of shape (2, replications, n): means of the
    assays of a sample.

    An adult's methylation is a parameter that stays, so a mother's two samples differ by the
    laboratory's noise alone.
    """
    mother = cohort.caregivers[0]
    adult = cohort.who.value(f"{mother}.receptors.adult_methylation")
    levels = {
        "infant": [cohort.value("infant.methylation", age) for age in (EARLY, LATE)],
        mother: [np.broadcast_to(adult, (len(cohort),))] * 2,
    }

    samples = {}
    for member, by_age in levels.items():
        noise = NoiseKey(cohort.seed, member)
        samples[member] = np.array(
            [
                _assayed(level[taking_part.position], taking_part, age, noise)
                for level, age in zip(by_age, (EARLY, LATE), strict=True)
            ]
        )
    return samples["infant"], samples[mother]


def _assayed(level: FloatArray, taking_part: Groups, age: str, noise: NoiseKey) -> FloatArray:
    """The mean of a sample's assays, which share the visit's noise."""
    # a minute apart, so that each has noise of its own
    times = units.duration(age) + np.arange(ASSAYS)
    values = np.repeat(level.reshape(-1, 1), ASSAYS, axis=1)
    assays = read("methylation", values, taking_part.number.ravel().tolist(), times, noise)
    return np.asarray(assays.values).mean(axis=1).reshape(level.shape)


def krol_rows(readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """The correlations of Krol 2019, with what was published of each, as rows of effects.

    Parameters
    ----------
    readings : of :func:`krol_readings`.

    Three studies of five dyads in which every two readings rise together.

    >>> names = ["engaged care at 5 months", "infant affect at 5 months",
    ...     "infant methylation at 18 months", "infant methylation change",
    ...     "maternal methylation change", "irritability at 18 months"]
    >>> rows = krol_rows(dict.fromkeys(names, np.tile([1.0, 3.0, 2.0, 5.0, 4.0], (3, 1))))
    >>> [(row["target"], round(row["difference"], 3)) for row in rows][:2]
    [('K1', 1.0), ('K2', 1.0)]
    """
    # What Krol 2019 reports: two correlations, and two that were sought and not found.
    correlations: list[tuple[str, str, Expected, str]] = [
        ("engaged care at 5 months", "infant methylation change", "down", "K1"),
        ("engaged care at 5 months", "maternal methylation change", "none", "K2"),
        ("infant methylation at 18 months", "irritability at 18 months", "up", "K3"),
        ("infant affect at 5 months", "infant methylation change", "none", "K4"),
    ]
    return [
        effect_row(
            correlated(readings[x], readings[y]),
            outcome=y,
            contrast=f"r with {x}",
            unit="r",
            expected=expected,
            target=finding,
        )
        for x, y, expected, finding in correlations
    ]
