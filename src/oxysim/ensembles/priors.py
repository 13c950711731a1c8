"""How far one quantity of a population may be off: its prior, as a map from a standard-normal
latent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from oxysim.arrays import FloatArray
from oxysim.checks import array, choice, instance, name, number
from oxysim.errors import InputError, unknown_name
from oxysim.interventions.daily_life import TIMES
from oxysim.model import registry
from oxysim.model.rows import sources
from oxysim.population import Population
from oxysim.texts import Called

KINDS = ("centre", "spread", "value", "noise", "correlation")
"""What of a population a quantity is: centre or spread of a trait; a value that all dyads share
(gains, time constants); a time of the noise of daily life; the correlation of two traits.
"""

# Onto the scale on which a distribution is normal, and back from it.
_SCALES: dict[str, tuple[Any, Any]] = {
    "normal": (np.asarray, np.asarray),
    "lognormal": (np.log, np.exp),
    "logit-normal": (logit, expit),
}
DISTRIBUTIONS = (*_SCALES, "uniform")
FARTHEST = 6.0  # latents beyond are as far as a double can tell the share from 0 or 1


@dataclass(frozen=True)
class Prior(Called):
    """What is believed of one quantity before any finding is looked at.

    Parameters
    ----------
    quantity : its name in the table, such as "reward -> mood".
    kind : one of :data:`KINDS`.
    parameter : the trait (centre, spread; the first of a correlation), the parameter (value), or
        the option of daily life (noise).
    distribution : "normal", "lognormal", "logit-normal" or "uniform".
    low, high : the range; the distribution is cut off there, so that no draw lies outside.
    centre, spread : median and standard deviation, the latter on the scale on which the
        distribution is normal; a uniform one has neither.
    second : of a correlation the second trait.
    source, note : key of ``data/sources.csv``, and why.

    Raises
    ------
    UnknownNameError : no such kind, distribution or source. InputError : numbers that make no
    distribution.

    >>> gain = Prior("loop", "value", "caregiver.depression.loop_gain", "uniform", 0.0, 2.0)
    >>> gain.value(np.zeros(1))
    array([1.])
    """

    quantity: str
    kind: str
    parameter: str
    distribution: str
    low: float
    high: float
    centre: float | None = None
    spread: float | None = None
    second: str = ""
    source: str = "assumption"
    note: str = ""

    def __post_init__(self) -> None:
        name(self.quantity, "quantity of a prior")
        where = f"prior of {self.quantity!r}"
        choice(self.kind, f"{where}, kind", KINDS)
        choice(self.distribution, f"{where}, distribution", DISTRIBUTIONS)
        name(self.parameter, f"{where}, parameter")
        for field_name in ("second", "source", "note"):
            instance(getattr(self, field_name), f"{where}, {field_name}", str, "a text")
        if self.source not in sources():
            raise unknown_name("source", self.source, sources(), f"of the {where}")
        for field_name in ("low", "high", "centre", "spread"):
            entry = getattr(self, field_name)
            if entry is not None or field_name in ("low", "high"):
                # a frozen class is written to by this way only; a NumPy number becomes a float
                object.__setattr__(self, field_name, number(entry, f"{where}, {field_name}"))
        self._require_numbers()

    def value(self, latent: FloatArray) -> FloatArray:
        """The quantity at standard-normal latents, in its own unit, shape of `latent`.

        >>> r = Prior("r", "correlation", "caregiver.bond.reward_gain", "uniform", -0.5, 0.5,
        ...           second="caregiver.affect.reward_gain")
        >>> r.value(np.array([-9.0, 0.0, 9.0]))
        array([-0.5,  0. ,  0.5])
        """
        share = ndtr(array(latent, "latent"))
        if self.distribution == "uniform":
            return np.asarray(self.low + (self.high - self.low) * share)
        # what lies beyond the range is spread over what lies inside
        below, above = self._share(self.low), self._share(self.high)
        _, back = _SCALES[self.distribution]
        values = back(self._middle + (self.spread or 0.0) * ndtri(below + (above - below) * share))
        return np.clip(values, self.low, self.high)  # clipped against rounding only

    def latent(self, value: FloatArray) -> FloatArray:
        """The latents at which the quantity has these values: the inverse of :meth:`value`.

        >>> gain = Prior("loop", "value", "caregiver.depression.loop_gain", "uniform", 0.0, 2.0)
        >>> gain.latent(gain.value(np.array([0.5]))).round(9)
        array([0.5])
        """
        values = array(value, "value", low=self.low, high=self.high)
        if self.distribution == "uniform":
            share = (values - self.low) / (self.high - self.low)
        else:
            below, above = self._share(self.low), self._share(self.high)
            share = (self._share(values) - below) / (above - below)
        return np.clip(ndtri(share), -FARTHEST, FARTHEST)

    @property
    def label(self) -> str:
        """What it is of which parameter, for tables.

        >>> Prior("loop", "value", "caregiver.depression.loop_gain", "uniform", 0.0, 2.0).label
        'caregiver.depression.loop_gain: value'
        """
        pair = f" with {self.second}" if self.second else ""
        return f"{self.parameter}{pair}: {self.kind}"

    @property
    def _middle(self) -> float:
        onto, _ = _SCALES[self.distribution]
        return float(onto(self.centre))

    def _share(self, value: Any) -> Any:
        """The share below a value before anything is cut off."""
        onto, _ = _SCALES[self.distribution]
        # the logarithm of an end at 0 is minus infinity, whose share is 0: as it should be
        with np.errstate(divide="ignore"):
            return ndtr((onto(value) - self._middle) / self.spread)

    def _require_numbers(self) -> None:
        """Raise unless the numbers make a distribution."""
        if not self.low < self.high:
            raise self._wrong("low must lie below high")
        if (self.second != "") != (self.kind == "correlation"):
            raise self._wrong("a correlation, and nothing else, has a second trait")
        if self.kind == "correlation" and not -1 < self.low < self.high < 1:
            raise self._wrong("the range of a correlation lies inside (-1, 1)")
        if self.kind == "spread" and self.low <= 0:
            raise self._wrong("the range of a spread lies above 0")
        if self.distribution == "uniform":
            if self.centre is not None or self.spread is not None:
                raise self._wrong("a uniform prior has neither centre nor spread")
            return
        if self.centre is None or not self.low <= self.centre <= self.high:
            raise self._wrong("the centre must lie in the range")
        if self.spread is None or not self.spread > 0:
            raise self._wrong("spread must be a number above 0")
        least, most = {"lognormal": (0.0, np.inf), "logit-normal": (0.0, 1.0)}.get(
            self.distribution, (-np.inf, np.inf)
        )
        # at the ends of its scale the centre has no logarithm or logit
        if not (least <= self.low and self.high <= most and least < self.centre < most):
            raise self._wrong(f"a {self.distribution} prior lies in [{least:g}, {most:g}]")

    def _wrong(self, why: str) -> InputError:
        numbers = f"low {self.low}, high {self.high}, centre {self.centre}, spread {self.spread}"
        return InputError(
            f"prior of {self.quantity!r} ({self.kind}, {self.distribution}): {why}; found {numbers}"
        )


def require_range(prior: Prior, base: Population) -> None:
    """Raise unless the population has what the prior changes, within the prior's range.

    >>> gain = Prior("loop", "value", "caregiver.depression.loop_gain", "uniform", 0.0, 2.0)
    >>> require_range(gain, Population("alike"))
    """
    where = f"prior of {prior.quantity!r}"
    if prior.kind == "noise":
        choice(prior.parameter, f"{where}, time of daily life", TIMES)
        return
    if prior.kind == "value":
        ends = registry.parameter_row(prior.parameter, ("mother",))[2].legal
    else:
        traits = {trait.name: trait for trait in base.traits}
        for parameter in filter(None, (prior.parameter, prior.second)):
            if parameter not in traits:
                raise unknown_name("trait", parameter, traits, f"of the {where}")
        if prior.kind == "correlation":
            return
        trait = traits[prior.parameter]
        if trait.distribution == "uniform":
            raise InputError(f"{where}: {trait.name!r} is uniform, with no centre and no spread")
        ends = trait.ends if prior.kind == "centre" else (0.0, np.inf)
    if not ends[0] <= prior.low < prior.high <= ends[1]:
        raise InputError(
            f"{where}: expected a range inside [{ends[0]:g}, {ends[1]:g}], which the"
            f" {prior.kind} can have; found {prior.low:g} to {prior.high:g}"
        )
