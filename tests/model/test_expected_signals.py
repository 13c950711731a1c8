"""What a cut edge passes: the usual signal, and its slope along the routine's contact (decision
0072).

``scripts/cut_shifts.py`` prints how far each cut moves the reference dyad; here the list is held.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError
from oxysim.model import registry
from oxysim.model.inputs import CAREGIVER_CHANNELS, CaregiverInputs, planned_contact
from oxysim.model.mechanisms.engagement import contact
from oxysim.model.registry import ROLES, by_edge_name, multiplier_table, neutral
from oxysim.model.structure import InfantEdges
from oxysim.model.transmission import expected_signals, transmit
from oxysim.schedule import Routine, Talk, as_schedule
from oxysim.schedule.bouts import levels_of
from oxysim.simulation.averaging.daily_mean import DailySignal
from oxysim.simulation.equations.python_code import equations_shape, usual_leaves
from oxysim.simulation.input_pieces import InputPieces, stages_of
from oxysim.simulation.reference_signals import usual_signals
from oxysim.units import DAY

SCRIPT: Any = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "cut_shifts.py"))
# EPDS points that a cut may move the reference dyad
IN_30_DAYS, AT_REST = SCRIPT["IN_30_DAYS"], SCRIPT["AT_REST"]
# those whose signals go with contact most, or that moved it farthest with means alone
HANDFUL = (
    "suckling -> caregiver_oxytocin",
    "serotonin -> reward",
    "infant_affect -> synchrony",
    "warmth -> infant_affect",
    "reward -> depression",
)


@pytest.mark.parametrize("role", ROLES)
def test_a_cut_leaves_the_reference_dyad_where_it_is(role: str) -> None:
    """In the full model; from twelve months on neither day nor usual signals change with age."""
    n = len(HANDFUL) + 1
    cuts = {edge: np.where(np.arange(n) == k, 0.0, 1.0) for k, edge in enumerate(HANDFUL)}
    dyads = ox.Dyad(role, infant_age="380 d", parameters=SCRIPT["REFERENCE"]).repeat(n)
    epds = f"{role}.epds"
    course = ox.simulate(
        dyads,
        Routine.household((role,)),
        "300 d",
        save=["30 d", "300 d"],
        variables=[epds],
        scale=cuts,
        solver=ox.Solver(rtol=1e-5),
    )[epds].values
    moved = np.abs(course[:-1] - course[-1])
    assert (moved[:, 0] < IN_30_DAYS).all() and (moved[:, 1] < AT_REST).all(), moved


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_every_cut_leaves_the_reference_dyad_of_every_role_where_it_is(role: str) -> None:
    shifts = SCRIPT["shifts"](role)
    assert set(shifts) == set(registry.edges())
    moved = {
        edge: shift
        for edge, shift in shifts.items()
        if not (abs(shift.in_30_days) < IN_30_DAYS and abs(shift.at_rest) < AT_REST)
    }
    assert not moved


# --------------------------------------------------------------------------------------
# the rule
def test_a_whole_edge_passes_the_signal_and_a_cut_one_what_is_expected() -> None:
    usual, slope, excess, signal = 2.0, 0.5, -0.25, 3.0
    expected = expected_signals(0.0, usual, slope, excess)
    assert expected == 2.0 + 0.5 * -0.25
    assert transmit(1.0, signal, expected) == signal
    assert transmit(0.0, signal, expected) == expected
    assert transmit(0.5, signal, expected) == (signal + expected) / 2


def test_groups_of_whole_edges_have_no_expected_signals() -> None:
    usual = neutral(("mother",))
    table = multiplier_table(InfantEdges, {"care -> infant_methylation": 0.0})
    expected = expected_signals(table, usual.infant, usual.infant_slopes.edges, 0.1)
    assert expected.infant_methylation.care == 1.0
    assert [group for group in expected if group is not None] == [expected.infant_methylation]


def test_whole_edges_take_no_slopes() -> None:
    """Nothing of it is handed to code in which every edge is whole, but the mean of contact."""
    signals, who = usual_signals(("mother",), 1), ox.Dyad()
    whole = usual_leaves(signals, equations_shape(who.resolved(index=0)))
    n_edges = len(registry.edges())
    assert len(whole) == n_edges + 2
    every = who.resolved(dict.fromkeys(registry.edges(), 1.0), 0)
    assert len(usual_leaves(signals, equations_shape(every))) == 2 * n_edges + 2


# --------------------------------------------------------------------------------------
# slopes
def test_a_slope_is_that_of_the_regression_on_contact() -> None:
    rng = np.random.default_rng(5)
    contact = rng.uniform(0, 0.6, (40, 1))
    values = 3.0 + 0.8 * contact + rng.normal(0, 0.1, (40, 1))
    signal = DailySignal(values[0].copy(), contact[0].copy())
    # in parts, as the pieces of a day come
    for part in (slice(0, 7), slice(7, 40)):
        signal.add(values[part], contact[part], 1 / 40)
    slope, level = np.polyfit(contact[:, 0], values[:, 0], 1)
    np.testing.assert_allclose(signal.slope, [slope], rtol=1e-12)
    np.testing.assert_allclose(signal.mean, [values.mean()], rtol=1e-12)
    assert level == pytest.approx(values.mean() - slope * contact.mean(), rel=1e-12)


def test_a_routine_that_never_changes_has_no_slope() -> None:
    # .1 is no binary fraction: what is summed from it as it is has a variance by rounding
    contact, values = np.full((30, 1), 0.1), np.linspace(1, 2, 30)[:, None]
    signal = DailySignal(values[0].copy(), contact[0].copy())
    signal.add(values, contact, 1 / 30)
    assert signal.slope.tolist() == [0.0]


def test_slow_signals_have_the_slope_of_their_swing_and_contact_has_that_of_itself() -> None:
    """Slow states swing within the usual day. A slope is at most the signal's standard deviation,
    thus half its swing, over that of contact: .44.
    """
    signals = usual_signals(("mother",), 1)
    mother, infant = signals.caregiver_slopes[0].edges, signals.infant_slopes.edges
    # of what `simulate` gives of that day
    bond_swing, depression_swing, methylation_swing = 3.6e-5, 0.018, 2.4e-4
    assert abs(mother.engagement.bond) < bond_swing / 2 / 0.44
    assert abs(mother.affect.depression) < depression_swing / 2 / 0.44
    assert abs(infant.infant_receptors.methylation) < methylation_swing / 2 / 0.44
    # care is the contact that happens, which is the routine's in the reference dyad
    assert infant.infant_methylation.care == pytest.approx(1.0, abs=0.02)


# --------------------------------------------------------------------------------------
# the routine's contact
COLUMN = list(CAREGIVER_CHANNELS).index("routine_contact")
DAY_OF_TALK = Routine((Talk("10:00", "60 min", intensity=0.4, gaze=0.0),))


def _contact(schedule: Any, *minutes: float) -> list[float]:
    plan = as_schedule(schedule).realise(0.0, DAY)
    return [float(v) for v in plan.inputs_at("mother", list(minutes))[:, COLUMN]]


def test_interventions_add_no_routine_contact() -> None:
    busy = DAY_OF_TALK + ox.SkinToSkin("30 min", at="12:00")
    assert _contact(busy, 605, 725) == [0.4, 0.0]


def test_what_an_intervention_hides_of_the_routine_counts_as_its_mean() -> None:
    """A stretch makes no edge where the levels in force do not change."""
    alone, hidden = DAY_OF_TALK, DAY_OF_TALK + ox.PlaySession("120 min", at="09:30")
    edges = hidden.realise(0.0, DAY).edges
    assert 600.0 not in edges and 570.0 in edges
    assert _contact(alone, 595, 605) == [0.0, 0.4]
    # 60 of 120 minutes
    assert _contact(hidden, 575, 605, 685) == pytest.approx([0.2] * 3, rel=1e-12)


def test_absence_leaves_no_contact() -> None:
    day = Routine((*DAY_OF_TALK.activities, ox.Absence("10:30", "60 min")))
    assert _contact(day, 615, 645) == [0.4, 0.0]


def test_no_activity_and_no_intervention_writes_routine_contact() -> None:
    with pytest.raises(InputError, match="routine_contact follows from the routine's contact"):
        levels_of("mother", {"talk": 0.2, "routine_contact": 1.0}, "a visit")


def test_a_cut_takes_what_an_intervention_adds() -> None:
    """Over a cut edge what is added to the routine is a deviation, however much contact it is."""
    cut = ["touch -> infant_oxytocin", "warmth -> infant_oxytocin", "voice -> infant_oxytocin"]
    cut += ["feeding -> infant_oxytocin", "mind_mindedness -> infant_oxytocin"]
    treated, untreated = (
        ox.simulate(ox.Dyad(), day, "3 h", start="09:00", save="10 min", cut=cut)
        for day in (DAY_OF_TALK + ox.Massage("30 min", at="10:15"), DAY_OF_TALK)
    )
    courses = [r["infant.plasma_oxytocin"].values[0] for r in (treated, untreated)]
    np.testing.assert_allclose(*courses, rtol=1e-6)
    # what goes with the hour of talk is passed on
    assert courses[0].max() > 1.05 * courses[0][0]


def test_planned_contact_is_what_interaction_saturates_in() -> None:
    """The routine's contact and the mechanism's are one sum, written twice."""
    p = ox.Dyad().resolved(index=0).caregivers[0].engagement
    rng = np.random.default_rng(3)
    for levels in rng.uniform(0, 1, (20, len(CAREGIVER_CHANNELS))):
        u = CaregiverInputs(*levels.tolist())
        social = planned_contact(u)
        interaction = social / (p.interaction_half + social)
        assert contact(u, 1.0, p).interaction == pytest.approx(interaction, rel=1e-12)


# --------------------------------------------------------------------------------------
# everybody who integrates
CUTS = {
    "warmth -> infant_affect": 0.0,
    "reward -> depression": 0.4,
    "touch -> infant_oxytocin": 0.0,
}


def test_the_engines_agree_on_cut_edges_where_the_usual_signals_change() -> None:
    """At 91 days the usual signals are those of another stage: midnight of this run."""
    names = ["mother.depression", "mother.affect", "infant.affect", "infant.plasma_oxytocin"]
    courses = [
        ox.simulate(
            ox.Dyad(infant_age="90 d"),
            Routine.typical() + ox.Massage("20 min", at="23:00"),
            "6 h",
            start="22:00",
            save="30 min",
            variables=names,
            scale=CUTS,
            usual_day=Routine.empty(),
            engine=engine,
            solver=solver,
        )
        for engine, solver in (
            ("compiled", ox.Solver(rtol=1e-8)),
            ("scipy", ox.Solver("DOP853", rtol=1e-9)),
        )
    ]
    for name in names:
        np.testing.assert_allclose(*(c[name].values for c in courses), rtol=1e-6)


def test_dyads_of_different_stages_that_step_together_have_slopes_of_their_own() -> None:
    ages = np.array([100.0, 400.0, 100.0]) * DAY
    stages = stages_of(ages)
    table = InputPieces(
        index=np.arange(3),
        edges=np.zeros((2, 3)),
        levels={},
        stages=stages[None, :],
        output=np.zeros((2, 3), dtype=np.int64),
    )
    mixed = table.usual(0, ("mother",))
    for dyad, stage in enumerate(stages.tolist()):
        alone = usual_signals(("mother",), stage)
        assert mixed.infant_slopes.usual_contact[dyad] == alone.infant_slopes.usual_contact
        slopes = by_edge_name(mixed.caregiver_slopes[0].edges)
        for edge, slope in by_edge_name(alone.caregiver_slopes[0].edges).items():
            assert slopes[edge][dyad] == slope, edge
