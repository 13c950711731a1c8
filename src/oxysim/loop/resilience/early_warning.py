r"""Critical slowing: how depression fluctuates under daily-life noise on the way to a tipping
point.

Near a stable regime a small deviation u obeys du/dt = J·u + B·n, with the noises n of daily life
(life events, moods) as Ornstein-Uhlenbeck processes of variance 1. The covariance C of (u, n)
solves A·C + C·Aᵀ + Q = 0 (Lyapunov), and the covariance at lag t is exp(A·t)·C (Gardiner,
*Stochastic Methods*, section 4.5; Scheffer et al. 2009 on early warnings). It holds for deviations
small beside the distance to the unstable regime; on the fold itself it diverges, while in the full
model dyads that go far leave and who stays fluctuates less:
:mod:`oxysim.loop.resilience.simulated_early_warning` measures it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import linalg

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.interventions import DailyLife
from oxysim.loop.arguments import averaged_system_of_one
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.equilibrium_branch import Branch
from oxysim.loop.equilibria.linear_modes import own_mode
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.model.slow_states import time_constant
from oxysim.progress import counting
from oxysim.simulation.equations.system import state_rows
from oxysim.texts import Described
from oxysim.units import DAY, duration

# Of life events and of moods: the slow state that feels each, and its gain (group and field).
FELT = (("depression", "depression", "stress_noise_gain"), ("mood", "mood", "noise_gain"))


@dataclass(frozen=True, eq=False)
class WarningSigns(Described):
    """Fluctuation of depression at the stable points of a branch.

    Attributes
    ----------
    parameter : what varies along the branch. values : shape (n,).
    depression : at the regime, shape (n,).
    sd : standard deviation of depression, EPDS points, shape (n,).
    autocorrelation : at `lag` days, shape (n,).
    recovery : days in which the slowest small distance falls to 1/e, shape (n,); often that of the
        infant's methylation, where it is not held.
    lag : of the autocorrelation, days.
    fold : the parameter's value at the fold in which the stable stretch ends (the nearer one of
        two), NaN where it ends in none that is known, shape (n,).
    mood : days in which a small distance of depression itself falls to 1/e, by its own mode, shape
    (n,).

    >>> three = np.array([1.0, 1.5, 2.0])
    >>> fold = np.full(3, 2.5)
    >>> signs = WarningSigns("p", three, 10 * three, 0.1 * three, 0.1 * three, three, 7.0, fold)
    >>> signs.distance
    array([1.5, 1. , 0.5])
    """

    parameter: str
    values: FloatArray
    depression: FloatArray
    sd: FloatArray
    autocorrelation: FloatArray
    recovery: FloatArray
    lag: float
    fold: FloatArray
    mood: FloatArray = field(default_factory=lambda: np.empty(0))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        spans = [
            (self.parameter, self.values),
            ("standard deviation of depression", self.sd),
            (f"autocorrelation at {self.lag:g} d", self.autocorrelation),
            ("recovery, days", self.recovery),
        ]
        return "Warning signs", [(name, f"{np.min(v):.3g} to {np.max(v):.3g}") for name, v in spans]

    @property
    def distance(self) -> FloatArray:
        """How far the parameter is from that fold, in its own unit, shape (n,)."""
        return np.abs(self.values - self.fold)

    @property
    def logit_sd(self) -> FloatArray:
        """The standard deviation in logit units, in which noise acts; linear theory needs it well
        below 1, shape (n,).

        In the strong default dyad simulations agree up to about 0.13. The default daily life gives
        more in every regime: there the numbers say which regime fluctuates more, not by how much.
        """
        return self.sd / (self.depression * (1 - self.depression / EPDS_HIGHEST))

    def table(self) -> Any:
        """A pandas table, a row a value."""
        import pandas as pd

        return pd.DataFrame(
            {
                self.parameter: self.values,
                "depression": self.depression,
                "sd": self.sd,
                "sd, logit units": self.logit_sd,
                f"autocorrelation at {self.lag:g} d": self.autocorrelation,
                "recovery days": self.recovery,
                "fold": self.fold,
            }
        )


def fluctuation(
    jacobian: FloatArray, gains: FloatArray, times: Sequence[float], lag: float
) -> tuple[FloatArray, FloatArray]:
    """Stationary standard deviation and autocorrelation of every state under Ornstein-Uhlenbeck
    noises.

    Parameters
    ----------
    jacobian : J, shape (k, k), stable. gains : B, shape (k, n_noises). times : correlation times of
        the noises.
    lag : of the autocorrelation, in the same unit of time.

    Returns
    -------
    standard deviations (k,) and autocorrelations (k,), NaN of a state that nothing moves.

    Raises
    ------
    InputError : an unstable Jacobian, noises that no state feels.

    >>> sd, correlation = fluctuation(np.array([[-1.0]]), np.array([[1.0]]), [1.0], lag=1.0)
    >>> sd**2, correlation.round(4)  # 1/2 and 2/e, by hand
    (array([0.5]), array([0.7358]))
    """
    k = len(jacobian)
    if not np.any(gains):
        raise InputError("fluctuation: no state feels the noise, so that nothing fluctuates")
    if np.linalg.eigvals(jacobian).real.max() >= 0:
        raise InputError(
            "fluctuation: the regime is not stable, so that nothing fluctuates around it"
        )
    # the noises are states too: each forgets itself in its correlation time
    decay = 1 / np.asarray(times, dtype=float)
    whole = np.block([[jacobian, gains], [np.zeros((len(decay), k)), -np.diag(decay)]])
    # variance 1 of each noise: dn = −n/τ dt + √(2/τ) dW
    noise = np.diag(np.concatenate([np.zeros(k), 2 * decay]))
    # A·C + C·Aᵀ = −Q
    covariance = linalg.solve_continuous_lyapunov(whole, -noise)
    variance = np.diagonal(covariance)[:k]
    # exp(A·t)·C
    later = np.diagonal(linalg.expm(whole * lag) @ covariance)[:k]
    # what nothing moves, as the level of an offer that stays, has no autocorrelation
    moved = variance > 0
    autocorrelation = np.where(moved, later, np.nan) / np.where(moved, variance, 1.0)
    return np.sqrt(np.maximum(variance, 0.0)), autocorrelation


def warning_signs(
    system: AveragedSystem,
    branch: Branch,
    *,
    lag: float = 7.0,
    noise: DailyLife | None = None,
    progress: bool | None = None,
) -> WarningSigns:
    """How depression fluctuates at every stable point of a branch against a parameter of the dyad.

    Parameters
    ----------
    system : of the dyad whose branch it is. branch : one of a ``Diagram``'s.
    lag : of the autocorrelation, days. noise : the daily life; its times matter.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : no stable point, another dyad's branch, a dyad that feels no daily life.

    >>> import oxysim as ox
    >>> from oxysim.loop import branch
    >>> from oxysim.loop.bifurcation.arclength_walk import Steps
    >>> system = AveragedSystem(ox.Dyad.recovered(), settle=1)
    >>> diagram = branch(
    ...     system, "caregiver.depression.loop_gain", 2.1, 2.2, starts=system.start,
    ...     steps=Steps(first=0.3, longest=0.9, tolerance=1e-6), progress=False)
    >>> signs = warning_signs(system, diagram.branches[0], progress=False)
    >>> by_gain = signs.sd[signs.values.argsort()]
    >>> bool((np.diff(by_gain) > 0).all())  # the stronger the loop, the more
    True
    """
    averaged_system_of_one(system)
    one_branch = "one of the branches of a diagram, such as branch(...).branches[0]"
    checks.instance(branch, "branch", Branch, one_branch)
    lag = checks.number(lag, "lag (days)", 0.0, open_low=True)
    if noise is not None:
        checks.instance(noise, "noise", DailyLife, "daily life, such as DailyLife()")
    if branch.names != system.names or "->" in branch.parameter:
        raise InputError(
            "branch: expected one of this system's, against a parameter; found one of"
            f" {', '.join(branch.names)} against {branch.parameter!r}"
        )
    stable = np.flatnonzero(branch.stable)
    if not len(stable):
        raise InputError("branch: none of its points is stable")

    times = noise_times(noise or DailyLife())
    sd, later, mood = [], [], []
    with counting(len(stable), "warning signs", "point", progress) as bar:
        for i in stable:
            system_at = system.with_parameter(branch.parameter, float(branch.p[i]))
            x = branch.x[:, i]
            slopes = system_at.jacobian(x)
            sds, correlations = fluctuation(slopes, noise_gains(system_at, x), times, lag)
            sd.append(sds[0])  # of the first state, depression
            later.append(correlations[0])
            mood.append(-1 / own_mode(slopes, 0).real)
            bar.advance()
    return WarningSigns(
        branch.parameter,
        branch.p[stable],
        branch.x[0, stable],
        np.array(sd),
        np.array(later),
        -1 / branch.eigenvalues.real.max(axis=0)[stable],
        lag,
        folds_of(branch)[stable],
        np.array(mood),
    )


def folds_of(branch: Branch) -> FloatArray:
    """The parameter's value at the fold in which each point's stable stretch ends, NaN where in
    none, shape (n,).

    >>> from oxysim.loop import continue_branch
    >>> branch = continue_branch(lambda x, p: p - x**2, [1.0], 1.0, low=-1.0, high=2.0)
    >>> bool(np.nanmax(np.abs(folds_of(branch))) < 1e-6)
    True
    """
    folds = np.full(len(branch.p), np.nan)
    # stable stretches lie between points that are not stable
    edges = [-1, *np.flatnonzero(~branch.stable).tolist(), len(branch.p)]
    for before, after in zip(edges[:-1], edges[1:], strict=True):
        inside = slice(before + 1, after)
        ends = [i for i in (before, after) if 0 <= i < len(branch.p) and branch.kinds[i] == "fold"]
        if ends and after > before + 1:
            # of two folds that of the nearer value
            nearest = np.abs(branch.p[inside] - branch.p[ends][:, None]).argmin(axis=0)
            folds[inside] = branch.p[ends][nearest]
    return folds


def noise_times(life: DailyLife) -> list[float]:
    """Correlation times of life events and moods, days.

    >>> noise_times(DailyLife(stress_time="6 weeks", mood_time="2 weeks"))
    [42.0, 14.0]
    """
    return [duration(life.stress_time) / DAY, duration(life.mood_time) / DAY]


def noise_gains(system: AveragedSystem, x: FloatArray) -> FloatArray:
    """What one unit of life events and of moods adds to the slow states' rates, per day, shape (k,
    2): events act on depression (M9), moods on momentary mood (M20) and through it on depression.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> gains = noise_gains(system, system.start)
    >>> gains[0] > 0, gains[system.names.index("mother.mood")] > 0  # stress depresses; moods lift
    (array([ True, False]), array([False,  True]))
    """
    caregiver, rows = system.day.who.caregivers[0], state_rows(system.dyad.caregivers)
    parameters = system.day.who.resolved(index=0).caregivers[0]
    gains = np.zeros((len(x), len(FELT)))
    for noise, (state, group, field_name) in enumerate(FELT):
        name = f"{caregiver}.{state}"
        # a state that is held feels nothing
        if name not in system.names:
            continue
        place = system.names.index(name)
        gain = float(np.ravel(getattr(getattr(parameters, group), field_name))[0])
        # noise moves what the state relaxes to, on its own scale, within its time constant
        days = float(np.ravel(time_constant(rows[name], parameters))[0]) / DAY
        gains[place, noise] = gain * float(system.spread(x)[place]) / days
    return gains
