r"""A regime held against the full model: simulations that start beside it come back, or leave, as
its multipliers say.

A small distance δ from a cycle becomes ∂Φ/∂y·δ after a period. Along the left eigenvector w of the
leading multiplier μ, w·δ is multiplied by μ every period, whatever the rest of δ does; so every
start tells μ, whichever way it lies. The distance itself may grow before it shrinks (low bond pulls
mood down before both recover), so the simulated distance in EPDS points is held against (∂Φ/∂y)ⁿ·δ,
its forecast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.loop.full_model.frozen_model import PoincareMap
from oxysim.loop.regime_analysis.regimes import Regime, Regimes
from oxysim.model.slow_states import slow_row
from oxysim.progress import Bar, counting
from oxysim.simulation.scipy_engine import Solver

# how far beside a regime the simulations start, on a slow state's own scale
SIZES = (0.02, -0.02, 0.01, -0.01)
AGREES = 0.2  # by which the measured growth may differ from the predicted one, in ln units
MOST_WEEKS = 520  # ten years: the distances are gone long before
# of the largest distance, by which one may be off its forecast: what is not linear at such a
# distance
NEARLY = 0.2


def verify(found: Regimes, *, weeks: int = 6, progress: bool | None = None) -> pd.DataFrame:
    """Full simulations from beside each regime, day after day at the frozen age: do they come back,
    or leave?

    Eight starts a regime: four beside it in the first caregiver's depression alone, four in all
    slow states together. Integrated by the compiled engine where it is installed.

    Parameters
    ----------
    found : the regimes of a dyad. weeks : how long each simulation goes on.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Returns
    -------
    One row a regime: its word; `stable` as its multipliers say; `predicted`, by what factor a
    distance along the leading direction is multiplied over the time; `lowest` and `highest`, the
    factors that the eight simulations measured; `depression_start` and `depression_end`, the
    largest distance in EPDS points; `off`, the largest difference between a simulated and a
    forecast distance; and `verified`: whether all of it agrees.

    Raises
    ------
    InputError : `weeks` is not a whole number of at least 1.

    >>> import oxysim as ox
    >>> from oxysim.loop import regimes
    >>> found = regimes(ox.Dyad(), starts=0, progress=False)
    >>> verify(found, weeks=1, progress=False)["verified"].tolist()
    [True]
    """
    checks.instance(found, "found", Regimes, "the regimes of a dyad, from regimes(dyad)")
    checks.whole_number(weeks, "weeks", 1, MOST_WEEKS)
    periods = 7 * weeks // found.system.days
    full = PoincareMap(found.system, Solver(rtol=1e-8))
    with counting(periods * len(found), "verification", "period", progress) as bar:
        return pd.DataFrame([_row(regime, full, periods, bar) for regime in found.found])


def _row(regime: Regime, full: PoincareMap, periods: int, bar: Bar) -> dict[str, Any]:
    system = full.system
    # the cycle itself, and eight starts beside it
    centre = np.array(list(regime.state.values()))[:, None]
    y = np.repeat(centre, 2 * len(SIZES), axis=1)
    spread = system.spread(centre[system.places])[:, 0]
    for k, size in enumerate(SIZES):
        y[system.places[0], k] += size * spread[0]
        y[system.places, len(SIZES) + k] += size * spread * _downhill(system.names)
    start = y - centre
    for _ in range(periods):
        y = full(y)
        bar.advance()
    factors = _along(regime, full, y - centre) / _along(regime, full, start)
    predicted = float(abs(regime.multipliers[0]) ** periods)
    depression = full.moving.index(system.places[0])
    forecast = (np.linalg.matrix_power(regime.derivative, periods) @ start[full.moving])[depression]
    began, ended = start[system.places[0]], (y - centre)[system.places[0]]
    off = float(np.max(np.abs(ended - forecast)))
    agrees = bool(
        np.all(factors > 0) and np.all(np.abs(np.log(np.abs(factors) / predicted)) < AGREES)
    )
    near = off < NEARLY * float(np.max(np.abs(forecast)))
    return {
        "regime": regime.word,
        "epds": regime.epds,
        "stable": regime.stable,
        "predicted": predicted,
        "lowest": float(factors.min()),
        "highest": float(factors.max()),
        "depression_start": float(np.max(np.abs(began))),
        "depression_end": float(np.max(np.abs(ended))),
        "off": off,
        "verified": agrees and near and regime.stable == (predicted < 1),
    }


def _downhill(names: tuple[str, ...]) -> FloatArray:
    """The signs with which the slow states move together when depression rises."""
    return np.array([float(slow_row(name).worse) for name in names])


def _along(regime: Regime, full: PoincareMap, distance: FloatArray) -> FloatArray:
    """The part of distances (n_states, m) along the leading direction, by the left eigenvector."""
    # eigenvectors of the transpose are the left ones
    values, vectors = np.linalg.eig(regime.derivative.T)
    leading = vectors[:, int(np.argmax(np.abs(values)))]
    return np.asarray(np.real(leading @ distance[full.moving].astype(complex)))
