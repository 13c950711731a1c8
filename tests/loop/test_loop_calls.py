"""Every public name of oxysim.loop, called wrongly in every parameter: one of oxysim's own errors,
before any work.
"""

from __future__ import annotations

import pytest

from oxysim import loop
from tests.support.loop_calls import CALLS
from tests.support.wrong_calls import faults


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_argument_meets_a_clear_error(name: str) -> None:
    function, right, legal = CALLS[name]
    assert faults(function, right, legal=legal) == []


def test_no_public_name_is_left_out() -> None:
    assert set(loop.__all__) <= {name.partition(".")[0] for name in CALLS}
