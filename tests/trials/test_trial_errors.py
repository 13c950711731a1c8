"""Trials that cannot be are refused before anything is simulated: which thing, what was found, what
was expected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.families import Family
from oxysim.interventions import DailyLife, Massage
from oxysim.population import Population, sample
from oxysim.schedule import Routine
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import Blocked, Randomised, Stratified
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.power_analysis import power
from oxysim.trials.trial import Trial

MASSAGE = Massage("15 min daily at 10:30")
STROKING = Massage("10 min daily at 16:00")
TWO = {"usual care": None, "massage": MASSAGE}
EPDS = Endpoint("epds", "2 d")


@pytest.fixture(scope="module")
def family() -> Family:
    return sample(24, seed=5, infant_age="2 months")


def _six() -> Randomised:
    position = np.tile(np.arange(6), (2, 1))
    return Randomised(0, position, Family(dyads=range(6)), lambda _: position.astype(float))


def _trial(**changes: Any) -> Trial:
    return Trial(
        **{"who": Family(dyads=range(20)), "design": Parallel(TWO), "endpoints": EPDS, **changes}
    )


WRONG: list[tuple[Callable[[], Any], type[OxysimError], str]] = [
    # size
    (lambda: _trial().run(1), InputError, "n: expected a whole number of at least 2; found 1"),
    (lambda: _trial().run(10, 0), InputError, "replications"),
    (lambda: _trial().run(21), InputError, "the pool holds 20 dyads, fewer than the 21"),
    (lambda: _trial().run(10, seed=-1), InputError, "seed"),
    (lambda: _trial(who=3), InputError, "who: expected the pool"),
    (
        lambda: _trial(who=Population("mine")),
        InputError,
        r"found Population 'mine'.*, a Population",
    ),
    (lambda: _trial(life=-1), InputError, "seed"),
    (lambda: power(_trial().run, n=[4]), InputError, "expected a Trial, or another"),  # type: ignore[arg-type]
    # arms
    (lambda: Parallel({"a": None}), InputError, "at least two"),
    (lambda: Parallel([("a", None), ("a", MASSAGE)]), InputError, "two are called 'a'"),
    (
        lambda: Parallel({"a": MASSAGE, "b": Massage("15 min daily at 10:30")}),
        InputError,
        "'a' and 'b' are the same: massage",
    ),
    (lambda: Parallel({"a": None, "b": Routine.typical()}), InputError, "the day itself"),
    (lambda: Parallel({"a": None, "b": DailyLife()}), InputError, "belongs to the day"),
    (lambda: Parallel({"a": None, "b": "massage"}), ScheduleError, "expected a Schedule"),
    (
        lambda: Parallel({"a": None, " ": MASSAGE}),
        InputError,
        "the name of an arm: expected a text of one line",
    ),
    (lambda: Parallel("ab"), InputError, "expected a mapping"),
    (
        lambda: Parallel(TWO, ratio=(1, 0)),
        InputError,
        "ratio, entry 2: expected a whole number from 1 to 100; found 0",
    ),
    (lambda: Parallel(TWO, ratio=(1, 1, 1)), InputError, "ratio"),
    (
        lambda: Crossover(TWO, period="1 h", sequences=[("a", "b")] * 129),
        InputError,
        "at most 128 sequences",
    ),
    (lambda: Visit("2 d", window="999999999999 d"), InputError, "window: expected at most 365 d"),
    (lambda: _trial(endpoints=[EPDS] * 201), InputError, "at most 200 endpoints"),
    (lambda: Crossover(TWO), InputError, "how long a period is"),
    (lambda: Crossover(TWO, "6"), UnitError, "crossover, period"),
    (lambda: Crossover(TWO, "6 h", "-1 d"), UnitError, "washout"),
    (
        lambda: Crossover(TWO, "6 h", sequences=[("massage", "usual car")]),
        UnknownNameError,
        "'usual care'",
    ),
    (lambda: Crossover(TWO, "6 h", sequences=[("massage",)]), InputError, "every arm once"),
    (lambda: Crossover(TWO, "6 h", sequences="random"), InputError, "'balanced' or a list"),
    (lambda: Factorial({"a": None, "b": MASSAGE}), InputError, "factor 'a' gives nothing"),
    (
        lambda: Factorial({"usual care": MASSAGE, "b": STROKING}),
        InputError,
        "called 'usual care', like the cell",
    ),
    (
        lambda: Factorial({"a + b": MASSAGE, "a": STROKING, "b": Massage("5 min daily at 18:00")}),
        InputError,
        "would have one name",
    ),
    (
        lambda: Parallel({"a": MASSAGE + STROKING, "b": STROKING + MASSAGE}),
        InputError,
        "'a' and 'b' are the same",
    ),
    (lambda: _trial(design="parallel"), InputError, r"design: expected Parallel\(...\), Crossover"),
    # endpoints and visits
    (
        lambda: _trial(
            design=Crossover(TWO, "3 d"), endpoints=Endpoint("epds", "2 d", adjusted=True)
        ),
        InputError,
        "her own control",
    ),
    (lambda: Visit("2 d", window="2 min"), InputError, "whole steps of 5 min; found '2 min'"),
    (lambda: Visit("4 d", window="36 h"), InputError, "window: expected whole days"),
    (lambda: _trial(endpoints=[]), InputError, "at least one, such as Endpoint"),
    (lambda: _trial(endpoints=["epds"]), InputError, "expected each to be one"),
    (lambda: _trial(endpoints=[EPDS, EPDS]), InputError, "'epds value at 2 d' stands twice"),
    (lambda: _trial(visits=["1 d"]), UnknownNameError, "unknown visit '2 d'"),
    (lambda: _trial(visits="2 d"), InputError, "visits: expected a list"),
    (lambda: _trial(visits=["2 d", "2  d"]), InputError, "two are called '2 d'"),
    (lambda: Endpoint("edps", "2 d"), UnknownNameError, "'epds'"),
    (lambda: Endpoint("epds", "2 d", "chang"), UnknownNameError, "'change'"),
    (lambda: Endpoint("epds", "2 d", "change (50 %)"), UnknownNameError, "kind of endpoint"),
    (
        lambda: Endpoint("epds", "2 d", "response (0 %)"),
        InputError,
        "response above 0, at most 100",
    ),
    (
        lambda: Endpoint("epds", "2 d", "area", adjusted=True),
        InputError,
        "adjusted goes with value or change",
    ),
    (lambda: Endpoint("epds", "2 d", member="infant"), InputError, "measures the caregiver"),
    (lambda: Endpoint("epds", "2 d", expected="lower"), UnknownNameError, "expectation"),  # type: ignore[arg-type]
    (
        lambda: _trial(endpoints=Endpoint("epds", "2 d", member="father")),
        UnknownNameError,
        "unknown member 'father'",
    ),
    (
        lambda: _trial(endpoints=Endpoint("epds", "baseline", "change"), visits=["2 d"]),
        InputError,
        "after the baseline",
    ),
    (
        lambda: _trial(
            endpoints=[replace(EPDS, primary=True), Endpoint("warmth", "2 d", primary=True)]
        ),
        InputError,
        "one is primary",
    ),
    (
        lambda: _trial(endpoints=Endpoint("warmth", "5 min", over="1 h")),
        InputError,
        "before the start of the trial",
    ),
    (lambda: _trial(duration="1 d"), InputError, "visit '2 d' may fall after the end"),
    (
        lambda: _trial(visits=["2 d", Visit("0 d", at="07:00", name="x")]),
        InputError,
        "before the start",
    ),
    (
        lambda: _trial(visits=[Visit("2 d", window="1 d"), Visit("4 d", window="1 d")]),
        InputError,
        "visits '2 d' and '4 d' overlap",
    ),
    (
        lambda: _trial(visits=[Visit("2 d", window="3 d")]),
        InputError,
        "may fall 24 h before|may fall 1 d before",
    ),
    (lambda: Visit("2"), UnitError, "visit, time"),
    (
        lambda: _trial(entry="urine_oxytocin > 1"),
        InputError,
        "'urine_oxytocin' reads the mean over the 3 h before",
    ),
    (
        lambda: _trial(allocation=Stratified("urine_oxytocin", (1.0,))),
        InputError,
        "before the baseline",
    ),
    (
        lambda: _trial(
            design=Crossover(TWO, "3 d"), endpoints=Endpoint("epds", "2 d", "time to remission")
        ),
        InputError,
        "no paired test",
    ),
    (lambda: Visit("2 d", at="25:00"), UnitError, "not a time of day"),
    (lambda: _trial(design=Crossover(TWO, "1 d", "1 d")), InputError, "after the end"),
    (
        lambda: _trial(design=Crossover(TWO, "3 d", "1 d"), duration="1 d"),
        InputError,
        "a crossover lasts",
    ),
    # shares
    (
        lambda: Adherence(missed=-0.1),
        InputError,
        "adherence, missed: expected a number from 0 to 1",
    ),
    (lambda: Adherence(shortened=1.1), InputError, "adherence, shortened"),
    (lambda: Adherence(missed=1.0), InputError, "nothing is given"),
    (lambda: Adherence(to=0.0), InputError, "say missed instead"),
    (lambda: Dropout(1.2), InputError, "drop-out, monthly"),
    (lambda: Dropout(1.0), InputError, "nobody would stay"),
    (lambda: Dropout(0.1, per_point=0.0), InputError, "per_point"),
    (lambda: Dropout(0.1, cutoff=31.0), InputError, "cutoff"),
    (lambda: Blinded(2.0), InputError, "expectancy"),
    (lambda: Open(True), InputError, "active"),
    # allocation
    (lambda: _trial(allocation="simple"), InputError, "allocation"),
    (
        lambda: _trial(allocation=Blocked(3)),
        InputError,
        r"a multiple of 2 \(usual care, massage\); found 3",
    ),
    (
        lambda: _trial(allocation=Blocked(0)),
        InputError,
        "block size: expected a whole number from 1",
    ),
    (lambda: Blocked(10**9), InputError, "block size: expected a whole number from 1 to 1000"),
    (
        lambda: Stratified("epds", (10,), size="4"),
        InputError,
        "block size: expected a whole number",
    ),
    (lambda: _trial(allocation=Stratified("epds", (5.0,), size=5)), InputError, "a multiple of 2"),
    (lambda: Stratified("epds", 5.0), InputError, "list of finite numbers such as"),  # type: ignore[arg-type]
    (lambda: Stratified("epds", ("low",)), InputError, "list of finite numbers"),  # type: ignore[arg-type]
    (lambda: Stratified("epds", (float("nan"),)), InputError, "list of finite numbers"),
    (lambda: Stratified("epds"), InputError, "needs cuts"),
    (lambda: Stratified(["a", "b"], (1,)), InputError, "take none"),
    (lambda: Stratified("epds", (2, 2)), InputError, "increasing cuts"),
    (lambda: Stratified(["a"]).allot({"a": 1, "b": 1}, _six()), InputError, "expected 6 labels"),
    (
        lambda: Stratified("epds", (100.0,)).allot({"a": 1, "b": 1}, _six()),
        InputError,
        "stratum 'epds from 100' has no members",
    ),
    (lambda: _trial(allocation=Stratified("edps", (5.0,))), UnknownNameError, "'epds'"),
    (
        lambda: _trial(allocation=Stratified("caregiver.depression.loop_gian", (5.0,))),
        UnknownNameError,
        "loop_gain",
    ),
    # entry, day
    (lambda: _trial(entry="epds => 13"), InputError, "criterion"),
    (lambda: _trial(day=[Routine.typical()]), InputError, "day: expected one, or 20"),
    (lambda: _trial(endpoints=EPDS, dropout=0.1), InputError, "dropout: expected"),
]


@pytest.mark.parametrize(("wrong", "kind", "says"), WRONG)
def test_impossible_trials_are_refused(
    wrong: Callable[[], Any], kind: type[OxysimError], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the simulation started")

    monkeypatch.setattr("oxysim.trials.trial_plan.simulate_pool", refuse)
    with pytest.raises(kind, match=says):
        wrong()


def test_too_few_who_meet_the_criteria_are_counted(family: Family) -> None:
    with pytest.raises(
        InputError,
        match=r"entry: in replication \d+ only \d+ of the 24 dyads of the pool met epds >= 29",
    ):
        _trial(who=family, entry="epds >= 29").run(10, 3)


def test_what_has_no_moment_in_its_period_is_refused_before_anything_runs(family: Family) -> None:
    late = Massage("15 min", at="10:00", day="infant day 300")
    with pytest.raises(ScheduleError, match="no moment of it lies"):
        Trial(family, Parallel({"a": None, "b": late}), EPDS).run(10, 2)
