"""Sensitivity: known answers of textbook functions, the same through a sweep; failed runs never
vanish.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.loop.uncertainty import model_runs
from oxysim.loop.uncertainty.elasticities import elasticities
from oxysim.loop.uncertainty.elementary_effects import morris_screening
from oxysim.loop.uncertainty.sensitivity import sobol_sensitivity
from oxysim.loop.uncertainty.uncertain_inputs import UncertainInput, uncertain_inputs
from oxysim.model import registry
from oxysim.plots.loop.sobol_bars import sobol_bars
from oxysim.plots.loop.tornado import outcome_text, tornado
from oxysim.population.quantiles import quantile
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axes import Range
from oxysim.sweeps.runner import sweep
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import grid

SET_POINT = "caregiver.depression.set_point"
GAIN = "caregiver.depression.loop_gain"
HALF_LIFE = "caregiver.oxytocin.plasma_half_life"
EDGE = "reward -> depression"
CIRCLE = {name: (-np.pi, np.pi) for name in ("a", "b", "c")}
WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0])
UNITS = {f"x{i}": (0.0, 1.0) for i in range(4)}


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def ishigami_indices() -> tuple[np.ndarray, np.ndarray]:
    """First order and total (Ishigami & Homma 1990)."""
    first_order = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 7**2 / 8, 0.0])
    both = 0.1**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = first_order.sum() + both
    return first_order / whole, np.array([first_order[0] + both, first_order[1], both]) / whole


def g_function(x: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * x - 2) + WEIGHTS[:, None]) / (1 + WEIGHTS[:, None]), axis=0)


def g_indices() -> tuple[np.ndarray, np.ndarray]:
    """First order and total of Sobol's g-function."""
    variances = (1 / 3) / (1 + WEIGHTS) ** 2
    whole = np.prod(1 + variances) - 1
    return variances / whole, variances * np.prod(1 + variances) / (1 + variances) / whole


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [(ishigami, CIRCLE, ishigami_indices()), (g_function, UNITS, g_indices())],
    ids=["Ishigami", "g-function"],
)
def test_indices_of_textbook_functions(
    function: Any, inputs: Any, expected: tuple[np.ndarray, np.ndarray]
) -> None:
    indices = sobol_sensitivity(function, inputs, n=4096, seed=3, resamples=200)
    table = indices.table.set_index("input").loc[list(inputs)]
    np.testing.assert_allclose(table["first"], expected[0], atol=0.01)
    np.testing.assert_allclose(table["total"], expected[1], atol=0.01)
    for index, truth in zip(("first", "total"), expected, strict=True):
        assert np.all(
            (table[f"{index}_low"] <= truth + 1e-3) & (truth - 1e-3 <= table[f"{index}_high"])
        )
    assert np.all(table["total_high"] - table["total_low"] < 0.12)


def test_smaller_samples_have_wider_intervals() -> None:
    widths = []
    for n in (64, 4096):
        table = sobol_sensitivity(g_function, UNITS, n=n, resamples=200).table
        widths.append(float((table["first_high"] - table["first_low"]).max()))
    assert 4 < widths[0] / widths[1] < 16  # a factor of 8 in 1 / sqrt(n)


def test_the_mean_and_the_variance_are_those_of_the_function() -> None:
    indices = sobol_sensitivity(g_function, UNITS, n=4096, resamples=100)
    assert indices.mean == pytest.approx(1.0, abs=0.01)
    assert indices.variance == pytest.approx(
        np.prod(1 + (1 / 3) / (1 + WEIGHTS) ** 2) - 1, rel=0.02
    )


def test_screening_of_a_sum_finds_its_coefficients_and_no_spread() -> None:
    screening = morris_screening(
        lambda x: 3 * x[0] - 2 * x[1] + 0 * x[2], {"a": (0, 1), "b": (0, 2), "c": (5, 6)}
    )
    table = screening.table.set_index("input")
    np.testing.assert_allclose(table.loc[["a", "b", "c"], "mu"], [3, -4, 0], atol=1e-9)
    np.testing.assert_allclose(table.loc[["a", "b", "c"], "mu_star"], [3, 4, 0], atol=1e-9)
    np.testing.assert_allclose(table["sigma"], 0, atol=1e-9)
    assert screening.runs == 16 * 4


