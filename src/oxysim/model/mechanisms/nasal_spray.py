r"""M1. Nasal spray: dose, depot, plasma, a nose-to-brain fraction, and residue that saliva reads.

With u the dose rate (IU/min), 1.68 µg per IU, A the absorbable depot, F and W the fast and slow
residue (all µg), T the drug under way along the nerves to the brain (pg/mL of brain fluid):

    dA/dt = φ_A·1.68·u − k_A·A
    dF/dt = φ_F·1.68·u·(1 − F/F_max) − k_F·F,   F_max = φ_F·1.68·D_max        (W likewise)
    dT/dt = b·k_A·A·10⁶/V_brain − k_T·T
    into plasma:  f·k_A·A        into brain:  k_T·T
    saliva reads  s·P + d_F·F + d_W·W        (P: plasma oxytocin, M2)

Every k is ln 2 over its half-life. What leaves the depot is absorbed into blood (share f), carried
to the brain (share b, whose range includes zero) or lost to the throat; what the residue cannot
hold is swallowed at once. So given = absorbed + depot + residue + lost at every moment. The residue
drives nothing: it raises what a *saliva* sample reads, for hours, and it saturates above 16 IU (van
IJzendoorn 2012: 16 and 24 IU do not differ), because the mucosa holds no more.

Limits of validity: a single spray or several per day of 4 to 48 IU in adults. The nose-to-brain
route is contested (Leng & Ludwig 2016; Martins 2020): set ``brain_fraction`` to 0 for a purely
systemic model. No nasal cycle, no posture, no spray-to-spray spread.
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import LN2
from oxysim.model.rows import parameter, state

MICROGRAM_PER_IU = 1.68  # synthetic standard (Univ. Zuerich CliniPharm); see source key clinipharm
PICOGRAM_PER_MICROGRAM = 1e6

# Upper limits only catch what cannot be; a spray of 48 IU is 81 µg.
DEPOT = state("µg", 0, 0, 1e5, 10, "fast", "absorbable oxytocin on the nasal mucosa")
RESIDUE_FAST = state("µg", 0, 0, 1e3, 1, "fast", "nasal residue that drains within minutes")
RESIDUE_SLOW = state("µg", 0, 0, 1e3, 1, "fast", "nasal residue that drains over hours")
TRANSIT = state(
    "pg/mL", 0, 0, 1e6, 5, "fast",
    "sprayed oxytocin under way to the brain, per brain fluid volume")


class Parameters(NamedTuple):
    """Rows of the spray.

    >>> from oxysim.model.rows import default_values
    >>> default_values(Parameters).depot_share
    0.5
    """

    # the depot, and the shares of what leaves it
    depot_share: float = parameter(
        "φ_A", "fraction", 0.5, 0.3, 0.6, "uniform",
        "assumption", "assumed",
        "share of the dose that reaches absorbing mucosa; only its product with the absorbed "
        "fraction matters")
    depot_half_life: float = parameter(
        "t½,A", "min", 25, 15, 35, "lognormal",
        "striepens2013", "derived",
        "with a plasma half-life of 4 min puts the plasma peak near 15 min (C13)")
    absorbed_fraction: float = parameter(
        "f", "fraction", 0.02, 0.01, 0.08, "lognormal",
        "landgraf1985", "derived",
        "of the depot; with the depot share about 1 % of the dose is absorbed (order of magnitude "
        "from Landgraf)")
    brain_fraction: float = parameter(
        "b", "fraction", 3.0e-4, 0.0, 6e-4, "normal",
        "assumption", "assumed",
        "contested route, the range includes zero; chosen to reproduce H1a: 24 IU lifts the brain "
        "level about 2.5-fold")
    # the way along the nerves
    brain_volume: float = parameter(
        "V_brain", "mL", 250, 200, 300, "normal",
        "assumption", "assumed", "extracellular fluid of the adult brain")
    transit_half_life: float = parameter(
        "t½,T", "min", 9, 4, 18, "lognormal",
        "assumption", "assumed",
        "places the central peak 30-60 min after the spray (rodent extracellular peaks, Neumann "
        "2013)")
    # the residue that only saliva reads, in two pools: minutes and hours
    residue_fast_share: float = parameter(
        "φ_F", "fraction", 0.2, 0.1, 0.3, "uniform",
        "assumption", "assumed", "share of a small dose held as fast residue")
    residue_slow_share: float = parameter(
        "φ_W", "fraction", 0.05, 0.02, 0.08, "uniform",
        "assumption", "assumed", "share of a small dose held as slow residue")
    residue_fast_half_life: float = parameter(
        "t½,F", "min", 4, 3, 5, "lognormal",
        "weisman2012", "derived", "fall of saliva from 15 to 45 min")
    residue_slow_half_life: float = parameter(
        "t½,W", "min", 240, 150, 300, "lognormal",
        "weisman2012", "derived",
        "fall of saliva from 45 to 120 min (about 220); chosen to reproduce C7e, 6-10 times "
        "placebo at 7 h")
    # the mucosa holds so much, whatever is sprayed
    capacity: float = parameter(
        "D_max", "IU", 5, 3, 7, "lognormal",
        "vanijzendoorn2012", "derived",
        "dose scale on which the residue saturates: 16 and 24 IU read alike")
    # what a saliva sample reads of plasma and of the two pools
    saliva_basal_ratio: float = parameter(
        "s", "1", 2.3, 1.4, 3.8, "lognormal",
        "weisman2012", "derived", "saliva over extracted plasma at rest: 6.9 over about 3.4 pg/mL")
    drip_fast: float = parameter(
        "d_F", "pg/mL per µg", 8000, 4000, 16000, "lognormal",
        "weisman2012", "derived", "1265 pg/mL at 15 min after 24 IU")
    drip_slow: float = parameter(
        "d_W", "pg/mL per µg", 320, 200, 560, "lognormal",
        "weisman2012", "derived", "132 pg/mL at 45 min after 24 IU")


def depot_rate(depot: float, dose_rate: float, p: Parameters) -> float:
    """dA/dt, µg/min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> depot_rate(0.0, 1.0, p) == p.depot_share * MICROGRAM_PER_IU
    True
    """
    return p.depot_share * MICROGRAM_PER_IU * dose_rate - LN2 / p.depot_half_life * depot


def residue_fast_rate(residue: float, dose_rate: float, p: Parameters) -> float:
    """dF/dt, µg/min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> residue_fast_rate(0.0, 0.0, p)
    0.0
    """
    lodged = p.residue_fast_share * MICROGRAM_PER_IU  # µg per IU while the mucosa is empty
    return dose_rate * (lodged - residue / p.capacity) - LN2 / p.residue_fast_half_life * residue


def residue_slow_rate(residue: float, dose_rate: float, p: Parameters) -> float:
    """dW/dt, µg/min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> residue_slow_rate(0.0, 0.0, p)
    0.0
    """
    lodged = p.residue_slow_share * MICROGRAM_PER_IU  # µg per IU while the mucosa is empty
    return dose_rate * (lodged - residue / p.capacity) - LN2 / p.residue_slow_half_life * residue


def absorption(depot: float, p: Parameters) -> float:
    """f·k_A·A: drug entering the blood, µg/min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> round(absorption(20.0, p), 4)
    0.0111
    """
    return p.absorbed_fraction * LN2 / p.depot_half_life * depot


def transit_rate(transit: float, depot: float, p: Parameters) -> float:
    """dT/dt, pg/mL per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> transit_rate(0.0, 0.0, p)
    0.0
    """
    # the share b of what leaves the depot, per volume of brain fluid
    entering = (
        p.brain_fraction * LN2 / p.depot_half_life * depot * PICOGRAM_PER_MICROGRAM / p.brain_volume
    )
    return entering - into_brain(transit, p)


def into_brain(transit: float, p: Parameters) -> float:
    """k_T·T: arrival in the brain's extracellular fluid, pg/mL per min.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> into_brain(0.0, p)
    0.0
    """
    return LN2 / p.transit_half_life * transit


def lost(
    depot: float, residue_fast: float, residue_slow: float, dose_rate: float, p: Parameters
) -> float:
    """Drug swallowed or broken down, µg/min: everything that is neither held, absorbed nor bound
    for the brain.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> lost(0.0, 0.0, 0.0, 1.0, p) < MICROGRAM_PER_IU  # some of the dose lodges
    True
    """
    # what stays in the nose, then what goes on; the rest was swallowed or broken down
    depot_gain = depot_rate(depot, dose_rate, p)
    residue_gain = residue_fast_rate(residue_fast, dose_rate, p)
    stored = depot_gain + residue_gain + residue_slow_rate(residue_slow, dose_rate, p)
    to_brain = p.brain_fraction * LN2 / p.depot_half_life * depot
    return MICROGRAM_PER_IU * dose_rate - stored - absorption(depot, p) - to_brain


def saliva(plasma: float, residue_fast: float, residue_slow: float, p: Parameters) -> float:
    """What a saliva sample contains, pg/mL: basal saliva follows plasma, nasal residue drips on
    top.

    >>> from oxysim.model.rows import default_values
    >>> p = default_values(Parameters)
    >>> saliva(3.0, 0.0, 0.0, p) == 3.0 * p.saliva_basal_ratio
    True
    """
    return p.saliva_basal_ratio * plasma + p.drip_fast * residue_fast + p.drip_slow * residue_slow
