"""What a fit tells and what it does not, in sentences: at a bound, flat, a ridge, several maxima, a
chain that mixes poorly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from oxysim.fitting.search.optimisation import SAME, Maximum
from oxysim.fitting.search.posterior import Posterior
from oxysim.fitting.search.profiles import Profile
from oxysim.texts import listed
from oxysim.units import with_unit

UNTOLD = 0.1  # share of a prior's variance below which data told next to nothing
RIDGE = 0.95  # correlation from which only a combination of two parameters is told
AT_END = 3.5  # latents, at which an estimate stands at the end of what is plausible (1 in 2,000)
RIVAL = 3.0  # log density by which another maximum may be lower and still be likely (1 in 20)


def report_lines(
    estimates: pd.DataFrame,
    correlations: pd.DataFrame,
    ends: Sequence[Maximum],
    with_prior: bool,
    profiles: Mapping[str, Profile],
    posterior: Posterior | None,
) -> list[str]:
    """The sentences of a report, the estimates first.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> from oxysim.fitting.search.log_posterior import LogPosterior
    >>> from oxysim.fitting.search.optimisation import find_maximum
    >>> bowl = LogPosterior(lambda z: -1.5 * (z[:, 0] - 1) ** 2, 1)
    >>> top = find_maximum(bowl, np.zeros(1))
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> from oxysim.fitting.estimates import correlation_table, estimates_table
    >>> tables = estimates_table(free, top), correlation_table(free, top)
    >>> report_lines(*tables, [top], True, {}, None)[-1]
    '1 of 1 search ended at this maximum.'
    """
    return [
        *_estimates(estimates),
        *_untold(estimates, with_prior),
        *_at_end(estimates),
        *_ridges(correlations),
        *_searches(ends),
        *_profiles(profiles),
        *_chain(posterior),
    ]


def _estimates(estimates: pd.DataFrame) -> Iterator[str]:
    for row in estimates.itertuples():
        value = with_unit(f"{row.estimate:.4g}", row.unit)
        yield f"{row.parameter}: {value} (95 % {row.low:.4g} to {row.high:.4g})."


def _untold(estimates: pd.DataFrame, with_prior: bool) -> Iterator[str]:
    for row in estimates.itertuples():
        if row.learnt < UNTOLD:
            rests = "; its estimate is its prior's" if with_prior else ""
            yield (f"The data tell next to nothing of {row.parameter}{rests} (the prior's variance"
                   f" fell by {100 * row.learnt:.0f} %).")  # fmt: skip


def _at_end(estimates: pd.DataFrame) -> Iterator[str]:
    for row in estimates.itertuples():
        if abs(row.latent) > AT_END:
            side = "upper" if row.latent > 0 else "lower"
            yield (
                f"{row.parameter} stands at the {side} end of what is plausible: the model may be"
                " wrong where it matters, or the data set no limit on that side."
            )


def _ridges(correlations: pd.DataFrame) -> Iterator[str]:
    names = list(correlations.columns)
    for position, name in enumerate(names):
        for second in names[position + 1 :]:
            together = correlations.loc[name, second]
            if abs(together) > RIDGE:
                # along a ridge where both rise together, their ratio stays
                combination = "ratio" if together > 0 else "product"
                yield (f"The data tell {name} and {second} almost only together (r ="
                       f" {together:.3f}): on a log scale, close to"
                       f" their {combination}.")  # fmt: skip


def _searches(ends: Sequence[Maximum]) -> Iterator[str]:
    best = ends[0]
    if not best.converged:
        yield "The search did not come to rest: the estimates may not be the most probable values."
    behind = np.array([best.log_density - end.log_density for end in ends])
    same = int((behind < SAME).sum())
    searches = "search" if len(ends) == 1 else "searches"
    yield f"{same} of {len(ends)} {searches} ended at this maximum."
    rivals = [
        end for end, less in zip(ends, behind, strict=True)
        if SAME <= less < RIVAL and end.converged
    ]  # fmt: skip
    if rivals:
        less = best.log_density - rivals[0].log_density
        yield (f"Another maximum is nearly as probable ({less:.1f} lower in log density): look at"
               " the posterior before relying on the intervals.")  # fmt: skip


def _profiles(profiles: Mapping[str, Profile]) -> Iterator[str]:
    for name, profile in profiles.items():
        low, high = profile.interval
        percent = f"{100 * profile.level:g} %"
        if profile.open_sides:
            sides = listed(profile.open_sides)
            yield f"The profile of {name} is flat: the data set no limit {sides}."
        else:
            ends = with_unit(f"{low:.4g} to {high:.4g}", profile.parameter.unit)
            yield f"{name} by its profile: {percent} in {ends}."
        if profile.rise > SAME:
            yield (f"On the profile of {name} the density is {profile.rise:.2f} higher than at the"
                   " estimate: fit again with more starts=.")  # fmt: skip


def _chain(posterior: Posterior | None) -> Iterator[str]:
    if posterior is None:
        return
    fewest = int(posterior.effective_draws.min())
    if posterior.mixes:
        yield f"The posterior has {fewest} effective draws at least, and its walkers agree."
        return
    worst = posterior.parameters[int(posterior.r_hat.argmax())].name
    yield (f"The chain mixes poorly (R-hat {posterior.r_hat.max():.3f}, worst for {worst};"
           f" {fewest} effective draws): do not rely on its intervals.")  # fmt: skip
