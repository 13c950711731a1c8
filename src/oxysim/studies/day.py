"""The day of a study file, and what is added to it: ``routine``, ``usual_day`` and
``[interventions]``.
"""

from __future__ import annotations

import re

from oxysim.documents import Section, value_text
from oxysim.errors import ScheduleError
from oxysim.interventions.sentences import parse, parse_schedule
from oxysim.model.registry import ROLES
from oxysim.population.members import Who
from oxysim.schedule import Intervention, Routine, Window

MOST_BOUTS = 1_000_000
"""The most bouts of one intervention; one a minute over 20 months are 900,000."""

# a name becomes part of the names of axes, so that it is written in one way
NAME = re.compile(r"[a-z][a-z0-9_]*")
_DAY = (
    'a day in words, such as "typical day" or ["feed 20 min breast-fed at 07:00", "play 15 min at'
    ' 10:45"]'
)
_TABLE = ("role", "feeding", "jitter", "by", "infant_care", "born_on")


def read_routine(study: Section, families: Who) -> Routine:
    """The routine of a study file; where it has none, the typical day of the household.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.

    >>> from oxysim.documents import parse_document
    >>> from oxysim.families import Dyad
    >>> study = parse_document('routine = "play 15 min at 10:45"', "study.toml")
    >>> [activity.label for activity in read_routine(study, Dyad()).activities]
    ['play']
    """
    if "routine" in study:
        return _day(study, "routine")
    # a mother alone has the typical day itself; a household has one laid out for all in it
    if families.caregivers == ("mother",):
        return Routine.typical()
    if families.role_of != families.caregivers:
        names = ", ".join(families.caregivers)
        raise study.error(
            f"'routine' is missing; expected {_DAY}: there is no typical day of {names}"
        )
    return Routine.household(families.caregivers)


def read_usual_day(study: Section) -> Routine | None:
    """The day on whose cycle the fast states are at the start; None for the routine itself.

    >>> from oxysim.documents import parse_document
    >>> read_usual_day(parse_document("seed = 1", "study.toml"))  # none: the routine itself
    """
    return _day(study, "usual_day") if "usual_day" in study else None


def _day(study: Section, key: str) -> Routine:
    value = study.values[key]
    if isinstance(value, dict):
        return _typical(study.section(key))
    if not isinstance(value, str | list):
        raise study.error(f"expected {_DAY}; found {value_text(value)}", key)
    with study.reading(key):
        # lines of an array are those of one text: the grammar is the same
        schedule = parse_schedule("\n".join(study.texts(key, _DAY)))
    if schedule.interventions:
        raise study.error(
            f"{schedule.interventions[0].label} is an intervention; name it in [interventions]", key
        )
    return schedule.routine


def _typical(section: Section) -> Routine:
    """A typical day, its options one by one as those of `Routine.typical`."""
    section.require_known(_TABLE)
    jitter = (
        section.text("jitter", "a time with its unit, such as '10 min'")
        if "jitter" in section
        else None
    )
    infant_care = section.flag("infant_care", False) if "infant_care" in section else None
    role = section.choice("role", "role", ROLES, "mother")
    feeding = section.choice("feeding", "way of feeding", ("breast", "bottle"), "breast")
    # each option by itself: an error of the call below would name none of them
    by = section.text("by", "a caregiver's name", "caregiver")
    born_on = section.text("born_on", "a weekday", "Monday")
    with section.reading():
        return Routine.typical(
            role,  # type: ignore[arg-type]
            feeding,  # type: ignore[arg-type]
            jitter,
            by=by,
            infant_care=infant_care,
            born_on=born_on,
        )


def read_interventions(study: Section) -> dict[str, Intervention]:
    """Each intervention by the name that the file gives it, from its sentence.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.

    >>> from oxysim.documents import parse_document
    >>> text = '[interventions]\\nspray = "24 IU intranasal daily at 10:00"'
    >>> read_interventions(parse_document(text, "study.toml"))["spray"].text()
    '24 IU intranasal daily at 10:00'
    """
    section = study.section("interventions")
    interventions = {}
    for name in section.values:
        if not NAME.fullmatch(name):
            raise section.error(
                "expected a short name in small letters, such as 'spray' or 'skin_to_skin'", name
            )
        sentence = section.text(name, 'a sentence such as "24 IU intranasal daily at 10:00"')
        with section.reading(name):
            interventions[name] = parse(sentence)
    return interventions


def require_to_happen(
    study: Section, interventions: dict[str, Intervention], window: Window
) -> None:
    """Raise for an intervention of which nothing happens in the simulated window, with its line.

    >>> from oxysim.documents import parse_document
    >>> text = '[interventions]\\nspray = "24 IU intranasal at 20:00"'
    >>> study = parse_document(text, "study.toml")
    >>> window = Window(0.0, 12 * 60.0)
    >>> try:
    ...     require_to_happen(study, read_interventions(study), window)
    ... except ValueError as error:
    ...     print(str(error)[:60])
    study.toml:2: interventions.spray: nasal spray 24 IU: no mom
    """
    section = study.section("interventions")
    for name, intervention in interventions.items():
        with section.reading(name):
            # bouts are counted before they are laid out: a million of them would fill the memory
            interval = None if intervention.continuous else intervention.timing.interval
            if interval is not None and (window.stop - window.start) / interval > MOST_BOUTS:
                raise ScheduleError(
                    f"expected at most {MOST_BOUTS} bouts; found one every {intervention.every}"
                )
            intervention.bouts(window)
