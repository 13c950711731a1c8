"""What the recorder keeps and judges: values out of their legal range by more than the solver may
err, at each dyad's own times.
"""

from __future__ import annotations

import numpy as np
import pytest

from oxysim.per_dyad import PerDyad
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.recorder import Recorder

NAME = "mother.warmth"  # on a scale from 1 to 5
ROW = variable_rows(("mother",))[NAME]


def judged(values: list[float], rtol: float) -> dict[int, str]:
    """The failures of dyads that each have one of the values, recorded at 10:00."""
    recorder = Recorder([NAME], np.array([540.0, 600.0]), np.zeros(len(values)), ("mother",))
    recorder.values[NAME][:, 0] = (ROW.low + ROW.high) / 2
    recorder.values[NAME][:, 1] = values
    failures: dict[int, str] = {}
    recorder.mark_illegal(failures, rtol)
    return failures


@pytest.mark.parametrize("rtol", [1e-3, 1e-6])
def test_a_hundred_tolerances_of_the_size_are_allowed_and_no_more(rtol: float) -> None:
    """The size of a dyad's variable is its largest value (5 at the upper end, the middle at the
    lower one).
    """
    at_high, at_low = 100 * rtol * ROW.high, 100 * rtol * (ROW.low + ROW.high) / 2
    inside = [ROW.high + 0.9 * at_high, ROW.low - 0.9 * at_low, ROW.high, ROW.low]
    assert judged(inside, rtol) == {}
    outside = judged([ROW.high + 1.2 * at_high, ROW.low - 1.2 * at_low], rtol)
    assert set(outside) == {0, 1} and all(
        f"out of legal range: {NAME}" in text for text in outside.values()
    )


def test_a_tolerance_of_next_to_nothing_still_allows_rounding() -> None:
    assert judged([ROW.high + 0.5e-9 * ROW.high], 1e-13) == {}
    assert set(judged([ROW.high + 3e-9 * ROW.high], 1e-13)) == {0}


def test_the_reason_has_the_time_of_the_dyads_own() -> None:
    times = [np.array([540.0]), np.array([540.0, 545.0, 605.0])]
    recorder = Recorder([NAME], PerDyad.of(times), np.zeros(2), ("mother",))
    assert recorder.table.shape == (2, 3, 1)
    recorder.values[NAME][0, 0] = 3.0
    recorder.values[NAME][1] = [3.0, 3.0, 99.0]
    failures: dict[int, str] = {}
    recorder.mark_illegal(failures, 1e-6)
    assert set(failures) == {1} and "at 10:05, expected [1, 5]" in failures[1]
