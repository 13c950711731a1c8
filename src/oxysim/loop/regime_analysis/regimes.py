r"""Regimes: the steady daily cycles of a dyad, stable and unstable, in the field's words.

A regime is a cycle that comes back to itself after one period of the routine, at a frozen infant
age, with the postpartum vulnerability gone and jitter and noise off. All are sought on the averaged
system (scan and multi-start, `oxysim.loop.equilibria.equilibrium_search`), each is then closed by
Newton's method on the full model's map (`oxysim.loop.full_model.frozen_model`), and its stability
is read from the Floquet multipliers of that map; the eigenvalues of the averaged system stand
beside them (Strogatz 2015, ch. 8; Guckenheimer & Holmes 1983, sec. 1.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import ComplexArray, FloatArray
from oxysim.checks import require_seed
from oxysim.errors import InputError
from oxysim.families import Family, edge_multipliers
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.equilibrium_search import equilibria_and_turns
from oxysim.loop.equilibria.linear_modes import own_mode, owner
from oxysim.loop.full_model.frozen_model import STEADY, PoincareMap, floquet_multipliers
from oxysim.loop.full_model.limit_cycles import LimitCycles, with_missing
from oxysim.measures.cut_offs import EPDS_POSSIBLE, EPDS_PROBABLE
from oxysim.model.slow_states import tells_regime
from oxysim.progress import Bar, counting
from oxysim.schedule import Routine
from oxysim.simulation.equations.system import state_rows
from oxysim.texts import Described

MOST_STARTS = 4096  # of the scattered search, side by side in memory
ASSUMPTION = (
    "That two stable regimes exist in some dyads is a modelling assumption (the strength of the"
    " loop through reward, bond, confidence and mood), not a finding."
)


@dataclass(frozen=True, eq=False)
class Regime(Described):
    """One steady cycle.

    Attributes
    ----------
    word : "recovered", "at the cut-off" or "symptomatic", by the first caregiver's mean EPDS.
    stable : whether every Floquet multiplier lies inside the unit circle.
    epds : mean EPDS of the first caregiver over the period.
    means : every variable's mean over the period, in its unit.
    state : every state at midnight, by full name; no start of a run, which has no hour: that is
        `averaged`.
    multipliers : Floquet multipliers of the full model's map, largest modulus first.
    derivative : of the full model's map, (k, k), for the states `PoincareMap.moving`.
    eigenvalues : of the averaged system at its own resting point, per day, largest real part first.
    averaged : the averaged system's resting point, slow states by full name; where it has none
        (beside a fold), the slow states of the cycle at midnight.
    gap : how far the full model's cycle is from closing, in parts of each state's typical size.
    days : the period. moving : names of the states of `derivative`, the first caregiver first.

    >>> import oxysim as ox
    >>> (regime,) = regimes(ox.Dyad(), starts=0, progress=False)
    >>> regime.slowest_state, bool(regime.mood < regime.slowest)
    ('infant.methylation', True)
    """

    word: str
    stable: bool
    epds: float
    means: Mapping[str, float]
    state: Mapping[str, float]
    multipliers: ComplexArray
    derivative: FloatArray
    eigenvalues: ComplexArray
    averaged: Mapping[str, float]
    gap: float
    days: int = 1
    moving: tuple[str, ...] = ()

    @property
    def mood(self) -> float:
        """Mood's own time: days in which a small distance of the first caregiver's depression falls
        to 1/e (or, where the regime is unstable in it, grows by e), by the mode in which depression
        has the largest part.
        """
        return self._days(own_mode(self.derivative, self._place))

    @property
    def slowest(self) -> float:
        """Days in which the slowest small distance from the regime falls to 1/e (or, unstable,
        grows by e); whose it is says :attr:`slowest_state`. It is often not mood's: see
        :attr:`mood`.
        """
        return self._days(self.multipliers[0])

    @property
    def slowest_state(self) -> str:
        """The state with the largest part in the slowest distance ("infant.methylation")."""
        return self.moving[owner(self.derivative, self.multipliers[0])]

    @property
    def _first(self) -> str:
        return next(name for name in self.moving if tells_regime(name))

    def _days(self, multiplier: complex) -> float:
        # days in which the distance changes by e
        return float(self.days / abs(np.log(abs(multiplier))))

    def __str__(self) -> str:
        kind = "stable" if self.stable else "unstable"
        text = f"{self.word} ({kind}), mean EPDS {self.epds:.2f}"
        if not self.moving:
            return text
        way = (
            "mood comes back" if abs(own_mode(self.derivative, self._place)) < 1 else "mood leaves"
        )
        slowest = f"{self.slowest_state} in {self.slowest:.0f}"
        return f"{text}, {way} in {self.mood:.0f} days (slowest: {slowest})"

    @property
    def _place(self) -> int:
        return self.moving.index(self._first)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        return "Regime", [("", str(self)), ("leading multiplier", f"{self.multipliers[0]:.6g}")]


@dataclass(frozen=True, eq=False)
class Regimes(Described):
    """The regimes of one dyad, by rising EPDS, and what the search leaves open in words (`lost`):
    resting points of the averaged system that the full model does not share, a cycle that must be
    there and was not found. Printing it says what they rest on.

    >>> import oxysim as ox
    >>> found = Regimes(AveragedSystem(ox.Dyad()), found=(), lost=("one was not found",))
    >>> len(found), found.lost
    (0, ('one was not found',))
    """

    system: AveragedSystem
    found: tuple[Regime, ...]
    lost: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Any:
        return iter(self.found)

    def __getitem__(self, number: int) -> Regime:
        return self.found[number]

    @property
    def stable(self) -> tuple[Regime, ...]:
        """The stable ones."""
        return tuple(regime for regime in self.found if regime.stable)

    @property
    def unstable(self) -> tuple[Regime, ...]:
        """The unstable ones."""
        return tuple(regime for regime in self.found if not regime.stable)

    def worst(self) -> Regime:
        """The stable regime with the highest EPDS.

        Raises
        ------
        InputError : no stable regime was found.
        """
        if not self.stable:
            raise InputError("regimes: no stable one was found; look at .found and .lost")
        return self.stable[-1]

    def table(self) -> pd.DataFrame:
        """One row a regime: word, stability, EPDS, the slow states' means, the leading multiplier
        and eigenvalue.
        """
        rows = []
        for regime in self.found:
            row: dict[str, Any] = {
                "regime": regime.word,
                "stable": regime.stable,
                "epds": regime.epds,
            }
            row |= {name: regime.means[name] for name in self.system.names}
            row |= {
                "multiplier": abs(regime.multipliers[0]),
                "eigenvalue": regime.eigenvalues[0].real,
                "gap": regime.gap,
            }
            rows.append(row)
        return pd.DataFrame(rows)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        numbered = [
            (f"regime {number}", str(regime)) for number, regime in enumerate(self.found, start=1)
        ]
        return "Regimes", [
            *(numbered or [("", "no steady cycle was found")]),
            *[("open", reason) for reason in self.lost],
        ]

    def __str__(self) -> str:
        lines = [str(regime) for regime in self.found] or ["no steady cycle was found"]
        return "\n".join([*lines, *self.lost, ASSUMPTION])


def regimes(  # noqa: PLR0913 - all but the first are keywords with defaults
    dyad: Family,
    routine: Any = None,
    *,
    age: Any = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    days: int = 1,
    starts: int = 16,
    seed: int = 0,
    progress: bool | None = None,
) -> Regimes:
    """All steady cycles of one dyad under a day that is repeated.

    Parameters
    ----------
    dyad : who.
    routine : a routine, or a schedule with interventions that come back every period; default the
        typical day.
    age : the frozen infant age; default the dyad's.
    cut, scale : edges, as in ``simulate``.
    days : the period, 1 or 7.
    starts, seed : scattered starts of the search, beside a scan over depression.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    UnknownNameError, InputError, ScheduleError : before anything runs.

    >>> import oxysim as ox
    >>> found = regimes(ox.Dyad(), starts=0, progress=False)
    >>> [(regime.word, regime.stable, round(regime.epds, 1)) for regime in found]
    [('recovered', True, 5.4)]
    """
    require_seed(seed)
    checks.whole_number(starts, "starts", 0, MOST_STARTS)
    checks.instance(dyad, "dyad", Family, "a Dyad or a Family")
    # regimes are of one dyad: an ensemble's cycles have nothing to do with one another
    if len(dyad) != 1:
        raise InputError(
            f"regimes: expected one dyad; found {len(dyad)}; take them one by one with"
            " .take([number])"
        )
    day = Routine.typical() if routine is None else routine
    system = AveragedSystem(dyad, day, age, edge_multipliers(cut, scale), days)
    with counting(3, "regimes", "step", progress) as bar:
        bar.note("resting points")
        return regimes_of(system, *equilibria_and_turns(system, starts, seed), bar)


def regimes_of(
    system: AveragedSystem, x: FloatArray, turns: FloatArray | None = None, bar: Bar | None = None
) -> Regimes:
    """The regimes near resting points (k, m) of an averaged system of one dyad, and near `turns`
    (k, n) where it almost has two more.

    Stable and unstable cycles alternate with depression where a loop reinforces. Where they do not,
    as beside a fold, where the averaged system's pair may merge or be gone while the full model's
    is not, the missing cycle is sought (`oxysim.loop.full_model.limit_cycles`).

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad())
    >>> len(regimes_of(system, np.empty((len(system.names), 0))))  # no equilibrium, no regime
    0
    """
    # the map refuses what is held: a cycle closes in all states
    full = PoincareMap(system)
    if not x.shape[1]:
        return Regimes(system, (), ())
    first = np.zeros(x.shape[1], dtype=np.int64)
    # of three steps the first, where they rest, is done
    bar = bar or Bar("step")
    bar.advance()
    bar.note("cycles")
    # from the averaged system's equilibria, with the fast states on their cycle
    y, gap, derivative = full.steady(system.cycle(x, first))
    bar.advance()
    bar.note("stability")
    # each cycle once, and what must be there beside them
    cycles = with_missing(LimitCycles(full, y, gap, derivative, x).closed(), turns)
    bar.advance()
    # the eigenvalues of the averaged system stand beside the map's multipliers
    names = list(state_rows(system.dyad.caregivers))
    eigenvalues = np.asarray(np.linalg.eigvals(system.jacobian(cycles.x)), dtype=complex)
    regimes_found = []
    for i, means in enumerate(full.means(cycles.y) if len(cycles) else []):
        epds, ours = (
            means[f"{system.day.who.caregivers[0]}.epds"],
            floquet_multipliers(cycles.derivative[i]),
        )
        regimes_found.append(
            Regime(
                word_for(epds),
                bool(abs(ours[0]) < 1),
                epds,
                means,
                dict(zip(names, cycles.y[:, i].tolist(), strict=True)),
                ours,
                cycles.derivative[i],
                eigenvalues[i][np.argsort(-eigenvalues[i].real)],
                dict(zip(system.names, cycles.x[:, i].tolist(), strict=True)),
                float(cycles.gap[i]),
                system.days,
                tuple(names[row] for row in full.moving),
            )
        )
    return Regimes(
        system, tuple(sorted(regimes_found, key=lambda regime: regime.epds)), _lost(x, gap, cycles)
    )


def _lost(x: FloatArray, gap: FloatArray, cycles: LimitCycles) -> tuple[str, ...]:
    """What the search leaves open, in words."""
    reasons = []
    # an equilibrium whose cycle did not close, or closed on one that is listed
    if len(cycles) < x.shape[1]:
        reasons += [
            f"a resting point of the averaged system at depression {x[0, i]:.2f} is no cycle of"
            f" the full model (it is off by {gap[i]:.1e} of the states' typical size after Newton's"
            " method)"
            for i in np.flatnonzero(~(gap <= STEADY)).tolist()
        ]
        merged = x.shape[1] - len(cycles) - len(reasons)
        if merged > 0:
            reasons.append(
                f"{merged} of the averaged system's {x.shape[1]} resting points lead to cycles of"
                " the full model that are listed already: near a fold it has fewer of them, or a"
                " further, unstable one"
            )
    # stable ones must alternate with unstable ones along depression
    if len(cycles) and cycles.broken():
        reasons.append(
            "stable and unstable cycles do not alternate with depression: one of the full model's"
            " was not found"
        )
    return tuple(reasons)


def word_for(epds: float) -> str:
    """The field's word: symptomatic from EPDS 13 on, recovered below 10, at the cut-off between.

    >>> word_for(5.4), word_for(11.0), word_for(16.0)
    ('recovered', 'at the cut-off', 'symptomatic')
    """
    return (
        "symptomatic"
        if epds >= EPDS_PROBABLE
        else "recovered"
        if epds < EPDS_POSSIBLE
        else "at the cut-off"
    )
