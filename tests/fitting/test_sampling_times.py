"""Sampling times of dyads against closed forms: a bolus into a vein decays exponentially."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError
from oxysim.fitting.identifiability import identifiability_of
from oxysim.fitting.sampling.sample_grid import SampleGrid, feasible_times
from oxysim.fitting.sampling.sampling_times import d_optimal_times, t_optimal_times
from oxysim.measures import MeasurementNoise, instrument

BOLUS = ox.Routine.empty() + ox.IntravenousBolus("1 IU", at="10:00")
HALF_LIFE, CLEARANCE = "mother.oxytocin.plasma_half_life", "mother.oxytocin.clearance"
PLASMA = replace(
    instrument("plasma_oxytocin"),
    noise=MeasurementNoise("additive", sample=2.0),
    lloq=0.0,
    low=-np.inf,
)
KITS = {
    "constant": PLASMA,
    "proportional": replace(PLASMA, noise=MeasurementNoise("proportional", sample=0.1), low=0.0),
}
OPTIONS = {"start": "10:00", "instruments": KITS}


def _grid(kit: str, last: str = "10:30", spacing: str = "1 min") -> SampleGrid:
    return SampleGrid(feasible_times("10:01", last, "1 min"), {"mother": kit}, spacing)


def test_a_bolus_with_constant_error_is_sampled_at_once_and_a_time_constant_later() -> None:
    pair = [CLEARANCE, HALF_LIFE]
    design = d_optimal_times(
        ox.Dyad(), BOLUS, pair, _grid("constant"), 2, known_before=False, **OPTIONS
    )
    # Box & Lucas (1959): 4 min / ln 2 = 5.77 min after the first, to the minute of the grid
    assert design.points.minutes.tolist() == [601.0, 607.0]
    assert design.best.agreeing == design.best.starts


def test_a_bolus_with_proportional_error_is_sampled_at_the_ends() -> None:
    # as long as the level of rest, 2.9 pg/mL, is little beside what is left of the dose
    design = d_optimal_times(
        ox.Dyad(), BOLUS, [CLEARANCE, HALF_LIFE], _grid("proportional", "10:10"), 2,
        known_before=False, **OPTIONS,
    )  # fmt: skip
    assert design.points.minutes.tolist() == [601.0, 610.0]


def test_gain_over_a_plan_and_doses() -> None:
    doses = {
        f"{dose} IU": ox.Routine.empty() + ox.IntravenousBolus(f"{dose} IU", at="10:00")
        for dose in (1, 2)
    }
    design = d_optimal_times(
        ox.Dyad(), doses, [CLEARANCE, HALF_LIFE], _grid("constant"), 2, plan=["10:01", "10:21"],
        known_before=False, **OPTIONS,
    )  # fmt: skip
    # twice the dose has twice the slopes, and so four times the information of each parameter
    assert design.best.label == "2 IU"
    assert design.schedules()["persons"].tolist() == pytest.approx([1.0, 4.0], rel=1e-3)
    # det F of two samples, t after the first: (t e^-kt)², so the gain is its ratio
    k = math.log(2) / 4
    gain = (6 * math.exp(-6 * k)) / (20 * math.exp(-20 * k))
    assert design.gain == pytest.approx(gain, rel=0.01)
    assert "2 IU" in design.report() and "would need" in design.report()


def test_precision_is_that_of_the_information() -> None:
    grid = _grid("constant", spacing="5 min")
    pair = [CLEARANCE, HALF_LIFE]
    design = d_optimal_times(ox.Dyad(), BOLUS, pair, grid, 4, plan=["10:05", "10:20"], **OPTIONS)
    assert np.diff(design.points.minutes).min() >= 5.0
    told = identifiability_of(design.points, ox.Dyad(), BOLUS, pair, **OPTIONS)
    np.testing.assert_allclose(design.best.errors, told.information.errors_with_before, rtol=1e-3)
    table = design.precision()
    np.testing.assert_allclose(table["low"], told.table()["low"], rtol=1e-3)
    assert (table["low"] > table["plan_low"]).all() and (table["high"] < table["plan_high"]).all()


def test_a_nuisance_parameter_costs_samples_but_is_not_asked_for() -> None:
    # a level that nobody knows has to be told from late samples, for the clearance's sake
    basal = "mother.oxytocin.plasma_basal"
    design = d_optimal_times(
        ox.Dyad(), BOLUS, CLEARANCE, _grid("constant", "11:30"), 2, nuisance=basal,
        known_before=False, **OPTIONS,
    )  # fmt: skip
    first, last = design.points.minutes.tolist()
    assert first == 601.0 and last > 640.0
    assert design.precision().index.tolist() == [CLEARANCE]


def test_two_doses_of_one_model_are_told_apart_by_a_level() -> None:
    # The rival can fit nothing that matters: T is the misfit itself, (difference / error)².
    grid = _grid("constant")
    heavy = ox.Dyad(parameters={CLEARANCE: 1.0})
    design = t_optimal_times(
        heavy, ox.Dyad(), BOLUS, "mother.depression.loop_gain", grid, 1, **OPTIONS
    )
    assert design.clocks == ("10:01",)
    # 1 IU is 1.67 µg; the excess at the end of its minute
    k = math.log(2) / 4
    level = 1e6 * 0.00167 * (1 - math.exp(-k))
    right = (level * (1 / 1.0 - 1 / 1.1) / 2.0) ** 2
    assert design.best.value == pytest.approx(right, rel=0.03)
    # Φ(√(nT)/2) ≥ .95
    n = design.persons_needed()
    assert n == max(1, math.ceil((2 * 1.6449) ** 2 / design.best.value))


def test_a_rival_that_fits_everything_is_never_told_apart() -> None:
    # another clearance is what the rival is free to find
    heavy = ox.Dyad(parameters={CLEARANCE: 1.0})
    design = t_optimal_times(
        heavy,
        ox.Dyad(),
        BOLUS,
        CLEARANCE,
        _grid("constant"),
        3,
        plan=["10:01"],
        starts=2,
        **OPTIONS,
    )
    # what is left is the price of moving away from what was believed, (0.31)² at most
    latent = math.log(1.1 / 1.0) / (math.log(1.5 / 0.45) / 3.92)
    middle = math.log(1.1 / math.sqrt(1.5 * 0.45)) / (math.log(1.5 / 0.45) / 3.92)
    assert design.best.value <= (middle - latent) ** 2 + 0.01
    with pytest.raises(InputError, match="asks no parameter"):
        design.precision()


def test_dyads_who_might_be_sampled_are_averaged() -> None:
    # log det F = 2 log t - 2 k t and a constant: on average best at one over the mean rate
    rates = np.array([0.11, 0.2])
    dyads = ox.Dyad(parameters={HALF_LIFE: (math.log(2) / rates).tolist()})
    wide = {HALF_LIFE: (2.0, 10.0)}
    design = d_optimal_times(
        dyads, BOLUS, [CLEARANCE, HALF_LIFE], _grid("constant", "10:40"), 2, priors=wide,
        known_before=False, **OPTIONS,
    )  # fmt: skip
    first, second = design.points.minutes.tolist()
    assert (first, second) == (601.0, 601.0 + round(1 / rates.mean()))


def test_a_grid_is_what_is_feasible() -> None:
    grid = SampleGrid(["10:00", "10:10"], {"mother": ["a", "b"], "infant": "c"}, "0 min")
    assert grid.members == ("mother", "mother", "infant", "infant")
    assert grid.points.analyte == ("a", "b", "a", "b", "c", "c")
    assert grid.rows.tolist() == [[0, 1], [2, 3], [4, -1], [5, -1]]
    assert grid.nearest({"infant": ["10:10"], "mother": [600.0]}) == (0, 3)
    with pytest.raises(InputError, match="times of the grid"):
        grid.nearest({"mother": ["10:05"]})
    with pytest.raises(InputError, match="mapping of members"):
        grid.nearest(["10:00"])
    with pytest.raises(InputError, match="found one twice"):
        SampleGrid(["10:00", 600.0], {"mother": "a"})
    with pytest.raises(InputError, match="at least as many readings"):
        d_optimal_times(
            ox.Dyad(), BOLUS, [CLEARANCE, HALF_LIFE], _grid("constant"), 1, known_before=False,
            **OPTIONS,
        )  # fmt: skip
