"""Curves as rises over a baseline, and as they begin at a dose."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.statistics.kinetics.sampled_curves import Curves, gathered_samples

Route = Literal["absorbed", "bolus", "infusion"]


class Dose(NamedTuple):
    """What was given when, and how it came into the blood.

    >>> checked_dose(24.0, "absorbed", 0.0, 0.0, (2,)).amount
    array([24., 24.])
    """

    amount: FloatArray | None
    route: Route | None
    time: float
    infusion: float


def checked_dose(dose: Any, route: Any, time: Any, infusion: Any, shape: tuple[int, ...]) -> Dose:
    """What was given to curves of a shape, checked.

    Raises
    ------
    InputError : a dose without its route, an infusion without its duration, a dose of 0.

    >>> checked_dose(None, None, 0.0, 0.0, ()).route is None
    True
    """
    given_at = checks.number(time, "dose_time")
    lasts = checks.number(infusion, "infusion", 0.0)
    if route is not None:
        checks.choice(route, "route", get_args(Route))
    elif dose is not None:
        expected = " or ".join(repr(word) for word in get_args(Route))
        raise InputError(what="route", expected=expected, found="none", key=("route",))
    if (route == "infusion") != (lasts > 0):
        expected = "a duration above 0 with the route 'infusion', and none with another"
        raise InputError(
            what="infusion",
            expected=expected,
            found=f"{lasts:g} ({route})",
            key=("infusion",),
        )
    amount = None if dose is None else per_curve(dose, "dose", shape)
    if amount is not None and (amount <= 0).any():
        raise checks.refused(dose, "dose", "a number above 0, or one a curve")
    return Dose(amount, route, given_at, lasts)


def per_curve(value: Any, label: str, shape: tuple[int, ...]) -> FloatArray:
    """One number for all curves, or one a curve, in one row.

    >>> per_curve(2.0, "baseline", (3,))
    array([2., 2., 2.])
    """
    numbers = checks.array(value, label)
    if numbers.shape not in ((), shape):
        expected = f"one number, or an array of shape {shape}, one a curve"
        raise InputError(
            what=label,
            expected=expected,
            found=f"shape {numbers.shape}",
            key=(label,),
        )
    return np.broadcast_to(numbers, shape).ravel()


def over_baseline(curves: Curves, baseline: Any, shape: tuple[int, ...]) -> Curves:
    """The curves as rises over their baseline: their first level, a number, one a curve, or none.

    >>> from oxysim.statistics.kinetics.sampled_curves import CensoringRule, prepared_curves
    >>> nothing = np.full((1, 2), np.nan)
    >>> row = np.array([[0.0, 1.0]]), np.array([[5.0, 9.0]]), nothing, nothing
    >>> over_baseline(prepared_curves(*row, CensoringRule()), "first", (1,)).values
    array([[0., 4.]])
    """
    if baseline is None:
        return curves
    if isinstance(baseline, str):
        checks.choice(baseline, "baseline", ("first",))
        usual = curves.values[:, 0]
    else:
        usual = per_curve(baseline, "baseline", shape)
    return curves._replace(values=curves.values - usual[:, None])


def from_the_dose(curves: Curves, dose: Dose) -> tuple[Curves, FloatArray]:
    """(curves that begin at the dose, the level at it, shape (curves,)).

    Of a bolus what was sampled before says nothing of the level at it; of any other dose the last
    level before stands for it where none was sampled at the dose itself.

    >>> from oxysim.statistics.kinetics.sampled_curves import CensoringRule, prepared_curves
    >>> nothing = np.full((1, 2), np.nan)
    >>> row = np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]), nothing, nothing
    >>> bolus = checked_dose(None, "bolus", 0.0, 0.0, (1,))
    >>> from_the_dose(prepared_curves(*row, CensoringRule()), bolus)[1]
    array([8.])
    """
    before = curves.times < dose.time
    left_out, times = before, curves.times
    if dose.route != "bolus":
        last = np.arange(before.shape[1]) == (before.sum(axis=1) - 1)[:, None]
        stands_in = last & ~(curves.times == dose.time).any(axis=1)[:, None]
        left_out, times = (
            before & ~stands_in,
            np.where(stands_in, dose.time, curves.times),
        )
    begun = gathered_samples(
        times,
        np.where(left_out, np.nan, curves.values),
        curves.quantified,
        curves.reasons,
    )

    back = _back_to_the_dose(begun.times, begun.values, dose.time)
    missing = (begun.number > 0) & (begun.times[:, 0] > dose.time)
    start = np.where(missing, back if dose.route == "bolus" else 0.0, np.nan)
    table = (
        np.full(len(start), dose.time),
        start,
        np.zeros(len(start), dtype=bool),
    )
    times, values, quantified = (
        np.column_stack([first, rest])
        for first, rest in zip(table, (begun.times, begun.values, begun.quantified), strict=True)
    )
    whole = gathered_samples(times, values, quantified, curves.reasons)
    return whole, np.where(whole.number > 0, whole.values[:, 0], np.nan)


def _back_to_the_dose(times: FloatArray, values: FloatArray, dose_time: float) -> FloatArray:
    """The level at the dose on the line through the logarithms of the first two samples; the first
    level where that does not fall.
    """
    if values.shape[1] < 2:
        return values[:, 0]
    (t1, t2), (y1, y2) = times[:, :2].T, values[:, :2].T
    falls = (y1 > y2) & (y2 > 0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        rate = np.log(y1 / y2) / (t2 - t1)
        back = y1 * np.exp(rate * (t1 - dose_time))
    # a fall so steep that no number holds what it points back to
    return np.where(falls & np.isfinite(back), back, y1)


# ------------------------------------------------------------------ places in rows
def latest_position(where: BoolArray) -> IntArray:
    """The last position of each row at which it holds; -1 where it holds nowhere.

    >>> latest_position(np.array([[True, False], [False, False]]))
    array([ 0, -1])
    """
    last = where.shape[1] - 1 - where[:, ::-1].argmax(axis=1)
    return np.where(where.any(axis=1), last, -1)


def values_at_positions(table: FloatArray, position: IntArray) -> FloatArray:
    """The entry of each row at a position; NaN at -1.

    >>> values_at_positions(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, -1]))
    array([ 2., nan])
    """
    entry = np.take_along_axis(table, np.maximum(position, 0)[:, None], axis=1)[:, 0]
    return np.where(position >= 0, entry, np.nan)


def latest_values(table: FloatArray, count: IntArray) -> FloatArray:
    """The last of the first `count` entries of each row.

    >>> latest_values(np.array([[1.0, 2.0, np.nan]]), np.array([2]))
    array([2.])
    """
    return values_at_positions(table, count - 1)
