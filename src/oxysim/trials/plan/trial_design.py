"""Designs: which arms there are, who gets what in which period.

One interface (`TrialDesign`) and its leaves. A participant is allocated to a sequence of arms: one
arm in a parallel or factorial design, one a period in a crossover. The first arm that is named is
the reference.
"""

from __future__ import annotations

import functools
import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks, units
from oxysim.errors import InputError, unknown_name
from oxysim.texts import Described, clipped
from oxysim.trials.plan.trial_arms import LARGEST_DESIGN, Added, arms_of

MOST_SEQUENCES = 2 * LARGEST_DESIGN
"""The most sequences of a crossover, as many as a Williams design of the most arms can have: the
pool is simulated in each.
"""

LARGEST_SHARE = 100
"""The largest number in a ratio: no trial gives one arm more than a hundred times what another
gets.
"""

MOST_FACTORS = 5  # 32 cells, each a simulation of the whole pool

LONGEST_ARM, MOST_ARMS = 200, 6
"""How many characters of an arm, and how many arms, the text of a design holds."""


class ArmSequence(NamedTuple):
    """What one participant is allocated to: its name, and the arm of each period.

    >>> ArmSequence("placebo, then spray", ("placebo", "spray")).arms[0]
    'placebo'
    """

    name: str
    arms: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TrialDesign(Described, ABC):
    """The interface of every design.

    Parameters
    ----------
    arms : name -> what is added to the day: None for nothing, an intervention, or several joined
        with ``+``; or pairs of name and that.

    >>> from oxysim.interventions import NasalSpray
    >>> design: TrialDesign = Parallel({"placebo": None, "spray": NasalSpray("24 IU", at="10:00")})
    >>> design.names, design.shares
    (('placebo', 'spray'), (1, 1))
    """

    arms: Any

    def __post_init__(self) -> None:
        # frozen; arms are read once, while the design is made
        object.__setattr__(self, "arms", arms_of(self.arms))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its kind, and what each arm adds to the day."""
        arms: list[tuple[str, object]] = []
        for name, added in list(self.given.items())[:MOST_ARMS]:
            text = "; ".join(intervention.text() for intervention in added) or "nothing"
            arms.append((name, clipped(text, LONGEST_ARM)))
        # a factorial of five factors has 32 cells, too many for one paragraph
        more = len(self.given) - MOST_ARMS
        return type(self).__name__, [*arms, *([("and", f"{more} more")] if more > 0 else [])]

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The arms that are compared, the reference first."""
        return tuple(self.given)

    @functools.cached_property
    def given(self) -> Mapping[str, Added]:
        """Arm -> the interventions that it adds to the day."""
        arms: Mapping[str, Added] = self.arms
        return arms

    @functools.cached_property
    def courses(self) -> tuple[ArmSequence, ...]:
        """What participants are allocated to."""
        return tuple(ArmSequence(name, (name,)) for name in self.names)

    @functools.cached_property
    def shares(self) -> tuple[int, ...]:
        """How many participants of a full block go to each course."""
        return (1,) * len(self.courses)

    @functools.cached_property
    def starts(self) -> tuple[float, ...]:
        """When each period begins, minutes after the first."""
        return (0.0,)

    @functools.cached_property
    def lasts(self) -> float | None:
        """How long a period is, minutes; None where the trial's duration or its last visit ends
        it.
        """
        return None

    @property
    @abstractmethod
    def words(self) -> str:
        """The design in words."""


def _share(value: Any, name: str) -> int:
    return checks.whole_number(value, name, 1, LARGEST_SHARE)


