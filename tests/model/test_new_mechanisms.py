"""What CONTRIBUTING.md promises to whoever adds to the model: the places it names are enough.

Each test copies the package, writes there what a developer would write, and runs the copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.changed_model import ChangedModel

FATIGUE = '''
"""A toy: tiredness of a caregiver, over days.

    d logit(U)/dt = (logit(U_0) + u_a·(arousal − usual) − logit(U)) / τ_U
"""

from __future__ import annotations

from typing import NamedTuple

from oxysim.model.mechanisms.shapes import logit, logit_relaxation
from oxysim.model.rows import parameter, state

FATIGUE = state(
    "1", 0.3, 1e-9, 1, 0.5, "slow", "tiredness, 0 to 1",
    set_point="fatigue.usual_fatigue", time_constant="fatigue.time_constant", ceiling=1.0, worse=+1)


class Parameters(NamedTuple):
    usual_fatigue: float = parameter(
        "U_0", "fraction", 0.3, 0.1, 0.5, "logit-normal", "assumption", "assumed", "a toy")
    arousal_gain: float = parameter(
        "u_a", "1", 0.5, 0.1, 2, "lognormal", "assumption", "assumed", "a toy")
    time_constant: float = parameter(
        "τ_U", "d", 10, 5, 20, "lognormal", "assumption", "assumed", "a toy")


def rate(fatigue: float, arousal: float, usual: float, p: Parameters) -> float:
    """dU/dt, per min."""
    x = logit(p.usual_fatigue) + p.arousal_gain * (arousal - usual)
    return logit_relaxation(fatigue, x, p.time_constant)
'''
RATE_LINES = """
        fatigue=fatigue.rate(
            s.fatigue, r.depression.caregiver_arousal,
            n.depression.caregiver_arousal, p.fatigue),"""


def with_fatigue(folder: Path) -> ChangedModel:
    """A model with one more slow state: one new file, its name, and a short edit in two files."""
    model = ChangedModel(folder)
    model.new_file("model/mechanisms/fatigue.py", FATIGUE)
    model.add("model/mechanisms/__init__.py", "    engagement,\n", "    fatigue,\n")
    # the state's line, and that of its parameters
    model.add(
        "model/structure.py", "m.bond.CONFIDENCE\n", "    fatigue: float = m.fatigue.FATIGUE\n"
    )
    model.add(
        "model/structure.py", "bond: m.bond.Parameters\n", "    fatigue: m.fatigue.Parameters\n"
    )
    # its name, and its rate
    model.add("model/dyad.py", "    development,\n", "    fatigue,\n")
    model.add("model/dyad.py", "    return CaregiverState(", RATE_LINES)
    return model


@pytest.fixture(scope="module")
def tired(tmp_path_factory: pytest.TempPathFactory) -> ChangedModel:
    return with_fatigue(tmp_path_factory.mktemp("tired"))


def test_a_slow_state_is_one_new_file_and_two_short_edits(tired: ChangedModel) -> None:
    edited = {path: lines for path, lines in tired.touched.items() if "fatigue" not in path}
    names, structure, rates = (
        "model/mechanisms/__init__.py", "model/structure.py", "model/dyad.py",
    )  # fmt: skip
    assert set(edited) == {names, structure, rates}
    assert edited[names] == 1
    assert edited[structure] == 2


SIMULATED = """
import json
from oxysim import Dyad, simulate
from oxysim.schedule import Routine

dyad = Dyad.reference().with_start({"caregiver.fatigue": 0.6})
names, day = ["mother.fatigue", "mother.depression"], Routine.typical()
courses = {
    engine: simulate(dyad, day, "4 d", start="00:00", save="1 d", variables=names, engine=engine)
    for engine in ("scipy", "compiled")
}
print(json.dumps({
    engine: [course[name].values[0].tolist() for name in names]
    for engine, course in courses.items()
}))
"""


def test_a_new_slow_state_runs_on_both_engines(tired: ChangedModel) -> None:
    answers = tired.run(SIMULATED)
    days = np.arange(5.0)
    fatigue = np.array(answers["scipy"][0])
    # It relaxes on the logit scale with its ten days; the start is the mean of the first day, and
    # arousal swings about its usual value within each.
    logit = np.log(0.3 / 0.7) + (np.log(0.6 / 0.4) - np.log(0.3 / 0.7)) * np.exp(-(days - 0.5) / 10)
    np.testing.assert_allclose(np.log(fatigue / (1 - fatigue)), logit, atol=0.02)
    # nothing else knows of it: mood rests where it did
    np.testing.assert_allclose(answers["scipy"][1], 5.41, atol=0.1)
    np.testing.assert_allclose(answers["compiled"], answers["scipy"], rtol=1e-4)


REGIMES = """
import json
from oxysim import Dyad, loop

dyad = Dyad.symptomatic()
system = loop.AveragedSystem(dyad)
found = loop.regimes(dyad)
print(json.dumps({
    "names": system.names,
    "days": dict(zip(system.names, system.times)),
    "regimes": [[one.word, one.stable, one.averaged["mother.fatigue"]] for one in found.found],
}))
"""


def test_a_new_slow_state_is_part_of_the_regimes(tired: ChangedModel) -> None:
    answers = tired.run(REGIMES)
    assert answers["names"][0] == "mother.depression"
    assert answers["days"]["mother.fatigue"] == pytest.approx(10)
    words = [word for word, _, _ in answers["regimes"]]
    assert words == ["recovered", "at the cut-off", "symptomatic"]
    assert [stable for _, stable, _ in answers["regimes"]] == [True, False, True]
    # arousal is hardly off its usual value, so fatigue rests near its set point
    np.testing.assert_allclose([level for *_, level in answers["regimes"]], 0.3, atol=0.02)


LOOP_AND_COHORT = """
import json
import oxysim as ox
from oxysim import cohorts, loop

