"""How one parameter is spread between dyads, and how two of them go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.special import betainc, betaincinv, expit, logit, ndtr, ndtri

from oxysim.arrays import FloatArray
from oxysim.checks import array, instance, name, number, refused, sequence
from oxysim.errors import InputError, shown, unknown_name
from oxysim.model import registry
from oxysim.model.rows import ParameterRow, Status, sources
from oxysim.texts import Called

Distribution = Literal["normal", "lognormal", "logit-normal", "beta", "uniform"]
DISTRIBUTIONS = ("normal", "lognormal", "logit-normal", "beta", "uniform")
STATUSES = ("measured", "derived", "recalled", "assumed", "calibrated")
TAIL = 1.96  # standard deviations that hold 95 % of dyads
LARGEST_SHIFT = 10.0  # standard deviations; beyond, a normal score has no dyad any more


@dataclass(frozen=True)
class Trait(Called):
    """The distribution of one parameter between dyads, in the unit of the parameter's row.

    Parameters
    ----------
    name : parameter with "caregiver." or "infant." before it; each caregiver of a family has its
        own draw.
    distribution : "normal", "lognormal", "logit-normal", "beta" or "uniform".
    centre : median (lognormal, logit-normal), mean (normal, beta); default the parameter's default.
        A uniform trait has none.
    spread : standard deviation: on the log scale (lognormal), the logit scale (logit-normal), in
        the parameter's unit (normal, beta). A uniform trait has none.
    least, most : where the distribution is cut off (truncated); the two ends of a uniform one.
    doubt : standard deviation of what is not known of the centre, on the scale of `spread`:
        parameter uncertainty, as against the variation between dyads.
    source, status, note : key of ``data/sources.csv``; "measured", "derived", "recalled", "assumed"
        or "calibrated"; and why.

    Raises
    ------
    UnknownNameError : no such parameter, distribution or source. InputError : numbers that make no
    distribution.

    >>> trait = Trait("caregiver.bond.reward_gain", "lognormal", spread=0.2)
    >>> bool(np.isclose(trait.quantile(0.5), trait.centre, rtol=0.05))
    True
    """

    name: str
    distribution: str
    centre: float | None = None
    spread: float | None = None
    least: float | None = None
    most: float | None = None
    doubt: float = 0.0
    source: str = "assumption"
    status: Status | str = "assumed"
    note: str = ""

    def __post_init__(self) -> None:
        name(self.name, "name of a trait")
        for field_name in ("centre", "spread", "least", "most", "doubt"):
            value = getattr(self, field_name)
            if value is not None or field_name == "doubt":
                # a frozen class is written to by this way only; a NumPy number becomes a float
                object.__setattr__(
                    self, field_name, number(value, f"{field_name} of trait {self.name!r}")
                )
        for field_name in ("distribution", "source", "status", "note"):
            instance(
                getattr(self, field_name), f"{field_name} of trait {self.name!r}", str, "a text"
            )
        row, where = self.row, f"of trait {self.name!r}"
        for kind, word, names in (
            ("distribution", self.distribution, DISTRIBUTIONS), ("status", self.status, STATUSES),
            ("source", self.source, sources()),
        ):  # fmt: skip
            if word not in names:
                raise unknown_name(kind, word, names, where)
        # the row is looked up by now: the name of the trait exists
        if self.distribution != "uniform" and self.centre is None:
            object.__setattr__(self, "centre", float(row.default))
        self._require_numbers()

    def _require_numbers(self) -> None:
        """Raise unless the numbers make a distribution."""
        low, high = self._ends()
        if self.distribution == "uniform":
            if (
                self.centre is not None
                or self.spread is not None
                or self.least is None
                or self.most is None
            ):
                raise self._wrong(
                    "a uniform trait has least and most, and neither centre nor spread"
                )
        elif self.spread is None or not 0 < self.spread < np.inf:
            raise self._wrong("spread must be a number above 0")
        if not 0 <= self.doubt < np.inf:
            raise self._wrong("doubt must be a number of at least 0")
        if not low < high:
            raise self._wrong("least must lie below most, inside what is legal for the parameter")
        if self.centre is not None and not low < self.centre < high:
            raise self._wrong(f"the centre must lie between {low:g} and {high:g}")
        if self.distribution == "beta" and min(self._shapes()) <= 0:
            raise self._wrong(
                "the spread of a beta trait must lie below sqrt(centre * (1 - centre))"
            )

    @property
    def row(self) -> ParameterRow:
        """The row of the parameter that it spreads.

        >>> Trait("caregiver.bond.reward_gain", "lognormal", spread=0.2).row.legal
        (0.0, inf)
        """
        if not self.name.startswith(("caregiver.", "infant.")):
            raise InputError(
                f"trait {self.name!r}: expected a name that begins with 'caregiver.' or 'infant.'"
            )
        return registry.parameter_row(self.name, ("mother",))[2]

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most that a dyad can have: `least` and `most`, or else what is legal
        for the parameter.

        >>> Trait("caregiver.bond.reward_gain", "lognormal", spread=0.2, most=50).ends
        (0.0, 50.0)
        """
        return self._ends()

    def quantile(self, share: FloatArray) -> FloatArray:
        """The value below which a `share` of dyads lies, in the row's unit.

        >>> alike = Trait("caregiver.bond.reward_gain", "uniform", least=0.1, most=0.3)
        >>> alike.quantile(np.array([0.0, 0.5, 1.0]))
        array([0.1, 0.2, 0.3])
        """
        # between the shares at the two ends, so that what was cut off is spread over what is left
        p = array(share, "share", low=0.0, high=1.0)
        low, high = self._ends()
        if self.distribution == "uniform":
            return low + (high - low) * p
        below, above = self._share(low), self._share(high)
        values = self._value(below + (above - below) * p)
        return np.clip(values, low, high)  # clipped against rounding only

    def shifted(self, by: float) -> Trait:
        """The same with its centre moved by `by`, on the scale of the spread; a uniform trait
        stays.

        >>> usual = Trait("caregiver.bond.reward_gain", "lognormal", 0.1, 0.2)
        >>> round(usual.shifted(np.log(2)).centre, 6)
        0.2
        """
        by = number(by, "by")  # in the trait's own unit where its scale is the plain one
        if self.centre is None:
            return self
        onto, back = _SCALES.get(self.distribution, _SCALES["normal"])
        low, high = self._ends()
        moved = float(back(onto(self.centre) + by))
        if not low < moved < high:  # halfway to the end that it would pass
            moved = (self.centre + (low if moved <= low else high)) / 2
        return replace(self, centre=moved)

    def _shapes(self) -> tuple[float, float]:
        """The two shape parameters of a beta distribution with this mean and standard deviation."""
        centre, spread = self.centre or 0.0, self.spread or 1.0
        # by the method of moments: a + b of Beta(a, b) with this mean and standard deviation
        concentration = centre * (1 - centre) / spread**2 - 1
        return centre * concentration, (1 - centre) * concentration

    def _share(self, value: float) -> float:
        """The share of dyads below a value, before anything is cut off."""
        if self.distribution == "beta":
            return float(betainc(*self._shapes(), value))
        onto, _ = _SCALES[self.distribution]
        # the logarithm of an end at 0 is minus infinity, whose share is 0: as it should be
        with np.errstate(divide="ignore"):
            return float(ndtr((onto(value) - onto(self.centre)) / self.spread))

    def _value(self, share: FloatArray) -> FloatArray:
        """The value below which a share of dyads lies, before anything is cut off."""
        if self.distribution == "beta":
            return np.asarray(betaincinv(*self._shapes(), share))
        onto, back = _SCALES[self.distribution]
        return np.asarray(back(onto(self.centre) + (self.spread or 0.0) * ndtri(share)))

    def _ends(self) -> tuple[float, float]:
        # what a parameter may be at all bounds its distribution, whatever its ends
        legal_low, legal_high = self.row.legal
        if self.distribution in ("beta", "logit-normal"):
            legal_low, legal_high = max(legal_low, 0.0), min(legal_high, 1.0)
        for end in (self.least, self.most):
            if end is not None and not (np.isfinite(end) and legal_low <= end <= legal_high):
                raise self._wrong(f"the ends must lie in [{legal_low:g}, {legal_high:g}]")
        low = legal_low if self.least is None else self.least
        high = legal_high if self.most is None else self.most
        if self.distribution == "lognormal":
            # a lognormal value lies above 0, where the row may allow less
            low = max(low, 0.0)
        return low, high

    def _wrong(self, why: str) -> InputError:
        numbers = (
            f"centre {self.centre}, spread {self.spread}, least {self.least}, most {self.most}"
        )
        return InputError(f"trait {self.name!r} ({self.distribution}): {why}; found {numbers}")


