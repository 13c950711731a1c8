"""What samples tell, against closed forms: a bolus into a vein decays exponentially from plasma."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import oxysim as ox
from oxysim.errors import InputError, UnknownNameError
from oxysim.fitting import SamplePoints
from oxysim.fitting.identifiability import identifiability_of
from oxysim.fitting.optimal_design.combination_words import Named, combination_sentence
from oxysim.fitting.optimal_design.fisher_information import FisherInformation
from oxysim.fitting.persons.free_parameters import free_parameters
from oxysim.fitting.sensitivities import latents_at, sensitivities
from oxysim.measures import MeasurementNoise, instrument
from oxysim.observations import Observations

BOLUS = ox.Routine.empty() + ox.IntravenousBolus("1 IU", at="10:00")
SPRAY = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
HALF_LIFE, CLEARANCE = "mother.oxytocin.plasma_half_life", "mother.oxytocin.clearance"
BASAL, ABSORBED = "mother.oxytocin.plasma_basal", "mother.nasal_spray.absorbed_fraction"
# An assay with a constant error and no limits, as closed forms have it.
ASSAY = {
    "assay": replace(
        instrument("plasma_oxytocin"),
        noise=MeasurementNoise("additive", sample=2.0),
        lloq=0.0,
        low=-np.inf,
    )
}


def test_slopes_are_those_of_an_exponential_decay() -> None:
    points = SamplePoints("mother", "assay", [605.0, 610.0, 620.0])
    free = free_parameters([HALF_LIFE, CLEARANCE], ox.Dyad())
    found = sensitivities(
        ox.Dyad(), BOLUS, points, free, latents_at(free, ox.Dyad()), start="10:00",
        instruments=ASSAY,
    )  # fmt: skip
    # 1 IU within the first minute: excess = dose / clearance (1 - e^-k) e^-k(t - 1), k = ln 2 / 4
    k, since = math.log(2) / 4, points.minutes - 601.0
    excess = found.expected[0] - 2.9  # the usual level of rest
    along_rate = k * math.exp(-k) / (1 - math.exp(-k)) - k * since
    # a latent is a standard deviation of the prior, of which 3.92 lie between the ends of the range
    spreads = np.log([5.5 / 3.0, 1.5 / 0.45]) / 3.92
    right = np.stack([-excess * along_rate * spreads[0], -excess * spreads[1]], axis=1)
    # central differences err by a thousandth where a step changes the decay by a few percent
    np.testing.assert_allclose(found.slopes[0], right, rtol=2e-3)


def test_information_of_the_bolus_is_the_closed_one() -> None:
    points = SamplePoints("mother", "assay", [602.0, 608.0, 615.0])
    told = identifiability_of(
        points, ox.Dyad(), BOLUS, [CLEARANCE], start="10:00", instruments=ASSAY
    )
    k, cleared = math.log(2) / 4, 1.1
    # 1 IU is 1.67 µg; minutes of the decay as above. The level scales with 1 / clearance alone.
    excess = 1e6 * 0.00167 / cleared * (1 - math.exp(-k)) * np.exp(-k * (points.minutes - 601.0))
    right = ((excess * math.log(1.5 / 0.45) / 3.92) ** 2).sum() / 2.0**2
    assert told.information.matrix[0, 0] == pytest.approx(right, rel=0.02)


def test_clearance_and_the_absorbed_share_are_told_only_as_their_ratio() -> None:
    plan = SamplePoints("mother", "plasma_oxytocin", [602.0, 610.0, 620.0, 640.0, 660.0])
    names = [ABSORBED, CLEARANCE, "mother.depression.loop_gain"]
    told = identifiability_of(plan, ox.Dyad(), SPRAY, names, start="10:00")
    assert told.sentences() == [
        "no sample tells anything of mother.depression.loop_gain",
        f"{ABSORBED} and {CLEARANCE} are told only as their ratio",
    ]
    assert told.open == tuple(names)
    # a dose into a vein is absorbed whole, so that it tells the clearance
    apart = identifiability_of(plan, ox.Dyad(), BOLUS, [CLEARANCE], start="10:00")
    assert apart.open == () and apart.sentences()[0].startswith(f"{CLEARANCE} is told to")
    table = apart.table().loc[CLEARANCE]
    assert table["low_before"] < table["low"] < 1.1 < table["high"] < table["high_before"]
    assert "5 samples" in apart.report()


def test_samples_of_several_persons_add_up() -> None:
    rows = pd.DataFrame(
        {"person": ["a", "a", "b", "b"], "analyte": "plasma_oxytocin",
         "minutes": [602.0, 610.0, 602.0, 610.0], "value": [100.0, 30.0, 120.0, None],
         "unit": "pg/mL"}
    )  # fmt: skip
    both = Observations.from_table(rows)
    asked = {"parameters": [CLEARANCE], "start": "10:00"}
    together = identifiability_of(both, ox.Dyad(), BOLUS, **asked)
    # the missing sample of the second tells nothing
    parts = [
        identifiability_of(
            SamplePoints("mother", "plasma_oxytocin", times), ox.Dyad(), BOLUS, **asked
        )
        for times in ([602.0, 610.0], [602.0])
    ]
    total = sum(part.information.matrix[0, 0] for part in parts)
    assert together.information.matrix[0, 0] == pytest.approx(total, rel=1e-4)
    assert (together.n_samples, together.n_persons) == (3, 2)


def test_what_cannot_be_asked_is_named() -> None:
    plan = SamplePoints("mother", "plasma_oxytocin", [610.0])
    with pytest.raises(UnknownNameError, match="plasma_half_life"):
        identifiability_of(plan, ox.Dyad(), SPRAY, ["mother.oxytocin.plasma_halflife"])
    with pytest.raises(UnknownNameError, match="in at"):
        identifiability_of(plan, ox.Dyad(), SPRAY, [HALF_LIFE], at={CLEARANCE: 1.0})
    with pytest.raises(InputError, match="well inside its prior"):
        identifiability_of(plan, ox.Dyad(), SPRAY, [HALF_LIFE], at={HALF_LIFE: 400.0})
    with pytest.raises(InputError, match="with_start"):
        identifiability_of(plan, ox.Dyad(), SPRAY, ["start.mother.depression"])


def test_errors_are_those_of_the_inverse() -> None:
    slopes = np.random.default_rng(3).normal(size=(6, 3))
    spreads = np.array([0.5, 2.0, 1.0])
    told = FisherInformation(["a", "b", "c"], slopes.T @ slopes, spreads)
    np.testing.assert_allclose(
        told.standard_errors, np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes)))
    )
    whole = np.linalg.inv(slopes.T @ slopes + np.diag(1 / spreads**2))
    np.testing.assert_allclose(told.errors_with_before, np.sqrt(np.diag(whole)))
    np.testing.assert_allclose(
        [direction.left for direction in told.directions],
        1 / np.sqrt(1 + np.linalg.eigvalsh(told.scaled)),
    )
    correlations = whole / np.sqrt(np.outer(np.diag(whole), np.diag(whole)))
    np.testing.assert_allclose(told.correlations, correlations)


@pytest.mark.parametrize(
    ("scales", "move", "sentence"),
    [
        (("log", "log"), (1.0, 1.0), "a and b are told only as their ratio"),
        (("log", "log"), (1.0, -1.05), "a and b are told only as their product"),
        # a b^x stays the same where x = -1 / 2
        (("log", "log"), (1.0, 2.0), "a and b are told only as a x b^-0.5"),
        (("plain", "plain"), (1.0, 1.0), "a and b are told only as their difference"),
        (("plain", "plain"), (1.0, -1.0), "a and b are told only as their sum"),
        (("plain", "plain"), (1.0, -0.5), "a and b are told only as a + 2 x b"),
        # ten percent of a are 0.0953 on its scale
        (("log", "plain"), (1.0, -0.5), "a +10% goes unseen together with b -0.048"),
    ],
)
def test_combinations_are_named(
    scales: tuple[str, str], move: tuple[float, float], sentence: str
) -> None:
    named = [Named(name, scale) for name, scale in zip("ab", scales, strict=True)]  # type: ignore[arg-type]
    direction = np.array(move)
    assert combination_sentence(named, direction, direction) == sentence


def test_three_that_trade_off_are_told_by_their_changes() -> None:
    named = [Named("a", "log"), Named("b", "log"), Named("c", "logit")]
    move = np.log([1.1, 0.8, 1.1])
    assert combination_sentence(named, move, move) == (
        "b +10% goes unseen together with a -4% and c -4% (odds)"
    )
