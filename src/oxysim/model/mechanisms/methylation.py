r"""M5. OXTR methylation: the infant's moves with the care it receives, the adult's stays.

    d logit(M/100)/dt = (logit(M_0) − γ·(care/usual care − 1) − logit(M/100)) / τ_M

care is Σ I over all caregivers (I: how social the moment is, M10). More engaged care than usual
lowers the level towards which methylation drifts. The infant's own behaviour does not enter (Krol
2019 found no effect of it). An adult's methylation is a parameter, not a state.

Limits of validity: signs from Krol 2019 (infants, 5 to 18 months) and Perkeybile 2019 (voles);
sizes are free. Weak after age ten; blood and saliva stand in for brain.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import logit, logit_relaxation
from oxysim.model.rows import edge, parameter, state

# In per cent, as assays report it; 1e-6 inside 0 and 100, which the logit scale never reaches.
METHYLATION = state(
    "%", 50, 1e-6, 100 - 1e-6, 50, "slow", "infant OXTR methylation",
    set_point="methylation.set_point", time_constant="methylation.time_constant", ceiling=100.0,
    typical_change=20, worse=+1)


class Parameters(NamedTuple):
    """Rows of methylation.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).set_point
    0.5
    """

    # set point, what moves it, pace
    set_point: float = parameter(
        "M_0", "fraction", 0.5, 0.35, 0.65, "logit-normal",
        "assumption", "assumed", "level under usual care; the published per cent were not found")
    care_gain: float = parameter(
        "γ", "1", 0.4, 0.1, 1.6, "lognormal",
        "krol2019", "assumed", "sign measured; size free")
    time_constant: float = parameter(
        "τ_M", "months", 6, 3, 13, "lognormal",
        "krol2019", "derived", "moves within the 13 months between 5 and 18 months of age")


class Edges(NamedTuple):
    """What infant methylation receives.

    >>> Edges(*[0.5] * 1).care
    0.5
    """

    care: float = edge(
        "krol2019", "measured", "engaged care lowers infant OXTR methylation",
        dyadic=True)


def rate(methylation: float, received: Edges, usual: Edges, p: Parameters) -> float:
    """dM/dt, % per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> rate(50.0, Edges(care=0.1), Edges(care=0.1), p)
    0.0
    """
    # relative to the usual care of this household at this age, which differ threefold
    target = logit(p.set_point) - p.care_gain * (received.care / usual.care - 1)
    return 100 * logit_relaxation(methylation / 100, target, p.time_constant)
