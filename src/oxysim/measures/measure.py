"""``measure``: what a study reads from a simulation's result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.channels import channel
from oxysim.errors import InputError, unknown_name
from oxysim.measures.instrument import FloatArray, Instrument
from oxysim.measures.readings import INSTRUMENTS, Luck, instrument, read

if TYPE_CHECKING:
    import pandas as pd

WIDEST_GAP = 30.0  # min between outputs across which a quantity that moves within hours may be interpolated
WIDEST_WINDOW_STEP = 15.0  # min between outputs over which a window's mean is formed


class Measurable(Protocol):
    """What a result must offer to be measured (see ``oxysim.simulation.result.Result``)."""

    @property
    def caregivers(self) -> tuple[str, ...]:
        """The caregivers' names."""
        ...

    def __getitem__(self, name: str) -> xr.DataArray:
        """A variable by full name, dims (dyad, time)."""
        ...

    def inputs(self, member: str) -> xr.Dataset:
        """The member's input channels that ever left their level of rest."""
        ...


def measure(
    result: Measurable, name: str, member: str = "caregiver", at: Any = None, *,
    seed: int = 0, occasion: str = "", noise: bool = True,
) -> xr.DataArray:  # fmt: skip
    """What a study reads from a result with one instrument.

    Parameters
    ----------
    result : what :func:`simulate` returned; it must hold the instrument's variables.
    name : the instrument (see :func:`instrument_table`).
    member : a caregiver's name or "infant"; "caregiver" is the first caregiver.
    at : one time or a list of times: a clock time of the first day ("10:45"), a time after its midnight ("34 h"), or a
        number of minutes as ``result.time`` has them. Default: every output time.
    seed : key of the noise.
    occasion : the visit. Sessions of a crossover must have different names, or they share their luck. Samples of one
        occasion on one day share their visit noise.
    noise : False gives the expected readings.

    Returns
    -------
    DataArray (dyad, time) in the instrument's unit, as :func:`read` describes.

    Raises
    ------
    UnknownNameError : no such instrument, member or variable in the result.
    InputError : the member cannot be measured so, a time outside the result, outputs too far apart, or a window that
        the result does not cover.
    """
    tool = instrument(name)
    person = _person(tool, member, result.caregivers)
    series = [result[f"{person}.{variable}"] for variable in tool.variables]
    outputs = np.asarray(series[0]["time"].values, dtype=float)
    times = outputs if at is None else np.array([_moment(one) for one in _listed(at)], dtype=float)
    _require_inside(tool, times, outputs)
    parts = [_at(tool, np.asarray(one.values, dtype=float), outputs, times) for one in series]
    parts += [_level(result, person, channel, times, parts[0].shape) for channel in tool.inputs]
    luck = Luck(seed, person, occasion) if noise else None
    dyads = np.asarray(series[0]["dyad"].values)
    reading = read(name, parts[0] if len(parts) == 1 else parts, dyads.tolist(), times, luck)
    return reading.assign_attrs(member=person)


def instrument_table() -> pd.DataFrame:
    """Every instrument: unit, who and what it reads, noise, limits, source, status and note, one row each."""
    import pandas as pd

    table = [
        {
            "instrument": tool.name, "unit": units.plain_unit(tool.unit), "owner": tool.owner,
            "reads": ", ".join((*tool.variables, *tool.inputs)),
            "noise": tool.noise.kind, "visit_noise": tool.noise.occasion, "sample_noise": tool.noise.sample,
            "trait_noise": tool.noise.trait, "lloq": tool.lloq, "rounding": tool.rounding,
            "low": tool.low, "high": tool.high,
            "source": tool.source, "status": tool.status, "note": tool.note,
        }
        for tool in INSTRUMENTS.values()
    ]  # fmt: skip
    return pd.DataFrame(table)


def _person(tool: Instrument, member: str, caregivers: tuple[str, ...]) -> str:
    if member not in ("caregiver", "infant", *caregivers):
        raise unknown_name("member", member, ("caregiver", "infant", *caregivers))
    kind = "infant" if member == "infant" else "caregiver"
    if kind not in tool.members:
        raise InputError(f"instrument {tool.name!r} measures the {tool.owner}; found member {member!r}")
    return caregivers[0] if member == "caregiver" else member


