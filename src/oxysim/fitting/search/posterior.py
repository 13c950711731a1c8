"""Draws from the posterior of a fit, by emcee: all walkers are one ensemble of the engine.

A chain is as long as it has to be: it goes on until every parameter has as many effective draws as
are asked for and the walkers agree, or says that they do not. With a file it goes on where it was
ended, with the same bits.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray
from oxysim.checks import require_seed, whole_number, writable_file
from oxysim.errors import InputError, require_extra
from oxysim.fitting.persons.free_parameters import FreeParameter
from oxysim.fitting.search.log_posterior import LogPosterior
from oxysim.fitting.search.optimisation import Maximum
from oxysim.streams import stream
from oxysim.texts import Described, counted, listed

WALKERS_PER_LATENT = 4  # emcee asks for two at least
FEWEST_WALKERS = 32  # as many dyads fill the engine's lanes on a machine of four processors
BLOCK = 100  # steps between two looks at how well a chain mixes
LENGTHS = 50  # autocorrelation times that a chain must be long, to be sure of them (emcee's rule)
MIXED = 1.1
"""R-hat at most (Gelman & Rubin 1992). Walkers are many short chains: of one that mixes well and is
as long as `LENGTHS` asks for, R-hat is about 1.04, and near 1 only of far longer ones.
"""

LARGEST_FILE = 2**30  # bytes of a stored chain, unpacked: a week of walkers takes less
WIDENED = (
    1.2  # of the normal around the maximum, among which walkers start: they come in from outside
)


@dataclass(frozen=True, eq=False, repr=False)
class Posterior(Described):
    """Draws from the posterior of a fit.

    Attributes
    ----------
    parameters : K parameters.
    latents : shape (n_walkers, n_draws, K), the second half of all steps.
    log_densities : shape (n_walkers, n_draws).
    autocorrelation : steps after which a walker has forgotten where it was, shape (K,).
    r_hat : by parameter, of the halves of walkers; 1 where they agree, shape (K,).
    acceptance : mean share of the moves that were taken.
    provenance : seed, steps and versions.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> ones = np.ones(1)
    >>> draws = Posterior(free, np.zeros((4, 50, 1)), np.zeros((4, 50)), 1.5 * ones, ones, 0.4, {})
    >>> draws.mixes, len(draws.draws(100, seed=1))
    (True, 100)
    """

    parameters: tuple[FreeParameter, ...]
    latents: FloatArray
    log_densities: FloatArray
    autocorrelation: FloatArray
    r_hat: FloatArray
    acceptance: float
    provenance: Mapping[str, Any]

    @property
    def effective_draws(self) -> FloatArray:
        """How many independent draws would tell the mean as well, by parameter, shape (K,)."""
        return self.latents[..., 0].size / np.maximum(self.autocorrelation, 1.0)

    @property
    def mixes(self) -> bool:
        """Whether walkers agree, and the chain is long enough to know that."""
        steps = 2 * self.latents.shape[1]
        long_enough = steps > LENGTHS * self.autocorrelation
        return bool((self.r_hat < MIXED).all() and long_enough.all())

    def values(self) -> pd.DataFrame:
        """Every draw, one row each, one column a parameter, in the parameters' units."""
        flat = self.latents.reshape(-1, len(self.parameters))
        return pd.DataFrame({p.name: p.value(flat[:, k]) for k, p in enumerate(self.parameters)})

    def draws(self, n: int, *, seed: int = 0) -> pd.DataFrame:
        """`n` of the draws, without replacement.

        Raises
        ------
        InputError : more than there are.
        """
        values = self.values()
        whole_number(n, "n", 1, len(values))
        generator = stream(require_seed(seed), 0, "draws of a posterior")
        return values.iloc[generator.choice(len(values), n, replace=False)].reset_index(drop=True)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Median, interval and how well the chain mixes, one row a parameter."""
        values = self.values()
        tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
        low, median, high = values.quantile(tails).to_numpy()
        return pd.DataFrame({
            "parameter": [p.name for p in self.parameters],
            "unit": [p.unit for p in self.parameters],
            "median": median, "low": low, "high": high,
            "effective_draws": self.effective_draws, "r_hat": self.r_hat,
        })  # fmt: skip

    def to_inference_data(self) -> Any:
        """The draws as ArviZ takes them (extra ``fitting``): walkers are its chains.

        Raises
        ------
        MissingExtraError : ArviZ is not installed.
        """
        arviz: Any = require_extra("arviz", "fitting")
        draws = {p.name: p.value(self.latents[..., k]) for k, p in enumerate(self.parameters)}
        return arviz.from_dict(
            posterior=draws,
            sample_stats={"lp": self.log_densities},
            attrs=dict(self.provenance),
        )

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        slowest = int(self.effective_draws.min())
        return "Posterior", [
            ("of", listed([parameter.name for parameter in self.parameters])),
            ("", counted(self.latents[..., 0].size, "draw")),
            ("effective", f"{slowest} at least"),
            ("R-hat", f"{self.r_hat.max():.3f} at most"),
            (
                "",
                "the walkers agree" if self.mixes else "the chain mixes poorly",
            ),
        ]


def sample_posterior(  # noqa: PLR0913 - what is sampled, how long, and where it is kept
    density: LogPosterior,
    parameters: tuple[FreeParameter, ...],
    maximum: Maximum,
    *,
    seed: int,
    draws: int,
    longest: int,
    file: str | Path | None = None,
    identity: str = "",
    done: Callable[[int], None] | None = None,
) -> Posterior:
    """Draws from the posterior, from walkers around its maximum.

    Parameters
    ----------
    draws : effective ones that every parameter is to have.
    longest : steps of a walker at most.
    file : where the chain is kept, so that it goes on after an end; None for memory alone.
    identity : of the fit; a file of another fit is refused.
    done : is told the steps of each block.

    >>> import oxysim as ox
    >>> from oxysim.fitting.persons.free_parameters import free_parameters
    >>> from oxysim.fitting.search.optimisation import find_maximum
    >>> bowl = LogPosterior(lambda z: -1.5 * (z[:, 0] - 1) ** 2, 1)
    >>> top = find_maximum(bowl, np.zeros(1))
    >>> free = free_parameters(["mother.oxytocin.clearance"], ox.Dyad())
    >>> sample_posterior(bowl, free, top, seed=1, draws=10, longest=20).latents.shape
    (32, 10, 1)
    """
    chain = _Chain(density, len(parameters), maximum, seed)
    path = None if file is None else writable_file(file, "file")
    if path is not None and path.exists():
        chain.read(path, identity)
    while chain.steps < longest and not chain.tells(draws):
        chain.go_on(min(BLOCK, longest - chain.steps))
        if path is not None:
            chain.write(path, identity)
        if done is not None:
            done(BLOCK)
    second_half = chain.points[chain.steps // 2 :]
    return Posterior(
        parameters,
        np.moveaxis(second_half, 0, 1),
        chain.logs[chain.steps // 2 :].T,
        chain.forgotten(),
        chain.r_hat(),
        float(chain.accepted / max(chain.steps, 1)),
        {"seed": seed, "steps": chain.steps, "walkers": chain.walkers},
    )


class _Chain:
    """The steps of all walkers so far."""

    def __init__(
        self,
        density: LogPosterior,
        dimension: int,
        maximum: Maximum,
        seed: int,
    ) -> None:
        emcee: Any = require_extra("emcee", "fitting")
        self.walkers = max(FEWEST_WALKERS, 2 * (WALKERS_PER_LATENT * dimension // 2))
        generator = stream(require_seed(seed), 0, "walkers of a posterior")
        covariance = WIDENED**2 * np.clip(maximum.covariance(), -4.0, 4.0)
        values, axes = np.linalg.eigh(covariance)
        normal = generator.standard_normal((self.walkers, dimension))
        self.last = maximum.latent + (normal * np.sqrt(np.clip(values, 1e-6, 1.0))) @ axes.T
        moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.1),
                 (emcee.moves.StretchMove(), 0.1)]  # fmt: skip
        self.sampler = emcee.EnsembleSampler(
            self.walkers, dimension, density, vectorize=True, moves=moves
        )
        # a sampler draws from a generator of its own, of the older kind
        self.state: Any = np.random.MT19937(int(generator.integers(2**32))).state
        self.points = np.empty((0, self.walkers, dimension))
        self.logs = np.empty((0, self.walkers))
        self.accepted = 0.0
        self._emcee = emcee

    @property
    def steps(self) -> int:
        """Of each walker, so far."""
        return len(self.points)

    def go_on(self, steps: int) -> None:
        """So many steps more."""
        self.sampler.reset()
        self.sampler.random_state = self.state
        end = self.sampler.run_mcmc(self.last, steps, skip_initial_state_check=True)
        self.last, self.state = end.coords, self.sampler.random_state
        self.points = np.concatenate([self.points, self.sampler.get_chain()])
        self.logs = np.concatenate([self.logs, self.sampler.get_log_prob()])
        self.accepted += float(np.mean(self.sampler.acceptance_fraction)) * steps

    def tells(self, draws: int) -> bool:
        """Whether there are as many effective draws, of walkers that agree."""
        if self.steps < 2 * BLOCK:
            return False
        forgotten = self.forgotten()
        effective = self.steps // 2 * self.walkers / forgotten
        long_enough = (self.steps > LENGTHS * forgotten).all()
        return bool(long_enough and (effective >= draws).all() and (self.r_hat() < MIXED).all())

    def forgotten(self) -> FloatArray:
        """The autocorrelation time of each latent, in steps."""
        half = self.points[self.steps // 2 :]
        # a walker that never moved has no correlation with itself
        with np.errstate(invalid="ignore", divide="ignore"):
            times = self._emcee.autocorr.integrated_time(half, tol=0, quiet=True, has_walkers=True)
        return np.where(np.isfinite(times), times, float(self.steps))

    def r_hat(self) -> FloatArray:
        """How far the halves of walkers differ, beside how far each of them wanders."""
        half = self.points[self.steps // 2 :]
        length = len(half) // 2
        # each walker's early and late part are two chains, so that a drift shows too
        parts = np.concatenate([half[:length], half[-length:]], axis=1)
        between = length * parts.mean(axis=0).var(axis=0, ddof=1)
        within = parts.var(axis=0, ddof=1).mean(axis=0)
        pooled = (length - 1) / length * within + between / length
        return np.sqrt(pooled / np.maximum(within, 1e-300))

    def write(self, path: Path, identity: str) -> None:
        """Keep the chain in a file; what was there is replaced when all of it is written."""
        name, keys, *rest = self.state
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as file:
            np.savez(
                file, points=self.points, logs=self.logs, last=self.last, keys=keys,
                accepted=self.accepted, rest=json.dumps([name, *rest]), identity=identity,
            )  # fmt: skip
        fresh.replace(path)

    def read(self, path: Path, identity: str) -> None:
        """Go on from a file.

        Raises
        ------
        InputError : no chain, or one of another fit.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > LARGEST_FILE:
                    raise ValueError("too large for a chain")
            with np.load(path, allow_pickle=False) as stored:
                parts = {name: stored[name] for name in stored.files}
            name, *rest = json.loads(str(parts["rest"]))
            points, logs, last = parts["points"], parts["logs"], parts["last"]
            fits = (
                points.shape[:2] == logs.shape and points.shape[1:] == last.shape == self.last.shape
            )
            accepted, same = (
                float(parts["accepted"]),
                str(parts["identity"]) == identity,
            )
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            EOFError,
            zipfile.BadZipFile,
        ):
            raise _no_chain(path, "a chain of this fit", "a file that is none") from None
        if not (same and fits):
            raise _no_chain(path, "the chain of this fit", "one of another fit")
        self.points, self.logs, self.last, self.accepted = (
            points,
            logs,
            last,
            accepted,
        )
        self.state = (name, parts["keys"], *rest)


def _no_chain(path: Path, expected: str, instead: str) -> InputError:
    return InputError(
        what=str(path), expected=expected, found=instead,
        remedy="name another file, or remove this one", key=("file",),
    )  # fmt: skip
