"""Short tests draw the same cases every time, so that a commit passes or fails for good; long ones
explore.

No case has a deadline: how long one takes is the machine's affair.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from oxysim.simulation.start.initial_state import forget

ANY_PACE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("the same cases", derandomize=True, database=None, **ANY_PACE)
settings.register_profile("other cases", **ANY_PACE)


def pytest_configure(config: pytest.Config) -> None:
    """Before the test modules are read: their own settings build on the profile that is loaded
    here.
    """
    settings.load_profile(
        "other cases" if config.getoption("markexpr") == "long" else "the same cases"
    )


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """No test begins with starts that another has settled."""
    forget()
