"""Wrong calls of what trials and statistics offer: one of oxysim's own errors each, and none that
changes meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from oxysim import trials
from oxysim.errors import InputError, OxysimError, UnknownNameError
from tests.support.trial_calls import ARMS, CALLS, EPDS, MASSAGE, WHO
from tests.support.wrong_calls import faults


@pytest.mark.parametrize(
    ("function", "right", "legal"), CALLS, ids=[call[0].__qualname__ for call in CALLS]
)
def test_wrong_calls_have_an_error_of_their_own(
    function: Callable[..., Any], right: Mapping[str, Any], legal: Mapping[str, list[str]]
) -> None:
    assert faults(function, right, legal=legal) == []


NONSENSE: list[tuple[Callable[[], object], type[OxysimError], str]] = [
    (
        lambda: trials.Endpoint("epds", "2 d", adjusted="no"),
        InputError,
        "adjusted: expected True or False",
    ),
    (
        lambda: trials.Endpoint("epds", "2 d", primary="no"),
        InputError,
        "primary: expected True or False",
    ),
    (lambda: trials.Endpoint("epds", "2 d", target="zz"), UnknownNameError, "zz"),
    (
        lambda: trials.Parallel({"usual": [], "massage": MASSAGE}),
        InputError,
        "give None for 'usual'",
    ),
    (lambda: trials.Parallel({"usual": 3, "massage": MASSAGE}), OxysimError, "arm 'usual'"),
    (
        lambda: trials.Parallel(ARMS, ratio=(10**9, 1)),
        InputError,
        "ratio, entry 1: expected .* from 1 to 100",
    ),
    (
        lambda: trials.Parallel(ARMS, ratio=(True, 1)),
        InputError,
        "ratio, entry 1: expected a whole number",
    ),
    (
        lambda: trials.Crossover(ARMS, "6 h", sequences=[3]),
        InputError,
        "sequences: expected a list of tuples",
    ),
    (
        lambda: trials.Trial(WHO, trials.Parallel(ARMS, ratio=(5, 2)), EPDS).run(6),
        InputError,
        "5:2 needs 7 participants to fill every arm once, more than the 6",
    ),
    (
        lambda: trials.Trial(WHO, trials.Parallel(ARMS), EPDS, cut="rewrad -> depression"),
        OxysimError,
        "reward",
    ),
    (
        lambda: trials.Trial(
            WHO, trials.Parallel(ARMS), EPDS, scale={"reward -> depression": np.ones(4)}
        ),
        InputError,
        "expected one multiplier, or 6",
    ),
    (lambda: trials.Endpoint("epds", "2 d", responds="decrease"), InputError, "both or neither"),
    (
        lambda: trials.Endpoint("epds", "2 d", responds="up", threshold=1),
        UnknownNameError,
        "increase",
    ),
    (
        lambda: trials.Endpoint("epds", "2 d", responds="increase", threshold=0),
        InputError,
        "threshold",
    ),
    (
        lambda: trials.Endpoint(
            "epds", "2 d", "remission (< 9)", responds="decrease", threshold=1.0
        ),
        InputError,
        "responds goes with value, change or area",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), NONSENSE)
def test_nonsense_is_refused(
    call: Callable[[], object], kind: type[OxysimError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()
