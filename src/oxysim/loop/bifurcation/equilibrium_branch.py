"""A branch of equilibria as it was followed: points, their stability, what is special on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray, ComplexArray, FloatArray
from oxysim.loop.bifurcation.special_points import BRANCH_POINTS, SpecialPoint
from oxysim.texts import Described, listed


@dataclass(frozen=True, eq=False)
class Branch(Described):
    """A branch of equilibria, stable and unstable.

    Attributes
    ----------
    parameter : its name. names : of the states.
    p : values of the parameter along the branch, shape (n,). x : states, shape (k, n).
    eigenvalues : per unit of the rates' time, the least stable first, shape (k, n).
    stable : whether all eigenvalues have negative real parts, shape (n,); false at a special point
        itself.
    special : folds, Hopf points, pitchforks and transcritical points in their order along the
        branch; each is also one of the n points.
    ended : why the branch ends, at its first and at its last point.

    >>> from oxysim.loop import continue_branch
    >>> branch = continue_branch(lambda x, p: p - x**2, [1.0], 1.0, low=-1.0, high=2.0)
    >>> [abs(round(fold.p, 6)) for fold in branch.folds]
    [0.0]
    """

    parameter: str
    names: tuple[str, ...]
    p: FloatArray
    x: FloatArray
    eigenvalues: ComplexArray
    kinds: tuple[str, ...] = field(repr=False)
    ended: tuple[str, str]

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        special = listed(f"{point.kind} at {point.p:.5g}" for point in self.special)
        ends = listed(dict.fromkeys(self.ended), most=2)
        return "Branch of equilibria", [
            (self.parameter, f"{self.p.min():g} to {self.p.max():g}"),
            ("points", len(self.p)),
            ("special points", special or "none"),
            ("it ends where", ends),
        ]

    @property
    def stable(self) -> BoolArray:
        """Whether all eigenvalues have negative real parts, shape (n,); false at special points."""
        # at a special point an eigenvalue is zero but for rounding
        regular = np.array([kind == "" for kind in self.kinds])
        return (self.eigenvalues.real.max(axis=0) < 0) & regular

    @property
    def special(self) -> tuple[SpecialPoint, ...]:
        """Folds, Hopf points and branch points in their order along the branch."""
        return tuple(
            SpecialPoint(
                kind,  # type: ignore[arg-type]
                float(self.p[i]),
                self.x[:, i],
                _frequency(self.eigenvalues[:, i], kind),
            )
            for i, kind in enumerate(self.kinds)
            if kind
        )

    @property
    def folds(self) -> tuple[SpecialPoint, ...]:
        """The folds, in their order along the branch."""
        return tuple(point for point in self.special if point.kind == "fold")

    @property
    def hopfs(self) -> tuple[SpecialPoint, ...]:
        """The Hopf points, in their order along the branch."""
        return tuple(point for point in self.special if point.kind == "Hopf")

    @property
    def branch_points(self) -> tuple[SpecialPoint, ...]:
        """The pitchforks and transcritical points, in their order along the branch."""
        return tuple(point for point in self.special if point.kind in BRANCH_POINTS)

    def table(self) -> Any:
        """A pandas table, a row a point: parameter, states, stability, largest real part, kind of
        special point.
        """
        import pandas as pd

        # columns by the states' own names
        states = dict(zip(self.names, self.x, strict=True))
        growth = self.eigenvalues.real.max(axis=0)
        return pd.DataFrame(
            {
                self.parameter: self.p,
                **states,
                "stable": self.stable,
                "growth": growth,
                "kind": self.kinds,
            }
        )

    def at(self, p: float) -> tuple[FloatArray, BoolArray]:
        """The branch's states at one value of the parameter, (k, m) with m passes, and which of
        them are stable.

        Between points the state is interpolated linearly.
        """
        checks.number(p, self.parameter)
        before, after = self.p[:-1], self.p[1:]
        inside = (np.minimum(before, after) <= p) & (p < np.maximum(before, after))
        # a stretch holds its lower end alone, so that the two ends of the branch are asked besides
        inside[0] |= bool(np.isclose(before[0], p, rtol=1e-9, atol=0))
        inside[-1] |= bool(np.isclose(after[-1], p, rtol=1e-9, atol=0))
        chosen = np.flatnonzero(inside)

        share = (p - before[chosen]) / (after[chosen] - before[chosen])
        states = self.x[:, chosen] + share * (self.x[:, chosen + 1] - self.x[:, chosen])
        return states, self.stable[chosen] | self.stable[chosen + 1]


def _frequency(eigenvalues: ComplexArray, kind: str) -> float:
    """Of the oscillation that a Hopf point gives rise to, by the pair nearest to the imaginary
    axis.
    """
    if kind != "Hopf":
        return 0.0
    turning = eigenvalues[np.abs(eigenvalues.imag) > 0]
    return float(abs(turning[np.argmin(np.abs(turning.real))].imag))
