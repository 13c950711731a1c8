"""Fits of several persons, each by itself: no person's data say anything of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from oxysim.checks import choice
from oxysim.fitting.single_fit import Fit
from oxysim.texts import Described, counted, listed


@dataclass(frozen=True, eq=False, repr=False)
class SeparateFits(Mapping[str, Fit], Described):
    """A fit for each person, by the person's name.

    Attributes
    ----------
    fits : one a person, in the order of the data.

    >>> len(SeparateFits(()))
    0
    """

    fits: tuple[Fit, ...]

    def __getitem__(self, person: str) -> Fit:
        names = list(self)
        # a misspelt name is answered with the nearest ones
        choice(person, "person", names)
        return self.fits[names.index(person)]

    def __iter__(self) -> Iterator[str]:
        return (fit.model.persons[0].person for fit in self.fits)

    def __len__(self) -> int:
        return len(self.fits)

    @property
    def estimates(self) -> pd.DataFrame:
        """The estimates of every person, one row a person and parameter."""
        tables = []
        for person, fit in self.items():
            table = fit.estimates.copy()
            # who, before what
            table.insert(0, "person", person)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def report(self) -> str:
        """The report of every person."""
        return "\n\n".join(f"{person}: {fit.report()}" for person, fit in self.items())

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        free = [parameter.name for parameter in self.fits[0].parameters]
        return "Separate fits", [
            ("of", counted(len(self), "person")),
            ("free", listed(free)),
        ]