def test_screening_of_textbook_functions() -> None:
    g = morris_screening(g_function, UNITS, trajectories=400, seed=2).table
    assert g["input"].tolist() == ["x0", "x1", "x2", "x3"]
    ishi = morris_screening(ishigami, CIRCLE, trajectories=400, seed=2).table.set_index("input")
    # at levels -pi, -pi/3, pi/3, pi the second term changes by 7 sin(pi/3)^2 over 2/3 of the range,
    # whatever the others
    assert ishi.loc["b", "mu_star"] == pytest.approx(7 * 0.75 * 1.5, rel=1e-6)
    assert ishi.loc["b", "mu"] == pytest.approx(0, abs=1.5)
    # it acts through the first input alone
    assert ishi.loc["c", "sigma"] > ishi.loc["c", "mu_star"]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.2, 5), st.floats(0.2, 5), st.floats(-3, 3), st.floats(-3, 3))
def test_elasticities_of_a_power_law_are_its_exponents(
    a: float, b: float, p: float, q: float
) -> None:
    slopes = elasticities(
        lambda x: 2.5 * x[0] ** p * x[1] ** q, {"a": (0.1, 9), "b": (0.1, 9)}, at={"a": a, "b": b}
    )
    table = slopes.table.set_index("input")
    np.testing.assert_allclose(table.loc[["a", "b"], "elasticity"], [p, q], atol=1e-4)
    np.testing.assert_allclose(table.loc[["a", "b"], "value"], [a, b])
    assert np.all(table["error"] < 1e-2)


def test_the_swing_goes_from_one_end_of_the_range_to_the_other() -> None:
    slopes = elasticities(lambda x: x[0] - 10 * x[1], {"a": (0, 4), "b": (1, 2)})
    assert slopes.table["input"].tolist() == ["b", "a"]
    assert slopes.base == 2 - 15
    np.testing.assert_allclose(slopes.table[["at_low", "at_high"]], [[-8, -18], [-15, -11]])


def test_where_an_outcome_is_zero_there_is_a_slope_and_no_elasticity() -> None:
    (row,) = elasticities(lambda x: x[0] - 2, {"a": (0, 4)}).table.itertuples()
    assert row.slope == pytest.approx(1.0)
    assert np.isnan(row.elasticity)


# ------------------------------------------------------------------- what is uncertain
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(registry.parameters())), st.floats(0, 1))
def test_a_parameter_follows_its_row(name: str, share: float) -> None:
    (uncertain,) = uncertain_inputs([name], Dyad())
    row = registry.parameters()[name]
    value = float(uncertain.at(share))
    assert row.low - 1e-12 <= value <= row.high + 1e-12
    assert uncertain.status == row.status
    if row.distribution != "fixed":
        assert value == float(
            quantile(row, np.array(share), "mother" if name.startswith("caregiver") else "")
        )


def test_a_range_in_another_unit_is_in_the_rows_own() -> None:
    (uncertain,) = uncertain_inputs({HALF_LIFE: ("180 s", "6 min")}, Dyad())
    np.testing.assert_allclose(uncertain.at([0.0, 0.5, 1.0]), [3.0, 4.5, 6.0])
    assert uncertain_inputs([EDGE], Dyad())[0].legal == (0.0, 2.0)


def test_statuses_come_from_the_rows() -> None:
    statuses = {
        uncertain.name: uncertain.status
        for uncertain in uncertain_inputs(
            {HALF_LIFE: None, EDGE: None, "c.minutes": (1, 2)}, Dyad()
        )
    }
    rows = registry.parameters()
    assert statuses == {
        HALF_LIFE: rows[HALF_LIFE].status,
        EDGE: registry.edge_place(EDGE).row.status,
        "c.minutes": "given",
    }


