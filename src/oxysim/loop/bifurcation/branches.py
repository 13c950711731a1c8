"""Branches of a dyad's regimes against a parameter, the strength of an edge, or the dose of an
intervention.

The regimes are those of the averaged system (infant age frozen, postpartum vulnerability gone,
jitter and noise off). All of them are sought at the dyad's own value of the parameter and at both
ends of the range, so that a branch that does not reach the dyad's own value is found too; each is
then followed through folds by continuation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.arclength_walk import Steps
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.control_parameter import ControlParameter, control_parameter
from oxysim.loop.bifurcation.equilibrium_branch import Branch
from oxysim.loop.bifurcation.special_points import BRANCH_POINTS, SpecialPoint
from oxysim.loop.equilibria.equilibrium_search import equilibria
from oxysim.model.slow_states import slow_row
from oxysim.progress import Bar, counting
from oxysim.schedule import Intervention
from oxysim.simulation.equations.system import state_rows
from oxysim.sweeps.axis_targets import PARAMETER
from oxysim.texts import Described, counted, listed
from oxysim.units import with_unit

COARSE = Steps(first=0.03, longest=0.09, tolerance=1e-6)
"""A dyad's rates are dear and its branches smooth; folds are located to full precision all the
same.
"""
SAME = 0.02
"""Distance in typical changes of the states within which a regime lies on a known branch."""


@dataclass(frozen=True, eq=False)
class Diagram(Described):
    """All branches that were found.

    Attributes
    ----------
    parameter : what was varied, by its dotted name or in words.
    names : full names of the slow states. branches : one or more.
    own : the value at which the dyad itself stands; the regimes were sought there and at both ends
        of the range.
    unit : of the parameter, empty for none.
    kind : "parameter", "edge" or "field" (the dose of an intervention).
    lost : starts from which no branch could be followed, each with its reason.

    >>> from oxysim.loop import continue_branch
    >>> fold = continue_branch(lambda x, p: p - x**2, [1.0], 1.0, low=-1.0, high=2.0)
    >>> diagram = Diagram("p", ("x",), (fold,), own=1.0)
    >>> [point.kind for point in diagram.folds], diagram.at(1.0)[1].tolist()
    (['fold'], [False, True])
    """

    parameter: str
    names: tuple[str, ...]
    branches: tuple[Branch, ...]
    own: float
    unit: str = ""
    kind: str = PARAMETER
    lost: tuple[str, ...] = ()

    @property
    def folds(self) -> tuple[SpecialPoint, ...]:
        """The folds of all branches, by rising parameter."""
        return self._of("fold")

    @property
    def hopfs(self) -> tuple[SpecialPoint, ...]:
        """The Hopf points of all branches, by rising parameter."""
        return self._of("Hopf")

    @property
    def branch_points(self) -> tuple[SpecialPoint, ...]:
        """The pitchforks and transcritical points of all branches, by rising parameter."""
        return self._of(*BRANCH_POINTS)

    @property
    def ended(self) -> tuple[str, ...]:
        """Why the branches end, each at its two ends."""
        return tuple(reason for branch in self.branches for reason in branch.ended)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        # the range that was reached, which may be less than what was asked for
        along = np.concatenate([branch.p for branch in self.branches])
        special = listed(
            f"{point.kind} at {point.p:.5g}" for branch in self.branches for point in branch.special
        )
        return "Branches of regimes", [
            (self.parameter, with_unit(f"{along.min():g} to {along.max():g}", self.unit)),
            ("", counted(len(self.branches), "branch").replace("branchs", "branches")),
            ("special points", special or "none"),
            ("own value", self.own),
            *[("lost", reason) for reason in self.lost[:3]],
        ]

    def table(self) -> Any:
        """A pandas table, a row a point; the column "branch" numbers the branches."""
        import pandas as pd

        return pd.concat(
            [b.table().assign(branch=i) for i, b in enumerate(self.branches)], ignore_index=True
        )

    def at(self, value: float) -> tuple[FloatArray, Any]:
        """The regimes at one value, (k, m) by rising depression, and which are stable, (m,)."""
        checks.number(value, "value")
        passes = [branch.at(value) for branch in self.branches]
        states = np.concatenate([x for x, _ in passes], axis=1)
        stable = np.concatenate([s for _, s in passes])
        # by the first state, depression
        order = np.argsort(states[0])
        return states[:, order], stable[order]

    def _of(self, *kinds: str) -> tuple[SpecialPoint, ...]:
        points = [
            point for branch in self.branches for point in branch.special if point.kind in kinds
        ]
        return tuple(sorted(points, key=lambda point: point.p))


def branch(  # noqa: PLR0913 - all but the range are keywords with defaults
    dyad: Family | AveragedSystem,
    parameter: str,
    low: Any,
    high: Any,
    *,
    routine: Any = None,
    interventions: Mapping[str, Intervention] | None = None,
    steps: Steps | None = None,
    starts: Any = None,
    progress: bool | None = None,
) -> Diagram:
    """The regimes of one dyad against a parameter, the strength of an edge, or the dose of an
    intervention.

    Parameters
    ----------
    dyad : one dyad, or its averaged system.
    parameter : a dotted name ("caregiver.depression.loop_gain"), an edge ("reward -> depression"),
        whose multiplier is varied, or an amount of an intervention ("skin_to_skin.minutes"), named
        as a sweep's axes are.
    low, high : the range, numbers in the unit of the parameter's row, or texts with units ("10
        min", "3 h"). The dyad's own value (of a dose: that of the intervention as given) must lie
        inside.
    routine : the day that is repeated, with or without interventions; default the typical day.
    interventions : name -> intervention on top of that day, each of which comes back every day
        without end. A dose of 0 that its class refuses is no dose: the regimes without the
        intervention are those of ``regimes(dyad, routine)``.
    starts : slow states (k, m) to follow branches from, in place of all regimes found at the dyad's
        own value and at both ends of the range.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : a name that does not exist, an illegal
        range or one without the dyad's own value, a parameter that does not influence the slow
        loop, an intervention that ends; before any regime is sought. What ends a branch is no
        error: it stands in ``ended``.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), settle=1)
    >>> gain = "caregiver.depression.loop_gain"
    >>> long_steps = Steps(first=0.3, longest=0.9, tolerance=1e-6)
    >>> diagram = branch(system, gain, 2.13, 2.17, starts=system.start, steps=long_steps)
    >>> diagram.own, [bool(branch.stable.all()) for branch in diagram.branches]
    (2.15, [True])
    """
    checks.instance(steps, "steps", Steps | None, "Steps, such as Steps(longest=0.05)")  # type: ignore[arg-type]
    control, (low, high) = control_parameter(dyad, parameter, [low, high], routine, interventions)
    span = (float(low), float(high))
    _require_inside(control, span)
    # starts are checked before any regime is sought
    starting_states = None if starts is None else _checked(starts, control.base.names)
    control.require_influence(sorted({*span, control.own_value}))

    # at the ends too, so that a branch that never meets the dyad's own value is found
    values = (
        control.own_value,
        *({*span} - {control.own_value} if starting_states is None else ()),
    )
    with counting(2 * len(values), "branches", "step", progress) as bar:
        branches, lost = _followed_from(
            control, values, span, (starting_states, steps or COARSE), bar
        )
    if not branches:
        raise InputError(
            "; ".join(lost)
            or "no regime of this dyad was found on this day: there is no branch to follow"
        )
    return Diagram(
        control.name,
        control.base.names,
        tuple(branches),
        control.own_value,
        control.unit,
        control.kind,
        tuple(lost),
    )


def _require_inside(control: ControlParameter, span: tuple[float, float]) -> None:
    """Refuse a range without the dyad's own value, at which its regimes are sought."""
    first, last = span
    if not first <= control.own_value <= last:
        raise InputError(
            f"{control.name}: expected a range, the lower end first, that holds"
            f" {control.words(control.own_value)}, where this dyad stands and its regimes are"
            f" sought; found {control.words(first)} to {control.words(last)}"
        )


