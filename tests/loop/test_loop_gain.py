"""The gain of the loop, its sub-loops, and which edges hold the symptomatic regime up."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.branches import branch
from oxysim.loop.equilibria.equilibrium_search import equilibria
from oxysim.loop.equilibria.trajectories import to_rest
from oxysim.loop.regime_analysis.loop_gain import (
    THE_LOOP,
    OpenedEdge,
    edge_gains,
    gains_at,
    loop_gain,
    sub_loops,
)
from oxysim.loop.regime_analysis.maintenance import hold_up
from oxysim.loop.regime_analysis.regimes import Regimes, regimes, regimes_of
from tests.support.example_scripts import run

LOOP_GAIN = "caregiver.depression.loop_gain"


@pytest.fixture(scope="module")
def dyad_regimes() -> Regimes:
    return regimes(Dyad.symptomatic(), starts=0)


@pytest.mark.parametrize("at", [THE_LOOP, "bond -> depression", "depression -> engagement"])
def test_below_one_where_stable_and_above_one_between(
    dyad_regimes: Regimes, at: tuple[str, ...] | str
) -> None:
    table = gains_at(dyad_regimes, at)
    assert table["opened_stable"].all()
    assert (table.loc[table["stable"], "gain"] < 1).all()
    assert (table.loc[~table["stable"], "gain"] > 1).all()
    assert len(table) == 3


def test_the_whole_loop_s_gain_is_what_persistence_leaves_of_the_return_difference(
    dyad_regimes: Regimes,
) -> None:
    """Opened at everything that loop_gain multiplies, the system is the one without a loop, held
    where it is: its Jacobian differs from the whole in depression's own row alone.
    """
    upper = dyad_regimes[2]
    system, x = dyad_regimes.system, np.array(list(upper.averaged.values()))
    slopes = system.jacobian(x)
    opened = slopes.copy()
    persistence = float(system.dyad.value("caregiver.depression.persistence"))
    loop_factor = persistence / 30 * system.spread(x[:, None])[0, 0] - 1
    opened[0] = 0.0
    opened[0, 0] = loop_factor / system.times[0]
    expected = 1 - np.linalg.det(slopes) / np.linalg.det(opened)
    assert abs(loop_gain(system, upper).gain - expected) < 0.01  # the rest is the stress load


def test_an_edge_outside_every_loop_has_no_gain(dyad_regimes: Regimes) -> None:
    outside = loop_gain(dyad_regimes.system, dyad_regimes[2], "attachment_security -> exploration")
    assert outside.kind == "no loop"
    assert abs(outside.gain) < 1e-9


def test_opening_an_edge_leaves_the_dyad_where_it_is(dyad_regimes: Regimes) -> None:
    system, x = dyad_regimes.system, np.array(list(dyad_regimes[2].averaged.values()))[:, None]
    columns = np.repeat(x, 3, axis=1)
    standing = {"reward -> depression": OpenedEdge(np.array([False, True, True]), 1.0)}
    rates = system.rates_of(columns, np.zeros(3, dtype=np.int64), standing)
    np.testing.assert_allclose(rates, 0, atol=1e-6)


def test_the_edges_are_ranked_and_told_apart(dyad_regimes: Regimes) -> None:
    table = edge_gains(dyad_regimes.system, dyad_regimes[2]).set_index("edge")
    assert table.loc["bond -> depression", "kind"] == "reinforcing"
    assert table.loc["agonist -> caregiver_receptors", "kind"] == "balancing"
    assert table["gain"].abs().is_monotonic_decreasing
    alone_gain = loop_gain(dyad_regimes.system, dyad_regimes[2], "bond -> depression").gain
    np.testing.assert_allclose(table.loc["bond -> depression", "gain"], alone_gain, rtol=1e-6)
    # a chain: what passes over one link passes over the next two, to reward and to depression
    onwards = ("serotonin -> reward", "serotonin -> depression")
    np.testing.assert_allclose(
        table.loc["accumbens_oxytocin -> serotonin", "gain"],
        loop_gain(dyad_regimes.system, dyad_regimes[2], onwards).gain,
        rtol=1e-3,
    )


def test_sub_loops_add_up_to_the_determinant(dyad_regimes: Regimes) -> None:
    """Mason's rule: 1 - sum of gains + products of loops that share no state = det(I - direct
    gains).
    """
    system, upper = dyad_regimes.system, dyad_regimes[2]
    table = sub_loops(system, upper)
    assert table.iloc[:2]["kind"].tolist() == ["reinforcing", "reinforcing"]
    paths = [
        (frozenset(loop.split(" → ")), gain)
        for loop, gain in zip(table["loop"], table["gain"], strict=True)
    ]

    def touching_none(rest: list[tuple[frozenset[str], float]], used: frozenset[str]) -> float:
        return 1.0 + sum(
            -gain * touching_none(rest[i + 1 :], used | states)
            for i, (states, gain) in enumerate(rest)
            if not states & used
        )

    x = np.array(list(upper.averaged.values()))
    slopes, spread = system.jacobian(x), system.spread(x[:, None])[:, 0]
    whole = np.linalg.det(-system.times[:, None] * slopes * spread[None] / spread[:, None])
    strong = [path for path in paths if abs(path[1]) > 1e-9]
    np.testing.assert_allclose(touching_none(strong, frozenset()), whole, rtol=1e-6)


def test_bad_input_is_named(dyad_regimes: Regimes) -> None:
    with pytest.raises(UnknownNameError, match="reward -> depression"):
        loop_gain(dyad_regimes.system, dyad_regimes[2], "rewards -> depression")
    with pytest.raises(InputError, match="at least one edge"):
        loop_gain(dyad_regimes.system, dyad_regimes[2], ())
    with pytest.raises(InputError, match="mother.bond"):
        loop_gain(dyad_regimes.system, np.ones(2))
    with pytest.raises(InputError, match="expected that of one dyad"):
        loop_gain(AveragedSystem(Dyad(parameters={LOOP_GAIN: [1.0, 2.0]})), np.ones(5))
    with pytest.raises(UnknownNameError, match="bond -> depression"):
        hold_up(dyad_regimes, edges=["bonds -> depression"])
    with pytest.raises(InputError, match="symptomatic regime"):
        hold_up(regimes(Dyad(), starts=0))


# --------------------------------------------------------------------------------------
# what holds up
def test_what_holds_the_symptomatic_regime_up(dyad_regimes: Regimes) -> None:
    asked = [
        "infant_distress -> mood",
        "bond -> depression",
        "depression -> engagement",
        "reward -> depression",
    ]
    edge_table = hold_up(dyad_regimes, edges=asked)
    assert set(edge_table.holders()) == set(asked[1:])
    assert edge_table.table["settled"].all()
    assert edge_table.table["needed"].is_monotonic_decreasing
    assert "needed; gone below" in str(edge_table)
    for edge, needed in zip(edge_table.table["edge"], edge_table.table["needed"], strict=True):
        if needed == 0:
            continue
        above, below = (
            equilibria(dyad_regimes.system.with_edges({edge: min(needed * factor, 1.0)}), 0)
            for factor in (1.03, 0.97)
        )
        assert above.shape[1] == 3
        assert below.shape[1] == 1


def test_coming_to_rest_ends_where_the_regimes_are(dyad_regimes: Regimes) -> None:
    low, between, high = (np.array(list(regime.averaged.values())) for regime in dyad_regimes)
    x = np.stack(
        [low * 0.97 + between * 0.03, between * 0.9 + high * 0.1, between * 0.9 + low * 0.1], axis=1
    )
    ends, settled = to_rest(dyad_regimes.system, x)
    assert settled.all()
    np.testing.assert_allclose(ends[0], [low[0], high[0], low[0]], atol=5e-3)


# --------------------------------------------------------------------------------------
# at folds
@pytest.mark.long
@pytest.mark.parametrize(
    ("parameter", "low", "high", "number"),
    [
        # in the loop's strength the recovered regime ends far beyond the plausible range, 0.5 to
        # 2.2, if at all: at its usual depression it rests whatever the strength
        (LOOP_GAIN, 0.6, 4.0, 1),
        ("caregiver.depression.set_point", 4.0, 7.0, 2),
    ],
)
def test_equal_to_one_at_folds(parameter: str, low: float, high: float, number: int) -> None:
    system = AveragedSystem(Dyad.symptomatic())
    branch_folds = branch(system, parameter, low, high).folds
    assert len(branch_folds) == number
    for fold in branch_folds:
        # a search that follows no branch finds the pair on one side of it alone
        rests = [
            equilibria(system.with_parameter(parameter, fold.p + beside), 0).shape[1]
            for beside in (-0.003, 0.003)
        ]
        assert sorted(rests) == [1, 3]
        system_at_fold = system.with_parameter(parameter, fold.p)
        for at in (THE_LOOP, "reward -> depression", "depression -> engagement"):
            gain = loop_gain(system_at_fold, fold.x, at)
            assert gain.opened_stable
            assert abs(gain.gain - 1) < 1e-3


@pytest.mark.long
@pytest.mark.parametrize(
    ("parameter", "low", "high"),
    [(LOOP_GAIN, 0.6, 4.0), ("caregiver.depression.set_point", 4.0, 7.0)],
)
def test_below_one_above_one_all_along_the_branches(
    parameter: str, low: float, high: float
) -> None:
    dyad = AveragedSystem(Dyad.symptomatic())
    # from the fold at which the symptomatic regime begins to the next one, or to the range's end
    folds = [fold.p for fold in branch(dyad, parameter, low, high).folds]
    first, last = [*folds, high][:2]
    for share in (0.02, 0.2, 0.6, 0.98):
        system = dyad.with_parameter(parameter, first + share * (last - first))
        table = gains_at(regimes_of(system, equilibria(system, 0)))
        assert table["opened_stable"].all()
        assert ((table["gain"] < 1) == table["stable"]).all()
        assert table["stable"].tolist() == [True, False, True]


@pytest.mark.long
def test_the_ranking_of_all_edges_is_the_same_twice(dyad_regimes: Regimes) -> None:
    first, second = hold_up(dyad_regimes), hold_up(dyad_regimes)
    assert first.table.equals(second.table)
    assert {"bond -> depression", "reward -> depression"} <= set(first.holders())
    assert first.table["needed"].is_monotonic_decreasing
    # the most needed of all is: just below what it says the regime is gone, just above it is there
    edge, needed = first.table.loc[0, ["edge", "needed"]]
    rests = [
        equilibria(dyad_regimes.system.with_edges({edge: strength}), 0).shape[1]
        for strength in (0.97 * needed, min(1.03 * needed, 1.0))
    ]
    assert rests == [1, 3]


@pytest.mark.long
def test_the_example_ranks_the_edges_and_draws_them(dyad_regimes: Regimes, tmp_path: Path) -> None:
    printed = run("which_edge_holds_the_depression_up", tmp_path, "--quick")
    worst = dyad_regimes.worst()
    bond, confidence = (worst.means[f"mother.{name}"] for name in ("bond", "confidence"))
    assert re.search(
        rf"symptomatic +{worst.epds:.1f} +{bond:.2f} +{confidence:.2f} +0\.\d\d   fades", printed
    )
    rows = re.findall(
        r"^(\S+ -> \S+) +(-?\d\.\d\d)  (\w+) +(?:(\d+) % of it|can do without) +[\d.]+$",
        printed,
        re.MULTILINE,
    )
    # first those without which the regime is gone, by how much of each it needs
    needed = [int(share) for *_, share in rows if share]
    assert len(needed) >= 3 and needed == sorted(needed, reverse=True)
    assert [bool(share) for *_, share in rows] == sorted((bool(s) for *_, s in rows), reverse=True)
    assert all((float(gain) > 0) == (kind == "reinforcing") for _, gain, kind, _ in rows)
    gains = edge_gains(dyad_regimes.system, worst).set_index("edge")["gain"]
    for edge, gain, *_ in rows:
        assert float(gain) == pytest.approx(gains[edge], abs=0.0051), edge
    loops = sub_loops(dyad_regimes.system, worst)
    # the strongest loop comes first, its states in words
    _, strongest = printed.split("the strongest first\n")
    assert re.match(
        rf"depression → .* +{loops.loc[0, 'gain']:.3f}  {loops.loc[0, 'kind']}\n", strongest
    )
