"""Rescue maps by simulation: what they say holds for longer, over any two doses,
and across a kill.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

pytest.importorskip("zarr")
pytest.importorskip("filelock")

import oxysim as ox  # noqa: E402
from oxysim.interventions import DailyLife, SocialSupport  # noqa: E402
from oxysim.loop.treatment.dose_map import FATES  # noqa: E402
from oxysim.loop.treatment.rescue import Rescue  # noqa: E402
from oxysim.plots.loop.rescue_map import rescue_map  # noqa: E402
from oxysim.population.members import Members  # noqa: E402
from oxysim.sweeps.axes import linspace  # noqa: E402
from oxysim.sweeps.blocks import compute  # noqa: E402
from oxysim.sweeps.store.zarr_store import ZarrStore, open_study  # noqa: E402
from tests.support.example_scripts import run  # noqa: E402
from tests.support.rescue_maps import (
    COACHING,
    COMMUNITY,
    CONTACT,
    COURSE,
    EPDS,
    MINUTES,
    SPRAY,
    question,
)  # noqa: E402

LEVEL, LENGTH = "support.level", "support.course"
SUPPORT = {"support": SocialSupport(2.0, course="5 weeks")}
NEAR_AND_FAR: dict[str, Any] = {
    LEVEL: [0.5, 1.25, 2.0],
    # about ten weeks of the most support are near the separatrix, the others far on either side
    LENGTH: [f"{weeks} weeks" for weeks in (4, 6, 9, 9.5, 10, 10.5, 16, 20)],
}


@pytest.mark.long
def test_the_map_holds_what_a_simulation_of_the_same_dose_gives() -> None:
    """The coarse solver of maps against SciPy's at a study's own tolerance."""
    rescue = question(doses={COURSE: ["1 weeks", "4 weeks"]}, followed="6 weeks").run(
        progress=False, workers=1
    )
    for k, weeks in enumerate((1, 4)):
        day = ox.Routine.typical() + ox.SkinToSkin(f"60 min daily at 11:00 for {weeks} weeks")
        alone = ox.outcomes(
            rescue.study.who,
            day,
            rescue.study.duration,
            ["caregiver.epds: weekly mean"],
            start="00:00",
            engine="scipy",
        )
        assert float(rescue.at_end[k]) == pytest.approx(
            float(alone["caregiver.epds: weekly mean"][0, -1]), abs=0.005
        )


@pytest.mark.long
def test_a_share_of_a_population_is_rescued() -> None:
    members = Members(COMMUNITY, 12, seed=3, wanted="epds >= 13", at="6 weeks")
    doses = {MINUTES: ["30 min", "120 min"], COURSE: ["2 weeks", "8 weeks"]}
    rescue = question(members, doses, followed="10 weeks", background={"life": DailyLife()}).run(
        progress=False
    )
    assert rescue.at_end.dims == (MINUTES, COURSE, "dyad")
    assert "no run is decided for good" in rescue.report()
    share = rescue.share
    assert float(share[1, 1]) > float(share[0, 0])
    assert 0 <= float(share.min()) and float(share.max()) <= 1


@pytest.mark.long
def test_below_the_cut_off_is_not_yet_below_the_separatrix() -> None:
    """Some length of support brings the EPDS below 13, where it still is six weeks later, and lets
    it climb back within one and a half years.
    """
    doses = {LENGTH: linspace("8 weeks", "12 weeks", 9)}
    short, long = (
        question(doses=doses, treatment=SUPPORT, followed=weeks).run(progress=False)
        for weeks in ("6 weeks", "78 weeks")
    )
    climbs_back = short.rescued & (long.fate == FATES.index("relapse"))
    assert bool(climbs_back.any()) and bool((long.fate == FATES.index("lasting")).any())
    # of none of them the short look says that it is safe
    assert bool((short.undecided | ~climbs_back).all())


@pytest.mark.long
@pytest.mark.parametrize("many", [False, True])
def test_what_the_map_says_still_holds_a_year_later(many: bool) -> None:
    """But for those of whom it says that they are not decided."""
    members, treatment, doses = None, SUPPORT, NEAR_AND_FAR
    if many:
        members, treatment = (
            Members(COMMUNITY, 30, seed=5, wanted="epds >= 13", at="6 weeks"),
            CONTACT,
        )
        doses = {
            MINUTES: linspace("35 min", "110 min", 3),
            COURSE: linspace("2 weeks", "9 weeks", 3),
        }
    half, longer = (
        question(members, doses, treatment, followed=weeks, seed=5).run(progress=False)
        for weeks in ("20 weeks", "78 weeks")
    )
    decided = ~half.undecided.values
    assert 0.4 < decided.mean() < 1
    below = (half.at_end < half.cut_off).values, (longer.at_end < longer.cut_off).values
    np.testing.assert_array_equal(below[0][decided], below[1][decided])
    assert (below[0] != below[1]).any(), "nothing changed sides, so that nothing is tested"
    # nor did anybody who had recovered come up to the cut-off on the way
    later = longer.treated[EPDS].isel(week=slice(half.treated.sizes["week"], None))
    assert float(later.where((half.at_end < half.cut_off) & ~half.undecided).max()) < half.cut_off


TWO_DOSES: list[tuple[dict[str, Any], dict[str, Any], tuple[str, str]]] = [
    (
        CONTACT,
        {MINUTES: ["30 min", "120 min"], COURSE: ["1 weeks", "5 weeks"]},
        ("(min)", "(weeks)"),
    ),
    (
        SPRAY,
        {"spray.dose": ["8 IU", "48 IU"], "spray.course": ["1 weeks", "5 weeks"]},
        ("(IU)", "(weeks)"),
    ),
    (
        COACHING,
        {"coaching.sessions": [2, 6], "coaching.start": ["2 weeks", "8 weeks"]},
        ("sessions", "(weeks)"),
    ),
]


@pytest.mark.long
@pytest.mark.parametrize(("treatment", "doses", "words"), TWO_DOSES)
def test_a_map_over_any_two_doses(
    treatment: dict[str, Any], doses: dict[str, Any], words: tuple[str, str]
) -> None:
    rescue = question(doses=doses, treatment=treatment, followed="6 weeks").run(
        progress=False, workers=1
    )
    assert rescue.at_end.dims == tuple(doses) == rescue.stops.dims == rescue.fate.dims
    assert float(rescue.without) > 13
    assert float(rescue.at_end.max() - rescue.at_end.min()) > 0.1
    assert (np.diff(rescue.stops, axis=1) > 0).all()
    ax = rescue_map(rescue)
    assert words[0] in ax.get_xlabel() and words[1] in ax.get_ylabel()
    plt.close(ax.figure)


# ----------------------------------------------------------------------- killed and gone on
TOGETHER = 6  # dyads of a block, as far as the tests of killed runs go


def interrupted() -> Rescue:
    """A map that is made in nine blocks, one a dose."""
    members = Members(COMMUNITY, TOGETHER, seed=3, infant_age="6 weeks")
    doses = {MINUTES: ["30 min", "60 min", "120 min"], COURSE: ["1 weeks", "2 weeks", "4 weeks"]}
    return question(members, doses, followed="26 weeks", background={"life": DailyLife()})


def begin(path: str) -> None:
    """Make that map in this process and say which blocks are kept, for somebody who ends it (see
    below).
    """
    write = ZarrStore.write

    def told(store: ZarrStore, number: int, result: Any) -> None:
        write(store, number, result)
        sys.stdout.write(f"{store.path.name} {number}\n")
        sys.stdout.flush()

    ZarrStore.write = told  # type: ignore[method-assign]
    interrupted().run(store=path, progress=False, workers=1)


@pytest.mark.long
def test_a_killed_map_goes_on_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oxysim.loop.treatment.rescue.DYADS_AT_ONCE", TOGETHER)
    monkeypatch.setattr("oxysim.loop.treatment.rescue.default_size", lambda _: TOGETHER)
    whole = interrupted().run(store=tmp_path / "whole", progress=False, workers=1)
    code = (
        "import sys, tests.loop.test_rescue_runs as t, oxysim.loop.treatment.rescue as r;"
        " r.DYADS_AT_ONCE = t.TOGETHER; r.default_size = lambda _: t.TOGETHER; t.begin(sys.argv[1])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "killed")]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        first_words = [process.stdout.readline().split()]
        while first_words[-1] and first_words[-1] != ["treated", "3"]:
            first_words.append(process.stdout.readline().split())
        time.sleep(0.1)  # into the next block
        process.send_signal(signal.SIGKILL)
    stored = open_study(tmp_path / "killed" / "treated")
    assert 4 <= len(stored.done) < stored.n_blocks == 9 and not stored.failed
    blocks: list[int] = []
    monkeypatch.setattr(
        "oxysim.sweeps.runner._computed",
        lambda block, _: (blocks.append(block.number), compute(block))[1],
    )
    again = interrupted().run(store=tmp_path / "killed", progress=False, workers=1)
    assert sorted(blocks) == list(stored.missing)
    for name in ("treated", "untreated"):
        xr.testing.assert_identical(getattr(again, name).load(), getattr(whole, name).load())
    assert float(again.at_end.max() - again.at_end.min()) > 1


@pytest.mark.long
def test_the_example_answers_its_question(tmp_path: Path) -> None:
    printed = run("how_long_must_skin_to_skin_go_on", tmp_path, "--quick")
    short, enough = (
        float(n) for n in re.findall(r"([\d.]+) weeks (?:is too short|are enough)", printed)
    )
    assert 1 <= short < enough
    assert "caregiver.depression.set_point" in printed


@pytest.mark.long
def test_the_example_says_who_is_rescued(tmp_path: Path) -> None:
    printed = run("who_is_rescued", tmp_path, "--quick", "--store", "stores")
    assert printed.count("in need, by dose") + printed.count("do not recover") >= 3
    assert re.search(r"12 of \d+ screened", printed)
    assert run("who_is_rescued", tmp_path, "--quick", "--store", "stores") == printed


@pytest.mark.long
def test_the_benchmark_makes_its_maps_and_goes_on_with_them(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "benchmarks" / "rescue.py"
    command = [sys.executable, str(script), "--quick", "--workers", "1", "--store", str(tmp_path)]
    first, again = (
        subprocess.run(command, capture_output=True, text=True, timeout=540, check=False)
        for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert again.returncode == 0, again.stderr
    assert (
        first.stdout.count("100 % of them made now")
        == 3
        == again.stdout.count(" 0 % of them made now")
    )
    assert "0 end on another side of the cut-off" in first.stdout
    outputs = [
        [line for line in text.stdout.splitlines() if "recovery" in line or "weeks needed" in line]
        for text in (first, again)
    ]
    assert outputs[0] == outputs[1] and len(outputs[0]) >= 4
