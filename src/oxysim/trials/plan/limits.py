"""How large a trial may be: the most replications, and the most readings of all of them together.

Limits of the arms, visits and endpoints stand where these are checked.
"""

from __future__ import annotations

from typing import Any

from oxysim import checks
from oxysim.errors import InputError

MOST_REPLICATIONS = 100_000
"""The most replications of a trial: the error of a share is .0016 then at most."""

MOST_READINGS = 10**8
"""The most readings of all participants, visits and replications together, 8 bytes each in several
tables.
"""


def require_replications(replications: Any) -> int:
    """Raise ``InputError`` unless `replications` is a whole number from 1 to ``MOST_REPLICATIONS``.

    >>> require_replications(1000)
    1000
    """
    return checks.whole_number(replications, "replications", 1, MOST_REPLICATIONS)


def require_readings(n: int, replications: int, visits: int = 1) -> None:
    """Raise unless the readings of `n` participants in all `replications`, one at each visit,
    can be held.

    >>> require_readings(100, 1000, 12)

    Raises
    ------
    InputError : more than ``MOST_READINGS``.
    """
    # said before anything is simulated: the memory is needed only after hours of work
    if n * replications * visits > MOST_READINGS:
        raise InputError(
            what="replications",
            expected=f"at most {MOST_READINGS} readings in all",
            found=(
                f"{n} participants x {replications} replications x {visits} readings"
                f" = {n * replications * visits}"
            ),
            remedy="take fewer replications, participants or visits",
            key=("replications",),
        )
