"""A dyad chosen by its number, wherever a figure can draw one of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np


def is_dyad_number(value: Any, numbers: Sequence[int]) -> TypeGuard[int]:
    """Whether `value` is one of the dyads' `numbers`, and no truth value that equals one.

    >>> is_dyad_number(1, [0, 1]), is_dyad_number(True, [0, 1]), is_dyad_number(7, [0, 1])
    (True, False, False)
    """
    # Python counts True as 1: who passes it meant something else
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_whole and value in numbers
