"""Samples: draws that depend on seed, dyad and name alone, and distributions that
match their rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, UnitError, UnknownNameError
from oxysim.families import Dyad, Family, combine
from oxysim.model import registry
from oxysim.population import ScreeningReport, draw, sample, symptomatic
from oxysim.population.quantiles import TAIL, quantile
from oxysim.schedule import Routine
from oxysim.simulation.averaging.slow_equilibrium import descend
from oxysim.simulation.simulate import simulate

ROWS = registry.parameters()
FEW = ["caregiver.depression.loop_gain", "caregiver.bond.usual_bond", "infant.oxytocin.feeding"]


# --------------------------------------------------------------------------------------
# distributions
@pytest.mark.parametrize("name", ROWS)
def test_quantiles_match_the_row(name: str) -> None:
    row = ROWS[name]
    for role in ("", *row.roles):
        ends = quantile(row, np.array([1e-12, 0.5, 1 - 1e-12]), role)
        if row.distribution == "fixed":
            assert np.all(ends == row.default_for(role))
            continue
        middle = (
            (row.low + row.high) / 2 if row.distribution == "uniform" else row.default_for(role)
        )
        np.testing.assert_allclose(ends, [row.low, middle, row.high], rtol=1e-6, atol=1e-6)
        many = quantile(row, np.linspace(0, 1, 1001), role)
        assert np.all(np.diff(many) >= 0) and many[0] >= row.low and many[-1] <= row.high


def test_the_farther_end_of_a_lognormal_lies_1_96_sd_away() -> None:
    row = ROWS["caregiver.depression.loop_gain"]
    assert row.high / row.default > row.default / row.low  # the upper end is the farther one
    draws = np.log(sample(20_000, seed=3, varied=FEW[:1]).value(FEW[0]) / row.default)
    upper = draws[draws > 0] / np.log(row.high / row.default) * TAIL
    # normal between 0 and half an SD, given at most 1.96
    assert abs(np.mean(upper < 0.5) - 0.19146 / 0.475) < 0.015


@pytest.mark.parametrize("name", FEW)
def test_drawn_medians_are_the_defaults(name: str) -> None:
    row, draws = ROWS[name], sample(4000, seed=9, varied=FEW).value(name)
    assert row.low <= draws.min() and draws.max() <= row.high
    assert abs(np.mean(draws < row.default) - 0.5) < 0.03


def test_different_parameters_and_seeds_are_unrelated() -> None:
    families = sample(3000, seed=1, varied=FEW)
    values = np.array(
        [
            families.value(FEW[0]),
            families.value(FEW[1]),
            sample(3000, seed=2, varied=FEW).value(FEW[0]),
        ]
    )
    assert np.all(np.abs(np.corrcoef(np.log(values))[np.triu_indices(3, 1)]) < 0.06)


# --------------------------------------------------------------------------------------
# invariance
@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 700), more=st.integers(1, 300), seed=st.integers(0, 2**40))
def test_more_dyads_change_no_draw(n: int, more: int, seed: int) -> None:
    small, large = sample(n, seed=seed, varied=FEW), sample(n + more, seed=seed, varied=FEW)
    for name in FEW:
        np.testing.assert_array_equal(small.value(name), large.value(name)[:n])


@settings(max_examples=15, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 599), min_size=1, max_size=40, unique=True),
    name=st.sampled_from(FEW),
)
def test_any_subset_in_any_order_and_with_other_parameters_draws_the_same(
    numbers: list[int], name: str
) -> None:
    whole, subset = sample(600, seed=4, varied=FEW), draw(numbers, seed=4, varied=[name])
    np.testing.assert_array_equal(subset.value(name), whole.value(name)[numbers])
    assert subset.dyads == tuple(numbers)


def test_another_caregiver_changes_nobody_else() -> None:
    alone = sample(20, seed=5)
    both = sample(20, seed=5, caregivers=("mother", "father"))
    for name in alone.parameters:
        np.testing.assert_array_equal(alone.value(name), both.value(name))
    assert not np.array_equal(
        both.value("mother.bond.usual_bond"), both.value("father.bond.usual_bond")
    )
    assert (
        np.median(
            sample(500, seed=5, caregivers=("father",), varied=["father.oxytocin.play"]).value(
                "father.oxytocin.play"
            )
        )
        > 0.8
    )


# --------------------------------------------------------------------------------------
# options
def test_ages_spread_over_their_range() -> None:
    ages = sample(500, seed=1, infant_age=("3 months", "9 months"), varied=[]).ages() / 1440
    assert 91 <= ages.min() < 95 and 269 < ages.max() <= 274 and abs(np.mean(ages) - 182.6) < 7
    assert set(sample(3, seed=1, varied=[]).ages() / 1440) == {152.0}


def test_fixed_parameters_are_held_and_the_rest_varies() -> None:
    families = sample(50, seed=1, fixed={"caregiver.depression.loop_gain": 2.0})
    assert families.value(FEW[0]) == 2.0 and np.ptp(families.value(FEW[1])) > 0
    # a row whose distribution is "fixed"
    assert families.value("caregiver.mentalising.sensitivity_halo") == 0
    few = sample(50, seed=1, varied=FEW)
    assert few.value("caregiver.reward.half_reward") == ROWS["caregiver.reward.half_reward"].default


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(InputError, match="at least 1"):
        sample(0, seed=1)
    with pytest.raises(InputError, match="seed"):
        sample(1, seed=-1)
    with pytest.raises(UnknownNameError, match="loop_gain"):
        sample(1, seed=1, varied=["caregiver.depression.loop_gian"])
    with pytest.raises(UnknownNameError, match="loop_gain"):
        sample(1, seed=1, fixed={"caregiver.depression.loop_gian": 1})
    with pytest.raises(InputError, match="both fixed and varied"):
        sample(1, seed=1, fixed={FEW[0]: 1}, varied=FEW)
    with pytest.raises(InputError, match="one value a parameter"):
        sample(2, seed=1, fixed={FEW[0]: [1, 2]})
    with pytest.raises(InputError, match="lower end first"):
        sample(1, seed=1, infant_age=("9 months", "3 months"))
    with pytest.raises(UnitError):
        sample(1, seed=1, infant_age=("3", "9"))


# ------------------------------------------------------------------------------------------- the
# symptomatic regime A strong loop, so that few candidates are needed; long steps, because these
# tests are about the screening.
NARROW: dict[str, Any] = {
    "seed": 2,
    "fixed": {"caregiver.depression.loop_gain": 2.4},
    "varied": ["caregiver.depression.set_point", "caregiver.reward.half_reward"],
}
LONG_STEP = 20.0


@pytest.fixture(scope="module")
def screened() -> Iterator[tuple[Family, ScreeningReport]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oxysim.population.screening.STEP", LONG_STEP)
        yield symptomatic(4, block=8, **NARROW)


def test_symptomatic_dyads_start_where_they_rest(screened: tuple[Family, ScreeningReport]) -> None:
    family, report = screened
    assert len(family) == 4 and np.all(family.start["mother.depression"] >= report.threshold)
    assert (
        report.kept == 4
        and report.screened == family.dyads[-1] + 1
        and report.share == 4 / report.screened
    )
    drawn = draw(family.dyads, **NARROW)
    for name in drawn.parameters:
        np.testing.assert_array_equal(family.value(name), drawn.value(name))
    again = descend(family, Routine.typical(), floor=0.0, step=LONG_STEP)
    for name, values in again.values.items():
        np.testing.assert_allclose(values, family.start[name], atol=0.05)


def test_neither_n_nor_the_block_changes_a_symptomatic_dyad(
    screened: tuple[Family, ScreeningReport],
) -> None:
    family, _ = screened
    fewer, _ = symptomatic(2, block=3, **NARROW)
    assert fewer.dyads == family.dyads[:2]
    for name in fewer.start:
        np.testing.assert_allclose(fewer.start[name], family.start[name][:2], rtol=1e-9)


def test_dyads_rest_where_the_full_model_leaves_them() -> None:
    """A course of a month from where rounds of days leave two dyads: after their first year neither
    the day nor the usual signals change with age.
    """
    dyads = combine([Dyad(infant_age="380 d"), Dyad.symptomatic(infant_age="380 d")])
    rested = descend(dyads, Routine.typical(), floor=0.0, step=5.0)
    assert rested.settled.all()
    course = simulate(
        dyads.with_start(rested.values), Routine.typical(), "30 d", start="00:00", save="1 h",
        variables=["mother.depression", "mother.bond"],
    )  # fmt: skip
    for state, tolerance in (("depression", 0.05), ("bond", 0.002)):
        last_day = course[f"mother.{state}"].values[:, -24:].mean(axis=1)
        np.testing.assert_allclose(last_day, rested.values[f"mother.{state}"], atol=tolerance)


def test_symptomatic_errors() -> None:
    with pytest.raises(InputError, match="threshold"):
        symptomatic(1, seed=1, threshold=25)
    with pytest.raises(InputError, match="block"):
        symptomatic(1, seed=1, block=0)
