r"""M11. Cortisol as free hormone in saliva: what both stress axes secrete (``stress``,
``infant_stress``).

    secretion    S = F_0·(1 + A·cos(2π·(t − 07:00)/24 h) + c·a + S_b·a⁴/(h_b⁴ + a⁴))

a is arousal. Strong arousal adds a burst to secretion, which mild arousal does not: the open data
of a social stress test (E17 to E19) rise by some 10 nmol/L, peak 20 minutes after the onset and are
gone an hour later, so the half-lives of the two axes are the effective ones of free hormone in
saliva (about 18 min), not that of total cortisol in blood (66 min).

Limits of validity: one pool; no feedback of cortisol on its own secretion.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

from oxysim.model.mechanisms.shapes import cos, hill4
from oxysim.units import DAY

# Clock time (min) of peak secretion; the level peaks 25 min later, near 07:30 (Bustamante 1984).
ACROPHASE = 7 * 60.0


class CortisolSecretion(Protocol):
    """The parameters of a stress axis that secretion reads: a caregiver's or an infant's.

    >>> from oxysim.families import Dyad
    >>> axis: CortisolSecretion = Dyad().resolved().infant.stress
    >>> axis.cortisol_basal
    6.0
    """

    @property
    def cortisol_basal(self) -> float: ...

    @property
    def cortisol_rhythm(self) -> float: ...

    @property
    def cortisol_arousal_gain(self) -> float: ...

    @property
    def cortisol_burst(self) -> float: ...

    @property
    def cortisol_burst_half(self) -> float: ...


def daily_rhythm(time: Any) -> Any:
    """The cosine of the daily rhythm of cortisol secretion at `time` (min since any midnight).

    >>> daily_rhythm(ACROPHASE), daily_rhythm(ACROPHASE + DAY / 2)
    (1.0, -1.0)
    """
    return cos((time - ACROPHASE) * (2 * math.pi / DAY))


def secretion(rhythm: float, arousal: float, p: CortisolSecretion) -> float:
    """S: what cortisol relaxes to, nmol/L; `rhythm` is the daily rhythm's cosine, an input.

    >>> from oxysim.model.mechanisms import stress
    >>> from oxysim.model.rows import default_values
    >>> p = default_values(stress.Parameters)
    >>> secretion(0.0, 0.0, p) == p.cortisol_basal
    True
    """
    # all in multiples of basal secretion
    burst = p.cortisol_burst * hill4(arousal, p.cortisol_burst_half)
    return p.cortisol_basal * (
        1 + p.cortisol_rhythm * rhythm + p.cortisol_arousal_gain * arousal + burst
    )
