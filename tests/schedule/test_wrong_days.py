"""Wrong arguments of everything that people write a day with: a clear error, never a raw one,
nothing believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim import units
from oxysim.errors import OxysimError
from oxysim.interventions import INTERVENTIONS, parse, parse_all, parse_schedule
from oxysim.schedule import (
    Absence,
    DailyLifeNoise,
    Feed,
    Play,
    Routine,
    Schedule,
    Sleep,
    Talk,
    Together,
    Touch,
    Window,
    stage,
)

NEVER: list[Any] = [  # what no argument of a schedule may be
    object(),
    np.array([1, 2]),
    b"x",
    1 + 2j,
    {},
    {"a": 1},
    float("nan"),
    float("inf"),
    [object()],
    "x" * 500,
    "\0 ?",
]
NEEDED = {
    "at": "10:00",
    "minutes": "20 min",
    "dose": "24 IU",
    "level": 1.0,
    "from_age": "1 month",
    "to_age": "2 months",
}
TIMED = {
    "Work",
    "IntravenousBolus",
    "NasalSpray",
    "Placebo",
    "SkinToSkin",
    "Massage",
    "PlaySession",
    "AffectionateTalk",
    "RemoteVoice",
    "PartnerContact",
    "Crying",
    "StillFace",
    "Separation",
    "Stressor",
    "Breastfeed",
}
THINGS = {
    **INTERVENTIONS,
    **{kind.__name__: kind for kind in (Feed, Sleep, Play, Touch, Talk, Absence, Together)},
}


def whole(kind: Any) -> dict[str, Any]:
    """Arguments with which a thing can be made."""
    needed = [
        one.name
        for one in fields(kind)
        if one.default is MISSING and one.default_factory is MISSING
    ]
    found = {name: NEEDED[name] for name in needed}
    return found | ({"at": "10:00"} if kind.__name__ in TIMED else {})


def refused(make: Callable[[], Any], what: str) -> None:
    """An error of the package, short enough to read."""
    try:
        made = make()
    except OxysimError as error:
        assert len(str(error)) < 700, what
        return
    except Exception as error:  # noqa: BLE001 - whatever else it is, it is raw
        pytest.fail(f"{what}: raw {type(error).__name__}: {error}")
    pytest.fail(f"{what}: accepted, as {made!r:.80}")


@pytest.mark.parametrize("name", THINGS)
def test_no_option_of_an_intervention_or_activity_takes_what_it_cannot_mean(name: str) -> None:
    kind = THINGS[name]
    given = whole(kind)
    kind(**given)
    for one in fields(kind):
        for wrong in NEVER:
            if one.name == "by" and isinstance(wrong, str) and len(wrong) < 10:
                continue  # a caregiver's name may be anything short
            refused(
                lambda n=one.name, w=wrong: kind(**{**given, n: w}),
                f"{name}({one.name}={wrong!r:.30})",
            )


FLAGS = {"NasalSpray": "blinded", "Placebo": "blinded", "Breastfeed": "pulses"}


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("wrong", ["no", "", 0, 1, None, []])
def test_a_flag_is_true_or_false(name: str, wrong: Any) -> None:
    refused(lambda: THINGS[name](**{**whole(THINGS[name]), FLAGS[name]: wrong}), name)


@pytest.mark.parametrize(
    "name", ["Crying", "Massage", "Touch", "Talk", "Together", "Stressor", "StillFace"]
)
@pytest.mark.parametrize("wrong", [True, -0.1, "0.5", None])
def test_an_intensity_is_a_number_in_its_range(name: str, wrong: Any) -> None:
    option = "distress" if name == "StillFace" else "intensity"
    refused(lambda: THINGS[name](**{**whole(THINGS[name]), option: wrong}), name)


ARGUMENTS: dict[str, tuple[Callable[..., Any], dict[str, Any], tuple[Any, ...]]] = {
    "Routine": (Routine, {"activities": (), "born_on": "Monday"}, (None, True, 3, "")),
    "Routine.typical": (
        Routine.typical,
        {"role": "mother", "feeding": "breast", "by": "mother", "born_on": "Monday"},
        (None, True, 3, ""),
    ),
    "typical's care": (Routine.typical, {"infant_care": True}, ("no", "", 1, [])),
    "Routine.household": (
        Routine.household,
        {"caregivers": ("mother",), "born_on": "Monday"},
        (None, True, 3, "", ()),
    ),
    "Schedule": (Schedule, {"routine": Routine(), "interventions": ()}, (None, True, 3, "no")),
    "Window": (
        Window,
        {"start": 0.0, "stop": 60.0, "caregivers": ("mother",), "born_on": 0, "seed": 0, "dyad": 0},
        (None, True, "no", -1, 1e9, [1]),
    ),
    "realise": (
        Schedule(Routine.typical()).realise,
        {"start": 0.0, "stop": 60.0, "caregivers": ("mother",), "seed": 0, "dyad": 0},
        (None, True, "no", -1, 1e9),
    ),
    "DailyLifeNoise": (
        DailyLifeNoise,
        {"stress_time": 1.0, "mood_time": 1.0},
        (None, True, "no", -1, 0, []),
    ),
    "clock": (units.clock, {"value": "10:00"}, (None, True, 3, "", [])),
    "clock's flag": (units.clock, {"begins": True, "value": "10:00"}, (None, "no", 1)),
    "duration": (units.duration, {"value": "1 h"}, (None, True, 3, "", [], "1 IU")),
    "convert": (units.convert, {"value": 1.0, "unit": "min", "kind": "time"}, (None, "no", [])),
    "quantity": (units.quantity, {"value": "1 h", "kind": "time"}, (None, "no", [])),
    "clock_text": (units.clock_text, {"minutes": 1.0}, (None, True, "no", [])),
    "duration_text": (units.duration_text, {"minutes": 1.0}, (None, True, "no", [])),
    "stage": (stage, {"age_minutes": 1.0}, (None, True, "no", [])),
    "parse": (
        parse,
        {"text": "24 IU intranasal at 10:00"},
        (None, True, 3, "", [], "nothing", "24"),
    ),
    "parse_all": (
        parse_all,
        {"text": "24 IU intranasal at 10:00"},
        (None, True, 3, "", [], "nothing", "24"),
    ),
    "parse_schedule": (
        parse_schedule,
        {"text": "empty day"},
        (None, True, 3, "", [], "nothing", "24"),
    ),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_no_function_of_the_day_takes_what_it_cannot_mean(name: str) -> None:
    call, good, wrong_ones = ARGUMENTS[name]
    fixed = {"label": "x"} if name == "quantity" else {}
    call(**good, **fixed)
    for argument, right in good.items():
        for wrong in (*wrong_ones, *NEVER):
            same = type(wrong) is type(right) and np.all(wrong == right)
            text = (
                isinstance(wrong, str)
                and argument in ("by", "value", "unit")
                and name not in ("clock", "duration")
            )
            if same or (text and name == "Routine.typical"):
                continue
            if name == "convert" and argument == "value" and isinstance(wrong, float):
                continue  # what is not finite is refused where it is used
            refused(
                lambda a=argument, w=wrong: call(**{**good, a: w}, **fixed),
                f"{name}({argument}={wrong!r:.30})",
            )


def test_one_intervention_stands_for_a_list_of_one() -> None:
    spray = ox.NasalSpray("24 IU", at="10:00")
    assert Schedule(interventions=spray) == Schedule(interventions=(spray,))  # type: ignore[arg-type]
