"""Who leaves a trial, and when: at random, and the more readily the worse they felt at the last
visit.

Here stands the rule alone; the draws that it takes are made in `trials.replication`, one for each
participant and occasion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oxysim import checks, units
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.measures.cut_offs import EPDS_HIGHEST, EPDS_PROBABLE
from oxysim.texts import Called


@dataclass(frozen=True)
class Dropout(Called):
    """Drop-out between one visit and the next; who has left gives no reading any more.

    Parameters
    ----------
    monthly : share that leaves in a month, at or below the cut-off.
    per_point : by how much the rate is multiplied for every point of the EPDS above the cut-off, as
        measured at the last visit (1: drop-out is at random).
    cutoff : EPDS points.

    The rate is constant between visits, so that with `monthly` m and a rate multiplied by k the
    share that leaves in t months is 1 - (1 - m)^(k t).

    Raises
    ------
    InputError : a share outside [0, 1), a factor that is not positive, a cut-off outside the scale.

    >>> Dropout(monthly=0.05).words
    '5 % a month'
    """

    monthly: float = 0.0
    per_point: float = 1.0
    cutoff: float = EPDS_PROBABLE

    def __post_init__(self) -> None:
        checks.share(self.monthly, "drop-out, monthly")
        # nobody would be left at the second visit, and every endpoint empty
        if self.monthly == 1:
            raise InputError(
                "drop-out, monthly: nobody would stay; expected less than 1", key=("monthly",)
            )
        for name, value, high in (
            ("per_point", self.per_point, 10.0),
            ("cutoff", self.cutoff, EPDS_HIGHEST),
        ):
            # True is an int in Python, and no factor
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value <= high:
                raise InputError(
                    f"drop-out, {name}: expected a number above 0, at most {high:g}; found"
                    f" {value!r}",
                    key=(name,),
                )

    @property
    def reads(self) -> bool:
        """Whether it depends on the EPDS."""
        # a factor of 1 reads nothing: then no EPDS is measured for it
        return self.monthly > 0 and self.per_point != 1

    @property
    def words(self) -> str:
        """In words."""
        if not self.monthly:
            return "none"
        text = f"{100 * self.monthly:g} % a month"
        if not self.reads:
            return text
        point = f"each EPDS point above {self.cutoff:g} at the last visit"
        return f"{text}, x {self.per_point:g} for {point}"

    def staying(self, days: FloatArray, epds: FloatArray | None, uniform: FloatArray) -> BoolArray:
        """Who is still there at each occasion.

        Parameters
        ----------
        days : time of each occasion, shape (..., occasions), ascending.
        epds : as measured at each occasion, same shape; None where it does not matter. Where it is
            missing, the rate is that at the cut-off.
        uniform : one draw for each, same shape.

        >>> import numpy as np
        >>> days, draws = np.array([0.0, 30.0, 60.0]), np.array([0.5, 0.5, 0.01])
        >>> Dropout(monthly=0.05).staying(days, None, draws)
        array([ True,  True, False])
        """
        months = np.diff(days, axis=-1) * units.DAY / units.MONTH
        factor = np.ones_like(months)
        if self.reads and epds is not None:
            # the reading at the last visit rules the time up to the next
            above = np.maximum(np.nan_to_num(epds[..., :-1], nan=self.cutoff) - self.cutoff, 0.0)
            factor = self.per_point**above

        # Everybody is there at the first occasion; who leaves is gone from all later ones.
        leaves = uniform[..., 1:] < 1 - (1 - self.monthly) ** (factor * months)
        stays = np.ones(days.shape, dtype=bool)
        stays[..., 1:] = ~np.logical_or.accumulate(leaves, axis=-1)
        return stays
