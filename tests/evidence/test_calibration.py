"""The search for a population's numbers, on figures whose answer is known, and averaged days
against the full model.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError, UnknownNameError
from oxysim.evidence.calibration.averaged_cohort import FREE as FREE_ON_AVERAGED_DAYS
from oxysim.evidence.calibration.averaged_cohort import (
    IDLE,
    USUAL,
    _averaged,
    averaged_cohort,
    dyad_offsets,
)
from oxysim.evidence.calibration.least_squares import Free, calibrate, miss
from oxysim.families import Dyad
from oxysim.findings.published import target
from oxysim.interventions import DailyLife
from oxysim.population import Correlation, Population, Trait

SET_POINT, CENTRAL = "caregiver.depression.set_point", "caregiver.oxytocin.central_basal"
BASE = Population(
    "base",
    (Trait(SET_POINT, "lognormal", 3.0, 0.3), Trait(CENTRAL, "lognormal", 5.0, 0.3)),
    (Correlation(SET_POINT, CENTRAL, -0.2),),
)
FREE = (
    Free("centre", SET_POINT, 1.0, 10.0),
    Free("spread", SET_POINT, 0.05, 1.0),
    Free("r", SET_POINT, -0.9, 0.9, 0.1, CENTRAL),
    Free("value", "caregiver.depression.loop_gain", 0.1, 3.0),
)
FITTED = {name: target(name) for name in ("C1a", "C1c", "C8a", "C5")}


def closed_form(population: Population) -> dict[str, float]:
    """Figures that depend on the free numbers in a known way."""
    trait = population.trait(SET_POINT)
    assert trait.centre is not None
    assert trait.spread is not None
    return {
        "C1a": trait.centre + 1.0,
        "C1c": 8 * trait.spread + 0.1 * trait.centre,
        "C8a": -population.correlations[0].r,
        "C5": -0.4 * FREE[3].read(population),
    }


def test_the_search_finds_the_numbers_that_meet_the_findings() -> None:
    lines: list[str] = []
    calibration = calibrate(BASE, FREE, closed_form, FITTED, evaluations=80, say=lines.append)
    assert calibration.objective < 1e-3
    assert calibration.population.trait(SET_POINT).centre == pytest.approx(5.84 - 1.0, abs=0.05)
    assert calibration.population.correlations[0].r == pytest.approx(-0.605, abs=0.01)
    assert calibration.population.values["caregiver.depression.loop_gain"] == pytest.approx(
        0.95, abs=0.01
    )
    assert calibration.population.trait(SET_POINT).status == "calibrated"
    assert calibration.population.trait(CENTRAL).status == "assumed"
    assert len(lines) == calibration.evaluations
    record = calibration.provenance()
    assert record["free"][f"{SET_POINT}: centre"][0] == pytest.approx(3.0)
    assert record["starts"][0]["to"] == record["objective"]


def test_the_best_of_several_starts_is_kept_and_all_are_recorded() -> None:
    starts = ({}, {f"{SET_POINT}: centre": 9.0})
    calibration = calibrate(
        BASE, FREE[:2], closed_form, {"C1a": target("C1a")}, starts=starts, evaluations=30
    )
    assert len(calibration.starts) == 2
    assert calibration.objective == min(start["to"] for start in calibration.starts)
    assert calibration.starts[1]["from"] > calibration.starts[0]["to"]


def test_findings_that_no_fit_may_read_are_refused() -> None:
    finding = dataclasses.replace(target("C1a"), use="check")
    with pytest.raises(InputError, match="only 'fit' may be fitted"):
        calibrate(BASE, FREE, closed_form, {"C1a": finding})
    with pytest.raises(InputError, match="no interval"):
        calibrate(BASE, FREE, closed_form, {"H1a": dataclasses.replace(target("H1a"), use="fit")})
    with pytest.raises(InputError, match="at least one free number"):
        calibrate(BASE, (), closed_form, FITTED)
    with pytest.raises(UnknownNameError, match="set_point: centre"):
        calibrate(BASE, FREE, closed_form, FITTED, starts=[{f"{SET_POINT}: center": 3.0}])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("middle", SET_POINT, 1.0, 2.0), UnknownNameError),
        (("centre", SET_POINT, 2.0, 1.0), InputError),
        (("r", SET_POINT, -1.5, 0.5, 0.1, CENTRAL), InputError),
        (("spread", SET_POINT, 0.1, 0.5, 0.0), InputError),
    ],
)
def test_free_numbers_that_cannot_move_are_refused(
    arguments: tuple[object, ...], error: type
) -> None:
    with pytest.raises(error):
        Free(*arguments)  # type: ignore[arg-type]


def test_a_miss_is_counted_in_half_widths() -> None:
    finding = target("C1a")
    assert finding.low is not None
    assert finding.high is not None
    assert miss(finding.high, finding) == pytest.approx(1.0)
    assert miss((finding.low + finding.high) / 2, finding) == pytest.approx(0.0, abs=1e-12)


def test_numbers_that_make_no_population_are_passed_over() -> None:
    three = BASE.replace(
        traits=(*BASE.traits, Trait("caregiver.oxytocin.plasma_basal", "lognormal", 3.0, 0.3)),
        correlations=(
            Correlation(SET_POINT, CENTRAL, -0.2),
            Correlation("caregiver.oxytocin.plasma_basal", CENTRAL, 0.9),
            Correlation("caregiver.oxytocin.plasma_basal", SET_POINT, 0.0),
        ),
    )
    far = Free("r", SET_POINT, -0.95, 0.9, 0.3, CENTRAL)

    def figures(population: Population) -> dict[str, float]:
        return {"C8a": -far.read(population)}

    calibration = calibrate(three, [far], figures, {"C8a": target("C8a")}, evaluations=20)
    assert math.isfinite(calibration.objective)
    assert abs(far.read(calibration.population)) < math.sqrt(1 - 0.9**2)


@pytest.mark.long
def test_averaged_days_give_the_cohort_of_the_full_model() -> None:
    community = Population.named("community")
    # of 600 a standard deviation is known to 7 % only, as much as averaged days are off by
    n = 2400
    quick = averaged_cohort(community, dyad_offsets(community, n, seed=3), seed=3)
    # eight months lie between two whole weeks, at which alone a cohort would be kept
    full = follow(community, n, seed=3, at=["8 months"])
    for at in ("8 weeks", "8 months", "18 months"):
        ours, theirs = quick.readings(at), full.readings("epds", at)
        error = 3 * math.hypot(ours.std(), theirs.std()) / math.sqrt(n)
        # offsets leave out what bottle-feeding changes
        assert abs(ours.mean() - theirs.mean()) < error + 0.25
        assert abs(np.log(ours.std() / theirs.std())) < 0.15


# ------------------------------------------------------------------ where averaged days are valid
def test_averaged_days_have_the_shared_values_of_their_population() -> None:
    """Without the way from reward and bond to mood the full model reads 4.74 (SD 3.89) at 8
    months, over 1,200 dyads.
    """
    population = Population.named("community").with_values(
        {"caregiver.depression.reward_gain": 1e-9, "caregiver.depression.bond_gain": 1e-9}
    )
    n = 300
    forms = averaged_cohort(
        population, dyad_offsets(population, n, seed=3), seed=3, until="9 months"
    ).readings("8 months")
    error = 3.89 / np.sqrt(n)
    assert forms.mean() == pytest.approx(
        4.74, abs=0.25 + 2 * error
    )  # the band of the long test, and the sample's error
    assert forms.std() == pytest.approx(3.89, abs=0.1 * 3.89 + 2 * error)


def test_offsets_of_other_dyads_are_refused() -> None:
    community = Population.named("community")
    offsets = dyad_offsets(community, 3, seed=3)
    weaker = community.with_values({"caregiver.depression.reward_gain": 1.0})
    for population, seed in ((weaker, 3), (community, 4)):
        with pytest.raises(InputError, match="make them again"):
            averaged_cohort(population, offsets, seed=seed, until="1 week")
    freed = community.with_trait("caregiver.depression.loop_gain", spread=0.1)
    assert len(averaged_cohort(freed, offsets, seed=3, until="1 week").days) > 1


@pytest.mark.parametrize(("names", "tolerance"), [(IDLE, 0.0), (FREE_ON_AVERAGED_DAYS, 0.02)])
def test_what_tables_do_not_depend_on(names: tuple[str, ...], tolerance: float) -> None:
    """Idle parameters change no bit of an averaged day; free ones act through the slow system,
    which has them.
    """
    plain = Dyad(infant_age="52 d").with_start(USUAL)
    changed = {  # one dyad a parameter, and the last as it is
        name: np.where(np.arange(len(names) + 1) == k, 1.15, 1.0) * plain.value(name)
        for k, name in enumerate(names)
    }
    averaged = np.array(_averaged(plain.with_parameters(changed)))
    np.testing.assert_allclose(
        averaged[:, :-1],
        np.broadcast_to(averaged[:, -1:], averaged[:, :-1].shape),
        rtol=0,
        atol=tolerance,
    )


# ------------------------------------------------------------------ for a search over populations
def test_a_candidate_has_daily_life_of_its_own() -> None:
    """Mood follows in a week: of moods that last 2 days it keeps sqrt(2/9), of 14 sqrt(14/21)."""
    community = Population.named("community")
    offsets = dyad_offsets(community, 300, seed=3)

    def courses(life: DailyLife | None) -> np.ndarray:
        return averaged_cohort(community, offsets, seed=3, until="10 weeks", daily_life=life).epds

    brief, lasting = (
        float(np.diff(courses(DailyLife(mood_time=time))[16:20:3], axis=0).std())
        for time in ("2 d", "14 d")
    )
    assert lasting > 1.1 * brief
    np.testing.assert_array_equal(courses(None), courses(DailyLife()))
