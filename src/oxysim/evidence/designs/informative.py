"""Which study would tell: the expected narrowing of what is asked about, for designs that a user
proposes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import instance, name, refused, require_seed, sequence, whole_number
from oxysim.ensembles import Ensemble
from oxysim.ensembles.members.asked_members import members_asked
from oxysim.errors import InputError
from oxysim.evidence.designs.answer_store import AnswerStore
from oxysim.evidence.designs.asked_quantity import AskedQuantity, asked_quantity
from oxysim.evidence.designs.design_runs import DesignRuns, checked_design, run_design
from oxysim.evidence.designs.figure_spread import FigureSpread, few_members, least_members
from oxysim.progress import Bar, counting
from oxysim.texts import Described, counted, listed

SIZES = (25, 50, 100, 200, 400)
"""The numbers of participants that a design is asked for by default."""
SEEDS = (1, 2)
MOST_NEEDED = 1_000_000  # participants: whoever needs more will not do it
COLUMNS = (
    "design",
    "n",
    "narrowing",
    "error",
    "bits",
    "bits per participant",
    "n for a half",
    "at most",
    "members",
)


class _DesignSpread(NamedTuple):
    """A design's figures in the members in which it ran and what is asked about is known."""

    runs: DesignRuns
    usable: BoolArray
    spread: FigureSpread