def _listed(at: Any) -> Sequence[Any]:
    listed = [at] if isinstance(at, str) or np.ndim(at) == 0 else list(at)
    if not listed:
        raise InputError("at: expected at least one time; found none")
    return listed


def _moment(value: Any) -> float:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and ":" in value:
        return units.clock(value, "at")
    return units.duration(value, "at", positive=False)


def _require_inside(tool: Instrument, times: FloatArray, outputs: FloatArray) -> None:
    """Every sample (and its window) must lie inside the result."""
    outside = ~((times - tool.window >= outputs[0] - 1e-6) & (times <= outputs[-1] + 1e-6))
    if not outside.any():
        return
    found, limits = _text(times[outside][0]), f"{_text(outputs[0])} to {_text(outputs[-1])}"
    if tool.window:
        raise InputError(
            f"instrument {tool.name!r} at {found} needs the {units.duration_text(tool.window)} before it, but the "
            f"result covers {limits}; start the simulation earlier, or name later times in at="
        )
    raise InputError(f"instrument {tool.name!r}: time {found} lies outside the result, which covers {limits}")


def _at(tool: Instrument, values: FloatArray, outputs: FloatArray, times: FloatArray) -> FloatArray:
    """Values (n, n_outputs) at the sample times, or the means over the windows before them."""
    if not tool.window:
        return _interpolated(tool, values, outputs, times)
    found = []
    for stop in times.tolist():
        start = stop - tool.window
        inside = outputs[(outputs > start + 1e-6) & (outputs < stop - 1e-6)]
        grid = np.concatenate([[start], inside, [stop]])
        if np.max(np.diff(grid)) > WIDEST_WINDOW_STEP + 1e-6:
            raise InputError(
                f"instrument {tool.name!r} at {_text(stop)}: the outputs in the {units.duration_text(tool.window)} "
                f"before it are more than {WIDEST_WINDOW_STEP:g} min apart; simulate with a finer save="
            )
        inner = _interpolated(tool, values, outputs, grid)
        found.append(((inner[:, 1:] + inner[:, :-1]) / 2 * np.diff(grid)).sum(axis=1) / tool.window)
    return np.array(found).T


def _interpolated(tool: Instrument, values: FloatArray, outputs: FloatArray, times: FloatArray) -> FloatArray:
    """Linear between outputs; exact where a sample time is an output time."""
    right = np.clip(np.searchsorted(outputs, times - 1e-6), 0, len(outputs) - 1)
    left = np.where(np.abs(outputs[right] - times) <= 1e-6, right, np.maximum(right - 1, 0))
    gap = outputs[right] - outputs[left]
    if not tool.steady and np.any(gap > WIDEST_GAP + 1e-6):
        wide = int(np.argmax(gap))
        raise InputError(
            f"instrument {tool.name!r} at {_text(times[wide])}: the nearest outputs are {gap[wide]:g} min apart, too "
            f"far for a quantity that moves within hours; name this time in save=, or save every {WIDEST_GAP:g} min"
        )
    weight = np.divide(times - outputs[left], gap, out=np.zeros_like(gap), where=gap > 0)
    return np.where(weight == 0, values[:, left], values[:, left] + weight * (values[:, right] - values[:, left]))


def _level(result: Measurable, person: str, name: str, times: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The level of an input channel at the sample times: that of the last output; rest where it never left it."""
    inputs = result.inputs(person)
    if name not in inputs:
        return np.full(shape, channel(person, name).rest)
    held = inputs[name]
    place = np.searchsorted(np.asarray(held["time"].values), times + 1e-6, side="right") - 1
    levels = np.asarray(held.values, dtype=float)
    return np.broadcast_to(levels[..., place], shape)


def _text(minutes: float) -> str:
    day, clock = divmod(float(minutes), units.DAY)
    return units.clock_text(clock) if day == 0 else f"{units.clock_text(clock)} on day {int(day) + 1}"
