"""From four answers to one finding, as it is, with edges cut, with traits unrelated, and with both,
to what edges and traits account for.
"""

from __future__ import annotations

import math
from typing import NamedTuple

# A part below a quarter of an association is beside the point, whatever its precision.
LEAST_SHARE = 0.25
# Monte Carlo standard errors by which a part has to differ from nothing.
CLEAR = 2.0


class Estimate(NamedTuple):
    """A number with its Monte Carlo standard error.

    >>> Estimate(0.3, 0.02).error
    0.02
    """

    value: float
    error: float


class Decomposition(NamedTuple):
    """What edges, traits and neither account for; ``trait_or_edge`` says it in a word.

    >>> parts = decomposed(*[Estimate(value, 0.01) for value in (0.3, 0.0, 0.3, 0.0)])
    >>> parts.trait_or_edge
    'edge'
    """

    edge: Estimate
    trait: Estimate
    rest: Estimate
    trait_or_edge: str


def decomposed(
    as_it_is: Estimate, edges_cut: Estimate, traits_unrelated: Estimate, neither: Estimate
) -> Decomposition:
    """Share out an association between edges and traits.

    What each takes away is the mean over both orders of taking away (Shapley 1953: edges first or
    traits first), so that edge + trait + rest is the association as it is. The four answers are
    taken as independent: with dyads in common their differences are known better than said here.

    >>> decomposed(*[Estimate(value, 0.01) for value in (0.4, 0.25, 0.15, 0.0)]).edge.value
    0.15
    """
    edge = ((as_it_is.value - edges_cut.value) + (traits_unrelated.value - neither.value)) / 2
    trait = ((as_it_is.value - traits_unrelated.value) + (edges_cut.value - neither.value)) / 2
    four = (as_it_is, edges_cut, traits_unrelated, neither)
    error = math.sqrt(sum(answer.error**2 for answer in four)) / 2

    parts = Estimate(round(edge, 12), error), Estimate(round(trait, 12), error)
    carrying = [_carries(estimate, as_it_is) for estimate in parts]
    words = {(True, True): "both", (True, False): "edge", (False, True): "trait"}
    word = words.get((carrying[0], carrying[1]), "neither")
    # without an error nothing can be said
    return Decomposition(*parts, neither, "unknown" if math.isnan(error) else word)


def _carries(estimate: Estimate, whole: Estimate) -> bool:
    """Whether a part is clear of nothing, and no small part of the whole."""
    is_clear = abs(estimate.value) > CLEAR * estimate.error
    return is_clear and abs(estimate.value) >= LEAST_SHARE * abs(whole.value)


def correlation_error(r: float, n: float) -> float:
    """The standard error of a correlation of `n` pairs, of normal variables.

    >>> round(correlation_error(0.6, 103), 3)
    0.064
    """
    return (1 - r**2) / math.sqrt(n - 3) if n > 3 else math.nan
