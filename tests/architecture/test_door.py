"""The door: the version, the protocols, what is completed, and how little it takes to say the
version.
"""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from importlib import metadata

import pytest

import oxysim as ox
from oxysim.errors import OxysimError

PACKAGES = (
    "ensembles",
    "evidence",
    "interventions",
    "loop",
    "measures",
    "observations",
    "plots",
    "population",
    "protocols",
    "sweeps",
    "trials",
)


def test_the_version_is_the_installed_one() -> None:
    assert ox.__version__ == metadata.version("oxysim")


def test_protocols_are_imported_from_their_module() -> None:
    from oxysim.protocols import PROTOCOLS, spray_crossover

    assert ox.protocols.spray_crossover is spray_crossover
    assert set(ox.protocols.__all__) == set(importlib.import_module("oxysim.protocols").__all__)
    assert all(protocol.__name__ in dir(ox.protocols) for protocol in PROTOCOLS.values())


def test_completions_are_the_public_names() -> None:
    # loads submodules, which become attributes
    ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    assert dir(ox) == sorted([*ox.__all__, "__version__"])


@pytest.mark.parametrize("name", PACKAGES)
def test_no_submodule_stands_among_the_completions_of_a_package(name: str) -> None:
    package = getattr(ox, name)
    assert dir(package) == sorted(package.__all__)
    modules = [one for one in dir(package) if inspect.ismodule(getattr(package, one))]
    assert modules in ([], ["protocols"])


def test_the_version_is_said_without_loading_anything_large() -> None:
    code = (
        "import sys; from oxysim.cli.main import main; main(['--version']); "
        "loaded = {name.split('.')[0] for name in sys.modules}; "
        "print(*loaded & {'numpy', 'scipy', 'pandas', 'xarray', 'tqdm', 'argparse'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == [f"oxysim {ox.__version__}", "", ""]


def test_no_unit_of_1_stands_in_print() -> None:
    mothers = ox.population.sample(4, seed=1)
    day = ox.Routine.empty()
    arms = {"usual care": None, "spray": ox.NasalSpray("24 IU", at="10:00")}
    ends = [ox.Endpoint("warmth", "150 min"), ox.Endpoint("warmth", "150 min", "area", name="area")]
    result = ox.Trial(mothers, ox.Parallel(arms), ends, day=day).run(4, 3)
    people = ox.Population.named("community")
    tables = [
        ox.parameter_table(),
        ox.measures.instrument_table(),
        people.table(),
        result.effects(),
    ]
    assert all(
        "1" not in set(table["unit"]) and "1 d" not in set(table["unit"]) for table in tables
    )
    assert not re.search(r"\d 1 |\(1\)|in 1\b", result.report())
    for wrong in ({"caregiver.depression.loop_gain": -99}, {"caregiver.bond.usual_bond": "high"}):
        with pytest.raises(OxysimError) as caught:
            ox.Dyad(parameters=wrong)
        assert " in 1;" not in str(caught.value) and "-99 1" not in str(caught.value)
