"""Instruments that a user declares: what they read, in which unit, between which limits; wherever
an instrument can stand; in files.
"""

from __future__ import annotations

import dataclasses
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from oxysim.cohorts.cross_sectional_measures import Measure, measures_of
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.measures import (
    INSTRUMENTS,
    Instrument,
    MeasurementNoise,
    NoiseKey,
    instrument,
    instrument_of_row,
    instrument_table,
    measure,
    read,
    read_instruments,
    user_instrument,
)
from oxysim.population import Members, Population, read_criteria
from oxysim.protocols import cross_section
from oxysim.schedule import Routine
from oxysim.simulation.simulate import simulate
from oxysim.studies import read_study, read_trial
from oxysim.studies.trial_description import describe_trial
from oxysim.sweeps.fingerprint import canonical
from oxysim.trials import Crossover, Endpoint, Trial
from oxysim.trials.plan.allocation import Stratified

NOISE = MeasurementNoise("proportional", 0.0, 0.1, floor=2.0)
KIT = user_instrument("kit", like="saliva_oxytocin", noise=NOISE, lloq=14.5, uloq=404.0)


# -------------------------------------------------------------------------------- readings
def test_limits_on_both_sides_are_reported_and_marked() -> None:
    reading = read(KIT, [14.4, 14.6, 403.0, 405.0, np.nan], range(5))
    np.testing.assert_allclose(reading.values[:, 0], [14.5 / 2, 14.6, 403.0, 404.0, np.nan])
    assert reading["below_lloq"].values[:, 0].tolist() == [True, False, False, False, False]
    assert reading["above_uloq"].values[:, 0].tolist() == [False, False, False, True, False]


def test_no_instrument_of_the_package_has_an_upper_limit() -> None:
    assert {tool.uloq for tool in INSTRUMENTS.values()} == {np.inf}
    assert not read("epds", [30.0], [0])["above_uloq"].any()


def test_noise_near_zero_is_the_floor_and_high_up_a_share() -> None:
    """Variance floor^2 + (cv x)^2 (Rocke and Lorenzato 1995), and the mean is what is expected."""
    open_ended = dataclasses.replace(KIT, lloq=0.0, uloq=np.inf, low=-np.inf)
    n = 40_000
    for level in (0.0, 5.0, 400.0):
        readings = read(open_ended, np.full(n, level), range(n), noise_key=NoiseKey(5)).values
        expected = np.hypot(2.0, 0.1 * level)
        # the SD of an SD is SD / sqrt(2 n) of normal draws; four of them
        assert readings.std() == pytest.approx(expected, rel=4 / np.sqrt(2 * n))
        assert readings.mean() == pytest.approx(level, abs=4 * expected / np.sqrt(n))


def test_the_share_below_the_limit_is_that_of_the_normal_distribution_at_a_level_of_zero() -> None:
    n = 20_000
    low = dataclasses.replace(KIT, lloq=3.0)
    below = read(low, np.zeros(n), range(n), noise_key=NoiseKey(1))["below_lloq"].values.mean()
    assert below == pytest.approx(norm.cdf(1.5), abs=4 * np.sqrt(0.25 / n))


def test_a_user_instrument_has_draws_of_its_name() -> None:
    same = user_instrument("kit_2", like=KIT)
    values = [30.0, 40.0]
    first, second = (
        read(tool, values, [0, 1], noise_key=NoiseKey(1)).values for tool in (KIT, same)
    )
    assert (first != second).all()
    again = read(pickle.loads(pickle.dumps(KIT)), values, [0, 1], noise_key=NoiseKey(1)).values
    np.testing.assert_array_equal(first, again)


@given(
    level=st.floats(0.01, 1e4),
    factor=st.floats(0.1, 100),
    lloq=st.floats(0.01, 10),
    ratio=st.floats(1.01, 1e3),
)
@settings(max_examples=50, deadline=None)
def test_no_reading_lies_outside_the_limits(
    level: float, factor: float, lloq: float, ratio: float
) -> None:
    tool = user_instrument(
        "kit", like="saliva_oxytocin", factor=factor, lloq=lloq, uloq=lloq * ratio
    )
    reading = read(tool, [level], [0], noise_key=NoiseKey(1))
    value = reading.item()
    assert value == lloq / 2 or lloq <= value <= tool.uloq
    assert bool(reading["below_lloq"].item()) == (value == lloq / 2)
    assert not (reading["below_lloq"] & reading["above_uloq"]).any()