@dataclass(frozen=True, eq=False)
class Parallel(TrialDesign):
    """Every participant gets one arm for the whole trial.

    Parameters
    ----------
    arms : at least two; as for :class:`TrialDesign`.
    ratio : participants for each arm, such as (2, 1), at most 100 each; default equal.

    Raises
    ------
    InputError : fewer than two arms, two of one name or with the same schedule, a ratio that does
        not fit.

    >>> from oxysim.interventions import NasalSpray
    >>> Parallel({"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}, ratio=(1, 2)).words
    'parallel arms in a ratio of 1:2: placebo, spray'
    """

    ratio: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ratio is None:
            return
        shares = checks.sequence(
            self.ratio, "ratio", _share, of="whole numbers above 0, one an arm", most=LARGEST_DESIGN
        )
        if len(shares) != len(self.arms):
            raise checks.refused(
                self.ratio, "ratio", f"{len(self.arms)} whole numbers above 0, one an arm"
            )
        # as a tuple, whatever sequence was given
        object.__setattr__(self, "ratio", shares)

    @functools.cached_property
    def shares(self) -> tuple[int, ...]:
        return super().shares if self.ratio is None else tuple(self.ratio)

    @property
    def words(self) -> str:
        ratio = ""
        if self.ratio is not None:
            ratio = " in a ratio of " + ":".join(str(share) for share in self.ratio)
        return f"parallel arms{ratio}: " + ", ".join(self.names)


@dataclass(frozen=True, eq=False)
class Crossover(TrialDesign):
    """Every participant gets every arm, one a period, in a sequence that is allocated.

    The next period begins at the same clock time, at least `period` and `washout` after the one
    before. Each sequence is simulated as it goes, so that carry-over and the infant's growth are in
    it.

    Parameters
    ----------
    arms : at least two; as for :class:`TrialDesign`. An intervention without a day of its own
        happens on the first day of its period.
    period : how long an arm is given and measured ("6 h", "2 weeks").
    washout : time between periods.
    sequences : "balanced": both orders of two arms, a Williams design (Williams 1949) of more, in
        which every arm follows every other equally often; or the sequences themselves, as tuples of
        arms.

    Raises
    ------
    InputError : arms as for :class:`Parallel`; sequences that do not hold every arm once, or are
        more than ``MOST_SEQUENCES``. UnitError : a time.

    >>> from oxysim.interventions import NasalSpray
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> [sequence.name for sequence in Crossover(arms, period="6 h").courses]
    ['placebo, then spray', 'spray, then placebo']
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
        # both raise where a time cannot be read
        _ = self.lasts, self.starts
        if self.sequences != "balanced":
            _require_sequences(self.sequences, self.arms)

    @functools.cached_property
    def courses(self) -> tuple[ArmSequence, ...]:
        if self.sequences == "balanced":
            # both orders of two arms are their Williams design
            orders = williams(self.names)
        else:
            orders = [tuple(sequence) for sequence in self.sequences]
        return tuple(ArmSequence(", then ".join(order), order) for order in orders)

    @functools.cached_property
    def starts(self) -> tuple[float, ...]:
        washout = units.duration(self.washout, "crossover, washout", positive=False)
        # Whole days, so that a period begins at the clock time of the first; the small number keeps
        # a sum of exactly one day from becoming two by rounding.
        days = np.ceil(((self.lasts or 0.0) + washout) / units.DAY - 1e-9)
        return tuple(float(k * days * units.DAY) for k in range(len(self.names)))

    @functools.cached_property
    def lasts(self) -> float | None:
        return units.duration(self.period, "crossover, period")

    @property
    def words(self) -> str:
        sequences = "; ".join(course.name for course in self.courses)
        return (
            f"crossover, periods of {self.period}, washout {self.washout}, sequences: {sequences}"
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

    >>> from oxysim.interventions import Massage, NasalSpray
    >>> spray = NasalSpray("24 IU", at="10:00")
    >>> Factorial({"spray": spray, "massage": Massage("15 min", at="18:00")}).names
    ('usual care', 'spray', 'massage', 'spray + massage')
    """

    reference: str = "usual care"

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.name(self.reference, "factorial, reference")
        # a factor that gives nothing would make cells that are the same
        empty = [name for name, added in self.arms.items() if not added]
        if empty:
            raise InputError(
                f"factor {empty[0]!r} gives nothing; a factor is something that can be left out",
                key=("arms", empty[0]),
            )
        if len(self.arms) > MOST_FACTORS:
            raise InputError(
                f"factorial: expected at most 5 factors (32 cells); found {len(self.arms)}",
                key=("arms",),
            )
        if self.reference in self.arms:
            raise InputError(
                f"factorial: a factor is called {self.reference!r}, like the cell with none; rename"
                " one",
                key=("reference",),
            )
        # factors "a", "b" and "a + b" would make two cells of one name
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

    @functools.cached_property
    def levels(self) -> Mapping[str, tuple[bool, ...]]:
        """Cell -> which factors are given in it, from the cell with none to that with all."""
        cells = {}
        combinations = itertools.product((False, True), repeat=len(self.arms))
        # by how many factors are given, then with the earlier factors first
        for present in sorted(combinations, key=lambda present: (sum(present), present[::-1])):
            names = itertools.compress(self.arms, present)
            cells[" + ".join(names) or self.reference] = present
        return cells

    @functools.cached_property
    def given(self) -> Mapping[str, Added]:
        cells = {}
        for cell, present in self.levels.items():
            added = itertools.compress(self.arms.values(), present)
            cells[cell] = tuple(itertools.chain.from_iterable(added))
        return cells

    @property
    def words(self) -> str:
        return "factorial: " + " x ".join(self.factors)


