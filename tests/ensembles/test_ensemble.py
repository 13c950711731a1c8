"""An ensemble's members, its answers, and its two files."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from oxysim.ensembles import Ensemble, ObservedRow, Prediction, PriorTable
from oxysim.ensembles.ensemble_file import ensemble_digest
from oxysim.ensembles.information import degrees_of_freedom, informs_table, weights_without
from oxysim.ensembles.predictions import effective_size, weighted_quantiles
from oxysim.errors import InputError, UnknownNameError
from oxysim.population import Population
from tests.support.toy_ensembles import TOY, level, toy_ensemble

ENSEMBLE = toy_ensemble()


# ------------------------------------------------------------------ members
def test_members_are_populations_with_the_quantities_of_their_row() -> None:
    members = list(ENSEMBLE)
    assert len(members) == len(ENSEMBLE) == 40
    assert all(isinstance(member, Population) for member in members)
    assert level(members[3]) == ENSEMBLE.values[3, 0]
    assert members[-1].values["caregiver.depression.reward_gain"] == 0.0
    assert ENSEMBLE[-1] is members[-1]
    assert members[0].name == "toy, member 1"
    assert members[0].sample(2, seed=1).value("caregiver.depression.set_point").shape == (2,)
    np.testing.assert_allclose(ENSEMBLE.latents[:20], TOY.design(20, seed=1), atol=1e-9)


@pytest.mark.parametrize("number", [40, -41])
def test_a_member_that_is_not_there_is_an_index_error(number: int) -> None:
    with pytest.raises(IndexError, match="has 40"):
        ENSEMBLE[number]


@pytest.mark.parametrize("number", ["3", 1.0, True, None])
def test_a_member_is_asked_for_by_number(number: Any) -> None:
    with pytest.raises(InputError, match="member"):
        ENSEMBLE[number]


def test_the_most_central_member_is_nearest_to_all_others() -> None:
    number = ENSEMBLE.most_central_number
    latents = ENSEMBLE.latents[:20] / ENSEMBLE.latents[:20].std(axis=0)
    distances = [np.linalg.norm(latents - one, axis=1).sum() for one in latents]
    assert number == int(np.argmin(distances))
    assert ENSEMBLE.most_central() is ENSEMBLE[number]
    # of the likeliest structure, however near another's members are
    tilted = replace(ENSEMBLE, weights=np.repeat([1.0, 3.0], 20))
    assert tilted.structures[tilted.most_central_number] == "no gain"


def test_draws_of_the_priors_share_the_structures_by_their_weight() -> None:
    prior = Ensemble.from_priors(TOY, 30, seed=2)
    assert prior.shares()["members"].tolist() == [15, 15]
    # of 15 draws a spread is known to 19 %, of two quantities left out less
    assert prior.shrinkage()["left"].between(0.6, 1.4).all()
    with pytest.raises(InputError, match="no member has a figure"):
        prior.tensions()


@pytest.mark.parametrize(
    "changes",
    [
        {"values": np.zeros((40, 4))},
        {"weights": np.zeros(40)},
        {"weights": np.full(39, 1.0)},
        {"structures": ("both",)},
        {"structures": ("neither",) * 40},
        {"figures": np.zeros((40, 4))},
        {"sensitivity": np.zeros((4, 5))},
        {"priors": "community"},
        {"errors": 3},
        {"name": ""},
    ],
)
def test_parts_that_do_not_belong_together_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((InputError, UnknownNameError)):
        replace(ENSEMBLE, **changes)


# ------------------------------------------------------------------ asking
def test_an_interval_is_of_populations_and_the_monte_carlo_error_stands_apart() -> None:
    """Members N(5, 2), draws N(0, 3), four seeds each: nested variance gives both back."""
    draw = np.random.default_rng(8)
    members = 5 + 2 * draw.standard_normal(4000)
    values = members[:, None] + 3 * draw.standard_normal((4000, 4))
    prediction = Prediction(values, np.full(4000, 1 / 4000))
    assert prediction.monte_carlo == pytest.approx(3 / 2, rel=0.03)
    assert prediction.between == pytest.approx(2.0, rel=0.06)
    assert prediction.median == pytest.approx(5.0, abs=0.15)
    expected = stats.norm(5, 2).ppf([0.05, 0.95])
    np.testing.assert_allclose(prediction.interval, expected, atol=0.25)


@pytest.mark.parametrize("shift", [0.0, 2.0])
def test_what_a_seed_does_to_all_members_is_in_the_error_of_the_median(shift: float) -> None:
    """Members N(0, 1), a shift of all by seed, draws N(0, .5), five seeds: over 2,000 ensembles of
    60 the medians stray as far as their errors say, and the interval knows nothing of the seeds.
    """
    draw = np.random.default_rng(3)
    members = draw.standard_normal((2000, 60, 1))
    shifts = shift * draw.standard_normal((2000, 1, 5))
    values = members + shifts + 0.5 * draw.standard_normal((2000, 60, 5))
    predictions = [Prediction(drawn, np.full(60, 1 / 60)) for drawn in values]
    medians = np.array([prediction.median for prediction in predictions])
    errors = np.array([prediction.median_error for prediction in predictions])
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(medians.std(), rel=0.05)
    assert np.mean([prediction.between for prediction in predictions]) == pytest.approx(1, rel=0.02)


def test_a_prediction_asks_every_member_once_a_seed() -> None:
    calls: list[tuple[str, int]] = []

    def asked(population: Population, *, seed: int) -> float:
        calls.append((population.name, seed))
        return level(population) + seed

    prediction = ENSEMBLE.predict(asked, seeds=(1, 2), progress=False)
    assert len(calls) == len(set(calls)) == 80
    np.testing.assert_allclose(prediction.values[:, 0], ENSEMBLE.values[:, 0] + 1)
    assert prediction.monte_carlo == pytest.approx(
        0.5
    )  # SD of two values a unit apart, over sqrt 2
    with_error = ENSEMBLE.predict(lambda population: (level(population), 0.3))
    assert with_error.monte_carlo == pytest.approx(0.3)
    assert np.isnan(ENSEMBLE.predict(level).monte_carlo)


@pytest.mark.parametrize("answer", ["much", None, (1.0, 2.0, 3.0), float("nan"), (1.0, -1.0), [1]])
def test_an_answer_that_is_no_number_names_its_member(answer: Any) -> None:
    with pytest.raises(InputError, match="answer of member 1"):
        ENSEMBLE.predict(lambda _: answer)


def test_weighted_quantiles_are_those_of_repeated_values() -> None:
    values = np.arange(2000.0)
    weights = np.where(values < 1000, 3.0, 1.0)
    weights /= weights.sum()
    repeated = np.concatenate([np.repeat(values[:1000], 3), values[1000:]])
    shares = [0.05, 0.5, 0.95]
    found = weighted_quantiles(values, weights, shares)
    np.testing.assert_allclose(found, np.quantile(repeated, shares), atol=1.5)
    equal = np.full(7, 1 / 7)
    draws = np.random.default_rng(1).standard_normal(7)
    np.testing.assert_allclose(
        weighted_quantiles(draws, equal, shares), np.quantile(draws, shares), rtol=1e-12
    )


def test_what_a_finding_tells_is_that_of_a_linear_model() -> None:
    """One latent seen twice, with slopes a and b: variances 1 / (1 + a^2 + b^2) and so on."""
    a, b = 2.0, 0.5
    table = informs_table(["first", "second"], ["z"], np.array([[a], [b]])).set_index("finding")
    assert table.loc["first", "alone"] == pytest.approx(a**2 / (1 + a**2))
    both, second = 1 / (1 + a**2 + b**2), 1 / (1 + b**2)
    assert table.loc["first", "widens"] == pytest.approx(np.sqrt(second / both))
    assert degrees_of_freedom(np.array([[a], [b]])) == pytest.approx(1 - both, abs=1e-6)
    # each finding of the toy sees one latent with slope 1
    informs = ENSEMBLE.informs("gain")
    assert informs.loc[0, "finding"] == "C6"
    assert informs.loc[0, "alone"] == pytest.approx(0.5)
    with pytest.raises(UnknownNameError, match="gain"):
        ENSEMBLE.informs("gian")


def test_tensions_say_how_each_finding_is_met() -> None:
    shifted = ENSEMBLE.figures + [0.7, 0.0, 0.0, 0.0, 0.0]  # C1a runs from 5 to 7
    tensions = replace(ENSEMBLE, figures=shifted).tensions().set_index("finding")
    assert tensions.loc["C1a", "miss"] == pytest.approx(0.7, abs=0.05)
    assert bool(tensions.loc["C1a", "tense"])
    assert not bool(tensions.loc["C1b", "tense"])
    inside = float(np.mean(np.abs(shifted[:, 0] - 6) <= 1))
    assert tensions.loc["C1a", "holds"] == pytest.approx(inside)


def test_without_a_finding_members_are_weighted_by_the_inverse_of_its_likelihood() -> None:
    """Posterior draws N(0, 1/2) of a latent that one finding sees with slope 1: the prior again."""
    many = toy_ensemble(800)
    posterior = many.latents.copy()
    posterior[:, 0] /= np.sqrt(2.0)
    values = np.array([TOY.values(z, s) for z, s in zip(posterior, many.structures, strict=True)])
    middles = np.array([row.middle for row in TOY.rows])
    figures = middles + posterior @ (np.eye(5) * many.errors.total[:, None]).T
    seen = replace(many, values=values, figures=figures)
    assert seen.shrinkage().set_index("quantity").loc["level 0", "left"] == pytest.approx(
        np.sqrt(0.5), rel=0.02
    )
    left_out = seen.without("C1a")
    assert left_out.shrinkage().set_index("quantity").loc["level 0", "left"] == pytest.approx(
        1.0, rel=0.07
    )
    assert left_out.name == "toy, without C1a"
    assert left_out.record["without"] == ["C1a"]
    assert left_out.informs("level 0")["alone"].max() == 0.0
    assert left_out.effective_members < seen.effective_members


def test_a_member_without_a_figure_counts_as_the_others_do_on_average() -> None:
    """Three members at the middle, one and two errors off, and one that has no figure: the mean of
    -z² / 2 over 0, 1 and 2 is -5/6.
    """
    row = ObservedRow("C1a", 5.0, 7.0)
    figures = np.array([[6.0], [7.0], [8.0], [np.nan]])
    weights = weights_without([row], ["C1a"], figures, np.array([1.0]), np.full(4, 0.25))
    expected = np.exp(np.array([0.0, 0.5, 2.0, 5 / 6]))
    np.testing.assert_allclose(weights, expected / expected.sum(), rtol=1e-12)
    with pytest.raises(InputError, match="no member has a figure"):
        weights_without([row], ["C1a"], figures[3:], np.array([1.0]), np.ones(1))


def test_weights_that_collapse_are_warned_of_and_then_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        toy_ensemble(200, tilt=0.3).without("C1a")
    with pytest.warns(UserWarning, match="intervals are rough"):
        toy_ensemble(200, tilt=0.8).without("C1a")
    with pytest.raises(InputError, match="build the ensemble again"):
        toy_ensemble(200, tilt=4.0).without("C1a", "C1b")
    with pytest.raises(UnknownNameError, match="C1a"):
        ENSEMBLE.without("C1A")
    with pytest.raises(InputError, match="one at least"):
        ENSEMBLE.without()


def test_effective_size_is_that_of_kish() -> None:
    assert effective_size(np.array([0.5, 0.25, 0.25])) == pytest.approx(1 / 0.375)


def test_it_prints_as_a_paragraph_and_shows_as_a_table() -> None:
    assert "40 populations" in repr(ENSEMBLE)
    assert "both 50 %" in ENSEMBLE._repr_html_()
    assert len(ENSEMBLE.table()) == 5
    assert "C1a" in repr(ENSEMBLE)


# ------------------------------------------------------------------ files
def _written(folder: Path) -> tuple[Path, Path]:
    path = folder / "toy.toml"
    ENSEMBLE.to_file(path)
    return path, folder / "toy.csv"


def test_an_ensemble_reads_as_it_was_written(tmp_path: Path) -> None:
    path, _ = _written(tmp_path)
    again = Ensemble.from_file(path)
    assert (again.name, again.meaning) == ("toy", "five quantities")
    assert again.structures == ENSEMBLE.structures
    assert again.record == ENSEMBLE.record
    np.testing.assert_allclose(again.values, ENSEMBLE.values, rtol=1e-7)
    np.testing.assert_allclose(again.figures, ENSEMBLE.figures, rtol=1e-7)
    np.testing.assert_allclose(again.errors.total, ENSEMBLE.errors.total)
    np.testing.assert_allclose(again.sensitivity, ENSEMBLE.sensitivity)
    # what was read is written with the same bytes, and has the same members
    again.to_file(tmp_path / "again.toml")
    assert (tmp_path / "again.toml").read_bytes() == path.read_bytes()
    assert Ensemble.from_file(tmp_path / "again.toml")[7].fingerprint == again[7].fingerprint


def test_draws_of_the_priors_have_files_too(tmp_path: Path) -> None:
    prior = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
    prior.to_file(tmp_path / "prior.toml")
    again = Ensemble.from_file(tmp_path / "prior.toml")
    assert np.isnan(again.figures).all()
    assert again[0].fingerprint != again[1].fingerprint


@pytest.mark.parametrize("which", ["toy.toml", "toy.csv"])
def test_a_changed_byte_is_found(which: str, tmp_path: Path) -> None:
    path, _ = _written(tmp_path)
    file = tmp_path / which
    content = file.read_bytes()
    draw = np.random.default_rng(3)
    for place in draw.integers(len(content), size=25).tolist():
        changed = bytearray(content)
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(InputError):
            Ensemble.from_file(path)
    file.write_bytes(content)
    assert len(Ensemble.from_file(path)) == 40


@pytest.mark.parametrize(
    ("which", "before", "after", "words"),
    [
        ("toy.toml", "format = 1", "format = 2", "format"),
        ("toy.toml", 'name = "toy"', "name = 3", "name"),
        ("toy.toml", "[errors]", "[errours]", "errours"),
        ("toy.toml", "[record.seeds]", "[recordd.seeds]", "recordd"),
        ("toy.toml", 'scale = "plain"', 'scale = "plane"', "scale"),
        ("toy.toml", 'finding = "C1a"', 'finding = "C12"', "may be conditioned"),
        ("toy.csv", "structure,weight", "structure,wait", "wait"),
        ("toy.csv", "\nboth,", "\nbooth,", "booth"),
        ("toy.csv", "\nboth,0", "\nboth,nan", "line 2: weight"),
        ("toy.csv", "\nno gain,", "\nboth,", ""),
        ("toy.csv", "\nboth,", "\nno gain,", "structure 'no gain'"),
        ("toy.csv", "level 0,level 1", "level 1,level 0", "order"),
    ],
)
def test_what_lies_under_a_right_digest_is_still_checked(
    which: str, before: str, after: str, words: str, tmp_path: Path
) -> None:
    path, table = _written(tmp_path)
    file = tmp_path / which
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    _seal(path, table)
    if not words:  # a gain of 0 is legal where it is free
        assert len(Ensemble.from_file(path)) == 40
        return
    with pytest.raises((InputError, UnknownNameError), match=words):
        Ensemble.from_file(path)


def _seal(path: Path, table: Path) -> None:
    """Write the digest that belongs to what now stands in the two files."""
    document = path.read_text()
    line = next(line for line in document.splitlines() if line.startswith("digest = "))
    right = f'digest = "{ensemble_digest(document, table.read_text())}"'
    path.write_text(document.replace(line, right, 1))


@pytest.mark.parametrize("number", ["1e999", "0x1", "", "1;2", "9" * 50])
def test_a_quantity_outside_its_prior_is_refused_by_line(number: str, tmp_path: Path) -> None:
    path, table = _written(tmp_path)
    lines = table.read_text().split("\n")
    cells = lines[3].split(",")
    lines[3] = ",".join([*cells[:2], number, *cells[3:]])
    table.write_text("\n".join(lines))
    _seal(path, table)
    with pytest.raises(InputError, match="toy.csv, line 4: level 0"):
        Ensemble.from_file(path)


@pytest.mark.parametrize(
    "path", ["nowhere.toml", "toy.csv", ".", "toy", 3, None, "\0.toml", "folder/toy.toml"]
)
def test_a_path_that_is_no_ensemble_is_refused(path: Any, tmp_path: Path) -> None:
    _written(tmp_path)
    wrong = tmp_path / path if isinstance(path, str) else path
    with pytest.raises(InputError):
        Ensemble.from_file(wrong)


def test_a_document_without_its_table_and_a_table_that_is_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, table = _written(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("oxysim.ensembles.ensemble_file.LARGEST", 500)
        with pytest.raises(InputError, match="larger than"):
            Ensemble.from_file(path)
    table.unlink()
    with pytest.raises(InputError, match="no such file"):
        Ensemble.from_file(path)


@pytest.mark.parametrize("path", ["toy.txt", "nowhere/toy.toml"])
def test_a_path_that_cannot_be_written_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="path"):
        ENSEMBLE.to_file(tmp_path / path)


def test_an_unknown_name_brings_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown ensemble"):
        Ensemble.named("comunity")
    with pytest.raises(InputError, match="name"):
        Ensemble.named(3)  # type: ignore[arg-type]
