"""Observations: whatever a study measured, one row a value, in one form for all that is done with
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from oxysim.checks import instance, texts
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, unknown_name
from oxysim.observations.observation_form import (
    CENSORED,
    COLUMNS,
    checked_form,
    completed_form,
    in_instrument_units,
)
from oxysim.observations.reading_report import ReadingReport
from oxysim.texts import Described, counted, html_table, listed
from oxysim.units import with_unit


@dataclass(frozen=True, eq=False, repr=False)
class Observations(Described):
    """Measured values, one row a value, as every reader returns them.

    Parameters
    ----------
    table : the form, with all of its columns:

        - ``person`` : the study's identifier, always a text ("007" stays "007").
        - ``member`` : "mother", "father", "infant", ... as in a family.
        - ``day`` : whole days from that person's day 0; ``<NA>`` where no day is known.
        - ``clock`` : minutes after midnight, 0 to below 1440; NaN where not known.
        - ``minutes`` : minutes from midnight of day 0, or from an event; NaN where not known.
        - ``age`` : the infant's age in days; NaN where not known.
        - ``analyte`` : an instrument's name ("saliva_oxytocin"), or a user's own.
        - ``value`` : in ``unit``; NaN where censored or missing.
        - ``unit`` : as :mod:`oxysim.units` writes it; an instrument's own where it is one.
        - ``censored`` : "" | "below" | "above" | "missing".
        - ``limit`` : the limit where censored below or above; NaN otherwise.
        - ``occasion`` : visit, form or phase; "" where there is none.
        - ``line`` : line of the file.
    report : what became of the file's rows.
    name : for titles and records.

    Raises
    ------
    InputError : a column missing or of another kind, a value where it says censored, a limit
        without one, two units of one analyte.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"person": ["a", "a"], "analyte": "salivary_cortisol",
    ...                       "clock": [480.0, 510.0], "value": [1.0, None], "unit": "ug/dL"})
    >>> Observations.from_table(table).table[["value", "unit", "censored"]].values.tolist()
    [[27.59, 'nmol/L', ''], [nan, 'nmol/L', 'missing']]
    """

    table: pd.DataFrame
    report: ReadingReport
    name: str

    def __post_init__(self) -> None:
        checked_name(self.name, "name")
        instance(self.report, "report", ReadingReport, "a ReadingReport")
        object.__setattr__(self, "table", checked_form(self.table, self.name))

    @classmethod
    def from_table(cls, table: pd.DataFrame, name: str = "table") -> Observations:
        """Observations from a table in memory.

        Needed are "person", "analyte", "value" and "unit", and one of "day", "clock", "minutes" and
        "age". Without "member" everybody is a mother; without "censored" a missing value (NaN,
        None) is missing and every other a number; without "line" rows count from 1. Values of an
        instrument are converted to its unit, which the report says.

        Raises
        ------
        InputError, UnitError : a column missing or unknown, an unknown unit, or as above.

        >>> import pandas as pd
        >>> forms = pd.DataFrame({"person": ["a", "b"], "analyte": "epds", "age": [60.0, 63.0],
        ...                       "value": [7.0, 13.0], "unit": "EPDS"})
        >>> len(Observations.from_table(forms, "two forms"))
        2
        """
        checked_name(name, "name")
        instance(
            table,
            "table",
            pd.DataFrame,
            "a pandas DataFrame, one row a value",
        )
        whole = completed_form(table, name)
        converted, changes = in_instrument_units(whole, name)
        rows = len(converted)
        return cls(
            converted,
            ReadingReport(name, "table", rows, rows, tuple(changes)),
            name,
        )

    def __len__(self) -> int:
        return len(self.table)

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody who was measured, in the order of the file."""
        return tuple(dict.fromkeys(self.table["person"]))

    @property
    def members(self) -> tuple[str, ...]:
        """The members of families that occur, in the order of the file."""
        return tuple(dict.fromkeys(self.table["member"]))

    @property
    def analytes(self) -> tuple[str, ...]:
        """What was measured, in the order of the file."""
        return tuple(dict.fromkeys(self.table["analyte"]))

    def of(self, analyte: str | Sequence[str]) -> Observations:
        """The values of one analyte, or of several.

        Raises
        ------
        UnknownNameError : an analyte that is not among them.

        >>> import pandas as pd
        >>> table = pd.DataFrame({"person": "a", "analyte": ["epds", "bonding"], "age": 60.0,
        ...                       "value": [7.0, 80.0], "unit": ["EPDS", "points"]})
        >>> Observations.from_table(table).of("epds").analytes
        ('epds',)
        """
        names = texts(analyte, "analyte", of="names of analytes", least=1)
        for name in names:
            if name not in self.analytes:
                raise unknown_name("analyte", name, self.analytes, f"in {self.name}")
        return self._rows(self.table["analyte"].isin(names))

    def drop_missing(self) -> Observations:
        """The same without missing values; what is below or above a limit stays.

        >>> import pandas as pd
        >>> table = pd.DataFrame({"person": "a", "analyte": "epds", "age": [60.0, 67.0],
        ...                       "value": [7.0, None], "unit": "EPDS"})
        >>> len(Observations.from_table(table).drop_missing())
        1
        """
        return self._rows(self.table["censored"] != "missing")

    def to_pandas(self) -> pd.DataFrame:
        """A copy of the form.

        >>> import pandas as pd
        >>> table = pd.DataFrame({"person": ["a"], "analyte": "epds", "age": 60.0, "value": 7.0,
        ...                       "unit": "EPDS"})
        >>> list(Observations.from_table(table).to_pandas().columns)[:3]
        ['person', 'member', 'day']
        """
        return self.table.copy()

    def require_units(self) -> dict[str, str]:
        """The unit of every analyte.

        Raises
        ------
        InputError : an analyte without a unit.

        >>> import pandas as pd
        >>> table = pd.DataFrame({"person": ["a"], "analyte": "epds", "age": 60.0, "value": 7.0,
        ...                       "unit": "EPDS"})
        >>> Observations.from_table(table).require_units()
        {'epds': 'EPDS'}
        """
        units = {
            str(analyte): str(same["unit"].iloc[0])
            for analyte, same in self.table.groupby("analyte", sort=False)
        }
        if without := [analyte for analyte, unit in units.items() if not unit]:
            raise InputError(
                what=self.name,
                expected="a unit for every analyte",
                found=f"none for {listed(without)}",
                remedy="give it where the file is read",
                key=("units",),
            )
        return units

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """How many values of what, of whom, and how many of them are censored or missing."""
        pairs: list[tuple[str, object]] = [
            ("name", self.name),
            ("persons", f"{len(self.persons)} ({listed(self.persons, 3)})"),
            ("members", listed(self.members)),
        ]
        return "Observations", [
            *pairs,
            *(_analyte_fact(same) for same in self._by_analyte()),
        ]

    def _repr_html_(self) -> str:
        rows = self.table.astype(object).to_numpy().tolist()
        return html_table(rows, list(COLUMNS), caption=self.name)

    def _by_analyte(self) -> list[pd.DataFrame]:
        return [same for _, same in self.table.groupby("analyte", sort=False)]

    def _rows(self, chosen: pd.Series) -> Observations:
        return replace(self, table=self.table[chosen].reset_index(drop=True))


def _analyte_fact(same: pd.DataFrame) -> tuple[str, str]:
    counts = same["censored"].value_counts()
    parts = [counted(len(same), "value")]
    parts += [f"{counts[word]} {word}" for word in CENSORED[1:] if word in counts]
    numbers = same["value"].dropna()
    if len(numbers):
        unit = str(same["unit"].iloc[0])
        parts.append(with_unit(f"{numbers.min():.4g} to {numbers.max():.4g}", unit or "1"))
    return str(same["analyte"].iloc[0]), ", ".join(parts)
