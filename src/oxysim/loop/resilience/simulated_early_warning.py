"""Warning signs in simulations: how depression fluctuates in the full model under daily-life noise,
at a frozen age.

Linear theory (:mod:`oxysim.loop.resilience.early_warning`) holds for deviations that are small
beside the distance to the unstable regime. Here nothing is linear: an ensemble of one dyad runs
through the frozen day again and again, each under a daily-life noise of its own. A dyad whose
depression passes the unstable regime beside its own has **left**; it is counted and its
fluctuation is not, as nothing brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.checks import require_seed
from oxysim.errors import InputError
from oxysim.interventions import DailyLife
from oxysim.loop.arguments import averaged_system_of_one
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.equilibrium_search import equilibria
from oxysim.loop.full_model.frozen_runs import FrozenRuns
from oxysim.loop.resilience.early_warning import WarningSigns, fluctuation, noise_gains, noise_times
from oxysim.progress import Bar, counting
from oxysim.texts import Described

# recovery times before anything is counted: a 400th of the variance is missing by then
SETTLED = 3.0
MOST_WEEKS = 5200  # a century
FEWEST = 8  # dyads that must have stayed for a Monte Carlo error


@dataclass(frozen=True)
class Looks:
    """When depression is looked at: how many times before it counts, how many times then, and
    periods between two.

    >>> Looks(before=3, counted=10, periods=7).counted
    10
    """

    before: int
    counted: int
    periods: int


@dataclass(frozen=True, eq=False)
class SimulatedSigns(Described):
    """Fluctuation of depression in the full model, with Monte Carlo errors, beside linear theory.

    Attributes
    ----------
    theory : linear theory at the same regimes (its `values` are the parameter's).
    mean : depression over dyads and weeks, shape (n,), as all that follow.
    sd, sd_error : standard deviation of depression, EPDS points, and its standard error.
    autocorrelation, autocorrelation_error : at the lag of `theory`.
    left : share of the dyads that were beyond the unstable regime at a look that counts. Where
        fewer than 8 stayed the rest is NaN.
    dyads, weeks : how many were followed for how long, at each value.

    >>> one, none = np.ones(1), np.zeros(1)
    >>> theory = WarningSigns("p", one, one, 0.5 * one, 0.5 * one, one, 7.0, one)
    >>> signs = SimulatedSigns(theory, one, 0.6 * one, 0.1 * one, 0.5 * one, one, none, 8, 6)
    >>> signs.deviation[0].round(6)  # of 0.6 from 0.5, in standard errors of 0.1
    array([1.])
    """

    theory: WarningSigns
    mean: FloatArray
    sd: FloatArray
    sd_error: FloatArray
    autocorrelation: FloatArray
    autocorrelation_error: FloatArray
    left: FloatArray
    dyads: int
    weeks: int

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        low, high = np.min(self.theory.values), np.max(self.theory.values)
        sd = (
            f"{np.nanmin(self.sd):.3g} to {np.nanmax(self.sd):.3g}"
            if np.isfinite(self.sd).any()
            else "not known"
        )
        return "Simulated warning signs", [
            (self.theory.parameter, f"{low:g} to {high:g}"),
            ("standard deviation of depression", sd),
            ("share that left", f"up to {np.max(self.left):.2g}"),
            ("dyads", self.dyads),
            ("weeks", self.weeks),
        ]

    @property
    def deviation(self) -> FloatArray:
        """How far simulation is from theory in standard errors: of the sd, and of the
        autocorrelation, (2, n).
        """
        return np.array(
            [
                (self.sd - self.theory.sd) / self.sd_error,
                (self.autocorrelation - self.theory.autocorrelation) / self.autocorrelation_error,
            ]
        )

    def table(self) -> Any:
        """A pandas table, a row a value: theory beside simulation."""
        import pandas as pd

        theory = self.theory
        signs = f"autocorrelation at {theory.lag:g} d"
        return pd.DataFrame(
            {
                theory.parameter: theory.values,
                "depression": theory.depression,
                "mean": self.mean,
                "sd, theory": theory.sd,
                "sd": self.sd,
                "sd error": self.sd_error,
                f"{signs}, theory": theory.autocorrelation,
                signs: self.autocorrelation,
                f"{signs}, error": self.autocorrelation_error,
                "left": self.left,
            }
        )


def simulated_signs(  # noqa: PLR0913 - all but three are keywords with defaults
    system: AveragedSystem,
    parameter: str,
    values: Sequence[float],
    *,
    dyads: int = 200,
    weeks: int = 104,
    warm_up: int | None = None,
    highest: bool = False,
    lag: float = 7.0,
    noise: DailyLife | None = None,
    seed: int = 0,
    progress: bool | None = None,
) -> SimulatedSigns:
    """How depression fluctuates in the full model at some values of a parameter of one dyad.

    Parameters
    ----------
    system : of the dyad. Its own ``caregiver.depression.stress_noise_gain`` and
        ``caregiver.mood.noise_gain`` say how much noise it feels. What is held in it is held in the
        full model too.
    parameter, values : the dotted name, and the values one after the other. Lives are the same at
        all of them.
    dyads, weeks : how many are followed, and for how long they are counted.
    warm_up : weeks before that; default three recovery times.
    highest : the stable regime with the highest depression; default the lowest.
    lag : days between two looks, whole periods of the system's day; also the lag of the
        autocorrelation.
    noise : the daily life; its times matter.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    UnknownNameError, InputError : an unknown parameter, illegal values or numbers, several dyads,
        no stable regime (or one only, where the highest is asked for), a dyad that feels no daily
        life, equations that could not be integrated.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> signs = simulated_signs(
    ...     system, "caregiver.depression.loop_gain", [2.0],
    ...     dyads=8, weeks=2, warm_up=0, progress=False)
    >>> bool(signs.sd[0] > 0), signs.left
    (True, array([0.]))
    """
    averaged_system_of_one(system)
    checks.name(parameter, "parameter")
    if noise is not None:
        checks.instance(noise, "noise", DailyLife, "daily life, such as DailyLife()")
    checks.flag(highest, "highest")
    lag = checks.number(lag, "lag")
    life = noise or DailyLife()
    looks = _looks(weeks, warm_up, lag, system.days)
    checks.whole_number(dyads, "dyads", FEWEST)
    require_seed(seed)
    _ = FrozenRuns(system)  # what cannot be run at a frozen age is refused here

    along = checks.array(values, "values", (None,))
    points = [_regime(system, (parameter, value), highest) for value in along.tolist()]
    theory = _theory(parameter, along, points, life, lag)
    looks_by_value = [looks] * len(points)
    if warm_up is None:
        looks_by_value = [
            replace(looks, before=int(np.ceil(SETTLED * recovery / lag)))
            for recovery in theory.recovery.tolist()
        ]

    rows = []
    total = sum(looks.before + looks.counted for looks in looks_by_value)
    with counting(total, "simulated signs", "look", progress) as bar:
        for (system_at, x, border), looks_here in zip(points, looks_by_value, strict=True):
            courses = _courses(system_at, x, looks_here, (life, dyads, seed), bar)
            rows.append(measured(courses, _at_midnight(system_at, x, border), highest))
    mean, sd, sd_error, later, later_error, share_left = np.array(rows).T
    return SimulatedSigns(theory, mean, sd, sd_error, later, later_error, share_left, dyads, weeks)


def measured(courses: FloatArray, border: float, highest: bool) -> tuple[float, ...]:
    """Mean, standard deviation and its error, autocorrelation at one look and its error, share that
    left.

    Parameters
    ----------
    courses : depression, shape (n_dyads, n_looks). border : beyond which a dyad has left. highest :
        whether beyond means below.

    >>> random = np.random.default_rng(1)
    >>> courses = random.normal(5.0, 0.3, (50, 40))
    >>> mean, sd, sd_error, *_, left = measured(courses, 9.0, highest=False)
    >>> abs(sd - 0.3) < 4 * sd_error, left
    (True, 0.0)
    """
    beyond = (courses < border) if highest else (courses > border)
    stayed = ~beyond.any(axis=1)
    staying, n = courses[stayed], int(stayed.sum())
    share_left = float(1 - stayed.mean())
    if n < FEWEST:
        # too few for a standard error over dyads
        return np.nan, np.nan, np.nan, np.nan, np.nan, share_left
    # one mean for all: they are one dyad
    off = staying - staying.mean()
    # a variance a dyad, whose spread over dyads is the Monte Carlo error
    variances = (off**2).mean(axis=1)
    variance = variances.mean()
    together = (off[:, 1:] * off[:, :-1]).mean(axis=1)
    around = ((off[:, 1:] ** 2 + off[:, :-1] ** 2) / 2).mean(axis=1)
    later = together.mean() / around.mean()
    sd = float(np.sqrt(variance))
    # by the delta method, sd = √variance
    sd_error = float(variances.std(ddof=1) / np.sqrt(n) / (2 * sd))
    # of a ratio of two means, by linearisation
    later_error = float((together - later * around).std(ddof=1) / np.sqrt(n) / around.mean())
    return float(staying.mean()), sd, sd_error, float(later), later_error, share_left


def _looks(weeks: int, warm_up: int | None, lag: float, days: int) -> Looks:
    """When depression is looked at.

    Raises
    ------
    InputError : numbers that cannot be.
    """
    for name, number, least in (
        ("weeks", weeks, 1),
        ("warm_up", 0 if warm_up is None else warm_up, 0),
    ):
        checks.whole_number(number, name, least, MOST_WEEKS)
    if not (np.isfinite(lag) and lag > 0 and float(lag / days).is_integer()):
        raise InputError(f"lag: expected days in whole periods of {days} d; found {lag!r}")
    # looks that count, the first of them included
    counted = int(weeks * 7 // lag) + 1
    if counted < 3:
        raise InputError(f"weeks: expected at least two lags of {lag:g} d; found {weeks} weeks")
    return Looks(int(np.ceil((warm_up or 0) * 7 / lag)), counted, round(lag / days))


def _regime(
    system: AveragedSystem, at: tuple[str, float], highest: bool
) -> tuple[AveragedSystem, FloatArray, float]:
    """The system at a parameter's value, its lowest or highest stable regime, and the depression of
    the unstable one beside it.
    """
    system_at = system.with_parameter(*at)
    points = equilibria(system_at, scatter=0)
    stable = np.array(
        [np.linalg.eigvals(slopes).real.max() < 0 for slopes in system_at.jacobian(points)],
        dtype=bool,
    )
    number = int(stable.sum())
    if number < (2 if highest else 1):
        expected = "2 stable regimes, to take the highest" if highest else "1 stable regime"
        raise InputError(f"{at[0]} = {at[1]:g}: expected at least {expected}; found {number}")
    x = points[:, stable][:, -1 if highest else 0]
    # the unstable regime on the side to which dyads leave
    beside = points[0, ~stable & ((points[0] < x[0]) if highest else (points[0] > x[0]))]
    if not len(beside):
        return system_at, x, -np.inf if highest else np.inf
    return system_at, x, float(beside[-1 if highest else 0])


def _theory(
    parameter: str, values: FloatArray, points: Sequence[Any], life: DailyLife, lag: float
) -> WarningSigns:
    """Linear theory at some regimes."""
    sd, later, recovery = [], [], []
    for system_at, x, _ in points:
        slopes = system_at.jacobian(x)
        fluctuations = fluctuation(slopes, noise_gains(system_at, x), noise_times(life), lag)
        sd.append(fluctuations[0][0])
        later.append(fluctuations[1][0])
        recovery.append(-1 / np.linalg.eigvals(slopes).real.max())
    depression = np.array([x[0] for _, x, _ in points])
    return WarningSigns(
        parameter,
        values,
        depression,
        np.array(sd),
        np.array(later),
        np.array(recovery),
        lag,
        np.full(len(points), np.nan),
    )


def _at_midnight(system: AveragedSystem, x: FloatArray, border: float) -> float:
    """Where depression is at midnight, when courses are looked at, on a day over which its mean is
    the border.
    """
    if not np.isfinite(border):
        return border
    means = x.copy()
    means[0] = border
    return float(FrozenRuns(system).states_of_means(means[:, None])[system.places[0], 0])


def _courses(
    system: AveragedSystem, x: FloatArray, looks: Looks, noise: tuple[DailyLife, int, int], bar: Bar
) -> FloatArray:
    """Depression at midnight at the looks that count, shape (dyads, looks.counted)."""
    courses, (life, dyads, seed) = FrozenRuns(system), noise
    y = np.repeat(courses.states_of_means(x[:, None]), dyads, axis=1)
    # the same lives at every value of the parameter: they share seed and numbers
    plans, drawn = [courses.plan()] * dyads, courses.daily_lives(life.noise, dyads, seed)
    courses_counted = []
    for number in range(looks.before + looks.counted):
        y = courses.integrate_periods(y, plans, looks.periods, drawn)
        bar.advance()
        if number >= looks.before:
            courses_counted.append(y[system.places[0]].copy())
    return np.array(courses_counted).T
