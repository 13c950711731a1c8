"""Priors, correlations that can stand together, and the table: from latents to populations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from oxysim.documents.section import DocumentError
from oxysim.ensembles import ObservedRow, Prior, PriorTable, Structure
from oxysim.ensembles.correlation_completion import completed_correlations
from oxysim.ensembles.prior_file import plain_entries
from oxysim.errors import InputError, UnknownNameError
from oxysim.population import Correlation, Population, Trait

SET_POINT, CENTRAL = "caregiver.depression.set_point", "caregiver.oxytocin.central_basal"
PLASMA, INFANT = "caregiver.oxytocin.plasma_basal", "infant.oxytocin.plasma_basal"
GAIN = "caregiver.depression.reward_gain"
BASE = Population(
    "base",
    (
        Trait(SET_POINT, "lognormal", 3.0, 0.3, least=0.5, most=25.0),
        Trait(CENTRAL, "lognormal", 5.0, 0.3),
        Trait(PLASMA, "lognormal", 3.0, 0.3),
    ),
    (Correlation(SET_POINT, CENTRAL, -0.2), Correlation(PLASMA, SET_POINT, -0.1)),
)
PRIORS = (
    Prior("level", "centre", SET_POINT, "lognormal", 1.0, 9.0, 3.0, 0.3),
    Prior("width", "spread", SET_POINT, "uniform", 0.1, 0.6),
    Prior("gain", "value", GAIN, "uniform", 0.0, 4.0),
    Prior("moods", "noise", "mood_time", "lognormal", 5.0, 80.0, 21.0, 0.4),
    Prior("r", "correlation", CENTRAL, "uniform", -0.9, 0.0, second=SET_POINT),
    Prior("blood", "correlation", PLASMA, "uniform", 0.2, 0.95, second=CENTRAL),
)
TABLE = PriorTable(
    "small", BASE, PRIORS,
    (Structure("both"), Structure("no loop", zero=("gain",)), Structure("edge", zero=("r",)),
     Structure("alike", zero=("width",))),
    implied=((SET_POINT, PLASMA),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("prior", "reference"),
    [
        (PRIORS[0], stats.truncnorm(np.log(1 / 3) / 0.3, np.log(3) / 0.3, np.log(3), 0.3)),
        (PRIORS[1], stats.uniform(0.1, 0.5)),
    ],
)
def test_a_prior_is_its_distribution_cut_off_at_its_range(prior: Prior, reference: Any) -> None:
    latents = np.linspace(-3, 3, 13)
    expected = reference.ppf(stats.norm.cdf(latents))
    if prior.distribution == "lognormal":
        expected = np.exp(expected)
    np.testing.assert_allclose(prior.value(latents), expected, rtol=1e-9)
    np.testing.assert_allclose(prior.latent(prior.value(latents)), latents, atol=1e-8)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "center"},
        {"distribution": "gamma"},
        {"source": "nobody2020"},
        {"low": 4.0, "high": 2.0},
        {"low": float("nan")},
        {"centre": 9.5},
        {"spread": 0.0},
        {"second": CENTRAL},
        {"kind": "correlation", "second": CENTRAL},
        {"kind": "spread", "low": 0.0},
        {"low": -1.0},
        {"distribution": "uniform"},
        {"distribution": "logit-normal"},
    ],
)
def test_a_prior_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    right = {name: getattr(PRIORS[0], name) for name in Prior.__dataclass_fields__}
    with pytest.raises((InputError, UnknownNameError)):
        Prior(**(right | changes))


def _matrix(pairs: dict[tuple[str, str], float]) -> tuple[list[str], np.ndarray]:
    names = sorted({name for pair in pairs for name in pair})
    matrix = np.eye(len(names))
    for (first, second), r in pairs.items():
        i, k = names.index(first), names.index(second)
        matrix[i, k] = matrix[k, i] = r
    return names, matrix


def test_unnamed_correlations_are_what_the_named_ones_imply() -> None:
    """By Dempster (1972): unrelated given the others, so that the inverse has a 0 there."""
    wanted = {("a", "b"): 0.7, ("b", "c"): -0.5, ("c", "d"): 0.6, ("b", "d"): -0.2}
    names, matrix = _matrix(completed_correlations(wanted))
    inverse = np.linalg.inv(matrix)
    for pair in (("a", "c"), ("a", "d")):
        assert abs(inverse[names.index(pair[0]), names.index(pair[1])]) < 1e-6
    for (first, second), r in wanted.items():
        assert matrix[names.index(first), names.index(second)] == pytest.approx(r, abs=1e-3)


def test_correlations_that_cannot_stand_become_the_nearest_that_can() -> None:
    wanted = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}
    pairs = completed_correlations(wanted)
    _, matrix = _matrix(pairs)
    assert np.linalg.eigvalsh(matrix).min() > 1e-5
    # by symmetry the nearest matrix has r, r, -r with a double eigenvalue 1 - 2 r = 0 at r = 1/2
    np.testing.assert_allclose(list(pairs.values()), [0.5, -0.5, 0.5], atol=2e-3)


def test_two_caregivers_who_share_an_infant_can_have_them() -> None:
    # each of two unrelated caregivers at r with the infant: 2 r^2 < 1
    (r,) = completed_correlations({(INFANT, CENTRAL): 0.9}).values()
    assert r == pytest.approx(1 / np.sqrt(2), abs=1e-3)


def test_unrelated_groups_have_matrices_of_their_own() -> None:
    pairs = completed_correlations({("a", "b"): 0.5, ("c", "d"): 0.4})
    assert set(map(frozenset, pairs)) == {frozenset("ab"), frozenset("cd")}
    assert completed_correlations({}) == {}


def test_every_draw_is_a_population_inside_its_bounds() -> None:
    community = PriorTable.named("community")
    for structure in community.structures:
        for latents in 1.5 * community.design(24, seed=5, structure=structure.name):
            population = community.candidate(latents, structure.name)  # refuses what cannot be
            for trait in population.traits:
                low, high = trait.ends
                assert trait.centre is None or low < trait.centre < high


def test_the_quantities_are_what_the_population_has() -> None:
    latents = TABLE.design(1, seed=3)[0]
    values = dict(zip(TABLE.quantities, TABLE.values(latents).tolist(), strict=True))
    population = TABLE.candidate(latents, label="first")
    trait = population.trait(SET_POINT)
    assert (trait.centre, trait.spread) == (values["level"], values["width"])
    assert population.values[GAIN] == values["gain"]
    assert population.daily_life == {"mood_time": values["moods"]}
    r = {frozenset((c.first, c.second)): c.r for c in population.correlations}
    assert r[frozenset((CENTRAL, SET_POINT))] == pytest.approx(values["r"], abs=2e-3)
    implied = values["r"] * values["blood"]
    assert r[frozenset((PLASMA, SET_POINT))] == pytest.approx(implied, abs=2e-3)
    assert population.name == "first"
    np.testing.assert_allclose(TABLE.latents(TABLE.values(latents)), latents, atol=1e-9)


def test_a_structure_fixes_its_quantities_at_nothing() -> None:
    latents = TABLE.design(1, seed=3, structure="no loop")[0]
    assert latents[2] == 0.0
    assert TABLE.candidate(latents, "no loop").values[GAIN] == 0.0
    pairs = TABLE.candidate(latents, "edge").correlations
    assert not [c for c in pairs if {c.first, c.second} == {CENTRAL, SET_POINT}]
    alike = TABLE.candidate(latents, "alike")
    assert SET_POINT not in [trait.name for trait in alike.traits]
    assert alike.values[SET_POINT] == TABLE.values(latents)[0]
    assert TABLE.free("no loop").tolist() == [True, True, False, True, True, True]


def test_a_design_fills_the_prior_evenly_and_is_keyed_by_seed_and_structure() -> None:
    design = TABLE.design(256, seed=1)
    shares = stats.norm.cdf(design)
    # of independent draws the mean would be off by 1 / sqrt(12 n) = .018
    assert np.abs(shares.mean(axis=0) - 0.5).max() < 0.002
    np.testing.assert_array_equal(design, TABLE.design(256, seed=1))
    assert not np.array_equal(design, TABLE.design(256, seed=2))
    assert not np.array_equal(design[:, 0], TABLE.design(256, seed=1, structure="no loop")[:, 0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"priors": (PRIORS[0], PRIORS[0])}, "quantity 'level' stands twice"),
        ({"structures": (Structure("a", zero=("gian",)),)}, "gian"),
        ({"priors": (Prior("x", "centre", INFANT, "uniform", 1.0, 2.0),)}, "trait"),
        ({"priors": (Prior("x", "centre", SET_POINT, "uniform", 0.1, 2.0),)}, "range inside"),
        ({"priors": (Prior("x", "value", GAIN, "uniform", -1.0, 2.0),)}, "range inside"),
        ({"priors": (Prior("x", "value", GAIN + "s", "uniform", 1.0, 2.0),)}, "unknown"),
        ({"priors": (Prior("x", "noise", "mood_tiem", "uniform", 1.0, 2.0),)}, "mood_time"),
        ({"priors": ()}, "priors"),
        ({"base": "community"}, "base"),
    ],
)
def test_a_table_that_makes_no_population_is_refused(changes: dict[str, Any], words: str) -> None:
    right = {"name": "small", "base": BASE, "priors": PRIORS, "structures": TABLE.structures}
    if "priors" in changes:
        right["structures"] = (Structure("both"),)
    with pytest.raises((InputError, UnknownNameError), match=words):
        PriorTable(**(right | changes))


def test_the_packaged_table_reads_as_it_was_written(tmp_path: Path) -> None:
    import tomli_w

    community = PriorTable.named("community")
    text = tomli_w.dumps({"name": "mine", "base": "community", **plain_entries(community)})
    (tmp_path / "mine.priors.toml").write_text(text)
    mine = PriorTable.from_file(tmp_path / "mine.priors.toml")
    assert (mine.priors, mine.structures) == (community.priors, community.structures)
    assert (mine.rows, mine.implied) == (community.rows, community.implied)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("\nlow = ", "\nlow = nan # ", "low"),
        ('kind = "noise"', 'kind = "sound"', "kind"),
        ('quantity = "reward -> mood"', 'quality = "reward -> mood"', "quality"),
        ('finding = "C2"', 'finding = "C222"', "C222"),
        ('finding = "C2"', 'finding = "C12"', "may be conditioned"),
        ("weight = 1.0", "weight = 0", "weight"),
        ('base = "community"', 'base = "comunity"', "community"),
        ("implied = [", "implied = [3, ", "implied"),
        ("[[structure]]\nname", "[[structure]]\nnaem", "naem"),
    ],
)
def test_a_file_with_a_fault_is_refused_by_line_and_entry(
    before: str, after: str, words: str, tmp_path: Path
) -> None:
    from importlib import resources

    packaged = resources.files("oxysim") / "data/ensembles/community.priors.toml"
    text = packaged.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "mine.priors.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises((DocumentError, UnknownNameError, InputError), match=words) as refusal:
        PriorTable.from_file(path)
    assert "mine.priors.toml:" in str(refusal.value)


def test_what_no_fit_may_read_is_no_row() -> None:
    with pytest.raises(InputError, match="no ensemble may be conditioned"):
        ObservedRow.of("C12")
    with pytest.raises(UnknownNameError):
        ObservedRow.of("C999")
