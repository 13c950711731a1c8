"""When an answer agrees with a finding: every rule at its limits, by numbers made by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oxysim.findings import agreement


# rules
@pytest.mark.parametrize(
    ("mean", "error", "holds", "why"),
    [
        (2.0, 0.1, True, "lies in"),
        # both ends belong to it, and a tenth of the width is still enough
        (3.0, 0.2, True, "lies in"),
        (1.0, 0.2, True, "lies in"),
        (3.001, 0.0, False, "above"),
        (0.999, 0.0, False, "below"),
        (2.0, 0.2001, False, "more replications"),
        (2.0, math.nan, False, "more replications"),  # a single study has no such error
        (math.nan, 0.0, False, "no replication"),
    ],
)
def test_number(mean: float, error: float, holds: bool, why: str) -> None:
    verdict = agreement.judge_number(mean, error, (1.0, 3.0))
    assert verdict.holds is holds and why in verdict.why


@given(st.floats(-10, 10), st.floats(0, 1), st.floats(0.1, 5))
def test_number_never_holds_outside_and_never_when_unknown(
    mean: float, error: float, half: float
) -> None:
    verdict = agreement.judge_number(mean, error, (-half, half))
    assert verdict.holds == (-half <= mean <= half and error <= 0.1 * (2 * half))


@pytest.mark.parametrize(
    ("mean", "significant", "holds"),
    [
        (0.0, 0.5, True),
        (0.0, 0.51, False),
        (0.25, 0.0, False),
        (-0.25, 0.0, False),
        (0.249, 0.05, True),
        (math.nan, 0.0, False),
        (0.0, math.nan, False),
    ],
)
def test_null(mean: float, significant: float, holds: bool) -> None:
    assert agreement.judge_null(mean, significant).holds is holds


def test_null_within_an_interval_of_its_own() -> None:
    assert not agreement.judge_null(0.2, 0.0, (-0.1, 0.1)).holds
    assert "0.2" in agreement.judge_null(0.2, 0.0, (-0.1, 0.1)).why


@pytest.mark.parametrize(
    ("share", "significant", "holds", "why"),
    [
        (0.8, 0.5, True, "up in 80%"),
        (0.79, 1.0, False, "at least 80%"),
        (1.0, 0.49, False, "p < .05 in only 49%"),
        (math.nan, 1.0, False, "at least 80%"),
    ],
)
def test_sign(share: float, significant: float, holds: bool, why: str) -> None:
    verdict = agreement.judge_sign("up", share, significant)
    assert verdict.holds is holds and why in verdict.why


def test_up_or_none_needs_both_thirds() -> None:
    yes, no = agreement.Verdict(True, "good"), agreement.Verdict(False, "bad")
    assert agreement.judge_up_or_none(yes, yes).holds
    assert (
        not agreement.judge_up_or_none(yes, no).holds
        and not agreement.judge_up_or_none(no, yes).holds
    )
    assert "top third: good; bottom third: bad" in agreement.judge_up_or_none(yes, no).why


@pytest.mark.parametrize(
    ("mean", "error", "holds"),
    [
        (0.0, 0.3 / 1.645 - 1e-9, True),
        (0.0, 0.3 / 1.645 + 1e-9, False),
        (0.29, 0.01, False),
        (0.3, 0.0, True),
    ],
)
def test_similar_needs_the_whole_interval_inside(mean: float, error: float, holds: bool) -> None:
    assert agreement.judge_similar(mean, error, (-0.3, 0.3)).holds is holds


@pytest.mark.parametrize(("published", "holds"), [(2, True), (5, True), (1, False), (6, False)])
def test_count(published: int, holds: bool) -> None:
    assert agreement.judge_count(published, (2.0, 5.0)).holds is holds
