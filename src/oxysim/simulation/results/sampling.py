"""Looking at a run closely enough: at chosen moments, and on panels as fine as its courses ask for.

Every edge of a schedule (doses, bouts, hours of daily-life noise, stages of age) ends a panel. A
chunk of the run is integrated with panels that grow with the time since an edge; a dyad whose
polynomials are not within the solver's tolerance of their courses is integrated over that chunk
again with those panels halved, and is looked at there alone. What is looked at depends on the dyad
alone, never on who is simulated with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import Realised
from oxysim.schedule.bouts import TOLERANCE, distinct_times
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.input_pieces import with_marks
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.results.panels import (
    NO_PANELS,
    Panels,
    errors,
    halved,
    joined,
    ladder,
    node_times,
    to_their_ends,
)
from oxysim.simulation.run import PreparedRun
from oxysim.units import DAY

# Minutes; how long a chunk is: it bounds the memory of a run, whatever the run's length.
CHUNK = DAY

# Minutes; how long the first panel after an edge is to begin with: about three half-lives of plasma
# oxytocin.
FIRST_PANEL = 8.0

# Minutes; the daily rhythm runs through a sixth of its period in that time.
LONGEST_PANEL = 4 * 60.0

# Minutes; of two ends of panels that are nearer the later one counts. Nodes must stay apart by more
# than the tolerance within which two times are one.
SHORTEST_PANEL = 5e-5

# Tolerances of a variable's size that its polynomial may be away from it: a fifth of the ten that a
# run's values may be away from the exact course (see `scipy_engine.TIGHTENING`).
ACCEPTED = 2.0

# Share of the accepted error below which panels of twice the length would do: their error grows as
# 2**7.
EASY = 1 / 200

# Share of panels that had to be halved above which the next chunk begins with shorter ones.
MANY = 0.5

# Minutes; what is faster than that is left to halving.
SHORTEST_FIRST = 0.5

# How often panels are halved at most. What is left then is the solver's own error between its
# steps.
ROUNDS = 7


@dataclass(frozen=True, eq=False)
class SampledChunk:
    """What was seen of a chunk of a run.

    Attributes
    ----------
    times : chosen moments, shape (m,); ``values`` variable -> values of all dyads there, shape (n,
        m).
    panels : the courses of all dyads that did not fail, on the windows asked for; none where
        single moments alone are seen.

    >>> chunk = SampledChunk(np.array([480.0]), {"mother.epds": np.array([[5.4]])})
    >>> chunk.values["mother.epds"].shape
    (1, 1)
    """

    times: FloatArray
    values: Mapping[str, FloatArray]
    panels: Panels = NO_PANELS


@dataclass(frozen=True, eq=False)
class SamplingRequest:
    """What is to be seen of a run; times are minutes since 00:00 of the first simulated day.

    Attributes
    ----------
    names : variables seen at the `moments`, shape (m,), ascending.
    courses : variables whose courses are seen in the windows from `lows` to `highs`, each (k,).
    longest : the longest panel, minutes.

    >>> window = np.array([480.0]), np.array([540.0])
    >>> SamplingRequest(["mother.epds"], np.array([480.0]), ["mother.cortisol"], *window).variables
    ['mother.epds', 'mother.cortisol']
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
    run: PreparedRun, request: SamplingRequest, plans: PerDyad[Realised] | None = None
) -> Iterator[SampledChunk]:
    """A run, chunk by chunk, in order of time; dyads that fail are in its `failures` and missing
    from then on. `plans` are its own, where the caller has them.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.run import prepare
    >>> run = prepare(Dyad(), Routine.typical(), "10 min", engine="scipy")
    >>> none = np.empty(0)
    >>> request = SamplingRequest(["mother.epds"], np.array([485.0]), [], none, none, 60.0)
    >>> [chunk.times.tolist() for chunk in sampled_chunks(run, request)]
    [[485.0]]
    """
    plans, y = run.plans() if plans is None else plans, run.first_state()
    sampler = _Sampler(run, request)
    count = max(1, int(np.ceil((run.stop - run.window[0]) / CHUNK - 1e-9)))
    ends = np.append(run.window[0] + CHUNK * np.arange(count), run.stop)
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        y, chunk = sampler.sample(run.between(plans, low, high), y, (low, high))
        yield chunk


Spans = FloatArray | None
"""The starts and ends of a dyad's panels, shape (2, p); None where nothing is to be seen again."""


