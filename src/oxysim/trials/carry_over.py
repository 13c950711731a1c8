"""Carry-over of a crossover: how much of an arm's effect remains when the next period begins."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.plan.visits import BASELINE, Occasion
from oxysim.trials.pool import Pool

MOST = 0.05  # share of an effect that may remain
# of the spread between dyads: an effect below that is none, of which no share can be taken
LEAST = 0.01


class CarryOverWarning(UserWarning):
    """A washout is shorter than what it is to wash out.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.warn("washout: 12 % of the effect of 'spray' remains", CarryOverWarning)
    >>> caught[0].category.__name__
    'CarryOverWarning'
    """


def carried_over(pool: Pool, endpoint: Endpoint, places: Mapping[str, int]) -> dict[str, float]:
    """Arm -> share of its effect on an instrument, at the endpoint's visit, that remains when the
    second period begins.

    The effect is the mean difference over the pool between those who begin with the arm and those
    who begin with the reference, without measurement error. Empty where there is no effect to speak
    of; NaN where no sequence begins with the arm, or none with the reference.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> carried_over(trial.pool, trial.primary, trial.places)  # no effect on the EPDS so soon
    {}
    """
    design = pool.plan.design
    if not isinstance(design, Crossover):
        return {}
    visits = len(places)
    at_visit = pool.plan.occasions[places[endpoint.at]]
    next_period = pool.plan.occasions[visits + places[BASELINE]]
    first_arms = [course.arms[0] for course in design.courses]
    early, late = (
        _by_first_arm(pool, endpoint, occasion, first_arms) for occasion in (at_visit, next_period)
    )

    shares = {}
    reference, *treatments = design.names
    for arm in treatments:
        if arm not in early or reference not in early:
            shares[arm] = np.nan
            continue
        effect = float(np.nanmean(early[arm] - early[reference]))
        remaining = float(np.nanmean(late[arm] - late[reference]))
        if abs(effect) > LEAST * float(np.nanstd(early[reference])):
            shares[arm] = remaining / effect
    return shares


def warn_of_carry_over(
    pool: Pool, endpoints: Iterable[Endpoint], places: Mapping[str, int]
) -> None:
    """Warn of every endpoint for which the washout is too short, with the number.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> warn_of_carry_over(trial.pool, [], trial.places)  # no endpoint, nothing carried over
    """
    design = pool.plan.design
    if not isinstance(design, Crossover):
        return
    unknown: set[str] = set()
    # endpoints that read the same carry over the same
    for endpoint in {endpoint.source: endpoint for endpoint in endpoints}.values():
        for arm, share in carried_over(pool, endpoint, places).items():
            if np.isnan(share):
                # an arm that comes last in every sequence has nothing to carry over into
                if any(arm in course.arms[:-1] for course in design.courses):
                    unknown.add(arm)
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
    """What remains of an effect after the washout, and how long the washout would have to be."""
    washout = design.starts[1] - (design.lasts or 0.0)
    text = (
        f"washout: {100 * share:.0f} % of the effect of {arm!r} on {endpoint.tool.name!r} is left"
        f" {_length(washout)} after its period, when the next begins"
    )
    if abs(share) >= 1:
        return text
    # if the effect goes on to fall by the same factor in the same time
    enough = _length(washout * np.log(MOST) / np.log(abs(share)))
    return f"{text}; at this pace it would take about {enough} to fall to {100 * MOST:g} %"


def _by_first_arm(
    pool: Pool, endpoint: Endpoint, occasion: Occasion, first_arms: list[str]
) -> dict[str, FloatArray]:
    """First arm -> expected readings of the pool, averaged over the sequences that begin so."""
    expected = pool.expected_readings(endpoint.source, occasion)
    readings = {}
    for arm in dict.fromkeys(first_arms):
        rows = [k for k, first_arm in enumerate(first_arms) if first_arm == arm]
        readings[arm] = expected[rows].mean(axis=0)
    return readings


def _length(minutes: float) -> str:
    """A length of time in the largest unit of which it holds two."""
    for name, size in (
        ("months", units.MONTH),
        ("weeks", units.WEEK),
        ("d", units.DAY),
        ("h", units.HOUR),
    ):
        if minutes >= 2 * size:
            return f"{minutes / size:.1f} {name}"
    return f"{minutes:.0f} min"
