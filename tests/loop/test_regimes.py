"""The averaged system, the regimes of a dyad, and what full simulations say of both."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.families import Dyad, Family
from oxysim.interventions import Coaching, SkinToSkin
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.averaging_errors import _vulnerability, averaging_error
from oxysim.loop.equilibria.equilibrium_search import distinct, equilibria, newton
from oxysim.loop.full_model.frozen_model import PoincareMap
from oxysim.loop.full_model.limit_cycles import LimitCycles, with_missing
from oxysim.loop.regime_analysis.missed_regimes import long_runs
from oxysim.loop.regime_analysis.regime_verification import verify
from oxysim.loop.regime_analysis.regimes import ASSUMPTION, Regimes, regimes, regimes_of, word_for
from oxysim.model.slow_states import loop_states
from oxysim.population import sample
from oxysim.schedule import Routine
from oxysim.simulation.averaging import frozen_day
from oxysim.simulation.averaging.daily_mean import rest
from tests.support.averaged_dyads import gains_at_rest

LOOP_GAIN = "caregiver.depression.loop_gain"
CUT = "reward -> depression"


@pytest.fixture(scope="module")
def system() -> AveragedSystem:
    return AveragedSystem(Dyad.symptomatic())


@pytest.fixture(scope="module")
def dyad_regimes() -> Regimes:
    return regimes(Dyad.symptomatic(), starts=8)


# --------------------------------------------------------------------------------------------- the
# averaged system
def test_one_column_many_columns_and_arrays_agree(
    system: AveragedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = system.start[:, None] * np.array([1.0, 0.9, 1.05])
    together = system.rates(x)
    np.testing.assert_array_equal(
        together, np.stack([system.rates(x[:, i]) for i in range(3)], axis=1)
    )
    # on every core
    np.testing.assert_array_equal(np.tile(together, 40), system.rates(np.tile(x, 40)))
    monkeypatch.setattr(frozen_day, "COMPILES", False)
    for few in (0, 12):
        monkeypatch.setattr(frozen_day, "FEW", few)
        plain = AveragedSystem(Dyad.symptomatic(), settle=1)
        monkeypatch.setattr(frozen_day, "COMPILES", True)
        compiled = AveragedSystem(Dyad.symptomatic(), settle=1)
        expected = compiled.rates(x[:, :2])
        monkeypatch.setattr(frozen_day, "COMPILES", False)
        np.testing.assert_allclose(plain.rates(x[:, :2]), expected, rtol=1e-9, atol=1e-12)


def test_halving_the_step_quarters_the_error_or_better(system: AveragedSystem) -> None:
    # what remembers the reward of the last days, which hears the day's course
    reward = system.names.index("mother.recent_reward")
    exact = AveragedSystem(Dyad.symptomatic(), step=0.5).rates(system.start)[reward]
    coarse, fine = (
        abs(AveragedSystem(Dyad.symptomatic(), step=s).rates(system.start)[reward] - exact)
        for s in (20, 5)
    )
    assert fine < coarse / 3
    # of what it asks for, in multiples of the usual day's
    assert fine * system.times[reward] < 5e-4


def test_it_rests_where_the_library_s_own_search_for_rest_ends() -> None:
    averaged_system = AveragedSystem(Dyad.symptomatic(), held=("infant.methylation",))
    resting = newton(averaged_system, averaged_system.start[:, None])[:, 0]
    theirs = rest(Dyad.symptomatic(), Routine.typical())
    for name, value in zip(averaged_system.names, resting, strict=True):
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
    # beside rest, where no rate is zero, and long enough settled to be told apart in five digits
    settled = replace(system, settle=6)
    x = system.natural(system.stretched(system.start) + 0.3)
    multipliers = {CUT: np.zeros(1)}
    np.testing.assert_allclose(
        settled.with_edges({CUT: 0.0}).rates(x),
        settled.rates_of(x[:, None], np.zeros(1, int), multipliers)[:, 0],
        rtol=1e-5,
    )
    # contact is felt by what remembers the reward of the last days, and through it by depression
    contact = system.with_routine(Routine.typical() + SkinToSkin("60 min daily at 11:00"))
    reward = system.names.index("mother.recent_reward")
    assert contact.rates(system.start)[reward] > system.rates(system.start)[reward]


def test_a_skill_is_a_slow_state_only_where_something_teaches_it(system: AveragedSystem) -> None:
    taught = system.with_routine(Routine.typical() + Coaching("60 min daily at 14:00"))
    assert set(taught.names) - set(system.names) == {"mother.coaching_skill"}
    assert taught.rates(taught.start)[taught.names.index("mother.coaching_skill")] > 0
    assert taught.times[taught.names.index("mother.coaching_skill")] > 100


def test_a_family_of_two_has_the_slow_states_of_both() -> None:
    dyad = Family(("mother", "father"))
    system = AveragedSystem(dyad, Routine.household(("mother", "father")))
    assert system.names[len(loop_states("caregiver"))] == "father.depression"
    # the reference household stays where it is
    assert np.abs(system.rates(system.start)).max() < 0.05


def test_a_dyad_that_little_decides_is_named_beforehand() -> None:
    """The symptomatic dyad begun below, on and above the separatrix between its regimes."""
    starts = [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 12.0]
    dyads = (
        Dyad.symptomatic()
        .repeat(8)
        .replace(infant_age="6 months")
        .with_start({"caregiver.depression": starts})
    )
    measured = averaging_error(dyads, duration="9 months")
    assert measured.table["doubtful"].tolist() == [start in (5.0, 6.0) for start in starts]
    assert measured.worst < 0.6 and measured.averaged[1, -1] < 7 and measured.averaged[4, -1] > 14
    assert np.diff(measured.days).max() <= 7 and "2 doubtful dyads" in str(measured)


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


# --------------------------------------------------------------------------------------
# the regimes
def test_the_default_symptomatic_dyad_has_three_regimes(dyad_regimes: Regimes) -> None:
    assert [regime.word for regime in dyad_regimes] == [
        "recovered",
        "at the cut-off",
        "symptomatic",
    ]
    assert [regime.stable for regime in dyad_regimes] == [True, False, True]
    assert abs(dyad_regimes[0].epds - 5.4) < 0.05 and 17 < dyad_regimes[2].epds < 19
    # where the curve of resting points has the dyad's own loop gain
    depressions = np.array([regime.means["mother.depression"] for regime in dyad_regimes[1:]])
    np.testing.assert_allclose(
        gains_at_rest(dyad_regimes.system, depressions),
        dyad_regimes.system.dyad.value(LOOP_GAIN),
        atol=2e-3,
    )
    assert not dyad_regimes.lost
    assert ASSUMPTION in str(dyad_regimes)


def test_averaged_and_full_regimes_are_the_same_within_a_twentieth_of_a_point(
    dyad_regimes: Regimes,
) -> None:
    for regime in dyad_regimes:
        assert abs(regime.averaged["mother.depression"] - regime.means["mother.depression"]) < 0.05
        near = np.exp(regime.eigenvalues[0].real)
        assert abs(near - abs(regime.multipliers[0])) < 5e-4


def test_every_regime_is_verified_from_beside_it(dyad_regimes: Regimes) -> None:
    table = verify(dyad_regimes, weeks=4)
    assert table["verified"].all()
    assert (table["depression_start"] > 0.05).all()


def test_a_wrong_regime_is_not_verified(dyad_regimes: Regimes) -> None:
    lower = dyad_regimes[0]
    moved = {**lower.state, "mother.depression": lower.state["mother.depression"] + 0.5}
    wrong = replace(dyad_regimes, found=(replace(lower, state=moved),))
    assert not verify(wrong, weeks=2)["verified"].any()


def test_a_regime_tells_every_variable(dyad_regimes: Regimes) -> None:
    table = dyad_regimes.table()
    assert len(table) == 3
    assert {"infant.readability", "mother.interaction", "infant.cortisol"} <= set(
        dyad_regimes[0].means
    )
    assert dyad_regimes[2].means["mother.warmth"] < dyad_regimes[0].means["mother.warmth"]


@pytest.fixture(scope="module")
def fold(system: AveragedSystem) -> tuple[np.ndarray, np.ndarray]:
    """The curve of resting points about the fold where the symptomatic regime ends: depressions and
    loop gains, the least of which is the fold's.
    """
    depressions = np.linspace(12.0, 17.0, 101)
    return depressions, gains_at_rest(system, depressions)


def pair_at(gain: float, fold: tuple[np.ndarray, np.ndarray]) -> list[float]:
    """The two depressions at which the curve has a loop gain: below and above the fold's."""
    depressions, gains = fold
    least = int(gains.argmin())
    below = np.interp(-gain, -gains[: least + 1], depressions[: least + 1])
    return [float(below), float(np.interp(gain, gains[least:], depressions[least:]))]


