"""oxysim: mother-infant oxytocin feedback, simulated.

A research and teaching instrument, never a clinical one. Every public name stands in the stub
beside this file and is loaded when it is first used: ``import oxysim`` alone loads nothing but the
standard library.
"""

from __future__ import annotations

from typing import Any

from oxysim.lazy_door import lazy_door

_load, _public_names, __all__ = lazy_door(__name__, __file__)


def __getattr__(name: str) -> Any:
    # asked of the installed package: it is written in one place, and costs an import
    if name == "__version__":
        from importlib import metadata

        return metadata.version("oxysim")
    return _load(name)


def __dir__() -> list[str]:
    return sorted([*_public_names(), "__version__"])
