"""What carries a correlation, where the answer is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oxysim.errors import InputError, UnknownNameError
from oxysim.evidence import TraitOrEdge, trait_or_edge
from oxysim.evidence.board.finding_selection import answering_run
from oxysim.evidence.correlations.edges_between import edges_between
from oxysim.evidence.correlations.trait_or_edge_parts import (
    Estimate,
    correlation_error,
    decomposed,
)
from oxysim.evidence.correlations.trait_or_edge_stored import stored_answer
from oxysim.findings.published import target, targets
from oxysim.model import registry
from oxysim.population import Correlation, Population, Trait

# Resting levels of blood and brain, and how strongly a stressor releases, differ between adults.
LEVELS = (
    Trait("caregiver.oxytocin.plasma_basal", "lognormal", 3.0, 0.5),
    Trait("caregiver.oxytocin.central_basal", "lognormal", 5.0, 0.35),
)
TOGETHER = Correlation(LEVELS[0].name, LEVELS[1].name, 0.8, "assumption")
RELEASE = Trait("caregiver.oxytocin.stress", "lognormal", 3.0, 0.8)
ONLY_TRAIT = Population("levels that go together", LEVELS, (TOGETHER,))
# Levels alike, so that all that differs is the release that both fluids hear.
ONLY_EDGE = Population("release that differs", (RELEASE,))


def test_a_correlation_of_traits_alone_is_left_by_a_cut_and_gone_without_pairs() -> None:
    (row,) = _rows(ONLY_TRAIT, "VA1")
    assert row["trait_or_edge"] == "trait"
    assert row["as_it_is"] > 0.3
    # nothing happens in an empty day: a cut edge passes what it passed before
    assert row["edges_cut"] == pytest.approx(row["as_it_is"], abs=0.02)
    assert abs(row["traits_unrelated"]) < 2 * row["traits_unrelated_se"]


def test_a_correlation_by_an_edge_alone_is_gone_with_a_cut_and_left_without_pairs() -> None:
    (row,) = _rows(ONLY_EDGE, "VA2")
    assert row["trait_or_edge"] == "edge"
    assert row["as_it_is"] > 0.3
    # without any pair the second population is the first one
    assert row["traits_unrelated"] == row["as_it_is"]
    assert abs(row["edges_cut"]) < 2.5 * row["edges_cut_se"]


def _rows(population: Population, finding: str) -> list[dict[str, float]]:
    answer = trait_or_edge(population, findings=[finding], size=0.1, seed=3, workers=1)
    rows: list[dict[str, float]] = answer.table.to_dict("records")
    return rows


@pytest.mark.long
def test_c11_of_a_community_without_pairs_is_trait_or_edge_edges_alone() -> None:
    people = Population.named("community").replace(correlations=())
    table = trait_or_edge(people, findings=["C11"], size=0.2, seed=3, workers=1).table
    assert table["traits_unrelated"].tolist() == table["as_it_is"].tolist()
    assert table["trait_part"].tolist() == [0.0]


# from four answers to parts
@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ((0.4, 0.4, 0.0, 0.0), "trait"),
        ((0.4, 0.0, 0.4, 0.0), "edge"),
        ((0.4, 0.2, 0.2, 0.0), "both"),
        ((0.4, 0.4, 0.4, 0.4), "neither"),
        # two that work against each other are both there
        ((0.0, -0.3, 0.3, 0.0), "both"),
        # a tenth of the whole is beside the point, however well it is known
        ((0.4, 0.4, 0.04, 0.04), "trait"),
        ((0.4, 0.36, 0.04, 0.0), "trait"),
        ((0.4, math.nan, 0.04, 0.0), "unknown"),
    ],
)
def test_the_word_follows_from_what_each_takes_away(answers: tuple[float, ...], word: str) -> None:
    error = math.nan if math.isnan(sum(answers)) else 0.005
    parts = decomposed(*(Estimate(value, error) for value in answers))
    assert parts.trait_or_edge == word


def test_parts_add_up_to_the_whole_and_have_the_error_of_four_answers() -> None:
    draw = np.random.default_rng(5)
    for values in draw.uniform(-1, 1, (50, 4)):
        parts = decomposed(*(Estimate(value, 0.1) for value in values))
        assert parts.edge.value + parts.trait.value + parts.rest.value == pytest.approx(values[0])
        # half the root of four variances of .01
        assert parts.edge.error == pytest.approx(0.1)


def test_what_is_within_two_errors_of_nothing_carries_nothing() -> None:
    assert decomposed(*(Estimate(v, 0.3) for v in (0.4, 0.4, 0.0, 0.0))).trait_or_edge == "neither"


def test_the_error_of_a_correlation_is_that_of_normal_samples() -> None:
    draw = np.random.default_rng(2)
    x = draw.standard_normal((4000, 50))
    y = 0.5 * x + math.sqrt(0.75) * draw.standard_normal((4000, 50))
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]
    assert np.std(r) == pytest.approx(correlation_error(0.5, 50), rel=0.05)
    assert math.isnan(correlation_error(0.5, 3))


# the data
def test_every_correlation_names_a_finding_that_is_answered_and_edges_that_exist() -> None:
    for name, between in edges_between().items():
        assert answering_run(target(name))[0] is not None, name
        assert set(between.edges) <= set(registry.edges()), name
        assert len(set(between.edges)) == len(between.edges), name


def test_every_finding_in_units_of_r_is_among_them() -> None:
    """But for a stability over time, whose two sides are one thing."""
    in_r = {name for name, finding in targets().items() if finding.unit == "r"}
    answered = {name for name in in_r if answering_run(targets()[name])[0] is not None}
    assert answered - set(edges_between()) <= {"ZE1"}


def test_the_stored_answer_has_a_word_for_every_correlation_that_may_be_looked_at() -> None:
    allowed = {name for name in edges_between() if target(name).use != "check"}
    assert set(stored_answer().words) == allowed
    assert set(stored_answer().words.values()) <= {"trait", "edge", "both", "neither"}


# what is refused
def test_what_cannot_be_asked_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="expected correlations"):
        trait_or_edge(findings=["C12"])
    with pytest.raises(UnknownNameError, match="nearest: 'C11'"):
        trait_or_edge(findings=["C111"])
    with pytest.raises(InputError, match="may be looked at once only"):
        trait_or_edge(findings=["H10a"])
    with pytest.raises(InputError, match=r"size: expected a number from 0\.01 to 4"):
        trait_or_edge(size=0.0)


def test_a_finding_that_no_run_can_answer_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    # a twentieth of a cohort has fewer cases than a study of 62 needs
    table = trait_or_edge(findings=["C11"], size=0.01, seed=1, workers=1).table
    assert table["trait_or_edge"].tolist() == ["unknown"]
    assert table["why"][0] and np.isnan(table["as_it_is"][0])


def test_text_page_and_table_say_the_same(tmp_path: Path) -> None:
    row = {"finding": "C11", "side": "a", "other_side": "b", "trait_or_edge": "edge", "why": ""}
    row |= {"as_it_is": 0.3, "as_it_is_se": 0.05, "edges": "x -> y"}  # type: ignore[dict-item]
    answer = TraitOrEdge(pd.DataFrame([row]), {"seed": "0"})
    assert "+0.30 (0.05)" in answer.text()
    assert "| C11 | a and b | +0.30 (0.05) | edge |" in answer.markdown()
    assert "- **C11**: x -> y" in answer.markdown()
    answer.to_csv(tmp_path / "carried.csv")
    assert pd.read_csv(tmp_path / "carried.csv", comment="#")["as_it_is"].tolist() == [0.3]
