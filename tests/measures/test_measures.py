"""Instruments: expected readings in closed form, noise of the stated size, luck by visit and time,
and the errors.
"""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.special import logit
from scipy.stats import norm

from oxysim.errors import InputError, OxysimError, UnitError, UnknownNameError
from oxysim.measures import (
    INSTRUMENTS,
    Instrument,
    MeasurementNoise,
    NoiseKey,
    conditioned_preference,
    instrument_table,
    measure,
    read,
)
from oxysim.units import MONTH

GRID = np.arange(480.0, 961.0, 5.0)  # 08:00 to 16:00


def a_result(values: dict[str, Any], times: np.ndarray = GRID, n: int = 3, **inputs: Any) -> Any:
    """Stands in for a simulation's result: named variables that are lines between the times of a
    grid.
    """
    held = {
        name: xr.DataArray(
            np.broadcast_to(v, (n, len(times))),
            dims=("dyad", "time"),
            name=name,
            coords={"dyad": np.arange(n), "time": times},
        )
        for name, v in values.items()
    }

    class Held(SimpleNamespace):
        caregivers = ("mother", "father")

        def __getitem__(self, name: str) -> xr.DataArray:
            return held[name]

        def values_at(self, name: str, at: np.ndarray) -> np.ndarray:
            return np.array([np.interp(at, times, row) for row in held[name].values])

        def means_before(self, name: str, at: np.ndarray, minutes: float) -> np.ndarray:
            fine = np.linspace(0, 1, 201)  # a trapezoid is exact on the lines that these tests use
            rows = [
                np.array([np.interp(t - minutes * fine, times, row).mean() for t in at])
                for row in held[name].values
            ]
            return np.array(rows)

        def levels_at(self, member: str, channel: str, at: np.ndarray) -> np.ndarray:
            return np.array([[inputs[channel](t) if channel in inputs else 0.0 for t in at]] * n)

        def ages_at(self, at: np.ndarray) -> np.ndarray:
            return np.array([3 * MONTH + at] * n)

    return Held()


# --------------------------------------------------------------------------------------
# expected readings
def test_expected_reading_is_the_variable_at_the_sample_time() -> None:
    reading = measure(
        a_result({"mother.cortisol": GRID / 100}),
        "salivary_cortisol",
        at=["10:00", "10:02"],
        noise=False,
    )
    np.testing.assert_allclose(reading.values, [[6.0, 6.02]] * 3)
    assert reading.dims == ("dyad", "time") and reading.attrs["units"] == "nmol/L"
    assert reading["time"].values.tolist() == [600.0, 602.0]


def test_urine_is_the_mean_of_plasma_over_the_three_hours_before() -> None:
    # a line: the mean is its value 90 min earlier
    result = a_result({"mother.plasma_oxytocin": GRID})
    reading = measure(result, "urine_oxytocin", at=["11:00", "12:32"], noise=False)
    np.testing.assert_allclose(reading.values, [[570.0, 662.0]] * 3)


def test_unextracted_assay_does_not_follow_plasma() -> None:
    low, high = (
        read("plasma_oxytocin_unextracted", [v], [0], noise_key=NoiseKey(1)).item()
        for v in (2.0, 200.0)
    )
    assert low == high and 60 <= read("plasma_oxytocin_unextracted", [3.4], [0]).item() / 3.4 <= 100


def test_an_unextracted_assay_reads_its_multiple_and_nothing_where_no_sample_is() -> None:
    readings = read("plasma_oxytocin_unextracted", [2.0, np.nan, 7.0], [0, 1, 2]).values[:, 0]
    np.testing.assert_array_equal(readings, [80 * 3.4, np.nan, 80 * 3.4])


