"""Every design in every member of an ensemble: the figures that its study would report there."""

from __future__ import annotations

import dataclasses
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import function, refused
from oxysim.ensembles import Ensemble
from oxysim.errors import ImplausibleValueWarning, InputError, OxysimError, about
from oxysim.evidence.designs.answer_store import AnswerStore
from oxysim.evidence.designs.figure_spread import few_members, least_members
from oxysim.evidence.designs.study_figures import StudyFigures, study_figures
from oxysim.population import Population
from oxysim.progress import Bar
from oxysim.simulation.equations.model_digest import defaults_digest
from oxysim.texts import Described, counted, listed
from oxysim.trials import Trial


@dataclasses.dataclass(frozen=True, eq=False)
class DesignRuns(Described):
    """What a design's study would report in each member of an ensemble.

    Attributes
    ----------
    design : its label.
    names : of the figures.
    values : shape (members, seeds, k); NaN in a member in which it failed.
    noise : covariance of one participant in each member, shape (members, k, k).
    failed : number of a member, from 1 -> why it has no figures.

    >>> runs = DesignRuns("diary", ("SD of mood",), np.ones((4, 2, 1)), np.ones((4, 1, 1)), {})
    >>> runs.complete.tolist()
    [True, True, True, True]
    """

    design: str
    names: tuple[str, ...]
    values: FloatArray
    noise: FloatArray
    failed: Mapping[int, str]

    @property
    def complete(self) -> BoolArray:
        """Which members have all figures, shape (members,)."""
        return np.asarray(np.isfinite(self.values).all(axis=(1, 2)))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The figures, and how many members have them."""
        return f"Runs of design {self.design!r}", [
            ("figures", listed(self.names)),
            ("in", counted(int(self.complete.sum()), "member")),
            ("failed in", len(self.failed)),
        ]


def run_design(
    label: str,
    design: Any,
    ensemble: Ensemble,
    *,
    seeds: Sequence[int],
    answers: AnswerStore,
    bar: Bar,
) -> DesignRuns:
    """One design in every member, with every seed; the same draws serve all members.

    Parameters
    ----------
    label : the design's name in tables.
    design : a Trial, whose pool is enrolled anew from each member, or a function of a population
        with ``seed=``.
    seeds : of the draws; several tell the error of few dyads.
    answers : where they are kept, and taken from.
    bar : shows how far it has come.

    Raises
    ------
    InputError : a design that fails in every member, or whose figures are others from member to
        member.

    >>> from oxysim.ensembles import PriorTable
    >>> ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> def survey(population, *, seed):
    ...     centre = population.trait("caregiver.depression.set_point").centre
    ...     return StudyFigures(["mean EPDS"], [centre], [[25.0]])
    >>> store, bar = AnswerStore(None), Bar("run")
    >>> run_design("survey", survey, ensemble, seeds=[1], answers=store, bar=bar).values.shape
    (4, 1, 1)
    """
    figures_of: dict[int, list[StudyFigures]] = {}
    failed: dict[int, str] = {}
    for position, population in enumerate(ensemble):
        figures: list[StudyFigures] = []
        for seed in seeds:
            # what was refused with one seed is not asked again with the others
            if position + 1 not in failed:
                answer = _stored_answer(label, design, population, seed, answers)
                if isinstance(answer, str):
                    failed[position + 1] = answer
                else:
                    figures.append(answer)
                    _require_members(label, answer, len(ensemble))
            bar.advance()
        if position + 1 not in failed:
            figures_of[position] = figures
    if not figures_of:
        raise InputError(
            f"design {label!r}: it failed in every member, in the first with: {failed[1]}"
        )
    names = _require_alike(label, figures_of)
    values = np.full((len(ensemble), len(seeds), len(names)), np.nan)
    spread = np.full((len(ensemble), len(names), len(names)), np.nan)
    for position, figures in figures_of.items():
        values[position] = [answer.values for answer in figures]
        spread[position] = np.mean([answer.covariance for answer in figures], axis=0)
    return DesignRuns(label, names, values, spread, failed)


def checked_design(label: str, design: Any) -> Any:
    """A design that can be asked of a population.

    Raises
    ------
    InputError : neither a trial nor a function of a population with ``seed=``.

    >>> def survey(population):
    ...     return {"level": [1.0, 2.0, 3.0]}
    >>> checked_design("survey", survey)
    Traceback (most recent call last):
    oxysim.errors.InputError: design 'survey': expected a Trial, or a function of a population ...
    """
    if isinstance(design, Trial):
        return design
    expected = "a Trial, or a function of a population that takes seed= too"
    function(design, f"design {label!r}", expected)
    try:
        positional, options = _call(design, Population("nobody"), 0)
        inspect.signature(design).bind(*positional, **options)
    except (TypeError, ValueError):  # other arguments, or a built-in that does not say its own
        raise refused(design, f"design {label!r}", expected) from None
    return design


def trial_from_population(trial: Trial, population: Population, seed: int) -> Trial:
    """The same plan on a pool of another population: as many dyads of the same age, with the
    population's own noise of daily life.

    Raises
    ------
    InputError : a pool that was selected, followed or has several ages, which is to be made of each
        population by itself.

    >>> import oxysim as ox
    >>> community = ox.Population.named("community")
    >>> arms = {"placebo": None, "spray": ox.NasalSpray("24 IU", at="10:00")}
    >>> pool = community.sample(4, seed=1)
    >>> trial = ox.Trial(pool, ox.Parallel(arms), ox.Endpoint("saliva_oxytocin", at="3 h"))
    >>> len(trial_from_population(trial, community, seed=2).who)
    4
    """
    if trial.selection is not None or trial.who.start or np.ptp(trial.who.ages()) > 0:
        raise InputError(
            what="trial",
            expected="a pool of one age as Population.sample draws it",
            found="one that was selected, followed up to enrolment, or has several ages",
            remedy="give a function of a population, with seed=, that draws it and returns a trial",
        )
    return trial.drawn_from(population, len(trial.who), seed=seed)


# --------------------------------------------------------------------- internals
def _stored_answer(  # noqa: PLR0913 - what an answer depends on, and where it is kept
    label: str,
    design: Any,
    population: Population,
    seed: int,
    answers: AnswerStore,
) -> StudyFigures | str:
    """The figures of a design in one member with one seed, or why there are none."""
    # other equations or defaults give other figures under the same name
    identity = repr((label, _called(design), population.fingerprint, seed, defaults_digest()))
    entry = answers.find(identity)
    if entry is None:
        entry = _entry(_asked(label, design, population, seed))
        answers.add(identity, entry)
    if "refused" in entry:
        return str(entry["refused"])
    return StudyFigures(entry["names"], entry["values"], entry["covariance"])


def _entry(answer: StudyFigures | str) -> dict[str, Any]:
    """An answer as it stands in a file."""
    if isinstance(answer, str):
        return {"refused": answer}
    values, covariance = answer.values.tolist(), answer.covariance.tolist()
    return {"names": list(answer.names), "values": values, "covariance": covariance}


def _asked(label: str, design: Any, population: Population, seed: int) -> StudyFigures | str:
    try:
        with warnings.catch_warnings(), about("designs", label):
            # priors are wide on purpose: what is legal but implausible is what is asked about
            warnings.simplefilter("ignore", ImplausibleValueWarning)
            if isinstance(design, Trial):
                answer: Any = trial_from_population(design, population, seed)
            else:
                positional, options = _call(design, population, seed)
                answer = design(*positional, **options)
            return study_figures(answer, seed=seed)
    except OxysimError as error:
        # what the model refuses is a member without figures, not an end
        return str(error)


def _call(
    design: Callable[..., Any], population: Population, seed: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """How a design takes a population and a seed: protocols take keywords alone."""
    options: dict[str, Any] = {"seed": seed}
    first = next(iter(inspect.signature(design).parameters.values()), None)
    if first is not None and first.kind is inspect.Parameter.KEYWORD_ONLY:
        return (), {"population": population, **options}
    return (population,), options


def _called(design: Any) -> str:
    """A design's name: of a function with settings they print; of a trial its plan does."""
    return getattr(design, "__qualname__", "") or repr(design)


def _require_members(label: str, answer: StudyFigures, members: int) -> None:
    """Raise where there are too few members for so many figures, before all of them have run."""
    if members < least_members(len(answer.names)):
        raise few_members(label, len(answer.names), members)


def _require_alike(label: str, figures_of: Mapping[int, Sequence[StudyFigures]]) -> tuple[str, ...]:
    """The names of the figures, the same in every member."""
    names = tuple(next(iter(figures_of.values()))[0].names)
    for position, figures in figures_of.items():
        for answer in figures:
            if tuple(answer.names) != names:
                raise InputError(
                    f"design {label!r}: expected the figures {listed(names)} of every member;"
                    f" found {listed(answer.names)} of member {position + 1}"
                )
    return names
