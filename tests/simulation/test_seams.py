"""Where two parts of the library meet: what holds in each alone has to hold for both together."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError, UnitError
from oxysim.simulation.run import prepare
from tests.support.fine_reference import Reference

DAY = ox.Routine.typical() + ox.NasalSpray("24 IU", at="10:00:30", minutes="40 s")


@pytest.fixture(scope="module")
def result() -> ox.Result:
    return ox.simulate(ox.Dyad(), DAY, "7 h")


class TestTimesOfDayInWords:
    """ "10 am" is read wherever a time of day is: in schedules, and where a result or an outcome is
    asked.
    """

    @pytest.mark.parametrize(
        ("words", "clock"), [("10 am", "10:00"), ("2 pm", "14:00"), ("2:30 p.m.", "14:30")]
    )
    def test_moments(self, result: ox.Result, words: str, clock: str) -> None:
        assert result.at("caregiver.cortisol", words).identical(
            result.at("caregiver.cortisol", clock)
        )
        read = ox.measure(result, "saliva_oxytocin", at=words, noise=False)
        assert read.identical(ox.measure(result, "saliva_oxytocin", at=clock, noise=False))

    def test_windows(self, result: ox.Result) -> None:
        assert result.area("caregiver.cortisol", "9 am", "1 pm") == result.area(
            "caregiver.cortisol", "09:00", "13:00"
        )
        windows = [
            f"caregiver.cortisol: mean from {window}"
            for window in ("9 am to 1 pm", "09:00 to 13:00")
        ]
        means = ox.outcomes(ox.Dyad(), DAY, "7 h", windows)
        assert float(means[windows[0]][0]) == float(means[windows[1]][0])

    def test_outputs(self) -> None:
        times = ox.simulate(
            ox.Dyad(), DAY, "3 h", save=["9 am", "10:30"], variables=["caregiver.epds"]
        ).time
        assert times.tolist() == [540.0, 630.0]


@pytest.mark.parametrize("seconds", [0.1, 1.0, 5.0, 20.0])
def test_a_window_that_ends_in_a_steep_rise_has_its_end(seconds: float) -> None:
    """A window ends seconds after a spray has begun: its maximum is the value at its end."""
    begins = 600.5
    low, high = begins - 1.0, begins + seconds / 60
    exact = Reference(prepare(ox.Dyad(), DAY, "150 min"))
    highest = exact.at("mother.saliva_oxytocin", np.array([high]))[0]
    area = exact.area("mother.saliva_oxytocin", low, high)
    result = ox.simulate(ox.Dyad(), DAY, "150 min", variables=["caregiver.saliva_oxytocin"])
    assert float(result.peak("caregiver.saliva_oxytocin", low, high)[0]) == pytest.approx(
        highest, rel=1e-5
    )
    assert float(result.area("caregiver.saliva_oxytocin", low, high)[0]) == pytest.approx(
        area, rel=1e-5
    )


def _trial(kind: str, at: str, monthly: float) -> ox.Trial:
    return ox.Trial(
        ox.Population.named("community").sample(4, seed=1, infant_age="6 weeks"),
        ox.Parallel(
            {"usual": None, "skin": ox.interventions.parse("skin-to-skin 60 min daily at 11:00")}
        ),
        [ox.Endpoint("epds", at, kind, name="asked"), ox.Endpoint("warmth", "2 h")],
        dropout=ox.trials.Dropout(monthly=monthly),
    )


@pytest.mark.parametrize(
    ("kind", "at", "monthly", "why"),
    [
        ("value", "3 weeks", 1 - 1e-15, "holds no reading"),  # all leave before the visit
        pytest.param(  # all are below 30 at every visit, from the first on
            "time to remission (< 30)",
            "3 d",
            0.0,
            "could not be analysed",
            marks=pytest.mark.skipif(
                not importlib.util.find_spec("statsmodels"), reason="needs the extra 'stats'"
            ),
        ),
    ],
)
def test_the_report_names_an_endpoint_that_cannot_be_analysed(
    kind: str, at: str, monthly: float, why: str
) -> None:
    """It was left out of the report without a word; where it was the only one, an empty table stood
    there.
    """
    result = _trial(kind, at, monthly).run(4, replications=3, seed=1)
    assert not np.isfinite(result.effects().set_index("endpoint").loc["asked", "estimate"])
    report = result.report()
    (line,) = [
        line
        for line in report.splitlines()
        if line.startswith("  - asked: 100 % of the replications")
    ]
    assert why in line
    assert "Empty DataFrame" not in report


@pytest.mark.parametrize("kind", ["remission (< 0)", "time to remission (< 0)", "remission (< 31)"])
def test_a_remission_that_nobody_or_everybody_reaches_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match="inside the scale, 0 to 30"):
        ox.Endpoint("epds", "2 weeks", kind)


@pytest.mark.parametrize("magnitude", ["x", np.array([1.0, 2.0]), None])
def test_a_foreign_quantity_that_is_no_number_is_refused(magnitude: object) -> None:
    quantity = SimpleNamespace(magnitude=magnitude, units=1)
    with pytest.raises(UnitError, match="expected one time"):
        ox.simulate(ox.Dyad(), ox.Routine.typical(), quantity)
