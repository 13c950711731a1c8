"""What a dyad's averaged day has of its own: by its usual bond and confidence, and, of many dyads,
by what the traits of some say of the others.

For a search that asks thousands of populations, in which every dyad's own averaged day would cost
more than all else. Linear in the traits, by ridge regression; what the traits do not say of the
measured dyads is handed round to the others, so that offsets keep their spread.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import logit

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.model.structure import CaregiverParameters

PENALTY = 2.0  # of the slopes: a few hundred dyads tell some forty of them


def share_of_own_usual(values: CaregiverParameters, reference: Mapping[str, float]) -> FloatArray:
    """What it adds to the loop's share in depression that bond and confidence are felt there as
    deviations from the dyad's own usual, and not from the reference dyad's (logit units).

    Elsewhere, as in engagement, both count from the reference dyad's.

    >>> from oxysim.families import Dyad
    >>> dyad = Dyad(parameters={"caregiver.bond.usual_bond": 0.8})
    >>> usual = {"caregiver.bond.usual_bond": 0.7, "caregiver.bond.usual_confidence": 0.65}
    >>> bool(share_of_own_usual(dyad.resolved().caregivers[0], usual) > 0)  # farther below her own
    True
    """
    gains, own = values.depression, values.bond
    bond = logit(own.usual_bond) - logit(reference["caregiver.bond.usual_bond"])
    confidence = logit(own.usual_confidence) - logit(reference["caregiver.bond.usual_confidence"])
    share: FloatArray = gains.bond_gain * bond + gains.confidence_gain * confidence
    return share


def predicted_offsets(dyads: Family, measured: FloatArray) -> FloatArray:
    """The offsets of all dyads, shape (n, k), from those of the first, shape (n_measured, k).

    Measured offsets stay as they are.

    >>> from oxysim.population import sample
    >>> dyads = sample(60, seed=1, varied=["caregiver.bond.reward_gain"])
    >>> gain = np.log(dyads.value("caregiver.bond.reward_gain"))[:, None]
    >>> bool(np.abs(predicted_offsets(dyads, gain[:40]) - gain)[40:].max() < 0.3)
    True
    """
    number, count = len(measured), len(dyads)
    if number >= count:
        return measured[:count]
    design = _standardised_traits(dyads)
    known = design[:number]
    weights = PENALTY * np.eye(design.shape[1])
    # the mean is free
    weights[-1, -1] = 1e-9
    slopes = np.linalg.solve(known.T @ known + weights, known.T @ measured)
    predicted = design @ slopes
    residual = measured - predicted[:number]
    return np.asarray(predicted + residual[np.arange(count) % number])


def _standardised_traits(dyads: Family) -> FloatArray:
    """One column a parameter that differs between dyads, and one of ones."""
    columns = []
    for _, values in sorted(dyads.parameters.items()):
        entries = np.asarray(values, dtype=float)
        if entries.ndim == 0 or np.ptp(entries) == 0:
            continue
        # most traits are normal as logarithms
        entries = np.log(entries) if entries.min() > 0 else entries
        columns.append((entries - entries.mean()) / entries.std())
    return np.column_stack([*columns, np.ones(len(dyads))])
