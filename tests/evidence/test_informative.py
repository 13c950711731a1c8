"""Which study would tell: against closed forms of linear models with normal errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import oxysim as ox
from oxysim.ensembles import Ensemble, PriorTable
from oxysim.errors import InputError, UnknownNameError
from oxysim.evidence import Informative, StudyFigures, informative
from oxysim.evidence.designs.design_runs import trial_from_population
from oxysim.evidence.designs.expected_information import (
    entropy,
    information_shares,
    mutual_information,
)
from oxysim.evidence.designs.expected_narrowing import remaining_spread, variance_shares
from oxysim.evidence.designs.figure_spread import FigureSpread, frame_of
from oxysim.evidence.designs.informative import members_by_weight
from oxysim.interventions import Coaching
from oxysim.population import Population
from tests.support.toy_ensembles import level, toy_ensemble

ENSEMBLE = toy_ensemble()
LEVEL = "level"
SIZES = np.array([10.0, 50.0, 400.0])

# Three figures of six independent standard latents, and a quantity: all linear.
RANDOM = np.random.default_rng(20)
FIGURES, QUANTITY = RANDOM.normal(size=(3, 6)), RANDOM.normal(size=6)
NOISE = np.array([[20.0, 10.0, 0.0], [10.0, 40.0, 0.0], [0.0, 0.0, 10.0]])


def exact_share(n: float) -> float:
    """The share of the quantity's variance that a study of n takes away: of a joint normal."""
    covariance = FIGURES @ QUANTITY
    total = FIGURES @ FIGURES.T + NOISE / n
    return float(covariance @ np.linalg.solve(total, covariance) / (QUANTITY @ QUANTITY))


def linear_members(m: int, seed: int, dyads: float = 40.0) -> tuple[FigureSpread, np.ndarray]:
    """Members simulated with two seeds, whose errors are common to four fifths."""
    draw = np.random.default_rng(seed)
    latents = draw.normal(size=(m, 6))
    root = np.linalg.cholesky(NOISE / dyads)
    common = np.sqrt(0.8) * draw.normal(size=(1, 2, 3)) @ root.T
    own = np.sqrt(0.2) * draw.normal(size=(m, 2, 3)) @ root.T
    values = (latents @ FIGURES.T)[:, None] + common + own
    noise = np.broadcast_to(NOISE, (m, 3, 3))
    return FigureSpread.of(values, noise, np.full(m, 1 / m)), latents @ QUANTITY


# ------------------------------------------------------------------ a number
def test_a_large_ensemble_gives_the_closed_form() -> None:
    spread, quantity = linear_members(20_000, seed=1)
    shares = variance_shares(spread, quantity, SIZES)
    np.testing.assert_allclose(shares, [exact_share(n) for n in SIZES], atol=0.02)