def test_a_pair_that_lies_closer_than_the_grid_is_found(
    system: AveragedSystem, fold: tuple[np.ndarray, np.ndarray]
) -> None:
    for beside in (0.001, 0.003):
        gain = float(fold[1].min()) + beside
        low, *pair = equilibria(system.with_parameter(LOOP_GAIN, gain), 0)[0]
        assert abs(low - 5.4) < 0.05
        np.testing.assert_allclose(pair, pair_at(gain, fold), atol=0.05)


@pytest.mark.parametrize("beside", [-0.006, 0.003, 0.006])
def test_both_regimes_of_a_pair_beside_a_fold_are_found(
    beside: float, fold: tuple[np.ndarray, np.ndarray]
) -> None:
    gain = float(fold[1].min()) + beside
    dyad_regimes = regimes(Dyad.symptomatic().with_parameters({LOOP_GAIN: gain}), starts=0)
    assert [regime.stable for regime in dyad_regimes] == (
        [True, False, True] if beside > 0 else [True]
    )
    assert not dyad_regimes.lost
    assert max(regime.gap for regime in dyad_regimes) < 1e-8  # each is a cycle of the full model
    if beside > 0:
        pair = [regime.means["mother.depression"] for regime in dyad_regimes[1:]]
        np.testing.assert_allclose(pair, pair_at(gain, fold), atol=0.25)


