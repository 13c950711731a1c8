"""A cohort on averaged days: what the slow loop does over months, in a second for thousands of
dyads.

The equilibria towards which depression, bond, confidence and mood move on an average day come from
the full model: for the reference dyad with the population's shared values on a grid of slow states
at each stage of the typical day, and for every dyad of the population once, near the usual state,
as its own offset. Between grid points they are linear. Recent reward, which follows in two days, is
at rest at every point; the adaptation level is that of the day, which does not change here; mood
enters depression in proportion, so it needs no axis of the grid. Noise is drawn by its exact
transition over a quarter of a day. It serves a search for good numbers, never a figure that is
reported: those come from the full model, in which standard deviations are about a tenth larger.

Where it is valid: shared values may be any (the slow system is built for each set of them); dyads
may differ in :data:`FREE` parameters by any amount, and in all others near enough to the usual
state for an offset that does not depend on mood. Offsets belong to the dyads that they were made
for: other than ``FREE`` parameters are not to change between, which is checked.

A state of it is the mean over a day, and a start is the mean over the first day (decision 0032), so
that exactly read its times are half a day early. Fits were made by reading it so, and it is left:
the mean EPDS of 200 dyads moves in half a day by .03 points in the first weeks and by at most .014
from four weeks on, a twentieth of the band (.25) in which it is held against the full model.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.special import expit, logit

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.evidence.calibration.daily_life_draws import (
    STEP,
    standard_events,
    standard_moods,
)
from oxysim.families import Dyad, Family
from oxysim.interventions import DailyLife
from oxysim.measures import NoiseKey, read
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.model.registry import parameters
from oxysim.model.rows import StateRow
from oxysim.model.slow_states import passing_states, set_point, slow_rows, time_constant
from oxysim.model.structure import CaregiverParameters
from oxysim.population import Population
from oxysim.schedule import STAGES, Routine
from oxysim.simulation.averaging.coarse_day import coarse_day
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.start.mood_at_birth import depression_at_birth
from oxysim.units import DAY, duration

COARSE = 10.0  # min, step within the averaged day
# Denser from 8 to 13 points, between the two regimes.
DEPRESSION = np.array([0.5, 2, 3.5, 5, 6.5, 8, 9, 10, 11, 12, 13, 14.5, 16, 18, 21, 25, 29])
BOND = np.array([0.2, 0.4, 0.5, 0.6, 0.68, 0.76, 0.84, 0.93])
CONFIDENCE = np.array([0.2, 0.4, 0.55, 0.7, 0.85])
ROWS = {name: slow_rows("caregiver")[name] for name in ("depression", "bond", "confidence")}
"""The slow states that the averaged course follows, each with its row; mind-mindedness is held at
its set point.
"""

SETTLED = {name: slow_rows("caregiver")[name] for name in ("recent_reward",)}
"""Slow states that follow within days, and are at rest at every point of the grid. That they swing
within the day is left out, which moves the tables by at most .05 logit units (confidence), .02
(bond) and .015 (depression's share of the loop).
"""

USUAL = {f"caregiver.{name}": row.start for name, row in ROWS.items()}
SET_POINTS = {
    f"caregiver.{row.set_point}": parameters()[f"caregiver.{row.set_point}"].default
    for row in ROWS.values()
}
GAINS = (0.5, 1.5)  # two strengths of the loop, between which its share is linear
FREE = (
    *(
        f"caregiver.depression.{name}"
        for name in (
            "set_point",
            "loop_gain",
            "stress_noise_gain",
            "mood_gain",
            "vulnerability_at_birth",
            "vulnerability_time",
            "time_constant",
        )
    ),
    *(
        f"caregiver.bond.{name}"
        for name in ("usual_bond", "usual_confidence", "bond_time", "confidence_time")
    ),
    "caregiver.mood.noise_gain",
)
"""Parameters that the slow system takes as they are in every dyad; neither tables nor offsets
depend on them.
"""

IDLE = (
    "caregiver.depression.therapy_gain", "caregiver.mentalising.coaching_gain",
    "caregiver.mentalising.sensitivity_depression_gain", "infant.methylation.time_constant",
)  # fmt: skip
"""Parameters that do nothing to an averaged day without treatment: the treatments' gains, what
rated sensitivity alone reads, and the pace of methylation, which the averaged day holds.
"""

MOST_TABLES = 32  # sets of shared values whose tables are kept: 1.7 MB each, for every stage of age
LIMITS = tuple((grid[0], grid[-1]) for grid in (DEPRESSION, BOND, CONFIDENCE))  # of the grid


@dataclass(frozen=True, eq=False)
class AveragedCohort:
    """EPDS courses of a population's first n dyads from birth, on averaged days.

    Attributes
    ----------
    dyads : who is followed.
    days : ages, days, shape (n_times,).
    epds : depression, shape (n_times, n).
    seed : key of the readings.

    >>> cohort = AveragedCohort(Dyad(), np.array([0.0, 3.0]), np.array([[5.0], [6.0]]), seed=0)
    >>> cohort.readings("2 d").shape
    (1,)
    """

    dyads: Family
    days: FloatArray
    epds: FloatArray
    seed: int

    def readings(self, at: str) -> FloatArray:
        """The EPDS form at an infant age, noise and all, shape (n,)."""
        age = duration(at) / DAY
        # The step in which the age lies; the first and the last serve what is beyond.
        k = int(np.clip(np.searchsorted(self.days, age), 1, len(self.days) - 1))
        share = (age - self.days[k - 1]) / (self.days[k] - self.days[k - 1])
        level = (1 - share) * self.epds[k - 1] + share * self.epds[k]
        form = read(
            "epds", level, self.dyads.numbers, [age * DAY], NoiseKey(self.seed, "mother", at)
        )
        return np.asarray(form.values[:, 0], dtype=float)


@dataclass(frozen=True, eq=False)
class Offsets:
    """How far each dyad's averaged day is from the slow system's, as :func:`dyad_offsets` finds it.

    Attributes
    ----------
    values : the loop's share in depression, the rest of it, bond, confidence, mood (logit units),
        shape (n, 5).
    key : digest of everything in these dyads that offsets depend on.

    >>> len(Offsets(np.zeros((3, 5)), ""))
    3
    """

    values: FloatArray
    key: str

    def __len__(self) -> int:
        return len(self.values)


def averaged_cohort(
    population: Population,
    offsets: Offsets,
    *,
    seed: int,
    until: str = "18 months",
    daily_life: DailyLife | None = None,
) -> AveragedCohort:
    """Follow the first dyads of a population on averaged days.

    Parameters
    ----------
    population : who there is.
    offsets : from :func:`dyad_offsets`, one row a dyad, of this population or of one that differs
        from it in :data:`FREE` and :data:`IDLE` parameters alone.
    seed : key of every draw.
    daily_life : how long events and moods are remembered; default ``DailyLife()``.

    Raises
    ------
    InputError : offsets of dyads that differ from these in anything else.

    Offsets of other dyads are refused:

    >>> offsets = Offsets(np.zeros((2, 5)), key="of others")
    >>> averaged_cohort(Population.named("community"), offsets, seed=0)
    Traceback (most recent call last):
    oxysim.errors.InputError: offsets: they are of dyads that differ from these in more than ...
    """
    n = len(offsets)
    dyads = population.sample(n, seed=seed)
    if _key(dyads) != offsets.key:
        raise InputError(
            "offsets: they are of dyads that differ from these in more than the parameters that"
            f" may be changed ({', '.join(FREE)}); make them again with dyad_offsets(population, n,"
            " seed=seed)"
        )
    shared = _shared(population)
    p = dyads.resolved().caregivers[0]
    usual = np.array([np.broadcast_to(_usual_share(row, p), (n,)) for row in ROWS.values()])
    own = _share_of_own_usual(p, SET_POINTS)
    moved, mood_moved, fading = _moved_in_a_step(p, n)

    # Both noises of daily life are standardised, and each dyad has a gain of its own.
    life = (DailyLife() if daily_life is None else daily_life).noise
    events = standard_events(seed, n, life.stress_time / DAY)
    mood_time = float(np.mean(p.mood.time_constant)) / DAY
    moods = standard_moods(seed, n, life.mood_time / DAY, mood_time)
    event, (noisy, noisy_mean) = next(events), next(moods)

    depression = p.depression
    vulnerability, mood = np.asarray(depression.vulnerability_at_birth), np.zeros(n)
    state = usual.copy()
    mood_at_birth = p.mood.noise_gain * noisy
    state[0] = depression_at_birth(p, life.stress_time, life.mood_time, event, mood_at_birth)
    days = np.arange(0.0, duration(until) / DAY + STEP, STEP)
    course = [_epds(state[0], mood_at_birth)]
    for day in days[:-1]:
        displacements = _displacements(_stage(day), shared)(_inside(state)) + offsets.values
        loop, remainder, bond, confidence, mood_target = displacements.T

        # depression follows the mean mood of the step, in proportion to the strength of the loop
        mean_mood = mood + p.mood.noise_gain * noisy_mean
        depressed = (
            remainder
            + depression.loop_gain * (loop + own - depression.mood_gain * mean_mood)
            + vulnerability
            + depression.stress_noise_gain * event
        )
        equilibrium = usual + [depressed, bond, confidence]
        state = state + moved * (equilibrium - state)
        mood = mood + mood_moved * (mood_target - mood)
        vulnerability = vulnerability * fading

        event, (noisy, noisy_mean) = next(events), next(moods)
        course.append(_epds(state[0], mood + p.mood.noise_gain * noisy))
    return AveragedCohort(dyads, days, np.array(course), seed)


def _moved_in_a_step(
    values: CaregiverParameters, n: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The exact share of the way that linear slow states, shape (3, n), and mood go in a step; and
    what is left after it of the vulnerability after birth, which fades by itself.
    """
    times = np.array([np.broadcast_to(time_constant(row, values), (n,)) for row in ROWS.values()])
    fading = time_constant(slow_rows("caregiver")["vulnerability"], values)
    mood = 1 - np.exp(-STEP * DAY / values.mood.time_constant)
    return 1 - np.exp(-STEP * DAY / times), mood, np.exp(-STEP * DAY / fading)


def dyad_offsets(population: Population, n: int, *, seed: int) -> Offsets:
    """How far each dyad's averaged day is from that of the reference dyad with the same shared
    values.

    Both are taken at the usual slow state.

    >>> dyad_offsets(Population.named("community"), 0, seed=0)
    Traceback (most recent call last):
    oxysim.errors.InputError: n...
    """
    # Ten days into the second stage of the typical day.
    drawn = population.sample(n, seed=seed, infant_age=f"{STAGES[1] + 10} d")
    averaged = np.stack(_averaged(drawn.with_parameters(SET_POINTS).with_start(USUAL)), axis=-1)
    # Offsets are the distance from the reference dyad in the same state.
    usual = _displacements(1, _shared(population))([[USUAL[name] for name in USUAL]])
    return Offsets(np.asarray(averaged - usual), _key(drawn))


def _shared(population: Population) -> tuple[tuple[str, float], ...]:
    """The shared values that the slow system depends on."""
    return tuple(
        sorted(
            (name, float(v)) for name, v in population.values.items() if name not in (*FREE, *IDLE)
        )
    )


def _key(dyads: Family) -> str:
    """A digest of everything in these dyads that tables and offsets depend on."""
    left_out = {name.replace("caregiver.", f"{dyads.caregivers[0]}.") for name in (*FREE, *IDLE)}
    # Offsets are of certain dyads with certain values, and may serve no others.
    digest = hashlib.sha256(repr(tuple(dyads.numbers)).encode())
    for name, values in sorted(dyads.parameters.items()):
        if name not in left_out:
            digest.update(name.encode())
            digest.update(np.broadcast_to(np.asarray(values, dtype=float), (len(dyads),)).tobytes())
    return digest.hexdigest()


def _averaged(dyads: Family) -> list[FloatArray]:
    """How far from their set points depression, bond, confidence and mood would come to rest.

    Of depression the loop's share and the remainder, then bond, confidence and mood: on an average
    day from the slow states that the dyads start in, logit units, shape (n,) each.
    """
    places = {name: i for i, name in enumerate(state_rows(dyads.caregivers))}
    count = len(dyads)
    # both strengths in one stack: a step costs as much for a thousand columns as for five hundred
    stack = dyads.take([*range(count), *range(count)]).with_parameters(
        {"caregiver.depression.loop_gain": np.repeat(GAINS, count)}
    )
    y = resting_start(stack)
    # without treatment, and long after birth, what passes by itself is gone
    for name in passing_states("caregiver"):
        y[places[f"mother.{name}"]] = 0.0
    day = coarse_day(stack, Routine.typical(), y, COARSE)
    p = stack.resolved().caregivers[0]
    # In the first day the fast states settle; the second tells where recent reward, a state of
    # days, is on its way to; the third is the day with it there.
    end = day.run(y)[1]
    for _ in range(2):
        rates, _ = day.run(end)
        for name, row in SETTLED.items():
            place = places[f"mother.{name}"]
            end[place] += time_constant(row, p) * rates[place]
    rates, _ = day.run(end)

    rows = []
    for name, row in ROWS.items():
        column, top = places[f"mother.{name}"], row.ceiling
        share = y[column] / top
        # the rate as the distance, in logit units, that a linear state would still have to go
        pull = time_constant(row, p) * rates[column] / (top * share * (1 - share))
        rows.append(logit(share) + pull - _usual_share(row, p))
    mood = places["mother.mood"]
    rows.append(y[mood] + p.mood.time_constant * rates[mood])

    # Linear in the strength of the loop, so two strengths tell share and remainder.
    loop = (rows[0][count:] - rows[0][:count]) / (GAINS[1] - GAINS[0])
    # less what is each dyad's own, so that tables and offsets serve dyads with any usual
    own = _share_of_own_usual(dyads.resolved().caregivers[0], SET_POINTS)
    weak = rows[0][:count] - GAINS[0] * loop
    return [loop - own, weak, *(row[:count] for row in rows[1:])]


@functools.lru_cache(maxsize=MOST_TABLES * len(STAGES))
def _displacements(stage: int, shared: tuple[tuple[str, float], ...]) -> RegularGridInterpolator:
    """How far from their set points the slow states of the reference dyad would come to rest.

    At a stage of the typical day, with `shared` values, over the grid of slow states.
    """
    axes = (DEPRESSION, BOND, CONFIDENCE)
    grid = np.meshgrid(*axes, indexing="ij")
    start = {name: axis.ravel() for name, axis in zip(USUAL, grid, strict=True)}
    averaged = _averaged(
        Dyad(infant_age=f"{STAGES[stage] + 10} d", parameters=dict(shared)).with_start(start)
    )
    table = np.stack([values.reshape(grid[0].shape) for values in averaged], axis=-1)
    return RegularGridInterpolator(axes, table)


def _share_of_own_usual(values: CaregiverParameters, reference: Mapping[str, float]) -> FloatArray:
    """What it adds to the loop's share in depression that bond and confidence are felt there as
    deviations from the dyad's own usual, and not from the reference dyad's (logit units).

    Elsewhere, as in engagement, both count from the reference dyad's.
    """
    gains, personal = values.depression, values.bond
    bond = logit(personal.usual_bond) - logit(reference["caregiver.bond.usual_bond"])
    confidence = logit(personal.usual_confidence) - logit(
        reference["caregiver.bond.usual_confidence"]
    )
    share: FloatArray = gains.bond_gain * bond + gains.confidence_gain * confidence
    return share


def _usual_share(row: StateRow, values: CaregiverParameters) -> FloatArray:
    """Where a slow state rests in the usual dyad, logit units."""
    share: FloatArray = logit(set_point(row, values, 0.0) / row.ceiling)
    return share


def _stage(day: float) -> int:
    return int(np.searchsorted(STAGES, day, side="right")) - 1


def _inside(state: FloatArray) -> FloatArray:
    """The slow states as points of the grid, brought to its edge where they lie beyond."""
    values = [row.ceiling * expit(z) for row, z in zip(ROWS.values(), state, strict=True)]
    return np.stack(
        [np.clip(v, low, high) for v, (low, high) in zip(values, LIMITS, strict=True)], axis=-1
    )


def _epds(depression: FloatArray, mood: FloatArray) -> FloatArray:
    """What a form expects of depression (logit units) in a mood."""
    epds: FloatArray = EPDS_HIGHEST * expit(depression - mood)
    return epds
