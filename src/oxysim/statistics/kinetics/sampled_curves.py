"""Curves of samples as a laboratory reports them, made ready for areas: what stands for a level
below or above a limit, what is left out, and trapezoids between the samples that are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.texts import Called

BelowWord = Literal["zero", "half", "limit", "drop"]
AboveWord = Literal["refuse", "limit", "drop"]
AreaMethod = Literal["linear", "linear up, log down"]


NEARLY_LEVEL = 1e-3  # of a fall, in logarithms: closed form and series both err by 1e-10 there


@dataclass(frozen=True)
class CensoringRule(Called):
    """What stands for a sample whose level is known only to be below or above a limit.

    Parameters
    ----------
    before : below the limit before the first level that could be quantified: "zero", "half" of the
        limit, the "limit" itself, or "drop" the sample.
    between : below the limit between two levels that could be quantified.
    after : below the limit after the last level that could be quantified. "drop" ends the curve at
        that level, as pharmacokinetics has it; a "zero" far out would flatten the terminal line, so
        none of these samples is on it.
    above : above a limit: "refuse" gives the curve no figures but a reason, since its peak and its
        areas would be too low by an unknown amount; "limit" takes the limit, "drop" the sample out.

    Raises
    ------
    UnknownNameError : another word.

    >>> CensoringRule(after="half")
    CensoringRule(after='half')
    """

    before: BelowWord = "zero"
    between: BelowWord = "drop"
    after: BelowWord = "drop"
    above: AboveWord = "refuse"

    def __post_init__(self) -> None:
        for part in ("before", "between", "after"):
            checks.choice(getattr(self, part), part, get_args(BelowWord))
        checks.choice(self.above, "above", get_args(AboveWord))


class Curves(NamedTuple):
    """Curves with their samples at the front of each row, padded at the end.

    Attributes
    ----------
    times, values : shape (curves, n); NaN behind the last sample.
    quantified : which samples were quantified, where the others stand for a censored one.
    number : samples of each curve, shape (curves,).
    reasons : why a curve has no figures; empty where it has.

    >>> rule = CensoringRule()
    >>> nothing = np.full((1, 3), np.nan)
    >>> curves = prepared_curves(np.arange(3.0)[None], np.array([[1.0, np.nan, 4.0]]), nothing,
    ...                       nothing, rule)
    >>> curves.number, curves.values
    (array([2]), array([[ 1.,  4., nan]]))
    """

    times: FloatArray
    values: FloatArray
    quantified: BoolArray
    number: IntArray
    reasons: list[str]


def prepared_curves(
    times: FloatArray,
    values: FloatArray,
    below: FloatArray,
    above: FloatArray,
    rule: CensoringRule,
) -> Curves:
    """Curves without what is missing, and with what the rule puts in place of a censored level.

    Parameters
    ----------
    times, values : shape (curves, n); a value is NaN where it is missing or censored.
    below, above : the limit where a level is below or above one, NaN elsewhere.

    >>> limits = np.array([[1.0, np.nan, 1.0, np.nan, 1.0]])
    >>> values = np.array([[np.nan, 4.0, np.nan, 2.0, np.nan]])
    >>> nothing, rule = np.full((1, 5), np.nan), CensoringRule("zero", "half", "drop")
    >>> prepared_curves(np.arange(5.0)[None], values, limits, nothing, rule).values
    array([[0. , 4. , 0.5, 2. , nan]])
    """
    is_above, is_below = np.isfinite(above), np.isfinite(below)
    # what is above a limit could not be quantified, but is no low level either
    high = np.isfinite(values) | is_above
    places = np.arange(values.shape[1])
    first = np.where(high.any(axis=1), high.argmax(axis=1), values.shape[1])[:, None]
    last = np.where(
        high.any(axis=1),
        values.shape[1] - 1 - high[:, ::-1].argmax(axis=1),
        -1,
    )
    last = last[:, None]
    filled = values.copy()
    for word, at in (
        (rule.before, is_below & (places < first)),
        (rule.between, is_below & (places > first) & (places < last)),
        (rule.after, is_below & (places > last) & (last >= 0)),
    ):
        share = {"zero": 0.0, "half": 0.5, "limit": 1.0, "drop": np.nan}[word]
        filled[at] = share * below[at]
    if rule.above == "limit":
        filled[is_above] = above[is_above]

    refused = np.asarray(is_above.any(axis=1)) & (rule.above == "refuse")
    words = {
        (True, False): "",
        (
            True,
            True,
        ): "a level is above its limit, so that peak and areas are too low; see above=",
    }
    some = np.asarray(high.any(axis=1))
    reasons = [
        words.get(
            (bool(some[row]), bool(refused[row])),
            "no level could be quantified",
        )
        for row in range(len(values))
    ]
    filled[[bool(reason) for reason in reasons]] = np.nan
    quantified = np.isfinite(values) | (is_above & (rule.above == "limit"))
    return gathered_samples(times, filled, quantified, reasons)


def gathered_samples(
    times: FloatArray,
    values: FloatArray,
    quantified: BoolArray,
    reasons: list[str],
) -> Curves:
    """The samples that are left at the front of each row, in their order.

    >>> t, y = np.array([[0.0, 1.0]]), np.array([[np.nan, 3.0]])
    >>> gathered_samples(t, y, np.isfinite(y), [""]).times
    array([[ 1., nan]])
    """
    sampled = np.isfinite(values)
    # a stable sort of what is missing behind what is there
    order = np.argsort(~sampled, axis=1, kind="stable")
    behind = ~np.take_along_axis(sampled, order, axis=1)
    t, y = (np.take_along_axis(table, order, axis=1) for table in (times, values))
    quantified = np.take_along_axis(quantified, order, axis=1) & ~behind
    t, y = (np.where(behind, np.nan, table) for table in (t, y))
    return Curves(t, y, quantified, sampled.sum(axis=1), reasons)


class TrapezoidAreas(NamedTuple):
    """Areas between neighbouring samples and their first moments about time 0, shape (curves, n -
    1); 0 behind the last sample.

    >>> trapezoids(np.array([[0.0, 2.0]]), np.array([[1.0, 3.0]]), "linear").area
    array([[4.]])
    """

    area: FloatArray
    moment: FloatArray


def trapezoids(times: FloatArray, values: FloatArray, method: AreaMethod) -> TrapezoidAreas:
    """Areas and moments between neighbouring samples.

    By "linear" trapezoids, or with an exponential where the level falls between two levels above 0
    ("linear up, log down").

    >>> t, y = np.array([[0.0, 1.0]]), np.array([[4.0, 2.0]])
    >>> trapezoids(t, y, "linear up, log down").area.round(6)  # 2 / ln 2
    array([[2.88539]])
    """
    earlier, later = times[:, :-1], times[:, 1:]
    before, after = values[:, :-1], values[:, 1:]
    step = later - earlier
    area = (before + after) / 2 * step
    moment = (earlier * before + later * after) / 2 * step
    if method == "linear up, log down":
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            falls = (after < before) & (after > 0)
            # the logarithm of the ratio, exact where the two levels are nearly one
            fall = np.log1p((before - after) / after)
            log_area = step * (before - after) / fall
            log_moment = earlier * log_area + step**2 * before * _moment_of_decay(fall)
        area, moment = (
            np.where(falls, log_area, area),
            np.where(falls, log_moment, moment),
        )
    return TrapezoidAreas(np.nan_to_num(area), np.nan_to_num(moment))


def _moment_of_decay(fall: FloatArray) -> FloatArray:
    """The integral of s exp(-fall s) over s from 0 to 1."""
    closed = (1 - (1 + fall) * np.exp(-fall)) / fall**2
    # by its series where the closed form is a difference of nearly equal numbers
    return np.where(fall < NEARLY_LEVEL, 1 / 2 - fall / 3 + fall**2 / 8, closed)


def curve_arrays(
    times: npt.ArrayLike,
    values: npt.ArrayLike,
    below: npt.ArrayLike | None,
    above: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Times, values and limits, checked, each of the shape of the values.

    Raises
    ------
    InputError : shapes that do not fit, times that do not increase, infinite numbers, a limit
        beside a value, a sample without its time.

    >>> curve_arrays([0.0, 1.0], [[1.0, 2.0], [3.0, 4.0]], None, None)[0].shape
    (2, 2)
    """
    y = _numbers(values, "values")
    if not y.ndim or not y.shape[-1]:
        raise checks.refused(values, "values", "samples of a curve on the last axis")
    t = _numbers(times, "times")
    if t.shape not in (y.shape, y.shape[-1:]):
        expected = f"shape {y.shape[-1:]}, or {y.shape} as the values have"
        raise InputError(
            what="times",
            expected=expected,
            found=f"shape {t.shape}",
            key=("times",),
        )
    t = np.broadcast_to(t, y.shape)
    limits = []
    for label, limit in (("below", below), ("above", above)):
        table = np.full(y.shape, np.nan) if limit is None else _numbers(limit, label)
        if table.shape != y.shape:
            found = f"shape {table.shape}"
            expected = f"shape {y.shape}, as the values have"
            raise InputError(what=label, expected=expected, found=found, key=(label,))
        if (np.isfinite(table) & np.isfinite(y)).any():
            expected = "NaN among the values where a level is beyond a limit"
            raise InputError(what=label, expected=expected, found="both", key=(label,))
        limits.append(table)
    if (np.isfinite(limits[0]) & np.isfinite(limits[1])).any():
        text = "a level below one limit or above another"
        raise InputError(
            what="above",
            expected=text,
            found="one beyond both",
            key=("above",),
        )
    _require_order(t, np.isfinite(y) | np.isfinite(limits[0]) | np.isfinite(limits[1]))
    return t, y, limits[0], limits[1]


def _numbers(values: npt.ArrayLike, label: str) -> FloatArray:
    """Numbers of any shape, NaN where one is missing."""
    expected = "an array of numbers, NaN where one is missing"
    if isinstance(values, str | bytes):
        raise checks.refused(values, label, expected)
    try:
        raw = np.asarray(values)
    except ValueError:  # rows of unequal lengths
        raise checks.refused(values, label, expected) from None
    if raw.dtype.kind not in "iuf":
        raise checks.refused(values, label, expected)
    numbers = raw.astype(float)
    if np.isinf(numbers).any():
        raise checks.refused(values, label, "finite numbers, NaN where one is missing")
    return numbers


def _require_order(times: FloatArray, sampled: BoolArray) -> None:
    """Raise unless every sample has its time, and times increase along each curve."""
    if (np.isnan(times) & sampled).any():
        text = "a time for every sample"
        raise InputError(
            what="times",
            expected=text,
            found="NaN at one of them",
            key=("times",),
        )
    # a curve shorter than others ends in NaN
    latest = np.fmax.accumulate(times, axis=-1)[..., :-1]
    if (times[..., 1:] <= latest).any():
        raise checks.refused(times, "times", "increasing times")