def test_two_stable_cycles_without_one_between_them_have_it_sought(dyad_regimes: Regimes) -> None:
    full = PoincareMap(dyad_regimes.system)
    y = np.array([list(regime.state.values()) for regime in dyad_regimes]).T
    x = np.array([list(regime.averaged.values()) for regime in dyad_regimes]).T
    slopes = np.stack([regime.derivative for regime in dyad_regimes])
    cycles = LimitCycles(full, y, np.zeros(3), slopes, x).closed()
    assert len(cycles) == 3 and not cycles.broken()
    assert with_missing(cycles) is cycles
    for indices, lacking in (([0, 2], True), ([0, 1], True), ([1, 2], True), ([0], False)):
        assert cycles.take(indices).broken() == lacking
    again = with_missing(cycles.take([0, 2]))
    np.testing.assert_allclose(again.depression, cycles.depression, atol=1e-5)
    np.testing.assert_allclose(again.x[:, 1], x[:, 1], rtol=1e-4)


def test_what_the_search_leaves_open_is_said(
    dyad_regimes: Regimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(
        "oxysim.loop.regime_analysis.regimes"
    )  # the package hands out the function of that name
    monkeypatch.setattr(module, "with_missing", lambda cycles, turns: cycles)
    x = np.array([list(regime.averaged.values()) for regime in dyad_regimes]).T
    two = regimes_of(dyad_regimes.system, x[:, [0, 2]])
    assert len(two) == 2 and "do not alternate" in str(two)
    twice = regimes_of(dyad_regimes.system, x[:, [2, 2]])
    assert len(twice) == 1 and "1 of the averaged system's 2 resting points" in str(twice)


def test_a_weak_loop_has_one_regime() -> None:
    alone = regimes(Dyad(), starts=0)
    assert len(alone) == 1
    assert alone[0].word == "recovered"
    assert alone[0].stable


def test_cutting_an_edge_takes_the_upper_regimes_away() -> None:
    assert [regime.word for regime in regimes(Dyad.symptomatic(), cut=[CUT], starts=0)] == [
        "recovered"
    ]


def test_the_multipliers_are_those_of_the_map(dyad_regimes: Regimes) -> None:
    """The determinant and trace of the derivative answer to its eigenvalues, and a cycle maps onto
    itself.
    """
    upper, full = dyad_regimes[2], PoincareMap(dyad_regimes.system)
    y = np.array(list(upper.state.values()))[:, None]
    np.testing.assert_allclose(full(y), y, atol=1e-6)
    np.testing.assert_allclose(np.trace(upper.derivative), upper.multipliers.sum().real, rtol=1e-9)


def test_long_runs_come_to_the_regimes_and_tell_what_is_not_in_the_list(
    dyad_regimes: Regimes,
) -> None:
    whole = long_runs([dyad_regimes], starts=12)
    assert whole.missed.empty and whole.table.loc[0, "reached"] == 2
    high = whole.regime[0] == 1
    np.testing.assert_allclose(
        whole.depression[0][high], dyad_regimes[2].state["mother.depression"], atol=0.31
    )
    lower = replace(dyad_regimes, found=dyad_regimes.found[:2])
    summary = long_runs([lower], starts=12, longest=1400)
    assert summary.table.loc[0, "under_way"] == high.sum() > 0
    np.testing.assert_allclose(
        summary.missed.loc[0, "elsewhere"], [dyad_regimes[2].state["mother.depression"]], atol=1e-4
    )
    assert "missed, a stable cycle at depression" in str(summary)


def test_a_dyad_that_lingers_where_two_regimes_have_just_vanished_has_not_been_misjudged(
    fold: tuple[np.ndarray, np.ndarray],
) -> None:
    gain = float(fold[1].min()) - 0.006
    before = regimes(Dyad.symptomatic().with_parameters({LOOP_GAIN: gain}), starts=0)
    ran = long_runs([before], starts=8, longest=600)
    assert len(before) == 1 and ran.missed.empty and ran.table.loc[0, "under_way"] > 0
    assert 0 < ran.table.loc[0, "drift"] < 3
    assert "still under way" in str(ran) and "no further stable cycle is there" in str(ran)


def test_the_words() -> None:
    assert [word_for(epds) for epds in (4.0, 9.99, 10.0, 12.9, 13.0)] == [
        "recovered", "recovered", "at the cut-off", "at the cut-off", "symptomatic",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: regimes(Dyad(), starts=-1), "starts"),
        (lambda: regimes(Dyad(parameters={LOOP_GAIN: [1.0, 2.0]})), "expected one dyad"),
        (
            lambda: regimes(
                Dyad(), Routine.typical() + SkinToSkin("60 min daily at 11:00 for 5 weeks")
            ),
            "so that it ends. Regimes are of a day that is repeated for ever",
        ),
        (lambda: PoincareMap(AveragedSystem(Dyad(), held="mother.bond")), "nothing is held"),
        (lambda: verify(Regimes(AveragedSystem(Dyad()), (), ()), weeks=0), "weeks"),
        (lambda: long_runs([]), "a list of regimes of dyads"),
        (lambda: long_runs([Regimes(AveragedSystem(Dyad()), (), ())], starts=0), "starts"),
        (
            lambda: long_runs(
                [Regimes(AveragedSystem(Dyad(), edges=e), (), ()) for e in ({}, {CUT: 0})]
            ),
            "those of entry 2 differ",
        ),
        (
            lambda: averaging_error(
                Family(("mother", "father")), Routine.household(("mother", "father"))
            ),
            "caregiver",
        ),
    ],
)
def test_what_cannot_be_is_refused(call: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        call()


# --------------------------------------------------------------------------------------
# long
def test_only_vulnerability_is_added_to_an_averaged_course() -> None:
    """The drive of birth fades beside it, and is oxytocin's."""
    at_birth = {
        "caregiver.depression.vulnerability_at_birth": 0.3,
        "caregiver.depression.vulnerability_time": 30,  # days
        "caregiver.oxytocin.birth_drive": 5.0,
    }
    newborn = Dyad(infant_age="0 d", parameters=at_birth)
    for days in (0.0, 12.0):
        expected = 0.3 * np.exp(-days / 30)
        assert _vulnerability(newborn, days) == pytest.approx(expected)


@pytest.mark.long
def test_the_averaged_system_follows_a_hundred_random_dyads_for_eighteen_months(
    capsys: pytest.CaptureFixture[str],
) -> None:
    measured = averaging_error(sample(100, seed=5, infant_age="0 d"))
    with capsys.disabled():
        sys.stdout.write(f"\n{measured}\n")
    assert measured.median < 0.2
    assert not measured.table["error"].isna().any()
    assert measured.worst < 0.6


def with_two_rests(dyads: Family, number: int) -> list[int]:
    """The first `number` dyads whose averaged slow states come to rest apart from a low and from a
    high start.
    """
    system = AveragedSystem(dyads, settle=1)
    ends = []
    for epds in (1.0, 28.0):
        z = system.stretched(system.start)
        z[0] = np.log(epds / (30 - epds))
        for _ in range(60):
            x = system.natural(z)
            z += np.clip(system.rates(x) / system.spread(x) * system.times[:, None], -1, 1)
        ends.append(system.natural(z)[0])
    return np.flatnonzero(ends[1] - ends[0] > 2.0)[:number].tolist()


@pytest.fixture(scope="module")
def hundred() -> list[Regimes]:
    """The regimes of 100 random dyads, every parameter drawn by itself over its whole range, the
    loop's gain evenly: 50 as they come, and the next 50 that rest twice.
    """
    wide = sample(1500, seed=8)
    gain = np.random.default_rng(8).uniform(0.5, 2.2, len(wide))
    wide = wide.with_parameters({LOOP_GAIN: gain})
    chosen = [*range(50), *(50 + np.array(with_two_rests(wide.take(np.arange(50, 1500)), 50)))]
    return [regimes(wide.take([number]).replace(dyads=None)) for number in chosen]


@pytest.mark.long
def test_no_stable_regime_that_long_simulations_find_is_missed(
    hundred: list[Regimes], capsys: pytest.CaptureFixture[str]
) -> None:
    """Fifty random starts a dyad, carried by the full model until each has come to a regime."""
    ran = long_runs(hundred, starts=50)
    with capsys.disabled():
        sys.stdout.write(f"\n{ran}\n")
    assert ran.regime.shape == (100, 50) and ran.missed.empty
    assert (ran.table["stable"] > 1).sum() >= 40
    assert (ran.table["reached"] == ran.table["stable"]).mean() > 0.95
    # the others do not stand still
    assert ran.table["arrived"].sum() > 4800 and ran.table["drift"].min() > 0.01


@pytest.mark.long
def test_every_regime_of_a_hundred_random_dyads_is_verified(
    hundred: list[Regimes], capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.concat([verify(regime) for regime in hundred], keys=range(100))
    with capsys.disabled():
        number = (
            f"{table['verified'].sum()} of {len(table)} regimes verified"
            f" ({(~table['stable']).sum()} unstable)"
        )
        sys.stdout.write(f"\n{number}\n{table[~table['verified']].to_string()}\n")
    assert not [regime.lost for regime in hundred if regime.lost]
    assert all(
        [regime.stable for regime in dyad_regimes] == [i % 2 == 0 for i in range(len(dyad_regimes))]
        for dyad_regimes in hundred
    )
    assert table["verified"].mean() > 0.98


@pytest.mark.long
def test_scan_and_scatter_find_the_same(system: AveragedSystem) -> None:
    scanned, both = equilibria(system, 0), equilibria(system, 64, seed=3)
    np.testing.assert_allclose(distinct(system, scanned), both, rtol=1e-6)
