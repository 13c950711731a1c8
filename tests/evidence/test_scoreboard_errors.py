"""The standard error of a scoreboard's row: one meaning for all rules, and runs as large as it asks
for.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.evidence.board import run_protocols, shared_cohorts
from oxysim.evidence.board.answers import Tables, answer, imprecise
from oxysim.evidence.board.protocol_runs import RUNS
from oxysim.evidence.board.shared_cohorts import RunSettings, SharedCohorts
from oxysim.findings.published import Target
from oxysim.population import Population
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table


def finding(
    rule: str,
    figure: str = "4",
    low: float | None = 3.0,
    high: float | None = 5.0,
    unit: str = "pg/mL",
) -> Target:
    return Target(
        id="T",
        use="own",
        quantity="q",
        figure=figure,
        low=low,
        high=high,
        unit=unit,
        population="p",
        n=None,
        protocol=1,
        rule=rule,
        interval_from="",
        source="s",
        status="seen",
    )


def tables(*rows: dict[str, Any], pool: int = 0) -> Tables:
    effects, figures = (
        [row for row in rows if ("outcome" in row) is is_effect] for is_effect in (True, False)
    )
    return Tables(effect_table(effects), figure_table(figures), {}, (), pool, {}, 0.0)


def figure(values: Any, quantity: str = "q", n: int = 10) -> dict[str, Any]:
    return {**figure_row(values, n=n, quantity=quantity, unit="pg/mL"), "target": "T"}


def effect(
    shift: float, expected: str = "up", outcome: str = "x", spread: float = 1.0
) -> dict[str, Any]:
    noise = spread * np.random.Generator(np.random.Philox(key=4)).standard_normal((40, 30))
    row = effect_row(
        paired(np.zeros_like(noise), noise + shift),
        outcome=outcome,
        contrast="b - a",
        unit="1",
        expected=expected,
    )  # type: ignore[arg-type]
    return {**row, "target": "T"}


def test_the_error_means_the_same_for_numbers_signs_nulls_and_likenesses() -> None:
    # the pool is part of every one: before, of numbers alone
    tables_left = tables(effect(1.0), pool=600)
    factor = math.sqrt((1 + 30 * 39 / 600) / (1 - 30 / 600))
    for rule, word in (("sign", "up"), ("null", "none"), ("similar", "like")):
        target_ = finding(rule, word, -0.25, 0.25, "dz")
        alone, shared = (answer(target_, tables_left, pooled=pooled)[0] for pooled in (False, True))
        assert alone.standard_error == pytest.approx(tables_left.effects["dz_se"].iloc[0])
        assert shared.standard_error == pytest.approx(alone.standard_error * factor)
    values = [3.5, 4.5, 3.6, 4.4]
    (alone,) = answer(finding("number"), tables(figure(values, n=10), pool=40), pooled=False)
    (shared,) = answer(finding("number"), tables(figure(values, n=10), pool=40))
    assert shared.standard_error == pytest.approx(
        alone.standard_error * math.sqrt((1 + 30 / 40) / 0.75)
    )
    # half a standard deviation over two is above a tenth of the width
    assert alone.verdict.holds is False


def test_likeness_is_judged_with_the_pools_error() -> None:
    row = effect(0.0, "similar")
    likeness = replace(finding("similar", "like", -0.3, 0.3, "SD"))
    assert answer(likeness, tables(row, pool=3000))[0].verdict.holds
    assert not answer(likeness, tables(row, pool=40))[0].verdict.holds


def test_the_pools_error_is_how_far_the_mean_moves_between_pools() -> None:
    n, size, replications, pools = 20, 100, 40, 400
    rng = np.random.Generator(np.random.Philox(key=5))
    means, errors = [], []
    for _ in range(pools):
        pool = rng.standard_normal(size) + 0.8
        drawn = np.array([rng.choice(pool, n, replace=False) for _ in range(replications)])
        row = effect_row(
            paired(np.zeros_like(drawn), drawn),
            outcome="x",
            contrast="b - a",
            unit="1",
            expected="up",
        )
        tables_left = Tables(
            effect_table([{**row, "target": "T"}]), figure_table(), {}, (), size, {}, 0.0
        )
        (part,) = answer(finding("sign", "up", None, None, "sign"), tables_left)
        means.append(part.mean)
        errors.append(part.standard_error)
    # the spread over 400 pools is known to 3.5 %
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(means, ddof=1), rel=0.12)


def test_in_arms_the_pools_error_is_that_of_its_true_effects() -> None:
    row = {**effect(1.0), "dz_pool_se": 0.3}
    (part,) = answer(finding("sign", "up", None, None, "sign"), tables(row, pool=60), pooled=False)
    assert part.standard_error == pytest.approx(math.hypot(row["dz_se"], 0.3))


def test_overlapping_studies_of_one_cohort_share_its_error_and_disjoint_parts_do_not() -> None:
    tables_left = replace(tables(effect(1.0)), cohort=600)
    overlapping = answer(finding("sign", "up", None, None, "sign"), tables_left)[0].standard_error
    disjoint = answer(
        finding("sign", "up", None, None, "sign"), replace(tables_left, cohort=30 * 40)
    )[0].standard_error
    of_replications = tables_left.effects["dz_se"].iloc[0]
    assert disjoint == pytest.approx(of_replications) and overlapping > 1.5 * of_replications


def test_a_run_grows_until_its_number_is_known_well_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def execute(shared: SharedCohorts) -> ProtocolReport:
        # the study's spread falls with its size, as that of a mean does
        asked.append(shared.settings.growth)
        values = 0.46 + 0.08 / shared.settings.growth * np.array([-1.0, 1.0, -1.0, 1.0])
        figures = figure_table([figure_row(values, n=20, target="C3")])
        return ProtocolReport("q", "", {}, effect_table([]), {}, {}, figures=figures)

    run = replace(RUNS["persistence of symptoms"], execute=execute)
    monkeypatch.setattr(run_protocols, "run_named", lambda name: run)
    setting = RunSettings(Population.named())
    tables_left = run_protocols._run("persistence of symptoms", SharedCohorts(setting))
    # 0.08 / sqrt(3) is .046 and has to come below a tenth of .2
    assert asked == [1.0, 1.6, 2.5]
    assert not imprecise(run.answers, tables_left, pooled=True)
    asked.clear()
    run_protocols._run("persistence of symptoms", SharedCohorts(replace(setting, quick=True)))
    assert asked == [1.0]


def test_a_cohort_that_grows_keeps_its_dyads_and_follows_new_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    followed: list[tuple[int, int]] = []

    def short(population: Any, n: int, *, first: int, **options: Any) -> Cohort:
        followed.append((first, n))
        return follow(population, n, first=first, until="3 d", every="1 d", seed=options["seed"])

    monkeypatch.setattr(shared_cohorts, "follow", short)
    monkeypatch.setattr(shared_cohorts, "YOUNG", 4)
    small = SharedCohorts(RunSettings(Population.named(), seed=3))
    grown = small.grown(1.5)
    before, after = small.young, grown.young
    assert followed == [(4000, 4), (200_004, 2)]
    assert after.who.dyads == (*before.who.numbers, 200_004, 200_005)
    for name, values in before.values.items():
        assert np.array_equal(after.values[name][:4], values)
    whole = follow(Population.named(), 2, first=200_004, until="3 d", every="1 d", seed=3)
    assert np.array_equal(
        after.readings("epds", "2 d", noise=False)[4:], whole.readings("epds", "2 d", noise=False)
    )
