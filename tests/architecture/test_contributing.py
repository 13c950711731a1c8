"""CONTRIBUTING's table keeps its promises: each kind of thing is added in as many places
as it says.

Each test writes what a developer would write into a copy of the package, runs it there, and holds
the files that were touched against those that the table's row names. Mechanisms, with a slow state
or an edge, are added in ``tests/model/test_new_mechanisms.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.changed_model import ChangedModel

TABLE = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def promised(task: str) -> str:
    """What the table says that one touches for a task."""
    (row,) = re.findall(rf"^\| {re.escape(task)} \| (.+) \|$", TABLE, flags=re.MULTILINE)
    return str(row)


LULLABY = '''"""Singing to the infant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.interventions.declared import AWAKE_AND_PRESENT, DeclaredIntervention, Writes
from oxysim.schedule.wording import MINUTES, Form, number_clauses


@dataclass(frozen=True)
class Lullaby(DeclaredIntervention):
    """A lullaby: talk, sung."""

    minutes: Any
    intensity: float = field(default=0.7, kw_only=True)

    form: ClassVar[Form] = Form(("lullaby",), MINUTES, number_clauses("intensity"))
    writes: ClassVar[tuple[Writes, ...]] = (
        Writes("caregiver", {"talk": "intensity"}, AWAKE_AND_PRESENT),
    )
'''


def test_an_intervention_is_one_new_file_and_a_name(tmp_path: Path) -> None:
    package = ChangedModel(tmp_path)
    package.new_file("interventions/lullaby.py", LULLABY)
    package.add(
        "interventions/__init__.pyi",
        "__all__ = [\n",
        '    "Lullaby",\n',
    )
    package.add(
        "interventions/__init__.pyi",
        "from oxysim.interventions.life_events import LifeEvents\n",
        "from oxysim.interventions.lullaby import Lullaby\n",
    )
    row = promised("add an intervention")
    assert "one new file in `interventions/`" in row and "`interventions/__init__.pyi`" in row
    assert set(package.touched) == {"interventions/lullaby.py", "interventions/__init__.pyi"}

    same, text, changed = package.run("""
import json, oxysim as ox
from oxysim.interventions import Lullaby, parse
lullaby = parse("lullaby 20 min at 10:00")
day = ox.Routine.typical()
affect = [ox.simulate(ox.Dyad(), part, "3 h", save="10 min")["infant.affect"].values
          for part in (day, day + lullaby)]
print(json.dumps([lullaby == Lullaby("20 min", at="10:00"), lullaby.text(),
                  bool((affect[0] != affect[1]).any())]))
""")
    assert same and text == "lullaby 20 min at 10:00" and changed


INSTRUMENT = """
    Instrument(
        "calmness",
        ("arousal",),
        "points",
        MeasurementNoise("additive", 0, 0.1),
        "assumption",
        "assumed",
        "a toy",
        low=0,
        high=200,
    ),"""


def test_an_instrument_is_one_row(tmp_path: Path) -> None:
    package = ChangedModel(tmp_path)
    package.add("measures/questionnaires.py", "SELF_REPORT = (", INSTRUMENT)
    assert "one row" in promised("add an instrument")
    assert set(package.touched) == {"measures/questionnaires.py"}

    listed, value = package.run("""
import json, oxysim as ox
result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "1 h", save="1 h")
reading = ox.measure(result, "calmness", at="09:00", seed=1)
print(json.dumps(["calmness" in set(ox.measures.INSTRUMENTS), float(reading.values.ravel()[0])]))
""")
    # resting arousal is 0.3, and the noise has an SD of 0.1
    assert listed and abs(value - 0.3) < 0.5


def test_a_kind_of_endpoint_is_one_file(tmp_path: Path) -> None:
    package = ChangedModel(tmp_path)
    place = "trials/plan/endpoints.py"
    package.add(place, 'KINDS = ("value", "change", "area", ', '"ratio", ')
    package.add(
        place,
        "                    return EndpointValues(value)\n",
        '                case "ratio":\n'
        "                    return EndpointValues(value / baseline)\n",
    )
    assert f"`{place}`" in promised("add a kind of trial endpoint")
    assert set(package.touched) == {place}

    (value,) = package.run("""
import json, numpy as np
from oxysim.trials import Endpoint
ratio = Endpoint("epds", at="6 weeks", kind="ratio")
values = ratio.outcome(np.array([[12.0, 9.0]]), np.array([0.0, 60480.0]),
                       {"baseline": 0, "6 weeks": 1}).values
print(json.dumps(values.tolist()))
""")
    assert value == 0.75


PROTOCOL = '''"""A toy trial: talk, or nothing."""

from __future__ import annotations

from oxysim.families import Family
from oxysim.interventions import AffectionateTalk
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.trial_protocol import TrialConduct, TrialProtocol, run_trial_protocol
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.protocol_report import ProtocolReport