@pytest.mark.parametrize("name", ["bonding", "parenting_confidence"])
def test_a_form_about_oneself_as_a_parent_is_in_hundredths_and_hears_mood(name: str) -> None:
    shares = [0.0, 0.37, 0.994, 1.0, np.nan]
    usual = read(name, [shares, np.zeros(5)], range(5)).values[:, 0]
    np.testing.assert_array_equal(usual, [0, 37, 99, 100, np.nan])
    # a bad week, one logit unit down, takes .4 logit units off: .5 reads as 1/(1 + e^.4) = .401
    low = read(name, [[0.5, 0.5], [-1.0, 1.0]], [0, 1]).values[:, 0]
    np.testing.assert_array_equal(low, [40, 60])


def test_momentary_mood_and_upset_are_two_scales() -> None:
    calm = np.full(4, 0.3)
    mood = [0.0, np.log(13 / 7), -20.0, 0.0]
    arousal = [*calm[:3], 0.3 + np.log(13 / 7) / 2]
    marks = read("momentary_mood", [mood, arousal], range(4)).values[:, 0]
    # odds of 65 to 35 in the usual mood, squared where mood adds the same once more; eight hours
    # of arousal take two logit units off per unit
    np.testing.assert_allclose(marks, [65, 100 * 169 / (169 + 49), 0, 50], atol=1e-6)
    upset = read("negative_affect", [0.0, 0.5, 5.0], range(3)).values[:, 0]
    np.testing.assert_allclose(upset, [0, 30, 100])


def test_closeness_hears_warmth_and_affection_and_touch_affection_alone() -> None:
    both = read("closeness", [[3.0, 4.0, 3.0], [1.0, 1.0, 1.5]], range(3)).values[:, 0]
    np.testing.assert_allclose(both, [3.2, 3.55, 3.8])
    rated = read("affectionate_contact", [0.0, 1.0, 1.5, 3.0], range(4)).values[:, 0]
    np.testing.assert_allclose(rated, [1, 3, 4, 5])
    in_step = read("reciprocity", [0.0, 0.25, 1.0], range(3)).values[:, 0]
    np.testing.assert_allclose(in_step, [1, 2, 5])


def test_reported_temperament_is_coloured_by_the_reporter_less_so_with_age() -> None:
    # irritability .5 is 4 of 7; 10 points of the EPDS above 5.4 add 2.3 at birth, half every 1.75
    # months; at a reporter's 5.4 nothing is added
    ages = np.array([0.0, 1.75, 3.5, 0.0]) * MONTH
    epds = [15.4, 15.4, 15.4, 5.4]
    values = read("reported_temperament", [np.full(4, 0.5), epds, ages], range(4)).values[:, 0]
    np.testing.assert_allclose(values, [6.3, 5.15, 4.575, 4.0])


def test_a_form_about_the_infant_reads_the_first_caregiver_and_the_age() -> None:
    held = {"infant.irritability": 0.5, "mother.epds": 15.4, "father.epds": 5.4}
    result = a_result({name: np.full(len(GRID), value) for name, value in held.items()})
    at_ten = measure(result, "reported_temperament", "infant", at="10:00", noise=False)
    # the ages that stand in for a result's begin at 3 months
    colouring = 0.23 * 0.5 ** ((3 + 600 / MONTH) / 1.75)
    np.testing.assert_allclose(at_ten.values[:, 0], 4 + 10 * colouring)
    with pytest.raises(InputError, match="infant"):
        measure(result, "reported_temperament", "mother", at="10:00")


def test_expectancy_lifts_self_rated_feeling_and_is_zero_at_rest() -> None:
    warmth = {"mother.warmth": np.full(len(GRID), 3.0)}
    plain = measure(a_result(warmth), "positive_feeling", at="10:00", noise=False).values
    believing = a_result(warmth, expectancy=lambda time: float(time >= 590))
    lifted = measure(believing, "positive_feeling", at=["09:45", "10:00"], noise=False).values
    assert np.all(plain == 50) and np.all(lifted[:, 0] == 50) and np.all(lifted[:, 1] == 55)
    # full belief is worth 5 points (EXPECTANCY_POINTS), on top of 25 a point of warmth


