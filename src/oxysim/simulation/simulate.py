"""The one verb: ``simulate``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim import channels, units
from oxysim.errors import InputError, ScheduleError, unknown_name
from oxysim.participants import MAXIMAL_AGE, Family, edge_multipliers
from oxysim.schedule import Realised, Routine, Schedule, as_schedule
from oxysim.simulation.engines import carrier
from oxysim.simulation.engines import engine as engine_meant
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.result import Result, assemble
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.simulation.start import settled_start
from oxysim.simulation.system import variable_rows
from oxysim.simulation.timetable import TOLERANCE, realise
from oxysim.streams import require_seed

FloatArray = npt.NDArray[np.float64]
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
) -> Result:
    """Simulate one dyad, a family, or an ensemble of either.

    Parameters
    ----------
    who : a :class:`Dyad`, :class:`Family` or ensemble; n is its length.
    schedule : a routine, interventions, or their sum; or a list of them, one a dyad.
    duration : how long, text with a unit ("6 h", "12 weeks").
    start : clock time at which it starts, on the day on which the infant has the age of `who`.
    save : output grid ("5 min", "daily", "weekly"), or a list of chosen times, each a time after the start ("45 min")
        or,
        on the first day, a clock time ("10:45"). Default: 5 min up to 3 days, 1 h up to 60 days, else daily.
    variables : names to keep ("mother.cortisol", "caregiver.epds"); default all.
    cut, scale : edges to cut, by name; edge name -> multiplier, from 0 to the limit of the edge (1 or 2, see
        ``edge_table``). In a family they hold for every caregiver.
    solver : method and tolerances; default ``Solver("RK45", rtol=1e-6)``. The compiled engine has a method of its own
        and takes the tolerances.
    engine : "scipy", "compiled" (needs ``oxysim[fast]``), or "auto": compiled where it is installed, for at least 8
        dyads, unless the solver names another method. The result's provenance says which it was.
    seed : key of every random stream (the jitter of the routine); or a list, one a dyad.
    usual_day : the routine whose cycle the fast states are on at the start; default the routine of `schedule`. A visit
        to a laboratory
        has no routine of its own, but the family comes to it from its usual day.

    Returns
    -------
    Result : labelled by dyad and time, with units, inputs, realised schedule, status, reasons and provenance. A dyad
        that fails is
        recorded with its reason; the others go on.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : before anything runs.
    """
    if not isinstance(who, Family):
        raise InputError(f"who: expected a Dyad or a Family; found {who!r}")
    if not isinstance(solver, Solver | None):
        raise InputError(f"solver: expected a Solver such as Solver('DOP853', rtol=1e-8); found {solver!r}")
    if not isinstance(usual_day, Routine | None):
        raise InputError(f"usual_day: expected a Routine such as Routine.typical(); found {usual_day!r}")
    schedules = _one_a_dyad(schedule, len(who), as_schedule, "schedule")
    seeds = _one_a_dyad(seed, len(who), require_seed, "seed")
    meant = engine_meant(engine, len(who), solver)
    carry = carrier(meant)
    solver = solver or Solver()
    clock = units.clock(start, "start")
    window = (clock, clock + units.duration(duration, "duration"))
    names = wanted_variables(variables, who.caregivers)
    times = output_times(save, window, per_time=8 * len(who) * len(names))
    multipliers = edge_multipliers(cut, scale)
    _require_lengths(multipliers, len(who))
    _require_young(who, window)
    plans = realise(who, schedules, *window, seeds=seeds)
    _require_mothers_suckle(who, plans)
    recorder = Recorder(names, times, who.ages(), who.caregivers)
    task = Task(who, multipliers, solver, recorder)
    failures: dict[int, str] = {}
    days = schedules if usual_day is None else [Schedule(usual_day)]
    y = settled_start(task, days, clock, failures, carry if meant == "compiled" else None)
    carry(task, plans, y, failures)
    return assemble(task, plans, failures, window, seeds, meant)


def _one_a_dyad(given: Any, n: int, check: Callable[[Any], Any], what: str) -> list[Any]:
    """What was given, checked: one for all dyads, or a list of `n`. Equal objects are checked once."""
    if not isinstance(given, list | tuple | np.ndarray):
        return [check(given)]
    if len(given) != n:
        raise InputError(f"{what}: expected one, or a list of {n} (one a dyad); found {len(given)}")
    checked = {id(one): check(one) for one in given}
    return [checked[id(one)] for one in given]


def output_times(save: Any, window: tuple[float, float], *, per_time: float = 0.0) -> FloatArray:
    """Output times in minutes since 00:00 of the first simulated day, increasing; `per_time` bytes are kept for
    each."""
    start, stop = window
    if save is None:
        length = stop - start
        step = 5.0 if length <= 3 * units.DAY else units.HOUR if length <= 60 * units.DAY else units.DAY
    elif isinstance(save, list | tuple | np.ndarray):
        return _chosen_times(save, window)
    else:
        step = GRIDS[save] if isinstance(save, str) and save in GRIDS else units.duration(save, "save")
        if step <= 10 * TOLERANCE:
            raise InputError(f"save: expected steps of more than {10 * TOLERANCE:g} min; found {save!r}")
    count = int(np.floor((stop - start) / step + 1e-9)) + 1
    _require_memory(count, per_time)
    return np.asarray(start + step * np.arange(count), dtype=float)


def _chosen_times(given: Any, window: tuple[float, float]) -> FloatArray:
    times = np.array([_one_time(one, window[0]) for one in given], dtype=float)
    if len(times) == 0:
        raise InputError("save: expected at least one time; found none")
    if np.any(np.diff(times) <= 2 * TOLERANCE):
        raise InputError(f"save: expected different times in increasing order; found {list(given)!r}")
    if times[0] < window[0] - 1e-9 or times[-1] > window[1] + 1e-9:
        raise InputError(f"save: the times must lie inside the simulation; found {list(given)!r}")
    return times


def _one_time(value: Any, start: float) -> float:
    if isinstance(value, str) and ":" in value:
        return units.clock(value, "save")
    return start + units.duration(value, "save", positive=False)


def wanted_variables(variables: Collection[str] | None, caregivers: tuple[str, ...]) -> list[str]:
    """Full names of the wanted variables; "caregiver." stands for every caregiver."""
    known = list(variable_rows(caregivers))
    if variables is None:
        return known
    if isinstance(variables, str) or not isinstance(variables, Collection) or not len(variables):
        raise InputError(f"variables: expected a list of names such as ['caregiver.epds']; found {variables!r}")
    found: list[str] = []
    for name in variables:
        prefix, _, rest = str(name).partition(".")
        meant = [f"{c}.{rest}" for c in caregivers] if prefix == "caregiver" else [str(name)]
        for full in meant:
            if full not in known:
                raise unknown_name("variable", name, [*known, *(f"caregiver.{k.split('.')[1]}" for k in known)])
            if full not in found:
                found.append(full)
    return found


def _require_memory(n_times: int, per_time: float) -> None:
    if n_times * per_time > LARGEST_RESULT:
        raise InputError(
            f"the result would take {n_times * per_time / 1e9:.1f} GB ({n_times} times x {per_time / 8:.0f} values "
            f"of all dyads and variables); at most {LARGEST_RESULT / 1e9:g} GB are kept; ask for fewer variables= "
            "or a coarser save="
        )


def _require_young(who: Family, window: tuple[float, float]) -> None:
    """The model holds up to 36 months; a longer run is refused before it starts."""
    end = float(np.max(who.ages())) + window[1]
    if end > MAXIMAL_AGE + units.DAY:
        raise InputError(
            f"duration: the infant would be {end / units.MONTH:.1f} months old at the end; "
            "the model holds up to 36 months"
        )


def _require_mothers_suckle(who: Family, plans: Sequence[Realised]) -> None:
    """Suckling belongs to mothers; written for another role it is a slip in the schedule."""
    column = list(channels.CAREGIVER_CHANNELS).index("suckling")
    for name, role in zip(who.caregivers, who.role_of, strict=True):
        if role != "mother" and any(plan.levels[name][:, column].any() for plan in {id(p): p for p in plans}.values()):
            raise ScheduleError(
                f"{name} (role {role}) cannot breast-feed; name the mother in by=, or give {name} a day with the "
                f"bottle: Routine.typical({role!r}, infant_care=True)"
            )


def _require_lengths(multipliers: Mapping[str, Any], n: int) -> None:
    for name, value in multipliers.items():
        if np.ndim(value) and np.shape(value) != (n,):
            raise InputError(f"edge {name!r}: expected one multiplier or {n}; found shape {np.shape(value)}")
