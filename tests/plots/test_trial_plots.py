"""Figures of trials and cohorts: what is drawn is what was found, labelled with its unit, legible,
nothing cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.testing.compare import compare_images

from oxysim import plots
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.cohorts.trajectory_classes import COURSES, course_shares
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.interventions import NasalSpray, Placebo, SkinToSkin
from oxysim.population import Population
from oxysim.trials.gaussian import Gaussian
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.power_analysis import power
from oxysim.trials.power_over_n import PowerCurve
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.trial import Trial
from oxysim.trials.trial_result import TrialResult
from tests.support.figure_texts import require_legible_texts

PEOPLE = Population.named("community")
ROWS = pd.DataFrame(
    {
        "outcome": ["EPDS at 6 weeks", "maternal warmth", "salivary cortisol"],
        "unit": "EPDS",
        "dz": [-0.4, 0.31, 0.02],
        "low": [-0.7, 0.1, -0.3],
        "high": [-0.1, 0.5, 0.3],
        "n": [120, 16, np.nan],
        "published_low": [-0.9, np.nan, -0.25],
        "published_high": [-0.2, np.nan, np.nan],
    }
)


@pytest.fixture(autouse=True)
def nothing_global_changes() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


@pytest.fixture(scope="module")
def trial() -> TrialResult:
    who = PEOPLE.sample(30, seed=3, infant_age="6 weeks")
    arms = {"usual care": None, "skin-to-skin": SkinToSkin("60 min daily at 11:00")}
    ends = [Endpoint("epds", "4 d"), Endpoint("sensitivity", "4 d", name="sensitivity")]
    planned = Trial(
        who, Parallel(arms), ends, visits=[Visit("2 d"), Visit("4 d")], dropout=Dropout(0.9)
    )
    return planned.run(20, 12, 1)


@pytest.fixture(scope="module")
def crossed() -> TrialResult:
    who = PEOPLE.sample(12, seed=3, infant_age="5 months")
    arms = {"placebo": Placebo(at="10:00"), "oxytocin": NasalSpray("24 IU", at="10:00")}
    design = Crossover(arms, period="3 h", washout="1 d")
    return Trial(who, design, [Endpoint("warmth", "150 min")], start="08:00").run(8, 10, 1)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return follow(PEOPLE, 24, until="4 weeks", every="1 d", seed=1)


def _texts(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def _entries(ax: plt.Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


# ----------------------------------------------------------------------------- forest
def test_forest_has_a_row_an_outcome_with_its_interval_and_n() -> None:
    ax = plots.forest(ROWS)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "EPDS at 6 weeks",
        "Maternal warmth",
        "Salivary cortisol",
    ]
    assert ax.get_yticks()[0] > ax.get_yticks()[-1]  # the first on top
    assert {"-0.400 [-0.700, -0.100]", "120", "16", "n"} <= set(_texts(ax))
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    least, most = ax.get_xlim()
    # an open end reaches to the edge of the axes
    np.testing.assert_allclose(bars, [(-0.9, -0.2), (-0.25, most)])
    assert least < -0.9 and most > 0.5  # which an end that is known does not
    assert _entries(ax) == ["interval excludes 0", "interval includes 0", "published interval"]
    require_legible_texts(ax.figure)


def test_forest_takes_what_a_trial_found(trial: TrialResult) -> None:
    effects = trial.effects()
    ax = plots.forest(effects[effects["unit"] == "EPDS"])
    assert ax.get_xlabel() == "Difference (points)"
    ax = plots.forest(trial.study().effects)
    assert ax.get_xlabel().startswith("Standardised effect")
    assert len(ax.get_yticks()) == 2
    with pytest.raises(InputError, match="one axis holds one unit; found EPDS, rating"):
        plots.forest(effects)


def test_forest_of_ratios_has_its_line_at_one() -> None:
    rows = pd.DataFrame(
        {"label": ["remission"], "unit": "ratio", "estimate": [1.4], "low": [1.1], "high": [1.9]}
    )
    ax = plots.forest(rows)
    assert _entries(ax) == ["interval excludes 1"]
    assert ax.get_xlabel() == "Ratio, contrast to reference"


def test_forest_of_single_numbers_has_the_published_interval_behind_and_no_line_of_no_effect() -> (
    None
):
    rows = [
        figure_row([5.0, 6.0, 7.0], n=100, quantity="EPDS at 8 weeks", unit="EPDS"),
        {
            **figure_row([8.0, 9.0], n=100, quantity="EPDS at 8 months", unit="EPDS"),
            "low": 7.0,
            "high": 8.0,
        },
    ]
    ax = plots.forest(figure_table(rows))
    assert ax.get_xlabel() == "Simulated value (EPDS)"
    assert _entries(ax) == ["simulated, central 95 %", "published interval"]
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(7.0, 1.0)]
    assert not [line for line in ax.get_lines() if list(line.get_xdata()) == [0, 0]]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (ROWS.iloc[:0], "expected at least one row"),
        (ROWS.drop(columns="low"), "expected a column outcome"),
        (ROWS.drop(columns="outcome"), "expected a column outcome"),
        (ROWS.assign(low=0.1), r"does not for \['EPDS at 6 weeks', 'Salivary cortisol'\]"),
        (ROWS.assign(dz=np.nan), "an interval must hold its effect"),
    ],
)
def test_forest_refuses_what_it_cannot_draw(table: pd.DataFrame, said: str) -> None:
    with pytest.raises(InputError, match=said):
        plots.forest(table)


def test_forest_looks_the_same_whatever_the_order_of_columns(tmp_path: object) -> None:
    names = [f"{tmp_path}/{k}.png" for k in range(2)]
    for name, rows in zip(names, (ROWS, ROWS[ROWS.columns[::-1]]), strict=True):
        plots.forest(rows).figure.savefig(name)
    assert compare_images(names[0], names[1], tol=0) is None


# ------------------------------------------------------------------------------- arms
def test_arms_over_time_draw_the_means_of_those_who_are_there(trial: TrialResult) -> None:
    ax = plots.arms_over_time(trial)
    assert ax.get_ylabel() == "EPDS (points)"
    assert ax.get_xlabel() == "Time since enrolment (days)"
    held = trial.readings()
    for container, arm in zip(ax.containers, trial.trial.design.names, strict=True):
        line = container.lines[0]  # type: ignore[attr-defined]
        expected = np.nanmean([np.nanmean(row) for row in held[arm]])
        assert line.get_ydata()[-1] == pytest.approx(expected)
        assert container.get_label() == arm
    counts = [int(text) for text in _texts(ax) if text.isdigit()]
    assert counts[:3] == sorted(counts[:3], reverse=True)  # who has left is not counted
    assert counts[0] == 10
    require_legible_texts(ax.figure)


def test_arms_over_time_of_a_crossover_take_every_participant_in_every_arm(
    crossed: TrialResult,
) -> None:
    ax = plots.arms_over_time(crossed)
    assert ax.get_xlabel() == "Time since the start of the period (hours)"
    assert [text for text in _texts(ax) if text.isdigit()] == ["8"] * 4
    held = crossed.readings()
    assert ax.containers[1].lines[0].get_ydata()[-1] == pytest.approx(held["oxytocin"].mean())  # type: ignore[attr-defined]


def test_arms_over_time_know_their_endpoints(trial: TrialResult) -> None:
    assert plots.arms_over_time(trial, "sensitivity").get_ylabel().startswith("Sensitivity")
    with pytest.raises(UnknownNameError, match="sensitivity"):
        plots.arms_over_time(trial, "sensitivty")
    with pytest.raises(InputError, match=re.escape("Trial.run()")):
        plots.arms_over_time(trial.effects())  # type: ignore[arg-type]


# -------------------------------------------------------------------------- waterfall
def test_waterfall_orders_the_effects_and_counts_responders() -> None:
    ax = plots.waterfall(
        [0.5, -2.0, np.nan, 1.0, -3.0], ylabel="EPDS (points)", threshold=2.0, responds="decrease"
    )
    assert [bar.get_height() for bar in ax.patches] == [1.0, 0.5, -2.0, -3.0]
    assert _entries(ax)[0] == "responded (a fall of at least 2):\n50 %, 2 of 4"
    assert ax.get_legend().get_title().get_text() == "1 without an effect left out"  # type: ignore[union-attr]
    require_legible_texts(ax.figure)
    one = [-2.0] + [0.0] * 299  # some are not "0 %", and not all not "100 %"
    assert _entries(plots.waterfall(one, ylabel="EPDS (points)", threshold=2, responds="decrease"))[
        :2
    ] == [
        "responded (a fall of at least 2):\n0.3 %, 1 of 300",
        "did not respond:\n99.7 %, 299 of 300",
    ]
    # which way is wanted was not said
    ax = plots.waterfall([0.5, -2.0, 0.0], ylabel="EPDS (points)")
    assert _entries(ax)[:3] == [
        "rose:\n33 %, 1 of 3",
        "did not change:\n33 %, 1 of 3",
        "fell:\n33 %, 1 of 3",
    ]


def test_the_endpoint_of_a_trial_says_which_change_is_a_response(trial: TrialResult) -> None:
    wanted = replace(trial.trial.primary, responds="decrease", threshold=0.02)
    result = replace(trial.trial, endpoints=[wanted, *trial.trial.endpoints[1:]]).run(20, 3, 1)
    true = result.individual()["skin-to-skin - usual care"].to_numpy()
    ax = plots.waterfall(result)
    assert _entries(ax)[0].startswith("responded (a fall of at least 0.02):")
    assert f", {np.sum(true <= -0.02)} of 30" in _entries(ax)[0]
    assert ax.get_ylabel() == "True effect of skin-to-skin on\nepds value at 4 d (points)"
    require_legible_texts(ax.figure)
    figure = plots.trial_panels(result)
    assert figure.axes[2].get_ylabel() == ax.get_ylabel()
    require_legible_texts(figure)
    # it says no direction
    assert _entries(plots.waterfall(result, endpoint="sensitivity"))[0].startswith("rose:")
    for options in ({"endpoint": "sensitivty"}, {"arm": "skin to skin"}):
        with pytest.raises(OxysimError, match="sensitivity|skin-to-skin"):
            plots.waterfall(result, **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a trial's result"):
        plots.waterfall([1.0, 2.0], ylabel="EPDS (points)", arm="skin-to-skin")


@pytest.mark.parametrize(
    ("effects", "options", "said"),
    [
        ([1.0], {}, "at least two dyads"), ([[1.0, 2.0]], {}, r"found shape \(1, 2\)"),
        ([1.0, np.nan], {}, "at least two dyads"),
        ([1.0, 2.0], {"threshold": -1.0, "responds": "increase"}, "-1.0"),
        ([1.0, 2.0], {"threshold": 0.0, "responds": "increase"}, "a number above 0"),
        ([1.0, 2.0], {"threshold": 1.0}, "both or neither"),
        ([1.0, 2.0], {"responds": "increase"}, "both or neither"),
        (["a", "b"], {}, "one number for each dyad"),
        ([True, False], {}, "one number for each dyad"),
    ],
)  # fmt: skip
def test_waterfall_refuses_what_it_cannot_draw(
    effects: object, options: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        plots.waterfall(effects, ylabel="EPDS (points)", **options)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------ power
@pytest.fixture(scope="module")
def curve() -> PowerCurve:
    return power(Gaussian(effect=0.5), n=[20, 60, 120, 180], replications=300, seed=1)


def test_power_curve_shows_its_error_and_the_n_for_80_per_cent(curve: PowerCurve) -> None:
    ax = plots.power_curve({"warmth": curve})
    (line,) = [one for one in ax.get_lines() if not str(one.get_label()).startswith("_")]
    np.testing.assert_array_equal(line.get_ydata(), curve.table["power"])
    assert _entries(ax)[0].startswith(f"warmth\n80 % at n = {curve.n_for(0.8).n} (")
    band = ax.collections[0].get_paths()[0].get_extents()
    assert band.y1 <= 1.0 and band.y0 >= 0.0
    assert "300 trials at each n" in ax.get_legend().get_title().get_text()  # type: ignore[union-attr]
    require_legible_texts(ax.figure)


def test_power_curve_says_where_80_per_cent_is_out_of_reach(curve: PowerCurve) -> None:
    weak = power(Gaussian(effect=0.05), n=[20, 60], replications=100, seed=1)
    strong = power(Gaussian(effect=3.0), n=[20, 60], replications=100, seed=1)
    said = _entries(plots.power_curve({"some": curve, "none": weak, "much": strong}))
    assert said[1:] == ["none\n80 % at no n up to 60", "much\n80 % at the smallest n already"]
    assert _entries(plots.power_curve(curve))[0].startswith("primary endpoint")
    with pytest.raises(InputError, match="1 to 6 results of power"):
        plots.power_curve({})


# ---------------------------------------------------------------------------- courses
def test_epds_courses_are_the_classes_means_with_their_shares(cohort: Cohort) -> None:
    at = ["1 weeks", "2 weeks", "4 weeks"]
    ax = plots.epds_courses(cohort, at=at, shown=3)
    shares = course_shares(cohort.readings("epds", at))
    assert _entries(ax) == [f"{name}: {100 * shares[name]:.0f} %" for name in COURSES]
    thick = [line for line in ax.get_lines() if line.get_linewidth() > 2 and len(line.get_xdata())]
    thin = [
        line for line in ax.get_lines() if line.get_linewidth() == 0.6 and len(line.get_xdata()) > 2
    ]
    assert len(thick) == sum(share > 0 for share in shares.values())
    assert 0 < len(thin) <= 3 * len(thick)
    true = cohort["caregiver.epds"].values
    assert all(
        true.min() <= line.get_ydata().min() <= line.get_ydata().max() <= true.max()
        for line in thick
    )
    require_legible_texts(ax.figure)


def test_epds_courses_refuse_what_they_cannot_draw(cohort: Cohort) -> None:
    for options, said in (
        ({}, "followed from 0.0 to 0.9 months"), ({"at": ["1 weeks"]}, "expected three ages"),
        ({"at": ["1 weeks", "2 weeks", "4 weeks"], "shown": -1}, "shown: expected a whole number"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            plots.epds_courses(cohort, **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=re.escape("follow()")):
        plots.epds_courses("cohort")  # type: ignore[arg-type]


def test_a_trial_in_one_figure(trial: TrialResult, curve: PowerCurve) -> None:
    figure = plots.trial_panels(trial, curve)
    assert [ax.get_xlabel().split(" ")[0] for ax in figure.axes] == [
        "Standardised",
        "Time",
        "Participants",
    ]
    require_legible_texts(figure)
    label = figure.axes[0].get_xlabel()
    assert (
        label
        == "Standardised effect (d), skin-to-skin - usual care\nbar: central 95 % of 12 trials"
    )
    assert len(plots.trial_panels(trial).axes) == 2
    with pytest.raises(InputError, match=re.escape("Trial.run()")):
        plots.trial_panels(curve)  # type: ignore[arg-type]


def test_shares_in_a_trial_stand_on_an_axis_of_their_own(trial: TrialResult) -> None:
    below = Endpoint("epds", "4 d", "remission (< 8)", name="EPDS below 8")
    ends = [*trial.trial.endpoints, below]
    result = replace(trial.trial, endpoints=ends).run(20, 12, 1)
    figure = plots.trial_panels(result)
    first, second = figure.axes[:2]
    assert [label.get_text() for label in second.get_yticklabels()] == ["EPDS below 8"]
    assert second.get_xlabel().startswith("Difference of shares, skin-to-skin - usual care\n")
    assert len(first.get_yticklabels()) == 2 and "share" not in first.get_xlabel()
    require_legible_texts(figure)
    alone = plots.trial_panels(replace(trial.trial, endpoints=[below]).run(20, 1, 1))
    assert "95 % interval of the trial" in alone.axes[0].get_xlabel() and len(alone.axes) == 2


def test_a_trial_of_many_cells_leaves_out_the_arms_over_time() -> None:
    factors = {
        name: SkinToSkin(f"{k}0 min daily at {10 + k}:00")
        for k, name in enumerate(("short", "long", "more"), 1)
    }
    who = PEOPLE.sample(16, seed=3, infant_age="6 weeks")
    result = Trial(who, Factorial(factors), [Endpoint("epds", "1 d")]).run(16, 3, 1)
    assert len(plots.trial_panels(result).axes) == 1
    with pytest.raises(InputError, match="at most 6 to tell apart; found 8"):
        plots.arms_over_time(result)


def test_given_axes_are_used(trial: TrialResult, cohort: Cohort, curve: PowerCurve) -> None:
    for draw in (
        lambda ax: plots.forest(ROWS, ax), lambda ax: plots.arms_over_time(trial, "", ax),
        lambda ax: plots.waterfall([1.0, 2.0], ax, ylabel="EPDS (points)"),
        lambda ax: plots.power_curve(curve, ax),
        lambda ax: plots.epds_courses(cohort, ax, at=["1 weeks", "2 weeks", "4 weeks"]),
    ):  # fmt: skip
        ax = plt.subplots()[1]
        assert draw(ax) is ax
