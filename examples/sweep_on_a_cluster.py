"""The same sweep on a Dask cluster: two workers here, or as many as the scheduler at a given
address has.

Any ``concurrent.futures.Executor`` can run a sweep; Dask gives one with ``Client.get_executor()``.
The results do not depend on who computed them, which this prints for a part of the study of
``skin_to_skin_batch.py``. Needs the extra "dask": pip install 'oxysim[dask]'.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import xarray as xr

import oxysim as ox
from oxysim.errors import OxysimError, require_extra
from oxysim.studies import read_study
from oxysim.sweeps import Study, grid, linspace, sweep

STUDY = Path(__file__).parent / "studies" / "skin_to_skin_by_loop_strength.toml"
FIGURE = Path("figures") / "sweep_on_a_cluster.png"
BLOCK = 15  # runs of a block: small ones, so that there is something to hand out


def study(quick: bool) -> Study:
    """The study of the batch on a coarser grid."""
    axes = {
        "skin_to_skin.minutes": linspace("15 min", "120 min", 2 if quick else 8),
        "caregiver.depression.loop_gain": linspace(0.5, 2.5, 3 if quick else 9),
    }
    return replace(read_study(STUDY).study, design=grid(axes))


def on_the_cluster(sweep_study: Study, address: str | None) -> xr.Dataset:
    """The sweep by the workers of a cluster."""
    distributed = require_extra("distributed", "dask")
    local = (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        if address is None
        else None
    )
    with (
        nullcontext(address) if local is None else local as cluster,
        distributed.Client(cluster) as client,
    ):
        print(f"{len(client.nthreads())} workers at {client.scheduler.address}")
        return sweep(sweep_study, executor=client.get_executor(), block_size=BLOCK)


def main() -> None:
    """The sweep on the cluster and in this process, compared, and a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a running cluster, such as tcp://node1:8786"
    )
    parser.add_argument("--quick", action="store_true", help="six runs")
    arguments = parser.parse_args()
    sweep_study = study(arguments.quick)
    begun = time.perf_counter()
    result = on_the_cluster(sweep_study, arguments.scheduler)
    print(
        f"on the cluster: {sweep_study.n_runs} runs in {time.perf_counter() - begun:.1f} s with the"
        " workers' start"
    )
    begun = time.perf_counter()
    local_result = sweep(sweep_study, workers=1)
    print(
        f"in this process: {time.perf_counter() - begun:.1f} s; the same to the last bit:"
        f" {result.equals(local_result)}"
    )
    ax = ox.plots.sweep_line(
        result.isel(time=-1),
        "caregiver.epds: weekly",
        "skin_to_skin.minutes",
        "caregiver.depression.loop_gain",
    )
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(ax, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"sweep_on_a_cluster: {error}")
