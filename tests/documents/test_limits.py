"""Whatever a user can type has a limit that is said, by `describe` too: no size beyond a machine is
accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import oxysim as ox
from oxysim.errors import InputError, OxysimError
from oxysim.interventions import NasalSpray
from oxysim.population import Population
from oxysim.studies.trial_file import read_trial
from oxysim.trials import Blocked, Endpoint, Parallel, Trial
from oxysim.trials.participant_groups import groups

HUGE = 10**9
TWO = {"usual care": None, "spray": NasalSpray("24 IU", at="10:00")}


def _trial(**options: object) -> Trial:
    return Trial(ox.Dyad().repeat(4), Parallel(TWO), Endpoint("epds", at="2 d"), **options)  # type: ignore[arg-type]


CALLS: dict[str, Callable[[], object]] = {
    "ratio": lambda: Parallel(TWO, (HUGE, 1)),
    "block": lambda: Blocked(HUGE),
    "arms": lambda: Parallel({f"arm {k}": NasalSpray(f"{k} IU", at="10:00") for k in range(1, 80)}),
    "an arm's name": lambda: Parallel({"a" * 300: None, "b": NasalSpray("24 IU", at="10:00")}),
    "visits": lambda: _trial(visits=[f"{k} h" for k in range(1, 2000)]),
    "replications": lambda: _trial().run(4, HUGE),
    "readings": lambda: groups(100_000, 50_000, 50_000, 0),
    "dyads of a population": lambda: Population.named("community").sample(HUGE, seed=1),
    "selected": lambda: Population.named("community").select(HUGE, seed=1),
    "save": lambda: ox.simulate(
        ox.Dyad().repeat(1000), ox.Routine.typical(), "100 d", save="0.1 min"
    ),
    "duration": lambda: ox.simulate(ox.Dyad(), ox.Routine.typical(), f"{HUGE} d"),
    "jitter": lambda: ox.Routine.typical(jitter="30 h"),
    "dose": lambda: NasalSpray(f"{HUGE} IU", at="10:00"),
}


@pytest.mark.parametrize("setting", CALLS)
def test_a_size_without_end_is_refused(setting: str) -> None:
    with pytest.raises(OxysimError) as refused:
        CALLS[setting]()
    assert len(str(refused.value)) < 1000


TRIAL = """\
[dyad]
population = "community"
n = 16

[trial]
design = "parallel"
n = 8

[trial.arms]
"usual care" = ""
spray = "24 IU intranasal daily at 10:00"

[[trial.endpoints]]
instrument = "epds"
at = "2 d"
"""
FILES = [
    (
        "n = 8",
        "n = 8\nratio = [1000000000, 1]",
        "trial.toml:8: trial.ratio.1: expected a whole number from 1 to 100",
    ),
    (
        "n = 8",
        "n = 8\nallocation = { kind = 'blocked', size = 1000000000 }",
        "trial.toml:8: trial.allocation.size",
    ),
    ("n = 8", "n = 8\nreplications = 1000000000", "trial.toml:8: trial.replications"),
    ("n = 16", "n = 1000000000", "trial.toml:3: dyad.n: expected a whole number from 1 to"),
    (
        "n = 16",
        "n = 1000000",
        "trial.toml:8: trial.replications: expected at most 100000000 readings",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "words"), FILES, ids=[words.split(": ")[1] for *_, words in FILES]
)
def test_describing_refuses_what_running_would(
    old: str, new: str, words: str, tmp_path: Path
) -> None:
    text = TRIAL.replace(old, new)
    if "readings" in words:
        text = text.replace("n = 8", "n = 100000\nreplications = 100000")
    (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_trial(tmp_path / "trial.toml")
    assert words in str(refused.value), str(refused.value)
