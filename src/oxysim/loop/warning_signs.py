r"""Critical slowing: how depression fluctuates under daily-life noise on the way to a tipping point.

Near a stable regime a small deviation u obeys du/dt = J·u + B·n, with the noises n of daily life (life events, moods)
as Ornstein-Uhlenbeck processes of variance 1. The covariance C of (u, n) solves A·C + C·Aᵀ + Q = 0 (Lyapunov), and the
covariance at lag t is exp(A·t)·C (Gardiner, *Stochastic Methods*, section 4.5; Scheffer et al. 2009 on early warnings).
It holds for deviations small beside the distance to the unstable regime; on the fold itself it diverges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from oxysim.errors import InputError
from oxysim.interventions import DailyLife
from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.continuation import Branch
from oxysim.loop.curve import FloatArray
from oxysim.units import DAY, duration


@dataclass(frozen=True, eq=False)
class WarningSigns:
    """Fluctuation of depression at the stable points of a branch.

    Attributes
    ----------
    parameter : what varies along the branch. values : shape (n,). epds : at the regime, shape (n,).
    sd : standard deviation of depression, EPDS points, shape (n,).
    autocorrelation : at `lag` days, shape (n,).
    recovery : days in which a small distance falls to 1/e, shape (n,).
    """

    parameter: str
    values: FloatArray
    epds: FloatArray
    sd: FloatArray
    autocorrelation: FloatArray
    recovery: FloatArray
    lag: float

    def table(self) -> Any:
        """A pandas table, a row a value."""
        import pandas as pd

        return pd.DataFrame(
            {
                self.parameter: self.values, "epds": self.epds, "sd": self.sd,
                f"autocorrelation at {self.lag:g} d": self.autocorrelation, "recovery days": self.recovery,
            }
        )  # fmt: skip


def fluctuation(
    jacobian: FloatArray, gains: FloatArray, times: Sequence[float], lag: float
) -> tuple[FloatArray, FloatArray]:
    """Stationary standard deviation and autocorrelation of every state under Ornstein-Uhlenbeck noises.

    Parameters
    ----------
    jacobian : J, shape (k, k), stable. gains : B, shape (k, n_noises). times : correlation times of the noises.
    lag : of the autocorrelation, in the same unit of time.

    Returns
    -------
    standard deviations (k,) and autocorrelations (k,).

    Raises
    ------
    InputError : an unstable Jacobian.
    """
    k = len(jacobian)
    if np.linalg.eigvals(jacobian).real.max() >= 0:
        raise InputError("fluctuation: the regime is not stable, so that nothing fluctuates around it")
    decay = 1 / np.asarray(times, dtype=float)
    whole = np.block([[jacobian, gains], [np.zeros((len(decay), k)), -np.diag(decay)]])
    noise = np.diag(np.concatenate([np.zeros(k), 2 * decay]))
    covariance = linalg.solve_continuous_lyapunov(whole, -noise)
    variance = np.diagonal(covariance)[:k]
    later = np.diagonal(linalg.expm(whole * lag) @ covariance)[:k]
    return np.sqrt(variance), later / variance


def warning_signs(
    system: AveragedSystem, branch: Branch, *, lag: float = 7.0, noise: DailyLife | None = None
) -> WarningSigns:
    """How depression fluctuates at every stable point of a branch against a parameter of the dyad.

    Parameters
    ----------
    system : of the dyad whose branch it is. branch : one of a ``Diagram``'s.
    lag : of the autocorrelation, days.

    Raises
    ------
    InputError : no stable point, another dyad's branch.
    """
    if branch.names != system.names or "->" in branch.parameter:
        raise InputError(
            f"branch: expected one of this system's, against a parameter; found one of {', '.join(branch.names)} "
            f"against {branch.parameter!r}"
        )
    chosen = np.flatnonzero(branch.stable)
    if not len(chosen):
        raise InputError("branch: none of its points is stable")
    life = noise or DailyLife()
    times = [duration(life.stress_time) / DAY, duration(life.mood_time) / DAY]
    sd, later = [], []
    for i in chosen:
        here = system.with_parameter(branch.parameter, float(branch.p[i]))
        x = branch.x[:, i]
        found = fluctuation(here.jacobian(x), _gains(here, x), times, lag)
        sd.append(found[0][0])
        later.append(found[1][0])
    recovery = -1 / branch.eigenvalues.real.max(axis=0)[chosen]
    return WarningSigns(
        branch.parameter, branch.p[chosen], branch.x[0, chosen], np.array(sd), np.array(later), recovery, lag
    )


def _gains(system: AveragedSystem, x: FloatArray) -> FloatArray:
    """What one unit of life events and of moods adds to the slow states' rates, per day, shape (k, 2)."""
    p = system.dyad.resolved().caregivers[0].depression
    speed = float(system.spread(x)[0]) * DAY / float(np.ravel(p.time_constant)[0])
    gains = np.zeros((len(x), 2))
    gains[0] = [
        speed * float(np.ravel(p.stress_noise_gain)[0]),
        -speed * float(np.ravel(p.mood_noise_gain)[0]),
    ]
    return gains
