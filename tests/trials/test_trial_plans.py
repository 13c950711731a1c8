"""What a plan of a trial may say beside its arms: edges that are cut or scaled, what a response is;
and its texts.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError, MissingExtraError
from oxysim.families import Family
from oxysim.interventions import parse
from oxysim.population import sample
from oxysim.statistics.two_groups import welch_t_test
from oxysim.studies.trial_file import read_trial
from oxysim.texts import LONGEST_TEXT
from oxysim.trials import (
    Adherence,
    Blinded,
    Crossover,
    Dropout,
    Endpoint,
    Factorial,
    Gaussian,
    Open,
    Parallel,
    Simple,
    Stratified,
    Trial,
    Visit,
    power,
)

EDGE = "reward -> depression"
PLAY = parse("play session 30 min daily at 09:30")
ARMS = {"usual care": None, "play": PLAY}
WARMTH = Endpoint("warmth", "2 h", responds="increase", threshold=0.3)


@pytest.fixture(scope="module")
def family() -> Family:
    return sample(12, seed=5, infant_age="2 months")


@pytest.fixture(scope="module")
def trial(family: Family) -> Trial:
    return Trial(family, Parallel(ARMS), WARMTH)


# ------------------------------------------------------------------------------ edges
def test_a_cut_edge_of_a_trial_is_cut_in_every_arm_as_in_simulate(family: Family) -> None:
    plan = Trial(family, Parallel(ARMS), Endpoint("epds", "10 h"), save="1 h", cut=EDGE)
    day = plan.day
    for arm, added in ARMS.items():
        schedule = day if added is None else day + added
        expected = ox.simulate(
            family,
            schedule,
            f"{plan.length} min",
            start=plan.start,
            save="1 h",
            cut=EDGE,
            solver=plan._solver,
        )
        course = plan.pool.results[arm]["caregiver.epds"].sel(time=expected.time)
        np.testing.assert_allclose(course, expected["caregiver.epds"], rtol=1e-3, atol=1e-3)
    whole = replace(plan, cut=())
    difference = (
        whole.pool.results["usual care"]["caregiver.epds"]
        - plan.pool.results["usual care"]["caregiver.epds"]
    )
    assert float(np.abs(difference).max()) > 0


def test_a_scale_of_nought_is_a_cut_and_one_a_dyad_keeps_its_order(family: Family) -> None:
    plan = Trial(family, Parallel(ARMS), Endpoint("epds", "10 h"))
    cut, scaled = replace(plan, cut=EDGE), replace(plan, scale={EDGE: 0.0})
    per_dyad = replace(plan, scale={EDGE: np.where(np.arange(12) < 6, 0.0, 1.0)})
    of = {
        name: np.asarray(cut_plan.pool.results["play"]["caregiver.epds"])
        for name, cut_plan in {
            "whole": plan,
            "cut": cut,
            "scaled": scaled,
            "each": per_dyad,
        }.items()
    }
    np.testing.assert_array_equal(of["cut"], of["scaled"])
    np.testing.assert_allclose(of["each"][:6], of["cut"][:6], rtol=1e-6)
    np.testing.assert_allclose(of["each"][6:], of["whole"][6:], rtol=1e-6)
    assert "reward -> depression cut" in cut.run(8, 2).planned()["edges"]
    assert "edges" not in plan.run(8, 2).planned()


def test_a_trial_file_may_cut_and_scale(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(
        'seed = 3\n[dyad]\npopulation = "community"\nn = 6\n[edges]\ncut = ["reward ->'
        ' depression"]\n[trial]\ndesign = "parallel"\nn = 4\n[trial.arms]\n"usual care" = ""\nplay'
        ' = "play session 30 min at 09:30"\n[[trial.endpoints]]\ninstrument = "warmth"\nat = "2'
        ' h"\nresponds = "increase"\nthreshold = 0.3\n'
    )
    read = read_trial(path)
    assert read.plan.edges.words == "reward -> depression cut"
    assert (read.plan.primary.responds, read.plan.primary.threshold) == ("increase", 0.3)


# --------------------------------------------------------------------------- responses
def test_who_responds_is_a_change_that_matters_in_the_wanted_direction(trial: Trial) -> None:
    result = trial.run(8, 2)
    effect = result.individual()["play - usual care"].to_numpy()
    row = result.responders().loc["play - usual care"]
    assert row["respond"] == np.mean(effect >= 0.3) and row["worsen"] == np.mean(effect <= -0.3)
    assert row.sum() == pytest.approx(1.0)
    falls = replace(trial, endpoints=replace(WARMTH, responds="decrease")).run(8, 2).responders()
    assert falls.loc["play - usual care", "respond"] == row["worsen"]
    unsaid = replace(trial, endpoints=Endpoint("warmth", "2 h")).run(8, 2)
    with pytest.raises(InputError, match="which change is a response"):
        unsaid.responders()


def test_a_time_to_remission_without_its_extra_is_refused_before_anything_runs(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "statsmodels", None)  # type: ignore[arg-type]
    with pytest.raises(MissingExtraError, match=r"oxysim\[stats\]"):
        Trial(family, Parallel(ARMS), Endpoint("epds", "2 d", "time to remission"))


# ------------------------------------------------------------------------------- texts
def test_a_trial_and_its_parts_print_as_one_short_paragraph(trial: Trial) -> None:
    large = replace(trial, who=sample(300, seed=1, infant_age="2 months"))
    result = trial.run(8, 20)
    many = Parallel({f"arm {k}": parse(f"massage {k + 1} min daily at 10:00") for k in range(40)})
    contrast = welch_t_test(
        np.arange(400.0).reshape(20, 20) % 7, np.arange(400.0).reshape(20, 20) % 5
    )
    described = [
        large,
        result,
        result.sample,
        result.study("name", "question"),
        trial.pool,
        many,
        trial.design,
        WARMTH,
        Crossover(ARMS, "6 h"),
        Factorial({"play": PLAY, "massage": parse("massage 15 min daily at 11:00")}),
        Visit("2 d"),
        Simple(),
        Stratified(["low", "high"] * 150),
        Adherence(0.1),
        Dropout(0.1),
        Blinded(),
        Open(),
        contrast,
        contrast.standardised,
        power(Gaussian(0.5), n=[8, 20], replications=50),
        trial.testing("play"),
    ]
    for text in described:
        assert len(repr(text)) <= LONGEST_TEXT, type(text)
        assert "\n" not in repr(text) and "array(" not in repr(text), type(text)
        assert len(text._repr_html_()) < 20_000 and "<table" in text._repr_html_(), type(text)  # type: ignore[union-attr]
    assert "pool of 300 dyads" in repr(large) and "warmth" in repr(large)
