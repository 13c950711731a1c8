"""Designs: which arms there are, who gets what in which period.

One interface (`Design`) and its leaves. A participant is allocated to a *course*: an arm in a
parallel or factorial design, a sequence of arms in a crossover. The first arm that is named is the
reference.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks, units
from oxysim.errors import InputError, OxysimError, shown, unknown_name
from oxysim.schedule import Intervention, as_schedule
from oxysim.schedule.bouts import age, numbered_day
from oxysim.texts import Described, clipped

LARGEST_DESIGN = 64
"""The most arms of a design: the whole pool is simulated in each."""

Added = tuple[Intervention, ...]
MOST_SEQUENCES = 2 * LARGEST_DESIGN
"""The most sequences of a crossover, as many as a Williams design of the most arms can have: the
pool is simulated in each.
"""

LARGEST_SHARE = 100
"""The largest number in a ratio: no trial gives one arm more than a hundred times what another
gets.
"""

LONGEST_ARM, MOST_ARMS = 200, 6
"""How many characters of an arm, and how many arms, the text of a design holds."""


class ArmSequence(NamedTuple):
    """What one participant is allocated to: its name, and the arm of each period."""

    name: str
    arms: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TrialDesign(Described, ABC):
    """The interface of every design.

    Parameters
    ----------
    arms : name -> what is added to the day: None for nothing, an intervention, or several joined
        with ``+``; or pairs of name and that.
    """

    arms: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "arms", arms_of(self.arms))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its kind, and what each arm adds to the day."""
        arms: list[tuple[str, object]] = [
            (name, clipped("; ".join(one.text() for one in added) or "nothing", LONGEST_ARM))
            for name, added in list(self.given.items())[:MOST_ARMS]
        ]
        more = len(self.given) - MOST_ARMS
        return type(self).__name__, [*arms, *([("and", f"{more} more")] if more > 0 else [])]

    @property
    def names(self) -> tuple[str, ...]:
        """The arms that are compared, the reference first."""
        return tuple(self.given)

    @property
    def given(self) -> Mapping[str, Added]:
        """Arm -> the interventions that it adds to the day."""
        arms: Mapping[str, Added] = self.arms
        return arms

    @property
    def courses(self) -> tuple[ArmSequence, ...]:
        """What participants are allocated to."""
        return tuple(ArmSequence(name, (name,)) for name in self.names)

    @property
    def shares(self) -> tuple[int, ...]:
        """How many participants of a full block go to each course."""
        return (1,) * len(self.courses)

    @property
    def starts(self) -> tuple[float, ...]:
        """When each period begins, minutes after the first."""
        return (0.0,)

    @property
    def lasts(self) -> float | None:
        """How long a period is, minutes; None where the trial's duration or its
        last visit ends it.
        """
        return None

    @property
    @abstractmethod
    def words(self) -> str:
        """The design in words."""


def _share(value: Any, what: str) -> int:
    return checks.whole_number(value, what, 1, LARGEST_SHARE)


@dataclass(frozen=True, eq=False)
class Parallel(TrialDesign):
    """Every participant gets one arm for the whole trial.

    Parameters
    ----------
    arms : at least two; as for :class:`Design`.
    ratio : participants for each arm, such as (2, 1), at most 100 each; default equal.

    Raises
    ------
    InputError : fewer than two arms, two of one name or with the same schedule, a ratio that does
    not fit.
    """

    ratio: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.ratio
        if given is None:
            return
        shares = checks.sequence(
            given, "ratio", _share, of="whole numbers above 0, one an arm", most=LARGEST_DESIGN
        )
        if len(shares) != len(self.arms):
            raise checks.refused(
                given, "ratio", f"{len(self.arms)} whole numbers above 0, one an arm"
            )
        object.__setattr__(self, "ratio", shares)

    @property
    def shares(self) -> tuple[int, ...]:
        return super().shares if self.ratio is None else tuple(self.ratio)

    @property
    def words(self) -> str:
        ratio = (
            "" if self.ratio is None else " in a ratio of " + ":".join(str(k) for k in self.ratio)
        )
        return f"parallel arms{ratio}: " + ", ".join(self.names)


