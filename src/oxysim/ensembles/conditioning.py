"""From runs to what findings leave of the priors, structure by structure: one wave.

An emulator is fitted to all runs so far, of all structures together, a Markov chain is run on it
with all four errors in its likelihood, and draws of the chain are the candidates of the next wave.
A few candidates that are run in full as well tell by how much small runs are off; that correction
goes into the next chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr

from oxysim.arrays import BoolArray, FloatArray
from oxysim.checks import array, choice, flag, require_seed, whole_number
from oxysim.ensembles.emulator import QuadraticEmulator, SharedCoordinates, fit_emulator
from oxysim.ensembles.forward_runs import Runs
from oxysim.ensembles.observed_rows import Errors, ObservedRow, log_likelihood
from oxysim.ensembles.posterior_chain import Chain, log_evidence, sample_chain
from oxysim.ensembles.prior_table import PriorTable
from oxysim.errors import InputError
from oxysim.streams import stream
from oxysim.texts import Described

NEAR = 4.0  # half widths; runs farther off teach an emulator what it need not know
SLOPES_FROM = 200  # draws of the chain over which slopes are averaged
PREDICTED_FROM = (
    4000  # draws of a chain of which predictions are made: 5 % ends to a tenth of an SD
)
# Of runs that did not fail: with fewer than one for every other slope a ridge fit knows hardly more
# than the mean.
RUNS_PER_LATENT = 0.5


@dataclass(frozen=True, eq=False)
class ConditionedStructure(Described):
    """What findings leave of one structure.

    Attributes
    ----------
    structure : its name.
    rows : the findings.
    coordinates : of its candidates among those of all structures.
    emulator : coordinates -> figures on the rows' scales.
    correction : coordinates -> what the full model adds to them; None before it was asked.
    errors : of the likelihood.
    chain : the posterior's draws of the free latents.
    log_evidence : how likely the findings are under the structure; NaN where it was not asked for.

    >>> from oxysim.ensembles import conditioning
    >>> conditioning.ConditionedStructure.__name__
    'ConditionedStructure'
    """

    structure: str
    rows: tuple[ObservedRow, ...]
    coordinates: SharedCoordinates
    emulator: QuadraticEmulator
    correction: QuadraticEmulator | None
    errors: Errors
    chain: Chain
    log_evidence: float

    @property
    def free(self) -> BoolArray:
        """Which quantities it leaves free, shape (n_quantities,)."""
        return self.coordinates.free

    def latents(self, n: int, *, seed: int) -> FloatArray:
        """`n` draws, shape (n, n_quantities); 0 where the structure fixes a quantity."""
        return _whole(self.chain.draws(n, seed=seed), self.free)

    def predicted(self, latents: FloatArray) -> FloatArray:
        """The figures at latents of shape (n, n_quantities), in the findings' own units."""
        points = array(latents, "latents", (None, len(self.free)))
        return _back(self.rows, self.emulated(points[:, self.free]))

    def emulated(self, free_latents: FloatArray) -> FloatArray:
        """The figures on the rows' scales, at latents of the free quantities alone."""
        points = self.coordinates(_whole(free_latents, self.free))
        return _emulated(self.emulator, self.correction, points)

    def sensitivity(self) -> FloatArray:
        """How far each figure moves with each latent, in units of its total error, as a mean over
        the posterior, shape (n_rows, n_quantities); 0 where the structure fixes a quantity.
        """
        chosen = self.chain.latents[:: max(len(self.chain.latents) // SLOPES_FROM, 1)]
        draws = _whole(chosen, self.free)
        points = self.coordinates(draws)
        slopes = self.emulator.slopes(points)
        if self.correction is not None:
            slopes = slopes + self.correction.slopes(points)
        # by the chain rule: figure along coordinate, coordinate along latent
        along = (slopes * self.coordinates.slopes(draws)[:, None, :]).mean(axis=0)
        return np.asarray(along / self.errors.total[:, None])

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return f"Structure {self.structure!r}, conditioned", [
            ("on", f"{len(self.rows)} findings"),
            ("runs", self.emulator.runs),
            ("cross-validated R2 from", f"{self.emulator.r2.min():.2f}"),
            ("draws", len(self.chain.latents)),
            ("log evidence", round(self.log_evidence, 2)),
        ]


def condition(  # noqa: PLR0913 - keywords with defaults
    table: PriorTable,
    runs: Runs,
    errors: Errors,
    *,
    seed: int,
    others: Sequence[Runs] = (),
    run_noise: FloatArray | None = None,
    correction: QuadraticEmulator | None = None,
    steps: int = 1500,
    evidence: bool = False,
) -> ConditionedStructure:
    """Condition one structure on the findings of a table.

    Parameters
    ----------
    runs : all of the structure so far.
    errors : published, Monte Carlo and averaging; the emulator's own is put in here.
    seed : key of every draw.
    others : runs of other structures, from which the emulator learns as well.
    run_noise : Monte Carlo errors of the runs on the rows' scales, shape (n_rows,), which the
        emulator averages out; default those of `errors`.
    correction : from :func:`full_model_correction`.
    steps : of the chain's walkers.
    evidence : whether the structure's evidence is worked out, which takes about three times as long
        as the chain.

    Raises
    ------
    MissingExtraError : emcee is not installed. InputError : no rows, too few runs.

    >>> table = PriorTable.named("community")
    >>> runs = Runs("both", table.design(4, seed=1), np.full((4, len(table.rows)), 0.1))
    >>> condition(table, runs, Errors.of(table.rows), seed=1)
    Traceback (most recent call last):
    oxysim.errors.InputError: structure 'both': expected at least ... runs that did not fail; ...
    """
    if not table.rows:
        raise InputError(f"priors {table.name!r}: expected rows of findings; found none")
    require_seed(seed)
    flag(evidence, "evidence")
    name, coordinates = table.structure(runs.structure).name, _of(table, runs.structure)
    emulator = _emulator(table, (runs, *others), name, seed)
    # what is left over in cross-validation is the emulator's error and the noise of the runs
    noise = errors.monte_carlo if run_noise is None else array(run_noise, "run_noise", low=0.0)
    error = np.sqrt(np.maximum(emulator.residual**2 - noise**2, 0.0))
    complete = replace(errors, emulator=error)

    def likelihood(z: FloatArray) -> FloatArray:
        points = coordinates(_whole(z, coordinates.free))
        predicted = _emulated(emulator, correction, points)
        return np.asarray(log_likelihood(predicted, table.rows, complete.total).sum(axis=1))

    size = int(coordinates.free.sum())
    chain = sample_chain(likelihood, size, seed=seed, purpose=name, steps=steps)
    level = (
        log_evidence(likelihood, size, seed=seed, purpose=name, steps=max(steps // 5, 4))
        if evidence
        else float("nan")
    )
    return ConditionedStructure(
        name, table.rows, coordinates, emulator, correction, complete, chain, level
    )


def full_model_correction(
    table: PriorTable, small: Sequence[Runs], full: Sequence[Runs], *, seed: int
) -> QuadraticEmulator:
    """What the full model adds to small runs, on the rows' scales, linear in the coordinates; its
    residual is the error of small runs that is left.

    Nothing is added to a figure where, by cross-validation, nothing is the better correction: a
    mean of few noisy differences would be another error.

    Parameters
    ----------
    small, full : the same candidates, run small and in the full model, one entry a structure.

    Raises
    ------
    InputError : too few candidates, or others in the one than in the other.

    >>> table = PriorTable.named("community")
    >>> runs = Runs("both", table.design(32, seed=1), np.full((32, len(table.rows)), 0.1))
    >>> float(full_model_correction(table, [runs], [runs], seed=1).residual.max())
    0.0
    """
    pairs = list(zip(small, full, strict=True))
    if any(not np.array_equal(one.latents, other.latents) for one, other in pairs):
        raise InputError("small and full: expected runs of the same candidates")
    apart = [_onto(table.rows, b.figures) - _onto(table.rows, a.figures) for a, b in pairs]
    points = [_of(table, run.structure)(run.latents) for run in full]
    differences = np.concatenate(apart)
    linear = fit_emulator(np.concatenate(points), differences, seed=seed, active=0)
    uncorrected = np.sqrt(np.nanmean(np.square(differences), axis=0))
    helps = linear.residual < uncorrected
    return replace(
        linear,
        constant=np.where(helps, linear.constant, 0.0),
        linear=np.where(helps[:, None], linear.linear, 0.0),
        residual=np.where(helps, linear.residual, uncorrected),
    )


@dataclass(frozen=True)
class Coverage:
    """How often 90 % intervals hold what they should, over synthetic truths.

    Attributes
    ----------
    quantities : share of all free quantities of all truths.
    predictions : share of the figures that were left out of the findings.
    truths : how many.

    >>> Coverage(0.9, 0.88, truths=20).truths
    20
    """

    quantities: float
    predictions: float
    truths: int


def interval_coverage(
    conditioned: ConditionedStructure,
    left_out: Sequence[str],
    *,
    truths: int,
    seed: int,
    steps: int = 1500,
) -> Coverage:
    """Draw truths from the priors, what the findings would then be from the emulator with all four
    errors, and condition on these anew.

    Parameters
    ----------
    left_out : findings that are no findings here, but predictions.
    truths : how many.
    steps : of each chain's walkers.

    Raises
    ------
    UnknownNameError : a finding that is none of the rows. MissingExtraError : emcee is not
    installed.

    >>> interval_coverage.__name__
    'interval_coverage'
    """
    whole_number(truths, "truths")
    findings = [row.finding for row in conditioned.rows]
    asked = [findings.index(choice(name, "left_out", findings)) for name in left_out]
    seen = np.array([k for k in range(len(findings)) if k not in asked])
    quantities, predictions = [], []
    for number in range(truths):
        draw = stream(require_seed(seed), number, "synthetic truth")
        truth = draw.standard_normal((1, int(conditioned.free.sum())))
        figures = conditioned.emulated(truth)[0]
        reported = figures + conditioned.errors.total * draw.standard_normal(len(figures))

        def likelihood(z: FloatArray, reported: FloatArray = reported) -> FloatArray:
            density = _as_reported(conditioned, conditioned.emulated(z), reported)
            return np.asarray(density[:, seen].sum(axis=1))

        chain = sample_chain(
            likelihood, truth.shape[1], seed=seed, purpose=f"truth {number}", steps=steps
        )
        draws = chain.latents[:: max(len(chain.latents) // PREDICTED_FROM, 1)]
        quantities.append(_inside(draws, truth[0]))
        predictions.append(_inside(conditioned.emulated(draws)[:, asked], figures[asked]))
    return Coverage(float(np.mean(quantities)), float(np.mean(predictions)), truths)


def structure_shares(
    table: PriorTable, conditioned: Sequence[ConditionedStructure]
) -> dict[str, float]:
    """The posterior share of each structure: prior weight times evidence.

    >>> structure_shares(PriorTable.named("community"), [])
    {}
    """
    weights = {structure.name: structure.weight for structure in table.structures}
    levels = np.array([np.log(weights[c.structure]) + c.log_evidence for c in conditioned])
    if np.isnan(levels).any():
        raise InputError("structures: expected the evidence of each; condition with evidence=True")
    shares = np.exp(levels - np.logaddexp.reduce(levels)) if len(levels) else levels
    return {c.structure: float(s) for c, s in zip(conditioned, shares, strict=True)}


def member_counts(shares: Mapping[str, float], n: int, *, least: int = 0) -> dict[str, int]:
    """How many of `n` members each structure gets: by its share, and `least` at least, so that an
    unlikely structure can still be looked at.

    >>> member_counts({"both": 0.8, "no loop": 0.2}, 10, least=3)
    {'both': 7, 'no loop': 3}
    """
    whole_number(n, "n", max(len(shares) * least, 1))
    counts = dict.fromkeys(shares, least)
    # one by one to whoever is farthest below its share
    for _ in range(n - least * len(shares)):
        short = max(shares, key=lambda name: shares[name] * n - counts[name])
        counts[short] += 1
    return counts


# --------------------------------------------------------------------- internals
def _as_reported(
    conditioned: ConditionedStructure, predicted: FloatArray, reported: FloatArray
) -> FloatArray:
    """Log likelihoods of figures that a synthetic truth would have had, shape (n, n_rows); of a row
    with an open end only the side of its end is reported.
    """
    errors = conditioned.errors.total
    densities = -0.5 * ((predicted - reported) / errors) ** 2
    for k, row in enumerate(conditioned.rows):
        if row.is_open:
            side = 1.0 if reported[k] > row.middle else -1.0
            densities[:, k] = log_ndtr(side * (predicted[:, k] - row.middle) / errors[k])
    return np.asarray(densities)


def _inside(draws: FloatArray, truth: FloatArray) -> BoolArray:
    """Which entries of the truth lie in the 90 % intervals of draws, shape (n, k)."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    return (low <= truth) & (truth <= high)


def _emulator(table: PriorTable, runs: Sequence[Runs], name: str, seed: int) -> QuadraticEmulator:
    """The emulator of runs of several structures."""
    figures = np.concatenate([run.figures for run in runs])
    points = np.concatenate([_of(table, run.structure)(run.latents) for run in runs])
    near = _near(figures, table.rows, 3 * (points.shape[1] + 1))
    ran = int(np.isfinite(figures[near]).sum(axis=0).min())
    if ran < (fewest := int(RUNS_PER_LATENT * (points.shape[1] + 1))):
        raise InputError(
            f"structure {name!r}: expected at least {fewest} runs that did not fail; found {ran}"
        )
    return fit_emulator(points[near], _onto(table.rows, figures[near]), seed=seed)


def _of(table: PriorTable, structure: str) -> SharedCoordinates:
    return SharedCoordinates.of(table, structure)


def _whole(free_latents: FloatArray, free: BoolArray) -> FloatArray:
    """Latents of all quantities from those of the free ones; 0 where fixed."""
    latents = np.zeros((len(free_latents), len(free)))
    latents[:, free] = free_latents
    return latents


def _emulated(
    emulator: QuadraticEmulator, correction: QuadraticEmulator | None, points: FloatArray
) -> FloatArray:
    figures = emulator.predict(points)
    return figures if correction is None else figures + correction.predict(points)


def _onto(rows: Sequence[ObservedRow], figures: FloatArray) -> FloatArray:
    """Figures on the rows' scales, column by column."""
    columns = [row.onto(figures[:, k]) for k, row in enumerate(rows)]
    return np.stack(columns, axis=1)


def _back(rows: Sequence[ObservedRow], coordinates: FloatArray) -> FloatArray:
    columns = [row.back(coordinates[:, k]) for k, row in enumerate(rows)]
    return np.stack(columns, axis=1)


def _near(figures: FloatArray, rows: Sequence[ObservedRow], fewest: int) -> BoolArray:
    """Runs whose every figure is near its finding; all, while these are too few to fit."""
    misses = np.abs(np.stack([row.misses(figures[:, k]) for k, row in enumerate(rows)], axis=1))
    # a figure that could not be had says nothing of the others; a run without any says nothing
    near = (np.nan_to_num(misses, nan=0.0).max(axis=1) < NEAR) & ~np.isnan(misses).all(axis=1)
    return near if near.sum() >= fewest else np.ones(len(figures), dtype=bool)
