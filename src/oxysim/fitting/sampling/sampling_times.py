"""When to sample: the times, and the doses, that tell most of chosen parameters (D-optimal) or of
which of two models holds (T-optimal), on a grid of times at which sampling is feasible.

The answer holds near the values that are taken for true: a population's dyads as `who` average it
over what may be true. `optimal_design` has the criteria and the exchange, this module what they are
asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.fitting.optimal_design.exchange import STARTS, Feasible, exchange_samples
from oxysim.fitting.optimal_design.optimality import (
    CandidateReadings,
    DeterminantCriterion,
    MisfitCriterion,
)
from oxysim.fitting.persons.free_parameters import FreeParameter, free_parameters
from oxysim.fitting.reading_errors import reading_errors
from oxysim.fitting.sample_predictions import expected_readings
from oxysim.fitting.sampling.sample_grid import SampleGrid
from oxysim.fitting.sampling.sampling_design import SamplingDesign, ScheduleChoice
from oxysim.fitting.sensitivities import OUTERMOST, latents_at, sensitivities
from oxysim.measures import Instrument

# The rival's best fit is sought anew at the best times, until the two agree; it takes two or three
# rounds where the models differ by few standard errors.
ROUNDS = 6
SETTLED = 0.02  # of the misfit: a smaller change ends the rounds


class _Question(NamedTuple):
    """What a design is asked for, whatever its schedule."""

    grid: SampleGrid
    samples: int
    starts: int
    seed: int
    start: str
    instruments: Mapping[str, Instrument] | None
    options: Mapping[str, Any]


def d_optimal_times(  # noqa: PLR0913 - keywords with defaults
    who: Family,
    schedule: Any,
    parameters: Any,
    grid: SampleGrid,
    samples: int,
    *,
    nuisance: Any = (),
    plan: Any = None,
    at: Mapping[str, Any] | None = None,
    priors: Any = "rows",
    known_before: bool = True,
    start: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    seed: int = 0,
    starts: int = STARTS,
    **options: Any,
) -> SamplingDesign:
    """The sampling times that tell most of parameters, and the gain over a user's own plan.

    Parameters
    ----------
    who : the dyad to be sampled; of several, such as a population's, the answer is best on average.
    schedule : its days; or a mapping of names to several, such as doses, of which the best is
        found too.
    parameters : what is to be told.
    grid : what can be sampled when.
    samples : how many, of all members together.
    nuisance : parameters that are not known either, and not asked for (Ds-optimality).
    plan : times (or a mapping of members to times) that the best ones are compared with.
    at, priors, start, instruments, options : as of :func:`~oxysim.fitting.identifiability_of`.
    known_before : whether the priors count (Bayesian D-optimality); without them there must be at
        least as many readings as parameters.
    seed, starts : of the exchange.

    Raises
    ------
    UnknownNameError, InputError : as of :func:`~oxysim.fitting.identifiability_of`; a set of
        samples that the grid does not allow.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> grid = SampleGrid(["10:05", "10:20", "11:00"], {"mother": "saliva_oxytocin"})
    >>> half_life = "mother.nasal_spray.residue_fast_half_life"
    >>> d_optimal_times(ox.Dyad(), day, half_life, grid, 2, start="10:00").clocks
    ('10:20', '11:00')
    """
    question = _Question(
        checks.instance(grid, "grid", SampleGrid, "a SampleGrid"),
        checks.whole_number(samples, "samples", 1), checks.whole_number(starts, "starts", 1),
        checks.require_seed(seed), start, instruments, options,
    )  # fmt: skip
    checks.instance(who, "who", Family, "a Dyad, a Family or several")
    asked = free_parameters(parameters, who, _priors_of(priors, parameters))
    names = [*(p.name for p in asked), *checks.texts(nuisance, "nuisance", of="parameters")]
    free = free_parameters(names, who, priors)
    if not checks.flag(known_before, "known_before"):
        _require_readings(question, len(free))
    latents = latents_at(free, who, at)
    # before anything runs: a slip in the plan is seen at once
    planned = None if plan is None else np.array(grid.nearest(plan))
    choices = []
    for label, day in _schedules(schedule).items():
        readings = _candidate_readings(question, who, day, free, latents)
        precision = np.eye(len(free)) if known_before else None
        criterion = DeterminantCriterion(readings, tuple(range(len(asked))), precision)
        exchanged = exchange_samples(criterion, grid.feasible, samples, starts=starts, seed=seed)
        chosen = np.array(exchanged.chosen)
        choices.append(
            ScheduleChoice(
                label, exchanged.chosen, exchanged.value,
                None if planned is None else float(criterion(planned[None])[0]),
                _one_more(criterion, grid.feasible, chosen),
                _errors(readings, chosen, precision, len(asked)),
                None if planned is None else _errors(readings, planned, precision, len(asked)),
                exchanged.agreeing, exchanged.starts,
            )
        )  # fmt: skip
    return SamplingDesign(
        "D", grid.minutes, grid.members, dict(grid.analytes), tuple(choices), asked,
        latents.mean(axis=0)[: len(asked)],
        plan=None if plan is None else grid.nearest(plan),
    )  # fmt: skip


def t_optimal_times(  # noqa: PLR0913 - keywords with defaults
    who: Family,
    rival: Family,
    schedule: Any,
    parameters: Any,
    grid: SampleGrid,
    samples: int,
    *,
    scale: Mapping[str, Any] | None = None,
    rival_scale: Mapping[str, Any] | None = None,
    plan: Any = None,
    priors: Any = "rows",
    start: str = "00:00",
    instruments: Mapping[str, Instrument] | None = None,
    seed: int = 0,
    starts: int = STARTS,
    **options: Any,
) -> SamplingDesign:
    """The sampling times that tell best which of two models holds, and how many persons it takes.

    The rival is fitted as well as it can be to what the other model expects; what misfit is left,
    in squared standard errors, is the noncentrality of the test between the two.

    Parameters
    ----------
    who : a dyad under the model that holds.
    rival : a dyad under the other one.
    parameters : what the rival is free to fit.
    scale, rival_scale : edge -> multiplier of the one and the other: a model without an edge is one
        that has 0 there.
    schedule, grid, samples, plan, priors, start, instruments, seed, starts, options : as for
        :func:`d_optimal_times`.

    Raises
    ------
    UnknownNameError, InputError : as for :func:`d_optimal_times`.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> slow = ox.Dyad(parameters={"mother.nasal_spray.residue_fast_half_life": 5.0})
    >>> grid = SampleGrid(["10:05", "10:20", "11:00"], {"mother": "saliva_oxytocin"})
    >>> share = ["mother.nasal_spray.residue_fast_share"]
    >>> t_optimal_times(slow, ox.Dyad(), day, share, grid, 2, start="10:00").clocks
    ('10:05', '10:20')
    """
    question = _Question(
        checks.instance(grid, "grid", SampleGrid, "a SampleGrid"),
        checks.whole_number(samples, "samples", 1), checks.whole_number(starts, "starts", 1),
        checks.require_seed(seed), start, instruments, options,
    )  # fmt: skip
    for label, families in (("who", who), ("rival", rival)):
        checks.instance(families, label, Family, "a Dyad or a Family")
    for label, edges in (("scale", scale), ("rival_scale", rival_scale)):
        checks.instance({} if edges is None else edges, label, Mapping, "a mapping of edges")
    free = free_parameters(parameters, rival, priors)
    planned = None if plan is None else np.array(grid.nearest(plan))
    choices = []
    for label, day in _schedules(schedule).items():
        right = expected_readings(
            who, day, grid.points, start=start, instruments=instruments, scale=scale, **options
        )
        criterion, exchanged = _against_rival(question, right, rival, day, free, rival_scale)
        chosen = np.array(exchanged.chosen)
        choices.append(
            ScheduleChoice(
                label, exchanged.chosen, exchanged.value,
                None if planned is None else float(criterion(planned[None])[0]),
                _one_more(criterion, grid.feasible, chosen), None, None,
                exchanged.agreeing, exchanged.starts,
            )
        )  # fmt: skip
    return SamplingDesign(
        "T", grid.minutes, grid.members, dict(grid.analytes), tuple(choices), free,
        np.zeros(len(free)), plan=None if planned is None else tuple(planned.tolist()),
    )  # fmt: skip


def _against_rival(
    question: _Question, right: FloatArray, rival: Family, day: Any,
    free: Sequence[FreeParameter], rival_scale: Mapping[str, Any] | None,
) -> tuple[MisfitCriterion, Any]:  # fmt: skip
    """The criterion around the rival's best fit at the best times, and what was found with it."""
    grid, points = question.grid, question.grid.points
    latents = latents_at(free, rival)
    last = np.inf
    for _ in range(ROUNDS):
        moved = sensitivities(
            rival, day, points, free, latents, start=question.start,
            instruments=question.instruments, scale=rival_scale, **question.options,
        )  # fmt: skip
        errors = reading_errors(points, right, question.instruments, limits=True)
        fitted = reading_errors(points, moved.expected, question.instruments)
        readings = CandidateReadings(
            moved.slopes * fitted.slope[..., None], errors.independent, errors.shared, grid.rows
        )
        differences = errors.centre - fitted.centre
        criterion = MisfitCriterion(readings, differences, np.eye(len(free)), -latents)
        exchanged = exchange_samples(
            criterion, grid.feasible, question.samples, starts=question.starts, seed=question.seed
        )
        if abs(exchanged.value - last) <= SETTLED * max(exchanged.value, 1e-12):
            break
        last = exchanged.value
        _, moves = criterion.fits(np.array([exchanged.chosen]))
        # as far as the rival's parameters can go, and no farther than the slopes say anything
        latents = np.clip(latents + np.clip(moves[0], -1.0, 1.0), -OUTERMOST, OUTERMOST)
    return criterion, exchanged


