"""An axis "member": which of an ensemble's populations a run's family comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError, OxysimError
from oxysim.population import Members
from oxysim.sweeps import Study, grid, sweep
from oxysim.sweeps.methods import changed_parameters, people_words
from tests.support.toy_ensembles import toy_ensemble

ENSEMBLE = toy_ensemble(5)
OUTCOME = "caregiver.epds: mean"


def small(who: Any, design: Any = None, **options: Any) -> Study:
    """A day of it."""
    axes = None if design is None else grid(design)
    return Study(who, "1 d", design=axes, outcomes=[OUTCOME], seed=1, **options)


def values(study: Study, **options: Any) -> Any:
    """The outcome of every run."""
    return sweep(study, progress=False, **options)[OUTCOME]


def test_a_run_has_the_family_of_its_member() -> None:
    found = values(small(Members(ENSEMBLE, 3, seed=1), {"member": [4, 0]}))
    assert found.sizes["member"] == 2
    for place, number in enumerate([4, 0]):
        alone = values(small(Members(ENSEMBLE[number], 3, seed=1)))
        np.testing.assert_allclose(
            found.isel(member=place).values.ravel(), alone.values.ravel(), rtol=1e-9
        )


def test_an_ensemble_goes_with_the_axes_of_its_dyads_and_its_members() -> None:
    found = values(small(ENSEMBLE, {"dyad": [0, 7], "member": [1, 3]}))
    alone = values(small(ENSEMBLE[3], {"dyad": [0, 7]}))
    np.testing.assert_allclose(
        found.sel(member=3).transpose("dyad").values, alone.values, rtol=1e-9
    )


def test_without_the_axis_dyads_come_from_all_members() -> None:
    members = Members(ENSEMBLE, 6, seed=1)
    found = values(small(members)).values.ravel()
    numbers = ENSEMBLE.members_of(range(6), seed=1)
    for place, member in enumerate(numbers.tolist()):
        alone = values(small(ENSEMBLE[member], {"dyad": [place]})).values.ravel()
        np.testing.assert_allclose(found[place], alone[0], rtol=1e-9)
    assert "ensemble 'toy'" in members.describe()
    assert "of the ensemble 'toy'" in people_words(small(members))
    assert "members of the ensemble" in changed_parameters(members)[0]


def test_workers_and_blocks_change_no_bit() -> None:
    study = small(Members(ENSEMBLE, 2, seed=1), {"member": [0, 2, 4]})
    one, two = (
        values(study, workers=workers, block_size=size) for workers, size in ((1, 6), (2, 2))
    )
    np.testing.assert_array_equal(one.values, two.values)


@pytest.mark.parametrize(
    ("who", "numbers", "words"),
    [
        (Members(ENSEMBLE, 2, seed=1), [5], "value 1 of 1: expected a whole number from 0 to 4"),
        (Members(ENSEMBLE, 2, seed=1), [0, -1], "value 2 of 2"),
        (Members(ENSEMBLE, 2, seed=1), [0.5], "whole number"),
        (Members(ENSEMBLE, 2, seed=1), ["first"], "whole number"),
        (Members(ox.Population.named("community"), 2, seed=1), [0], "Members of an Ensemble"),
        (ox.Dyad(), [0], "axis 'member'"),
        (Members(ENSEMBLE, 2, seed=1, wanted="caregiver.depression.loop_gain > 1"), [0], "screen"),
    ],
)
def test_members_that_are_none_are_refused(who: Any, numbers: list[Any], words: str) -> None:
    with pytest.raises(OxysimError, match=words):
        small(who, {"member": numbers})


def test_a_run_has_one_population_only() -> None:
    with pytest.raises(OxysimError, match="population"):
        small(Members(ENSEMBLE, 2, seed=1), {"member": [0], "population": ["community"]})


@pytest.mark.parametrize("who", ["community", 3, None, object()])
def test_members_are_of_a_population_or_an_ensemble(who: Any) -> None:
    with pytest.raises(InputError, match="a Population, or an Ensemble"):
        Members(who, 2, seed=1)
