"""The averaged system, the regimes of a dyad, and what full simulations say of both."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.interventions import Coaching, SkinToSkin
from oxysim.loop import frozen_day
from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.averaging_error import averaging_error
from oxysim.loop.full_map import FullMap
from oxysim.loop.regimes import ASSUMPTION, Regimes, regimes, word_for
from oxysim.loop.rest_points import distinct, newton, rest_points
from oxysim.loop.verifying import verify
from oxysim.participants import Dyad, Family
from oxysim.population import sample
from oxysim.schedule import Routine
from oxysim.simulation.averaging import rest
from oxysim.simulation.scipy_engine import Solver

LOOP_GAIN = "caregiver.depression.loop_gain"
CUT = "reward -> depression"


@pytest.fixture(scope="module")
def system() -> AveragedSystem:
    return AveragedSystem(Dyad.symptomatic())


@pytest.fixture(scope="module")
def found() -> Regimes:
    return regimes(Dyad.symptomatic(), starts=8)


# --------------------------------------------------------------------------------------------- the averaged system
def test_one_column_many_columns_and_arrays_agree(system: AveragedSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    x = system.start[:, None] * np.array([1.0, 0.9, 1.05])
    together = system.rates(x)
    np.testing.assert_array_equal(together, np.stack([system.rates(x[:, i]) for i in range(3)], axis=1))
    np.testing.assert_array_equal(np.tile(together, 40), system.rates(np.tile(x, 40)))  # on every core
    monkeypatch.setattr(frozen_day, "COMPILES", False)
    for few in (0, 12):
        monkeypatch.setattr(frozen_day, "FEW", few)
        plain = AveragedSystem(Dyad.symptomatic(), settle=1)
        monkeypatch.setattr(frozen_day, "COMPILES", True)
        compiled = AveragedSystem(Dyad.symptomatic(), settle=1)
        wanted = compiled.rates(x[:, :2])
        monkeypatch.setattr(frozen_day, "COMPILES", False)
        np.testing.assert_allclose(plain.rates(x[:, :2]), wanted, rtol=1e-9, atol=1e-12)


def test_halving_the_step_quarters_the_error_or_better(system: AveragedSystem) -> None:
    exact = AveragedSystem(Dyad.symptomatic(), step=0.5).rates(system.start)[0]
    coarse, fine = (abs(AveragedSystem(Dyad.symptomatic(), step=s).rates(system.start)[0] - exact) for s in (20, 5))
    assert fine < coarse / 3
    assert fine / system.spread(system.start[:, None])[0, 0] * 21 < 2e-3  # of what depression asks for, logit units


def test_it_rests_where_the_library_s_own_search_for_rest_ends() -> None:
    held = AveragedSystem(Dyad.symptomatic(), held=("infant.methylation",))
    resting = newton(held, held.start[:, None])[:, 0]
    theirs = rest(Dyad.symptomatic(), Routine.typical())
    for name, value in zip(held.names, resting, strict=True):
        np.testing.assert_allclose(value, theirs[name][0], rtol=3e-3, atol=2e-3)


@settings(max_examples=8, deadline=None)
@given(gain=st.floats(0.5, 2.2), strength=st.floats(0.0, 1.0), shift=st.floats(-0.5, 0.5))
def test_an_ensemble_is_its_dyads_one_by_one(gain: float, strength: float, shift: float) -> None:
    both = AveragedSystem(Dyad(parameters={LOOP_GAIN: [1.0, gain]}), edges={CUT: [1.0, strength]})
    x = both.natural(both.stretched(both.start) + shift)
    alone = AveragedSystem(Dyad(parameters={LOOP_GAIN: gain}), edges={CUT: strength})
    np.testing.assert_allclose(both.rates(x)[:, 1], alone.rates(x[:, 1]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(both.jacobian(x)[1], alone.jacobian(x[:, 1]), rtol=1e-5, atol=1e-8)


def test_variants_change_what_they_say(system: AveragedSystem) -> None:
    weak = system.with_parameter(LOOP_GAIN, 1.0)
    assert weak.rates(system.start)[0] < system.rates(system.start)[0] - 0.01
    cut = system.with_edges({CUT: 0.0})
    multipliers = {CUT: np.zeros(1)}
    np.testing.assert_allclose(
        cut.rates(system.start), system.rates_of(system.start[:, None], np.zeros(1, int), multipliers)[:, 0], rtol=1e-5
    )
    contact = system.with_routine(Routine.typical() + SkinToSkin("60 min daily at 11:00"))
    assert contact.rates(system.start)[0] < system.rates(system.start)[0]


def test_a_skill_is_a_slow_state_only_where_something_teaches_it(system: AveragedSystem) -> None:
    taught = system.with_routine(Routine.typical() + Coaching("60 min daily at 14:00"))
    assert set(taught.names) - set(system.names) == {"mother.coaching_skill"}
    assert taught.rates(taught.start)[taught.names.index("mother.coaching_skill")] > 0
    assert taught.times[taught.names.index("mother.coaching_skill")] > 100


def test_a_family_of_two_has_the_slow_states_of_both() -> None:
    who = Family(("mother", "father"))
    system = AveragedSystem(who, Routine.household(("mother", "father")))
    assert system.names[4] == "father.depression"
    assert np.abs(system.rates(system.start)).max() < 0.05  # the reference household stays where it is


def test_a_dyad_that_little_decides_is_named_beforehand() -> None:
    """The symptomatic dyad begun below, on and above the separatrix between its regimes."""
    starts = [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 12.0]
    who = Dyad.symptomatic().repeat(8).replace(infant_age="6 months").with_start({"caregiver.depression": starts})
    measured = averaging_error(who, duration="9 months")
    assert measured.table["doubtful"].tolist() == [start == 6.0 for start in starts]
    assert measured.worst < 0.6 and measured.averaged[2, -1] < 7 and measured.averaged[4, -1] > 14
    assert np.diff(measured.days).max() <= 7 and "1 doubtful dyads" in str(measured)


WRONG: list[tuple[dict[str, Any], type[OxysimError], str]] = [
    ({"dyad": "mother"}, InputError, "expected a Dyad"),
    ({"edges": {"reward -> depresion": 0}}, UnknownNameError, CUT),
    ({"edges": {CUT: -1}}, InputError, "multiplier"),
    ({"held": ("mother.bonds",)}, UnknownNameError, "mother.bond"),
    ({"days": 3}, InputError, "1 or 7 days"),
    ({"step": 0}, InputError, "step"),
    ({"dyad": Dyad(infant_age=["2 months", "5 months"])}, InputError, "one infant age"),
    ({"dyad": Dyad(infant_age=["2 months", "5 months"])}, InputError, "several"),
]


@pytest.mark.parametrize(("given_", "error", "says"), WRONG)
def test_bad_input_is_named(given_: dict[str, Any], error: type[OxysimError], says: str) -> None:
    with pytest.raises(error, match=says):
        AveragedSystem(**{"dyad": Dyad(), **given_})


def test_a_state_of_the_wrong_shape_is_refused(system: AveragedSystem) -> None:
    with pytest.raises(InputError, match="mother.confidence"):
        system.rates(np.ones(3))


# ----------------------------------------------------------------------------------------------------- the regimes
def test_the_default_symptomatic_dyad_has_three_regimes(found: Regimes) -> None:
    assert [one.word for one in found] == ["recovered", "at the cut-off", "symptomatic"]
    assert [one.stable for one in found] == [True, False, True]
    np.testing.assert_allclose([found[0].epds, found[2].epds], [5.40, 16.14], atol=0.05)
    assert not found.lost
    assert ASSUMPTION in str(found)


def test_averaged_and_full_regimes_are_the_same_within_a_twentieth_of_a_point(found: Regimes) -> None:
    for one in found:
        assert abs(one.averaged["mother.depression"] - one.means["mother.depression"]) < 0.05
        near = np.exp(one.eigenvalues[0].real)
        assert abs(near - abs(one.multipliers[0])) < 5e-4


def test_every_regime_is_verified_from_beside_it(found: Regimes) -> None:
    table = verify(found, weeks=4)
    assert table["verified"].all()
    assert (table["epds_start"] > 0.05).all()


def test_a_wrong_regime_is_not_verified(found: Regimes) -> None:
    lower = found[0]
    moved = {**lower.state, "mother.depression": lower.state["mother.depression"] + 0.5}
    wrong = replace(found, found=(replace(lower, state=moved),))
    assert not verify(wrong, weeks=2)["verified"].any()


def test_a_regime_tells_every_variable(found: Regimes) -> None:
    table = found.table()
    assert len(table) == 3
    assert {"infant.readability", "mother.interaction", "infant.cortisol"} <= set(found[0].means)
    assert found[2].means["mother.warmth"] < found[0].means["mother.warmth"]


def test_a_regime_beside_a_fold_is_found_in_the_full_model_and_its_missing_sibling_is_said() -> None:
    """The averaged system has a pair at EPDS 13.0 and 13.3, the full model its stable one at 13.8."""
    here = regimes(sample(12, seed=8, fixed={LOOP_GAIN: 2.0}).take([2]).replace(dyads=None), starts=0)
    assert [one.word for one in here.stable] == ["recovered", "symptomatic"]
    assert abs(here.worst().epds - 13.80) < 0.05
    assert len(here.unstable) + len(here.lost) == 1


def test_a_weak_loop_has_one_regime() -> None:
    alone = regimes(Dyad(), starts=0)
    assert len(alone) == 1
    assert alone[0].word == "recovered"
    assert alone[0].stable


def test_cutting_an_edge_takes_the_upper_regimes_away() -> None:
    assert [one.word for one in regimes(Dyad.symptomatic(), cut=[CUT], starts=0)] == ["recovered"]


def test_the_multipliers_are_those_of_the_map(found: Regimes) -> None:
    """The determinant and trace of the derivative answer to its eigenvalues, and a cycle maps onto itself."""
    upper, full = found[2], FullMap(found.system)
    y = np.array(list(upper.state.values()))[:, None]
    np.testing.assert_allclose(full(y), y, atol=1e-6)
    np.testing.assert_allclose(np.trace(upper.derivative), upper.multipliers.sum().real, rtol=1e-9)


def test_the_words() -> None:
    assert [word_for(epds) for epds in (4.0, 9.99, 10.0, 12.9, 13.0)] == [
        "recovered", "recovered", "at the cut-off", "at the cut-off", "symptomatic",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: regimes(Dyad(), starts=-1), "starts"),
        (lambda: regimes(Dyad(parameters={LOOP_GAIN: [1.0, 2.0]})), "expected one dyad"),
        (lambda: FullMap(AveragedSystem(Dyad(), held="mother.bond")), "nothing is held"),
        (lambda: verify(Regimes(AveragedSystem(Dyad()), (), ()), weeks=0), "weeks"),
        (lambda: averaging_error(Family(("mother", "father")), Routine.household(("mother", "father"))), "caregiver"),
    ],
)
def test_what_cannot_be_is_refused(call: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        call()


# ---------------------------------------------------------------------------------------------------------- long
@pytest.mark.long
def test_the_averaged_system_follows_a_hundred_random_dyads_for_eighteen_months(
    capsys: pytest.CaptureFixture[str],
) -> None:
    measured = averaging_error(sample(100, seed=5, infant_age="0 d"))
    with capsys.disabled():
        sys.stdout.write(f"\n{measured}\n")
    assert measured.median < 0.5
    assert not measured.table["error"].isna().any()
    assert measured.worst < 0.6


@pytest.mark.long
def test_no_stable_regime_that_long_simulations_find_is_missed() -> None:
    """Fifty random starts a dyad, 1000 days of the full model's map: every one ends at a regime that was found."""
    dyads = sample(6, seed=8, fixed={LOOP_GAIN: 2.0})
    several = 0
    for number in range(len(dyads)):
        here = regimes(dyads.take([number]).replace(dyads=None))
        several += len(here.stable) > 1
        system, full = here.system, FullMap(here.system, Solver(rtol=1e-6))
        random = np.random.default_rng(number)
        z = system.stretched(system.start[:, None]) + random.uniform(-2, 2, (len(system.names), 50))
        x = system.natural(z)
        x[0] = random.uniform(1, 28, 50)
        y = system.cycle(x, np.zeros(50, dtype=np.int64))
        for _ in range(1000):
            y = full(y)
        ends = y[system.places[0]]
        stable = np.array([one.state["mother.depression"] for one in here.stable])
        assert np.abs(ends[:, None] - stable).min(axis=1).max() < 0.5
    assert several > 0


@pytest.mark.long
def test_scan_and_scatter_find_the_same(system: AveragedSystem) -> None:
    scanned, both = rest_points(system, 0), rest_points(system, 64, seed=3)
    np.testing.assert_allclose(distinct(system, scanned), both, rtol=1e-6)
