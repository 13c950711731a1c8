"""What is legal but implausible is simulated, listed in the provenance, and said once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim import interventions as kinds
from oxysim import sweeps
from oxysim.cli.command import run
from oxysim.cohorts.follow_up import follow
from oxysim.families import Family
from oxysim.model import registry
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS
from oxysim.protocols import PROTOCOLS, spray_crossover
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.plausibility import implausible, once, warn_of
from oxysim.studies import read_study
from oxysim.studies.description import describe
from oxysim.sweeps.methods import methods
from oxysim.trials.plan.adherence import AsAdministered

ODD = {"mother.oxytocin.suckling": 500, "mother.stress.cortisol_half_life": "0.001 min"}
LOUD = kinds.Stressor("5 min", at="08:10", of="caregiver", intensity=8.0)
# takes stiffness
SHORT: dict[str, Any] = {"variables": ["caregiver.epds"], "save": "1 h", "engine": "compiled"}


def heard(call: Callable[[], Any]) -> list[warnings.WarningMessage]:
    """The warnings of implausible values that a call gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [value for value in caught if value.category is ox.ImplausibleValueWarning]


def test_each_says_what_of_its_own_values_is_implausible() -> None:
    loud = "stressor of the caregiver, stressor"
    assert [value.name for value in ox.Dyad(parameters=ODD).implausible] == list(ODD)
    assert [value.name for value in LOUD.implausible] == [loud]
    assert Routine.typical().implausible == ()
    assert (Routine.typical() + LOUD).implausible == LOUD.implausible

    # what a participant is given is judged where it was planned
    administered = AsAdministered(LOUD, period_length=60.0)
    assert administered.implausible is LOUD.implausible


def test_one_run_says_all_of_it_in_one_warning_and_lists_it() -> None:
    reported = []
    (warning,) = heard(
        lambda: reported.append(ox.simulate(ox.Dyad(parameters=ODD), LOUD, "1 h", **SHORT))
    )
    assert warning.filename == __file__  # it points at whoever asked, not into the library
    for text in (
        (
            "mother.oxytocin.suckling = 500 (plausible 1.5 to 5; range of the row, derived:"
            " uvnasmoberg2020)"
        ),
        (
            "mother.stress.cortisol_half_life = 0.001 min (plausible 10 to 35 min; range of the"
            " row, derived: ecjy6"
        ),
        (
            "stressor of the caregiver, stressor = 8 (plausible 0 to 3; three times a laboratory"
            " stressor, which is 1"
        ),
    ):
        assert text in str(warning.message)
        assert text in ox.provenance(reported[0])
    names = [value["name"] for value in reported[0].provenance["implausible"]]
    assert names == [*ODD, "stressor of the caregiver, stressor"]


def test_a_saved_result_has_it_still(tmp_path: Path) -> None:
    with pytest.warns(ox.ImplausibleValueWarning):
        result = ox.simulate(ox.Dyad(parameters=ODD), Routine.empty(), "1 h", **SHORT)
    result.save(tmp_path / "odd.nc")
    assert "suckling = 500 (plausible 1.5 to 5" in ox.provenance(
        ox.Result.load(tmp_path / "odd.nc")
    )


# ------------------------------------------------------------------------------------- what is
# said, and what is not
@pytest.mark.parametrize("name", registry.parameters())
def test_a_row_is_plausible_to_both_ends_of_its_range_and_no_further(name: str) -> None:
    row = registry.parameters()[name]
    row_name = name.replace("caregiver.", "mother.")
    width = row.high - row.low
    for value, odd in (
        (row.low, False), (row.high, False), (row.default, False),
        (row.low - width / 50, True), (row.high + width / 50, True),
    ):  # fmt: skip
        if row.legal[0] <= value <= row.legal[1]:
            reported = implausible(Family(parameters={row_name: value}), [])
            assert [value.name for value in reported] == [row_name] * odd, value


def test_defaults_of_every_role_and_drawn_dyads_are_plausible() -> None:
    roles = tuple(registry.ROLES)
    explicit = {
        f"{member}.{rest}": row.default_for(member if kind == "caregiver" else "")
        for name, row in registry.parameters().items()
        for kind, _, rest in [name.partition(".")]
        for member in (roles if kind == "caregiver" else ("infant",))
    }
    assert implausible(Family(roles, parameters=explicit), [Routine.household(roles)]) == ()
    community = ox.Population.named("community")
    assert implausible(community.sample(3000, seed=1, caregivers=roles[:2]), []) == ()
    assert all(
        implausible(value.sample(3, seed=1), []) == () for value in community.plausible(10, seed=2)
    )


def test_a_population_whose_trait_or_shared_value_is_odd_is_named() -> None:
    community = ox.Population.named("community")
    (trait,) = implausible(
        community.with_trait("caregiver.stress.reactivity", centre=500.0).sample(2, seed=1), []
    )
    assert (trait.name, trait.low, trait.high) == ("mother.stress.reactivity", 0.3, 1.6)
    (value,) = implausible(
        community.with_values({"caregiver.stress.cortisol_half_life": 0.001}).sample(2, seed=1), []
    )
    assert (value.name, value.value) == ("mother.stress.cortisol_half_life", 0.001)


