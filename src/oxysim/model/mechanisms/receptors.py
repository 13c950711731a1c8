r"""M4. Receptor availability = expression × sensitisation × what a knock-out leaves.

    expression     e = 2 / (1 + exp(β·(M − usual M)))       falls with OXTR methylation M (%)
    sensitisation  dS/dt = (1 − S)/τ_r − k_d·S·h(C)         falls under sustained agonist, recovers
    signal         ω = e·S·knock-out·C/(K + C)              oxytocin, as other mechanisms receive it

M is a caregiver's parameter and the infant's state (M5); what the edges pass is M and h(C), and
`usual` is what each edge usually passes. h(C) = C⁴/(C_d⁴ + C⁴) is steep, so that ordinary levels
leave the receptors alone and hours of high agonist do not.

Limits of validity: internalisation half-times (5-15 min at saturating agonist, recovery about 4 h)
are from cultured cells (Gimpl & Fahrenholz 2001, recalled); the human brain's are unknown. Used by
the caregiver and by the infant.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import hill, hill4, unit_centred_logistic
from oxysim.model.rows import edge, parameter, state

# The upper limit leaves the solver a ten-thousandth above full sensitivity.
SENSITISATION = state(
    "1", 1, 0, 1.0001, 1, "fast", "receptor sensitisation: 1 fully sensitive, 0 desensitised")


class Parameters(NamedTuple):
    """Rows of the receptors.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).methylation_slope
    0.04
    """

    # expression
    methylation_slope: float = parameter(
        "β", "1", 0.04, 0.0, 0.1, "normal",
        "perkeybile2019", "assumed", "per % methylation; sign from voles, size assumed")
    # signal
    half_signal: float = parameter(
        "K", "pg/mL", 10, 8, 13, "lognormal",
        "assumption", "assumed",
        "central level of half-maximal signal; above basal, below a spray's peak")
    # loss and recovery of sensitivity
    desensitisation: float = parameter(
        "k_d", "1/min", 0.008, 0.002, 0.02, "lognormal",
        "gimpl2001", "recalled", "loss under saturating agonist; slower than in cultured cells")
    desensitisation_half: float = parameter(
        "C_d", "pg/mL", 16, 10, 25, "lognormal",
        "assumption", "assumed", "agonist level of half-maximal loss")
    recovery_time: float = parameter(
        "τ_r", "h", 4, 2, 8, "lognormal",
        "gimpl2001", "recalled", "recycling takes about 4 h")
    # an adult's level, which does not move
    adult_methylation: float = parameter(
        "M", "%", 50, 35, 65, "normal",
        "krol2019", "assumed", "an adult's OXTR methylation stays; the infant's is a state (M5)")


class Edges(NamedTuple):
    """What the receptors receive.

    >>> Edges(*[0.5] * 2).methylation
    0.5
    """

    methylation: float = edge(
        "perkeybile2019", "measured", "OXTR methylation lowers receptor expression (voles)")
    agonist: float = edge("gimpl2001", "recalled", "sustained agonist desensitises", level=True)


def expression(received: Edges, usual: Edges, p: Parameters) -> float:
    """e: receptor expression relative to the usual methylation, in (0, 2).

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> usual = Edges(methylation=50.0, agonist=0.0)
    >>> expression(usual, usual, p)
    1.0
    >>> expression(usual._replace(methylation=60.0), usual, p) < 1
    True
    """
    return unit_centred_logistic(-p.methylation_slope * (received.methylation - usual.methylation))


def agonist_signal(central: float, p: Parameters) -> float:
    """h(C): how strongly the present level desensitises, before its edge.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> agonist_signal(p.desensitisation_half, p)
    0.5
    """
    return hill4(central, p.desensitisation_half)


def sensitisation_rate(sensitisation: float, received: Edges, p: Parameters) -> float:
    """dS/dt, per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> sensitisation_rate(1.0, Edges(methylation=50.0, agonist=0.0), p)
    0.0
    """
    # recycling brings receptors back; agonist takes away a share of those that are there
    recovery = (1 - sensitisation) / p.recovery_time
    return recovery - p.desensitisation * sensitisation * received.agonist


def signal(central: float, availability: float, p: Parameters) -> float:
    """ω: the oxytocin signal that other mechanisms receive, 0 up to the availability.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> signal(p.half_signal, 1.0, p)
    0.5
    """
    return availability * hill(central, p.half_signal)
