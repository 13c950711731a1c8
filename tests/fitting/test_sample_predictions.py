"""What the model expects of samples: as an instrument without noise reads it, for many dyads at
once.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError, UnknownNameError
from oxysim.fitting import SamplePoints, dyads_with, expected_readings, readings_of
from oxysim.measures import instrument

SPRAY = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
HALF_LIFE = "mother.oxytocin.plasma_half_life"


def test_expected_readings_are_those_of_instruments_without_noise() -> None:
    # neither rounds, and nobody is below a limit of quantification here
    points = SamplePoints(
        ["mother", "infant", "mother"],
        ["saliva_oxytocin", "salivary_cortisol", "saliva_oxytocin"],
        [640.0, 610.0, 605.0],
    )
    expected = expected_readings(ox.Dyad(), SPRAY, points, start="10:00")
    result = ox.simulate(ox.Dyad(), SPRAY, "1 h", start="10:00", save="5 min")
    saliva = ox.measure(result, "saliva_oxytocin", "mother", ["10:40", "10:05"], noise=False)
    cortisol = ox.measure(result, "salivary_cortisol", "infant", "10:10", noise=False)
    late, early = saliva.values[0]
    # another list of outputs changes the steps of the solver, which is good to 1e-5
    np.testing.assert_allclose(expected, [[late, cortisol.values[0, 0], early]], rtol=1e-4)
    np.testing.assert_allclose(readings_of(result, points), expected, rtol=1e-4)


def test_readings_are_neither_rounded_nor_cut_at_a_limit() -> None:
    tool = replace(instrument("salivary_cortisol"), name="coarse", lloq=500.0, rounding=100.0)
    points = SamplePoints("mother", "coarse", [640.0])
    kit = {"coarse": tool}
    (reading,) = expected_readings(ox.Dyad(), SPRAY, points, start="10:00", instruments=kit)[0]
    assert 0 < reading < 100


def test_dyads_differ_in_what_is_named_and_in_nothing_else() -> None:
    values = {
        HALF_LIFE: [3.0, 6.0],
        "reward -> depression": [1.0, 0.0],
        "start.mother.depression": [5.0, 16.0],
    }
    dyads, scale = dyads_with(ox.Dyad(), values)
    assert dyads.value(HALF_LIFE).tolist() == [3.0, 6.0]
    assert dyads.start["mother.depression"].tolist() == [5.0, 16.0]
    assert {name: strength.tolist() for name, strength in scale.items()} == {
        "reward -> depression": [1.0, 0.0]
    }
    # one number for both: daily life is drawn by the dyad's number
    assert dyads.numbers == (0, 0)
    points = SamplePoints("mother", "plasma_oxytocin", [640.0])
    noisy = SPRAY + ox.DailyLife()
    alike, _ = dyads_with(ox.Dyad(), {HALF_LIFE: [3.0, 3.0]})
    first, second = expected_readings(alike, noisy, points, start="10:00")[:, 0]
    assert first == second


def test_a_window_before_a_sample_belongs_to_the_simulation() -> None:
    points = SamplePoints("mother", "urine_oxytocin", [700.0])
    with pytest.raises(InputError, match="80 min before it"):
        expected_readings(ox.Dyad(), SPRAY, points, start="10:00")
    reading = expected_readings(ox.Dyad(), SPRAY, points, start="08:00")[0, 0]
    result = ox.simulate(ox.Dyad(), SPRAY, "4 h", start="08:00")
    # urine is the mean of plasma over three hours, by its row
    mean = float(result.mean("mother.plasma_oxytocin", 700.0 - 180.0, 700.0)[0])
    assert reading == pytest.approx(mean, rel=1e-4)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(UnknownNameError, match="saliva_oxytocin"):
        expected_readings(ox.Dyad(), SPRAY, SamplePoints("mother", "saliva_oxytocine", [640.0]))
    with pytest.raises(InputError, match="epds"):
        expected_readings(ox.Dyad(), SPRAY, SamplePoints("infant", "epds", [640.0]))
    with pytest.raises(UnknownNameError, match="plasma_half_life"):
        dyads_with(ox.Dyad(), {"mother.oxytocin.plasma_halflife": [3.0, 4.0]})
    with pytest.raises(InputError, match="lengths"):
        dyads_with(ox.Dyad(), {HALF_LIFE: [3.0, 4.0], "mother.bond.usual_bond": [0.5] * 3})
    with pytest.raises(InputError, match="2 names"):
        SamplePoints(["mother", "infant"], "epds", [0.0])
