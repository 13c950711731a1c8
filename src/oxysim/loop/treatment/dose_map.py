"""What a rescue found: maps over doses, threshold doses, shares of a population, the effect of
stopping.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import xarray as xr

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import instance
from oxysim.ensembles import Ensemble
from oxysim.ensembles.information import QUANTILES
from oxysim.ensembles.predictions import weighted_quantiles
from oxysim.errors import InputError, unknown_name
from oxysim.sweeps.axis_targets import MEMBER
from oxysim.sweeps.study import Study
from oxysim.texts import Described, listed

LOOKED_BACK = 4  # weeks at the end over which a course is asked whether it still moves
MOVES = 0.5  # EPDS points over that time
# EPDS points from the cut-off: nearer, the slow drift of a dyad that ages may take it across
CLOSE = 2.0
# EPDS points from the least or most depressed end of a dyad's runs: farther, it is between two
# regimes
ARRIVED = 1.0
FATES = ("neither", "relapse", "late", "lasting")
"""What a course may be: the EPDS is below the cut-off in the first week without treatment and at
the end ("lasting"), in that first week only ("relapse"), at the end only ("late"), or at neither
time; what changes sides more often in between says :attr:`RescueMap.wavering`. Daily-life noise
alone makes some relapse: who is below it at a time may be so without treatment too.
"""


@dataclass(frozen=True, eq=False)
class RescueMap(Described):
    """The runs of a :class:`~oxysim.loop.treatment.rescue.Rescue`, labelled by its doses (and
    "dyad" where there are several).

    Attributes
    ----------
    study : of the treated runs.
    treated, untreated : results of the runs with treatment and of those without.
    stops : when treatment ends, days, over the doses.
    cut_off : EPDS points below which a week's mean counts as recovered.

    >>> FATES[2]  # below the cut-off at the end alone
    'late'
    """

    study: Study
    stops: xr.DataArray
    treated: xr.Dataset
    untreated: xr.Dataset
    cut_off: float

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        fates = [f"{name} {int((self.fate == number).sum())}" for number, name in enumerate(FATES)]
        return "Rescue map", [
            (
                "doses",
                listed(
                    f"{name} ({self.stops.sizes.get(name, self.at_end.sizes[name])})"
                    for name in self.doses
                ),
            ),
            ("in need", f"{int(self.in_need.sum())} of {self.in_need.size}"),
            ("fates", listed(fates)),
            ("undecided", int(self.undecided.sum())),
            ("changing sides more than once", int(self.wavering.sum())),
        ]

    @property
    def doses(self) -> tuple[str, ...]:
        """The names of the axes."""
        return () if self.study.design is None else self.study.design.names

    @functools.cached_property
    def at_end(self) -> xr.DataArray:
        """EPDS, mean of the last week of the follow-up."""
        return self._weekly.isel(week=-1, drop=True).assign_attrs(
            _epds_attributes("EPDS at the end of follow-up")
        )

    @functools.cached_property
    def after_treatment(self) -> xr.DataArray:
        """EPDS, mean of the first whole week without treatment."""
        first_week = self._weekly.isel(week=self._first_without).drop_vars("week", errors="ignore")
        return first_week.transpose(*self.at_end.dims).assign_attrs(
            _epds_attributes("EPDS in the first week without treatment")
        )

    @functools.cached_property
    def without(self) -> xr.DataArray:
        """EPDS at the end of the follow-up without the interventions."""
        last_week = self._weekly_untreated.isel(week=-1, drop=True)
        return last_week.assign_attrs(_epds_attributes("EPDS without treatment"))

    @property
    def in_need(self) -> xr.DataArray:
        """Whether a dyad is at or above the cut-off at the end of the follow-up when it is not
        treated.
        """
        return self.without >= self.cut_off

    @property
    def rescued(self) -> xr.DataArray:
        """Whether a run recovers that does not recover untreated."""
        return self._of_those_in_need(self.at_end < self.cut_off)

    @property
    def fate(self) -> xr.DataArray:
        """The number in ``FATES`` of what became of each run."""
        # two bits: below the cut-off after treatment, and at the end
        after, end = self.after_treatment < self.cut_off, self.at_end < self.cut_off
        return (after.astype(int) + 2 * end.astype(int)).assign_attrs(
            {"flag_values": list(range(len(FATES))), "flag_meanings": " ".join(FATES)}
        )

    @property
    def wavering(self) -> xr.DataArray:
        """Whether a run changes sides of the cut-off more often, week by week after treatment, than
        its two ends tell: a "lasting" recovery that was lost in between, or a "neither" that was
        not.
        """
        weekly = self._weekly
        # changes between neighbouring weeks that lie wholly after treatment
        number = xr.DataArray(np.arange(weekly.sizes["week"]), dims="week")
        inside = (number[1:] > self._first_without).drop_vars("week", errors="ignore")
        below = weekly.drop_vars("week", errors="ignore") < self.cut_off
        changes = (
            (below != below.shift(week=1, fill_value=False)).isel(week=slice(1, None)) & inside
        ).sum("week")
        return (changes > 1).transpose(*self.at_end.dims)

    @property
    def moving(self) -> xr.DataArray:
        """Whether the EPDS moved by more than half a point over the last four weeks."""
        weekly = self._weekly
        return (
            abs(weekly.isel(week=-1, drop=True) - weekly.isel(week=-1 - LOOKED_BACK, drop=True))
            > MOVES
        )

    @property
    def undecided(self) -> xr.DataArray:
        """Whether a run may yet change sides when it is followed for longer.

        It does if it moves; if it ends within two points of the cut-off; or if it ends neither near
        the least nor near the most depressed end of the same dyad's runs, treated or not: beside
        the separatrix a run may linger for months before it leaves, and that need not be near the
        cut-off. Under daily-life noise runs move at rest too, and few are ever decided.
        """
        ends = self.at_end
        # the dyad's own least and most depressed end, over all doses and without any
        low, high = ends.min(self.stops.dims), np.maximum(ends.max(self.stops.dims), self.without)
        between = (ends - low > ARRIVED) & (high - ends > ARRIVED)
        return (self.moving | between | (abs(ends - self.cut_off) < CLOSE)).transpose(*ends.dims)

    @property
    def share(self) -> xr.DataArray:
        """Of those in need, the share that is rescued, over the doses.

        Raises
        ------
        InputError : somewhere nobody is in need, so that there is nobody to be rescued.
        """
        return self._share_of(self.at_end < self.cut_off, "share of those in need that is rescued")

    def over_members(self, ensemble: Ensemble) -> xr.Dataset:
        """The share that is rescued over the members of an ensemble, where an axis "member" counts
        them: ``median``, ``low`` and ``high`` (90 % interval between members, in their weights)
        over the doses, and ``members``, the weight of those with anybody in need, of whom alone
        the shares speak.

        Raises
        ------
        InputError : no axis "member", or of another ensemble; nobody in need in any member.
        """
        instance(ensemble, "ensemble", Ensemble, "the Ensemble whose members were run")
        if MEMBER not in self.at_end.dims:
            raise InputError("rescue: expected an axis 'member' among the doses; found none")
        numbers = self.at_end[MEMBER].values.astype(int)
        if numbers.max() >= len(ensemble):
            raise InputError(f"ensemble: member {numbers.max()} was run; it has {len(ensemble)}")
        weights = ensemble.weights[numbers]
        shares = self.share.transpose(..., MEMBER)
        rest = [name for name in shares.dims if name != MEMBER]
        quantiles = np.apply_along_axis(_quantiles_of_known, -1, shares.values, weights)
        needing = (np.isfinite(shares.values) * weights).sum(axis=-1) / weights.sum()
        return xr.Dataset(
            {name: (rest, quantiles[..., k]) for k, name in enumerate(("low", "median", "high"))}
            | {"members": (rest, needing)},
            coords={name: shares[name] for name in rest},
        )

    @property
    def share_at_stop(self) -> xr.DataArray:
        """Of those in need, the share that is below the cut-off in the first week after treatment,
        and would not be in that week if it had not been treated: what a controlled study would
        report that ends with its treatment. What of it is not in :attr:`share` is the effect of
        stopping.

        Raises
        ------
        InputError : somewhere nobody is in need.
        """
        untreated = self._weekly_untreated.isel(week=self._first_without).drop_vars(
            "week", errors="ignore"
        )
        # who would be below it anyway in that week gained nothing
        gained = (self.after_treatment < self.cut_off) & (untreated >= self.cut_off)
        return self._share_of(
            gained, "share of those in need that treatment has below the cut-off when it stops"
        )

    def threshold(self, along: str, share: float = 0.5) -> xr.Dataset:
        """The least value of one axis from which on every larger one rescues, for each value of the
        others.

        Parameters
        ----------
        along : name of the axis, of numbers.
        share : of those in need that must be rescued; for one dyad any share above 0.

        Returns
        -------
        Dataset : ``least`` (NaN where not even the largest value does), ``below`` (the next smaller
        value, which does not; NaN where the smallest value does): the threshold lies between them;
        ``monotone`` is False where a smaller value did rescue, so that more was not always better.
        ``sure`` is the least where no run that is :attr:`undecided` counts as rescued, so that a
        longer follow-up may only make it smaller; ``settled`` is False where runs that are
        undecided might move the threshold at all: follow them for longer.
        """
        if along not in self.doses:
            raise unknown_name("axis", along, self.doses, "in threshold")
        if not 0 < checks.share(share, "share"):
            raise InputError(f"share: expected a share above 0 and at most 1; found {share!r}")
        if self.share[along].dtype.kind not in "if":
            raise InputError(f"threshold: expected an axis of numbers; found texts along {along!r}")
        enough = (self.share >= share).sortby(along)
        values = enough[along].values.astype(float)
        # counted once as it is, once with no undecided run rescued, once with all of them
        below = self.at_end < self.cut_off
        count, fewest, most = (
            _enough_from_the_top(self._share_of(runs, "") >= share, along)
            for runs in (below, below & ~self.undecided, below | self.undecided)
        )
        # before the smallest value and behind the largest there is none
        padded = np.concatenate([[np.nan], values, [np.nan]])
        dims = [name for name in enough.dims if name != along]
        unit = {"units": self.treated[along].attrs.get("units", "1")}
        return xr.Dataset(
            {
                "least": (dims, padded[len(values) - count + 1], unit),
                "below": (dims, padded[len(values) - count], unit),
                "sure": (dims, padded[len(values) - fewest + 1], unit),
                "monotone": (dims, enough.sum(along).values == count),
                "settled": (dims, fewest == most),
            },
            coords={name: enough[name] for name in dims},
        )

    def report(self) -> str:
        """What was found, in sentences."""
        lines = [*self._report_of_need(), *self._report_of_fates(), *self._report_of_shares()]
        return "\n".join([*lines, *self._report_of_doubt()])

    def _report_of_need(self) -> list[str]:
        """What recovered means, and who does not without treatment."""
        n, need = self.in_need.size, int(self.in_need.sum())
        return [
            f"Recovered: mean EPDS below {self.cut_off:g} in the last of"
            f" {self._weekly.sizes['week']} weeks; treatment ends after"
            f" {float(self.stops.min()):.3g} to {float(self.stops.max()):.3g} d.",
            f"Without treatment {need} of {n} {'dyads do' if n > 1 else 'dyad does'} not recover.",
        ]

    def _report_of_fates(self) -> list[str]:
        """What became of the treated runs of those in need."""
        need = int(self.in_need.sum())
        if not need:
            return []
        runs = int(self._of_those_in_need(xr.ones_like(self.at_end, dtype=bool)).sum())
        many = {
            name: int(self._of_those_in_need(self.fate == number).sum())
            for number, name in enumerate(FATES)
        }
        whose = "those" if need > 1 else "that dyad"
        return [
            f"Of {runs} treated runs of {whose}: lasting recovery in {many['lasting']}, recovery"
            f" after treatment only in {many['late']}, relapse (below {self.cut_off:g} when it"
            f" stopped) in {many['relapse']}, none in {many['neither']}."
        ]

    def _report_of_shares(self) -> list[str]:
        """Of several dyads, the share that is rescued, and what stopping takes from it."""
        if "dyad" not in self.at_end.dims or not bool((self.in_need.sum("dyad") > 0).all()):
            return []
        low, high, stopped = (
            f"{100 * float(share):.0f}"
            for share in (self.share.min(), self.share.max(), self.share_at_stop.max())
        )
        by_dose = f"{low} to {high} % of those in need, by dose"
        rescued = by_dose if low != high else f"{low} % of those in need"
        return [
            f"Rescued are {rescued}; when treatment stops, up to {stopped} % are below"
            f" {self.cut_off:g} who would not be without it."
        ]

    def _report_of_doubt(self) -> list[str]:
        """What a longer follow-up might change."""
        treatments = self.study.interventions.values()
        if any(item.noise is not None or item.has_random_bouts for item in treatments):
            return [
                "Daily life (noise, crying) moves everybody all the time, so that no run is decided"
                " for good."
            ]
        lines = []
        if wavering := int(self._of_those_in_need(self.wavering).sum()):
            lines.append(
                f"{wavering} of them changed sides of {self.cut_off:g} more than once after"
                " treatment: what became of them at their end was not so all the time."
            )
        if undecided := int(self.undecided.sum()):
            below = int((self.undecided & (self.at_end < self.cut_off)).sum())
            lines.append(
                f"Not decided yet are {undecided} ({below} of them below {self.cut_off:g}): they"
                f" moved by more than {MOVES:g} points over the last {LOOKED_BACK} weeks, are"
                f" within {CLOSE:g} of {self.cut_off:g}, or between two regimes; follow them for"
                " longer (followed=)."
            )
        return lines

    def _of_those_in_need(self, runs: xr.DataArray) -> xr.DataArray:
        return (runs & self.in_need).transpose(*self.at_end.dims)

    def _share_of(self, runs: xr.DataArray, meaning: str) -> xr.DataArray:
        by_dyad = "dyad" in self.at_end.dims
        needing = self.in_need.sum("dyad") if by_dyad else self.in_need.astype(int)
        # a share of nobody would be 0/0; of an ensemble some members may have nobody in need
        if not bool((needing > 0).any() if MEMBER in needing.dims else (needing > 0).all()):
            raise InputError(
                "rescue: without treatment"
                f" {'nobody is' if needing.ndim == 0 else 'somewhere nobody is'} at or above EPDS"
                f" {self.cut_off:g} at the end of the follow-up, so that there is nobody to be"
                " rescued; give dyads that stay symptomatic"
            )
        gained = self._of_those_in_need(runs)
        gained_by = gained.sum("dyad") if by_dyad else gained.astype(int)
        share = gained_by / needing.where(needing > 0)
        return share.assign_attrs({"units": "share", "long_name": meaning})

    @functools.cached_property
    def _weekly(self) -> xr.DataArray:
        """The treated courses, week by week, read from the store once."""
        return self.treated[self._epds].compute()

    @functools.cached_property
    def _weekly_untreated(self) -> xr.DataArray:
        weekly = self.untreated[self._epds].compute()
        # a study without a design has this dimension
        alone = "dyad" in weekly.dims and "dyad" not in self._weekly.dims
        return weekly.squeeze("dyad", drop=True) if alone else weekly

    @property
    def _first_without(self) -> xr.DataArray:
        """The number of the first whole week without treatment, over the doses."""
        return self.stops.copy(data=np.ceil(self.stops.values / 7 - 1e-9).astype(np.int64))

    @property
    def _epds(self) -> str:
        return f"{self.study.who.caregivers[0]}.epds: weekly mean"


def _quantiles_of_known(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """5 %, 50 % and 95 % of the shares that are known; NaN where none is."""
    known = np.isfinite(shares)
    if not known.any():
        return np.full(3, np.nan)
    return weighted_quantiles(shares[known], weights[known], QUANTILES)


def _enough_from_the_top(enough: xr.DataArray, along: str) -> IntArray:
    """How many values of an axis are enough, counted from the largest down to the first that is
    not.
    """
    enough_last = np.moveaxis(enough.sortby(along).values, enough.get_axis_num(along), -1)
    return np.logical_and.accumulate(enough_last[..., ::-1], axis=-1).sum(axis=-1)


def _epds_attributes(text: str) -> dict[str, str]:
    return {"units": "points", "long_name": text}