def _followed_from(
    control: ControlParameter,
    values: Sequence[float],
    span: tuple[float, float],
    method: tuple[FloatArray | None, Steps],
    bar: Bar,
) -> tuple[list[Branch], list[str]]:
    """The branches through the regimes at some values, each once, and why others were lost.

    `method` has the starts that were given, or None for the regimes themselves, and the steps.
    """
    starts, steps = method
    sizes = np.array([slow_row(name).typical_change for name in control.base.names])
    branches: list[Branch] = []
    lost: list[str] = []
    for value in values:
        bar.note(f"regimes at {control.words(value)}")
        points = (equilibria(control.at(value)) if starts is None else starts).T
        bar.advance()
        for start in points:
            # most regimes at the ends lie on a branch that was followed already
            if any(_lies_on(earlier, start, value, sizes) for earlier in branches):
                continue
            bar.note(f"branch {len(branches) + 1}")
            try:
                branches.append(_followed(control, start, value, span, steps))
            except InputError as error:  # the other branches are no worse for it
                lost.append(str(error))
        bar.advance()
    return branches, lost


def _followed(
    control: ControlParameter,
    start: FloatArray,
    value: float,
    span: tuple[float, float],
    steps: Steps,
) -> Branch:
    """The branch through one regime."""
    names, rows = control.base.names, state_rows(control.base.dyad.caregivers)
    return continue_branch(
        control.where_legal,
        start,
        value,
        low=span[0],
        high=span[1],
        legal=[(rows[name].low, rows[name].high) for name in names],
        scale=[slow_row(name).typical_change for name in names],
        slope=None if control.slope is None else control.slope_where_legal,
        names=names,
        parameter=control.name,
        steps=steps,
    )


def _checked(starts: Any, names: tuple[str, ...]) -> FloatArray:
    """Slow states from which branches are followed, (k, m)."""
    k = len(names)
    try:
        return checks.array(starts, "starts", (k,) if np.ndim(starts) == 1 else (k, None)).reshape(
            k, -1
        )
    # the error names the states and the shapes that serve
    except (InputError, ValueError):  # rows of unequal lengths have no number of dimensions
        words = f"slow states {', '.join(names)}, shape ({k},) or ({k}, m)"
        raise checks.refused(starts, "starts", words) from None


def _lies_on(branch: Branch, start: FloatArray, value: float, sizes: FloatArray) -> bool:
    states, _ = branch.at(value)
    return bool(
        (np.abs(states - start[:, None]) / sizes[:, None])
        .max(axis=0, initial=-1.0)
        .min(initial=1.0)
        < SAME
    )
