r"""The full model's map over the routine's own period at a frozen infant age, its fixed points and
its derivative.

    y ↦ Φ(y)   the state at midnight, one period later

A steady cycle is a fixed point of Φ; the Floquet multipliers of the cycle are the eigenvalues of
∂Φ/∂y there (Guckenheimer & Holmes 1983, sec. 1.5; Strogatz 2015, sec. 8.7): the cycle is stable
where all lie inside the unit circle. The derivative is taken by central differences of copies
integrated side by side at a tight tolerance: by the compiled engine where it is installed, else by
SciPy in one stack that shares its steps.

Outside the map: postpartum vulnerability and skills that nothing teaches (zero), and the
accumulating outputs (M12).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.full_model.frozen_model import FrozenModel, copies
from oxysim.loop.numerics.differences import beside, central_jacobians
from oxysim.loop.numerics.newton import fixed_points
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver
from oxysim.units import DAY

TIGHT = Solver(rtol=1e-10)
# of SciPy: all copies share every step, so that their differences hold no noise
STACKED = Solver("DOP853", rtol=1e-7)
STEADY = 1e-8  # of each state's typical size: how far a cycle may be from closing
NUDGE = 5e-4  # of each state's typical size, for central differences
ROUNDS = 12


@dataclass(frozen=True, eq=False)
class PoincareMap:
    """The map of one dyad, from its averaged system (who, day, edges, period).

    >>> import oxysim as ox
    >>> poincare = PoincareMap(AveragedSystem(ox.Dyad()))
    >>> near = poincare.system.cycle(poincare.system.start[:, None], copies(1))
    >>> y, gap, _ = poincare.steady(near)
    >>> bool(gap[0] < STEADY)  # the day closes
    True
    """

    system: AveragedSystem
    solver: Solver = TIGHT

    def __post_init__(self) -> None:
        if len(self.system.dyad) != 1:
            raise InputError(
                f"the full map: expected one dyad; found {len(self.system.dyad)}; take them one"
                " by one"
            )
        if self.system.held:
            raise InputError(
                f"the full map: nothing is held in it; found held={self.system.held!r}"
            )

    @functools.cached_property
    def model(self) -> FrozenModel:
        """The full model over one period."""
        return FrozenModel(self.system, self.solver, STACKED)

    @property
    def moving(self) -> list[int]:
        """Positions of the states that belong to the map: the fast ones and the averaged system's
        slow ones.
        """
        return self.model.moving

    @property
    def scale(self) -> FloatArray:
        """Each state's typical size, shape (n_states,)."""
        return self.model.scale

    def __call__(self, y: FloatArray, recorder: Recorder | None = None) -> FloatArray:
        """Φ of states of shape (n_states, m); NaN where the equations could not be integrated."""
        task = self.model.task(copies(y.shape[1]), recorder)
        return self.model.after(task, y)

    def derivative(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Φ (n_states, m) and ∂Φ/∂y of the states that move, (m, k, k), for states of shape
        (n_states, m).
        """
        # larger than an engine's error, small beside a state's size
        steps = NUDGE * self.scale[self.moving, None]
        images = self(beside(y, self.moving, steps))
        _, slopes = central_jacobians(images[self.moving], steps)
        return images[:, : y.shape[1]], slopes

    def steady(self, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Newton's method: cycles near `y` (n_states, m), how far they are from closing (m,),
        ∂Φ/∂y.

        How far is in parts of each state's typical size; what has not converged says so by it.
        """
        k = len(self.moving)
        if y.shape[1] == 0:
            return y, np.zeros(0), np.zeros((0, k, k))
        return fixed_points(
            self.derivative, y, self.moving, self.scale, rounds=ROUNDS, tolerance=STEADY
        )

    def means(self, y: FloatArray) -> list[dict[str, float]]:
        """The mean of every variable over the period from each column of `y`."""
        names = list(variable_rows(self.system.dyad.caregivers))
        day = self.system.day
        # the middles of five-minute steps: a mean by the midpoint rule
        times = np.arange(2.5, day.days * DAY, 5.0)
        ages = np.repeat(day.who.ages(), y.shape[1])
        recorder = Recorder(names, times, ages, self.system.dyad.caregivers)
        self(y, recorder=recorder)
        return [dict(zip(names, row.mean(axis=0).tolist(), strict=True)) for row in recorder.table]


def floquet_multipliers(slopes: FloatArray) -> npt.NDArray[Any]:
    """Floquet multipliers, the largest modulus first.

    >>> floquet_multipliers(np.array([[0.5, 1.0], [0.0, -0.9]]))
    array([-0.9,  0.5])
    """
    values = np.linalg.eigvals(slopes)
    return values[np.argsort(-np.abs(values), kind="stable")]