# Onto the scale on which a distribution is normal, and back from it.
_SCALES: dict[str, tuple[Any, Any]] = {
    "normal": (np.asarray, np.asarray),
    "lognormal": (np.log, np.exp),
    "logit-normal": (logit, expit),
}


@dataclass(frozen=True)
class Correlation(Called):
    """How far two traits go together in one dyad: the correlation `r` of their normal scores.

    That is a Gaussian copula. In a family each caregiver's trait has this correlation with the
    infant's; different caregivers are unrelated.

    >>> Correlation("caregiver.bond.reward_gain", "caregiver.affect.reward_gain", 0.3).r
    0.3
    """

    first: str
    second: str
    r: float
    source: str = "assumption"
    note: str = ""

    def __post_init__(self) -> None:
        for field_name in ("first", "second", "source", "note"):
            instance(getattr(self, field_name), f"{field_name} of a correlation", str, "a text")
        pair = f"correlation of {self.first!r} with {self.second!r}"
        if self.first == self.second:
            raise InputError(f"{pair}: expected two different traits")
        # at -1 or 1 one of the two would be no trait of its own: its matrix has no inverse
        if isinstance(self.r, bool) or not isinstance(self.r, int | float) or not -1 < self.r < 1:
            raise InputError(f"{pair}: expected r inside (-1, 1); found {self.r!r}")
        if self.source not in sources():
            raise unknown_name("source", self.source, sources(), f"of the {pair}")


