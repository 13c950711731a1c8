"""Populations in sweeps and study files: the same dyads at every point, drawn
when they are needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError
from oxysim.families import Dyad
from oxysim.interventions import DailyLife, SkinToSkin
from oxysim.population import Members, Population
from oxysim.studies import read_source, read_study
from oxysim.studies.description import describe
from oxysim.sweeps import Study, grid, one_at_a_time, sweep
from oxysim.sweeps.axes import Range
from oxysim.sweeps.methods import methods
from oxysim.sweeps.samples import latin_hypercube
from oxysim.sweeps.sweep_design import SweepDesign, zipped

PEOPLE = Population.named("community")
EPDS = "caregiver.epds: final"


def _study(members: object, design: SweepDesign | None, seed: int = 4, **more: object) -> Study:
    added = {"contact": SkinToSkin("60 min daily at 11:00"), "life": DailyLife()}
    outcomes = ["caregiver.epds: final"]
    return Study(members, "1 d", design, interventions=added, outcomes=outcomes, seed=seed, **more)  # type: ignore[arg-type]


def _dosed(dyads: Iterable[int], minutes: list[str]) -> Study:
    return _study(PEOPLE, grid({"dyad": list(dyads), "contact.minutes": minutes}))


# ------------------------------------------------------------------------ drawing
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6, unique=True), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_a_member_is_the_dyad_of_that_number_in_the_population(
    numbers: list[int], seed: int
) -> None:
    drawn = Members(PEOPLE, 10**6 + 1, seed, infant_age=("1 months", "3 months")).take(numbers)
    for position, number in enumerate(numbers):
        alone = PEOPLE.draw([number], seed=seed, infant_age=("1 months", "3 months"))
        assert drawn.dyads is not None and drawn.dyads[position] == number
        assert drawn.ages()[position] == alone.ages()[0]
        for trait in PEOPLE.traits:
            assert drawn.value(trait.name)[position] == alone.value(trait.name)[0]


def test_a_million_members_take_no_memory_until_they_are_run() -> None:
    study = _study(Members(PEOPLE, 10**6, 1), grid({"contact.minutes": ["20 min", "60 min"]}))
    block = study.block(1, (2, 4))
    assert study.n_runs == 2 * 10**6
    assert block.who.dyads == (4, 5, 6, 7)
    assert len(block.who.parameters["mother.depression.loop_gain"]) == 4


def test_attributes_add_to_the_day_of_those_who_have_them() -> None:
    members = Members(PEOPLE, 40, 1)
    bottle_fed = PEOPLE.having(range(40), seed=1)["bottle-fed"]
    assert [bool(added) for added in members.added(range(40))] == bottle_fed.tolist()
    block = _study(members, None).block(0, (40,))
    assert [len(added) for added in block.added] == bottle_fed.astype(int).tolist()
    plain = Members(PEOPLE.replace(attributes=()), 3, 1)
    assert _study(plain, None).block(0, (3,)).added == ()


# ------------------------------------------------------------------------- the axis
def test_every_dose_sees_the_same_dyads_and_each_its_own_traits() -> None:
    dataset = sweep(_dosed(range(5), ["20 min", "60 min"]), workers=1, progress=False)
    assert dataset[EPDS].dims == ("dyad", "contact.minutes")
    assert dataset["dyad"].values.tolist() == list(range(5))
    assert (dataset["status"] == 1).all()
    between, within = (
        dataset[EPDS].std("dyad").min(),
        abs(dataset[EPDS].diff("contact.minutes")).max(),
    )
    assert len(np.unique(dataset[EPDS].values)) == 10
    assert between > 3 * within  # dyads differ; a day of contact does little
    other_dose = sweep(_dosed([4, 1], ["60 min"]), workers=1, progress=False)[EPDS]
    assert other_dose.sel(dyad=1).values[0] == dataset[EPDS].sel(dyad=1).values[1]
    assert other_dose.sel(dyad=4).values[0] == dataset[EPDS].sel(dyad=4).values[1]


def test_members_and_an_axis_give_the_same_runs_whatever_the_blocks() -> None:
    doses = ["20 min", "60 min"]
    by_axis = sweep(_dosed(range(5), doses), workers=1, block_size=3, progress=False)[EPDS]
    members = _study(Members(PEOPLE, 5, 4), grid({"contact.minutes": doses}))
    by_members = sweep(members, workers=1, block_size=4, progress=False)[EPDS]
    np.testing.assert_array_equal(by_axis.values, by_members.transpose(*by_axis.dims).values)


def test_dyads_one_at_a_time_and_sampled() -> None:
    single = one_at_a_time({"dyad": [3, 7], "contact.minutes": ["20 min"]})
    block = _study(PEOPLE, single).block(0, (4,))
    assert block.who.dyads is not None
    assert [block.who.dyads[i] for i in block.dyads] == [0, 3, 7, 0]  # the study's own is the first
    sampled = latin_hypercube(
        {"dyad": Range(0, 999, scale="whole"), "contact.minutes": ("20 min", "60 min")}, 8, 1
    )
    block = _study(PEOPLE, sampled).block(0, (8,))
    assert [block.who.dyads[i] for i in block.dyads] == sampled.axes[0].values.tolist()  # type: ignore[index]


def test_edges_scaled_dyad_by_dyad_stay_with_their_dyads() -> None:
    strength = np.array([0.0, 0.5, 1.0])
    scale = {"reward -> depression": strength}
    people = Members(PEOPLE, 3, 4, others={"same": PEOPLE})
    block = _study(people, grid({"population": ["same", "community"]}), scale=scale).block(
        0, (2, 3)
    )
    assert block.who.dyads is not None
    for run in range(6):
        number = block.who.dyads[block.dyads[run]]
        assert block.scale["reward -> depression"][block.dyads[run]] == strength[number]
    single = _study(
        Members(PEOPLE, 1, 4), grid({"dyad": [5, 2]}), scale={"reward -> depression": [0.5]}
    )
    assert single.block(0, (2,)).scale["reward -> depression"].tolist() == [0.5, 0.5]


# ------------------------------------------------------------------- several populations
STRONG = PEOPLE.with_trait("caregiver.depression.loop_gain", centre=1.6)


def test_an_axis_of_populations_draws_the_same_numbers_from_each() -> None:
    people = Members(PEOPLE, 3, 4, others={"strong": STRONG})
    study = _study(
        people,
        grid({"population": ["community", "strong"], "contact.minutes": ["20 min", "60 min"]}),
    )
    assert study.dims == {"population": 2, "contact.minutes": 2, "dyad": 3}
    dataset = sweep(study, workers=1, progress=False, block_size=5)[EPDS]
    for name, population in (("community", PEOPLE), ("strong", STRONG)):
        alone = sweep(
            _study(Members(population, 3, 4), grid({"contact.minutes": ["20 min", "60 min"]})),
            workers=1,
            progress=False,
        )[EPDS]
        np.testing.assert_array_equal(dataset.sel(population=name).values, alone.values)
    by_axes = _study(Members(STRONG, 1, 4), grid({"dyad": [2, 0], "contact.minutes": ["20 min"]}))
    both = sweep(by_axes, workers=1, progress=False)[EPDS]
    np.testing.assert_array_equal(
        both.values[:, 0], dataset.sel(population="strong").values[0, [2, 0]]
    )


def test_populations_and_dyads_of_a_table_row_by_row() -> None:
    rows = zipped({"population": ["strong", "community", "strong"], "dyad": [7, 7, 3]})
    block = _study(Members(PEOPLE, 1, 4, others={"strong": STRONG}), rows).block(0, (3,))
    for run, (population, number) in enumerate([(STRONG, 7), (PEOPLE, 7), (STRONG, 3)]):
        drawn = population.draw([number], seed=4)
        dyad = block.who.take([block.dyads[run]])
        assert dyad.dyads == (number,)
        for trait in PEOPLE.traits:
            assert dyad.value(trait.name) == drawn.value(trait.name)
        assert bool(block.added[block.dyads[run]]) == bool(
            population.having([number], seed=4)["bottle-fed"][0]
        )


def test_identity_holds_every_population_that_is_run() -> None:
    def identity(population: Population, names: list[str]) -> str:
        people = Members(PEOPLE, 2, 4, others={"other": population, "unused": PEOPLE})
        return _study(people, grid({"population": names})).identity()["who"]

    assert identity(STRONG, ["other"]) != identity(PEOPLE, ["other"])
    assert STRONG.fingerprint in identity(STRONG, ["other"])
    # one that is not run does not count
    assert identity(STRONG, ["community"]) == identity(PEOPLE, ["community"])


def test_identity_holds_the_population_and_who_is_drawn() -> None:
    def who(study: Study) -> str:
        return study.identity()["who"]

    same = who(_study(Members(PEOPLE, 5, 4), None))
    assert same == who(_study(Members(PEOPLE.replace(meaning="said otherwise"), 5, 4), None))
    assert PEOPLE.fingerprint in same
    for population in (
        Members(PEOPLE, 6, 4),
        Members(PEOPLE, 5, 3),
        Members(PEOPLE, 5, 4, infant_age="1 d"),
        Members(PEOPLE.with_trait("caregiver.depression.loop_gain", spread=0.2), 5, 4),
        Members(PEOPLE, 5, 4, wanted="epds >= 13"),
        Members(PEOPLE, 5, 4, wanted="epds >= 13", at="8 weeks"),
    ):
        assert who(_study(population, None)) != same


def test_what_is_said_of_them() -> None:
    text = methods(_study(Members(PEOPLE, 5, 4), None))
    assert f"population 'community' (fingerprint {PEOPLE.fingerprint[:12]}, seed 4)" in text
    assert f"{len(PEOPLE.traits)} parameters varied between dyads" in text
    assert "[evans2001]" in text
    assert "3 dyads (mother and infant; infant aged 0 months" in describe(
        _dosed([1, 5, 9], ["20 min"])
    )
    screened = Members(PEOPLE, 5, 4, wanted="epds >= 13")
    printed = describe(_study(screened, None))
    assert "infant aged 1.4 months" in printed and "who met epds >= 13 at 6 weeks" in printed
    assert not screened.screened  # saying so has simulated nobody


@pytest.mark.long
def test_a_screened_population_is_swept_under_the_candidates_numbers() -> None:
    members = Members(PEOPLE, 3, 4, wanted=["epds >= 10", "not preterm"], at="10 d")
    dataset = sweep(
        _study(members, grid({"contact.minutes": ["20 min", "60 min"]})), workers=1, progress=False
    )
    same, report = PEOPLE.select(3, ["epds >= 10", "not preterm"], at="10 d", seed=4)
    assert dataset["dyad"].values.tolist() == list(same.numbers)
    assert members.selection == report
    assert str(report) in methods(_study(members, None))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: _study(PEOPLE, None), "who: which dyads of the population 'community'?"),
        (lambda: _study(Dyad.reference(), grid({"dyad": [1, 2]})), "it chooses among the "
                                                                   "families of a population"),
        (lambda: _study(Members(PEOPLE, 3, 1), grid({"dyad": [1, 2]})), "has 3 families already"),
        (lambda: _study(Members(PEOPLE, 1, 1, wanted="preterm"), grid({"dyad": [1]})),
         "give n in place of the axis"),
        (lambda: _study(PEOPLE, grid({"dyad": [1, -2]})), "axis 'dyad', value 2 of 2 (-2): "
                                                          "expected the number of a d"),
        (lambda: _study(PEOPLE, grid({"dyad": [1.5]})), "whole number of at least 0; found 1.5"),
        (lambda: _study(PEOPLE, grid({"dyad": ["1 d", "2 d"]})), "expected plain numbers; found "
                                                                 "1 d"),
        (lambda: _study(PEOPLE, grid({"dayd": [1], "dyad": [1]})), "'dyad'"),
        (lambda: _study(Members(PEOPLE, 2, 1, wanted="preterm"),
                        grid({"infant_age": ["1 d", "3 d"]})),
         "whoever is screened enters at the age of 6 weeks; drop the axis"),
        (lambda: _study(Members(PEOPLE, 2, 1), grid({"population": ["community", "comunity"]})),
         "axis 'population', value 2 of 2 (comunity): unknown population 'comunity'"),
        (lambda: _study(Members(PEOPLE, 2, 1), grid({"population": ["../other.toml"]})),
         "unknown population"),
        (lambda: _study(Members(PEOPLE, 2, 1), grid({"population": [1, 2]})),
         "unknown population '1'"),
        (lambda: _study(Members(PEOPLE, 2, 1, wanted="preterm"),
                        grid({"population": ["community"]})),
         "screen one at a time"),
        (lambda: _study(Dyad.reference(), grid({"population": ["community"]})),
         "give Members as who"),
        (lambda: Members(PEOPLE, 2, 1, others={"x": "y"}), "others, 'x': expected a "
                                                           "Population"),  # type: ignore[dict-item]
        (lambda: Members(PEOPLE, 0, 1), "n: expected a whole number of at least 1; found 0"),
        (lambda: Members(PEOPLE, 2, 1, at="6 weeks"), "at: nobody is screened"),
        (lambda: Members(PEOPLE, 2, 1, infant_age="6 weeks", wanted="preterm"),
         "enters at the age `at`"),
        (lambda: Members(PEOPLE, 2, 1, wanted="epd >= 13"), "epds"),
        (lambda: Members(PEOPLE, 2, 1, wanted="preterm").draw([1]), "take them by position"),
        (lambda: Members(PEOPLE, 2, 1).take([2]), "take: expected positions from 0 to 1"),
        (lambda: Members("community", 2, 1), "expected a Population, or an Ensemble of them; found "
                                             "'community'"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make: object, words: str) -> None:
    with pytest.raises(OxysimError) as caught:
        make()  # type: ignore[operator]
    assert words in str(caught.value)


# ---------------------------------------------------------------------- study files
FILE = """
duration = "1 d"
outcomes = ["caregiver.epds: final"]
seed = 6
[dyad]
population = "community"
n = 4
infant_age = ["1 months", "3 months"]
[interventions]
life = "daily-life noise"
"""


def _file(folder: Path, text: str = FILE, **changed: str) -> Path:
    for old, new in changed.items():
        text = "\n".join(new if line.startswith(f"{old} ") else line for line in text.splitlines())
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_python_says(tmp_path: Path) -> None:
    read = read_study(_file(tmp_path))
    members = Members(PEOPLE, 4, 6, infant_age=("1 months", "3 months"))
    same = Study(
        members,
        "1 d",
        interventions={"life": DailyLife()},
        outcomes=["caregiver.epds: final"],
        seed=6,
    )
    assert read.study.identity() == same.identity()
    assert read_study(_file(tmp_path), seed=8).study.who.seed == 8  # type: ignore[union-attr]
    stored_study = _file(tmp_path, n="n = 4\nseed = 2")
    assert read_study(stored_study, seed=8).study.who.seed == 2  # type: ignore[union-attr]


def test_a_population_of_ones_own_is_read_beside_the_file_and_kept_for_resuming(
    tmp_path: Path,
) -> None:
    population = PEOPLE.with_trait("caregiver.depression.loop_gain", centre=1.4)
    population.to_file(tmp_path / "own.toml")
    read = read_study(_file(tmp_path, population='population = "own.toml"'))
    assert population.fingerprint in read.study.identity()["who"]
    (tmp_path / "own.toml").unlink()
    assert read_source(read.source).study.identity() == read.study.identity()


def test_criteria_shared_values_and_an_axis_of_dyads_in_a_file(tmp_path: Path) -> None:
    criteria = 'select = ["epds >= 13", "not preterm"]\nat = "8 weeks"'
    members = read_study(_file(tmp_path, infant_age=criteria)).study.who
    assert isinstance(members, Members)
    assert (members.wanted, members.at, members.n) == (("epds >= 13", "not preterm"), "8 weeks", 4)
    shared = 'parameters."caregiver.depression.loop_gain" = 1.5'
    members = read_study(_file(tmp_path, infant_age=shared)).study.who
    assert isinstance(members, Members)
    assert members.take([0, 1]).value("caregiver.depression.loop_gain") == 1.5
    axis = (
        f'{FILE}\n[design]\nkind = "grid"\naxes.dyad = {{ from = 0, to = 9, count = 10, scale ='
        ' "whole" }\n'
    )
    assert read_study(_file(tmp_path, axis, n="")).study.dims == {"dyad": 10}


def test_an_axis_of_populations_in_a_file(tmp_path: Path) -> None:
    STRONG.to_file(tmp_path / "strong.toml")
    axis = f'{FILE}\n[design]\nkind = "grid"\naxes.population = ["community", "strong.toml"]\n'
    read = read_study(_file(tmp_path, axis))
    assert read.study.dims == {"population": 2, "dyad": 4}
    assert STRONG.fingerprint in read.study.identity()[
        "who"
    ] and "strong.toml (fingerprint" in methods(read.study)
    (tmp_path / "strong.toml").unlink()
    assert read_source(read.source).study.identity() == read.study.identity()
    with pytest.raises(
        InputError,
        match=r"study.toml:14: design.axes.population.2: strong.toml: expected a text file",
    ):
        read_study(tmp_path / "study.toml")


@pytest.mark.parametrize(
    ("key", "line", "words"),
    [
        ("population", 'population = "comunity"', "study.toml:6: dyad.population: unknown "
                                                  "population 'comunity'"),
        ("population", 'population = "mine.toml"', "study.toml:6: dyad.population: mine.toml: "
                                                   "expected a text file"),
        ("population", 'population = "../mine.toml"', "leads out of the study file's folder"),
        ("n", "n = 0", "study.toml:7: dyad.n: expected a whole number from 1 to 10000000; found 0"),
        ("n", "", "study.toml:5: dyad: 'n' is missing; expected how many dyads, or an axis "
                  "\"dyad\" of the design"),
        ("n", 'n = 4\nselect = "epds >= 13"', "study.toml:9: dyad.infant_age: whoever is "
                                              "screened enters"),
        ("infant_age", 'select = "epd >= 13"', "study.toml:8: dyad.select"),
        ("infant_age", 'select = "epds = 13"', "study.toml:8: dyad.select: criterion 'epds = 13'"),
        ("infant_age", 'at = "8 weeks"', "study.toml:8: dyad.at: nobody is screened"),
        ("infant_age", 'select = "preterm"\nat = "8"', "study.toml:9: dyad.at"),
        ("infant_age", 'start."caregiver.depression" = 4', "study.toml:8: dyad.start: unknown "
                                                           "key 'start'"),
        ("infant_age", 'parameters."caregiver.depression.lop_gain" = 4',
         "study.toml:8: dyad.parameters"),
        ("infant_age", 'caregivers = ["mum"]', "study.toml:8: dyad.caregivers: unknown role 'mum'"),
    ],
)  # fmt: skip
def test_a_careless_file_is_told_where(tmp_path: Path, key: str, line: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_study(_file(tmp_path, **{key: line}))
    assert words in str(caught.value).replace(f"{tmp_path}/", "")
