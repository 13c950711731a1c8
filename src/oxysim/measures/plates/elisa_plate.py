"""A plate of an immunoassay, read from a table: standards, blanks and samples, well by well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from oxysim import checks
from oxysim.errors import InputError, unknown_name
from oxysim.measures.instrument_model import INSTRUMENT_UNITS
from oxysim.measures.plates.logistic_curve import Weighting, pooled_scatter
from oxysim.measures.plates.standard_curve import StandardCurve, fitted_curve
from oxysim.texts import Described, counted
from oxysim.units import SPELLINGS

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("standard", "blank", "background", "sample")
"""What a well holds: a standard, nothing of the analyte, nothing that binds, or a sample."""


@dataclass(frozen=True)
class Well:
    """One well.

    Attributes
    ----------
    kind : one of "standard", "blank", "background" and "sample".
    sample : the name of what is in it; wells of one name are replicates.
    density : optical density (or counts), at least 0.
    concentration : of a standard; NaN of anything else, unless the file has one.
    dilution : how many times a sample was diluted.
    well : its place ("A1"); empty where the file has none.
    line : of the file; 0 where there is none.

    >>> Well("standard", "S1", 1.4, 14.5).dilution
    1.0
    """

    kind: str
    sample: str
    density: float
    concentration: float = np.nan
    dilution: float = 1.0
    well: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        checks.whole_number(self.line, "line", 0)
        where = f"line {self.line}, " if self.line else ""
        checks.text(self.well, f"{where}well")
        checks.choice(self.kind, f"{where}kind", KINDS)
        checks.name(self.sample, f"{where}sample")
        checks.number(self.density, f"{where}density of {self.sample}", 0.0)
        checks.number(self.dilution, f"{where}dilution of {self.sample}", 1.0)
        stated = self.concentration
        unstated = isinstance(stated, float) and np.isnan(stated)
        if self.kind == "standard" or not unstated:
            checks.number(stated, f"{where}concentration of {self.sample}", 0.0)


@dataclass(frozen=True, eq=False, repr=False)
class ElisaPlate(Described):
    """The wells of a plate.

    Parameters
    ----------
    wells : all of them; a place may occur once.
    unit : of the concentrations of the standards.
    name : of the plate or its file.

    Raises
    ------
    InputError : no standards, a well twice, one standard at two concentrations.
    UnknownNameError : no such unit.

    >>> u = [0.0, 0.1, 0.4, 1.6, 6.4]
    >>> wells = [Well("standard", f"S{x}", 0.2 + 1.8 / (1 + x), 50 * x) for x in u]
    >>> plate = ElisaPlate(wells, "pg/mL")
    >>> plate.curve().uloq
    320.0
    """

    wells: Sequence[Well]
    unit: str
    name: str = "plate"

    def __post_init__(self) -> None:
        checks.name(self.name, "name")
        wells = checks.sequence(self.wells, "wells", _well, of="Wells")
        object.__setattr__(self, "wells", wells)
        object.__setattr__(self, "unit", _checked_unit(self.unit, self.name))
        _require_distinct(wells, self.name)
        if not self.of("standard"):
            text = "wells of standards"
            raise InputError(what=self.name, expected=text, found="none", key=("wells",))

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """How many wells of which kind."""
        kinds = Counter(well.kind for well in self.wells)
        return f"Plate {self.name!r}", [
            ("", counted(len(self.wells), "well")),
            *(
                (f"{kind}s" if kind != "background" else kind, kinds[kind])
                for kind in KINDS
                if kinds[kind]
            ),
            ("unit", self.unit),
        ]

    def of(self, kind: str) -> tuple[Well, ...]:
        """The wells of a kind.

        >>> ElisaPlate([Well("standard", "S1", 1.4, 14.5)], "pg/mL").of("blank")
        ()
        """
        checks.choice(kind, "kind", KINDS)
        return tuple(well for well in self.wells if well.kind == kind)

    def curve(
        self, *, without: str | Sequence[str] = (), accuracy: float = 0.2,
        weighting: Weighting = "relative",
    ) -> StandardCurve:  # fmt: skip
        """The standard curve.

        The mean density of the background wells is taken off all others. The scatter of a well is
        that of all replicates, of standards and samples.

        Parameters
        ----------
        without : names of standards that are left out.
        accuracy, weighting : as of :func:`~oxysim.measures.plates.standard_curve.fitted_curve`.

        Raises
        ------
        InputError : too few standards, densities that turn back, no curve, no limits.
        UnknownNameError : no standard of a name.

        >>> u = [0.0, 0.1, 0.4, 1.6, 6.4]
        >>> wells = [Well("standard", f"S{x}", 0.2 + 1.8 / (1 + x), 50 * x) for x in u]
        >>> plate = ElisaPlate([*wells, Well("standard", "S9", 2.5, 30.0)], "pg/mL")
        >>> plate.curve(without="S9").lloq
        5.0
        """
        left_out = checks.texts(without, "without", of="names of standards")
        names = [well.sample for well in self.of("standard")]
        for name in left_out:
            if name not in names:
                raise unknown_name(
                    "standard",
                    name,
                    names,
                    f"of {self.name}",
                    key=("without",),
                )
        checks.choice(weighting, "weighting", get_args(Weighting))
        standards = [well for well in self.of("standard") if well.sample not in left_out]
        groups = [self._densities(wells) for wells in self._by_sample(left_out)]
        return fitted_curve(
            [well.concentration for well in standards],
            self._densities(standards),
            unit=self.unit,
            blanks=self._densities(self.of("blank")),
            scatter=pooled_scatter(groups, weighting),
            accuracy=accuracy,
            weighting=weighting,
            name=self.name,
        )

    def read_samples(self, curve: StandardCurve, by: str = "sample") -> pd.DataFrame:
        """What the curve reads of every sample: of the mean of its wells, times its dilution.

        Parameters
        ----------
        curve : of this plate, or of another that was read alike.
        by : "sample", or "well" for each well by itself.

        Returns
        -------
        DataFrame : sample, wells, density, cv (of the wells), dilution, value (NaN where censored),
            censored ("", "below" or "above" the curve's limits), limit (times the dilution),
            standard_error, and the concentration that the file has ("stated").

        >>> u = [0.0, 0.1, 0.4, 1.6, 6.4]
        >>> wells = [Well("standard", f"S{x}", 0.2 + 1.8 / (1 + x), 50 * x) for x in u]
        >>> plate = ElisaPlate([*wells, Well("sample", "P1", 1.1, dilution=2)], "pg/mL")
        >>> plate.read_samples(plate.curve())["value"].round(6).tolist()
        [100.0]
        """
        import pandas as pd

        checks.instance(
            curve,
            "curve",
            StandardCurve,
            "a StandardCurve, as plate.curve() gives it",
        )
        checks.choice(by, "by", ("sample", "well"))
        samples = self.of("sample")
        groups: list[list[Well]] = [[well] for well in samples]
        if by == "sample":
            together: dict[tuple[str, float], list[Well]] = {}
            for well in samples:
                # a sample in two dilutions is two readings
                together.setdefault((well.sample, well.dilution), []).append(well)
            groups = list(together.values())
        return pd.DataFrame(
            [self._reading(curve, wells) for wells in groups],
            columns=_COLUMNS,
        )

    # ---------------------------------------------------------------- internals
    def _reading(self, curve: StandardCurve, wells: Sequence[Well]) -> dict[str, Any]:
        """One row of what is read."""
        densities, first = self._densities(wells), wells[0]
        mean = float(densities.mean())
        x = float(curve.concentration(mean))
        censored = "below" if x < curve.lloq else "above" if x > curve.uloq else ""
        limit = {"below": curve.lloq, "above": curve.uloq}.get(censored, np.nan)
        error = float(curve.standard_error(x, len(wells))) if not censored else np.nan
        spread = densities.std(ddof=1) / mean if len(wells) > 1 and mean else np.nan
        stated = [well.concentration for well in wells]
        return dict(zip(_COLUMNS, (
            first.sample, first.well, len(wells), mean, float(spread), first.dilution,
            np.nan if censored else x * first.dilution, censored, limit * first.dilution,
            error * first.dilution, float(np.mean(stated)),
        ), strict=True))  # fmt: skip

    def _densities(self, wells: Sequence[Well]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Densities without the background."""
        background = [well.density for well in self.of("background")]
        less = float(np.mean(background)) if background else 0.0
        return np.array([well.density - less for well in wells], dtype=float)

    def _by_sample(self, left_out: Sequence[str]) -> list[list[Well]]:
        groups: dict[tuple[str, str, float], list[Well]] = {}
        for well in self.wells:
            if well.kind in ("standard", "sample") and well.sample not in left_out:
                groups.setdefault((well.kind, well.sample, well.dilution), []).append(well)
        return list(groups.values())


_COLUMNS = [
    "sample", "well", "wells", "density", "cv", "dilution", "value", "censored", "limit",
    "standard_error", "stated",
]  # fmt: skip


def _checked_unit(unit: Any, name: str) -> str:
    """A unit of concentration in its common spelling."""
    checks.name(unit, "unit")
    for kind in ("concentration", "cortisol"):
        if unit in SPELLINGS[kind]:
            return SPELLINGS[kind][unit]
    spellings = [spelling for kind in ("concentration", "cortisol") for spelling in SPELLINGS[kind]]
    if unit not in INSTRUMENT_UNITS:
        raise unknown_name("unit", unit, dict.fromkeys(spellings), f"of {name}")
    return str(unit)


def _well(value: Any, label: str) -> Well:
    return checks.instance(value, label, Well, "a Well")


def _require_distinct(wells: Sequence[Well], name: str) -> None:
    """Raise for a place that occurs twice, and for a standard of two concentrations."""
    places: dict[str, Well] = {}
    standards: dict[str, Well] = {}
    for well in wells:
        if well.well and places.setdefault(well.well, well) is not well:
            first = places[well.well]
            raise InputError(
                what=f"{name}, well {well.well!r}",
                expected="each well once",
                found=f"it on lines {first.line} and {well.line}",
                key=("wells",),
            )
        first = standards.setdefault(well.sample, well) if well.kind == "standard" else well
        if first.concentration != well.concentration and well.kind == "standard":
            raise InputError(
                what=f"{name}, standard {well.sample!r}",
                expected="one concentration",
                found=f"{first.concentration:g} and {well.concentration:g} (line {well.line})",
                key=("wells",),
            )