def test_readings_keep_to_the_scale_and_its_steps() -> None:
    reading = read("epds", np.linspace(0, 30, 500), range(500), noise_key=NoiseKey(3)).values
    assert np.all(reading == np.round(reading)) and reading.min() >= 0 and reading.max() <= 30


def test_a_reading_below_the_limit_is_half_of_it_and_marked() -> None:
    limit = INSTRUMENTS["saliva_oxytocin"].lloq
    reading = read("saliva_oxytocin", [limit / 3, 3 * limit, np.nan], [0, 1, 2])
    assert (
        reading.values[0, 0] == limit / 2
        and reading.values[1, 0] == 3 * limit
        and np.isnan(reading.values[2, 0])
    )
    assert reading["below_lloq"].values[:, 0].tolist() == [True, False, False]


@pytest.mark.parametrize(
    "security, label", [(0.9, "secure"), (0.4, "avoidant"), (0.1, "disorganised"), (np.nan, "")]
)
def test_attachment_follows_its_thresholds(security: float, label: str) -> None:
    assert read("attachment", [security], [0])["label"].item() == label


def test_each_assay_is_quantified_from_its_own_limit() -> None:
    """Just above the limit a reading is reported as it is, just below as half of the limit."""
    limits = {
        "plasma_oxytocin": 0.5, "saliva_oxytocin": 1.0, "csf_oxytocin": 0.5, "brain_oxytocin": 0.5,
        "urine_oxytocin": 0.5,
        "salivary_cortisol": 0.3,
    }  # fmt: skip
    for name, limit in limits.items():
        reading = read(name, [1.01 * limit, 0.99 * limit], [0, 1])
        np.testing.assert_allclose(
            reading.values[:, 0], [1.01 * limit, limit / 2], rtol=1e-12, err_msg=name
        )
        assert reading["below_lloq"].values[:, 0].tolist() == [False, True]
    without = {name for name, tool in INSTRUMENTS.items() if not tool.lloq}
    # the unextracted assay reads one level, far above its limit, so that no reading of it can be
    # below
    assert without == set(INSTRUMENTS) - set(limits) - {"plasma_oxytocin_unextracted"}


def test_attachment_is_cut_where_its_note_says() -> None:
    """Secure from .52, disorganised below .34; of those between them 62 % avoidant."""
    cuts = [0.521, 0.519, 0.341, 0.339]
    found = read("attachment", cuts, range(4))["label"].values[:, 0].tolist()
    assert found == ["secure", "avoidant", "avoidant", "disorganised"]
    labels = read("attachment", np.full(20_000, 0.43), range(20_000), noise_key=NoiseKey(8))[
        "label"
    ].values
    avoidant, resistant = ((labels == one).sum() for one in ("avoidant", "resistant"))
    share = avoidant / (avoidant + resistant)
    assert abs(share - 0.62) < 4 * np.sqrt(0.62 * 0.38 / (avoidant + resistant))


def test_noisy_classes_are_those_of_a_normal_spread_on_the_logit_scale() -> None:
    """Shares of the classes at one security, from the normal distribution with SD .9 around its
    logit.
    """
    n, security = 20_000, 0.6
    labels = read("attachment", np.full(n, security), range(n), noise_key=NoiseKey(9))[
        "label"
    ].values[:, 0]
    for label, wanted in (
        ("secure", norm.sf((logit(0.52) - logit(security)) / 0.9)),
        ("disorganised", norm.cdf((logit(0.34) - logit(security)) / 0.9)),
    ):
        assert abs((labels == label).mean() - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / n), (
            label
        )


def test_preference_is_one_without_reward_and_rises_with_it() -> None:
    # 5 per unit of reward: what a day of huddling brings is in the recalled 1.2-1.4
    ratio = conditioned_preference([0.06, 0.0], [0.0, 0.0], [0, 1]).values
    np.testing.assert_allclose(ratio, [1.3, 1.0])
    noisy = conditioned_preference(np.zeros(4000), np.zeros(4000), range(4000), NoiseKey(1)).values
    assert abs(noisy.mean() - 1) < 0.01 and noisy.std() > 0.05