def _grouped(x: np.ndarray) -> np.ndarray:
    return 3 * x[0] + 2 * x[1] + x[2] + 4 * x[0] * x[2]


def test_variance_is_shared_out_among_measured_and_assumed_inputs() -> None:
    """Y = 3a + 2b + c + 4ac on the unit cube, with a and b assumed, c measured: closed indices by
    hand.
    """
    inputs = [
        UncertainInput(name, Range(0, 1), status=status)
        for name, status in (("a", "assumed"), ("b", "assumed"), ("c", "measured"))
    ]
    indices = sobol_sensitivity(_grouped, inputs, n=4096, resamples=200)
    # with centred a', b', c': 5a' + 2b' + 3c' + 4a'c', each of variance 1/12
    parts = np.array([25, 4, 9, 16 / 12]) / 12
    by_status = indices.by_status.set_index("status")
    assert by_status.loc["assumed", "first"] == pytest.approx(
        (parts[0] + parts[1]) / parts.sum(), abs=0.01
    )
    assert by_status.loc["assumed", "total"] == pytest.approx(1 - parts[2] / parts.sum(), abs=0.01)
    assert by_status.loc["measured", "total"] == pytest.approx(
        (parts[2] + parts[3]) / parts.sum(), abs=0.01
    )
    assert "All assumed inputs together" in indices.report()
    assert indices.runs == 4096 * (2 + 3 + 1)  # the one measured input is a group already
    short = sobol_sensitivity(_grouped, inputs, n=4096, resamples=200, each=False)
    assert short.runs == 4 * 4096 < indices.runs and short.table.empty and short.inputs == 3
    pd.testing.assert_frame_equal(
        short.by_status.set_index("status")[["first", "total"]],
        by_status.loc[short.by_status["status"], ["first", "total"]],
    )
    with pytest.raises(InputError, match="all 2 inputs are assumed"):
        sobol_sensitivity(lambda x: x[0] + x[1], inputs[:2], each=False)


def test_an_input_without_influence_is_named() -> None:
    indices = sobol_sensitivity(lambda x: x[0], {"a": (0, 1), "b": (0, 1)}, n=64)
    assert indices.without_influence == ("b",)
    assert "Without any influence: b." in indices.report()


# ----------------------------------------------------------------------- through sweeps
def study(**changes: Any) -> Study:
    options: dict[str, Any] = {"outcomes": ["caregiver.epds: final"], "solver": Solver(rtol=1e-4)}
    return Study(
        Dyad.symptomatic(), "2 d", start="00:00", sample="60 min", **{**options, **changes}
    )


def test_a_study_and_the_function_it_computes_agree() -> None:
    """What a sweep gives at the base and by single runs is what the elasticities are made of."""
    slopes = elasticities(study(), [SET_POINT, EDGE], progress=False, workers=1)
    again = study(design=grid({SET_POINT: [5.4 * 0.99, 5.4 * 1.01]}))
    low, high = sweep(again, progress=False, workers=1)["caregiver.epds: final"].values
    row = slopes.table.set_index("input").loc[SET_POINT]
    assert row["value"] == 5.4
    assert row["slope"] == pytest.approx((high - low) / (0.02 * 5.4), rel=2e-2)
    assert slopes.outcome == "caregiver.epds: final"


def test_a_batch_is_resumed_and_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("zarr")
    options: dict[str, Any] = {"n": 16, "resamples": 100, "progress": False, "workers": 1}
    first = sobol_sensitivity(study(), [SET_POINT, GAIN], store=tmp_path / "runs", **options)

    def refuse(*_: Any) -> None:
        pytest.fail("a run was made again")

    monkeypatch.setattr("oxysim.sweeps.runner._computed", refuse)
    second = sobol_sensitivity(study(), [SET_POINT, GAIN], store=tmp_path / "runs", **options)
    assert first.table.equals(second.table)
    assert set(first.table["input"]) == {SET_POINT, GAIN}


