"""A question put to every member of an ensemble: answers by member, and why some gave none.

This is the one place where work is spread over members; trials, power, loop gain and rescue come
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import function, require_seed
from oxysim.ensembles.predictions import Prediction, answer_and_error, effective_size
from oxysim.errors import InputError, OxysimError
from oxysim.population import Population
from oxysim.progress import asked as progress_asked
from oxysim.progress import counting
from oxysim.simulation.plausibility import once
from oxysim.streams import stream
from oxysim.texts import Described, counted

# what a member may fail by; another exception is a mistake in the question, and stops it
FAILURES = (OxysimError, ArithmeticError, np.linalg.LinAlgError)
LARGEST_SEED = 2**63  # of a seed, as files and stores take it


class Populations(Protocol):
    """Populations with weights, as an ensemble has them.

    >>> from oxysim.ensembles import Ensemble, PriorTable
    >>> four: Populations = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> len(four)
    4
    """

    name: str
    structures: tuple[str, ...]
    weights: FloatArray

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> Population: ...


@dataclass(frozen=True, eq=False)
class MemberAnswers(Described):
    """What members of an ensemble answered.

    Attributes
    ----------
    numbers : of the members that answered, from 0.
    answers : one each.
    weights : of the same, summing to 1.
    structures : of the same.
    failed : number of a member that failed -> why.

    >>> answers = MemberAnswers((0, 2), (1.0, 3.0), np.full(2, 0.5), ("both", "both"), {1: "stiff"})
    >>> answers.predict().median, answers.failed
    (2.0, {1: 'stiff'})
    """

    numbers: tuple[int, ...]
    answers: tuple[Any, ...]
    weights: FloatArray
    structures: tuple[str, ...]
    failed: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.answers)

    def predict(self, figure: Callable[[Any], Any] = lambda answer: answer) -> Prediction:
        """A figure of each answer as median, 90 % interval between members and Monte Carlo error.

        Parameters
        ----------
        figure : a function of an answer that returns a number, or a number and its standard error;
            by default the answer is one.

        Raises
        ------
        InputError : what it returns is neither.

        >>> answers = MemberAnswers((0, 1), ("ab", "abcd"), np.full(2, 0.5), ("both",) * 2, {})
        >>> answers.predict(len).median
        3.0
        """
        values, errors = self._figures(figure)
        return Prediction(
            values[:, None], self.weights, None if np.isnan(errors).any() else errors[:, None]
        )

    def table(self, figure: Callable[[Any], Any] = lambda answer: answer) -> pd.DataFrame:
        """A figure of each answer, one row a member: member, structure, weight, value, error.

        >>> answers = MemberAnswers((0, 1), (2.0, 3.0), np.full(2, 0.5), ("both",) * 2, {})
        >>> answers.table()["value"].tolist()
        [2.0, 3.0]
        """
        values, errors = self._figures(figure)
        return pd.DataFrame(
            {
                "member": self.numbers,
                "structure": self.structures,
                "weight": self.weights,
                "value": values,
                "error": errors,
            }
        )

    def map(
        self,
        change: Callable[..., Any],
        *,
        seed: int | None = None,
        progress: bool | None = None,
    ) -> MemberAnswers:
        """The same members with something made of each answer; who fails in that fails.

        Parameters
        ----------
        change : a function of an answer; with `seed` of an answer and ``seed=``.
        seed, progress : as for :meth:`oxysim.ensembles.Ensemble.ask`.

        >>> answers = MemberAnswers((0, 1), (1.0, 0.0), np.full(2, 0.5), ("both",) * 2, {})
        >>> answers.map(lambda number: 1 / number).failed
        {1: 'ZeroDivisionError: float division by zero'}
        """
        function(change, "change", "a function of an answer")
        by_number = dict(zip(self.numbers, self.answers, strict=True))
        work = _keyed(change, by_number.__getitem__, seed)
        with progress_asked(progress):
            return _gathered(self.numbers, self.weights, self.structures, work, self.failed)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many answered, and why others did not."""
        first = next(iter(self.failed.items()), None)
        failed = f"{len(self.failed)}: member {first[0]}: {first[1]}" if first else 0
        return "Answers of members", [
            ("", counted(len(self), "member")),
            ("worth", f"{effective_size(self.weights):.1f} equal ones"),
            ("failed", failed),
        ]

    def _figures(self, figure: Callable[[Any], Any]) -> tuple[FloatArray, FloatArray]:
        function(figure, "figure", "a function of an answer")
        pairs = [
            answer_and_error(figure(answer), f"figure of member {number}")
            for number, answer in zip(self.numbers, self.answers, strict=True)
        ]
        values = np.array(pairs, dtype=float).reshape(-1, 2)
        return values[:, 0], values[:, 1]


