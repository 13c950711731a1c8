"""Labelled datasets: units, coordinates and what became of each dyad, in every dataset alike."""

from __future__ import annotations

import numpy as np

import oxysim as ox
from oxysim.simulation.results.labelled import labelled_courses, status_and_reason
from oxysim.simulation.results.run_status import RunStatus


def test_the_numbers_of_a_status_are_those_of_stores_that_exist() -> None:
    assert [(status.text, int(status)) for status in RunStatus] == [
        ("not_done", 0),
        ("ok", 1),
        ("failed", 2),
    ]


def test_a_dyad_that_failed_has_its_reason_and_the_others_none() -> None:
    entries = status_and_reason({1: "not finite"}, 3)
    assert entries["status"][1].tolist() == ["ok", "failed", "ok"]
    assert entries["reason"][1].tolist() == ["", "not finite", ""]


def test_courses_have_the_units_of_their_rows_and_ages_in_minutes() -> None:
    family = ox.Dyad(infant_age="2 d").repeat(2)
    values = {"mother.cortisol": np.ones((2, 1))}
    dataset = labelled_courses(family, np.array([480.0]), values, {}, {})
    assert dataset["mother.cortisol"].attrs["units"] == "nmol/L"
    assert dataset["infant_age"].values.tolist() == [2880.0, 2880.0]
    assert dataset["infant_age"].attrs["units"] == dataset["time"].attrs["units"] == "min"


def test_results_and_outcomes_say_alike_what_became_of_a_dyad() -> None:
    arguments = (ox.Dyad().repeat(2), ox.Routine.typical(), "10 min")
    result = ox.simulate(*arguments).dataset
    dataset = ox.outcomes(*arguments, ["caregiver.epds: final"])
    for name in ("status", "reason"):
        np.testing.assert_array_equal(result[name].values, dataset[name].values)