@pytest.mark.parametrize("m", [24, 150])
def test_small_ensembles_are_right_on_average(m: int) -> None:
    found = np.array([variance_shares(*linear_members(m, seed), SIZES) for seed in range(400)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    exact = np.array([exact_share(n) for n in SIZES])
    # within its own Monte Carlo error, and a fiftieth for what is left of the bias
    assert (np.abs(found.mean(axis=0) - exact) < 3 * error + 0.02).all()


def test_figures_that_tell_nothing_tell_nothing_on_average() -> None:
    def by_chance(seed: int) -> np.ndarray:
        spread, quantity = linear_members(30, seed)
        return variance_shares(spread, np.random.default_rng(seed + 9999).permutation(quantity),
                               SIZES)  # fmt: skip

    found = np.array([by_chance(seed) for seed in range(400)])
    assert (np.abs(found.mean(axis=0)) < 3 * found.std(axis=0) / 20).all()
    # what a plain R2 would have told of nothing
    assert 3 / 29 > 0.1


def test_errors_of_few_dyads_are_taken_away_and_common_ones_tell_members_apart() -> None:
    spread, quantity = linear_members(20_000, seed=2)
    # of two seeds the mean strays by half of a fifth of NOISE / 40
    np.testing.assert_allclose(spread.error, NOISE / 40 * 0.2 / 2, atol=0.01)
    # a narrowing by more participants than were simulated is that of the true figures
    shares = variance_shares(spread, quantity, np.array([1e9]))
    assert shares[0] == pytest.approx(exact_share(1e9), abs=0.02)


def test_half_of_a_spread_is_three_quarters_of_a_variance() -> None:
    np.testing.assert_allclose(
        remaining_spread(np.array([0.0, 0.75, 1.0, -0.2])), [1.0, 0.5, 0.0, 1.0]
    )


def test_a_frame_makes_both_covariances_diagonal() -> None:
    simulated, added = FIGURES @ FIGURES.T, NOISE / 3
    frame = frame_of(simulated, added)
    np.testing.assert_allclose(frame.axes.T @ simulated @ frame.axes, np.eye(3), atol=1e-6)
    total = frame.axes.T @ (simulated + added) @ frame.axes
    np.testing.assert_allclose(total, np.diag(frame.totals), atol=1e-6)


# ------------------------------------------------------------------ a class
def two_class_bits(distance: float, share: float = 0.5) -> float:
    """Bits that a normal reading tells of two classes, by quadrature."""
    both = (stats.norm(0, 1), stats.norm(distance, 1))

    def density(y: float) -> float:
        ps = [share * both[0].pdf(y), (1 - share) * both[1].pdf(y)]
        return -sum(p * np.log2(p / sum(ps)) for p in ps if p > 0)

    left = integrate.quad(density, -9, distance + 9, limit=200)[0]
    return entropy(np.array([share, 1 - share])) - left


@pytest.mark.parametrize(("distance", "share"), [(0.5, 0.5), (1.5, 0.5), (3.0, 0.2)])
def test_two_classes_tell_what_quadrature_says(distance: float, share: float) -> None:
    told = mutual_information(np.array([[0.0, 1.0], [distance, 1.0]]), np.array([share, 1 - share]))
    assert told == pytest.approx(two_class_bits(distance, share), abs=2e-3)


def test_classes_far_apart_are_told_and_classes_that_are_one_are_not() -> None:
    shares = np.array([0.5, 0.25, 0.25])
    assert mutual_information(np.array([[0.0], [40.0], [90.0]]), shares) == pytest.approx(1.5)
    assert mutual_information(np.zeros((3, 2)), shares) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("m", "figures"), [(24, 1), (24, 3), (150, 3)])
def test_small_ensembles_tell_of_classes_rightly_on_average(m: int, figures: int) -> None:
    def told(seed: int) -> np.ndarray:
        draw, classes = np.random.default_rng(seed), np.arange(m) % 2
        means = draw.normal(size=(m, figures))
        means[:, 0] += 1.5 * classes
        zeros = np.zeros((figures, figures))
        spread = FigureSpread(means, 20 * np.eye(figures), zeros, np.full(m, 1 / m))
        return information_shares(spread, classes, SIZES)

    found = np.array([told(seed) for seed in range(150)])
    exact = np.array([two_class_bits(1.5 / np.sqrt(1 + 20 / n)) for n in SIZES])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - exact) < 3 * error + 0.02).all()


# ------------------------------------------------------------------ what a study reports
def test_figures_of_participants_are_means_and_their_covariance() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, 6.0, np.nan], "b": [2.0, 2.0, 5.0, 1.0]})
    figures = StudyFigures.of_participants(table)
    np.testing.assert_allclose(figures.values, [3.0, 3.0])
    np.testing.assert_allclose(figures.covariance, np.cov(table[:3].T))


def trial_of(pool: int = 12) -> ox.Trial:
    """A coaching of three days."""
    who = Population.named("community").sample(pool, seed=1, infant_age="3 months")
    arms = {"usual": None, "coached": Coaching("10 min", at="13:00", repeat="daily")}
    return ox.Trial(
        who,
        ox.Parallel(arms),
        [ox.Endpoint("epds", at="3 d"), ox.Endpoint("appropriate_comments", at="3 d")],
        day=ox.Routine.typical() + ox.DailyLife(),
    )


def test_figures_of_a_trial_are_those_of_its_arms() -> None:
    result = trial_of().run(12, 60, 1, progress=False)
    figures = StudyFigures.of_trial(result)
    assert [name.split(" value")[0] for name in figures.names] == ["epds", "appropriate comments"]
    for place, endpoint in enumerate(("", "appropriate comments value at 3 d")):
        arms = result.readings(endpoint)
        means = [np.nanmean(arms[arm], axis=1) for arm in ("usual", "coached")]
        assert figures.values[place] == pytest.approx(np.mean(means[1] - means[0]))
        # Welch's standard error, written out
        squares = sum(
            np.nanvar(arms[arm], axis=1, ddof=1) / np.isfinite(arms[arm]).sum(axis=1)
            for arm in arms
        )
        assert figures.covariance[place, place] == pytest.approx(12 * np.mean(squares))


