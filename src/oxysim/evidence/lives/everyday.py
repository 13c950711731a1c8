"""The lives that are asked of the model, and the doses of contact.

Each is a day that a user could write in a few lines. Hours and clock times are plausible choices,
none is published.
"""

from __future__ import annotations

import functools

from oxysim.evidence.lives.life import Life
from oxysim.interventions import Breastfeeding, DailyCrying, SkinToSkin, Work
from oxysim.schedule import Absence, Routine

REFERENCE = "reference mother"
"""The title of the life to which all others are compared."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
# When a mother who is away leaves: in the morning, after the first feed and play.
_LEAVES = 9 * 60


@functools.cache
def everyday_lives() -> tuple[Life, ...]:
    """The lives of the table of face validity, the reference mother first.

    >>> everyday_lives()[0].title
    'reference mother'
    """
    return (
        Life(REFERENCE, Routine.typical()),
        *_of_mothers_alone(),
        *_of_mothers_away(),
        *_of_other_carers(),
        *_of_households(),
    )


@functools.cache
def contact_doses() -> tuple[Life, ...]:
    """Extra skin-to-skin every day: half an hour, one, two and eight hours.

    >>> [life.title for life in contact_doses()][-1]
    'skin-to-skin 8 h a day'
    """
    return tuple(
        Life(
            f"skin-to-skin {amount} a day",
            Routine.typical(),
            {"skin-to-skin": SkinToSkin(amount, at="09:00", repeat="daily")},
        )
        for amount in ("30 min", "60 min", "120 min", "8 h")
    )


def _of_mothers_alone() -> tuple[Life, ...]:
    """A mother who is with her infant all day, with something that is not usual."""
    day = Routine.typical()
    night = Breastfeeding("25 min", at=("00:15", "01:45", "04:45"))
    # of the average infant, so that nothing is drawn
    one_child, two_children = (DailyCrying(level=level, regular=True) for level in (1.0, 2.0))
    return (
        Life(
            "bottle in place of the breast",
            Routine.typical(feeding="bottle"),
            instead={"bottle": day},
        ),
        Life("three more feeds a night", day, {"night feeds": night}, ("night feeds",)),
        Life("an infant that cries as diaries have it", day, {"crying": one_child}),
        # as much again of a second child, heard as this infant's
        Life("two children's crying", day, {"crying": two_children}, ("crying",)),
    )


def _of_mothers_away() -> tuple[Life, ...]:
    """A mother who is away every day, and who is with the infant meanwhile."""
    day = Routine.typical()
    lives = [
        Life(
            f"away {hours} h a day, somebody familiar with the infant",
            day,
            {"absence": Routine((Absence("09:00", f"{hours} h"),))},
            changes_the_day=True,
        )
        for hours in (2, 4, 8)
    ]
    lives.append(
        Life(
            "away 8 h a day, day care on weekdays, the infant a little distressed",
            day,
            {
                "absence": Routine((Absence("08:30", "8 h", days=WEEKDAYS, distress=0.2),)),
            },
            changes_the_day=True,
        )
    )
    lives += [_with_grandmother(hours) for hours in (2, 4, 8)]
    lives.append(
        Life(
            "mother away 8 h a day, father at home",
            Routine.household(("father", "mother")),
            {"absence": Routine((Absence("09:00", "8 h", by="mother"),))},
            caregivers=("mother", "father"),
            reads=("mother", "father"),
            changes_the_day=True,
        )
    )
    return tuple(lives)


def _with_grandmother(hours: int) -> Life:
    """A grandmother comes while the mother is away, and is away herself for the rest of the day."""
    leaves = _LEAVES + 60 * hours
    rest_of_the_day = Absence(f"{leaves // 60:02d}:00", f"{24 - hours} h", by="other")
    day = Routine.typical("mother", by="mother")
    day = day + Routine.typical("other", by="other", infant_care=True)
    return Life(
        f"away {hours} h a day, a grandmother comes",
        day + Routine((rest_of_the_day,)),
        {"absence": Routine((Absence("09:00", f"{hours} h", by="mother"),))},
        caregivers=("mother", "other"),
        reads=("mother", "other"),
        changes_the_day=True,
    )


def _of_other_carers() -> tuple[Life, ...]:
    """One caregiver who is not the mother."""
    at_home = Routine.typical("father", infant_care=True)
    working_hours = Routine((Absence("08:30", "8.5 h", days=WEEKDAYS, holding_in_mind=0.1),))
    return (
        Life("lone father at home", at_home, caregivers=("father",)),
        Life(
            "lone father, away on working days",
            at_home,
            {"absence": working_hours},
            caregivers=("father",),
            changes_the_day=True,
        ),
        # the typical day of a father of a family, as a user would write who thinks of no mother
        Life(
            "lone father, with the infant in the evening alone",
            Routine.typical("father"),
            caregivers=("father",),
            instead={"away all day": at_home},
        ),
        Life(
            "grandmother who cares for the infant",
            Routine.typical("other", infant_care=True),
            caregivers=("other",),
        ),
    )


def _of_households() -> tuple[Life, ...]:
    """A mother and a father, and either of them at home."""
    both = ("mother", "father")
    # an hour after she is home from the shift she sleeps, until the early afternoon
    shift = Work("9 h", at="21:30", repeat="daily", sleep_after="6 h", by="mother")
    return (
        Life(
            "mother at home, father at work",
            Routine.household(both),
            caregivers=both,
            reads=both,
        ),
        Life(
            "mother and father at home",
            Routine.household(("father", "mother")),
            caregivers=both,
            reads=both,
        ),
        Life(
            "mother works nights, father at home",
            Routine.household(("father", "mother")),
            {"night shifts": shift},
            ("night shifts",),
            caregivers=both,
            reads=both,
        ),
    )