# --------------------------------------------------------------------------------------
# noise
@pytest.mark.parametrize(
    "name",
    [k for k, v in INSTRUMENTS.items() if v.noise.kind == "proportional" and not v.noise.trait],
)
def test_proportional_noise_has_the_stated_mean_and_variation(name: str) -> None:
    noise = INSTRUMENTS[name].noise
    reading = read(name, np.full(20_000, 20.0), range(20_000), noise_key=NoiseKey(5)).values
    expected = np.sqrt((1 + noise.occasion**2) * (1 + noise.sample**2) - 1)
    assert (
        abs(reading.mean() / 20 - 1) < 0.02
        and abs(reading.std() / reading.mean() / expected - 1) < 0.05
    )


def test_visit_noise_is_shared_within_a_visit_only() -> None:
    def mood(occasion: str, times: list[float]) -> np.ndarray:
        values = np.full((4000, len(times)), 15.0)
        return read(
            "saliva_oxytocin", values, range(4000), times, NoiseKey(1, "mother", occasion)
        ).values

    first = np.log(mood("session 1", [600.0, 645.0, 600.0 + 1440]))
    second = np.log(mood("session 2", [600.0, 645.0]))
    shared = np.corrcoef(np.column_stack([first, second]).T)
    noise = INSTRUMENTS["saliva_oxytocin"].noise
    expected = np.log1p(noise.occasion**2) / (
        np.log1p(noise.occasion**2) + np.log1p(noise.sample**2)
    )
    assert abs(shared[0, 1] - expected) < 0.03
    assert np.all(np.abs(shared[0, [2, 3, 4]]) < 0.06) and abs(shared[1, 4]) < 0.06


def test_luck_depends_on_dyad_visit_and_time_alone() -> None:
    whole = read(
        "epds", np.full((600, 2), 12.0), range(600), [600, 645], NoiseKey(1, "mother", "visit")
    )
    part = read("epds", np.full((3, 1), 12.0), [599, 0, 256], [645], NoiseKey(1, "mother", "visit"))
    np.testing.assert_array_equal(part.values[:, 0], whole.values[[599, 0, 256], 1])
    for other in (
        NoiseKey(2, "mother", "visit"),
        NoiseKey(1, "father", "visit"),
        NoiseKey(1, "mother", "next visit"),
    ):
        again = read("epds", np.full((600, 2), 12.0), range(600), [600, 645], other)
        assert not np.array_equal(again.values, whole.values)


def test_caregiver_is_the_first_caregiver_with_the_same_luck() -> None:
    result = a_result({"mother.cortisol": 9.0, "father.cortisol": 9.0})
    by_role, by_name, other = (
        measure(result, "salivary_cortisol", m, "10:00") for m in ("caregiver", "mother", "father")
    )
    assert by_role.identical(by_name) and not np.array_equal(by_role.values, other.values)


def test_comments_are_counts_out_of_a_shared_number() -> None:
    share = np.full(8000, 0.06)
    appropriate = read("appropriate_comments", share, range(8000), noise_key=NoiseKey(1))
    other = read("nonattuned_comments", share / 5, range(8000), noise_key=NoiseKey(1))
    np.testing.assert_array_equal(appropriate["comments"], other["comments"])
    np.testing.assert_allclose(appropriate["count"] / appropriate["comments"], appropriate)
    assert np.all(appropriate["count"] == np.round(appropriate["count"]))
    assert (
        abs(appropriate.mean() / 0.06 - 1) < 0.06
        and abs(float(appropriate["comments"].mean()) / 80 - 1) < 0.02
    )


def test_epds_reliability_is_near_its_source() -> None:
    rng = np.random.default_rng(1)
    truth = np.clip(rng.gamma(1.6, 4.0, 20_000), 0, 30)
    truth *= 4.7 / truth.std()
    first, second = (
        read("epds", truth, range(20_000), [t], NoiseKey(1)).values[:, 0] for t in (0.0, 1440.0 * 7)
    )
    assert 0.8 < np.corrcoef(first, second)[0, 1] < 0.9


