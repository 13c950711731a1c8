"""Tables that are drawn: any mapping or data frame, its columns checked where they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray

_KINDS = "a data frame, or a mapping of columns to lists of one length"


def as_frame(table: Any) -> pd.DataFrame:
    """A table as a data frame with rows from 0.

    Raises
    ------
    InputError : something that is no table.

    >>> as_frame({"outcome": ["warmth"], "dz": [0.4]}).shape
    (1, 2)
    """
    is_rows = (
        isinstance(table, list) and bool(table) and all(isinstance(row, Mapping) for row in table)
    )
    if not is_rows:
        checks.instance(table, "table", (pd.DataFrame, Mapping), _KINDS)
    try:
        return pd.DataFrame(table).reset_index(drop=True)
    except (TypeError, ValueError):  # columns of unequal lengths, or single values
        raise checks.refused(table, "table", _KINDS) from None


def column_of_numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """A column as numbers, shape (n_rows,); gaps are NaN.

    Raises
    ------
    InputError : text or anything else among them.

    >>> column_of_numbers(as_frame({"dz": [0.4, None]}), "dz").tolist()
    [0.4, nan]
    """
    column = frame[name]
    # numpy would read "3" as 3 and True as 1, and the figure would show what nobody wrote
    wrong = [value for value in column.tolist() if isinstance(value, str | bool)]
    if wrong:
        raise checks.refused(wrong[0], f"table, column {name!r}", "numbers")
    try:
        return column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise checks.refused(column.tolist(), f"table, column {name!r}", "numbers") from None
