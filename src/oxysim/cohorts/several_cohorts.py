"""Cohorts that a user hands over: whether they go together, and several as one."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from oxysim.cohorts.cohort import Cohort
from oxysim.errors import InputError
from oxysim.families import combine


def given_cohort(cohort: Any, seed: int | None) -> Cohort:
    """A cohort that a user handed over, with the seed that they think it has (None: no matter).

    Raises
    ------
    InputError : it is none, or was followed with another seed.

    >>> from oxysim.cohorts import follow
    >>> from oxysim.families import Dyad
    >>> newborn = Dyad(infant_age="0 d").repeat(2)
    >>> cohort = follow(newborn, until="1 d", every="1 d", seed=3, progress=False)
    >>> given_cohort(cohort, seed=3) is cohort
    True
    """
    if not isinstance(cohort, Cohort):
        raise InputError(f"cohort: expected a Cohort, as cohorts.follow makes; found {cohort!r}")
    # noise is keyed by the seed: another would read other forms
    if seed is not None and seed != cohort.seed:
        raise InputError(
            f"seed: the cohort was followed with seed {cohort.seed}; found {seed}; leave it out"
        )
    return cohort


def require_alike(cohorts: Sequence[Cohort]) -> None:
    """Raise ``InputError`` unless these are cohorts of one seed, population and day, with no dyad
    in two of them.

    >>> try:
    ...     require_alike([])
    ... except InputError as error:
    ...     print(error)
    cohorts: expected at least one Cohort; found []
    """
    listed = list(cohorts)
    if not listed or not all(isinstance(cohort, Cohort) for cohort in listed):
        raise InputError(f"cohorts: expected at least one Cohort; found {cohorts!r}")

    first = listed[0]
    for cohort in listed[1:]:
        for field in ("seed", "fingerprint", "schedule"):
            if getattr(cohort, field) != getattr(first, field):
                raise InputError(
                    f"cohorts: expected one {field}; found {getattr(first, field)!r} and"
                    f" {getattr(cohort, field)!r}"
                )
        if not cohort.edges.same(first.edges):
            raise InputError(
                f"cohorts: expected the same edges; found {first.edges.words} and"
                f" {cohort.edges.words}"
            )

    # a dyad is its number: one that stands twice would count twice
    numbers = [number for cohort in listed for number in cohort.who.numbers]
    if len(set(numbers)) < len(numbers):
        raise InputError("cohorts: a dyad stands in two of them; follow others with first=")


def combine_cohorts(cohorts: Sequence[Cohort]) -> Cohort:
    """Several cohorts of one population as one: what all of them kept, at the times that all of
    them have.

    Raises
    ------
    InputError : none given; other caregivers, seeds, populations or days; a dyad in two of them.

    >>> from oxysim.cohorts import follow
    >>> first = follow(n=2, until="1 d", every="1 d", progress=False)
    >>> others = follow(n=2, first=2, until="1 d", every="1 d", progress=False)
    >>> combine_cohorts([first, others]).who.numbers
    (0, 1, 2, 3)
    """
    require_alike(cohorts)
    listed = list(cohorts)
    first = listed[0]
    # days of single dyads would need a list of all, which nobody has asked for
    if any(isinstance(cohort.schedule, list) for cohort in listed):
        raise InputError("cohorts: expected one day for all; found one a dyad")

    # only what all of them kept: nothing is filled in
    times = functools.reduce(np.intersect1d, [cohort.times for cohort in listed])
    names = [name for name in first.values if all(name in cohort.values for cohort in listed)]
    values = {}
    for name in names:
        at_times = [cohort.values[name][:, np.isin(cohort.times, times)] for cohort in listed]
        values[name] = np.concatenate(at_times)
    shared = [mean for mean in first.means if all(mean in cohort.means for cohort in listed)]
    means = {mean: np.concatenate([cohort.means[mean] for cohort in listed]) for mean in shared}

    numbers = tuple(number for cohort in listed for number in cohort.who.numbers)
    # numbers stay those of the cohorts, so that noise stays theirs
    families = combine([cohort.who for cohort in listed]).replace(dyads=numbers)
    reasons: dict[int, str] = {}
    for cohort in listed:
        reasons |= cohort.reasons
    return dataclasses.replace(
        first, who=families, times=times, values=values, reasons=reasons, means=means
    )