@dataclass(frozen=True, eq=False)
class Informative(Described):
    """What designs are expected to tell of what was asked about.

    Attributes
    ----------
    ensemble : over which they were asked.
    asked : what was asked about, of every member.
    runs : of each design, its figures in every member.
    sizes : numbers of participants.
    answers : those so far, so that asking about something else simulates nothing again.

    >>> from oxysim.ensembles import PriorTable
    >>> from oxysim.evidence.designs.study_figures import StudyFigures
    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 16, seed=1)
    >>> def survey(population, *, seed):
    ...     centre = population.trait("caregiver.depression.set_point").centre
    ...     return StudyFigures(["mean EPDS"], [centre], [[25.0]])
    >>> found = informative({"survey": survey}, "mood, usual level: centre", ensemble=ensemble)
    >>> bool(found.table["narrowing"].iloc[-1] > found.table["narrowing"].iloc[0])
    True
    """

    ensemble: Ensemble
    asked: AskedQuantity
    runs: tuple[DesignRuns, ...]
    sizes: tuple[int, ...]
    answers: AnswerStore

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """A row a design and number of participants.

        ``narrowing`` is the share of the standard deviation over the ensemble that is expected to
        go (of a structure, the share of its entropy), ``error`` its standard error by the jackknife
        over members, ``bits`` the same in bits, and those ``per participant``; ``n for a half`` how
        many participants leave half of it (NaN where no number does), ``at most`` the narrowing by
        any number of them, ``members`` in how many members it could be asked.
        """
        rows = [row for design in self._spreads for row in self._rows(design)]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def over(self, sizes: Sequence[int]) -> Informative:
        """The same for other numbers of participants; nothing is simulated.

        >>> from oxysim.ensembles import PriorTable
        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
        >>> def survey(population, *, seed):
        ...     centre = population.trait("caregiver.depression.set_point").centre
        ...     return {"EPDS": [centre, centre + 1.0, centre + 2.0]}
        >>> found = informative({"survey": survey}, "structure", ensemble=ensemble)
        >>> found.over([30]).table["n"].tolist()
        [30]
        """
        return replace(self, sizes=_sizes(sizes))

    def about(self, about: Any, *, progress: bool | None = None) -> Informative:
        """The same designs, asked about something else; nothing is simulated again.

        Parameters
        ----------
        about, progress : as for :func:`informative`.

        >>> from oxysim.ensembles import PriorTable
        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
        >>> def survey(population, *, seed):
        ...     centre = population.trait("caregiver.depression.set_point").centre
        ...     return {"EPDS": [centre, centre + 1.0, centre + 2.0]}
        >>> found = informative({"survey": survey}, "structure", ensemble=ensemble)
        >>> found.about("life events: centre").asked.words
        'life events: centre'
        """
        with counting(_asks(about, self.ensemble), "about", "member", progress) as bar:
            asked = asked_quantity(about, self.ensemble, self.answers, bar)
        return replace(self, asked=asked)

    def by_figure(self, n: int = 100) -> pd.DataFrame:
        """What each figure of each design tells by itself, the most telling first: design, figure,
        narrowing, error.

        Parameters
        ----------
        n : participants.

        >>> from oxysim.ensembles import PriorTable
        >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
        >>> def survey(population, *, seed):
        ...     centre = population.trait("caregiver.depression.set_point").centre
        ...     return {"EPDS": [centre, centre + 1.0, centre + 2.0]}
        >>> found = informative({"survey": survey}, "structure", ensemble=ensemble)
        >>> found.by_figure(50)["figure"].tolist()
        ['EPDS']
        """
        size = np.array([float(whole_number(n, "n"))])
        rows = []
        for design in self._spreads:
            for number, figure in enumerate(design.runs.names):
                alone = design._replace(spread=design.spread.of_figure(number))
                narrowing, error, _ = self._narrowing(alone, size)
                rows.append((design.runs.design, figure, float(narrowing[0]), float(error[0])))
        table = pd.DataFrame(rows, columns=["design", "figure", "narrowing", "error"])
        return table.sort_values("narrowing", ascending=False, ignore_index=True, kind="stable")

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The designs, the most telling first, at the middle number of participants."""
        n = self.sizes[len(self.sizes) // 2]
        rows = self.table[self.table["n"] == n].sort_values("narrowing", ascending=False)
        shares = [
            (row.design, f"{100 * row.narrowing:.0f} % ± {100 * row.error:.0f}")
            for row in rows.itertuples()
        ]
        return f"Expected narrowing of {self.asked.words!r} by {n} participants", [
            *shares,
            ("", f"over {counted(len(self.ensemble), 'member')} of {self.ensemble.name!r}"),
        ]

    def report(self) -> str:
        """The table in words, and the figure of each design that tells most."""
        doubt = "standard deviation" if self.asked.is_number else "entropy"
        lines = [
            f"What would tell of {self.asked.words!r}",
            f"Expected share of its {doubt} that goes, over {len(self.ensemble)} members of"
            f" {self.ensemble.name!r}; ± is the standard error of few members.",
            "",
            self._text(),
            "",
        ]
        by_figure = self.by_figure(self.sizes[-1])
        for design in self._spreads:
            best = by_figure[by_figure["design"] == design.runs.design].iloc[0]
            figures = counted(len(design.runs.names), "figure")
            lines.append(
                f"{design.runs.design}: of {figures} the most telling is {best['figure']}"
                f" ({100 * best['narrowing']:.0f} % by itself, {self.sizes[-1]} participants)."
            )
        failed = [f"{run.design} in {len(run.failed)}" for run in self.runs if run.failed]
        failed += [f"what is asked about in {len(self.asked.failed)}"] if self.asked.failed else []
        return "\n".join([*lines, *([f"Failed: {listed(failed)} members."] if failed else [])])

    # --------------------------------------------------------------------- internals
    @functools.cached_property
    def _spreads(self) -> tuple[_DesignSpread, ...]:
        return tuple(self._spread_of(runs) for runs in self.runs)

    def _spread_of(self, runs: DesignRuns) -> _DesignSpread:
        """The members that can be used, of which there have to be enough."""
        usable = runs.complete & np.isfinite(self.asked.numbers)
        if usable.sum() < least_members(len(runs.names)):
            raise few_members(runs.design, len(runs.names), int(usable.sum()))
        if np.ptp(self.asked.numbers[usable]) == 0:
            raise InputError(
                f"design {runs.design!r}: the {int(usable.sum())} members in which it ran do not"
                f" differ in {self.asked.words!r}"
            )
        weights = self.ensemble.weights[usable]
        return _DesignSpread(
            runs, usable, FigureSpread.of(runs.values[usable], runs.noise[usable], weights)
        )

    def _narrowing(
        self, design: _DesignSpread, sizes: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Narrowing, its standard error and the share taken away, by studies of some sizes."""
        taken = self.asked.taken(design.spread, design.usable, sizes)
        positions = np.flatnonzero(design.usable)
        without = []
        for number, position in enumerate(positions):
            remaining = design.usable.copy()
            remaining[position] = False
            # the last member of a class takes the class with it, and leaves nothing to tell
            if np.ptp(self.asked.numbers[remaining]) > 0:
                without.append(self.asked.taken(design.spread.without(number), remaining, sizes))
        strays = np.array(without) - np.mean(without, axis=0)
        # the jackknife's own inflation: each value shares all but one member with the others
        error = np.sqrt(np.sum(strays**2, axis=0) * (len(positions) - 1) / len(positions))
        return self.asked.narrowing(taken), self.asked.error_of_narrowing(taken, error), taken

    def _rows(self, design: _DesignSpread) -> list[tuple[Any, ...]]:
        sizes = np.array([*map(float, self.sizes)])
        narrowing, error, taken = self._narrowing(design, sizes)
        bits = self.asked.bits(taken, design.spread.weights, design.usable)
        most = self.asked.taken(design.spread, design.usable, np.array([float(MOST_NEEDED)]))
        # what chance adds is taken away at each size: with few members the rest may fall with n
        at_most = max(float(narrowing.max()), float(self.asked.narrowing(most)[0]))
        needed = self._needed(design, float(most[0]))
        return [
            (design.runs.design, n, narrowing[k], error[k], bits[k], bits[k] / n, needed, at_most,
             int(design.usable.sum()))
            for k, n in enumerate(self.sizes)
        ]  # fmt: skip

    def _needed(self, design: _DesignSpread, most: float) -> float:
        """How many participants leave half of the doubt; NaN where no number does."""
        if most < self.asked.half:
            return float("nan")
        low, high = 0.0, np.log(MOST_NEEDED)
        # by halves on the logarithm: where half is reached at all, narrowing rises up to it
        while high - low > np.log(1.01):
            middle = (low + high) / 2
            share = self.asked.taken(design.spread, design.usable, np.array([np.exp(middle)]))[0]
            low, high = (low, middle) if share >= self.asked.half else (middle, high)
        return float(np.ceil(np.exp(high)))

    def _text(self) -> str:
        columns = {
            f"n = {n}": [
                f"{100 * row.narrowing:.0f} ± {100 * row.error:.0f} %"
                for row in self.table[self.table["n"] == n].itertuples()
            ]
            for n in self.sizes
        }
        first = self.table[self.table["n"] == self.sizes[0]]
        columns["any n"] = [f"{100 * most:.0f} %" for most in first["at most"]]
        columns["half at"] = ["no n" if np.isnan(n) else f"{n:.0f}" for n in first["n for a half"]]
        return pd.DataFrame(columns, index=first["design"].tolist()).to_string()


