from oxysim.sweeps.axes import Axis, Range, linspace, logspace
from oxysim.sweeps.cost_estimate import CostEstimate, estimate
from oxysim.sweeps.executors import SweepError
from oxysim.sweeps.runner import sweep
from oxysim.sweeps.store.contained_files import DamageError
from oxysim.sweeps.store.memory_store import MemoryStore
from oxysim.sweeps.store.verification import Verification, open_sweep, verify
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import (
    SweepDesign,
    grid,
    latin_hypercube,
    one_at_a_time,
    sobol,
    table,
    zipped,
)

__all__ = [
    "Axis",
    "CostEstimate",
    "DamageError",
    "MemoryStore",
    "Range",
    "Study",
    "SweepDesign",
    "SweepError",
    "Verification",
    "estimate",
    "grid",
    "latin_hypercube",
    "linspace",
    "logspace",
    "one_at_a_time",
    "open_sweep",
    "sobol",
    "sweep",
    "table",
    "verify",
    "zipped",
]
