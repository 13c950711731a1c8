"""The birth cohort (protocol 8): entry, shares above a cut-off, and every finding it answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from oxysim.cohorts.cohort import Cohort
from oxysim.errors import InputError
from oxysim.findings.published import target
from oxysim.population import Population, sample
from oxysim.protocols import (
    PROTOCOLS,
    birth_cohort,
)
from oxysim.protocols.birth_cohort import persistence, share_at_or_above
from tests.support.small_cohorts import constant_cohort


# birth cohort
def test_entry_is_by_the_form_so_some_return_to_the_mean() -> None:
    true = 10.0
    entered, still = persistence(constant_cohort(mother__epds=np.full(20_000, true)))
    above = stats.norm.sf((11.5 - true) / 1.8)  # a rounded form of 12 or more, by its noise alone
    assert entered.mean() == pytest.approx(above, abs=4 * np.sqrt(above / 20_000))
    assert still.sum() / entered.sum() == pytest.approx(
        above, abs=4 * np.sqrt(above / entered.sum())
    )
    assert not np.any(still > entered)


def test_the_share_above_a_cut_off_counts_forms() -> None:
    shares = share_at_or_above(np.array([[9.0, 10, 11, 0], [10, 10, 10, np.nan]]), 10)
    assert shares[0] == 0.5 and np.isnan(shares[1])


def test_a_birth_cohort_answers_every_finding() -> None:
    study = birth_cohort(
        Population.named("community"), n=44, early=40, krol_n=20, replications=4, seed=1
    )
    answered = {*study.figures["target"], *study.effects["target"]}
    assert answered == {
        "C1a",
        "C1b",
        "C1c",
        "C2",
        "C3",
        "C4a",
        "C4b",
        "C4c",
        "C4d",
        "K1",
        "K2",
        "K3",
        "K4",
    }
    assert all(target(name).protocol == 8 for name in answered) and PROTOCOLS[8] is birth_cohort
    classes = study.figures.set_index("target").loc[["C4a", "C4b", "C4c", "C4d"], "simulated"]
    assert classes.sum() == pytest.approx(1)
    assert study.readings["epds at 8 weeks | cohort"].shape == (1, 44)
    assert study.readings["infant methylation change | studies"].shape == (4, 20)
    assert (
        "84" not in study.design["participants"]
        and "40 more to 6 months" in study.design["participants"]
    )
    assert Population.named("community").fingerprint in study.report()


def test_a_birth_cohort_refuses_what_contradicts_itself(newborns: Cohort) -> None:
    dyads = sample(40, seed=0, infant_age="0 d")
    long = constant_cohort(mother__epds=np.full(60, 5.0))
    with pytest.raises(
        InputError, match="from birth to 18 months; found one from 0.0 to 1.4 months"
    ):
        birth_cohort(cohort=newborns)
    with pytest.raises(InputError, match="it is there already, so population, n can say nothing"):
        birth_cohort(dyads, n=50, cohort=long)
    with pytest.raises(InputError, match="followed with seed 0; found 3"):
        birth_cohort(cohort=long, seed=3)
    with pytest.raises(InputError, match="expected a Cohort"):
        birth_cohort(cohort=dyads)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="goes with cohort="):
        birth_cohort(early_cohort=long)
    with pytest.raises(InputError, match="there are no further ones"):
        birth_cohort(dyads, early=20)
    with pytest.raises(InputError, match="at least 40 dyads that came through; found 12"):
        birth_cohort(cohort=long.take(np.arange(12)))


@pytest.mark.long
def test_a_cohort_of_some_size_shows_what_was_built_in() -> None:
    study = birth_cohort(Population.named("community"), n=400, early=0, seed=3, replications=200)
    rows = study.effects.set_index("target")
    assert rows.loc["K1", "dz"] < 0 < rows.loc["K3", "dz"]
    assert abs(rows.loc["K2", "dz"]) < 0.1