def informative(  # noqa: PLR0913 - all but the first two are keywords with defaults
    designs: Mapping[str, Any],
    about: Any,
    *,
    ensemble: Ensemble | None = None,
    members: int | None = None,
    n: Sequence[int] = SIZES,
    seeds: Sequence[int] = SEEDS,
    file: str | Path | None = None,
    progress: bool | None = None,
) -> Informative:
    """What designs are expected to tell of what an ensemble leaves open, before any is run.

    Every member simulates the figures that each study would report, on the same draws. From how
    these go with what is asked about over the members, and from what a study of n participants
    strays by itself, follows how much narrower it is expected to be known afterwards: in closed
    form, linear in the figures (see ``designs.expected_narrowing``, ``expected_information``).

    Parameters
    ----------
    designs : by label. A ``Trial``, whose pool is enrolled anew from each member; a protocol such
        as ``protocols.mind_mindedness_coaching``; or a function of a population with ``seed=``
        that returns a Trial, a
        trial's result, a protocol's report, a table with one row a participant and one column a
        figure, or ``StudyFigures``.
    about : the name of a quantity of the ensemble's priors ("mind-mindedness -> synchrony");
        "structure"; a mapping of words to structures ({"loop": ["both", "edge only"], "trait":
        ["trait only", "no loop into mood"]}); or a function of a population that returns a number.
    ensemble : default ``Ensemble.named("community")``.
    members : how many of its members are asked, spread evenly over their weights; default all.
    n : numbers of participants.
    seeds : of the draws; of two or more the error of few simulated dyads is design, and taken away.
    file : where every answer is kept as it comes, so that work that was ended goes on where it was.
        It holds for designs of the same labels, names and seeds: one that was changed needs another
        file.
    progress : whether it is shown; by default where somebody looks.

    Raises
    ------
    UnknownNameError : no such quantity, structure or ensemble.
    InputError : no design, or one that fails in every member or has more figures than a third of
    the members; what is the same in all members.

    >>> from oxysim.ensembles import PriorTable
    >>> from oxysim.evidence.designs.study_figures import StudyFigures
    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 16, seed=1)
    >>> def survey(population, *, seed):
    ...     centre = population.trait("caregiver.depression.set_point").centre
    ...     return StudyFigures(["mean EPDS"], [centre], [[25.0]])
    >>> found = informative({"survey": survey}, "mood, usual level: centre", ensemble=ensemble)
    >>> found.table["n"].tolist()
    [25, 50, 100, 200, 400]
    """
    checked = _designs(designs)
    sizes, keys = _sizes(n), sequence(seeds, "seeds", _seed, of="seeds")
    answers = AnswerStore(file)
    whole = Ensemble.named("community") if ensemble is None else ensemble
    instance(whole, "ensemble", Ensemble, "an Ensemble")
    asked_of = whole if members is None else members_by_weight(whole, members)
    total = _asks(about, asked_of) + len(checked) * len(asked_of) * len(keys)
    with counting(total, "designs", "run", progress) as bar:
        # what cannot be asked is refused before anything is simulated
        asked = asked_quantity(about, asked_of, answers, bar)
        runs = tuple(
            run_design(label, design, asked_of, seeds=keys, answers=answers, bar=_noted(bar, label))
            for label, design in checked.items()
        )
    return Informative(asked_of, asked, runs, sizes, answers)