@dataclass(frozen=True)
class Attribute(Called):
    """Something that a family has or has not (preterm birth, a bottle-fed infant).

    Parameters
    ----------
    name : a word or two with hyphens, as a criterion names it.
    share : share of families that have it, inside (0, 1).
    shifts : trait -> standard deviations by which its normal score is moved in those families, as a
        mapping or as pairs.
    interventions : what is added to the day of those families, in the text form of schedules (";"
        between several).
    source, note : where the share is from, and what it stands for.

    >>> Attribute("preterm", 0.08, shifts={"infant.stress.ambient_load": 1.5}).shifts
    (('infant.stress.ambient_load', 1.5),)
    """

    name: str
    share: float
    shifts: tuple[tuple[str, float], ...] = ()
    interventions: str = ""
    source: str = "assumption"
    note: str = ""

    def __post_init__(self) -> None:
        for field_name in ("name", "interventions", "source", "note"):
            instance(
                getattr(self, field_name),
                f"{field_name} of attribute {shown(self.name)}",
                str,
                "a text",
            )
        number(self.share, f"share of attribute {self.name!r}")
        object.__setattr__(
            self, "shifts", _shifts(self.shifts, f"shifts of attribute {self.name!r}")
        )
        if not self.name or not self.name.replace("-", "").isalnum() or self.name[0].isdigit():
            raise InputError(f"attribute {self.name!r}: expected a name such as 'bottle-fed'")
        if not 0 < self.share < 1:
            raise InputError(
                f"attribute {self.name!r}: expected a share inside (0, 1); found {self.share!r}"
            )
        if self.source not in sources():
            raise unknown_name("source", self.source, sources(), f"of attribute {self.name!r}")


def _shifts(shifts: Any, label: str) -> tuple[tuple[str, float], ...]:
    """(trait, standard deviations) of every shift."""
    pairs = tuple(shifts.items()) if isinstance(shifts, Mapping) else shifts
    return sequence(pairs, label, _shift, of="pairs of a trait and standard deviations", least=0)


def _shift(pair: Any, label: str) -> tuple[str, float]:
    expected = (
        "a trait and its shift in standard deviations, such as ('infant.stress.ambient_load', 1.5)"
    )
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise refused(pair, label, expected)
    trait, by = pair
    return instance(trait, label, str, expected), number(by, label, -LARGEST_SHIFT, LARGEST_SHIFT)
