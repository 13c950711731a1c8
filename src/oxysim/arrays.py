"""Names of the array types that the whole library uses in its annotations.

A name tells what an array's numbers are, not its shape: shapes stand in the docstrings.

>>> import numpy as np
>>> minutes: FloatArray = np.array([0.0, 60.0])
>>> minutes.dtype
dtype('float64')
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Every state, rate and time is a double: no engine rounds below it.
FloatArray = npt.NDArray[np.float64]
# Positions (of a dyad, a piece, an output) and counts.
IntArray = npt.NDArray[np.int64]
# Masks: one truth value a row.
BoolArray = npt.NDArray[np.bool_]
# Eigenvalues and multipliers.
ComplexArray = npt.NDArray[np.complex128]