# -------------------------------------------------------------------------------- units
def test_a_unit_converts_readings_limits_and_noise() -> None:
    """Oxytocin weighs 1007.2 g/mol: 1 pmol/L is 1.0072 pg/mL; cortisol 362.5 g/mol."""
    molar = user_instrument("molar", like=dataclasses.replace(KIT, name="pg"), unit="pmol/L")
    assert read(molar, [100.72], [0]).item() == pytest.approx(100.0)
    assert molar.lloq == pytest.approx(14.5 / 1.0072) and molar.uloq == pytest.approx(404 / 1.0072)
    assert molar.noise.floor == pytest.approx(2 / 1.0072) and molar.noise.sample == 0.1
    cortisol = user_instrument("ucsd", like="salivary_cortisol", unit="µg/dL")
    assert cortisol.unit == "ug/dL" and cortisol.lloq == pytest.approx(0.3 / 27.59)
    assert read(cortisol, [27.59], [0]).item() == pytest.approx(1.0)


def test_limits_that_are_named_are_in_the_new_unit() -> None:
    molar = user_instrument("molar", like="saliva_oxytocin", unit="pmol/L", lloq=5.0)
    assert molar.lloq == 5.0


def test_an_assay_that_reads_higher_names_its_limits() -> None:
    with pytest.raises(InputError, match="its own lloq where factor or offset") as caught:
        user_instrument("raw", like="saliva_oxytocin", factor=40.0)
    assert caught.value.key == ("lloq",)
    raw = user_instrument("raw", like="saliva_oxytocin", factor=40.0, offset=10.0, lloq=15.0)
    assert read(raw, [2.0], [0]).item() == 90.0 and raw.low == 0
    shifted = user_instrument(
        "mood_0_10", like="fear", factor=2.0, offset=1.0, noise=MeasurementNoise("additive", 1.0)
    )
    assert (shifted.low, shifted.high) == (1.0, 21.0)


def test_a_variable_is_read_as_it_is() -> None:
    noise = MeasurementNoise("additive", 0.0, 0.05)
    bond = user_instrument("bond_100", reads="bond", unit="points", factor=100.0, noise=noise)
    assert bond.members == ("caregiver",) and read(bond, [0.4], [0]).item() == pytest.approx(40.0)
    both = user_instrument("cort", reads="cortisol", noise=noise, unit="ug/dL")
    assert both.members == ("caregiver", "infant") and both.low == 0
    assert read(both, [27.59], [0]).item() == pytest.approx(1.0)
    assert user_instrument("cort", reads="cortisol", noise=noise, owner="infant").members == (
        "infant",
    )


# -------------------------------------------------------------------------------- identity
def test_a_fingerprint_is_of_what_moves_readings() -> None:
    alike = [
        dataclasses.replace(KIT, note="said otherwise", matrix="oral fluid"),
        dataclasses.replace(KIT, low=0.0),
        pickle.loads(pickle.dumps(KIT)),
    ]
    assert {tool.fingerprint for tool in alike} == {KIT.fingerprint}
    changed = [
        dataclasses.replace(KIT, lloq=14.6),
        dataclasses.replace(KIT, uloq=405.0),
        dataclasses.replace(KIT, name="kit2"),
        dataclasses.replace(KIT, noise=dataclasses.replace(NOISE, floor=2.5)),
        user_instrument("kit", like=KIT, factor=2.0, lloq=14.5, uloq=404.0, noise=NOISE),
        user_instrument("kit", like=KIT, factor=3.0, lloq=14.5, uloq=404.0, noise=NOISE),
    ]
    prints = {tool.fingerprint for tool in changed}
    assert len(prints) == len(changed) and KIT.fingerprint not in prints


def test_a_reading_says_the_fingerprint_of_a_user_instrument_alone() -> None:
    assert read(KIT, [30.0], [0]).attrs["fingerprint"] == KIT.fingerprint
    assert "fingerprint" not in read("epds", [30.0], [0]).attrs


def test_the_table_lists_them_after_the_others() -> None:
    table = instrument_table([KIT])
    assert table["instrument"].tolist() == [*INSTRUMENTS, "kit"]
    last = table.iloc[-1]
    assert (last["lloq"], last["uloq"], last["floor_noise"], last["source"]) == (
        14.5,
        404,
        2,
        "user",
    )


