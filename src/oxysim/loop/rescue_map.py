"""What a rescue found: maps over doses, threshold doses, shares of a population, the effect of stopping."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from oxysim.errors import InputError, unknown_name
from oxysim.sweeps.study import Study

FloatArray = npt.NDArray[np.float64]
LOOKED_BACK = 4  # weeks at the end over which a course is asked whether it still moves
MOVES = 0.5  # EPDS points over that time
FATES = ("neither", "relapse", "late", "lasting")
"""What a course may be: the EPDS is below the cut-off in the first week without treatment and at the end ("lasting"),
in that first week only ("relapse"), at the end only ("late"), or at neither time."""


@dataclass(frozen=True, eq=False)
class RescueMap:
    """The runs of a :class:`~oxysim.loop.rescue.Rescue`, labelled by its doses (and "dyad" where there are several).

    Attributes
    ----------
    study : of the treated runs.
    treated, untreated : results of the runs with treatment and of those without.
    stops : when treatment ends, days, over the doses.
    cut_off : EPDS points below which a week's mean counts as recovered.
    """

    study: Study
    stops: xr.DataArray
    treated: xr.Dataset
    untreated: xr.Dataset
    cut_off: float

    @property
    def doses(self) -> tuple[str, ...]:
        """The names of the axes."""
        return () if self.study.design is None else self.study.design.names

    @functools.cached_property
    def at_end(self) -> xr.DataArray:
        """EPDS, mean of the last week of the follow-up."""
        return self._weekly(self.treated).isel(week=-1, drop=True).assign_attrs(_said("EPDS at the end of follow-up"))

    @functools.cached_property
    def after_treatment(self) -> xr.DataArray:
        """EPDS, mean of the first whole week without treatment."""
        weekly = self._weekly(self.treated)
        first = np.ceil(self.stops / 7 - 1e-9).astype(np.int64)
        found = weekly.isel(week=first).drop_vars("week", errors="ignore")
        return found.transpose(*self.at_end.dims).assign_attrs(_said("EPDS in the first week without treatment"))

    @functools.cached_property
    def without(self) -> xr.DataArray:
        """EPDS at the end of the follow-up without the interventions."""
        found = self._weekly(self.untreated).isel(week=-1, drop=True)
        found = (
            found if "dyad" in self.at_end.dims else found.squeeze("dyad", drop=True) if "dyad" in found.dims else found
        )
        return found.assign_attrs(_said("EPDS without treatment"))

    @property
    def in_need(self) -> xr.DataArray:
        """Whether a dyad is at or above the cut-off at the end of the follow-up when it is not treated."""
        return self.without >= self.cut_off

    @property
    def rescued(self) -> xr.DataArray:
        """Whether a run recovers that does not recover untreated."""
        return ((self.at_end < self.cut_off) & self.in_need).transpose(*self.at_end.dims)

    @property
    def fate(self) -> xr.DataArray:
        """The number in ``FATES`` of what became of each run."""
        after, end = self.after_treatment < self.cut_off, self.at_end < self.cut_off
        return (after.astype(int) + 2 * end.astype(int)).assign_attrs(
            {"flag_values": list(range(len(FATES))), "flag_meanings": " ".join(FATES)}
        )

    @property
    def moving(self) -> xr.DataArray:
        """Whether the EPDS moved by more than half a point over the last four weeks: such a run may yet change sides.

        Under daily-life noise runs move at rest too.
        """
        weekly = self._weekly(self.treated)
        return abs(weekly.isel(week=-1, drop=True) - weekly.isel(week=-1 - LOOKED_BACK, drop=True)) > MOVES

    @property
    def share(self) -> xr.DataArray:
        """Of those in need, the share that is rescued, over the doses.

        Raises
        ------
        InputError : somewhere nobody is in need, so that there is nobody to be rescued.
        """
        own = "dyad" in self.at_end.dims
        needing = self.in_need.sum("dyad") if own else self.in_need.astype(int)
        if not bool((needing > 0).all()):
            raise InputError(
                f"rescue: without treatment {'nobody is' if needing.ndim == 0 else 'somewhere nobody is'} at or above "
                f"EPDS {self.cut_off:g} at the end of the follow-up, so that there is nobody to be rescued; give dyads "
                "that stay symptomatic"
            )
        rescued = self.rescued.sum("dyad") if own else self.rescued.astype(int)
        return (rescued / needing).assign_attrs({"units": "1", "long_name": "share of those in need that is rescued"})

    def threshold(self, along: str, share: float = 0.5) -> xr.Dataset:
        """The least value of one axis from which on every larger one rescues, for each value of the others.

        Parameters
        ----------
        along : name of the axis, of numbers.
        share : of those in need that must be rescued; for one dyad any share above 0.

        Returns
        -------
        Dataset : ``least`` (NaN where not even the largest value does), ``below`` (the next smaller value, which does
        not; NaN where the smallest value does): the threshold lies between them; ``monotone`` is False where a smaller
        value did rescue, so that more was not always better.
        """
        if along not in self.doses:
            raise unknown_name("axis", along, self.doses, "in threshold")
        if not 0 < share <= 1:
            raise InputError(f"share: expected a share above 0 and at most 1; found {share!r}")
        if self.share[along].dtype.kind not in "if":
            raise InputError(f"threshold: expected an axis of numbers; found texts along {along!r}")
        enough = (self.share >= share).sortby(along)
        values = enough[along].values.astype(float)
        found = enough.values if enough.ndim == 1 else np.moveaxis(enough.values, enough.get_axis_num(along), -1)
        kept = np.logical_and.accumulate(found[..., ::-1], axis=-1)[..., ::-1]  # it and everything above
        count = kept.sum(axis=-1)
        padded = np.concatenate([[np.nan], values, [np.nan]])
        dims = [name for name in enough.dims if name != along]
        unit = {"units": self.treated[along].attrs.get("units", "1")}
        return xr.Dataset(
            {
                "least": (dims, padded[len(values) - count + 1], unit),
                "below": (dims, padded[len(values) - count], unit),
                "monotone": (dims, found.sum(axis=-1) == count),
            },
            coords={name: enough[name] for name in dims},
        )

    def report(self) -> str:
        """What was found, in sentences."""
        weeks = self._weekly(self.treated).sizes["week"]
        n, need = self.in_need.size, int(self.in_need.sum())
        lines = [
            f"Recovered: mean EPDS below {self.cut_off:g} in the last of {weeks} weeks; treatment ends after "
            f"{float(self.stops.min()):.4g} to {float(self.stops.max()):.4g} d.",
            f"Without treatment {need} of {n} {'dyads do' if n > 1 else 'dyad does'} not recover.",
        ]
        if need:
            many = {name: int((self.fate == i).sum()) for i, name in enumerate(FATES)}
            lines.append(
                f"Of {self.at_end.size} treated runs: lasting recovery in {many['lasting']}, recovery after treatment "
                f"only in {many['late']}, relapse (below {self.cut_off:g} when it stopped) in {many['relapse']}, none "
                f"in {many['neither']}."
            )
        if bool(self.moving.any()):
            below = int((self.moving & (self.at_end < self.cut_off)).sum())
            lines.append(
                f"Still moving by more than {MOVES:g} points over the last {LOOKED_BACK} weeks: "
                f"{int(self.moving.sum())} ({below} of them below {self.cut_off:g}); where they end is not "
                "known yet, so follow them for longer (followed=)."
            )
        return "\n".join(lines)

    def _weekly(self, result: xr.Dataset) -> xr.DataArray:
        return result[f"{self.study.who.caregivers[0]}.epds weekly mean"]


def _said(text: str) -> dict[str, str]:
    return {"units": "points", "long_name": text}