def _candidate_readings(
    question: _Question, who: Family, day: Any, free: Sequence[FreeParameter], latents: FloatArray
) -> CandidateReadings:
    """The readings of all candidates with their slopes and errors."""
    points = question.grid.points
    slopes = sensitivities(
        who, day, points, free, latents, start=question.start,
        instruments=question.instruments, **question.options,
    )  # fmt: skip
    errors = reading_errors(points, slopes.expected, question.instruments, limits=True)
    return CandidateReadings(
        slopes.slopes * errors.slope[..., None], errors.independent, errors.shared,
        question.grid.rows,
    )  # fmt: skip


def _one_more(criterion: Any, feasible: Feasible, chosen: IntArray) -> FloatArray:
    """By how much the criterion would rise with one more sample at each candidate, whether or not
    it is allowed, shape (n_candidates,).
    """
    n = len(feasible.minutes)
    more = np.concatenate([np.tile(chosen, (n, 1)), np.arange(n)[:, None]], axis=1)
    return np.asarray(criterion(more) - criterion(chosen[None])[0])


def _errors(
    readings: CandidateReadings, chosen: IntArray, precision: FloatArray | None, asked: int
) -> FloatArray:
    """The standard errors of the parameters that are asked for, in units of their priors' spread,
    shape (wanted,): on average over the dyads.
    """
    information = readings.information(chosen[None])[0]
    if precision is not None:
        information = information + precision
    errors = []
    for matrix in information:
        # a set that does not tell a parameter leaves it open without end
        values, vectors = np.linalg.eigh(matrix)
        singular = values <= 1e-9 * max(values[-1], np.finfo(float).tiny)
        safe = np.where(singular, 1.0, values)
        variances = ((vectors**2) / safe) @ np.where(singular, 0.0, 1.0)
        variances[(np.abs(vectors[:, singular]) > 1e-6).any(axis=1)] = np.inf
        errors.append(np.sqrt(variances))
    return np.asarray(np.mean(errors, axis=0)[:asked])


def _schedules(schedule: Any) -> dict[str, Any]:
    """Name -> schedule; one without a name is called ""."""
    if not isinstance(schedule, Mapping):
        return {"": schedule}
    if not schedule:
        raise InputError("schedule: expected one, or a mapping of names to several; found none")
    return {checks.name(label, "schedule"): day for label, day in schedule.items()}


def _priors_of(priors: Any, parameters: Any) -> Any:
    """The priors of those parameters alone, where they are a mapping of names to priors."""
    if not isinstance(priors, Mapping):
        return priors
    names = checks.texts(parameters, "parameters", of="names of parameters", least=1)
    return {label: prior for label, prior in priors.items() if label in names}


def _require_readings(question: _Question, n_parameters: int) -> None:
    widest = max(len(names) for names in question.grid.analytes.values())
    if question.samples * widest < n_parameters:
        raise InputError(
            what="samples",
            expected=f"at least as many readings as the {n_parameters} parameters",
            found=f"{question.samples * widest}",
            remedy="take more samples, or let what is known before count (known_before=True)",
            key=("samples",),
        )