def test_a_rhythm_that_is_switched_off_is_no_implausible_one() -> None:
    """Protocol 3 takes the infants' rhythm away: the least that the row allows stands for none."""
    assert implausible(ox.Dyad(parameters={"infant.stress.cortisol_rhythm": 1e-6}), []) == ()
    assert implausible(ox.Dyad(parameters={"infant.stress.cortisol_rhythm": 1e-5}), []) != ()


def test_what_a_catalogue_of_a_day_writes_by_default_is_plausible() -> None:
    named = [
        ox.NasalSpray("100 IU", at="10:00"),
        kinds.NasalSpray("24 IU", "5 s", at="10:00"),
        LOUD.__class__("5 min", at="10:00"),
        kinds.Antidepressant(3.0),
        kinds.SocialSupport(),
        kinds.LifeEvents(3.0),
        ox.DailyLife(),
        kinds.IntravenousBolus("10 IU", at="10:00"),
        kinds.StillFace("2 min", at="10:00"),
    ]
    assert (
        implausible(ox.Dyad(), [Schedule(Routine.typical("mother"), (value,)) for value in named])
        == ()
    )
    rows = [*CAREGIVER_CHANNELS.values(), *INFANT_CHANNELS.values()]
    assert all(abs(row.rest) <= row.plausible <= row.high for row in rows)
    odd = implausible(ox.Dyad(), [kinds.SocialSupport(2.5), kinds.LifeEvents(7.0)])
    assert [(value.value, value.high) for value in odd] == [(2.5, 2), (7.0, 5)]


# -------------------------------------------------------------------------------------------- once,
# however many runs
def test_work_of_several_runs_says_a_thing_once() -> None:
    odd = implausible(ox.Dyad(parameters=ODD), [])

    def twice() -> None:
        with once():
            warn_of(odd)
            warn_of(implausible(ox.Dyad(parameters=ODD), [LOUD]))

    first, second = heard(twice)
    assert "suckling" in str(first.message)
    assert "suckling" not in str(second.message)
    assert len(heard(lambda: [warn_of(odd), warn_of(odd)])) == 2


def test_every_protocol_says_it_once() -> None:
    assert all(hasattr(value, "__wrapped__") for value in PROTOCOLS.values())
    mothers = ox.Dyad(parameters={"mother.stress.reactivity": np.array([0.8, 9.0, 0.8, 0.8])})
    (warning,) = heard(lambda: spray_crossover(mothers=mothers, n=2, replications=1))
    assert "mother.stress.reactivity = 9 (plausible 0.3 to 1.6" in str(warning.message)


def test_a_cohort_says_it_once_for_all_its_blocks() -> None:
    family = ox.Dyad(
        infant_age="0 d", parameters={"mother.stress.reactivity": np.array([9.0, 0.8, 9.0])}
    )
    assert len(heard(lambda: follow(family, until="1 d", block=1))) == 1


def test_a_trial_says_it_once_with_what_its_arms_give(tmp_path: Path) -> None:
    arms = {"usual": None, "drug": kinds.SocialSupport(2.5)}
    family = ox.Dyad(parameters={"mother.oxytocin.suckling": 500}).repeat(4)
    trial = ox.Trial(family, ox.Parallel(arms), [ox.Endpoint("epds", at="1 d")])
    (warning,) = heard(lambda: [trial.run(4, 2, seed) for seed in (1, 2)])
    assert "suckling = 500" in str(warning.message)
    assert "support = 2.5 (plausible 0 to 2" in str(warning.message)


def test_a_sweep_says_it_once_in_its_dataset_and_in_words() -> None:
    def study(design: Any) -> ox.Study:
        added = {"scare": kinds.Stressor("5 min", at="08:10", of="caregiver")}
        return ox.Study(
            ox.Dyad(), "1 h", design, interventions=added, outcomes=["caregiver.epds: final"]
        )

    odd = study(sweeps.grid({"mother.oxytocin.suckling": [2, 500], "scare.intensity": [1.0, 9.0]}))
    reported: list[Any] = []
    (warning,) = heard(lambda: reported.append(ox.sweep(odd, workers=1)))
    for text in (
        str(warning.message),
        reported[0].attrs["implausible"],
        describe(odd),
        methods(odd),
    ):
        assert "mother.oxytocin.suckling" in text
        assert "stressor of the caregiver, stressor" in text
    drawn = study(
        sweeps.latin_hypercube(
            {"mother.oxytocin.suckling": None, "infant.affect.usual": None}, 40, seed=1
        )
    )
    assert drawn.implausible == ()  # a row's own range, to its ends


def test_a_study_file_says_it_when_it_is_described_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(
        'title = "Odd"\nduration = "1 h"\noutcomes = ["caregiver.epds: final"]\n[dyad]\n'
        '[dyad.parameters]\n"mother.oxytocin.suckling" = 500\n',
        encoding="utf-8",
    )
    assert "Legal but implausible: mother.oxytocin.suckling = 500 (plausible" in describe(
        read_study(path).study
    )
    assert run(["simulate", str(path), "--quiet"]) == 0
    printed = capsys.readouterr().err
    assert printed.startswith(
        "oxysim: legal but implausible, simulated as it is: mother.oxytocin.suckling = 500"
    )
    assert printed.count("\n") == 1
