from oxysim.sweeps.axes import Axis, Range, linspace, logspace
from oxysim.sweeps.cost_estimate import CostEstimate, estimate
from oxysim.sweeps.runner import MemoryStore, sweep
from oxysim.sweeps.samples import latin_hypercube, sobol
from oxysim.sweeps.store.store_files import DamageError
from oxysim.sweeps.store.verification import Verification, open_sweep
from oxysim.sweeps.store.verification import verify_store as verify
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import SweepDesign, grid, one_at_a_time, table, zipped
from oxysim.sweeps.workers.worker_pools import SweepError

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
