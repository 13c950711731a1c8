"""Dyads run block by block: what is kept, who failed, and that a block changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from oxysim.families import Dyad, Family
from oxysim.schedule import Routine
from oxysim.simulation.block_runner import BlockTables, DyadBlock, Reading, dyad_blocks, run_blocks
from oxysim.simulation.run import PreparedRun, prepare
from oxysim.simulation.scipy_engine import Solver

NAME = "mother.cortisol"
TIMES = np.array([480.0, 510.0])


def run(family: Family, size: int, solver: Solver | None = None) -> BlockTables[str]:
    """An ensemble over half an hour, `size` dyads at a time."""

    def prepare_block(block: DyadBlock) -> PreparedRun:
        return prepare(block.who, Routine.typical(), "30 min", solver=solver)

    def read(block_run: PreparedRun, block: DyadBlock) -> Iterator[Reading[str]]:
        recorder, _ = block_run.run([NAME], TIMES)
        for column in range(len(TIMES)):
            yield NAME, (column,), recorder.values[NAME][:, column]

    return run_blocks(family, size, {NAME: (len(TIMES),)}, prepare_block, read)


@pytest.mark.parametrize(("n", "size", "sizes"), [(5, 2, [2, 2, 1]), (4, 4, [4]), (3, 9, [3])])
def test_blocks_hold_every_dyad_once(n: int, size: int, sizes: list[int]) -> None:
    blocks = list(dyad_blocks(Family().repeat(n), size))
    assert [len(block.who) for block in blocks] == sizes
    assert np.concatenate([block.positions for block in blocks]).tolist() == list(range(n))
    assert [number for block in blocks for number in block.who.numbers] == list(range(n))


def test_a_dyads_numbers_do_not_depend_on_its_block() -> None:
    family = Dyad(parameters={"mother.stress.cortisol_half_life": np.linspace(62.0, 88.0, 3)})
    one_each, together = run(family, 1).values[NAME], run(family, 3).values[NAME]
    np.testing.assert_allclose(one_each, together, rtol=1e-5)
    assert np.all(np.diff(one_each[:, 1]) != 0)


def test_failures_are_counted_in_the_ensemble_and_leave_no_numbers() -> None:
    tables = run(Dyad().repeat(3), 2, Solver(max_evaluations=100, fixed_step=0.1))
    assert sorted(tables.failures) == [0, 1, 2]
    assert all("max_evaluations" in reason for reason in tables.failures.values())
    assert np.isnan(tables.without_failed([NAME])[NAME]).all()
