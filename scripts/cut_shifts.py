"""Print how far each edge's cut moves the reference dyad: EPDS after 30 days, and at rest.

An edge that is cut passes what the routine lets one expect (``oxysim.model.transmission``), so
that the reference dyad ought to stay where it is, whichever edge is cut::

    python scripts/cut_shifts.py                      # a mother, a father, another caregiver
    python scripts/cut_shifts.py --roles mother --age "20 d"
    python scripts/cut_shifts.py --write              # docs/cut_shifts.md, in two minutes
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

import oxysim as ox
from oxysim.arrays import FloatArray
from oxysim.families import Dyad
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.trajectories import to_rest
from oxysim.model import registry
from oxysim.schedule import Routine
from oxysim.simulation.equations.model_digest import defaults_digest, equations_digest
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate

PAGE = Path(__file__).parents[1] / "docs" / "cut_shifts.md"
AGE = "200 d"
# with it one age for each of the usual days that the routine has by age
OTHER_AGES = ("20 d", "120 d", "400 d")
# EPDS points that a cut may move the reference dyad, in 30 days and at rest: well below what a form
# can tell, whose error is 1.8 points
IN_30_DAYS, AT_REST = 0.1, 0.2

INTRODUCTION = (
    "# What a cut edge does to the reference dyad",
    "",
    "An edge that is cut passes what the routine lets one expect of the reference dyad, which",
    "ought to stay where it is (decision 0072). How nearly it does stands here: EPDS points, the",
    "dyad with one edge cut less the dyad with every edge whole. Made by",
    "`python scripts/cut_shifts.py --write`; no figure on it is typed in by hand.",
)

# The weeks after birth are not the usual state of a dyad.
REFERENCE = {"caregiver.depression.vulnerability_at_birth": 0.0}
QUICK = Solver(rtol=1e-5)


class Shift(NamedTuple):
    """How far a cut moves the reference dyad, in EPDS points: what stands 30 days later and at
    rest, less what stands there with every edge whole.
    """

    in_30_days: float
    at_rest: float

    @property
    def of_limits(self) -> float:
        """The larger of the two as a share of its limit."""
        return max(abs(self.in_30_days) / IN_30_DAYS, abs(self.at_rest) / AT_REST)


Shifts = dict[str, Shift]


def shifts(role: str, age: str = AGE, edges: Sequence[str] = ()) -> Shifts:
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
    return np.where(settled, system.epds(x), np.nan)


def page(tables: dict[str, dict[str, Shifts]]) -> str:
    """The list of every edge at `AGE` and the farthest edges at every age, as Markdown.

    `tables` has age -> role -> shifts.
    """
    by_role = tables[AGE]
    beyond = [
        f"{name} of a {role} at {age}"
        for age, roles in tables.items()
        for role, edges in roles.items()
        for name, shift in edges.items()
        if not shift.of_limits < 1
    ]
    cuts = sum(len(edges) for roles in tables.values() for edges in roles.values())
    headings = ["infant", "role", "farthest in 30 days", "", "farthest at rest", ""]
    edge_headings = [f"{role}, {when}" for role in by_role for when in ("30 days", "at rest")]
    lines = [
        *INTRODUCTION,
        "",
        f"- **oxysim**: {ox.__version__}",
        f"- **equations**: {equations_digest()} (SHA-256 of every operation)",
        f"- **defaults**: {defaults_digest()} (SHA-256 of every parameter's default)",
        f"- **limits**: {IN_30_DAYS:g} points in 30 days (full model), {AT_REST:g} at rest"
        " (averaged days)",
        "- **people**: reference people, one with an infant, on the day of such a household",
        f"- **within both limits**: {cuts - len(beyond)} of {cuts} cuts of one edge, over"
        f" {len(by_role)} roles and {len(tables)} ages of the infant",
        f"- **beyond one of them**: {'; '.join(beyond) or 'none'}",
        "",
        "## The farthest at each age",
        "",
        *_table(headings, _farthest(tables)),
        "",
        f"## Every edge, infant {AGE} old",
        "",
        *_table(["edge", *edge_headings], _every_edge(by_role)),
    ]
    return "\n".join(lines) + "\n"


def _farthest(tables: dict[str, dict[str, Shifts]]) -> list[list[str]]:
    rows = []
    for age, by_role in tables.items():
        for role, edges in by_role.items():
            early = max(edges, key=lambda name: abs(edges[name].in_30_days))
            late = max(edges, key=lambda name: abs(edges[name].at_rest))
            rows.append(
                [
                    age,
                    role,
                    early,
                    _points(edges[early].in_30_days),
                    late,
                    _points(edges[late].at_rest),
                ]
            )
    return rows


def _every_edge(by_role: dict[str, Shifts]) -> list[list[str]]:
    """A row an edge, the farthest of any role first."""
    names = list(next(iter(by_role.values())))
    names.sort(key=lambda name: -max(edges[name].of_limits for edges in by_role.values()))
    return [
        [name, *(_points(value) for edges in by_role.values() for value in edges[name])]
        for name in names
    ]


def _table(headings: list[str], rows: list[list[str]]) -> list[str]:
    """Rows of Markdown."""
    return [f"| {' | '.join(cells)} |" for cells in (headings, ["---"] * len(headings), *rows)]


def _points(value: float) -> str:
    # a rounded zero has no sign
    return f"{value:+.3f}" if abs(value) >= 5e-4 else "0"


def main() -> None:
    """The list, an edge a line, the farthest first; or the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roles", nargs="+", default=list(registry.ROLES))
    parser.add_argument("--age", default=AGE, help="infant age at the start")
    parser.add_argument("--write", action="store_true", help="write docs/cut_shifts.md")
    options = parser.parse_args()
    if options.write:
        ages = sorted((AGE, *OTHER_AGES), key=lambda age: ox.units.duration(age))
        tables = {age: {role: shifts(role, age) for role in registry.ROLES} for age in ages}
        PAGE.write_text(page(tables), encoding="utf-8")
        print(f"wrote {PAGE}")
        return
    for role in options.roles:
        print(f"\n{role}, infant {options.age}: EPDS in 30 days, at rest")
        listed = sorted(shifts(role, options.age).items(), key=lambda s: -abs(s[1].at_rest))
        for name, shift in listed:
            print(f"{shift.in_30_days:+9.4f} {shift.at_rest:+9.4f}  {name}")


if __name__ == "__main__":
    main()
