"""An independent account of one dyad's run: SciPy's DOP853 at 1e-10 from edge to edge on the
equations as written, its dense output sampled finely inside each stretch, and a quadrature of its
own. Shares with the library the equations, the realised schedule and the settled start, and none of
its engines, recorders or summaries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from oxysim.model.clock import clock_input
from oxysim.model.inputs import noise_columns
from oxysim.simulation.equations.system import System, inputs_of, state_rows
from oxysim.simulation.input_pieces import stages_of, with_marks
from oxysim.simulation.reference_signals import usual_signals
from oxysim.simulation.run import PreparedRun

FINE = 1500  # samples of a stretch, closer where it begins
PANELS = 12  # of the quadrature, each half as long as the next
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)


class Reference:
    """One dyad's course: ``at(name, times)``, and per variable its largest value, areas and times
    above a level.
    """

    def __init__(self, run: PreparedRun, rtol: float = 1e-10) -> None:
        family = run.who
        assert len(family) == 1
        self.age = float(family.ages()[0])
        self.caregivers = family.caregivers
        self.system = System(family.caregivers, family.resolved(run.edges, 0))
        (plan,), noise = run.plans(), run.noise()
        self.edges = with_marks(plan.edges, noise is not None)
        scale = np.array([row.scale for row in state_rows(family.caregivers).values()])
        y = run.first_state()[:, 0]
        self.pieces = []
        for low, high in zip(self.edges[:-1], self.edges[1:], strict=True):
            middle = (low + high) / 2
            levels = {m: plan.inputs_at(m, [middle])[0].tolist() for m in plan.levels}
            if noise is not None:
                hour = noise.between(np.array([0]), [int(np.floor(middle / 60))], 1)[0, :, 0]
                size = len(levels[family.caregivers[0]])
                for k, column in enumerate(noise_columns(len(family.caregivers))):
                    levels[family.caregivers[column // size]][column % size] += hour[k]
            usual = usual_signals(family.role_of, int(stages_of(np.array([middle]))[0]))
            rates = self._rates(levels, usual)
            solution = solve_ivp(
                rates,
                (low, high),
                y,
                "DOP853",
                rtol=rtol,
                atol=0.1 * rtol * scale,
                dense_output=True,
            )
            assert solution.success
            self.pieces.append((solution.sol, levels, usual))
            y = solution.y[:, -1]

    def _rates(self, levels: Any, usual: Any) -> Any:
        def rates(t: float, y: np.ndarray) -> np.ndarray:
            return np.array(
                self.system.rates(y, inputs_of(levels, self.caregivers, clock_input(t)), usual)
            )

        return rates

    def at(self, name: str, times: np.ndarray) -> np.ndarray:
        """A variable at minutes since the first midnight; at an edge, of the stretch that begins
        there.
        """
        born = np.atleast_1d(times) + self.age
        step = np.clip(
            np.searchsorted(self.edges, born + 1e-7, side="right") - 1, 0, len(self.pieces) - 1
        )
        return np.concatenate([self._inside(int(k), name, born[[i]]) for i, k in enumerate(step)])

    def fine(self, name: str, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """(times, values) close together over a window, each stretch from just its beginning to
        just its end.
        """
        times, values = [], []
        for k, a, b in self._stretches(low, high):
            t = a + (b - a) * np.linspace(0, 1, FINE) ** 2
            times.append(t - self.age)
            values.append(self._inside(k, name, t))
        return np.concatenate(times), np.concatenate(values)

    def area(self, name: str, low: float, high: float) -> float:
        """The area under a variable."""
        total = 0.0
        for k, a, b in self._stretches(low, high):
            ends = a + (b - a) * np.concatenate([[0.0], 0.5 ** np.arange(PANELS - 1, -1, -1.0)])
            for c, d in zip(ends[:-1], ends[1:], strict=True):
                total += (
                    (d - c)
                    / 2
                    * float(WEIGHTS @ self._inside(k, name, c + (d - c) * (NODES + 1) / 2))
                )
        return total

    def minutes_above(self, name: str, level: float, low: float, high: float) -> float:
        """How long a variable is above a level."""
        times, values = self.fine(name, low, high)
        mean, length = (values[1:] + values[:-1]) / 2, np.diff(times)
        return float(length[mean > level].sum())

    def _stretches(self, low: float, high: float) -> list[tuple[int, float, float]]:
        a, b = (
            np.maximum(self.edges[:-1], low + self.age),
            np.minimum(self.edges[1:], high + self.age),
        )
        return [(int(k), float(a[k]), float(b[k])) for k in np.flatnonzero(b > a)]

    def _inside(self, k: int, name: str, born: np.ndarray) -> np.ndarray:
        solution, levels, usual = self.pieces[k]
        y = solution(born)
        states = list(state_rows(self.caregivers))
        if name in states:
            return np.asarray(y[states.index(name)])
        values = self.system.algebraic(y[:, :, None], levels, usual)[name]
        return np.broadcast_to(np.asarray(values, dtype=float).reshape(-1), (len(born),)).copy()
