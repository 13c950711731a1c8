"""The published protocols as ready functions: ``from oxysim.protocols import spray_crossover``.

They stand in ``oxysim.trials.protocols``, one file each; here is the short way to all of them.

>>> from oxysim.protocols import spray_crossover
>>> spray_crossover.__name__
'spray_crossover'
"""

from __future__ import annotations

from oxysim.trials import protocols as _protocols
from oxysim.trials.protocols import *  # noqa: F403 - the same names, whatever is added there

__all__ = _protocols.__all__  # noqa: PLE0605 - a list of texts


def __dir__() -> list[str]:
    """The public names alone."""
    return sorted(__all__)