def test_the_mean_over_several_dyads_is_said() -> None:
    two = Study(
        Dyad.symptomatic().repeat(2),
        "1 d",
        outcomes=["caregiver.epds: final"],
        solver=Solver(rtol=1e-4),
    )
    slopes = elasticities(two, [SET_POINT], progress=False, workers=1)
    assert slopes.outcome == "caregiver.epds: final (mean over 2 dyads)"


def test_failed_runs_are_refused_with_their_number_and_parameters() -> None:
    impossible = study(solver=Solver(rtol=1e-10, max_evaluations=100))
    with pytest.raises(
        InputError, match=r"13 of 13 points have no finite outcome, and none is left out"
    ) as caught:
        elasticities(impossible, [SET_POINT, GAIN], progress=False, workers=1)
    assert f"{SET_POINT} = " in str(caught.value) and "evaluations" in str(caught.value)


def test_a_sweep_that_was_stopped_is_not_taken_for_a_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = model_runs.sweep
    monkeypatch.setattr(
        model_runs, "sweep", lambda study, **options: real(study, **options).where(False)
    )
    with pytest.raises((InputError, OxysimError), match="no finite outcome"):
        elasticities(study(), [SET_POINT], progress=False, workers=1)


def test_a_function_that_gives_nan_once_is_refused() -> None:
    def sometimes(x: np.ndarray) -> np.ndarray:
        return np.where(np.arange(x.shape[1]) == 5, np.nan, x[0])

    with pytest.raises(
        InputError, match=r"1 of 64 points have no finite outcome.* at a = 0\.\d+"
    ) as caught:
        sobol_sensitivity(sometimes, {"a": (0, 1), "b": (0, 1)}, n=16)
    assert "sometimes" in str(caught.value)