# --------------------------------------------------------------------------------------
# errors
def test_errors_say_what_is_wrong() -> None:
    result = a_result({"mother.plasma_oxytocin": 3.0, "mother.methylation": 1.0})
    with pytest.raises(UnknownNameError, match="salivary_cortisol"):
        measure(result, "salivary_cortisl")
    with pytest.raises(UnknownNameError, match="mother"):
        measure(result, "plasma_oxytocin", "mothr")
    with pytest.raises(InputError, match="measures the infant"):
        measure(result, "methylation", "mother")
    with pytest.raises(UnitError):
        measure(result, "plasma_oxytocin", at="45")
    with pytest.raises(InputError, match="at least one time"):
        measure(result, "plasma_oxytocin", at=[])
    with pytest.raises(InputError, match=r"shape \(2, 1\)"):
        read("epds", [5.0], [0, 1])


def test_rows_are_checked_when_declared() -> None:
    row: dict[str, Any] = {
        "name": "x",
        "variables": ("cortisol",),
        "unit": "nmol/L",
        "noise": MeasurementNoise("additive", 1),
        "source": "assumption",
        "status": "assumed",
        "note": "",
    }
    Instrument(**row)
    for change in (
        {"variables": ("cortisl",)},
        {"unit": "nmol"},
        {"source": "nobody"},
        {"inputs": ("expectancey",)},
    ):
        with pytest.raises(UnknownNameError):
            Instrument(**{**row, **change})
    for wrong in (
        {"low": 1.0, "high": 1.0},
        {"noise": "additive"},
        {"variables": ()},
        {"expected": 3},
        {"steady": "no"},
    ):
        with pytest.raises(InputError):
            Instrument(**{**row, **wrong})


def test_the_table_lists_every_instrument_with_its_source() -> None:
    table = instrument_table()
    assert set(table["instrument"]) == set(INSTRUMENTS) and table["note"].str.len().gt(0).all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        INSTRUMENTS["epds"].rounding = 2  # type: ignore[misc]


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_scale_ends_where_it_says(name: str) -> None:
    """At both ends, with noise that would leave them; a whole number of steps, and no negative
    zero.
    """
    tool = INSTRUMENTS[name]
    if len(tool.quantities) > 1 or tool.noise.kind == "classes":
        ends = {
            "momentary_mood": (
                [[-20.0] * 400, [0.0] * 400],
                0,
                [[20.0] * 400, [0.0] * 400],
                100,
            ),
            "bonding": ([[0.0] * 400, [0.0] * 400], 0, [[1.0] * 400, [0.0] * 400], 100),
            "parenting_confidence": (
                [[0.0] * 400, [0.0] * 400],
                0,
                [[1.0] * 400, [0.0] * 400],
                100,
            ),
            "closeness": ([[-1.0] * 400, [0.0] * 400], 1, [[6.0] * 400, [1.8] * 400], 5),
            # symptoms of 5.4 colour nothing
            "reported_temperament": (
                [[0.0] * 400, [5.4] * 400, [0.0] * 400],
                1,
                [[1.0] * 400, [5.4] * 400, [0.0] * 400],
                7,
            ),
            "positive_feeling": ([[1.0] * 400, [0.0] * 400], 0, [[5.0] * 400, [1.0] * 400], 100),
            "attachment": ([0.001] * 400, 3, [0.999] * 400, 0),
        }[name]
    else:
        ends = {
            "epds": (0.0, 0, 30.0, 30),
            "state_anxiety": (20.0, 20, 80.0, 80),
            "fear": (0.0, 0, 10.0, 10),
            "negative_affect": (0.0, 0, 2.0, 100),
            "affectionate_contact": (0.0, 1, 2.0, 5),
            "reciprocity": (0.0, 1, 1.0, 5),
            "methylation": (0.0, 0, 100.0, 100),
            "warmth": (1.0, 1, 5.0, 5),
            "enthusiasm": (0.0, 1, 6.0, 5),
            "smiling": (0.0, 1, 7.0, 5),
            "sensitivity": (1.0, 1, 9.0, 9),
            "engaged_care": (0.0, 1, 2.0, 5),
            "infant_affect": (0.0, 1, 1.0, 5),
            "irritability": (0.0, 1, 1.0, 7),
            "appropriate_comments": (0.0, 0, 1.0, 1),
            "nonattuned_comments": (0.0, 0, 1.0, 1),
        }.get(name, (0.0, tool.lloq / 2, 1e6, None))
        ends = ([ends[0]] * 400, ends[1], [ends[2]] * 400, ends[3])
    low_values, low, high_values, high = ends
    at_low = read(name, low_values, range(400), noise_key=NoiseKey(4)).values
    at_high = read(name, high_values, range(400), noise_key=NoiseKey(4)).values
    for found, end in ((at_low, low), (at_high, high)):
        assert not np.signbit(found[found == 0]).any()
        if tool.rounding:
            assert np.all(found == np.round(found / tool.rounding) * tool.rounding)
        if end is not None and name not in (
            "heart_rate",
            "systolic_pressure",
            "attachment",
            "plasma_oxytocin_unextracted",
        ):
            assert (found == end).mean() > 0.3 and np.abs(found - end).max() < 0.7 * (
                tool.high - tool.low
            )
        assert np.nanmin(found) >= min(tool.low, tool.lloq / 2) and np.nanmax(found) <= tool.high
    if name == "attachment":
        assert (at_low == 3).mean() > 0.95 and (at_high == 0).mean() > 0.95


