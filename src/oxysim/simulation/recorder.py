"""What a simulation keeps: the wanted variables of every dyad at every output time, and nothing
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.per_dyad import PerDyad
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.equations.system import state_rows, variable_rows
from oxysim.simulation.input_pieces import InputPieces
from oxysim.units import clock_text, with_unit

# Multiples of the relative tolerance by which a variable may leave its legal range unnoticed: the
# errors of many steps add up, and a state that rests at its bound is not to be called a failure.
SLACK_IN_TOLERANCES = 100
# The same for a solver that is asked for more than rounding allows.
SMALLEST_SLACK = 1e-9


class Recorder:
    """Keeps `variables` at `times` for n dyads.

    Engines call its methods while they run; NaN stands where nothing was recorded. At an edge of
    the schedule an algebraic variable is that of the piece which begins there; at the end, of the
    last piece.

    Parameters
    ----------
    times : output times, minutes since 00:00 of the first simulated day: one array for all, or each
        dyad's own.
    ages : the infants' ages at that moment, minutes, shape (n,).

    Attributes
    ----------
    table : shape (n_dyads, n_times, n_variables); ``values[name]`` are views of it, shape (n_dyads,
        n_times). Where dyads have times of their own, a row begins with those of its dyad.

    >>> recorder = Recorder(["mother.epds"], np.array([480.0, 540.0]), np.zeros(3), ("mother",))
    >>> recorder.values["mother.epds"].shape, recorder.algebraic
    ((3, 2), ['mother.epds'])
    """

    def __init__(
        self,
        variables: Sequence[str],
        times: FloatArray | PerDyad[FloatArray],
        ages: FloatArray,
        caregivers: tuple[str, ...],
    ) -> None:
        self.ages, self.caregivers = ages, caregivers
        self.each = PerDyad.shared(times, len(ages)) if isinstance(times, np.ndarray) else times
        self.states = {name: position for position, name in enumerate(state_rows(caregivers))}

        longest = max((len(times_of_dyad) for times_of_dyad in self.each.values), default=0)
        self.table = np.full((len(ages), longest, len(variables)), np.nan)
        self.values = {name: self.table[:, :, k] for k, name in enumerate(variables)}
        self.algebraic = [name for name in variables if name not in self.states]

    @property
    def times(self) -> FloatArray:
        """The output times that all dyads share (of the first dyad, where each has its own)."""
        return self.each[0]

    def due(self, pieces: InputPieces, piece: int) -> FloatArray:
        """Output times (min since birth) of a stack with common times that fall into a piece, its
        end excluded.
        """
        first = int(pieces.index[0])
        born = self.each[first] + self.ages[first]
        low, high = pieces.edges[piece, 0], pieces.edges[piece + 1, 0]
        # The end of a piece is the beginning of the next one, which records it.
        inside = born[(born >= low - TOLERANCE) & (born < high - TOLERANCE)]
        return np.clip(inside, low, high)

    def within(
        self, pieces: InputPieces, born: FloatArray, states: FloatArray, moment: Any
    ) -> None:
        """Record a stack with common times at `born` (min since birth); `states` has shape
        (n_states, n, n_times), and `moment` holds the equations, the levels and the usual signals
        of the piece.
        """
        first = int(pieces.index[0])
        columns = np.searchsorted(self.each[first], born - self.ages[first] - TOLERANCE)
        self._write(np.ix_(pieces.index, columns), states, moment)

    def at_edge(self, pieces: InputPieces, piece: int, y: FloatArray, moment: Any) -> None:
        """Record those dyads of a stack with own times for which the piece begins at an output
        time; `y` has shape (n_states, n).
        """
        assert pieces.output is not None
        columns = pieces.output[piece]
        chosen = np.flatnonzero(columns >= 0)
        if len(chosen):
            self._write((pieces.index[chosen], columns[chosen]), y, moment, chosen)

    def at_end(self, pieces: InputPieces, y: FloatArray, moment: Any) -> None:
        """Record the end of the window where it is an output time."""
        if not pieces.shared:
            self.at_edge(pieces, pieces.n_pieces, y, moment)
            return
        first = int(pieces.index[0])
        times, age = self.each[first], self.ages[first]
        if len(times) and abs(times[-1] + age - pieces.edges[-1, 0]) <= TOLERANCE:
            self._write(np.ix_(pieces.index, np.array([len(times) - 1])), y[:, :, None], moment)

    def mark_illegal(self, failures: dict[int, str], rtol: float) -> None:
        """Add to `failures` the dyads whose variables left their legal range by more than the error
        that `rtol` allows.

        >>> recorder = Recorder(["mother.cortisol"], np.array([480.0]), np.zeros(1), ("mother",))
        >>> recorder.values["mother.cortisol"][:] = -5.0
        >>> failures: dict[int, str] = {}
        >>> recorder.mark_illegal(failures, 1e-6)
        >>> failures[0][:38]
        'out of legal range: mother.cortisol = '
        """
        rows = variable_rows(self.caregivers)
        for name, values in self.values.items():
            row = rows[name]
            # The error that is allowed grows with the size that a variable reaches.
            size = np.nanmax(
                np.abs(values), axis=1, initial=row.scale, keepdims=True, where=~np.isnan(values)
            )
            slack = max(SLACK_IN_TOLERANCES * rtol, SMALLEST_SLACK) * size
            wrong = (values < row.low - slack) | (values > row.high + slack)
            for dyad in np.flatnonzero(wrong.any(axis=1)).tolist():
                # The first moment tells most: what follows may follow from it.
                first = int(np.argmax(wrong[dyad]))
                value = with_unit(f"{values[dyad, first]:g}", row.unit)
                when = clock_text(self.each[dyad][first])
                # A dyad keeps its first reason.
                failures.setdefault(
                    dyad,
                    f"out of legal range: {name} = {value} at {when}, "
                    f"expected [{row.low:g}, {row.high:g}]",
                )

    def _write(
        self, cells: Any, states: FloatArray, moment: Any, chosen: Any = slice(None)
    ) -> None:
        """Write states of shape (n_states, n[, n_times]), of the `chosen` dyads, to `cells` in each
        variable's table; algebraic variables are computed from them.
        """
        for name, values in self.values.items():
            if name in self.states:
                values[cells] = states[self.states[name]][chosen]
        if not self.algebraic:
            return

        system, levels, usual = moment
        # With times last but one, levels of shape (n,) stand beside every moment.
        moments_first = np.moveaxis(states, -1, 1) if states.ndim == 3 else states
        outputs = system.algebraic(moments_first, levels, usual)
        for name in self.algebraic:
            table = np.broadcast_to(outputs[name], states.shape[-1:0:-1]).T
            self.values[name][cells] = table[chosen]
