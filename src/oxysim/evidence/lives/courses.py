"""The EPDS over 24 weeks of many lives, in one batch for each kind of family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.schedule import Schedule
from oxysim.simulation.simulate import simulate
from oxysim.units import DAY, HOUR

WEEKS = 24
"""How long a life goes on, in weeks."""

# A day's mean of eight values is that of the course to a hundredth of a point: what moves an EPDS
# within a day is its daily rhythm, and the mean of equal steps is exact for a few of its harmonics.
_STEP = 3 * HOUR
_A_DAY = int(DAY / _STEP)


class Setting(NamedTuple):
    """With which people and which edges lives are asked for.

    >>> Setting().infant_age
    '5 months'
    """

    infant_age: Any = "5 months"
    parameters: Mapping[str, Any] = {}
    cut: Iterable[str] | str = ()
    scale: Mapping[str, Any] | None = None
    engine: str = "auto"


class FamilyDay(NamedTuple):
    """One day that one family lives.

    >>> FamilyDay(("mother",), Schedule()).caregivers
    ('mother',)
    """

    caregivers: tuple[str, ...]
    schedule: Schedule


def daily_epds(days: Sequence[FamilyDay], setting: Setting) -> list[dict[str, FloatArray]]:
    """For each of the days: caregiver -> the EPDS of each day, shape (168,).

    Families of the same caregivers are simulated together; nothing is random.

    Raises
    ------
    InputError : a course that could not be simulated, with its reason.

    >>> from oxysim.schedule import Routine
    >>> day = Schedule(Routine.typical())
    >>> daily_epds([], Setting())
    []
    """
    batches: dict[tuple[str, ...], list[int]] = {}
    for position, item in enumerate(days):
        batches.setdefault(item.caregivers, []).append(position)

    courses: list[dict[str, FloatArray]] = [{} for _ in days]
    for caregivers, positions in batches.items():
        schedules = [days[position].schedule for position in positions]
        batch = _simulated(caregivers, schedules, setting)
        for caregiver, epds in batch.items():
            for position, course in zip(positions, epds, strict=True):
                courses[position][caregiver] = course
    return courses


def _simulated(
    caregivers: tuple[str, ...], schedules: list[Schedule], setting: Setting
) -> dict[str, FloatArray]:
    """Caregiver -> daily means of the EPDS, shape (n schedules, 168)."""
    one = Family(caregivers, setting.infant_age, setting.parameters)
    result = simulate(
        one.repeat(len(schedules)),
        schedules,
        f"{WEEKS} weeks",
        save=f"{_STEP:g} min",
        variables=["caregiver.epds"],
        cut=setting.cut,
        scale=setting.scale,
        engine=setting.engine,
        progress=False,
    )
    for reason in result.reasons.values():
        raise InputError(f"a life could not be simulated: {reason}")

    means = {}
    for caregiver in caregivers:
        # the first value is the start itself, which belongs to no stretch of three hours
        values = np.asarray(result[f"{caregiver}.epds"].values)[:, 1:]
        means[caregiver] = values.reshape(len(schedules), -1, _A_DAY).mean(axis=2)
    return means
