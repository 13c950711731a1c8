"""Non-compartmental figures against Phoenix WinNonlin's own (18 people, three routes, two kinds of
trapezoids), closed forms, and areas counted by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from oxysim.errors import OxysimError
from oxysim.statistics.kinetics.noncompartmental import CurveFigures, figures_of_curves
from oxysim.statistics.kinetics.sampled_curves import CensoringRule, trapezoids

DATA = Path(__file__).parent / "data"
SAMPLES = pd.read_csv(DATA / "sampled_curves.csv")
PUBLISHED = pd.read_csv(DATA / "winnonlin_figures.csv")
DOSES = {"theophylline": 320.0, "indometacin": 25.0}
NAN = np.nan


# --------------------------------------------------------------------- published examples
@pytest.mark.parametrize(
    ("drug", "route", "method"),
    PUBLISHED[["drug", "route", "method"]].drop_duplicates().values.tolist(),
)
def test_every_figure_is_that_of_phoenix_winnonlin(drug: str, route: Any, method: Any) -> None:
    chosen = PUBLISHED[["drug", "route", "method"]].eq([drug, route, method]).all(axis=1)
    published = PUBLISHED[chosen].set_index("subject")
    wide = SAMPLES[SAMPLES["drug"] == drug].groupby("subject")
    times, levels = (np.array([rows[c] for _, rows in wide]) for c in ("hours", "level"))
    figures = figures_of_curves(
        times, levels, dose=DOSES[drug], route=route, method=method,
        infusion=0.25 if route == "infusion" else 0.0,
    ).to_pandas()  # fmt: skip
    assert len(figures) == len(published) in (6, 12) and (figures["reasons"] == "").all()
    for column in published.columns.drop(["drug", "route", "method"]):
        if published[column].notna().all():
            # as many digits as are published
            np.testing.assert_allclose(
                figures[column], published[column], rtol=1e-8, err_msg=f"{drug} {column}"
            )


# --------------------------------------------------------------------- closed forms
def test_a_single_exponential_is_known_exactly() -> None:
    """C0 exp(-k t): area C0/k, residence 1/k, clearance and both volumes dose/C0 (x k)."""
    c0, k, dose = 12.0, 0.3, 60.0
    t = np.array([0.0, 0.4, 1.0, 2.5, 4.0, 7.0])
    figures = figures_of_curves(
        t, c0 * np.exp(-k * t), dose=dose, route="bolus", method="linear up, log down"
    )
    expected = {
        "half_life": np.log(2) / k, "rate": k, "area_extrapolated": c0 / k, "residence_time": 1 / k,
        "clearance": dose * k / c0, "volume": dose / c0, "steady_volume": dose / c0,
        "level_at_dose": c0, "area_last": c0 / k * (1 - np.exp(-7 * k)), "peak": c0,
        "share_extrapolated": np.exp(-7 * k), "span": 7 * k / np.log(2), "adjusted_r2": 1.0,
        "terminal_samples": 6, "terminal_start": 0.0, "last": c0 * np.exp(-7 * k), "last_time": 7.0,
    }  # fmt: skip
    for name, value in expected.items():
        assert getattr(figures, name) == pytest.approx(value, rel=1e-12), name


def test_a_bolus_points_back_to_the_dose_whenever_that_was() -> None:
    t = np.array([-5.0, 11.0, 12.0, 14.0, 18.0])
    levels = np.where(t < 10, 3.0, 8.0 * np.exp(-0.5 * (t - 10)))
    figures = figures_of_curves(
        t, levels, dose=16.0, route="bolus", dose_time=10.0, method="linear up, log down"
    )
    # what was sampled before says nothing of the level at the dose, nor of the residence time
    assert figures.level_at_dose == pytest.approx(8.0)
    assert figures.residence_time == pytest.approx(2.0)
    assert figures.volume == pytest.approx(2.0) and figures.peak_time == 11.0


def test_an_infusion_into_one_compartment() -> None:
    """Rate R over T: C rises to R/CL (1 - exp(-k T)); residence is 1/k once T/2 is taken off."""
    clearance, k, length, dose = 2.0, 0.4, 3.0, 30.0
    t = np.concatenate([np.linspace(0, length, 2001), np.linspace(length, 25, 4001)[1:]])
    rising = dose / length / clearance * (1 - np.exp(-k * np.minimum(t, length)))
    levels = rising * np.exp(-k * np.maximum(t - length, 0))
    figures = figures_of_curves(t, levels, dose=dose, route="infusion", infusion=length)
    assert figures.clearance == pytest.approx(clearance, rel=1e-5)
    assert figures.residence_time == pytest.approx(1 / k, rel=1e-5)
    assert figures.steady_volume == pytest.approx(clearance / k, rel=1e-5)
    assert figures.half_life == pytest.approx(np.log(2) / k, rel=1e-9)


def test_a_baseline_is_no_part_of_a_half_life() -> None:
    t = np.array([-10.0, 0.0, 5.0, 10.0, 20.0, 40.0])
    rise = np.where(t > 0, 6.0 * np.exp(-0.1 * t), 0.0)
    for baseline in ("first", 4.0):
        figures = figures_of_curves(t, rise + 4.0, baseline=baseline)
        assert figures.half_life == pytest.approx(np.log(2) / 0.1)
        assert figures.peak == pytest.approx(6.0 * np.exp(-0.5))
    assert figures_of_curves(t, rise + 4.0).half_life > 30
    each = figures_of_curves(t, np.stack([rise + 4.0, rise + 9.0]), baseline=[4.0, 9.0])
    np.testing.assert_allclose(each.half_life, np.log(2) / 0.1)


# --------------------------------------------------------------------- Pruessner's areas
def test_areas_over_ground_and_increase_by_hand() -> None:
    """Pruessner 2003: sum of (m_i + m_(i+1)) / 2 x t_i, and that less m_1 x sum of t_i."""
    figures = figures_of_curves(
        [0.0, 10.0, 30.0, 60.0],
        [[4.0, 6.0, 10.0, 8.0], [9.0, 5.0, 3.0, 3.0]],
        method="linear up, log down", baseline=2.0,
    )  # fmt: skip
    # 50 + 160 + 270 = 480, less 4 x 60; 70 + 80 + 90 = 240, less 9 x 60
    assert figures.area_over_ground.tolist() == [480.0, 240.0]
    assert figures.area_over_increase.tolist() == [240.0, -300.0]


def test_equal_intervals_are_pruessners_second_pair_of_formulas() -> None:
    """With one interval as unit: sum of m less (m_1 + m_n) / 2, and that less (n - 1) m_1."""
    m = np.array([12.0, 15.0, 21.0, 18.0, 11.0, 9.0])
    figures = figures_of_curves(np.arange(6.0), m)
    ground = m.sum() - (m[0] + m[-1]) / 2
    assert figures.area_over_ground == pytest.approx(ground)
    assert figures.area_over_increase == pytest.approx(ground - 5 * m[0])


# --------------------------------------------------------------------- censored levels
LIMITS = np.array([1.0, NAN, 1.0, NAN, 1.0, 1.0])
CENSORED = np.array([NAN, 4.0, NAN, 2.0, NAN, NAN])


@pytest.mark.parametrize(
    ("rule", "area", "samples"),
    [
        # (0, 0) (1, 4) (3, 2): 2 + 6
        (CensoringRule(), 8.0, 3),
        # the first at 1/2: 2.25 + 6
        (CensoringRule("half"), 8.25, 3),
        # (1, 4) (3, 2) alone
        (CensoringRule("drop"), 6.0, 2),
        # (0, 1) (1, 4) (2, 1) (3, 2) (4, 1) (5, 1): 2.5 + 2.5 + 1.5 + 1.5 + 1
        (CensoringRule("limit", "limit", "limit"), 9.0, 6),
        # (0, 0) (1, 4) (2, 0) (3, 2) (4, 0) (5, 0): 2 + 2 + 1 + 1 + 0
        (CensoringRule("zero", "zero", "zero"), 6.0, 6),
        # (0, .5) (1, 4) (2, .5) (3, 2) (4, .5) (5, .5): 2.25 + 2.25 + 1.25 + 1.25 + .5
        (CensoringRule("half", "half", "half"), 7.5, 6),
    ],
)
def test_rules_of_levels_below_the_limit(rule: CensoringRule, area: float, samples: int) -> None:
    figures = figures_of_curves(np.arange(6.0), CENSORED, below=LIMITS, rule=rule)
    assert figures.area == pytest.approx(area) and int(figures.samples) == samples
    # the last level is one that was quantified, whatever stands behind it
    assert (figures.last, figures.last_time, figures.peak) == (2.0, 3.0, 4.0)


def test_what_stands_for_a_level_below_the_limit_is_on_no_terminal_line() -> None:
    t = np.arange(8.0)
    levels = np.where(t < 5, 8.0 * 0.5**t, NAN)
    limits = np.where(t < 5, NAN, 0.4)
    figures = figures_of_curves(
        t, levels, below=limits, rule=CensoringRule(after="half"), route="bolus"
    )
    assert figures.half_life == pytest.approx(1.0) and int(figures.terminal_samples) == 5
    assert figures.area > figures.area_last


def test_a_level_above_its_limit_gives_no_figures_unless_a_rule_says_so() -> None:
    levels = np.array([[1.0, NAN, 6.0, 3.0, 1.5], [1.0, 5.0, 6.0, 3.0, 1.5]])
    above = np.array([[NAN, 10.0, NAN, NAN, NAN], [NAN] * 5])
    refused = figures_of_curves(np.arange(5.0), levels, above=above)
    assert np.isnan(refused.area[0]) and np.isnan(refused.peak[0]) and refused.area[1] == 15.25
    assert "above its limit" in refused.reasons[0] and "half-life" in refused.reasons[1]
    limit = figures_of_curves(
        np.arange(5.0), levels, above=above, rule=CensoringRule(above="limit")
    )
    assert limit.peak[0] == 10.0 and limit.area[0] == 5.5 + 8 + 4.5 + 2.25
    drop = figures_of_curves(np.arange(5.0), levels, above=above, rule=CensoringRule(above="drop"))
    assert drop.peak[0] == 6.0 and drop.area[0] == 7 + 4.5 + 2.25


def test_a_curve_says_what_it_lacks() -> None:
    levels = np.array([
        [NAN, NAN, NAN, NAN, NAN],
        [NAN, 3.0, NAN, NAN, NAN],
        [1.0, 2.0, 3.0, 2.0, 1.0],
        [5.0, 1.0, 2.0, 3.0, 4.0],
        [0.0, 8.0, 4.0, 2.0, 1.0],
    ])  # fmt: skip
    figures = figures_of_curves(np.arange(5.0), levels, below=np.where(levels == 9, 1.0, NAN))
    expected = [
        "no level could be quantified", "fewer than two samples",
        "fewer than 3 samples of the fall",
        "the last samples do not fall", "",
    ]  # fmt: skip
    for reason, words in zip(figures.reasons, expected, strict=True):
        assert words in reason and bool(words) == bool(reason)
    assert figures.half_life[4] == pytest.approx(1.0) and np.isnan(figures.half_life[:4]).all()
    assert figures.peak[1] == 3.0 and np.isnan(figures.area[1]) and figures.area[2] == 8.0


# --------------------------------------------------------------------- many at once
@given(
    levels=st.lists(
        st.lists(
            st.one_of(st.just(0.0), st.floats(0.001, 100), st.just(NAN)), min_size=7, max_size=7
        ),
        min_size=1,
        max_size=6,
    ),
    steps=st.lists(st.floats(0.1, 50), min_size=7, max_size=7),
    method=st.sampled_from(["linear", "linear up, log down"]),
    route=st.sampled_from([None, "bolus", "absorbed"]),
)
@settings(max_examples=60, deadline=None)
def test_a_curve_has_the_same_figures_alone_and_among_others(
    levels: list[list[float]], steps: list[float], method: Any, route: Any
) -> None:
    times, table = np.cumsum(steps), np.array(levels)
    together = figures_of_curves(times, table, method=method, route=route)
    for row, curve in enumerate(table):
        alone = figures_of_curves(times, curve, method=method, route=route)
        # padded with what was never sampled
        longer = figures_of_curves(
            np.append(times, NAN), np.append(curve, NAN), method=method, route=route
        )
        for name in vars(alone):
            value = np.asarray(getattr(together, name))[row]
            for other in (alone, longer):
                figure = np.asarray(getattr(other, name))[()]
                if name == "reasons":
                    assert figure == value
                else:
                    # sums of more entries are rounded otherwise
                    np.testing.assert_allclose(figure, value, rtol=1e-7, atol=1e-9)


@given(
    levels=st.lists(st.floats(0.01, 100), min_size=2, max_size=9),
    factor=st.floats(0.1, 10),
    stretch=st.floats(0.1, 10),
)
@settings(max_examples=60, deadline=None)
def test_figures_scale_with_the_units(levels: list[float], factor: float, stretch: float) -> None:
    times, values = np.arange(len(levels), dtype=float), np.array(levels)
    base = figures_of_curves(times, values, method="linear up, log down")
    other = figures_of_curves(times * stretch, values * factor, method="linear up, log down")
    assert other.area == pytest.approx(base.area * stretch * factor, rel=1e-9)
    assert other.area_over_increase == pytest.approx(
        base.area_over_increase * stretch * factor, rel=1e-9, abs=1e-9 * stretch * factor
    )
    # a logarithmic trapezoid is never above the linear one
    assert base.area <= figures_of_curves(times, values).area * (1 + 1e-12)


@pytest.mark.parametrize("fall", [1e-16, 1e-12, 1e-8, 1e-4, 0.9e-3, 1.1e-3, 0.1, 3.0])
def test_a_logarithmic_trapezoid_is_exact_however_small_its_fall(fall: float) -> None:
    """Area and moment of an exponential from 2 to 2 exp(-fall) between 3 and 5, by quadrature."""
    values = np.array([[2.0, 2.0 * np.exp(-fall)]])
    got = trapezoids(np.array([[3.0, 5.0]]), values, "linear up, log down")
    rate = np.log1p((values[0, 0] - values[0, 1]) / values[0, 1]) / 2
    for power, figure in ((0, got.area), (1, got.moment)):
        expected, _ = quad(lambda t, k=power: t**k * 2 * np.exp(-rate * (t - 3)), 3, 5)
        assert figure[0, 0] == pytest.approx(expected, rel=1e-9)


def test_shapes_stay() -> None:
    figures = figures_of_curves(
        np.arange(4.0), np.ones((2, 3, 4)), dose=np.ones((2, 3)), route="bolus"
    )
    assert figures.area.shape == figures.reasons.shape == (2, 3) and (figures.area == 3).all()
    assert len(figures.to_pandas()) == 6 and isinstance(figures, CurveFigures)
    assert "of 6 curves" in repr(figures)


# --------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"times": [0.0, 1.0, 1.0]}, "increasing times"),
        ({"times": [0.0, 2.0, 1.0]}, "increasing times"),
        ({"times": [0.0, 1.0]}, "times: expected shape"),
        ({"times": [0.0, NAN, 2.0]}, "a time for every sample"),
        ({"values": "123"}, "values: expected an array of numbers"),
        ({"values": [1.0, np.inf, 2.0]}, "values: expected finite numbers"),
        ({"values": [True, False, True]}, "values: expected an array of numbers"),
        ({"values": [[1.0], [2.0, 3.0]]}, "values: expected an array of numbers"),
        ({"below": [1.0, NAN, NAN]}, "NaN among the values"),
        ({"below": [1.0]}, "below: expected shape"),
        ({"dose": 3.0}, "route: expected 'absorbed' or 'bolus' or 'infusion'"),
        ({"dose": 0.0, "route": "bolus"}, "dose: expected a number above 0"),
        ({"dose": [1.0, 2.0], "route": "bolus"}, "dose: expected one number"),
        ({"route": "infusion"}, "infusion: expected a duration above 0"),
        ({"route": "bolus", "infusion": 3.0}, "infusion: expected a duration above 0"),
        ({"route": "oral"}, "unknown route 'oral'"),
        ({"method": "log"}, "unknown method 'log'"),
        ({"baseline": "last"}, "unknown baseline 'last'"),
        ({"rule": "zero"}, "rule: expected a CensoringRule"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], match: str) -> None:
    right: dict[str, Any] = {"times": [0.0, 1.0, 2.0], "values": [1.0, 3.0, 2.0]}
    with pytest.raises(OxysimError, match=match):
        figures_of_curves(**{**right, **arguments})


def test_a_rule_knows_its_words() -> None:
    with pytest.raises(OxysimError, match="unknown before 'nought'"):
        CensoringRule("nought")  # type: ignore[arg-type]