def test_nothing_is_registered() -> None:
    assert "kit" not in INSTRUMENTS
    with pytest.raises(UnknownNameError):
        instrument("kit")


# -------------------------------------------------------------------------------- wherever
@pytest.fixture(scope="module")
def trial() -> Trial:
    arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    pool = Population.named("community").sample(6, seed=1)
    endpoints = [
        Endpoint(KIT, at="3 h", kind="change"),
        Endpoint("saliva_oxytocin", at="3 h", kind="change"),
    ]
    return Trial(
        pool, Crossover(arms, period="4 h"), endpoints, entry=["kit < 500"],
        allocation=Stratified(KIT, cuts=[20.0]),
    )  # fmt: skip


def test_a_trial_reads_with_it_and_says_so(trial: Trial) -> None:
    result = trial.run(4, replications=3, progress=False)
    assert [endpoint.name for endpoint in trial.endpoints] == [
        "kit change at 3 h",
        "saliva oxytocin change at 3 h",
    ]
    # a spray of 24 IU drips far more than the kit can tell, and no reading is below half its limit
    sources = {source.instrument: source for source in trial.sources}
    assert set(sources) == {KIT, "saliva_oxytocin"}
    readings = result.sample.readings[sources[KIT]]
    finite = readings[np.isfinite(readings)]
    assert finite.max() <= 404 and finite.min() >= 14.5 / 2
    words = result.planned()["instruments"]
    assert f"kit (fingerprint {KIT.fingerprint[:12]}): saliva_oxytocin in pg/mL" in words
    assert "quantified from 14.5, quantified to 404" in words and "instruments:" in result.report()
    assert "stratified by kit, cut at [20.0]" in trial.allocation.words


def test_an_endpoint_with_an_instrument_of_the_package_is_that_of_its_name() -> None:
    by_name, itself = Endpoint("epds", at="6 weeks"), Endpoint(instrument("epds"), at="6 weeks")
    assert by_name.source == itself.source and by_name.name == itself.name


def test_two_instruments_of_one_name_are_refused(trial: Trial) -> None:
    other = dataclasses.replace(KIT, lloq=20.0)
    endpoints = [Endpoint(KIT, at="3 h"), Endpoint(other, at="3 h", kind="change")]
    with pytest.raises(InputError, match="one instrument of that name in a study"):
        dataclasses.replace(
            trial, endpoints=endpoints, allocation=Stratified("epds", [10]), entry=()
        )
    with pytest.raises(InputError, match="one instrument of that name in a study"):
        measures_of([KIT, Measure(other, at="10:00")])


def test_measuring_a_result_and_a_cohort() -> None:
    day = Routine.empty() + NasalSpray("24 IU", at="10:00")
    result = simulate(Dyad(), day, "3 h")
    reading = measure(result, KIT, at=["09:00", "10:01"], noise=False)
    # at rest below the limit, after the spray above the other
    assert reading.values.tolist() == [[7.25, 404.0]] and reading.attrs["instrument"] == "kit"


def test_a_cross_section_reads_with_it() -> None:
    steady = user_instrument("mood_form", like="epds", noise=MeasurementNoise("additive", 0, 3.0))
    study = cross_section(
        [steady, "sensitivity"],
        age="2 d",
        n=8,
        pool=24,
        groups={"a": "mood_form >= 5", "b": "mood_form < 5"},
    )
    rows = study.effects.set_index(["outcome", "contrast"])
    assert rows.loc[("mood_form", "a - b"), "unit"] == "EPDS"
    assert steady.fingerprint[:12] in study.design["instruments"]


def test_screening_by_a_user_instrument_is_part_of_a_studys_identity() -> None:
    form = user_instrument("form", like="epds", rounding=2.0)
    wanted = read_criteria("form >= 6", instruments=[form])
    people = Population.named("community")
    members = Members(people, n=2, wanted=wanted, at="2 d", seed=1)
    text = canonical(members)
    assert form.fingerprint in text and "form >= 6" in members.describe()
    other = user_instrument("form", like="epds", rounding=3.0)
    changed = Members(
        people, n=2, wanted=read_criteria("form >= 6", instruments=[other]), at="2 d", seed=1
    )
    assert canonical(changed) != text
    # an instrument of the package leaves the identity as stores have it
    assert '"wanted": ["epds >= 13"]' in canonical(Members(people, n=2, wanted="epds >= 13"))
    families, selection = people.select(2, wanted, at="2 d", seed=1, progress=False)
    assert selection.criteria == ("form >= 6",) and len(families) == 2


