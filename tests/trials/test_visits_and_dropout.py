"""When participants are seen, who drops out, and what is missing then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.visits import Visit
from oxysim.trials.trial import Trial


def test_visits_fall_inside_their_windows(two: Trial) -> None:
    visits = [Visit("1 d", window="20 min", at="10:00"), Visit("3 d", window="1 d", at="10:00")]
    trial = replace(two, endpoints=Endpoint("epds", "3 d"), visits=visits)
    sample = trial.run(20, 200).sample
    hours = (sample.days * 24).reshape(-1, 3)
    assert (hours[:, 0] == 0).all()
    assert np.abs(hours[:, 1] - 26).max() <= 1 / 3 + 1e-9
    assert set(np.round(hours[:, 2]).tolist()) == {50, 74, 98}
    assert abs(np.mean(hours[:, 2] < 60) - 1 / 3) < 0.03


@given(monthly=st.floats(0, 0.5), months=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_drop_out_at_random_follows_its_rate(monthly: float, months: int, seed: int) -> None:
    days = np.broadcast_to(30.4375 * np.arange(months + 1), (4000, months + 1))
    uniform = np.random.default_rng(seed).random(days.shape)
    stays = Dropout(monthly).staying(days, None, uniform)
    expected = (1 - monthly) ** np.arange(months + 1)
    assert np.abs(stays.mean(axis=0) - expected).max() < 5 * np.sqrt(0.25 / 4000)
    assert (np.diff(stays.astype(int), axis=1) <= 0).all()  # nobody comes back


def test_drop_out_by_the_epds_at_the_last_visit() -> None:
    days = np.broadcast_to([0.0, 30.4375, 60.875], (6000, 3))
    epds = np.full(days.shape, 10.0)
    epds[:, 1] = 15.0
    stays = Dropout(0.1, per_point=2.0, cutoff=13.0).staying(
        days, epds, np.random.default_rng(1).random(days.shape)
    )
    first = 1 - stays[:, 1].mean()
    then = 1 - stays[stays[:, 1], 2].mean()
    assert abs(first - 0.1) < 0.02
    assert abs(then - (1 - 0.9**4)) < 0.02  # two points above the cut-off: four times the rate


def test_readings_after_drop_out_are_missing_and_the_flow_adds_up(two: Trial) -> None:
    visits = [Visit("1 d"), Visit("2 d")]
    trial = replace(two, visits=visits, dropout=Dropout(0.95))
    result = trial.run(20, 300)
    arms = result.readings()
    allocated = np.stack([result.sample.course == k for k in (0, 1)])
    for k, values in enumerate(arms.values()):
        assert np.array_equal(~np.isnan(values), allocated[k] & result.sample.stays[..., -1])
    flow = result.flow()
    for column in ("mean", "replication 0"):
        number = flow[column]
        assert sum(number[f"{arm}: allocated"] for arm in arms) == pytest.approx(20)
        for arm in arms:
            assert number[f"{arm}: analysed"] + number[f"{arm}: dropped out"] == pytest.approx(
                number[f"{arm}: allocated"]
            )
            assert (
                number[f"{arm}: attended 2 d"]
                <= number[f"{arm}: attended 1 d"]
                <= number[f"{arm}: allocated"]
            )
    assert number["screened"] == 20
    assert 0.1 < 1 - result.sample.stays[..., -1].mean() < 0.3
