"""What a trial will take is said before it runs, from a pilot of its parts."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from oxysim.cli.main import main
from oxysim.studies import trial_cost as cost
from oxysim.studies.trial_file import read_trial

STUDIES = Path(__file__).resolve().parents[2] / "examples" / "studies"
SPRAY, CONTACT = STUDIES / "trial_spray.toml", STUDIES / "trial_skin_to_skin.toml"


def test_describe_says_the_time_that_a_trial_will_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(SPRAY)]) == 0
    printed = capsys.readouterr().out
    assert (
        "\nCost\n  about " in printed
        and "simulating" in printed
        and "replications" in printed
        and "of memory" in printed
    )
    assert main(["describe", str(SPRAY), "--no-pilot"]) == 0
    assert "time: not estimated (--no-pilot)" in capsys.readouterr().out


def test_the_parts_grow_with_the_pool_and_the_replications(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a clock that counts calls every timed part takes one tick, so that the arithmetic
    shows.
    """
    ticks = iter(range(10**6))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: float(next(ticks)))
    read = read_trial(SPRAY)
    predicted = cost.trial_cost(read)
    assert predicted.simulating == pytest.approx(len(read.who) / cost.PILOT)
    assert predicted.screening == 0
    assert predicted.seconds == predicted.simulating + predicted.analysing
    more = dataclasses.replace(read, replications=10 * read.replications)
    readings = 8.0 * max(read.power) * 9 * read.replications * len(read.plan.occasions)
    # two instruments, five more
    assert cost.memory_bytes(more) - predicted.memory_bytes == pytest.approx(7 * readings)


@pytest.mark.long
@pytest.mark.parametrize("path", [SPRAY, CONTACT])
def test_the_time_is_right_within_a_factor_of_two(path: Path) -> None:
    read = read_trial(path)
    seconds = cost.trial_cost(read).seconds
    began = time.perf_counter()
    trial = read.trial()
    result = trial.run(read.n, read.replications, read.seed)
    result.effects()
    cost.power(
        trial, trial.primary.name, n=read.power, replications=read.replications, seed=read.seed
    )
    assert 0.5 <= seconds / (time.perf_counter() - began) <= 2.0
