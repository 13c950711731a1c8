"""The rows that a user's finding can name: known before anything runs; the EPDS at every week and
month.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oxysim import units
from oxysim.cohorts.cohort import Cohort
from oxysim.errors import OxysimError, UnknownNameError
from oxysim.evidence import scoreboard
from oxysim.evidence.board import table_rows
from oxysim.evidence.board.answers import EffectKey, FigureKey
from oxysim.evidence.board.protocol_runs import RUNS, SURVEY
from oxysim.evidence.board.shared_cohorts import RunSettings, SharedCohorts
from oxysim.population import Population, sample
from oxysim.schedule import Routine

HEADER = (
    "id,use,quantity,figure,low,high,unit,population,n,protocol,rule,interval_from,source,status,outcome,contrast,"
    "answer,run"
)


def _file(folder: Path, row: str) -> Path:
    path = folder / "own.csv"
    path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            (
                "mine,own,x,6,4,8,EPDS,women,10,8,number,,here,verified,,,mean EPSD at 4"
                " months,birth cohort"
            ),
            "mean EPDS at 4 months",
        ),
        (
            (
                "mine,own,x,6,4,8,EPDS,women,10,8,number,,here,verified,,,mean EPDS at 19"
                " months,birth cohort"
            ),
            "18 months",
        ),
        (
            "mine,own,x,6,4,8,min,women,10,12,number,,here,verified,,,plasma half life,",
            "plasma half-life",
        ),
        (
            "mine,own,x,up,,,sign,women,10,13,sign,,here,verified,plasma oxytocin,feed - after,,",
            "feed - before",
        ),
    ],
)
def test_a_row_that_no_table_has_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, row: str, message: str
) -> None:
    monkeypatch.setattr(
        "oxysim.evidence.board.run_protocols._run", lambda *_: pytest.fail("a run started")
    )
    with pytest.raises(OxysimError, match=message):
        scoreboard(extra=_file(tmp_path, row), use="own", workers=1, progress=False)


def test_rows_of_a_run_are_those_of_its_tables() -> None:
    study = RUNS["single feed"].execute(SharedCohorts(RunSettings(Population.named(), 0, True)))
    for effect in study.effects.to_dict("records"):
        table_rows.require_row("single feed", EffectKey(effect["outcome"], effect["contrast"]))
    for figure in study.figures.to_dict("records"):
        table_rows.require_row("single feed", FigureKey(figure["quantity"]))
    with pytest.raises(UnknownNameError):
        table_rows.require_row("single feed", FigureKey("nothing"))


@pytest.mark.long
def test_the_list_of_rows_is_that_of_every_run() -> None:
    board = scoreboard(quick=True, progress=False)
    for name in set(RUNS) - {SURVEY}:
        tables = board.runs[name]
        rows = {("effect", r["outcome"], r["contrast"]) for r in tables.effects.to_dict("records")}
        rows |= {("figure", r["quantity"], "") for r in tables.figures.to_dict("records")}
        listed = {row[1:] for row in table_rows._rows() if row[0] == name}
        if name == table_rows.COHORT:
            rows -= {("figure", quantity, "") for quantity in table_rows.epds_quantities()}
        assert rows == listed, name


def test_the_epds_at_any_age_is_that_of_the_forms() -> None:
    """A cohort written by hand, whose depression rises by a tenth of a point a week from 5."""
    n, weeks = 4000, 79
    # kept with the midnight before each, as a cohort keeps ages by name
    months = units.MONTH * np.arange(1, 19)
    midnights = np.floor(months / units.DAY) * units.DAY
    times = np.unique(np.concatenate([units.WEEK * np.arange(weeks + 1), months, midnights]))
    epds = np.broadcast_to(5 + 0.1 * times / units.WEEK, (n, len(times)))
    newborns = (
        sample(1, seed=0, infant_age="0 d", varied=[])
        .take(np.zeros(n, dtype=int))
        .numbered(range(n))
    )
    cohort = Cohort(newborns, times, {"mother.epds": epds}, Routine.typical(), 0, {})
    means = {row["quantity"]: row["simulated"] for row in table_rows.epds_rows(cohort)}
    assert set(means) == table_rows.epds_quantities()
    error = 4 * 1.8 / np.sqrt(n)  # the form's own error, 1.8 points
    assert means["mean EPDS at 10 weeks"] == pytest.approx(6.0, abs=error)
    assert means["mean EPDS at 60 weeks"] == pytest.approx(11.0, abs=error)
    assert (
        means["share with EPDS >= 9 at 60 weeks"] > 0.8 > means["share with EPDS >= 13 at 60 weeks"]
    )
