"""The examples of trials and cohorts run from end to end, print what they found and draw it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.example_scripts import run


@pytest.mark.long
def test_a_crossover_is_planned_for_warmth_and_not_for_cortisol(tmp_path: Path) -> None:
    printed = run("plan_a_crossover", tmp_path, "--quick")
    needed = [
        float(n.replace(",", ""))
        for n in re.findall(r"about ([\d,]+) mothers for 80 % power", printed)
    ]
    assert len(needed) == 2
    assert needed[1] > 100 * needed[0]  # nobody could run the trial that sees an effect on cortisol


@pytest.mark.long
def test_daily_contact_is_told_arm_by_arm_and_mother_by_mother(tmp_path: Path) -> None:
    printed = run("daily_skin_to_skin", tmp_path, "--quick")
    assert re.search(r"24 of \d+ screened \([\d.]+ %\) met epds >= 8 at 2 weeks", printed)
    assert "skin-to-skin: analysed" in printed and "true responders (at most -4)" in printed
    assert float(re.search(r"true effect: mean (-?[\d.]+)", printed)[1]) < 0  # type: ignore[index]


@pytest.mark.long
def test_a_birth_cohort_is_classed_with_and_without_error(tmp_path: Path) -> None:
    printed = run("birth_cohort", tmp_path, "--quick")
    shares = [float(share) for share in re.findall(r"^  .{26} +([\d.]+) %", printed, re.MULTILINE)]
    assert len(shares) == 4 and sum(shares) == pytest.approx(100, abs=0.3)


@pytest.mark.long
def test_the_assurance_of_a_study_is_told_with_its_spread(tmp_path: Path) -> None:
    printed = run("how_likely_is_a_finding", tmp_path, "--quick")
    assert "Ensemble: community, before any finding" in printed
    likely = re.search(r"probability of ([\d.]+) \(95 % interval ([\d.]+) to ([\d.]+)\)", printed)
    assert likely is not None
    mean, low, high = (float(number) for number in likely.groups())
    assert 0 <= low <= mean <= high <= 1
