"""Carry-over of a crossover: how much of an arm's effect is left when the next period begins."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.measures import instrument
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.plan.visits import BASELINE, Occasion
from oxysim.trials.pool import Pool

MOST = 0.05  # share of an effect that may be left
# of the spread between dyads: an effect below that is none, of which no share can be taken
LEAST = 0.01


class CarryOverWarning(UserWarning):
    """A washout is shorter than what it is to wash out."""


def carried_over(pool: Pool, endpoint: Endpoint, places: Mapping[str, int]) -> dict[str, float]:
    """Arm -> share of its effect on an instrument, at the endpoint's visit, that is left when the
    second period begins.

    The effect is the mean difference over the pool between those who begin with the arm and those
    who begin with the reference, without measurement error. Empty where there is no effect to speak
    of; NaN where no sequence begins with the arm, or none with the reference.
    """
    design = pool.plan.design
    if not isinstance(design, Crossover):
        return {}
    visits = len(places)
    at, after = (pool.plan.occasions[k] for k in (places[endpoint.at], visits + places[BASELINE]))
    first = [course.arms[0] for course in design.courses]
    found = {}
    effects = [_by_first(pool, endpoint, occasion, first) for occasion in (at, after)]
    for arm in design.names[1:]:
        if arm not in effects[0] or design.names[0] not in effects[0]:
            found[arm] = np.nan
            continue
        early, late = (float(np.nanmean(held[arm] - held[design.names[0]])) for held in effects)
        if abs(early) > LEAST * float(np.nanstd(effects[0][design.names[0]])):
            found[arm] = late / early
    return found


def warn_of_carry_over(
    pool: Pool, endpoints: Iterable[Endpoint], places: Mapping[str, int]
) -> None:
    """Warn of every endpoint for which the washout is too short, with the number."""
    design = pool.plan.design
    if not isinstance(design, Crossover):
        return
    unknown: set[str] = set()
    for endpoint in {one.source: one for one in endpoints}.values():
        for arm, share in carried_over(pool, endpoint, places).items():
            if np.isnan(share):
                unknown |= (
                    {arm} if any(arm in course.arms[:-1] for course in design.courses) else set()
                )
            elif abs(share) > MOST:
                _warn(_too_short(design, endpoint, arm, share))
    if unknown:
        _warn(
            f"washout: carry-over of {', '.join(map(repr, sorted(unknown)))} cannot be told, as the"
            f" sequences do not begin with {design.names[0]!r} in some and with the other in"
            " others; add such sequences, or take 'balanced'"
        )


def _warn(text: str) -> None:
    # points at whoever asked for the trial to be run
    warnings.warn(text, CarryOverWarning, stacklevel=7)


def _too_short(design: Crossover, endpoint: Endpoint, arm: str, share: float) -> str:
    apart = design.starts[1] - (design.lasts or 0.0)
    text = (
        f"washout: {100 * share:.0f} % of the effect of {arm!r} on {endpoint.instrument!r} is left"
        f" {_length(apart)} after its period, when the next begins"
    )
    if abs(share) >= 1:
        return text
    enough = _length(apart * np.log(MOST) / np.log(abs(share)))
    return f"{text}; at this pace it would take about {enough} to fall to {100 * MOST:g} %"


def _by_first(
    pool: Pool, endpoint: Endpoint, occasion: Occasion, first: list[str]
) -> dict[str, FloatArray]:
    """First arm -> expected readings of the pool, averaged over the sequences
    that begin with it.
    """
    middle = len(occasion.times) // 2
    parts = [part[..., middle] for part in pool.expected(endpoint.source, occasion)]
    expected = np.asarray(instrument(endpoint.instrument).expected(*parts))
    return {
        arm: expected[[k for k, one in enumerate(first) if one == arm]].mean(axis=0)
        for arm in dict.fromkeys(first)
    }


def _length(minutes: float) -> str:
    for name, size in (
        ("months", units.MONTH),
        ("weeks", units.WEEK),
        ("d", units.DAY),
        ("h", units.HOUR),
    ):
        if minutes >= 2 * size:
            return f"{minutes / size:.1f} {name}"
    return f"{minutes:.0f} min"
