"""The one verb: ``simulate``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown, unknown_name
from oxysim.families import Family
from oxysim.progress import simulating
from oxysim.schedule import Routine
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.plausibility import warn_of
from oxysim.simulation.results.assembly import assemble
from oxysim.simulation.results.result import Result
from oxysim.simulation.run import prepare
from oxysim.simulation.scipy_engine import Solver

LARGEST_RESULT = 4e9  # bytes; more than this must be asked for by fewer variables or times
GRIDS = {"hourly": units.HOUR, "daily": units.DAY, "weekly": units.WEEK}


def simulate(  # noqa: PLR0913 - the one verb; all but three are keywords with defaults
    who: Family,
    schedule: Any,
    duration: Any,
    *,
    start: str = "08:00",
    save: Any = None,
    variables: Sequence[str] | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    solver: Solver | None = None,
    engine: str = "auto",
    seed: int | Sequence[int] = 0,
    usual_day: Routine | None = None,
    progress: bool | None = None,
) -> Result:
    """Simulate one dyad, a family, or an ensemble of either.

    Parameters
    ----------
    who : a :class:`Dyad`, :class:`Family` or ensemble; n is its length.
    schedule : a routine, interventions, or their sum; or a list of them, one a dyad.
    duration : how long, text with a unit ("6 h", "12 weeks").
    start : clock time at which it starts, on the day on which the infant has the age of `who`. The
        starting values of slow states are means over that day, at whatever hour.
    save : output grid ("5 min", "daily", "weekly"), or a list of chosen times, each a time after
        the start ("45 min") or, on the first day, a clock time ("10:45"). Default: 5 min up to 3
        days, 1 h up to 60 days, else daily.
    variables : names to keep ("mother.cortisol", "caregiver.epds"); default all.
    cut, scale : edges to cut, by name; edge name -> multiplier, from 0 to the limit of the edge (1
        or 2, see ``edge_table``). In a family they hold for every caregiver.
    solver : method and tolerances; default ``Solver("RK45", rtol=1e-6)``. The compiled engine has a
        method of its own and takes the tolerances.
    engine : "scipy", "compiled" (needs ``oxysim[fast]``), or "auto": compiled where it is installed
        and the work is worth it (four dyads for any time, one from eleven days on), unless the
        solver names another method. The first compiled run of a kind of family on a machine
        compiles for about ten seconds. The result's provenance says which engine it was.
    seed : key of every random stream (the jitter of the routine, daily crying, daily-life noise);
        or a list, one a dyad.
    usual_day : the routine whose cycle the fast states are on at the start; default the routine of
        `schedule`. A visit to a laboratory has no routine of its own, but the family comes to it
        from its usual day.
    progress : whether a bar of simulated dyad-days is shown; None: on a terminal and in a notebook,
        where it takes more than a second.

    Returns
    -------
    Result : labelled by dyad and time, with units, inputs, realised schedule, status, reasons and
        provenance. A dyad that fails is recorded with its reason; the others go on.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : before anything runs.

    Warns
    -----
    ImplausibleValueWarning : something is legal but implausible; once, with all of it
    (``provenance["implausible"]``).

    >>> from oxysim.families import Dyad
    >>> result = simulate(Dyad(), Routine.typical(), "30 min", save="10 min")
    >>> result["mother.cortisol"].shape
    (1, 4)
    """
    run = prepare(
        who,
        schedule,
        duration,
        start=start,
        cut=cut,
        scale=scale,
        solver=solver,
        engine=engine,
        seed=seed,
        usual_day=usual_day,
    )
    warn_of(run.implausible)
    names = wanted_variables(variables, who.caregivers)
    noise = run.noise()
    # Daily-life noise is kept beside the variables, one column a channel.
    columns = len(names) + (0 if noise is None else noise.width)
    times = output_times(save, run.window, per_time=8 * len(who) * columns)
    # The engines move this bar on by the time that they have simulated.
    with simulating(len(who), run.window[1] - run.window[0], "simulate", progress):
        recorder, plans = run.run(names, times)
    return assemble(run, recorder, plans)


def output_times(save: Any, window: tuple[float, float], *, per_time: float = 0.0) -> FloatArray:
    """Output times in minutes since 00:00 of the first simulated day, increasing; `per_time` bytes
    are kept for each.

    >>> output_times("15 min", (480.0, 510.0)).tolist()
    [480.0, 495.0, 510.0]
    """
    start, stop = window
    if save is None:
        length = stop - start
        step = (
            5.0
            if length <= 3 * units.DAY
            else units.HOUR
            if length <= 60 * units.DAY
            else units.DAY
        )
    elif isinstance(save, list | tuple | np.ndarray):
        return _chosen_times(save, window)
    else:
        step = (
            GRIDS[save] if isinstance(save, str) and save in GRIDS else units.duration(save, "save")
        )
        if step <= 10 * TOLERANCE:
            raise InputError(
                f"save: expected steps of more than {10 * TOLERANCE:g} min; found {save!r}"
            )
        if step > stop - start + TOLERANCE:
            raise InputError(
                what="save",
                expected=f"at most the length of the run ({units.duration_text(stop - start)})",
                found=shown(save),
                remedy='name the times instead, such as save=["0 min"]',
                key=("save",),
            )
    # A last output that rounding put just beyond the end is still one.
    count = int(np.floor((stop - start) / step + 1e-9)) + 1
    _require_memory(count, per_time)
    return np.asarray(start + step * np.arange(count), dtype=float)


def _chosen_times(listed: Any, window: tuple[float, float]) -> FloatArray:
    times = np.array([_one_time(entry, window[0]) for entry in listed], dtype=float)
    if len(times) == 0:
        raise InputError("save: expected at least one time; found none")
    # Nearer ones would be one time to the engines.
    if np.any(np.diff(times) <= 2 * TOLERANCE):
        raise InputError(
            f"save: expected different times in increasing order; found {list(listed)!r}"
        )
    if times[0] < window[0] - 1e-9 or times[-1] > window[1] + 1e-9:
        raise InputError(f"save: the times must lie inside the simulation; found {list(listed)!r}")
    return times


def _one_time(value: Any, start: float) -> float:
    if units.is_clock(value):
        return units.clock(value, "save")
    return start + units.duration(value, "save", positive=False)


def wanted_variables(variables: Collection[str] | None, caregivers: tuple[str, ...]) -> list[str]:
    """Full names of the wanted variables; "caregiver." stands for every caregiver.

    >>> wanted_variables(["caregiver.epds"], ("mother", "father"))
    ['mother.epds', 'father.epds']
    """
    known_names = list(variable_rows(caregivers))
    if variables is None:
        return known_names
    if isinstance(variables, str) or not isinstance(variables, Collection) or not len(variables):
        raise InputError(
            f"variables: expected a list of names such as ['caregiver.epds']; found {variables!r}"
        )
    chosen: list[str] = []
    for name in variables:
        # "caregiver." names a variable of every caregiver, whatever they are called.
        prefix, _, rest = str(name).partition(".")
        full_names = [f"{c}.{rest}" for c in caregivers] if prefix == "caregiver" else [str(name)]
        for full in full_names:
            if full not in known_names:
                raise unknown_name(
                    "variable",
                    name,
                    [*known_names, *(f"caregiver.{k.split('.')[1]}" for k in known_names)],
                )
            if full not in chosen:
                chosen.append(full)
    return chosen


def _require_memory(n_times: int, per_time: float) -> None:
    if n_times * per_time > LARGEST_RESULT:
        raise InputError(
            f"the result would take {n_times * per_time / 1e9:.1f} GB ({n_times} times x"
            f" {per_time / 8:.0f} values of all dyads and variables); at most"
            f" {LARGEST_RESULT / 1e9:g} GB are kept; ask for fewer variables= or a coarser save="
        )