# -------------------------------------------------------------------------------- rows and files
ROW = {
    "instrument": "kit", "like": "saliva_oxytocin", "noise": "proportional", "sample_noise": 0.1,
    "floor_noise": 2, "lloq": 14.5, "uloq": 404, "unit": None, "rounding": np.nan, "note": "",
}  # fmt: skip


def test_a_row_is_the_instrument() -> None:
    assert instrument_of_row(ROW) == KIT
    assert instrument_of_row(pd.Series(ROW)) == KIT


def test_a_row_of_the_table_makes_the_instrument_again() -> None:
    form = user_instrument("form", like="epds", rounding=2.0)
    row = instrument_table([form]).iloc[-1].to_dict() | {"like": "epds"}
    del row["reads"], row["source"]
    assert instrument_of_row(row) == form


TOML = """
[kit]
like = "saliva_oxytocin"
lloq = 14.5
uloq = 404
noise = { kind = "proportional", sample = 0.1, floor = 2.0 }

[hourly]
like = "kit"
window = "1 h"
steady = false
"""


def test_a_file_of_tables_and_a_file_of_rows(tmp_path: Path) -> None:
    (tmp_path / "assays.toml").write_text(TOML, encoding="utf-8")
    tools = read_instruments(tmp_path / "assays.toml")
    assert tools["kit"] == KIT and tools["hourly"].window == 60.0 and tools["hourly"].uloq == 404
    table = pd.DataFrame([ROW])
    table.to_csv(tmp_path / "assays.csv", index=False)
    assert read_instruments(tmp_path / "assays.csv") == {"kit": KIT}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[kit]\nlike = 'saliva_oxytocn'", "a.toml:2: kit.like: unknown instrument 'saliva_ox"),
        ("[kit]\nlike = 'epds'\nlloq = -1", "a.toml:3: kit.lloq: "),
        ("[kit]\nlike = 'saliva_oxytocin'\nlloq = 5\nuloq = 4", "a.toml:4: kit.uloq: "),
        ("[kit]\nlike = 'saliva_oxytocin'\nunit = 'nmol/L'", "a.toml:3: kit.unit: "),
        ("[kit]\nlike = 'epds'\nlloqq = 1", "unknown key 'lloqq'; nearest: 'lloq'"),
        ("[epds]\nlike = 'epds'", "a name that no instrument of the package has"),
        ("['my kit']\nlike = 'epds'", "letters, digits and underscores"),
        ("kit = 3", "a.toml:1: kit: expected a table of an instrument"),
        ("[kit]\nunit = 'pg/mL'", "either `like`, an instrument that reads the same, or `reads`"),
        ("[kit]\nreads = 'cortisol'", "kit.*: expected how far readings stray"),
        ("[kit]\nlike = 'epds'\nnoise = { kind = 'adding' }", "a.toml:3: kit.noise.kind: unknown"),
        ("[kit]\nlike = 'epds'\nnoise = { kind = 'additive', floor = 1 }", "a.toml:3: kit.noise"),
        ("[kit]\nlike = 'epds'\nnoise = { kind = 'classes' }", "a.toml:3: kit.noise.kind: "),
    ],
)  # fmt: skip
def test_a_careless_file_is_told_its_line(text: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_instruments(file)
    message = str(caught.value)
    assert re.search(expected, message) or expected in message, message


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('instrument,like,lloq\nkit,saliva_oxytocin,"14,5"', "line 2, lloq: .*decimal point"),
        ("instrument,like,lloq\nkit,saliva_oxytocin,1_000", "line 2, lloq: expected a number"),
        ("instrument,like\nkit,epds\nkit,epds", "line 3: instrument 'kit' stands twice"),
        ("instrument,likes\nkit,epds", "unknown column 'likes'"),
        ("like,lloq\nepds,1", "missing: instrument"),
        ("instrument,like,sample_noise\nkit,epds,1", "line 2: noise: expected the kind of noise"),
        ("instrument,like,steady\nkit,epds,yes", "line 2, steady: expected true or false"),
    ],
)
def test_a_careless_table_is_told_its_line(rows: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(rows, encoding="utf-8")
    with pytest.raises(OxysimError, match=expected):
        read_instruments(file)


TRIAL = """
seed = 3
dyad = { population = "community", n = 6, infant_age = "6 weeks" }
[instruments.kit]
like = "saliva_oxytocin"
lloq = 14.5
uloq = 404
noise = { kind = "proportional", sample = 0.1, floor = 2.0 }
[trial]
design = "parallel"
n = 4
replications = 2
entry = "kit < 500"
allocation = { kind = "stratified", by = "kit", cuts = [20] }
[trial.arms]
nothing = ""
spray = "24 IU intranasal at 10:00"
[[trial.endpoints]]
instrument = "kit"
at = "3 h"
"""


def test_a_trial_file_brings_its_instruments(tmp_path: Path) -> None:
    file = tmp_path / "trial.toml"
    file.write_text(TRIAL, encoding="utf-8")
    plan = read_trial(file).plan
    assert plan.primary.tool == KIT and plan.user_instruments == (KIT,)
    assert plan.allocation.by == KIT  # type: ignore[attr-defined]
    assert "Instruments\n  kit: saliva_oxytocin in pg/mL" in describe_trial(read_trial(file))


def test_an_instrument_that_nothing_reads_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "trial.toml"
    file.write_text(
        TRIAL.replace('"kit"', '"saliva_oxytocin"').replace("kit <", "saliva_oxytocin <")
    )
    with pytest.raises(InputError, match=r"trial.toml:4: instruments.kit: nothing in this file"):
        read_trial(file)


def test_a_study_file_screens_with_its_instruments(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    text = """
    duration = "12 h"
    outcomes = ["caregiver.epds: final"]
    dyad = { population = "community", n = 2, select = "form >= 6", at = "2 d" }
    [instruments.form]
    like = "epds"
    rounding = 2.0
    """
    file.write_text(text, encoding="utf-8")
    who: Any = read_study(file).study.who
    assert who.wanted[0].tool == user_instrument("form", like="epds", rounding=2.0)


# -------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"like": "saliva_oxytocn"}, UnknownNameError),
        ({"reads": "saliva"}, UnknownNameError),
        ({}, InputError),
        ({"like": "epds", "reads": "epds"}, InputError),
        ({"like": "epds", "owner": "infant"}, UnknownNameError),
        ({"like": "epds", "unit": "pg/mL"}, InputError),
        ({"like": "epds", "unit": "grams"}, UnknownNameError),
        ({"like": "epds", "noise": 1.0}, InputError),
        ({"like": "saliva_oxytocin", "lloq": True}, InputError),
        ({"like": "saliva_oxytocin", "uloq": 0.5}, InputError),
        ({"like": "saliva_oxytocin", "factor": 0.0}, InputError),
        ({"like": "saliva_oxytocin", "window": "3"}, OxysimError),
        ({"like": "saliva_oxytocin", "window": "3 IU"}, OxysimError),
        ({"like": "saliva_oxytocin", "status": "known"}, UnknownNameError),
        ({"like": "saliva_oxytocin", "note": 3}, InputError),
        ({"reads": "cortisol", "noise": MeasurementNoise("classes")}, InputError),
        ({"reads": "cortisol", "noise": MeasurementNoise("binomial", 0.2)}, InputError),
        ({"like": "attachment", "noise": MeasurementNoise("additive", 1.0)}, InputError),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        user_instrument("kit", **arguments)


def test_a_name_of_the_package_is_not_taken_by_another_instrument() -> None:
    with pytest.raises(InputError, match="no instrument of the package has"):
        user_instrument("epds", like="state_anxiety")
    # also where it was made by hand
    false_friend = dataclasses.replace(INSTRUMENTS["epds"], rounding=2.0)
    with pytest.raises(InputError, match="a name of its own"):
        read(false_friend, [3.0], [0])


def test_an_instrument_made_by_hand_is_taken_as_well() -> None:
    row: Any = (
        "thrice",
        ("bond",),
        "points",
        MeasurementNoise("additive", 1.0),
        "user",
        "assumed",
        "",
    )
    tripled = Instrument(*row, expected=lambda bond: 3 * bond)
    assert read(tripled, [0.5], [0]).item() == 1.5
