"""Print how far each edge's cut moves the reference dyad: EPDS after 30 days, and at rest.

An edge that is cut passes what the routine lets one expect (``oxysim.model.transmission``), so
that the reference dyad ought to stay where it is, whichever edge is cut::

    python scripts/cut_shifts.py                      # a mother, a father, another caregiver
    python scripts/cut_shifts.py --roles mother --age "20 d"
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.families import Dyad
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.trajectories import to_rest
from oxysim.model import registry
from oxysim.schedule import Routine
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate

# The weeks after birth are not the usual state of a dyad.
REFERENCE = {"caregiver.depression.vulnerability_at_birth": 0.0}
QUICK = Solver(rtol=1e-5)


class Shift(NamedTuple):
    """How far a cut moves the reference dyad, in EPDS points: what stands 30 days later and at
    rest, less what stands there with every edge whole.
    """

    in_30_days: float
    at_rest: float


def shifts(role: str, age: str = "200 d", edges: Sequence[str] = ()) -> dict[str, Shift]:
    """Edge -> shift of the reference dyad of a role, for `edges` or for all."""
    names = list(edges or registry.edges())
    # a column for each edge that is cut, and a last one with every edge whole
    cuts = {
        name: np.array([0.0 if i == k else 1.0 for i in range(len(names) + 1)])
        for k, name in enumerate(names)
    }
    dyad = Dyad(role, infant_age=age, parameters=REFERENCE)
    later, resting = _in_30_days(dyad, cuts), _at_rest(dyad, cuts)
    return {
        name: Shift(float(later[k] - later[-1]), float(resting[k] - resting[-1]))
        for k, name in enumerate(names)
    }


def _in_30_days(dyad: Dyad, cuts: dict[str, FloatArray]) -> FloatArray:
    dyads, day = dyad.repeat(len(cuts) + 1), Routine.household(dyad.caregivers)
    epds = f"{dyad.caregivers[0]}.epds"
    courses = simulate(
        dyads, day, "30 d", save=["30 d"], variables=[epds], scale=cuts, solver=QUICK
    )
    values: FloatArray = courses[epds].values[:, 0]
    return values


def _at_rest(dyad: Dyad, cuts: dict[str, FloatArray]) -> FloatArray:
    """NaN where the slow states come to no rest."""
    # Short steps: what is looked for is a tenth of a point. Every edge with its multiplier, so that
    # the start is found by the code of the columns.
    day = Routine.household(dyad.caregivers)
    system = AveragedSystem(dyad, day, edges=dict.fromkeys(cuts, 1.0), step=1.0)
    start = np.repeat(system.start[:, None], len(cuts) + 1, axis=1)
    x, settled = to_rest(system, start, cuts)
    return np.where(settled, x[0], np.nan)


def main() -> None:
    """The list, an edge a line, the farthest first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roles", nargs="+", default=list(registry.ROLES))
    parser.add_argument("--age", default="200 d", help="infant age at the start")
    options = parser.parse_args()
    for role in options.roles:
        print(f"\n{role}, infant {options.age}: EPDS in 30 days, at rest")
        listed = sorted(shifts(role, options.age).items(), key=lambda s: -abs(s[1].at_rest))
        for name, shift in listed:
            print(f"{shift.in_30_days:+9.4f} {shift.at_rest:+9.4f}  {name}")


if __name__ == "__main__":
    main()
