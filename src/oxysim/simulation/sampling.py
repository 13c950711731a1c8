"""Looking at a run closely enough: at chosen moments, and on panels as fine as its courses ask for.

Every edge of a schedule (doses, bouts, hours of daily-life noise, stages of age) ends a panel. A piece of the run is
carried with panels that grow with the time since an edge; a dyad whose polynomials are not within the solver's
tolerance of their courses is carried over that piece again with those panels halved. What is looked at hangs on the
dyad alone, never on who is simulated with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from oxysim.schedule import Realised
from oxysim.simulation.noise import Paths
from oxysim.simulation.panels import Panels, errors, halved, joined, ladder, node_times, to_their_ends
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.system import variable_rows
from oxysim.simulation.timetable import TOLERANCE, with_marks
from oxysim.units import DAY

if TYPE_CHECKING:
    from oxysim.simulation.prepared import Prepared

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PIECE = DAY
"""How long a piece is, minutes: bounds the memory of a run, whatever its length."""

FIRST_PANEL = 8.0
"""How long the first panel after an edge is to begin with, minutes: about three half-lives of plasma oxytocin."""

LONGEST_PANEL = 4 * 60.0
"""Minutes; the daily rhythm runs through a sixth of its period in that time."""

SHORTEST_PANEL = 5e-5
"""Minutes; of two ends of panels that are nearer the later one counts. Nodes must stay apart by more than the
tolerance within which two times are one."""

ACCEPTED = 2.0
"""Tolerances of a variable's size that its polynomial may be away from it: a fifth of the ten that a run's values may
be away from the exact course (see ``scipy_engine.TIGHTENING``)."""

EASY = 1 / 200
"""Share of the accepted error below which panels of twice the length would do: their error grows as 2**7."""

MANY = 0.5
"""Share of panels that had to be halved above which the next piece begins with shorter ones."""

SHORTEST_FIRST = 0.5
"""Minutes; what is faster than that is left to halving."""

ROUNDS = 7
"""How often panels are halved at most. What is left then is the solver's own error between its steps."""


