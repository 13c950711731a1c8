"""One value for all dyads, or one for each, in one type: :class:`PerDyad`.

What a user gives is checked for the same: whether it is one value or one a dyad (:func:`depth`),
and which dyads it chooses (:func:`positions`).

A thousand dyads may live under one schedule, or each under its own, or half of them under each of
two. What is costly (laying out a schedule, cutting it into pieces of constant input) is then done
once for each different value, not once for each dyad. :class:`PerDyad` says which values there are
and which dyad has which.

Two values are the same here where they are one object, not where they are equal: schedules that a
user wrote twice are laid out twice, so that what shares a stack of the solver, and with it the last
bits of a result, depends on no comparison of large objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

import numpy as np

from oxysim.arrays import IntArray
from oxysim.checks import refused

T = TypeVar("T")
U = TypeVar("U")

MOST_FAMILIES = 10_000_000
"""The most families of one ensemble that stands in memory; Members are drawn where they are run,
and may be more.
"""


@dataclass(frozen=True, eq=False)
class PerDyad(Sequence[T], Generic[T]):
    """A value for each of n dyads, of which several dyads may share one.

    It is read like a list with one entry a dyad.

    Attributes
    ----------
    values : the different values, each once, in the order in which the dyads first have them.
    positions : where in ``values`` each dyad's value stands, shape (n,).

    >>> days = PerDyad.of(["home", "home", "clinic"])
    >>> days.values, days.positions.tolist(), days[1]
    (('home', 'clinic'), [0, 0, 1], 'home')
    """

    values: tuple[T, ...]
    positions: IntArray

    @classmethod
    def shared(cls, value: T, n: int) -> PerDyad[T]:
        """One value for all of `n` dyads.

        >>> list(PerDyad.shared("home", 3))
        ['home', 'home', 'home']
        """
        return cls((value,), np.zeros(n, dtype=np.int64))

    @classmethod
    def of(cls, objects: Iterable[T]) -> PerDyad[T]:
        """One object a dyad; dyads that have the same object share it.

        >>> day = ["08:00"]
        >>> len(PerDyad.of([day, day, ["08:00"]]).values)
        2
        """
        listed = list(objects)
        # The objects are held in `listed` meanwhile, so that no identity is given out twice.
        return cls._numbered(listed, [id(value) for value in listed])

    @classmethod
    def of_equal(cls, values: Iterable[T]) -> PerDyad[T]:
        """One small value a dyad, such as an age; equal ones are one value.

        >>> PerDyad.of_equal([30.0, 5.0, 30.0]).values
        (30.0, 5.0)
        """
        listed = list(values)
        return cls._numbered(listed, listed)

    @classmethod
    def _numbered(cls, listed: Sequence[U], keys: Iterable[Any]) -> PerDyad[U]:
        """Values of which those with equal keys are one."""
        numbers: dict[Any, int] = {}
        # numbers in the order of first appearance, so that equal studies are laid out equally
        positions = [numbers.setdefault(key, len(numbers)) for key in keys]
        firsts: dict[int, U] = {}
        for number, value in zip(positions, listed, strict=True):
            firsts.setdefault(number, value)
        return PerDyad(tuple(firsts.values()), np.array(positions, dtype=np.int64))

    # ------------------------------------------------------------------ reading
    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, dyad: int) -> T: ...

    @overload
    def __getitem__(self, dyad: slice) -> PerDyad[T]: ...

    def __getitem__(self, dyad: int | slice) -> T | PerDyad[T]:
        if isinstance(dyad, slice):
            return self.take(np.arange(len(self))[dyad])
        return self.values[int(self.positions[dyad])]

    def __iter__(self) -> Iterator[T]:
        return (self.values[number] for number in self.positions.tolist())

    @property
    def is_shared(self) -> bool:
        """Whether all dyads have one value.

        >>> PerDyad.of(["home", "home"]).is_shared, PerDyad.of(["home", "clinic"]).is_shared
        (True, False)
        """
        return len(self.values) == 1

    @property
    def firsts(self) -> list[int]:
        """The first dyad that has each of the values.

        >>> PerDyad.of(["a", "b", "b", "a"]).firsts
        [0, 1]
        """
        return np.unique(self.positions, return_index=True)[1].tolist()

    @property
    def groups(self) -> list[IntArray]:
        """The dyads that have each of the values, ascending.

        >>> [group.tolist() for group in PerDyad.of(["a", "b", "b", "a"]).groups]
        [[0, 3], [1, 2]]
        """
        # one sort and one cut: a comparison with every value takes n times as many steps
        order = np.argsort(self.positions, kind="stable")
        sizes = np.bincount(self.positions, minlength=len(self.values))
        return np.split(order, np.cumsum(sizes)[:-1])

    # ------------------------------------------------------------------ deriving
    def take(self, chosen: IntArray) -> PerDyad[T]:
        """The values of some of the dyads (positions).

        >>> PerDyad.of(["a", "b", "c"]).take(np.array([2, 1])).values
        ('c', 'b')
        """
        return PerDyad.of([self.values[number] for number in self.positions[chosen].tolist()])

    def map(self, function: Callable[[T], U]) -> PerDyad[U]:
        """What a function makes of each dyad's value; it is called once for each different value.

        >>> PerDyad.of(["home", "clinic"]).map(len).values
        (4, 6)
        """
        results = [function(value) for value in self.values]
        return PerDyad.of([results[number] for number in self.positions.tolist()])


def together(*columns: PerDyad[Any]) -> PerDyad[tuple[Any, ...]]:
    """Each dyad's combination of several values; combinations that occur twice are one.

    >>> days, ages = PerDyad.of(["home", "home"]), PerDyad.of_equal([30.0, 60.0])
    >>> together(days, ages).values
    (('home', 30.0), ('home', 60.0))
    """
    keys = list(zip(*(column.positions.tolist() for column in columns), strict=True))
    return PerDyad._numbered(list(zip(*columns, strict=True)), keys)


def different(objects: Iterable[T]) -> list[T]:
    """Objects, each once, in their order.

    >>> day = ["08:00"]
    >>> different([day, day])
    [['08:00']]
    """
    return list(PerDyad.of(objects).values)


def depth(value: Any, name: str) -> int:
    """How many dimensions a value has; a range can be longer than memory, and is refused before it
    is an array.

    >>> depth([1.0, 2.0], "start")
    1
    """
    if isinstance(value, Sized) and not isinstance(value, str) and len(value) > MOST_FAMILIES:
        raise refused(value, name, f"at most {MOST_FAMILIES} values, one a dyad")
    try:
        return np.ndim(value)
    except ValueError:  # lists of unequal lengths
        raise refused(value, name, "one value, or one a dyad") from None


def positions(index: Any, n: int) -> IntArray:
    """Positions among `n`, from positions or from one truth value for each.

    >>> positions([True, False, True], 3)
    array([0, 2])
    """
    expected = f"positions from 0 to {n - 1}, at least one (or {n} truth values)"
    if isinstance(index, Sized) and len(index) > MOST_FAMILIES:
        raise refused(index, "take", expected)
    depth(index, "take")
    chosen = np.atleast_1d(np.asarray(index))
    # one truth value a family chooses as positions do
    if chosen.dtype.kind == "b" and chosen.shape == (n,):
        chosen = np.flatnonzero(chosen)
    # chained, so that an index below 0 is refused: no family is counted from the end
    inside = (
        chosen.dtype.kind in "iu"
        and chosen.ndim == 1
        and chosen.size
        and 0 <= chosen.min() <= chosen.max() < n
    )
    if not inside:
        raise refused(index, "take", expected)
    return chosen.astype(np.int64)
