"""What a result holds: labels, saving and loading, summaries on curves with known answers, and when
it was recorded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad, Family
from oxysim.interventions import NasalSpray
from oxysim.measures import measure
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate

DAY = Routine.typical(jitter="5 min")


@pytest.mark.parametrize(
    "schedule", [DAY + NasalSpray("24 IU", at="09:00"), Routine.typical(), Routine.empty()]
)
def test_a_saved_result_loads_the_same(schedule: object, tmp_path: Path) -> None:
    family = Dyad(parameters={"caregiver.oxytocin.clearance": [1.0, 0.0, 1.2]})
    result = simulate(
        family, schedule, "2 h", scale={"reward -> depression": 0.5}, usual_day=Routine.empty()
    )
    loaded = Result.load(result.save(tmp_path / "result.nc"))
    xr.testing.assert_identical(loaded.dataset, result.dataset)
    assert loaded.dataset["dyad"].dtype == result.dataset["dyad"].dtype
    pd.testing.assert_frame_equal(loaded.schedule, result.schedule)
    assert loaded.provenance == result.provenance
    assert loaded.reasons == result.reasons and set(loaded.reasons) == {1}


def test_the_schedule_is_laid_out_when_it_is_read() -> None:
    result = simulate(
        Dyad().repeat(2), [Routine.typical(), Routine.typical(feeding="bottle")], "2 h"
    )
    assert "schedule" not in vars(result)  # most results of many dyads are never asked for it
    table = result.schedule
    assert set(table["dyad"]) == {0, 1} and result.schedule is table


def test_reasons_with_letters_beyond_ascii_are_saved(tmp_path: Path) -> None:
    result = simulate(Dyad(), Routine.empty(), "1 h")
    dataset = result.dataset.assign(
        reason=("dyad", np.array(["depot = 5 µg"])), status=("dyad", np.array(["failed"]))
    )
    loaded = Result.load(
        Result(dataset, result.schedule, result.provenance).save(tmp_path / "result.nc")
    )
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
def hand_made() -> Result:
    return simulate(Dyad(), Routine.empty() + NasalSpray("24 IU", at="10:00"), "3 h")


NAME = "caregiver.saliva_oxytocin"


def test_a_window_has_its_ends_whatever_the_outputs_are(hand_made: Result) -> None:
    """A 24 IU spray at 10:00: nothing of it is seen before, and its highest moment is its end at
    10:01.
    """
    assert hand_made.time_of_peak(NAME, "09:00", "10:30").item() == pytest.approx(601, abs=1e-3)
    assert hand_made.peak(NAME, "09:00", "10:30").item() == pytest.approx(
        hand_made.at(NAME, "10:01").item(), rel=1e-6
    )
    assert hand_made.peak(NAME, "10:02", "10:30").item() == pytest.approx(
        hand_made.at(NAME, "10:02").item(), rel=1e-6
    )
    parts = [hand_made.area(NAME, "09:00", "10:00:20"), hand_made.area(NAME, "10:00:20", "10:30")]
    assert sum(share.item() for share in parts) == pytest.approx(
        hand_made.area(NAME, "09:00", "10:30").item(), rel=1e-6
    )
    assert hand_made.mean(NAME, "10:00", "10:10").item() == pytest.approx(
        hand_made.area(NAME, "10:00", "10:10").item() / 10
    )
    change = hand_made.change(NAME, "09:59", "10:01").item()
    assert change == pytest.approx(
        hand_made.at(NAME, "10:01").item() - hand_made.at(NAME, "09:59").item()
    )
    assert (
        hand_made.area(NAME).attrs["units"] == "pg/mL min"
        and hand_made.time_of_peak(NAME).attrs["units"] == "min"
    )


def test_a_moment_is_a_window_without_length(hand_made: Result) -> None:
    value = hand_made.at(NAME, "10:01").item()
    for at_moment in (
        hand_made.mean(NAME, "10:01", "10:01"),
        hand_made.peak(NAME, "10:01", "10:01"),
    ):
        assert at_moment.item() == value
    assert hand_made.area(NAME, "10:01", "10:01").item() == 0


def test_the_outputs_of_a_window_come_with_its_ends(hand_made: Result) -> None:
    window = hand_made.between(NAME, "09:57", "10:06")
    assert window["time"].values.tolist() == [597, 600, 605, 606]
    np.testing.assert_array_equal(
        window.values[:, 1:3], hand_made[NAME].sel(time=[600, 605]).values
    )


@pytest.mark.parametrize(
    ("start", "stop", "words"),
    [
        ("08:40", "08:10", "window: expected an end after its start; found 08:40 to 08:10"),
        ("12:00", "13:00", "one inside the simulation, 08:00 to 11:00; found 12:00"),
        ("10:00", "23:00", "one inside the simulation, 08:00 to 11:00; found 23:00"),
        ("07:00", "09:00", "one inside the simulation, 08:00 to 11:00; found 07:00"),
    ],
)
def test_a_window_that_cannot_be_is_named(
    hand_made: Result, start: str, stop: str, words: str
) -> None:
    for read in (
        hand_made.peak,
        hand_made.time_of_peak,
        hand_made.area,
        hand_made.mean,
        hand_made.between,
    ):
        with pytest.raises(InputError) as caught:
            read(NAME, start, stop)
        assert words in str(caught.value)


def test_a_result_from_a_file_answers_at_its_outputs_and_says_what_to_save(
    hand_made: Result, tmp_path: Path
) -> None:
    loaded = Result.load(hand_made.save(tmp_path / "result.nc"))
    assert loaded.at(NAME, "10:05").item() == hand_made.at(NAME, "10:05").item()
    assert (
        loaded.change(NAME, "10:00", "10:05").item()
        == hand_made.change(NAME, "10:00", "10:05").item()
    )
    with pytest.raises(
        InputError, match=r'save 10:01: simulate\(\.\.\., save=\["10:01", \.\.\.\]\)'
    ):
        loaded.at(NAME, "10:01")
    with pytest.raises(InputError, match=r'save=\["10:01"'):
        measure(loaded, "saliva_oxytocin", at="10:01")
    for read in (loaded.peak, loaded.time_of_peak, loaded.area, loaded.mean):
        with pytest.raises(InputError, match="oxysim.outcomes"):
            read(NAME)
    with pytest.raises(InputError, match="oxysim.outcomes"):
        measure(Result.load(tmp_path / "result.nc"), "urine_oxytocin", at="11:00")


@pytest.mark.parametrize("save", ["2 h", "daily", "61 min"])
def test_outputs_further_apart_than_the_run_is_long_are_refused(save: str) -> None:
    with pytest.raises(InputError, match="save: expected at most the length of the run"):
        simulate(Dyad(), Routine.empty(), "1 h", save=save)


def test_variables_are_found_by_name_with_unit_and_meaning(hand_made: Result) -> None:
    assert hand_made["caregiver.cortisol"].attrs["units"] == "nmol/L"
    assert hand_made["mother.cortisol"].dims == ("dyad", "time")
    with pytest.raises(UnknownNameError, match="cortisol"):
        hand_made["mother.cortisl"]


def test_a_variable_that_was_not_kept_says_so() -> None:
    result = simulate(Dyad(), Routine.empty(), "1 h", variables=["caregiver.epds"])
    assert result.variables == ("mother.epds",)
    with pytest.raises(UnknownNameError, match="variables="):
        result["mother.cortisol"]


def test_output_times_are_those_asked_for() -> None:
    def times(save: object, duration: str = "2 h") -> list[float]:
        return simulate(
            Dyad(), Routine.empty(), duration, save=save, variables=["caregiver.epds"]
        ).time.tolist()

    assert times(None) == np.arange(480, 601, 5).tolist()
    assert times("50 min") == [480, 530, 580]
    assert times(["08:10", "45 min", "2 h"]) == [490, 525, 600]
    assert times("daily", "3 d") == [480, 1920, 3360, 4800]


def test_interpolated_outputs_equal_those_on_edges() -> None:
    spray = NasalSpray("24 IU", at="09:00")
    fine = simulate(Dyad(), spray, "3 h", usual_day=Routine.empty())
    few = simulate(
        Dyad(), spray, "3 h", save=["60 min", "61 min", "2 h", "3 h"], usual_day=Routine.empty()
    )
    both = few["caregiver.plasma_oxytocin"].sel(time=[540, 600, 660])
    assert both.values == pytest.approx(
        fine["caregiver.plasma_oxytocin"].sel(time=[540, 600, 660]).values, rel=1e-6
    )


def test_families_keep_members_apart_in_xarray() -> None:
    both = Routine.typical() + Routine.typical("father", by="father")
    result = simulate(Family(("mother", "father")), both, "1 h")
    labelled = result.to_xarray()
    assert labelled["cortisol"].dims == ("member", "dyad", "time")
    assert labelled["bond"].coords["caregiver"].values.tolist() == ["mother", "father"]
    assert labelled["exploration"].dims == ("dyad", "time")
    assert result["caregiver.cortisol"].equals(result["mother.cortisol"])