@dataclass(frozen=True, eq=False)
class Crossover(TrialDesign):
    """Every participant gets every arm, one a period, in a sequence that is allocated.

    The next period begins at the same clock time, at least `period` and `washout` after the one
    before. Each sequence is simulated as it is lived, so that carry-over and the infant's growth
    are in it.

    Parameters
    ----------
    arms : at least two; as for :class:`Design`. An intervention without a day of its own happens on
        the first day of its period.
    period : how long an arm is given and measured ("6 h", "2 weeks").
    washout : time between periods.
    sequences : "balanced": both orders of two arms, a Williams design (Williams 1949) of more, in
        which every arm follows every other equally often; or the sequences themselves, as tuples of
        arms.

    Raises
    ------
    InputError : arms as for :class:`Parallel`; sequences that do not hold every arm once, or are
        more than ``MOST_SEQUENCES``. UnitError : a time.
    """

    period: Any = None
    washout: Any = "0 d"
    sequences: Any = "balanced"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.period is None:
            raise InputError(
                "crossover: say how long a period is, such as period='6 h'", key=("period",)
            )
        _ = self.lasts, self.starts
        if self.sequences != "balanced":
            _require_sequences(self.sequences, self.arms)

    @property
    def courses(self) -> tuple[ArmSequence, ...]:
        orders = (
            williams(self.names)
            if self.sequences == "balanced"
            else [tuple(one) for one in self.sequences]
        )
        return tuple(ArmSequence(", then ".join(order), order) for order in orders)

    @property
    def starts(self) -> tuple[float, ...]:
        washout = units.duration(self.washout, "crossover, washout", positive=False)
        apart = np.ceil(((self.lasts or 0.0) + washout) / units.DAY - 1e-9) * units.DAY
        return tuple(float(k * apart) for k in range(len(self.names)))

    @property
    def lasts(self) -> float | None:
        return units.duration(self.period, "crossover, period")

    @property
    def words(self) -> str:
        return (
            f"crossover, periods of {self.period}, washout {self.washout}, sequences: "
            + "; ".join(course.name for course in self.courses)
        )


@dataclass(frozen=True, eq=False)
class Factorial(TrialDesign):
    """Every combination of factors, each given or not: 2^k cells.

    Parameters
    ----------
    arms : factor -> what is added to the day where it is given; at least two factors, at most five.
    reference : the name of the cell in which none is given.

    Raises
    ------
    InputError : fewer than two factors or more than five; otherwise as for :class:`Parallel`.
    """

    reference: str = "usual care"

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.name(self.reference, "factorial, reference")
        empty = [name for name, given in self.arms.items() if not given]
        if empty:
            raise InputError(
                f"factor {empty[0]!r} gives nothing; a factor is something that can be left out",
                key=("arms", empty[0]),
            )
        if len(self.arms) > 5:
            raise InputError(
                f"factorial: expected at most 5 factors (32 cells); found {len(self.arms)}",
                key=("arms",),
            )
        if self.reference in self.arms:
            raise InputError(
                f"factorial: a factor is called {self.reference!r}, like the cell with none; rename one",
                key=("reference",),
            )
        if len(self.levels) < 2 ** len(self.arms):
            raise InputError(
                f"factorial: two cells of {list(self.arms)} would have one name, as cells are"
                " called after their factors with ' + ' between; rename a factor",
                key=("arms",),
            )

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors' names."""
        return tuple(self.arms)

    @property
    def levels(self) -> Mapping[str, tuple[bool, ...]]:
        """Cell -> which factors are given in it."""
        found = {}
        for on in sorted(
            itertools.product((False, True), repeat=len(self.arms)),
            key=lambda on: (sum(on), on[::-1]),
        ):
            held = [name for name, given in zip(self.arms, on, strict=True) if given]
            found[" + ".join(held) or self.reference] = on
        return found

    @property
    def given(self) -> Mapping[str, Added]:
        parts = list(self.arms.values())
        return {
            cell: tuple(one for part, here in zip(parts, on, strict=True) if here for one in part)
            for cell, on in self.levels.items()
        }

    @property
    def words(self) -> str:
        return "factorial: " + " x ".join(self.factors)


