"""Branches, diagrams and warning signs of a cusp in the numbers of a dyad."""

from __future__ import annotations

from typing import Any

import numpy as np

from oxysim.loop.bifurcation.branches import Diagram
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.equilibrium_branch import Branch
from oxysim.loop.resilience.early_warning import WarningSigns, folds_of


def cusp(low: float = -1.5, high: float = 1.5, start: float = 2.0) -> Branch:
    """Depression between 3 and 17 points, two folds at ±0.385."""

    def rates(x: Any, p: Any) -> Any:
        u = (x - 10) / 5
        return p + u - u**3

    return continue_branch(
        rates, [start], -0.6, low=low, high=high, names=["mother.depression"], parameter="a.b.c"
    )


def made_up_signs(stretch: Branch | None = None) -> WarningSigns:
    stretch = stretch or cusp()
    chosen = np.flatnonzero(stretch.stable)
    recovery = -1 / stretch.eigenvalues.real.max(axis=0)[chosen]
    return WarningSigns(
        stretch.parameter,
        stretch.p[chosen],
        stretch.x[0, chosen],
        np.sqrt(recovery),
        np.exp(-7 / recovery),
        recovery,
        7.0,
        folds_of(stretch)[chosen],
    )


def cusp_diagram() -> Diagram:
    """A diagram with the shape of a dyad's, from the cusp: depression between 3 and 17 points."""

    def rates(x: Any, p: Any) -> Any:
        u = (x - 10) / 5
        return p + u - u**3

    branch = continue_branch(
        rates, [2.0], -1.5, low=-1.5, high=1.5, names=["mother.depression"], parameter="a.b.gain"
    )
    return Diagram("a.b.gain", ("mother.depression",), (branch,), 0.1)