def test_contrasts_with_one_reference_go_together() -> None:
    who = Population.named("community").sample(30, seed=1, infant_age="3 months")
    arms = {
        "usual": None,
        "short": ox.SkinToSkin("30 min", at="10:00"),
        "long": ox.SkinToSkin("120 min", at="10:00"),
    }
    trial = ox.Trial(who, ox.Parallel(arms), ox.Endpoint("epds", at="1 d"))
    spread = StudyFigures.of_trial(trial.run(30, 200, 1, progress=False)).covariance
    # the arms are of one size: the reference has half of the variance of either contrast
    assert spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]) == pytest.approx(0.5, abs=0.2)


def test_a_trial_is_enrolled_anew_from_each_population() -> None:
    ensemble = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    trial, member = trial_of(4), ensemble[0]
    again = trial_from_population(trial, member, seed=7)
    assert again.who.ages().tolist() == trial.who.ages().tolist()
    assert again.who.value("caregiver.depression.mood_gain") == pytest.approx(
        member.values["caregiver.depression.mood_gain"]
    )
    assert again.day[0].noise.mood_time == pytest.approx(1440 * member.daily_life["mood_time"])
    assert again.life == 7


def test_a_pool_that_was_selected_is_refused_with_what_to_do() -> None:
    who = ox.Dyad.symptomatic("3 months").repeat(4)
    trial = ox.Trial(who, ox.Parallel({"a": None, "b": ox.SkinToSkin("60 min", at="10:00")}),
                     ox.Endpoint("epds", at="1 d"))  # fmt: skip
    with pytest.raises(InputError, match="give a function of a population"):
        trial_from_population(trial, Population.named("community"), seed=1)


# ------------------------------------------------------------------ the question
def survey(population: Population, *, seed: int) -> StudyFigures:
    """A form that reads the usual mood, of which one participant strays by 2."""
    return StudyFigures(["mean"], [level(population)], [[4.0]])


def blind(population: Population, *, seed: int) -> StudyFigures:
    """A form that reads what has nothing to do with it."""
    place = int(population.name.rpartition(" ")[2])
    return StudyFigures(["noise"], [np.random.default_rng(place).normal()], [[4.0]])


def asked(**changes: Any) -> Informative:
    options: dict[str, Any] = {"ensemble": ENSEMBLE, "n": [10, 100], "progress": False, **changes}
    designs = options.pop("designs", {"survey": survey, "blind": blind})
    return informative(designs, options.pop("about", level), **options)


def test_the_design_that_reads_the_quantity_tells_most_and_its_table_is_the_closed_form() -> None:
    found = asked()
    levels = np.array([level(member) for member in ENSEMBLE])
    rows = found.table[found.table["design"] == "survey"]
    ratio = levels.var() / 4.0  # of what members differ by to what one participant strays by
    share = np.array([ratio * n / (1 + ratio * n) for n in (10, 100)])
    np.testing.assert_allclose(rows["narrowing"], 1 - np.sqrt(1 - share), atol=0.01)
    # three quarters of the variance go where ratio * n is 3
    assert rows["n for a half"].iloc[0] == pytest.approx(3 / ratio, rel=0.05)
    np.testing.assert_allclose(rows["bits"], -0.5 * np.log2(1 - share), rtol=0.05)
    assert rows["at most"].iloc[0] > 0.95
    nothing = found.table[found.table["design"] == "blind"].iloc[-1]
    assert nothing["narrowing"] < 2 * nothing["error"] + 0.05
    assert np.isnan(nothing["n for a half"])


def test_bits_per_participant_of_classes_and_numbers_are_of_one_unit() -> None:
    found = asked(about="structure")
    assert (found.table["bits"] <= 1.0).all()  # two structures of equal weight
    np.testing.assert_allclose(
        found.table["bits per participant"], found.table["bits"] / found.table["n"]
    )


@pytest.mark.parametrize(
    "about", ["mood, usual level: centre", "structure", {"gain": "both", "none": "no gain"}, level]
)
def test_what_can_be_asked_about(about: Any) -> None:
    quantities = ENSEMBLE.priors.quantities
    if isinstance(about, str) and about != "structure":
        about = quantities[0]
    found = asked(about=about)
    assert found.table["members"].tolist() == [40] * 4
    assert found.asked.is_number == (about is level or about == quantities[0])
    assert "%" in found.report()
    assert "survey" in repr(found)


def test_an_errors_width_is_what_ensembles_differ_by() -> None:
    found = [asked(designs={"survey": noisy}, ensemble=toy_ensemble(40, seed=seed), n=[50])
             for seed in range(12)]  # fmt: skip
    table = pd.concat([one.table for one in found])
    assert 0.4 < table["error"].median() / table["narrowing"].std(ddof=1) < 2.5


