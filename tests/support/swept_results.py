"""Results of sweeps for the tests of figures, filled without a simulation, and what is read off a
figure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.text import Text

from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.sweeps import Range, Study, grid, latin_hypercube

SPRAY = {"spray": NasalSpray("24 IU", every="12 h", at="08:00")}
FINAL, WEEKLY, CHANGE = "caregiver.epds: final", "caregiver.epds: weekly", "caregiver.epds: change"
DOSES, DOSES_IU = [8.0, 24.0, 40.0], ["8 IU", "24 IU", "40 IU"]


def filled(study: Study, values: Callable[[Any], Any]) -> xr.Dataset:
    """The dataset of a study as if every run had come through with these values."""
    dataset = study.template()
    for name, array in dataset.items():
        if name not in ("status", "reason"):
            dataset[name] = (
                array.dims,
                np.array(np.broadcast_to(values(array), array.shape), dtype=float),
                array.attrs,
            )
    dataset["status"] = (
        dataset["status"].dims,
        np.ones(dataset["status"].shape, dtype=np.uint8),
        dataset["status"].attrs,
    )
    return dataset


def study(
    design: Any, n: int = 1, duration: str = "4 weeks", outcomes: tuple[str, ...] = (FINAL, WEEKLY)
) -> Study:
    gains = {"caregiver.depression.loop_gain": np.linspace(0.5, 1.5, n)} if n > 1 else {}
    return Study(Dyad(parameters=gains), duration, design, interventions=SPRAY, outcomes=outcomes)


def plane(array: xr.DataArray) -> Any:
    """A value that tells dose, interval and week apart."""
    total = (
        array["spray.dose"]
        + array["spray.every"] / 100
        + (array["time"] / 7 if "time" in array.dims else 0)
    )
    return total.transpose(*(dim for dim in array.dims if dim != "dyad")).values


def small_result() -> xr.Dataset:
    """Three doses by four intervals; one run failed, one was not made."""
    dataset = filled(
        study(grid({"spray.dose": DOSES_IU, "spray.every": ["6 h", "12 h", "24 h", "48 h"]})), plane
    )
    for cell, status in {(1, 2): 2, (2, 0): 0}.items():
        dataset["status"][cell] = status
        for name in ("caregiver.epds: final", "caregiver.epds: weekly"):
            dataset[name][cell] = np.nan
    dataset["reason"] = dataset["reason"].astype(object)
    dataset["reason"][1, 2] = "step limit (spray.dose = 24 IU, spray.every = 24 h)"
    return dataset


def forty_dyads() -> xr.Dataset:
    """Two doses in forty dyads, of which one failed at the first dose."""
    dataset = filled(study(grid({"spray.dose": ["8 IU", "24 IU"]}), 40), lambda _array: 0.0)
    for name, shape in (("caregiver.epds: final", (40,)), ("caregiver.epds: weekly", (40, 1))):
        dataset[name][:] = np.arange(40.0).reshape(shape)
        dataset[name][0, 7] = np.nan
    dataset["status"][0, 7] = 2
    return dataset


def scattered() -> xr.Dataset:
    ranges = {
        "spray.dose": Range("4 IU", "48 IU"),
        "caregiver.oxytocin.plasma_half_life": (3.0, 5.0),
    }
    dataset = filled(
        study(latin_hypercube(ranges, 30, seed=1), outcomes=(FINAL,)),
        lambda array: array["spray.dose"].values,
    )
    dataset["status"][4] = 2
    return dataset


def curves(ax: Any) -> list[Any]:
    return [
        line for line in ax.get_lines() if line.get_linestyle() != "None" and len(line.get_xdata())
    ]


def marks(ax: Any) -> dict[str, list[float]]:
    """Why runs have no value -> where their marks stand."""
    words = ("_failed", "_not made", "_no value")
    return {
        str(line.get_label())[1:]: list(line.get_xdata())
        for line in ax.get_lines()
        if line.get_label() in words
    }


def legend(ax: Any) -> list[str]:
    drawn = ax.get_legend()
    return [] if drawn is None else [text.get_text() for text in drawn.get_texts()]


def require_legible(fig: Any) -> None:
    """Every text that is drawn has at least 8 points and lies within the figure."""
    fig.canvas.draw()
    texts = [
        t
        for t in fig.findobj(Text)
        if t.get_visible() and t.get_text().strip() and t.get_window_extent().width > 0
    ]
    assert texts
    for text in texts:
        assert text.get_fontsize() >= 8
    box = fig.get_tightbbox()
    assert box.x0 >= -0.02 and box.y0 >= -0.02
    assert box.x1 <= fig.get_figwidth() + 0.02 and box.y1 <= fig.get_figheight() + 0.02
