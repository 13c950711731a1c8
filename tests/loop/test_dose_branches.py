"""Branches of a dyad against the dose of an intervention, its hysteresis, and bad input of both."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oxysim as ox
from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.interventions import Breastfeeding, Coaching, SocialSupport
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.branches import Diagram, branch
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.control_parameter import control_parameter
from oxysim.loop.bifurcation.hysteresis import Hysteresis, hysteresis, sweep_up_and_down
from oxysim.loop.equilibria.equilibrium_search import equilibria
from oxysim.loop.regime_analysis.regimes import regimes
from oxysim.plots.loop.bifurcation import bifurcation
from oxysim.schedule import Intervention, Window
from oxysim.simulation.averaging.repeating_days import require_repeating
from oxysim.units import DAY, clock_text

GAIN = "caregiver.depression.loop_gain"
MINUTES = "skin_to_skin.minutes"
CONTACT = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00")}
SPRAY = {"spray": ox.NasalSpray("24 IU", at="08:00", every="12 h")}


def symptomatic() -> ox.Dyad:
    return ox.Dyad.symptomatic("2 weeks")


@functools.cache
def light(age: str = "2 weeks") -> AveragedSystem:
    """Methylation, which takes months and hardly moves mood, held."""
    return AveragedSystem(ox.Dyad.symptomatic(age), held=("infant.methylation",), settle=1)


# --------------------------------------------------------------------------------------
# what comes back
@settings(max_examples=20, deadline=None)
@given(clock=st.integers(0, 1439), minutes=st.integers(1, 600), age=st.integers(1, 900))
def test_what_is_given_daily_without_end_comes_back(clock: int, minutes: int, age: int) -> None:
    contact = ox.SkinToSkin(f"{minutes} min", at=clock_text(clock), repeat="daily")
    for days in (1, 7):
        window = Window(age * DAY, (age + days) * DAY)
        for intervention in (contact, SocialSupport(), ox.DailyLife()):
            require_repeating(intervention, window, days)


@settings(max_examples=20, deadline=None)
@given(clock=st.integers(0, 1439), weeks=st.integers(1, 100), age=st.integers(0, 300))
def test_what_ends_does_not_come_back(clock: int, weeks: int, age: int) -> None:
    contact = ox.SkinToSkin("60 min", at=clock_text(clock), repeat="daily", course=f"{weeks} weeks")
    with pytest.raises(
        InputError, match="so that it ends.*repeated for ever: leave out its course"
    ):
        require_repeating(contact, Window(age * DAY, (age + 1) * DAY), 1)


def test_what_comes_back_every_week_needs_a_week() -> None:
    coaching = Coaching("60 min")
    require_repeating(coaching, Window(14 * DAY, 21 * DAY), 7)
    with pytest.raises(
        InputError, match="every week, so that day 16 .* is not like day 15.*days=7"
    ):
        require_repeating(coaching, Window(14 * DAY, 15 * DAY), 1)


@pytest.mark.parametrize(
    ("intervention", "message"),
    [
        (
            ox.SkinToSkin("60 min at 11:00"),
            "at 11:00 once, so that day 16 .* is not like day 15.*give it repeat='daily'",
        ),
        (
            ox.SkinToSkin("60 min daily at 11:00 from day 1 to day 35"),
            "from day 1 to day 35, so that it ends",
        ),
        (
            ox.SkinToSkin("60 min daily at 11:00 from day 100"),
            "of day 15 of the infant's life.*begin before that day",
        ),
        (
            ox.SkinToSkin("60 min", at="11:00", repeat="daily", cycle=(5, 2)),
            "day 20 of .* is not like day 15",
        ),
        (
            ox.NasalSpray("24 IU", at="08:00", every="36 h"),
            "every 36 h, so that day 16.*in place of every",
        ),
        (ox.NasalSpray("24 IU", at="22:00", every="12 h"), r"at=\('08:00', '20:00'\)"),
        (SocialSupport(course="5 weeks"), "leave out its course"),
    ],
)
def test_what_does_not_come_back_is_said(intervention: Intervention, message: str) -> None:
    with pytest.raises(InputError, match=message):
        branch(symptomatic(), GAIN, 1.0, 3.0, interventions={"given": intervention})


# --------------------------------------------------------------------------------------
# bad input
def over(name: str, low: Any, high: Any, **options: Any) -> Callable[[], Any]:
    return lambda: branch(symptomatic(), name, low, high, **options)


@pytest.mark.parametrize(
    ("ask", "kind", "message"),
    [
        (
            over("mothr.depression.loop_gain", 0, 1),
            UnknownNameError,
            "nearest: 'mother.depression.loop_gain'",
        ),
        (over("caregiver.depression", 0, 1), UnknownNameError, "'caregiver.depression.set_point'"),
        (over(GAIN, -1, 3), InputError, r"value 1 of 2 \(-1\): .*not legal; expected \[0, inf\]"),
        (over(GAIN, 1, float("nan")), InputError, "value 2 of 2: expected a finite number"),
        (over(GAIN, 3, 1), InputError, "the lower end first, that holds 2.* found 3 to 1"),
        (
            over(GAIN, 0.5, 1.5),
            InputError,
            "that holds 2.15, where this dyad stands and its regimes are sought; found 0.5",
        ),
        (
            over("caregiver.oxytocin.plasma_half_life", "1 h", "2 h"),
            InputError,
            "holds 4 min.*found 60 min to 120 min",
        ),
        (over("reward -> depression", 0.5, 3), InputError, r"multiplier in \[0, 2\]"),
        (
            over("infant_age", "1 months", "5 months"),
            InputError,
            "infant age at the start is none of these",
        ),
        (
            over("start.caregiver.depression", 5, 15),
            InputError,
            "expected a parameter, an edge or the dose",
        ),
        (
            over(MINUTES, "10 min", "90 min"),
            UnknownNameError,
            r"none is given; give it by that name, such as.*'skin_to",
        ),
        (
            over("skin.minutes", "9 min", "90 min", interventions=CONTACT),
            UnknownNameError,
            "nearest: 'skin_to_skin'",
        ),
        (
            over("skin_to_skin.minuts", 1, 9, interventions=CONTACT),
            UnknownNameError,
            "nearest: 'skin_to_skin.minutes'",
        ),
        (
            over(MINUTES, 10, 90, interventions=CONTACT),
            UnitError,
            r"value 1 of 2 \(10\).*with its unit",
        ),
        (
            over(MINUTES, "10 min", "30 h", interventions=CONTACT),
            ScheduleError,
            "bouts of 30 h.*overlap",
        ),
        (
            over(MINUTES, "10 min", "30 min", interventions=CONTACT),
            InputError,
            "holds 60 min.*found 10 min to 30 min",
        ),
        (
            over("skin_to_skin.course", "1 d", "9 d", interventions=CONTACT),
            InputError,
            "such as skin_to_skin.minutes",
        ),
        (
            over("spray.blinded", False, True, interventions=SPRAY),
            InputError,
            "little by little; .* spray.dose",
        ),
        (
            over("spray.dose", "low", "high", interventions=SPRAY),
            InputError,
            "cannot be changed little by little",
        ),
        (
            over("feeds.times", 2, 9, interventions={"feeds": Breastfeeding("20 min", times=8)}),
            InputError,
            "cannot be changed little by little; expected an amount, such as feeds.minutes",
        ),
        (
            over(
                MINUTES,
                "9 min",
                "90 min",
                interventions={"skin_to_skin": ox.SkinToSkin("1 h daily at 9:00", by="father")},
            ),
            UnknownNameError,
            "unknown member 'father'",
        ),
        (
            over(GAIN, 1, 3, interventions=[*CONTACT.values()]),
            InputError,
            "expected names with interventions",
        ),
        (
            over(GAIN, 1, 3, starts=[1.0, 2.0]),
            InputError,
            r"starts: expected slow states mother.depression.*\(8,\)",
        ),
        (
            lambda: branch(ox.Dyad.symptomatic().repeat(2), GAIN, 1, 3),
            InputError,
            r"of one dyad; found 2; .*\.take",
        ),
        (
            lambda: branch(AveragedSystem(symptomatic().repeat(2)), GAIN, 1, 3),
            InputError,
            "of one dyad; found 2",
        ),
        (lambda: branch("mother", GAIN, 1, 3), InputError, "expected a Dyad"),  # type: ignore[arg-type]
        (lambda: hysteresis(symptomatic(), GAIN, [2, 1]), InputError, "increasing order"),
        (lambda: hysteresis(symptomatic(), GAIN, [2]), InputError, "at least two"),
        (
            lambda: hysteresis(symptomatic(), GAIN, 2),
            InputError,
            "expected numbers, or texts with units",
        ),  # type: ignore[arg-type]
        (
            lambda: hysteresis(symptomatic(), MINUTES, ["9 min", "1 h"]),
            UnknownNameError,
            "none is given",
        ),
        (
            lambda: hysteresis(
                symptomatic(), "caregiver.depression.vulnerability_at_birth", [0, 1]
            ),
            InputError,
            "vulnerability_at_birth: it does not influence the slow loop",
        ),
    ],
)
def test_bad_input_is_refused_in_words(
    ask: Callable[[], Any], kind: type[OxysimError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        ask()


@pytest.mark.parametrize(
    ("name", "ends", "other_options"),
    [(MINUTES, ("0 min", "90 min"), CONTACT), ("spray.dose", ("0 IU", "48 IU"), SPRAY)],
)
def test_a_dose_of_nothing_says_how_to_leave_it_out(
    name: str, ends: tuple[str, str], other_options: dict[str, Any]
) -> None:
    with pytest.raises(
        OxysimError,
        match=r"value 1 of 2 \(0 .*begin the range at a small one; .* regimes\(dyad, routine",
    ):
        branch(symptomatic(), name, *ends, interventions=other_options)


def test_a_state_near_its_bound_ends_the_branch_and_is_said() -> None:
    """logit x = p, where x = 1 is never reached and the equations have no value beyond it."""

    def rates(x: Any, p: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.where((x > 0) & (x < 1), p - np.log(x / (1 - x)), np.nan)

    asked: dict[str, Any] = {"low": -2.0, "high": 12.0, "legal": [(0, 1)], "names": ["bond"]}
    branch = continue_branch(rates, [0.5], 0.0, **asked)
    assert branch.ended[0] == "p reached -2, the end of its range asked for"
    assert (
        branch.ended[1] == "bond is as near to 1, the end of its legal range, as it can be followed"
    )
    assert 0.99 < branch.x[0, -1] < 1
    np.testing.assert_allclose(np.log(branch.x[0] / (1 - branch.x[0])), branch.p, atol=1e-6)
    with pytest.raises(
        InputError,
        match="from the equilibrium at p = 10, bond = 0.99.*as near to 1, the end of its leg",
    ):
        continue_branch(rates, [1 / (1 + np.exp(-10))], 10.0, **asked)


def test_a_rough_slope_moves_neither_points_nor_folds() -> None:
    def rates(x: Any, p: Any) -> Any:
        return p + x - x**3

    exact = continue_branch(rates, [-1.5], -1.9, low=-2, high=2)
    rough = continue_branch(rates, [-1.5], -1.9, low=-2, high=2, slope=lambda x, p: np.array([1.3]))
    np.testing.assert_allclose([f.p for f in rough.folds], [f.p for f in exact.folds], atol=1e-9)
    np.testing.assert_allclose(rates(rough.x[0], rough.p), 0, atol=1e-8)
    assert rough.stable.any()
    assert not rough.stable.all()


@pytest.mark.parametrize("steep", [-8.0, 0.1, 5.0, 40.0])
def test_a_corner_is_passed(steep: float) -> None:
    """The state follows the parameter up to 0.3, and `steep` times as fast from there on."""

    def rates(x: Any, p: Any) -> Any:
        return p + (steep - 1) * np.maximum(p - 0.3, 0) - x

    branch = continue_branch(rates, [-0.5], -0.5, low=-1, high=1)
    assert all("range asked for" in reason for reason in branch.ended)
    assert branch.x[0, -1] == pytest.approx(0.3 + 0.7 * steep)
    assert branch.special == ()
    np.testing.assert_allclose(rates(branch.x[0], branch.p), 0, atol=1e-8)


# --------------------------------------------------------------------------------------
# doses in one call
def test_doses_side_by_side_are_the_days_with_those_doses() -> None:
    # each day on its cycle, whatever it was begun near: recent reward keeps two days
    system = replace(light(), settle=6)
    varied, values = control_parameter(system, MINUTES, ["0.5 h", "2 h"], interventions=CONTACT)
    np.testing.assert_allclose(values, [0.5, 2.0])
    assert (varied.unit, varied.own_value) == ("h", 1.0)
    x = np.repeat(system.start[:, None], 4, axis=1) * [1.0, 0.9, 1.1, 1.0]
    doses = [0.5, 1.9, 1.0, 1.9]
    together = varied.rates(x, np.array(doses))
    for column, dose in enumerate(doses):
        day = ox.Routine.typical() + ox.SkinToSkin(f"{60 * dose} min daily at 11:00")
        np.testing.assert_allclose(
            together[:, column], system.with_routine(day).rates(x[:, column]), atol=1e-6
        )
    assert np.isnan(varied.where_legal(x[:, :1], np.array([2.1]))).all()


@pytest.mark.long
def test_the_symptomatic_regime_ends_at_a_fold_over_minutes_of_contact() -> None:
    diagram = branch(symptomatic(), MINUTES, "1 min", "240 min", interventions=CONTACT)
    assert (diagram.own, diagram.unit, diagram.kind, diagram.lost) == (60.0, "min", "field", ())
    (fold,) = diagram.folds
    # cycles of the full model, on either side of it
    for minutes, number in ((0.95 * fold.p, 3), (1.05 * fold.p, 1)):
        dyad_regimes = regimes(
            symptomatic(), ox.Routine.typical() + ox.SkinToSkin(f"{minutes} min daily at 11:00")
        )
        assert len(dyad_regimes) == number
        states, stable = diagram.at(minutes)
        assert stable.tolist() == [regime.stable for regime in dyad_regimes]
        averaged = [regime.averaged["mother.depression"] for regime in dyad_regimes]
        np.testing.assert_allclose(states[0], averaged, atol=0.1)
    assert bifurcation(diagram).get_xlabel() == "Minutes of skin-to-skin, min"


@pytest.mark.long
def test_branches_over_the_dose_of_a_spray_are_the_regimes_under_it() -> None:
    """Twice a day for ever, from next to nothing up to nearly the largest single dose that is
    legal.
    """
    diagram = branch(symptomatic(), "spray.dose", "2 IU", "100 IU", interventions=SPRAY)
    assert diagram.unit == "IU"
    for dose in (4, 90):
        day = ox.Routine.typical() + ox.NasalSpray(f"{dose} IU", at="08:00", every="12 h")
        under_it = regimes(symptomatic(), day)
        states, stable = diagram.at(dose)
        assert stable.tolist() == [regime.stable for regime in under_it]
        averaged = [regime.averaged["mother.depression"] for regime in under_it]
        np.testing.assert_allclose(states[0], averaged, atol=0.1)


@pytest.mark.long
def test_a_dyad_that_leaves_the_legal_range_keeps_what_was_found() -> None:
    diagram = branch(light("5 months").with_parameter(GAIN, 6.6), GAIN, 6.5, 9.0)
    assert (
        "mother.depression is as near to 30, the end of its legal range, as it can be followed"
        in diagram.ended
    )
    upper = next(branch for branch in diagram.branches if branch.x[0].max() > 29)
    assert upper.p.min() == pytest.approx(6.5)
    assert 6.6 < upper.p.max() < 9
    assert "loop_gain = 9, mother.depression = 29.9" in diagram.lost[0]


# --------------------------------------------------------------------------------------
# hysteresis
def test_a_dyad_keeps_to_its_regime_on_both_ways() -> None:
    """Between the folds it is recovered on the way up and symptomatic on the way down."""
    system = light("5 months")
    hysteresis_sweep = hysteresis(system, GAIN, [1.6, 2.15, 5.0])
    assert hysteresis_sweep.settled.all()
    for column, gain in enumerate((1.6, 2.15)):
        rests = equilibria(system.with_parameter(GAIN, gain), scatter=0)[0]
        assert hysteresis_sweep.up[0, column] == pytest.approx(rests[0], abs=0.02)
        assert hysteresis_sweep.down[0, column] == pytest.approx(rests[-1], abs=0.02)
    assert hysteresis_sweep.up[0, 2] == pytest.approx(hysteresis_sweep.down[0, 2])
    assert hysteresis_sweep.window("mother.depression", 1.0) == (2.15, 2.15)


@pytest.mark.long
def test_the_window_of_hysteresis_lies_between_the_folds() -> None:
    system = light("5 months")
    diagram = branch(system, GAIN, 1.0, 4.6)
    low, high = (fold.p for fold in diagram.folds)
    between = np.linspace(low + 0.01, high - 0.01, 4).tolist()
    values = [1.5, low - 0.01, *between, high + 0.01, 4.6]
    hysteresis_sweep = hysteresis(system, GAIN, values)
    assert hysteresis_sweep.settled.all()
    assert hysteresis_sweep.window() == (between[0], between[-1])
    for column, p in enumerate(values):  # every rest is a stable regime of the diagram
        states, stable = diagram.at(p)
        for way in (hysteresis_sweep.up, hysteresis_sweep.down):
            assert np.abs(states[0, stable] - way[0, column]).min() < 0.15
    bifurcation(diagram, swept=hysteresis_sweep)
    plt.close("all")


@pytest.mark.long
def test_hysteresis_over_a_dose_and_over_an_edge() -> None:
    """Contact takes the dyad out of its symptomatic regime, and without it the dyad does not fall
    back.
    """
    minutes = ("2 min", "300 min")
    hysteresis_sweep = hysteresis(light(), MINUTES, minutes, interventions=CONTACT)
    assert hysteresis_sweep.unit == "min"
    # where its days' own regimes are: the symptomatic one at first, then the one that is left
    little, much = (
        equilibria(light().with_routine(ox.Routine.typical() + ox.SkinToSkin(text)), scatter=0)[0]
        for text in (f"{length} daily at 11:00" for length in minutes)
    )
    assert len(little) == 3 and len(much) == 1
    np.testing.assert_allclose(hysteresis_sweep.up[0], [little[-1], much[0]], atol=0.1)
    np.testing.assert_allclose(hysteresis_sweep.down[0], [little[0], much[0]], atol=0.1)
    edge = hysteresis(light("5 months"), "reward->depression", [0.6, 1.0])
    assert edge.parameter == "reward -> depression"
    assert edge.up[0, 0] < 8


# --------------------------------------------------------------------------------------
# the figure
def cusp() -> tuple[Diagram, Hysteresis]:
    def rates(x: Any, p: Any) -> Any:
        return p + (x - 10) - (x - 10) ** 3

    name = ("mother.depression",)
    branch = continue_branch(
        rates, [8.0], -6.0, low=-8, high=8, names=name, parameter="caregiver.depression.loop_gain"
    )
    swept = sweep_up_and_down(
        rates,
        [8.0],
        np.linspace(-1, 1, 9).tolist(),
        longest=500.0,
        names=name,
        parameter="caregiver.depression.loop_gain",
    )
    return Diagram("caregiver.depression.loop_gain", name, (branch,), 0.2), swept


def test_the_sweep_is_drawn_over_the_branches() -> None:
    diagram, swept = cusp()
    ax = bifurcation(diagram, swept=swept)
    legend = ax.get_legend()
    assert legend is not None
    texts = [text.get_text() for text in legend.get_texts()]
    assert "on the way up" in texts
    assert "on the way down" in texts
    lines = {str(line.get_label()): line for line in ax.lines}
    np.testing.assert_array_equal(lines["on the way down"].get_ydata(), swept.down[0])
    assert ax.get_xlabel() == "Depression loop gain"
    plt.close("all")


def test_what_is_not_at_rest_is_drawn_hollow_and_counts_for_no_window() -> None:
    diagram, swept = cusp()
    settled = swept.settled.copy()
    settled[0, swept.values > 0] = False
    rough = replace(swept, settled=settled)
    assert (swept.window(), rough.window()) == ((-0.25, 0.25), (-0.25, 0.0))
    lines = {str(line.get_label()): line for line in bifurcation(diagram, swept=rough).lines}
    np.testing.assert_array_equal(
        lines["on the way up, not at rest"].get_xdata(), swept.values[swept.values > 0]
    )
    assert lines["on the way up, not at rest"].get_markerfacecolor() == "white"
    assert "on the way down, not at rest" not in lines
    plt.close("all")


def test_a_sweep_of_something_else_is_refused() -> None:
    diagram, swept = cusp()
    other_sweep = Hysteresis(
        "spray.dose", swept.names, swept.values, swept.up, swept.down, swept.settled, "IU"
    )
    with pytest.raises(InputError, match="found one of spray.dose, IU"):
        bifurcation(diagram, swept=other_sweep)
    with pytest.raises(InputError, match="swept: expected what hysteresis"):
        bifurcation(diagram, swept="up")  # type: ignore[arg-type]
    plt.close("all")
