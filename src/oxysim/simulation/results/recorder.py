"""What a simulation keeps: the wanted variables of every dyad at every output time, and nothing
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.simulation.equations.system import state_rows, variable_rows
from oxysim.simulation.input_pieces import TOLERANCE, InputPieces
from oxysim.units import clock_text, with_unit


class Recorder:
    """Keeps `variables` at `times` for n dyads: ``values[name]`` has shape (n_dyads, n_times), NaN
    until recorded; ``table`` (n_dyads, n_times, n_variables) holds the same numbers.

    Times are minutes since 00:00 of the first simulated day; `ages` are the infants' ages then.
    Where `times` is a list, each dyad has times of its own, and ``values[name][i]`` begins with
    those of dyad i; dyads that share times hold the same array. At an edge of the schedule an
    algebraic variable is that of the stretch which begins there; at the end, of the last stretch.
    """

    def __init__(
        self,
        variables: Sequence[str],
        times: FloatArray | Sequence[FloatArray],
        ages: FloatArray,
        caregivers: tuple[str, ...],
    ) -> None:
        self.ages, self.caregivers = ages, caregivers
        self.each = [times] * len(ages) if isinstance(times, np.ndarray) else list(times)
        self.states = {name: i for i, name in enumerate(state_rows(caregivers))}
        longest = max((len(own) for own in self.each), default=0)
        self.table = np.full((len(ages), longest, len(variables)), np.nan)
        self.values = {name: self.table[:, :, k] for k, name in enumerate(variables)}
        self.algebraic = [name for name in variables if name not in self.states]

    @property
    def times(self) -> FloatArray:
        """The output times that all dyads share (of the first dyad, where each has its own)."""
        return self.each[0]

    def due(self, table: InputPieces, piece: int) -> FloatArray:
        """Output times (min since birth) of a stack with common times that fall into a piece, its
        end excluded.
        """
        born = self.each[table.index[0]] + self.ages[table.index[0]]
        low, high = table.edges[piece, 0], table.edges[piece + 1, 0]
        inside = born[(born >= low - TOLERANCE) & (born < high - TOLERANCE)]
        return np.clip(inside, low, high)

    def within(self, table: InputPieces, born: FloatArray, states: FloatArray, moment: Any) -> None:
        """Record a stack with common times at `born` (min since birth); `states` has shape
        (n_states, n, n_times).
        """
        at = np.searchsorted(
            self.each[table.index[0]], born - self.ages[table.index[0]] - TOLERANCE
        )
        self._keep(np.ix_(table.index, at), states, moment)

    def at_edge(self, table: InputPieces, piece: int, y: FloatArray, moment: Any) -> None:
        """Record those dyads of a stack with own times for which the piece begins at an output
        time.
        """
        assert table.output is not None
        at = table.output[piece]
        chosen = np.flatnonzero(at >= 0)
        if len(chosen):
            self._keep((table.index[chosen], at[chosen]), y, moment, chosen)

    def at_end(self, table: InputPieces, y: FloatArray, moment: Any) -> None:
        """Record the end of the window where it is an output time."""
        if not table.shared:
            self.at_edge(table, table.n_pieces, y, moment)
            return
        times, age = self.each[table.index[0]], self.ages[table.index[0]]
        if len(times) and abs(times[-1] + age - table.edges[-1, 0]) <= TOLERANCE:
            self._keep(np.ix_(table.index, np.array([len(times) - 1])), y[:, :, None], moment)

    def mark_illegal(self, failures: dict[int, str], rtol: float) -> None:
        """Add the dyads whose variables left their legal range by more than the error that `rtol`
        allows.
        """
        rows = variable_rows(self.caregivers)
        for name, values in self.values.items():
            row = rows[name]
            size = np.nanmax(
                np.abs(values), axis=1, initial=row.scale, keepdims=True, where=~np.isnan(values)
            )
            slack = max(100 * rtol, 1e-9) * size
            wrong = (values < row.low - slack) | (values > row.high + slack)
            for dyad in np.flatnonzero(wrong.any(axis=1)).tolist():
                at = int(np.argmax(wrong[dyad]))
                found = with_unit(f"{values[dyad, at]:g}", row.unit)
                failures.setdefault(
                    dyad,
                    f"out of legal range: {name} = {found} at {clock_text(self.each[dyad][at])}, "
                    f"expected [{row.low:g}, {row.high:g}]",
                )

    def _keep(self, place: Any, states: FloatArray, moment: Any, chosen: Any = slice(None)) -> None:
        """Write states of shape (n_states, n[, n_times]), of the `chosen` dyads, to `place`;
        algebraic variables are computed at the `moment`.
        """
        system, levels, usual = moment
        for name, values in self.values.items():
            if name in self.states:
                values[place] = states[self.states[name]][chosen]
        if self.algebraic:
            found = system.algebraic(
                np.moveaxis(states, -1, 1) if states.ndim == 3 else states, levels, usual
            )
            for name in self.algebraic:
                self.values[name][place] = np.broadcast_to(found[name], states.shape[-1:0:-1]).T[
                    chosen
                ]
