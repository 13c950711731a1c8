"""What became of a run: one coding for results, outcomes, sweeps and figures."""

from __future__ import annotations

from enum import IntEnum


class RunStatus(IntEnum):
    """What became of a run; the numbers are those that stand in the stores of sweeps.

    >>> RunStatus.FAILED.text, int(RunStatus.FAILED)
    ('failed', 2)
    """

    NOT_DONE = 0
    OK = 1
    FAILED = 2

    @property
    def text(self) -> str:
        """Its name in datasets that hold texts, and in the meanings of the numbers.

        >>> RunStatus.NOT_DONE.text
        'not_done'
        """
        return self.name.lower()
