"""Whatever a figure's function is given, it draws or answers with one of oxysim's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from oxysim import plots
from oxysim.errors import OxysimError
from oxysim.evidence.surveys.distance import compare_survey as compare_survey
from tests.support.figure_calls import BOARD, CASES
from tests.support.wrong_calls import faults


@pytest.fixture(autouse=True)
def nothing_is_left_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    assert not plt.get_fignums()


def test_every_figure_is_asked() -> None:
    public = {name for name in plots.__all__ if callable(getattr(plots, name))}
    assert {function.__name__ for function, _, _ in CASES.values()} == public


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_argument_is_one_of_oxysims_own_errors(name: str) -> None:
    function, right, legal = CASES[name]
    assert faults(function, right(), legal=legal) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"holds": ["NO"]}, "unknown board, holds of row 1 'NO'; nearest: 'no'"),
        ({"use": ["fits"]}, "nearest: 'fit'"),
        ({"low": ["a"]}, "column 'low': expected numbers"),
        ({"simulated": [True]}, "expected numbers"),
    ],
)
def test_a_scoreboard_of_other_words_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(OxysimError, match=said):
        plots.scoreboard(BOARD.assign(**changed))


@pytest.mark.parametrize(
    "table", [{"label": 3}, {"label": ["a"], "estimate": ["x"], "low": [0.0], "high": [1.0]}, [3]]
)
@pytest.mark.parametrize("draw", [plots.forest, plots.effect_table])
def test_a_table_of_other_things_is_refused(draw: Any, table: Any) -> None:
    with pytest.raises(OxysimError, match="table"):
        draw(table)