dyad = ox.Dyad.symptomatic("2 weeks")
found = loop.regimes(ox.Dyad.symptomatic())
verified = loop.verify(found, weeks=2)
own = float(ox.Dyad.symptomatic().value("caregiver.depression.loop_gain"))
branches = loop.branch(
    ox.Dyad.symptomatic(), "caregiver.depression.loop_gain", own - 0.02, own + 0.02)
asked = loop.Rescue(
    dyad, {"skin_to_skin.minutes": ["20 min", "120 min"]},
    {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 2 weeks")}, followed="6 weeks")
rescue = asked.run()
cohort = cohorts.follow(None, 6, until="4 weeks", seed=1, every="1 week")
print(json.dumps({
    "verified": verified["verified"].tolist(),
    "branches": [list(branches.names), len(branches.branches)],
    "rescue": rescue.at_end.values.ravel().tolist(),
    "cohort": cohort["mother.fatigue"].values[:, -1].tolist(),
}))
"""


@pytest.mark.long
def test_a_new_slow_state_goes_through_branches_rescue_and_cohorts(tired: ChangedModel) -> None:
    answers: dict[str, Any] = tired.run(LOOP_AND_COHORT)
    assert answers["verified"] == [True, True, True]
    assert "mother.fatigue" in answers["branches"][0]
    assert answers["branches"][1] == 3
    assert np.isfinite(answers["rescue"]).all()
    assert len(answers["rescue"]) == 2
    fatigue = np.array(answers["cohort"])
    assert fatigue.shape == (6,)
    assert ((0.1 < fatigue) & (fatigue < 0.6)).all()


# --------------------------------------------------------------------------------------
# an edge
GAIN = 0.8
EDGES_OF_DEPRESSION = '"assumed", "depression persists by itself")\n'
NEW_EDGE = """    mind_mindedness: float = edge(
        "assumption", "assumed", "a toy: mind-mindedness lifts mood", dyadic=True)
"""
TERM = f"        + {GAIN} * (usual.mind_mindedness - received.mind_mindedness)\n"
SIGNAL = "        mind_mindedness=s.mentalising,\n"


@pytest.fixture(scope="module")
def minding(tmp_path_factory: pytest.TempPathFactory) -> ChangedModel:
    """A model in which mood receives mind-mindedness: its file, and the line of its signal."""
    model = ChangedModel(tmp_path_factory.mktemp("minding"))
    mechanism = "model/mechanisms/depression.py"
    model.add(mechanism, EDGES_OF_DEPRESSION, NEW_EDGE)
    model.add(mechanism, "        + vulnerability\n", TERM)
    model.add("model/signals.py", "    return depression.Edges(\n", SIGNAL)
    return model


def test_an_edge_is_its_row_and_the_line_of_its_signal(minding: ChangedModel) -> None:
    assert set(minding.touched) == {"model/mechanisms/depression.py", "model/signals.py"}
    assert minding.touched["model/signals.py"] == 1


EDGE_RUNS = """
import json
import numpy as np
import oxysim as ox
from oxysim import loop
from oxysim.simulation.reference_signals import usual_signals

EDGE = "mind_mindedness -> depression"
low = ox.Dyad.reference().with_start({"caregiver.mentalising": -0.8})

def mood(**changes):
    names = ["mother.depression", "mother.mentalising"]
    day = ox.Routine.typical()
    course = ox.simulate(low, day, "1 d", start="00:00", save="1 d", variables=names, **changes)
    return [course[name].values[0].tolist() for name in names]

table = ox.edge_table()
system = loop.AveragedSystem(ox.Dyad.symptomatic())
gains = loop.edge_gains(system, system.start)
print(json.dumps({
    "usual": usual_signals(("mother",), 1).caregivers[0].depression.mind_mindedness,
    "listed": EDGE in table.index or EDGE in table.astype(str).to_numpy(),
    "whole": mood(),
    "cut": mood(cut=[EDGE]),
    "doubled": mood(scale={EDGE: 2.0}),
    "gain": float(gains.set_index("edge").loc[EDGE, "gain"]),
}))
"""


def test_a_new_edge_is_listed_cut_scaled_and_has_a_gain(minding: ChangedModel) -> None:
    answers = minding.run(EDGE_RUNS)
    assert answers["listed"]
    # mind-mindedness rests at its set point in the reference dyad: what the edge usually passes
    assert answers["usual"] == pytest.approx(0.0, abs=0.005)

    # Over a day, d logit(D/30) = gain · multiplier · (usual − mind) · day / τ_D.
    mind = np.mean(answers["whole"][1])
    expected = GAIN * (answers["usual"] - mind) / 21
    change = {
        name: float(np.diff(np.log(np.array(depression) / (30 - np.array(depression))))[0])
        for name, (depression, _) in ((n, answers[n]) for n in ("whole", "cut", "doubled"))
    }
    assert change["whole"] - change["cut"] == pytest.approx(expected, rel=0.05)
    assert change["doubled"] - change["cut"] == pytest.approx(2 * expected, rel=0.05)
    assert abs(answers["gain"]) > 0.01
