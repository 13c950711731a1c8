"""Published protocols as ready functions, the published design as their default; one file each.

``PROTOCOLS`` lists them by the number of the brief that they answer.
"""

from __future__ import annotations

from collections.abc import Callable

from oxysim.trials.protocols.spray_crossover import spray_crossover
from oxysim.trials.study import Study

PROTOCOLS: dict[int, Callable[..., Study]] = {1: spray_crossover}

__all__ = ["PROTOCOLS", "Study", "spray_crossover"]