def williams(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Sequences in which every arm stands in every position, and follows every other, equally often
    (Williams 1949): as many as arms, or twice as many where their number is odd and above 1.

    >>> williams(["a", "b", "c", "d"])
    [('a', 'b', 'd', 'c'), ('b', 'c', 'a', 'd'), ('c', 'd', 'b', 'a'), ('d', 'a', 'c', 'b')]
    """
    k = len(names)
    # The first row goes 0, 1, k - 1, 2, k - 2, ...: its steps are all different, so that no pair of
    # neighbours comes twice when the row is shifted.
    first_row = [0]
    for i in range(1, k):
        first_row.append((i + 1) // 2 if i % 2 else k - i // 2)

    rows = [[(step + shift) % k for step in first_row] for shift in range(k)]
    if k % 2:
        # an odd number is balanced by the same rows backwards
        rows += [row[::-1] for row in rows]
    orders = [tuple(names[i] for i in row) for row in rows]
    # in the order in which the arms are named, the reference first
    return sorted(orders, key=lambda order: [names.index(name) for name in order])


def _require_sequences(sequences: Any, arms: Mapping[str, Any]) -> None:
    """Raise unless these are different sequences that hold every arm once."""
    is_list = isinstance(sequences, Sequence) and not isinstance(sequences, str)
    if not is_list or not sequences:
        raise InputError(
            f"sequences: expected 'balanced' or a list of tuples of arms; found {sequences!r}",
            key=("sequences",),
        )
    if len(sequences) > MOST_SEQUENCES:
        raise checks.refused(
            f"{len(sequences)} of them",
            "sequences",
            f"at most {MOST_SEQUENCES} sequences",
            as_text=True,
        )

    for sequence in sequences:
        if isinstance(sequence, str) or not isinstance(sequence, Sequence):
            raise checks.refused(sequence, "sequences", "a list of tuples of arms")
        for name in sequence:
            if name not in arms:
                raise unknown_name(
                    "arm", name, arms, f"in sequence {tuple(sequence)!r}", key=("sequences",)
                )
        if sorted(sequence) != sorted(arms):
            raise InputError(
                f"sequences: expected every arm once in each; found {tuple(sequence)!r}",
                key=("sequences",),
            )

    if len({tuple(sequence) for sequence in sequences}) < len(sequences):
        raise InputError(
            f"sequences: expected different ones; found {list(sequences)!r}", key=("sequences",)
        )