class _Sampler:
    """Integrates the dyads of a run over its chunks; remembers how fine each dyad's panels had to
    be.
    """

    def __init__(self, run: PreparedRun, request: SamplingRequest) -> None:
        self.run, self.request, self.noise = run, request, run.noise()
        self.n = len(run.ages)
        self.widths = np.full(self.n, min(FIRST_PANEL, request.longest))
        rows = variable_rows(run.who.caregivers)
        self.scale = np.array([rows[name].scale for name in request.courses])

    def sample(
        self, plans: PerDyad[Realised], y: FloatArray, window: tuple[float, float]
    ) -> tuple[FloatArray, SampledChunk]:
        """The state at the end of a chunk, and what was seen of it."""
        run, request = self.run, self.request
        noise = self._noise_of(window)
        moments = self._moments_in(window)
        values = {name: np.full((self.n, len(moments)), np.nan) for name in request.names}

        spans_of = self._spans(plans, window)
        panels: list[Panels] = []
        y_end = y.copy()
        for number in range(ROUNDS + 1):
            chosen = [
                dyad
                for dyad, spans in enumerate(spans_of)
                if spans is not None and dyad not in run.failures
            ]
            if not chosen:
                break

            # What was seen well is not looked at again: fewer stops, and fewer panels to judge.
            recorder = self._recorder(spans_of, moments if number == 0 else np.empty(0))
            end = self._integrate(recorder, plans, y, chosen, noise)
            if number == 0:
                y_end[:, chosen] = end[:, chosen]
                columns = [np.searchsorted(recorder.each[i], moments - TOLERANCE) for i in chosen]
                for name in request.names:
                    rows = np.array(chosen)[:, None]
                    values[name][chosen] = recorder.values[name][rows, np.array(columns)]
            spans_of = self._judged(recorder, spans_of, number, panels)
        return y_end, SampledChunk(moments, values, joined(panels, request.courses))

    # ------------------------------------------------------------------ what is looked at
    def _noise_of(self, window: tuple[float, float]) -> NoisePaths | None:
        """The noise of a chunk, drawn once for all the times that it is integrated."""
        if self.noise is None:
            return None
        ages, (low, high) = self.run.ages, window
        return self.noise.piece(ages + low, ages + high)

    def _moments_in(self, window: tuple[float, float]) -> FloatArray:
        """The moments in a chunk; where two chunks meet, the later one has it."""
        moments, (low, high) = self.request.moments, window
        is_last = high >= self.run.stop - TOLERANCE
        latest = high + TOLERANCE if is_last else high - TOLERANCE
        return moments[(moments >= low - TOLERANCE) & (moments < latest)]

    def _spans(self, plans: PerDyad[Realised], window: tuple[float, float]) -> PerDyad[Spans]:
        """The starts and ends of each dyad's panels, where they lie in a window asked for."""
        request, (low, high) = self.request, window
        if not np.any((request.lows < high - TOLERANCE) & (request.highs > low + TOLERANCE)):
            return PerDyad.shared(np.empty((2, 0)), len(plans))

        marks = np.concatenate([request.lows, request.highs])
        marks = marks[(marks > low) & (marks < high)]

        def spans(conditions: tuple[Realised, float, float, bool]) -> Spans:
            plan, age, width, noisy = conditions
            edges = with_marks(plan.edges, noisy) - age
            # Less an age, the ends of the chunk come back but for rounding.
            edges[0], edges[-1] = low, high
            ends = ladder(_apart(np.concatenate([edges, marks])), width, request.longest)
            return self._inside(np.stack([ends[:-1], ends[1:]]))

        noise = self.noise
        noisy = [noise is not None and noise.kinds[dyad] is not None for dyad in range(len(plans))]
        ages, widths = self.run.ages.tolist(), self.widths.tolist()
        conditions = together(
            plans, PerDyad.of_equal(ages), PerDyad.of_equal(widths), PerDyad.of_equal(noisy)
        )
        return conditions.map(spans)

    def _recorder(self, spans_of: PerDyad[Spans], moments: FloatArray) -> Recorder:
        """Records at the nodes of every panel and at the moments."""

        def times(spans: Spans) -> FloatArray:
            nodes = np.empty(0) if spans is None else node_times(*spans).ravel()
            return distinct_times(np.concatenate([nodes, moments]))

        return self.run.recorder(self.request.variables, spans_of.map(times))

    def _inside(self, spans: FloatArray) -> FloatArray:
        """Those panels that lie in a window that is asked for."""
        middle = spans.mean(axis=0)
        begun = np.searchsorted(np.sort(self.request.lows), middle)
        ended = np.searchsorted(np.sort(self.request.highs), middle)
        return np.asarray(spans[:, begun > ended])

    def _integrate(
        self,
        recorder: Recorder,
        plans: PerDyad[Realised],
        y: FloatArray,
        chosen: Sequence[int],
        noise: NoisePaths | None,
    ) -> FloatArray:
        """The state of the `chosen` dyads at the end; dyads that fail are noted."""
        run = self.run
        left_out = dict.fromkeys(set(range(self.n)) - set(chosen), "")
        failed = left_out | run.failures
        end = run.integrate(recorder, plans, y, failed, noise)
        run.failures.update({dyad: why for dyad, why in failed.items() if dyad not in left_out})
        recorder.mark_illegal(run.failures, run.solver.rtol)
        return end

    # ------------------------------------------------------------------ whether it was enough
    def _judged(
        self, recorder: Recorder, spans_of: PerDyad[Spans], number: int, panels: list[Panels]
    ) -> PerDyad[Spans]:
        """Adds the panels that are fine enough to `panels`; returns the halves of the others, for
        each dyad.
        """
        groups: list[tuple[FloatArray, list[int]]] = []
        for spans, dyads in zip(spans_of.values, spans_of.groups, strict=True):
            alive = [dyad for dyad in dyads.tolist() if dyad not in self.run.failures]
            if spans is not None and spans.shape[1] and alive:
                groups.append((spans, alive))
        if not groups:
            return PerDyad.shared(None, len(spans_of))

        looked_at, seen = self._seen(recorder, groups)
        wrong = self._error_shares(seen)
        if number == 0:
            self._learn(looked_at.owner, wrong)

        rough = (wrong > 1) & (number < ROUNDS)
        fine = np.flatnonzero(~rough)
        starts, ends = looked_at.starts[fine], looked_at.ends[fine]
        values = {name: to_their_ends(nodes[fine], starts, ends) for name, nodes in seen.items()}
        panels.append(Panels(looked_at.owner[fine], starts, ends, values))
        return self._halves(groups, rough)

    def _halves(
        self, groups: Sequence[tuple[FloatArray, list[int]]], rough: BoolArray
    ) -> PerDyad[Spans]:
        """The halves of the panels that are `rough`, (all panels of all groups,), for each dyad;
        dyads of one group with the same rough panels go on together.
        """
        halves_of: list[Spans] = [None] * self.n
        begin = 0
        for spans, dyads in groups:
            count = spans.shape[1]
            masks = rough[begin : begin + len(dyads) * count].reshape(len(dyads), count)
            begin += masks.size

            halves: dict[bytes, FloatArray] = {}
            for row in np.flatnonzero(masks.any(axis=1)).tolist():
                key = masks[row].tobytes()
                if key not in halves:
                    halves[key] = halved(spans[:, masks[row]])
                halves_of[dyads[row]] = halves[key]
        return PerDyad.of(halves_of)

    def _seen(
        self, recorder: Recorder, groups: Sequence[tuple[FloatArray, list[int]]]
    ) -> tuple[Panels, dict[str, FloatArray]]:
        """The panels of groups of dyads that share them, one dyad after the other, and the values
        at their nodes.
        """
        owners, tiled_spans, columns = [], [], []
        for spans, dyads in groups:
            nodes = np.searchsorted(recorder.each[dyads[0]], node_times(*spans) - TOLERANCE)
            owners.append(np.repeat(dyads, spans.shape[1]))
            tiled_spans.append(np.tile(spans, len(dyads)))
            columns.append(np.tile(nodes, (len(dyads), 1)))

        owner = np.concatenate(owners)
        starts, ends = np.concatenate(tiled_spans, axis=1)
        cells = owner[:, None], np.concatenate(columns)
        seen = {name: recorder.values[name][cells] for name in self.request.courses}
        return Panels(owner, starts, ends, seen), seen

    def _learn(self, owner: IntArray, wrong: FloatArray) -> None:
        """Begin the next chunk with shorter first panels where many were too long, and longer ones
        where all were easy.
        """
        n = self.n
        count, worst = np.bincount(owner, minlength=n), np.zeros(n)
        np.maximum.at(worst, owner, wrong)

        many = np.bincount(owner, wrong > 1, minlength=n) > MANY * count
        easy = worst < EASY
        factor = np.where(many, 0.5, np.where(easy, 2.0, 1.0))
        learnt = np.clip(factor * self.widths, SHORTEST_FIRST, self.request.longest)
        self.widths = np.where(count > 0, learnt, self.widths)

    def _error_shares(self, seen: Mapping[str, FloatArray]) -> FloatArray:
        """The error of each panel as a share of what is accepted, the worst variable's, (p,)."""
        shares = np.zeros(len(next(iter(seen.values()))))
        for values, scale in zip(seen.values(), self.scale.tolist(), strict=True):
            size = np.maximum(scale, np.abs(values).max(axis=1))
            allowed = ACCEPTED * self.run.solver.rtol * size
            shares = np.fmax(shares, errors(values) / allowed)
        return shares


def _apart(times: FloatArray) -> FloatArray:
    """Times in order; of those that are nearer than the shortest panel the last."""
    ordered = np.sort(times)
    keep = np.append(np.diff(ordered) > SHORTEST_PANEL, True)
    keep[0] = True
    return ordered[keep]
