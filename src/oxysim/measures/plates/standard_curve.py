"""The standard curve of an immunoassay: the four-parameter logistic function through its standards,
what it reads back, from where to where, and how far a reading strays along it.

    density = infinite + (zero - infinite) / (1 + (concentration / middle)^slope)

The curve is fitted by SciPy's ``curve_fit``; the error of a reading follows by the delta method
from the scatter of wells and from what the standards leave open of the curve (O'Connell, Belanger
and Haaland 1993, Chemometrics and Intelligent Laboratory Systems 20, 97).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.instrument_names import instrument
from oxysim.measures.plates.logistic_curve import (
    Weighting,
    fitted_logistic,
    logistic_density,
    logistic_gradients,
    require_standards,
    well_scatter,
)
from oxysim.measures.user_instruments import user_instrument
from oxysim.texts import Described
from oxysim.units import with_unit

if TYPE_CHECKING:
    import pandas as pd

# levels between the limits at which two components of noise are matched with the precision profile
_PROFILE_POINTS = 41


class TwoComponents(NamedTuple):
    """An assay's noise as an instrument has it: a share of the level and a floor, and by how much
    they miss the precision profile between the limits at most (a share of its SD).

    >>> TwoComponents(sample=0.08, floor=2.0, largest_error=0.05).floor
    2.0
    """

    sample: float
    floor: float
    largest_error: float


@dataclass(frozen=True, eq=False, repr=False)
class StandardCurve(Described):
    """A fitted standard curve.

    Attributes
    ----------
    zero, infinite : densities without the analyte, and with as much of it as there can be.
    middle : the concentration halfway between them.
    slope : how steep it is there, above 0.
    covariance : of (zero, infinite, log middle, log slope), shape (4, 4).
    noise : the scatter of a well: a share of its density with "relative" weighting, a standard
        deviation with "equal".
    noise_from : "replicates", or "residuals" of the fit where no well is there twice.
    weighting : "relative" or "equal".
    accuracy : by which share of its concentration a standard may be missed.
    standards : a row a concentration: mean density, wells, what is read back, whether it counts.
    lloq, uloq : limits of quantification.
    detection : concentration at three standard deviations from the blanks; NaN without two of them.
    unit, name : of the concentrations; of the plate.

    >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
    >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
    >>> round(curve.middle, 6), round(curve.slope, 6), curve.lloq, curve.uloq
    (50.0, 1.0, 5.0, 320.0)
    """

    zero: float
    infinite: float
    middle: float
    slope: float
    covariance: FloatArray
    noise: float
    noise_from: str
    weighting: Weighting
    accuracy: float
    standards: pd.DataFrame
    lloq: float
    uloq: float
    detection: float
    unit: str
    name: str

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """Its parameters, limits and scatter."""
        scatter = (
            f"{100 * self.noise:.3g} %" if self.weighting == "relative" else f"{self.noise:.3g}"
        )
        detects = [] if np.isnan(self.detection) else [("detects from", f"{self.detection:.4g}")]
        return f"Standard curve of {self.name}", [
            ("densities", f"{self.zero:.4g} at zero, {self.infinite:.4g} at most"),
            ("middle", with_unit(f"{self.middle:.4g}", self.unit)),
            ("slope", f"{self.slope:.3g}"),
            ("quantified", with_unit(f"{self.lloq:g} to {self.uloq:g}", self.unit)),
            *detects,
            ("standards within", f"{100 * self.accuracy:g} %"),
            ("scatter of a well", f"{scatter} (by {self.noise_from})"),
        ]

    def density(self, concentration: npt.ArrayLike) -> FloatArray:
        """The expected density at concentrations of at least 0.

        >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
        >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
        >>> float(curve.density(50.0).round(6))
        1.1
        """
        return logistic_density(
            checks.array(concentration, "concentration", low=0.0), self._parameters
        )

    def concentration(self, density: npt.ArrayLike) -> FloatArray:
        """The concentration at which a density is expected; 0 beyond the density at zero, infinite
        beyond the other end.

        >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
        >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
        >>> curve.concentration([2.5, 1.1, 0.1]).round(6).tolist()
        [0.0, 50.0, inf]
        """
        y = checks.array(density, "density")
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (self.zero - y) / (y - self.infinite)
            inside = self.middle * ratio ** (1 / self.slope)
        # on the near side of zero, or on the far side of the other end
        falls = self.zero > self.infinite
        near = (y >= self.zero) if falls else (y <= self.zero)
        far = (y <= self.infinite) if falls else (y >= self.infinite)
        return np.where(near, 0.0, np.where(far, np.inf, inside))

    def standard_error(self, concentration: npt.ArrayLike, wells: int = 1) -> FloatArray:
        """The standard deviation of what is read at concentrations above 0, of the mean of so many
        wells: their scatter and what is open of the curve.

        >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
        >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
        >>> bool(curve.standard_error(50.0) < 1e-6)  # no scatter at all
        True
        """
        x = checks.array(concentration, "concentration", low=0.0)
        if (x <= 0).any():
            raise checks.refused(concentration, "concentration", "concentrations above 0")
        checks.whole_number(wells, "wells")
        gradient, slope = logistic_gradients(x, self._parameters)
        y = logistic_density(x, self._parameters)
        well = (self.noise * y) ** 2 if self.weighting == "relative" else self.noise**2
        of_the_curve = np.einsum("i...,ij,j...->...", gradient, self.covariance, gradient)
        return np.asarray(np.sqrt(well / wells + of_the_curve) / np.abs(slope))

    def precision_profile(self, wells: int = 1) -> pd.DataFrame:
        """Concentrations between the limits, the standard deviation of a reading there and its
        coefficient of variation.

        >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
        >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
        >>> list(curve.precision_profile().columns)
        ['concentration', 'standard_error', 'cv']
        """
        import pandas as pd

        x = np.geomspace(self.lloq, self.uloq, _PROFILE_POINTS)
        error = self.standard_error(x, wells)
        return pd.DataFrame({"concentration": x, "standard_error": error, "cv": error / x})

    def two_components(self, wells: int = 1) -> TwoComponents:
        """The noise between the limits as a share of the level and a floor: the two, neither below
        0, that miss the variances of the precision profile least, in shares of them.

        >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
        >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
        >>> bool(curve.two_components().sample < 1e-6)
        True
        """
        from scipy.optimize import nnls

        profile = self.precision_profile(wells)
        x, variance = profile["concentration"].to_numpy(), profile["standard_error"].to_numpy() ** 2
        # levels and variances in units of their own size: the solver knows no scale
        size = x.mean()
        matrix = np.column_stack([size**2 / variance, x**2 / variance])
        (floor, share), _ = nnls(matrix, np.ones(len(x)))
        fitted = np.sqrt(floor * size**2 + share * x**2)
        error = float(np.max(np.abs(fitted / np.sqrt(variance) - 1)))
        return TwoComponents(float(np.sqrt(share)), float(np.sqrt(floor) * size), error)

    def instrument(
        self,
        name: str,
        like: str | Instrument,
        *,
        wells: int = 1,
        dilution: float = 1.0,
        rounding: float | None = None,
        note: str = "",
    ) -> Instrument:
        """An instrument with this curve's limits and noise, that otherwise reads `like` another.

        What differs from visit to visit, and what stays with a person, is that of `like`: a plate
        knows neither.

        Parameters
        ----------
        name : of the instrument.
        like : what is read ("saliva_oxytocin").
        wells : in how many wells a sample is assayed; their mean is read.
        dilution : how many times samples are diluted before; limits and floor rise by it.
        rounding : of the readings, in the plate's unit.
        note : beside what the plate says.

        Raises
        ------
        InputError : an instrument whose noise is not proportional, a unit that cannot be converted.

        >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
        >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
        >>> kit = curve.instrument("kit", like="saliva_oxytocin", dilution=2.0)
        >>> kit.lloq, kit.uloq, kit.noise.occasion
        (10.0, 640.0, 0.3)
        """
        base = instrument(like)
        checks.text(note, "note")
        if base.noise.kind != "proportional":
            raise InputError(
                what="like", expected="an instrument with proportional noise, as an assay has",
                found=f"{base.name!r}, which has {base.noise.kind} noise", key=("like",),
            )  # fmt: skip
        times = checks.number(dilution, "dilution", 1.0)
        parts = self.two_components(wells)
        noise = replace(base.noise, sample=parts.sample, floor=parts.floor * times)
        facts = f"curve of {self.name}; its noise is missed by at most {parts.largest_error:.0%}"
        return user_instrument(
            name, like=base, unit=self.unit, noise=noise, lloq=self.lloq * times,
            uloq=self.uloq * times, rounding=rounding, status="measured",
            note=f"{facts}; {note}" if note else facts,
        )  # fmt: skip

    @property
    def _parameters(self) -> FloatArray:
        """As they are fitted: the middle and the slope by their logarithms."""
        return np.array([self.zero, self.infinite, np.log(self.middle), np.log(self.slope)])


def fitted_curve(
    concentrations: npt.ArrayLike,
    densities: npt.ArrayLike,
    *,
    unit: str,
    blanks: npt.ArrayLike = (),
    scatter: float | None = None,
    accuracy: float = 0.2,
    weighting: Weighting = "relative",
    name: str = "plate",
) -> StandardCurve:
    """The four-parameter logistic curve through standards, with its limits.

    Parameters
    ----------
    concentrations, densities : of the wells of the standards, background taken off, shape (wells,);
        five different concentrations at least, of which one may be 0.
    unit : of the concentrations.
    blanks : densities of wells without the analyte; those at a concentration of 0 count beside
        them.
    scatter : of a well (see :class:`StandardCurve`), where replicates of samples tell it; default
        by the replicates of the standards, or by the residuals.
    accuracy : by which share of its concentration a standard may be missed (.2 is what guidance on
        ligand binding assays asks for, .25 at the limits: ICH M10, 2022). The limits are the ends
        of the longest row of neighbouring standards that keep to it.
    weighting : wells stray by a share of their density ("relative"), or all alike ("equal").
    name : of the plate.

    Raises
    ------
    InputError : too few standards, densities that turn back, no curve through them, fewer than two
        standards within the accuracy.

    >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
    >>> curve = fitted_curve(50 * u, 0.2 + 1.8 / (1 + u), unit="pg/mL")
    >>> round(curve.zero, 6), round(curve.infinite, 6)
    (2.0, 0.2)
    """
    x, y = (
        checks.array(concentrations, "concentrations", (None,), low=0.0),
        checks.array(densities, "densities", (None,)),
    )
    checks.name(unit, "unit")
    checks.name(name, "name")
    checks.choice(weighting, "weighting", get_args(Weighting))
    share = checks.number(accuracy, "accuracy", 0.0, 1.0, open_low=True)
    empty = checks.array(blanks, "blanks", (None,)) if np.size(blanks) else np.empty(0)
    require_standards(x, y, name)
    if weighting == "relative" and (y <= 0).any():
        raise InputError(
            what=f"{name}, densities", expected="densities above 0 where wells stray by a share",
            found=f"{y.min():.3g}", remedy='weighting="equal"', key=("densities",),
        )  # fmt: skip
    parameters, covariance, residual = fitted_logistic(x, y, weighting, name)
    noise, noise_from = well_scatter(x, y, weighting, residual)
    if scatter is not None:
        noise, noise_from = checks.number(scatter, "scatter", 0.0), "replicates"
    zero, infinite, log_middle, log_slope = parameters.tolist()
    curve = StandardCurve(
        zero, infinite, float(np.exp(log_middle)), float(np.exp(log_slope)), covariance, noise,
        noise_from, weighting, share, _table(()), np.nan, np.nan, np.nan, unit, name,
    )  # fmt: skip
    return _with_limits(curve, x, y, np.concatenate([empty, y[x == 0]]))


# ----------------------------------------------------------------------- limits
def _with_limits(
    curve: StandardCurve, x: FloatArray, y: FloatArray, blanks: FloatArray
) -> StandardCurve:
    """The curve with what each standard reads back, and the limits that follow."""
    levels = np.unique(x[x > 0])
    means = np.array([y[x == level].mean() for level in levels])
    back = curve.concentration(means)
    near = np.abs(back / levels - 1) <= curve.accuracy
    rows = zip(
        levels.tolist(), means.tolist(), [int((x == level).sum()) for level in levels],
        back.tolist(), near.tolist(), strict=True,
    )  # fmt: skip
    first, last = _longest_row(near.tolist())
    if last - first < 1:
        raise InputError(
            what=curve.name,
            expected=f"two neighbouring standards read back within {100 * curve.accuracy:g} %",
            found=", ".join(f"{b:.3g} for {a:g}" for a, b in zip(levels, back, strict=True)),
            remedy="leave out a standard that failed (without=), or ask for less (accuracy=)",
            key=("accuracy",),
        )
    detection = _detection(curve, blanks)
    # nothing is quantified that is not told from a blank
    lowest = float(np.fmax(levels[first], detection))
    return replace(
        curve, standards=_table(tuple(rows)), lloq=lowest, uloq=float(levels[last]),
        detection=detection,
    )  # fmt: skip


def _longest_row(near: Sequence[bool]) -> tuple[int, int]:
    """(first, last) of the longest row of neighbours that hold, the higher one of equals."""
    best, start = (0, -1), 0
    for position, holds in enumerate(near):
        start = start if holds else position + 1
        if holds and position - start >= best[1] - best[0]:
            best = (start, position)
    return best


def _detection(curve: StandardCurve, blanks: FloatArray) -> float:
    """The concentration three standard deviations from the blanks; NaN without two of them."""
    if len(blanks) < 2:
        return np.nan
    towards = np.sign(curve.infinite - curve.zero)
    return float(curve.concentration(blanks.mean() + towards * 3 * blanks.std(ddof=1)))


def _table(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["concentration", "density", "wells", "read_back", "within_accuracy"]
    return pd.DataFrame(list(rows), columns=columns)
