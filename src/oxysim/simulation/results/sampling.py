"""Looking at a run closely enough: at chosen moments, and on panels as fine as its courses ask for.

Every edge of a schedule (doses, bouts, hours of daily-life noise, stages of age) ends a panel. A
piece of the run is carried with panels that grow with the time since an edge; a dyad whose
polynomials are not within the solver's tolerance of their courses is carried over that piece again
with those panels halved, and is looked at there alone. What is looked at hangs on the dyad alone,
never on who is simulated with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.schedule import Realised
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.input_pieces import TOLERANCE, with_marks
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.results.panels import (
    Panels,
    errors,
    halved,
    joined,
    ladder,
    node_times,
    to_their_ends,
)
from oxysim.simulation.results.recorder import Recorder
from oxysim.units import DAY

if TYPE_CHECKING:
    from oxysim.simulation.run import PreparedRun


PIECE = DAY
"""How long a piece is, minutes: bounds the memory of a run, whatever its length."""

FIRST_PANEL = 8.0
"""How long the first panel after an edge is to begin with, minutes: about three half-lives of
plasma oxytocin.
"""

LONGEST_PANEL = 4 * 60.0
"""Minutes; the daily rhythm runs through a sixth of its period in that time."""

SHORTEST_PANEL = 5e-5
"""Minutes; of two ends of panels that are nearer the later one counts. Nodes must stay apart by
more than the tolerance within which two times are one.
"""

ACCEPTED = 2.0
"""Tolerances of a variable's size that its polynomial may be away from it: a fifth of the ten that
a run's values may be away from the exact course (see ``scipy_engine.TIGHTENING``).
"""

EASY = 1 / 200
"""Share of the accepted error below which panels of twice the length would do: their error grows as
2**7.
"""

MANY = 0.5
"""Share of panels that had to be halved above which the next piece begins with shorter ones."""

SHORTEST_FIRST = 0.5
"""Minutes; what is faster than that is left to halving."""

ROUNDS = 7
"""How often panels are halved at most. What is left then is the solver's own error between its
steps.
"""


@dataclass(frozen=True, eq=False)
class SampledChunk:
    """What was seen of a piece of a run.

    Attributes
    ----------
    times : chosen moments, shape (m,); ``values`` variable -> values of all dyads there, shape (n,
        m).
    panels : the courses of all dyads that did not fail, on the stretches asked for.
    """

    times: FloatArray
    values: Mapping[str, FloatArray]
    panels: Panels


@dataclass(frozen=True, eq=False)
class SamplingRequest:
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


def sampled_chunks(
    run: PreparedRun, wanted: SamplingRequest, plans: Sequence[Realised] | None = None
) -> Iterator[SampledChunk]:
    """A run, piece by piece, in order of time; dyads that fail are in its `failures` and missing
    from then on. `plans` are its own, where the caller has them.
    """
    plans, y = run.plans() if plans is None else plans, run.first_state()
    look = _Look(run, wanted)
    count = max(1, int(np.ceil((run.stop - run.window[0]) / PIECE - 1e-9)))
    ends = np.append(run.window[0] + PIECE * np.arange(count), run.stop)
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        y, piece = look.at(run.between(plans, low, high), y, (low, high))
        yield piece


class _Look:
    """Carries the dyads of a run over its pieces; remembers how fine each dyad's
    panels had to be.
    """

    def __init__(self, run: PreparedRun, wanted: SamplingRequest) -> None:
        self.run, self.wanted, self.life = run, wanted, run.noise()
        self.widths = np.full(len(run.who), min(FIRST_PANEL, wanted.longest))
        rows = variable_rows(run.who.caregivers)
        self.scale = np.array([rows[name].scale for name in wanted.courses])

    def at(
        self, plans: Sequence[Realised], y: FloatArray, span: tuple[float, float]
    ) -> tuple[FloatArray, SampledChunk]:
        """The state at the end of a piece, and what was seen of it."""
        run, wanted, (low, high) = self.run, self.wanted, span
        noise = (
            None
            if self.life is None
            else self.life.piece(run.who.ages() + low, run.who.ages() + high)
        )
        last = high >= run.stop - TOLERANCE
        inside = (wanted.moments >= low - TOLERANCE) & (
            wanted.moments < high - (-1.0 if last else 1.0) * TOLERANCE
        )
        moments = wanted.moments[inside]
        values = {name: np.full((len(run.who), len(moments)), np.nan) for name in wanted.names}
        todo = self._spans(plans, low, high)
        found: list[Panels] = []
        y_end = y.copy()
        for number in range(ROUNDS + 1):
            chosen = [i for i in range(len(todo)) if todo[i] is not None and i not in run.failures]
            if not chosen:
                break
            # what was seen well is not looked at again: fewer stops, and fewer panels to judge
            recorder = self._recorder(todo, moments if number == 0 else np.empty(0))
            end = self._integrate(recorder, plans, y, chosen, noise)
            if number == 0:
                y_end[:, chosen] = end[:, chosen]
                at = np.array(
                    [np.searchsorted(recorder.each[i], moments - TOLERANCE) for i in chosen]
                )
                for name in wanted.names:
                    values[name][chosen] = recorder.values[name][np.array(chosen)[:, None], at]
            todo = self._judged(recorder, todo, number, found)
        return y_end, SampledChunk(moments, values, joined(found, wanted.courses))

    def _spans(self, plans: Sequence[Realised], low: float, high: float) -> list[FloatArray | None]:
        """The starts and ends of each dyad's panels, (2, p), where they lie in a wanted stretch
        (the same array where they are shared).
        """
        wanted, ages = self.wanted, self.run.who.ages().tolist()
        marks = np.concatenate([wanted.lows, wanted.highs])
        marks = marks[(marks > low) & (marks < high)]
        if not np.any((wanted.lows < high - TOLERANCE) & (wanted.highs > low + TOLERANCE)):
            empty = np.empty((2, 0))
            return [empty] * len(plans)
        known: dict[tuple[int, float, float, bool], FloatArray] = {}
        found: list[FloatArray | None] = []
        for i, (plan, age) in enumerate(zip(plans, ages, strict=True)):
            noisy = self.life is not None and self.life.kinds[i] is not None
            key = (id(plan), age, float(self.widths[i]), noisy)
            if key not in known:
                edges = with_marks(plan.edges, noisy) - age
                edges[0], edges[-1] = low, high
                ends = ladder(_apart(np.concatenate([edges, marks])), key[2], wanted.longest)
                known[key] = self._inside(np.stack([ends[:-1], ends[1:]]))
            found.append(known[key])
        return found

    def _recorder(self, todo: Sequence[FloatArray | None], moments: FloatArray) -> Recorder:
        """Records at the nodes of every panel and at the moments."""
        known: dict[int, FloatArray] = {}
        each = []
        for spans in todo:
            if id(spans) not in known:
                nodes = np.empty(0) if spans is None else node_times(*spans).ravel()
                known[id(spans)] = _merged(np.concatenate([nodes, moments]))
            each.append(known[id(spans)])
        return Recorder(self.wanted.variables, each, self.run.who.ages(), self.run.who.caregivers)

    def _inside(self, spans: FloatArray) -> FloatArray:
        """Those panels that lie in a stretch that is wanted."""
        middle = spans.mean(axis=0)
        begun = np.searchsorted(np.sort(self.wanted.lows), middle)
        return np.asarray(spans[:, begun > np.searchsorted(np.sort(self.wanted.highs), middle)])

    def _integrate(
        self,
        recorder: Recorder,
        plans: Sequence[Realised],
        y: FloatArray,
        chosen: Sequence[int],
        noise: NoisePaths | None,
    ) -> FloatArray:
        """The state at the end; dyads that fail are noted."""
        run = self.run
        others = dict.fromkeys(set(range(len(run.who))) - set(chosen), "")
        failed = others | run.failures
        end = run.integrate(recorder, plans, y, failed, noise)
        run.failures.update({i: why for i, why in failed.items() if i not in others})
        recorder.mark_illegal(run.failures, run.solver.rtol)
        return end

    def _judged(
        self,
        recorder: Recorder,
        todo: Sequence[FloatArray | None],
        number: int,
        found: list[Panels],
    ) -> list[FloatArray | None]:
        """Adds the panels that are fine enough to `found`; the halves of the
        others, for each dyad.
        """
        groups: dict[int, list[int]] = {}
        for i, spans in enumerate(todo):
            if spans is not None and spans.shape[1] and i not in self.run.failures:
                groups.setdefault(id(spans), []).append(i)
        again: list[FloatArray | None] = [None] * len(todo)
        if not groups:
            return again
        own = [todo[members[0]] for members in groups.values()]
        panels, seen = self._seen(
            recorder, list(groups.values()), [spans for spans in own if spans is not None]
        )
        wrong = self._shares(seen)
        if number == 0:
            self._learn(panels.owner, wrong)
        rough = (wrong > 1) & (number < ROUNDS)
        fine = np.flatnonzero(~rough)
        starts, ends = panels.starts[fine], panels.ends[fine]
        values = {name: to_their_ends(held[fine], starts, ends) for name, held in seen.items()}
        found.append(Panels(panels.owner[fine], starts, ends, values))
        begin = 0
        for members, spans in zip(groups.values(), own, strict=True):
            assert spans is not None
            count = spans.shape[1]
            masks = rough[begin : begin + len(members) * count].reshape(len(members), count)
            begin += masks.size
            halves: dict[bytes, FloatArray] = {}
            for row in np.flatnonzero(masks.any(axis=1)).tolist():
                key = masks[row].tobytes()
                if key not in halves:
                    halves[key] = halved(spans[:, masks[row]])
                again[members[row]] = halves[key]
        return again

    def _seen(
        self, recorder: Recorder, groups: Sequence[Sequence[int]], own: Sequence[FloatArray]
    ) -> tuple[Panels, dict[str, FloatArray]]:
        """The panels of groups of dyads that share them, one dyad after the other, and the values
        at their nodes.
        """
        owner = np.concatenate(
            [np.repeat(members, spans.shape[1]) for members, spans in zip(groups, own, strict=True)]
        )
        parts = []
        for members, spans in zip(groups, own, strict=True):
            at = np.searchsorted(recorder.each[members[0]], node_times(*spans) - TOLERANCE)
            parts.append((np.tile(spans, len(members)), np.tile(at, (len(members), 1))))
        starts, ends = np.concatenate([spans for spans, _ in parts], axis=1)
        at = np.concatenate([place for _, place in parts])
        seen = {name: recorder.values[name][owner[:, None], at] for name in self.wanted.courses}
        return Panels(owner, starts, ends, seen), seen

    def _learn(self, owner: IntArray, wrong: FloatArray) -> None:
        """Begin the next piece with shorter first panels where many were too long, and longer ones
        where all were easy.
        """
        n = len(self.widths)
        count, worst = np.bincount(owner, minlength=n), np.zeros(n)
        np.maximum.at(worst, owner, wrong)
        many, easy = np.bincount(owner, wrong > 1, minlength=n) > MANY * count, worst < EASY
        factor = np.where(many, 0.5, np.where(easy, 2.0, 1.0))
        learnt = np.clip(factor * self.widths, SHORTEST_FIRST, self.wanted.longest)
        self.widths = np.where(count > 0, learnt, self.widths)

    def _shares(self, seen: Mapping[str, FloatArray]) -> FloatArray:
        """The error of each panel as a share of what is accepted, the worst variable's, (p,)."""
        found = np.zeros(len(next(iter(seen.values()))))
        for values, scale in zip(seen.values(), self.scale.tolist(), strict=True):
            size = np.maximum(scale, np.abs(values).max(axis=1))
            found = np.fmax(found, errors(values) / (ACCEPTED * self.run.solver.rtol * size))
        return found


def _apart(times: FloatArray) -> FloatArray:
    """Times in order; of those that are nearer than the shortest panel the last."""
    ordered = np.sort(times)
    keep = np.append(np.diff(ordered) > SHORTEST_PANEL, True)
    keep[0] = True
    return ordered[keep]


def _merged(times: FloatArray) -> FloatArray:
    ordered = np.sort(times)
    return (
        ordered[np.concatenate(([True], np.diff(ordered) > TOLERANCE))] if len(ordered) else ordered
    )
