"""The loop over an ensemble: what is asked of one dyad is asked of the central dyad of every
member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from oxysim.checks import function, instance
from oxysim.ensembles import Ensemble, MemberAnswers
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.loop.regime_analysis.loop_gain import THE_LOOP, loop_gain
from oxysim.loop.regime_analysis.regimes import regimes
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.population import Population

LOOP_GAIN = "caregiver.depression.loop_gain"
SET_POINT = "caregiver.depression.set_point"


def central_dyad(
    population: Population,
    parameters: Mapping[str, Any] | None = None,
    *,
    infant_age: str = "5 months",
) -> Family:
    """The dyad in the middle of a population: the values that all share, and the median of every
    trait.

    Parameters
    ----------
    parameters : values in their place, such as a stronger loop.
    infant_age : at the start.

    Raises
    ------
    InputError, UnknownNameError : no population, or a parameter that does not exist.

    >>> from oxysim.population import Population
    >>> dyad = central_dyad(Population.named("community"), {"caregiver.depression.loop_gain": 2.0})
    >>> dyad.value("caregiver.depression.loop_gain")
    2.0
    """
    instance(population, "population", Population, "a Population")
    medians = {trait.name: float(trait.quantile(np.array(0.5))) for trait in population.traits}
    dyad = Family(parameters={**population.values, **medians}, infant_age=infant_age)
    if parameters is None:
        return dyad
    instance(parameters, "parameters", Mapping, "a mapping of parameters to values")
    return dyad.with_parameters(dict(parameters))


STRONG = 0.95  # of a member's dyads have a weaker loop
RISE = 1.1  # of the set point from one try to the next


def symptomatic_dyad(population: Population, *, infant_age: str = "5 months") -> Family:
    """The dyad of a population that is like its central one, but has a strong loop (stronger than
    95 % have) and the lowest usual mood at which it has a symptomatic regime (EPDS of at least 13).

    The set point is raised from the median in steps of a tenth. Where the loop is strong enough for
    two regimes, this is a dyad just past the fold.

    Raises
    ------
    InputError : no set point that the population can have is high enough. UnknownNameError : a
    population without these traits.

    >>> from oxysim.population import Population
    >>> dyad = symptomatic_dyad(Population.named("community"))
    >>> bool(dyad.value(SET_POINT) > central_dyad(Population.named("community")).value(SET_POINT))
    True
    """
    instance(population, "population", Population, "a Population")
    strength = float(population.trait(LOOP_GAIN).quantile(np.array(STRONG)))
    trait = population.trait(SET_POINT)
    level, highest = float(trait.quantile(np.array(0.5))), trait.ends[1]
    while level < highest:
        changes = {LOOP_GAIN: strength, SET_POINT: level}
        dyad = central_dyad(population, changes, infant_age=infant_age)
        if regimes(dyad, starts=0, progress=False).worst().epds >= EPDS_PROBABLE:
            return dyad
        level *= RISE
    raise InputError(
        f"population {population.name!r}: expected a set point below {highest:g} at which the"
        " central dyad is symptomatic; found none"
    )


def ask_central_dyads(
    ensemble: Ensemble,
    asked: Callable[[Family], Any],
    parameters: Mapping[str, Any] | None = None,
    *,
    infant_age: str = "5 months",
    members: int | None = None,
    progress: bool | None = None,
) -> MemberAnswers:
    """Ask the central dyad of every member: for its regimes, a gain, what holds a regime up.

    Parameters
    ----------
    asked : a function of a dyad.
    parameters, infant_age : as for :func:`central_dyad`, the same in all members.
    members, progress : as for :meth:`oxysim.Ensemble.ask`.

    Raises
    ------
    InputError : no ensemble, or no member answered.

    >>> from oxysim.ensembles import PriorTable
    >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> gain = "caregiver.depression.loop_gain"
    >>> ask_central_dyads(four, lambda dyad: dyad.value(gain), {gain: 2.0}).predict().median
    2.0
    """
    instance(ensemble, "ensemble", Ensemble, "an Ensemble; of one dyad ask the function itself")
    function(asked, "asked", "a function of a dyad")
    return ensemble.ask(
        lambda population: asked(central_dyad(population, parameters, infant_age=infant_age)),
        members=members,
        progress=progress,
    )


def highest_gain(
    dyad: Family,
    at: Iterable[str] | str = THE_LOOP,
    *,
    cut: Iterable[str] | str = (),
    starts: int = 0,
) -> float:
    """The loop gain in the most depressed stable regime of a dyad, which it has once or twice.

    Parameters
    ----------
    at : edges that are opened, as for :func:`loop_gain`.
    cut : edges that are cut.
    starts : scattered starts of the search for regimes, beside its scan.

    Raises
    ------
    InputError : no stable regime was found; and as :func:`loop_gain` and :func:`regimes`.

    >>> import oxysim as ox
    >>> 0 < highest_gain(ox.Dyad()) < 1  # stable, by a real eigenvalue
    True
    """
    found = regimes(dyad, cut=cut, starts=starts, progress=False)
    stable = [regime for regime in found if regime.stable]
    if not stable:
        raise InputError("regimes: no stable one was found; more starts= may find it")
    return loop_gain(found.system, max(stable, key=lambda regime: regime.epds), at).gain
