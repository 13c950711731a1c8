"""Non-compartmental figures of sampled curves: areas, peak, terminal half-life, clearance, volumes,
residence time; of many curves at once, each with the reason of what it has not.

The rules are those of Phoenix WinNonlin (*NCA computation rules*), which R's NonCompart and PKNCA
share, and the two areas of Pruessner et al. 2003 (Psychoneuroendocrinology 28, 916). Python has
none of them in a library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.statistics.kinetics.curves_after_dose import (
    Dose,
    Route,
    checked_dose,
    from_the_dose,
    latest_position,
    latest_values,
    over_baseline,
    values_at_positions,
)
from oxysim.statistics.kinetics.sampled_curves import (
    AreaMethod,
    CensoringRule,
    Curves,
    curve_arrays,
    prepared_curves,
    trapezoids,
)
from oxysim.statistics.pharmacokinetics import log_line
from oxysim.texts import Described, counted

if TYPE_CHECKING:
    import pandas as pd

FEWEST_TERMINAL = 3
"""The fewest samples of a terminal line: two would always lie on one."""

# adjusted r2 that a longer terminal line may lack and still be taken, as in WinNonlin
_AS_GOOD = 1e-4


@dataclass(frozen=True, eq=False, repr=False)
class CurveFigures(Described):
    """Figures of curves, each of shape (...), NaN where a curve has none; times and levels in the
    units of the samples.

    Attributes
    ----------
    samples : how many were used.
    peak, peak_time : the highest level and when it was first reached.
    last, last_time : the last level that was quantified and above 0, and when.
    area : under the curve, over all samples.
    area_last : up to the last level that was quantified.
    area_over_ground, area_over_increase : AUCG and AUCI of Pruessner et al. 2003: by linear
        trapezoids over all samples, whatever the method and the baseline, the second less the first
        sample's level over the whole time; negative where levels fall.
    half_life, rate : of the terminal line, and its slope with the sign changed.
    terminal_samples, terminal_start : how many samples it goes through, and from when.
    adjusted_r2 : of the terminal line.
    span : the time that it goes over, in half-lives. Below 2 a half-life is little worth.
    level_at_dose : of a bolus, extrapolated back to the dose.
    area_extrapolated : to infinity: area up to the last level, and that level over the rate.
    share_extrapolated : of it beyond the last sample.
    residence_time : mean residence time, to infinity; of an infusion less half of its duration.
    clearance : dose over area; over the absorbed share (CL/F) unless all of it reached the blood.
    volume : clearance over the terminal rate (Vz, or Vz/F).
    steady_volume : clearance times residence time (Vss), of a bolus or an infusion.
    reasons : why a curve lacks figures, an array of texts; empty where it lacks none.

    >>> figures = figures_of_curves([0.0, 1.0, 2.0, 3.0], [8.0, 4.0, 2.0, 1.0], route="bolus")
    >>> float(figures.half_life.round(9)), int(figures.terminal_samples)
    (1.0, 4)
    """

    samples: IntArray
    peak: FloatArray
    peak_time: FloatArray
    last: FloatArray
    last_time: FloatArray
    area: FloatArray
    area_last: FloatArray
    area_over_ground: FloatArray
    area_over_increase: FloatArray
    half_life: FloatArray
    rate: FloatArray
    terminal_samples: IntArray
    terminal_start: FloatArray
    adjusted_r2: FloatArray
    span: FloatArray
    level_at_dose: FloatArray
    area_extrapolated: FloatArray
    share_extrapolated: FloatArray
    residence_time: FloatArray
    clearance: FloatArray
    volume: FloatArray
    steady_volume: FloatArray
    reasons: npt.NDArray[np.object_]

    def to_pandas(self) -> pd.DataFrame:
        """A row a curve, a column a figure.

        >>> len(figures_of_curves([0.0, 1.0], [[1.0, 2.0], [2.0, 1.0]]).to_pandas())
        2
        """
        import pandas as pd

        return pd.DataFrame(
            {field.name: np.ravel(getattr(self, field.name)) for field in fields(self)}
        )

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """How many curves, and the means of their chief figures."""
        lacking = sum(bool(reason) for reason in np.ravel(self.reasons))
        chief = ("peak", "peak_time", "area", "half_life")
        means = [(name.replace("_", " "), _mean_text(getattr(self, name))) for name in chief]
        return "Curve figures", [
            ("of", counted(int(np.size(self.samples)), "curve")),
            *((f"mean {name}", text) for name, text in means if text),
            *([("with a reason for what they lack", lacking)] if lacking else []),
        ]


class _Terminal(NamedTuple):
    """The terminal line of every curve, each of shape (curves,)."""

    rate: FloatArray
    number: IntArray
    start: FloatArray
    adjusted_r2: FloatArray


def figures_of_curves(  # noqa: PLR0913 - what was sampled, what was given, and the named rules
    times: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    below: npt.ArrayLike | None = None,
    above: npt.ArrayLike | None = None,
    rule: CensoringRule | None = None,
    baseline: Literal["first"] | float | npt.ArrayLike | None = None,
    method: AreaMethod = "linear",
    dose: float | npt.ArrayLike | None = None,
    route: Route | None = None,
    dose_time: float = 0.0,
    infusion: float = 0.0,
) -> CurveFigures:
    """Non-compartmental figures of curves whose samples lie on the last axis.

    The terminal line goes through the logarithms of the last samples after the peak (of a bolus
    from the peak on), three of them at least: as many as give the highest adjusted r2, and the more
    where fewer are better by less than .0001. Only a falling line counts, and only levels that were
    quantified.

    Parameters
    ----------
    times : increasing, in any unit, shape (n,) or that of `values`.
    values : levels, shape (..., n); NaN where one is missing or censored.
    below, above : the limit where a level is only known to be below or above it, NaN elsewhere.
    rule : what stands for such a level; default zero before the first quantified level, none
        between and after, and no figures for a curve with a level above its limit.
    baseline : what is subtracted before everything but the areas of Pruessner: "first", each
        curve's first level; a number, or one a curve; None for nothing. The hormones of a person
        who was given more of them have one.
    method : trapezoids, "linear", or "linear up, log down".
    dose : what was given, in a unit of (level x volume), one number or one a curve.
    route : "bolus" and "infusion" into the blood, "absorbed" for any other; needed with a dose. A
        curve without a sample at the dose begins there with the last level before it; without one,
        with 0, or with the level to which the first two of a bolus point back.
    dose_time, infusion : when it was given, and over how long.

    Returns
    -------
    CurveFigures, each figure of shape (...).

    Raises
    ------
    InputError : arrays that do not fit, a dose without its route, an infusion without its duration.

    >>> figures = figures_of_curves([0, 15, 30, 60], [5.0, 9.0, 7.0, 5.0])
    >>> float(figures.area_over_ground), float(figures.area_over_increase)
    (405.0, 105.0)
    """
    t, y, low, high = curve_arrays(times, values, below, above)
    shape, n = y.shape[:-1], y.shape[-1]
    t, y, low, high = (np.reshape(table, (-1, n)) for table in (t, y, low, high))
    checks.instance(rule, "rule", (CensoringRule, type(None)), "a CensoringRule, or None")
    checks.choice(method, "method", get_args(AreaMethod))
    administered = checked_dose(dose, route, dose_time, infusion, shape)

    curves = prepared_curves(t, y, low, high, rule or CensoringRule())
    ground = trapezoids(curves.times, curves.values, "linear").area.sum(axis=1)
    corrected = over_baseline(curves, baseline, shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = _figures(corrected, administered, method)
        first = np.where(curves.number > 0, curves.values[:, 0], np.nan)
        length = latest_values(curves.times, curves.number) - curves.times[:, 0]
        several = curves.number > 1
        figures["area_over_ground"] = np.where(several, ground, np.nan)
        figures["area_over_increase"] = np.where(several, ground - first * length, np.nan)
    figures["samples"] = curves.number
    return CurveFigures(**{name: np.reshape(figure, shape) for name, figure in figures.items()})


# ------------------------------------------------------------------ what comes out
def _figures(curves: Curves, dose: Dose, method: AreaMethod) -> dict[str, Any]:
    """Every figure but the areas of Pruessner, each of shape (curves,)."""
    none = np.full(len(curves.number), np.nan)
    at_dose = none
    measured = curves
    if dose.route is not None:
        curves, at_dose = from_the_dose(curves, dose)
    peak, peak_time = _peak(measured, dose)
    # times of moments count from the dose
    since = curves.times - (dose.time if dose.route is not None else 0.0)
    parts = trapezoids(since, curves.values, method)

    quantified = curves.quantified & (curves.values > 0)
    last_position = latest_position(quantified)
    last = values_at_positions(curves.values, last_position)
    up_to_last = np.arange(curves.values.shape[1] - 1) < last_position[:, None]
    several = curves.number > 1
    area = np.where(several, parts.area.sum(axis=1), np.nan)
    has_last = several & (last_position > 0)
    area_last = np.where(has_last, (parts.area * up_to_last).sum(axis=1), np.nan)
    moment_last = np.where(has_last, (parts.moment * up_to_last).sum(axis=1), np.nan)

    # the peak's own sample belongs to the fall of a bolus alone
    is_bolus, since_peak = dose.route == "bolus", curves.times - peak_time[:, None]
    after = (since_peak >= 0) if is_bolus else (since_peak > 0)
    line = _terminal(curves.times, curves.values, quantified & after)

    beyond = last / line.rate
    to_infinity = area_last + beyond
    last_since = values_at_positions(since, last_position)
    moment = moment_last + beyond * last_since + beyond / line.rate
    residence = moment / to_infinity - dose.infusion / 2
    amount = none if dose.amount is None else dose.amount
    clearance = amount / to_infinity
    into_blood = dose.route in ("bolus", "infusion")
    last_time = values_at_positions(curves.times, last_position)
    return {
        "peak": peak, "peak_time": peak_time, "last": last, "last_time": last_time,
        "area": area, "area_last": area_last,
        "half_life": math.log(2) / line.rate, "rate": line.rate,
        "terminal_samples": line.number, "terminal_start": line.start,
        "adjusted_r2": line.adjusted_r2,
        "span": (last_time - line.start) * line.rate / math.log(2),
        "level_at_dose": at_dose if is_bolus else none,
        "area_extrapolated": to_infinity, "share_extrapolated": beyond / to_infinity,
        "residence_time": residence if dose.route is not None else none,
        "clearance": clearance, "volume": clearance / line.rate,
        "steady_volume": clearance * residence if into_blood else none,
        "reasons": _reasons(measured, quantified & after, line),
    }  # fmt: skip


def _peak(curves: Curves, dose: Dose) -> tuple[FloatArray, FloatArray]:
    """(level, time) of the highest sample since the dose that was taken, the first of equals."""
    since = np.isfinite(curves.values)
    if dose.route is not None:
        since &= curves.times >= dose.time
    position = np.argmax(np.where(since, curves.values, -np.inf), axis=1)
    position = np.where(since.any(axis=1), position, -1)
    return values_at_positions(curves.values, position), values_at_positions(curves.times, position)


def _terminal(times: FloatArray, values: FloatArray, used: BoolArray) -> _Terminal:
    """The line through the last samples of those `used`, by the highest adjusted r2."""
    # how many of them lie at a sample or behind it
    behind = np.cumsum(used[:, ::-1], axis=1)[:, ::-1]
    number, none = used.sum(axis=1), np.full(len(times), np.nan)
    best = _Terminal(none, np.zeros(len(times), dtype=np.int64), none, none)
    top = np.full(len(times), -np.inf)
    for count in range(FEWEST_TERMINAL, int(number.max(initial=0)) + 1):
        chosen = used & (behind <= count)
        line = log_line(times, values, chosen)
        adjusted = 1 - (1 - line.r2) * (count - 1) / (count - 2)
        # a longer line is taken where it is as good as the best of the shorter ones
        better = (number >= count) & (line.slope < 0) & (adjusted > top - _AS_GOOD)
        top = np.where(better, np.maximum(adjusted, top), top)
        start = np.min(np.where(chosen, times, np.inf), axis=1)
        best = _Terminal(
            np.where(better, -line.slope, best.rate),
            np.where(better, count, best.number),
            np.where(better, start, best.start),
            np.where(better, adjusted, best.adjusted_r2),
        )
    return best


def _reasons(curves: Curves, terminal: BoolArray, line: _Terminal) -> npt.NDArray[np.object_]:
    """What each curve lacks and why, as texts."""
    texts = []
    for reason, count, remaining, samples in zip(
        curves.reasons, curves.number, terminal.sum(axis=1), line.number, strict=True
    ):
        if reason:
            texts.append(reason)
        elif count < 2:
            texts.append("fewer than two samples: no area and no half-life")
        elif remaining < FEWEST_TERMINAL:
            texts.append(f"fewer than {FEWEST_TERMINAL} samples of the fall: no half-life")
        elif not samples:
            texts.append("the last samples do not fall: no half-life")
        else:
            texts.append("")
    return np.array(texts, dtype=object)


def _mean_text(figure: FloatArray) -> str:
    finite = figure[np.isfinite(figure)]
    return f"{finite.mean():.4g}" if finite.size else ""