def _require_sequences(given: Any, arms: Mapping[str, Any]) -> None:
    """Raise unless these are different sequences that hold every arm once."""
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise InputError(
            f"sequences: expected 'balanced' or a list of tuples of arms; found {given!r}",
            key=("sequences",),
        )
    if len(given) > MOST_SEQUENCES:
        raise checks.refused(
            f"{len(given)} of them",
            "sequences",
            f"at most {MOST_SEQUENCES} sequences",
            as_text=True,
        )
    for one in given:
        if isinstance(one, str) or not isinstance(one, Sequence):
            raise checks.refused(one, "sequences", "a list of tuples of arms")
        for name in one:
            if name not in arms:
                raise unknown_name(
                    "arm", name, arms, f"in sequence {tuple(one)!r}", key=("sequences",)
                )
        if sorted(one) != sorted(arms):
            raise InputError(
                f"sequences: expected every arm once in each; found {tuple(one)!r}",
                key=("sequences",),
            )
    if len({tuple(one) for one in given}) < len(given):
        raise InputError(f"sequences: expected different ones; found {list(given)!r}",
                         key=("sequences",))  # fmt: skip


def arms_of(given: Any) -> dict[str, Added]:
    """Arm -> its interventions, checked.

    Raises
    ------
    InputError : fewer than two arms, two of one name, two with the same schedule, or a day among
    the interventions.
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else given
    if (
        isinstance(pairs, str)
        or not isinstance(pairs, Sequence)
        or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs)
    ):
        raise checks.refused(
            given, "arms", "a mapping such as {'usual care': None, 'massage': ...}"
        )
    if len(pairs) < 2:
        raise InputError(
            f"arms: expected at least two to compare; found {[name for name, _ in pairs]}",
            key=("arms",),
        )
    if len(pairs) > LARGEST_DESIGN:
        raise checks.refused(
            f"{len(pairs)} of them", "arms", f"at most {LARGEST_DESIGN} arms", as_text=True
        )
    arms: dict[str, Added] = {}
    for name, what in pairs:
        checks.name(name, "arms, the name of an arm")
        if name in arms:
            raise InputError(
                f"arms: two are called {name!r}; give each a name of its own", key=("arms", name)
            )
        arms[name] = _interventions(name, what)
    texts: dict[str, str] = {}
    for name, own in arms.items():
        text = "; ".join(sorted(one.text() for one in own)) or "nothing is given"
        if text in texts:
            raise InputError(
                f"arms {texts[text]!r} and {name!r} are the same: {text}; leave one out",
                key=("arms", texts[text]),
            )
        texts[text] = name
    return arms


def _interventions(name: str, what: Any) -> Added:
    if isinstance(what, list | tuple):
        raise InputError(
            what=f"arm {name!r}",
            expected="None for nothing, an intervention, or several joined with +",
            found=shown(what),
            remedy=f"give None for {name!r}" if not what else "join them with +",
            key=("arms", name),
        )
    try:
        schedule = as_schedule(what)
    except OxysimError as error:
        raise type(error)(f"arm {name!r}: {error}", key=("arms", name)) from error
    if schedule.routine.activities:
        raise InputError(
            f"arm {name!r}: give what it adds to the day; the day itself, the same for all, goes in day=",
            key=("arms", name),
        )
    for one in schedule.interventions:
        _require_clock(name, one)
    noisy = [one.label for one in schedule.interventions if one.noise is not None]
    if noisy:
        raise InputError(
            f"arm {name!r}: {noisy[0]} belongs to the day, the same for all; put it into day=",
            key=("arms", name),
        )
    return schedule.interventions


def _require_clock(arm: str, what: Intervention) -> None:
    """Raise unless the days of an arm say by which clock they are counted.

    Visits count from enrolment and ages from birth: "day 5" could be either.
    """
    for field in ("day", "start", "stop"):
        value = getattr(what, field)
        numbered = numbered_day(value, what.label) if value is not None else ("infant", 1)
        if numbered is not None and numbered[0]:
            continue
        number = numbered[1] if numbered else int(age(value, what.label) // units.DAY) + 1
        raise InputError(
            what=f"arm {arm!r}, {what.label}, {field}",
            expected=(
                f"'trial day {number}', counted from enrolment, or 'infant day {number}', the"
                " infant's age"
            ),
            found=repr(value),
            key=("arms", arm),
        )


def williams(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Sequences in which every arm stands in every place, and follows every other, equally often
    (Williams 1949): as many as arms, or twice as many where their number is odd and above 1.
    """
    k = len(names)
    first = [0]
    for i in range(1, k):
        first.append((i + 1) // 2 if i % 2 else k - i // 2)
    squares = [[(step + shift) % k for step in first] for shift in range(k)]
    if k % 2:
        squares += [row[::-1] for row in squares]
    orders = [tuple(names[i] for i in row) for row in squares]
    return sorted(orders, key=lambda order: [names.index(name) for name in order])
