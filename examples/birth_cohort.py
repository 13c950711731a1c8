"""Which courses does depression take over the first 18 months, and how far can three questionnaires
tell them apart?

Follows newborn dyads of the community population with their daily lives, reads the EPDS at 4, 12
and 18 months as a study would (with the form's own error), classes each mother's course by a fixed
rule, and compares the classes with those that the same rule gives without any error of
measurement::

    python examples/birth_cohort.py
    python examples/birth_cohort.py --n 2000
    python examples/birth_cohort.py --quick
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import oxysim as ox
from oxysim.cohorts import Cohort, course_classes, follow
from oxysim.cohorts.trajectory_classes import AGES, COURSES

FIGURE = Path("figures") / "birth_cohort.png"
CASE = 13.0  # EPDS points from which a mother counts as a probable case


def tell(cohort: Cohort) -> None:
    """The cohort in words."""
    for age in ("6 weeks", *AGES):
        epds = cohort.readings("epds", age)
        share = 100 * np.nanmean(epds >= CASE)
        print(f"EPDS at {age}: mean {np.nanmean(epds):.1f}, {share:.0f} % at {CASE:g} or more")
    read = course_classes(cohort.readings("epds", list(AGES)))
    true = course_classes(cohort.readings("epds", list(AGES), noise=False))
    early = cohort.readings("epds", "6 weeks") >= CASE
    print("\nCourses by three readings, with and without the form's own error:")
    for k, name in enumerate(COURSES):
        cases = 100 * np.mean(early[read == k]) if (read == k).any() else float("nan")
        print(
            f"  {name:26s} {100 * np.mean(read == k):5.1f} %, without error"
            f" {100 * np.mean(true == k):5.1f} %; of them {cases:.0f} % had {CASE:g} or more at"
            " six weeks"
        )
    moving = np.isin(read, (1, 2))
    if moving.any():
        print(
            f"{100 * np.mean(read == true):.0f} % of all mothers are classed as their true course"
            " is; of those classed as rising or falling,"
            f" {100 * np.mean(read[moving] == true[moving]):.0f} %: the others only seemed to."
        )
    lasting = (read == COURSES.index("high persistent")) & ~early
    print(
        f"{100 * np.mean(lasting):.1f} % of mothers are high throughout, though a screening at six"
        " weeks missed them."
    )


def main() -> None:
    """The cohort, in words and as a figure."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--n", type=int, default=400, help="dyads that are followed (%(default)s)")
    options.add_argument(
        "--seed", type=int, default=0, help="of the dyads and their lives (%(default)s)"
    )
    options.add_argument("--quick", action="store_true", help="24 dyads")
    arguments = options.parse_args()
    people = ox.Population.named("community")
    # six weeks is kept as every whole week is; the later ages lie between two of them
    n = 24 if arguments.quick else arguments.n
    cohort = follow(people, n, at=AGES, seed=arguments.seed, progress=True)
    print(
        f"{len(cohort)} dyads of the population {people.name!r} ({people.fingerprint[:12]}), from"
        " birth to 18 months"
    )
    for number, reason in cohort.reasons.items():
        print(f"dyad {number} failed: {reason}")
    tell(cohort)
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(ox.plots.epds_courses(cohort), FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    main()