@dataclass(frozen=True, eq=False)
class Piece:
    """What was seen of a piece of a run.

    Attributes
    ----------
    times : chosen moments, shape (m,); ``values`` variable -> values of all dyads there, shape (n, m).
    panels : the courses of all dyads that did not fail, on the stretches asked for.
    """

    times: FloatArray
    values: Mapping[str, FloatArray]
    panels: Panels


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be seen of a run; times are minutes since 00:00 of the first simulated day.

    Attributes
    ----------
    names : variables seen at the `moments`, shape (m,), ascending.
    courses : variables whose courses are seen on the stretches from `lows` to `highs`, each (k,).
    longest : the longest panel, minutes.
    """

    names: Sequence[str]
    moments: FloatArray
    courses: Sequence[str]
    lows: FloatArray
    highs: FloatArray
    longest: float = LONGEST_PANEL

    @property
    def variables(self) -> list[str]:
        """Every variable that is needed."""
        return list(dict.fromkeys([*self.names, *self.courses]))


def pieces(run: Prepared, wanted: Wanted, plans: Sequence[Realised] | None = None) -> Iterator[Piece]:
    """A run, piece by piece, in order of time; dyads that fail are in its `failures` and missing from then on. `plans`
    are its own, where the caller has them."""
    plans, y = run.plans() if plans is None else plans, run.first_state()
    look = _Look(run, wanted)
    count = max(1, int(np.ceil((run.stop - run.window[0]) / PIECE - 1e-9)))
    ends = np.append(run.window[0] + PIECE * np.arange(count), run.stop)
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        y, piece = look.at(run.between(plans, low, high), y, (low, high))
        yield piece


class _Look:
    """Carries the dyads of a run over its pieces; remembers how fine each dyad's panels had to be."""

    def __init__(self, run: Prepared, wanted: Wanted) -> None:
        self.run, self.wanted, self.life = run, wanted, run.noise()
        self.widths = np.full(len(run.who), min(FIRST_PANEL, wanted.longest))
        rows = variable_rows(run.who.caregivers)
        self.scale = np.array([rows[name].scale for name in wanted.courses])

    def at(self, plans: Sequence[Realised], y: FloatArray, span: tuple[float, float]) -> tuple[FloatArray, Piece]:
        """The state at the end of a piece, and what was seen of it."""
        run, wanted, (low, high) = self.run, self.wanted, span
        noise = None if self.life is None else self.life.piece(run.who.ages() + low, run.who.ages() + high)
        last = high >= run.stop - TOLERANCE
        inside = (wanted.moments >= low - TOLERANCE) & (wanted.moments < high - (-1.0 if last else 1.0) * TOLERANCE)
        moments = wanted.moments[inside]
        values = {name: np.full((len(run.who), len(moments)), np.nan) for name in wanted.names}
        todo = self._panel_ends(plans, low, high)
        found: list[Panels] = []
        y_end = y.copy()
        for number in range(ROUNDS + 1):
            chosen = [i for i in range(len(todo)) if todo[i] is not None and i not in run.failures]
            if not chosen:
                break
            recorder = self._recorder(todo, moments)
            y_end[:, chosen] = self._carried(recorder, plans, y, chosen, noise)[:, chosen]
            for name in wanted.names:
                at = [np.searchsorted(recorder.each[i], moments - TOLERANCE) for i in chosen]
                values[name][chosen] = recorder.values[name][np.array(chosen)[:, None], np.array(at)]
            todo = self._judged(recorder, todo, number, found)
        return y_end, Piece(moments, values, joined(found, wanted.courses))

    def _panel_ends(self, plans: Sequence[Realised], low: float, high: float) -> list[FloatArray | None]:
        """The ends of each dyad's panels (the same array where they are shared); empty where none is asked for."""
        wanted, ages = self.wanted, self.run.who.ages().tolist()
        marks = np.concatenate([wanted.lows, wanted.highs])
        marks = marks[(marks > low) & (marks < high)]
        if not np.any((wanted.lows < high - TOLERANCE) & (wanted.highs > low + TOLERANCE)):
            empty = np.empty(0)
            return [empty] * len(plans)
        known: dict[tuple[int, float, float, bool], FloatArray] = {}
        found: list[FloatArray | None] = []
        for i, (plan, age) in enumerate(zip(plans, ages, strict=True)):
            noisy = self.life is not None and self.life.kinds[i] is not None
            key = (id(plan), age, float(self.widths[i]), noisy)
            if key not in known:
                edges = with_marks(plan.edges, noisy) - age
                edges[0], edges[-1] = low, high
                known[key] = ladder(_apart(np.concatenate([edges, marks])), key[2], wanted.longest)
            found.append(known[key])
        return found

    def _recorder(self, todo: Sequence[FloatArray | None], moments: FloatArray) -> Recorder:
        """Records at the nodes of every panel that lies in a wanted stretch, and at the moments."""
        known: dict[int, FloatArray] = {}
        each = []
        for ends in todo:
            if id(ends) not in known:
                nodes = np.empty(0) if ends is None else self._nodes(ends).ravel()
                known[id(ends)] = moments if ends is None else _merged(np.concatenate([nodes, moments]))
            each.append(known[id(ends)])
        return Recorder(self.wanted.variables, each, self.run.who.ages(), self.run.who.caregivers)

    def _nodes(self, ends: FloatArray) -> FloatArray:
        inside = self._inside(ends)
        return node_times(ends[:-1][inside], ends[1:][inside])

    def _inside(self, ends: FloatArray) -> npt.NDArray[np.bool_]:
        """Which panels lie in a stretch that is wanted."""
        middle = (ends[1:] + ends[:-1]) / 2
        begun = np.searchsorted(np.sort(self.wanted.lows), middle)
        return np.asarray(begun > np.searchsorted(np.sort(self.wanted.highs), middle))

    def _carried(
        self, recorder: Recorder, plans: Sequence[Realised], y: FloatArray, chosen: Sequence[int], noise: Paths | None
    ) -> FloatArray:
        """The state at the end; dyads that fail are noted."""
        run = self.run
        others = dict.fromkeys(set(range(len(run.who))) - set(chosen), "")
        failed = others | run.failures
        end = run.carry(recorder, plans, y, failed, noise)
        run.failures.update({i: why for i, why in failed.items() if i not in others})
        recorder.mark_illegal(run.failures, run.solver.rtol)
        return end

    def _judged(
        self, recorder: Recorder, todo: Sequence[FloatArray | None], number: int, found: list[Panels]
    ) -> list[FloatArray | None]:
        """Adds the panels that are fine enough to `found`; the finer ones of the other dyads."""
        groups: dict[int, list[int]] = {}
        for i, ends in enumerate(todo):
            if ends is not None and len(ends) and i not in self.run.failures:
                groups.setdefault(id(ends), []).append(i)
        again: list[FloatArray | None] = [None] * len(todo)
        for members in groups.values():
            ends = todo[members[0]]
            assert ends is not None
            inside = self._inside(ends)
            nodes = node_times(ends[:-1][inside], ends[1:][inside])
            at = np.searchsorted(recorder.each[members[0]], nodes - TOLERANCE)
            seen = np.stack([recorder.values[name][members][:, at] for name in self.wanted.courses], axis=-1)
            wrong = self._shares(seen)
            if number == 0:
                self._learn(members, wrong)
            rough = (wrong > 1) & (number < ROUNDS)
            fine = ~rough.any(axis=1)
            kept = np.array(members)[fine]
            spans = np.tile(ends[:-1][inside], len(kept)), np.tile(ends[1:][inside], len(kept))
            values = {
                name: to_their_ends(seen[fine, :, :, k].reshape(-1, nodes.shape[1]), *spans)
                for k, name in enumerate(self.wanted.courses)
            }
            found.append(Panels(np.repeat(kept, len(nodes)), *spans, values))
            halves: dict[bytes, FloatArray] = {}
            for i, mask in zip(np.array(members)[~fine].tolist(), rough[~fine], strict=True):
                whole = np.zeros(len(ends) - 1, dtype=bool)
                whole[inside] = mask
                again[i] = halves.setdefault(whole.tobytes(), halved(ends, whole))
        return again

    def _learn(self, members: Sequence[int], wrong: FloatArray) -> None:
        """Begin the next piece with shorter first panels where many were too long, and longer ones where all were
        easy."""
        many, easy = (wrong > 1).mean(axis=1) > MANY, wrong.max(axis=1, initial=0.0) < EASY
        factor = np.where(many, 0.5, np.where(easy, 2.0, 1.0))
        self.widths[members] = np.clip(factor * self.widths[members], SHORTEST_FIRST, self.wanted.longest)

    def _shares(self, seen: FloatArray) -> FloatArray:
        """The error of each panel as a share of what is accepted, the worst variable's, (dyads, panels)."""
        n, p, nodes, k = seen.shape
        found = np.zeros((n, p))
        for column in range(k):
            values = seen[..., column].reshape(-1, nodes)
            size = np.maximum(self.scale[column], np.abs(values).max(axis=1, initial=0.0))
            share = errors(values) / (ACCEPTED * self.run.solver.rtol * size)
            found = np.fmax(found, share.reshape(n, p))
        return found


def _apart(times: FloatArray) -> FloatArray:
    """Times in order; of those that are nearer than the shortest panel the last."""
    ordered = np.sort(times)
    keep = np.append(np.diff(ordered) > SHORTEST_PANEL, True)
    keep[0] = True
    return ordered[keep]


def _merged(times: FloatArray) -> FloatArray:
    ordered = np.sort(times)
    return ordered[np.concatenate(([True], np.diff(ordered) > TOLERANCE))] if len(ordered) else ordered
