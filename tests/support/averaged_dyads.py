"""Averaged systems of dyads for tests of the loop."""

from __future__ import annotations

import numpy as np

import oxysim as ox
from oxysim.arrays import FloatArray
from oxysim.loop.averaged_system import AveragedSystem

LOOP_GAIN = "caregiver.depression.loop_gain"


def strong() -> AveragedSystem:
    """The symptomatic dyad of a strong loop, its infant's methylation held where it is."""
    return AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)


def gains_at_rest(system: AveragedSystem, depressions: FloatArray) -> FloatArray:
    """The loop gains at which a dyad rests at each depression: a curve of resting points that needs
    no search for them.

    The loop gain G enters M9 alone, linearly, in what depression relaxes to. With depression held,
    everything else comes to rest whatever G is, and what depression then asks for, a + b·G logit
    units, is 0 at G = −a/b.
    """
    held = AveragedSystem(
        system.dyad, system.routine, held=(*system.held, system.names[0]), step=system.step
    )
    x = np.repeat(held.start[:, None], len(depressions), axis=1)
    asked, first = [], np.zeros(len(depressions), dtype=np.int64)
    # depression is held where a dyad starts: one dyad for each
    ensemble = AveragedSystem(
        system.dyad.repeat(len(depressions)).with_start({system.names[0]: depressions}),
        system.routine, held=held.held, step=system.step,
    )  # fmt: skip
    rested = _rested(ensemble, x)
    for gain in (1.0, 2.0):
        whole = system.with_parameter(LOOP_GAIN, gain)
        columns = np.concatenate([depressions[None], rested])
        asked.append(whole.rates_of(columns, first)[0] / whole.spread(columns)[0])
    return 1.0 - asked[0] / (asked[1] - asked[0])


def _rested(ensemble: AveragedSystem, x: FloatArray) -> FloatArray:
    """Newton's method for what is not held, one dyad a column."""
    for _ in range(8):
        rates, slopes = ensemble.jacobian_of(x, np.arange(x.shape[1]))
        x = x - np.linalg.solve(slopes, rates.T[:, :, None])[:, :, 0].T
    return x
