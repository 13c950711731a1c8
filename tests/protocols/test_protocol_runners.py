"""The runners of protocols: a new protocol is data and a few lines, and the runner adds nothing.

Each toy protocol is held against the same trial or session written out by hand.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad, Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.published import target
from oxysim.interventions import IntravenousBolus, Massage
from oxysim.interventions.daily_life import ordinary_life
from oxysim.protocols.design_words import design_words
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.protocols.trial_protocol import TrialConduct, TrialProtocol, run_trial_protocol
from oxysim.schedule import Routine
from oxysim.simulation.simulate import simulate
from oxysim.trials.participant_groups import SOLVER, groups
from oxysim.trials.plan.allocation import Blocked
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.reporting.figure_table import figure_row
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row
from oxysim.trials.trial import Trial

ENDPOINTS = (
    Endpoint("epds", "3 d", primary=True, expected="down", target="C6", name="EPDS"),
    Endpoint("epds", "3 d", "change", name="change of EPDS"),
)
VISITS = (Visit("3 d", at="10:00"),)
TRIAL = TrialProtocol(
    name="A toy trial",
    question="Does the EPDS fall in three days?",
    infant_age="2 weeks",
    pool=300,
    endpoints=ENDPOINTS,
    visits=VISITS,
    block_sizes=(4, 2),
    attendance_of="massage",
    design={
        "source": "{C6}",
        "participants": "{n} mothers",
        "sample": "{sample}",
        "massage": "{minutes} a day",
        "sessions": "{attended:.1f} of {planned:.0f}",
    },
    assumptions=("Three days are short.",),
)
PLASMA = "caregiver.plasma_oxytocin"
SESSION = SessionProtocol(
    name="A toy session",
    question="Does plasma rise?",
    participants=Participants("adults", pool=12, caregivers=("other",)),
    recording=Recording("09:30", "1 h", "5 min", (PLASMA,)),
    design={"dose": "{dose}", "sample": "{sample}"},
    assumptions=("An empty day.",),
)


def _arms() -> Parallel:
    return Parallel({"usual care": None, "massage": Massage("15 min", at="11:00", repeat="daily")})


@pytest.fixture
def mothers() -> Family:
    return Dyad(infant_age="2 weeks").repeat(6)


def test_a_trial_protocol_is_the_trial_that_its_data_say(mothers: Family) -> None:
    conduct = TrialConduct(4, 3, seed=2, scale={"reward -> depression": 0.5})
    study = run_trial_protocol(TRIAL, _arms(), Recruitment(mothers), conduct, minutes="15 min")

    trial = Trial(
        mothers,
        _arms(),
        ENDPOINTS,
        visits=VISITS,
        day=ordinary_life(),
        allocation=Blocked(4),
        life=2,
        scale={"reward -> depression": 0.5},
    )
    expected = trial.run(4, 3, 2).study()
    pd.testing.assert_frame_equal(study.effects, expected.effects)
    for key, values in expected.readings.items():
        np.testing.assert_array_equal(study.readings[key], values)
    assert (study.name, study.question) == (TRIAL.name, TRIAL.question)
    assert study.assumptions == TRIAL.assumptions


def test_a_trial_protocol_says_its_design_in_words(mothers: Family) -> None:
    study = run_trial_protocol(
        TRIAL, _arms(), Recruitment(mothers), TrialConduct(4, 2), minutes="15 min"
    )
    words = dict(study.design)
    assert words["source"] == target("C6").source
    assert words["participants"] == "4 mothers"
    assert words["sample"] == "6 mothers given by the user"
    assert words["massage"] == "15 min a day"
    assert words["sessions"] == "3.0 of 3"  # the trial ends at a visit before the fourth
    assert "edges" not in words


@pytest.mark.parametrize(("n", "size"), [(12, 4), (10, 2), (7, 2)])
def test_blocks_of_the_allocation_divide_the_participants_where_they_can(n: int, size: int) -> None:
    assert TRIAL.allocation(n) == Blocked(size)


def test_a_bad_conduct_is_refused_before_anybody_is_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "oxysim.protocols.trial_protocol.trial_pool", lambda *_, **__: pytest.fail("enrolled")
    )
    conduct = TrialConduct(4, 2, adherence=3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="adherence: expected an Adherence or None; found 3"):
        run_trial_protocol(TRIAL, _arms(), Recruitment(), conduct, minutes="15 min")


def test_a_session_protocol_is_the_session_that_its_data_say() -> None:
    edges = EdgeChanges.of(scale={"reward -> depression": 0.5})
    bolus = IntravenousBolus("2 IU", at="10:00")
    session = SESSION.enrol(Recruitment(pool=5), edges=edges, seed=3)
    taking_part = session.draw(3, 4)
    result = session.simulate(bolus)
    expected = simulate(
        session.families,
        Routine.empty() + bolus,
        "1 h",
        start="09:30",
        save="5 min",
        variables=[PLASMA],
        solver=SOLVER,
        seed=3,
        scale={"reward -> depression": 0.5},
    )
    np.testing.assert_array_equal(result[PLASMA].values, expected[PLASMA].values)
    np.testing.assert_array_equal(taking_part.position, groups(5, 3, 4, 3).position)

    drawn = taking_part.series(result, "plasma_oxytocin", [595.0, 605.0], seed=3)
    row = effect_row(
        paired(drawn[..., 0], drawn[..., 1]), outcome="rise", contrast="after - before",
        unit="pg/mL", expected="up",
    )  # fmt: skip
    study = SESSION.report(
        edges=edges,
        arms={"bolus": result},
        readings={"plasma | bolus": drawn},
        effects=[row],
        figures=[figure_row([1.0, 2.0], n=3, quantity="a", unit="1")],
        further_design={"day": "empty"},
        dose="2 IU",
        sample=session.sample,
    )
    assert list(study.design) == ["dose", "sample", "day", "edges"]
    assert study.effects["outcome"].tolist() == ["rise"]
    assert study.figures["simulated"].tolist() == [1.5]
    assert study.report().startswith("A toy session\nDoes plasma rise?\n")


def test_who_comes_to_a_session_can_differ_from_the_protocol() -> None:
    fathers = Participants("fathers", pool=3, caregivers=("father",))
    session = SESSION.enrol(Recruitment(), edges=EdgeChanges.of(), seed=0, participants=fathers)
    assert (len(session.families), session.families.caregivers) == (3, ("father",))
    with pytest.raises(InputError, match="fathers, pool: fathers are given"):
        SESSION.enrol(
            Recruitment(session.families, pool=2),
            edges=EdgeChanges.of(),
            seed=0,
            participants=fathers,
        )


def test_a_template_names_a_value_or_a_finding() -> None:
    words = design_words({"a": "{n} by {C6}, {x:.1f}"}, {"n": 3, "x": 2.04})
    assert words == {"a": f"3 by {target('C6').source}, 2.0"}
    with pytest.raises(UnknownNameError, match="unknown published finding 'C66'"):
        design_words({"a": "{C66}"}, {})