PROTOCOL = TrialProtocol(
    name="Talk",
    question="Does the EPDS fall?",
    infant_age="2 weeks",
    pool=300,
    endpoints=(Endpoint("epds", "2 d"),),
    visits=(Visit("2 d"),),
    design={"talk": "{minutes} a day"},
)


def daily_talk(*, minutes: str = "15 min", mothers: Family, n: int = 4) -> ProtocolReport:
    """Talk to the infant every day, or not."""
    talk = AffectionateTalk(minutes, at="10:00", repeat="daily")
    arms = Parallel({"usual care": None, "talk": talk})
    return run_trial_protocol(
        PROTOCOL, arms, Recruitment(mothers), TrialConduct(n, 2), minutes=minutes
    )
'''


def test_a_protocol_is_one_new_file_and_its_name(tmp_path: Path) -> None:
    package = ChangedModel(tmp_path)
    package.new_file("protocols/daily_talk.py", PROTOCOL)
    door = "protocols/__init__.py"
    package.add(
        door,
        "from oxysim.protocols.daily_skin_to_skin import daily_skin_to_skin\n",
        "from oxysim.protocols.daily_talk import daily_talk\n",
    )
    package.add(door, "    15: psychological_treatment,\n", "    16: daily_talk,\n")
    package.add(door, '    "daily_skin_to_skin",\n', '    "daily_talk",\n')
    row = promised("add a published protocol")
    assert "one new file in `protocols/`" in row and "its name in the `__init__.py` there" in row
    assert set(package.touched) == {"protocols/daily_talk.py", door}

    rows, design = package.run("""
import json, oxysim as ox
report = ox.protocols.daily_talk(mothers=ox.Dyad(infant_age="2 weeks").repeat(4))
print(json.dumps([len(report.effects), report.design["talk"]]))
""")
    assert rows == 1 and design == "15 min a day"


FIGURE = '''"""A toy figure."""

from __future__ import annotations

from matplotlib.axes import Axes

from oxysim.plots.picture import own_axes
from oxysim.plots.style import drawing


def number_line(value: float, ax: Axes | None = None) -> Axes:
    """A number on a line."""
    with drawing():
        ax = own_axes(ax, (4, 1))
        ax.plot([0, value], [0, 0])
    return ax
'''


def test_a_figure_is_one_new_file_and_its_name(tmp_path: Path) -> None:
    package = ChangedModel(tmp_path)
    package.new_file("plots/loop/number_line.py", FIGURE)
    package.add(
        "plots/__init__.pyi",
        "from oxysim.plots.loop.loop_diagram import loop_diagram\n",
        "from oxysim.plots.loop.number_line import number_line\n",
    )
    package.add("plots/__init__.pyi", '    "loop_diagram",\n', '    "number_line",\n')
    row = promised("add a figure")
    assert "one new file" in row and "`plots/__init__.pyi`" in row
    assert set(package.touched) == {"plots/loop/number_line.py", "plots/__init__.pyi"}

    ends, listed = package.run("""
import json, oxysim as ox
ax = ox.plots.number_line(3.0)
print(json.dumps([ax.lines[0].get_xdata().tolist(), "number_line" in dir(ox.plots)]))
""")
    assert ends == [0, 3] and listed


VERB = '''"""``oxysim greet``: a toy."""

from __future__ import annotations

import argparse

from oxysim.cli.exits import Exit

NAME = "greet"
HELP = "say good morning"
DESCRIPTION = "Say good morning."
EXAMPLE = "example:\\n  oxysim greet Ada\\n"


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb."""
    parser.add_argument("name")


def run(options: argparse.Namespace) -> Exit:
    """Greet."""
    print(f"good morning, {options.name}")
    return Exit.FINISHED
'''


def test_a_verb_is_one_new_file_its_name_and_its_exit_codes(tmp_path: Path) -> None:
    package = ChangedModel(tmp_path)
    package.new_file("cli/greet_verb.py", VERB)
    package.add("cli/command.py", "from oxysim.cli import (\n", "    greet_verb,\n")
    package.add("cli/command.py", "VERBS = (", "greet_verb, ")
    package.add("cli/exits.py", "_OF_VERBS = {\n", '    "greet": _EVERY,\n')
    row = promised("add a verb to the command line")
    for place in ("one new file in `cli/`", "`cli/command.py`", "`cli/exits.py`"):
        assert place in row
    assert set(package.touched) == {"cli/greet_verb.py", "cli/command.py", "cli/exits.py"}

    (said,) = package.run("""
import contextlib, io, json
from oxysim.cli.command import run
with contextlib.redirect_stdout(io.StringIO()) as out:
    assert run(["greet", "Ada"]) == 0
print(json.dumps([out.getvalue()]))
""")
    assert said == "good morning, Ada\n"