# ---------------------------------------------------------------------------------- drawn
def test_a_tornado_has_its_widest_bar_on_top_and_names_what_is_left_out() -> None:
    slopes = elasticities(
        lambda x: x[0] - 10 * x[1] + 0.1 * x[2], {"a.b": (0, 4), "c.d": (1, 2), "e.f": (0, 1)}
    )
    ax = tornado(slopes, most=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A b\n(given)", "C d\n(given)"]
    assert "1 inputs with smaller swings are not shown" in ax.get_xlabel()
    assert sorted(round(bar.get_width(), 6) for bar in ax.patches) == [-5, -2, 2, 5]
    plt.close(ax.figure)


def test_an_outcome_is_written_with_its_unit() -> None:
    assert outcome_text("caregiver.epds: final", "EPDS") == "Caregiver EPDS: final (points)"
    assert outcome_text("lambda") == "Lambda"


def test_bars_have_the_heights_of_the_indices() -> None:
    indices = sobol_sensitivity(g_function, UNITS, n=64, resamples=100)
    ax = sobol_bars(indices)
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(
        widths, [*indices.table["first"][::-1], *indices.table["total"][::-1]]
    )
    plt.close(ax.figure)
    ax = sobol_bars(indices, by_status=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["All given"]
    plt.close(ax.figure)
    moved = elasticities(lambda x: x[0] - 2, {"a": (0, 4)})
    for draw in (lambda: sobol_bars(indices, most=0), lambda: tornado(moved, most=0)):
        with pytest.raises(InputError, match="most"):
            draw()
    with pytest.raises(InputError, match=r"what elasticities\(\) returns"):
        tornado(indices)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------- bad input
WRONG: list[tuple[Any, type[OxysimError], str]] = [
    (lambda: sobol_sensitivity(ishigami, CIRCLE, n=100), InputError, "nearest: 64, 128"),
    (lambda: sobol_sensitivity(ishigami, CIRCLE, n=True), InputError, "power of two"),
    (
        lambda: sobol_sensitivity(ishigami, CIRCLE, confidence=95),
        InputError,
        "a number from 0 to 1",
    ),
    (
        lambda: sobol_sensitivity(ishigami, CIRCLE, resamples=5),
        InputError,
        "a whole number from 100",
    ),
    (lambda: sobol_sensitivity(ishigami, CIRCLE, seed=-1), InputError, "seed"),
    (
        lambda: sobol_sensitivity(lambda x: 0 * x[0] + 3, CIRCLE, n=16),
        InputError,
        "none of a, b, c has an influence",
    ),
    (lambda: sobol_sensitivity(lambda x: x, CIRCLE, n=16), InputError, "expected 80 numbers"),
    (lambda: sobol_sensitivity(ishigami, ["a"], n=16), InputError, "need ranges"),
    (lambda: sobol_sensitivity(ishigami, {}, n=16), InputError, "found {}"),
    (lambda: sobol_sensitivity(ishigami, "abc", n=16), InputError, "list of names"),
    (lambda: sobol_sensitivity(ishigami, {"a": (1, 0)}, n=16), InputError, "lower end first"),
    (lambda: sobol_sensitivity(ishigami, {"a": 3}, n=16), InputError, "expected (low, high)"),
    (
        lambda: sobol_sensitivity(ishigami, CIRCLE, "caregiver.epds: final", n=16),
        InputError,
        "go with a study",
    ),
    (lambda: sobol_sensitivity(ishigami, CIRCLE, n=16, workers=1), InputError, "go with a study"),
    (lambda: sobol_sensitivity(3, CIRCLE, n=16), InputError, "a Study or a function"),  # type: ignore[arg-type]
    (lambda: morris_screening(ishigami, {"a": (0, 1)}), InputError, "at least two"),
    (lambda: morris_screening(ishigami, CIRCLE, levels=5), InputError, "even"),
    (lambda: morris_screening(ishigami, CIRCLE, trajectories=1), InputError, "at least 2"),
    (lambda: elasticities(ishigami, CIRCLE, step=0), InputError, "relative step"),
    (lambda: elasticities(ishigami, CIRCLE, at={"d": 1}), InputError, "none of the inputs"),
    (lambda: elasticities(ishigami, CIRCLE, at={"a": "1"}), InputError, "finite number"),  # type: ignore[dict-item]
    (lambda: elasticities(study(), ["caregiver.depression.set_pont"]), UnknownNameError, SET_POINT),
    (lambda: elasticities(study(), ["reward -> depresion"]), UnknownNameError, EDGE),
    (lambda: elasticities(study(), [GAIN, GAIN]), InputError, "given twice"),
    (lambda: elasticities(study(), [GAIN], at={GAIN: -1}), InputError, "not legal"),
    (
        lambda: elasticities(study(), [GAIN], "caregiver.epds: weekly mean"),
        InputError,
        "one number a run",
    ),
    (
        lambda: elasticities(study(), [GAIN], "caregiver.epd: final"),
        UnknownNameError,
        "caregiver.epds",
    ),
    (lambda: elasticities(study(design=grid({GAIN: [1, 2]})), [GAIN]), InputError, "has a design"),
    (lambda: elasticities(study(), ["spray.dose"]), InputError, "give its range"),
    (
        lambda: elasticities(
            study(interventions={"spray": NasalSpray("24 IU", at="10:00")}),
            {"spray.dose": ("8 IU", "24 IU")},
        ),
        InputError,
        "at={'spray.dose'",
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "words"), WRONG)
def test_wrong_input_is_named(wrong: Any, kind: type[OxysimError], words: str) -> None:
    with pytest.raises(kind) as caught:
        wrong()
    assert words in str(caught.value)


def test_the_same_seed_gives_the_same_and_another_differs() -> None:
    first, same, other_seed = (
        sobol_sensitivity(ishigami, CIRCLE, n=64, resamples=100, seed=seed).table
        for seed in (1, 1, 2)
    )
    assert first.equals(same)
    assert not np.allclose(first["first"], other_seed["first"])