def test_an_epds_of_zero_has_no_sign() -> None:
    assert [str(v) for v in read("epds", [-0.3, -0.0, 0.2], [0, 1, 2]).values[:, 0]] == [
        "0.0",
        "0.0",
        "0.0",
    ]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda r: measure(r, "epds", occasion=3), "occasion: expected a text of one line"),
        (lambda r: measure(r, "epds", noise="no"), "noise: expected True or False; found 'no'"),
        (
            lambda r: measure(r, "epds", seed=-1),
            "seed: expected an integer of at least 0; found -1",
        ),
        (lambda r: measure(r, "epds", at=float("nan")), "at: expected a finite number; found nan"),
        (lambda r: measure(3, "epds"), "result: expected a Result"),
        (lambda r: measure(r, ["epds"]), "instrument: expected one of"),
        (lambda r: MeasurementNoise("x"), "unknown kind 'x'"),
        (
            lambda r: MeasurementNoise("additive", -1),
            "occasion: expected a number of at least 0; found -1",
        ),
        (
            lambda r: MeasurementNoise("additive", True),
            "occasion: expected a number of at least 0; found True",
        ),
        (
            lambda r: MeasurementNoise("additive", sample=float("nan")),
            "sample: expected a number of at least 0; found nan",
        ),
        (lambda r: read("epds", ["12"], [0]), "values: expected numbers of shape (1, 1)"),
        (lambda r: read("epds", [12.0], [0.5]), "dyads: expected a list of dyads' numbers"),
        (lambda r: read("epds", [12.0], [-1]), "dyads: expected a list of dyads' numbers"),
        (
            lambda r: read("epds", [12.0], [0], [float("nan")]),
            "times: expected an array of finite numbers",
        ),
        (lambda r: read("epds", [12.0], [0], noise_key=3), "noise_key: expected a NoiseKey"),
        (
            lambda r: read("positive_feeling", 3.0, [0]),
            "values: expected a list of 2 arrays, of warmth, expectancy",
        ),
        (
            lambda r: conditioned_preference(["a"], [0.0], [0]),
            "social: expected an array of finite numbers",
        ),
    ],
)
def test_nonsense_is_refused_in_words(call: Any, words: str) -> None:
    result = a_result({"mother.epds": 3.0})
    with pytest.raises(OxysimError) as caught:
        call(result)
    assert words in str(caught.value)
