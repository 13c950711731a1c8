"""Every intervention by name: a new file in this folder is found by itself."""

import importlib
import pkgutil
from pathlib import Path

from oxysim.schedule.schedule import Intervention

_NO_INTERVENTIONS = ("catalogue", "sentences")
_PACKAGE = __name__.rpartition(".")[0]


def _found() -> dict[str, type[Intervention]]:
    names = [found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [
        importlib.import_module(f"{_PACKAGE}.{name}")
        for name in names
        if name not in _NO_INTERVENTIONS
    ]
    leaves = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Intervention) and value is not Intervention
    }
    return dict(sorted(leaves.items()))


INTERVENTIONS: dict[str, type[Intervention]] = _found()
"""Every intervention by name."""
