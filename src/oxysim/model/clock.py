"""What the equations receive of the clock: the input that an engine has to give at every moment.

Engines know no rhythm of any hormone: they hand over the time, and ``clock_input`` is followed into
the generated code like any other equation.
"""

from __future__ import annotations

from typing import Any

from oxysim.model.mechanisms.cortisol import daily_rhythm


def clock_input(time: Any) -> Any:
    """The value of ``Inputs.rhythm`` at `time`, minutes since any midnight; shape as `time`.

    >>> clock_input(7 * 60.0)  # cortisol is highest at 07:00
    1.0
    """
    return daily_rhythm(time)
