"""The standard curve of an immunoassay: known curves are found again, its errors are those of
simulated plates, its limits follow from the standards, and a real plate reads as its laboratory
read it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError
from oxysim.measures import (
    ElisaPlate,
    MeasurementNoise,
    NoiseKey,
    StandardCurve,
    Well,
    fitted_curve,
    read,
    read_plate,
)

PIGS = Path(__file__).parent / "data" / "pigs_elisa_calibration.csv"
LEVELS = np.array([0.0, 4.0, 12.0, 37.0, 110.0, 330.0])


def logistic(x: Any, zero: float, infinite: float, middle: float, slope: float) -> Any:
    """Written out once more, as the textbooks have it."""
    return infinite + (zero - infinite) / (1 + (np.asarray(x) / middle) ** slope)


def pigs(hormone: str, unit: str) -> ElisaPlate:
    return read_plate(
        PIGS, unit=unit,
        columns={"kind": "method", "density": "OD", "concentration": "conc"},
        kinds={"dilution": "sample"}, where={"hormone": hormone},
        ignore=["date", "details", "b.Bo", "logit_b.Bo", "log.conc"],
    )  # fmt: skip


# ------------------------------------------------------------------------------ curves
@given(
    zero=st.floats(1.0, 3.0),
    share=st.floats(0.02, 0.3),
    middle=st.floats(15.0, 150.0),
    slope=st.floats(0.6, 2.0),
    rises=st.booleans(),
    weighting=st.sampled_from(["relative", "equal"]),
)
@settings(max_examples=40, deadline=None)
def test_a_curve_without_scatter_is_found_again(
    zero: float, share: float, middle: float, slope: float, rises: bool, weighting: Any
) -> None:
    ends = (share * zero, zero) if rises else (zero, share * zero)
    truth = (*ends, middle, slope)
    curve = fitted_curve(LEVELS, logistic(LEVELS, *truth), unit="pg/mL", weighting=weighting)
    found = (curve.zero, curve.infinite, curve.middle, curve.slope)
    np.testing.assert_allclose(found, truth, rtol=1e-4)
    assert (curve.lloq, curve.uloq) == (4.0, 330.0) and np.isnan(curve.detection)
    levels = np.array([1.0, 50.0, 600.0])
    np.testing.assert_allclose(curve.concentration(curve.density(levels)), levels, rtol=1e-6)


def test_a_density_beyond_the_ends_is_zero_or_infinite() -> None:
    for ends in ((2.0, 0.2), (0.2, 2.0)):
        curve = fitted_curve(LEVELS, logistic(LEVELS, *ends, 40.0, 1.2), unit="pg/mL")
        beyond_zero, beyond = (2.1, 0.1) if ends[0] > ends[1] else (0.1, 2.1)
        assert curve.concentration([beyond_zero, beyond]).tolist() == [0.0, np.inf]


def test_the_delta_method_gives_the_errors_of_simulated_plates() -> None:
    """250 plates in duplicate with 2 % of scatter, and on each a sample in two wells."""
    truth, rng = (2.0, 0.15, 40.0, 1.1), np.random.default_rng(5)
    x = np.repeat([2.0, 6.0, 18.0, 54.0, 160.0, 480.0], 2)
    samples = np.array([8.0, 40.0, 200.0])
    read_back, errors, scatters = [], [], []
    for _ in range(250):
        curve = fitted_curve(
            x, logistic(x, *truth) * (1 + 0.02 * rng.standard_normal(len(x))), unit="pg/mL",
            accuracy=0.9,
        )  # fmt: skip
        wells = logistic(samples, *truth) * (1 + 0.02 * rng.standard_normal((2, 3)))
        read_back.append(curve.concentration(wells.mean(axis=0)))
        errors.append(curve.standard_error(samples, wells=2))
        scatters.append(curve.noise)
    # the SD over plates has a relative error of 1 / sqrt(500) = 4.5 %
    predicted = np.sqrt(np.mean(np.square(errors), axis=0))
    np.testing.assert_allclose(np.std(read_back, axis=0), predicted, rtol=0.18)
    assert np.sqrt(np.mean(np.square(scatters))) == pytest.approx(0.02, rel=0.06)


def test_scatter_is_that_of_replicates_pooled() -> None:
    wells = [
        *(Well("standard", f"S{x:g}", float(y), x) for x, y in
          zip(LEVELS, logistic(LEVELS, 2.0, 0.2, 40.0, 1.0), strict=True)),
        Well("sample", "P1", 0.9), Well("sample", "P1", 1.1), Well("sample", "P2", 0.5),
        Well("sample", "P3", 1.0), Well("sample", "P3", 1.0),
    ]  # fmt: skip
    plate = ElisaPlate(wells, "pg/mL")
    # two pairs of CV sqrt(.02) and 0: pooled sqrt(.02 / 2) = .1
    assert plate.curve().noise == pytest.approx(0.1)
    assert plate.curve().noise_from == "replicates"
    # in densities: sqrt(.02 / 2)
    assert plate.curve(weighting="equal").noise == pytest.approx(0.1)
    alone = ElisaPlate(wells[:6], "pg/mL").curve()
    assert alone.noise_from == "residuals" and alone.noise < 1e-6


# ------------------------------------------------------------------------------ limits
def test_limits_are_the_ends_of_the_longest_row_of_standards_that_read_back() -> None:
    x = np.array([0.0, 1.0, 3.0, 9.0, 27.0, 81.0, 243.0, 729.0])
    y = logistic(x, 2.0, 0.2, 30.0, 1.2)
    y[1] *= 0.97  # near zero a small share of density is a large one of concentration
    curve = fitted_curve(x, y, unit="pg/mL")
    table = curve.standards
    assert table["within_accuracy"].tolist() == [False] + [True] * 6
    assert (curve.lloq, curve.uloq) == (3.0, 729.0)
    back = curve.concentration(y[x > 0])
    np.testing.assert_allclose(table["read_back"], back)
    wide = fitted_curve(x, y, unit="pg/mL", accuracy=1.0)
    assert wide.lloq in (1.0, 3.0) and wide.accuracy == 1.0


def test_blanks_raise_the_lower_limit_to_three_standard_deviations() -> None:
    y = logistic(LEVELS, 2.0, 0.2, 40.0, 1.0)
    blanks = [1.9, 2.0, 2.1]
    curve = fitted_curve(LEVELS, y, unit="pg/mL", blanks=blanks)
    # with the standard of 0 (2.0): mean 2, SD sqrt(.02 / 3); the curve is solved by hand
    density = 2.0 - 3 * np.sqrt(0.02 / 3)
    by_hand = 40.0 * (2.0 - density) / (density - 0.2)
    assert curve.detection == pytest.approx(by_hand, rel=1e-3)
    assert curve.lloq == pytest.approx(by_hand, rel=1e-3) and curve.lloq > 4.0
    quiet = fitted_curve(LEVELS, y, unit="pg/mL", blanks=[1.999, 2.0, 2.001])
    assert quiet.lloq == 4.0 and quiet.detection < 0.2


def test_background_is_taken_off_all_wells() -> None:
    y = logistic(LEVELS, 2.0, 0.2, 40.0, 1.0)
    bare = [Well("standard", f"S{x:g}", float(d), x) for x, d in zip(LEVELS, y, strict=True)]
    lifted = [replace(well, density=well.density + 0.05) for well in bare]
    lifted += [Well("background", "NSB", 0.04), Well("background", "NSB", 0.06)]
    sample = Well("sample", "P", 1.1)
    first = ElisaPlate([*bare, sample], "pg/mL")
    second = ElisaPlate([*lifted, replace(sample, density=1.15)], "pg/mL")
    assert second.curve().middle == pytest.approx(first.curve().middle)
    values = [plate.read_samples(plate.curve())["value"].item() for plate in (first, second)]
    assert values[0] == pytest.approx(values[1]) == pytest.approx(40.0)


# ------------------------------------------------------------------------------ samples
def test_samples_are_read_by_the_mean_of_their_wells_times_their_dilution() -> None:
    y = logistic(LEVELS, 2.0, 0.2, 40.0, 1.0)
    wells = [Well("standard", f"S{x:g}", float(d), x) for x, d in zip(LEVELS, y, strict=True)]
    wells += [
        Well("sample", "A", 1.0, well="A1"), Well("sample", "A", 1.2, well="A2"),
        Well("sample", "A", 1.1, dilution=4.0), Well("sample", "B", 1.95),
        Well("sample", "C", 0.21),
    ]  # fmt: skip
    plate = ElisaPlate(wells, "pg/mL")
    table = plate.read_samples(plate.curve())
    assert table["sample"].tolist() == ["A", "A", "B", "C"]
    np.testing.assert_allclose(table["value"], [40.0, 160.0, np.nan, np.nan], rtol=1e-3)
    assert table["censored"].tolist() == ["", "", "below", "above"]
    np.testing.assert_allclose(table["limit"], [np.nan, np.nan, 4.0, 330.0])
    assert table["cv"][0] == pytest.approx(np.sqrt(0.02) / 1.1) and np.isnan(table["cv"][1])
    assert len(plate.read_samples(plate.curve(), by="well")) == 5


# ------------------------------------------------------------------------------ a real plate
def test_the_cortisol_plate_reads_as_its_laboratory_read_it() -> None:
    plate = pigs("cort_ng_ml", "ng/mL")
    assert len(plate.of("standard")) == 6 and len(plate.of("sample")) == 6
    curve = plate.curve()
    # standards of .09 to 33.66 ng/mL, all of which read back
    assert (curve.lloq, curve.uloq) == (0.09, 33.66) and curve.standards["within_accuracy"].all()
    table = plate.read_samples(curve)
    assert table["stated"].tolist() == [24.41, 10.51, 5.08, 2.58, 1.38, 0.74]
    np.testing.assert_allclose(table["value"], table["stated"], rtol=0.01)


def test_the_oxytocin_plate_is_quantified_from_14_5_to_404() -> None:
    plate = pigs("oxyt_pg_ml", "pg/mL")
    curve = plate.curve()
    assert (curve.lloq, curve.uloq) == (14.5, 404.0)
    # the undiluted sample has the density of the highest standard, which reads a little above it
    assert plate.read_samples(curve)["censored"].tolist() == ["above", "", "", "", "below"]
    kit = curve.instrument("pig_kit", like="saliva_oxytocin", wells=2)
    assert (kit.lloq, kit.uloq, kit.unit, kit.status) == (14.5, 404.0, "pg/mL", "measured")
    assert "pigs_elisa_calibration.csv" in kit.note and kit.noise.occasion == 0.3


# ------------------------------------------------------------------------------ instruments
def a_curve(cv: float = 0.05) -> StandardCurve:
    """A smooth curve whose standards leave nothing open, and wells that scatter."""
    x = np.geomspace(2.0, 1000.0, 12)
    return fitted_curve(x, logistic(x, 2.0, 0.1, 60.0, 1.0), unit="pg/mL", scatter=cv)


def test_the_precision_of_a_known_curve_in_closed_form() -> None:
    """With slope 1: dy/dx = -(a - d) c / (c + x)^2 and y = d + (a - d) c / (c + x)."""
    a, d, c, cv = 2.0, 0.1, 60.0, 0.05
    x = np.array([5.0, 60.0, 500.0])
    y, steep = d + (a - d) * c / (c + x), (a - d) * c / (c + x) ** 2
    curve = a_curve(cv)
    np.testing.assert_allclose(curve.standard_error(x), cv * y / steep, rtol=1e-4)
    np.testing.assert_allclose(curve.standard_error(x, wells=4), cv * y / steep / 2, rtol=1e-4)
    profile = curve.precision_profile()
    np.testing.assert_allclose(profile["cv"] * profile["concentration"], profile["standard_error"])
    assert profile["concentration"].iloc[[0, -1]].tolist() == pytest.approx([2.0, 1000.0])


def test_two_components_that_are_there_are_found() -> None:
    curve = a_curve()
    floor, share = 3.0, 0.08

    class Known(StandardCurve):
        def standard_error(self, concentration: Any, wells: int = 1) -> Any:
            return np.hypot(floor, share * np.asarray(concentration)) / np.sqrt(wells)

    known = Known(**{name: getattr(curve, name) for name in vars(curve)})
    parts = known.two_components()
    assert parts == pytest.approx((share, floor, 0.0), abs=1e-6)
    halved = known.two_components(wells=4)
    assert halved == pytest.approx((share / 2, floor / 2, 0.0), abs=1e-6)


def test_readings_with_the_instrument_scatter_as_the_plate_says() -> None:
    curve = a_curve(0.04)
    kit = curve.instrument("kit", like="saliva_oxytocin", dilution=2.0, rounding=0.1)
    parts = curve.two_components()
    assert (kit.lloq, kit.uloq) == pytest.approx((4.0, 2000.0))
    assert kit.noise == MeasurementNoise(
        "proportional", occasion=0.3, sample=parts.sample, floor=2 * parts.floor
    )
    bare = replace(kit, noise=replace(kit.noise, occasion=0.0), rounding=0.0)
    n = 20_000
    readings = read(bare, np.full(n, 120.0), range(n), noise_key=NoiseKey(2)).values
    expected = 2 * np.hypot(parts.floor, parts.sample * 60.0)
    assert readings.std() == pytest.approx(expected, rel=0.03)


def test_a_plate_in_another_unit_makes_an_instrument_in_that_unit() -> None:
    x = np.geomspace(2.0, 1000.0, 8)
    curve = fitted_curve(x, logistic(x, 2.0, 0.1, 60.0, 1.0), unit="pmol/L", scatter=0.05)
    kit = curve.instrument("kit", like="plasma_oxytocin")
    assert kit.unit == "pmol/L" and kit.lloq == pytest.approx(2.0)
    assert read(kit, [100.72], [0]).item() == pytest.approx(100.0)
    with pytest.raises(InputError, match="proportional noise"):
        curve.instrument("kit", like="epds")
    with pytest.raises(InputError, match="a unit of the same kind"):
        curve.instrument("kit", like="salivary_cortisol")


# ------------------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda x, y: (x[:4], y[:4]), "standards at 5 different concentrations or more; found 4"),
        (lambda x, y: (x, y[::-1] * [1, 1, 2.2, 1, 1, 1]), "densities that fall, or rise"),
        (lambda x, y: (x, np.full(6, 1.0)), "densities that fall, or rise"),
        (lambda x, y: (x, y[:5]), "densities: expected 6 of them"),
        (lambda x, y: (-x, y), "concentrations: expected an array"),
        (lambda x, y: (x, y - 1.0), "densities above 0"),
        (lambda x, y: (x, logistic(x, 2.0, 0.2, 1e5, 1.0)), "both sides of the middle"),
    ],
)
def test_standards_that_make_no_curve_are_refused(change: Any, match: str) -> None:
    x, y = change(LEVELS, logistic(LEVELS, 2.0, 0.2, 40.0, 1.0))
    with pytest.raises(InputError, match=match):
        fitted_curve(x, y, unit="pg/mL")


def test_a_standard_that_failed_is_named_and_can_be_left_out() -> None:
    y = logistic(LEVELS, 2.0, 0.2, 40.0, 1.0)
    wells = [Well("standard", f"S{x:g}", float(d), x) for x, d in zip(LEVELS, y, strict=True)]
    plate = ElisaPlate([*wells, Well("standard", "S60", 1.7, 60.0)], "pg/mL", "may.csv")
    with pytest.raises(InputError, match=r"may.csv: .* found 1.135 at 37 and 1.7 at 60; leave out"):
        plate.curve()
    assert plate.curve(without="S60").lloq == 4.0
    with pytest.raises(OxysimError, match="unknown standard 'S61' of may.csv"):
        plate.curve(without="S61")


ROWS = """well,kind,sample,concentration,density
A1,standard,S1,4,1.8
A2,standard,S2,12,1.6
B1,sample,P1,,1.1
"""


@pytest.mark.parametrize(
    ("text", "options", "match"),
    [
        (ROWS.replace("A2", "A1"), {}, "well 'A1': expected each well once; .*lines 2 and 3"),
        (ROWS.replace("S2,12", "S1,12"), {}, "'S1': expected one concentration; found 4 and 12"),
        (ROWS, {"unit": ""}, "plate.csv: expected one unit of its concentrations; found none"),
        (ROWS, {"unit": "pg/L"}, "unknown unit 'pg/L'"),
        (ROWS.replace("1.6", "1;6"), {}, "line 3, density: expected a number; found '1;6'"),
        (ROWS.replace("1.6", '"1,6"'), {}, "line 3, density: .*write a decimal point"),
        (ROWS.replace("1.6", "-1.6"), {}, "line 3, density of S2: expected a number of at least 0"),
        (ROWS.replace("1.6", "nan"), {}, "line 3, density of S2"),
        (ROWS.replace(",12,", ",,"), {}, "line 3, concentration: expected a number; found nothing"),
        (ROWS.replace(",1.1", ","), {}, "line 4, density: expected a number; found nothing"),
        (ROWS.replace("B1,sample", "B1,samples"), {}, "unknown kind 'samples' .*line 4"),
        (ROWS.replace("density", "OD"), {}, "plate.csv: expected a column 'density'"),
        (ROWS.replace("well,", "place,"), {}, "column 'place'.*leave it unread with ignore="),
        (ROWS, {"columns": {"density": "OD"}}, "unknown column 'OD'"),
        (ROWS, {"columns": {"od": "density"}}, "unknown columns 'od'"),
        (ROWS, {"where": {"kind": "control"}}, "no row with kind = 'control'"),
        (ROWS, {"kinds": {"standard": "std"}}, "kind"),
        (ROWS.replace("standard", "sample"), {}, "expected wells of standards; found none"),
        ("", {}, "expected a column 'kind'"),
    ],
)  # fmt: skip
def test_a_careless_table_is_told_its_line(
    text: str, options: dict[str, Any], match: str, tmp_path: Path
) -> None:
    file = tmp_path / "plate.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OxysimError, match=match):
        read_plate(file, **{"unit": "pg/mL", **options})


def test_a_unit_may_stand_in_the_table(tmp_path: Path) -> None:
    file = tmp_path / "plate.csv"
    rows = [f"{line},ng/L" for line in ROWS.splitlines()[1:]]
    file.write_text("\n".join([f"{ROWS.splitlines()[0]},unit", *rows]), encoding="utf-8")
    assert read_plate(file).unit == "pg/mL"
    with pytest.raises(InputError, match="one unit .* found 'ng/L' and 'pg/mL'"):
        read_plate(file, unit="pg/mL")