def members_by_weight(ensemble: Ensemble, n: int) -> Ensemble:
    """Some members that stand for all, spread evenly over their weights.

    Parameters
    ----------
    n : how many are taken; who would be taken twice has twice the weight.

    >>> from oxysim.ensembles import PriorTable
    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
    >>> members_by_weight(ensemble, 4).structures
    ('both', 'no loop into mood', 'trait only', 'edge only')
    """
    positions, weights = members_asked(ensemble.weights, n)
    return replace(
        ensemble,
        structures=tuple(ensemble.structures[position] for position in positions),
        values=ensemble.values[positions],
        weights=weights,
        figures=ensemble.figures[positions],
    )


def _noted(bar: Bar, label: str) -> Bar:
    bar.note(label)
    return bar


def _designs(designs: Any) -> dict[str, Any]:
    if not isinstance(designs, Mapping) or not designs:
        raise refused(designs, "designs", "a mapping of labels to designs, one at least")
    labels = [name(label, "designs, label") for label in designs]
    checked = (checked_design(*entry) for entry in zip(labels, designs.values(), strict=True))
    return dict(zip(labels, checked, strict=True))


def _sizes(value: Any) -> tuple[int, ...]:
    """Numbers of participants, ascending and different."""
    return tuple(sorted(set(sequence(value, "n", _size, of="numbers of participants"))))


def _size(value: Any, label: str) -> int:
    return whole_number(value, label, 1, MOST_NEEDED)


def _seed(value: Any, _: str) -> int:
    return require_seed(value)


def _asks(about: Any, ensemble: Ensemble) -> int:
    """How many members a function is asked of; a name asks none."""
    return len(ensemble) if callable(about) else 0
