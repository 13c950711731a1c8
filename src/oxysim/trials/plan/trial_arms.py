"""The arms of a trial: what each adds to the day that all live, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oxysim import checks, units
from oxysim.errors import InputError, OxysimError, shown
from oxysim.schedule import Intervention, as_schedule
from oxysim.schedule.options import age, numbered_day

LARGEST_DESIGN = 64
"""The most arms of a design: the whole pool is simulated in each."""

Added = tuple[Intervention, ...]
"""What an arm adds to the day."""


def arms_of(arms: Any) -> dict[str, Added]:
    """Arm -> its interventions, checked.

    Parameters
    ----------
    arms : a mapping, or pairs, of a name and None, an intervention, or several joined with ``+``.

    Raises
    ------
    InputError : fewer than two arms, two of one name, two with the same schedule, or a day among
        the interventions.

    >>> from oxysim.interventions import NasalSpray
    >>> list(arms_of({"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}))
    ['placebo', 'spray']
    """
    interventions: dict[str, Added] = {}
    for name, intervention in _pairs(arms):
        checks.name(name, "arms, the name of an arm")
        if name in interventions:
            raise InputError(
                f"arms: two are called {name!r}; give each a name of its own", key=("arms", name)
            )
        interventions[name] = _interventions(name, intervention)
    _require_different(interventions)
    return interventions


def _pairs(arms: Any) -> Sequence[tuple[Any, Any]]:
    """Name and intervention of every arm, at least two of them and not too many."""
    # pairs are taken too: a mapping would hide that one name stands twice
    pairs = list(arms.items()) if isinstance(arms, Mapping) else arms
    is_list = isinstance(pairs, Sequence) and not isinstance(pairs, str)
    if not is_list or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise checks.refused(arms, "arms", "a mapping such as {'usual care': None, 'massage': ...}")
    if len(pairs) < 2:
        raise InputError(
            f"arms: expected at least two to compare; found {[name for name, _ in pairs]}",
            key=("arms",),
        )
    if len(pairs) > LARGEST_DESIGN:
        raise checks.refused(
            f"{len(pairs)} of them", "arms", f"at most {LARGEST_DESIGN} arms", as_text=True
        )
    return pairs


def _require_different(arms: Mapping[str, Added]) -> None:
    """Raise where two arms give the same: their comparison would be one of noise with noise."""
    # labels tell most arms apart; sentences are written only for those whose labels do not
    labels_of_arm = {name: sorted(added.label for added in arms[name]) for name in arms}
    arm_of_text: dict[str, str] = {}
    for name, added in arms.items():
        if list(labels_of_arm.values()).count(labels_of_arm[name]) == 1:
            continue
        # in whatever order an arm's interventions were joined
        text = "; ".join(sorted(intervention.text() for intervention in added))
        text = text or "nothing is given"
        if text in arm_of_text:
            raise InputError(
                f"arms {arm_of_text[text]!r} and {name!r} are the same: {text}; leave one out",
                key=("arms", arm_of_text[text]),
            )
        arm_of_text[text] = name


def _interventions(name: str, intervention: Any) -> Added:
    """What one arm adds, checked to be interventions and no day."""
    # a list could mean one after the other or all at once
    if isinstance(intervention, list | tuple):
        raise InputError(
            what=f"arm {name!r}",
            expected="None for nothing, an intervention, or several joined with +",
            found=shown(intervention),
            remedy=f"give None for {name!r}" if not intervention else "join them with +",
            key=("arms", name),
        )
    try:
        schedule = as_schedule(intervention)
    # the arm is named, and the error keeps its own class
    except OxysimError as error:
        raise type(error)(f"arm {name!r}: {error}", key=("arms", name)) from error

    # The day is lived in all arms alike: what differs between arms would not be the intervention.
    if schedule.routine.activities:
        raise InputError(
            f"arm {name!r}: give what it adds to the day; the day itself, the same for all, goes in"
            " day=",
            key=("arms", name),
        )
    for added in schedule.interventions:
        _require_clock(name, added)
    # What is drawn by dyad is life itself: in one arm alone, it would be an effect of that arm.
    noisy = [
        added.label
        for added in schedule.interventions
        if added.noise is not None or added.has_random_bouts
    ]
    if noisy:
        raise InputError(
            f"arm {name!r}: {noisy[0]} belongs to the day, the same for all; put it into day=",
            key=("arms", name),
        )
    return schedule.interventions


def _require_clock(arm: str, intervention: Intervention) -> None:
    """Raise unless the days of an arm say by which clock they are counted.

    Visits count from enrolment and ages from birth: "day 5" could be either.
    """
    for field in ("day", "start", "stop"):
        value = getattr(intervention, field)
        if value is None:
            continue
        # (whose clock, number); "" where the text names no clock, None where it is an age
        numbered = numbered_day(value, intervention.label)
        if numbered is not None and numbered[0]:
            continue

        number = numbered[1] if numbered else int(age(value, intervention.label) // units.DAY) + 1
        raise InputError(
            what=f"arm {arm!r}, {intervention.label}, {field}",
            expected=(
                f"'trial day {number}', counted from enrolment, or 'infant day {number}', the"
                " infant's age"
            ),
            found=repr(value),
            key=("arms", arm),
        )