def noisy(population: Population, *, seed: int) -> StudyFigures:
    """A form that reads the usual mood and as much of something else."""
    place = int(1e6 * level(population)) % 1_000_003
    other = np.random.default_rng(place).normal()
    return StudyFigures(["mean"], [level(population) + 0.7 * other], [[4.0]])


def test_asking_again_simulates_nothing_and_a_file_goes_on_where_it_was(tmp_path: Path) -> None:
    calls: list[str] = []

    def counted(population: Population, *, seed: int) -> StudyFigures:
        calls.append(population.name)
        if len(calls) == 30:
            raise KeyboardInterrupt
        return survey(population, seed=seed)

    options: dict[str, Any] = {"designs": {"counted": counted}, "file": tmp_path / "runs.jsonl"}
    with pytest.raises(KeyboardInterrupt):
        asked(**options)
    # half a line, as it stands where the machine went down
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"key": "0')
    text = (tmp_path / "runs.jsonl").read_text()
    (tmp_path / "runs.jsonl").write_text(text.rpartition("\n")[0] + "\n")
    found = asked(**options)
    assert len(calls) == 30 + 2 * 40 - 29
    before = len(calls)
    again = asked(**options)
    found.about("structure").over([20]).by_figure(5)
    assert len(calls) == before
    pd.testing.assert_frame_equal(found.table, again.table)


def test_members_that_fail_are_recorded_and_the_others_answer() -> None:
    def fails(population: Population, *, seed: int) -> StudyFigures:
        if population.name.endswith(("member 3", "member 13")):
            raise InputError("nobody can be enrolled")
        return survey(population, seed=seed)

    found = asked(designs={"fails": fails})
    assert sorted(found.runs[0].failed) == [3, 13]
    assert found.table["members"].iloc[0] == 38
    assert "Failed: fails in 2 members." in found.report()


def test_a_gain_that_is_no_number_in_some_members_leaves_these_out() -> None:
    def gain(population: Population) -> float:
        return np.nan if population.name.endswith("member 3") else level(population)

    found = asked(about=gain)
    assert list(found.asked.failed) == [3]
    assert found.table["members"].iloc[0] == 39


def test_some_members_stand_for_all() -> None:
    few = members_by_weight(ENSEMBLE, 10)
    assert few.structures.count("both") == 5
    assert few.weights.sum() == pytest.approx(1.0)
    assert asked(members=10, designs={"survey": survey}).table["members"].iloc[0] == 10


def test_a_trial_of_the_model_is_asked_of_every_member_alike() -> None:
    ensemble = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
    options: dict[str, Any] = {"ensemble": ensemble, "n": [40], "progress": False}
    first, second = (informative({"t": trial_of(4)}, "structure", **options) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.runs[0].values.shape == (8, 2, 2)
    assert np.isfinite(first.runs[0].values).all()


# ------------------------------------------------------------------ what cannot be asked
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"designs": {}}, "one at least"),
        ({"designs": {"a": 3}}, "expected a Trial, or a function of a population"),
        ({"designs": {"a": lambda population, seed: 3.0}}, "a table with one row a participant"),
        ({"designs": {"a": lambda population: 3.0}}, "takes seed="),
        ({"about": lambda: 3.0}, "a function of a population"),
        ({"about": 3}, "the name of a quantity"),
        ({"about": lambda population: 1.0}, "the same in all of them"),
        ({"about": lambda population: "x"}, "expected a number"),
        ({"about": {"both": ["both"], "again": ["both"]}}, "structures that no other word"),
        ({"n": [0]}, "n, entry 1"),
        ({"n": []}, "n: expected a list"),
        ({"seeds": []}, "seeds"),
        ({"members": 41}, "members"),
        ({"file": "missing_folder/a.jsonl"}, "a folder that exists"),
    ],
)
def test_errors_say_what_is_expected(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        asked(**changes)


def test_a_misspelt_quantity_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="structure"):
        asked(about="strukture")
    with pytest.raises(UnknownNameError, match="no gain"):
        asked(about={"a": "both", "b": "no gian"})


def test_too_many_figures_are_refused_after_the_first_member() -> None:
    calls = []

    def wide(population: Population, *, seed: int) -> StudyFigures:
        calls.append(seed)
        names = [f"figure {k}" for k in range(14)]
        return StudyFigures(names, np.arange(14.0), np.eye(14))

    with pytest.raises(InputError, match="43 members at least"):
        asked(designs={"wide": wide})
    assert len(calls) == 1


@pytest.mark.parametrize("line", ["x", "3", '{"key": 1}', '{"key": "a", "answer": 3}'])
def test_a_file_that_holds_no_answers_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "runs.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=r"runs.jsonl:1"):
        asked(file=tmp_path / "runs.jsonl")
