r"""Which eigenvalue is whose: the part that each state has in each mode of a linear map or flow.

The part of state k in mode i is w_ki v_ki, of left and right eigenvectors with w_i·v_i = 1; the
parts of a state over all modes sum to 1, and so do those of a mode over all states, whatever the
states' units (Pérez-Arriaga, Verghese & Schweppe 1982, "participation factors"). A state's own mode
is the one in which it has the largest part: mood's own time is that of this mode, which need not be
the slowest of all.
"""

from __future__ import annotations

import numpy as np

from oxysim.arrays import ComplexArray, FloatArray


def parts(matrix: FloatArray) -> tuple[ComplexArray, FloatArray]:
    """Eigenvalues (k,), and the size of each state's part in each mode, (k states, k modes).

    >>> values, sizes = parts(np.array([[-1.0, 0.1], [0.0, -0.01]]))
    >>> values.real, sizes.sum(axis=0).round(6)
    (array([-1.  , -0.01]), array([1., 1.]))
    """
    values, right = np.linalg.eig(matrix)
    left_vectors = np.linalg.pinv(right)  # eigenvectors that fall together have no inverse
    # w_ki·v_ki, whose units cancel
    return np.asarray(values, dtype=complex), np.abs(right * left_vectors.T)


def own_mode(matrix: FloatArray, state: int) -> complex:
    """The eigenvalue of the mode in which a state has the largest part.

    >>> own_mode(np.array([[-1.0, 0.1], [0.0, -0.01]]), 0)
    (-1+0j)
    """
    values, sizes = parts(matrix)
    return complex(values[np.argmax(sizes[state])])


def owner(matrix: FloatArray, value: complex) -> int:
    """The state with the largest part in the mode whose eigenvalue is nearest to `value`.

    >>> owner(np.array([[-1.0, 0.1], [0.0, -0.01]]), -0.01)
    1
    """
    values, sizes = parts(matrix)
    return int(np.argmax(sizes[:, np.argmin(np.abs(values - value))]))