def ask_members(
    ensemble: Populations,
    asked: Callable[..., Any],
    *,
    seed: int | None = None,
    members: int | None = None,
    progress: bool | None = None,
) -> MemberAnswers:
    """Put a question to the members, one after the other.

    Parameters
    ----------
    asked : a function of a population; with `seed` of a population and ``seed=``.
    seed : key of all draws; each member is given a seed of its own (:func:`member_seed`).
    members : how many are asked, spread evenly over the weights; default all.
    progress : whether a bar of members is shown.

    Raises
    ------
    InputError : no member answered.

    >>> from oxysim.ensembles import Ensemble, PriorTable
    >>> four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> len(ask_members(four, lambda population: len(population.traits), progress=False))
    4
    """
    function(asked, "asked", "a function of a population")
    numbers, weights = members_asked(ensemble.weights, members)
    structures = tuple(ensemble.structures[number] for number in numbers)
    work = _keyed(asked, ensemble.__getitem__, seed)
    with progress_asked(progress):
        return _gathered(tuple(numbers.tolist()), weights, structures, work, {})


def member_seed(seed: int, number: int) -> int:
    """The seed of a member of an ensemble: of the ensemble's seed and the member's number alone, so
    that a member more changes no draw of the others.

    >>> member_seed(1, 0) == member_seed(1, 1)
    False
    """
    draws = stream(seed, number, "member of an ensemble")
    return int(draws.integers(LARGEST_SEED))


def members_asked(weights: FloatArray, members: int | None) -> tuple[IntArray, FloatArray]:
    """(numbers, weights) of `members` of them, spread evenly over the cumulated weights, so that
    every structure has its share; all where that is None.

    >>> numbers, weights = members_asked(np.array([0.25, 0.25, 0.25, 0.25]), 2)
    >>> numbers.tolist(), weights.tolist()
    ([0, 2], [0.5, 0.5])
    """
    total = len(weights)
    count = total if members is None else checks.whole_number(members, "members", 1, total)
    if count == total:
        return np.arange(total), np.asarray(weights)
    # the middles of `count` equal parts: a member of more weight may stand in several of them
    middles = (np.arange(count) + 0.5) / count
    # an end of 1 - 1e-16 would leave the last one out
    ends = np.cumsum(weights) / np.sum(weights)
    chosen = np.minimum(np.searchsorted(ends, middles), len(weights) - 1)
    numbers, times = np.unique(chosen, return_counts=True)
    return numbers, times / count


def _keyed(
    asked: Callable[..., Any], subject: Callable[[int], Any], seed: int | None
) -> Callable[[int], Any]:
    """What is asked of the member of a number; with a seed, one of the member's own goes along."""
    if seed is None:
        return lambda number: asked(subject(number))
    require_seed(seed)
    return lambda number: asked(subject(number), seed=member_seed(seed, number))


def _gathered(
    numbers: tuple[int, ...],
    weights: FloatArray,
    structures: tuple[str, ...],
    answer: Callable[[int], Any],
    failed_before: Mapping[int, str],
) -> MemberAnswers:
    """The answers of members by number, and the reasons of those that gave none."""
    answers: dict[int, Any] = {}
    failed = dict(failed_before)
    # what is implausible of many members in the same way is said once
    with once(), counting(len(numbers), "ask", "member") as bar:
        for number in numbers:
            try:
                answers[number] = answer(number)
            except FAILURES as error:
                kind = "" if isinstance(error, OxysimError) else f"{type(error).__name__}: "
                failed[number] = f"{kind}{error}"
            bar.advance()

    if not answers:
        number, reason = next(iter(failed.items()))
        raise InputError(
            f"ensemble: none of {counted(len(failed), 'member')} gave an answer; member {number}:"
            f" {reason}"
        )
    came_through = np.array([number in answers for number in numbers])
    remaining = np.asarray(weights)[came_through]
    return MemberAnswers(
        tuple(answers),
        tuple(answers.values()),
        remaining / remaining.sum(),
        tuple(s for s, came in zip(structures, came_through, strict=True) if came),
        failed,
    )
