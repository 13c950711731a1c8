"""Sweeps: designs, studies, and running them in blocks on any executor, in memory or into a store."""

from oxysim.sweeps.axes import Axis, Range, linspace, logspace
from oxysim.sweeps.contained import DamageError
from oxysim.sweeps.design import Design, grid, latin_hypercube, one_at_a_time, sobol, table, zipped
from oxysim.sweeps.estimate import Estimate, estimate
from oxysim.sweeps.executors import SweepError
from oxysim.sweeps.memory import MemoryStore
from oxysim.sweeps.run import sweep
from oxysim.sweeps.study import Study
from oxysim.sweeps.verification import Verification, open_sweep, verify

__all__ = [
    "Axis", "DamageError", "Design", "Estimate", "MemoryStore", "Range", "Study", "SweepError", "Verification",
    "estimate", "grid", "latin_hypercube", "linspace", "logspace", "one_at_a_time", "open_sweep", "sobol", "sweep",
    "table", "verify", "zipped",
]  # fmt: skip


def __dir__() -> list[str]:
    """The public names alone: modules that happen to be loaded are no part of the door."""
    return sorted(__all__)
