"""A store in memory: the same interface as the one on disk, for sweeps that are
small and not kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from oxysim.checks import instance
from oxysim.errors import InputError
from oxysim.simulation.results.run_status import RunStatus
from oxysim.sweeps.blocks import BlockResult, block_count, block_slices, shape_for
from oxysim.sweeps.study import Study


class MemoryStore:
    """The results of one sweep as arrays. What it holds is lost with it."""

    def __init__(self) -> None:
        self._dataset: xr.Dataset | None = None
        self._study: Study | None = None
        self._shape: tuple[int, ...] = ()
        self._done: set[int] = set()

    @property
    def block_shape(self) -> tuple[int, ...] | None:
        """The block shape with which it was begun; None before."""
        return self._shape or None

    def begin(self, study: Study, block_shape: Sequence[int], *, source: str | None = None) -> None:
        """Make room for a study; begun again with the same study, go on with it.

        Raises
        ------
        InputError : it holds another study.
        """
        instance(study, "study", Study, "a Study")
        instance(source, "source", str | None, "the text of a study file, or None")  # type: ignore[arg-type]
        shape = shape_for(study.dims, block_shape)
        if self._study is not None:
            if self._study.identity() != study.identity() or self._shape != shape:
                raise InputError("this store holds another study; use a new one")
            return
        empty = study.template()
        for name in empty.data_vars:
            kind = object if name == "reason" else empty[name].dtype  # texts of any length
            empty[name] = empty[name].copy(data=np.array(empty[name].values, dtype=kind))
        self._dataset, self._study, self._shape = empty, study, shape

    def pending(self) -> list[int]:
        """Numbers of the blocks that are missing or failed."""
        study, _ = self._begun()
        return [
            number
            for number in range(block_count(study.dims, self._shape))
            if number not in self._done
        ]

    def write(self, number: int, result: BlockResult) -> None:
        """Keep a computed block."""
        study, dataset = self._begun()
        place = block_slices(study.dims, self._shape, number)
        for name, values in {
            **result.values,
            "status": result.status,
            "reason": result.reason,
        }.items():
            dataset[name].values[place] = values
        self._done.add(number)

    def fail(self, number: int, reason: str) -> None:
        """Record that a whole block failed, and why."""
        study, dataset = self._begun()
        place = block_slices(study.dims, self._shape, number)
        dataset["status"].values[place] = RunStatus.FAILED
        dataset["reason"].values[place] = reason

    def dataset(self) -> xr.Dataset:
        """What is there now."""
        return self._begun()[1]

    def close(self) -> None:
        """Nothing has to be given up."""

    def _begun(self) -> tuple[Study, xr.Dataset]:
        if self._study is None or self._dataset is None:
            raise InputError("the store is not begun; call begin(study, block_shape) first")
        return self._study, self._dataset
