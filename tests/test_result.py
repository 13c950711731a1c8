"""What a result holds: labels, saving and loading, summaries on curves with known answers, and when it was recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from oxysim.errors import InputError, UnknownNameError
from oxysim.interventions import NasalSpray
from oxysim.participants import Dyad, Family
from oxysim.schedule import Routine
from oxysim.simulation.result import Result
from oxysim.simulation.simulate import simulate

DAY = Routine.typical(jitter="5 min")


@pytest.mark.parametrize("schedule", [DAY + NasalSpray("24 IU", at="09:00"), Routine.typical(), Routine.empty()])
def test_a_saved_result_loads_the_same(schedule: object, tmp_path: Path) -> None:
    who = Dyad(parameters={"caregiver.oxytocin.clearance": [1.0, 0.0, 1.2]})
    result = simulate(who, schedule, "2 h", scale={"reward -> depression": 0.5}, usual_day=Routine.empty())
    loaded = Result.load(result.save(tmp_path / "result.nc"))
    xr.testing.assert_identical(loaded.dataset, result.dataset)
    assert loaded.dataset["dyad"].dtype == result.dataset["dyad"].dtype
    pd.testing.assert_frame_equal(loaded.schedule, result.schedule)
    assert loaded.provenance == result.provenance
    assert loaded.reasons == result.reasons and set(loaded.reasons) == {1}


def test_reasons_with_letters_beyond_ascii_are_saved(tmp_path: Path) -> None:
    result = simulate(Dyad(), Routine.empty(), "1 h")
    dataset = result.dataset.assign(reason=("dyad", np.array(["depot = 5 µg"])), status=("dyad", np.array(["failed"])))
    loaded = Result.load(Result(dataset, result.schedule, result.provenance).save(tmp_path / "result.nc"))
    assert loaded.reasons == {0: "depot = 5 µg"}


def test_what_is_no_result_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        Result.load(tmp_path / "absent.nc")
    (tmp_path / "text.nc").write_text("not a result")
    with pytest.raises(InputError, match="found no NetCDF file"):
        Result.load(tmp_path / "text.nc")
    xr.Dataset({"x": ("t", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="scipy")
    with pytest.raises(InputError, match="a NetCDF file without one"):
        Result.load(tmp_path / "other.nc")


@pytest.fixture(scope="module")
def known() -> Result:
    """One hour of a result whose curves are replaced by ones with known answers."""
    result = simulate(Dyad().repeat(2), Routine.empty(), "1 h", save="1 min", usual_day=Routine.empty())
    t = result.time - result.time[0]
    curves = np.array([t, 900 - (t - 30) ** 2])
    dataset = result.dataset.copy()
    dataset["mother.cortisol"] = dataset["mother.cortisol"].copy(data=curves)
    return Result(dataset, result.schedule, result.provenance)


def test_summaries_are_exact_on_known_curves(known: Result) -> None:
    name = "caregiver.cortisol"
    assert known.peak(name).values.tolist() == [60, 900]
    assert known.time_of_peak(name).values.tolist() == [540, 510]
    assert known.peak(name, "08:40", "08:50").values.tolist() == [50, 800]
    # trapezoids of 1 min: exact on a line, short by (h^2 / 12) x the change of slope on a parabola
    assert known.area(name).values == pytest.approx([1800, 36000 - 60 * 2 / 12])
    assert known.mean(name, "08:10", "08:20").values == pytest.approx([15, 900 - 233.333333 - 2 / 12])
    assert known.change(name, "08:10", "08:40").values == pytest.approx([30, 300])
    assert known.mean(name, "08:10", "08:10").values == pytest.approx([10, 500])


def test_a_window_that_cannot_be_is_named(known: Result) -> None:
    with pytest.raises(InputError, match="ends .* before it starts"):
        known.peak("caregiver.cortisol", "08:40", "08:10")
    with pytest.raises(InputError, match="no output time"):
        known.peak("caregiver.cortisol", "12:00", "13:00")


def test_variables_are_found_by_name_with_unit_and_meaning(known: Result) -> None:
    assert known["caregiver.cortisol"].attrs["units"] == "nmol/L"
    assert known["mother.cortisol"].dims == ("dyad", "time")
    with pytest.raises(UnknownNameError, match="cortisol"):
        known["mother.cortisl"]


def test_a_variable_that_was_not_kept_says_so() -> None:
    result = simulate(Dyad(), Routine.empty(), "1 h", variables=["caregiver.epds"])
    assert result.variables == ("mother.epds",)
    with pytest.raises(UnknownNameError, match="variables="):
        result["mother.cortisol"]


def test_output_times_are_those_asked_for() -> None:
    def times(save: object, duration: str = "2 h") -> list[float]:
        return simulate(Dyad(), Routine.empty(), duration, save=save, variables=["caregiver.epds"]).time.tolist()

    assert times(None) == np.arange(480, 601, 5).tolist()
    assert times("50 min") == [480, 530, 580]
    assert times(["08:10", "45 min", "2 h"]) == [490, 525, 600]
    assert times("daily", "3 d") == [480, 1920, 3360, 4800]


def test_interpolated_outputs_equal_those_on_edges() -> None:
    spray = NasalSpray("24 IU", at="09:00")
    fine = simulate(Dyad(), spray, "3 h", usual_day=Routine.empty())
    few = simulate(Dyad(), spray, "3 h", save=["60 min", "61 min", "2 h", "3 h"], usual_day=Routine.empty())
    both = few["caregiver.plasma_oxytocin"].sel(time=[540, 600, 660])
    assert both.values == pytest.approx(fine["caregiver.plasma_oxytocin"].sel(time=[540, 600, 660]).values, rel=1e-6)


def test_families_keep_members_apart_in_xarray() -> None:
    both = Routine.typical() + Routine.typical("father", by="father")
    result = simulate(Family(("mother", "father")), both, "1 h")
    labelled = result.to_xarray()
    assert labelled["cortisol"].dims == ("member", "dyad", "time")
    assert labelled["bond"].coords["caregiver"].values.tolist() == ["mother", "father"]
    assert labelled["exploration"].dims == ("dyad", "time")
    assert result["caregiver.cortisol"].equals(result["mother.cortisol"])
